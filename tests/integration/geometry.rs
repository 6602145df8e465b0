//! Geometry of laid-out pages: paper, margins, sizes, indents, places of requisites, repeated heads.
//! In: a job and its pages. Out: a line for each thing that stands where it must not. `packages` holds every document of
//! all samples to it; the tests here show that it can fail.

#![expect(clippy::expect_used, clippy::panic, reason = "what these tests build on must be there")]
#![expect(clippy::float_arithmetic, reason = "geometry of pages")]

use std::collections::BTreeMap;

use svod::catalog::Standing;
use svod::context::View;
use svod::plan::{Job, Part};
use svod::settings::LetterheadForm;
use svod::typeset::{Fonts, PageText, Run, Typeset};

use crate::run::messages;
use crate::templates::{job, make, names, text};

/// A4 in points, upright.
const PAPER: (f64, f64) = (595.28, 841.89);
/// Points of a millimetre.
const MM: f64 = 72.0 / 25.4;
/// Full stops and hyphens of justified lines may hang over the edge of the text.
const HANGING: f64 = 4.0;
/// What rounding and side bearings come to.
const SLACK: f64 = 1.0;
/// Part of its size that a line has above and below the line it stands on, as the layout sets it.
const ABOVE: f64 = 0.8;
const BELOW: f64 = 0.2;
/// Least distance of the page number from the edge (ГОСТ Р 7.0.97).
const NUMBER_FROM_EDGE: f64 = 10.0 * MM;

/// What a profile says, in points.
struct Profile {
    margins: [f64; 4],
    text: f64,
    table: f64,
    sizes: Vec<f64>,
    margin_sizes: Vec<f64>,
    indent: f64,
    angular: f64,
    corner: f64,
    line: f64,
    slot: f64,
    words: Vec<String>,
}

fn profile(source: &str) -> Profile {
    let table: toml::Table = source.parse().expect("a profile");
    let value = |group: &str, key: &str| table.get(group).and_then(|group| group.get(key)).expect("a key");
    let length = |group: &str, key: &str| {
        let text = value(group, key).as_str().expect("a length");
        let of = |unit: &str, points: f64| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * points);
        of("mm", MM).or_else(|| of("cm", 10.0 * MM)).or_else(|| of("pt", 1.0)).expect("a length")
    };
    let word = |key: &str| value("words", key).as_str().expect("a word").to_owned();
    let margin = |side: &str| length("page", &format!("margin-{side}"));
    let (text, table_size) = (length("text", "size"), length("table", "size"));
    Profile {
        margins: [margin("left"), margin("right"), margin("top"), margin("bottom")],
        text,
        table: table_size,
        sizes: vec![text, table_size, length("requisites", "preparer-size")],
        margin_sizes: vec![text, length("page", "number-size"), length("page", "mark-size")],
        indent: length("text", "first-line-indent"),
        angular: length("requisites", "angular"),
        corner: length("requisites", "corner"),
        line: length("requisites", "line"),
        slot: length("requisites", "visa-slot"),
        words: vec![word("continued"), word("concluded")],
    }
}

/// A line of a page: runs on one baseline from the left.
struct Row<'p> {
    runs: Vec<&'p Run>,
}

impl Row<'_> {
    fn left(&self) -> f64 {
        self.runs.first().map_or(0.0, |run| run.left)
    }

    fn right(&self) -> f64 {
        self.runs.iter().map(|run| run.right).fold(0.0, f64::max)
    }

    fn size(&self) -> f64 {
        self.runs.first().map_or(0.0, |run| run.size)
    }

    fn baseline(&self) -> f64 {
        self.runs.first().map_or(0.0, |run| run.baseline)
    }

    fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect::<String>().trim().to_owned()
    }
}

/// The lines of a page's body from above.
fn rows(page: &PageText) -> Vec<Row<'_>> {
    let mut runs: Vec<&Run> = page.runs.iter().filter(|run| !run.is_margin && run.right - run.left > 0.1).collect();
    runs.sort_by(|a, b| a.baseline.total_cmp(&b.baseline).then(a.left.total_cmp(&b.left)));
    let mut rows: Vec<Row<'_>> = Vec::new();
    for run in runs {
        match rows.last_mut() {
            Some(row) if (row.baseline() - run.baseline).abs() < 0.5 => row.runs.push(run),
            _ => rows.push(Row { runs: vec![run] }),
        }
    }
    rows.iter_mut().for_each(|row| row.runs.sort_by(|a, b| a.left.total_cmp(&b.left)));
    rows
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= SLACK
}

/// A page with its document.
struct Sheet<'p> {
    page: &'p PageText,
    number: usize,
    part: &'p Part,
    rows: Vec<Row<'p>>,
}

/// Everything that stands where it must not.
pub fn faults(job: &Job, typeset: &Typeset) -> Vec<String> {
    let profile = profile(&job.profile_source);
    let mut found = Vec::new();
    let mut sheets: Vec<Sheet<'_>> = Vec::new();
    let mut parts = job.parts.iter();
    for (index, page) in typeset.texts.iter().enumerate() {
        let mut say = |what: String| found.push(format!("{}, page {}: {what}", job.file, index + 1));
        let number = margin_faults(job, page, &profile, &mut say);
        let part = match (number, sheets.last()) {
            // The first page of a document bears no number.
            (None, _) => parts.next(),
            (Some(_), Some(last)) => Some(last.part),
            (Some(_), None) => None,
        };
        let expected = match (number, sheets.last()) {
            (Some(_), Some(last)) => last.number + 1,
            _ => 1,
        };
        let Some(part) = part else {
            say("a page of no document".to_owned());
            continue;
        };
        if number.unwrap_or(1) != expected {
            say(format!("number {number:?} for {expected}"));
        }
        sheets.push(Sheet { page, number: expected, part, rows: rows(page) });
    }
    if let Some(part) = parts.next() {
        found.push(format!("{}: {} has no page", job.file, part.document));
    }
    for (index, sheet) in sheets.iter().enumerate() {
        let mut say = |what: String| found.push(format!("{}, page {}: {what}", job.file, index + 1));
        body_faults(job, sheet, &profile, &mut say);
        if sheet.number == 1 {
            requisite_faults(job, sheet, &profile, &mut say);
        }
        let of_part: Vec<&Sheet<'_>> = sheets.iter().take(index).filter(|other| same(other, sheet)).collect();
        head_faults(&of_part, sheet, &profile, &mut say);
        let is_last = sheets.get(index + 1).is_none_or(|next| next.number == 1);
        if is_last {
            let all: Vec<&Sheet<'_>> = of_part.into_iter().chain([sheet]).collect();
            end_faults(&all, &profile, &mut say);
        }
    }
    found
}

fn same(one: &Sheet<'_>, other: &Sheet<'_>) -> bool {
    std::ptr::eq(one.part, other.part)
}

/// Header and footer hold a number, marks, and that a table goes on; returns the number.
fn margin_faults(job: &Job, page: &PageText, profile: &Profile, say: &mut impl FnMut(String)) -> Option<usize> {
    let [left, right, top, bottom] = profile.margins;
    let (width, height) = page.size;
    let mut number = None;
    let mut texts: BTreeMap<i64, String> = BTreeMap::new();
    for run in page.runs.iter().filter(|run| run.is_margin) {
        #[expect(clippy::cast_possible_truncation, reason = "a place on a page")]
        texts.entry(run.baseline as i64).or_default().push_str(&run.text);
        if !profile.margin_sizes.iter().any(|size| near(*size, run.size)) {
            say(format!("«{}» in the margin is of {} points", run.text, run.size));
        }
        if run.baseline > top && run.baseline - run.size < height - bottom {
            say(format!("«{}» of the margin stands in the text", run.text));
        }
        let is_mark = [&job.sample_mark, &job.draft_mark].into_iter().flatten().any(|mark| mark.contains(&*run.text));
        let is_continued =
            run.right > width - right - SLACK || profile.words.iter().any(|word| run.text.contains(word));
        if let (Ok(found), false, None) = (run.text.trim().parse::<usize>(), is_continued, number) {
            number = Some(found);
            let centre = (left + width - right) / 2.0;
            if !near((run.left + run.right) / 2.0, centre) {
                say(format!("the page number stands at {:.1}, not in the middle", run.left));
            }
            if run.baseline - ABOVE * run.size < NUMBER_FROM_EDGE - SLACK {
                say(format!("the page number stands at {:.1} from above", run.baseline));
            }
        } else if !is_mark && !is_continued {
            say(format!("«{}» in the margin", run.text));
        }
    }
    for mark in [&job.sample_mark, &job.draft_mark].into_iter().flatten() {
        if !texts.values().any(|line| line.contains(mark.as_str())) {
            say(format!("no «{mark}» in the margin"));
        }
    }
    number
}

fn body_faults(job: &Job, sheet: &Sheet<'_>, profile: &Profile, say: &mut impl FnMut(String)) {
    let [left, right, top, bottom] = profile.margins;
    let (width, height) = sheet.page.size;
    let paper = if sheet.part.is_landscape { (PAPER.1, PAPER.0) } else { PAPER };
    if !near(width, paper.0) || !near(height, paper.1) {
        say(format!("paper of {width:.0} × {height:.0}"));
    }
    if sheet.rows.is_empty() {
        say("an empty page".to_owned());
    }
    let zone = (left, width - right);
    for run in sheet.rows.iter().flat_map(|row| &row.runs) {
        let is_inside = run.left > zone.0 - HANGING
            && run.right < zone.1 + HANGING
            && run.baseline - ABOVE * run.size > top - SLACK
            && run.baseline + BELOW * run.size < height - bottom + SLACK;
        if !is_inside {
            say(format!("«{}» leaves the margins: {:.1}–{:.1}, {:.1}", run.text, run.left, run.right, run.baseline));
        }
        if !profile.sizes.iter().any(|size| (size - run.size).abs() < 0.01) {
            say(format!("«{}» is of {} points", run.text, run.size));
        }
    }
    // Lines of the text begin at the margin, at the indent of a paragraph, or at that of a list below another.
    let centre = (zone.0 + zone.1) / 2.0;
    // An angular letterhead has a middle of its own.
    let in_corner = |row: &Row<'_>| {
        let has_corner = job.letterhead == LetterheadForm::Angular && sheet.number == 1;
        has_corner && row.runs.first().is_some_and(|run| run.right < left + profile.angular + SLACK)
    };
    // What is sent with a letter stands behind its word, line below line.
    let of_appendix = sheet.rows.iter().find(|row| row.text().starts_with("Приложение:") && near(row.left(), left));
    let behind = of_appendix.and_then(|row| row.runs.get(1)).map(|run| run.left - left);
    let mut above: Option<&Row<'_>> = None;
    for row in &sheet.rows {
        let of_text = near(row.size(), profile.text);
        let (start, end) = (row.left() - left, row.right());
        let is_centred = (row.left() + end) / 2.0 - centre;
        if of_text && start > SLACK && start < profile.indent * 2.5 && is_centred.abs() > 2.0 && !in_corner(row) {
            // The name in a stamp stands behind the line for the signature and a blank.
            let is_signed = row.runs.first().is_some_and(|run| is_name(run.text.trim()))
                && near(start, profile.slot + profile.text * 0.25);
            let is_behind = behind.is_some_and(|behind| near(start, behind));
            let is_known =
                is_signed || is_behind || [1.0, 2.0].iter().any(|times| (start - profile.indent * times).abs() < 1.5);
            if !is_known {
                say(format!("«{}» is indented by {:.2} cm", row.text(), start / MM / 10.0));
            }
        }
        // A line that ends early with the sign of an end ends its paragraph: the next begins at an indent.
        if let Some(above) = above
            && of_text
            && near(above.size(), profile.text)
            && start.abs() < SLACK
            && above.left() - left < profile.indent * 2.5
            && above.right() < zone.1 - 20.0
            && above.text().ends_with(['.', ';'])
            && row.baseline() - above.baseline() < profile.text * 1.4
        {
            say(format!("«{}» begins a paragraph without an indent", row.text()));
        }
        above = Some(row);
    }
}

/// Where the first page of a document has its requisites.
fn requisite_faults(job: &Job, sheet: &Sheet<'_>, profile: &Profile, say: &mut impl FnMut(String)) {
    let [left, right, ..] = profile.margins;
    let (begin, end) = (left, sheet.page.size.0 - right);
    let Some(first) = sheet.rows.first() else { return };
    match sheet.part.standing {
        // The stamp of approval and the mark of an appendix: flush left lines in a block at the right edge.
        Standing::Appendix | Standing::NestedAppendix => {
            let corner = end - profile.corner;
            let block = sheet.rows.iter().take_while(|row| row.left() > corner - SLACK);
            let lines: Vec<&Row<'_>> = block.collect();
            if lines.is_empty() || lines.iter().any(|row| !near(row.left(), corner)) {
                say(format!("«{}» of the stamp begins at {:.1}, not at {corner:.1}", first.text(), first.left()));
            }
            if !first.text().starts_with("Приложение") && !first.text().starts_with("УТВЕРЖД") {
                say(format!("«{}» stands where the stamp should", first.text()));
            }
        }
        // The letterhead: over the middle of the page, or in the left corner.
        Standing::Order | Standing::Letter => {
            let is_angular = job.letterhead == LetterheadForm::Angular;
            let lines = sheet.rows.iter().take(2);
            for run in lines.flat_map(|row| row.runs.iter().take(1)) {
                let centre = (run.left + run.right) / 2.0;
                let is_placed = if is_angular {
                    run.left > begin - SLACK && run.right < begin + profile.angular + SLACK
                } else {
                    run.right - run.left < profile.line + 5.0 * MM && (centre - (begin + end) / 2.0).abs() < 3.0
                };
                if !is_placed && sheet.part.standing == Standing::Order {
                    say(format!("«{}» is not where a letterhead stands: {:.1}–{:.1}", run.text, run.left, run.right));
                }
            }
        }
        Standing::Report | Standing::Paper => {}
    }
}

/// A table that goes on begins with its head again.
fn head_faults(earlier: &[&Sheet<'_>], sheet: &Sheet<'_>, profile: &Profile, say: &mut impl FnMut(String)) {
    let bodies = || sheet.part.sections.iter().map(|section| section.body.as_str());
    let has_head = bodies().any(|body| body.contains("#data-table(") || body.contains("#form-table("));
    let has_none = bodies().any(|body| body.contains("#passport(") || body.contains("#bar-chart("));
    let (Some(last), Some(first)) = (earlier.last().and_then(|sheet| sheet.rows.last()), sheet.rows.first()) else {
        return;
    };
    let of_table = |row: &Row<'_>| near(row.size(), profile.table);
    if !has_head || has_none || !of_table(last) || !of_table(first) {
        return;
    }
    let is_same = |row: &Row<'_>| {
        row.runs.len() == first.runs.len()
            && row.runs.iter().zip(&first.runs).all(|(a, b)| a.text == b.text && near(a.left, b.left))
    };
    if !earlier.iter().flat_map(|sheet| &sheet.rows).any(is_same) {
        say(format!("«{}» begins a page of a table without its head", first.text()));
    }
}

/// The name of who signs is flush right; who made the document stands at the foot of its last page.
fn end_faults(sheets: &[&Sheet<'_>], profile: &Profile, say: &mut impl FnMut(String)) {
    let Some(last) = sheets.last().filter(|sheet| matches!(sheet.part.standing, Standing::Order | Standing::Letter))
    else {
        return;
    };
    let [left, right, _, bottom] = profile.margins;
    let (width, height) = last.page.size;
    let signs = |row: &Row<'_>| {
        let name = row.runs.last().map(|run| run.text.trim().to_owned()).unwrap_or_default();
        near(row.size(), profile.text)
            && is_name(&name)
            && near(row.right(), width - right)
            && row.runs.len() > 1
            && near(row.left(), left)
    };
    if !sheets.iter().flat_map(|sheet| &sheet.rows).any(signs) {
        say("no name of who signs at the right edge".to_owned());
    }
    let of_preparer = |row: &&Row<'_>| row.size() < profile.table - 0.5;
    // Requisite 08 of a letter is of the same size, at its head.
    let lines: Vec<&Row<'_>> =
        last.rows.iter().filter(of_preparer).filter(|row| row.baseline() > height / 2.0).collect();
    if let (Some(lowest), Some(end)) = (lines.last(), last.rows.last()) {
        let is_lowest = near(lowest.baseline(), end.baseline());
        if !is_lowest || lowest.baseline() < height - bottom - 2.0 * lowest.size() || !near(lowest.left(), left) {
            say(format!("«{}» does not stand at the foot", lowest.text()));
        }
    }
}

/// «И.О. Фамилия».
fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    let mut initial = || letters.next().is_some_and(char::is_uppercase) && letters.next() == Some('.');
    initial() && initial() && text.contains('\u{a0}')
}

/// A long document of every kind of text.
fn probe(plant: &[(&str, &str)]) -> Vec<String> {
    let mut view = names();
    let rows = (0..300).map(|number| text(&format!("строка {number}"))).collect();
    view.insert("rows".to_owned(), View::List(rows));
    view.insert("long".to_owned(), text(&"слово и ещё одно ".repeat(30)));
    let body = "#letterhead([УПРАВЛЕНИЕ ОБРАЗОВАНИЯ])\n#kind-name[ПРИКАЗ]\n#paragraph[{{ long }}.]\n\n#paragraph[{{ long }}.]\n\n\
        #items([{{ long }};], [{{ long }}.])\n\n\
        #lettered([первый:#sub-items([{{ long }};], [второй;])], [{{ long }}.])\n\n\
        #data-table(columns: (2cm, 1fr), header: ([Школа], [Вывод]), {% for row in rows %}row([да], [{{ row }}]), {% endfor %})\n\n\
        #signature(post: [Начальник], name: [И.О.~Образцова])\n#preparer[Исполнитель]";
    let mut job = job(&[body], view);
    job.sample_mark = Some(messages().text("sample-mark", &[]));
    for (from, to) in plant {
        let (vocabulary, profile) = (job.vocabulary.replace(from, to), job.profile_source.replace(from, to));
        assert!(vocabulary != job.vocabulary.as_str() || profile != job.profile_source.as_str(), "no {from}");
        job.vocabulary = vocabulary;
        let planted = profile != job.profile_source.as_str();
        job.profile_source = profile;
        assert!(!planted, "the profile is the measure");
    }
    let made = make(&job, &Fonts::built_in());
    let Some(typeset) = made.typeset else { panic!("{:?}", made.findings) };
    assert!(typeset.pages > 3, "{} pages", typeset.pages);
    faults(&job, &typeset)
}

#[test]
fn a_sound_document_has_no_fault_and_a_planted_one_is_found() {
    assert_eq!(probe(&[]), Vec::<String>::new());
    for (from, to, expected) in [
        (
            "first-line-indent: (amount: profile.text.first-line-indent",
            "first-line-indent: (amount: 2cm",
            "is indented by",
        ),
        (
            "first-line-indent: (amount: profile.text.first-line-indent",
            "first-line-indent: (amount: 0cm",
            "without an indent",
        ),
        ("set text(size: profile.table.size, hyphenate", "set text(size: 11pt, hyphenate", "is of 11 points"),
        ("bottom: profile.page.margin-bottom", "bottom: 1cm", "leaves the margins"),
        ("left: profile.page.margin-left", "left: 2cm", "leaves the margins"),
        (
            "place(top + center, dy: profile.page.number-top",
            "place(top + left, dy: profile.page.number-top",
            "not in the middle",
        ),
        ("place(top + center, dy: profile.page.number-top", "place(top + center, dy: 5mm", "from above"),
        (
            "    table.header(\n      ..header.map",
            "    table.header(\n      repeat: false, ..header.map",
            "without its head",
        ),
        (
            "align: (left + bottom, left + bottom, right + bottom),\n      post,\n      block(height: mark-room)",
            "align: left + bottom,\n      post,\n      block(height: mark-room)",
            "no name of who signs",
        ),
        (
            "  v(1fr)\n  block(breakable: false, text(size: profile.requisites.preparer-size",
            "  block(breakable: false, text(size: profile.requisites.preparer-size",
            "at the foot",
        ),
        (
            "text(size: size, requisite(align(center, body)))",
            "text(size: size, requisite(align(left, body)))",
            "where a letterhead stands",
        ),
        ("text(size: profile.page.mark-size, fill: luma(35%), sample)", "[]", "in the margin"),
    ] {
        let found = probe(&[(from, to)]);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{to}: {expected} expected, found {found:?}");
    }
}

#[test]
fn texts_over_one_another_are_named() {
    let fonts = Fonts::built_in();
    let made = |body: &str| {
        let made = make(&job(&[body], names()), &fonts);
        assert!(made.typeset.is_some(), "a warning blocks nothing: {:?}", made.findings);
        made.findings
    };
    let visa = |name: &str| format!("\n#visas(visa(post: [Начальник отдела], name: [{name}], note: none))");
    assert_eq!(made(&visa("И.О.~Приходько")), []);
    // A name keeps to its line, and a long one is divided at its hyphen: neither runs into the date.
    assert_eq!(made(&visa("О.П.~Вымышленская")), []);
    assert_eq!(made(&visa("О.П.~Вымышленская-Придумайлова-Образцова")), []);
    let collided =
        |line| vec![("texts-collide".to_owned(), "templates/documents/probe/part-0.typ.j2".to_owned(), line)];
    // Into the line to write on, and over the text of the other half of the page.
    assert_eq!(made(&visa(&"О".repeat(20))), collided(2));
    let halves = |left: &str| format!("#side-by-side(left: [{left}], right: [Директор])");
    assert_eq!(made(&halves("Начальник")), []);
    assert_eq!(made(&halves(&"Начальник".repeat(5))), collided(1));
}
