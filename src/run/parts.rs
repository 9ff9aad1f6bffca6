//! Which rows of the data a cell trains, validates and tests on, and which rows its resampler and scaler see. All that
//! sets a leaky protocol apart from the honest one happens here.

use super::job::Job;
use crate::split::Leak;
use crate::study::Cell;

/// Row numbers of the data, ascending in each part.
pub struct Parts {
    /// Training rows.
    pub train: Vec<usize>,
    /// Validation rows.
    pub validation: Vec<usize>,
    /// Test rows.
    pub test: Vec<usize>,
    /// All rows, for what a leaky protocol lets look at them; empty in the honest one. Without the duplicates unless a leak
    /// brings them back.
    pub all: Vec<usize>,
    resampled_all: bool,
    scaled_all: bool,
}

impl Parts {
    /// The rows of a cell before its resampler has chosen.
    pub fn of(job: &Job<'_>, cell: &Cell) -> Self {
        let keep = job.variant_rows(cell.id.dedup);
        let rows = |positions: &[usize]| positions.iter().map(|&p| keep.map_or(p, |k| k[p])).collect::<Vec<usize>>();
        let split = job.split(cell);
        let mut parts = Parts {
            train: rows(&split.train),
            validation: rows(&split.validation),
            test: rows(&split.test),
            all: Vec::new(),
            resampled_all: cell.leaks.has(Leak::ResampleBeforeSplit),
            scaled_all: cell.leaks.has(Leak::ScalerOnAllRows),
        };
        let duplicates = cell.leaks.has(Leak::DuplicatesAcrossSplit);
        let elsewhere = cell.leaks.has(Leak::TrainedOnAnotherSplit);
        if duplicates {
            parts.put_back(job, cell);
        }
        if elsewhere {
            parts.train = job.elsewhere(cell).train.clone();
        }
        if !cell.leaks.is_empty() {
            parts.all = match keep {
                Some(kept) if !duplicates && !elsewhere => kept.to_vec(),
                _ => (0..job.data.y.len()).collect(),
            };
        }
        parts
    }

    /// Puts the rows that dedup dropped into the parts where the split of the whole data has them.
    fn put_back(&mut self, job: &Job<'_>, cell: &Cell) {
        let mut dropped = vec![true; job.data.y.len()];
        job.deduplicated.iter().for_each(|&row| dropped[row] = false);
        let whole = job.whole(cell);
        let parts =
            [(&mut self.train, &whole.train), (&mut self.validation, &whole.validation), (&mut self.test, &whole.test)];
        for (part, rows) in parts {
            part.extend(rows.iter().filter(|&&row| dropped[row]));
            part.sort_unstable();
        }
    }

    /// The rows that the resampler chooses among.
    pub fn before_resampling(&self) -> &[usize] {
        if self.resampled_all { &self.all } else { &self.train }
    }

    /// Keeps what the resampler chose: positions in [`Parts::before_resampling`], ascending.
    pub fn keep(&mut self, positions: &[usize]) {
        let kept: Vec<usize> = positions.iter().map(|&p| self.before_resampling()[p]).collect();
        if self.resampled_all {
            for part in [&mut self.train, &mut self.validation, &mut self.test] {
                part.retain(|row| kept.binary_search(row).is_ok());
            }
            self.all = kept;
        } else {
            self.train = kept;
        }
    }

    /// The rows that the scaler is fitted on, where these are not the training rows.
    pub fn scaler_rows(&self) -> Option<&[usize]> {
        self.scaled_all.then_some(self.all.as_slice())
    }
}
