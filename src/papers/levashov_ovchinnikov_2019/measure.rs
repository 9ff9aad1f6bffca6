//! What the parts' records say: the errors of each classifier on each table.

use super::pairs::{PROBES, Pairs};
use super::tables::{TABLES, Table};
use crate::analyze::folds::Split;
use crate::papers::{Cells, Evidence, Part};
use crate::store::Outcome;

/// Both errors of a classifier, one pair per repeat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Errors {
    /// First kind and second kind by split.
    pub pairs: Vec<(Split, [f64; 2])>,
    /// Whether the rows were without duplicates.
    pub dedup: bool,
    pub cells: Cells,
}

impl Errors {
    /// Those of a part's classifier.
    pub fn of(evidence: &Evidence, part: &Part, classifier: &str) -> Self {
        let Some(results) = evidence.part(part) else { return Errors::default() };
        let planned = results.planned.iter().filter(|planned| planned.cell.classifier == classifier).count();
        let own = results.records.iter().filter(|record| record.cell.classifier == classifier);
        let (scored, failed): (Vec<_>, Vec<_>) = own.partition(|record| record.outcome == Outcome::Scored);
        let pair = |record: &&crate::store::Record| {
            let of = |metric: &str| record.metrics.get(metric).and_then(crate::metric::Score::value);
            Some(((record.cell.repeat, record.cell.fold), [of("false-negative-rate")?, of("false-positive-rate")?]))
        };
        let pairs = scored.iter().filter_map(pair).collect();
        let dedup = scored.first().is_some_and(|record| record.cell.dedup);
        Errors { pairs, dedup, cells: Cells { scored: scored.len(), failed: failed.len(), planned } }
    }

    /// Means over the repeats; none unless all were scored.
    pub fn means(&self) -> Option<[f64; 2]> {
        let n = self.pairs.len() as f64;
        let mean = |nth: usize| self.pairs.iter().map(|(_, pair)| pair[nth]).sum::<f64>() / n;
        self.cells.is_whole().then(|| [mean(0), mean(1)])
    }
}

/// Youden's index of a pair of errors.
pub fn youden([first, second]: [f64; 2]) -> f64 {
    1.0 - first - second
}

/// A table's counted rectangles. They were checked when they were put in.
pub fn pairs(evidence: &Evidence, nth: usize) -> Option<Pairs> {
    let probe = &PROBES[nth];
    evidence.probe(probe).and_then(|text| Pairs::parse(text, probe.file, &TABLES[nth]).ok())
}

/// Every table with its counted rectangles, where they were counted.
pub fn counted(evidence: &Evidence) -> Vec<(&'static Table, Pairs)> {
    TABLES.iter().enumerate().filter_map(|(nth, table)| Some((table, pairs(evidence, nth)?))).collect()
}
