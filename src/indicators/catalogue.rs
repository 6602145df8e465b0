//! Catalogues of indicators as data, read from `templates/indicators`, and what is refused before anything is computed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::quantity::{Condition, Quantity};
use crate::diag::{DiagId, Diagnostic, Diagnostics, Place, Reason};
use crate::figure::Unit;
use crate::groups::{Criterion, Methods};
use crate::measure::Measure;
use crate::model::{Dataset, Exam, Role, codes};
use crate::sheets::SHEETS;

/// A catalogue of indicators.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Groups in the order of printing.
    pub groups: Vec<IndicatorGroup>,
    /// Indicators in the order of printing within their groups.
    pub indicators: Vec<Definition>,
}

/// A group of indicators.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IndicatorGroup {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What others are computed from: not printed among the indicators.
    #[serde(default)]
    pub is_auxiliary: bool,
}

/// How an indicator is made of its quantities.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndicatorKind {
    /// Numerator of denominator.
    Share,
    /// A number of things.
    Count,
    /// Numerator by denominator, or a weighted mean of shares, by a scale of its own.
    Index,
    /// The change of another indicator over years.
    Dynamics,
    /// Yes or no for each school, folded into a share.
    Presence,
    /// Schools on one side of a threshold.
    Threshold,
    /// An indicator of strong schools less that of weak ones.
    Spread,
}

/// What the values of several respondents are brought together from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Made {
    /// Numerators and denominators: the quotient of their sums.
    Parts,
    /// A number that adds up.
    Number,
    /// A value that does not: an index, a change, a spread.
    Value,
}

impl Definition {
    /// What values of several municipalities are brought together from.
    pub fn made(&self) -> Made {
        match (self.kind, self.unit) {
            (IndicatorKind::Index | IndicatorKind::Dynamics | IndicatorKind::Spread, _) => Made::Value,
            (IndicatorKind::Count, _) => Made::Number,
            (IndicatorKind::Share, _) | (_, Unit::Percent) => Made::Parts,
            (IndicatorKind::Presence | IndicatorKind::Threshold, _) => Made::Number,
        }
    }
}

/// An indicator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Definition {
    /// The file that it stands in, as messages show it.
    #[serde(skip)]
    pub file: String,
    /// Its code.
    pub code: String,
    /// Its name as printed.
    pub name: String,
    /// Its name in the papers of one school, where the name speaks of groups of schools.
    #[serde(default)]
    pub school_name: Option<String>,
    /// The group it is printed in.
    pub group: String,
    /// How it is made.
    pub kind: IndicatorKind,
    /// Unit of the value.
    pub unit: Unit,
    /// The unit as printed.
    pub unit_name: String,
    /// Digits after the comma, where they differ from those of the unit.
    #[serde(default)]
    pub digits: Option<u8>,
    /// The desired direction.
    pub better: Direction,
    /// Over which schools it is counted.
    pub among: Among,
    /// The groups, for [`Among::Roles`].
    #[serde(default)]
    pub roles: Vec<Role>,
    /// What is counted.
    #[serde(default)]
    pub numerator: Option<Quantity>,
    /// Of what it is a part; a plain count has none.
    #[serde(default)]
    pub denominator: Option<Quantity>,
    /// What the quotient is multiplied by: 100 for per cents.
    #[serde(default = "hundred")]
    pub scale: String,
    /// Shares of which an index is the weighted mean.
    #[serde(default)]
    pub components: Vec<Component>,
    /// The index is the mean of the quotients of the method's single procedures.
    #[serde(default)]
    pub by_procedure: bool,
    /// How an index of components is brought together over schools.
    #[serde(default)]
    pub fold: Fold,
    /// The indicator whose change or spread it is.
    #[serde(default)]
    pub of: Option<String>,
    /// Years back, for dynamics.
    #[serde(default = "one")]
    pub back: i32,
    /// Where the data come from, in words.
    #[serde(default)]
    pub source: String,
    /// How it is computed, in words; printed on the form.
    pub note: String,
}

/// A share in an index.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// What it is, in words.
    pub name: String,
    /// Part.
    pub numerator: Quantity,
    /// Whole.
    pub denominator: Quantity,
    /// Its weight.
    #[serde(default = "weight")]
    pub weight: String,
    /// Whether a greater share makes the index greater.
    #[serde(default)]
    pub orientation: Orientation,
}

/// Which way a share counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// As it is.
    #[default]
    Plus,
    /// As what it lacks of the whole.
    Minus,
}

/// How an index of components is brought together over schools.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fold {
    /// Parts and wholes are added up over the schools first.
    #[default]
    Pooled,
    /// The mean of the schools' values.
    Mean,
}

/// The desired direction of an indicator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
}

/// Over which schools an indicator is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Among {
    /// Low-performing and disadvantaged schools of the year.
    Supported,
    /// Every school of the register that counts.
    Counted,
    /// Schools of any of the definition's groups.
    Roles,
    /// Schools that are in all of the definition's groups.
    AllRoles,
    /// The municipality as a whole: what does not belong to single schools.
    Municipality,
}

fn hundred() -> String {
    "100".to_owned()
}

fn weight() -> String {
    "1".to_owned()
}

fn one() -> i32 {
    1
}

impl Definition {
    /// Returns its name in the papers of one school.
    pub fn of_one_school(&self) -> &str {
        self.school_name.as_deref().unwrap_or(&self.name)
    }

    /// Iterates over every quantity that it stands on, components included.
    pub fn quantities(&self) -> impl Iterator<Item = &Quantity> {
        let own = self.numerator.iter().chain(&self.denominator);
        own.chain(self.components.iter().flat_map(|component| [&component.numerator, &component.denominator]))
    }

    /// Returns the codes of the indicators that it stands on.
    pub fn stands_on(&self) -> Vec<&str> {
        let of = self.of.iter().map(String::as_str);
        of.chain(self.quantities().flat_map(Quantity::indicators)).collect()
    }

    /// Tells whether it stands on lists of groups.
    pub(super) fn reads_groups(&self) -> bool {
        self.kind == IndicatorKind::Spread
            || !matches!(self.among, Among::Counted | Among::Municipality)
            || self.quantities().any(Quantity::reads_groups)
    }

    /// Names the key that does not fit the kind.
    fn misfit(&self) -> Option<&'static str> {
        let (has_numerator, has_denominator) = (self.numerator.is_some(), self.denominator.is_some());
        let is_share = self.unit == Unit::Percent;
        let is_change = matches!(self.unit, Unit::Points | Unit::IndexChange | Unit::CountChange);
        if self.school_name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return Some("school-name");
        }
        if self.back < 1 {
            return Some("back");
        }
        if Measure::parse_decimal(&self.scale).and_then(|scale| scale.to_integer()).is_none_or(|scale| scale < 1) {
            return Some("scale");
        }
        let wants_roles = matches!(self.among, Among::Roles | Among::AllRoles) || self.kind == IndicatorKind::Spread;
        if wants_roles == self.roles.is_empty() {
            return Some("roles");
        }
        if self.digits.is_some_and(|digits| digits > 4) {
            return Some("digits");
        }
        match self.kind {
            IndicatorKind::Share | IndicatorKind::Presence | IndicatorKind::Threshold if !is_share => {
                // A number of schools on one side of a threshold needs no whole.
                let is_count = self.kind == IndicatorKind::Threshold && self.unit == Unit::Count;
                (!is_count || has_denominator).then_some("unit")
            }
            IndicatorKind::Share | IndicatorKind::Presence | IndicatorKind::Threshold if !has_numerator => {
                Some("numerator")
            }
            IndicatorKind::Share | IndicatorKind::Presence | IndicatorKind::Threshold if !has_denominator => {
                Some("denominator")
            }
            IndicatorKind::Presence if !matches!(self.numerator, Some(Quantity::Schools { .. })) => Some("numerator"),
            IndicatorKind::Threshold if !self.has_level() => Some("numerator"),
            IndicatorKind::Count if self.unit != Unit::Count => Some("unit"),
            IndicatorKind::Count if !has_numerator => Some("numerator"),
            IndicatorKind::Count if has_denominator => Some("denominator"),
            IndicatorKind::Index if self.unit != Unit::Index && !is_share => Some("unit"),
            IndicatorKind::Index if self.components.is_empty() != has_numerator => Some("numerator"),
            IndicatorKind::Index if self.components.is_empty() != has_denominator => Some("denominator"),
            IndicatorKind::Index if self.by_procedure && !self.components.is_empty() => Some("by-procedure"),
            IndicatorKind::Dynamics | IndicatorKind::Spread if self.of.is_none() => Some("of"),
            IndicatorKind::Dynamics | IndicatorKind::Spread if !is_change => Some("unit"),
            IndicatorKind::Spread if self.roles.len() != 2 => Some("roles"),
            _ => None,
        }
    }

    fn has_level(&self) -> bool {
        let is_level = |condition: &Condition| matches!(condition, Condition::Level { .. });
        matches!(&self.numerator, Some(Quantity::Schools { with }) if with.iter().any(is_level))
    }

    /// Names a number of its components or weights that is none.
    fn bad_number(&self) -> Option<String> {
        let bad = |text: &String| Measure::parse_decimal(text).is_none_or(|weight| weight.is_negative());
        if let Some(component) = self.components.iter().find(|component| bad(&component.weight)) {
            return Some(format!("weight = {:?}", component.weight));
        }
        for quantity in self.quantities() {
            match quantity {
                Quantity::Sum { measures, weights, years, .. } => {
                    if let Some(weight) = weights.iter().find(|weight| bad(weight)) {
                        return Some(format!("weights = {weight:?}"));
                    }
                    if measures.is_empty() || !(weights.is_empty() || weights.len() == measures.len()) {
                        return Some("measures / weights".to_owned());
                    }
                    if *years < 1 {
                        return Some(format!("years = {years}"));
                    }
                }
                Quantity::Records { years, .. } if *years < 1 => return Some(format!("years = {years}")),
                Quantity::Schools { with } => {
                    for condition in with {
                        if let Condition::Level { value, .. } = condition
                            && Measure::parse_decimal(value).is_none()
                        {
                            return Some(format!("value = {value:?}"));
                        }
                    }
                }
                _ => {}
            }
        }
        None
    }
}

impl Catalogue {
    /// Reads a catalogue.
    ///
    /// # Errors
    /// Gives the parser's message, or names the code that is repeated, has no group, mixes kinds, or stands on itself.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let catalogue: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        for (index, definition) in catalogue.indicators.iter().enumerate() {
            let code = &definition.code;
            if catalogue.indicators.iter().take(index).any(|other| other.code == *code) {
                return Err(format!("code = {code:?}").into());
            }
            if !catalogue.groups.iter().any(|group| group.id == definition.group) {
                return Err(format!("{code}.group = {:?}", definition.group).into());
            }
            if let Some(key) = definition.misfit() {
                return Err(format!("{code}.{key}").into());
            }
            if let Some(bad) = definition.bad_number() {
                return Err(format!("{code}.{bad}").into());
            }
            for of in definition.stands_on() {
                if catalogue.get(of).is_none() {
                    return Err(format!("{code}.of = {of:?}").into());
                }
            }
            if catalogue.below(code).contains(code.as_str()) {
                return Err(format!("{code}.of: {code}").into());
            }
        }
        Ok(catalogue)
    }

    /// Joins catalogues, each in its order. The first that repeats a code of another is named.
    ///
    /// # Errors
    /// Gives the code that stands in two of them.
    pub fn join(catalogues: Vec<Self>) -> Result<Self, String> {
        let mut joined = Self::default();
        for catalogue in catalogues {
            if joined.id.is_empty() {
                (joined.id, joined.title) = (catalogue.id, catalogue.title);
            }
            if let Some(twice) = catalogue.indicators.iter().find(|definition| joined.get(&definition.code).is_some()) {
                return Err(twice.code.clone());
            }
            joined.groups.extend(catalogue.groups);
            joined.indicators.extend(catalogue.indicators);
        }
        Ok(joined)
    }

    /// Returns the files that the indicators stand in, as messages show them.
    pub fn files(&self) -> String {
        let files: BTreeSet<&str> = self.indicators.iter().map(|definition| definition.file.as_str()).collect();
        files.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// Returns the definition of a code.
    pub fn get(&self, code: &str) -> Option<&Definition> {
        self.indicators.iter().find(|definition| definition.code == code)
    }

    /// Iterates over the indicators in the order of printing.
    pub fn printed(&self) -> impl Iterator<Item = &Definition> {
        let groups = self.groups.iter().filter(|group| !group.is_auxiliary);
        groups.flat_map(|group| self.indicators.iter().filter(|definition| definition.group == group.id))
    }

    /// Returns the indicators that one stands on, at any remove; it is among them when it stands on itself.
    fn below(&self, code: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = self.get(code).map(Definition::stands_on).unwrap_or_default();
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend(self.get(next).map(Definition::stands_on).unwrap_or_default());
            }
        }
        found
    }

    /// Tells whether an indicator stands on results of ВПР, which decide nothing about staff, money or places.
    pub fn is_of_vpr(&self, code: &str, methods: &Methods) -> bool {
        let pool_has_vpr = methods.pool().iter().any(|procedure| procedure.exam == Exam::Vpr);
        let is_of_vpr = |quantity: &Quantity| match quantity {
            Quantity::Sum { measures, exams, of_method, .. } => {
                let reads_results = measures.iter().any(|measure| codes::is_result(measure));
                let reads_vpr = if *of_method { pool_has_vpr } else { exams.is_empty() || exams.contains(&Exam::Vpr) };
                reads_results && reads_vpr
            }
            Quantity::Schools { with } => with.iter().any(|condition| match condition {
                Condition::Growing {} => pool_has_vpr,
                Condition::InGroup { role } => methods
                    .rule(*role)
                    .filter(|rule| rule.criteria.iter().any(Criterion::reads_results))
                    .is_some_and(|rule| rule.each_procedure().any(|procedure| procedure.exam == Exam::Vpr)),
                _ => false,
            }),
            _ => false,
        };
        let mut codes = self.below(code);
        codes.insert(code);
        codes.iter().filter_map(|code| self.get(code)).any(|definition| definition.quantities().any(is_of_vpr))
    }

    /// Holds the catalogue and the methods against the data set: unknown measures, registers and columns, and circles of
    /// groups and indicators. `of_method` gives the file of a method.
    pub fn check(
        &self,
        methods: &Methods,
        of_method: &dyn Fn(&str) -> String,
        data: &Dataset,
        diagnostics: &mut Diagnostics,
    ) -> Refused {
        let mut refused = Refused::default();
        for definition in &self.indicators {
            let key = format!("indicators.{}", definition.code);
            for quantity in definition.quantities() {
                let place = Place::Key { file: definition.file.clone(), key: key.clone() };
                for finding in unknown_names(quantity, &place, data) {
                    let diag = diagnostics.push(finding);
                    refused.codes.entry(definition.code.clone()).or_default().insert(diag);
                }
            }
        }
        for method in &methods.methods {
            for group in &method.groups {
                for criterion in &group.criteria {
                    let Criterion::Level { of, .. } = criterion else { continue };
                    let key = format!("groups.{of}");
                    let mut on = self.below(of);
                    on.insert(of);
                    let reads_groups = on.iter().filter_map(|code| self.get(code)).any(Definition::reads_groups);
                    let place = Place::Key { file: of_method(&method.id), key };
                    let finding = match self.get(of) {
                        None => {
                            let known = self.indicators.iter().map(|known| known.code.as_str()).collect::<Vec<_>>();
                            Diagnostic::error("unknown-indicator", place).with("known", known.join(", "))
                        }
                        Some(_) if reads_groups => Diagnostic::error("method-in-circle", place),
                        Some(_) => continue,
                    };
                    let diag = diagnostics.push(finding.with("found", of.as_str()));
                    refused.levels.entry(of.clone()).or_default().insert(diag);
                }
            }
        }
        refused
    }
}

/// Indicators that cannot be computed, each with the findings that say why.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    /// By code.
    pub codes: BTreeMap<String, BTreeSet<DiagId>>,
    /// Those on which no criterion can stand, by code.
    pub levels: BTreeMap<String, BTreeSet<DiagId>>,
}

/// Names of measures, registers and columns that nobody knows.
fn unknown_names(quantity: &Quantity, place: &Place, data: &Dataset) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let (mut measures, mut registers): (Vec<&String>, Vec<(&String, Vec<&String>)>) = (Vec::new(), Vec::new());
    match quantity {
        Quantity::Sum { measures: codes, .. } => measures.extend(codes),
        Quantity::Records { register, having, distinct, .. } => {
            registers.push((register, having.keys().chain(distinct).collect()));
        }
        Quantity::Schools { with } => {
            for condition in with {
                match condition {
                    Condition::Having { measure, .. } => measures.push(measure),
                    Condition::Recorded { register, having } => registers.push((register, having.keys().collect())),
                    _ => {}
                }
            }
        }
        Quantity::Teachers { .. } => {}
    }
    for code in measures {
        if !codes::is_reserved(code) && !data.measures.keys().any(|known| known.0 == code.as_str()) {
            let known = data.measures.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let finding = Diagnostic::error("unknown-measure-of-indicator", place.clone());
            out.push(finding.with("found", code.as_str()).with("known", known));
        }
    }
    for (register, columns) in registers {
        let spec = SHEETS.iter().find(|spec| codes::REGISTERS.contains(&spec.id) && spec.id == register);
        let Some(spec) = spec else {
            let finding = Diagnostic::error("unknown-register", place.clone()).with("found", register.as_str());
            out.push(finding.with("known", codes::REGISTERS.join(", ")));
            continue;
        };
        for column in columns {
            if !spec.columns.iter().any(|known| known.key == column) {
                let known = spec.columns.iter().map(|known| known.key).collect::<Vec<_>>().join(", ");
                let finding = Diagnostic::error("unknown-register-column", place.clone());
                out.push(finding.with("found", column.as_str()).with("known", known));
            }
        }
    }
    out
}
