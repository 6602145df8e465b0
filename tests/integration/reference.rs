//! An independent, slow reference of the analysis, written from the definitions: the list by the rule of 30 %, and the
//! indicators of Mariinsk. It knows whole numbers and loops, nothing of the program but the form of its input, and must
//! agree with the program on a thousand random municipalities.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a municipality that cannot be made is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use svod::catalog::BUILT_IN;
use svod::diag::Diagnostics;
use svod::figure::RoundingRules;
use svod::groups::{Method, Methods};
use svod::indicators::{Catalogue, Refused, Studied, Study};
use svod::measure::Measure;
use svod::model::{
    Block, Dataset, Dims, Exam, Holding, ListSource, Observation, Procedure, Role, School, SchoolCode, Subject, Text,
    Year,
};
use svod::provenance::{CellRef, SheetId, Sources};
use svod::settings::TrendRule;

const MUNICIPALITIES: u64 = 1000;
const YEARS: [i32; 3] = [2020, 2021, 2022];
/// The procedures of the method, as the method of the program has them.
const POOL: [(Exam, &str, u8); 8] = [
    (Exam::Oge, "русский язык", 9),
    (Exam::Oge, "математика", 9),
    (Exam::Ege, "русский язык", 11),
    (Exam::Ege, "математика профильная", 11),
    (Exam::Vpr, "русский язык", 5),
    (Exam::Vpr, "русский язык", 6),
    (Exam::Vpr, "математика", 5),
    (Exam::Vpr, "математика", 6),
];

/// A generator of numbers: the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % bound).expect("small")
    }

    fn is(&mut self, of_ten: i64) -> bool {
        self.below(10) < of_ten
    }
}

/// A municipality in plain numbers.
#[derive(Default)]
struct Plain {
    schools: usize,
    /// Held procedures by position and year; those that are not here the calendar has as not held, or not at all.
    held: BTreeSet<(usize, i32)>,
    in_calendar: BTreeSet<(usize, i32)>,
    /// Below the minimum and participants by school, procedure, year.
    results: BTreeMap<(usize, usize, i32), (i64, i64)>,
    /// Schools on the list of the disadvantaged.
    disadvantaged: BTreeSet<(usize, i32)>,
    /// Teachers: school, first and last year.
    teachers: Vec<(usize, i32, i32)>,
    /// Results of diagnoses: teacher, year, wave, subject block or methodical.
    diagnoses: BTreeMap<(usize, i32, u8, bool), i64>,
    /// Support: school, year, addressed.
    support: Vec<(usize, i32, bool)>,
    /// Partnerships: school, first and last year.
    partners: Vec<(usize, i32, i32)>,
}

fn plain(seed: u64) -> Plain {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut plain = Plain { schools: 1 + usize::try_from(random.below(7)).expect("small"), ..Plain::default() };
    for procedure in 0..POOL.len() {
        for year in YEARS {
            if random.is(9) {
                plain.in_calendar.insert((procedure, year));
                if random.is(8) {
                    plain.held.insert((procedure, year));
                }
            }
        }
    }
    for school in 0..plain.schools {
        for (procedure, year) in &plain.held {
            if random.is(8) {
                let participants = random.below(30);
                let below = random.below(u64::try_from(participants / 2 + 1).expect("small"));
                plain.results.insert((school, *procedure, *year), (below, participants));
            }
        }
        for year in [2021, 2022] {
            if random.is(3) {
                plain.disadvantaged.insert((school, year));
            }
        }
        for _ in 0..random.below(4) {
            let first = 2019 + i32::try_from(random.below(4)).expect("small");
            let last = first + i32::try_from(random.below(4)).expect("small");
            let teacher = plain.teachers.len();
            plain.teachers.push((school, first, last));
            for year in [2021, 2022] {
                for wave in [1, 2] {
                    for is_subject in [true, false] {
                        if random.is(5) {
                            plain.diagnoses.insert((teacher, year, wave, is_subject), random.below(101));
                        }
                    }
                }
            }
        }
        for year in [2021, 2022] {
            if random.is(4) {
                plain.support.push((school, year, random.is(5)));
            }
        }
        if random.is(4) {
            let first = 2020 + i32::try_from(random.below(3)).expect("small");
            plain.partners.push((school, first, first + i32::try_from(random.below(2)).expect("small")));
        }
    }
    // Somebody must be on each list, or there is none.
    for year in [2021, 2022] {
        plain.disadvantaged.insert((0, year));
    }
    plain
}

fn code(school: usize) -> SchoolCode {
    format!("ОО-{school:02}").into()
}

/// The same municipality as the program has it.
fn dataset(plain: &Plain, sources: &mut Sources) -> Dataset {
    let sheet = sources.add_sheet("книга.xlsx", "лист");
    let mut row = 0;
    let mut cell = || {
        row += 1;
        CellRef { sheet: SheetId(sheet.0), row, column: 0 }
    };
    let mut data = Dataset::default();
    let text = |value: &str, sources: &mut Sources| Text { value: value.to_owned(), node: sources.cells([]) };
    let mut add = |data: &mut Dataset, subject: Subject, years: (i32, i32), measure: &str, dims: Dims, value: i64| {
        let observation = Observation {
            subject,
            from: Year(years.0),
            to: Year(years.1),
            measure: measure.into(),
            dims: Arc::new(dims),
            value: value.into(),
            cell: cell(),
        };
        data.store.add(observation);
    };
    for sheet in ["schools", "results", "calendar", "lists", "teachers", "support-log", "partnerships"] {
        data.found_sheets.insert(sheet.to_owned());
    }
    for school in 0..plain.schools {
        let name = text("Школа", sources);
        data.schools.insert(
            code(school),
            School {
                code: code(school),
                full: name.clone(),
                short: name.clone(),
                grades: (1, 11),
                kind: name,
                is_counted: true,
                is_left_out_by_kind: false,
                valid: (None, None),
                successor: None,
                cell: CellRef { sheet, row: 0, column: 0 },
            },
        );
        add(&mut data, Subject::School(code(school)), (1900, 2100), "school", Dims::default(), 1);
    }
    for (index, (exam, discipline, grade)) in POOL.iter().enumerate() {
        for year in YEARS.iter().filter(|year| plain.in_calendar.contains(&(index, **year))) {
            let holding = if plain.held.contains(&(index, *year)) { Holding::Held } else { Holding::NotHeld };
            let node = sources.cells([]);
            let (discipline, year) = ((*discipline).into(), Year(*year));
            data.calendar.push(Procedure { exam: *exam, grade: *grade, discipline, year, holding, node });
        }
    }
    for ((school, procedure, year), (below, participants)) in &plain.results {
        let (exam, discipline, grade) = POOL[*procedure];
        let dims =
            Dims { exam: Some(exam), discipline: Some(discipline.into()), grade: Some(grade), ..Dims::default() };
        let subject = Subject::School(code(*school));
        add(&mut data, subject.clone(), (*year, *year), "participants", dims.clone(), *participants);
        add(&mut data, subject, (*year, *year), "below-minimum", dims, *below);
    }
    let listed = |role| Dims { role: Some(role), source: Some(ListSource::Region), ..Dims::default() };
    for (school, year) in &plain.disadvantaged {
        let subject = Subject::School(code(*school));
        add(&mut data, subject.clone(), (*year, *year), "listed", listed(Role::Disadvantaged), 1);
        add(&mut data, subject, (*year, *year), "listed", listed(Role::HighPerforming), 1);
    }
    for (teacher, (school, first, last)) in plain.teachers.iter().enumerate() {
        let subject = Subject::Teacher(format!("П-{teacher}").into());
        let dims = Dims { school: Some(code(*school)), ..Dims::default() };
        add(&mut data, subject, (*first, *last), "employment", dims, 1);
    }
    for ((teacher, year, wave, is_subject), result) in &plain.diagnoses {
        let subject = Subject::Teacher(format!("П-{teacher}").into());
        let block = if *is_subject { Block::Subject } else { Block::Methodical };
        let dims = Dims { wave: Some(*wave), block: Some(block), ..Dims::default() };
        add(&mut data, subject, (*year, *year), "diagnosis", dims, *result);
    }
    for (school, year, is_addressed) in &plain.support {
        let dims = Dims { addressed: Some(*is_addressed), ..Dims::default() };
        add(&mut data, Subject::School(code(*school)), (*year, *year), "support", dims, 1);
    }
    for (school, first, last) in &plain.partners {
        add(&mut data, Subject::School(code(*school)), (*first, *last), "partnership", Dims::default(), 1);
    }
    data
}

impl Plain {
    fn is_low(&self, school: usize, procedure: usize, year: i32) -> bool {
        self.results.get(&(school, procedure, year)).is_some_and(|(below, all)| *all > 0 && below * 100 >= 30 * all)
    }

    /// Two procedures of the year, or one in the year and in the year before it in which it was held.
    fn is_listed(&self, school: usize, year: i32) -> bool {
        let low: Vec<usize> = (0..POOL.len())
            .filter(|one| self.held.contains(&(*one, year)) && self.is_low(school, *one, year))
            .collect();
        let again = |procedure: usize| {
            let before = (2000..year).rev().find(|before| self.held.contains(&(procedure, *before)));
            before.is_some_and(|before| self.is_low(school, procedure, before))
        };
        low.len() >= 2 || low.iter().any(|procedure| again(*procedure))
    }

    fn supported(&self, year: i32) -> Vec<usize> {
        let is = |school: &usize| self.is_listed(*school, year) || self.disadvantaged.contains(&(*school, year));
        (0..self.schools).filter(is).collect()
    }

    /// Below the minimum and participants over the procedures held in the year.
    fn pool(&self, school: usize, year: i32) -> (i64, i64) {
        let mut sum = (0, 0);
        for procedure in (0..POOL.len()).filter(|one| self.held.contains(&(*one, year))) {
            if let Some((below, all)) = self.results.get(&(school, procedure, year)) {
                sum = (sum.0 + below, sum.1 + all);
            }
        }
        sum
    }

    fn grows(&self, school: usize, year: i32) -> bool {
        let ((before, all_before), (now, all_now)) = (self.pool(school, year - 1), self.pool(school, year));
        all_before > 0 && all_now > 0 && now * all_before < before * all_now
    }

    /// Pairs of results of the year by teacher.
    fn twice(&self, teacher: usize, year: i32) -> Vec<(i64, i64)> {
        let wave = |wave, block| self.diagnoses.get(&(teacher, year, wave, block)).copied();
        [true, false].into_iter().filter_map(|block| wave(1, block).zip(wave(2, block))).collect()
    }

    /// Numerator and denominator by code; a count has the denominator 0 in the first place and none in the second.
    fn indicators(&self, year: i32) -> BTreeMap<&'static str, (i64, Option<i64>)> {
        let number = |count: usize| i64::try_from(count).expect("small");
        let schools = self.supported(year);
        let of = |test: &dyn Fn(usize) -> bool| number(schools.iter().filter(|school| test(**school)).count());
        let at_work: Vec<usize> = (0..self.teachers.len())
            .filter(|teacher| {
                let (school, first, last) = self.teachers[*teacher];
                schools.contains(&school) && first <= year && year <= last
            })
            .collect();
        let who = |test: &dyn Fn(usize) -> bool| number(at_work.iter().filter(|one| test(**one)).count());
        let diagnosed = |teacher: usize| self.diagnoses.keys().any(|(of, when, ..)| *of == teacher && *when == year);
        let pools: Vec<(i64, i64)> = schools.iter().map(|school| self.pool(*school, year)).collect();
        let has_support = |school, addressed: bool| {
            self.support.iter().any(|(of, when, is)| (*of, *when) == (school, year) && (*is || !addressed))
        };
        BTreeMap::from([
            ("growing-schools", (of(&|school| self.grows(school, year)), Some(number(schools.len())))),
            ("low-results-index", (pools.iter().map(|one| one.0).sum(), Some(pools.iter().map(|one| one.1).sum()))),
            ("diagnosed-teachers", (who(&diagnosed), Some(number(at_work.len())))),
            (
                "improved-teachers",
                (
                    who(&|one| {
                        let twice = self.twice(one, year);
                        !twice.is_empty() && twice.iter().all(|(first, second)| second > first)
                    }),
                    Some(who(&|one| !self.twice(one, year).is_empty())),
                ),
            ),
            ("supported-schools", (of(&|school| has_support(school, false)), None)),
            ("addressed-schools", (of(&|school| has_support(school, true)), None)),
            (
                "networked-schools",
                (of(&|school| self.partners.iter().any(|one| one.0 == school && one.1 <= year && year <= one.2)), None),
            ),
            (
                "low-rate",
                (
                    number((0..self.schools).filter(|school| self.is_listed(*school, year)).count()),
                    Some(number(self.schools)),
                ),
            ),
        ])
    }
}

fn built_in<T>(path: &str, parse: impl Fn(&str) -> T) -> T {
    let bytes = BUILT_IN.iter().find(|(known, _)| *known == path).expect("a built-in file").1;
    parse(std::str::from_utf8(bytes).expect("UTF-8"))
}

/// The lists and indicators of a municipality under a threshold.
fn studied(plain: &Plain, threshold: &str) -> Studied {
    let mut method = built_in("methods/rosobrnadzor.toml", |text| Method::parse(text).expect("a method"));
    method.groups.iter_mut().for_each(|group| group.threshold = Some(threshold.to_owned()));
    let catalogue = built_in("indicators/mariinsk.toml", |text| Catalogue::parse(text).expect("a catalogue"));
    let methods = Methods { methods: vec![method] };
    let (refused, trend) = (Refused::default(), TrendRule::default());
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let data = dataset(plain, &mut sources);
    let (rounding, data) = (RoundingRules::default(), &data);
    let study = Study { methods: &methods, catalogue: &catalogue, refused: &refused, data, rounding, trend: &trend };
    study.compute(&[Year(2021), Year(2022)], &mut sources, &mut diagnostics)
}

fn low(studied: &Studied) -> BTreeSet<SchoolCode> {
    let list = studied.groups.list(Year(2022), Role::LowPerforming).expect("a list");
    list.schools.keys().cloned().collect()
}

/// Municipalities of a property.
const OF_PROPERTY: u64 = 150;

#[test]
fn a_higher_threshold_only_takes_schools_away() {
    let mut moved = 0;
    for seed in 0..OF_PROPERTY {
        let plain = plain(seed);
        let lists = ["20", "30", "40", "50"].map(|threshold| low(&studied(&plain, threshold)));
        for pair in lists.windows(2) {
            assert!(pair[1].is_subset(&pair[0]), "municipality {seed}: {pair:?}");
            moved += pair[0].len() - pair[1].len();
        }
    }
    assert!(moved > 20, "only {moved} schools moved: the thresholds are too tame");
}

#[test]
fn a_school_more_changes_only_what_it_is_in() {
    for seed in 0..OF_PROPERTY {
        let mut plain = plain(seed);
        let before = studied(&plain, "30");
        // Without results, teachers or lists: it enters the denominator and nothing else.
        plain.schools += 1;
        let new = code(plain.schools - 1);
        let after = studied(&plain, "30");
        assert_eq!(low(&before), low(&after), "municipality {seed}");
        for (one, other) in before.indicators.iter().zip(&after.indicators) {
            for (year, evaluation) in &one.years {
                let (Ok(this), Ok(that)) = (evaluation, &other.years[year]) else { continue };
                for (school, part) in &this.contributions {
                    let same = &that.contributions[school];
                    assert_eq!(part.numerator.value, same.numerator.value, "{seed}: {}", one.definition.code);
                    let wholes = [part, same].map(|part| part.denominator.as_ref().map(|whole| whole.value.clone()));
                    assert_eq!(wholes[0], wholes[1], "municipality {seed}, {}", one.definition.code);
                }
                let is_new_counted = that.contributions.contains_key(&new);
                if !is_new_counted {
                    let values = [this, that].map(|one| one.figure.as_ref().map(|figure| figure.value.clone()));
                    assert_eq!(values[0], values[1], "municipality {seed}, {}", one.definition.code);
                }
            }
        }
    }
}

#[test]
fn the_program_agrees_with_a_slow_reference_on_a_thousand_municipalities() {
    let method = built_in("methods/rosobrnadzor.toml", |text| Method::parse(text).expect("a method"));
    let catalogue = built_in("indicators/mariinsk.toml", |text| Catalogue::parse(text).expect("a catalogue"));
    let methods = Methods { methods: vec![method] };
    let (refused, trend) = (Refused::default(), TrendRule::default());
    let mut listed = 0;
    for seed in 0..MUNICIPALITIES {
        let plain = plain(seed);
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let data = dataset(&plain, &mut sources);
        let (rounding, data) = (RoundingRules::default(), &data);
        let study =
            Study { methods: &methods, catalogue: &catalogue, refused: &refused, data, rounding, trend: &trend };
        let studied = study.compute(&[Year(2021), Year(2022)], &mut sources, &mut diagnostics);
        for year in [2021, 2022] {
            let list = studied.groups.list(Year(year), Role::LowPerforming).expect("a list");
            let found: Vec<String> = list.schools.keys().map(ToString::to_string).collect();
            let expected = (0..plain.schools).filter(|school| plain.is_listed(*school, year));
            let expected: Vec<String> = expected.map(|school| code(school).to_string()).collect();
            assert_eq!(found, expected, "municipality {seed}, list of {year}");
            listed += expected.len();
            for (code, (numerator, denominator)) in plain.indicators(year) {
                let result = studied.indicators.iter().find(|one| one.definition.code == code).expect("an indicator");
                let evaluation = result.years[&Year(year)].as_ref().expect("no gap");
                let value = evaluation.figure.as_ref().map(|figure| figure.value.clone());
                let expected = match denominator {
                    None => Some(Measure::from(numerator)),
                    Some(whole) => Measure::ratio(100 * numerator, whole),
                };
                // Without any procedure of the year there is no value, whatever the counts; nor is there one of growth
                // where no school has participants of both years.
                let is_told = match code {
                    "low-results-index" => plain.held.iter().any(|(_, when)| *when == year),
                    "growing-schools" => plain
                        .supported(year)
                        .iter()
                        .any(|school| [year - 1, year].iter().all(|year| plain.pool(*school, *year).1 > 0)),
                    _ => true,
                };
                let expected = expected.filter(|_| is_told);
                assert_eq!(value, expected, "municipality {seed}, {code} of {year}");
            }
        }
    }
    assert!(listed > 500, "only {listed} schools were listed: the municipalities are too tame");
}
