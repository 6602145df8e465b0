//! «Риски»: risks of the concept by kind.

use super::{Build, Kind, Row, SheetSpec, column};
use crate::model::Risk;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "risks",
    title: "Риски",
    columns: &[
        column("kind", &["Вид риска"], Kind::Prose),
        column("risk", &["Риск"], Kind::Prose),
        column("affected", &["На кого влияет"], Kind::Prose),
    ],
    unique: &[],
    measures: &[],
    is_optional: true,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        let risk = Risk {
            kind: build.text(row, "kind"),
            risk: build.text(row, "risk"),
            affected: build.text(row, "affected"),
        };
        build.data.risks.push(risk);
    }
}
