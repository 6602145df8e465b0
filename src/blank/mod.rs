//! Blanks: monitoring forms that go out to schools and others to be filled in and come back.
//! In: a definition (`templates/blanks`) and what is known of a respondent. Out: the blank as content: tables, columns with
//! ids, rows with ids, what is filled in already and what is asked. It must never know workbooks or files.
//!
//! A blank has an identity that survives whatever a person or an office program does to the workbook: each table carries
//! its [`Mark`] (form, version, respondent, period, table), each column and each row its id.

mod check;
mod spec;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::measure::Measure;
pub use check::{Check, Failed, Part};
pub use spec::{
    Against, Answers, BlankSpec, ColumnSpec, Detail, Difference, Item, List, Period, RespondentKind, Rows, Source,
    TableSpec, UnitRule, Words, fill,
};

/// A blank for one respondent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blank {
    /// The form: name of its file in `templates/blanks`.
    pub form: String,
    /// Hash of what is asked: another set of columns or rows is another version.
    pub version: String,
    /// Folder of the municipality.
    pub municipality: String,
    /// The municipality as it is called.
    pub municipality_name: String,
    /// The period: «2022», «2022-2» for its second quarter.
    pub period: String,
    /// Who fills it in.
    pub respondent: Respondent,
    /// Title.
    pub title: String,
    /// Lines of the note of approval, at the top on the right.
    pub approval: Vec<String>,
    /// Lines under the title.
    pub lines: Vec<String>,
    /// The instruction.
    pub instruction: Vec<String>,
    /// Labels of the lines at the end, each with room for a signature.
    pub signatures: Vec<String>,
    /// Who prepared it and how to reach them.
    pub contact: String,
    /// The mark of a sample.
    pub sample_mark: Option<String>,
    /// The day by which it is to come back, where one was named: «15.10.2022».
    #[serde(default)]
    pub due: Option<String>,
    /// The tables.
    pub tables: Vec<Table>,
}

/// Who fills a blank in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Respondent {
    /// Its code: of the school, or a number among its kind («С-1»).
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A table of a blank: one sheet of the workbook.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its id.
    pub id: String,
    /// Name of the sheet.
    pub sheet: String,
    /// Title above the table.
    pub title: String,
    /// What to know before filling in; may be empty.
    pub note: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The rows are blank ones to be filled in as many as are needed; else each row asks for something of its own.
    pub is_open: bool,
    /// What must hold within each row.
    pub checks: Vec<Check>,
    /// The values of the open column are drawn beside the table, against this column of what was before.
    pub chart: Option<(String, String)>,
    /// The table whose rows add up to those of this one.
    #[serde(default)]
    pub detail: Option<Detail>,
    /// It is for the respondent's own use: nobody reads it.
    #[serde(default)]
    pub is_internal: bool,
    /// The row of another table that its sums are to equal.
    #[serde(default)]
    pub against: Option<Against>,
}

/// A column.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its id: key of the column of the sheet that the value goes to, or a name of the form's own.
    pub key: String,
    /// Heading.
    pub heading: String,
    /// What to write, for the dictionary and the prompt.
    pub help: String,
    /// What it holds.
    pub kind: Kind,
    /// The respondent fills it in.
    pub is_open: bool,
    /// A row that says anything must say this.
    pub is_required: bool,
    /// The table ends with the sum.
    pub has_total: bool,
    /// Width, in characters.
    pub width: u16,
    /// Lines that an answer may take.
    #[serde(default = "one")]
    pub lines: u8,
    /// The greatest count that may be.
    #[serde(default)]
    pub most: Option<u32>,
    /// Its numbers of several respondents or rows do not add up.
    #[serde(default)]
    pub is_apart: bool,
    /// Codes that are known: offered, but others may be written.
    #[serde(default)]
    pub suggested: Vec<String>,
    /// Nobody fills it in: it is the difference of others of its row.
    #[serde(default)]
    pub difference: Option<Difference>,
    /// It says what the row is about.
    #[serde(default)]
    pub is_name: bool,
}

fn one() -> u8 {
    1
}

impl Column {
    /// What is said of a value that cannot be.
    pub fn refusal(&self, words: &Words) -> String {
        match self.most {
            Some(most) => {
                format!("{}.", crate::ru::upper_first(&fill(words.of("at-most"), &[("most", &most.to_string())])))
            }
            None => words.validation.get(self.kind.key()).map_or("", |[_, _, refusal]| refusal).to_owned(),
        }
    }

    /// The column as one of its rows has it: where it asks for any number, the unit of the row says for which.
    pub fn of(&self, row: Option<&Row>) -> Cow<'_, Self> {
        if row.is_some_and(|row| row.without.contains(&self.key)) {
            return Cow::Owned(Self { kind: Kind::Text, is_open: false, is_required: false, ..self.clone() });
        }
        match row.and_then(|row| row.bound.as_ref()) {
            Some(bound) if self.is_open && self.kind == Kind::Number => {
                Cow::Owned(Self { kind: bound.kind.clone(), most: bound.most.or(self.most), ..self.clone() })
            }
            _ => Cow::Borrowed(self),
        }
    }

    /// What stands under it in a summary; of one row, where each row has columns of its own.
    pub fn total(&self, row: Option<&Row>) -> Total {
        let is_apart = self.is_apart || (self.kind == Kind::Number && row.is_some_and(|row| row.is_apart));
        match (&self.of(row).kind, is_apart) {
            (Kind::Percent, _) | (Kind::Count | Kind::Number | Kind::Amount, true) => Total::Apart,
            (Kind::Count | Kind::Number | Kind::Amount, false) => Total::Sum,
            (Kind::Flag, _) => Total::Flags,
            (Kind::Text | Kind::Year | Kind::Date | Kind::Choice(_), _) => Total::None,
        }
    }
}

/// What a column holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number, zero or more.
    Count,
    /// Any number.
    Number,
    /// A number, zero or more.
    Amount,
    /// 1 or 0: yes or no.
    Flag,
    /// 0 to 100.
    Percent,
    /// A calendar year.
    Year,
    /// A day.
    Date,
    /// One of these.
    Choice(Vec<String>),
}

impl Kind {
    /// The key of its words.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "count",
            Self::Number => "number",
            Self::Amount => "amount",
            Self::Flag => "flag",
            Self::Percent => "percent",
            Self::Year => "year",
            Self::Date => "date",
            Self::Choice(_) => "choice",
        }
    }
}

/// What stands under a column of a summary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Total {
    /// Nothing: these are no numbers.
    None,
    /// A dash: numbers that do not add up.
    Apart,
    /// The sum.
    Sum,
    /// How many say yes.
    Flags,
}

impl Total {
    /// Tells whether a number stands there.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Sum | Self::Flags)
    }
}

/// A row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id: of the measure, the question, the activity; a number where rows are open.
    pub id: String,
    /// What is known already, in the order of columns.
    pub cells: Vec<Content>,
    /// What its numbers may be.
    #[serde(default)]
    pub bound: Option<Bound>,
    /// Its numbers of several respondents do not add up.
    #[serde(default)]
    pub is_apart: bool,
    /// Columns that are nothing to it: nobody is asked there.
    #[serde(default)]
    pub without: Vec<String>,
}

/// What the unit of a row says of its numbers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// What they are.
    pub kind: Kind,
    /// The greatest that may be.
    pub most: Option<u32>,
}

/// What stands in a cell that goes out.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Nothing.
    #[default]
    Blank,
    /// A text.
    Text(String),
    /// A number.
    Number(Measure),
    /// A date: year, month, day.
    Date(u16, u8, u8),
}

impl Content {
    /// As a person reads it.
    pub fn text(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => crate::ru::typed(number),
            Self::Date(year, month, day) => format!("{day:02}.{month:02}.{year}"),
        }
    }
}

/// What marks a sheet as a table of a blank.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// The form.
    pub form: String,
    /// Its version.
    pub version: String,
    /// The municipality's folder.
    pub municipality: String,
    /// The period.
    pub period: String,
    /// Code of the respondent.
    pub respondent: String,
    /// The table.
    pub table: String,
}

/// The column by which a respondent says why a value is missing.
pub const REASON: &str = "note";
/// What every mark begins with.
pub const MARK: &str = "svod-blank";
/// What stands in the column of ids behind the last row.
pub const END: &str = "svod-end";
/// What parts a mark: no code, id or folder has it.
const PARTS: char = '|';

impl Mark {
    /// Writes the mark into one cell.
    pub fn to_text(&self) -> String {
        let Self { form, version, municipality, period, respondent, table } = self;
        [MARK, form, version, municipality, period, respondent, table]
            .map(|part| part.replace(PARTS, "/"))
            .join(&PARTS.to_string())
    }

    /// Reads a mark; `None` when the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(PARTS).map(str::to_owned);
        if parts.next()? != MARK {
            return None;
        }
        let mut next = || parts.next();
        let mark = Self {
            form: next()?,
            version: next()?,
            municipality: next()?,
            period: next()?,
            respondent: next()?,
            table: next()?,
        };
        next().is_none().then_some(mark)
    }
}

impl Blank {
    /// The mark of one of its tables.
    pub fn mark(&self, table: &Table) -> Mark {
        Mark {
            form: self.form.clone(),
            version: self.version.clone(),
            municipality: self.municipality.clone(),
            period: self.period.clone(),
            respondent: self.respondent.code.clone(),
            table: table.id.clone(),
        }
    }

    /// The text of which the version is the hash: everything that is asked, and nothing that is filled in.
    pub fn asked(&self) -> String {
        let mut lines = vec![self.form.clone()];
        for table in &self.tables {
            lines.push(format!("{} {}", table.id, table.is_open));
            lines.extend(
                table.columns.iter().map(|column| format!("{} {:?} {}", column.key, column.kind, column.is_open)),
            );
            // Blank rows are room, no questions.
            let bound = |row: &Row| row.bound.as_ref().map_or_else(String::new, |bound| format!(" {bound:?}"));
            let row = |row: &Row| format!("{}{}{}", row.id, bound(row), row.without.concat());
            lines.extend(table.rows.iter().filter(|_| !table.is_open).map(row));
        }
        lines.join("\n")
    }

    /// Finds a table.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }
}

/// The column of a row's number.
pub const NUMBER: &str = "number";

impl Table {
    /// Finds a column.
    pub fn column(&self, key: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.key == key)
    }

    /// What the difference of some columns is in a row; `None` where one of them is no number.
    pub fn difference(&self, row: &Row, difference: &Difference) -> Option<Measure> {
        let number = |key: &String| match row.cells.get(self.columns.iter().position(|column| column.key == *key)?) {
            Some(Content::Number(number)) => Some(number.clone()),
            _ => None,
        };
        Some(&difference.of.iter().find_map(number)? - &number(&difference.less)?)
    }

    /// Finds a row.
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// What a row is called: what its columns of names say, «ВПР, 5, математика», or its longest text; where others are
    /// called so too, all that tells it from them.
    pub fn label(&self, row: &Row) -> String {
        let told = |row: &Row| {
            let names = row.cells.iter().zip(&self.columns).filter(|(_, column)| column.is_name && !column.is_open);
            let names: Vec<String> = names.map(|(cell, _)| cell.text()).filter(|text| !text.is_empty()).collect();
            if !names.is_empty() {
                return names.join(", ");
            }
            let texts = row.cells.iter().zip(&self.columns).filter(|(_, column)| !column.is_open);
            let texts = texts.filter(|(_, column)| column.kind == Kind::Text).map(|(cell, _)| cell.text());
            texts.max_by_key(|text| text.chars().count()).unwrap_or_default()
        };
        let own = told(row);
        let is_alone = !own.is_empty() && self.rows.iter().filter(|other| told(other) == own).count() < 2;
        if is_alone {
            return own;
        }
        let closed = row.cells.iter().zip(&self.columns).filter(|(_, column)| !column.is_open && column.key != NUMBER);
        let texts: Vec<String> = closed.map(|(cell, _)| cell.text()).filter(|text| !text.is_empty()).collect();
        if texts.is_empty() { row.id.clone() } else { texts.join(", ") }
    }

    /// What stands in a cell.
    pub fn content(&self, row: &str, key: &str) -> Option<&Content> {
        let column = self.columns.iter().position(|column| column.key == key)?;
        self.row(row)?.cells.get(column)
    }
}

/// The sheet that measures go to.
const MEASURED: &str = "school-data";

/// The measures that a form brings with it: code, name, unit of each, as it goes to the data of schools.
pub fn measures_of(spec: &BlankSpec, period: &str) -> Vec<(String, String, String)> {
    let mut found: Vec<(String, String, String)> = Vec::new();
    for table in spec.tables.iter().filter(|table| table.target.as_deref() == Some(MEASURED)) {
        let pattern = table.fixed.get("measure").map_or("{row}", String::as_str);
        for item in &table.items {
            let open = table.columns.iter().filter(|column| column.is_open() && column.key != REASON);
            for column in open {
                let values = [
                    ("row", item.id.as_str()),
                    ("column", &column.key),
                    ("period", period),
                    ("quarter", quarter(period)),
                ];
                let name = match table.by_cell {
                    true => format!("{}: {}", item.text, column.heading),
                    false => item.text.clone(),
                };
                let code = fill(pattern, &values);
                if !found.iter().any(|(known, ..)| *known == code) {
                    found.push((code, name, item.unit.clone()));
                }
            }
        }
    }
    found
}

/// The quarter of a period; empty for a year.
pub fn quarter(period: &str) -> &str {
    period.split_once('-').map_or("", |(_, quarter)| quarter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_called_alike_are_told_apart() {
        let column = |key: &str, kind: Kind| Column {
            key: key.to_owned(),
            heading: key.to_owned(),
            help: String::new(),
            kind,
            is_open: false,
            is_required: false,
            has_total: false,
            width: 10,
            most: None,
            lines: 1,
            is_apart: false,
            suggested: Vec::new(),
            difference: None,
            is_name: false,
        };
        let row = |number: i64, exam: &str, grade: i64, discipline: &str| Row {
            id: format!("{exam}-{grade}-{discipline}"),
            cells: vec![
                Content::Number(Measure::from(number)),
                Content::Text(exam.to_owned()),
                Content::Number(Measure::from(grade)),
                Content::Text(discipline.to_owned()),
            ],
            bound: None,
            is_apart: false,
            without: Vec::new(),
        };
        let table = Table {
            id: "results".to_owned(),
            sheet: "Результаты".to_owned(),
            title: String::new(),
            note: String::new(),
            columns: vec![
                column(NUMBER, Kind::Count),
                column("exam", Kind::Text),
                column("grade", Kind::Count),
                column("discipline", Kind::Text),
            ],
            rows: vec![row(1, "ВПР", 5, "математика"), row(2, "ВПР", 6, "математика"), row(3, "ВПР", 5, "история")],
            is_open: false,
            checks: Vec::new(),
            chart: None,
            detail: None,
            is_internal: false,
            against: None,
        };
        let labels = |table: &Table| table.rows.iter().map(|row| table.label(row)).collect::<Vec<String>>();
        assert_eq!(labels(&table), ["ВПР, 5, математика", "ВПР, 6, математика", "история"]);
        // Where the form says which column names a row, no longer text beside it does.
        let mut named = table;
        named.columns.iter_mut().filter(|column| column.key == "exam").for_each(|column| column.is_name = true);
        named.rows.truncate(1);
        assert_eq!(labels(&named), ["ВПР"]);
        named.columns.iter_mut().filter(|column| column.key == "grade").for_each(|column| column.is_name = true);
        assert_eq!(labels(&named), ["ВПР, 5"]);
    }

    #[test]
    fn a_mark_comes_back_as_it_was() {
        let mark = Mark {
            form: "monitoring".to_owned(),
            version: "0a1b2c3d".to_owned(),
            municipality: "mariinsk".to_owned(),
            period: "2022".to_owned(),
            respondent: "ОО-01".to_owned(),
            table: "values".to_owned(),
        };
        assert_eq!(Mark::parse(&format!(" {} ", mark.to_text())), Some(mark.clone()));
        assert_eq!(Mark::parse("svod-blank|a|b"), None);
        assert_eq!(Mark::parse(&format!("{}|more", mark.to_text())), None);
        assert_eq!(Mark::parse("Школа"), None);
    }
}
