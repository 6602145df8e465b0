//! The public edition: what must be hidden so that no small number of pupils or teachers can be read or worked out.
//! In: counts by id and the relations between them. Out: the ids to be hidden.
//! It must never know tables, forms or where a count comes from.
//!
//! First the small counts are hidden, then others, until
//! - every sum has at least two hidden counts, and not all of them as small as a hidden count can be;
//! - no hidden count follows from all sums together: none stands alone in a row of the reduced linear system;
//! - no bounds, carried from sum to sum, leave a hidden count one value alone: none is below zero, and where zeros are
//!   shown none is below one;
//! - nothing that is derived of a hidden count is shown;
//! - where part and whole are shown, what is left of the whole is not small: 26 of 27 tell of one.
//!
//! A count that is in a sum but nowhere shown is hidden from the start. The order of choice is fixed: the same data hide
//! the same cells.

mod solve;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::measure::Measure;
use solve::{Bounded, determined, pinned};

/// What a number counts; small numbers of persons are hidden.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// Pupils.
    Pupils,
    /// Teachers.
    Teachers,
    /// Schools, activities, days: nobody.
    Others,
    /// Persons, in a way that cannot be protected: never published.
    Unprotected,
}

/// How counts depend on each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Relation {
    /// A total and its parts.
    Sum {
        /// The total.
        total: String,
        /// The parts.
        parts: Vec<String>,
    },
    /// A part of a whole that counts the same persons: with both, the rest is known too, and a small rest is hidden.
    Part {
        /// The part.
        part: String,
        /// The whole.
        whole: String,
    },
    /// A value that tells of others: a share of part and whole, a change.
    Derived {
        /// The value.
        value: String,
        /// What it tells of.
        from: Vec<String>,
    },
}

/// What is small; declared in `svod.toml`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Rules {
    /// Counts of pupils below this are hidden.
    pub threshold: u32,
    /// Counts of teachers below this are hidden.
    pub teachers: u32,
    /// Zeros are hidden, too.
    pub zero: bool,
    /// A public edition is made.
    pub public: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { threshold: 5, teachers: 3, zero: false, public: false }
    }
}

impl Rules {
    /// Tells whether a count is small.
    pub fn is_small(&self, value: &Measure, of: Counted) -> bool {
        let threshold = match of {
            Counted::Pupils => self.threshold,
            Counted::Teachers => self.teachers,
            Counted::Others => return false,
            Counted::Unprotected => return true,
        };
        *value < Measure::from(i64::from(threshold)) && (self.zero || !value.is_zero())
    }
}

/// A shown count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Count {
    /// Its value.
    pub value: Measure,
    /// What it counts.
    pub of: Counted,
}

/// Chooses what is to be hidden, and what follows from it.
pub fn protect(counts: &BTreeMap<String, Count>, relations: &[Relation], rules: &Rules) -> BTreeSet<String> {
    let (mut all, mut more) = (counts.clone(), relations.to_vec());
    for relation in relations {
        let Relation::Part { part, whole } = relation else { continue };
        let Some((below, above)) = counts.get(part).zip(counts.get(whole)) else { continue };
        let rest = &above.value - &below.value;
        // The rest stands nowhere: a small one makes its sum tell of it, so that the part goes.
        if below.of == above.of && !rest.is_negative() && rules.is_small(&rest, above.of) {
            let id = format!("{whole}\u{0}{part}");
            all.insert(id.clone(), Count { value: rest, of: above.of });
            more.push(Relation::Sum { total: whole.clone(), parts: vec![part.clone(), id] });
        }
    }
    let mut hidden = hide(&all, &more, rules);
    hidden.retain(|id| counts.contains_key(id) || relations.iter().any(|one| one.tells(id)));
    hidden
}

impl Relation {
    /// Tells whether it is one of a value that follows from others.
    fn tells(&self, id: &str) -> bool {
        matches!(self, Self::Derived { value, .. } if value == id)
    }
}

/// Hides until nothing small can be worked out.
fn hide(counts: &BTreeMap<String, Count>, relations: &[Relation], rules: &Rules) -> BTreeSet<String> {
    let mut hiding = Hiding::new(counts, relations, rules);
    while hiding.settle_derived() || hiding.settle_sums() || hiding.settle_system() || hiding.settle_bounds() {}
    let mut hidden: BTreeSet<String> =
        hiding.cells.iter().filter(|cell| cell.is_shown && cell.is_hidden).map(|cell| cell.id.to_owned()).collect();
    loop {
        let more: Vec<&String> = relations
            .iter()
            .filter_map(|relation| match relation {
                Relation::Derived { value, from } => {
                    (!hidden.contains(value) && from.iter().any(|id| hidden.contains(id))).then_some(value)
                }
                Relation::Sum { .. } | Relation::Part { .. } => None,
            })
            .collect();
        if more.is_empty() {
            return hidden;
        }
        hidden.extend(more.into_iter().cloned());
    }
}

/// A count in the system.
struct Cell<'a> {
    id: &'a str,
    value: Measure,
    is_shown: bool,
    is_hidden: bool,
    is_total: bool,
    /// The sums it stands in.
    sums: Vec<usize>,
}

/// A sum: positions of cells, the total first.
type Sum = Vec<usize>;

struct Hiding<'a> {
    cells: Vec<Cell<'a>>,
    sums: Vec<Sum>,
    /// Cells of sums that tell of others, and those.
    derived: Vec<(usize, Vec<usize>)>,
    /// The least that a hidden count can be.
    least: Measure,
}

impl<'a> Hiding<'a> {
    fn new(counts: &'a BTreeMap<String, Count>, relations: &'a [Relation], rules: &Rules) -> Self {
        let mut hiding = Self {
            cells: Vec::new(),
            sums: Vec::new(),
            derived: Vec::new(),
            least: Measure::from(i64::from(!rules.zero)),
        };
        let mut known: BTreeMap<&'a str, usize> = BTreeMap::new();
        for relation in relations {
            let Relation::Sum { total, parts } = relation else { continue };
            let position = hiding.sums.len();
            let mut sum = Vec::new();
            for (index, id) in std::iter::once(total).chain(parts).enumerate() {
                let cell = *known.entry(id).or_insert_with(|| hiding.add(id, counts.get(id), rules));
                if let Some(cell) = hiding.cells.get_mut(cell) {
                    cell.is_total |= index == 0;
                    cell.sums.push(position);
                }
                sum.push(cell);
            }
            hiding.sums.push(sum);
        }
        // Counts in no sum are hidden by themselves.
        for (id, count) in counts {
            if !known.contains_key(id.as_str()) && rules.is_small(&count.value, count.of) {
                let cell = hiding.add(id, Some(count), rules);
                known.insert(id, cell);
            }
        }
        for relation in relations {
            let Relation::Derived { value, from } = relation else { continue };
            if let Some(value) = known.get(value.as_str()) {
                let from = from.iter().filter_map(|id| known.get(id.as_str()).copied()).collect();
                hiding.derived.push((*value, from));
            }
        }
        hiding
    }

    fn add(&mut self, id: &'a str, count: Option<&Count>, rules: &Rules) -> usize {
        let position = self.cells.len();
        self.cells.push(Cell {
            id,
            value: count.map(|count| count.value.clone()).unwrap_or_default(),
            is_shown: count.is_some(),
            is_hidden: count.is_none_or(|count| rules.is_small(&count.value, count.of)),
            is_total: false,
            sums: Vec::new(),
        });
        position
    }

    fn cell(&self, position: usize) -> Option<&Cell<'a>> {
        self.cells.get(position)
    }

    fn is_hidden(&self, position: usize) -> bool {
        self.cell(position).is_some_and(|cell| cell.is_hidden)
    }

    /// Hides what is derived of hidden cells and stands in sums itself; tells whether there was anything.
    fn settle_derived(&mut self) -> bool {
        let tells = |(value, from): &&(usize, Vec<usize>)| {
            !self.is_hidden(*value) && from.iter().any(|cell| self.is_hidden(*cell))
        };
        let found: Vec<usize> = self.derived.iter().filter(tells).map(|(value, _)| *value).collect();
        for cell in &found {
            self.hide(*cell);
        }
        !found.is_empty()
    }

    /// Hides one more cell wherever a sum alone tells of one; tells whether it did.
    fn settle_sums(&mut self) -> bool {
        let mut has_hidden = false;
        for position in 0..self.sums.len() {
            while self.is_open(position) {
                let Some(chosen) = self.choose(self.sums.get(position).into_iter().flatten().copied()) else { break };
                self.hide(chosen);
                has_hidden = true;
            }
        }
        has_hidden
    }

    /// Tells whether a sum alone gives one of its hidden counts away.
    fn is_open(&self, position: usize) -> bool {
        let Some(sum) = self.sums.get(position) else { return false };
        let hidden: Vec<(usize, &Cell<'_>)> = sum
            .iter()
            .enumerate()
            .filter_map(|(index, cell)| Some((index, self.cell(*cell)?)))
            .filter(|(_, cell)| cell.is_hidden)
            .collect();
        match hidden.as_slice() {
            [] => false,
            [_] => true,
            // With the total shown, parts that are all as small as can be are known by their sum.
            hidden => {
                let is_part = |(index, cell): &(usize, &Cell<'_>)| *index > 0 && cell.is_shown;
                hidden.iter().all(|cell| is_part(cell) && cell.1.value <= self.least)
            }
        }
    }

    /// Hides one more cell wherever all sums together tell of one; tells whether it did.
    fn settle_system(&mut self) -> bool {
        let open: Vec<Vec<usize>> = self
            .sums
            .iter()
            .map(|sum| sum.iter().copied().filter(|cell| self.is_hidden(*cell)).collect::<Vec<_>>())
            .collect();
        let signed = |sum: &Sum, open: &[usize]| -> BTreeMap<usize, i64> {
            let mut row = BTreeMap::new();
            for (index, cell) in sum.iter().enumerate() {
                if open.contains(cell) {
                    *row.entry(*cell).or_insert(0) += if index == 0 { -1 } else { 1 };
                }
            }
            row.retain(|_, factor| *factor != 0);
            row
        };
        let rows: Vec<BTreeMap<usize, i64>> = self
            .sums
            .iter()
            .zip(&open)
            .filter(|(_, open)| !open.is_empty())
            .map(|(sum, open)| signed(sum, open))
            .collect();
        let found: Vec<usize> =
            determined(rows).into_iter().filter(|cell| self.cell(*cell).is_some_and(|cell| cell.is_shown)).collect();
        self.cover(&found)
    }

    /// Hides one more cell wherever bounds leave a hidden count one value alone; tells whether it did.
    fn settle_bounds(&mut self) -> bool {
        let rows: Vec<Bounded> = self
            .sums
            .iter()
            .filter(|sum| sum.iter().all(|cell| self.cell(*cell).is_some_and(|cell| cell.is_shown)))
            .filter_map(|sum| {
                let mut row = Bounded { rest: Measure::default(), unknown: Vec::new() };
                for (index, cell) in sum.iter().enumerate() {
                    let Cell { value, is_hidden, .. } = self.cell(*cell)?;
                    match (is_hidden, index) {
                        (true, _) => row.unknown.push((*cell, index > 0)),
                        (false, 0) => row.rest = &row.rest + value,
                        (false, _) => row.rest = &row.rest - value,
                    }
                }
                (!row.unknown.is_empty()).then_some(row)
            })
            .collect();
        let least = |cell: &usize| {
            let value = self.cell(*cell).map(|cell| cell.value.clone()).unwrap_or_default();
            (*cell, value.min(self.least.clone()))
        };
        let unknown: BTreeSet<usize> = rows.iter().flat_map(|row| &row.unknown).map(|(cell, _)| *cell).collect();
        let found = pinned(&rows, unknown.iter().map(least).collect());
        self.cover(&found)
    }

    /// Hides something near each of these cells; tells whether there was anything.
    fn cover(&mut self, found: &[usize]) -> bool {
        let mut has_hidden = false;
        for cell in found {
            let near = self.near(*cell);
            let chosen = self.choose(near).or_else(|| self.choose(0..self.cells.len()));
            if let Some(chosen) = chosen {
                self.hide(chosen);
                has_hidden = true;
            }
        }
        has_hidden
    }

    /// The cells of the sums of a cell.
    fn near(&self, cell: usize) -> Vec<usize> {
        let sums = self.cell(cell).into_iter().flat_map(|cell| &cell.sums);
        sums.filter_map(|sum| self.sums.get(*sum)).flatten().copied().collect()
    }

    /// Chooses what to hide next: rather a part than a total, rather where something is hidden already, rather what is
    /// small, zeros last.
    fn choose(&self, among: impl IntoIterator<Item = usize>) -> Option<usize> {
        among
            .into_iter()
            .filter_map(|position| Some((position, self.cell(position)?)))
            .filter(|(_, cell)| !cell.is_hidden && !cell.sums.is_empty())
            .min_by_key(|(_, cell)| {
                let is_untouched = |sum: &&usize| {
                    self.sums.get(**sum).is_some_and(|sum| !sum.iter().any(|cell| self.is_hidden(*cell)))
                };
                let untouched = cell.sums.iter().filter(is_untouched).count();
                (cell.value.is_zero(), cell.is_total, untouched, cell.value.clone(), cell.id)
            })
            .map(|(position, _)| position)
    }

    fn hide(&mut self, position: usize) {
        if let Some(cell) = self.cells.get_mut(position) {
            cell.is_hidden = true;
        }
    }
}

#[cfg(test)]
mod tests;
