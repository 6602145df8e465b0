//! The table of findings: one row a finding, and live counts by rule and by school.
//! In: the texts of the form and the view of the findings. Out: a workbook and the places of its figures.
//! It must never know how a finding came about.

use rust_xlsxwriter::{ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, RowNum, Workbook};
use serde::{Deserialize, Serialize};

use super::sheet::{COUNT_FORMAT, Cached, Pen, Setup, Styles, address, height};
use super::{FormError, Placed, RenderedForm, spec};
use crate::context::{FindingsView, Tally};
use crate::diag::{Reason, Severity};
use crate::figure::Figure;
use crate::measure::Measure;

/// The kind of the form, and the name of its file.
pub const FINDINGS: &str = "findings";

/// Columns of the rows and their widths in pixels.
const WIDTHS: [u32; 9] = [48, 86, 190, 130, 76, 210, 360, 330, 170];
const SEVERITY: ColNum = 1;
const SCHOOL: ColNum = 5;
const RULE: ColNum = 8;
/// Widths of the counts: name, errors, warnings, notes, total.
const COUNT_WIDTHS: [u32; 5] = [380, 90, 90, 90, 90];
const TOTAL: ColNum = 4;
/// Longest criterion of a counting function.
const LONGEST_CRITERION: usize = 255;

texts! {
    /// The texts of the table of findings.
    FindingsSpec {
        /// Its id: the name of the file.
        id: String,
        /// Its name for lists and messages.
        name: String,
        /// Title of the first sheet and of the workbook.
        title: String,
        /// Subject in the properties of the workbook.
        subject: String,
        /// Page numbers at the foot of a page.
        page: String,
        /// Line under the title.
        municipality: String,
        /// What stands instead of rows where there is nothing to complain of.
        none: String,
        /// Names of sheets.
        sheets: FindingsSheets,
        /// Headings of the rows.
        columns: FindingsColumns,
        /// Texts of the counts.
        counts: FindingsCounts,
    }
}

texts! {
    /// Names of sheets.
    FindingsSheets {
        /// The findings.
        rows: String,
        /// The counts.
        counts: String,
    }
}

texts! {
    /// Headings of the rows.
    FindingsColumns {
        /// Heading.
        number: String,
        /// Heading.
        severity: String,
        /// Heading.
        file: String,
        /// Heading.
        sheet: String,
        /// Heading.
        cell: String,
        /// Heading.
        school: String,
        /// Heading.
        message: String,
        /// Heading.
        hint: String,
        /// Heading.
        rule: String,
    }
}

texts! {
    /// Texts of the counts.
    FindingsCounts {
        /// Title.
        title: String,
        /// Heading.
        by_rule: String,
        /// Heading.
        by_school: String,
        /// Stands for a school where a finding concerns none, or not one alone.
        general: String,
        /// Heading and label of the sums.
        total: String,
        /// Label.
        school_count: String,
    }
}

impl FindingsSpec {
    /// Reads the form.
    ///
    /// # Errors
    /// Gives the parser's message, or the key whose text cannot stand where it is to stand.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let table: toml::Value = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        let known =
            |path: &str, name: &str| name == "municipality" || (path == "page" && ["page", "pages"].contains(&name));
        spec::walk(&table, "", &known)?;
        let form: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        spec::check_sheet_names(&[&form.sheets.rows, &form.sheets.counts])?;
        if !is_criterion(&form.counts.general) {
            return Err(format!("counts.general: {:?}", form.counts.general).into());
        }
        Ok(form)
    }
}

/// Makes the table of findings.
///
/// # Errors
/// When the library refuses a text or an address.
pub fn render_findings(spec: &FindingsSpec, view: &FindingsView) -> Result<RenderedForm, FormError> {
    let mut placed = Vec::new();
    let mut workbook = super::workbook();
    let form = Form { spec, view, styles: Styles::new() };
    let rows = form.rows(&mut workbook, &mut placed)?;
    form.counts(&mut workbook, &mut placed, rows)?;
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

struct Form<'a> {
    spec: &'a FindingsSpec,
    view: &'a FindingsView,
    styles: Styles,
}

impl Form<'_> {
    fn marks(&self) -> String {
        let marks = [&self.view.sample_mark, &self.view.draft_mark];
        marks.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(". ")
    }

    fn severity(&self, severity: Severity) -> &str {
        let [error, warning, note] = &self.view.severities;
        match severity {
            Severity::Error => error,
            Severity::Warning => warning,
            Severity::Note => note,
        }
    }

    /// Marks, title and municipality; gives the first free row.
    fn heading(&self, pen: &mut Pen<'_>, title: &str) -> Result<RowNum, FormError> {
        let mut row = 0;
        let marks = self.marks();
        if !marks.is_empty() {
            pen.text(row, 0, &marks, &self.styles.mark)?;
            row += 1;
        }
        let left = self.styles.title.clone().set_align(FormatAlign::Left).unset_text_wrap();
        pen.text(row, 0, title, &left)?;
        pen.sheet.set_row_height_pixels(row, 30)?;
        let municipality = self.spec.municipality.replace("{municipality}", &self.view.municipality);
        pen.text(row + 1, 0, &municipality, &self.styles.plain)?;
        Ok(row + 3)
    }

    /// Writes the rows; gives the first and the last of them, or the row that says that there are none.
    fn rows(&self, workbook: &mut Workbook, placed: &mut Vec<Placed>) -> Result<(RowNum, RowNum), FormError> {
        let (spec, view, styles) = (self.spec, self.view, &self.styles);
        let mut pen = Pen::new(&spec.sheets.rows, placed)?;
        for (column, width) in (0..).zip(WIDTHS) {
            pen.sheet.set_column_width_pixels(column, width)?;
        }
        let top = self.heading(&mut pen, &spec.title)?;
        let columns = &spec.columns;
        let headings = [
            &columns.number,
            &columns.severity,
            &columns.file,
            &columns.sheet,
            &columns.cell,
            &columns.school,
            &columns.message,
            &columns.hint,
            &columns.rule,
        ];
        for (column, heading) in (0..).zip(headings) {
            pen.text(top, column, heading, &styles.heading)?;
        }
        pen.sheet.set_row_height_pixels(top, 30)?;
        let text = styles.small_text.clone().set_align(FormatAlign::Top);
        let number = styles.number.clone().set_align(FormatAlign::Top);
        let mut row = top;
        for (count, finding) in (1_i64..).zip(&view.rows) {
            row += 1;
            pen.number(row, 0, &Measure::from(count), &number)?;
            let school = view.school_of(finding).unwrap_or(&spec.counts.general);
            let texts = [
                self.severity(finding.severity),
                &finding.file,
                &finding.sheet,
                &finding.cell,
                school,
                &finding.message,
                &finding.hint,
                &finding.rule,
            ];
            for (column, content) in (SEVERITY..).zip(texts) {
                pen.text(row, column, content, &text)?;
            }
            let heights = texts.into_iter().zip(WIDTHS.into_iter().skip(1));
            let highest = heights.map(|(content, width)| height(content, width, 10)).max();
            pen.sheet.set_row_height_pixels(row, highest.unwrap_or_default())?;
        }
        let first = top + 1;
        if view.rows.is_empty() {
            row = first;
            pen.wide(row, (0, RULE), &spec.none, &text)?;
        }
        pen.sheet.autofilter(top, 0, row, RULE)?;
        pen.sheet.ignore_error_range(first, 0, row, RULE, rust_xlsxwriter::IgnoreError::NumberStoredAsText)?;
        let setup = Setup {
            last: (row, RULE),
            header: Some((top, top)),
            freeze: Some((first, 0)),
            is_landscape: true,
            pages: 0,
        };
        pen.page(&spec.name, &self.marks(), &self.foot(), &setup)?;
        workbook.push_worksheet(pen.sheet);
        Ok((first, row))
    }

    fn foot(&self) -> String {
        self.spec.page.replace('&', "&&").replace("{page}", "&P").replace("{pages}", "&N")
    }

    /// Writes the counts by rule and by school.
    fn counts(
        &self,
        workbook: &mut Workbook,
        placed: &mut Vec<Placed>,
        rows: (RowNum, RowNum),
    ) -> Result<(), FormError> {
        let (spec, view) = (self.spec, self.view);
        let mut pen = Pen::new(&spec.sheets.counts, placed)?;
        for (column, width) in (0..).zip(COUNT_WIDTHS) {
            pen.sheet.set_column_width_pixels(column, width)?;
        }
        let mut row = self.heading(&mut pen, &spec.counts.title)?;
        let table = Table { form: self, rows };
        if !view.rows.is_empty() {
            let rules: Vec<(&str, &Tally)> = view.rules.iter().map(|rule| (rule.name.as_str(), rule)).collect();
            let general = view.general.iter().map(|general| (spec.counts.general.as_str(), general));
            let schools = view.schools.iter().map(|school| (school.name.as_str(), school));
            let schools: Vec<(&str, &Tally)> = general.chain(schools).collect();
            row = table.write(&mut pen, row, &spec.counts.by_rule, RULE, &rules, true)? + 2;
            let first = row + 1;
            row = table.write(&mut pen, row, &spec.counts.by_school, SCHOOL, &schools, false)? + 1;
            // Schools stand below the findings of no school, above the sums.
            let first = if view.general.is_some() { first + 1 } else { first };
            pen.wide(row, (0, TOTAL - 1), &spec.counts.school_count, &self.styles.total_text)?;
            if view.schools.is_empty() {
                pen.number(row, TOTAL, &Measure::from(0_i64), &self.styles.total)?;
            } else {
                let range = format!("{}:{}", address(first, TOTAL), address(row - 2, TOTAL));
                let formula = format!("COUNTIF({range},\">0\")");
                let result = Cached::Number(view.school_count.value.clone());
                pen.formula(row, TOTAL, &formula, &result, &counted(&self.styles.total))?;
            }
            place(&mut pen, row, TOTAL, &view.school_count);
        } else {
            row = table.nothing(&mut pen, row)?;
        }
        let setup = Setup { last: (row, TOTAL), header: None, freeze: None, is_landscape: false, pages: 0 };
        pen.page(&spec.name, &self.marks(), &self.foot(), &setup)?;
        workbook.push_worksheet(pen.sheet);
        Ok(())
    }
}

fn counted(format: &Format) -> Format {
    format.clone().set_num_format(COUNT_FORMAT)
}

fn place(pen: &mut Pen<'_>, row: RowNum, column: ColNum, figure: &Figure) {
    pen.place(row, column, figure.id.clone(), figure.text(), figure.node);
}

/// Tells whether a text as a criterion of a counting function means itself alone: no pattern, comparison or number.
fn is_criterion(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.contains(['*', '?', '~'])
        && !text.starts_with(['<', '>', '='])
        && text.parse::<f64>().is_err()
        && text.encode_utf16().count() <= LONGEST_CRITERION
}

/// A table of counts over the rows of the findings.
struct Table<'a> {
    form: &'a Form<'a>,
    rows: (RowNum, RowNum),
}

impl Table<'_> {
    /// The range of a column of the findings, as a formula of another sheet names it.
    fn range(&self, column: ColNum) -> String {
        let (first, last) = self.rows;
        let letters = crate::provenance::column_letters(column);
        format!("'{}'!${letters}${}:${letters}${}", self.form.spec.sheets.rows, first + 1, last + 1)
    }

    /// Writes the counts of no findings, live like all others; gives their row.
    fn nothing(&self, pen: &mut Pen<'_>, top: RowNum) -> Result<RowNum, FormError> {
        let Form { spec, view, styles } = self.form;
        let (row, severities, sum) = (top + 1, self.range(SEVERITY), counted(&styles.total));
        pen.text(top, 0, &spec.none, &styles.heading)?;
        pen.text(row, 0, &spec.counts.total, &styles.total_text)?;
        for (column, (word, figure)) in (1..).zip(view.severities.iter().zip(&view.counts)) {
            pen.text(top, column, word, &styles.heading)?;
            let formula = format!("COUNTIF({severities},{})", address(top, column));
            pen.formula(row, column, &formula, &Cached::Number(figure.value.clone()), &sum)?;
            place(pen, row, column, figure);
        }
        pen.text(top, TOTAL, &spec.counts.total, &styles.heading)?;
        let formula = format!("SUM({}:{})", address(row, 1), address(row, TOTAL - 1));
        pen.formula(row, TOTAL, &formula, &Cached::Number(Measure::default()), &sum)?;
        Ok(row)
    }

    /// Writes a table and its sums; gives the row of the sums.
    fn write(
        &self,
        pen: &mut Pen<'_>,
        top: RowNum,
        title: &str,
        counted_by: ColNum,
        tallies: &[(&str, &Tally)],
        is_first: bool,
    ) -> Result<RowNum, FormError> {
        let Form { spec, view, styles } = self.form;
        pen.text(top, 0, title, &styles.heading)?;
        for (column, word) in (1..).zip(&view.severities) {
            pen.text(top, column, word, &styles.heading)?;
        }
        pen.text(top, TOTAL, &spec.counts.total, &styles.heading)?;
        let (names, severities) = (self.range(counted_by), self.range(SEVERITY));
        let (number, sum) = (counted(&styles.number), counted(&styles.total));
        let folded: Vec<String> = tallies.iter().map(|(name, _)| name.to_lowercase()).collect();
        let mut row = top;
        for (name, tally) in tallies {
            row += 1;
            pen.text(row, 0, name, &styles.text)?;
            let lower = name.to_lowercase();
            // Counting functions do not tell capitals from small letters.
            let is_plain = is_criterion(name) && folded.iter().filter(|other| **other == lower).count() == 1;
            for (column, count) in (1..).zip(tally.by_severity) {
                let (key, severity) = (format!("$A{}", row + 1), address(top, column));
                let formula = if is_plain {
                    format!("COUNTIFS({names},{key},{severities},{severity})")
                } else {
                    format!("SUMPRODUCT(EXACT({names},{key})*EXACT({severities},{severity}))")
                };
                pen.formula(row, column, &formula, &Cached::Number(Measure::from(i64::from(count))), &number)?;
            }
            let formula = format!("SUM({}:{})", address(row, 1), address(row, TOTAL - 1));
            pen.formula(row, TOTAL, &formula, &Cached::Number(tally.total.value.clone()), &sum)?;
            place(pen, row, TOTAL, &tally.total);
        }
        let (first, last) = (top + 1, row);
        row += 1;
        pen.text(row, 0, &spec.counts.total, &styles.total_text)?;
        let all: Measure = view.counts.iter().map(|figure| figure.value.clone()).sum();
        let values = view.counts.iter().map(|figure| figure.value.clone()).chain([all]);
        for (column, value) in (1..).zip(values) {
            let formula = format!("SUM({}:{})", address(first, column), address(last, column));
            pen.formula(row, column, &formula, &Cached::Number(value), &sum)?;
        }
        if is_first {
            for (column, figure) in (1..).zip(&view.counts) {
                place(pen, row, column, figure);
            }
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = include_str!("../../templates/forms/findings.toml");

    #[test]
    fn the_built_in_form_is_sound_and_faults_are_named() {
        assert!(FindingsSpec::parse(FORM).is_ok());
        for (good, bad) in [
            ("\"Сводка\"", "\"замечания\""),
            ("{municipality}", "{region}"),
            ("муниципалитет в целом", "*"),
            ("title =", "titel ="),
        ] {
            assert!(FindingsSpec::parse(&FORM.replace(good, bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_criterion_means_itself_alone() {
        for (text, expected) in [
            ("ОО-04 – СОШ № 4", true),
            ("12", false),
            ("1e5", false),
            ("=А", false),
            ("СОШ?", false),
            ("missing-result", true),
        ] {
            assert_eq!(is_criterion(text), expected, "{text}");
        }
        assert!(!is_criterion(&"ж".repeat(256)));
    }
}
