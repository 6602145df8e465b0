//! «Целевые значения»: bases and targets of indicators by year.

use super::{Build, Kind, Row, SheetSpec, column, filled};
use crate::diag::Diagnostic;
use crate::model::{Condition, Gap, Known, Target};

/// How a target is met.
pub(super) const CONDITION: Kind = Kind::Choice(&[
    ("не менее", "at-least"),
    ("не более", "at-most"),
    ("до", "reach"),
    ("равно", "equal"),
    ("рост", "growth"),
    ("снижение", "decrease"),
]);

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "targets",
    title: "Целевые значения",
    columns: &[
        column("code", &["Код показателя"], Kind::Verbatim),
        column("name", &["Показатель"], Kind::Prose).absent(),
        column("year", &["Год"], Kind::Year),
        column("to", &["По год"], Kind::Year).absent(),
        column("stage", &["Этап"], Kind::Prose).absent(),
        column("kind", &["Вид значения"], Kind::Choice(&[("база", "base"), ("цель", "target")])),
        column("condition", &["Условие"], CONDITION).blank(),
        column("value", &["Значение"], Kind::Number).blank(),
        column("unit", &["Единица"], Kind::Verbatim).blank(),
    ],
    unique: &["code", "year", "kind"],
    measures: &[],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok(target) => build.data.targets.push(target),
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
    build.data.targets.sort_by(|a, b| (&a.code, a.year, !a.is_base).cmp(&(&b.code, b.year, !b.is_base)));
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<Target> {
    row.unique()?;
    let (code, cell) = row.plain("code")?;
    let is_base = filled(row.choice("kind"))? == "base";
    let condition = row.choice("condition")?.map(|key| match key {
        "at-least" => Condition::AtLeast,
        "at-most" => Condition::AtMost,
        "reach" => Condition::Reach,
        "equal" => Condition::Equal,
        "growth" => Condition::Growth,
        _ => Condition::Decrease,
    });
    let value = build.optional_operand(row, "value").transpose();
    // A base is a value; «не менее» needs one; «рост» and «снижение» have none.
    let complete = matches!(
        (is_base, condition, &value),
        (true, None, Some(_))
            | (false, Some(Condition::AtLeast | Condition::AtMost | Condition::Reach | Condition::Equal), Some(_))
            | (false, Some(Condition::Growth | Condition::Decrease), None)
    );
    if !complete {
        let finding = Diagnostic::error("target-incomplete", build.place(row.cell("condition")));
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    let year = filled(row.year("year"))?;
    let last = row.year("to")?.unwrap_or(year);
    if last < year {
        let finding = Diagnostic::error("target-years-reversed", build.place(row.cell("to")));
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    let (unit, _) = row.plain("unit")?;
    let in_count = !unit.is_empty() && unit != "%";
    let stage = build.optional_text(row, "stage")?;
    Ok(Target { code: code.to_string(), year, last, stage, in_count, is_base, condition, value, cell })
}
