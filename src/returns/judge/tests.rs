use super::*;

#[test]
fn values_are_read_as_a_person_means_them_and_no_further() {
    let column = |kind: Kind| Column {
        key: "value".to_owned(),
        heading: "Value".to_owned(),
        help: String::new(),
        kind,
        is_open: true,
        is_required: true,
        has_total: false,
        width: 10,
        lines: 1,
        most: None,
        is_apart: false,
        suggested: Vec::new(),
        difference: None,
        is_name: false,
    };
    let text = |text: &str| CellValue::Text(text.into());
    let number = |number: i64| Value::Number(Measure::from(number));
    let words = Words {
        words: [("yes", "да"), ("no", "нет")].map(|(key, word)| (key.to_owned(), word.to_owned())).into(),
        ..Words::default()
    };
    let read = |column: &Column, value: &CellValue| {
        let takes_share = column.kind == Kind::Percent;
        read(&Asked { column, takes_share, words: &words }, value)
    };
    let unfit = || Err(Refusal::Unfit(String::new()));
    let whole = column(Kind::Count);
    assert_eq!(read(&whole, &CellValue::Number(12.0)), Ok((number(12), false)));
    assert_eq!(read(&whole, &text(" 12 ")), Ok((number(12), true)));
    for wrong in
        [text("12 чел."), text("много"), CellValue::Number(1.5), CellValue::Number(-1.0), CellValue::Bool(true)]
    {
        assert_eq!(read(&whole, &wrong), unfit(), "{wrong:?}");
    }
    // Too great, and that is said; a formula that nobody reckoned is no number and no text.
    assert_eq!(read(&whole, &CellValue::Number(5_000_000.0)), Err(Refusal::Beyond(0, 1_000_000)));
    assert_eq!(read(&whole, &CellValue::Number(5_000_000.5)), unfit());
    let unreckoned = CellValue::Broken("formula-without-value".into());
    assert_eq!(read(&whole, &unreckoned), Err(Refusal::NoResult));
    assert_eq!(read(&column(Kind::Text), &unreckoned), Err(Refusal::NoResult));
    let percent = column(Kind::Percent);
    assert_eq!(read(&percent, &CellValue::Fraction(0.29)), Ok((number(29), true)));
    assert_eq!(read(&percent, &CellValue::Number(101.0)), unfit());
    assert_eq!(read(&column(Kind::Date), &text("05.11.2022")), Ok((Value::Date(2022, 11, 5), true)));
    assert_eq!(read(&column(Kind::Date), &CellValue::Number(44_000.0)), unfit());
    // The format of a cell that leaves open which number was meant: typed before it or after it.
    for kind in [Kind::Count, Kind::Amount, Kind::Flag, Kind::Number, Kind::Year] {
        let own = column(kind);
        assert_eq!(read(&own, &CellValue::Fraction(12.0)), Err(Refusal::Format("format-percent")));
        assert_eq!(read(&own, &CellValue::Fraction(0.12)), Err(Refusal::Format("format-percent")));
        assert_eq!(read(&own, &CellValue::Date(1900, 1, 12)), Err(Refusal::Format("format-date")));
    }
    let shares = Column { heading: "Доля, %".to_owned(), ..column(Kind::Number) };
    let asked = Asked { column: &shares, takes_share: true, words: &words };
    assert_eq!(super::read(&asked, &CellValue::Fraction(0.125)).map(|(_, is_odd)| is_odd), Ok(true));
    let codes = Column { suggested: ["П-001", "П-002", "rate"].map(str::to_owned).to_vec(), ..column(Kind::Text) };
    assert_eq!(read(&codes, &text("П-001")), Ok((Value::Text("П-001".to_owned()), false)));
    assert_eq!(read(&codes, &text(" п-002")), Ok((Value::Text("П-002".to_owned()), true)));
    // The letters «а» and «е» are Russian.
    assert_eq!(read(&codes, &text("Rаtе")), Ok((Value::Text("rate".to_owned()), true)));
    assert_eq!(read(&codes, &text("П-009")), Err(Refusal::Unknown("П-001, П-002, rate".to_owned())));
    let amount = column(Kind::Amount);
    assert_eq!(
        read(&amount, &CellValue::Number(2.5)),
        Ok((Value::Number(Measure::ratio(5, 2).expect("a ratio")), false))
    );
    assert_eq!(read(&amount, &text("3,5 %")), unfit(), "per cents are no scores");
    assert_eq!(read(&Column { most: Some(5), ..amount }, &CellValue::Number(5.5)), unfit());
    let flag = column(Kind::Flag);
    assert_eq!(read(&flag, &CellValue::Number(7.0)), unfit());
    assert_eq!(read(&flag, &text("Да")), Ok((number(1), true)));
    let choice = column(Kind::Choice(vec!["В работе".to_owned(), "Нет".to_owned()]));
    let word = Value::Text("В работе".to_owned());
    // Another case, and Latin letters that look Russian.
    assert_eq!(read(&choice, &text("в работе")), Ok((word.clone(), true)));
    assert_eq!(read(&choice, &text("B рaботe")), Ok((word, true)));
    assert_eq!(read(&choice, &text("почти")), Err(Refusal::Unfit("В работе; Нет".to_owned())));
}

fn ids(judged: &Judged) -> Vec<&str> {
    judged.findings.iter().map(|finding| finding.diagnostic.id.as_str()).collect()
}

/// A blank of one table: two rows that ask for a number, with a reason, and a check between them.
fn blank() -> Blank {
    let column = |key: &str, kind: Kind, is_open: bool| Column {
        key: key.to_owned(),
        heading: key.to_owned(),
        help: String::new(),
        kind,
        is_open,
        is_required: key == "value",
        has_total: false,
        width: 10,
        lines: 1,
        most: None,
        is_apart: false,
        suggested: Vec::new(),
        difference: None,
        is_name: false,
    };
    let row = |id: &str| Row {
        id: id.to_owned(),
        cells: vec![Content::Text(format!("row {id}")), Content::Blank, Content::Blank],
        bound: None,
        is_apart: false,
        without: Vec::new(),
    };
    let part = |row: &str| Part { table: None, row: Some(row.to_owned()), column: "value".to_owned() };
    let check = Check::AtMost { part: part("1"), whole: part("2"), message: "too many".to_owned() };
    Blank {
        form: "f".to_owned(),
        version: "v".to_owned(),
        municipality: "m".to_owned(),
        municipality_name: String::new(),
        period: "2022".to_owned(),
        respondent: crate::blank::Respondent { code: "s".to_owned(), name: "School".to_owned() },
        title: String::new(),
        approval: Vec::new(),
        lines: Vec::new(),
        instruction: Vec::new(),
        signatures: Vec::new(),
        contact: String::new(),
        sample_mark: None,
        due: None,
        tables: vec![Table {
            id: "t".to_owned(),
            sheet: "T".to_owned(),
            title: String::new(),
            note: String::new(),
            columns: vec![
                column("text", Kind::Text, false),
                column("value", Kind::Count, true),
                column(REASON, Kind::Text, true),
            ],
            rows: vec![row("1"), row("2")],
            is_open: false,
            checks: vec![check],
            chart: None,
            detail: None,
            is_internal: false,
            against: None,
        }],
    }
}

/// Id, value and reason of a row.
type Said<'a> = (Option<&'a str>, Option<f64>, Option<&'a str>);

/// A returned table.
fn returned(table: &str, columns: &[&str], rows: &[Said<'_>]) -> Returned {
    let blank = blank();
    let mut mark = blank.tables.first().map(|table| blank.mark(table)).expect("a table");
    mark.table = table.to_owned();
    let row = |(index, (id, value, reason)): (usize, &Said<'_>)| {
        let mut cells = BTreeMap::new();
        cells.extend(value.map(|value| ("value".to_owned(), CellValue::Number(value))));
        cells.extend(reason.map(|reason| (REASON.to_owned(), CellValue::Text(reason.into()))));
        cells.extend(columns.contains(&"old").then(|| ("old".to_owned(), CellValue::Number(1.0))));
        let row = u32::try_from(index).expect("few rows") + 5;
        ReturnedRow { id: id.map(str::to_owned), row, cells }
    };
    let columns = columns.iter().zip(1..).map(|(key, at)| ((*key).to_owned(), at)).collect();
    let rows = rows.iter().enumerate().map(row).collect();
    Returned { mark, sheet: "T".to_owned(), columns, rows, lines: Vec::new(), outside: Vec::new() }
}

#[test]
fn what_was_done_to_a_table_is_named() {
    let whole = ["text", "value", REASON];
    let good = [(Some("1"), Some(3.0), None), (Some("2"), Some(4.0), None)];
    let judged =
        |tables: &[Returned]| judge("a.xlsx", "", &tables.iter().collect::<Vec<_>>(), &blank(), &Words::default());
    let right = judged(&[returned("t", &whole, &good)]);
    assert_eq!((right.verdict(), ids(&right), right.filled), (Verdict::Accepted, Vec::new(), 2));
    let of = |rows: &[Said<'_>]| judged(&[returned("t", &whole, rows)]);
    let [one, two] = good;
    assert_eq!(ids(&of(&[one])), ["blank-row-lost"]);
    assert_eq!(ids(&of(&[one, one, two])), ["blank-row-twice"]);
    assert_eq!(ids(&of(&[one, (None, Some(9.0), None), two])), ["blank-row-added"]);
    assert_eq!(ids(&of(&[(Some("1"), Some(5.0), None), two])), ["blank-check-failed"]);
    let explained = of(&[(Some("1"), None, Some("not known yet")), two]);
    assert_eq!((explained.verdict(), ids(&explained)), (Verdict::Accepted, vec!["blank-value-explained"]));
    let empty = of(&[(Some("1"), None, None), (Some("2"), None, None)]);
    assert_eq!((empty.verdict(), ids(&empty)), (Verdict::Empty, vec!["blank-empty"]));
    let columns = judged(&[returned("t", &["text", "old", REASON], &good)]);
    assert!(
        ids(&columns).contains(&"blank-column-lost") && ids(&columns).contains(&"blank-old-column"),
        "{:?}",
        ids(&columns)
    );
    let twice = judged(&[returned("t", &whole, &good), returned("t", &whole, &good)]);
    assert_eq!(ids(&twice), ["blank-table-twice"]);
    let other = judged(&[returned("gone", &whole, &good)]);
    assert_eq!((other.verdict(), ids(&other)), (Verdict::Wrong, vec!["blank-old-table", "blank-table-lost"]));
    let lost = judged(&[returned("t", &["text", REASON], &[(Some("1"), None, None), (Some("2"), None, None)])]);
    assert_eq!((lost.verdict(), ids(&lost)), (Verdict::Wrong, vec!["blank-column-lost"]));
}

/// Id of a row, and its cells by column.
type Cells<'a> = (Option<&'a str>, &'a [(&'a str, CellValue)]);

/// A returned table of cells by row and column.
fn cells(rows: &[Cells<'_>]) -> Returned {
    let mut returned = returned("t", &["text", "value", REASON], &[]);
    let row = |(at, (id, cells)): (u32, &Cells<'_>)| ReturnedRow {
        id: id.map(str::to_owned),
        row: at,
        cells: cells.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
    };
    returned.rows = (5..).zip(rows).map(row).collect();
    returned
}

fn text(text: &str) -> CellValue {
    CellValue::Text(text.into())
}

#[test]
fn a_row_that_is_called_like_another_is_not_taken_for_either() {
    let value = |number: f64| ("value", CellValue::Number(number));
    let judged = |blank: &Blank, rows: &[Cells<'_>]| {
        let found = judge("a.xlsx", "", &[&cells(rows)], blank, &Words::default());
        found.findings.iter().map(|one| (one.diagnostic.id.clone(), one.at.clone())).collect::<Vec<_>>()
    };
    let at = |row: &str, column: &str| Some(("t".to_owned(), row.to_owned(), column.to_owned()));
    let own = blank();
    let swapped = judged(
        &own,
        &[(Some("1"), &[("text", text("row 2")), value(1.0)]), (Some("2"), &[("text", text("Row 1")), value(2.0)])],
    );
    let mistaken = |row: &str| ("blank-row-mistaken".to_owned(), at(row, ""));
    assert_eq!(swapped, [mistaken("1"), mistaken("2")]);
    // Another wording is no other row.
    let worded = judged(
        &own,
        &[(Some("1"), &[("text", text("row one")), value(1.0)]), (Some("2"), &[("text", text("row 2")), value(2.0)])],
    );
    assert_eq!(worded, [("blank-locked-changed".to_owned(), at("1", "text"))]);
}

#[test]
fn every_row_of_an_open_table_is_one_of_its_own() {
    let mut open = blank();
    for table in &mut open.tables {
        table.is_open = true;
        table.checks.clear();
        let column = table.columns.get_mut(1).expect("the value");
        column.most = Some(10);
    }
    let value = |number: f64| [("value", CellValue::Number(number))];
    let rows = [value(1.0), value(2.0), value(30.0)];
    let [one, two, three] = &rows;
    // A row was copied together with its hidden id.
    let returned = cells(&[(Some("1"), one), (Some("2"), two), (Some("2"), three), (None, two)]);
    let judged = judge("a.xlsx", "", &[&returned], &open, &Words::default());
    assert_eq!(ids(&judged), ["blank-value-wrong"]);
    // What cannot be is told apart: too great a number, and a formula that nobody reckoned.
    for column in open.tables.iter_mut().flat_map(|table| &mut table.columns) {
        column.most = None;
    }
    for (found, id) in [
        (CellValue::Number(5_000_000.0), "blank-value-beyond"),
        (CellValue::Broken("formula-without-value".into()), "blank-value-unreckoned"),
    ] {
        let row = [("value", found)];
        let returned = cells(&[(Some("1"), &row)]);
        assert_eq!(ids(&judge("a.xlsx", "", &[&returned], &open, &Words::default())), [id]);
    }
    let place = judged.findings.first().and_then(|one| one.at.clone());
    assert_eq!(place, Some(("t".to_owned(), "+7".to_owned(), "value".to_owned())));
    let (_, rows) = judged.tables.get("t").expect("the table");
    assert_eq!(rows.iter().map(|row| row.at.as_str()).collect::<Vec<_>>(), ["+5", "+6", "+7", "+8"]);
    assert_eq!(judged.filled, 4, "the wrong one is filled in as well");
}

#[test]
fn what_stands_outside_the_table_is_named_and_what_is_the_forms_own_is_not() {
    let mut own = blank();
    own.signatures = vec!["Head".to_owned()];
    own.contact = "Ask: 12-34".to_owned();
    let words = |key: &str| (key.to_owned(), key.to_owned());
    let words = Words { words: ["check", "total", "sign", "name"].map(words).into(), ..Words::default() };
    let outside = |cell: (u32, u16), value: CellValue, heading: Option<&str>, row: &[&str], above: &[&str]| Outside {
        cell,
        value,
        heading: heading.map(str::to_owned),
        row: row.iter().map(|text| (*text).to_owned()).collect(),
        above: above.iter().map(|text| (*text).to_owned()).collect(),
        column: (cell.1 == 2).then(|| "value".to_owned()),
    };
    let number = || CellValue::Number(5.0);
    let mut returned =
        returned("t", &["text", "value", REASON], &[(Some("1"), Some(1.0), None), (Some("2"), Some(2.0), None)]);
    returned.outside = vec![
        outside((5, 4), text("верно"), Some("Check"), &[], &[]),
        outside((5, 4), number(), Some("Check"), &[], &[]),
        outside((6, 4), CellValue::Number(0.0), Some("Check"), &[], &[]),
        outside((6, 5), CellValue::Number(0.0), Some("Other"), &[], &[]),
        outside((5, 5), number(), None, &[], &[]),
        outside((8, 1), text("total"), None, &["total"], &[]),
        outside((8, 2), number(), None, &["total"], &[]),
        outside((9, 1), text("Head"), None, &["Head", "I. I. Ivanov"], &["total"]),
        outside((9, 3), text("I. I. Ivanov"), None, &["Head", "I. I. Ivanov"], &["total"]),
        outside((10, 3), text("(sign, name)"), None, &[], &["Head"]),
        outside((11, 1), text("Ask: 12-34"), None, &[], &[]),
        outside((14, 2), number(), None, &["more"], &[]),
        outside((14, 1), text("more"), None, &["more"], &[]),
    ];
    let found = |own: &Blank| -> Vec<String> {
        let judged = judge("a.xlsx", "", &[&returned], own, &words);
        assert!(judged.findings.iter().all(|one| one.diagnostic.id == "blank-outside"));
        judged.findings.iter().map(|one| one.diagnostic.place.text()).collect()
    };
    let all = ["E6", "F7", "F6", "C9", "C15", "B15"].map(|cell| format!("a.xlsx › T!{cell}"));
    assert_eq!(found(&own), all, "the table has no sums");
    for column in own.tables.iter_mut().flat_map(|table| &mut table.columns) {
        column.has_total = column.key == "value";
    }
    assert_eq!(found(&own), ["E6", "F7", "F6", "C15", "B15"].map(|cell| format!("a.xlsx › T!{cell}")));
}

#[test]
fn single_rows_name_a_row_of_sums_and_no_school_twice() {
    let mut own = blank();
    let mut single = own.tables.first().cloned().expect("a table");
    single.id = "single".to_owned();
    single.is_open = true;
    single.checks.clear();
    for (column, key) in single.columns.iter_mut().zip(["school", "value", "code"]) {
        column.key = key.to_owned();
        column.is_open = true;
        column.is_required = false;
    }
    for table in &mut own.tables {
        table.checks.clear();
        let columns = vec!["value".to_owned()];
        table.detail = Some(crate::blank::Detail {
            table: "single".to_owned(),
            key: "code".to_owned(),
            school: "school".to_owned(),
            columns,
        });
        // Ids that are words.
        for (row, id) in table.rows.iter_mut().zip(["rate", "count"]) {
            row.id = id.to_owned();
        }
    }
    own.tables.push(single);
    let sums =
        returned("t", &["text", "value", REASON], &[(Some("rate"), Some(3.0), None), (Some("count"), Some(5.0), None)]);
    let judged = |rows: &[(&str, &str, f64)]| {
        let row = |(at, (school, code, value)): (u32, &(&str, &str, f64))| ReturnedRow {
            id: None,
            row: at,
            cells: BTreeMap::from([
                ("school".to_owned(), text(school)),
                ("code".to_owned(), text(code)),
                ("value".to_owned(), CellValue::Number(*value)),
            ]),
        };
        let mut single = returned("single", &["school", "value", "code"], &[]);
        single.rows = (5..).zip(rows).map(row).collect();
        judge("a.xlsx", "", &[&sums, &single], &own, &Words::default())
    };
    // Another case and a Russian letter are no other code: the sums hold, and the rows bear the code of the form.
    let right = judged(&[("s-1", "RATE", 1.0), ("S-2", "rаte", 2.0), ("s-2", "count", 5.0)]);
    assert_eq!(ids(&right), [] as [&str; 0]);
    let (_, rows) = right.tables.get("single").expect("the rows");
    let said = |key: &str| -> Vec<Option<&Value>> {
        rows.iter().map(|row| row.answers.get(key).map(|answer| &answer.value)).collect()
    };
    let is = |value: &str| Value::Text(value.to_owned());
    assert_eq!(said("code"), [Some(&is("rate")), Some(&is("rate")), Some(&is("count"))]);
    assert_eq!(said("school"), [Some(&is("s-1")), Some(&is("S-2")), Some(&is("S-2"))]);
    let twice = judged(&[("s-1", "rate", 1.0), ("S-1", "Rate", 2.0), ("s-1", "count", 5.0)]);
    assert_eq!(ids(&twice), ["blank-detail-twice"]);
    let unknown = judged(&[("s-1", "rate", 3.0), ("s-1", "count", 5.0), ("s-2", "other", 2.0)]);
    assert_eq!(ids(&unknown), ["blank-detail-unknown"]);
}
