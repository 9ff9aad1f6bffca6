//! What products of columns are called, where some of the columns get their names by a fit.

use super::Perhaps;

/// Names of products of columns up to a degree: of some columns only a fit tells the names, and so it does of their products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Products {
    /// The columns in order; one whose name only a fit tells has none.
    columns: Vec<String>,
    /// What those without a name may be called.
    perhaps: Vec<Perhaps>,
    degree: usize,
    /// Whether no column stands twice in a product.
    interaction_only: bool,
}

impl Products {
    /// Of these columns.
    pub(crate) fn new(columns: &[&str], perhaps: &[Perhaps], degree: usize, interaction_only: bool) -> Self {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        Products { columns, perhaps: perhaps.to_vec(), degree, interaction_only }
    }

    /// The most factors of one of them.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// Whether one of them may have this name, such as `a kind_web` or `kind_web^2`.
    pub fn is(&self, name: &str) -> bool {
        self.is_product(name, self.degree, 0)
    }

    /// Whether `text` is a product of at most `degree` of the columns from the place `from` on. Factors stand in the order of
    /// their columns. A name may have blanks of its own, so a factor may end at any of them.
    fn is_product(&self, text: &str, degree: usize, from: usize) -> bool {
        let powers = if self.interaction_only { degree.min(1) } else { degree };
        let ends = text.match_indices(' ').map(|(at, _)| at).chain([text.len()]);
        let mut factors = ends.flat_map(|end| (1..=powers).map(move |power| (end, power)));
        factors.any(|(end, power)| {
            let column = match power {
                1 => Some(&text[..end]),
                more => text[..end].strip_suffix(&format!("^{more}")),
            };
            let mut next = column.into_iter().flat_map(|column| self.places(column, from)).map(|place| place + 1);
            next.any(|next| match text.get(end + 1..) {
                None => true,
                Some(rest) => self.is_product(rest, degree - power, next),
            })
        })
    }

    /// The first places from `from` on of a column that is called so, and of one that may be.
    fn places(&self, column: &str, from: usize) -> impl Iterator<Item = usize> {
        let first = |name: &str| self.columns.iter().skip(from).position(|other| other == name).map(|at| from + at);
        let named = if column.is_empty() { None } else { first(column) };
        let unnamed = if self.perhaps.iter().any(|perhaps| perhaps.is(column)) { first("") } else { None };
        named.into_iter().chain(unnamed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two levels of `kind` at most, then `a` and `b c`.
    fn is(name: &str, degree: usize, interaction_only: bool) -> bool {
        let perhaps = [Perhaps::Starts("kind_".into())];
        Products::new(&["", "", "a", "b c"], &perhaps, degree, interaction_only).is(name)
    }

    #[test]
    fn products_of_columns_that_only_a_fit_names_may_be_called_so() {
        for name in ["kind_web", "kind_web^2", "kind_web a", "kind_web b c", "kind_pos kind_web", "a b c", "b c^2"] {
            assert!(is(name, 2, false), "{name}");
        }
        // A level may be any text.
        for name in ["kind_web x", "kind_web^9", "kind_a b c d"] {
            assert!(is(name, 2, false), "{name}");
        }
        for name in ["", "kind", "kind a", "aa", "aa kind_web", "x b c", "b c d", "a^3", "a b", "a a b c", " a", "a "] {
            assert!(!is(name, 2, false), "{name}");
        }
    }

    #[test]
    fn factors_stand_in_order_and_are_as_many_as_the_degree_has() {
        assert!(is("a b c", 2, true) && !is("b c a", 2, true) && !is("a kind_web", 2, true));
        assert!(!is("a b c", 1, false) && is("a^2 b c", 3, false) && !is("a^2 b c", 2, false));
        assert!(!is("a^2", 2, true), "no column stands twice");
        assert!(is("a", 1, true) && is("kind_web", 1, true) && !is("a", 0, false));
    }
}
