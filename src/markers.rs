//! Markers of results that ask to be looked at: by counts of marks, by rules with the label of their confidence.
//! In: rules (data), the data set. Out: what each rule finds, with its figures. It must never say why a result is as it
//! is: a marker proves nothing, and results of ВПР evaluate nobody.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::diag::Reason;
use crate::figure::Unit;
use crate::groups::ProcedureId;
use crate::measure::Measure;
use crate::model::{Dataset, Discipline, Exam, Holding, Observation, Operand, SchoolCode, Year, codes};
use crate::provenance::{NodeId, Op, Sources};

/// The rules, read from `templates/markers.toml`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Markers {
    /// The markers in the order of printing.
    pub markers: Vec<Marker>,
}

/// A marker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Marker {
    /// Its id.
    pub id: String,
    /// What is seen, in words.
    pub title: String,
    /// Where its thresholds come from, and how sure they are.
    pub confidence: String,
    /// Fewest participants of a school of which anything is said.
    pub min_participants: i64,
    /// What is looked at.
    pub rule: Rule,
}

/// What is looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// The mean mark of a school lies above that of the municipality, intervals apart.
    HighMean {
        /// Procedures.
        exams: Vec<Exam>,
        /// Standard errors of an interval to each side.
        deviations: String,
    },
    /// No mark 2 where the municipality has many.
    NoTwos {
        /// Procedures.
        exams: Vec<Exam>,
        /// Share of marks 2 in the municipality from which it is strange, per cent.
        share: String,
    },
    /// The share of marks 5 is greater than that of the municipality by so much.
    ManyFives {
        /// Procedures.
        exams: Vec<Exam>,
        /// Percentage points.
        points: String,
    },
    /// The same pupils are below the minimum much oftener a year later.
    LaterExamWorse {
        /// The procedure of the year before.
        earlier: Held,
        /// That of the year.
        later: Held,
        /// Percentage points.
        points: String,
    },
    /// The mean mark of a parallel changes in a year as that of no other school.
    Jump {
        /// Procedures.
        exams: Vec<Exam>,
        /// Ranges between the quartiles from which a change lies apart.
        ranges: String,
        /// Fewest schools that have quartiles.
        min_schools: usize,
    },
}

/// A procedure of a grade.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Procedure.
    pub exam: Exam,
    /// Grade of the writers.
    pub grade: u8,
}

/// What a marker finds.
#[derive(Clone, Debug)]
pub struct Found<'m> {
    /// The school.
    pub school: SchoolCode,
    /// The marker.
    pub marker: &'m Marker,
    /// The procedure.
    pub procedure: ProcedureId,
    /// Participants of the school.
    pub participants: Operand,
    /// The value of the school.
    pub value: Operand,
    /// What it is held against: the municipality, or the same school a year before.
    pub against: Operand,
    /// The unit of both.
    pub unit: Unit,
}

impl Markers {
    /// Reads the rules.
    ///
    /// # Errors
    /// Gives the parser's message, or names the key that makes no sense.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let rules: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        for (index, marker) in rules.markers.iter().enumerate() {
            let bad = |key: &str| Err(Reason::from(format!("{}.{key}", marker.id)));
            if rules.markers.iter().take(index).any(|other| other.id == marker.id) {
                return bad("id");
            }
            if marker.title.trim().is_empty() || marker.confidence.trim().is_empty() {
                return bad("title / confidence");
            }
            if marker.min_participants < 2 {
                return bad("min-participants");
            }
            let (key, number) = match &marker.rule {
                Rule::HighMean { deviations, .. } => ("deviations", deviations),
                Rule::NoTwos { share, .. } => ("share", share),
                Rule::ManyFives { points, .. } | Rule::LaterExamWorse { points, .. } => ("points", points),
                Rule::Jump { ranges, min_schools, .. } if *min_schools >= 4 => ("ranges", ranges),
                Rule::Jump { .. } => return bad("min-schools"),
            };
            if Measure::parse_decimal(number).is_none_or(|number| number.is_negative() || number.is_zero()) {
                return bad(key);
            }
        }
        Ok(rules)
    }

    /// Looks at the results of a year.
    pub fn find(&self, data: &Dataset, year: Year, sources: &mut Sources) -> Vec<Found<'_>> {
        let (mut found, mut known) = (Vec::new(), Known::new());
        for marker in &self.markers {
            Look { marker, data, year, sources, known: &mut known, found: &mut found }.look();
        }
        found
    }
}

/// Marks of a school in a procedure.
#[derive(Clone, Default)]
struct Marks<'a> {
    /// Numbers of marks 2 to 5.
    counts: [i64; 4],
    rows: Vec<&'a Observation>,
}

impl Marks<'_> {
    fn total(&self) -> i64 {
        self.counts.iter().sum()
    }

    /// Sums of marks and of their squares.
    fn moments(&self) -> (i64, i64) {
        let marks = || (2_i64..).zip(self.counts);
        (marks().map(|(mark, count)| mark * count).sum(), marks().map(|(mark, count)| mark * mark * count).sum())
    }

    fn mean(&self) -> Option<Measure> {
        Measure::ratio(self.moments().0, self.total())
    }

    /// The square of the standard error of the mean.
    fn error_squared(&self) -> Option<Measure> {
        let (n, (sum, squares)) = (self.total(), self.moments());
        Measure::ratio(n * squares - sum * sum, n)?.checked_div(&Measure::from(n * (n - 1)))
    }

    /// The share of a mark, per cent.
    fn share(&self, mark: usize) -> Option<Measure> {
        let count = self.counts.get(mark.checked_sub(2)?).copied()?;
        Measure::from(count).percent_of(&Measure::from(self.total()))
    }
}

/// Tells whether the lower end of one interval lies above the upper end of the other; roots are compared squared.
fn lies_above(school: &Marks<'_>, all: &Marks<'_>, deviations: &Measure) -> Option<bool> {
    let (a, b) = (school.error_squared()?, all.error_squared()?);
    let apart = &school.mean()? - &all.mean()?;
    if apart.is_negative() || apart.is_zero() {
        return Some(false);
    }
    // D > z (a + b) with roots a, b: D²/z² − a² − b² > 2ab.
    let left = &(&(&apart * &apart).checked_div(&(deviations * deviations))? - &a) - &b;
    let right = &(&a * &b) * &Measure::from(4_i64);
    Some(!left.is_negative() && &left * &left > right)
}

/// A quantile of sorted values, between two of them in proportion.
fn quantile(sorted: &[Measure], quarter: usize) -> Option<Measure> {
    let position = (sorted.len().checked_sub(1)?) * quarter;
    let (low, rest) = (position / 4, position % 4);
    let value = sorted.get(low)?;
    let Some(next) = sorted.get(low + 1).filter(|_| rest > 0) else { return Some(value.clone()) };
    let part = Measure::ratio(i64::try_from(rest).ok()?, 4)?;
    Some(value + &(&part * &(next - value)))
}

/// Marks of schools by procedure and year, as they were asked for.
type Known<'a> = BTreeMap<(ProcedureId, Year), Rc<BTreeMap<&'a SchoolCode, Marks<'a>>>>;

/// Tells of a school beside all of them: its value, what it is held against, and their unit.
type Test<'t> = dyn Fn(&Marks<'_>, &Marks<'_>) -> Option<Seen> + 't;
type Seen = ((Measure, Measure), Unit);

/// A marker that is looked for.
struct Look<'l, 'm, 'a> {
    marker: &'m Marker,
    data: &'a Dataset,
    year: Year,
    sources: &'l mut Sources,
    known: &'l mut Known<'a>,
    found: &'l mut Vec<Found<'m>>,
}

impl<'m, 'a> Look<'_, 'm, 'a> {
    fn look(&mut self) {
        let marker = self.marker;
        match &marker.rule {
            Rule::HighMean { exams, deviations } => {
                let Some(deviations) = Measure::parse_decimal(deviations) else { return };
                self.each(exams, &|school, all| {
                    let pair = (school.mean()?, all.mean()?);
                    lies_above(school, all, &deviations)?.then_some((pair, Unit::Index))
                });
            }
            Rule::NoTwos { exams, share } => {
                let Some(least) = Measure::parse_decimal(share) else { return };
                self.each(exams, &|school, all| {
                    let pair = (school.share(2)?, all.share(2)?);
                    (pair.0.is_zero() && pair.1 >= least).then_some((pair, Unit::Percent))
                });
            }
            Rule::ManyFives { exams, points } => {
                let Some(points) = Measure::parse_decimal(points) else { return };
                self.each(exams, &|school, all| {
                    let pair = (school.share(5)?, all.share(5)?);
                    (&pair.0 - &pair.1 >= points).then_some((pair, Unit::Percent))
                });
            }
            Rule::LaterExamWorse { earlier, later, points } => {
                let Some(points) = Measure::parse_decimal(points) else { return };
                self.later_worse(*earlier, *later, &points);
            }
            Rule::Jump { exams, ranges, min_schools } => {
                let Some(ranges) = Measure::parse_decimal(ranges) else { return };
                self.jumps(exams, &ranges, *min_schools);
            }
        }
    }

    /// The procedures of some exams that were held in the year.
    fn held(&self, exams: &[Exam]) -> Vec<ProcedureId> {
        let held = self.data.calendar.iter().filter(|row| row.year == self.year && row.holding != Holding::NotHeld);
        let wanted = held.filter(|row| exams.contains(&row.exam));
        let mut procedures: Vec<ProcedureId> = wanted
            .map(|row| ProcedureId { exam: row.exam, discipline: row.discipline.clone(), grade: row.grade })
            .collect();
        procedures.sort();
        procedures.dedup();
        procedures
    }

    /// The marks of the schools in a procedure; a school whose results are in doubt has none.
    fn marks(&mut self, procedure: &ProcedureId, year: Year) -> Rc<BTreeMap<&'a SchoolCode, Marks<'a>>> {
        let key = (procedure.clone(), year);
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let dims = procedure.dims();
        let of_school = |code: &'a SchoolCode| {
            let mut marks = Marks::default();
            for (count, mark) in marks.counts.iter_mut().zip(["mark-2", "mark-3", "mark-4", "mark-5"]) {
                let rows = self.data.school_rows(code, mark, year, &dims).ok()?;
                let value: Measure = rows.iter().map(|row| row.value.clone()).sum();
                *count = value.to_integer()?;
                marks.rows.extend(rows);
            }
            (marks.total() > 0).then_some((code, marks))
        };
        let marks = Rc::new(self.data.schools.keys().filter_map(of_school).collect());
        self.known.insert(key, Rc::clone(&marks));
        marks
    }

    /// Looks at each school of each procedure beside all schools.
    fn each(&mut self, exams: &[Exam], test: &Test<'_>) {
        for procedure in self.held(exams) {
            let schools = self.marks(&procedure, self.year);
            let mut all = Marks::default();
            for marks in schools.values() {
                all.counts.iter_mut().zip(marks.counts).for_each(|(sum, count)| *sum += count);
                all.rows.extend(&marks.rows);
            }
            let mut whole = None;
            for (code, marks) in schools.iter() {
                if marks.total() < self.marker.min_participants {
                    continue;
                }
                let Some(((value, against), unit)) = test(marks, &all) else { continue };
                let whole = *whole.get_or_insert_with(|| self.sources.cells(all.rows.iter().map(|row| row.cell)));
                self.say(code, &procedure, marks, (value, whole, against), unit);
            }
        }
    }

    fn say(
        &mut self,
        code: &SchoolCode,
        procedure: &ProcedureId,
        marks: &Marks<'_>,
        (value, other, against): (Measure, NodeId, Measure),
        unit: Unit,
    ) {
        let own = self.sources.cells(marks.rows.iter().map(|row| row.cell));
        let mut derived = |node: NodeId, value: Measure| Operand {
            node: self.sources.formula(Op::Derived, vec![node], Some(value.clone())),
            value,
        };
        let participants = derived(own, Measure::from(marks.total()));
        let (value, against) = (derived(own, value), derived(other, against));
        let (school, procedure) = (code.clone(), procedure.clone());
        self.found.push(Found { school, marker: self.marker, procedure, participants, value, against, unit });
    }

    /// The share below the minimum of a year against that of the same pupils a year before.
    fn later_worse(&mut self, earlier: Held, later: Held, points: &Measure) {
        let data = self.data;
        let least = Measure::from(self.marker.min_participants);
        for procedure in self.held(&[later.exam]).into_iter().filter(|one| one.grade == later.grade) {
            let before = ProcedureId { exam: earlier.exam, grade: earlier.grade, ..procedure.clone() };
            for code in data.schools.keys() {
                let mut share = |procedure: &ProcedureId, year: Year| {
                    let dims = procedure.dims();
                    let mut of =
                        |measure: &str| data.school_sum(code, measure, year, &dims, self.sources).ok().flatten();
                    let (below, all) = (of(codes::BELOW_MINIMUM)?, of(codes::PARTICIPANTS)?);
                    let value = below.value.percent_of(&all.value).filter(|_| all.value >= least)?;
                    let node = self.sources.formula(Op::Percent, vec![below.node, all.node], Some(value.clone()));
                    Some((Operand { value, node }, all))
                };
                let Some((now, participants)) = share(&procedure, self.year) else { continue };
                let Some((then, _)) = share(&before, Year(self.year.0 - 1)) else { continue };
                if &now.value - &then.value >= *points {
                    self.found.push(Found {
                        school: code.clone(),
                        marker: self.marker,
                        procedure: procedure.clone(),
                        participants,
                        value: now,
                        against: then,
                        unit: Unit::Percent,
                    });
                }
            }
        }
    }

    /// Means of a parallel in two years, whose quotient lies apart from those of the other schools.
    fn jumps(&mut self, exams: &[Exam], ranges: &Measure, min_schools: usize) {
        for procedure in self.held(exams) {
            let Some(grade) = procedure.grade.checked_sub(1) else { continue };
            let discipline: Discipline = procedure.discipline.clone();
            let before = ProcedureId { grade, exam: procedure.exam, discipline };
            let then = self.marks(&before, Year(self.year.0 - 1));
            let now = self.marks(&procedure, self.year);
            let enough = |marks: &Marks<'_>| marks.total() >= self.marker.min_participants;
            let pairs = now.iter().filter_map(|(code, now)| {
                let then = then.get(code).filter(|then| enough(then) && enough(now))?;
                Some((*code, now.clone(), then.clone(), then.mean()?.checked_div(&now.mean()?)?))
            });
            let pairs: Vec<_> = pairs.collect();
            if pairs.len() < min_schools {
                continue;
            }
            let mut quotients: Vec<Measure> = pairs.iter().map(|pair| pair.3.clone()).collect();
            quotients.sort();
            let (Some(first), Some(third)) = (quantile(&quotients, 1), quantile(&quotients, 3)) else { continue };
            let reach = ranges * &(&third - &first);
            let (low, high) = (&first - &reach, &third + &reach);
            for (code, now, then, quotient) in pairs {
                if quotient >= low && quotient <= high {
                    continue;
                }
                let (Some(value), Some(against)) = (now.mean(), then.mean()) else { continue };
                let earlier = self.sources.cells(then.rows.iter().map(|row| row.cell));
                self.say(code, &procedure, &now, (value, earlier, against), Unit::Index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Dims, Procedure, School, Subject, Text};
    use crate::provenance::CellRef;

    fn marks(counts: [i64; 4]) -> Marks<'static> {
        Marks { counts, rows: Vec::new() }
    }

    #[test]
    fn intervals_are_compared_without_roots() {
        let z = Measure::parse_decimal("1.96").unwrap();
        // 4,75 ± 0,19 against 3,375 ± 0,23.
        let (school, all) = (marks([0, 0, 5, 15]), marks([20, 25, 20, 15]));
        assert_eq!(school.mean(), Measure::ratio(19, 4));
        assert_eq!(school.error_squared(), Measure::ratio(15, 1520));
        assert_eq!(lies_above(&school, &all, &z), Some(true));
        assert_eq!(lies_above(&all, &school, &z), Some(false));
        // 3,5 ± 0,36 against 3,375 ± 0,23.
        assert_eq!(lies_above(&marks([3, 7, 7, 3]), &all, &z), Some(false));
        assert_eq!(lies_above(&marks([0, 0, 0, 1]), &all, &z), None);
    }

    #[test]
    fn quartiles_lie_between_values() {
        let values: Vec<Measure> = (1_i64..=4).map(Measure::from).collect();
        assert_eq!(quantile(&values, 1), Measure::ratio(7, 4));
        assert_eq!(quantile(&values, 3), Measure::ratio(13, 4));
        assert_eq!(quantile(&values, 2), Measure::ratio(5, 2));
    }

    /// Schools that wrote in the fourth grade of 2021 and the fifth of 2022: means 3,5 and 3,5; the last 4,5 and 3.
    fn parallel(schools: usize) -> Dataset {
        let mut data = Dataset::default();
        let mut sources = Sources::default();
        let sheet = sources.add_sheet("книга.xlsx", "лист");
        let discipline: Discipline = "русский язык".into();
        for (grade, year) in [(4, 2021), (5, 2022)] {
            let (year, holding, node) = (Year(year), Holding::Held, sources.cells([]));
            let discipline = discipline.clone();
            data.calendar.push(Procedure { exam: Exam::Vpr, grade, discipline, year, holding, node });
        }
        for index in 0..schools {
            let code = SchoolCode::from(format!("ОО-{index}"));
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
            let is_last = index + 1 == schools;
            let (then, now) = if is_last { ([0, 0, 10, 10], [5, 10, 5, 0]) } else { ([0, 10, 10, 0], [0, 10, 10, 0]) };
            for (grade, year, counts) in [(4, 2021, then), (5, 2022, now)] {
                for (mark, count) in ["mark-2", "mark-3", "mark-4", "mark-5"].into_iter().zip(counts) {
                    let (exam, discipline) = (Some(Exam::Vpr), Some(discipline.clone()));
                    data.store.add(Observation {
                        subject: Subject::School(code.clone()),
                        from: Year(year),
                        to: Year(year),
                        measure: mark.into(),
                        dims: Arc::new(Dims { exam, discipline, grade: Some(grade), ..Dims::default() }),
                        value: Measure::from(i64::from(count)),
                        cell: CellRef { sheet, row: 1, column: 0 },
                    });
                }
            }
        }
        data
    }

    #[test]
    fn a_parallel_that_changes_as_no_other_is_looked_at_where_schools_are_enough() {
        let rules = Markers::parse(include_str!("../templates/markers.toml")).expect("the rules");
        let found = |schools| -> Vec<String> {
            let (data, mut sources) = (parallel(schools), Sources::default());
            sources.add_sheet("книга.xlsx", "лист");
            let found = rules.find(&data, Year(2022), &mut sources);
            let jumps = found.iter().filter(|found| found.marker.id == "jump");
            jumps.map(|found| format!("{} {} {}", found.school.0, found.against.value, found.value.value)).collect()
        };
        // 4,5 against 3: the others' quotient is one, and so are both quartiles.
        assert_eq!(found(8), ["ОО-7 9/2 3"]);
        assert_eq!(found(7), Vec::<String>::new(), "seven schools have no quartiles");
    }

    #[test]
    fn rules_that_make_no_sense_are_named() {
        let shipped = include_str!("../templates/markers.toml");
        let rules = Markers::parse(shipped).unwrap();
        assert!(rules.markers.iter().all(|marker| !marker.confidence.is_empty()));
        for (given, broken) in [
            ("deviations = \"1.96\"", "deviations = \"-1\""),
            ("id = \"jump\"", "id = \"no-twos\""),
            ("min-schools = 8", "min-schools = 1"),
            ("min-participants = 20", "min-participants = 1"),
            ("share = \"10\"", "share = \"10\", strange = 1"),
        ] {
            assert!(shipped.contains(given) && Markers::parse(&shipped.replacen(given, broken, 1)).is_err(), "{given}");
        }
    }
}
