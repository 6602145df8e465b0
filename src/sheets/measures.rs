//! «Словарь показателей»: the numbers that schools report, by code.

use super::{Build, Kind, Row, SheetSpec, column};
use crate::diag::Diagnostic;
use crate::model::{MeasureCode, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "measures",
    title: "Словарь показателей",
    columns: &[
        column("code", &["Код показателя"], Kind::Verbatim),
        column("name", &["Наименование"], Kind::Prose),
        column("unit", &["Единица"], Kind::Verbatim),
        column("fold", &["Сведение"], Kind::Choice(&[("сумма", "sum"), ("среднее", "mean"), ("нет", "none")])),
    ],
    unique: &["code"],
    measures: &[],
    is_optional: true,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        let read = row.unique().and_then(|()| Ok((row.plain("code")?, build.text(row, "name")?)));
        match read {
            Ok(((code, cell), _)) if codes::is_reserved(&code) => {
                let finding = Diagnostic::error("reserved-measure", build.place(cell)).with("code", code);
                let diag = build.diagnostics.push(finding);
                build.doubt_sheet(row.spec, diag);
            }
            Ok(((code, _), name)) => {
                let unit = row.plain("unit").map(|(unit, _)| unit.to_string()).unwrap_or_default();
                if matches!(row.choice("fold"), Ok(Some(fold)) if fold != "sum") {
                    build.data.apart.insert(MeasureCode(code.clone()));
                }
                build.data.measure_units.insert(MeasureCode(code.clone()), unit);
                build.data.measures.insert(MeasureCode(code), name);
            }
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
}
