//! Groups, the results they stand on, and the indicators by school.

use std::collections::BTreeMap;

use super::{CellView, ColumnKind, Table, TableSpec};
use crate::disclosure::{Counted, Relation};
use crate::figure::{Rounding, Unit};
use crate::groups::{GroupRule, ProcedureResult, Verdict};
use crate::indicators::{Absence, Contribution, Evaluation, IndicatorResult, Quantity};
use crate::measure::Measure;
use crate::model::{Dims, Known, Operand, Role, SchoolCode, Year, codes};
use crate::provenance::{NodeId, Op};
use crate::ru;

/// Which school is in which group of a year, and by whose list.
pub(super) const GROUPS: TableSpec = TableSpec {
    id: "groups",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("year", ColumnKind::Code),
        ("group", ColumnKind::Code),
        ("list", ColumnKind::Name),
    ],
    quotient: None,
    words: &["own", "outside"],
    is_public: true,
    fill: groups,
};

fn groups(table: &mut Table<'_, '_>) {
    for year in table.years() {
        for role in Role::ALL {
            let Some(list) = table.analysis.groups.lists.get(&(year, role)) else { continue };
            let term = CellView::Text(Table::role(role));
            match list {
                Ok(group) => {
                    let word = table.word(if group.is_own { "own" } else { "outside" });
                    for code in group.schools.keys() {
                        let name = CellView::Text(table.school(code));
                        let (code, list) = (CellView::text(&code.0), CellView::text(&word));
                        table.row(vec![code, name, Table::year(year), term.clone(), list]);
                    }
                }
                Err(gap) => {
                    let gap = Table::gap(gap, &format!("{}, {year}", Table::role(role)));
                    table.row(vec![CellView::Blank, gap, Table::year(year), term]);
                }
            }
        }
    }
}

/// When each school came into each group, and when it left.
pub(super) const HISTORY: TableSpec = TableSpec {
    id: "history",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("group", ColumnKind::Code),
        ("years", ColumnKind::Name),
        ("from", ColumnKind::Code),
        ("left", ColumnKind::Code),
        ("state", ColumnKind::Name),
    ],
    quotient: None,
    words: &["stays", "left"],
    is_public: true,
    fill: history,
};

fn history(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for ((role, code), years) in &analysis.history.years {
        for stay in analysis.history.stays(*role, code) {
            let within = |year: &&Year| **year >= stay.from && stay.left.is_none_or(|left| **year < left);
            let years: Vec<String> = years.iter().filter(within).map(ToString::to_string).collect();
            let word = table.word(if stay.left.is_some() { "left" } else { "stays" });
            let name = table.school(code);
            table.row(vec![
                CellView::text(&code.0),
                CellView::text(&name),
                CellView::Text(Table::role(*role)),
                CellView::text(&years.join(", ")),
                Table::year(stay.from),
                stay.left.map_or(CellView::Blank, Table::year),
                CellView::Text(word),
            ]);
        }
    }
}

/// The results that the method looked at, school by school: internal, because they are those of small groups.
pub(super) const RESULTS: TableSpec = TableSpec {
    id: "results",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("year", ColumnKind::Code),
        ("group", ColumnKind::Code),
        ("holds", ColumnKind::Value),
        ("arms", ColumnKind::Prose),
        ("procedure", ColumnKind::Name),
        ("result-year", ColumnKind::Code),
        ("below", ColumnKind::Value),
        ("participants", ColumnKind::Value),
        ("share", ColumnKind::Value),
        ("low", ColumnKind::Value),
    ],
    quotient: Some(["below", "participants", "share"]),
    words: &[],
    is_public: false,
    fill: results,
};

fn results(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for year in table.years() {
        for rule in analysis.methods.rules() {
            let verdicts = analysis.groups.verdicts.get(&(year, rule.role));
            for (code, verdict) in verdicts.into_iter().flatten() {
                of_school(table, rule, code, year, verdict);
            }
        }
    }
}

fn of_school(table: &mut Table<'_, '_>, rule: &GroupRule, code: &SchoolCode, year: Year, verdict: &Known<Verdict>) {
    let name = table.school(code);
    let group = CellView::Text(Table::role(rule.role));
    let head = [CellView::text(&code.0), CellView::text(&name), Table::year(year), group];
    match verdict {
        Ok(verdict) => {
            let fired = verdict.fired.iter().filter_map(|index| rule.criteria.get(*index));
            let arms: Vec<String> = fired.map(|criterion| table.criterion(criterion)).collect();
            let head: Vec<CellView> =
                head.into_iter().chain([CellView::Flag(verdict.holds()), CellView::text(&arms.join("; "))]).collect();
            for result in &verdict.results {
                let cells = result_cells(table, code, year, result);
                table.quotient_row(head.iter().cloned().chain(cells).collect(), Measure::from(100_i64));
            }
            if verdict.results.is_empty() {
                table.row(head);
            }
        }
        Err(gap) => {
            let gap = Table::gap(gap, &name);
            table.row(head.into_iter().chain([gap]).collect());
        }
    }
}

fn result_cells(table: &mut Table<'_, '_>, code: &SchoolCode, year: Year, result: &ProcedureResult) -> [CellView; 6] {
    let grade = result.procedure.grade.to_string();
    let discipline = &result.procedure.discipline.0;
    let procedure = table.procedure(&result.procedure);
    let id = format!("{year}/{code}/{:?}-{discipline}-{grade}-{}", result.procedure.exam, result.year).to_lowercase();
    let share = share(table, &id, &result.below, &result.participants, Unit::Percent);
    [
        CellView::Text(procedure),
        Table::year(result.year),
        table.figure(&format!("{id}/below"), &result.below, Unit::Count, Counted::Pupils),
        table.figure(&format!("{id}/participants"), &result.participants, Unit::Count, Counted::Pupils),
        share,
        CellView::Flag(result.is_low),
    ]
}

/// Results that ask to be looked at: internal, and no judgement.
pub(super) const MARKERS: TableSpec = TableSpec {
    id: "markers",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("procedure", ColumnKind::Name),
        ("marker", ColumnKind::Prose),
        ("participants", ColumnKind::Value),
        ("value", ColumnKind::Value),
        ("against", ColumnKind::Value),
        ("state", ColumnKind::Name),
        ("confidence", ColumnKind::Prose),
    ],
    quotient: None,
    words: &["check", "municipality", "index", "index-ground"],
    is_public: false,
    fill: markers,
};

fn markers(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    let [year, _] = table.years();
    let found = analysis.markers.find(analysis.data, year, table.sources);
    for (index, found) in found.iter().enumerate() {
        let (id, unit) = (format!("{}/{}/{index}", found.school, found.marker.id), found.unit);
        let rounding = analysis.settings.rounding.of(unit);
        // A mean mark is told by hundredths.
        let digits = if unit == Unit::Index { 2 } else { rounding.digits.max(1) };
        let rounding = Rounding { digits, ..rounding };
        let figure = |table: &Table<'_, '_>, part: &str, operand: &Operand| {
            table.rounded(&format!("{id}/{part}"), operand, unit, Counted::Others, rounding)
        };
        let (name, procedure) = (table.school(&found.school), table.procedure(&found.procedure));
        table.row(vec![
            CellView::text(&found.school.0),
            CellView::text(&name),
            CellView::text(&procedure),
            CellView::text(&ru::prose(&found.marker.title)),
            table.figure(&format!("{id}/participants"), &found.participants, Unit::Count, Counted::Others),
            figure(table, "value", &found.value),
            figure(table, "against", &found.against),
            CellView::Text(table.word("check")),
            CellView::text(&ru::prose(&found.marker.confidence)),
        ]);
    }
    let marked = found.iter().map(|found| (&found.school, found.value.node)).collect();
    let index = match without_markers(table, year, &marked) {
        Ok(None) => return,
        Ok(Some(index)) => table.figure("index", &index, Unit::Percent, Counted::Others),
        Err(gap) => Table::gap(&gap, &table.word("index")),
    };
    table.row(vec![
        CellView::Blank,
        CellView::Text(table.word("municipality")),
        CellView::Blank,
        CellView::Text(table.word("index")),
        CellView::Blank,
        index,
        CellView::Blank,
        CellView::Blank,
        CellView::Text(table.word("index-ground")),
    ]);
}

/// The index of the territory: the share of the schools with results that have no marker; `None` where none has results,
/// a gap where those of a school are in doubt.
fn without_markers(
    table: &mut Table<'_, '_>,
    year: Year,
    marked: &BTreeMap<&SchoolCode, NodeId>,
) -> Known<Option<Operand>> {
    let data = table.analysis.data;
    let mut inputs: Vec<NodeId> = marked.values().copied().collect();
    let (mut all, mut without) = (0_usize, 0_usize);
    for code in data.schools.keys() {
        let rows = data.school_rows(code, codes::PARTICIPANTS, year, &Dims::default())?;
        if rows.is_empty() {
            continue;
        }
        all += 1;
        without += usize::from(!marked.contains_key(code));
        inputs.push(table.sources.cells(rows.iter().map(|row| row.cell)));
    }
    let Some(value) = Measure::from(without).percent_of(&Measure::from(all)) else { return Ok(None) };
    let node = table.sources.formula(Op::Derived, inputs, Some(value.clone()));
    Ok(Some(Operand { value, node }))
}

/// Makes the cell of a share; blank where there is nothing to divide by.
fn share(table: &mut Table<'_, '_>, id: &str, part: &Operand, whole: &Operand, unit: Unit) -> CellView {
    let Some(value) = part.value.percent_of(&whole.value) else { return CellView::Blank };
    let node = table.sources.formula(Op::Percent, vec![part.node, whole.node], Some(value.clone()));
    table.figure(&format!("{id}/share"), &Operand { value, node }, unit, Counted::Others)
}

/// What each school contributes to each indicator, and the value of the municipality.
pub(super) const INDICATORS: TableSpec = TableSpec {
    id: "indicators",
    columns: &[
        ("number", ColumnKind::Code),
        ("indicator", ColumnKind::Prose),
        ("unit", ColumnKind::Code),
        ("year", ColumnKind::Code),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("numerator", ColumnKind::Value),
        ("denominator", ColumnKind::Value),
        ("value", ColumnKind::Value),
    ],
    quotient: Some(["numerator", "denominator", "value"]),
    words: &["municipality"],
    is_public: true,
    fill: indicators,
};

fn indicators(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for (index, result) in analysis.indicators.iter().enumerate() {
        for year in table.years() {
            let definition = &result.definition;
            let head = [
                CellView::Text((index + 1).to_string()),
                CellView::Text(ru::prose(&definition.name)),
                CellView::Text(definition.unit_name.clone()),
                Table::year(year),
            ];
            match result.years.get(&year) {
                Some(Ok(evaluation)) => by_school(table, result, evaluation, year, &head),
                Some(Err(gap)) => {
                    let gap = Table::gap(gap, &format!("{}, {year}", definition.name));
                    let municipality = CellView::Text(table.word("municipality"));
                    let cells = [CellView::Blank, municipality, CellView::Blank, CellView::Blank, gap];
                    table.row(head.into_iter().chain(cells).collect());
                }
                None => {}
            }
        }
    }
}

fn by_school(
    table: &mut Table<'_, '_>,
    result: &IndicatorResult,
    evaluation: &Evaluation,
    year: Year,
    head: &[CellView],
) {
    let definition = &result.definition;
    let id = format!("{}/{year}", definition.code);
    let municipality = CellView::Text(table.word("municipality"));
    if !definition.is_additive() {
        // These values follow from counts in ways that no sum tells: of schools they are not published.
        let persons = definition.quantities().map(counted).find(|of| *of != Counted::Others);
        let of = persons.map_or(Counted::Others, |_| Counted::Unprotected);
        for code in evaluation.contributions.keys() {
            let Ok(Some(value)) = result.of_school(year, code, table.sources) else { continue };
            let value = table.value(&format!("{id}/{code}/value"), &value, definition, of);
            let name = table.school(code);
            let cells = [CellView::text(&code.0), CellView::text(&name), CellView::Blank, CellView::Blank, value];
            table.row(head.iter().cloned().chain(cells).collect());
        }
        let whole =
            evaluation.figure.clone().map_or(CellView::Blank, |figure| CellView::Figure(figure, Counted::Others));
        let cells = [CellView::Blank, municipality, CellView::Blank, CellView::Blank, whole];
        table.row(head.iter().cloned().chain(cells).collect());
        return;
    }
    let of = |quantity: &Option<Quantity>| quantity.as_ref().map_or(Counted::Others, counted);
    let (above, below) = (of(&definition.numerator), of(&definition.denominator));
    let is_weighted = matches!(&definition.numerator, Some(Quantity::Sum { weights, .. }) if !weights.is_empty());
    let (mut numerators, mut denominators) = (Vec::new(), Vec::new());
    for (code, Contribution { numerator, denominator, .. }) in &evaluation.contributions {
        // The same count of a school in two indicators is one figure: what hides one hides the other.
        let key = first_use(table.analysis.indicators, definition.numerator.as_ref());
        let part = table.figure(&format!("{key}/{year}/{code}"), numerator, Unit::Count, above);
        let whole = match denominator {
            Some(whole) => {
                let key = first_use(table.analysis.indicators, definition.denominator.as_ref());
                table.figure(&format!("{key}/{year}/{code}"), whole, Unit::Count, below)
            }
            None => CellView::Blank,
        };
        let value = match (denominator, result.of_school(year, code, table.sources)) {
            (Some(_), Ok(Some(value))) => {
                table.value(&format!("{id}/{code}/share"), &value, definition, Counted::Others)
            }
            _ => CellView::Blank,
        };
        numerators.push(part.id());
        denominators.push(whole.id());
        relate_share(table, &value, [&part, &whole]);
        if !is_weighted {
            relate_part(table, &part, &whole);
        }
        if is_weighted {
            // A sum of weights tells how many stand behind it.
            relate_share(table, &part, [&whole, &CellView::Blank]);
        }
        let name = table.school(code);
        let cells = [CellView::text(&code.0), CellView::text(&name), part, whole, value];
        table.quotient_row(head.iter().cloned().chain(cells).collect(), definition.factor());
    }
    let part = table.figure(&format!("{id}/numerator"), &evaluation.numerator, Unit::Count, above);
    table.relate(Relation::Sum { total: part.id(), parts: numerators });
    let whole = match &evaluation.denominator {
        Some(whole) => {
            let whole = table.figure(&format!("{id}/denominator"), whole, Unit::Count, below);
            table.relate(Relation::Sum { total: whole.id(), parts: denominators });
            whole
        }
        None => CellView::Blank,
    };
    // A count is its numerator: said once.
    let value = match &evaluation.figure {
        Some(figure) if evaluation.denominator.is_some() => CellView::Figure(figure.clone(), Counted::Others),
        _ => CellView::Blank,
    };
    relate_share(table, &value, [&part, &whole]);
    if !is_weighted {
        relate_part(table, &part, &whole);
    }
    let cells: Vec<CellView> = [CellView::Blank, municipality, part, whole, value].into();
    let cells = head.iter().cloned().chain(cells).collect();
    // Counts that are there for a value that is not: a formula over them would give one.
    let is_withheld = evaluation.figure.is_none() && evaluation.absence != Some(Absence::NoDenominator);
    if is_withheld {
        table.row(cells);
    } else {
        table.quotient_row(cells, definition.factor());
    }
}

/// Names a quantity by the first indicator that counts it.
fn first_use(indicators: &[IndicatorResult], quantity: Option<&Quantity>) -> String {
    let uses = |result: &&IndicatorResult| result.definition.numerator.as_ref() == quantity;
    if let Some(first) = indicators.iter().find(uses) {
        return format!("{}-part", first.definition.code);
    }
    let first = indicators.iter().find(|result| result.definition.denominator.as_ref() == quantity);
    first.map_or_else(String::new, |first| format!("{}-whole", first.definition.code))
}

/// Declares a part of a whole: what it lacks of the whole counts persons, too.
fn relate_part(table: &mut Table<'_, '_>, part: &CellView, whole: &CellView) {
    if let (CellView::Figure(part, of), CellView::Figure(whole, of_whole)) = (part, whole)
        && of == of_whole
        && *of != Counted::Others
    {
        table.relate(Relation::Part { part: part.id.clone(), whole: whole.id.clone() });
    }
}

fn relate_share(table: &mut Table<'_, '_>, value: &CellView, from: [&CellView; 2]) {
    if let CellView::Figure(value, _) = value {
        let from = from.into_iter().map(CellView::id).filter(|id| !id.is_empty()).collect();
        table.relate(Relation::Derived { value: value.id.clone(), from });
    }
}

/// Whom a quantity counts. What schools report in numbers is taken for numbers of pupils: most of it is, and what is not
/// loses nothing by being hidden when it is small.
fn counted(quantity: &Quantity) -> Counted {
    match quantity {
        Quantity::Sum { .. } => Counted::Pupils,
        Quantity::Teachers { .. } => Counted::Teachers,
        Quantity::Schools { .. } | Quantity::Records { .. } => Counted::Others,
    }
}
