//! What is said of a whole number that is too small or too large for a parameter.

use toml::{Table, Value};

use crate::error::{Error, Result};

/// The whole numbers that fit, by serde's names of types; a study's are of 64 bits themselves.
const RANGES: [(&str, i64, i64); 7] = [
    ("u8", 0, u8::MAX as i64),
    ("u16", 0, u16::MAX as i64),
    ("u32", 0, u32::MAX as i64),
    ("u64", 0, i64::MAX),
    ("usize", 0, i64::MAX),
    ("i8", i8::MIN as i64, i8::MAX as i64),
    ("i32", i32::MIN as i64, i32::MAX as i64),
];

/// What the number that serde refuses must be, and which one it is: `must be at least 0, not -3`. None where serde refuses something
/// else.
pub(super) fn must_be(refused: &str) -> Option<String> {
    let (number, wanted) = refused.strip_prefix("invalid value: integer `")?.split_once("`, expected ")?;
    let given: i64 = number.parse().ok()?;
    let (_, low, high) = RANGES.iter().find(|(name, ..)| *name == wanted)?;
    match given {
        small if small < *low => Some(format!("must be at least {low}, not {number}")),
        large if large > *high => Some(format!("must be at most {high}, not {number}")),
        _ => None,
    }
}

/// The error with the least number that a component takes in the place of the least that its type holds: `tried` builds it with zeros
/// for the negative numbers, and what it refuses tells.
pub(super) fn with_least<T: ?Sized>(
    refused: Error,
    table: &Table,
    tried: &mut dyn FnMut(&Table) -> Result<Box<T>>,
) -> Error {
    let Error::Study(mut said) = refused else { return refused };
    let must = |key: &str, least: &str, value: &Value| format!("`{key}` must be at least {least}, not {value}");
    let negative: Vec<(&String, &Value)> =
        table.iter().filter(|(key, value)| said.contains(&must(key, "0", value))).collect();
    for (key, value) in &negative {
        let zero = ((*key).clone(), Value::Integer(0));
        let others = table.iter().filter(|(other, _)| !negative.iter().any(|(refused, _)| refused == other));
        let beside: Table = others.map(|(other, value)| (other.clone(), value.clone())).chain([zero.clone()]).collect();
        // What is wrong with the other parameters is refused before.
        let found = [beside, Table::from_iter([zero])]
            .iter()
            .find_map(|table| tried(table).err().and_then(|e| least(&e.to_string(), key)));
        if let Some(least) = found {
            said = said.replace(&must(key, "0", value), &must(key, &least, value));
        }
    }
    Error::Study(said)
}

/// The least number in a sentence about a parameter: `at least 2`, or `2 or more`.
fn least(said: &str, key: &str) -> Option<String> {
    let (_, of_key) = said.split_once(&format!("`{key}`"))?;
    let words: Vec<&str> =
        of_key.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).collect();
    let numbers = words.windows(3).find_map(|three| match three {
        ["at", "least", number] | [number, "or", "more"] => Some(*number),
        _ => None,
    });
    numbers.filter(|number| number.parse::<u64>().is_ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn numbers_that_do_not_fit_are_told_with_the_bound_of_the_component() {
        let registry = Registry::built_in();
        let split = |text: &str| {
            let table: Table = text.parse().unwrap();
            registry.split("stratified-k-fold").unwrap().build(&table, &registry).err().unwrap().to_string()
        };
        assert_eq!(split("folds = -3"), "`stratified-k-fold`: `folds` must be at least 2, not -3");
        assert_eq!(
            split("folds = 99999999999"),
            "`stratified-k-fold`: `folds` must be at most 4294967295, not 99999999999"
        );
        let both = split("folds = -3\nrepeats = -1\nsede = 1");
        for said in
            ["`folds` must be at least 2, not -3", "`repeats` must be at least 1, not -1", "did you mean `seed`?"]
        {
            assert!(both.contains(said), "{both}");
        }
    }

    #[test]
    fn no_family_speaks_of_a_negative_number_in_the_words_of_a_library() {
        let registry = Registry::built_in();
        let mut told = 0;
        for entry in registry.classifiers() {
            let defaults = entry.build(&Table::new(), &registry).map(|built| built.all).unwrap_or_default();
            for (key, value) in defaults.as_object().into_iter().flatten().filter(|(_, value)| value.is_u64()) {
                for number in [-3, i64::MAX] {
                    let table = Table::from_iter([(key.clone(), Value::Integer(number))]);
                    let Some(e) = entry.build(&table, &registry).err() else { continue };
                    assert!(!e.to_string().contains("invalid value"), "{} {key} {value}: {e}", entry.id);
                    told += 1;
                }
            }
        }
        assert!(told > 100, "{told}");
    }

    #[test]
    fn other_refusals_are_left_as_they_are() {
        assert_eq!(must_be("invalid type: string \"many\", expected u32"), None);
        assert_eq!(must_be("invalid value: integer `0`, expected a nonzero u32"), None);
        assert_eq!(least("`cv` must be at least 2 inner folds, not 0", "cv").as_deref(), Some("2"));
        assert_eq!(least("`folds` is 2 or more, not 0", "folds").as_deref(), Some("2"));
        assert_eq!(least("`alpha` is no number", "alpha"), None);
    }
}
