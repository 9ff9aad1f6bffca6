//! Whether files that make one table have the same columns.

use std::collections::HashSet;

use super::assign::listed;

/// What is wrong with the columns of `other`, a sentence that names every one that does not fit; nothing where they are those
/// of `first`, in the same order. Each is a file's name and the names of its columns.
pub(super) fn disagreement(first: (&str, &[String]), other: (&str, &[String])) -> Option<String> {
    let beyond = |a: &[String], b: &[String]| -> Vec<String> {
        let known: HashSet<&String> = b.iter().collect();
        a.iter().filter(|name| !known.contains(name)).cloned().collect()
    };
    let quoted = |names: &[String]| listed(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (lacking, more) = (beyond(first.1, other.1), beyond(other.1, first.1));
    let mut said = Vec::new();
    if !lacking.is_empty() {
        said.push(format!("lacks {}", quoted(&lacking)));
    }
    if !more.is_empty() {
        said.push(format!("has {} beyond", quoted(&more)));
    }
    if said.is_empty() {
        let (mine, theirs) = first.1.iter().zip(other.1).find(|(a, b)| a != b)?;
        said.push(format!("has the columns in another order: `{theirs}` stands where `{mine}` should"));
    }
    Some(format!("{} must have the columns of {}, but {}", other.0, first.0, said.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_that_does_not_fit_is_named() {
        let names = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        let said = |first: &str, other: &str| disagreement(("a", &names(first)), ("b", &names(other)));
        assert_eq!(said("x y z", "x y z"), None);
        assert_eq!(
            said("x y z", "x w"),
            Some("b must have the columns of a, but lacks `y` and `z` and has `w` beyond".into())
        );
        assert_eq!(
            said("x y z", "x z y"),
            Some(
                "b must have the columns of a, but has the columns in another order: `z` stands where `y` should"
                    .into()
            )
        );
        assert_eq!(said("x y", "x y z"), Some("b must have the columns of a, but has `z` beyond".into()));
    }
}
