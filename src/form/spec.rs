//! The texts of a form: `templates/forms/*.toml`, closed keys.
//! In: the text of the file and a view. Out: checked texts with their references filled.
//! It must never know cells, formats or formulas.

use serde::{Deserialize, Serialize};

use super::{CoverageView, FormError, MonitoringView};
use crate::diag::Reason;
use crate::figure::{RoundingMode, Unit};

/// The texts of a monitoring return.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSpec {
    /// Its id: the name of the file.
    pub id: String,
    /// Its name for lists and messages.
    pub name: String,
    /// Title of the summary and of the workbook.
    pub title: String,
    /// Subject in the properties of the workbook.
    pub subject: String,
    /// Page numbers at the foot of a page.
    pub page: String,
    /// Names of sheets.
    pub sheets: SheetNames,
    /// Words that stand in cells.
    pub words: Words,
    /// Lines under the title.
    pub labels: Labels,
    /// Texts of the summary.
    pub summary: Summary,
    /// Texts of the sheet of schools.
    pub schools: Schools,
    /// Texts of the signature.
    pub signature: Signature,
    /// Messages of the cells that a person fills in.
    pub validation: Validation,
    /// Texts of the instruction.
    pub instruction: Instruction,
}

texts! {
    /// Names of sheets.
    SheetNames {
        /// The municipality's summary.
        summary: String,
        /// The contributions of schools.
        schools: String,
        /// The instruction.
        instruction: String,
    }
}

texts! {
    /// Words that stand in cells.
    Words {
        /// A fact holds.
        yes: String,
        /// A fact does not hold.
        no: String,
        /// There is nothing to divide by or to compare with.
        undefined: String,
        /// The cell is not filled in by the rules of the form.
        not_applicable: String,
        /// A draft lacks the value.
        gap: String,
        /// More is better.
        up: String,
        /// Less is better.
        down: String,
        /// By digits after the comma.
        precision: Vec<String>,
    }
}

texts! {
    /// Lines under the title.
    Labels {
        /// The municipality.
        municipality: String,
        /// Who submits.
        authority: String,
        /// The years.
        period: String,
    }
}

texts! {
    /// Texts of the summary.
    Summary {
        /// Heading.
        number: String,
        /// Heading.
        indicator: String,
        /// Heading.
        unit: String,
        /// Heading over three columns.
        year: String,
        /// Heading.
        numerator: String,
        /// Heading.
        denominator: String,
        /// Heading.
        value: String,
        /// Heading.
        change: String,
        /// Heading.
        direction: String,
        /// Heading.
        target: String,
        /// Heading.
        note: String,
        /// Heading.
        confirmed: String,
        /// Heading.
        comment: String,
        /// Said beside an indicator when schools have no data with leave, once a year.
        coverage: String,
        /// What is left out of the number of schools.
        left_out: String,
        /// Title of the notes.
        notes_title: String,
        /// The notes.
        notes: Vec<String>,
        /// The note on rounding, by mode.
        rounding: RoundingNotes,
        /// Title of the list of gaps.
        gaps_title: String,
    }
}

texts! {
    /// The note on rounding.
    RoundingNotes {
        /// When halves go up.
        half_up: String,
        /// When digits are cut off.
        cut_off: String,
    }
}

texts! {
    /// Texts of the sheet of schools.
    Schools {
        /// Title.
        title: String,
        /// Heading.
        code: String,
        /// Heading.
        name: String,
        /// Label of the last row.
        total: String,
        /// Heading over the columns of a year.
        year: String,
        /// Heading of a fact.
        yes_no: String,
        /// Heading of a number.
        count: String,
        /// Heading of n in «n of m».
        part: String,
        /// Heading of m in «n of m».
        whole: String,
        /// Heading in growth.
        before_below: String,
        /// Heading in growth.
        before_participants: String,
        /// Heading in growth.
        below: String,
        /// Heading in growth.
        participants: String,
        /// Heading of the verdict of growth.
        grows: String,
    }
}

texts! {
    /// Texts of the signature.
    Signature {
        /// Label where no post is known.
        signer: String,
        /// Under the line.
        sign: String,
        /// Under the name.
        name: String,
        /// Label.
        executor: String,
        /// Label.
        phone: String,
        /// Label of the date.
        date: String,
    }
}

texts! {
    /// Messages of the cells that a person fills in.
    Validation {
        /// Title.
        confirmed_title: String,
        /// Prompt.
        confirmed_prompt: String,
        /// Refusal.
        confirmed_error: String,
        /// Title.
        comment_title: String,
        /// Prompt.
        comment_prompt: String,
        /// Refusal.
        comment_error: String,
    }
}

texts! {
    /// Texts of the instruction.
    Instruction {
        /// Title.
        title: String,
        /// Numbered lines.
        lines: Vec<String>,
    }
}

/// References that every text may hold.
const REFERENCES: [&str; 6] =
    ["municipality", "authority", "year", "previous-year", "share-precision", "index-precision"];

impl FormSpec {
    /// Reads a form.
    ///
    /// # Errors
    /// Gives the parser's message, or the key whose text cannot stand where it is to stand.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let table: toml::Value = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        let known = |path: &str, name: &str| {
            REFERENCES.contains(&name)
                || (path == "page" && ["page", "pages"].contains(&name))
                || (path.starts_with("schools.") && name == "before")
                || (path == "summary.coverage" && ["known", "total", "without"].contains(&name))
                || (path == "summary.left-out" && name == "without")
        };
        walk(&table, "", &known)?;
        let spec: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        check_sheet_names(&[&spec.sheets.summary, &spec.sheets.schools, &spec.sheets.instruction])?;
        spec.check_words()?;
        Ok(spec)
    }

    /// The words are criteria and results of formulas: none may be read as a number, a pattern or an error.
    fn check_words(&self) -> Result<(), Reason> {
        let Words { yes, no, undefined, not_applicable, gap, .. } = &self.words;
        let words = [yes, no, undefined, not_applicable, gap];
        for (index, word) in words.iter().enumerate() {
            let bad = word.trim() != word.as_str()
                || word.is_empty()
                || word.contains(['*', '?', '~', '<', '>', '=', '"', ',', '#', '{', '}'])
                || word.starts_with(['+', '-', '@'])
                || word.chars().any(|c| c.is_ascii_digit())
                || word.parse::<f64>().is_ok()
                || ["true", "false"].contains(&word.to_lowercase().as_str())
                || words.iter().take(index).any(|other| other.to_lowercase() == word.to_lowercase());
            if bad {
                return Err(format!("words: {word:?}").into());
            }
        }
        Ok(())
    }
}

/// Refuses names that a sheet cannot have, and names of two sheets.
pub(super) fn check_sheet_names(names: &[&String]) -> Result<(), Reason> {
    for (index, name) in names.iter().enumerate() {
        let again = names.iter().take(index).any(|other| other.to_lowercase() == name.to_lowercase());
        let bad = name.trim().is_empty()
            || name.encode_utf16().count() > 31
            || name.contains(['[', ']', ':', '*', '?', '/', '\\', '\''])
            // Excel keeps this name for itself.
            || name.to_lowercase() == "history";
        if bad || again {
            return Err(format!("sheets: {name:?}").into());
        }
    }
    Ok(())
}

/// Refuses control characters in every text, and references that are not known: by path of the text and name.
pub(super) fn walk(value: &toml::Value, path: &str, known: &impl Fn(&str, &str) -> bool) -> Result<(), Reason> {
    match value {
        toml::Value::String(text) => {
            if text.chars().any(char::is_control) {
                return Err(format!("{path}: {text:?}").into());
            }
            for piece in text.split('{').skip(1) {
                let name = piece.split_once('}').map(|(name, _)| name);
                if !name.is_some_and(|name| known(path, name)) {
                    return Err(format!("{path}: {{{}", name.unwrap_or(piece)).into());
                }
            }
            Ok(())
        }
        toml::Value::Array(items) => items.iter().try_for_each(|item| walk(item, path, known)),
        toml::Value::Table(table) => table.iter().try_for_each(|(key, item)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            walk(item, &path, known)
        }),
        _ => Ok(()),
    }
}

/// The texts of a form with the values of a view for their references.
pub(super) struct Texts<'a> {
    /// The texts.
    pub spec: &'a FormSpec,
    values: Vec<(&'static str, String)>,
    mode: RoundingMode,
}

impl<'a> Texts<'a> {
    pub(super) fn new(spec: &'a FormSpec, view: &MonitoringView) -> Result<Self, FormError> {
        let precision = |unit| {
            let digits = view.rounding.of(unit).digits;
            spec.words.precision.get(usize::from(digits)).cloned().ok_or(FormError::Digits(digits))
        };
        let values = vec![
            ("municipality", view.municipality.clone()),
            ("authority", view.authority.clone()),
            ("year", view.year.to_string()),
            ("previous-year", view.previous_year.to_string()),
            ("share-precision", precision(Unit::Percent)?),
            ("index-precision", precision(Unit::Index)?),
        ];
        Ok(Self { spec, values, mode: view.rounding.mode })
    }

    /// Fills the references of a text; what a value holds is not read again.
    pub(super) fn fill(&self, text: &str) -> String {
        self.fill_with(text, &[])
    }

    /// Fills the references of a heading of a year.
    pub(super) fn of_year(&self, text: &str, year: i32) -> String {
        self.fill_with(text, &[("year", year.to_string()), ("before", (year - 1).to_string())])
    }

    /// Fills what is said of the schools on which a value stands.
    pub(super) fn of_coverage(&self, year: i32, coverage: &CoverageView) -> String {
        let values = [
            ("year", year.to_string()),
            ("known", coverage.known.text()),
            ("total", coverage.total.text()),
            ("without", coverage.without.clone()),
        ];
        self.fill_with(&self.spec.summary.coverage, &values)
    }

    /// Fills the line at the foot of a page with the codes of a spreadsheet.
    pub(super) fn page_line(&self) -> String {
        let text = self.spec.page.replace('&', "&&");
        self.fill_with(&text, &[("page", "&P".to_owned()), ("pages", "&N".to_owned())])
    }

    /// The note on the declared rounding.
    pub(super) fn rounding_note(&self) -> String {
        let notes = &self.spec.summary.rounding;
        self.fill(match self.mode {
            RoundingMode::HalfUp => &notes.half_up,
            RoundingMode::CutOff => &notes.cut_off,
        })
    }

    fn fill_with(&self, text: &str, first: &[(&'static str, String)]) -> String {
        let mut pieces = text.split('{');
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let Some((name, rest)) = piece.split_once('}') else {
                continue;
            };
            let value = first.iter().chain(&self.values).find(|(known, _)| *known == name);
            match value {
                Some((_, value)) => out.push_str(value),
                // Filled in by nobody: it must not vanish.
                None => out.push_str(&format!("{{{name}}}")),
            }
            out.push_str(rest);
        }
        out
    }
}
