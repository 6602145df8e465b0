//! The public edition of the tables: small numbers hidden, and nothing that tells where a value comes from.

use std::collections::BTreeMap;

use super::{CellView, TableView};
use crate::disclosure::{Count, Counted, Relation, Rules, protect};

/// Makes the public edition: the tables that may be published, with what must be hidden hidden in all of them alike.
///
/// `note` is added to the note of a table in which something is hidden.
pub fn public_tables(tables: &[TableView], rules: &Rules, note: &str) -> Vec<TableView> {
    let mut public: Vec<TableView> = tables.iter().filter(|table| table.is_public).cloned().collect();
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for cell in public.iter().flat_map(|table| &table.rows).flatten() {
        if let CellView::Figure(figure, of) = cell {
            let count = counts
                .entry(figure.id.clone())
                .or_insert_with(|| Count { value: figure.value.clone(), of: Counted::Others });
            // Persons, wherever one of the places says so.
            if count.of == Counted::Others {
                count.of = *of;
            }
        }
    }
    let relations: Vec<Relation> = public.iter().flat_map(|table| table.relations.iter().cloned()).collect();
    let hidden = protect(&counts, &relations, rules);
    for table in &mut public {
        // Values instead of formulas: a formula would need what is hidden.
        table.scales.clear();
        let mut has_hidden = false;
        for cell in table.rows.iter_mut().flatten() {
            match cell {
                CellView::Figure(figure, _) if hidden.contains(&figure.id) => {
                    *cell = CellView::Hidden;
                    has_hidden = true;
                }
                CellView::Gap(gap) => gap.reasons.clear(),
                _ => {}
            }
        }
        if has_hidden {
            table.note = if table.note.is_empty() { note.to_owned() } else { format!("{} {note}", table.note) };
        }
    }
    public
}
