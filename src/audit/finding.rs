//! What an inspection found, in words.

use crate::split::Leakage;
use crate::words::count;

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
pub(crate) const CHECKS: &[(&str, &[Leakage])] = &[
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
}

/// `5` or `3 to 8`: the range of counts over folds.
pub(super) fn range(values: &[usize]) -> String {
    let (least, most) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
    match least == most {
        true => count(least as u64),
        false => format!("{} to {}", count(least as u64), count(most as u64)),
    }
}
