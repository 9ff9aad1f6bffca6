//! Which rows train and which test. Splits depend on data and seed alone, so every pipeline sees the same folds.
//!
//! A [`Protocol`] is what a study asks for. Its splits equal scikit-learn's, index for index, where scikit-learn has them.

mod hold_out;
mod inner;
mod k_fold;
mod leak;
mod time_ordered;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
pub use hold_out::HoldOut;
pub(crate) use hold_out::stratified_parts;
pub use inner::{InnerRows, stratified};
pub use k_fold::StratifiedKFold;
pub use leak::{ELSEWHERE, HONEST, Leak, Leaks};
pub use time_ordered::TimeOrdered;

/// One (train, test) pair of row indices, ascending. `validation` rows, where a protocol has them, are neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The repeat's number, from 0.
    pub repeat: u32,
    /// The fold's number in its repeat, from 0.
    pub fold: u32,
    /// Training rows.
    pub train: Vec<usize>,
    /// Validation rows; empty where the protocol has none.
    pub validation: Vec<usize>,
    /// Test rows.
    pub test: Vec<usize>,
}

/// How rows are divided into training and test parts. In TOML, `kind` names the variant.
///
/// ```
/// use fraudbench::split::Protocol;
/// let text = "kind = 'stratified-k-fold'\nfolds = 2\nseed = 7";
/// let protocol: Protocol = toml::from_str(text).unwrap();
/// let splits = protocol.splits(&[0, 1, 0, 1, 0, 0], None).unwrap();
/// assert_eq!((splits.len(), splits[0].test.len()), (2, 3));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Protocol {
    /// `stratified-k-fold`, repeated or not.
    StratifiedKFold(StratifiedKFold),
    /// `hold-out`: a random test part, and a validation part if wanted; repeated with other seeds or not.
    HoldOut(HoldOut),
    /// `time-ordered`: the last rows test.
    TimeOrdered(TimeOrdered),
}

impl Protocol {
    /// Every kind that a study can name, with its keys.
    pub const KINDS: &'static [(&'static str, &'static [&'static str])] = &[
        ("stratified-k-fold", &["folds", "repeats", "seed", "shuffle"]),
        ("hold-out", &["test", "validation", "seed", "repeats", "stratify"]),
        ("time-ordered", &["column", "test", "validation"]),
    ];

    /// The variant's kebab-case name, as in TOML.
    pub fn name(&self) -> &'static str {
        match self {
            Protocol::StratifiedKFold(_) => "stratified-k-fold",
            Protocol::HoldOut(_) => "hold-out",
            Protocol::TimeOrdered(_) => "time-ordered",
        }
    }

    /// (repeat, fold) of every split, in order; known without the data.
    pub fn numbers(&self) -> Vec<(u32, u32)> {
        match self {
            Protocol::StratifiedKFold(p) => (0..p.repeats).flat_map(|r| (0..p.folds).map(move |f| (r, f))).collect(),
            Protocol::HoldOut(p) => (0..p.repeats).map(|repeat| (repeat, 0)).collect(),
            Protocol::TimeOrdered(_) => vec![(0, 0)],
        }
    }

    /// Whether it looks at the column with the role `time`.
    pub fn needs_time(&self) -> bool {
        matches!(self, Protocol::TimeOrdered(p) if p.column.is_none())
    }

    /// The same protocol with a seed that is higher by `by`, modulo 2^32; none where no seed decides about rows.
    pub fn reseeded(&self, by: u32) -> Option<Self> {
        match self {
            Protocol::StratifiedKFold(p) if !p.shuffle => None,
            Protocol::StratifiedKFold(p) => {
                Some(Protocol::StratifiedKFold(StratifiedKFold { seed: p.seed.wrapping_add(by), ..p.clone() }))
            }
            Protocol::HoldOut(p) => Some(Protocol::HoldOut(HoldOut { seed: p.seed.wrapping_add(by), ..p.clone() })),
            Protocol::TimeOrdered(_) => None,
        }
    }

    /// Every split of the rows whose labels are `y` (0 or 1). `order_by` has one value a row and is looked at by
    /// `time-ordered` only.
    ///
    /// # Errors
    /// [`Error::Study`] for a parameter that is out of range whatever the data, [`Error::Data`] where the data cannot be
    /// divided so that every part holds both classes. One sentence each.
    pub fn splits(&self, y: &[u8], order_by: Option<&[f64]>) -> Result<Vec<Split>> {
        self.check()?;
        let counts = Counts::of(y);
        if counts.positives == 0 || counts.negatives == 0 {
            return Err(Error::Data(format!("{} rows of one class only cannot be split: {counts}", y.len())));
        }
        let splits = match self {
            Protocol::StratifiedKFold(p) => p.splits(y)?,
            Protocol::HoldOut(p) => (0..p.repeats).map(|repeat| p.split(y, repeat)).collect::<Result<_>>()?,
            Protocol::TimeOrdered(p) => vec![p.split(y, order_by)?],
        };
        splits.iter().try_for_each(|split| both_classes(split, y))?;
        Ok(splits)
    }

    /// Checks what can be checked without the data; [`Protocol::splits`] does it too.
    ///
    /// # Errors
    /// [`Error::Study`] naming the parameter and its range.
    pub fn check(&self) -> Result<()> {
        match self {
            Protocol::StratifiedKFold(p) => p.check(),
            Protocol::HoldOut(p) => p.check(),
            Protocol::TimeOrdered(p) => shares("time-ordered", p.test, p.validation),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let validated = |share: Option<f64>| match share {
            Some(share) => format!(", validation {share} of the rest"),
            None => String::new(),
        };
        match self {
            Protocol::StratifiedKFold(p) => {
                let repeats = if p.repeats > 1 { format!(", {} repeats", p.repeats) } else { String::new() };
                let order = if p.shuffle { format!("seed {}", p.seed) } else { "in file order".into() };
                write!(f, "stratified {}-fold{repeats}, {order}", p.folds)
            }
            Protocol::HoldOut(p) => {
                let kind = if p.stratify { "stratified hold-out" } else { "hold-out" };
                write!(f, "{kind}, test {}{}, seed {}", p.test, validated(p.validation), p.seed)?;
                match p.repeats {
                    1 => Ok(()),
                    n => write!(f, " to {}", p.seed.wrapping_add(n - 1)),
                }
            }
            Protocol::TimeOrdered(p) => {
                write!(
                    f,
                    "time-ordered by {}, test {}{}",
                    p.column.as_deref().unwrap_or("time"),
                    p.test,
                    validated(p.validation)
                )
            }
        }
    }
}

struct Counts {
    positives: usize,
    negatives: usize,
}

impl Counts {
    fn of(y: &[u8]) -> Self {
        let positives = y.iter().filter(|&&label| label == 1).count();
        Self { positives, negatives: y.len() - positives }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (p, n) = (self.positives, self.negatives);
        write!(f, "{p} positive{} and {n} negative{}", plural(p), plural(n))
    }
}

fn shares(kind: &str, test: f64, validation: Option<f64>) -> Result<()> {
    for (name, share) in [("test", Some(test)), ("validation", validation)] {
        if let Some(share) = share.filter(|share| !(*share > 0.0 && *share < 1.0)) {
            return Err(Error::Study(format!("`{kind}`: `{name}` is a share between 0 and 1 (neither), not {share}")));
        }
    }
    Ok(())
}

/// How many of `n` rows a share takes: rounded up, as in scikit-learn's `_validate_shuffle_split`.
fn share_of(n: usize, share: f64, part: &str) -> Result<usize> {
    let taken = (share * n as f64).ceil() as usize;
    if taken >= n {
        return Err(Error::Data(format!("a {part} part of {share} takes all {n} rows and leaves none to train on")));
    }
    Ok(taken)
}

/// A part without one of the classes can neither teach nor measure.
fn both_classes(split: &Split, y: &[u8]) -> Result<()> {
    let parts = [("training", &split.train), ("validation", &split.validation), ("test", &split.test)];
    for (name, rows) in parts.into_iter().filter(|(name, rows)| *name != "validation" || !rows.is_empty()) {
        let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
        let counts = Counts::of(&labels);
        if counts.positives == 0 || counts.negatives == 0 {
            let whole = Counts::of(y);
            return Err(Error::Data(format!(
                "the {name} part would hold {counts}, and every part needs both classes (the data have {whole}): use \
                 other shares or more data"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
