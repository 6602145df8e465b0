//! «Пропуски»: values that are missing with leave. They are said where a figure stands on the rest.

use super::{Build, Kind, Row, SheetSpec, column, filled, told};
use crate::diag::Diagnostic;
use crate::model::{AllowedGap, Gap, Known, MeasureCode, codes};
use crate::ru;

/// Names of what typed sheets hold, and their measures.
const SHEETS: [(&str, &[&str]); 4] = [
    ("результаты", &codes::RESULTS),
    ("диагностика", &[codes::DIAGNOSIS]),
    ("педагоги", &[codes::EMPLOYMENT]),
    ("методическая помощь", &[codes::SUPPORT]),
];

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "gaps",
    title: "Пропуски",
    columns: &[
        column("school", &["Код ОО"], Kind::Verbatim),
        column("name", &["Школа"], Kind::Prose).absent(),
        column("measure", &["Чего нет"], Kind::Verbatim),
        column("year", &["Год"], Kind::Year),
        column("reason", &["Причина"], Kind::Prose),
        column("by", &["Кто разрешил"], Kind::Prose),
    ],
    unique: &["school", "measure", "year"],
    measures: &[],
    is_optional: true,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok(gap) => build.data.allowed_gaps.push(gap),
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<AllowedGap> {
    row.unique()?;
    let year = filled(row.year("year"))?;
    let (name, cell) = row.plain("measure")?;
    let folded = ru::fold(&name);
    let measures: Vec<MeasureCode> = match SHEETS.iter().find(|(known, _)| *known == folded) {
        Some((_, measures)) => measures.iter().map(|code| MeasureCode::from(*code)).collect(),
        None if build.data.measures.contains_key(&MeasureCode(name.clone())) => vec![MeasureCode(name)],
        None => {
            let finding = Diagnostic::error("unknown-measure", build.place(cell)).with("code", told(&name));
            return Err(Gap::because(build.diagnostics.push(finding)));
        }
    };
    Ok(AllowedGap {
        school: build.school_in(row, "school", "name", Some(year))?,
        measures,
        year,
        reason: build.text(row, "reason")?,
        allowed_by: build.text(row, "by")?,
        cell: row.cell("school"),
    })
}
