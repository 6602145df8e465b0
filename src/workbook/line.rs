//! The cells of a row. In: cells in any order. Out: an ordered map in one piece of memory, because most cells of a large
//! package are in memory at once, and most come in order.

use std::ops::{Bound, RangeBounds};

use super::CellValue;

/// The non-empty cells of a row by zero-based column.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Line(Vec<(u16, CellValue)>);

impl Line {
    /// Makes room for as many cells as a row is expected to have.
    pub(super) fn with_capacity(cells: usize) -> Self {
        Self(Vec::with_capacity(cells))
    }

    fn find(&self, column: u16) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if *last < column => Err(self.0.len()),
            _ => self.0.binary_search_by_key(&column, |(known, _)| *known),
        }
    }

    /// Returns the cell of a column.
    pub fn get(&self, column: &u16) -> Option<&CellValue> {
        self.find(*column).ok().and_then(|index| self.0.get(index)).map(|(_, value)| value)
    }

    /// Tells whether the column has a cell.
    pub fn contains_key(&self, column: &u16) -> bool {
        self.find(*column).is_ok()
    }

    /// Puts a cell; returns what stood there.
    pub fn insert(&mut self, column: u16, value: CellValue) -> Option<CellValue> {
        match self.find(column) {
            Ok(index) => self.0.get_mut(index).map(|(_, known)| std::mem::replace(known, value)),
            Err(index) => {
                self.0.insert(index, (column, value));
                None
            }
        }
    }

    /// Puts a cell where there is none.
    pub fn insert_if_blank(&mut self, column: u16, value: impl FnOnce() -> CellValue) {
        if let Err(index) = self.find(column) {
            self.0.insert(index, (column, value()));
        }
    }

    /// Takes the cell of a column out.
    pub fn remove(&mut self, column: &u16) -> Option<CellValue> {
        self.find(*column).ok().map(|index| self.0.remove(index).1)
    }

    /// Gives memory that was held for further cells back.
    pub(super) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Iterates from left to right.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&u16, &CellValue)> + ExactSizeIterator {
        self.0.iter().map(|(column, value)| (column, value))
    }

    /// Iterates over the columns of a range from left to right.
    pub fn range(&self, columns: impl RangeBounds<u16>) -> impl DoubleEndedIterator<Item = (&u16, &CellValue)> {
        let first = match columns.start_bound() {
            Bound::Included(column) => self.0.partition_point(|(known, _)| known < column),
            Bound::Excluded(column) => self.0.partition_point(|(known, _)| known <= column),
            Bound::Unbounded => 0,
        };
        let end = match columns.end_bound() {
            Bound::Included(column) => self.0.partition_point(|(known, _)| known <= column),
            Bound::Excluded(column) => self.0.partition_point(|(known, _)| known < column),
            Bound::Unbounded => self.0.len(),
        };
        self.0.get(first..end).unwrap_or_default().iter().map(|(column, value)| (column, value))
    }

    /// Iterates over the columns.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &u16> {
        self.0.iter().map(|(column, _)| column)
    }

    /// Iterates over the values.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &CellValue> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Iterates over the values, to change them.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut CellValue> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(u16, CellValue)> for Line {
    fn from_iter<I: IntoIterator<Item = (u16, CellValue)>>(cells: I) -> Self {
        let cells = cells.into_iter();
        let mut line = Self::with_capacity(cells.size_hint().0);
        for (column, value) in cells {
            line.insert(column, value);
        }
        line
    }
}

impl<const N: usize> From<[(u16, CellValue); N]> for Line {
    fn from(cells: [(u16, CellValue); N]) -> Self {
        cells.into_iter().collect()
    }
}

impl IntoIterator for Line {
    type Item = (u16, CellValue);
    type IntoIter = std::vec::IntoIter<(u16, CellValue)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Line {
    type Item = (&'a u16, &'a CellValue);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (u16, CellValue)>, fn(&'a (u16, CellValue)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(column, value)| (column, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_in_order_whatever_the_order_they_came_in() {
        let cell = |number: i32| CellValue::Number(number.into());
        let mut line = Line::from([(5, cell(5)), (1, cell(1)), (3, cell(3))]);
        assert_eq!(line.keys().copied().collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(line.insert(3, cell(4)), Some(cell(3)));
        line.insert_if_blank(3, || cell(9));
        line.insert_if_blank(2, || cell(2));
        assert_eq!(line.get(&3), Some(&cell(4)));
        assert_eq!(line.range(2..5).map(|(column, _)| *column).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(line.remove(&1), Some(cell(1)));
        assert_eq!((line.len(), line.contains_key(&1)), (3, false));
    }
}
