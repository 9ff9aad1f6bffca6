//! How many rows of each class there are, and whether a part lacks one.

use std::fmt;

use super::{Split, SplitPart};
use crate::error::{Error, Result};
use crate::words::counted;

pub(super) struct Counts {
    pub positives: usize,
    pub negatives: usize,
}

impl Counts {
    pub fn of(y: &[u8]) -> Self {
        let positives = y.iter().filter(|&&label| label == 1).count();
        Self { positives, negatives: y.len() - positives }
    }

    pub fn at(rows: &[usize], y: &[u8]) -> Self {
        let positives = rows.iter().filter(|&&row| y[row] == 1).count();
        Self { positives, negatives: rows.len() - positives }
    }

    pub fn lacks_a_class(&self) -> bool {
        self.positives == 0 || self.negatives == 0
    }

    /// Refuses fewer rows of a class than folds.
    pub fn enough(&self, folds: u32) -> Result<()> {
        let fewest = self.positives.min(self.negatives);
        if fewest >= folds as usize {
            return Ok(());
        }
        let remedy = if fewest < 2 { "more data are needed".into() } else { format!("use at most {fewest} folds") };
        Err(Error::Data(format!("{folds} folds need {folds} rows of each class, but there are {self}: {remedy}")))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (positives, negatives) =
            (counted(self.positives as u64, "positive"), counted(self.negatives as u64, "negative"));
        write!(f, "{positives} and {negatives}")
    }
}

/// Which part of a split lacks a class, and a sentence about it: it can neither teach nor measure. `numbered` where the split is one
/// of several.
pub(super) fn lacks_a_class(split: &Split, y: &[u8], numbered: bool) -> Option<(SplitPart, String)> {
    let parts = [
        (SplitPart::Training, &split.train),
        (SplitPart::Validation, &split.validation),
        (SplitPart::Test, &split.test),
    ];
    let parts = parts.into_iter().filter(|(part, rows)| *part != SplitPart::Validation || !rows.is_empty());
    let lacking = parts.map(|(part, rows)| (part, Counts::at(rows, y)));
    let (part, counts) = lacking.into_iter().find(|(_, counts)| counts.lacks_a_class())?;
    let of = match (numbered, split.repeat) {
        (false, _) => String::new(),
        (true, 0) => format!("fold {}: ", split.fold),
        (true, repeat) => format!("repeat {repeat}, fold {}: ", split.fold),
    };
    let (name, whole) = (part.name(), Counts::of(y));
    let said =
        format!("{of}the {name} part would hold {counts}, and every part needs both classes (the data have {whole})");
    Some((part, said))
}
