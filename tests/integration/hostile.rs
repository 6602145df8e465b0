//! Any text comes out of the page as it went in, after normalisation, or is reported; none becomes markup or code.
//! Texts stand in a paragraph, a cell, a chart and an alternative text; the worst of them in the sample's workbooks.

#![expect(clippy::expect_used, clippy::panic, reason = "what these tests build on must be there")]
#![expect(clippy::float_arithmetic, reason = "geometry of pages")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use svod::context::View;
use svod::diag::Diagnostics;
use svod::pipeline;
use svod::ru;
use svod::typeset::{Fonts, Tag, Typeset};
use svod::workbook::{CellValue, read_xlsx};

use crate::templates::{Made, job, make, names, page_text, text};
use crate::{run, sample, workbook};

/// The text that tries everything at once.
const WORST: &str = "#read(\"/etc/passwd\") $x$ */ \"]";
/// A body with the text in every place, each between two words.
const BODY: &str = "#paragraph[Абзац]\n\n#paragraph[{{ text }}]\n\n#paragraph[Таблица]\n\n\
    #data-table(columns: (4cm, 1fr), header: ([Ячейка], [{{ text }}]), row([Узкая], [Строка]), \
    row([{{ text }}], [Широкая]), row([Последняя], [{{ text }}]))\n\n#paragraph[Список]\n\n#items([{{ text }}])\n\n\
    #paragraph[Рисунок]\n\n#bar-chart(alt: {{ text|plain }}, unit: none, \
    bar(label: [{{ text }}], value: {{ low.rate|value }}, printed: [Столбец]), \
    bar(label: [Значение], value: {{ low.count|value }}, printed: [{{ text }}]))\n\n#paragraph[Конец]";
fn with_text(value: &str) -> BTreeMap<String, View> {
    let mut names = names();
    names.insert("text".to_owned(), text(value));
    names
}

/// Drops what line breaking may add or take, and all blanks.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{ad}' | '\u{2060}' | '\u{200b}')).collect()
}

/// Tells whether a page shows a text: a break of lines stands for a blank or for nothing, and after the hyphen of a
/// divided word for nothing.
fn shows(page: &str, expected: &str) -> bool {
    fn matches(page: &[char], expected: &[char]) -> bool {
        match (page, expected) {
            ([], []) => true,
            (['\n', rest @ ..], [' ', tail @ ..]) if matches(rest, tail) => true,
            (['\n', rest @ ..], _) => matches(rest, expected),
            (['-', '\n', rest @ ..], [first, ..]) if *first != '-' => matches(rest, expected),
            ([a, rest @ ..], [b, tail @ ..]) if a == b => matches(rest, tail),
            _ => false,
        }
    }
    let plain = |text: &str| -> Vec<char> {
        let kept = text.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{2060}' | '\u{200b}'));
        kept.map(|c| if c.is_whitespace() && c != '\n' { ' ' } else { c }).collect()
    };
    let page = page.trim().replace(" \n", "\n");
    matches(&plain(&page), &plain(expected.trim()))
}

/// Cuts the page between two marks.
fn between<'a>(page: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(from)?;
    rest.split_once(to).map(|(part, _)| part)
}

/// Returns every alternative text of a PDF.
fn alternatives(pdf: &[u8]) -> Vec<String> {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let objects = document.objects.values().filter_map(|object| object.as_dict().ok());
    let found = objects.filter_map(|dictionary| dictionary.get(b"Alt").ok());
    found.map(|alt| lopdf::decode_text_string(alt).expect("an alternative text")).collect()
}

/// Says where a text did not come out as it went in.
fn faults(value: &str, made: &Made) -> Vec<String> {
    let Some(typeset) = &made.typeset else { return vec![format!("no pages: {:?}", made.findings)] };
    let page = page_text(typeset);
    let mut faults = Vec::new();
    for (name, from, to) in [
        ("paragraph", "Абзац\n", "\nТаблица"),
        ("head", "Ячейка", "Узкая"),
        ("narrow cell", "Строка", "Широкая"),
        ("cell", "Последняя", "Список"),
        ("list", "Список\n", "Рисунок"),
        ("label", "Рисунок\n", "Столбец"),
        ("printed value", "Значение", "Конец"),
    ] {
        let part = between(&page, from, to).unwrap_or_default();
        // A list begins with its dash: one, for the text may begin with another.
        let part = if name == "list" { part.trim_start().strip_prefix('–').unwrap_or(part) } else { part };
        if !shows(part, value) {
            faults.push(format!("{name}: {part:?}"));
        }
    }
    if alternatives(&typeset.pdf) != [value] {
        faults.push(format!("alternative text: {:?}", alternatives(&typeset.pdf)));
    }
    faults
}

#[test]
fn a_text_that_tries_everything_is_only_text() {
    let fonts = Fonts::built_in();
    for raw in [
        WORST,
        "\\u{41} \\\" \\",
        "#{panic()} #let x = 1; #show: none",
        "*жирный* _курсив_ `код` = заголовок",
        "- пункт + пункт / слово: и",
        "<метка> @ссылка ~ -- --- ... -?",
        "// примечание /* и другое */",
        "http://example.org/a_b?c=d&e=f#g",
        "{{ low.count }} {% raw %} {# x #}",
        "{low-rate} {=5} }{",
        "\"; #eval(\"1\"); \"",
        "]] )) }} \"\"\" ''' ```",
        "a\u{0}b\u{7}c\u{1b}[31m\r\nd\te",
        "пе\u{ad}ре\u{200b}нос\u{2060} \u{202e}зад\u{202c} \u{feff}ко\u{e0041}не\u{fe0f}ц",
        "№5, 29%, 2022-2024 гг., г. Мариинск, И.О. Фамилия",
        "½ ² 10³",
        "=HYPERLINK(\"http://example.org\";\"a\")",
        "й и\u{306} ё е\u{308}",
        // Shorter than an endless word, and no syllables to divide it by.
        "ф&дЁKшаааёа%аÁцщ·пж ]ю*б»щq№юиШ#ГЧ\\с",
    ] {
        let value = ru::prose(raw);
        let faults = faults(&value, &make(&job(&[BODY], with_text(&value)), &fonts));
        assert!(faults.is_empty(), "{raw:?}: {}", faults.join("\n"));
    }
}

/// Characters that the fonts have and that run from left to right; blanks and invisible ones among them.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => proptest::char::range('а', 'я'),
        1 => proptest::char::range('А', 'Я'),
        2 => proptest::char::range(' ', '~'),
        3 => proptest::sample::select("#$*_`<>@\\/\"'[](){}~=-+&^;:,.!?%|".chars().collect::<Vec<_>>()),
        2 => Just(' '),
        1 => proptest::sample::select("ёЁ«»„“”–—…№§°±×·²³½©®€−\u{a0}".chars().collect::<Vec<_>>()),
        1 => proptest::char::range('\u{c0}', '\u{17f}'),
        1 => proptest::char::range('α', 'ω'),
        1 => proptest::sample::select("\0\t\n\r\u{85}\u{ad}\u{200b}\u{200d}\u{2028}\u{202e}\u{2060}\u{feff}".chars()
            .collect::<Vec<_>>()),
    ]
}

fn configuration() -> ProptestConfig {
    ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn any_text_comes_out_as_it_went_in() {
    let fonts = Fonts::built_in();
    let texts = proptest::collection::vec(character(), 1..120);
    proptest!(configuration(), |(raw in texts)| {
        let value = ru::prose(&raw.into_iter().collect::<String>());
        // An empty alternative text is an error of its own.
        prop_assume!(!value.is_empty());
        let faults = faults(&value, &make(&job(&[BODY], with_text(&value)), &fonts));
        prop_assert!(faults.is_empty(), "{:?}: {}", value, faults.join("\n"));
    });
}

#[test]
fn any_text_at_all_is_printed_or_reported() {
    let fonts = Fonts::built_in();
    let body = "#paragraph[Абзац]\n\n#paragraph[{{ text }}]\n\n#paragraph[Конец]";
    proptest!(configuration(), |(raw in ".{1,12}")| {
        let value = ru::prose(&raw);
        let made = make(&job(&[body], with_text(&value)), &fonts);
        match &made.typeset {
            // Scripts that run from right to left stand in another order: the letters are compared.
            Some(typeset) => {
                let page = page_text(typeset);
                let sorted = |text: &str| {
                    let mut chars: Vec<char> = squeezed(text).chars().collect();
                    chars.sort_unstable();
                    chars
                };
                let part = between(&page, "Абзац", "Конец").unwrap_or_default();
                prop_assert_eq!(sorted(part), sorted(&value));
            }
            None => prop_assert!(made.findings.iter().all(|(id, file, line)| {
                id == "typesetting-failed" && file.ends_with("/part-0.typ.j2") && *line == 3
            }) && !made.findings.is_empty(), "{:?}: {:?}", value, made.findings),
        }
    });
}

#[test]
fn normalisation_is_done_once() {
    proptest!(ProptestConfig { cases: 2000, ..configuration() }, |(raw in proptest::collection::vec(character(), 0..60))| {
        let once = ru::prose(&raw.into_iter().collect::<String>());
        prop_assert_eq!(ru::prose(&once), once);
    });
}

#[test]
fn letters_that_no_font_has_are_an_error_at_their_section() {
    let fonts = Fonts::built_in();
    for missing in ["汉", "школа 汉字", "😀", "ع", "5汉"] {
        for body in [
            "\n#paragraph[{{ text }}]",
            "\n#data-table(columns: (1fr,), header: ([А],), row([{{ text }}]))",
            "\n#bar-chart(alt: \"а\", bar(label: [{{ text }}], value: {{ low.count|value }}, printed: [а]))",
        ] {
            let made = make(&job(&["#paragraph[а]", body], with_text(missing)), &fonts);
            assert!(made.typeset.is_none(), "{missing}: printed");
            let file = "templates/documents/probe/part-1.typ.j2".to_owned();
            assert!(
                made.findings.contains(&("typesetting-failed".to_owned(), file, 2)),
                "{missing}: {:?}",
                made.findings
            );
        }
    }
}

#[test]
fn a_number_longer_than_its_place_is_reported() {
    let fonts = Fonts::built_in();
    let body = "#registration(date: [сегодня], number: [{{ text }}])\n#paragraph[а]";
    for (number, is_reported) in [("145-ОД", false), ("1234567890-ОД/2022/13-45-АБВГД", true)] {
        let made = make(&job(&[body], with_text(number)), &fonts);
        assert!(made.typeset.is_some(), "{number}: {:?}", made.findings);
        let found = made.findings.iter().any(|(id, ..)| id == "slot-overflow");
        assert_eq!(found, is_reported, "{number}: {:?}", made.findings);
    }
}

/// The boxes of the constants of a document: left, right, top, bottom.
fn boxes(typeset: &Typeset) -> Vec<(f64, f64, f64, f64)> {
    let constants = typeset.hits.iter().filter(|hit| matches!(hit.tag, Tag::Constant(_)));
    constants.flat_map(|hit| &hit.places).map(|at| (at.x, at.x + at.width, at.y, at.y + at.height)).collect()
}

#[test]
fn endless_words_stay_in_their_place() {
    let fonts = Fonts::built_in();
    // Points: left and right edge of the paper's text, or of the column with its inset.
    let text_width = (30.0 * 72.0 / 25.4, 200.0 * 72.0 / 25.4);
    let column = (text_width.0, text_width.0 + 2.8 * 72.0 / 2.54);
    let cell = "#data-table(columns: (2.8cm, 1fr), header: ([А], [Б]), row([{{ text }}], [а]))";
    for letters in ["я", "W", "1", "щ-", "a/", "__", "ъ", "Ж", "1–", "1-О "] {
        for (body, (left, right), count) in [
            ("#paragraph[{{ text }}]", text_width, 100_000),
            ("#items([{{ text }}])", text_width, 1_000),
            (cell, column, 3_000),
        ] {
            // A digit makes it a constant, whose boxes are known.
            let value: String = "1".chars().chain(letters.chars().cycle().take(count)).collect();
            let made = make(&job(&[body], with_text(&value)), &fonts);
            let typeset = made.typeset.unwrap_or_else(|| panic!("{letters} × {count}: {:?}", made.findings));
            // A divided word has hyphens in a cell.
            let printed = squeezed(&page_text(&typeset));
            let count_of =
                |text: &str| text.chars().filter(|c| letters.contains(*c) && !matches!(c, '-' | ' ')).count();
            assert!(count_of(&printed) >= count_of(&value), "{letters} × {count}: not all there");
            for (from, to, top, bottom) in boxes(&typeset) {
                let inside = from >= left - 0.5 && to <= right + 0.5 && top >= 0.0 && bottom <= 297.0 * 72.0 / 25.4;
                assert!(inside, "{letters} × {count} in {body}: {from}–{to} is not within {left}–{right}");
            }
        }
    }
}

#[test]
fn an_endless_word_in_any_place_stays_on_the_page_or_is_one_finding() {
    let fonts = Fonts::built_in();
    for (body, count) in [
        ("#document-title[{{ text }}]\n#paragraph[а]", 100_000),
        ("#data-table(columns: (2.8cm, 1fr), header: ([А], [Б]), row([{{ text }}], [а]))", 100_000),
        ("#signature(post: [{{ text }}], name: [И.О.~Образцова])", 100_000),
        ("#text-heading[{{ text }}]\n#paragraph[а]", 5_000),
        ("#data-table(columns: (2.8cm, 1fr), header: ([{{ text }}], [Б]), row([а], [а]))", 5_000),
        ("#passport(entry([Задачи], [{{ text }}]))", 5_000),
        ("#signature(post: [Директор], name: [{{ text }}])", 5_000),
        ("#visas(visa(post: [{{ text }}], name: [И.О.~Образцова], note: none))", 5_000),
        ("#visas(visa(post: [Директор], name: [{{ text }}], note: none))", 5_000),
        ("#approval-stamp(appendix: [], word: [УТВЕРЖДЕНА], act: [{{ text }}])", 5_000),
        ("#preparer[{{ text }}]", 5_000),
    ] {
        let made = make(&job(&[body], with_text(&"щ".repeat(count))), &fonts);
        match &made.typeset {
            Some(typeset) => {
                let printed = page_text(typeset).matches('щ').count();
                assert!(printed >= count, "{body}: {printed} letters");
            }
            None => assert!(!made.findings.is_empty(), "{body}: nothing said"),
        }
        assert!(made.findings.len() <= 2, "{body}: {} findings, {:?}", made.findings.len(), made.findings.first());
    }
}

#[test]
fn what_is_too_long_is_said_once_and_at_its_cell() {
    let said = |changes: &[(&str, &str, &str)], row: usize, value: &str| {
        let outer = tempfile::tempdir().expect("a folder");
        let inputs = outer.path().join("inputs");
        changed_row(&inputs, changes, row, value);
        let outcome = run::outcome(&run::request(&inputs, &outer.path().join("outputs")), false);
        svod::diag::emit(&outcome.diagnostics, &run::messages(), svod::diag::Format::Short)
    };
    let post = [("Реквизиты и лица.xlsx", "Должностные лица", "Должность")];
    let found = said(&post, 0, &"щ".repeat(20_000));
    let off: Vec<&str> = found.lines().filter(|line| line.contains("[off-page]")).collect();
    assert!(!off.is_empty() && off.len() < 10, "{} lines: {:?}", off.len(), off.first());
    assert!(off.iter().all(|line| line.starts_with("Реквизиты и лица.xlsx › Должностные лица!")), "{off:?}");
    let form = [("Реквизиты и лица.xlsx", "Наименования", "Родительный")];
    let found = said(&form, 1, &"щ".repeat(30_000));
    let endless: Vec<&str> =
        found.lines().filter(|line| line.contains(&format!("[{}]", "text-too-long-for-pdf"))).collect();
    let off = found.lines().filter(|line| line.contains("[off-page]")).count();
    assert!(off < 10, "{off} lines");
    assert!(!endless.is_empty(), "{}", found.lines().take(20).collect::<Vec<_>>().join("\n"));
    assert!(endless.iter().all(|line| line.starts_with("Реквизиты и лица.xlsx › Наименования!")), "{endless:?}");
    // No workbook can hold more, a text file can.
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    changed_sample(&inputs, &[], "");
    let table = format!("Вид риска;Риск;На кого влияет\nкадровые;{};школы\n", "щ".repeat(100_000));
    std::fs::write(inputs.join("mariinsk/Риски.csv"), table).expect("written");
    let outcome = run::outcome(&run::request(&inputs, &outer.path().join("outputs")), false);
    let found = svod::diag::emit(&outcome.diagnostics, &run::messages(), svod::diag::Format::Short);
    let lines: Vec<&str> = found.lines().filter(|line| line.starts_with("Риски.csv")).collect();
    assert!(matches!(lines.as_slice(), [one] if one.contains("ошибка[long-text]")), "{lines:?}");
}

/// Makes an inputs folder of the sample with one changed cell in the first row of each of these columns.
pub fn changed_sample(folder: &Path, changes: &[(&str, &str, &str)], value: &str) {
    changed_row(folder, changes, 0, value);
}

/// The same in another row.
fn changed_row(folder: &Path, changes: &[(&str, &str, &str)], row: usize, value: &str) {
    let (mut books, settings) = sample::core("mariinsk").expect("the sample");
    for (file, sheet, column) in changes {
        let book = books.iter_mut().find(|book| book.file == *file).expect("the workbook");
        let sheet = book.sheets.iter_mut().find(|found| found.name == *sheet).expect("the sheet");
        let index = sheet.header.iter().position(|header| header == column).expect("the column");
        let cell = sheet.rows.get_mut(row).and_then(|row| row.get_mut(index)).expect("the cell");
        value.clone_into(cell);
    }
    let folder = folder.join("mariinsk");
    std::fs::create_dir_all(&folder).expect("the inputs");
    std::fs::write(folder.join("svod.toml"), &settings).expect("the settings");
    for book in &books {
        std::fs::write(folder.join(&book.file), workbook::write(book).expect("a workbook")).expect("written");
    }
}

#[test]
fn the_worst_cell_of_a_workbook_is_only_text() {
    let outer = tempfile::tempdir().expect("a folder");
    let (inputs, outputs) = (outer.path().join("inputs"), outer.path().join("outputs"));
    let changes = [
        ("Дорожная карта.xlsx", "Мероприятия", "Мероприятие"),
        ("Концепция.xlsx", "Риски", "Риск"),
        ("Школы.xlsx", "Реестр школ", "Краткое наименование"),
    ];
    changed_sample(&inputs, &changes, WORST);
    let request = run::request(&inputs, &outputs);
    let outcome = run::outcome(&request, true);
    assert!(!outcome.has_errors() && outcome.blocked.is_empty(), "{:?}", outcome.diagnostics);

    let municipality = pipeline::discover(&request.inputs).expect("a municipality").remove(0);
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(&municipality, &request, &run::messages(), &mut diagnostics).expect("planned");
    let fonts = Fonts::built_in();
    let expected = squeezed(&ru::prose(WORST));
    for (kind, times) in [("concept-order", 2), ("concept", 1), ("roadmap", 1)] {
        let job = prepared.jobs.iter().find(|job| job.kind == kind).expect("the job");
        let typeset = make(job, &fonts).typeset.expect("pages");
        assert_eq!(squeezed(&page_text(&typeset)).matches(&expected).count(), times, "{kind}");
        let written = std::fs::read(outputs.join("mariinsk").join(&job.file)).expect("the PDF");
        assert!(written == typeset.pdf, "{kind}: the file holds these pages");
    }
    let form = std::fs::read(outputs.join("mariinsk/Мониторинг.xlsx")).expect("the form");
    let book = read_xlsx(&form).expect("a workbook");
    let mut cells = book.sheets.iter().flat_map(|sheet| sheet.rows.values()).flat_map(|line| line.values());
    let is_worst = |cell: &CellValue| matches!(cell, CellValue::Text(text) if *text == ru::prose(WORST));
    assert!(cells.any(is_worst), "the short name of a school is not in the form");
}
