//! What is said of a whole number that is too small or too large for a parameter.

use std::ops::Range;

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

/// What is said of a value that is no whole number, by the least one and the largest that its type holds.
const WHOLE: [&str; 4] = [
    "a whole number of 0 or more",
    "a whole number from 0 to 4294967295",
    "a whole number from 0 to 65535",
    "a whole number from 0 to 255",
];

/// The error with the numbers that a component takes in the place of those that its type holds: `tried` builds it with a zero for each
/// value that is negative or no whole number, and what it refuses tells.
pub(super) fn with_least<T: ?Sized>(
    refused: Error,
    table: &Table,
    tried: &mut dyn FnMut(&Table) -> Result<Box<T>>,
) -> Error {
    let Error::Study(mut said) = refused else { return refused };
    let is_refused =
        |(key, value): &(&String, &Value)| bound(&said, key, value).is_some() || whole(&said, key).is_some();
    let all_refused: Vec<(&String, &Value)> = table.iter().filter(is_refused).collect();
    for (key, value) in &all_refused {
        let zero = ((*key).clone(), Value::Integer(0));
        let others = table.iter().filter(|(other, _)| !all_refused.iter().any(|(refused, _)| refused == other));
        let beside: Table = others.map(|(other, value)| (other.clone(), value.clone())).chain([zero.clone()]).collect();
        // What is wrong with the other parameters is refused before.
        let told = [beside, Table::from_iter([zero])].map(|table| tried(&table).err().map(|e| e.to_string()));
        let told = || told.iter().flatten();
        let (range, least) = (told().find_map(|told| range(told, key)), told().find_map(|told| least(told, key)));
        let (place, words) = match (bound(&said, key, value), whole(&said, key)) {
            (Some((place, of_type)), _) => (place, bounded(of_type, range, least)),
            (None, Some((place, of_type))) => (place, counted(of_type, range, least)),
            (None, None) => continue,
        };
        if let Some(words) = words {
            said.replace_range(place, &words);
        }
    }
    Error::Study(said)
}

/// A place in a sentence, and what stands there of a type's numbers.
type Said<'s> = Option<(Range<usize>, &'s str)>;

/// Where it is said which bound of its type a number is beyond.
fn bound<'s>(said: &'s str, key: &str, value: &Value) -> Said<'s> {
    let before = format!("`{key}` must be ");
    let start = said.find(&before)? + before.len();
    let end = start + said[start..].find(&format!(", not {value}"))?;
    let words = &said[start..end];
    let is_of_type = words == "at least 0" || RANGES.iter().any(|(.., most)| words == format!("at most {most}"));
    is_of_type.then_some((start..end, words))
}

/// Where it is said which whole number a parameter wants, if a study gives none.
fn whole<'s>(said: &'s str, key: &str) -> Said<'s> {
    let before = format!("parameter `{key}`: ");
    let start = said.find(&before)? + before.len();
    let sentence = said[start..].split("; `").next()?;
    let words = WHOLE.iter().find(|words| sentence.ends_with(*words))?;
    let end = start + sentence.len();
    Some((end - words.len()..end, *words))
}

/// The bound that holds, if a type's does not.
fn bounded(of_type: &str, range: Option<String>, least: Option<String>) -> Option<String> {
    range.or_else(|| least.filter(|_| of_type == "at least 0").map(|least| format!("at least {least}")))
}

/// The whole numbers that are taken, if not all of a type are.
fn counted(of_type: &str, range: Option<String>, least: Option<String>) -> Option<String> {
    match (range, least, of_type.split_once(" to ")) {
        (Some(range), ..) if range.starts_with("from ") => Some(format!("a whole number {range}")),
        (Some(numbers), ..) => Some(numbers),
        (None, None, _) => None,
        (None, Some(least), Some((_, most))) => Some(format!("a whole number from {least} to {most}")),
        (None, Some(least), None) => Some(format!("a whole number of {least} or more")),
    }
}

/// The numbers in what is said of a zero that have a largest one: `from 1 to 65536`, or `1, 2 or 3`.
fn range(said: &str, key: &str) -> Option<String> {
    let (_, must_be) = said.split_once(&format!("`{key}` must be "))?;
    let (must_be, _) = [", but is 0", ", not 0"].iter().find_map(|found| must_be.split_once(found))?;
    let is_list = must_be.starts_with(|c: char| c.is_ascii_digit()) && !must_be.ends_with("more");
    (is_list || must_be.starts_with("from ")).then(|| must_be.to_owned())
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
    fn what_is_no_whole_number_is_told_the_numbers_that_the_component_takes() {
        let registry = Registry::built_in();
        let said = |id: &str, text: &str| {
            let table: Table = text.parse().unwrap();
            let find = |built: Option<Error>| built.unwrap().to_string();
            if let Ok(entry) = registry.resampler(id) {
                return find(entry.build(&table, &registry).err());
            }
            if let Some(entry) = registry.encoders().iter().find(|entry| entry.id == id) {
                return find(entry.build(&table, &registry).err());
            }
            if let Some(entry) = registry.selects().iter().find(|entry| entry.id == id) {
                return find(entry.build(&table, &registry).err());
            }
            find(registry.scalers().iter().find(|entry| entry.id == id).unwrap().build(&table, &registry).err())
        };
        for (id, key, wanted) in [
            ("smote", "k_neighbors", "a whole number of 1 or more"),
            ("one-sided-selection", "n_seeds_S", "a whole number of 1 or more"),
            ("near-miss", "version", "1, 2 or 3"),
            ("instance-hardness-threshold", "cv", "a whole number from 2 to 4294967295"),
            ("quantile", "n_quantiles", "a whole number of 1 or more"),
            ("truncated-svd", "n_components", "a whole number of 1 or more"),
            ("target", "cv", "a whole number from 2 to 4294967295"),
            ("one-hot", "max_categories", "a whole number from 1 to 4294967295"),
            ("hashing", "n_features", "a whole number from 1 to 65536"),
            // A zero is taken.
            ("smote", "random_state", "a whole number from 0 to 4294967295"),
        ] {
            assert_eq!(
                said(id, &format!("{key} = 2.5")),
                format!("`{id}`, parameter `{key}`: invalid type: floating point `2.5`, expected {wanted}")
            );
        }
        // Beside others that are refused.
        assert_eq!(
            said("near-miss", "n_neighbors = 'few'\nn_neighbors_ver3 = [1]\nversion = -1"),
            "`near-miss`, parameter `n_neighbors`: invalid type: string \"few\", expected a whole number of 1 or more; `near-miss`, \
             parameter `n_neighbors_ver3`: [1] is a list: write a whole number of 1 or more; `near-miss`: `version` must be 1, 2 or 3, \
             not -1"
        );
    }

    #[test]
    fn a_number_beyond_a_type_is_told_the_components_own_range() {
        let registry = Registry::built_in();
        let hashing = registry.encoders().iter().find(|entry| entry.id == "hashing").unwrap();
        for number in ["-3", "99999999999"] {
            let said = hashing.build(&format!("n_features = {number}").parse().unwrap(), &registry).err().unwrap();
            assert_eq!(said.to_string(), format!("`hashing`: `n_features` must be from 1 to 65536, not {number}"));
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
    fn no_ensemble_takes_more_members_than_can_be_counted() {
        let registry = Registry::built_in();
        let mut told = 0;
        for entry in registry.classifiers() {
            let refused = |number: i64| {
                let table = Table::from_iter([("n_estimators".to_owned(), Value::Integer(number))]);
                entry.build(&table, &registry).err().map(|e| e.to_string())
            };
            // Families without that parameter refuse it as unknown.
            if !refused(0).is_some_and(|said| said.contains("`n_estimators` must be at least 1, not 0")) {
                continue;
            }
            let said = refused(i64::MAX).unwrap();
            let must = "`n_estimators` must be at most 4294967295, not 9223372036854775807";
            assert!(said.contains(must), "{}: {said}", entry.id);
            told += 1;
        }
        // adaboost, bagging, balanced-bagging, easy-ensemble, rus-boost; random-forest twice, extra-trees, balanced-random-forest and
        // isolation-forest; xgboost, lightgbm.
        assert_eq!(told, 12);
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
