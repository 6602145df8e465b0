//! What a return says, held against the blank that went out.
//! In: returned tables and the blank. Out: values by row and column, and a finding at every cell that cannot be used.
//! It must never repair a value: only spelling that leaves no doubt is read.

mod detail;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use super::{Outside, Returned, ReturnedRow};
use crate::blank::{Blank, Check, Column, Content, Kind, NUMBER, Part, REASON, Row, Table, Words, fill};
use crate::diag::{Diagnostic, Place, Severity};
use crate::exports;
use crate::figure::{Rounding, RoundingMode};
use crate::measure::Measure;
use crate::ru;
use crate::workbook::CellValue;
pub use detail::Difference;
pub use value::quoted;
use value::{Asked, Refusal, read, shown};

/// A value of a return.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A text, or a word of a choice.
    Text(String),
    /// A number.
    Number(Measure),
    /// A date: year, month, day.
    Date(u16, u8, u8),
}

/// A value and its cell: zero-based row and column.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// What was written.
    pub value: Value,
    /// Where.
    pub cell: (u32, u16),
}

/// A row that says something.
#[derive(Clone, PartialEq, Debug)]
pub struct JudgedRow {
    /// Its id; `None` for one that the respondent added to an open table.
    pub id: Option<String>,
    /// What findings call it: its id, or in an open table, where every row is one of its own, its place on the sheet.
    pub at: String,
    /// Zero-based row of the sheet.
    pub row: u32,
    /// Open columns that are filled in.
    pub answers: BTreeMap<String, Answer>,
}

/// A finding, and the cell of the blank at which it is to be shown to the respondent.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// The finding, at its cell of the file.
    pub diagnostic: Diagnostic,
    /// Table, row ([`JudgedRow::at`]) and column of the blank; a row or a column that is empty is none in particular.
    pub at: Option<(String, String, String)>,
}

/// A return, judged.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// Code of the respondent.
    pub respondent: String,
    /// Name of the respondent.
    pub name: String,
    /// The file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// The version of the blank that was filled in.
    pub version: String,
    /// Rows by table.
    pub tables: BTreeMap<String, (String, Vec<JudgedRow>)>,
    /// Findings in order of sheet and cell.
    pub findings: Vec<Finding>,
    /// Cells that were filled in.
    pub filled: usize,
}

/// What a return is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Its values count.
    Accepted,
    /// It goes back to the respondent.
    Wrong,
    /// Nothing was filled in.
    Empty,
}

impl Judged {
    /// Tells whether its values count.
    pub fn verdict(&self) -> Verdict {
        if self.findings.iter().any(|finding| finding.diagnostic.severity == Severity::Error) {
            Verdict::Wrong
        } else if self.filled == 0 {
            Verdict::Empty
        } else {
            Verdict::Accepted
        }
    }
}

/// Judges the tables of one respondent in one file.
pub fn judge(file: &str, hash: &str, returned: &[&Returned], blank: &Blank, words: &Words) -> Judged {
    let mut judged = Judged {
        respondent: blank.respondent.code.clone(),
        name: blank.respondent.name.clone(),
        file: file.to_owned(),
        hash: hash.to_owned(),
        version: returned.first().map_or(&blank.version, |one| &one.mark.version).clone(),
        tables: BTreeMap::new(),
        findings: Vec::new(),
        filled: 0,
    };
    let mut seen = BTreeSet::new();
    for returned in returned {
        let place = Place::Sheet { file: file.to_owned(), sheet: returned.sheet.clone() };
        let Some(table) = blank.table(&returned.mark.table) else {
            judged.say(Diagnostic::warning("blank-old-table", place), None);
            continue;
        };
        if !seen.insert(table.id.clone()) {
            let at = (table.id.clone(), String::new(), String::new());
            judged.say(Diagnostic::error("blank-table-twice", place), Some(at));
            continue;
        }
        if table.is_internal {
            let open = |key: &String| table.column(key).is_some_and(|column| column.is_open);
            if returned.rows.iter().any(|row| row.cells.keys().any(open)) {
                judged.say(Diagnostic::warning("blank-internal-returned", place), None);
            }
            continue;
        }
        if returned.mark.version != blank.version {
            judged.say(Diagnostic::warning("blank-outdated", place), None);
        }
        Judging { file, returned, blank, table, words, judged: &mut judged }.table();
    }
    // What is held against another sheet waits until all of them are read: somebody may have moved them.
    for table in blank.tables.iter().filter(|table| table.checks.iter().any(Check::is_across)) {
        if let Some(returned) = returned.iter().find(|one| one.mark.table == table.id) {
            Judging { file, returned, blank, table, words, judged: &mut judged }.check(true);
        }
    }
    for table in blank.tables.iter().filter(|table| table.detail.is_some()) {
        detail::hold(blank, table, &mut judged);
    }
    for table in blank.tables.iter().filter(|table| !table.is_internal && !seen.contains(&table.id)) {
        let place = Place::File { file: file.to_owned() };
        let at = (table.id.clone(), String::new(), String::new());
        judged.say(Diagnostic::error("blank-table-lost", place).with("sheet", &table.sheet), Some(at));
    }
    fold_explained(&mut judged);
    if judged.filled == 0 {
        // One thing is to be said of an empty form.
        judged.findings.retain(|finding| finding.diagnostic.id != "blank-value-missing");
        // Where a column or a sheet is gone, what was written there went with it.
        if judged.verdict() == Verdict::Empty {
            judged.say(Diagnostic::warning("blank-empty", Place::File { file: file.to_owned() }), None);
        }
    }
    judged
}

/// Values that are missing with a reason, up to which each is told by itself.
const TOLD_APART: usize = 3;

/// Says once how many values are missing with a reason, where they are many: the rest is not to be buried under them.
fn fold_explained(judged: &mut Judged) {
    let is_it = |finding: &Finding| finding.diagnostic.id == "blank-value-explained";
    let count = judged.findings.iter().filter(|finding| is_it(finding)).count();
    let Some(first) = judged.findings.iter().position(is_it).filter(|_| count > TOLD_APART) else { return };
    let mut seen = 0;
    judged.findings.retain(|finding| {
        seen += usize::from(is_it(finding));
        !is_it(finding) || seen == 1
    });
    if let Some(finding) = judged.findings.get_mut(first) {
        let row = finding.diagnostic.args.get("row").cloned().unwrap_or_default();
        let folded = Diagnostic::note("blank-values-explained", finding.diagnostic.place.clone());
        finding.diagnostic = folded.with("who", "").with("row", row).with("count", count.to_string());
    }
}

/// The number that a row says in a column.
fn number(row: &JudgedRow, key: &str) -> Option<Measure> {
    match row.answers.get(key).map(|answer| &answer.value) {
        Some(Value::Number(number)) => Some(number.clone()),
        _ => None,
    }
}

impl Judged {
    /// Holds the name that stands on the sheets against that of the mark: a form that another filled in is not taken for
    /// that of this one. `others` are all who are asked.
    pub fn hold_name(&mut self, returned: &[&Returned], others: &[&str], words: &Words) {
        for returned in returned {
            let Some(found) = signed(&returned.lines, words) else { continue };
            let is = |name: &str| exports::folded(name) == exports::folded(found);
            if !is(&self.name) && others.iter().any(|name| is(name)) {
                let place = Place::Sheet { file: self.file.clone(), sheet: returned.sheet.clone() };
                let at = (returned.mark.table.clone(), String::new(), String::new());
                self.say(Diagnostic::error("blank-of-another", place).with("name", found), Some(at));
            }
        }
    }

    /// What is said to the respondent: whose form it is goes without saying.
    fn say(&mut self, diagnostic: Diagnostic, at: Option<(String, String, String)>) {
        self.findings.push(Finding { diagnostic: diagnostic.with("who", ""), at });
    }

    /// A finding as those hear it who have many forms before them.
    pub fn told(&self, finding: Diagnostic) -> Diagnostic {
        finding.with("who", format!("{}: ", self.name))
    }
}

/// Who fills a form in, as a line of the sheet says it.
pub fn signed<'l>(lines: &'l [String], words: &Words) -> Option<&'l str> {
    let label = words.of("respondent");
    lines.iter().find_map(|line| line.strip_prefix(label)?.strip_prefix(':')).map(str::trim)
}

/// A whole number with its thousands apart.
fn grouped(number: i64) -> String {
    ru::number(&Measure::from(number), Rounding { mode: RoundingMode::default(), digits: 0 }, true)
}

/// The column of a row's unit.
const UNIT: &str = "unit";

struct Judging<'a> {
    file: &'a str,
    returned: &'a Returned,
    blank: &'a Blank,
    table: &'a Table,
    words: &'a Words,
    judged: &'a mut Judged,
}

impl Judging<'_> {
    fn place(&self, row: u32, column: u16) -> Place {
        Place::Cell { file: self.file.to_owned(), sheet: self.returned.sheet.clone(), row, column }
    }

    fn say(&mut self, diagnostic: Diagnostic, row: &str, column: &str) {
        let at = (self.table.id.clone(), row.to_owned(), column.to_owned());
        self.judged.say(diagnostic, Some(at));
    }

    fn table(&mut self) {
        let (returned, table) = (self.returned, self.table);
        for key in returned.columns.keys().filter(|key| table.column(key).is_none()) {
            // What an older version asked and this one does not is named, so that nothing vanishes unsaid.
            let column = returned.columns.get(key).copied().unwrap_or_default();
            if returned.rows.iter().any(|row| row.cells.contains_key(key)) {
                let row = returned.rows.first().map_or(0, |row| row.row);
                let finding = Diagnostic::warning("blank-old-column", self.place(row, column)).with("column", key);
                self.say(finding, "", key);
            }
        }
        for column in
            table.columns.iter().filter(|column| column.is_open && !returned.columns.contains_key(&column.key))
        {
            let place = Place::Sheet { file: self.file.to_owned(), sheet: returned.sheet.clone() };
            self.say(Diagnostic::error("blank-column-lost", place).with("column", &column.heading), "", &column.key);
        }
        let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
        for row in &returned.rows {
            let is_first = row.id.as_ref().is_none_or(|id| seen.insert(id.clone()));
            // A row of an open table that was copied with its id is a row like any other.
            if let Some(id) = row.id.as_ref().filter(|_| !is_first && !table.is_open) {
                let finding = Diagnostic::error("blank-row-twice", self.place(row.row, self.first_column()));
                self.say(finding.with("row", self.name_of(id)), id, "");
                continue;
            }
            rows.extend(self.row(row));
        }
        if !table.is_open {
            for row in table.rows.iter().filter(|row| !seen.contains(&row.id)) {
                let place = Place::Sheet { file: self.file.to_owned(), sheet: returned.sheet.clone() };
                let text = self.name_of(&row.id);
                self.say(Diagnostic::error("blank-row-lost", place).with("row", text), &row.id, "");
            }
        }
        self.outside();
        let answers = rows.iter().flat_map(|row| row.answers.keys()).filter(|key| key.as_str() != REASON);
        self.judged.filled += answers.count();
        self.judged.tables.insert(table.id.clone(), (returned.sheet.clone(), rows));
        self.check(false);
    }

    fn first_column(&self) -> u16 {
        self.returned.columns.values().min().copied().unwrap_or_default()
    }

    /// What a row asks, for a message.
    fn name_of(&self, id: &str) -> String {
        self.table.row(id).map_or_else(|| id.to_owned(), |row| self.table.label(row))
    }

    /// What a row that came back is called in a message: by what it asks, or by its place in an open table.
    fn called(&self, row: &ReturnedRow) -> String {
        match &row.id {
            Some(id) if !self.table.is_open => self.name_of(id),
            _ => {
                let before = self.returned.rows.iter().take_while(|other| other.row < row.row).count();
                fill(self.words.of("row-number"), &[("row", &(before + 1).to_string())])
            }
        }
    }

    /// Everything that a row says, from left to right.
    fn told(&self, row: &ReturnedRow) -> String {
        let mut cells: Vec<(u16, &CellValue)> =
            row.cells.iter().filter_map(|(key, value)| Some((*self.returned.columns.get(key)?, value))).collect();
        cells.sort_unstable_by_key(|(column, _)| *column);
        cells.into_iter().map(|(_, value)| quoted(value, self.words)).collect::<Vec<_>>().join("; ")
    }

    /// An older version of the form was filled in.
    fn is_outdated(&self) -> bool {
        self.returned.mark.version != self.blank.version
    }

    fn row(&mut self, row: &ReturnedRow) -> Option<JudgedRow> {
        let (table, id) = (self.table, row.id.as_deref());
        let own = id.and_then(|id| table.row(id)).filter(|_| !table.is_open);
        let at = match own {
            Some(own) => own.id.clone(),
            None if table.is_open => format!("+{}", row.row),
            None => String::new(),
        };
        let is_mistaken = own.is_some_and(|own| self.mistaken(row, own));
        let mut answers = BTreeMap::new();
        for column in &table.columns {
            let Some(value) = row.cells.get(&column.key) else { continue };
            let column_at = self.returned.columns.get(&column.key).copied().unwrap_or_default();
            let column = &*column.of(own);
            if column.difference.is_some() {
                continue;
            }
            if !column.is_open {
                if let Some(own) = own.filter(|_| !is_mistaken) {
                    self.locked((row.row, column_at), own, column, value);
                }
                continue;
            }
            let asked = Asked { takes_share: self.takes_share(own, column), column, words: self.words };
            match read(&asked, value) {
                Ok((value, is_odd)) => {
                    if is_odd {
                        let found = shown(&value);
                        let finding =
                            Diagnostic::note("blank-value-read", self.place(row.row, column_at)).with("value", found);
                        self.say(finding, &at, &column.key);
                    }
                    answers.insert(column.key.clone(), Answer { value, cell: (row.row, column_at) });
                }
                Err(refusal) => {
                    let place = self.place(row.row, column_at);
                    let finding = match refusal {
                        Refusal::Unfit(choices) => {
                            let refusal = column.refusal(self.words);
                            let refusal = [refusal.as_str(), &choices].join(" ");
                            Diagnostic::error("blank-value-wrong", place).with("refusal", refusal.trim_end())
                        }
                        Refusal::Format(format) => {
                            Diagnostic::error("blank-value-format", place).with("format", self.words.of(format))
                        }
                        Refusal::Unknown(nearest) => {
                            Diagnostic::error("blank-code-unknown", place).with("nearest", nearest)
                        }
                        Refusal::Beyond(least, most) => {
                            let [least, most] = [least, most].map(grouped);
                            Diagnostic::error("blank-value-beyond", place).with("least", least).with("most", most)
                        }
                        Refusal::NoResult => Diagnostic::error("blank-value-unreckoned", place),
                    };
                    let finding = finding.with("row", self.called(row)).with("column", &column.heading);
                    self.judged.filled += 1;
                    self.say(finding.with("found", quoted(value, self.words)), &at, &column.key);
                    // What stands there is not nothing: it is not missing as well.
                    let nothing = Answer { value: Value::Text(String::new()), cell: (row.row, column_at) };
                    answers.insert(column.key.clone(), nothing);
                }
            }
        }
        if own.is_none() && !table.is_open {
            if !answers.is_empty() {
                let place = self.place(row.row, self.first_column());
                let told = self.told(row);
                match &row.id {
                    // The version that was sent had the row, and this one asks for it no more.
                    Some(_) if self.is_outdated() => {
                        self.say(Diagnostic::note("blank-old-row", place).with("row", told), "", "");
                    }
                    // No cell of the form is wrong: the row stands between them.
                    _ => self.judged.say(Diagnostic::error("blank-row-added", place).with("row", told), None),
                }
            }
            return None;
        }
        let asks = table.columns.iter().any(|column| column.is_open && column.is_required);
        if answers.is_empty() && (table.is_open || !asks) {
            return None;
        }
        let has_reason = answers.contains_key(REASON);
        for column in table.columns.iter().map(|column| column.of(own)).filter(|one| one.is_open && one.is_required) {
            if answers.contains_key(&column.key) || !self.returned.columns.contains_key(&column.key) {
                continue;
            }
            let column_at = self.returned.columns.get(&column.key).copied().unwrap_or_default();
            let place = self.place(row.row, column_at);
            let finding = match has_reason {
                true => Diagnostic::note("blank-value-explained", place),
                false => Diagnostic::error("blank-value-missing", place),
            };
            let finding = finding.with("column", &column.heading).with("row", self.called(row));
            self.say(finding, &at, &column.key);
        }
        answers.retain(|_, answer| answer.value != Value::Text(String::new()));
        Some(JudgedRow { id: row.id.clone(), at, row: row.row, answers })
    }

    /// Tells whether a cell shown as per cent says what its column asks: where the unit is per cent.
    fn takes_share(&self, own: Option<&Row>, column: &Column) -> bool {
        let points = exports::folded(self.words.of("percent-points"));
        let is_percent = |text: &str| text.contains('%') || exports::folded(text) == points;
        let unit = own.and_then(|own| self.table.content(&own.id, UNIT)).map(Content::text);
        match column.kind {
            Kind::Percent => true,
            Kind::Number => unit.is_some_and(|unit| is_percent(&unit)) || column.heading.contains('%'),
            _ => false,
        }
    }

    /// Says that a row has the texts of another one: values were sorted or pasted past the hidden ids, and would be taken
    /// for those of a row that they do not answer.
    fn mistaken(&mut self, row: &ReturnedRow, own: &Row) -> bool {
        let table = self.table;
        let closed = table.columns.iter().enumerate().filter(|(_, column)| {
            let tells = !column.is_open && column.kind != Kind::Number && column.key != NUMBER;
            tells && self.returned.columns.contains_key(&column.key)
        });
        let closed: Vec<(usize, &Column)> = closed.collect();
        let text_of =
            |row: &Row, index: usize| exports::folded(&row.cells.get(index).map(Content::text).unwrap_or_default());
        let now: Vec<String> = closed
            .iter()
            .map(|(_, column)| row.cells.get(&column.key).and_then(exports::text_of))
            .map(|text| exports::folded(&text.unwrap_or_default()))
            .collect();
        let told = |row: &Row| closed.iter().map(|(index, _)| text_of(row, *index)).collect::<Vec<String>>();
        let own_told = told(own);
        if now == own_told || now.iter().all(String::is_empty) {
            return false;
        }
        let others = || table.rows.iter().filter(|other| other.id != own.id);
        // A text that no two rows share tells the row by itself.
        let by_itself = closed.iter().enumerate().find_map(|(position, (index, column))| {
            let now = now.get(position).filter(|now| !now.is_empty() && Some(*now) != own_told.get(position))?;
            let all: BTreeSet<String> = table.rows.iter().map(|row| text_of(row, *index)).collect();
            let is_telling = column.kind == Kind::Text && all.len() == table.rows.len();
            others().filter(|_| is_telling).find(|other| text_of(other, *index) == *now)
        });
        let Some(other) = by_itself.or_else(|| others().find(|other| told(other) == now)) else { return false };
        let differs = closed.iter().zip(now.iter().zip(&own_told)).find(|(_, (now, own))| now != own);
        let column = differs.and_then(|((_, column), _)| self.returned.columns.get(&column.key)).copied();
        let finding = Diagnostic::error("blank-row-mistaken", self.place(row.row, column.unwrap_or_default()))
            .with("row", table.label(own))
            .with("other", table.label(other));
        self.say(finding, &own.id, "");
        true
    }

    /// A cell that was filled in before it went out: what it says now does not count, and a change is said.
    fn locked(&mut self, (row, at): (u32, u16), own: &Row, column: &Column, value: &CellValue) {
        let Some(before) = self.table.content(&own.id, &column.key) else { return };
        let is_same = match (before, value) {
            (Content::Number(number), value) => exports::number_of(value).as_ref() == Some(number),
            (Content::Text(text), CellValue::Text(now)) => exports::folded(text) == exports::folded(now),
            (Content::Text(text), value) => exports::text_of(value).as_deref() == Some(text.trim()),
            (Content::Date(year, month, day), value) => *value == CellValue::Date(*year, *month, *day),
            (Content::Blank, _) => false,
        };
        if !is_same {
            // Another version may have another wording.
            let finding = match self.is_outdated() {
                true => Diagnostic::note("blank-locked-changed", self.place(row, at)),
                false => Diagnostic::warning("blank-locked-changed", self.place(row, at)),
            };
            let finding = finding.with("was", before.text()).with("found", quoted(value, self.words));
            self.say(finding, &own.id, &column.key);
        }
    }

    /// Says what was written beside the table and below it: nobody reads it.
    fn outside(&mut self) {
        let signed = ["sign", "name", "date"].map(|key| self.words.of(key)).join(", ");
        let under = [signed.as_str(), self.words.of("executor-under")].map(|text| format!("({text})"));
        let own: BTreeSet<String> = self
            .blank
            .signatures
            .iter()
            .map(String::as_str)
            .chain([self.blank.contact.as_str(), self.words.of("total"), self.words.of("executor")])
            .chain(under.iter().map(String::as_str))
            .map(exports::folded)
            .collect();
        for one in &self.returned.outside {
            if !self.is_own(one, &own) {
                let finding = Diagnostic::warning("blank-outside", self.place(one.cell.0, one.cell.1));
                let column = one.column.clone().unwrap_or_default();
                self.say(finding.with("found", quoted(&one.value, self.words)), "", &column);
            }
        }
    }

    /// Tells whether a cell outside the table is the form's own: a check, a sum, a label, room for a signature.
    fn is_own(&self, one: &Outside, own: &BTreeSet<String>) -> bool {
        let is_text = matches!(one.value, CellValue::Text(_));
        let is = |text: &String, key: &str| exports::folded(text) == exports::folded(self.words.of(key));
        if let Some(heading) = &one.heading {
            // A formula that was not reckoned since has no text; LibreOffice writes 0 for it into an xls.
            let is_unreckoned = match one.value {
                CellValue::Broken(_) => true,
                CellValue::Number(number) => number == 0.0,
                _ => false,
            };
            return (is_text || is_unreckoned) && is(heading, "check");
        }
        let is_signature = |text: &String| {
            let mut labels = self.blank.signatures.iter().map(String::as_str).chain([self.words.of("executor")]);
            labels.any(|label| exports::folded(label) == exports::folded(text))
        };
        let is_label = exports::text_of(&one.value).is_some_and(|text| own.contains(&exports::folded(&text)));
        let is_signed = is_text && one.row.iter().chain(&one.above).any(is_signature);
        let has_total = one.column.as_ref().and_then(|key| self.table.column(key)).is_some_and(|one| one.has_total);
        is_label || is_signed || (has_total && one.row.iter().any(|text| is(text, "total")))
    }

    /// Holds its numbers against each other, or against those of other tables.
    fn check(&mut self, across: bool) {
        let Some((_, rows)) = self.judged.tables.get(&self.table.id) else { return };
        let by_key: BTreeMap<&str, &JudgedRow> = rows.iter().map(|row| (row.at.as_str(), row)).collect();
        let number = |part: &Part, row: &str| {
            let at = part.row.as_deref().unwrap_or(row);
            let (table, row) = match &part.table {
                None => (self.table, *by_key.get(at)?),
                Some(id) => {
                    let mut rows = self.judged.tables.get(id)?.1.iter();
                    (self.blank.table(id)?, rows.find(|one| one.at == at)?)
                }
            };
            match row.answers.get(&part.column) {
                Some(Answer { value: Value::Number(number), .. }) => Some(number.clone()),
                Some(_) => None,
                None => match table.content(at, &part.column) {
                    Some(Content::Number(number)) => Some(number.clone()),
                    _ => None,
                },
            }
        };
        let keys: Vec<String> = by_key.keys().map(|key| (*key).to_owned()).collect();
        let mut found = Vec::new();
        for check in self.table.checks.iter().filter(|check| check.is_across() == across) {
            for failed in check.failed(&keys, &number) {
                let Some(row) = by_key.get(failed.row.as_str()) else { continue };
                let at = self.returned.columns.get(failed.column).copied().unwrap_or_default();
                let told = [&failed.found, &failed.against].map(ru::typed);
                let [one, other] = &told;
                let numbers = self.words.of(&format!("check-{}", check.kind()));
                let numbers = fill(numbers, &[("found", one), ("against", other)]);
                let heading = self.table.column(failed.column).map_or(failed.column, |column| &column.heading);
                let finding = Diagnostic::error("blank-check-failed", self.place(row.row, at))
                    .with("row", self.called_at(row))
                    .with("column", heading)
                    .with("check", failed.message)
                    .with("numbers", numbers);
                found.push((finding, row.at.clone(), failed.column));
            }
        }
        for (finding, row, column) in found {
            self.say(finding, &row, column);
        }
    }

    /// What a row that was read is called in a message.
    fn called_at(&self, row: &JudgedRow) -> String {
        let own = self.returned.rows.iter().find(|one| one.row == row.row);
        own.map_or_else(String::new, |one| self.called(one))
    }
}

#[cfg(test)]
mod tests;
