//! The analysis of a region: 1,000 schools, three years, 20 procedures, 40 indicators, with every explanation.

#![expect(clippy::expect_used, reason = "a bench that cannot begin is a failed bench")]

use std::sync::Arc;

use divan::{Bencher, black_box};
use svod::catalog::BUILT_IN;
use svod::diag::Diagnostics;
use svod::figure::RoundingRules;
use svod::groups::{Method, Methods};
use svod::indicators::{Catalogue, Refused, Study};
use svod::model::{
    Block, Dataset, Dims, Exam, Holding, ListSource, Observation, Procedure, Role, School, SchoolCode, Subject, Text,
    Year,
};
use svod::provenance::{CellRef, Sources};
use svod::settings::TrendRule;

const YEARS: [i32; 3] = [2020, 2021, 2022];
const GRADES: [u8; 5] = [4, 5, 6, 7, 8];
const DISCIPLINES: [&str; 4] = ["русский язык", "математика", "история", "биология"];
const TEACHERS: usize = 5;
const INDICATORS: usize = 40;

fn main() {
    divan::main();
}

fn built_in(path: &str) -> &'static str {
    let bytes = BUILT_IN.iter().find(|(known, _)| *known == path).expect("a built-in file").1;
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn methods() -> Methods {
    let mut method = Method::parse(built_in("methods/rosobrnadzor.toml")).expect("a method");
    for group in &mut method.groups {
        let of = |discipline: &&str| svod::groups::ProcedureSet {
            exam: Exam::Vpr,
            discipline: (*discipline).to_owned(),
            grades: GRADES.to_vec(),
        };
        group.procedures = DISCIPLINES.iter().map(of).collect();
    }
    Methods { methods: vec![method] }
}

/// The indicators of a municipality and the indices, over and over under other codes.
fn catalogue() -> Catalogue {
    let parse = |path| Catalogue::parse(built_in(path)).expect("a catalogue");
    let mut catalogue =
        Catalogue::join(vec![parse("indicators/mariinsk.toml"), parse("indicators/indices.toml")]).expect("one");
    let own = catalogue.indicators.clone();
    for (index, definition) in own.iter().cycle().enumerate().take(INDICATORS - own.len()) {
        let code = format!("{}-{index}", definition.code);
        catalogue.indicators.push(svod::indicators::Definition { code, ..definition.clone() });
    }
    catalogue
}

fn region(schools: usize) -> (Dataset, Sources) {
    let (mut data, mut sources) = (Dataset::default(), Sources::default());
    let sheet = sources.add_sheet("книга.xlsx", "лист");
    let mut row = 0;
    let mut add = |data: &mut Dataset, subject: &Subject, years: (i32, i32), measure: &str, dims: Dims, value: i64| {
        row += 1;
        data.store.add(Observation {
            subject: subject.clone(),
            from: Year(years.0),
            to: Year(years.1),
            measure: measure.into(),
            dims: Arc::new(dims),
            value: value.into(),
            cell: CellRef { sheet, row, column: 0 },
        });
    };
    for id in ["schools", "results", "calendar", "lists", "teachers", "diagnostics", "support-log", "partnerships"] {
        data.found_sheets.insert(id.to_owned());
    }
    for (year, grade, discipline) in
        YEARS.iter().flat_map(|year| GRADES.iter().flat_map(move |grade| DISCIPLINES.map(|one| (*year, *grade, one))))
    {
        let node = sources.cells([]);
        let (discipline, year, holding) = (discipline.into(), Year(year), Holding::Held);
        data.calendar.push(Procedure { exam: Exam::Vpr, grade, discipline, year, holding, node });
    }
    for index in 0..schools {
        let code = SchoolCode::from(format!("ОО-{index:04}"));
        let subject = Subject::School(code.clone());
        let name = Text { value: format!("Школа {index}"), node: sources.cells([]) };
        let school = School {
            code: code.clone(),
            full: name.clone(),
            short: name.clone(),
            grades: (1, 11),
            kind: name,
            is_counted: true,
            is_left_out_by_kind: false,
            valid: (None, None),
            successor: None,
            cell: CellRef { sheet, row: 0, column: 0 },
        };
        data.schools.insert(code.clone(), school);
        add(&mut data, &subject, (i32::MIN, i32::MAX), "school", Dims::default(), 1);
        for (year, grade, discipline) in YEARS
            .iter()
            .flat_map(|year| GRADES.iter().flat_map(move |grade| DISCIPLINES.map(|one| (*year, *grade, one))))
        {
            let dims = Dims {
                exam: Some(Exam::Vpr),
                discipline: Some(discipline.into()),
                grade: Some(grade),
                ..Dims::default()
            };
            let below = i64::try_from((index * 7 + usize::from(grade)) % 12).expect("small");
            for (measure, value) in
                [("participants", 20 + below), ("below-minimum", below), ("mark-3", 10), ("mark-4", 6), ("mark-5", 4)]
            {
                add(&mut data, &subject, (year, year), measure, dims.clone(), value);
            }
        }
        for year in [2021, 2022] {
            for (role, is_on) in
                [(Role::Disadvantaged, index % 5 == 0), (Role::HighPerforming, index % 11 == 3 || index == 0)]
            {
                if is_on {
                    let dims = Dims { role: Some(role), source: Some(ListSource::Region), ..Dims::default() };
                    add(&mut data, &subject, (year, year), "listed", dims, 1);
                }
            }
            add(&mut data, &subject, (year, year), "support", Dims { addressed: Some(true), ..Dims::default() }, 1);
        }
        add(&mut data, &subject, (2021, 2022), "partnership", Dims::default(), 1);
        for number in 0..TEACHERS {
            let teacher = Subject::Teacher(format!("П-{index:04}-{number}").into());
            let dims = Dims { school: Some(code.clone()), ..Dims::default() };
            add(&mut data, &teacher, (2015, i32::MAX), "employment", dims, 1);
            for (wave, value) in [(1, 50), (2, 60)] {
                let dims = Dims { wave: Some(wave), block: Some(Block::Subject), ..Dims::default() };
                add(&mut data, &teacher, (2022, 2022), "diagnosis", dims, value);
            }
        }
    }
    (data, sources)
}

/// Groups, verdicts, sensitivity, indicators of two years and their way over three.
#[divan::bench(args = [250, 500, 1000], sample_count = 3, sample_size = 1)]
fn region_of_schools(bencher: Bencher<'_, '_>, schools: usize) {
    let (data, sources) = region(schools);
    let (methods, catalogue) = (methods(), catalogue());
    let (refused, trend) = (Refused::default(), TrendRule::default());
    let study = Study {
        methods: &methods,
        catalogue: &catalogue,
        refused: &refused,
        data: &data,
        rounding: RoundingRules::default(),
        trend: &trend,
    };
    bencher.with_inputs(|| (sources.clone(), Diagnostics::default())).bench_local_values(
        |(mut sources, mut diagnostics)| {
            let studied = study.compute(&[Year(2021), Year(2022)], &mut sources, &mut diagnostics);
            assert_eq!(studied.indicators.len(), INDICATORS);
            black_box((studied, sources))
        },
    );
}
