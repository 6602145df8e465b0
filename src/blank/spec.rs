//! The definition of a form: `templates/blanks/*.toml`, closed keys.
//! In: the text of the file. Out: what is asked, of whom, when, and to which sheet each value goes.
//! It must never know the data of a municipality.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Check, Kind, Part};
use crate::diag::Reason;
use crate::model::Role;

/// A form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BlankSpec {
    /// Its id: the name of the file.
    pub id: String,
    /// Its name for lists and messages.
    pub name: String,
    /// Title of the blank.
    pub title: String,
    /// Who fills it in.
    pub respondent: RespondentKind,
    /// Only schools of these groups; absent means every school.
    #[serde(default)]
    pub groups: Vec<Role>,
    /// The post or office of the one who fills it in, printed on the blank.
    pub filled_by: String,
    /// It may be left unanswered: nobody is late.
    #[serde(default)]
    pub voluntary: bool,
    /// For what time it is filled in.
    #[serde(default)]
    pub period: Period,
    /// When it is to come back, in words («до 15 октября»).
    pub term: String,
    /// Lines of the note of approval; with `{order}`, the registered order of that name.
    #[serde(default)]
    pub approval: Vec<String>,
    /// The document by which the form is introduced, as «Регистрация документов» names it.
    #[serde(default)]
    pub order: Option<String>,
    /// The document of a package that prints the form as an appendix of its act; of the forms of a municipality that name
    /// the same, the first is printed.
    #[serde(default)]
    pub printed_as: Option<String>,
    /// The instruction, point by point.
    pub instruction: Vec<String>,
    /// Labels of the signatures.
    pub signatures: Vec<String>,
    /// The tables.
    pub tables: Vec<TableSpec>,
}

/// Who fills a form in. Teachers are not among them: whatever is asked of a school, its office answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RespondentKind {
    /// Schools.
    School,
    /// Methodical services: those who give help by the support log.
    Service,
    /// Curators of schools.
    Curator,
    /// Leaders of partnerships.
    LeaderSchool,
    /// Those responsible for activities of the roadmap.
    Responsible,
    /// The municipality itself.
    Municipality,
}

impl RespondentKind {
    /// Tells whether those who fill it in have no code of their own but a number among their kind.
    pub fn is_numbered(self) -> bool {
        matches!(self, Self::Service | Self::Curator | Self::Responsible)
    }
}

/// For what time a form is filled in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// A year.
    #[default]
    Year,
    /// A quarter of a year.
    Quarter,
}

/// A table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TableSpec {
    /// Its id.
    pub id: String,
    /// Name of the sheet in the workbook.
    pub sheet: String,
    /// Title.
    pub title: String,
    /// What to know before filling in.
    #[serde(default)]
    pub note: String,
    /// What its rows are.
    pub rows: Rows,
    /// How many blank rows an open table has.
    #[serde(default = "thirty")]
    pub count: u16,
    /// The rows, where they are given here.
    #[serde(default)]
    pub items: Vec<Item>,
    /// The sheet of the municipality's data that the rows go to; absent, they stay in the summary.
    #[serde(default)]
    pub target: Option<String>,
    /// What goes into columns of that sheet that the table does not ask for: a text with references.
    #[serde(default)]
    pub fixed: BTreeMap<String, String>,
    /// Each filled open cell becomes a row of its own, `{column}` and `{cell}` tell it.
    #[serde(default)]
    pub by_cell: bool,
    /// The columns.
    pub columns: Vec<ColumnSpec>,
    /// What must hold.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// Two columns to be drawn beside each other: what was, and what is.
    #[serde(default)]
    pub chart: Option<(String, String)>,
    /// The table whose rows add up to the rows of this one.
    #[serde(default)]
    pub detail: Option<Detail>,
    /// It is for the respondent's own use: what stands in it is read by nobody, goes into no data and no summary.
    #[serde(default)]
    pub internal: bool,
    /// The row of another table that its own sums are to equal, for the columns that both have.
    #[serde(default)]
    pub against: Option<Against>,
    /// Its rows are questions, and some columns count the answers: a summary tells their shares.
    #[serde(default)]
    pub answers: Option<Answers>,
}

/// The columns that count answers, and what they are shares of: a column, or a row of another table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The columns.
    pub parts: Vec<String>,
    /// The column of all answers to the question.
    #[serde(default)]
    pub whole: Option<String>,
    /// The row that counts all who took part.
    #[serde(default)]
    pub among: Option<Against>,
}

/// A row of sums of another table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// The table.
    pub table: String,
    /// Its row.
    pub row: String,
}

/// Where the single rows behind a table of sums stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// The table of single rows.
    pub table: String,
    /// Its column that names the row of sums by id.
    pub key: String,
    /// Its column that names the school.
    pub school: String,
    /// Columns that both tables have: those of the one add up to those of the other.
    pub columns: Vec<String>,
}

fn thirty() -> u16 {
    30
}

/// What the rows of a table are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// Blank rows.
    Open,
    /// The items given in the form.
    Items,
    /// The measures of the dictionary that the municipality's indicators are made of; all, where they are made of none.
    Indicators,
    /// Every measure of the dictionary.
    Measures,
    /// The indicators of the municipality.
    Catalogue,
    /// The activities of the roadmap, for those responsible only their own.
    Activities,
    /// The procedures of the year that were held, for grades that the school teaches.
    Procedures,
    /// The schools of the respondent: those a curator or a leader has, or all.
    Schools,
}

/// A row given in the form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Item {
    /// Its id; where the rows go to «Данные школ», the code of a measure.
    pub id: String,
    /// What is asked.
    pub text: String,
    /// The unit.
    #[serde(default)]
    pub unit: String,
    /// The band that it stands under.
    #[serde(default)]
    pub band: String,
    /// The greatest number that may be.
    #[serde(default)]
    pub most: Option<u32>,
}

/// A column.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ColumnSpec {
    /// Its id; that of a column of the target sheet takes its kind from there.
    pub key: String,
    /// Heading; absent, the official one of the target sheet.
    #[serde(default)]
    pub heading: String,
    /// What it holds.
    #[serde(default)]
    pub kind: Option<String>,
    /// The words of a choice.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Where the value comes from; absent, the respondent fills it in.
    #[serde(default)]
    pub from: Option<Source>,
    /// Nobody fills it in: it is the difference of other columns, a live formula.
    #[serde(default)]
    pub difference: Option<Difference>,
    /// A row that says anything must say this.
    #[serde(default)]
    pub required: bool,
    /// The table ends with the sum.
    #[serde(default)]
    pub total: bool,
    /// Width in characters.
    #[serde(default = "sixteen")]
    pub width: u16,
    /// Lines that an answer may take: the row is as high.
    #[serde(default = "one")]
    pub lines: u8,
    /// The greatest count that may be.
    #[serde(default)]
    pub most: Option<u32>,
    /// Its numbers of several respondents or rows do not add up: a price, a value before and after.
    #[serde(default)]
    pub apart: bool,
    /// What is offered to choose from; something else may be written.
    #[serde(default)]
    pub list: Option<List>,
    /// What to write.
    #[serde(default)]
    pub help: String,
}

/// A difference of columns of one row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The columns from which is taken; the first that holds a number counts.
    pub of: Vec<String>,
    /// The column that is taken away.
    pub less: String,
}

/// What the municipality's data offers to choose from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum List {
    /// Codes of schools.
    Schools,
    /// Codes of teachers, of a school only its own.
    Teachers,
    /// Codes of the municipality's indicators.
    Indicators,
}

fn one() -> u8 {
    1
}

fn sixteen() -> u16 {
    16
}

/// What is filled in already.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The number of the row.
    Number,
    /// The code: of the measure, the school, the activity.
    Code,
    /// What is asked: the name of the measure, the text of the item, the activity, the school.
    Text,
    /// The unit.
    Unit,
    /// The band.
    Band,
    /// The value of the year before.
    Previous,
    /// The value of the period, where it is known already.
    Current,
    /// The target of the period.
    Target,
    /// The term of an activity.
    Term,
    /// Who is responsible for it.
    Responsible,
    /// The exam of a procedure.
    Exam,
    /// The grade.
    Grade,
    /// The subject of instruction.
    Discipline,
}

/// Words that all blanks share: `templates/blanks/words.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Words {
    /// Names of the sheets of the instruction, the dictionary and the lists.
    pub sheets: BTreeMap<String, String>,
    /// Headings, labels and results of formulas, by key.
    pub words: BTreeMap<String, String>,
    /// Messages of validation by kind: title, prompt, refusal.
    pub validation: BTreeMap<String, [String; 3]>,
    /// Who is asked for no report: stems of the words of their posts, and the endings that these take.
    pub no_report: NoReport,
    /// What the units of rows say of the numbers that are asked for.
    #[serde(default)]
    pub units: Vec<UnitRule>,
}

/// Posts of which nobody asks a report. A post is one or more stems, each followed by one of the endings.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoReport {
    /// Stems, word by word.
    pub posts: Vec<String>,
    /// Endings.
    pub endings: Vec<String>,
}

impl NoReport {
    /// Finds such a post in a text, as it stands there.
    fn find(&self, text: &str) -> Option<String> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        let is_of = |(word, stem): (&&str, &str)| {
            let word = crate::ru::fold(word);
            word.strip_prefix(stem).is_some_and(|ending| self.endings.iter().any(|known| known == ending))
        };
        let found = |post: &String| {
            let stems: Vec<&str> = post.split_whitespace().collect();
            let mut windows = words.windows(stems.len().max(1));
            windows.find(|window| window.iter().zip(stems.iter().copied()).all(is_of)).map(|window| window.join(" "))
        };
        self.posts.iter().find_map(found)
    }
}

/// What a unit says of numbers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnitRule {
    /// The units; another may stand behind one after a comma («ед., чел.»), the scale after «из» («балл из 5»).
    pub names: Vec<String>,
    /// What the numbers are.
    pub kind: String,
    /// Numbers of several respondents do not add up.
    #[serde(default)]
    pub apart: bool,
    /// How the unit is written on a blank.
    #[serde(default)]
    pub shown: Option<String>,
}

/// Words that the program needs.
const SHEETS: [&str; 8] = ["instruction", "dictionary", "lists", "sources", "shares", "charts", "reasons", "answers"];
const WORDS: &[&str] = &[
    "check",
    "check-sum",
    "check-at-most",
    "check-equal",
    "check-enough",
    "right",
    "missing",
    "until",
    "overdue",
    "came",
    "came-late",
    "true",
    "false",
    "unread",
    "format-percent",
    "format-date",
    "percent-points",
    "row-number",
    "total",
    "respondent",
    "filled-by",
    "period",
    "term",
    "sign",
    "name",
    "date",
    "contact",
    "instruction",
    "dictionary",
    "sheet",
    "column",
    "what",
    "how",
    "required",
    "yes",
    "no",
    "chart",
    "quarter",
    "year",
    "page",
    "version",
    "on-paper",
    "signed",
    "order",
    "order-blank",
    "more",
    "of-scale",
    "say-yes",
    "odd-count",
    "odd-amount",
    "odd-flag",
    "code-service",
    "code-curator",
    "code-responsible",
    "wrong",
    "at-most",
    "source-row",
    "source-file",
    "source-cell",
    "source-hash",
    "source-cell-of",
    "origins",
    "not-by-school",
    "state",
    "share",
    "unit",
    "value",
    "year-before",
    "change",
    "not-listed",
    "not-told",
    "none",
    "summary",
    "partial",
    "whole",
    "code",
    "state-draft",
    "state-sent",
    "state-returned",
    "state-accepted",
    "state-locked",
    "journal",
    "sent-list",
    "summaries",
    "to-correct",
    "filled",
    "correction-term",
    "against",
    "apart-by",
    "appendix-number",
    "appendix-blank",
    "executor",
    "executor-under",
    "numerator",
    "denominator",
    "counted",
    "base-numerator",
    "base-denominator",
    "base-counted",
    "both-counted",
    "changes",
    "percent",
    "points",
    "all-together",
    "reason",
    "notes",
    "note-share",
    "note-change",
    "note-counted",
    "note-none",
    "note-rows",
    "note-stacked",
    "note-total",
    "note-apart",
    "note-single",
    "note-reasons",
    "voluntary",
    "question",
    "answered",
    "counted-forms",
    "note-answers",
    "note-counted-forms",
    "years-apart",
    "form",
    "answer-other",
];
const KINDS: [&str; 9] = ["text", "count", "number", "amount", "flag", "percent", "year", "date", "choice"];
/// Messages of validation: those of kinds, and of texts that the data offers.
const VALIDATIONS: [&str; 10] =
    ["text", "count", "number", "amount", "flag", "percent", "year", "date", "choice", "suggested"];

impl Words {
    /// Reads the words.
    ///
    /// # Errors
    /// Gives the parser's message, or the key that is missing or too many.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let words: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        let same = |found: BTreeSet<&str>, wanted: &[&str]| {
            let wanted: BTreeSet<&str> = wanted.iter().copied().collect();
            found.symmetric_difference(&wanted).next().map(|key| (*key).to_owned())
        };
        let of =
            |map: &BTreeMap<String, String>, wanted: &[&str]| same(map.keys().map(String::as_str).collect(), wanted);
        let odd = of(&words.sheets, &SHEETS)
            .or_else(|| of(&words.words, WORDS))
            .or_else(|| same(words.validation.keys().map(String::as_str).collect(), &VALIDATIONS))
            .or_else(|| words.units.iter().find(|unit| unit.kind().is_none()).map(|unit| unit.kind.clone()));
        odd.map_or(Ok(words), |key| Err(key.into()))
    }

    /// The rule of a unit, and the end of its scale where it names one.
    pub fn unit(&self, unit: &str) -> Option<(&UnitRule, Option<u32>)> {
        let (name, scale) =
            unit.split_once(self.of("of-scale")).map_or((unit, None), |(name, most)| (name, Some(most)));
        let names: Vec<String> = name.split(',').map(crate::ru::fold).collect();
        let is_known = |rule: &UnitRule, name: &String| rule.names.iter().any(|known| crate::ru::fold(known) == *name);
        let rule = self.units.iter().find(|rule| names.iter().all(|name| is_known(rule, name)))?;
        Some((rule, scale.and_then(|most| most.trim().parse().ok())))
    }

    /// A word; every word is there.
    pub fn of(&self, key: &str) -> &str {
        self.words.get(key).map_or("", String::as_str)
    }

    /// The name of a sheet.
    pub fn sheet(&self, key: &str) -> &str {
        self.sheets.get(key).map_or("", String::as_str)
    }
}

/// References that texts of a form may hold.
const REFERENCES: [&str; 10] = [
    "municipality",
    "authority",
    "year",
    "previous-year",
    "period",
    "respondent",
    "filled-by",
    "term",
    "order",
    "appendix",
];
/// Those that `fixed` may hold besides.
const FIXED: [&str; 8] = ["respondent-code", "respondent-name", "year", "period", "quarter", "row", "column", "cell"];

impl BlankSpec {
    /// The key by which the form asks for a report somebody who is asked for none, and the post; a form that may be left
    /// unanswered asks for no report.
    pub fn asks_in_vain(&self, words: &Words) -> Option<(&'static str, String)> {
        if self.voluntary {
            return None;
        }
        let filled = words.no_report.find(&self.filled_by).map(|post| ("filled-by", post));
        let signed = self.signatures.iter().find_map(|label| words.no_report.find(label));
        filled.or_else(|| signed.map(|post| ("signatures", post)))
    }

    /// Reads a form.
    ///
    /// # Errors
    /// Gives the parser's message, or the key that cannot be what it is.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let spec: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        spec.check()?;
        Ok(spec)
    }

    fn check(&self) -> Result<(), Reason> {
        let texts = [&self.title, &self.term, &self.filled_by].into_iter();
        let texts = texts.chain(&self.approval).chain(&self.instruction).chain(&self.signatures);
        for text in texts.chain(self.tables.iter().flat_map(|table| [&table.title, &table.note])) {
            is_known(text, &REFERENCES)?;
        }
        if self.tables.is_empty() || self.tables.len() > 12 {
            return Err("tables".to_owned().into());
        }
        let mut names = BTreeSet::new();
        for table in &self.tables {
            let bad = |key: &str| Err(format!("tables.{}.{key}", table.id).into());
            let is_name = !table.sheet.trim().is_empty()
                && table.sheet.encode_utf16().count() <= 31
                && !table.sheet.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']);
            if !is_name || !names.insert(table.sheet.to_lowercase()) || !names.insert(format!("id {}", table.id)) {
                return bad("sheet");
            }
            let mut keys = BTreeSet::new();
            if table.columns.is_empty() || !table.columns.iter().all(|column| keys.insert(&column.key)) {
                return bad("columns");
            }
            let mut ids = BTreeSet::new();
            if !table.items.iter().all(|item| ids.insert(&item.id))
                || (table.rows == Rows::Items) == table.items.is_empty()
            {
                return bad("items");
            }
            for text in table.fixed.values() {
                is_known(text, &FIXED)?;
            }
            // A part of another table names one of the rows that stand in the form.
            let is_there = |part: &&Part| match &part.table {
                None => keys.contains(&part.column),
                Some(id) => self.tables.iter().filter(|other| other.id == *id && other.id != table.id).any(|other| {
                    other.columns.iter().any(|column| column.key == part.column)
                        && part.row.as_ref().is_some_and(|row| other.items.iter().any(|item| item.id == *row))
                }),
            };
            for check in &table.checks {
                let (place, _, parts) = check.place();
                if place.table.is_some() || !parts.iter().all(is_there) {
                    return bad("checks");
                }
            }
            if let Some((one, two)) = &table.chart
                && !(keys.contains(one) && keys.contains(two))
            {
                return bad("chart");
            }
            if let Some(detail) = &table.detail {
                let other = self.tables.iter().find(|other| other.id == detail.table && other.id != table.id);
                let has =
                    |key: &String| other.is_some_and(|other| other.columns.iter().any(|column| column.key == *key));
                let is_whole = has(&detail.key) && has(&detail.school);
                if !is_whole || !detail.columns.iter().all(|key| has(key) && keys.contains(key)) {
                    return bad("detail");
                }
            }
            if table.internal && (table.target.is_some() || table.detail.is_some()) {
                return bad("internal");
            }
            if let Some(against) = &table.against {
                let other = self.tables.iter().find(|other| other.id == against.table && other.id != table.id);
                if other.is_none_or(|other| !other.items.iter().any(|item| item.id == against.row)) {
                    return bad("against");
                }
            }
            if let Some(answers) = &table.answers {
                let has_row = |among: &Against| {
                    let other = self.tables.iter().find(|other| other.id == among.table && other.id != table.id);
                    other.is_some_and(|other| other.items.iter().any(|item| item.id == among.row))
                };
                let is_one = answers.whole.is_some() != answers.among.is_some();
                let is_there = answers.parts.iter().chain(&answers.whole).all(|key| keys.contains(key));
                if !is_one || !is_there || answers.parts.is_empty() || !answers.among.iter().all(has_row) {
                    return bad("answers");
                }
            }
            for column in &table.columns {
                if let Some(difference) = &column.difference {
                    let has = |key: &String| *key != column.key && keys.contains(key);
                    let is_own = column.from.is_none() && column.kind.is_none() && !column.required;
                    if !is_own || difference.of.is_empty() || !difference.of.iter().all(has) || !has(&difference.less) {
                        return bad(&format!("columns.{}.difference", column.key));
                    }
                }
                let is_choice = column.kind.as_deref() == Some("choice");
                let is_kind = column.kind.as_deref().is_none_or(|kind| KINDS.contains(&kind));
                let is_measured = (1..=12).contains(&column.lines) && (3..=120).contains(&column.width);
                if !is_kind || is_choice == column.choices.is_empty() || !is_measured {
                    return bad(&format!("columns.{}", column.key));
                }
            }
        }
        Ok(())
    }
}

impl UnitRule {
    /// What the numbers are; `None` when the rule names nothing that a number can be.
    pub fn kind(&self) -> Option<Kind> {
        Some(match self.kind.as_str() {
            "count" => Kind::Count,
            "number" => Kind::Number,
            "amount" => Kind::Amount,
            "flag" => Kind::Flag,
            _ => return None,
        })
    }
}

impl ColumnSpec {
    /// The respondent fills it in.
    pub fn is_open(&self) -> bool {
        self.from.is_none() && self.difference.is_none()
    }

    /// What it holds by its own words; `None` when the target sheet tells.
    pub fn own_kind(&self) -> Option<Kind> {
        Some(match self.kind.as_deref()? {
            "count" => Kind::Count,
            "number" => Kind::Number,
            "amount" => Kind::Amount,
            "flag" => Kind::Flag,
            "percent" => Kind::Percent,
            "year" => Kind::Year,
            "date" => Kind::Date,
            "choice" => Kind::Choice(self.choices.clone()),
            _ => Kind::Text,
        })
    }
}

/// Refuses references that are not known, and control characters.
fn is_known(text: &str, known: &[&str]) -> Result<(), Reason> {
    if text.chars().any(char::is_control) {
        return Err(format!("{text:?}").into());
    }
    for piece in text.split('{').skip(1) {
        match piece.split_once('}') {
            Some((name, _)) if known.contains(&name) => {}
            _ => return Err(format!("{{{piece}").into()),
        }
    }
    Ok(())
}

/// Fills the references of a text; what a value holds is not read again.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut pieces = text.split('{');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let Some((name, rest)) = piece.split_once('}') else {
            out.push_str(piece);
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&format!("{{{name}}}")),
        }
        out.push_str(rest);
    }
    out
}
