//! «Правовые основания»: acts on which the documents stand.

use super::{Build, Kind, Row, SheetSpec, column, filled, split_list};
use crate::model::{Known, LegalBasis, Level};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "legal-bases",
    title: "Правовые основания",
    columns: &[
        column("kind", &["Вид акта"], Kind::Prose),
        column("body", &["Орган"], Kind::Prose).blank(),
        column("date", &["Дата"], Kind::Date),
        column("number", &["Номер"], Kind::Verbatim),
        column("title", &["Наименование"], Kind::Prose),
        column(
            "level",
            &["Уровень"],
            Kind::Choice(&[("федеральный", "federal"), ("региональный", "regional"), ("муниципальный", "municipal")]),
        ),
        column("used-in", &["Где используется"], Kind::Verbatim),
        column("in-preamble", &["В преамбуле"], Kind::Prose).blank(),
    ],
    unique: &["kind", "date", "number"],
    measures: &[],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok(basis) => build.data.legal_bases.push(basis),
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
    // The order of acts in a preamble: by legal force, then by date.
    build
        .data
        .legal_bases
        .sort_by(|a, b| (a.level, a.date.0, &a.number.value).cmp(&(b.level, b.date.0, &b.number.value)));
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<LegalBasis> {
    row.unique()?;
    Ok(LegalBasis {
        kind: build.text(row, "kind")?,
        body: build.optional_text(row, "body")?,
        date: (filled(row.date("date"))?, build.sources.cells([row.cell("date")])),
        number: build.text(row, "number")?,
        title: build.text(row, "title")?,
        level: match filled(row.choice("level"))? {
            "federal" => Level::Federal,
            "regional" => Level::Regional,
            _ => Level::Municipal,
        },
        used_in: split_list(&row.plain("used-in")?.0),
        in_preamble: build.optional_text(row, "in-preamble")?,
        preamble_cell: row.cell("in-preamble"),
    })
}
