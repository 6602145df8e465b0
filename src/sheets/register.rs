//! «Регистрация документов»: dates and numbers given on signing; blank until then.

use super::{Build, Kind, Row, SheetSpec, column};
use crate::model::{Registered, Text};
use crate::ru;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "register",
    title: "Регистрация документов",
    columns: &[
        column("document", &["Документ"], Kind::Verbatim),
        column("date", &["Дата регистрации"], Kind::Date).blank(),
        column("number", &["Рег. номер", "Регистрационный номер"], Kind::Verbatim).blank(),
    ],
    unique: &["document"],
    measures: &[],
    is_optional: true,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        let read = row.unique().and_then(|()| {
            let document = build.text(row, "document")?;
            let date = row.date("date")?.map(ru::Date::short);
            let date = date.map(|value| Text { value, node: build.sources.cells([row.cell("date")]) });
            Ok(Registered { document, date, number: build.optional_text(row, "number")? })
        });
        match read {
            Ok(entry) => {
                build.data.register.insert(ru::fold(&entry.document.value), entry);
            }
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
}
