//! Values of a label that are written differently and may mean the same class.

use crate::words::listed;

/// Words that mean the two classes, in small letters.
const MEANINGS: [&[&str]; 2] = [&["1", "true", "yes", "t", "y"], &["0", "false", "no", "f", "n"]];

/// What to do about a label of more than two values, first of all that which loses no row; where all mean one class, that. `are_all`
/// says whether these are all of its values.
pub(crate) fn fewer_values(values: &[&str], are_all: bool) -> String {
    let same = alike(values);
    let left = values.len() - same.iter().map(|group| group.len() - 1).sum::<usize>();
    let said: Vec<String> = same.iter().map(|group| why(group)).collect();
    let each = "write one value for each class";
    let out = "leave the rows of all but two out of the file";
    match said.is_empty() {
        true => format!("{each}, or {out}"),
        false if left == 2 && are_all => format!("{each} ({})", said.join("; ")),
        false if left < 2 && are_all => format!("the values are one class ({})", said.join("; ")),
        false => format!("{each} ({}), or {out}", said.join("; ")),
    }
}

/// The values of which several say the same, in groups.
fn alike<'v>(values: &[&'v str]) -> Vec<Vec<&'v str>> {
    let mut groups: Vec<(String, Vec<&'v str>)> = Vec::new();
    for &value in values {
        let lower = value.to_lowercase();
        let meaning = MEANINGS.iter().find(|words| words.contains(&&lower[..])).map_or(lower, |words| words[0].into());
        match groups.iter_mut().find(|(known, _)| *known == meaning) {
            Some((_, group)) => group.push(value),
            None => groups.push((meaning, vec![value])),
        }
    }
    groups.into_iter().map(|(_, group)| group).filter(|group| group.len() > 1).collect()
}

fn why(group: &[&str]) -> String {
    let quoted: Vec<String> = group.iter().map(|value| format!("`{value}`")).collect();
    let first = group[0].to_lowercase();
    let by =
        if group.iter().all(|value| value.to_lowercase() == first) { "differ in capitals" } else { "mean the same" };
    format!("{} {by}", listed(&quoted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_class_are_told_before_any_row_is_left_out() {
        for (values, wanted) in [
            (
                &["genuine", "fraud", "Fraud"][..],
                "write one value for each class (`fraud` and `Fraud` differ in capitals)",
            ),
            (&["0", "true", "1"], "write one value for each class (`true` and `1` mean the same)"),
            (
                &["No", "no", "yes", "TRUE", "1"],
                "write one value for each class (`No` and `no` differ in capitals; `yes`, `TRUE` and `1` mean the same)",
            ),
            (
                &["genuine", "fraud", "Fraud", "unknown"],
                "write one value for each class (`fraud` and `Fraud` differ in capitals), or leave the rows of all but two out of the \
                 file",
            ),
            (
                &["genuine", "fraud", "unknown"],
                "write one value for each class, or leave the rows of all but two out of the file",
            ),
            (&["1", "true", "yes"], "the values are one class (`1`, `true` and `yes` mean the same)"),
        ] {
            assert_eq!(fewer_values(values, true), wanted, "{values:?}");
        }
        // Of more values than are listed nobody knows how many classes are left.
        assert!(fewer_values(&["a", "A", "b"], false).ends_with(", or leave the rows of all but two out of the file"));
    }
}
