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

impl Builder<'_> {
    /// The day of which the documents speak: of the order's registration, and until then the last of the reported year.
    /// The package is one, so that all its documents name the same people.
    fn day(&self) -> Known<Date> {
        let data = self.analysis.data;
        let registered = data.register.get(&ru::fold(&self.word("order"))).and_then(|(date, _)| date.as_ref());
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
                Ok(official) => self.official(official),
                Err(gap) => View::Gap(GapView::new(&gap, &role)),
            };
            officials.insert(key.to_owned(), view);
        }
        let several = [("endorsers", Office::Endorser), ("visas", Office::Visa)];
        for (key, office) in several {
            let view = self.several(found(office), officials.get("signer"));
            officials.insert(key.to_owned(), view);
        }
        self.put("officials", View::Map(officials));
    }

    /// All who have a part that several can have; who signs, too, is marked.
    fn several(&mut self, found: Known<(Date, Vec<&Official>)>, signer: Option<&View>) -> View {
        match found {
            Ok((_, found)) => {
                let is_signer = |view: &View| matches!((view, signer), (View::Map(one), Some(View::Map(signer))) if one.get("name") == signer.get("name"));
                let views = found.into_iter().map(|official| {
                    let mut view = self.official(official);
                    let flag = View::Flag(is_signer(&view));
                    if let View::Map(entries) = &mut view {
                        entries.insert("is_signer".to_owned(), flag);
                    }
                    view
                });
                View::List(views.collect())
            }
            Err(gap) => View::Gap(GapView::new(&gap, &self.word("gap-official"))),
        }
    }

    fn official(&mut self, official: &Official) -> View {
        let what = self.word("gap-official");
        let name = |before: bool, sources: &mut Sources| -> Known<Text> {
            let (surname, given, patronymic) = official.name.clone()?;
            let initials = format!("{}{}", ru::initial(&given.value), ru::initial(&patronymic.value));
            let value = if before {
                format!("{initials}{NBSP}{}", surname.value)
            } else {
                format!("{}{NBSP}{initials}", surname.value)
            };
            let inputs = vec![surname.node, given.node, patronymic.node];
            Ok(Text { value, node: sources.formula(Op::Derived, inputs, None) })
        };
        let (before, after) = (name(true, self.sources), name(false, self.sources));
        let phone = official.phone.clone();
        let mut view = self.forms(official, &what);
        let View::Map(plain) = View::map([
            ("post", View::text(official.post.clone(), &what)),
            ("organization", View::text(official.organization.clone(), &what)),
            ("name", View::text(before, &what)),
            ("name_after", View::text(after, &what)),
            ("has_phone", View::Flag(phone.is_some())),
            ("phone", phone.map_or_else(|| View::Prose(Vec::new()), View::Text)),
        ]) else {
            return View::Map(view);
        };
        view.extend(plain);
        View::Map(view)
    }

    /// Name, post and organization in the cases that clauses need: as the row gives them, else by the rules. What the
    /// rules refuse is said, and blocks only the document that prints it.
    fn forms(&mut self, official: &Official, what: &str) -> BTreeMap<String, View> {
        let mut view = BTreeMap::new();
        let gender =
            official.name.as_ref().ok().and_then(|(_, _, patronymic)| declension::gender_of(&patronymic.value));
        for (case, key) in
            [(Case::Genitive, "gen"), (Case::Dative, "dat"), (Case::Accusative, "acc"), (Case::Instrumental, "ins")]
        {
            let name = official.name.clone().and_then(|(surname, given, patronymic)| {
                let declined = declension::decline(&surname.value, &given.value, &patronymic.value, gender, case);
                let form =
                    declined.map(|full| declension::initials(&full.surname, &given.value, &patronymic.value).after);
                let inputs = vec![surname.node, given.node, patronymic.node];
                self.form(official, &format!("name-{key}"), form, inputs)
            });
            view.insert(format!("name_{key}"), View::text(name, what));
            let post = official.post.clone().and_then(|post| {
                let form = declension::decline_post(&ru::lower_first(&post.value), case, gender);
                self.form(official, &format!("post-{key}"), form, vec![post.node])
            });
            view.insert(format!("post_{key}"), View::text(post, what));
        }
        let organization = official.organization.clone().and_then(|organization| {
            let form = declension::decline_post(&organization.value, Case::Genitive, None);
            self.form(official, "organization-gen", form, vec![organization.node])
        });
        view.insert("organization_gen".to_owned(), View::text(organization, what));
        view
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
                let spec = SHEETS.iter().find(|spec| spec.id == "officials");
                let column = spec.and_then(|spec| spec.columns.iter().find(|column| column.key == key));
                let header = column.and_then(|column| column.headers.first().copied()).unwrap_or_default();
                let place = self.sources.place(official.cell);
                let finding = Diagnostic::warning("form-not-known", place)
                    .with("word", refusal.word().unwrap_or_default())
                    .with("column", header);
                Err(Gap::because(self.diagnostics.push(finding)))
            }
        }
    }
}
