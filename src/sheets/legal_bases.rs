//! «Правовые основания»: acts on which the documents stand.

use super::{Build, Kind, Row, SheetSpec, column, filled, split_list};
use crate::model::{Known, LegalBasis, Level};
use crate::ru;

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
    build.data.legal_bases.sort_by(|a, b| {
        let key = |basis: &LegalBasis| (basis.level, force(&basis.kind.value), basis.date.0);
        key(a).cmp(&key(b)).then_with(|| a.number.value.cmp(&b.number.value))
    });
}

/// Words of kinds of acts, the strongest first.
const FORCE: [&str; 7] = ["конституц", "закон", "указ", "постановлен", "распоряжен", "приказ", "письмо"];

/// The place of a kind of act by legal force; a kind of no known force stands last.
fn force(kind: &str) -> usize {
    let kind = ru::fold(kind);
    FORCE.iter().position(|word| kind.contains(word)).unwrap_or(FORCE.len())
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

#[cfg(test)]
mod tests {
    use super::force;

    #[test]
    fn acts_stand_by_legal_force() {
        let mut kinds =
            ["приказ", "Постановление", "распоряжение", "устав", "Указ", "Федеральный закон", "Конституция"];
        kinds.sort_by_key(|kind| force(kind));
        let wanted = ["Конституция", "Федеральный закон", "Указ", "Постановление", "распоряжение", "приказ", "устав"];
        assert_eq!(kinds, wanted);
    }
}
