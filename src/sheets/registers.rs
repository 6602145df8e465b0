//! Registers: sheets whose rows are records. Each row counts as one observation under the code of its sheet, for its
//! school (or the municipality) and its year; its texts are kept for documents. The program computes no more on them.

use std::collections::BTreeMap;

use super::{Build, Column, Kind, Row, SheetSpec, Value, column};
use crate::diag::Diagnostic;
use crate::model::{
    Dims, Gap, Known, Observation, Question, Record, SchoolCode, Subject, TeacherCode, Text, Year, codes,
};
use crate::ru;

const STATUS: Kind = Kind::Choice(&[
    ("запланировано", "planned"),
    ("в работе", "running"),
    ("исполнено", "done"),
    ("не исполнено", "failed"),
    ("отменено", "cancelled"),
]);

const SCHOOL: Column = column("school", &["Код ОО"], Kind::Verbatim);
const SCHOOL_NAME: Column = column("name", &["Школа"], Kind::Prose).absent();
/// The day on which work was done.
const DATE: Column = column("date", &["Дата"], Kind::Date).logged();
const FROM: Column = column("from", &["Действует с"], Kind::Date);
const TO: Column = column("to", &["Действует по"], Kind::Date).blank();
/// The deficits that a row answers: ids or titles of causes, several with «;».
const DEFICIT: Column = column("deficit", &["Дефицит", "Дефициты"], Kind::Prose).absent();

/// Declares a register: its code is its measure.
const fn register(
    id: &'static str,
    title: &'static str,
    columns: &'static [Column],
    measures: &'static [&'static str],
) -> SheetSpec {
    SheetSpec { id, title, columns, unique: &[], measures, is_optional: true, project }
}

pub(super) const CURATORS: SheetSpec = register(
    "curators",
    "Кураторы школ",
    &[
        SCHOOL,
        SCHOOL_NAME,
        column("curator", &["Куратор"], Kind::Prose).quiet(),
        column("post", &["Должность куратора"], Kind::Prose),
        FROM,
        TO,
        column("name-acc", &["Куратор, винительный падеж"], Kind::Prose).absent().quiet(),
        column("post-acc", &["Должность куратора, винительный падеж"], Kind::Prose).absent(),
    ],
    &["curators"],
);

pub(super) const COMMUNITIES: SheetSpec = register(
    "communities",
    "Сетевые сообщества",
    &[
        column("community", &["Сообщество"], Kind::Prose),
        SCHOOL,
        SCHOOL_NAME,
        // The code of a teacher, or a school's own word for whoever takes part.
        column("member", &["Участник"], Kind::Verbatim).quiet(),
        FROM,
        TO,
    ],
    &["communities", codes::MEMBERSHIP],
);

pub(super) const EVENTS: SheetSpec = register(
    "events",
    "События",
    &[
        DATE,
        column("event", &["Событие"], Kind::Prose),
        column("form", &["Форма проведения"], Kind::Prose),
        column("school", &["Код ОО"], Kind::Verbatim).absent(),
        column("participants", &["Число участников"], Kind::Count).absent(),
    ],
    &["events"],
);

pub(super) const CONSULTATIONS: SheetSpec = register(
    "consultations",
    "Консультации",
    &[
        DATE,
        SCHOOL,
        SCHOOL_NAME,
        column("topic", &["Тема консультации"], Kind::Prose),
        column("provider", &["Консультант"], Kind::Prose),
    ],
    &["consultations"],
);

pub(super) const PUBLICATIONS: SheetSpec = register(
    "publications",
    "Публикации",
    &[
        DATE,
        column("title", &["Название публикации"], Kind::Prose),
        column("source", &["Где опубликовано"], Kind::Prose),
        column("school", &["Код ОО"], Kind::Verbatim).absent(),
    ],
    &["publications"],
);

pub(super) const PRACTICES: SheetSpec = register(
    "practices",
    "Лучшие практики",
    &[
        column("year", &["Год"], Kind::Year),
        SCHOOL,
        SCHOOL_NAME,
        column("practice", &["Практика"], Kind::Prose),
        column("effect", &["Эффект"], Kind::Prose).blank(),
        DEFICIT,
    ],
    &["practices"],
);

pub(super) const ACTIVITY_FACTS: SheetSpec = register(
    "activity-facts",
    "Исполнение мероприятий",
    &[
        column("activity", &["№ мероприятия"], Kind::Verbatim),
        DATE,
        column("status", &["Отметка об исполнении"], STATUS),
        column("fact", &["Фактический результат"], Kind::Prose).blank(),
    ],
    &["activity-facts"],
);

pub(super) const DECISIONS: SheetSpec = register(
    "decisions",
    "Управленческие решения",
    &[
        DATE,
        column("decision", &["Решение"], Kind::Prose),
        column("ground", &["Основание решения"], Kind::Prose),
        column("body", &["Кем принято"], Kind::Prose),
        column("term", &["Срок исполнения"], Kind::Prose),
        column("responsible", &["Ответственный"], Kind::Prose),
        column("status", &["Статус"], STATUS),
        column("school", &["Код ОО"], Kind::Verbatim).absent(),
        column("indicator", &["Показатель-основание"], Kind::Verbatim).absent(),
        DEFICIT,
        column("act", &["Акт"], Kind::Prose).absent(),
        column(
            "subject",
            &["Предмет решения"],
            Kind::Choice(&[
                ("методическое", "methodical"),
                ("организационное", "organization"),
                ("кадровое", "staff"),
                ("финансовое", "money"),
            ]),
        )
        .absent(),
        column(
            "measure",
            &["Вид меры"],
            Kind::Choice(&[
                ("аттестация", "attestation"),
                ("показатели контракта", "contract"),
                ("грант", "grant"),
                ("стимулирование", "stimulation"),
                ("назначение", "appointment"),
                ("обучение", "training"),
                ("муниципальное задание", "assignment"),
                ("правовой акт", "act"),
                ("иное", "other"),
            ]),
        )
        .absent(),
    ],
    &["decisions"],
);

pub(super) const RECOMMENDATIONS: SheetSpec = register(
    "recommendations",
    "Рекомендации",
    &[
        DATE,
        column("school", &["Код ОО"], Kind::Verbatim).absent(),
        SCHOOL_NAME,
        column("addressee", &["Адресат"], Kind::Prose),
        column("text", &["Рекомендация"], Kind::Prose),
        DEFICIT,
        column("term", &["Срок исполнения"], Kind::Prose).blank(),
        column(
            "status",
            &["Статус рекомендации"],
            Kind::Choice(&[
                ("дана", "given"),
                ("в работе", "running"),
                ("исполнена", "done"),
                ("не исполнена", "failed"),
                ("отменена", "cancelled"),
            ]),
        ),
        column("effect", &["Эффект"], Kind::Prose).absent(),
    ],
    &["recommendations"],
);

pub(super) const SELF_EXAMINATION: SheetSpec = SheetSpec {
    unique: &["school", "year", "question"],
    ..register(
        "self-examination",
        "Самообследование",
        &[
            column("year", &["Год"], Kind::Year),
            SCHOOL,
            SCHOOL_NAME,
            column("question", &["Код вопроса"], Kind::Verbatim),
            column("wording", &["Вопрос"], Kind::Prose).absent(),
            column("answer", &["Ответ"], Kind::YesNo),
        ],
        &["self-examination"],
    )
};

pub(super) const RISK_PROFILE: SheetSpec = SheetSpec {
    unique: &["school", "year", "factor"],
    ..register(
        "risk-profile",
        "Рисковый профиль",
        &[
            column("year", &["Год"], Kind::Year),
            SCHOOL,
            SCHOOL_NAME,
            column("factor", &["Фактор риска"], Kind::Prose),
            column(
                "significance",
                &["Значимость"],
                Kind::Choice(&[("высокая", "high"), ("средняя", "medium"), ("низкая", "low")]),
            ),
        ],
        &["risk-profile"],
    )
};

pub(super) const SCHOOL_MEASURES: SheetSpec = register(
    "school-measures",
    "Меры школ",
    &[
        column("year", &["Год"], Kind::Year),
        SCHOOL,
        SCHOOL_NAME,
        column("measure", &["Мера"], Kind::Prose),
        column("deficit", &["Дефицит", "Дефициты"], Kind::Prose).blank(),
        column("term", &["Срок исполнения"], Kind::Prose).blank(),
        column("responsible", &["Ответственный"], Kind::Prose).blank(),
        column("indicator", &["Код показателя"], Kind::Verbatim).absent(),
        column("status", &["Статус"], STATUS),
    ],
    &["school-measures"],
);

/// What agreements and title pages of a school say of it.
pub(super) const SCHOOL_REQUISITES: SheetSpec = SheetSpec {
    unique: &["school"],
    ..register(
        "school-requisites",
        "Реквизиты школ",
        &[
            SCHOOL,
            SCHOOL_NAME,
            column("address", &["Адрес"], Kind::Prose).blank(),
            column("inn", &["ИНН"], Kind::Verbatim).blank(),
            column("kpp", &["КПП"], Kind::Verbatim).blank(),
            column("ogrn", &["ОГРН"], Kind::Verbatim).blank(),
            column("phone", &["Телефон"], Kind::Verbatim).blank(),
            column("email", &["Электронная почта"], Kind::Verbatim).absent(),
            column("settlement", &["Населённый пункт"], Kind::Prose).absent(),
            column("head", &["Руководитель"], Kind::Prose).absent().quiet(),
            column("head-gen", &["Руководитель в родительном падеже"], Kind::Prose).absent().quiet(),
            column("head-post", &["Должность руководителя"], Kind::Prose).absent(),
            column("head-post-gen", &["Должность руководителя в родительном падеже"], Kind::Prose).absent(),
        ],
        &["school-requisites"],
    )
};

/// When and by whom a school's own document was adopted and approved.
pub(super) const SCHOOL_APPROVALS: SheetSpec = SheetSpec {
    unique: &["school", "document", "body"],
    ..register(
        "school-approvals",
        "Утверждение документов школ",
        &[
            SCHOOL,
            SCHOOL_NAME,
            // A row without a document says that the school has the body.
            column("document", &["Документ"], Kind::Prose).blank(),
            column("body", &["Орган школы"], Kind::Prose),
            // What the stamp says, where it is not what the document declares.
            column("word", &["Слово грифа"], Kind::Prose).absent(),
            column("lines", &["Строки грифа"], Kind::Prose).absent(),
            // Approved in the year of the report or after it; blank until then.
            column("approved", &["Дата утверждения"], Kind::Date).blank(),
            column("number", &["Номер"], Kind::Verbatim).blank(),
        ],
        &["school-approvals"],
    )
};

pub(super) const SCHOOL_TARGETS: SheetSpec = SheetSpec {
    unique: &["school", "code", "year"],
    ..register(
        "school-targets",
        "Цели школ",
        &[
            SCHOOL,
            SCHOOL_NAME,
            // The code of an indicator, or the id or title of a cause of the rules.
            column("code", &["Код показателя или причина"], Kind::Verbatim),
            column("indicator", &["Показатель"], Kind::Prose).absent(),
            column("year", &["Год"], Kind::Year),
            column("condition", &["Условие"], super::targets::CONDITION),
            column("value", &["Целевое значение"], Kind::Number).blank(),
        ],
        &["school-targets"],
    )
};

pub(super) const ACTS: SheetSpec = register(
    "acts",
    "Приказы и акты",
    &[
        column("kind", &["Вид акта"], Kind::Prose),
        // An act may be older than any log, and newer than the year.
        column("date", &["Дата"], Kind::Date),
        column("number", &["Номер"], Kind::Verbatim),
        column("title", &["Наименование"], Kind::Prose),
        column("edition", &["Редакция"], Kind::Prose).blank(),
        column(
            "status",
            &["Статус акта"],
            Kind::Choice(&[("действует", "in-force"), ("изменён", "amended"), ("утратил силу", "repealed")]),
        ),
        column("ended", &["Утратил силу с"], Kind::Date).blank(),
        column("replacement", &["Чем заменён"], Kind::Prose).blank(),
    ],
    &["acts"],
);

pub(super) const BODIES: SheetSpec = register(
    "bodies",
    "Органы и организации",
    &[
        column("code", &["Код органа"], Kind::Verbatim),
        column("title", &["Наименование органа"], Kind::Prose),
        column("former", &["Прежнее наименование"], Kind::Prose).blank(),
        FROM,
        TO,
    ],
    &["bodies"],
);

pub(super) const MUNICIPALITIES: SheetSpec = register(
    "municipalities",
    "Муниципалитеты",
    &[
        column("code", &["Код муниципалитета"], Kind::Verbatim),
        column("title", &["Наименование муниципалитета"], Kind::Prose),
    ],
    &["municipalities"],
);

pub(super) const FEDERAL_LIST: SheetSpec = register(
    "federal-list",
    "Федеральный перечень",
    &[
        column("municipality", &["Код муниципалитета"], Kind::Verbatim),
        // Schools of other municipalities are not in the register of schools.
        column("organization", &["Код организации"], Kind::Verbatim),
        column("title", &["Наименование организации"], Kind::Prose),
    ],
    &["federal-list"],
);

pub(super) const RESOURCES: SheetSpec = register(
    "resources",
    "Ресурсы",
    &[
        column("kind", &["Вид ресурса"], Kind::Prose),
        column("resource", &["Ресурс"], Kind::Prose),
        column("for", &["Для кого"], Kind::Prose).blank(),
    ],
    &["resources"],
);

/// The document that a row belongs to, by one of its names.
const DOCUMENT: Column = column("document", &["Документ"], Kind::Prose);

pub(super) const PASSPORT: SheetSpec = register(
    "passport",
    "Паспорт",
    &[
        DOCUMENT,
        column("row", &["Строка паспорта"], Kind::Prose),
        column("number", &["№"], Kind::Verbatim),
        column("text", &["Содержание"], Kind::Prose),
    ],
    &["passport"],
);

pub(super) const CONTENTS: SheetSpec = register(
    "contents",
    "Содержание деятельности",
    &[
        DOCUMENT,
        column("section", &["Раздел"], Kind::Prose),
        column("part", &["Подраздел"], Kind::Prose).absent(),
        column("number", &["№"], Kind::Verbatim),
        column("text", &["Содержание"], Kind::Prose),
    ],
    &["contents"],
);

pub(super) const SCHEDULE: SheetSpec = register(
    "schedule",
    "График",
    &[
        DOCUMENT,
        column("stage", &["Этап"], Kind::Prose),
        column("number", &["№"], Kind::Verbatim),
        column("text", &["Что делается"], Kind::Prose),
        column("term", &["Срок"], Kind::Prose),
        column("responsible", &["Ответственный"], Kind::Prose),
    ],
    &["schedule"],
);

pub(super) const PLANNED_ACTS: SheetSpec = register(
    "planned-acts",
    "Планируемые акты",
    &[
        column("activity", &["№ мероприятия"], Kind::Verbatim),
        column("kind", &["Вид акта"], Kind::Prose),
        column("title", &["Наименование акта"], Kind::Prose),
        column("adopter", &["Кто принимает"], Kind::Prose),
        column("opinion", &["Чьё мнение учитывается"], Kind::Prose).blank(),
        column("term", &["Срок исполнения"], Kind::Prose),
    ],
    &["planned-acts"],
);

pub(super) const WORKING_GROUPS: SheetSpec = register(
    "working-groups",
    "Рабочие группы",
    &[
        column("group", &["Рабочая группа"], Kind::Prose),
        column("role", &["Роль в группе"], Kind::Prose),
        column("surname", &["Фамилия"], Kind::Prose).quiet(),
        column("given", &["Имя"], Kind::Prose).quiet(),
        column("patronymic", &["Отчество"], Kind::Prose).quiet(),
        column("post", &["Должность"], Kind::Prose),
        column("organization", &["Организация"], Kind::Prose),
        // Of other bodies: their consent to take part is asked.
        column("consent", &["Участие"], Kind::Choice(&[("по согласованию", "by-consent")])).absent(),
        column("name-acc", &["Фамилия И.О., винительный падеж"], Kind::Prose).absent().quiet(),
        column("post-acc", &["Должность, винительный падеж"], Kind::Prose).absent(),
    ],
    &["working-groups"],
);

/// Who is in the chair of a working group, and who writes its minutes, as «Роль в группе» says.
pub(crate) const CHAIR: &str = "председатель";
pub(crate) const SECRETARY: &str = "секретарь";

pub(super) const MEETINGS: SheetSpec = register(
    "meetings",
    "Заседания",
    &[
        DATE,
        column("number", &["Номер протокола"], Kind::Verbatim),
        column("group", &["Рабочая группа"], Kind::Prose),
        column("item", &["№ вопроса"], Kind::Verbatim),
        column("question", &["Вопрос"], Kind::Prose),
        column("speaker", &["Докладчик"], Kind::Prose).quiet(),
        column("decision", &["Решение"], Kind::Prose),
        column("responsible", &["Ответственный"], Kind::Prose),
        column("term", &["Срок исполнения"], Kind::Prose),
        column("status", &["Статус"], STATUS).absent(),
    ],
    &["meetings", "decisions"],
);

pub(super) const AMENDMENTS: SheetSpec = register(
    "amendments",
    "Изменения в акты",
    &[
        column("act", &["Изменяемый акт"], Kind::Prose),
        column("date", &["Дата"], Kind::Date),
        column("number", &["Номер"], Kind::Verbatim),
        column("unit", &["Структурная единица"], Kind::Prose),
        column("text", &["Новая редакция"], Kind::Prose),
        column("executor", &["Исполнитель"], Kind::Prose),
        // The group whose members the act names anew.
        column("group", &["Рабочая группа"], Kind::Prose).absent(),
    ],
    &["amendments"],
);

pub(super) const LETTERS: SheetSpec = SheetSpec {
    unique: &["letter"],
    ..register(
        "letters",
        "Письма",
        &[
            column("letter", &["Письмо"], Kind::Prose),
            column(
                "kind",
                &["Вид письма"],
                Kind::Choice(&[
                    ("сопроводительное", "cover"),
                    ("запрос", "request"),
                    ("информационное", "information"),
                    ("ответ", "answer"),
                ]),
            ),
            column("addressee", &["Кому"], Kind::Prose),
            column("address", &["Адрес"], Kind::Prose).blank(),
            column("salutation", &["Обращение"], Kind::Prose).blank(),
            column("subject", &["О чём"], Kind::Prose),
            column("answer-by", &["Ответить до"], Kind::Date).blank(),
            // The letter that an answer answers.
            column("to-number", &["На письмо №"], Kind::Verbatim).absent(),
            column("to-date", &["На письмо от"], Kind::Date).absent(),
            // What is sent with it (ГОСТ Р 7.0.97-2025, requisite 19).
            column("attachment", &["Приложение"], Kind::Prose).absent(),
            column("sheets", &["Листов приложения"], Kind::Count).absent(),
            column("copies", &["Экземпляров приложения"], Kind::Count).absent(),
            column("school", &["Код ОО"], Kind::Verbatim).absent(),
        ],
        &["letters"],
    )
};

pub(super) const GLOSSARY: SheetSpec = register(
    "glossary",
    "Термины и сокращения",
    &[column("term", &["Термин"], Kind::Verbatim), column("meaning", &["Значение термина"], Kind::Prose)],
    &["glossary"],
);

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok((observation, record)) => {
                if row.spec.id == MEETINGS.id {
                    decide(&observation, &record, build);
                }
                build.data.store.add(observation);
                build.data.records.entry(row.spec.id.to_owned()).or_default().push(record);
            }
            Err(gap) => build.doubt_row(row, &gap),
        }
    }
}

/// Enters what a meeting decided into the register of decisions: its ground is the question, its act the minutes.
fn decide(meeting: &Observation, record: &Record, build: &mut Build<'_>) {
    let minutes =
        |text: &Text| Text { value: format!("протокол №{}{}", ru::NBSP, text.value), node: text.node };
    let planned = record.texts.get("decision").map(|text| Text { value: "planned".to_owned(), node: text.node });
    let mut texts: BTreeMap<String, Text> = [
        ("date", "date"),
        ("decision", "decision"),
        ("ground", "question"),
        ("body", "group"),
        ("term", "term"),
        ("responsible", "responsible"),
        ("status", "status"),
    ]
    .into_iter()
    .filter_map(|(key, column)| Some((key.to_owned(), record.texts.get(column)?.clone())))
    .collect();
    texts.extend(record.texts.get("number").map(|text| ("act".to_owned(), minutes(text))));
    if let Some(planned) = planned {
        texts.entry("status".to_owned()).or_insert(planned);
    }
    build.data.store.add(Observation { measure: DECISIONS.id.into(), ..meeting.clone() });
    let decision = Record { texts, ..record.clone() };
    build.data.records.entry(DECISIONS.id.to_owned()).or_default().push(decision);
    // The register is kept in the minutes, too.
    build.data.found_sheets.insert(DECISIONS.id.to_owned());
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<(Observation, Record)> {
    row.unique()?;
    let mut texts = BTreeMap::new();
    for column in row.spec.columns {
        let (value, cell) = row.value(column.key);
        let text = match value {
            Value::Text(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Date(date) => date.short(),
            Value::Choice(choice) => (*choice).to_owned(),
            Value::Blank => continue,
            Value::Bad(diag) => return Err(Gap::because(*diag)),
        };
        texts.insert(column.key.to_owned(), Text { value: text, node: build.sources.cells([cell]) });
    }
    let (from, to) = years(row)?;
    let subject = if texts.contains_key("school") {
        Subject::School(build.school_in(row, "school", "name", Some(from).filter(|year| year.0 > 0))?)
    } else {
        Subject::Municipality
    };
    let school: Option<SchoolCode> = match &subject {
        Subject::School(code) => Some(code.clone()),
        _ => None,
    };
    if row.spec.id == COMMUNITIES.id {
        join(row, (from, to), build)?;
    }
    let measure = row.spec.measures.first().copied().unwrap_or(row.spec.id);
    let observation = Observation {
        subject,
        from,
        to,
        measure: measure.into(),
        dims: Dims::default().into(),
        value: 1_i64.into(),
        cell: row.cell,
    };
    Ok((observation, Record { school, from, to, texts }))
}

/// Enters a teacher as a member of a community; a member who is no teacher of the sheet of teachers is said.
fn join(row: &Row, (from, to): (Year, Year), build: &mut Build<'_>) -> Known<()> {
    let (member, cell) = row.plain("member")?;
    let subject = Subject::Teacher(TeacherCode(member));
    let known = Question { measure: codes::EMPLOYMENT, subject: Some(&subject), year: None, dims: Dims::default() };
    if build.data.store.matching(&known).is_empty() {
        let place = build.place(cell);
        build.diagnostics.push(Diagnostic::warning("member-not-a-teacher", place));
        return Ok(());
    }
    let (measure, dims, value) = (codes::MEMBERSHIP.into(), Dims::default().into(), 1_i64.into());
    build.data.store.add(Observation { subject, from, to, measure, dims, value, cell });
    Ok(())
}

/// The years of a record: of its date, its year, or from one date to another; else any.
fn years(row: &Row) -> Known<(Year, Year)> {
    if let Some(date) = row.date("date")? {
        return Ok((Year(date.year), Year(date.year)));
    }
    if let Some(year) = row.year("year")? {
        return Ok((year, year));
    }
    match row.date("from")? {
        Some(from) => Ok((Year(from.year), row.date("to")?.map_or(Year(i32::MAX), |to| Year(to.year)))),
        None => Ok((Year(i32::MIN), Year(i32::MAX))),
    }
}
