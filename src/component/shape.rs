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
        let some = self.names(|column| column.blanks && !column.empty);
        let has = agree(some.len(), "has", "have");
        let some = (!some.is_empty()).then(|| {
            format!("{} {has} some: use the imputer `mean`, `median`, `most-frequent` or `constant`", listed(&some))
        });
        // What the other imputers would make of these they cannot know.
        let none = self.empty().map(|(which, remedy)| format!("{which}: {remedy}"));
        match some.into_iter().chain(none).collect::<Vec<_>>().join("; ") {
            said if said.is_empty() => Ok(()),
            said => Err(format!("it takes no missing values, and {said}")),
        }
    }

    /// Says which columns have no value in any row, if any.
    ///
    /// # Errors
    /// Their names, and what to do about them.
    pub fn has_values(&self) -> Result<(), String> {
        match self.empty() {
            None => Ok(()),
            Some((which, remedy)) => Err(format!("{which}, so nothing can stand for the missing ones: {remedy}")),
        }
    }

    /// Which columns have no value in any row, and what to do about them: all are named, as a study has to leave out each.
    fn empty(&self) -> Option<(String, String)> {
        let names = self.names(|column| column.empty);
        let quoted = |mark: char| names.iter().map(|name| format!("{mark}{name}{mark}")).collect::<Vec<_>>();
        let which = match &quoted('`')[..] {
            [] => return None,
            [one] => format!("{one} has"),
            [rest @ .., last] => format!("{} and {last} have", rest.join(", ")),
        };
        let ignore = quoted('"').join(", ");
        Some((
            format!("{which} no value in any row"),
            format!("write ignore = [{ignore}] in [data], or use the imputer `constant`"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_without_any_value_are_sent_to_no_imputer_that_refuses_them() {
        let column = |(name, empty): (&str, bool)| ColumnShape { name: name.into(), levels: None, blanks: true, empty };
        let said = |of: &[(&str, bool)]| {
            Shape { rows: 9, columns: of.iter().copied().map(column).collect() }.complete().unwrap_err()
        };
        assert_eq!(
            said(&[("age", false), ("fax", true)]),
            "it takes no missing values, and `age` has some: use the imputer `mean`, `median`, `most-frequent` or `constant`; \
             `fax` has no value in any row: write ignore = [\"fax\"] in [data], or use the imputer `constant`"
        );
        assert_eq!(
            said(&[("fax", true)]),
            "it takes no missing values, and `fax` has no value in any row: write ignore = [\"fax\"] in [data], or use the \
             imputer `constant`"
        );
    }
}
