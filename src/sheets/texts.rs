//! «Тексты разделов»: the municipality's own wording by document and block.

use super::{Build, Kind, Row, SheetSpec, column, filled};
use crate::measure::Measure;
use crate::model::{Known, Text};
use crate::ru;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "texts",
    title: "Тексты разделов",
    columns: &[
        column("document", &["Документ"], Kind::Verbatim),
        column("block", &["Блок"], Kind::Verbatim),
        column("number", &["№"], Kind::Number),
        column("text", &["Текст"], Kind::Prose).quiet(),
    ],
    unique: &["document", "block", "number"],
    measures: &[],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok((key, number, text)) => build.data.texts.entry(key).or_default().push((number, text)),
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
    for block in build.data.texts.values_mut() {
        block.sort_by(|a, b| a.0.cmp(&b.0));
    }
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<((String, String), Measure, Text)> {
    row.unique()?;
    let key = (ru::fold(&row.plain("document")?.0), ru::fold(&row.plain("block")?.0));
    let (number, _) = filled(row.number("number"))?;
    Ok((key, number, build.text(row, "text")?))
}
