//! The public edition: what must be hidden so that no small number of pupils or teachers can be read or worked out.
//! In: counts by id and the relations between them. Out: the ids to be hidden.
//! It must never know tables, forms or where a count comes from.

use serde::{Deserialize, Serialize};

/// What a number counts; small numbers of persons are hidden.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// Pupils.
    Pupils,
    /// Teachers.
    Teachers,
    /// Schools, activities, days: nobody.
    Others,
}

/// How counts depend on each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Relation {
    /// A total and its parts.
    Sum {
        /// The total.
        total: String,
        /// The parts.
        parts: Vec<String>,
    },
    /// A value that tells of others: a share of part and whole, a change.
    Derived {
        /// The value.
        value: String,
        /// What it tells of.
        from: Vec<String>,
    },
}
