//! «Должностные лица»: who signs, carries out, prepares, endorses. Officials are no personal secret.

use super::{Build, Kind, Row, SheetSpec, column, filled, node_of};
use crate::model::{Office, Official, Text};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "officials",
    title: "Должностные лица",
    columns: &[
        column(
            "office",
            &["Роль"],
            Kind::Choice(&[
                ("подписант", "signer"),
                ("исполнитель", "executor"),
                ("подготовил", "preparer"),
                ("согласование", "endorser"),
            ]),
        ),
        column("organization", &["Организация"], Kind::Prose),
        column("post", &["Должность"], Kind::Prose),
        column("surname", &["Фамилия"], Kind::Verbatim).quiet(),
        column("given", &["Имя"], Kind::Verbatim).quiet(),
        column("patronymic", &["Отчество"], Kind::Verbatim).blank().quiet(),
        column("phone", &["Телефон"], Kind::Verbatim).absent(),
    ],
    unique: &["office", "surname", "given", "patronymic"],
    measures: &[],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        let office = match row.unique().and_then(|()| filled(row.choice("office"))) {
            Ok("signer") => Office::Signer,
            Ok("executor") => Office::Executor,
            Ok("preparer") => Office::Preparer,
            Ok(_) => Office::Endorser,
            Err(gap) => {
                build.doubt_row(row, &gap);
                continue;
            }
        };
        let organization = build.text(row, "organization");
        let post = build.text(row, "post");
        let surname = build.text(row, "surname");
        let given = build.text(row, "given");
        let empty = Text { value: String::new(), node: node_of(build, row.cell("patronymic")) };
        let patronymic = build.optional_text(row, "patronymic").map(|text| text.unwrap_or(empty));
        let name = surname.and_then(|surname| Ok((surname, given?, patronymic?)));
        let phone = build.optional_text(row, "phone").ok().flatten();
        build.data.officials.push(Official { office, organization, post, name, phone });
    }
}
