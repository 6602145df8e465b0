//! Heads of schools as agreements name them: «в лице директора Лидеровой И.О.».
//! In: rows of the requisites of schools. Out: the same rows with the name in the genitive and before a signature, and
//! what cannot be said of whom. It must never guess a form: what the rules refuse is asked for.

use std::collections::BTreeMap;

use super::build::header_of;
use super::{Analysis, View};
use crate::advice::SupportKind;
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::model::{Gap, Known, Record, SchoolCode, Text};
use crate::provenance::{Op, Sources};
use crate::ru::declension::{self, FullName, Gender, Refusal};
use crate::ru::{self, Case};

/// The register.
const SHEET: &str = "school-requisites";
/// What bodies that need the forms name.
pub const HEADS: &str = "head_gen";

/// Adds the forms to the rows of the register, and names the supported schools, and their partners, of which no head is
/// known: those agreements leave a place.
pub fn heads(
    analysis: &Analysis<'_>,
    registers: &mut BTreeMap<String, View>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    let records = analysis.data.records.get(SHEET).map(Vec::as_slice).unwrap_or_default();
    let is_known = |code: &SchoolCode| {
        records.iter().any(|one| one.school.as_ref() == Some(code) && one.texts.contains_key("head"))
    };
    let own = analysis.advice.schools.iter().filter(|(_, school)| school.support == SupportKind::Addressed);
    let all: Vec<&SchoolCode> =
        own.flat_map(|(code, school)| std::iter::once(code).chain(school.partner.leaders())).collect();
    if let Some(View::List(rows)) = registers.get_mut(SHEET) {
        for row in rows {
            let View::Map(row) = row else { continue };
            let is_own = |record: &&Record| {
                let code = record.school.as_ref().map(|code| code.0.as_str());
                matches!(row.get("school"), Some(View::Text(text)) if code == Some(text.value.as_str()))
            };
            if let Some(record) = records.iter().find(is_own) {
                let is_party = record.school.as_ref().is_some_and(|code| all.contains(&code));
                name(analysis, record, is_party, row, sources, diagnostics);
            }
        }
    }
    let mut unknown: Vec<&str> = all
        .into_iter()
        .filter(|code| !is_known(code))
        .filter_map(|code| analysis.data.schools.get(code).map(|school| school.short.value.as_str()))
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    if !unknown.is_empty() {
        diagnostics.push(Diagnostic::note("school-head-missing", Place::Run).with("schools", unknown.join(", ")));
    }
}

/// The forms of one head: what cannot be told of a party to an agreement is an error.
fn name(
    analysis: &Analysis<'_>,
    record: &Record,
    is_party: bool,
    row: &mut BTreeMap<String, View>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    let Some(head) = record.texts.get("head") else { return };
    let person = FullName::parse(&head.value);
    let gender = person.as_ref().and_then(FullName::gender);
    let signed = person.as_ref().map(|one| declension::initials(&one.surname, &one.name, &one.patronymic).before);
    let in_words = person.as_ref().ok_or(Refusal::Unknown { word: head.value.clone() });
    let in_words = in_words.and_then(|one| {
        let form = one.in_case(Case::Genitive)?;
        let is_short = one.name.ends_with('.');
        let initials = || declension::initials(&form.surname, &one.name, &one.patronymic).after;
        Ok(if is_short { initials() } else { format!("{} {} {}", form.surname, form.name, form.patronymic) })
    });
    let mut put = |key: &str, form: Known<Text>| {
        row.insert(format!("{key}_gen"), View::text(form, &(analysis.words)("gap-official")));
    };
    let mut form = |key: &str, of: &Text, form: Result<String, Refusal>| -> Known<Text> {
        if let Some(given) = record.texts.get(&format!("{key}-gen")) {
            return Ok(given.clone());
        }
        match form {
            Ok(value) => Ok(Text { value, node: sources.formula(Op::Derived, vec![of.node], None) }),
            Err(refusal) => {
                let place = sources.place_of(of.node);
                let finding = match is_party {
                    true => Diagnostic::error("form-not-known", place),
                    false => Diagnostic::warning("form-not-known", place),
                };
                let finding = finding
                    .with("word", refusal.word().unwrap_or_default())
                    .with("column", header_of(SHEET, &format!("{key}-gen")));
                Err(Gap::because(diagnostics.push(finding)))
            }
        }
    };
    put("head", form("head", head, in_words));
    if let Some(post) = record.texts.get("head-post") {
        let declined = declension::decline_post(&ru::lower_first(&post.value), Case::Genitive, gender);
        put("head_post", form("head-post", post, declined));
    }
    if let Some(signed) = signed {
        let node = sources.formula(Op::Derived, vec![head.node], None);
        row.insert("head".to_owned(), View::Text(Text { value: signed, node }));
    }
    row.insert("is_head_female".to_owned(), View::Flag(gender == Some(Gender::Female)));
}
