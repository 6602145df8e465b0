//! Resources of support that are for a school: for all, for a group in which it is, or for it by name.

use super::Builder;
use crate::context::View;
use crate::model::{Role, Text};
use crate::roadmap::Resource;

impl Builder<'_, '_> {
    /// The resources by kind, in the order of the roadmap's own.
    pub(super) fn resources(&self) -> View {
        let all = self.analysis.roadmap.map(|roadmap| roadmap.resources.as_slice()).unwrap_or_default();
        let mut kinds: Vec<(&Text, Vec<View>)> = Vec::new();
        for resource in all.iter().filter(|resource| self.is_for(resource)) {
            let (Some(kind), Some(text)) = (&resource.kind, &resource.resource) else { continue };
            let row = View::map([("resource", View::Text(text.clone()))]);
            match kinds.last_mut() {
                Some((last, rows)) if last.value == kind.value => rows.push(row),
                _ => kinds.push((kind, vec![row])),
            }
        }
        let kinds = kinds
            .into_iter()
            .map(|(kind, rows)| View::map([("title", View::Text(kind.clone())), ("rows", View::List(rows))]));
        View::List(kinds.collect())
    }

    fn is_for(&self, resource: &Resource) -> bool {
        let is_in = |role: &Role| {
            let list = self.analysis.groups.lists.get(&(self.year, *role));
            list.is_some_and(|list| list.as_ref().is_ok_and(|list| list.schools.contains_key(&self.school.code)))
        };
        resource.is_for_all || resource.schools.contains(&self.school.code) || resource.roles.iter().any(is_in)
    }
}
