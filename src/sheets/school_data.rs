//! «Данные школ»: the long table of everything else that schools report.

use super::{Build, Kind, Row, SheetSpec, column, filled, told};
use crate::diag::Diagnostic;
use crate::model::{Dims, Fault, Gap, Known, MeasureCode, Observation, Subject};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "school-data",
    title: "Данные школ",
    columns: &[
        column("school", &["Код ОО"], Kind::Verbatim),
        column("name", &["Школа"], Kind::Prose).absent(),
        column("year", &["Год"], Kind::Year),
        column("measure", &["Код показателя"], Kind::Verbatim),
        column("value", &["Значение"], Kind::Number),
    ],
    unique: &["school", "year", "measure"],
    measures: &[],
    is_optional: true,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        if let Err(gap) = add(row, build) {
            let measures: Vec<MeasureCode> = match row.plain("measure") {
                Ok((code, _)) => vec![MeasureCode(code)],
                Err(_) => build.data.measures.keys().cloned().collect(),
            };
            for diag in gap.reasons {
                let measures = measures.clone();
                build.data.store.fault(Fault { measures, subject: None, years: None, dims: Dims::default(), diag });
            }
        }
    }
}

fn add(row: &Row, build: &mut Build<'_>) -> Known<()> {
    row.unique()?;
    let (code, code_cell) = row.plain("measure")?;
    let measure = MeasureCode(code);
    if !build.data.measures.contains_key(&measure) {
        let finding = Diagnostic::error("unknown-measure", build.place(code_cell)).with("code", told(&measure.0));
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    let year = filled(row.year("year"))?;
    let (value, cell) = filled(row.number("value"))?;
    let subject = Subject::School(build.school_in(row, "school", "name", Some(year))?);
    build.data.store.add(Observation {
        subject,
        from: year,
        to: year,
        measure,
        dims: Dims::default().into(),
        value,
        cell,
    });
    Ok(())
}
