//! «Тексты разделов»: the municipality's own wording by document and block.

use super::{Build, Kind, Row, SheetSpec, column};
use crate::model::{Known, Text};
use crate::ru;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "texts",
    title: "Тексты разделов",
    columns: &[
        column("document", &["Документ"], Kind::Verbatim),
        column("block", &["Блок"], Kind::Verbatim),
        column("number", &["№", "№ п/п"], Kind::Verbatim),
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
            Ok((key, order, text)) => build.data.texts.entry(key).or_default().push((order, text)),
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
    for block in build.data.texts.values_mut() {
        block.sort_by(|a, b| a.0.cmp(&b.0));
    }
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<((String, String), Vec<u64>, Text)> {
    row.unique()?;
    let key = (ru::fold(&row.plain("document")?.0), ru::fold(&row.plain("block")?.0));
    let order = super::order_of(&row.plain("number")?.0);
    Ok((key, order, build.text(row, "text")?))
}
