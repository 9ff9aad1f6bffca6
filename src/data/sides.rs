//! Values of the side columns.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Folds;
use super::levels::Level;
use super::texts::{canonical, has_leading_zero};

/// The levels of a category: its texts, sorted.
pub(super) fn whole_levels(levels: &[Level<'_>]) -> Arc<[String]> {
    let mut texts: Vec<String> = levels.iter().map(|level| String::from_utf8_lossy(&level.text).into_owned()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.into()
}

/// Codes of the sorted values: numbers by size where all are numbers, else texts. `values` are places in `levels`. Texts
/// that say the same number are one value, but for those with a leading zero: `007` and `7` are two names, `7` and `7.0` are one.
pub(super) fn codes_of_texts(values: impl Iterator<Item = f64>, levels: &[Level<'_>]) -> Vec<u32> {
    named_texts(values, levels).codes
}

/// The same with what the codes stand for.
pub(super) fn named_texts(values: impl Iterator<Item = f64>, levels: &[Level<'_>]) -> Folds {
    let (codes, names) = codes_of_levels(levels);
    Folds { codes: values.map(|value| codes[value as usize]).collect(), names: names.into() }
}

/// The code of each level, and what the codes stand for.
pub(super) fn codes_of_levels(levels: &[Level<'_>]) -> (Vec<u32>, Vec<String>) {
    let numbers_as_texts: Vec<String> =
        levels.iter().map(|level| canonical(&String::from_utf8_lossy(&level.text))).collect();
    let numbers: Option<Vec<f64>> = numbers_as_texts.iter().map(|text| text.parse::<f64>().ok()).collect();
    let texts = told_apart(levels, numbers_as_texts);
    // Whole numbers that one f64 stands for are told apart by their digits.
    let key = |level: usize| (numbers.as_ref().map_or(0.0, |numbers| numbers[level]), texts[level].as_str());
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_unstable_by(|&a, &b| key(a).0.total_cmp(&key(b).0).then_with(|| key(a).1.cmp(key(b).1)));
    let mut codes = vec![0; levels.len()];
    let mut names: Vec<String> = Vec::new();
    for &level in &order {
        if names.last() != Some(&texts[level]) {
            names.push(texts[level].clone());
        }
        codes[level] = names.len() as u32 - 1;
    }
    (codes, names)
}

/// The same codes, numbered as they appear.
pub(super) fn as_they_appear(codes: &[u32]) -> Vec<f64> {
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut place = |code: &u32| {
        let next = places.len();
        *places.entry(*code).or_insert(next) as f64
    };
    codes.iter().map(&mut place).collect()
}

/// What each level is called among the values: as its number, which `canonical` has; a text with a leading zero is called as it is
/// written where another text says the same number.
fn told_apart(levels: &[Level<'_>], canonical: Vec<String>) -> Vec<String> {
    let written = |level: &Level<'_>| String::from_utf8_lossy(&level.text).trim().to_owned();
    if !levels.iter().any(|level| has_leading_zero(level.text.trim_ascii())) {
        return canonical;
    }
    let mut first: HashMap<&str, String> = HashMap::new();
    let mut merged: HashSet<&str> = HashSet::new();
    for (level, number) in levels.iter().zip(&canonical) {
        let text = written(level);
        if *first.entry(number).or_insert_with(|| text.clone()) != text {
            merged.insert(number);
        }
    }
    let one = |(level, number): (&Level<'_>, &String)| {
        let is_apart = has_leading_zero(level.text.trim_ascii()) && merged.contains(number.as_str());
        if is_apart { written(level) } else { number.clone() }
    };
    levels.iter().zip(&canonical).map(one).collect()
}

/// Codes of the sorted values.
pub(super) fn codes_of_numbers(values: impl Iterator<Item = f64> + Clone) -> Vec<u32> {
    named_numbers(values).codes
}

/// The same with what the codes stand for.
pub(super) fn named_numbers(values: impl Iterator<Item = f64> + Clone) -> Folds {
    // -0.0 is 0.0.
    let values = values.map(|value| value + 0.0);
    let mut sorted: Vec<f64> = values.clone().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    let code = |value: f64| sorted.binary_search_by(|known| known.total_cmp(&value)).map_or(0, |code| code as u32);
    Folds { codes: values.map(code).collect(), names: sorted.iter().map(f64::to_string).collect() }
}

/// Seconds since 1970 as microseconds, rounded; none for a time that does not fit.
pub(crate) fn micros_of(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    // 2 to the power of 63, from which on an i64 ends.
    (micros.abs() < 9_223_372_036_854_775_808.0).then_some(micros as i64)
}

/// The same of each; the error is the first row whose time does not fit, and how many there are.
pub(super) fn micros(values: impl Iterator<Item = f64>) -> Result<Vec<i64>, (usize, usize)> {
    let mut beyond: Option<(usize, usize)> = None;
    let one = |(row, seconds): (usize, f64)| {
        micros_of(seconds).unwrap_or_else(|| {
            beyond.get_or_insert((row, 0)).1 += 1;
            0
        })
    };
    let all = values.enumerate().map(one).collect();
    beyond.map_or(Ok(all), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels<'a>(texts: &[&'a str]) -> Vec<Level<'a>> {
        texts.iter().map(|text| Level { text: text.as_bytes().into(), count: 1, first: 0 }).collect()
    }

    #[test]
    fn codes_follow_the_sorted_values_not_the_files_order() {
        let codes = |texts: &[&str]| codes_of_texts((0..texts.len()).map(|place| place as f64), &levels(texts));
        assert_eq!(codes(&["10", "9", "9.0", "-1"]), [2, 1, 1, 0]);
        assert_eq!(codes(&["b", "10", "9", "a"]), [3, 0, 1, 2]);
        assert_eq!(codes(&["9007199254740993", "9007199254740992"]), [1, 0]);
        // A name that differs in its zeros is another one; zeros that all have change nothing.
        assert_eq!(codes(&["7", "007", "10", "7", "9"]), [1, 0, 3, 1, 2]);
        assert_eq!(codes(&["010", "007", "009"]), [2, 0, 1]);
        assert_eq!(codes(&["a", "07", "7"]), [2, 0, 1]);
        // One such name splits no other number.
        assert_eq!(codes(&["007", "9", "9.0"]), [0, 1, 1]);
        assert_eq!(codes(&["7", "7.0", "007"]), [1, 1, 0]);
        let named = named_texts([0.0, 1.0, 2.0].into_iter(), &levels(&["02", "01", "1"]));
        assert_eq!((named.codes, &named.names[..]), (vec![2, 0, 1], &["01", "1", "2"].map(str::to_owned)[..]));
        assert_eq!(codes_of_numbers([10.0, -0.0, 9.0, 0.0].into_iter()), [2, 0, 1, 0]);
    }

    #[test]
    fn seconds_become_microseconds() {
        assert_eq!(
            micros([0.0, 172_792.0, 1.000_000_6, -0.5].into_iter()),
            Ok(vec![0, 172_792_000_000, 1_000_001, -500_000])
        );
        assert_eq!(micros([0.0, 1e13].into_iter()), Err((1, 1)));
        assert_eq!(micros([0.0, 1e13, 5.0, -1e13].into_iter()), Err((1, 2)));
    }
}
