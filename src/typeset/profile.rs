//! A layout profile: TOML of closed keys to a Typst dictionary. Strings that are lengths become lengths.

use std::fmt::Write as _;

use crate::diag::Reason;
use crate::template::literal;

/// Translates a profile to the file that the vocabulary imports.
///
/// # Errors
/// Gives the parser's message, or the key whose value or name cannot stand in Typst.
pub(super) fn to_typst(source: &str) -> Result<String, Reason> {
    let table: toml::Table = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
    let mut out = String::from("#let profile = ");
    write_table(&table, &mut out)?;
    out.push('\n');
    Ok(out)
}

/// Returns the margins of a profile at the left and right, in points; zero where they cannot be told.
pub(super) fn margins(source: &str) -> (f64, f64) {
    let table: toml::Table = toml::from_str(source).unwrap_or_default();
    let page = table.get("page").and_then(toml::Value::as_table);
    let side = |key: &str| page.and_then(|page| points(page.get(key)?.as_str()?)).unwrap_or_default();
    (side("margin-left"), side("margin-right"))
}

#[expect(clippy::float_arithmetic, reason = "geometry of pages")]
fn points(length: &str) -> Option<f64> {
    let of = |unit: &str, points: f64| Some(length.strip_suffix(unit)?.parse::<f64>().ok()? * points);
    of("mm", 72.0 / 25.4).or_else(|| of("cm", 72.0 / 2.54)).or_else(|| of("pt", 1.0))
}

fn write_table(table: &toml::Table, out: &mut String) -> Result<(), Reason> {
    out.push('(');
    if table.is_empty() {
        out.push(':');
    }
    for (key, value) in table {
        let plain = key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !plain {
            return Err(key.clone().into());
        }
        let _ = write!(out, "{key}: ");
        match value {
            toml::Value::String(text) if is_length(text) => out.push_str(text),
            toml::Value::String(text) => out.push_str(&literal(text)),
            toml::Value::Integer(number) => out.push_str(&number.to_string()),
            toml::Value::Float(number) if number.is_finite() => out.push_str(&number.to_string()),
            toml::Value::Boolean(flag) => out.push_str(&flag.to_string()),
            toml::Value::Table(table) => write_table(table, out)?,
            _ => return Err(key.clone().into()),
        }
        out.push_str(", ");
    }
    out.push(')');
    Ok(())
}

fn is_length(text: &str) -> bool {
    ["mm", "cm", "pt", "em"].iter().any(|unit| {
        text.strip_suffix(unit).is_some_and(|number| {
            number.starts_with(|c: char| c.is_ascii_digit())
                && number.chars().all(|c| c.is_ascii_digit() || c == '.')
                && number.matches('.').count() <= 1
        })
    })
}
