//! A round of forms as tests make it: a sample in a folder of its own, its blanks filled in and given back.

#![expect(clippy::expect_used, clippy::panic, reason = "a round that cannot be made is a failed test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use svod::blank::{Blank, Content, Kind, Table, Words};
use svod::catalog::Templates;
use svod::diag::Diagnostics;
use svod::form;
use svod::measure::Measure;
use svod::pipeline::{self, Exchange, Exchanged, Receiving, Request};
use svod::returns::State;
use svod::source::Municipality;
use svod::workbook::{self, CellValue, Reading};

use crate::{project, run, sample, workbook as books};

/// A municipality with its forms, in a folder that goes with the test.
pub struct Round {
    _outer: tempfile::TempDir,
    pub request: Request,
    pub municipality: Municipality,
    pub returned: PathBuf,
    pub exchange: Exchange,
}

impl Round {
    /// A sample without the rows that its schools are asked for.
    pub fn new(name: &str, blanks: &[&str]) -> Self {
        let outer = tempfile::tempdir().expect("a folder");
        let inputs = outer.path().join("inputs");
        let folder = inputs.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for book in sample::read(&project(&format!("tests/sample/{name}"))).expect("the tables") {
            std::fs::write(folder.join(&book.file), books::write(&book).expect("a workbook")).expect("written");
        }
        let own = project(&format!("inputs/{name}/templates"));
        for entry in walkdir::WalkDir::new(&own).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
            let target = folder.join("templates").join(entry.path().strip_prefix(&own).expect("below the folder"));
            std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
            std::fs::copy(entry.path(), target).expect("copied");
        }
        for entry in std::fs::read_dir(project(&format!("inputs/{name}"))).expect("the sample").flatten() {
            if entry.path().extension().is_some_and(|kind| kind == "svg" || kind == "png") {
                std::fs::copy(entry.path(), folder.join(entry.file_name())).expect("copied");
            }
        }
        let settings = std::fs::read_to_string(project(&format!("inputs/{name}/svod.toml"))).expect("the settings");
        let list: Vec<String> = blanks.iter().map(|blank| format!("{blank:?}")).collect();
        let mut is_list = false;
        let mut keep = |line: &&str| {
            is_list |= line.starts_with("blanks");
            let is_kept = !is_list;
            is_list &= !line.trim_end().ends_with(']');
            is_kept
        };
        let settings = settings.lines().filter(|line| keep(line)).collect::<Vec<_>>().join("\n");
        let settings = settings.replacen("schema = 1", &format!("schema = 1\nblanks = [{}]", list.join(", ")), 1);
        std::fs::write(folder.join("svod.toml"), settings).expect("written");
        let request = run::request(&inputs, &outer.path().join("forms"));
        let municipality = pipeline::discover(&inputs).expect("a municipality").remove(0);
        let returned = outer.path().join("returned");
        std::fs::create_dir_all(&returned).expect("a folder");
        let exchange = Exchange { quarter: Some(2), today: "01.11.2022".to_owned(), ..Exchange::default() };
        Self { _outer: outer, request, municipality, returned, exchange }
    }

    pub fn emit(&self) -> Exchanged {
        pipeline::emit(&self.municipality, &self.request, &self.exchange, &run::messages())
    }

    pub fn receive(&self, merges: bool) -> Exchanged {
        let how = Receiving { exchange: self.exchange.clone(), folder: self.returned.clone(), merges };
        pipeline::receive(&self.municipality, &self.request, &how, &run::messages())
    }

    /// The blanks that went out, by form and respondent.
    pub fn sent(&self) -> Vec<Blank> {
        let mut found = Diagnostics::default();
        let files = svod::source::own_files(&self.municipality, "forms/sent", &mut found);
        files.iter().map(|file| serde_json::from_slice(&file.bytes).expect("a blank")).collect()
    }

    /// Puts a filled blank into the folder of returns.
    pub fn give(&self, name: &str, blank: &Blank) {
        let made = form::render_blank(blank, &words(), &[]).expect("a workbook");
        std::fs::write(self.returned.join(name), made.bytes).expect("written");
    }

    pub fn ids(&self, exchanged: &Exchanged) -> BTreeMap<String, usize> {
        let mut ids = BTreeMap::new();
        for finding in exchanged.diagnostics.iter() {
            *ids.entry(finding.id.clone()).or_default() += 1;
        }
        ids
    }

    pub fn state(&self, exchanged: &Exchanged, state: State) -> usize {
        exchanged.states.iter().map(|(_, _, states)| states.get(&state).copied().unwrap_or_default()).sum()
    }

    /// Every cell of a workbook by sheet.
    pub fn cells(&self, path: &Path) -> BTreeMap<String, Vec<Vec<CellValue>>> {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = svod::source::SourceFile { path: "a.xlsx".to_owned(), hash: String::new(), bytes };
        let how = Reading { reader: &self.request.reader, workers: 1, cache: None };
        let (books, _) = workbook::read_all(&[file], how, &mut Diagnostics::default());
        let (_, book) = books.into_iter().next().expect("a book");
        let rows = |sheet: &workbook::Sheet| {
            sheet.rows.values().map(|line| line.values().cloned().collect()).collect::<Vec<Vec<CellValue>>>()
        };
        book.sheets.iter().map(|sheet| (sheet.name.clone(), rows(sheet))).collect()
    }
}

/// Adds a row to a sheet of a round's sample, as its tables have it.
pub fn add_row(round: &Round, title: &str, cells: &[(&str, &str)]) {
    let sample = project(&format!("tests/sample/{}", round.municipality.id));
    for mut book in sample::read(&sample).expect("the tables") {
        let Some(sheet) = book.sheets.iter_mut().find(|sheet| sheet.name == title) else { continue };
        let value =
            |heading: &String| cells.iter().find(|(own, _)| own == heading).map(|(_, value)| (*value).to_owned());
        sheet.rows.push(sheet.header.iter().map(|heading| value(heading).unwrap_or_default()).collect());
        std::fs::write(round.municipality.folder.join(&book.file), books::write(&book).expect("a workbook"))
            .expect("written");
    }
}

/// Changes the row of a sheet of a round's sample that has this value in its column.
pub fn change_row(round: &Round, title: &str, (key, value): (&str, &str), cells: &[(&str, &str)]) {
    let sample = project(&format!("tests/sample/{}", round.municipality.id));
    for mut book in sample::read(&sample).expect("the tables") {
        let Some(sheet) = book.sheets.iter_mut().find(|sheet| sheet.name == title) else { continue };
        let at = |name: &str| sheet.header.iter().position(|heading| heading == name).expect("the column");
        let found = sheet.rows.iter().position(|row| row.get(at(key)).is_some_and(|own| own == value));
        let places: Vec<(usize, &str)> = cells.iter().map(|(heading, new)| (at(heading), *new)).collect();
        let row = sheet.rows.get_mut(found.expect("the row")).expect("the row");
        for (place, new) in places {
            new.clone_into(row.get_mut(place).expect("the cell"));
        }
        std::fs::write(round.municipality.folder.join(&book.file), books::write(&book).expect("a workbook"))
            .expect("written");
    }
}

pub fn words() -> Words {
    Templates::built_in().data("blanks/words.toml", Words::parse, &mut Diagnostics::default()).expect("the words")
}

/// Fills in every open cell with what it asks for; numbers keep the checks of their rows.
pub fn fill_in(blank: &mut Blank, seed: i64) {
    for table in &mut blank.tables {
        let columns = table.columns.clone();
        let used = if table.is_open { 3 } else { table.rows.len() };
        for (index, row) in table.rows.iter_mut().take(used).enumerate() {
            let index = i64::try_from(index).expect("a small number");
            let own = row.clone();
            for (cell, column) in row.cells.iter_mut().zip(&columns).filter(|(_, column)| column.is_open) {
                let column = &*column.of(Some(&own));
                *cell = match &column.kind {
                    _ if column.key == svod::blank::REASON => Content::Blank,
                    Kind::Text if !column.suggested.is_empty() => {
                        let codes = column.suggested.iter().cycle();
                        Content::Text(codes.skip(usize::try_from(index).expect("small")).take(1).cloned().collect())
                    }
                    Kind::Text => Content::Text(format!("Ответ {}", index + 1)),
                    Kind::Flag => Content::Number(Measure::from((seed + index) % 2)),
                    Kind::Count | Kind::Number | Kind::Amount => {
                        let most = column.most.map_or(i64::MAX, i64::from);
                        Content::Number(Measure::from((seed + index).min(most)))
                    }
                    Kind::Percent => Content::Number(Measure::from(50_i64)),
                    Kind::Year => Content::Number(Measure::from(2022_i64)),
                    Kind::Date => Content::Text(format!("{:02}.10.2022", index % 28 + 1)),
                    Kind::Choice(words) => Content::Text(words.first().cloned().unwrap_or_default()),
                };
            }
        }
        // No row of a school stands behind these sums.
        if let Some(detail) = &table.detail {
            for row in &mut table.rows {
                for (cell, column) in row.cells.iter_mut().zip(&columns) {
                    if detail.columns.contains(&column.key) {
                        *cell = Content::Number(Measure::from(0_i64));
                    }
                }
            }
        }
        keep_checks(table);
    }
    keep_checks_across(blank);
}

/// Makes the numbers great enough that other tables are held against, and what follows from them right.
fn keep_checks_across(blank: &mut Blank) {
    use svod::blank::Check;
    let mut least: Vec<(String, String, String, Measure)> = Vec::new();
    for table in &blank.tables {
        for check in table.checks.iter().filter(|check| check.is_across()) {
            let (part, whole) = match check {
                Check::AtMost { part, whole, .. } | Check::Enough { part, whole, .. } => (part, whole),
                Check::Sum { .. } | Check::Equal { .. } => panic!("{check:?}"),
            };
            let at = |key: &String| table.columns.iter().position(|column| column.key == *key).expect("a column");
            let numbers = table.rows.iter().filter_map(|row| match row.cells.get(at(&part.column)) {
                Some(Content::Number(number)) => Some(number.clone()),
                _ => None,
            });
            let (other, row) = (whole.table.clone().expect("a table"), whole.row.clone().expect("a row"));
            least.extend(numbers.max().map(|most| (other, row, whole.column.clone(), most)));
        }
    }
    for (table, row, column, most) in least {
        let table = blank.tables.iter_mut().find(|one| one.id == table).expect("the table");
        let at = table.columns.iter().position(|one| one.key == column).expect("the column");
        let row = table.rows.iter_mut().find(|one| one.id == row).expect("the row");
        let cell = row.cells.get_mut(at).expect("the cell");
        if !matches!(cell, Content::Number(number) if *number >= most) {
            *cell = Content::Number(most);
        }
        keep_checks(table);
    }
}

/// Makes wholes great enough and sums right.
pub fn keep_checks(table: &mut Table) {
    use svod::blank::{Check, Part};
    for check in table.checks.clone().into_iter().filter(|check| !check.is_across()) {
        let position = |table: &Table, part: &Part| table.columns.iter().position(|column| column.key == part.column);
        let number = |table: &Table, row: usize, part: &Part| {
            let row = match &part.row {
                Some(id) => table.rows.iter().position(|row| row.id == *id)?,
                None => row,
            };
            match table.rows.get(row)?.cells.get(position(table, part)?)? {
                Content::Number(number) => Some(number.clone()),
                _ => None,
            }
        };
        for row in 0..table.rows.len() {
            let (part, value) = match &check {
                Check::Sum { parts, whole, .. } => {
                    let all = parts.iter().map(|part| number(table, row, part)).collect::<Option<Vec<_>>>();
                    (whole, all.map(|all| all.into_iter().sum::<Measure>()))
                }
                Check::AtMost { part, whole, .. } => {
                    let greatest = number(table, row, part).into_iter().chain(number(table, row, whole)).max();
                    (whole, greatest)
                }
                Check::Equal { part, whole, .. } => (part, number(table, row, whole)),
                Check::Enough { .. } => panic!("{check:?}"),
            };
            let at = match &part.row {
                Some(id) => table.rows.iter().position(|row| row.id == *id),
                None => Some(row),
            };
            let (Some(value), Some(at), Some(column)) = (value, at, position(table, part)) else { continue };
            if let Some(cell) = table.rows.get_mut(at).and_then(|row| row.cells.get_mut(column)) {
                *cell = Content::Number(value);
            }
        }
    }
}

/// What is left of a text when lines are broken elsewhere.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The text of a PDF, page by page.
pub fn pdf_text(path: &Path) -> String {
    let document = lopdf::Document::load(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).expect("text")
}
