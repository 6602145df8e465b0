//! The persons of registers: their names as signatures and clauses print them, with post and organization.
//! In: a row and what its texts say. Out: names and forms among the entries of the row; an error at the cell whose form a
//! clause needs and nobody can tell. It must never guess a form.

use std::collections::BTreeMap;

use super::super::build::{CASES, header_of};
use super::super::{Analysis, View};
use super::{AMENDMENTS, GROUPS, group_flag};
use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Gap, Known, Official, Record, Role, Text};
use crate::provenance::{Op, Sources};
use crate::ru::declension::{self, FullName, Refusal};
use crate::ru::{self, NBSP};
use crate::sheets::{SheetSpec, lists, registers};

/// The register of curators, and its column of the person.
const CURATORS: &str = "curators";
const CURATOR: &str = "curator";

/// Adds to the entries of a row who it names.
pub(super) fn enter(
    analysis: &Analysis<'_>,
    spec: &SheetSpec,
    record: &Record,
    entries: &mut BTreeMap<String, View>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    let part = |key: &str| record.texts.get(key);
    let mut full = part(CURATOR).filter(|_| spec.id == CURATORS).cloned();
    if let (Some(surname), Some(given), Some(patronymic)) = (part("surname"), part("given"), part("patronymic")) {
        let initials = format!("{}{}", ru::initial(&given.value), ru::initial(&patronymic.value));
        let node = sources.formula(Op::Derived, vec![surname.node, given.node, patronymic.node], None);
        let mut put = |key: &str, value: String| entries.insert(key.to_owned(), View::Text(Text { value, node }));
        put("name", format!("{initials}{NBSP}{}", surname.value));
        put("name_after", format!("{}{NBSP}{initials}", surname.value));
        let whole = format!("{} {} {}", surname.value, given.value, patronymic.value);
        put("full", whole.clone());
        // What is wrong with a name is said at its surname.
        full = Some(Text { value: whole, node: surname.node });
    }
    if let (Some(post), Some(organization)) = (part("post"), part("organization")) {
        // What cannot be put into the genitive is left as it is.
        let genitive = declension::decline_post(&organization.value, ru::Case::Genitive, None);
        let value = genitive.map_or_else(
            |_| format!("{} ({})", post.value, organization.value),
            |genitive| declension::post_of(&post.value, &organization.value, &genitive),
        );
        let node = sources.formula(Op::Derived, vec![post.node, organization.node], None);
        entries.insert("post_whole".to_owned(), View::Text(Text { value, node }));
    }
    if let (AMENDMENTS, Some(executor)) = (spec.id, part("executor")) {
        let post = post_of(analysis, &executor.value, sources);
        entries.insert("executor_post".to_owned(), post.map_or_else(|| View::Prose(Vec::new()), View::Text));
    }
    if spec.id == GROUPS {
        let role = part("role").map(|role| ru::fold(&role.value)).unwrap_or_default();
        entries.insert("is_chair".to_owned(), View::Flag(role == registers::CHAIR));
        entries.insert("is_secretary".to_owned(), View::Flag(role == registers::SECRETARY));
    }
    if let Some(full) = full.filter(|_| is_appointed(spec, entries)) {
        let mut forms = Forms { analysis, spec, record, sources, diagnostics };
        forms.enter(&full, entries);
    }
}

/// The post of a person whom a row names: as the list of officials has it, or that of working groups.
fn post_of(analysis: &Analysis<'_>, name: &str, sources: &mut Sources) -> Option<Text> {
    let wanted = FullName::parse(name)?;
    let is_wanted = |surname: &Text, given: &Text, patronymic: &Text| {
        let [surname, name, patronymic] = [surname, given, patronymic].map(|part| part.value.clone());
        wanted.may_be(&FullName { surname, name, patronymic })
    };
    let is_official =
        |one: &&Official| one.name.as_ref().is_ok_and(|(surname, given, last)| is_wanted(surname, given, last));
    let official = analysis.data.officials.iter().find(is_official);
    let of_official = official.and_then(|one| one.post.as_ref().ok().zip(one.organization.as_ref().ok()));
    let members = || analysis.data.records.get(GROUPS).into_iter().flatten();
    let of_member = || {
        let is_member = |one: &&Record| match ["surname", "given", "patronymic"].map(|key| one.texts.get(key)) {
            [Some(surname), Some(given), Some(patronymic)] => is_wanted(surname, given, patronymic),
            _ => false,
        };
        members().find(is_member).and_then(|one| one.texts.get("post").zip(one.texts.get("organization")))
    };
    let (post, organization) = of_official.or_else(of_member)?;
    let genitive = declension::decline_post(&organization.value, ru::Case::Genitive, None).ok();
    let value = genitive.map_or_else(
        || post.value.clone(),
        |genitive| declension::post_of(&post.value, &organization.value, &genitive),
    );
    Some(Text { value, node: sources.formula(Op::Derived, vec![post.node, organization.node], None) })
}

/// Tells whether orders appoint whom a row names: curators of schools of this year, chairs and secretaries.
fn is_appointed(spec: &SheetSpec, entries: &BTreeMap<String, View>) -> bool {
    let is = |flag: &str| matches!(entries.get(flag), Some(View::Flag(true)));
    match spec.id {
        CURATORS => Role::ALL.iter().any(|role| is(&group_flag(lists::key(*role)))),
        GROUPS => is("is_chair") || is("is_secretary"),
        _ => false,
    }
}

struct Forms<'a, 'b> {
    analysis: &'a Analysis<'a>,
    spec: &'a SheetSpec,
    record: &'a Record,
    sources: &'b mut Sources,
    diagnostics: &'b mut Diagnostics,
}

impl Forms<'_, '_> {
    /// The cases of name and post that bodies name, of those for which the sheet has columns.
    fn enter(&mut self, full: &Text, entries: &mut BTreeMap<String, View>) {
        let what = (self.analysis.words)("gap-official");
        let person = FullName::parse(&full.value);
        let gender = person.as_ref().and_then(FullName::gender);
        for (case, key) in CASES {
            let (name_key, post_key) = (format!("name_{key}"), format!("post_{key}"));
            if self.is_named(&name_key) {
                let known = person.as_ref().ok_or_else(|| Refusal::Unknown { word: full.value.clone() });
                let form = known.and_then(|one| {
                    let form = one.in_case(case)?;
                    Ok(declension::initials(&form.surname, &one.name, &one.patronymic).after)
                });
                let form = self.form(&format!("name-{key}"), full, form);
                entries.insert(name_key, View::text(form, &what));
            }
            if let Some(post) = self.record.texts.get("post").filter(|_| self.is_named(&post_key)) {
                let form = declension::decline_post(&ru::lower_first(&post.value), case, gender);
                let form = self.form(&format!("post-{key}"), post, form);
                entries.insert(post_key, View::text(form, &what));
            }
        }
    }

    fn is_named(&self, key: &str) -> bool {
        let has_column = self.spec.columns.iter().any(|column| column.key == key.replace('_', "-"));
        has_column && self.analysis.forms.contains(&format!("{}.{key}", self.spec.id))
    }

    fn form(&mut self, key: &str, of: &Text, form: Result<String, Refusal>) -> Known<Text> {
        if let Some(given) = self.record.texts.get(key) {
            return Ok(given.clone());
        }
        match form {
            Ok(value) => Ok(Text { value, node: self.sources.formula(Op::Derived, vec![of.node], None) }),
            Err(refusal) => {
                let finding = Diagnostic::error("form-not-known", self.sources.place_of(of.node))
                    .with("word", refusal.word().unwrap_or_default())
                    .with("column", header_of(self.spec.id, key));
                Err(Gap::because(self.diagnostics.push(finding)))
            }
        }
    }
}
