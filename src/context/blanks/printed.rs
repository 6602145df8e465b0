//! Blanks as documents print them: what is asked, on paper.
//! In: blanks. Out: views. It must never know how a page is laid out.

use super::Ground;
use crate::blank::{Blank, BlankSpec, Column, Content, Kind, Respondent, Row, Table, Words, fill};
use crate::context::View;
use crate::model::Text;
use crate::provenance::{NodeId, Sources};
use crate::ru;

/// Rows of an open table that a printed blank shows: more are added by hand.
const PRINTED: usize = 12;

/// Turns texts of a blank into texts of a page.
#[derive(Clone, Copy)]
struct Page {
    node: NodeId,
}

impl Page {
    fn new(blank: &Blank, sources: &mut Sources) -> Self {
        Self { node: sources.declared(&format!("blanks/{}.toml", blank.form), "title") }
    }

    fn text(self, value: &str) -> View {
        View::Text(Text { value: ru::prose(value).replace("№ ", "№\u{a0}"), node: self.node })
    }

    fn texts(self, values: &[String]) -> View {
        View::List(values.iter().map(|value| self.text(value)).collect())
    }

    /// A table; values of a respondent only where they are wanted.
    fn table(self, table: &Table, title: &str, has_values: bool) -> View {
        let widths = widths(&table.columns);
        let column = |(column, width): (&Column, &&str)| {
            View::map([("heading", self.text(&column.heading)), ("width", self.text(width))])
        };
        let row = |row: &Row| {
            let cell = |(column, content): (&Column, &Content)| match content {
                _ if column.difference.is_some() => match column.difference.as_ref().filter(|_| has_values) {
                    Some(difference) => self.text(
                        &table.difference(row, difference).map_or_else(|| NONE.to_owned(), |change| ru::typed(&change)),
                    ),
                    None => self.text(""),
                },
                // Numbers but those that tell rows apart are a respondent's own.
                Content::Number(_) if !OF_ROWS.contains(&column.key.as_str()) && !has_values => self.text(""),
                content => self.text(&content.text()),
            };
            View::map([("cells", View::List(table.columns.iter().zip(&row.cells).map(cell).collect()))])
        };
        let choice = |column: &Column| match &column.kind {
            Kind::Choice(words) if column.is_open => {
                Some(self.text(&format!("{}: {}.", column.heading, words.join("; "))))
            }
            _ => None,
        };
        let shown = if table.is_open { PRINTED } else { usize::MAX };
        View::map([
            ("title", self.text(&table.title)),
            ("has_title", View::Flag(table.title != title)),
            ("note", self.text(&table.note)),
            ("has_note", View::Flag(!table.note.is_empty())),
            ("choices", View::List(table.columns.iter().filter_map(choice).collect())),
            ("columns", View::List(table.columns.iter().zip(&widths).map(column).collect())),
            ("rows", View::List(table.rows.iter().take(shown).map(row).collect())),
        ])
    }

    fn tables(self, blank: &Blank, has_values: bool) -> View {
        // What stays in the school is no part of what is signed.
        let told = blank.tables.iter().filter(|table| !table.is_internal);
        View::List(told.map(|table| self.table(table, &blank.title, has_values)).collect())
    }
}

/// What stands where there is nothing to compare.
const NONE: &str = "–";
/// Columns whose numbers tell rows apart: every respondent has the same.
const OF_ROWS: [&str; 2] = ["number", "grade"];

/// Words for the widths of printed columns: a page has other columns than a screen, but no heading is cut in a word.
fn widths(columns: &[Column]) -> Vec<&'static str> {
    let width = |column: &Column| {
        let words = column.heading.split([' ', '-', '\n']).map(|word| word.chars().count());
        let longest = words.max().unwrap_or_default();
        match (column.width, longest) {
            (37.., _) => "wide",
            (19.., _) => "middle",
            (0..=8, 0..=3) => "number",
            (0..=8, 0..=5) => "small",
            (_, 0..=9) => "short",
            (_, 10..=13) => "medium",
            (_, _) => "large",
        }
    };
    let mut widths: Vec<&'static str> = columns.iter().map(width).collect();
    // Many columns are drawn together as far as their words allow.
    if room_of(&widths) > ON_SIDE {
        for width in &mut widths {
            *width = match *width {
                "short" => "short-tight",
                "medium" => "medium-tight",
                "large" => "large-tight",
                "wide" => "middle",
                other => other,
            };
        }
    }
    // A table is as wide as the page.
    if !widths.iter().any(|width| matches!(*width, "middle" | "wide")) {
        let widest = columns.iter().enumerate().max_by_key(|(_, column)| column.width).map(|(index, _)| index);
        if let Some(widest) = widest.and_then(|widest| widths.get_mut(widest)) {
            *widest = "middle";
        }
    }
    widths
}

/// Millimetres between the margins of a page that stands, and of one on its side.
const UPRIGHT: u32 = 170;
const ON_SIDE: u32 = 257;

/// Millimetres that columns of such widths need, as `form-column` of the vocabulary has them; a column that takes what is
/// left needs some room, too.
fn room_of(widths: &[&str]) -> u32 {
    let room = |width: &&str| match *width {
        "number" => 10,
        "small" => 16,
        "short-tight" => 21,
        "short" => 23,
        "medium-tight" => 26,
        "medium" | "middle" => 32,
        "large-tight" => 34,
        "large" => 42,
        _ => 50,
    };
    widths.iter().map(room).sum()
}

/// Whether a blank is printed on pages on their side: a table of it has no room on an upright one.
pub fn is_wide(blank: &Blank) -> bool {
    let mut told = blank.tables.iter().filter(|table| !table.is_internal);
    told.any(|table| room_of(&widths(&table.columns)) > UPRIGHT)
}

/// A blank as documents print it: what is asked, without the values of a respondent.
pub fn view(blank: &Blank, sources: &mut Sources) -> View {
    let page = Page::new(blank, sources);
    View::map([
        ("title", page.text(&blank.title)),
        ("lines", page.texts(blank.lines.get(1..).unwrap_or_default())),
        ("tables", page.tables(blank, false)),
        ("has_rows", View::Flag(blank.tables.iter().all(|table| !table.rows.is_empty()))),
        ("instruction", page.texts(&blank.instruction)),
        ("signatures", page.texts(&blank.signatures)),
        ("contact", page.text(&blank.contact)),
        ("has_contact", View::Flag(!blank.contact.is_empty())),
    ])
}

/// The blank of one respondent as a paper to be filled in by hand and signed: the same as its workbook.
pub fn respondent_form(blank: &Blank, words: &Words, sources: &mut Sources) -> View {
    let page = Page::new(blank, sources);
    let about = |line: &String| {
        let (label, value) = line.split_once(": ").unwrap_or((line, ""));
        View::map([("label", page.text(label)), ("value", page.text(value))])
    };
    let under = format!("{}, {}, {}", words.of("sign"), words.of("name"), words.of("date"));
    let line = |post: &str, under: &str| View::map([("post", page.text(post)), ("under", page.text(under))]);
    let executor = line(words.of("executor"), words.of("executor-under"));
    let signatures = blank.signatures.iter().map(|post| line(post, &under)).chain([executor]).collect();
    let values = [("title", blank.title.as_str()), ("respondent", &blank.respondent.name)];
    let signed = fill(words.of("signed"), &values);
    let version = format!("{} {}", words.of("version"), blank.version);
    let foot = [blank.contact.clone(), version].into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    View::map([
        ("title", page.text(&blank.title)),
        ("approval", page.texts(&blank.approval)),
        ("has_approval", View::Flag(!blank.approval.is_empty())),
        ("about", View::List(blank.lines.iter().map(about).collect())),
        ("instruction_title", page.text(words.of("instruction"))),
        ("on_paper", page.text(words.of("on-paper"))),
        ("instruction", page.texts(&blank.instruction)),
        ("tables", page.tables(blank, true)),
        ("signed", page.text(&signed)),
        ("signatures", View::List(signatures)),
        ("foot", page.texts(&foot)),
    ])
}

/// The appendix of the order on monitoring that prints the form by which schools report.
const MONITORING: &str = "monitoring-school-form";

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
        let monitoring = self.printed(MONITORING).and_then(|spec| blanks.iter().find(|blank| blank.form == spec.id));
        let monitoring = monitoring.filter(whole);
        let own = monitoring.map(|blank| view(blank, sources));
        let forms: Vec<View> = blanks.iter().filter(whole).map(|blank| view(blank, sources)).collect();
        View::map([
            ("has_monitoring", View::Flag(own.is_some())),
            ("monitoring", own.unwrap_or(View::Flag(false))),
            ("forms", View::List(forms)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_column_is_that_of_the_vocabulary() {
        let templates = crate::catalog::Templates::built_in();
        let text = &templates.get("layout/vocabulary.typ").expect("the vocabulary").text;
        let (_, widths) = text.split_once("#let form-column(").expect("the columns of forms");
        let (_, widths) = widths.split_once("width: (").expect("their widths");
        let (widths, _) = widths.split_once(").at(width)").expect("their end");
        let mut held = 0;
        for (word, width) in widths.split(',').filter_map(|entry| entry.trim().split_once(": ")) {
            let Some(told) = width.strip_suffix("cm") else { continue };
            let (whole, tenth) = told.split_once('.').unwrap_or((told, "0"));
            assert_eq!(room_of(&[word]).to_string(), format!("{whole}{tenth}"), "{word}");
            held += 1;
        }
        assert_eq!(held, 8, "every width in centimetres");
    }
}
