//! A workbook of tables: one sheet a table, values as they are printed elsewhere; shares of counts that stand beside them
//! are live formulas.
//! In: the texts of the form and tables. Out: a workbook and the places of its figures.
//! It must never know what a table tells.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, IgnoreError, RowNum, Table, TableColumn, TableStyle,
    Workbook,
};
use serde::{Deserialize, Serialize};

use super::sheet::{Cached, Pen, Setup, Styles, address, height, number_format, quoted, rounding_call};
use super::{FormError, Placed, RenderedForm, spec};
use crate::context::{CellView, ColumnKind, TableView, TableWords, TablesView};
use crate::diag::Reason;
use crate::figure::{Figure, Rounding, RoundingMode, Unit};
use crate::measure::Measure;
use crate::ru;

/// The kind of the form, and the name of its file.
pub const ANALYSIS: &str = "analysis";
/// Longest text of a cell, in characters: Excel takes no more than 32,767 units.
const LONGEST: usize = 8_000;

texts! {
    /// The texts of a workbook of tables.
    TablesSpec {
        /// Its id: the name of the file.
        id: String,
        /// Its name for lists and messages.
        name: String,
        /// Title in the properties of the workbook.
        title: String,
        /// Subject in the properties of the workbook.
        subject: String,
        /// Page numbers at the foot of a page.
        page: String,
        /// Line under the title of a sheet.
        municipality: String,
        /// What stands instead of rows where there are none.
        none: String,
        /// Yes.
        yes: String,
        /// No.
        no: String,
        /// What a share is of nothing.
        undefined: String,
        /// What stands where a value is missing.
        gap: String,
        /// The public edition.
        public: PublicWords,
        /// Words of tables by id.
        tables: BTreeMap<String, TableWords>,
    }
}

texts! {
    /// Texts of the public edition.
    PublicWords {
        /// Its folder below the package.
        folder: String,
        /// Title in the properties of the workbook.
        title: String,
        /// Added to the note of a table in which something is hidden.
        note: String,
    }
}

impl TablesSpec {
    /// Reads the form.
    ///
    /// # Errors
    /// Gives the parser's message, or the key whose text is missing or cannot stand where it is to stand.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let table: toml::Value = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        let known = |path: &str, name: &str| match path {
            "municipality" => name == "municipality",
            "page" => ["page", "pages"].contains(&name),
            "gap" => name == "what",
            "public.note" => ["threshold", "teachers"].contains(&name),
            // What a word of a table may speak of is the table's own matter.
            _ => match path.split('.').nth(2) {
                Some("words") => true,
                Some("note") => name == "as-of",
                _ => false,
            },
        };
        spec::walk(&table, "", &known)?;
        let form: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        TableWords::check(&form.tables)?;
        let is_plain = |c: char| !c.is_control() && !r#"/\:*?"<>|."#.contains(c);
        if form.public.folder.trim().is_empty() || !form.public.folder.chars().all(is_plain) {
            return Err(format!("public.folder: {:?}", form.public.folder).into());
        }
        let sheets: Vec<&String> = form.tables.values().map(|words| &words.sheet).collect();
        spec::check_sheet_names(&sheets)?;
        for (id, words) in &form.tables {
            let mut headings: Vec<String> = words.columns.values().map(|heading| heading.to_lowercase()).collect();
            headings.sort_unstable();
            let is_named_twice = headings.windows(2).any(|pair| pair.first() == pair.last());
            if is_named_twice || headings.iter().any(|heading| heading.trim().is_empty()) {
                return Err(format!("tables.{id}.columns").into());
            }
        }
        Ok(form)
    }
}

/// Makes the workbook.
///
/// # Errors
/// When there is no table, or the library refuses a text or an address.
pub fn render_tables(spec: &TablesSpec, view: &TablesView) -> Result<RenderedForm, FormError> {
    if view.tables.is_empty() {
        return Err(FormError::Write(spec.none.clone()));
    }
    let (mut placed, mut workbook) = (Vec::new(), super::workbook());
    let form = Form { spec, view, styles: Styles::new() };
    for table in &view.tables {
        form.table(&mut workbook, table, &mut placed)?;
    }
    let marks = form.marks();
    let mut properties = DocProperties::new()
        .set_title(&spec.title)
        .set_subject(&spec.subject)
        .set_author(&view.municipality)
        // A fixed time: the same view gives the same bytes.
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    if !marks.is_empty() {
        properties = properties.set_keywords(&marks).set_comment(&marks).set_status(&marks);
    }
    workbook.set_properties(&properties);
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed })
}

/// Width of a column in pixels.
fn width(kind: ColumnKind) -> u32 {
    match kind {
        ColumnKind::Code => 90,
        ColumnKind::Name => 210,
        ColumnKind::Prose => 320,
        ColumnKind::Value => 100,
    }
}

struct Form<'a> {
    spec: &'a TablesSpec,
    view: &'a TablesView,
    styles: Styles,
}

impl Form<'_> {
    fn marks(&self) -> String {
        let marks = [&self.view.sample_mark, &self.view.draft_mark];
        marks.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(". ")
    }

    fn table(&self, workbook: &mut Workbook, table: &TableView, placed: &mut Vec<Placed>) -> Result<(), FormError> {
        let (spec, styles) = (self.spec, &self.styles);
        let mut pen = Pen::new(&table.sheet, placed)?;
        for (column, view) in (0..).zip(&table.columns) {
            pen.sheet.set_column_width_pixels(column, width(view.kind))?;
        }
        let top = self.heading(&mut pen, table)?;
        let last_column = ColNum::try_from(table.columns.len().saturating_sub(1)).unwrap_or(ColNum::MAX);
        let mut headings = Vec::new();
        for (column, view) in (0..).zip(&table.columns) {
            pen.text(top, column, &view.title, &styles.heading)?;
            headings.push(TableColumn::new().set_header(&view.title).set_header_format(&styles.heading));
        }
        let highest = table.columns.iter().map(|view| height(&view.title, width(view.kind), 10)).max();
        pen.sheet.set_row_height_pixels(top, highest.unwrap_or(0).max(30))?;
        let mut row = top;
        for (index, cells) in table.rows.iter().enumerate() {
            row += 1;
            let mut highest = 22;
            let quotient = Quotient::of(table, index);
            for ((column, view), cell) in (0..).zip(&table.columns).zip(cells) {
                if let Some(quotient) = quotient.as_ref().filter(|quotient| quotient.columns[2] == column) {
                    self.quotient(&mut pen, row, quotient, cell)?;
                    continue;
                }
                let text = self.cell(&mut pen, row, column, view.kind, cell)?;
                if let Some(text) = text.filter(|text| text.chars().count() > 9) {
                    highest = highest.max(height(&text, width(view.kind), 10));
                }
            }
            pen.sheet.set_row_height_pixels(row, highest)?;
        }
        if table.rows.is_empty() {
            row += 1;
            pen.text(row, 0, &spec.none, &styles.text)?;
        }
        let name = format!("svod_{}", table.id.replace('-', "_"));
        let named = Table::new().set_name(name).set_columns(&headings).set_style(TableStyle::None);
        pen.sheet.add_table(top, 0, row, last_column, &named)?;
        pen.sheet.ignore_error_range(top + 1, 0, row, last_column, IgnoreError::NumberStoredAsText)?;
        let setup = Setup {
            last: (row, last_column),
            header: Some((top, top)),
            freeze: Some((top + 1, 0)),
            is_landscape: true,
            pages: 0,
        };
        let foot = spec.page.replace('&', "&&").replace("{page}", "&P").replace("{pages}", "&N");
        pen.page(&spec.name, &self.marks(), &foot, &setup)?;
        workbook.push_worksheet(pen.sheet);
        Ok(())
    }

    /// Marks, title, municipality and note; gives the row of headings.
    fn heading(&self, pen: &mut Pen<'_>, table: &TableView) -> Result<RowNum, FormError> {
        let mut row = 0;
        let marks = self.marks();
        if !marks.is_empty() {
            pen.text(row, 0, &marks, &self.styles.mark)?;
            row += 1;
        }
        let title = self.styles.title.clone().set_align(FormatAlign::Left).unset_text_wrap();
        pen.text(row, 0, &table.title, &title)?;
        pen.sheet.set_row_height_pixels(row, 30)?;
        let municipality = self.spec.municipality.replace("{municipality}", &self.view.municipality);
        pen.text(row + 1, 0, &municipality, &self.styles.plain)?;
        if table.note.is_empty() {
            return Ok(row + 3);
        }
        let last = ColNum::try_from(table.columns.len().saturating_sub(1)).unwrap_or(ColNum::MAX);
        let note = self.styles.plain.clone().set_text_wrap().set_font_size(10);
        pen.wide(row + 2, (0, last), &table.note, &note)?;
        pen.fit(row + 2, &table.note, table.columns.iter().map(|column| width(column.kind)).sum(), 10)?;
        Ok(row + 4)
    }

    /// Writes a cell; gives the text that may need more than one line.
    fn cell(
        &self,
        pen: &mut Pen<'_>,
        row: RowNum,
        column: ColNum,
        kind: ColumnKind,
        cell: &CellView,
    ) -> Result<Option<String>, FormError> {
        let (spec, styles) = (self.spec, &self.styles);
        let text = match kind {
            ColumnKind::Code | ColumnKind::Value => &styles.middle,
            ColumnKind::Name | ColumnKind::Prose => &styles.small_text,
        };
        let (content, format) = match cell {
            CellView::Blank => {
                pen.sheet.write_blank(row, column, text)?;
                return Ok(None);
            }
            CellView::Figure(figure, _) => {
                self.figure(pen, row, column, figure)?;
                return Ok(None);
            }
            CellView::Flag(flag) => (if *flag { spec.yes.clone() } else { spec.no.clone() }, text),
            CellView::Text(content) => (content.clone(), text),
            CellView::Hidden => ("…".to_owned(), &styles.absent),
            CellView::Gap(gap) => (spec.gap.replace("{what}", &gap.what), &styles.gap),
        };
        let content = short(&content);
        pen.text(row, column, &content, format)?;
        Ok(Some(content))
    }

    /// Writes a quotient as a formula over the cells of its row, with what it gives.
    fn quotient(&self, pen: &mut Pen<'_>, row: RowNum, quotient: &Quotient, cell: &CellView) -> Result<(), FormError> {
        let [part, whole, column] = quotient.columns;
        let [part, whole] = [part, whole].map(|column| address(row, column));
        let (result, format, rounding) = match cell {
            CellView::Figure(figure, _) => {
                pen.place(row, column, figure.id.clone(), figure.text(), figure.node);
                let value = ru::rounded(&figure.value, figure.rounding);
                (Cached::Number(value), self.number(figure)?, figure.rounding)
            }
            // Of nothing: whatever stands there later is rounded to whole numbers.
            _ => {
                let rounding = Rounding { mode: RoundingMode::default(), digits: 0 };
                (Cached::Text(self.spec.undefined.clone()), self.styles.number.clone(), rounding)
            }
        };
        let scale = match quotient.scale.to_integer() {
            Some(1) | None => String::new(),
            Some(scale) => format!("{scale}*"),
        };
        let share = rounding_call(&format!("{scale}{part}/{whole}"), rounding);
        let formula = format!("IF({whole}=0,{},{share})", quoted(&self.spec.undefined));
        pen.formula(row, column, &formula, &result, &format)
    }

    /// Writes a figure as documents print it: rounded as declared.
    fn figure(&self, pen: &mut Pen<'_>, row: RowNum, column: ColNum, figure: &Figure) -> Result<(), FormError> {
        let value = ru::rounded(&figure.value, figure.rounding);
        pen.sheet.write_number_with_format(row, column, value.to_float(), &self.number(figure)?)?;
        pen.place(row, column, figure.id.clone(), figure.text(), figure.node);
        Ok(())
    }

    fn number(&self, figure: &Figure) -> Result<Format, FormError> {
        let digits = figure.rounding.digits;
        let format = match figure.unit {
            Unit::Count => super::sheet::COUNT_FORMAT.to_owned(),
            Unit::Points | Unit::CountChange | Unit::IndexChange => number_format(digits, true)?,
            Unit::Percent => {
                let plain = number_format(digits, false)?;
                plain.split(';').map(|part| format!("{part}\"\u{a0}%\"")).collect::<Vec<_>>().join(";")
            }
            Unit::Index => number_format(digits, false)?,
            Unit::Year => "0".to_owned(),
        };
        Ok(self.styles.number.clone().set_num_format(format))
    }
}

/// A cell that is the quotient of two others of its row.
struct Quotient {
    /// Part, whole, quotient.
    columns: [ColNum; 3],
    scale: Measure,
}

impl Quotient {
    /// Looks at a row: part and whole must stand there as whole numbers, and the quotient as a figure, or as nothing of
    /// nothing.
    fn of(table: &TableView, row: usize) -> Option<Self> {
        let (cells, scale) = (table.rows.get(row)?, table.scales.get(&row)?);
        scale.to_integer()?;
        let positions = table.quotient?;
        let [part, whole, value] = positions.map(|position| cells.get(position));
        let number = |cell: Option<&CellView>| match cell {
            Some(CellView::Figure(figure, _)) => figure.value.to_integer(),
            _ => None,
        };
        let (_, whole) = (number(part)?, number(whole)?);
        let fits = match value? {
            CellView::Figure(..) => whole != 0,
            CellView::Blank => whole == 0,
            _ => false,
        };
        let [Ok(part), Ok(whole), Ok(value)] = positions.map(ColNum::try_from) else { return None };
        fits.then(|| Self { columns: [part, whole, value], scale: scale.clone() })
    }
}

fn short(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};

    use super::*;
    use crate::context::{ColumnView, GapView};
    use crate::disclosure::Counted;
    use crate::provenance::NodeId;

    const FORM: &str = include_str!("../../templates/forms/analysis.toml");

    fn figure(numerator: i64, denominator: i64, unit: Unit, digits: u8) -> CellView {
        let value = Measure::ratio(numerator, denominator).unwrap();
        let rounding = Rounding { mode: RoundingMode::CutOff, digits };
        let id = format!("{numerator}/{denominator}");
        CellView::Figure(Figure { id, value, unit, rounding, node: NodeId(3) }, Counted::Others)
    }

    fn view(rows: Vec<Vec<CellView>>) -> TablesView {
        let column = |key: &str, kind| ColumnView { key: key.to_owned(), title: key.to_owned(), kind };
        TablesView {
            municipality: "Примерный округ".to_owned(),
            sample_mark: Some("Пример на условных данных".to_owned()),
            draft_mark: None,
            tables: vec![TableView {
                id: "a-b".to_owned(),
                sheet: "Лист".to_owned(),
                title: "Название".to_owned(),
                note: "Пояснение".to_owned(),
                columns: vec![column("а", ColumnKind::Name), column("б", ColumnKind::Value)],
                rows,
                quotient: None,
                scales: BTreeMap::new(),
                relations: Vec::new(),
                is_public: true,
            }],
        }
    }

    fn read(made: &RenderedForm) -> Vec<Vec<Data>> {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(made.bytes.clone())).unwrap();
        let formulas = book.worksheet_formula("Лист").unwrap();
        assert!(formulas.used_cells().next().is_none(), "a table has no formulas");
        book.worksheet_range("Лист").unwrap().rows().map(<[Data]>::to_vec).collect()
    }

    #[test]
    fn quotients_are_formulas_over_their_row() {
        let spec = TablesSpec::parse(FORM).unwrap_or_else(|error| panic!("{error:?}"));
        let count = |value: i64| figure(value, 1, Unit::Count, 0);
        let share = figure(700, 12, Unit::Percent, 1);
        let mut view = view(vec![
            vec![count(7), count(12), share.clone()],
            vec![count(0), count(0), CellView::Blank],
            // What cannot be a formula stands as a value: a part that is no whole number, a row without a scale.
            vec![figure(15, 2, Unit::Count, 0), count(12), figure(125, 2, Unit::Percent, 1)],
            vec![count(7), count(12), share],
        ]);
        let table = &mut view.tables[0];
        let column = |key: &str| ColumnView { key: key.to_owned(), title: key.to_owned(), kind: ColumnKind::Value };
        table.columns = ["а", "б", "в"].map(column).into();
        table.quotient = Some([0, 1, 2]);
        table.scales = (0..3).map(|row| (row, Measure::from(100_i64))).collect();
        let made = render_tables(&spec, &view).unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(made.bytes.clone())).unwrap();
        let formulas = book.worksheet_formula("Лист").unwrap();
        let found: Vec<String> = formulas.used_cells().map(|(_, _, formula)| formula.clone()).collect();
        let formula = |row: u32, call: &str| format!("IF(B{row}=0,\"—\",{call})");
        let wanted = [formula(7, "ROUNDDOWN(100*A7/B7,1)"), formula(8, "ROUND(100*A8/B8,0)")];
        assert_eq!(found, wanted);
        let cells: Vec<Vec<Data>> = book.worksheet_range("Лист").unwrap().rows().map(<[Data]>::to_vec).collect();
        assert_eq!(cells[6][2], Data::Float(58.3));
        assert_eq!(cells[7][2], Data::String("—".to_owned()));
        assert_eq!([&cells[8][2], &cells[9][2]], [&Data::Float(62.5), &Data::Float(58.3)]);
        assert!(made.placed.iter().any(|placed| placed.figure_id == "700/12" && placed.cell == "C7"));
    }

    #[test]
    fn values_stand_as_printed_and_texts_stay_texts() {
        let spec = TablesSpec::parse(FORM).unwrap_or_else(|error| panic!("{error:?}"));
        let gap = GapView { reasons: Vec::new(), what: "число".to_owned() };
        let rows = vec![
            vec![CellView::Text("=1+1".to_owned()), figure(100, 17, Unit::Percent, 0)],
            vec![CellView::Flag(true), CellView::Hidden],
            vec![CellView::Gap(gap), figure(2022, 1, Unit::Year, 0)],
            vec![CellView::Blank, figure(-13, 10, Unit::Points, 1)],
        ];
        let made = render_tables(&spec, &view(rows)).unwrap();
        let cells = read(&made);
        let text = |text: &str| Data::String(text.to_owned());
        assert_eq!(cells[0][0], text("Пример на условных данных"));
        assert_eq!(cells[1][0], text("Название"));
        assert_eq!(cells[3][0], text("Пояснение"));
        assert_eq!(cells[5], [text("а"), text("б")]);
        assert_eq!(cells[6], [text("=1+1"), Data::Float(5.0)]);
        assert_eq!(cells[7], [text("да"), text("…")]);
        assert_eq!(cells[8], [text("нет данных: число"), Data::Float(2022.0)]);
        assert_eq!(cells[9], [Data::Empty, Data::Float(-1.3)]);
        let placed: Vec<(&str, &str)> = made.placed.iter().map(|at| (at.cell.as_str(), at.text.as_str())).collect();
        assert_eq!(placed, [("B7", "5\u{a0}%"), ("B9", "2022"), ("B10", "−1,3")]);
    }

    #[test]
    fn a_table_without_rows_says_so() {
        let spec = TablesSpec::parse(FORM).unwrap_or_else(|error| panic!("{error:?}"));
        let made = render_tables(&spec, &view(Vec::new())).unwrap();
        assert_eq!(read(&made)[6][0], Data::String("Нет данных.".to_owned()));
    }

    #[test]
    fn a_form_without_its_words_is_refused() {
        for (from, to, key) in [
            ("below = \"Ниже минимума\"", "", "tables.results.columns.below"),
            ("own = \"расчёт муниципалитета\"", "", "tables.groups.words.own"),
            ("own = \"расчёт муниципалитета\"", "own = \"а\"\nother = \"б\"", "tables.groups.words.other"),
            ("[tables.groups", "[tables.other", "tables.groups"),
            ("list = \"Чей перечень\"", "list = \"группа\"", "tables.groups.columns"),
            ("sheet = \"Группы школ\"", "sheet = \"показатели\"", "sheets: \"Показатели\""),
            ("gap = \"нет данных: {what}\"", "gap = \"{page}\"", "gap: {page"),
        ] {
            assert!(FORM.contains(from), "{from}");
            let refused = TablesSpec::parse(&FORM.replace(from, to)).map(|_| ()).unwrap_err();
            assert!(format!("{refused:?}").contains(&key.replace('"', "\\\"")), "{refused:?} does not name {key}");
        }
    }
}
