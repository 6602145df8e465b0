//! «Календарь процедур»: what was held when, and on the programme of which grade.

use super::results::{EXAMS, exam};
use super::{Build, Kind, Row, SheetSpec, column, filled};
use crate::model::{Holding, Known, Procedure, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "calendar",
    title: "Календарь процедур",
    columns: &[
        column("exam", &["Процедура"], EXAMS),
        column("grade", &["Класс"], Kind::Grade),
        column("discipline", &["Предмет"], Kind::Verbatim),
        column("year", &["Год"], Kind::Year),
        column(
            "holding",
            &["Проведение"],
            Kind::Choice(&[("проведена", "held"), ("перенесена на осень", "moved"), ("не проводилась", "not-held")]),
        ),
        column("programme-grade", &["Класс программы"], Kind::Grade).blank(),
        column(
            "resits",
            &["Пересдачи"],
            Kind::Choice(&[("до пересдачи", "before"), ("после пересдачи", "after"), ("нет", "none")]),
        )
        .blank(),
        column("remark", &["Примечание"], Kind::Verbatim).absent(),
    ],
    unique: &["exam", "grade", "discipline", "year"],
    measures: &codes::RESULTS,
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok(procedure) => build.data.calendar.push(procedure),
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
    build
        .data
        .calendar
        .sort_by(|a, b| (a.exam, a.grade, &a.discipline, a.year).cmp(&(b.exam, b.grade, &b.discipline, b.year)));
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<Procedure> {
    row.unique()?;
    let cells = ["exam", "grade", "discipline", "year", "holding"].map(|key| row.cell(key));
    Ok(Procedure {
        exam: exam(filled(row.choice("exam"))?),
        grade: filled(row.grade("grade"))?,
        discipline: row.plain("discipline")?.0.to_lowercase().into(),
        year: filled(row.year("year"))?,
        holding: match filled(row.choice("holding"))? {
            "held" => Holding::Held,
            "moved" => Holding::Moved,
            _ => Holding::NotHeld,
        },
        node: build.sources.cells(cells),
    })
}
