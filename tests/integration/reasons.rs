//! The reasons of findings: errors of the system and of libraries in the words of the program, with line, place and key.
//! In: broken settings, templates and forms, every kind of error. Out: nothing; the messages are held against texts.
//! It must never know how a stage finds what is wrong.

use std::io;

use svod::diag::{Diagnostic, Diagnostics, Messages, Place, Reason};
use svod::form::FormError;
use svod::settings::Settings;
use svod::template;

use crate::run::messages;
use crate::templates::{job, names};

/// Sound settings, line by line.
const SETTINGS: &str = "schema = 1\nname = \"Район\"\nmethod = \"rosobrnadzor\"\nindicators = \"mariinsk\"\n\
    documents = [{ kind = \"order\", file = \"Приказ\" }]\n";

/// The message of a reason behind a finding of the settings.
fn told(reason: Reason) -> String {
    let finding = Diagnostic::error("bad-settings", Place::Run).because(reason);
    messages().finding(&finding).0.trim_start_matches("файл настроек с ошибкой: ").to_owned()
}

/// Tells whether a text has no word of another language before the words of a library, names aside.
fn is_russian(text: &str) -> bool {
    let own = text.split("техническая причина:").next().unwrap_or_default();
    let words = own.split(|c: char| !c.is_alphabetic()).filter(|word| word.is_ascii() && !word.is_empty());
    let names = ["UTF", "TOML", "Excel", "svod", "toml"];
    own.chars().any(|c| ('а'..='я').contains(&c)) && words.into_iter().all(|word| names.contains(&word))
}

#[test]
fn faults_of_settings_are_told_with_line_place_and_key() {
    for (given, wrong, line, expected) in [
        ("{ kind", "{ kin", 5, "знак 16: неизвестный ключ «kin»; допустимы: kind, may-be-absent, file"),
        (
            "schema = 1",
            "schema = \"один\"",
            1,
            "знак 10: у ключа «schema» нужно значение вида «целое число», найдено: \"один\"",
        ),
        ("schema = 1", "schema = -1", 1, "знак 10: у ключа «schema» нужно значение вида «целое число», найдено: -1"),
        (
            "name = \"Район\"",
            "name = 5",
            2,
            "знак 8: у ключа «name» нужно значение вида «текст в кавычках», найдено: 5",
        ),
        ("name = \"Район\"\n", "", 1, "знак 1: нет обязательного ключа «name»"),
        ("method =", "name = \"Округ\"\nmethod =", 3, "знак 1: ключ «name» повторяется"),
        (
            "documents = [",
            "draft = \"да\"\ndocuments = [",
            5,
            "знак 9: у ключа «draft» нужно значение вида «true или false», найдено: \"да\"",
        ),
        (
            "documents = [{ kind = \"order\", file = \"Приказ\" }]",
            "documents = 5",
            5,
            "знак 13: у ключа «documents» нужно значение вида «список в квадратных скобках», найдено: 5",
        ),
        (
            "documents = [",
            "layout = 5\ndocuments = [",
            5,
            "знак 10: у ключа «layout» нужно значение вида «таблица», найдено: 5",
        ),
        (
            "documents = [",
            "rounding = { mode = \"вверх\" }\ndocuments = [",
            5,
            "знак 21: недопустимое значение «вверх»; допустимы: half-up, cut-off",
        ),
        ("\"Район\"", "\"Район", 2, ""),
        ("method =", "method", 3, ""),
        ("schema = 1", "[schema", 1, ""),
    ] {
        assert!(SETTINGS.contains(given), "{given}");
        let mut diagnostics = Diagnostics::default();
        assert!(Settings::parse("svod.toml", &SETTINGS.replacen(given, wrong, 1), &mut diagnostics).is_none());
        let finding = diagnostics.iter().next().expect("a finding");
        let place = Place::Line { file: "svod.toml".to_owned(), line };
        assert_eq!(finding.place, place, "{wrong}");
        let message = messages().finding(finding).0;
        if expected.is_empty() {
            assert!(is_russian(&message), "{message}");
            assert!(
                message.contains("не по правилам TOML") && message.contains("; техническая причина: "),
                "{message}"
            );
        } else {
            assert_eq!(message, format!("файл настроек с ошибкой: {expected}"), "{wrong}");
        }
    }
}

#[test]
fn the_system_refuses_in_russian() {
    use io::ErrorKind as Kind;
    let kinds = [
        Kind::NotFound,
        Kind::PermissionDenied,
        Kind::AlreadyExists,
        Kind::NotADirectory,
        Kind::IsADirectory,
        Kind::DirectoryNotEmpty,
        Kind::ReadOnlyFilesystem,
        Kind::StorageFull,
        Kind::WriteZero,
        Kind::QuotaExceeded,
        Kind::InvalidFilename,
        Kind::ResourceBusy,
        Kind::WouldBlock,
        Kind::TimedOut,
        Kind::UnexpectedEof,
        Kind::OutOfMemory,
        Kind::Unsupported,
        Kind::NetworkDown,
    ];
    let mut seen: Vec<String> = kinds.iter().map(|kind| told(Reason::io(&io::Error::from(*kind)))).collect();
    for text in &seen {
        assert!(is_russian(text) && !text.contains("техническая причина"), "{text}");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), kinds.len() - 2, "a full disk and a busy file have two kinds");
    let other = told(Reason::io(&io::Error::other("no luck")));
    assert_eq!(other, "система отказала; техническая причина: no luck");
    let real = std::fs::read("/nowhere/at/all").expect_err("an error");
    assert_eq!(told(Reason::io(&real)), "такого файла или папки нет");
}

#[test]
fn a_form_that_cannot_be_made_says_why_in_russian() {
    assert_eq!(told(FormError::Empty.reason()), "нет школ или показателей");
    assert_eq!(told(FormError::Digits(12).reason()), "знаков после запятой 12, это больше возможного");
    let written = told(FormError::Write("Sheet name too long".to_owned()).reason());
    assert_eq!(written, "текст или адрес не подходит для книги Excel; техническая причина: Sheet name too long");
    for part in ["denominator", "kind", "school", "numerator", "value", "whole number", "yes or no", "growth", "change"]
    {
        let text = told(FormError::Inconsistent { figure: "5/2022".to_owned(), part }.reason());
        assert!(is_russian(&text) && text.starts_with("числа показателя 5/2022 не следуют друг из друга: "), "{text}");
    }
}

#[test]
fn a_body_that_cannot_be_filled_says_why_in_russian() {
    let texts: Messages = messages();
    for (body, expected) in [
        ("{{ banana }}", "шаблон обращается к тому, чего нет: banana"),
        ("{{ low.banana }}", "шаблон обращается к тому, чего нет: low.banana"),
        ("{{ term(\"banana\") }}", "шаблон обращается к тому, чего нет: term(\"banana\")"),
        ("{{ ref(\"banana.a\") }}", "шаблон обращается к тому, чего нет: ref(\"banana.a\")"),
        (
            "{{ low.count|counted(\"banana\") }}",
            "шаблон не заполняется: в terms.toml нет слова для |counted(\"banana\")",
        ),
        ("{{ low.count|lit }}", "шаблон не заполняется: фильтр |lit сюда не подходит"),
        (
            "{{ schools }}",
            "шаблон не заполняется: печатают только тексты и показатели, а не списки, таблицы и признаки",
        ),
        ("{{ low }}", "шаблон не заполняется: печатают только тексты и показатели, а не списки, таблицы и признаки"),
        ("{% for x in low.count %}a{% endfor %}", "шаблон не заполняется: перебирают только списки"),
        ("{{ number() }}", "шаблон не заполняется: не хватает аргумента"),
        ("{{ table_number(\"a\") }}", "шаблон не заполняется: лишний аргумент"),
        (
            "{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}{% endfor %}",
            "шаблон не заканчивается (слишком много шагов)",
        ),
        ("{{ low.count + low.count }}", "в шаблоне нельзя: {{ … }}: +"),
    ] {
        let mut diagnostics = Diagnostics::default();
        template::fill(&job(&[body], names()), &mut diagnostics);
        let told: Vec<String> = diagnostics.iter().map(|finding| texts.finding(finding).0).collect();
        assert_eq!(told, [expected], "{body}");
    }
}
