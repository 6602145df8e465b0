//! «Наименования»: bodies and territories in the cases that texts need.

use super::{Build, Column, Kind, Row, SheetSpec, column};
use crate::diag::{DiagId, Diagnostic};
use crate::model::{Gap, Known, Name, Text};
use crate::ru;

const COLUMNS: &[Column] = &[
    column("code", &["Код"], Kind::Verbatim),
    column("short", &["Краткое"], Kind::Prose).blank(),
    column("nom", &["Именительный"], Kind::Prose),
    column("gen", &["Родительный"], Kind::Prose).blank(),
    column("dat", &["Дательный"], Kind::Prose).blank(),
    column("acc", &["Винительный"], Kind::Prose).blank(),
    column("ins", &["Творительный"], Kind::Prose).blank(),
    column("prep", &["Предложный"], Kind::Prose).blank(),
];

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "names",
    title: "Наименования",
    columns: COLUMNS,
    unique: &["code"],
    measures: &[],
    is_optional: false,
    project,
};

/// Folded codes of the names that every municipality has.
const KEYS: [(&str, &str); 4] =
    [("орган", "authority"), ("муниципалитет", "municipality"), ("координатор", "coordinator"), ("регион", "region")];

/// Returns the official code of a key, for messages.
pub(crate) fn code_of(key: &str) -> &str {
    KEYS.iter().find(|(_, known)| *known == key).map_or(key, |(code, _)| code)
}

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match row.unique().and_then(|()| row.plain("code")) {
            Ok((code, _)) => {
                let short = form(row, "short", build);
                let cases = ru::Case::ALL.map(|(_, key, _)| form(row, key, build));
                let code = ru::fold(&code);
                let key =
                    KEYS.iter().find(|(known, _)| *known == code).map_or(code.as_str(), |(_, key)| key).to_owned();
                build.data.names.insert(key, Name { code, short, cases });
            }
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
}

/// A form that is not given is an error only where a text needs it: the gap waits at its cell.
fn form(row: &Row, key: &str, build: &mut Build<'_>) -> Known<Text> {
    match build.optional_text(row, key)? {
        Some(text) => Ok(text),
        None => Err(Gap::because(missing_form(row, key, build))),
    }
}

fn missing_form(row: &Row, key: &str, build: &mut Build<'_>) -> DiagId {
    let header = COLUMNS
        .iter()
        .find(|column| column.key == key)
        .and_then(|column| column.headers.first().copied())
        .unwrap_or_default();
    let finding = Diagnostic::warning("missing-form", build.place(row.cell(key))).with("column", header);
    build.diagnostics.push(finding)
}
