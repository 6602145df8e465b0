//! The law of templates as bodies that must fail, each with its finding, file and line; and what bodies may print.
//! A body stands in a job of one section with small views; a few tests run the whole path on a copy of the sample.

#![expect(clippy::expect_used, clippy::panic, reason = "what these tests build on must be there")]

use std::collections::BTreeMap;

use svod::catalog::{Numbering, Standing, Templates};
use svod::context::{GapView, Piece, View};
use svod::diag::{DiagId, Diagnostics, Place};
use svod::figure::{Figure, RoundingRules, Unit};
use svod::ledger::{self, PlaceEntry};
use svod::measure::Measure;
use svod::model::Text;
use svod::pipeline;
use svod::plan::{Job, Part, SectionJob};
use svod::provenance::{NodeId, Sources};
use svod::ru::Date;
use svod::settings::LetterheadForm;
use svod::template::{self, Filled};
use svod::typeset::{self, Fonts, Tag, Typeset};

use crate::{hostile, run};

/// Makes a text.
pub fn text(value: &str) -> View {
    View::Text(Text { value: value.to_owned(), node: NodeId(0) })
}

fn figure(id: &str, value: Measure, unit: Unit) -> View {
    let rounding = RoundingRules::default().of(unit);
    View::Figure(Figure { id: id.to_owned(), value, unit, rounding, node: NodeId(0) })
}

/// Makes the names that every body of these tests sees; five schools of seventeen are low.
pub fn names() -> BTreeMap<String, View> {
    let school = |name: &str| View::map([("name", text(name)), ("has_name", View::Flag(true))]);
    let rate = Measure::ratio(500, 17).expect("a ratio");
    let View::Map(names) = View::map([
        ("name", text("Мариинский округ")),
        ("digits", text("школа № 5")),
        ("flags", View::map([("is_on", View::Flag(true)), ("is_off", View::Flag(false))])),
        (
            "low",
            View::map([
                ("count", figure("low-count", Measure::from(5_i64), Unit::Count)),
                ("rate", figure("low-rate", rate, Unit::Percent)),
            ]),
        ),
        ("schools", View::List(vec![school("Первая"), school("Вторая")])),
        ("many", View::List(vec![text("строка"); 300])),
        ("gap", View::Gap(GapView { reasons: vec![DiagId(0)], what: "число школ".to_owned() })),
        (
            "prose",
            View::Prose(vec![
                Piece::Text(Text { value: "в округе ".to_owned(), node: NodeId(0) }),
                Piece::Figure(Figure {
                    id: "low-count".to_owned(),
                    value: Measure::from(5_i64),
                    unit: Unit::Count,
                    rounding: RoundingRules::default().of(Unit::Count),
                    node: NodeId(0),
                }),
            ]),
        ),
    ]) else {
        panic!("a map")
    };
    names
}

/// Makes a job of one document with these bodies as its sections.
pub fn job(bodies: &[&str], view: BTreeMap<String, View>) -> Job {
    let mut diagnostics = Diagnostics::default();
    let templates = Templates::built_in();
    let file = |path: &str| templates.get(path).expect("a built-in template").text.clone();
    let sections = bodies.iter().enumerate().map(|(index, body)| SectionJob {
        id: format!("part-{index}"),
        heading: None,
        template: format!("documents/probe/part-{index}.typ.j2"),
        body: (*body).to_owned(),
    });
    let appendices = [("list".to_owned(), ("Приложение ".to_owned(), "1".to_owned(), String::new()))];
    let part = Part {
        document: "probe".to_owned(),
        standing: Standing::Order,
        is_landscape: false,
        numbering: Numbering::Flat,
        sections: sections.collect(),
        view,
        appendices: appendices.into_iter().collect(),
    };
    Job {
        kind: "probe".to_owned(),
        file: "probe.pdf".to_owned(),
        title: text("Проба"),
        parts: vec![part],
        terms: templates.terms(&mut diagnostics),
        profile: "gost-2025".to_owned(),
        profile_source: file("layout/gost-2025.toml").into(),
        vocabulary: file("layout/vocabulary.typ").into(),
        letterhead: LetterheadForm::default(),
        emblem: None,
        qr: None,
        sample_mark: None,
        draft_mark: None,
        is_draft: false,
        date: Date { year: 2022, month: 1, day: 1 },
        ident: "probe".to_owned(),
        key: String::new(),
    }
}

/// What became of a job.
pub struct Made {
    /// The filled bodies.
    pub filled: Option<Filled>,
    /// The pages.
    pub typeset: Option<Typeset>,
    /// Findings: id, file, line.
    pub findings: Vec<(String, String, usize)>,
}

/// Fills and typesets a job.
pub fn make(job: &Job, fonts: &Fonts) -> Made {
    let mut diagnostics = Diagnostics::default();
    let filled = template::fill(job, &mut diagnostics);
    let typeset = filled.as_ref().and_then(|filled| typeset::typeset(job, filled, fonts, &mut diagnostics));
    let place = |place: &Place| match place {
        Place::Line { file, line } => (file.clone(), *line),
        other => (other.text(), 0),
    };
    let finding = |id: &str, (file, line): (String, usize)| (id.to_owned(), file, line);
    let findings = diagnostics.iter().map(|found| finding(&found.id, place(&found.place))).collect();
    Made { filled, typeset, findings }
}

/// Returns the text of the pages.
pub fn page_text(typeset: &Typeset) -> String {
    typeset.texts.iter().map(|page| page.body.as_str()).collect::<Vec<_>>().join("\n")
}

/// Holds each body to its finding: (name, finding, body); the body stands on the second line of its file.
fn all_fail(cases: &[(&str, &str, &str)]) {
    let fonts = Fonts::built_in();
    let file = "templates/documents/probe/part-0.typ.j2";
    let mut wrong = Vec::new();
    for (name, id, body) in cases {
        let made = make(&job(&[&format!("\n{body}\n")], names()), &fonts);
        if made.typeset.is_some() {
            wrong.push(format!("{name}: printed"));
        }
        let first = made.findings.first();
        if first.map(|(id, file, line)| (id.as_str(), file.as_str(), *line)) != Some((id, file, 2)) {
            wrong.push(format!("{name}: {id} expected, found {:?}", made.findings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut seen: Vec<&str> = cases.iter().map(|(name, ..)| *name).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), cases.len(), "two cases of one name");
}

#[test]
fn what_the_law_allows_is_printed() {
    let body = r##"
#clause({{ number("first") }})[{{ name }}, {{ digits }}: {{ low.count|counted("oo") }}, {{ low.rate }}, {{ prose|upper_first }}]
{% if flags.is_on and not flags.is_off %}#paragraph[Пункт {{ ref("part-0.first") }}, {{ appendix_ref("list") }}]{% else %}#paragraph[Нет]{% endif %}
#items({% for school in schools %}[{% if school.has_name %}{{ school.name|lower_first }}{% endif %}{% if loop.last %}.{% else %};{% endif %}], {% endfor %})
{# a remark #}
#data-table(columns: (1cm, 1fr), number: {{ table_number() }}, header: ([№], {{ name|lit }}), row([а], [{{ term("low-performing-gen") }}]))
#bar-chart(alt: {{ prose|plain }}, unit: none, bar(label: [Доля], value: {{ low.rate|value }}, printed: [{{ low.rate }}]))
"##;
    let made = make(&job(&[body], names()), &Fonts::built_in());
    assert_eq!(made.findings, []);
    let text = page_text(&made.typeset.expect("pages"));
    for part in ["1.\u{a0}Мариинский округ, школа № 5: 5\u{a0}ОО, 29\u{a0}%, В округе 5", "Пункт 1, Приложение 1"]
    {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(text.contains("первая;") && text.contains("вторая."), "{text}");
}

#[test]
fn no_operator_and_no_choice_but_by_flags_is_allowed() {
    all_fail(&[
        ("concatenation", "template-law", r#"{{ low.count ~ "x" }}"#),
        ("addition", "template-law", "{{ low.count + low.count }}"),
        ("subtraction", "template-law", "{{ low.count - low.count }}"),
        ("multiplication", "template-law", "{{ low.count * low.count }}"),
        ("division", "template-law", "{{ low.count / low.count }}"),
        ("whole division", "template-law", "{{ low.count // low.count }}"),
        ("remainder", "template-law", "{{ low.count % low.count }}"),
        ("power", "template-law", "{{ low.count ** low.count }}"),
        ("negation", "template-law", "{{ -low.count }}"),
        ("equal", "template-law", "{{ low.count == low.rate }}"),
        ("not equal", "template-law", "{{ low.count != low.rate }}"),
        ("less", "template-law", "{{ low.count < low.rate }}"),
        ("at most", "template-law", "{{ low.count <= low.rate }}"),
        ("greater", "template-law", "{{ low.count > low.rate }}"),
        ("at least", "template-law", "{{ low.count >= low.rate }}"),
        ("in", "template-law", "{{ low.count in schools }}"),
        ("not in", "template-law", "{{ low.count not in schools }}"),
        ("printed and", "template-law", "{{ flags.is_on and low.count }}"),
        ("printed or", "template-law", "{{ low.count or low.rate }}"),
        ("printed not", "template-law", "{{ not low.count }}"),
        ("is defined", "template-law", "{{ low.count is defined }}"),
        ("is not", "template-law", "{{ low.count is not number }}"),
        ("inline if", "template-law", "{{ low.count if flags.is_on else low.rate }}"),
        ("slice", "template-law", "{{ name[:2] }}"),
        ("index", "template-law", "{{ schools[0] }}"),
        ("key", "template-law", r#"{{ low["count"] }}"#),
        ("method", "template-law", "{{ name.upper() }}"),
        ("list", "template-law", "{{ [low.count] }}"),
        ("map", "template-law", r#"{{ {"a": low.count} }}"#),
        ("number", "template-law", "{{ 5 }}"),
        ("string", "template-law", r#"{{ "пять" }}"#),
        ("truth", "template-law", "{{ true }}"),
        ("nothing", "template-law", "{{ none }}"),
        ("if figure", "template-law", "{% if low.count %}a{% endif %}"),
        ("if not figure", "template-law", "{% if not low.count %}a{% endif %}"),
        ("if flag and figure", "template-law", "{% if flags.is_on and low.count %}a{% endif %}"),
        ("if name", "template-law", "{% if name %}a{% endif %}"),
        ("if constant", "template-law", "{% if true %}a{% endif %}"),
        ("if equal", "template-law", "{% if low.count == 5 %}a{% endif %}"),
        ("if flag equal", "template-law", "{% if flags.is_on == true %}a{% endif %}"),
        ("if less", "template-law", "{% if low.count < 5 %}a{% endif %}"),
        ("if between", "template-law", "{% if 1 < low.count < 5 %}a{% endif %}"),
        ("if in", "template-law", "{% if name in schools %}a{% endif %}"),
        ("if is", "template-law", "{% if flags.is_on is defined %}a{% endif %}"),
        ("if filtered", "template-law", "{% if schools|length %}a{% endif %}"),
        ("if called", "template-law", r#"{% if term("oo") %}a{% endif %}"#),
        ("elif figure", "template-law", "{% if flags.is_off %}a{% elif low.count %}b{% endif %}"),
        ("if index of loop", "template-law", "{% for s in schools %}{% if loop.index %}a{% endif %}{% endfor %}"),
    ]);
}

#[test]
fn no_statement_but_for_and_if_is_allowed() {
    all_fail(&[
        ("set", "template-law", "{% set a = low.count %}"),
        ("set block", "template-law", "{% set a %}x{% endset %}"),
        ("with", "template-law", "{% with a = low.count %}{{ a }}{% endwith %}"),
        ("filter block", "template-law", "{% filter upper %}x{% endfilter %}"),
        ("autoescape", "template-law", "{% autoescape false %}{{ name }}{% endautoescape %}"),
        ("do", "template-law", r#"{% do number("a") %}"#),
        ("for if", "template-law", "{% for s in schools if s.has_name %}a{% endfor %}"),
        ("recursive for", "template-law", "{% for s in schools recursive %}a{% endfor %}"),
        ("for of pairs", "template-law", "{% for a, b in schools %}a{% endfor %}"),
        ("for over a filter", "template-law", "{% for s in schools|sort %}a{% endfor %}"),
        ("for over a range", "template-law", "{% for s in range(3) %}a{% endfor %}"),
        ("for over a list", "template-law", "{% for s in [1, 2] %}a{% endfor %}"),
        ("for over a slice", "template-law", "{% for s in schools[1:] %}a{% endfor %}"),
        ("include", "template-syntax", r#"{% include "x" %}"#),
        ("extends", "template-syntax", r#"{% extends "x" %}"#),
        ("import", "template-syntax", r#"{% import "x" as y %}"#),
        ("block", "template-syntax", "{% block a %}{% endblock %}"),
        ("macro", "template-syntax", "{% macro a() %}{% endmacro %}"),
        ("call", "template-syntax", "{% call a() %}{% endcall %}"),
        ("unknown statement", "template-syntax", "{% banana %}"),
        ("open brackets", "template-syntax", "{{ name "),
        ("open for", "template-syntax", "{% for s in schools %}"),
        ("end without begin", "template-syntax", "{% endif %}"),
    ]);
}

#[test]
fn no_filter_of_the_engine_is_allowed() {
    // Every filter that the engine could bring, whether it is built in here or not.
    let filters = [
        "abs",
        "attr",
        "batch",
        "bool",
        "capitalize",
        "chain",
        "count",
        "d",
        "default",
        "dictsort",
        "e",
        "escape",
        "first",
        "float",
        "format",
        "groupby",
        "indent",
        "int",
        "items",
        "join",
        "keys",
        "last",
        "length",
        "lines",
        "list",
        "lower",
        "map",
        "max",
        "min",
        "pprint",
        "reject",
        "rejectattr",
        "replace",
        "reverse",
        "round",
        "safe",
        "select",
        "selectattr",
        "slice",
        "sort",
        "split",
        "string",
        "sum",
        "title",
        "tojson",
        "trim",
        "unique",
        "upper",
        "urlencode",
        "values",
        "zip",
        "banana",
    ];
    for on in ["low.count", "name", "schools"] {
        let bodies: Vec<String> = filters.iter().map(|filter| format!("{{{{ {on}|{filter} }}}}")).collect();
        let chained: Vec<String> = filters.iter().map(|filter| format!("{{{{ {on}|{filter}|plain }}}}")).collect();
        let cases = bodies.iter().chain(&chained);
        all_fail(&cases.map(|body| (body.as_str(), "template-law", body.as_str())).collect::<Vec<_>>());
    }
}

#[test]
fn no_filter_of_the_law_takes_the_wrong_kind() {
    all_fail(&[
        ("lit of a figure", "template-failed", "{{ low.count|lit }}"),
        ("lit of digits", "template-failed", "{{ digits|lit }}"),
        ("lit of prose", "template-failed", "{{ prose|lit }}"),
        ("lit of a list", "template-failed", "{{ schools|lit }}"),
        ("value of a text", "template-failed", "{{ name|value }}"),
        ("value of digits", "template-failed", "{{ digits|value }}"),
        ("value of prose", "template-failed", "{{ prose|value }}"),
        ("value of a flag", "template-failed", "{{ flags.is_on|value }}"),
        ("counted of a text", "template-failed", r#"{{ name|counted("oo") }}"#),
        ("counted without a noun", "template-failed", "{{ low.count|counted }}"),
        ("counted by an unknown noun", "template-failed", r#"{{ low.count|counted("banana") }}"#),
        ("counted by a figure", "template-law", "{{ low.count|counted(low.rate) }}"),
        ("counted by a number", "template-law", "{{ low.count|counted(5) }}"),
        ("counted by a name", "template-law", r#"{{ low.count|counted(noun="oo") }}"#),
        ("upper_first of a figure", "template-failed", "{{ low.count|upper_first }}"),
        ("lower_first of a figure", "template-failed", "{{ low.count|lower_first }}"),
        ("ended of a figure", "template-failed", "{{ low.count|ended }}"),
        ("ended of prose", "template-failed", "{{ prose|ended }}"),
        ("upper_first of a list", "template-failed", "{{ schools|upper_first }}"),
        ("upper_first of code", "template-failed", "{{ name|lit|upper_first }}"),
        ("plain of a flag", "template-failed", "{{ flags.is_on|plain }}"),
        ("plain of code", "template-failed", "{{ low.count|value|plain }}"),
        ("value twice", "template-failed", "{{ low.count|value|value }}"),
        ("value of counted", "template-failed", r#"{{ low.count|counted("oo")|value }}"#),
    ]);
}

#[test]
fn no_function_but_those_of_the_law_is_allowed() {
    all_fail(&[
        ("range", "template-law", "{{ range(3) }}"),
        ("dict", "template-law", "{{ dict() }}"),
        ("namespace", "template-law", "{{ namespace() }}"),
        ("debug", "template-law", "{{ debug() }}"),
        ("super", "template-law", "{{ super() }}"),
        ("unknown function", "template-law", "{{ banana() }}"),
        ("call of a value", "template-law", "{{ low.count() }}"),
        ("number of a figure", "template-law", "{{ number(low.count) }}"),
        ("number of a sum", "template-law", r#"{{ number("a" ~ "b") }}"#),
        ("number without an id", "template-failed", "#clause({{ number() }})[a]"),
        ("table number of something", "template-failed", r#"{{ table_number("a") }}"#),
        ("unknown term", "template-unknown-name", r#"{{ term("banana") }}"#),
        ("unknown clause", "template-unknown-name", r#"{{ ref("banana.a") }}"#),
        ("unknown appendix", "template-unknown-name", r#"{{ appendix_ref("banana") }}"#),
    ]);
}

#[test]
fn nothing_but_a_leaf_is_printed() {
    all_fail(&[
        ("printed list", "template-failed", "{{ schools }}"),
        ("printed map", "template-failed", "{{ low }}"),
        ("printed flag", "template-failed", "{{ flags.is_on }}"),
        ("printed index of loop", "template-failed", "{% for s in schools %}{{ loop.index }}{% endfor %}"),
        ("printed loop", "template-failed", "{% for s in schools %}{{ loop }}{% endfor %}"),
        ("printed key", "template-failed", "{% for key in low %}{{ key }}{% endfor %}"),
        ("loop over a figure", "template-failed", "{% for x in low.count %}{{ x }}{% endfor %}"),
        ("loop over a text", "template-failed", "{% for x in name %}{{ x }}{% endfor %}"),
        ("loop over a flag", "template-failed", "{% for x in flags.is_on %}{{ x }}{% endfor %}"),
        ("unknown name", "template-unknown-name", "{{ banana }}"),
        ("unknown attribute", "template-unknown-name", "{{ low.banana }}"),
        ("attribute of nothing", "template-unknown-name", "{{ banana.split }}"),
        ("attribute of a figure", "template-unknown-name", "{{ low.count.value }}"),
        ("unknown name filtered", "template-failed", "{{ banana|plain }}"),
        ("loop over an unknown name", "template-unknown-name", "{% for x in banana %}{% endfor %}"),
        ("unknown flag", "template-unknown-name", "{% if low.is_banana %}a{% endif %}"),
        ("flag of nothing", "template-unknown-name", "{% if banana.is_on %}a{% endif %}"),
        (
            "endless",
            "template-endless",
            "{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}{% endfor %}",
        ),
    ]);
}

#[test]
fn clauses_have_no_numbers_in_a_document_without_numbering() {
    let fonts = Fonts::built_in();
    let file = "templates/documents/probe/part-0.typ.j2".to_owned();
    for numbering in [Numbering::None, Numbering::Sections] {
        let mut job = job(&["\n#clause({{ number(\"a\") }})[Текст]"], names());
        for part in &mut job.parts {
            part.numbering = numbering;
        }
        // Without a heading there is no section to number its clauses.
        let made = make(&job, &fonts);
        assert_eq!(made.findings, [("template-failed".to_owned(), file.clone(), 2)], "{numbering:?}");
        assert!(made.typeset.is_none());
    }
}

#[test]
fn no_typst_outside_the_vocabulary_is_allowed() {
    all_fail(&[
        ("let", "outside-vocabulary", "#let x = [a]"),
        ("let of a function", "outside-vocabulary", "#let paragraph(body) = body"),
        ("set", "outside-vocabulary", "#set text(fill: white)"),
        ("show", "outside-vocabulary", "#show heading: strong"),
        ("import", "outside-vocabulary", "#import \"/profile.typ\": *"),
        ("include", "outside-vocabulary", "#include \"/main.typ\""),
        ("read", "outside-vocabulary", "#read(\"/etc/passwd\")"),
        ("eval", "outside-vocabulary", "#eval(\"a\")"),
        ("plugin", "outside-vocabulary", "#plugin(\"a.wasm\")"),
        ("image", "outside-vocabulary", "#image(\"a.png\")"),
        ("table", "outside-vocabulary", "#table([a])"),
        ("text", "outside-vocabulary", "#text(fill: white)[a]"),
        ("hide", "outside-vocabulary", "#hide[a]"),
        ("place", "outside-vocabulary", "#place[a]"),
        ("metadata", "outside-vocabulary", "#metadata(\"a\")"),
        ("panic", "outside-vocabulary", "#panic()"),
        ("inner function", "outside-vocabulary", "#bound[a]"),
        ("part", "outside-vocabulary", "#part[a]"),
        ("raw", "outside-vocabulary", "`a`"),
        ("raw block", "outside-vocabulary", "```a```"),
        ("math", "outside-vocabulary", "$x$"),
        ("label", "outside-vocabulary", "Текст <auto>"),
        ("label of a figure", "outside-vocabulary", "#paragraph[Текст]<f-low-count>"),
        ("reference", "outside-vocabulary", "@low"),
        ("link", "outside-vocabulary", "https://example.org"),
        ("emphasis", "outside-vocabulary", "_a_"),
        ("heading", "outside-vocabulary", "= Раздел"),
        ("list", "outside-vocabulary", "- пункт"),
        ("numbered list", "outside-vocabulary", "+ пункт"),
        ("list of terms", "outside-vocabulary", "/ а: б"),
        ("comment", "outside-vocabulary", "Текст // {{ name }}"),
        ("block comment", "outside-vocabulary", "/* {{ name }} */"),
        ("escape", "template-law", r"\#"),
        ("escaped digit", "template-law", r"\u{35}"),
        ("escaped digit in a string", "template-law", "#bar-chart(alt: \"\\u{35}\")"),
        ("name", "outside-vocabulary", "#profile"),
        ("name of a function", "outside-vocabulary", "#paragraph"),
        ("name as an argument", "outside-vocabulary", "#paragraph(profile)"),
        ("field", "outside-vocabulary", "#profile.text"),
        ("method", "outside-vocabulary", "#profile.keys()"),
        ("method of content", "outside-vocabulary", "#paragraph[a].children()"),
        ("field of content", "outside-vocabulary", "#paragraph[a].body"),
        ("closure", "outside-vocabulary", "#paragraph(x => x)"),
        ("spread", "outside-vocabulary", "#items(..profile)"),
        ("dictionary", "outside-vocabulary", "#paragraph((a: [b]))"),
        ("for", "outside-vocabulary", "#for x in (\"a\",) [a]"),
        ("while", "outside-vocabulary", "#while true [a]"),
        ("if", "outside-vocabulary", "#if true [a]"),
        ("block of code", "outside-vocabulary", "#{ [a] }"),
        ("sum", "outside-vocabulary", "#(\"a\" + \"b\")"),
        ("context", "outside-vocabulary", "#context [a]"),
        ("return", "outside-vocabulary", "#return"),
        ("tag of a figure", "template-law", "#f(\"low-count\", \"шесть\")"),
        ("tag of a constant", "template-law", "#paragraph(k(\"a\", \"шесть\"))"),
        ("tag of a number", "template-law", "#paragraph[#gen({{ low.rate|plain }})]"),
        ("tag with content", "template-law", "#gen[шесть]"),
        ("call of a plain text", "template-law", "#bar-chart(alt: plain(\"шесть\"))"),
        ("call of a value", "template-law", "#bar(value: measured(30))"),
        ("open bracket", "section-syntax", "#paragraph[Текст"),
        ("open string", "section-syntax", "#paragraph(\"Текст)"),
        ("value in a string", "section-syntax", "#paragraph(\"{{ name }}\")"),
        ("figure in a string", "section-syntax", "#paragraph(\"{{ low.count }}\")"),
        ("markup in code", "section-syntax", "#bar-chart(alt: {{ name }})"),
        ("figure in code", "section-syntax", "#bar-chart(bar(value: {{ low.count }}))"),
        ("code in markup", "outside-vocabulary", "#paragraph[{{ digits|plain }}]"),
    ]);
}

#[test]
fn no_digit_is_typed_in_a_body() {
    all_fail(&[
        ("year in a text", "digit-in-template", "#paragraph[За 2022 год]"),
        ("bare text", "digit-in-template", "За 2022 год"),
        ("raised digit", "digit-in-template", "#paragraph[Площадь, м²]"),
        ("Roman number sign", "digit-in-template", "#paragraph[Ⅳ квартал]"),
        ("digit between tags", "digit-in-template", "#paragraph[{% if flags.is_on %}5{% endif %} школ]"),
        ("digit beside a figure", "digit-in-template", "#paragraph[1{{ low.count }}]"),
        ("string", "digit-in-template", "#paragraph(\"2022\")"),
        ("string in markup", "digit-in-template", "#\"2022\""),
        ("unit of a chart", "digit-in-template", "#bar-chart(unit: \"5\")"),
        ("alternative text", "digit-in-template", "#bar-chart(alt: \"Доля 29 %\")"),
        ("number of a clause", "digit-in-template", "#clause(\"1.1\")[Текст]"),
        ("number of a section", "digit-in-template", "#section(\"1\")[Текст]"),
        ("number of a table", "digit-in-template", "#data-table(number: \"5\")"),
        ("number in markup", "digit-in-template", "#5"),
        ("negative number in markup", "digit-in-template", "#(-5)"),
        ("length in markup", "digit-in-template", "#2cm"),
        ("number as content", "digit-in-template", "#row([а], 5)"),
        ("number as a label", "digit-in-template", "#bar(label: 5)"),
        ("number as a number", "digit-in-template", "#data-table(number: 5)"),
        ("value in markup", "digit-in-template", "#paragraph[{{ low.count|value }}]"),
        ("plain figure as a text", "digit-in-template", "#paragraph({{ low.count|plain }})"),
        ("plain figure as a label", "digit-in-template", "#bar(label: {{ low.count|plain }})"),
        ("plain figure as the number of a clause", "digit-in-template", "#clause({{ low.count|plain }})[Текст]"),
        ("plain digits as the number of a clause", "digit-in-template", "#clause({{ digits|plain }})[Текст]"),
        ("plain figure as the number of a section", "digit-in-template", "#section({{ low.rate|plain }})[Текст]"),
        ("plain figure as the number of a table", "digit-in-template", "#data-table(number: {{ low.rate|plain }})"),
        ("plain figure as a value", "digit-in-template", "#bar(value: {{ low.rate|plain }})"),
        (
            "typed value of a chart",
            "digit-in-template",
            "#bar-chart(alt: none, bar(label: [а], value: 30, printed: []))",
        ),
        ("typed negative value", "digit-in-template", "#bar(value: -30)"),
        ("typed share as a value", "digit-in-template", "#bar(value: 30%)"),
        ("value as an alternative text", "digit-in-template", "#bar-chart(alt: {{ low.rate|value }})"),
        ("value as the number of a table", "digit-in-template", "#data-table(number: {{ low.rate|value }})"),
        ("value as the width of a column", "digit-in-template", "#data-table(columns: ({{ low.rate|value }},))"),
    ]);
}

#[test]
fn every_broken_section_is_named_at_its_line() {
    let sound = "#paragraph[Текст]";
    let cells = "\n\n#data-table(columns: (1fr, 1fr), header: ([А], [Б]),\n  row([а]))";
    let argument = "\n#paragraph[Текст]\n#signature(banana: [а])";
    let fonts = Fonts::built_in();
    let made = make(&job(&[cells, sound, argument, sound], names()), &fonts);
    assert!(made.typeset.is_none());
    let at =
        |id: &str, index: usize, line| (id.to_owned(), format!("templates/documents/probe/part-{index}.typ.j2"), line);
    assert_eq!(made.findings, [at("typesetting-failed", 0, 3), at("typesetting-failed", 2, 3)]);
    // So are all that break the law, and all that leave the vocabulary.
    let made = make(&job(&["\n{{ low.count + name }}", sound, "{{ name|safe }}"], names()), &fonts);
    assert_eq!(made.findings, [at("template-law", 0, 2), at("template-law", 2, 1)]);
    let made = make(&job(&["\n{{ banana }}", sound, "{{ schools }}"], names()), &fonts);
    assert_eq!(made.findings, [at("template-unknown-name", 0, 2), at("template-failed", 2, 1)]);
    let made = make(&job(&["\n#table[а]\n#read(\"а\")", sound, "#paragraph[5]"], names()), &fonts);
    let found = [at("outside-vocabulary", 0, 2), at("outside-vocabulary", 0, 3), at("digit-in-template", 2, 1)];
    assert_eq!(made.findings, found);
    // None of these hides another, whatever stage finds it; a reference to a broken section is no fault of its own.
    let refers = "#paragraph[{{ ref(\"part-0.first\") }}]\n#signature(banana: [а])";
    let law = "#clause({{ number(\"first\") }})[{{ low.count + name }}]";
    let bodies = [law, "\n{{ banana }}", "#read(\"а\")", "#paragraph[5]", refers, "#paragraph[а", sound];
    let made = make(&job(&bodies, names()), &fonts);
    assert!(made.typeset.is_none());
    let found = [
        at("template-law", 0, 1),
        at("template-unknown-name", 1, 2),
        at("outside-vocabulary", 2, 1),
        at("digit-in-template", 3, 1),
        at("section-syntax", 5, 1),
        at("typesetting-failed", 4, 2),
    ];
    assert_eq!(made.findings, found);
}

#[test]
fn a_figure_in_three_forms_has_places_of_three_kinds() {
    let body = "#paragraph[Доля {{ low.rate }}]\n\
        #bar-chart(alt: {{ low.rate|plain }}, unit: none, \
        bar(label: [Доля], value: {{ low.rate|value }}, printed: [{{ low.rate }}]))";
    let job = job(&[body], names());
    let made = make(&job, &Fonts::built_in());
    let (filled, typeset) = (made.filled.expect("filled"), made.typeset.expect("pages"));
    let mut sources = Sources::default();
    sources.declared("svod.toml", "probe");
    let entry = ledger::document("probe", "probe.pdf", &filled.uses, &typeset.hits, &sources);
    let [figure] = entry.figures.as_slice() else { panic!("one figure: {:?}", entry.figures) };
    assert_eq!((figure.id.as_str(), figure.text.as_str(), figure.value.as_str()), ("low-rate", "29\u{a0}%", "500/17"));
    let kinds: Vec<&str> = figure
        .places
        .iter()
        .map(|place| match place {
            PlaceEntry::Markup { .. } => "markup",
            PlaceEntry::Code { value, .. } if value == "29" => "code 29",
            PlaceEntry::Code { .. } => "code",
            PlaceEntry::Plain { .. } => "plain",
            PlaceEntry::Cell { .. } => "cell",
        })
        .collect();
    assert_eq!(kinds, ["markup", "markup", "plain", "code 29"]);
    // The figure is traced to the section that prints it.
    let section = Some("/s/probe/part-0.typ".to_owned());
    assert!(typeset.hits.iter().all(|hit| hit.section == section), "{:?}", typeset.hits);
    let printed: Vec<String> = typeset.hits.iter().map(|hit| hit.text.replace('\u{a0}', " ")).collect();
    assert_eq!(printed, ["29 %", "29 %"]);
    assert!(filled.uses.unplaced.iter().all(|plain| plain.form != "plain" || plain.text == figure.text));
}

#[test]
fn a_repeated_head_gives_a_place_on_every_page() {
    let body = "#data-table(columns: (1fr, 1fr), header: ([За {{ low.count }}], [Б]),\n  \
        {% for line in many %}row([{{ line }}], [{{ line }}]),{% endfor %})";
    let made = make(&job(&[body], names()), &Fonts::built_in());
    assert_eq!(made.findings, []);
    let typeset = made.typeset.expect("pages");
    let heads = typeset.hits.iter().filter(|hit| hit.tag == Tag::Figure("low-count".to_owned()));
    let pages: Vec<usize> = heads.flat_map(|hit| &hit.places).map(|place| place.page).collect();
    assert!(typeset.pages > 3, "{} pages", typeset.pages);
    assert_eq!(pages, (1..=typeset.pages).collect::<Vec<_>>());
}

#[test]
fn a_gap_is_seen_in_a_draft_and_noted_in_both_modes() {
    let fonts = Fonts::built_in();
    let body = "#paragraph[Всего {{ gap }}]\n{% for item in gap %}#paragraph[{{ item.name }}]{% endfor %}\n\
        {% if gap.is_large %}#paragraph[Много]{% endif %}\n\
        #bar-chart(alt: {{ gap|plain }}, unit: none, \
        bar(label: [{{ gap.name|upper_first }}], value: {{ gap|value }}, printed: [{{ gap|counted(\"oo\") }}]))";
    let mut job = job(&[body], names());
    for is_draft in [false, true] {
        job.is_draft = is_draft;
        let made = make(&job, &fonts);
        assert_eq!(made.findings, []);
        assert_eq!(made.filled.expect("filled").uses.gaps.len(), 1, "each gap once, with its reasons");
        // Without a draft the caller must not print it: the path is tested below.
        let text = page_text(&made.typeset.expect("pages"));
        assert_eq!(text.matches("Заполнить: число школ").count(), if is_draft { 4 } else { 0 }, "{text}");
        assert!(!text.contains("Много"));
    }
}

#[test]
fn a_missing_value_blocks_the_package_and_is_seen_in_its_draft() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    hostile::changed_sample(&inputs, &[("Дорожная карта.xlsx", "Мероприятия", "Ответственный")], "");
    let mut request = run::request(&inputs, &outer.path().join("outputs"));
    let outcome = run::outcome(&request, false);
    let blocked: Vec<&str> = outcome.blocked.iter().map(|blocked| blocked.document.as_str()).collect();
    assert_eq!(blocked, ["concept-order", "roadmap"]);
    for blocked in &outcome.blocked {
        let [reason] = blocked.reasons.as_slice() else { panic!("one reason: {:?}", blocked.reasons) };
        assert_eq!(reason.place, "Дорожная карта.xlsx › Мероприятия!E4");
        let file = blocked.file.clone().unwrap_or_default();
        assert!(!reason.message.is_empty() && !outcome.produced.contains(&file), "{reason:?}");
    }

    request.draft = true;
    let outcome = run::outcome(&request, false);
    assert!(outcome.blocked.is_empty() && outcome.has_errors(), "{:?}", outcome.blocked);
    let municipality = pipeline::discover(&inputs).expect("a municipality").remove(0);
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(&municipality, &request, &run::messages(), &mut diagnostics).expect("planned");
    let fonts = Fonts::built_in();
    for kind in ["concept-order", "roadmap"] {
        let job = prepared.jobs.iter().find(|job| job.kind == kind).expect("the job");
        let typeset = make(job, &fonts).typeset.expect("pages");
        assert_eq!(page_text(&typeset).matches("Заполнить:").count(), 1, "{kind}");
        assert!(typeset.texts.iter().all(|page| page.margin.contains("ПРОЕКТ")), "{kind}");
    }
}

#[test]
fn a_body_that_breaks_the_law_blocks_its_documents_only() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    hostile::changed_sample(&inputs, &[], "");
    let folder = inputs.join("mariinsk/templates/documents/order");
    std::fs::create_dir_all(&folder).expect("the overrides");
    let file = "templates/documents/order/preamble.typ.j2";
    for (body, id, line) in [
        ("{# мы #}\n#preamble[{{ low.count + low.count }}]", "template-law", 2),
        ("#preamble[{{ low.banana }}]", "template-unknown-name", 1),
        ("\n\n#preamble[#read(\"svod.toml\")]", "outside-vocabulary", 3),
        ("#preamble[Всего 5 школ]", "digit-in-template", 1),
        ("#preamble[Всего", "section-syntax", 1),
        ("\n#preamble(banana: [а])", "typesetting-failed", 2),
    ] {
        std::fs::write(folder.join("preamble.typ.j2"), body).expect("the body");
        let request = run::request(&inputs, &outer.path().join("outputs"));
        let outcome = run::outcome(&request, false);
        let blocked: Vec<&str> = outcome.blocked.iter().map(|blocked| blocked.document.as_str()).collect();
        assert_eq!(blocked, ["concept-order", "order"], "{id}");
        for reason in outcome.blocked.iter().flat_map(|blocked| &blocked.reasons) {
            assert_eq!((reason.id.as_str(), reason.place.clone()), (id, format!("{file}:{line}")));
        }
        assert!(outcome.blocked.iter().all(|blocked| !blocked.reasons.is_empty()), "{id}: no reason");
        let made = ["Концепция.pdf", "Перечень ШНОР.pdf", "Дорожная карта.pdf", "Мониторинг.xlsx"];
        assert!(made.iter().all(|file| outcome.produced.iter().any(|found| found == file)), "{:?}", outcome.produced);
    }
}

/// A layout at fault is found on the pages: bodies cannot reach these guards, so the vocabulary is broken instead.
#[test]
fn pages_are_held_against_what_was_filled() {
    let fonts = Fonts::built_in();
    let body = "#paragraph[Доля {{ low.rate }}]";
    let figure = r#"#let f(id, body) = [#body#label("f-" + id)]"#;
    for (id, broken) in [
        ("untagged-digit", "#let f(id, body) = body"),
        ("figure-misprinted", r#"#let f(id, body) = [#[#body!]#label("f-" + id)]"#),
        ("figure-not-printed", r#"#let f(id, body) = [#hide(body)#label("f-" + id)]"#),
    ] {
        let mut job = job(&[body], names());
        assert!(job.vocabulary.contains(figure), "the vocabulary has changed: break it anew");
        job.vocabulary = job.vocabulary.replace(figure, broken);
        let made = make(&job, &fonts);
        assert!(made.typeset.is_none(), "{id}: pages were made");
        assert!(made.findings.iter().any(|(found, ..)| found == id), "{id}: {:?}", made.findings);
    }
}

#[test]
fn a_word_that_leaves_its_cell_is_named() {
    let fonts = Fonts::built_in();
    let made = |word: &str, body: &str| {
        let mut view = names();
        view.insert("word".to_owned(), text(word));
        let made = make(&job(&[body], view), &fonts);
        assert!(made.typeset.is_some(), "a warning blocks nothing: {:?}", made.findings);
        made.findings
    };
    let overrun = |line| vec![("word-overruns".to_owned(), "templates/documents/probe/part-0.typ.j2".to_owned(), line)];
    let solid = "вввввввввввв";
    let table = "\n#data-table(columns: (2cm, 1fr), header: ([А], [Б]),\n  row([да {{ word }} да], [б]))";
    let last = "\n#data-table(columns: (1fr, 2cm), header: ([А], [Б]),\n  row([а], [{{ word }}]))";
    let head = "#data-table(columns: (2cm, 1fr), header: ([{{ word }}], [Б]), row([а], [б]))";
    for (body, line) in [(table, 3), (last, 3), (head, 1)] {
        assert_eq!(made(solid, body), overrun(line), "{body}");
        // A word that can be divided is, one that fits stays.
        assert_eq!(made("вввв", body), [], "{body}");
    }
    assert_eq!(made("общеобразовательному", table), []);
    // Beyond the page's own text, too: words between which no line may end.
    let chain = |words| made("а", &format!("#appendix-mark[{}да]", "да~".repeat(words)));
    let first = (5..40).map(chain).find(|findings| !findings.is_empty());
    assert_eq!(first, Some(overrun(1)));
    let mut diagnostics = Diagnostics::default();
    let mut view = names();
    view.insert("word".to_owned(), text(solid));
    let job = job(&[table], view);
    let filled = template::fill(&job, &mut diagnostics).expect("filled");
    typeset::typeset(&job, &filled, &fonts, &mut diagnostics).expect("pages");
    let words: Vec<Option<&String>> = diagnostics.iter().map(|finding| finding.args.get("found")).collect();
    assert_eq!(words, [Some(&solid.to_owned())], "the word alone, not what stands beside it");
}

#[test]
fn a_figure_has_one_value() {
    let fonts = Fonts::built_in();
    let mut view = names();
    view.insert("other".to_owned(), figure("low-rate", Measure::from(30_i64), Unit::Percent));
    let made = make(&job(&["#paragraph[Доля {{ low.rate }} и {{ other }}]"], view), &fonts);
    assert!(made.typeset.is_none());
    assert_eq!(made.findings, [("figure-conflict".to_owned(), "probe".to_owned(), 0)]);

    let entry = |file: &str, value: i64| {
        let mut view = names();
        view.insert("other".to_owned(), figure("low-rate", Measure::from(value), Unit::Percent));
        let made = make(&job(&["#paragraph[Доля {{ other }}]"], view), &fonts);
        let (filled, typeset) = (made.filled.expect("filled"), made.typeset.expect("pages"));
        ledger::document("probe", file, &filled.uses, &typeset.hits, &Sources::default())
    };
    let mut diagnostics = Diagnostics::default();
    ledger::contradictions(&[entry("a.pdf", 29), entry("b.pdf", 29)], &mut diagnostics);
    assert_eq!(diagnostics.iter().count(), 0);
    ledger::contradictions(&[entry("a.pdf", 29), entry("b.pdf", 30)], &mut diagnostics);
    let ids: Vec<&str> = diagnostics.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(ids, ["figure-contradiction"]);
}
