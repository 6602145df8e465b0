//! Blanks filled with what is known: one for each respondent of a form.
//! In: the definition of the form and the municipality's data. Out: respondents, and for each the blank as content.
//! It must never know how a blank is drawn. Whatever is missing is left open: a blank is there to ask.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::blank::{
    Blank, BlankSpec, Check, Column, Content, Kind, Part, Period, Respondent, RespondentKind, Row, Rows, Source, Table,
    TableSpec, Words, fill,
};
use crate::diag::Reason;
use crate::groups::Groups;
use crate::indicators::{Catalogue, IndicatorKind, IndicatorResult, Quantity, TargetVerdict};
use crate::measure::Measure;
use crate::model::{
    Activity, Dataset, Exam, Holding, MeasureCode, Office, Question, Record, School, SchoolCode, Subject, Text, Year,
};
use crate::provenance::Sources;
use crate::returns::Share;
use crate::ru::{self, declension};
use crate::settings::Settings;
use crate::sheets::{self, SHEETS, SheetSpec};

/// What is known.
pub struct Ground<'a> {
    /// The municipality's folder.
    pub folder: &'a str,
    /// Settings.
    pub settings: &'a Settings,
    /// The data.
    pub data: &'a Dataset,
    /// Groups.
    pub groups: &'a Groups,
    /// The catalogue of indicators.
    pub catalogue: &'a Catalogue,
    /// Indicators.
    pub indicators: &'a [IndicatorResult],
    /// Targets.
    pub targets: &'a [TargetVerdict],
    /// The year that is asked about.
    pub year: Year,
    /// Its quarter, for forms of a quarter.
    pub quarter: Option<u8>,
    /// Words of all blanks.
    pub words: &'a Words,
    /// All forms of the municipality: what one asks, another need not.
    pub specs: &'a [BlankSpec],
    /// Notes of the program's own, by key.
    pub text: &'a dyn Fn(&str) -> String,
}

/// Finds the sheet that the rows of a table go to.
pub fn target_of(table: &TableSpec) -> Option<&'static SheetSpec> {
    let target = table.target.as_deref()?;
    SHEETS.iter().find(|spec| spec.id == target)
}

/// Tells what of a form does not fit the sheets of data.
///
/// # Errors
/// The key.
pub fn check_targets(spec: &BlankSpec) -> Result<(), Reason> {
    for table in &spec.tables {
        let bad = |key: &str| Err(Reason::from(format!("tables.{}.{key}", table.id)));
        for column in &table.columns {
            let of_target =
                target_of(table).and_then(|target| target.columns.iter().find(|known| known.key == column.key));
            if column.kind.is_none() && column.from.is_none() && of_target.is_none() {
                return bad(&format!("columns.{}", column.key));
            }
            if column.heading.trim().is_empty() && of_target.is_none() {
                return bad(&format!("columns.{}.heading", column.key));
            }
        }
        if table.target.is_none() {
            continue;
        }
        let Some(target) = target_of(table) else { return bad("target") };
        let asked = |key: &str| table.columns.iter().any(|column| column.key == key) || table.fixed.contains_key(key);
        if let Some(column) = target.columns.iter().find(|column| !column.may_be_blank && !asked(column.key)) {
            return bad(&format!("fixed.{}", column.key));
        }
        if let Some(key) =
            table.fixed.keys().find(|key| !target.columns.iter().any(|column| column.key == key.as_str()))
        {
            return bad(&format!("fixed.{key}"));
        }
    }
    Ok(())
}

/// What a column of a blank holds.
fn kind_of(kind: sheets::Kind) -> Kind {
    match kind {
        sheets::Kind::Prose | sheets::Kind::Verbatim => Kind::Text,
        sheets::Kind::Count | sheets::Kind::Grade => Kind::Count,
        sheets::Kind::Number => Kind::Number,
        sheets::Kind::Percent => Kind::Percent,
        sheets::Kind::Year | sheets::Kind::AnyYear => Kind::Year,
        sheets::Kind::Date => Kind::Date,
        sheets::Kind::YesNo | sheets::Kind::Choice(_) => {
            Kind::Choice(kind.words().iter().map(|word| (*word).to_owned()).collect())
        }
    }
}

impl Ground<'_> {
    /// The schools that exist in the year, of these groups where any are named.
    fn schools(&self, spec: &BlankSpec) -> Vec<&School> {
        let listed: Option<BTreeSet<&SchoolCode>> = (!spec.groups.is_empty()).then(|| {
            let lists = spec.groups.iter().filter_map(|role| self.groups.list(self.year, *role).ok());
            lists.flat_map(|group| group.schools.keys()).collect()
        });
        let is_asked = |school: &&School| {
            school.exists_at_end_of(self.year)
                && listed.as_ref().map_or(school.is_counted, |listed| listed.contains(&school.code))
        };
        self.data.schools.values().filter(is_asked).collect()
    }

    /// The texts of a column of a register's rows that hold in the year, each once.
    fn of_register(&self, sheet: &str, column: &str) -> BTreeSet<String> {
        let rows = self.data.records.get(sheet).into_iter().flatten();
        let rows = rows.filter(|row| row.from <= self.year && self.year <= row.to);
        rows.filter_map(|row| row.texts.get(column)).map(|text| text.value.clone()).collect()
    }

    /// Everyone who fills the form in, in order.
    pub fn respondents(&self, spec: &BlankSpec) -> Vec<Respondent> {
        let school = |school: &School| Respondent { code: school.code.0.to_string(), name: school.short.value.clone() };
        let numbered = |prefix: &str, names: BTreeSet<String>| {
            let code = |index: usize| format!("{}-{}", self.words.of(prefix), index + 1);
            names.into_iter().enumerate().map(|(index, name)| Respondent { code: code(index), name }).collect()
        };
        match spec.respondent {
            RespondentKind::School => self.schools(spec).into_iter().map(school).collect(),
            RespondentKind::LeaderSchool => {
                let leaders = self.leaders();
                self.data.schools.values().filter(|one| leaders.contains_key(&one.code)).map(school).collect()
            }
            RespondentKind::Service => numbered("code-service", self.of_register("bodies", "title")),
            RespondentKind::Curator => numbered("code-curator", self.of_register("curators", "curator")),
            RespondentKind::Responsible => {
                let known = self.data.activities.iter().filter_map(|activity| activity.responsible.as_ref().ok());
                numbered("code-responsible", known.map(|text| text.value.clone()).collect())
            }
            RespondentKind::Municipality if self.data.records.contains_key("municipalities") => {
                let rows = self.data.records.get("municipalities").into_iter().flatten();
                let text = |row: &Record, key: &str| row.texts.get(key).map(|text| text.value.clone());
                rows.filter_map(|row| Some(Respondent { code: text(row, "code")?, name: text(row, "title")? }))
                    .collect()
            }
            RespondentKind::Municipality => {
                vec![Respondent { code: self.folder.to_owned(), name: self.settings.name.clone() }]
            }
        }
    }

    /// The schools of the federal list that a municipality has, by code.
    pub fn federal_list(&self, municipality: &str) -> BTreeMap<String, String> {
        let rows = self.data.records.get("federal-list").into_iter().flatten();
        let text = |row: &Record, key: &str| row.texts.get(key).map(|text| text.value.clone());
        let own = rows.filter(|row| text(row, "municipality").as_deref() == Some(municipality));
        own.filter_map(|row| Some((text(row, "organization")?, text(row, "title")?))).collect()
    }

    /// Leaders of the partnerships of the year with the schools that they have.
    fn leaders(&self) -> BTreeMap<SchoolCode, BTreeSet<SchoolCode>> {
        let mut leaders: BTreeMap<SchoolCode, BTreeSet<SchoolCode>> = BTreeMap::new();
        for row in self.data.store.of_measure(crate::model::codes::PARTNERSHIP) {
            if let (Subject::School(school), Some(leader)) = (&row.subject, &row.dims.school)
                && row.from <= self.year
                && self.year <= row.to
            {
                leaders.entry(leader.clone()).or_default().insert(school.clone());
            }
        }
        leaders
    }

    /// The period as it is written in ids of files and marks.
    pub fn period(&self, spec: &BlankSpec) -> String {
        match (spec.period, self.quarter) {
            (Period::Quarter, Some(quarter)) => format!("{}-{quarter}", self.year),
            _ => self.year.to_string(),
        }
    }

    /// Makes the blank of a respondent.
    pub fn blank(&self, spec: &BlankSpec, respondent: &Respondent) -> Blank {
        let (year, before) = (self.year.to_string(), (self.year.0 - 1).to_string());
        let period = match (spec.period, self.quarter) {
            (Period::Quarter, Some(quarter)) => {
                fill(self.words.of("quarter"), &[("quarter", &quarter.to_string()), ("year", &year)])
            }
            _ => fill(self.words.of("year"), &[("year", &year)]),
        };
        let order = self.order(spec);
        let values = [
            ("municipality", self.settings.name.as_str()),
            ("year", &year),
            ("previous-year", &before),
            ("period", &period),
            ("respondent", &respondent.name),
            ("filled-by", &spec.filled_by),
            ("term", &spec.term),
            ("order", &order),
        ];
        let filled = |text: &String| fill(text, &values);
        let labelled = |key: &str, value: &str| format!("{}: {value}", self.words.of(key));
        let mut blank = Blank {
            form: spec.id.clone(),
            version: String::new(),
            municipality: self.folder.to_owned(),
            municipality_name: self.settings.name.clone(),
            period: self.period(spec),
            respondent: respondent.clone(),
            title: filled(&spec.title),
            approval: spec.approval.iter().map(filled).collect(),
            lines: vec![
                labelled("respondent", &respondent.name),
                labelled("filled-by", &spec.filled_by),
                labelled("period", &period),
                labelled("term", &filled(&spec.term)),
            ],
            instruction: spec.instruction.iter().map(filled).collect(),
            signatures: spec.signatures.iter().map(filled).collect(),
            contact: self.contact(),
            sample_mark: self.data.is_sample.then(|| (self.text)("sample-mark")),
            tables: spec
                .tables
                .iter()
                .map(|table| {
                    let rows = self.rows(spec, table, respondent);
                    Table {
                        id: table.id.clone(),
                        sheet: table.sheet.clone(),
                        title: filled(&table.title),
                        note: filled(&table.note),
                        columns: self.columns(table),
                        checks: self.checks(table, &rows),
                        is_open: table.rows == Rows::Open,
                        rows,
                        chart: table.chart.clone(),
                        detail: table.detail.clone(),
                    }
                })
                // What there is nothing to ask about is left out.
                .filter(|table| !table.rows.is_empty())
                .collect(),
        };
        blank.version = crate::source::hash(blank.asked().as_bytes()).chars().take(8).collect();
        blank
    }

    /// The date and number of the order by which the form is introduced, or room for them.
    fn order(&self, spec: &BlankSpec) -> String {
        let registered = spec.order.as_ref().and_then(|order| self.data.register.get(&ru::fold(order)));
        match registered {
            Some((Some(date), Some(number))) => {
                let date = ru::Date::parse(&date.value).map_or_else(|| date.value.clone(), ru::Date::short);
                fill(self.words.of("order"), &[("date", &date), ("number", &number.value)])
            }
            _ => self.words.of("order-blank").to_owned(),
        }
    }

    /// Who prepared the form, and the telephone.
    fn contact(&self) -> String {
        let preparer = self.data.officials.iter().find(|one| one.office == Office::Preparer);
        let Some((surname, given, patronymic)) = preparer.and_then(|one| one.name.as_ref().ok()) else {
            return String::new();
        };
        let name = declension::initials(&surname.value, &given.value, &patronymic.value).after;
        let phone = preparer.and_then(|one| one.phone.as_ref());
        let phone = phone.map_or_else(String::new, |phone| format!(", {}", phone.value));
        format!("{}: {name}{phone}", self.words.of("contact"))
    }

    fn columns(&self, table: &TableSpec) -> Vec<Column> {
        let target = target_of(table);
        let column = |spec: &crate::blank::ColumnSpec| {
            let known = target.and_then(|target| target.columns.iter().find(|column| column.key == spec.key));
            let official = known.and_then(|known| known.headers.first().copied()).unwrap_or_default();
            let kind = spec.own_kind().or_else(|| known.map(|known| kind_of(known.kind)));
            let kind = kind.unwrap_or(match spec.from {
                Some(Source::Previous | Source::Current | Source::Target) => Kind::Number,
                _ => Kind::Text,
            });
            Column {
                key: spec.key.clone(),
                heading: if spec.heading.is_empty() { official.to_owned() } else { spec.heading.clone() },
                help: spec.help.clone(),
                kind,
                is_open: spec.from.is_none(),
                is_required: spec.required || known.is_some_and(|known| spec.from.is_none() && !known.may_be_blank),
                has_total: spec.total,
                width: spec.width,
            }
        };
        table.columns.iter().map(column).collect()
    }

    /// The checks of the form, and those that follow from shares: a part is not more than its whole.
    fn checks(&self, table: &TableSpec, rows: &[Row]) -> Vec<Check> {
        let mut checks = table.checks.clone();
        let open = table.columns.iter().filter(|column| column.from.is_none()).map(|column| column.key.as_str());
        let is_measured = matches!(table.rows, Rows::Indicators | Rows::Measures);
        let Some(value) = open.into_iter().find(|key| *key == "value").filter(|_| is_measured) else { return checks };
        let has = |code: &str| rows.iter().any(|row| row.id == code);
        let part = |code: &str| Part { row: Some(code.to_owned()), column: value.to_owned() };
        let mut known = BTreeSet::new();
        for definition in self.catalogue.indicators.iter().filter(|one| one.kind == IndicatorKind::Share) {
            let (Some(one), Some(whole)) = (
                definition.numerator.as_ref().and_then(single_measure),
                definition.denominator.as_ref().and_then(single_measure),
            ) else {
                continue;
            };
            if one == whole || !has(&one) || !has(&whole) || !known.insert((one.clone(), whole.clone())) {
                continue;
            }
            let name = self.data.measures.get(&MeasureCode::from(whole.as_str()));
            let name = name.map_or(whole.as_str(), |name| name.value.as_str());
            let message = fill(self.words.of("more"), &[("row", name)]);
            checks.push(Check::AtMost { part: part(&one), whole: part(&whole), message });
        }
        checks
    }

    fn rows(&self, spec: &BlankSpec, table: &TableSpec, respondent: &Respondent) -> Vec<Row> {
        let kind = spec.respondent;
        let school = self.data.schools.get(&SchoolCode::from(respondent.code.as_str()));
        let mut rows: Vec<Known> = match table.rows {
            Rows::Open => (1..=table.count).map(|number| Known::new(number.to_string(), String::new())).collect(),
            Rows::Items => {
                let item = |item: &crate::blank::Item| Known {
                    unit: item.unit.clone(),
                    band: item.band.clone(),
                    measure: Some(item.id.clone()),
                    ..Known::new(item.id.clone(), item.text.clone())
                };
                table.items.iter().map(item).collect()
            }
            Rows::Indicators => self.asked_measures(spec).iter().map(|code| self.measure(code)).collect(),
            Rows::Measures => self.own_measures(spec).iter().map(|code| self.measure(code)).collect(),
            Rows::Catalogue => self.indicators.iter().map(|result| self.indicator(result)).collect(),
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
                None => Content::Blank,
                Some(source) => row.content(source, number),
            };
            table.columns.iter().map(of).collect()
        };
        rows.iter().enumerate().map(|(index, row)| Row { id: row.id.clone(), cells: cells(index + 1, row) }).collect()
    }

    /// The municipality's shares of plain sums: a summary of forms reckons them from its own sums.
    pub fn shares(&self) -> Vec<Share> {
        let share = |definition: &crate::indicators::Definition| {
            let numerator = plain_sum(definition.numerator.as_ref()?)?;
            let denominator = plain_sum(definition.denominator.as_ref()?)?;
            let mut rounding = self.settings.rounding.of(definition.unit);
            rounding.digits = definition.digits.unwrap_or(rounding.digits);
            Some(Share {
                name: definition.name.clone(),
                unit: definition.unit_name.clone(),
                numerator,
                denominator,
                scale: Measure::parse_decimal(&definition.scale)?,
                rounding,
                columns: (Vec::new(), Vec::new()),
            })
        };
        let shares = self.catalogue.indicators.iter().filter(|one| one.kind == IndicatorKind::Share);
        shares.filter_map(share).collect()
    }

    /// The shares of the catalogue by code: a summary of municipalities reckons them from numerators and denominators.
    pub fn catalogue_shares(&self) -> Vec<Share> {
        let share = |definition: &crate::indicators::Definition| {
            let mut rounding = self.settings.rounding.of(definition.unit);
            rounding.digits = definition.digits.unwrap_or(rounding.digits);
            Some(Share {
                name: definition.name.clone(),
                unit: definition.unit_name.clone(),
                numerator: vec![definition.code.clone()],
                denominator: vec![definition.code.clone()],
                scale: Measure::parse_decimal(&definition.scale)?,
                rounding,
                columns: (Vec::new(), Vec::new()),
            })
        };
        let shares = self.catalogue.indicators.iter().filter(|one| one.kind == IndicatorKind::Share);
        shares.filter_map(share).collect()
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
        Known { unit, measure: Some(code.0.to_string()), ..Known::new(code.0.to_string(), name) }
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

/// Rows of an open table that a printed blank shows: more are added by hand.
const PRINTED: usize = 12;

/// A blank as documents print it: what is asked, without the values of a respondent.
pub fn view(blank: &Blank, sources: &mut Sources) -> View {
    let node = sources.declared(&format!("blanks/{}.toml", blank.form), "title");
    let text = |value: &str| View::Text(Text { value: ru::prose(value), node });
    let texts = |values: &[String]| View::List(values.iter().map(|value| text(value)).collect());
    let table = |table: &Table| {
        let column = |column: &Column| {
            // Words for widths: a printed page has other columns than a screen.
            let width = match column.width {
                0..=8 => "number",
                9..=18 => "short",
                19..=36 => "middle",
                _ => "wide",
            };
            View::map([("heading", text(&column.heading)), ("width", text(width))])
        };
        let row = |row: &Row| {
            let cell = |(column, content): (&Column, &Content)| match content {
                // Numbers but that of the row are a respondent's own.
                Content::Number(_) if column.key != "number" => text(""),
                content => text(&content.text()),
            };
            View::map([("cells", View::List(table.columns.iter().zip(&row.cells).map(cell).collect()))])
        };
        let shown = if table.is_open { PRINTED } else { usize::MAX };
        View::map([
            ("title", text(&table.title)),
            ("has_title", View::Flag(table.title != blank.title)),
            ("note", text(&table.note)),
            ("has_note", View::Flag(!table.note.is_empty())),
            ("columns", View::List(table.columns.iter().map(column).collect())),
            ("rows", View::List(table.rows.iter().take(shown).map(row).collect())),
        ])
    };
    View::map([
        ("title", text(&blank.title)),
        ("lines", texts(blank.lines.get(1..).unwrap_or_default())),
        ("tables", View::List(blank.tables.iter().map(table).collect())),
        ("has_rows", View::Flag(blank.tables.iter().all(|table| !table.rows.is_empty()))),
        ("instruction", texts(&blank.instruction)),
        ("signatures", texts(&blank.signatures)),
        ("contact", text(&blank.contact)),
        ("has_contact", View::Flag(!blank.contact.is_empty())),
    ])
}

impl Ground<'_> {
    /// The blanks as documents print them, in order: «blanks.forms», and that of a school's monitoring by itself.
    pub fn views(&self, specs: &[BlankSpec], sources: &mut Sources) -> View {
        let nobody = Respondent::default();
        let blank = |spec: &BlankSpec| {
            let somebody = self.respondents(spec).into_iter().next();
            let mut blank = self.blank(spec, somebody.as_ref().unwrap_or(&nobody));
            blank.respondent = nobody.clone();
            blank
        };
        let blanks: Vec<Blank> = specs.iter().map(blank).collect();
        let whole = |blank: &&Blank| !blank.tables.is_empty();
        let monitoring = blanks.iter().find(|blank| blank.form == "monitoring").filter(whole);
        let own = monitoring.map(|blank| view(blank, sources));
        let forms: Vec<View> = blanks.iter().filter(whole).map(|blank| view(blank, sources)).collect();
        View::map([
            ("has_monitoring", View::Flag(own.is_some())),
            ("monitoring", own.unwrap_or(View::Flag(false))),
            ("forms", View::List(forms)),
        ])
    }
}

/// The measures that a quantity is the plain sum of.
fn plain_sum(quantity: &Quantity) -> Option<Vec<String>> {
    match quantity {
        Quantity::Sum { measures, weights, exams, disciplines, grades, of_method: false, years: 1 }
            if weights.is_empty() && exams.is_empty() && disciplines.is_empty() && grades.is_empty() =>
        {
            Some(measures.clone())
        }
        _ => None,
    }
}

/// The one measure that a quantity is the plain sum of.
fn single_measure(quantity: &Quantity) -> Option<String> {
    plain_sum(quantity).and_then(|measures| <[String; 1]>::try_from(measures).ok()).map(|[one]| one)
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
