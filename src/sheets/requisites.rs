//! «Реквизиты»: the municipality's profile as keys and values.

use super::{Build, Kind, Row, SheetSpec, column};
use crate::diag::Diagnostic;
use crate::model::{Operand, requisite};
use crate::ru;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "requisites",
    title: "Реквизиты",
    columns: &[
        column("key", &["Реквизит"], Kind::Verbatim),
        column("value", &["Значение"], Kind::Prose),
        column("remark", &["Пояснение"], Kind::Verbatim).absent(),
    ],
    unique: &["key"],
    measures: &[],
    is_optional: false,
    project,
};

/// The flag of invented data.
const SAMPLE: &str = "условные данные";

/// Folded names of the requisites that the program reads.
const KEYS: [(&str, &str); 11] = [
    ("место издания", requisite::PLACE),
    ("отчетный год", requisite::YEAR),
    ("начало периода", requisite::START),
    ("конец периода", requisite::END),
    ("адрес", "address"),
    ("телефон", "phone"),
    ("электронная почта", "email"),
    ("сайт", "site"),
    ("окпо", "okpo"),
    ("огрн", "ogrn"),
    ("инн кпп", "inn"),
];

/// Keys whose values are years.
const YEARS: [&str; 3] = [requisite::YEAR, requisite::START, requisite::END];

/// Turns a name into a key; letterhead lines are numbered in their names.
fn key_of(name: &str) -> String {
    let folded = ru::fold(name);
    if let Some(number) = folded.strip_prefix("строка бланка ") {
        return format!("{}-{number}", requisite::LETTERHEAD);
    }
    KEYS.iter().find(|(known, _)| *known == folded).map_or(folded, |(_, key)| (*key).to_owned())
}

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        let text = row.unique().and_then(|()| build.text(row, "value"));
        let key = match row.plain("key") {
            Ok((key, _)) => key_of(&key),
            Err(gap) => {
                build.doubt_row(row, &gap);
                continue;
            }
        };
        // The mark of invented data is lifted only by a plain «нет»: it must not be lost with its cell.
        if key == SAMPLE {
            let said = text.as_ref().map(|text| ru::fold(&text.value)).unwrap_or_default();
            build.data.is_sample |= said != "нет";
            if let (Ok(text), false) = (&text, matches!(said.as_str(), "да" | "нет")) {
                let finding = Diagnostic::warning("not-a-choice", build.place(row.cell("value")))
                    .with("column", "Условные данные")
                    .with("found", format!("«{}»", text.value))
                    .with("allowed", "«да», «нет»");
                build.diagnostics.push(finding);
            }
        }
        match text {
            Ok(text) => {
                let year = text.value.parse::<i64>().ok().filter(|year| (1990..=2100).contains(year));
                if let (true, Some(year)) = (YEARS.contains(&key.as_str()), year) {
                    let operand = Operand { value: year.into(), node: text.node };
                    build.data.requisite_numbers.insert(key.clone(), operand);
                }
                build.data.requisites.insert(key, text);
            }
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
}
