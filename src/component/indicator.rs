//! What the columns of 0 and 1 for the levels of a category are called.

use std::collections::HashMap;

/// The name that scikit-learn's encoder gives the column of a level.
pub(crate) fn plain(column: &str, level: &str) -> String {
    format!("{column}_{level}")
}

/// The name of a level's column where another column is called by its plain name.
pub(crate) fn apart(column: &str, level: &str) -> String {
    format!("{column}={level}")
}

/// Whether the column of a level may be called as another column is, for each column of a table in order: its name, and whether
/// it is a category. Which levels there are makes no difference.
pub(crate) fn may_share(columns: &[(&str, bool)]) -> Vec<bool> {
    let starts: Vec<String> = columns.iter().map(|(name, _)| plain(name, "")).collect();
    let shares = |at: usize, other: usize| match columns[other] {
        (name, false) => name.starts_with(&starts[at]),
        (_, true) => starts[other].starts_with(&starts[at]) || starts[at].starts_with(&starts[other]),
    };
    let others = |at: usize| (0..columns.len()).filter(move |other| *other != at);
    (0..columns.len()).map(|at| columns[at].1 && others(at).any(|other| shares(at, other))).collect()
}

/// The plain names that more than one column would have. `columns` holds of each its name, and its levels where it is a category.
pub(crate) fn shared<'c>(columns: impl Iterator<Item = (&'c str, Option<Vec<&'c str>>)>) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (column, levels) in columns {
        let names = match levels {
            None => vec![column.to_owned()],
            Some(levels) => levels.iter().map(|level| plain(column, level)).collect(),
        };
        names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect()
}

/// Those of `names` that would be called `wanted` if no other column were.
pub(crate) fn instead_of<'n>(wanted: &str, names: &[&'n str]) -> Vec<&'n str> {
    let is_of = |name: &&str| name.match_indices('=').any(|(at, _)| plain(&name[..at], &name[at + 1..]) == wanted);
    names.iter().copied().filter(is_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_with_a_common_start_may_share_a_name() {
        let of = |columns: &[(&str, bool)]| may_share(columns);
        assert_eq!(of(&[("a", true), ("a_b", true), ("a_b_c", false)]), [true, true, false]);
        assert_eq!(of(&[("a", true), ("a_nan", false), ("b", true)]), [true, false, false]);
        assert_eq!(of(&[("a", true), ("ab", true), ("a", false)]), [false; 3]);
    }

    #[test]
    fn a_shared_name_is_that_of_several_columns() {
        let columns = [("a", Some(vec!["b_c", "q"])), ("a_b", Some(vec!["c", "r"])), ("x", None)];
        assert_eq!(shared(columns.iter().cloned()), ["a_b_c"]);
        assert_eq!(instead_of("a_b_c", &["a=b_c", "a_q", "a_b=c", "x"]), ["a=b_c", "a_b=c"]);
    }
}
