//! What is known of columns before anything is fitted, so that a plan can leave out what cannot work and say why.

use crate::data::ColumnShape;
use crate::words::agree;

/// Names that a message lists before it says how many more there are.
const LISTED: usize = 5;

/// The columns that reach a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// At most so many training rows.
    pub rows: usize,
    /// The columns in order.
    pub columns: Vec<ColumnShape>,
}

impl Shape {
    /// Says which columns are categories, if any.
    ///
    /// # Errors
    /// Their names, and what to do about them.
    pub fn numbers_only(&self) -> Result<(), String> {
        match self.categories() {
            None => Ok(()),
            Some(some) => Err(format!("it takes numbers only, and {some}: use the encoder `one-hot` or `ordinal`")),
        }
    }

    /// The start of a sentence about the columns that are categories; none where none is.
    pub fn categories(&self) -> Option<String> {
        let names = self.names(|column| column.levels.is_some());
        (!names.is_empty()).then(|| are(&names, "categories"))
    }

    /// Says which columns have missing values, if any.
    ///
    /// # Errors
    /// Their names, and what to do about them.
    pub fn complete(&self) -> Result<(), String> {
        let names = self.names(|column| column.blanks);
        if names.is_empty() {
            return Ok(());
        }
        let has = agree(names.len(), "has", "have");
        Err(format!(
            "it takes no missing values, and {} {has} some: use the imputer `mean`, `median`, `most-frequent` or \
             `constant`",
            listed(&names)
        ))
    }

    /// What `scaler` makes of the numbers; categories pass by it and stand after them.
    ///
    /// # Errors
    /// Those of `scaler`.
    pub fn numbers_through(&self, scaler: impl Fn(&Shape) -> Result<Shape, String>) -> Result<Shape, String> {
        let (numbers, categories) = self.columns.iter().cloned().partition(|column| column.levels.is_none());
        let mut made = scaler(&Shape { rows: self.rows, columns: numbers })?;
        let categories: Vec<ColumnShape> = categories;
        made.columns.extend(categories);
        Ok(made)
    }

    fn names(&self, which: impl Fn(&ColumnShape) -> bool) -> Vec<&str> {
        self.columns.iter().filter(|column| which(column)).map(|column| column.name.as_str()).collect()
    }
}

fn are(names: &[&str], what: &str) -> String {
    format!("{} {} {what}", listed(names), agree(names.len(), "is one of the", "are"))
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
