//! The formula of «Проверка»: what is wrong in a row, told while it is filled in.
//! In: a row of a blank and the place of its cells. Out: a formula and what it says now.

use std::borrow::Cow;

use rust_xlsxwriter::RowNum;

use super::{Drawing, FIRST, FormError, Layout, at, row_at};
use crate::blank::{Check, Column, Content, Kind, Part, REASON, Row, Table as BlankTable, fill};
use crate::form::reckoned::header;
use crate::form::sheet::{address, quoted};
use crate::measure::Measure;

impl Drawing<'_> {
    /// The formula that looks at a row, and what it says now.
    pub(super) fn check(
        &self,
        table: &BlankTable,
        row: &Row,
        at_row: RowNum,
        layout: &Layout,
    ) -> Result<(String, String), FormError> {
        let open = table.columns.iter().enumerate().filter(|(_, column)| column.is_open);
        let open: Vec<(usize, Cow<'_, Column>)> =
            open.map(|(index, column)| (index, column.of(Some(row)))).filter(|(_, column)| column.is_open).collect();
        let cell = |index: usize| Ok::<_, FormError>(address(at_row, FIRST + at(index)?));
        let is_blank = |index: usize| matches!(row.cells.get(index), None | Some(Content::Blank));
        let reason = open.iter().find(|(_, column)| column.key == REASON).map(|(index, _)| *index);
        let mut arms: Vec<(String, bool, String)> = Vec::new();
        // Cells that stand side by side are asked together: the depth of a formula has its limit, and a long one its price.
        let range = |run: &[usize]| match run {
            [one] => cell(*one),
            [first, .., last] => Ok(format!("{}:{}", cell(*first)?, cell(*last)?)),
            [] => Ok(String::new()),
        };
        let of = |wanted: &dyn Fn(&Column) -> bool| {
            runs(open.iter().filter(|(_, column)| wanted(column)).map(|(index, _)| *index))
        };
        if table.is_open || !open.iter().any(|(_, column)| column.is_required) {
            let all = open.iter().all(|(index, _)| is_blank(*index));
            let ranges = of(&|_| true).iter().map(|run| range(run)).collect::<Result<Vec<_>, _>>()?;
            arms.push((format!("COUNTA({})=0", ranges.join(",")), all, self.words.of("none").to_owned()));
        }
        for run in of(&|column| column.is_required) {
            let mut test = match run.as_slice() {
                [one] => format!("{}=\"\"", cell(*one)?),
                run => format!("COUNTBLANK({})>0", range(run)?),
            };
            let mut holds = run.iter().any(|index| is_blank(*index));
            if let Some(reason) = reason.filter(|reason| !run.contains(reason)) {
                test = format!("AND({test},{}=\"\")", cell(reason)?);
                holds = holds && is_blank(reason);
            }
            arms.push((test, holds, self.words.of("missing").to_owned()));
        }
        for run in of(&|column| !matches!(column.kind, Kind::Text | Kind::Choice(_))) {
            let test = match run.as_slice() {
                [one] => format!("AND({0}<>\"\",NOT(ISNUMBER({0})))", cell(*one)?),
                run => format!("COUNT({0})+COUNTBLANK({0})<{1}", range(run)?, run.len()),
            };
            let holds = run.iter().any(|index| matches!(row.cells.get(*index), Some(Content::Text(_))));
            arms.push((test, holds, self.words.of("wrong").to_owned()));
        }
        // Behind the arms above: what stands in these cells is a number or nothing.
        let counts = |(_, column): &&(usize, Cow<'_, Column>)| {
            matches!(column, Cow::Borrowed(_)) && column.kind == Kind::Count && column.most.is_none()
        };
        for run in runs(open.iter().filter(counts).map(|(index, _)| *index)) {
            let cells = range(&run)?;
            let test = match run.len() {
                1 => format!("OR({cells}<0,{cells}<>INT({cells}))"),
                _ => format!("SUMPRODUCT(({cells}<0)+({cells}<>INT({cells})))>0"),
            };
            let is_odd = |index: &usize| matches!(row.cells.get(*index), Some(Content::Number(number)) if number.is_negative() || number.to_integer().is_none());
            arms.push((test, run.iter().any(is_odd), self.words.of("odd-count").to_owned()));
        }
        for (index, column) in open.iter().filter(|(_, column)| matches!(column, Cow::Owned(_))) {
            let name = cell(*index)?;
            let most = match column.kind {
                Kind::Flag => Some(1),
                _ => column.most,
            };
            let mut tests = vec![format!("{name}<0")];
            tests.extend(most.map(|most| format!("{name}>{most}")));
            tests.extend((column.kind != Kind::Amount).then(|| format!("{name}<>INT({name})")));
            let holds = match row.cells.get(*index) {
                Some(Content::Number(number)) => {
                    let is_more = most.is_some_and(|most| *number > Measure::from(i64::from(most)));
                    number.is_negative() || is_more || (column.kind != Kind::Amount && number.to_integer().is_none())
                }
                _ => false,
            };
            let said = match (column.most, &column.kind) {
                (Some(most), _) => fill(self.words.of("at-most"), &[("most", &most.to_string())]),
                (None, kind) => self.words.of(&format!("odd-{}", kind.key())).to_owned(),
            };
            // Compared only where a number stands: a text is greater than any.
            arms.push((format!("IF(ISNUMBER({name}),OR({}),FALSE)", tests.join(",")), holds, said));
        }
        for (index, column) in open.iter().filter(|(_, column)| matches!(column, Cow::Borrowed(_))) {
            let Some(most) = column.most else { continue };
            let name = cell(*index)?;
            let is_more = matches!(row.cells.get(*index), Some(Content::Number(number)) if *number > Measure::from(i64::from(most)));
            let said = fill(self.words.of("at-most"), &[("most", &most.to_string())]);
            arms.push((format!("AND(ISNUMBER({name}),{name}>{most})"), is_more, said));
        }
        let number = |part: &Part, row: &str| {
            let of = part.table.as_ref().map_or(Some(table), |id| self.blank.table(id))?;
            match of.content(part.row.as_deref().unwrap_or(row), &part.column) {
                Some(Content::Number(number)) => Some(number.clone()),
                _ => None,
            }
        };
        for check in table.checks.iter().filter(|check| check.is_of(&row.id)) {
            let place = |part: &Part| self.part(table, part, at_row, layout);
            let cells = check.place().2.into_iter().map(place).collect::<Result<Option<Vec<_>>, _>>()?;
            let Some(cells) = cells else { continue };
            let all = format!("COUNT({})={}", cells.join(","), cells.len());
            let (whole, parts) = cells.split_last().map_or(("", &[][..]), |(whole, parts)| (whole.as_str(), parts));
            let wrong = match check {
                Check::Sum { .. } => format!("{}<>{whole}", parts.join("+")),
                Check::AtMost { .. } => format!("{}>{whole}", parts.join("+")),
                Check::Equal { .. } => format!("{}<>{whole}", parts.join("+")),
                Check::Enough { least, .. } => format!("AND({}<>0,{whole}<{least})", parts.join("+")),
            };
            let holds = check.holds(&row.id, &number);
            arms.push((format!("IF({all},{wrong},FALSE)"), !holds, check.place().1.to_owned()));
        }
        let right = self.words.of("right").to_owned();
        let result =
            arms.iter().find(|(_, holds, _)| *holds).map_or_else(|| right.clone(), |(_, _, text)| text.clone());
        let formula = arms
            .iter()
            .rev()
            .fold(quoted(&right), |rest, (test, _, text)| format!("IF({test},{},{rest})", quoted(text)));
        Ok((format!("={formula}"), result))
    }

    /// The cell of a part that stands in another table.
    fn part_of(&self, id: &str, part: &Part) -> Result<Option<String>, FormError> {
        let Some(other) = self.blank.table(id) else { return Ok(None) };
        let column = other.columns.iter().position(|column| column.key == part.column);
        let row = other.rows.iter().position(|row| Some(&row.id) == part.row.as_ref());
        let (Some(row), Some(column)) = (row, column) else { return Ok(None) };
        let its_row = header(self.blank, other)? + 1 + row_at(row)?;
        Ok(Some(format!("'{}'!{}", other.sheet.replace('\'', "''"), address(its_row, FIRST + at(column)?))))
    }

    /// The cell of a part of a check; `None` when the table has no such row.
    fn part(
        &self,
        table: &BlankTable,
        part: &Part,
        at_row: RowNum,
        layout: &Layout,
    ) -> Result<Option<String>, FormError> {
        if let Some(id) = &part.table {
            return self.part_of(id, part);
        }
        let column = table.columns.iter().position(|column| column.key == part.column);
        let row = match &part.row {
            None => Some(at_row),
            Some(id) => match table.rows.iter().position(|row| row.id == *id) {
                Some(index) => Some(layout.first + row_at(index)?),
                None => None,
            },
        };
        match (row, column) {
            (Some(row), Some(column)) => Ok(Some(address(row, FIRST + at(column)?))),
            _ => Ok(None),
        }
    }
}

/// Runs of numbers that follow each other.
fn runs(numbers: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| last + 1 == number) => run.push(number),
            _ => runs.push(vec![number]),
        }
    }
    runs
}
