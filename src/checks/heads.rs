//! Heads of schools that several sheets name: papers of one package never call one school's head by two names.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Dataset, Record, School, SchoolCode, Text};
use crate::provenance::Sources;
use crate::ru::declension::FullName;
use crate::ru::{self, Case, wording};

/// The register that says who the head of a school is, and its columns.
const REQUISITES: &str = "school-requisites";
const HEAD: &str = "head";
const HEAD_POST: &str = "head-post";
/// Registers that name heads of schools among others.
const GROUPS: &str = "working-groups";
const LETTERS: &str = "letters";

/// The head of a school as the requisites name him.
struct Head<'a> {
    person: FullName,
    text: &'a Text,
    school: &'a School,
}

/// A head of a school who is called otherwise than in the requisites of the school.
pub(super) fn head_of_two_names(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let heads = heads(data);
    let rows = |sheet: &str| data.records.get(sheet).into_iter().flatten();
    let of_groups = rows(GROUPS).filter_map(|record| member(record, &heads));
    let of_letters = rows(LETTERS).filter_map(|record| addressee(record, &heads));
    for (found, head) in of_groups.chain(of_letters) {
        let finding = Diagnostic::warning("head-of-two-names", sources.place_of(found.node))
            .with("school", head.school.short.value.clone())
            .with("other", sources.place_of(head.text.node).text());
        diagnostics.push(finding);
    }
}

/// The heads that the requisites name; whoever stands in for a head may sign in his place and is left out.
fn heads(data: &Dataset) -> BTreeMap<&SchoolCode, Head<'_>> {
    let rows = data.records.get(REQUISITES).into_iter().flatten();
    let known = rows.filter_map(|record| {
        let text = record.texts.get(HEAD)?;
        let stands_in = record.texts.get(HEAD_POST).is_some_and(|post| !wording::is_head(&post.value));
        let school = data.schools.get(record.school.as_ref()?).filter(|_| !stands_in)?;
        Some((&school.code, Head { person: FullName::parse(&text.value)?, text, school }))
    });
    known.collect()
}

/// A member of a working group who is the head of a school by post, and is not the one of the requisites.
fn member<'a, 'h>(record: &'a Record, heads: &'h BTreeMap<&SchoolCode, Head<'h>>) -> Option<(&'a Text, &'h Head<'h>)> {
    let part = |key: &str| record.texts.get(key);
    let organization = ru::fold(&part("organization")?.value);
    let is_own = |school: &School| [&school.short, &school.full].iter().any(|own| ru::fold(&own.value) == organization);
    let head = heads.values().find(|head| is_own(head.school))?;
    let surname = part("surname")?;
    let value = |key: &str| part(key).map(|text| text.value.clone()).unwrap_or_default();
    let named = FullName { surname: surname.value.clone(), name: value("given"), patronymic: value("patronymic") };
    let differs = wording::is_head(&part("post")?.value) && !head.person.may_be(&named);
    differs.then_some((surname, head))
}

/// A letter to the head of a school that names another person: «Директору МБОУ «СОШ № 5» Н.Н. Бумажной».
fn addressee<'a, 'h>(
    record: &'a Record,
    heads: &'h BTreeMap<&SchoolCode, Head<'h>>,
) -> Option<(&'a Text, &'h Head<'h>)> {
    let text = record.texts.get("addressee")?;
    let folded = ru::fold(&text.value);
    // The longest name: «СОШ № 1» stands in «СОШ № 12», too.
    let names = |school: &School| {
        let own = [&school.short, &school.full].map(|name| ru::fold(&name.value));
        own.into_iter().filter(|name| folded.contains(name.as_str())).map(|name| name.len()).max()
    };
    let (_, head) = heads.values().filter_map(|head| Some((names(head.school)?, head))).max_by_key(|(len, _)| *len)?;
    if !wording::is_head(&text.value) || !wording::has_initials(&text.value) {
        return None;
    }
    let dative = head.person.in_case(Case::Dative).ok()?;
    let surname = ru::fold(&dative.surname);
    let is_named = folded.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| word == surname);
    (!is_named).then_some((text, head))
}
