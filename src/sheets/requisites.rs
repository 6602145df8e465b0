//! «Реквизиты»: the municipality's profile as keys and values.

use super::{Build, Kind, Row, SheetSpec, column};
use crate::model::{Operand, requisite};
use crate::ru;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "requisites",
    title: "Реквизиты",
    columns: &[
        column("key", &["Реквизит"], Kind::Verbatim),
        column("value", &["Значение"], Kind::Prose),
        column("remark", &["Пояснение"], Kind::Verbatim).absent(),
    ],
    unique: &["key"],
    measures: &[],
    is_optional: false,
    project,
};

/// Keys whose values are years.
const YEARS: [&str; 3] = [requisite::YEAR, requisite::START, requisite::END];

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        let text = row.unique().and_then(|()| build.text(row, "value"));
        let key = match row.plain("key") {
            Ok((key, _)) => ru::fold(&key),
            Err(gap) => {
                build.doubt_row(row, &gap);
                continue;
            }
        };
        match text {
            Ok(text) => {
                let year = text.value.parse::<i64>().ok().filter(|year| (1990..=2100).contains(year));
                if let (true, Some(year)) = (YEARS.contains(&key.as_str()), year) {
                    let operand = Operand { value: year.into(), node: text.node };
                    build.data.requisite_numbers.insert(key.clone(), operand);
                }
                build.data.requisites.insert(key, text);
            }
            // The mark of invented data must not be lost with its cell.
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
}
