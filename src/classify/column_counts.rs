//! Parameters that ask for more columns, or for another number of them, than there are.

use crate::component::{Perhaps, Shape};
use crate::words::{agree, counted};

fn there_are(columns: usize) -> String {
    format!("{} {}", agree(columns, "there is", "there are"), counted(columns as u64, "column"))
}

/// That a `max_features` of `wide` is more than there are columns.
pub(super) fn too_wide(wide: usize, columns: usize) -> Option<String> {
    (wide > columns).then(|| format!("`max_features` is {wide}, but {}", there_are(columns)))
}

/// The same before a fit, which has at most as many columns as are known before it unless anything may come.
pub(super) fn never_so_wide(wide: usize, given: &Shape) -> Option<String> {
    let is_known = !given.perhaps.contains(&Perhaps::Anything);
    too_wide(wide, given.columns.len()).filter(|_| is_known)
}

/// That the parameter `key` has `given` numbers, and there are more or fewer columns.
pub(super) fn other_number(key: &str, given: usize, columns: usize) -> Option<String> {
    let numbers = counted(given as u64, "number");
    (given != columns).then(|| format!("`{key}` has {numbers}, but {}", there_are(columns)))
}

/// The same before a fit, where this has as many columns as are known before it.
pub(super) fn never_as_many(key: &str, numbers: usize, given: &Shape) -> Option<String> {
    other_number(key, numbers, given.columns.len()).filter(|_| given.perhaps.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(too_wide(2, 1).unwrap(), "`max_features` is 2, but there is 1 column");
        assert_eq!(too_wide(4, 3).unwrap(), "`max_features` is 4, but there are 3 columns");
        assert_eq!(too_wide(3, 3), None);
        assert_eq!(other_number("cst", 1, 2).unwrap(), "`cst` has 1 number, but there are 2 columns");
        assert_eq!(other_number("cst", 2, 1).unwrap(), "`cst` has 2 numbers, but there is 1 column");
        assert_eq!(other_number("cst", 2, 2), None);
    }

    #[test]
    fn what_only_a_fit_tells_is_not_said_before_it() {
        let may_be = |perhaps: Perhaps| Shape { perhaps: vec![perhaps], ..Shape::new(9, Vec::new()) };
        assert!(never_so_wide(1, &may_be(Perhaps::Is("a".into()))).is_some(), "a fit has no more columns");
        assert_eq!(never_so_wide(1, &may_be(Perhaps::Anything)), None);
        assert_eq!(never_as_many("cst", 1, &may_be(Perhaps::Is("a".into()))), None);
        assert!(never_as_many("cst", 1, &Shape::new(9, Vec::new())).is_some());
    }
}
