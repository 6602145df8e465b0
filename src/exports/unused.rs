//! Layouts that are recognised and not used yet: they are no unknown sheets, and what they say of pupils goes no further.
//! In: a sheet. Out: an empty one and a note that names the layout. It must never know a number.

use crate::diag::Diagnostic;
use crate::workbook::Sheet;

use super::Reading;
use super::grid::{Header, key};

/// A layout: its name, headers that must be there, a beginning of a header that must be there.
struct Known {
    name: &'static str,
    headers: &'static [&'static str],
    prefix: &'static str,
}

/// The narrower stands before the wider.
const KNOWN: &[Known] = &[
    Known {
        name: "Сравнение отметок с отметками по журналу",
        headers: &["Группы участников", "Кол-во участников", "%"],
        prefix: "",
    },
    Known {
        name: "Выполнение заданий", headers: &["Группы участников", "Кол-во участников"], prefix: ""
    },
    Known {
        name: "Достижение планируемых результатов", headers: &[], prefix: "Блоки ПООП обучающийся научится"
    },
    Known {
        name: "Описание работы", headers: &["№ КИМ"], prefix: "Максимальный балл"
    },
    Known {
        name: "Анализ выполнения заданий",
        headers: &["Проверяемые требования", "Максимальный балл", "Процент выполнения"],
        prefix: "",
    },
    Known {
        name: "Маркеры необъективности", headers: &["Логин", "Количество маркеров"], prefix: ""
    },
    Known { name: "Логины школ", headers: &["логин", "имя"], prefix: "регион" },
];

/// Recognises a layout that is not used.
pub(super) fn read(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let known = KNOWN.iter().find(|known| {
        headers.iter().any(|header| {
            let has_prefix =
                known.prefix.is_empty() || header.keys.values().any(|found| found.starts_with(&key(known.prefix)));
            header.has(known.headers) && has_prefix
        })
    })?;
    let finding = Diagnostic::note("export-not-used", reading.here()).with("layout", known.name);
    reading.say(finding);
    Some(reading.nothing())
}
