//! The people of the package: who signs, carries out, prepares and endorses on the day of the order.
//! In: the officials of the data set. Out: their views, or gaps where nobody or more than one is in office.
//! It must never know documents.

use std::collections::BTreeMap;

use super::super::{GapView, View};
use super::Builder;
use crate::diag::{Diagnostic, Place};
use crate::model::{Gap, Known, Office, Official, Text};
use crate::provenance::{NodeId, Op, Sources};
use crate::ru::declension::{self, Refusal};
use crate::ru::{self, Case, Date, NBSP};
use crate::sheets::SHEETS;

/// The parts whose post stands on the letterhead of the organization itself.
const ALONE: [&str; 2] = ["signer", "head"];
/// The cases that clauses need, by the end of their key.
pub(in super::super) const CASES: [(Case, &str); 4] =
    [(Case::Genitive, "gen"), (Case::Dative, "dat"), (Case::Accusative, "acc"), (Case::Instrumental, "ins")];

impl Builder<'_> {
    /// The day of which the documents speak: of the order's registration, and until then the last of the reported year.
    /// The package is one, so that all its documents name the same people.
    fn day(&self) -> Known<Date> {
        let data = self.analysis.data;
        let registered = data.register.get(&ru::fold(&self.word("order"))).and_then(|order| order.date.as_ref());
        match registered.and_then(|date| Date::parse(&date.value)) {
            Some(day) => Ok(day),
            None => data.sheet("register").and_then(|()| self.end_of_year()),
        }
    }

    fn end_of_year(&self) -> Known<Date> {
        Date::new(self.year().0, 12, 31).ok_or_else(Gap::default)
    }

    /// Puts the people of the package.
    pub(super) fn officials(&mut self) {
        let data = self.analysis.data;
        // Nobody asks for the day where everybody is in office on every day.
        let is_limited =
            data.officials.iter().any(|official| !matches!(official.tenure, Ok(tenure) if !tenure.is_limited()));
        let day = if is_limited { self.day() } else { self.end_of_year() };
        let found = |office| day.clone().and_then(|day| Ok((day, data.in_office(office, day)?)));
        let mut officials = BTreeMap::new();
        let mut offices =
            vec![("signer", Office::Signer), ("executor", Office::Executor), ("preparer", Office::Preparer)];
        // Few packages hold an act of the administration: nobody misses its head elsewhere.
        offices.extend(data.officials.iter().any(|one| one.office == Office::Head).then_some(("head", Office::Head)));
        for (key, office) in offices {
            let role = self.word(&format!("office-{key}"));
            let one = found(office).and_then(|(day, found)| match found.as_slice() {
                [official] => Ok(*official),
                none_or_many => Err(data.sheet("officials").err().unwrap_or_else(|| {
                    let id = if none_or_many.is_empty() { "missing-official" } else { "official-repeated" };
                    let finding = Diagnostic::error(id, Place::Run).with("role", &role).with("date", day.short());
                    Gap::because(self.diagnostics.push(finding))
                })),
            });
            let view = match one {
                Ok(official) => self.official(key, official),
                Err(gap) => View::Gap(GapView::new(&gap, &role)),
            };
            officials.insert(key.to_owned(), view);
        }
        // Who signs keeps the control where nobody has it.
        let controller = found(Office::Controller).map(|(_, found)| found.first().copied());
        let has_controller = !matches!(controller, Ok(None));
        officials.insert("has_controller".to_owned(), View::Flag(has_controller));
        let controller = match controller {
            Ok(Some(official)) => self.official("controller", official),
            Ok(None) => View::Prose(Vec::new()),
            Err(gap) => View::Gap(GapView::new(&gap, &self.word("gap-official"))),
        };
        officials.insert("controller".to_owned(), controller);
        let several = [("endorsers", Office::Endorser), ("visas", Office::Visa)];
        for (key, office) in several {
            let view = self.several(key, found(office));
            officials.insert(key.to_owned(), view);
        }
        self.put("officials", View::Map(officials));
    }

    /// All who have a part that several can have.
    fn several(&mut self, part: &str, found: Known<(Date, Vec<&Official>)>) -> View {
        match found {
            Ok((_, found)) => View::List(found.into_iter().map(|official| self.official(part, official)).collect()),
            Err(gap) => View::Gap(GapView::new(&gap, &self.word("gap-official"))),
        }
    }

    fn official(&mut self, part: &str, official: &Official) -> View {
        let what = self.word("gap-official");
        let said = |of: &dyn Fn(&str, &str, &str) -> String, sources: &mut Sources| -> Known<Text> {
            let (surname, given, patronymic) = official.name.clone()?;
            let inputs = vec![surname.node, given.node, patronymic.node];
            let value = of(&surname.value, &given.value, &patronymic.value);
            Ok(Text { value, node: sources.formula(Op::Derived, inputs, None) })
        };
        let short = |given: &str, patronymic: &str| format!("{}{}", ru::initial(given), ru::initial(patronymic));
        let before =
            |surname: &str, given: &str, patronymic: &str| format!("{}{NBSP}{surname}", short(given, patronymic));
        let after =
            |surname: &str, given: &str, patronymic: &str| format!("{surname}{NBSP}{}", short(given, patronymic));
        let full = |surname: &str, given: &str, patronymic: &str| {
            format!("{surname} {given} {patronymic}").trim_end().to_owned()
        };
        let [before, after, full] =
            [&before as &dyn Fn(&str, &str, &str) -> String, &after, &full].map(|of| said(of, self.sources));
        let phone = official.phone.clone();
        let mut view = self.forms(part, official, &what);
        let View::Map(plain) = View::map([
            ("post", View::text(official.post.clone(), &what)),
            ("organization", View::text(official.organization.clone(), &what)),
            ("name", View::text(before, &what)),
            ("name_after", View::text(after, &what)),
            ("full", View::text(full, &what)),
            ("has_phone", View::Flag(phone.is_some())),
            ("phone", phone.map_or_else(|| View::Prose(Vec::new()), View::Text)),
        ]) else {
            return View::Map(view);
        };
        view.extend(plain);
        View::Map(view)
    }

    /// Name, post and organization in the cases that clauses name: as the row gives them, else by the rules. What the
    /// rules refuse is an error at its cell; a form that no document prints is not made.
    fn forms(&mut self, part: &str, official: &Official, what: &str) -> BTreeMap<String, View> {
        let mut view = BTreeMap::new();
        let is_named = |key: &str| self.analysis.forms.contains(&format!("officials.{part}.{key}"));
        let gender =
            official.name.as_ref().ok().and_then(|(_, _, patronymic)| declension::gender_of(&patronymic.value));
        // Who signs does so on the letterhead of the organization.
        let organization = (!ALONE.contains(&part) || is_named("post_whole") || is_named("organization_gen"))
            .then(|| self.organization(official));
        let mut posts = vec![("post_whole".to_owned(), official.post.clone())];
        for (case, key) in CASES {
            let named = [format!("name_{key}"), format!("post_{key}"), format!("post_whole_{key}")];
            let [name, post, whole] =
                named.each_ref().map(|key| self.analysis.forms.contains(&format!("officials.{part}.{key}")));
            let [name_key, post_key, whole_key] = named;
            if name {
                let form = official.name.clone().and_then(|(surname, given, patronymic)| {
                    let declined = declension::decline(&surname.value, &given.value, &patronymic.value, gender, case);
                    let form =
                        declined.map(|full| declension::initials(&full.surname, &given.value, &patronymic.value).after);
                    let inputs = vec![surname.node, given.node, patronymic.node];
                    self.form(official, &format!("name-{key}"), form, inputs)
                });
                view.insert(name_key, View::text(form, what));
            }
            if post || whole {
                let form = official.post.clone().and_then(|post| {
                    let form = declension::decline_post(&ru::lower_first(&post.value), case, gender);
                    self.form(official, &format!("post-{key}"), form, vec![post.node])
                });
                view.insert(post_key, View::text(form.clone(), what));
                posts.push((whole_key, form));
            }
        }
        if let Some(organization) = organization {
            for (key, post) in posts {
                let whole = post.and_then(|post| {
                    let (nominative, genitive) = (official.organization.clone()?, organization.clone()?);
                    let value = declension::post_of(&post.value, &nominative.value, &genitive.value);
                    let inputs = vec![post.node, genitive.node];
                    Ok(Text { value, node: self.sources.formula(Op::Derived, inputs, None) })
                });
                view.insert(key, View::text(whole, what));
            }
            view.insert("organization_gen".to_owned(), View::text(organization, what));
        }
        view
    }

    /// The organization of an official in the genitive.
    fn organization(&mut self, official: &Official) -> Known<Text> {
        let organization = official.organization.clone()?;
        let form = declension::decline_post(&organization.value, Case::Genitive, None);
        self.form(official, "organization-gen", form, vec![organization.node])
    }

    fn form(
        &mut self,
        official: &Official,
        key: &str,
        form: Result<String, Refusal>,
        inputs: Vec<NodeId>,
    ) -> Known<Text> {
        if let Some(given) = official.forms.get(key) {
            return Ok(given.clone());
        }
        match form {
            Ok(value) => Ok(Text { value, node: self.sources.formula(Op::Derived, inputs, None) }),
            Err(refusal) => {
                let place = inputs
                    .first()
                    .map_or_else(|| self.sources.place(official.cell), |node| self.sources.place_of(*node));
                let finding = Diagnostic::error("form-not-known", place)
                    .with("word", refusal.word().unwrap_or_default())
                    .with("column", header_of("officials", key));
                Err(Gap::because(self.diagnostics.push(finding)))
            }
        }
    }
}

/// The header of a column of a sheet.
pub(in super::super) fn header_of(sheet: &str, key: &str) -> &'static str {
    let spec = SHEETS.iter().find(|spec| spec.id == sheet);
    let column = spec.and_then(|spec| spec.columns.iter().find(|column| column.key == key));
    column.and_then(|column| column.headers.first().copied()).unwrap_or_default()
}
