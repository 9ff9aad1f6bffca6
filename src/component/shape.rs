//! What is known of columns before anything is fitted, so that a plan can leave out what cannot work and say why.

use super::Products;
use crate::data::ColumnShape;
use crate::error::unknown_all;
use crate::words::{agree, and_more};

/// Names that a message lists before it says how many more there are.
const LISTED: usize = 5;

/// The columns that reach a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// At most so many training rows.
    pub rows: usize,
    /// The columns in order; one whose name only a fit tells has none.
    pub columns: Vec<ColumnShape>,
    /// What those without a name may be called.
    pub perhaps: Vec<Perhaps>,
}

/// What a column may be called after a fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Perhaps {
    /// So.
    Is(String),
    /// So, with a level's text behind it.
    Starts(String),
    /// As a product of columns of which a fit names some.
    Products(Products),
    /// Anything, and how many columns there are is not known either.
    Anything,
}

impl Perhaps {
    /// Whether a column may have this name.
    pub fn is(&self, name: &str) -> bool {
        match self {
            Perhaps::Is(other) => name == other,
            Perhaps::Starts(start) => name.starts_with(start.as_str()),
            Perhaps::Products(products) => products.is(name),
            Perhaps::Anything => true,
        }
    }

    /// Says which of `names` no column can have; none where each can be one. It lists the names of columns that have one (`known`) and
    /// what the others may be called (`perhaps`).
    pub fn unknown<'n>(
        what: &str,
        names: impl Iterator<Item = &'n str>,
        known: &[&str],
        perhaps: &[Perhaps],
    ) -> Option<String> {
        let names: Vec<&str> = names.filter(|name| !perhaps.iter().any(|perhaps| perhaps.is(name))).collect();
        if names.is_empty() {
            return None;
        }
        let shown = |perhaps: &Perhaps| match perhaps {
            Perhaps::Is(name) => Some(name.clone()),
            Perhaps::Starts(start) => Some(format!("{start}...")),
            Perhaps::Products(_) => None,
            Perhaps::Anything => Some("...".into()),
        };
        let known = known.iter().filter(|name| !name.is_empty()).map(|name| (*name).to_owned());
        let allowed: Vec<String> = known.chain(perhaps.iter().filter_map(shown)).collect();
        let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
        let products = perhaps.iter().find_map(|perhaps| match perhaps {
            Perhaps::Products(products) => Some(format!(", and their products up to degree {}", products.degree())),
            _ => None,
        });
        Some(unknown_all(what, &names, &allowed) + &products.unwrap_or_default())
    }
}

impl Shape {
    /// Columns whose names are known.
    pub fn new(rows: usize, columns: Vec<ColumnShape>) -> Self {
        Shape { rows, columns, perhaps: Vec::new() }
    }

    /// The same columns, all as numbers without a blank: what no imputer and no encoder could make more of.
    #[must_use]
    pub fn of_numbers(&self) -> Self {
        let plain = |column: &ColumnShape| ColumnShape { levels: None, blanks: false, empty: false, ..column.clone() };
        Shape { columns: self.columns.iter().map(plain).collect(), ..self.clone() }
    }

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

    /// What `scaler` makes of the numbers; categories pass by it and stay in their places, or stand after the numbers where it
    /// makes more or fewer of these.
    ///
    /// # Errors
    /// Those of `scaler`.
    pub fn numbers_through(&self, scaler: impl Fn(&Shape) -> Result<Shape, String>) -> Result<Shape, String> {
        let is_number = |column: &&ColumnShape| column.levels.is_none();
        let numbers: Vec<ColumnShape> = self.columns.iter().filter(is_number).cloned().collect();
        let given = numbers.len();
        let mut made = scaler(&Shape { rows: self.rows, columns: numbers, perhaps: self.perhaps.clone() })?;
        if made.columns.len() == given {
            let mut numbers = made.columns.into_iter();
            let in_place = |column: &ColumnShape| match column.levels {
                None => numbers.next(),
                Some(_) => Some(column.clone()),
            };
            made.columns = self.columns.iter().filter_map(in_place).collect();
        } else {
            made.columns.extend(self.columns.iter().filter(|column| column.levels.is_some()).cloned());
        }
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
        more => format!("{} {}", shown.join(", "), and_more(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_stay_in_their_places_where_a_scaler_keeps_the_number_of_columns() {
        let column = |(name, levels): (&str, Option<usize>)| ColumnShape {
            name: name.into(),
            levels,
            blanks: false,
            empty: false,
        };
        let given = Shape::new(9, [("kind", Some(3)), ("a", None), ("shop", Some(2)), ("b", None)].map(column).into());
        let names = |scaler: &dyn Fn(&Shape) -> Shape| {
            let made = given.numbers_through(|numbers| Ok(scaler(numbers))).unwrap();
            made.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&Shape::clone), ["kind", "a", "shop", "b"]);
        let one_more = |numbers: &Shape| {
            let columns = std::iter::once(column(("1", None))).chain(numbers.columns.clone()).collect();
            Shape::new(numbers.rows, columns)
        };
        assert_eq!(names(&one_more), ["1", "a", "b", "kind", "shop"]);
    }

    #[test]
    fn columns_without_any_value_are_sent_to_no_imputer_that_refuses_them() {
        let column = |(name, empty): (&str, bool)| ColumnShape { name: name.into(), levels: None, blanks: true, empty };
        let said =
            |of: &[(&str, bool)]| Shape::new(9, of.iter().copied().map(column).collect()).complete().unwrap_err();
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
