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
