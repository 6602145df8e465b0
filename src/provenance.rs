//! Where values come from: a shared graph whose leaves are ranges of cells and keys of settings.
//! In: cell addresses and formulas while the data is read and computed. Out: the ranges and the
//! formula behind a figure. It must never know what a figure means or where it is printed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diag::Place;
use crate::measure::Measure;

/// A sheet known to the graph, by position in [`Sources::sheets`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct SheetId(pub u32);

/// A cell: zero-based row and column of a sheet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct CellRef {
    /// The sheet.
    pub sheet: SheetId,
    /// Zero-based column; before the row, so that cells of a column sort together.
    pub column: u16,
    /// Zero-based row.
    pub row: u32,
}

/// A rectangle of cells of a sheet, borders included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Area {
    /// First and last column.
    pub columns: (u16, u16),
    /// First and last row.
    pub rows: (u32, u32),
}

impl Area {
    /// Makes an area of one cell.
    pub fn cell(row: u32, column: u16) -> Self {
        Self { columns: (column, column), rows: (row, row) }
    }
}

/// What stands behind the cells of a converted sheet: areas of the sheet as it came, by row and column.
pub type Origins = BTreeMap<(u32, u16), Vec<Area>>;

/// Writes a zero-based column as letters: 0 is A, 26 is AA.
pub fn column_letters(column: u16) -> String {
    let mut rest = u32::from(column) + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(char::from(b'A' + u8::try_from(digit).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A node of the graph, by position in [`Sources::nodes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NodeId(pub u32);

/// How a value follows from others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// The number of the inputs.
    Count,
    /// The sum of the inputs.
    Sum,
    /// 100 · first / second.
    Percent,
    /// First / second.
    Ratio,
    /// First minus second.
    Difference,
    /// The inputs decided (a verdict) or were joined to a text; no arithmetic.
    Derived,
}

/// One step between cells and a figure.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Node {
    /// A value as it stands in cells.
    Cells {
        /// The cells, in ascending order.
        cells: Vec<CellRef>,
    },
    /// A value declared in a settings or template file.
    Declared {
        /// The file, relative to the municipality's folder or to the templates.
        file: String,
        /// The key within it.
        key: String,
    },
    /// A value computed from other nodes.
    Formula {
        /// The operation.
        op: Op,
        /// The operands in order.
        inputs: Vec<NodeId>,
        /// The result, where it is a number.
        value: Option<Measure>,
    },
}

/// The graph of one run.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Sources {
    /// File and sheet names, as a person sees them.
    pub sheets: Vec<(String, String)>,
    /// The nodes; a node's inputs stand before it.
    pub nodes: Vec<Node>,
    /// Sheets that were converted while reading: their cells stand for areas of the sheet as it came.
    pub converted: BTreeMap<SheetId, Origins>,
    /// The first sheet of each kind.
    #[serde(default)]
    pub homes: BTreeMap<String, SheetId>,
}

impl Sources {
    /// Adds a sheet.
    pub fn add_sheet(&mut self, file: &str, sheet: &str) -> SheetId {
        self.sheets.push((file.to_owned(), sheet.to_owned()));
        SheetId(u32::try_from(self.sheets.len() - 1).unwrap_or(u32::MAX))
    }

    /// Says of what kind a sheet is; the first of a kind is its home.
    pub fn set_kind(&mut self, sheet: SheetId, kind: &str) {
        self.homes.entry(kind.to_owned()).or_insert(sheet);
    }

    /// Returns where rows of a kind of sheet belong: the sheet that is there, or else one of this name in the workbook
    /// that has the sheet of another kind.
    pub fn home(&self, kind: &str, title: &str, beside: &[&str]) -> Option<Place> {
        if let Some(sheet) = self.homes.get(kind) {
            let (file, sheet) = self.sheet_names(*sheet);
            return Some(Place::Sheet { file: file.to_owned(), sheet: sheet.to_owned() });
        }
        let near = beside.iter().find_map(|kind| self.homes.get(*kind))?;
        Some(Place::Sheet { file: self.sheet_names(*near).0.to_owned(), sheet: title.to_owned() })
    }

    /// Says what stands behind the cells of a converted sheet.
    pub fn set_origins(&mut self, sheet: SheetId, origins: Origins) {
        if !origins.is_empty() {
            self.converted.insert(sheet, origins);
        }
    }

    /// Returns the cell that a person finds: of a converted sheet, the first of those behind it.
    pub fn found_at(&self, cell: CellRef) -> CellRef {
        match self.areas(cell).and_then(|areas| areas.first()) {
            Some(area) => CellRef { sheet: cell.sheet, column: area.columns.0, row: area.rows.0 },
            None => cell,
        }
    }

    fn areas(&self, cell: CellRef) -> Option<&Vec<Area>> {
        self.converted.get(&cell.sheet)?.get(&(cell.row, cell.column))
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    /// Adds a value that stands in cells; order and repetition of the cells do not matter.
    pub fn cells(&mut self, cells: impl IntoIterator<Item = CellRef>) -> NodeId {
        let cells: BTreeSet<CellRef> = cells.into_iter().collect();
        self.push(Node::Cells { cells: cells.into_iter().collect() })
    }

    /// Adds a value declared in a file.
    pub fn declared(&mut self, file: &str, key: &str) -> NodeId {
        self.push(Node::Declared { file: file.to_owned(), key: key.to_owned() })
    }

    /// Adds a computed value.
    pub fn formula(&mut self, op: Op, inputs: Vec<NodeId>, value: Option<Measure>) -> NodeId {
        self.push(Node::Formula { op, inputs, value })
    }

    /// Prints a cell the way a person finds it: `ОГЭ.xlsx › Лист1!D14`.
    pub fn address(&self, cell: CellRef) -> String {
        let cell = self.found_at(cell);
        let (file, sheet) = self.sheet_names(cell.sheet);
        format!("{file} › {sheet}!{}{}", column_letters(cell.column), cell.row + 1)
    }

    /// Makes the place of a cell for findings.
    pub fn place(&self, cell: CellRef) -> Place {
        let cell = self.found_at(cell);
        let (file, sheet) = self.sheet_names(cell.sheet);
        Place::Cell { file: file.to_owned(), sheet: sheet.to_owned(), row: cell.row, column: cell.column }
    }

    /// Makes the place of a value that stands in cells: the first of them.
    pub fn place_of(&self, node: NodeId) -> Place {
        match self.nodes.get(node.0 as usize) {
            Some(Node::Cells { cells }) => cells.first().map_or(Place::Run, |cell| self.place(*cell)),
            _ => Place::Run,
        }
    }

    /// Finds a sheet by the names of file and sheet.
    pub fn find_sheet(&self, file: &str, sheet: &str) -> Option<SheetId> {
        let position = self.sheets.iter().position(|known| (known.0.as_str(), known.1.as_str()) == (file, sheet))?;
        u32::try_from(position).ok().map(SheetId)
    }

    /// Returns the names of file and sheet.
    pub fn sheet_names(&self, sheet: SheetId) -> (&str, &str) {
        self.sheets.get(sheet.0 as usize).map_or(("?", "?"), |(file, sheet)| (file.as_str(), sheet.as_str()))
    }

    /// Collects every cell and declaration behind a node, as printed ranges in sheet order.
    pub fn ranges(&self, node: NodeId) -> Vec<String> {
        let mut cells = BTreeSet::new();
        let mut declared = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![node];
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            match self.nodes.get(next.0 as usize) {
                Some(Node::Cells { cells: found }) => cells.extend(found.iter().copied()),
                Some(Node::Declared { file, key }) => {
                    declared.insert(format!("{file} › {key}"));
                }
                Some(Node::Formula { inputs, .. }) => open.extend(inputs.iter().copied()),
                None => {}
            }
        }
        let mut ranges = self.join(&cells);
        ranges.extend(declared);
        ranges
    }

    /// Joins cells that stand below each other in one column to ranges; areas of converted sheets stay as they are.
    fn join(&self, cells: &BTreeSet<CellRef>) -> Vec<String> {
        let mut ranges: BTreeSet<(SheetId, Area)> = BTreeSet::new();
        let mut run: Option<(SheetId, Area)> = None;
        for cell in cells {
            if let Some(areas) = self.areas(*cell) {
                ranges.extend(areas.iter().map(|area| (cell.sheet, *area)));
                continue;
            }
            match &mut run {
                Some((sheet, area))
                    if *sheet == cell.sheet && area.columns.0 == cell.column && area.rows.1 + 1 == cell.row =>
                {
                    area.rows.1 = cell.row;
                }
                _ => {
                    ranges.extend(run.take());
                    run = Some((cell.sheet, Area::cell(cell.row, cell.column)));
                }
            }
        }
        ranges.extend(run);
        ranges
            .into_iter()
            .map(|(sheet, area)| {
                let (file, name) = self.sheet_names(sheet);
                let corner = |column: u16, row: u32| format!("{}{}", column_letters(column), row + 1);
                let first = corner(area.columns.0, area.rows.0);
                let last = corner(area.columns.1, area.rows.1);
                if first == last {
                    format!("{file} › {name}!{first}")
                } else {
                    format!("{file} › {name}!{first}:{last}")
                }
            })
            .collect()
    }

    /// Returns the value of a computed node.
    pub fn value(&self, node: NodeId) -> Option<&Measure> {
        match self.nodes.get(node.0 as usize) {
            Some(Node::Formula { value, .. }) => value.as_ref(),
            _ => None,
        }
    }

    /// Writes the formula of a node: `100 · 5 / 17`, `Σ(34)`, `n(5)`. A value as it stands gives an empty text.
    pub fn formula_text(&self, node: NodeId) -> String {
        let Some(Node::Formula { op, inputs, .. }) = self.nodes.get(node.0 as usize) else {
            return String::new();
        };
        let operand = |index: usize| {
            let Some(input) = inputs.get(index) else { return String::new() };
            match self.value(*input) {
                Some(value) => value.to_string(),
                None => self.ranges(*input).join(" + "),
            }
        };
        match op {
            Op::Count => format!("n({})", inputs.len()),
            Op::Sum => format!("Σ({})", inputs.len()),
            Op::Percent => format!("100 · {} / {}", operand(0), operand(1)),
            Op::Ratio => format!("{} / {}", operand(0), operand(1)),
            Op::Difference => format!("{} − {}", operand(0), operand(1)),
            Op::Derived => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_below_each_other_become_one_range() {
        let mut sources = Sources::default();
        let sheet = sources.add_sheet("ОГЭ.xlsx", "Лист1");
        let cell = |column, row| CellRef { sheet, column, row };
        let left = sources.cells([cell(3, 5), cell(3, 4), cell(3, 6), cell(4, 9)]);
        let right = sources.cells([cell(3, 7)]);
        let all = sources.formula(Op::Sum, vec![left, right], None);
        assert_eq!(sources.ranges(all), ["ОГЭ.xlsx › Лист1!D5:D8", "ОГЭ.xlsx › Лист1!E10"]);
    }

    #[test]
    fn a_converted_cell_stands_for_the_cells_behind_it() {
        let mut sources = Sources::default();
        let sheet = sources.add_sheet("Протокол.xlsx", "Лист1");
        let area = Area { columns: (5, 5), rows: (10, 40) };
        sources.set_origins(sheet, Origins::from([((1, 6), vec![area])]));
        let cell = CellRef { sheet, row: 1, column: 6 };
        let node = sources.cells([cell]);
        assert_eq!(sources.ranges(node), ["Протокол.xlsx › Лист1!F11:F41"]);
        assert_eq!(sources.address(cell), "Протокол.xlsx › Лист1!F11");
    }

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 701, 702, 16383].map(column_letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }
}
