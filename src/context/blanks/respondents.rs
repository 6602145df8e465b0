//! Who fills a form in: respondents with codes that stay theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ground, Numbered};
use crate::blank::{BlankSpec, Respondent, RespondentKind};
use crate::model::{Record, School, SchoolCode, Subject};
use crate::ru;

impl Ground<'_> {
    /// The schools that exist in the year, of these groups where any are named.
    fn schools(&self, spec: &BlankSpec) -> Vec<&School> {
        let listed: Option<BTreeSet<&SchoolCode>> = (!spec.groups.is_empty()).then(|| {
            let lists = spec.groups.iter().filter_map(|role| self.groups.list(self.year, *role).ok());
            lists.flat_map(|group| group.schools.keys()).collect()
        });
        let is_asked = |school: &&School| {
            school.exists_at_end_of(self.year)
                && listed.as_ref().map_or(school.is_counted, |listed| listed.contains(&school.code))
        };
        self.data.schools.values().filter(is_asked).collect()
    }

    /// The texts of a column of a register's rows that hold in the year, each once.
    fn of_register(&self, sheet: &str, column: &str) -> BTreeSet<String> {
        let rows = self.data.records.get(sheet).into_iter().flatten();
        let rows = rows.filter(|row| row.from <= self.year && self.year <= row.to);
        rows.filter_map(|row| row.texts.get(column)).map(|text| text.value.clone()).collect()
    }

    /// How the bodies of the year were called before, by their names.
    fn former_bodies(&self) -> BTreeMap<String, String> {
        let rows = self.data.records.get("bodies").into_iter().flatten();
        let rows = rows.filter(|row| row.from <= self.year && self.year <= row.to);
        let text = |row: &Record, key: &str| row.texts.get(key).map(|text| text.value.clone());
        rows.filter_map(|row| Some((text(row, "title")?, text(row, "former")?))).collect()
    }

    /// Everyone who fills the form in, in order.
    pub fn respondents(&self, spec: &BlankSpec) -> Vec<Respondent> {
        let school = |school: &School| Respondent { code: school.code.0.to_string(), name: school.short.value.clone() };
        let numbered =
            |prefix: &str, names: BTreeSet<String>| self.numbered(spec, self.words.of(prefix), names, &BTreeMap::new());
        match spec.respondent {
            RespondentKind::School => self.schools(spec).into_iter().map(school).collect(),
            RespondentKind::LeaderSchool => {
                let leaders = self.leaders();
                self.data.schools.values().filter(|one| leaders.contains_key(&one.code)).map(school).collect()
            }
            RespondentKind::Service => {
                let (names, former) = (self.of_register("bodies", "title"), self.former_bodies());
                self.numbered(spec, self.words.of("code-service"), names, &former)
            }
            RespondentKind::Curator => numbered("code-curator", self.of_register("curators", "curator")),
            RespondentKind::Responsible => {
                let known = self.data.activities.iter().filter_map(|activity| activity.responsible.as_ref().ok());
                numbered("code-responsible", known.map(|text| text.value.clone()).collect())
            }
            RespondentKind::Municipality if self.data.records.contains_key("municipalities") => {
                let rows = self.data.records.get("municipalities").into_iter().flatten();
                let text = |row: &Record, key: &str| row.texts.get(key).map(|text| text.value.clone());
                rows.filter_map(|row| Some(Respondent { code: text(row, "code")?, name: text(row, "title")? }))
                    .collect()
            }
            RespondentKind::Municipality => {
                vec![Respondent { code: self.folder.to_owned(), name: self.settings.name.clone() }]
            }
        }
    }

    /// Gives each name its code: the one under which the form went out to it before, also under its former name, or else
    /// the next free number. A number is never given twice, so that no return is taken for that of another.
    fn numbered(
        &self,
        spec: &BlankSpec,
        prefix: &str,
        names: BTreeSet<String>,
        former: &BTreeMap<String, String>,
    ) -> Vec<Respondent> {
        let period = self.period(spec);
        let own = self.numbered.iter().filter(|one| one.form == spec.id);
        let (now, other): (Vec<&Numbered>, Vec<&Numbered>) = own.partition(|one| one.period == period);
        let mut codes: BTreeMap<String, &str> = BTreeMap::new();
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for known in now.iter().chain(other.iter().rev()) {
            let Respondent { code, name } = &known.respondent;
            let name = ru::fold(name);
            if !codes.contains_key(&name) && taken.insert(code) {
                codes.insert(name, code);
            }
        }
        let number = |code: &str| code.strip_prefix(prefix)?.strip_prefix('-')?.parse::<u32>().ok();
        let all = now.iter().chain(&other).filter_map(|known| number(&known.respondent.code));
        let mut last = all.max().unwrap_or_default();
        let mut given: BTreeSet<String> = BTreeSet::new();
        // A body that goes on under its old name keeps its code.
        let current: BTreeSet<String> = names.iter().map(|name| ru::fold(name)).collect();
        let one = |name: String| {
            let before = former.get(&name).map(|before| ru::fold(before)).filter(|before| !current.contains(before));
            let known = codes.get(&ru::fold(&name)).or_else(|| codes.get(&before?)).map(|code| (*code).to_owned());
            let code = known.filter(|code| given.insert(code.clone())).unwrap_or_else(|| {
                last += 1;
                format!("{prefix}-{last}")
            });
            Respondent { code, name }
        };
        names.into_iter().map(one).collect()
    }

    /// The schools of the federal list that a municipality has, by code.
    pub fn federal_list(&self, municipality: &str) -> BTreeMap<String, String> {
        let rows = self.data.records.get("federal-list").into_iter().flatten();
        let text = |row: &Record, key: &str| row.texts.get(key).map(|text| text.value.clone());
        let own = rows.filter(|row| text(row, "municipality").as_deref() == Some(municipality));
        own.filter_map(|row| Some((text(row, "organization")?, text(row, "title")?))).collect()
    }

    /// Leaders of the partnerships of the year with the schools that they have.
    pub(super) fn leaders(&self) -> BTreeMap<SchoolCode, BTreeSet<SchoolCode>> {
        let mut leaders: BTreeMap<SchoolCode, BTreeSet<SchoolCode>> = BTreeMap::new();
        for row in self.data.store.of_measure(crate::model::codes::PARTNERSHIP) {
            if let (Subject::School(school), Some(leader)) = (&row.subject, &row.dims.school)
                && row.from <= self.year
                && self.year <= row.to
            {
                leaders.entry(leader.clone()).or_default().insert(school.clone());
            }
        }
        leaders
    }
}
