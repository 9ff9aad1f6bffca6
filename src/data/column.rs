//! Columns: what their values are, and what they are for.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a column's values are. In the matrix every value is an `f64`, and a missing one is NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Numbers; a boolean is 0 or 1.
    Number,
    /// One of these levels: the texts of the whole table, sorted by their UTF-8 bytes, each there once. In the matrix a
    /// value is its level's place among them.
    Category(#[serde(with = "levels")] Arc<[String]>),
    /// A moment; in the matrix seconds since 1970-01-01T00:00:00 UTC, with microseconds as fractions.
    Time,
}

/// Levels as a plain list.
mod levels {
    use super::*;

    pub fn serialize<S: Serializer>(levels: &Arc<[String]>, serializer: S) -> Result<S::Ok, S::Error> {
        levels.as_ref().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[String]>, D::Error> {
        Vec::<String>::deserialize(deserializer).map(Arc::from)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::Number => "number",
            Kind::Category(_) => "category",
            Kind::Time => "time",
        })
    }
}

/// What a column is for besides being a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// What is to be predicted.
    Label,
    /// Whose row it is: a card, a customer.
    Group,
    /// When the row became known.
    Time,
    /// What is at stake, in money.
    Amount,
    /// Which fold a row was given to by whoever made the table.
    Fold,
    /// How much a row counts.
    Weight,
    /// Nothing: the column is left out.
    Ignored,
}

impl Role {
    /// What it is called in a study and in listings.
    pub fn key(self) -> &'static str {
        match self {
            Role::Label => "label",
            Role::Group => "group",
            Role::Time => "time",
            Role::Amount => "amount",
            Role::Fold => "fold",
            Role::Weight => "weight",
            Role::Ignored => "ignored",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.key())
    }
}

/// Words that a file has for 1 and 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Words {
    /// `true` and `false`.
    TrueFalse,
    /// `yes` and `no`.
    YesNo,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name in the file.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// Whether learners get it.
    pub feature: bool,
    /// What else it is for.
    pub role: Option<Role>,
    /// The words that its numbers stood as in the file; none of other numbers and other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

impl Column {
    /// A feature of numbers without another role.
    pub fn number(name: impl Into<String>) -> Self {
        Column { name: name.into(), kind: Kind::Number, feature: true, role: None, words: None }
    }
}

/// Which fold each row was given to by whoever made the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    /// Places among the names, one per row.
    pub codes: Vec<u32>,
    /// The folds' names, sorted: by size where all are numbers. Some may have no row.
    pub names: Arc<[String]>,
}

impl Folds {
    /// These rows only, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Folds {
        Folds { codes: rows.iter().map(|&row| self.codes[row]).collect(), names: Arc::clone(&self.names) }
    }
}

/// The columns that reach splits and metrics, one value per row. They reach a learner only where they are features too.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sides {
    /// Codes of the sorted values of the group column.
    pub group: Option<Vec<u32>>,
    /// Microseconds since 1970-01-01T00:00:00 UTC. A numeric time column holds seconds: its value times 1e6, rounded to
    /// the nearest whole number.
    pub time: Option<Vec<i64>>,
    /// Money at stake; NaN where it is missing.
    pub amount: Option<Vec<f64>>,
    /// Weights, finite and not negative.
    pub weight: Option<Vec<f64>>,
    /// The fold column's values, or which file a row came from.
    pub fold: Option<Folds>,
    /// The rows' places in the file, from 0, where the table is a sample of it; no column of it.
    pub place: Option<Vec<u32>>,
}

impl Sides {
    /// These rows only, in this order.
    pub fn select(&self, rows: &[usize]) -> Sides {
        fn pick<T: Copy>(side: Option<&Vec<T>>, rows: &[usize]) -> Option<Vec<T>> {
            side.map(|values| rows.iter().map(|&row| values[row]).collect())
        }
        Sides {
            group: pick(self.group.as_ref(), rows),
            time: pick(self.time.as_ref(), rows),
            amount: pick(self.amount.as_ref(), rows),
            weight: pick(self.weight.as_ref(), rows),
            fold: self.fold.as_ref().map(|folds| folds.select(rows)),
            place: pick(self.place.as_ref(), rows),
        }
    }

    /// The place in the file of a row of the table.
    pub(crate) fn place_of(&self, row: usize) -> u32 {
        self.place.as_ref().map_or(row as u32, |places| places[row])
    }
}
