//! Protocol dumps of ВПР as regions keep them: 2020, 2021, and «Протокол» with «Классы» of 2022.
//! In: a row a pupil with raw scores. Out: counts of marks by school, through the scale of the work.
//! It must never know a pupil: the journal mark, the sex and the code are not carried on.
//!
//! Headers were seen in real dumps, and so were the dirty values: absence in the column of the variant, X for a task
//! not begun, «не пройд.» for a topic not taught, scores above the greatest, classes in eighty spellings.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::provenance::Area;
use crate::workbook::{Line, Sheet};

use super::grid::{self, Header, key};
use super::places;
use super::rows::{Got, Pupils, SchoolCell, Virtual, Work};
use super::scales::Scale;
use super::title::{self, Title};
use super::{Reading, scores};

/// The headers of a dump.
struct Dump {
    login: &'static str,
    name: &'static str,
    pupil: &'static str,
    class: &'static str,
    variants: &'static [&'static str],
    total: &'static str,
    loaded: &'static str,
    task: fn(&str) -> Option<Task>,
    /// The works were written in autumn by the programme of the grade before.
    is_autumn: bool,
}

/// What the header of a task tells.
#[derive(Clone, Copy)]
struct Task {
    most: Option<u32>,
}

const DUMPS: [Dump; 3] = [
    Dump {
        login: "user",
        name: "",
        pupil: "code",
        class: "klass",
        variants: &["var-1", "var-2"],
        total: "sum",
        loaded: "",
        task: |key| (key.starts_with("a ") && key.ends_with(" grade")).then_some(Task { most: None }),
        is_autumn: true,
    },
    Dump {
        login: "логин школы",
        name: "",
        pupil: "код обучающегося",
        class: "класс",
        variants: &["вариант"],
        total: "всего баллов",
        loaded: "",
        task: |key| key.starts_with("балл за ").then_some(Task { most: None }),
        is_autumn: false,
    },
    Dump {
        login: "Пользователь",
        name: "Школа",
        pupil: "Код",
        class: "Наименование класса",
        variants: &["Вариант"],
        total: "Итого баллов",
        loaded: "Дата загрузки",
        task: |key| {
            let most = key.rsplit(' ').next()?.strip_suffix('б')?.parse().ok()?;
            key.starts_with(|c: char| c.is_ascii_digit()).then_some(Task { most: Some(most) })
        },
        is_autumn: false,
    },
];

/// The columns of a dump on a sheet.
struct Columns {
    login: u16,
    name: Option<u16>,
    pupil: Option<u16>,
    class: Option<u16>,
    variants: Vec<u16>,
    total: u16,
    loaded: Option<u16>,
    tasks: Vec<(u16, Task)>,
}

impl Columns {
    fn of(dump: &Dump, header: &Header) -> Option<Self> {
        let find = |name: &str| (!name.is_empty()).then(|| header.find(&[name])).flatten();
        let task = |(column, key): (&u16, &String)| Some((*column, (dump.task)(key)?));
        Some(Self {
            login: find(dump.login)?,
            total: find(dump.total)?,
            name: find(dump.name),
            pupil: find(dump.pupil),
            class: find(dump.class),
            variants: dump.variants.iter().filter_map(|name| find(name)).collect(),
            loaded: find(dump.loaded),
            tasks: header.keys.iter().filter_map(task).collect(),
        })
    }
}

type Cells = Line;

/// Recognises «Классы» of 2022: names of classes and textbooks, no results.
pub(super) fn classes(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let is_classes = |header: &&Header| {
        header.has(&["Пользователь", "Школа"]) && header.find_prefix("Буква (цифра) класса").is_some()
    };
    headers.iter().find(is_classes)?;
    let finding = Diagnostic::note("export-not-used", reading.here()).with("layout", "Классы");
    reading.say(finding);
    Some(reading.nothing())
}

/// Reads a dump of any year.
pub(super) fn read(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let (dump, header, columns) = DUMPS
        .iter()
        .find_map(|dump| headers.iter().find_map(|header| Some((dump, header, Columns::of(dump, header)?))))?;
    let title = title::read(reading, header.row);
    let (work, programme) = work(reading, dump, header, &columns, &title);
    reading.say_missing(&work);
    let facts = work.discipline.as_ref().zip(programme).zip(work.year);
    let scale =
        facts.as_ref().and_then(|((discipline, grade), year)| reading.scales.scale(&discipline.0, *grade, year.0));
    if let (None, Some(((discipline, grade), year))) = (scale, facts) {
        scores::say_no_scale(reading, &discipline.0, grade, year.0);
    }
    let mosts: Option<Vec<u32>> = columns.tasks.iter().map(|(_, task)| task.most).collect();
    let most = mosts
        .filter(|mosts| !mosts.is_empty())
        .map(|mosts| mosts.iter().fold(0_u32, |sum, most| sum.saturating_add(*most)));
    let mut pupils = Pupils::default();
    for (row, cells) in reading.sheet.rows.range(header.row + 1..) {
        let (id, inner) = places::split(&grid::word(cells, Some(columns.login)));
        let got = got(reading, (*row, cells), &columns, scale, most);
        if !places::is_identifier(&id) {
            if got.is_some() {
                let finding = Diagnostic::error("export-no-school", reading.at(*row, columns.login));
                reading.say(finding);
            }
            continue;
        }
        let label = grid::word(cells, columns.name);
        let id_area = Area::cell(*row, columns.login);
        let name_area = columns.name.map_or(id_area, |column| Area::cell(*row, column));
        let name = if label.is_empty() { inner } else { label };
        pupils.add(*row, SchoolCell { id, name, id_area, name_area }, got);
    }
    let mut target = Virtual::new("results", &reading.sheet.name);
    pupils.write(&mut target, &work, columns.total);
    Some(target.finish())
}

/// Reads what a pupil got; `None` for one who did not take part.
fn got(
    reading: &mut Reading<'_>,
    (row, cells): (u32, &Cells),
    columns: &Columns,
    scale: Option<&Scale>,
    most: Option<u32>,
) -> Option<Got> {
    let words: Vec<String> = columns.variants.iter().map(|column| key(&grid::word(cells, Some(*column)))).collect();
    if words.iter().any(|word| word.starts_with("отсутств")) {
        return None;
    }
    let is_zero = !words.is_empty() && words.iter().all(|word| word == "0" || word.is_empty());
    // Scores of the tasks: their sum, what stands above the greatest, whether all could be read.
    let (mut sum, mut excess, mut is_filled, mut is_read) = (0_u32, 0_u32, false, true);
    for (column, task) in &columns.tasks {
        let Some(value) = cells.get(column) else { continue };
        let points = grid::whole(value);
        let word = if points.is_none() { grid::text(value).map(|text| key(&text)) } else { None }.unwrap_or_default();
        match points {
            Some(points) => {
                is_filled = true;
                sum = sum.saturating_add(points);
                if let Some(most) = task.most.filter(|most| points > *most) {
                    excess = excess.saturating_add(points);
                    let finding = Diagnostic::warning("export-score-out-of-range", reading.at(row, *column))
                        .with("found", points.to_string())
                        .with("most", most.to_string());
                    reading.say(finding);
                }
            }
            // A task that was not begun is worth nothing; one whose topic was not taught does not count.
            None if word == "х" => is_filled = true,
            None if word.starts_with("не пройд") => is_filled = true,
            None => {
                is_read = false;
                let finding = Diagnostic::warning("export-value-not-read", reading.at(row, *column));
                reading.say(finding);
            }
        }
    }
    let value = cells.get(&columns.total);
    let stated = value.and_then(grid::whole);
    let total = match (value, stated) {
        _ if is_zero && !is_filled => return None,
        (Some(value), None) => {
            let word = grid::text(value).map(|text| key(&text)).unwrap_or_default();
            if word.starts_with("отсутств") {
                return None;
            }
            let finding = Diagnostic::error("export-value-not-read", reading.at(row, columns.total));
            reading.say(finding);
            return Some(Got::Unknown);
        }
        (_, Some(total)) => total,
        (None, None) if is_filled && is_read => sum,
        (None, None) if is_filled => return Some(Got::Unknown),
        (None, None) => return None,
    };
    if is_filled && is_read && stated.is_some_and(|total| total != sum) {
        let finding = Diagnostic::warning("export-sum-differs", reading.at(row, columns.total))
            .with("found", total.to_string())
            .with("sum", sum.to_string());
        reading.say(finding);
    }
    let Some(scale) = scale else { return Some(Got::Unknown) };
    let mark = scale.mark(total).filter(|_| most.is_none_or(|most| total <= most));
    // A score above the greatest of its task leaves the mark certain only when the mark is the same without it.
    let least = scale.mark(total.saturating_sub(excess));
    if mark.is_some() && mark == least {
        return mark.map(Got::Mark);
    }
    if mark.is_none() {
        let finding = Diagnostic::error("export-score-out-of-range", reading.at(row, columns.total))
            .with("found", total.to_string())
            .with("most", most.or(scale.most()).unwrap_or_default().to_string());
        reading.say(finding);
    }
    Some(Got::Unknown)
}

/// Settles what the work is: the grade of its writers stands in the results, the grade of its programme has the scale.
fn work(
    reading: &mut Reading<'_>,
    dump: &Dump,
    header: &Header,
    columns: &Columns,
    title: &Title,
) -> (Work, Option<u8>) {
    let mut work = Work::of(title, title.exam.unwrap_or("vpr"));
    if let (None, Some(column)) = (&work.year, columns.loaded) {
        let mut rows = reading.sheet.rows.range(header.row + 1..);
        let loaded = |(row, cells): (&u32, &Cells)| {
            let text = grid::word(cells, Some(column));
            let date = text.split(' ').next().and_then(title::year)?;
            Some((date, Some(Area::cell(*row, column))))
        };
        work.year = rows.find_map(loaded);
    }
    let writers = writers(reading.sheet, header.row, columns);
    let stated = title.grade.as_ref().map(|fact| fact.value);
    let before = |grade: u8| writers.is_some_and(|(writers, _)| writers == grade + 1);
    let programme = match (stated, title.folder_grade, writers) {
        (Some(grade), _, _) if before(grade) => Some(grade),
        (_, Some(grade), _) if before(grade) && (dump.is_autumn || stated.is_none()) => Some(grade),
        (_, _, Some((grade, _))) if dump.is_autumn => Some(grade - 1),
        (Some(grade), Some(folder), None) if dump.is_autumn && grade == folder + 1 => Some(folder),
        // A dump of autumn that does not tell who wrote it.
        _ if dump.is_autumn => None,
        (Some(grade), _, Some((found, area))) if grade != found => {
            let finding = Diagnostic::warning("export-grades-differ", reading.at(area.rows.0, area.columns.0))
                .with("stated", grade.to_string())
                .with("found", found.to_string());
            reading.say(finding);
            Some(grade)
        }
        (stated, folder, writers) => stated.or(writers.map(|(grade, _)| grade)).or(folder),
    };
    let is_moved = programme.is_some_and(before) || (dump.is_autumn && programme.is_some());
    if let (Some(programme), true) = (programme, is_moved) {
        let grade = programme + 1;
        let area = writers.map(|(_, area)| area);
        work.grade = Some((grade, area.or(title.grade.as_ref().and_then(|fact| fact.area))));
        let finding = Diagnostic::note("export-autumn-work", reading.here())
            .with("programme", programme.to_string())
            .with("grade", grade.to_string());
        reading.say(finding);
    } else {
        let area = title.grade.as_ref().map_or(writers.map(|(_, area)| area), |fact| fact.area);
        work.grade = programme.map(|grade| (grade, area));
    }
    (work, programme)
}

/// Finds the grade of nearly all pupils, by the first digits of their codes or by their classes, and where it stands.
fn writers(sheet: &Sheet, header_row: u32, columns: &Columns) -> Option<(u8, Area)> {
    let mut found: BTreeMap<u8, (usize, Area)> = BTreeMap::new();
    let mut rows = 0_usize;
    for (row, cells) in sheet.rows.range(header_row + 1..) {
        rows += 1;
        let code = columns.pupil.and_then(|column| Some((column, grade_of_code(&grid::word(cells, Some(column)))?)));
        let class = || columns.class.and_then(|column| Some((column, title::grade_of_class(cells.get(&column)?)?)));
        if let Some((column, grade)) = code.or_else(class) {
            found.entry(grade).or_insert((0, Area::cell(*row, column))).0 += 1;
        }
    }
    let all: usize = found.values().map(|(count, _)| count).sum();
    let (grade, (count, area)) = found.into_iter().max_by_key(|(_, (count, _))| *count)?;
    // Single classes are misspelled; a tenth of them is another matter. A few classes tell nothing of the others.
    (count * 10 >= all * 9 && count * 2 >= rows).then_some((grade, area))
}

/// Reads the grade off a pupil's code of five digits: 50012 is of grade 5.
fn grade_of_code(code: &str) -> Option<u8> {
    let is_code = code.len() == 5 && code.chars().all(|c| c.is_ascii_digit());
    let first = code.chars().next()?.to_digit(10).and_then(|digit| u8::try_from(digit).ok())?;
    (is_code && (4..=8).contains(&first)).then_some(first)
}
