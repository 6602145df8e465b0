//! The rows of a blank with what is known of each: measures, indicators, activities, procedures, schools.
//! In: the definition of a table, a respondent, the municipality's data. Out: rows of cells.
//! It must never know what a respondent may write into them.

use std::collections::BTreeSet;

use super::Ground;
use crate::blank::{BlankSpec, Bound, Content, Kind, Respondent, RespondentKind, Row, Rows, Source, TableSpec};
use crate::indicators::{Definition, IndicatorResult, Made};
use crate::measure::Measure;
use crate::model::{Activity, Exam, Holding, MeasureCode, Question, School, SchoolCode, Subject, Text, Year};
use crate::returns::{BASE_DENOMINATOR, BASE_NUMERATOR, BASE_VALUE, DENOMINATOR, NUMERATOR, VALUE};
use crate::{ru, sheets};

impl Ground<'_> {
    pub(super) fn rows(&self, spec: &BlankSpec, table: &TableSpec, respondent: &Respondent) -> Vec<Row> {
        let kind = spec.respondent;
        let school = self.data.schools.get(&SchoolCode::from(respondent.code.as_str()));
        let mut rows: Vec<Known> = match table.rows {
            Rows::Open => (1..=table.count).map(|number| Known::new(number.to_string(), String::new())).collect(),
            Rows::Items => {
                let item = |item: &crate::blank::Item| Known {
                    unit: self.unit(&item.unit),
                    band: item.band.clone(),
                    measure: Some(item.id.clone()),
                    bound: self.bound(&item.unit, item.most),
                    is_apart: self.is_apart(&item.unit),
                    ..Known::new(item.id.clone(), item.text.clone())
                };
                table.items.iter().map(item).collect()
            }
            Rows::Indicators => self.asked_measures(spec).iter().map(|code| self.measure(code)).collect(),
            Rows::Measures => self.own_measures(spec).iter().map(|code| self.measure(code)).collect(),
            Rows::Catalogue => {
                let by_parts = table.columns.iter().any(|column| column.key == NUMERATOR);
                let row = |result: &IndicatorResult| Known {
                    without: if by_parts { without(&result.definition) } else { Vec::new() },
                    ..self.indicator(result)
                };
                self.indicators.iter().map(row).collect()
            }
            Rows::Activities => {
                let is_own = |activity: &&Activity| {
                    let responsible = activity.responsible.as_ref().map(|text| ru::fold(&text.value));
                    kind != RespondentKind::Responsible || responsible == Ok(ru::fold(&respondent.name))
                };
                self.data.activities.iter().filter(is_own).filter_map(activity).collect()
            }
            Rows::Procedures => self.procedures(school),
            Rows::Schools => self.schools_of(respondent, kind).into_iter().map(one_school).collect(),
        };
        for row in &mut rows {
            let Some(measure) = row.measure.clone() else { continue };
            row.previous = self.value_of(&measure, school, Year(self.year.0 - 1));
            row.current = self.value_of(&measure, school, self.year);
        }
        let cells = |number: usize, row: &Known| {
            let of = |column: &crate::blank::ColumnSpec| match column.from {
                None if row.without.contains(&column.key) => Content::Text(self.words.of("none").to_owned()),
                None => Content::Blank,
                Some(source) => row.content(source, number),
            };
            table.columns.iter().map(of).collect()
        };
        let row = |(index, row): (usize, &Known)| Row {
            id: row.id.clone(),
            cells: cells(index + 1, row),
            bound: row.bound.clone(),
            is_apart: row.is_apart,
            without: row.without.clone(),
        };
        rows.iter().enumerate().map(row).collect()
    }

    /// Tells whether values of a unit do not add up.
    fn is_apart(&self, unit: &str) -> bool {
        self.words.unit(unit).is_some_and(|(rule, _)| rule.apart)
    }

    /// A unit as a blank writes it.
    fn unit(&self, unit: &str) -> String {
        self.words.unit(unit).and_then(|(rule, _)| rule.shown.clone()).unwrap_or_else(|| unit.to_owned())
    }

    /// What the unit of a row says of its numbers.
    fn bound(&self, unit: &str, most: Option<u32>) -> Option<Bound> {
        let (rule, scale) = self.words.unit(unit)?;
        let kind = rule.kind().filter(|kind| *kind != Kind::Number)?;
        Some(Bound { kind, most: most.or(scale) })
    }

    /// The measures of the dictionary that no other form asks for.
    fn own_measures(&self, spec: &BlankSpec) -> Vec<MeasureCode> {
        let period = self.period(spec);
        let others = self.specs.iter().filter(|other| other.id != spec.id);
        let asked: BTreeSet<String> =
            others.flat_map(|other| crate::blank::measures_of(other, &period)).map(|(code, ..)| code).collect();
        self.data.measures.keys().filter(|code| !asked.contains(code.0.as_str())).cloned().collect()
    }

    /// Those that indicators are made of, in the order of the catalogue.
    fn asked_measures(&self, spec: &BlankSpec) -> Vec<MeasureCode> {
        let own = self.own_measures(spec);
        let mut found: Vec<MeasureCode> = Vec::new();
        let definitions = self.catalogue.indicators.iter();
        let parts = definitions.flat_map(|one| {
            let components = one.components.iter().flat_map(|part| [&part.numerator, &part.denominator]);
            one.numerator.iter().chain(&one.denominator).chain(components)
        });
        for code in parts.flat_map(|quantity| quantity.reads().0) {
            let code = MeasureCode::from(code);
            if own.contains(&code) && !found.contains(&code) {
                found.push(code);
            }
        }
        // Where indicators stand on registers alone, the dictionary still says what schools report.
        if found.is_empty() { own } else { found }
    }

    fn measure(&self, code: &MeasureCode) -> Known {
        let name = self.data.measures.get(code).map_or_else(|| code.0.to_string(), |name| name.value.clone());
        let unit = self.data.measure_units.get(code).cloned().unwrap_or_default();
        let bound = self.bound(&unit, None);
        let is_apart = self.data.apart.contains(code) || self.is_apart(&unit);
        let unit = self.unit(&unit);
        Known { unit, bound, is_apart, measure: Some(code.0.to_string()), ..Known::new(code.0.to_string(), name) }
    }

    fn indicator(&self, result: &IndicatorResult) -> Known {
        let definition = &result.definition;
        let value = |year: Year| {
            let evaluation = result.years.get(&year)?.as_ref().ok()?;
            let figure = evaluation.figure.as_ref()?;
            Some(ru::rounded(&figure.value, figure.rounding))
        };
        let target = self.targets.iter().find(|target| {
            target.code == definition.code && target.years.0 <= self.year && self.year <= target.years.1
        });
        let group = self.catalogue.groups.iter().find(|group| group.id == definition.group);
        Known {
            unit: definition.unit_name.clone(),
            is_apart: self.is_apart(&definition.unit_name),
            band: group.map(|group| group.title.clone()).unwrap_or_default(),
            previous: value(Year(self.year.0 - 1)),
            current: value(self.year),
            target: target.and_then(|target| target.target.as_ref()).map(|target| target.value.clone()),
            ..Known::new(definition.code.clone(), definition.name.clone())
        }
    }

    /// What a school, or all schools together, reported of a measure; `None` when nothing was.
    fn value_of(&self, measure: &str, school: Option<&School>, year: Year) -> Option<Measure> {
        let subject = school.map(|school| Subject::School(school.code.clone()));
        let dims = crate::model::Dims::default();
        let question = Question { measure, subject: subject.as_ref(), year: Some(year), dims };
        let found = self.data.store.matching(&question);
        (!found.is_empty()).then(|| found.iter().map(|row| row.value.clone()).sum())
    }

    fn procedures(&self, school: Option<&School>) -> Vec<Known> {
        let is_asked = |row: &&crate::model::Procedure| {
            let teaches = school.is_none_or(|school| (school.grades.0..=school.grades.1).contains(&row.grade));
            row.year == self.year && row.holding != Holding::NotHeld && teaches
        };
        let known = |row: &crate::model::Procedure| {
            let exam = exam_word(row.exam);
            let discipline = ru::upper_first(&row.discipline.0);
            let id = format!("{exam} {} {}", row.grade, row.discipline.0);
            Known {
                exam: Some(exam),
                grade: Some(Measure::from(i64::from(row.grade))),
                discipline: Some(discipline.clone()),
                ..Known::new(id, discipline)
            }
        };
        self.data.calendar.iter().filter(is_asked).map(known).collect()
    }

    fn schools_of(&self, respondent: &Respondent, kind: RespondentKind) -> Vec<&School> {
        let codes: BTreeSet<SchoolCode> = match kind {
            RespondentKind::Curator => {
                let rows = self.data.records.get("curators").into_iter().flatten();
                let own = rows.filter(|row| {
                    let curator = row.texts.get("curator").is_some_and(|text| text.value == respondent.name);
                    curator && row.from <= self.year && self.year <= row.to
                });
                own.filter_map(|row| row.school.clone()).collect()
            }
            RespondentKind::LeaderSchool => {
                self.leaders().remove(&SchoolCode::from(respondent.code.as_str())).unwrap_or_default()
            }
            _ => {
                let counted = self.data.schools.values().filter(|school| school.is_counted);
                counted.map(|school| school.code.clone()).collect()
            }
        };
        let exists = |school: &&School| codes.contains(&school.code) && school.exists_at_end_of(self.year);
        self.data.schools.values().filter(exists).collect()
    }
}

/// The columns of parts and values that an indicator has nothing for.
fn without(definition: &Definition) -> Vec<String> {
    let keys: &[&str] = match definition.made() {
        Made::Parts => &[VALUE, BASE_VALUE],
        Made::Number => &[DENOMINATOR, BASE_DENOMINATOR, VALUE, BASE_VALUE],
        Made::Value => &[NUMERATOR, DENOMINATOR, BASE_NUMERATOR, BASE_DENOMINATOR],
    };
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// The word of an exam as the sheet of results takes it.
fn exam_word(exam: Exam) -> String {
    sheets::exam_word(exam).to_owned()
}

fn activity(activity: &Activity) -> Option<Known> {
    let text = |known: &crate::model::Known<Text>| known.as_ref().ok().map(|text| text.value.clone());
    let number = text(&activity.number)?;
    Some(Known {
        band: text(&activity.band).unwrap_or_default(),
        term: text(&activity.term),
        responsible: text(&activity.responsible),
        ..Known::new(number, text(&activity.title)?)
    })
}

fn one_school(school: &School) -> Known {
    Known::new(school.code.0.to_string(), school.short.value.clone())
}

/// What is known of a row.
#[derive(Clone, Debug, Default)]
struct Known {
    id: String,
    text: String,
    unit: String,
    band: String,
    measure: Option<String>,
    bound: Option<Bound>,
    is_apart: bool,
    without: Vec<String>,
    previous: Option<Measure>,
    current: Option<Measure>,
    target: Option<Measure>,
    term: Option<String>,
    responsible: Option<String>,
    exam: Option<String>,
    grade: Option<Measure>,
    discipline: Option<String>,
}

impl Known {
    fn new(id: String, text: String) -> Self {
        Self { id, text, ..Self::default() }
    }

    fn content(&self, source: Source, number: usize) -> Content {
        let text = |text: &String| if text.is_empty() { Content::Blank } else { Content::Text(text.clone()) };
        let maybe = |found: &Option<String>| found.as_ref().map_or(Content::Blank, text);
        let number_of = |found: &Option<Measure>| found.clone().map_or(Content::Blank, Content::Number);
        match source {
            Source::Number => Content::Number(Measure::from(i64::try_from(number).unwrap_or(i64::MAX))),
            Source::Code => text(&self.id),
            Source::Text => text(&self.text),
            Source::Unit => text(&self.unit),
            Source::Band => text(&self.band),
            Source::Previous => number_of(&self.previous),
            Source::Current => number_of(&self.current),
            Source::Target => number_of(&self.target),
            Source::Term => maybe(&self.term),
            Source::Responsible => maybe(&self.responsible),
            Source::Exam => maybe(&self.exam),
            Source::Grade => number_of(&self.grade),
            Source::Discipline => maybe(&self.discipline),
        }
    }
}
