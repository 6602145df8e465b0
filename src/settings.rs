//! `svod.toml` of a municipality: documents, layout, rounding, method and output names.
//! In: the text of the file. Out: checked settings. Unknown keys are errors.
//! It must never know the data of the workbooks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::disclosure::Rules;
use crate::figure::RoundingRules;
use crate::ru::Date;

/// The settings file of a municipality's folder.
pub const FILE: &str = "svod.toml";

/// Settings of a municipality.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Format of the file; 1.
    pub schema: u32,
    /// Name of the municipality for messages and PDF metadata.
    pub name: String,
    /// Documents and bundles to make; none where only forms go out, as those of a region.
    #[serde(default)]
    pub documents: Vec<DocumentChoice>,
    /// Forms to make.
    #[serde(default)]
    pub forms: Vec<FormChoice>,
    /// Forms that go out and come back: files of `templates/blanks`.
    #[serde(default = "monitoring")]
    pub blanks: Vec<String>,
    /// Methods by which groups of schools are found: files of `templates/methods`, one or several.
    #[serde(deserialize_with = "one_or_many")]
    pub method: Vec<String>,
    /// Catalogues of indicators: files of `templates/indicators`, one or several.
    #[serde(deserialize_with = "one_or_many")]
    pub indicators: Vec<String>,
    /// Rules of causes, recommendations and decisions: a file of `templates/advice`.
    #[serde(default = "common")]
    pub advice: String,
    /// Layout.
    #[serde(default)]
    pub layout: Layout,
    /// The letterhead of orders, letters and school papers.
    #[serde(default)]
    pub letterhead: Letterhead,
    /// What all papers have in common.
    #[serde(default)]
    pub papers: Papers,
    /// Rounding.
    #[serde(default)]
    pub rounding: RoundingRules,
    /// When values over years are a trend.
    #[serde(default)]
    pub trend: TrendRule,
    /// Which organizations are left out of the number of schools.
    #[serde(default)]
    pub denominator: Denominator,
    /// The public edition: whether it is made, and what is small.
    #[serde(default)]
    pub disclosure: Rules,
    /// The day for which plan and fact are held against each other («31.12.2022»); else the last of the reported year.
    #[serde(default)]
    pub as_of: Option<String>,
    /// The day from which the roadmap is in force: terms that ended before it are not asked for.
    #[serde(default)]
    pub roadmap_since: Option<String>,
    /// Marks the documents as drafts («ПРОЕКТ»).
    #[serde(default)]
    pub draft: bool,
}

/// When a run of values is a trend.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TrendRule {
    /// Fewest years, the reported one included.
    pub years: usize,
    /// Each change must be greater than this, in the unit of the value (percentage points for shares).
    pub points: String,
}

impl Default for TrendRule {
    fn default() -> Self {
        Self { years: 3, points: "0".to_owned() }
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// A document or bundle and the name of its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentChoice {
    /// A kind of `templates/documents` or a bundle of `bundles.toml`.
    pub kind: String,
    /// Nothing is said where there is nothing to make it for: no school in its groups, no row of its register.
    #[serde(default, rename = "may-be-absent")]
    pub may_be_absent: bool,
    /// Name of the PDF, without extension; may stand in folders («Приказы/Приказ»). [`crate::ru::NAME_MARK`] stands for the school
    /// or the row for which the document is made.
    pub file: String,
}

/// A form and the name of its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormChoice {
    /// A file of `templates/forms`.
    pub kind: String,
    /// Name of the workbook, without extension.
    pub file: String,
}

/// Which organizations are left out of the number of schools, of which shares are taken.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denominator {
    /// Types of the register («филиал»), and how they are called behind «без» («филиалов»).
    #[serde(default)]
    pub without: BTreeMap<String, String>,
}

/// Layout settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layout {
    /// A file of `templates/layout`; else chosen by the date of the document, else the current one.
    pub profile: Option<String>,
    /// Date of the documents («28.07.2021»), which decides the edition of the standard.
    pub document_date: Option<String>,
}

/// The letterheads: how their requisites stand, and the coat of arms over them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Letterhead {
    /// Of orders and of all else on the authority's letterhead.
    pub orders: LetterheadForm,
    /// Of letters; as orders where nothing is said.
    pub letters: Option<LetterheadForm>,
    /// Of the papers of schools.
    pub schools: LetterheadForm,
    /// The coat of arms: a PNG or SVG file below the municipality's folder.
    pub emblem: Option<String>,
    /// What it shows, for those who cannot see it.
    pub emblem_text: Option<String>,
    /// Line of `emblem` in the settings.
    #[serde(skip)]
    pub emblem_line: usize,
}

/// How the requisites of a letterhead stand (ГОСТ Р 7.0.97).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterheadForm {
    /// In the middle, over the width of the page.
    #[default]
    Longitudinal,
    /// In the upper left corner.
    Angular,
}

/// The line on which the coat of arms is named.
fn emblem_line(source: &str) -> Option<usize> {
    #[derive(Deserialize)]
    struct Lines {
        letterhead: Keys,
    }
    #[derive(Deserialize)]
    struct Keys {
        emblem: toml::Spanned<toml::Value>,
    }
    let lines: Lines = toml::from_str(source).ok()?;
    let (before, _) = source.split_at_checked(lines.letterhead.emblem.span().start)?;
    Some(before.matches('\n').count() + 1)
}

/// The forms that a municipality sends out that names none.
fn monitoring() -> Vec<String> {
    vec!["monitoring".to_owned()]
}

/// What all papers have in common.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Papers {
    /// How people learn of an order; each kind has a way of its own where nothing is said.
    pub readers: Option<Readers>,
    /// To whom orders are sent; may hold references as section texts do. The term `distribution` where nothing is said.
    #[serde(default)]
    pub distribution: Option<String>,
    /// Bodies that schools have, of those that their papers name; all of them where nothing is said.
    #[serde(default)]
    pub bodies: Option<Vec<String>>,
    /// Whether the first sheet bears a QR code (requisite 31) with a hash of the content.
    #[serde(default)]
    pub qr: bool,
}

/// How people learn of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readers {
    /// They sign that they have read it.
    Acquaintance,
    /// It is sent to them.
    Distribution,
}

/// The rules that a municipality has that names none.
fn common() -> String {
    "common".to_owned()
}

impl Settings {
    /// Reads the file.
    pub fn parse(file: &str, source: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut settings: Self = match toml::from_str(source) {
            Ok(settings) => settings,
            Err(error) => {
                let reason = Reason::toml(&error, source);
                let place = Place::Line { file: file.to_owned(), line: reason.line.unwrap_or(1) };
                diagnostics.push(Diagnostic::error("bad-settings", place).because(reason));
                return None;
            }
        };
        settings.letterhead.emblem_line = emblem_line(source).unwrap_or(1);
        let mut is_sound = true;
        let mut bad = |key: &str, value: &str| {
            is_sound = false;
            let place = Place::Key { file: file.to_owned(), key: key.to_owned() };
            diagnostics.push(Diagnostic::error("bad-setting", place).with("value", value));
        };
        if settings.schema != 1 {
            bad("schema", &settings.schema.to_string());
        }
        if settings.method.is_empty() {
            bad("method", "");
        }
        if settings.indicators.is_empty() {
            bad("indicators", "");
        }
        if settings.trend.years < 2 {
            bad("trend.years", &settings.trend.years.to_string());
        }
        if crate::measure::Measure::parse_decimal(&settings.trend.points).is_none_or(|points| points.is_negative()) {
            bad("trend.points", &settings.trend.points);
        }
        if settings.rounding.share_digits > 4 {
            bad("rounding.share-digits", &settings.rounding.share_digits.to_string());
        }
        for (key, threshold) in
            [("threshold", settings.disclosure.threshold), ("teachers", settings.disclosure.teachers)]
        {
            if !(1..=1000).contains(&threshold) {
                bad(&format!("disclosure.{key}"), &threshold.to_string());
            }
        }
        if let Some(date) = &settings.layout.document_date
            && Date::parse(date).is_none()
        {
            bad("layout.document-date", date);
        }
        for (key, date) in [("as-of", &settings.as_of), ("roadmap-since", &settings.roadmap_since)] {
            if let Some(date) = date.as_ref().filter(|date| Date::parse(date).is_none()) {
                bad(key, date);
            }
        }
        for (kind, named) in &settings.denominator.without {
            if crate::ru::fold(kind).is_empty() || named.trim().is_empty() || named.chars().any(char::is_control) {
                bad(&format!("denominator.without.{kind}"), named);
            }
        }
        let mut names: Vec<String> = Vec::new();
        let documents = settings.documents.iter().map(|choice| (&choice.file, "pdf"));
        let forms = settings.forms.iter().map(|choice| (&choice.file, "xlsx"));
        for (index, (name, extension)) in documents.chain(forms).enumerate() {
            let folded = format!("{}.{extension}", name.to_lowercase());
            let is_part = |part: &str| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && !part.ends_with('.')
                    && part.trim() == part
                    && !part.chars().any(|c| c.is_control() || r#"\:*?"<>|"#.contains(c))
            };
            let plain = name.chars().count() <= 100 && name.split('/').all(is_part);
            if !plain || names.contains(&folded) {
                bad(&format!("file {}", index + 1), name);
            }
            names.push(folded);
        }
        // A refused setting is not used: the package would not be what was asked for.
        is_sound.then_some(settings)
    }

    /// Returns the day for which plan and fact are held against each other.
    pub fn as_of(&self, reported: i32) -> Option<Date> {
        self.as_of.as_deref().and_then(Date::parse).or_else(|| Date::new(reported, 12, 31))
    }

    /// Returns the layout profile: explicit, else by document date, else the current standard.
    ///
    /// ГОСТ Р 7.0.97-2025 replaced the 2016 edition on 18 August 2025.
    pub fn profile(&self) -> &str {
        if let Some(profile) = &self.layout.profile {
            return profile;
        }
        let date = self.layout.document_date.as_deref().and_then(Date::parse);
        match (date, Date::new(2025, 8, 18)) {
            (Some(date), Some(change)) if date < change => "gost-2016",
            _ => "gost-2025",
        }
    }
}
