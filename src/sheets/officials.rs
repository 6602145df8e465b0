//! «Должностные лица»: who signs, carries out, prepares, endorses. Officials are no personal secret.

use std::collections::BTreeMap;

use super::{Build, Kind, Row, SheetSpec, column, filled, node_of};
use crate::diag::Diagnostic;
use crate::model::{Gap, Known, Office, Official, Tenure, Text};

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
                ("виза", "visa"),
                ("глава", "head"),
                ("контроль", "controller"),
            ]),
        ),
        column("organization", &["Организация"], Kind::Prose),
        column("post", &["Должность"], Kind::Prose),
        column("surname", &["Фамилия"], Kind::Verbatim).quiet(),
        column("given", &["Имя"], Kind::Verbatim).quiet(),
        column("patronymic", &["Отчество"], Kind::Verbatim).blank().quiet(),
        column("phone", &["Телефон"], Kind::Verbatim).absent(),
        column("from", &["Действует с"], Kind::Date).absent(),
        column("to", &["Действует по"], Kind::Date).absent(),
        column("substitute", &["Замещает"], Kind::YesNo).absent(),
        // Forms that the rules of declension do not give, or give wrongly.
        column("name-gen", &["Фамилия И.О., родительный падеж"], Kind::Prose).absent().quiet(),
        column("name-dat", &["Фамилия И.О., дательный падеж"], Kind::Prose).absent().quiet(),
        column("name-acc", &["Фамилия И.О., винительный падеж"], Kind::Prose).absent().quiet(),
        column("name-ins", &["Фамилия И.О., творительный падеж"], Kind::Prose).absent().quiet(),
        column("post-gen", &["Должность, родительный падеж"], Kind::Prose).absent(),
        column("post-dat", &["Должность, дательный падеж"], Kind::Prose).absent(),
        column("post-acc", &["Должность, винительный падеж"], Kind::Prose).absent(),
        column("post-ins", &["Должность, творительный падеж"], Kind::Prose).absent(),
        column("organization-gen", &["Организация, родительный падеж"], Kind::Prose).absent(),
    ],
    // A person may leave an office and come back to it.
    unique: &["office", "surname", "given", "patronymic", "from"],
    measures: &[],
    is_optional: false,
    project,
};

/// Columns of forms in oblique cases.
const FORMS: [&str; 9] = [
    "name-gen",
    "name-dat",
    "name-acc",
    "name-ins",
    "post-gen",
    "post-dat",
    "post-acc",
    "post-ins",
    "organization-gen",
];

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        let office = match row.unique().and_then(|()| filled(row.choice("office"))) {
            Ok("signer") => Office::Signer,
            Ok("executor") => Office::Executor,
            Ok("preparer") => Office::Preparer,
            Ok("head") => Office::Head,
            Ok("visa") => Office::Visa,
            Ok("controller") => Office::Controller,
            Ok(_) => Office::Endorser,
            Err(gap) => {
                build.doubt_row(row, &gap);
                continue;
            }
        };
        let tenure = tenure(row, build);
        let organization = build.text(row, "organization");
        let post = build.text(row, "post");
        let surname = build.text(row, "surname");
        let given = build.text(row, "given");
        let empty = Text { value: String::new(), node: node_of(build, row.cell("patronymic")) };
        let patronymic = build.optional_text(row, "patronymic").map(|text| text.unwrap_or(empty));
        let name = surname.and_then(|surname| Ok((surname, given?, patronymic?)));
        let phone = build.optional_text(row, "phone").ok().flatten();
        let mut forms = BTreeMap::new();
        for key in FORMS {
            forms.extend(build.optional_text(row, key).ok().flatten().map(|text| (key, text)));
        }
        let cell = row.cell;
        build.data.officials.push(Official { office, tenure, organization, post, name, phone, forms, cell });
    }
}

fn tenure(row: &Row, build: &mut Build<'_>) -> Known<Tenure> {
    let (from, to) = (row.date("from")?, row.date("to")?);
    if let (Some(first), Some(last)) = (from, to)
        && last < first
    {
        let finding = Diagnostic::error("dates-reversed", build.place(row.cell("to")));
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    Ok(Tenure { from, to, is_substitute: row.choice("substitute")? == Some("yes") })
}
