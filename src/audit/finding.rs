//! What an inspection found, in words.

use crate::split::Leakage;
use crate::words::{count, counted};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// Nothing of the kind was found.
    Clean,
    /// It may be a leak, or may be what the data are like: somebody has to look.
    Look,
    /// Test rows tell the model what it should not know.
    Leak,
}

impl Judgement {
    /// The name in what is printed and written.
    pub fn name(self) -> &'static str {
        match self {
            Judgement::Clean => "clean",
            Judgement::Look => "look",
            Judgement::Leak => "leak",
        }
    }
}

/// What is looked for, and which kinds of leakage it shows.
const CHECKS: &[(&str, &[Leakage])] = &[
    ("split-sizes", &[Leakage::NoTestSet]),
    ("identical-rows", &[Leakage::Duplicates]),
    ("near-duplicates", &[Leakage::Duplicates]),
    ("groups-across-split", &[Leakage::NonIndependence]),
    ("separating-features", &[Leakage::IllegitimateFeatures]),
    ("deciding-columns", &[Leakage::IllegitimateFeatures]),
    ("id-columns", &[Leakage::IllegitimateFeatures]),
    ("time-order", &[Leakage::Temporal]),
    ("positives-by-period", &[Leakage::SamplingBias]),
    ("unseen-levels", &[Leakage::SamplingBias]),
];

/// The checks that look for a kind of leakage.
pub(crate) fn checks(kind: Leakage) -> impl Iterator<Item = &'static str> {
    CHECKS.iter().filter(move |(_, kinds)| kinds.contains(&kind)).map(|(check, _)| *check)
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for, kebab-case.
    pub check: &'static str,
    /// How bad it is.
    pub verdict: Judgement,
    /// One sentence with numbers.
    pub said: String,
    /// Whether it could be looked at.
    pub is_made: bool,
}

impl Finding {
    /// What a check found.
    pub(super) fn new(check: &'static str, verdict: Judgement, said: String) -> Self {
        Finding { check, verdict, said, is_made: true }
    }

    /// Why a check could not be made. That is not clean: somebody has to look.
    pub(super) fn not_made(check: &'static str, said: String) -> Self {
        Finding { check, verdict: Judgement::Look, said, is_made: false }
    }
}

/// `5` or `3 to 8`: the range of counts over folds.
pub(super) fn range(values: &[usize]) -> String {
    let (least, most) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
    match least == most {
        true => count(least as u64),
        false => format!("{} to {}", count(least as u64), count(most as u64)),
    }
}

/// The same with what is counted: `1 row`, `5 rows` or `1 to 8 rows`.
pub(super) fn ranged(values: &[usize], noun: &str) -> String {
    match (values.iter().min(), values.iter().max()) {
        (Some(least), Some(most)) if least == most => counted(*least as u64, noun),
        _ => format!("{} {noun}s", range(values)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_nouns() {
        let said = [&[1, 1][..], &[5], &[0, 1], &[1_000, 2_000], &[]].map(|values| ranged(values, "row"));
        assert_eq!(said, ["1 row", "5 rows", "0 to 1 rows", "1,000 to 2,000 rows", "0 rows"]);
    }
}
