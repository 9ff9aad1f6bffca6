//! Which cells of a plan have scores, which failed, and which are missing, by shard.

use std::collections::{HashMap, HashSet};

use super::ShardPlan;
use crate::cell::CellId;
use crate::store::{Outcome, Record};

/// What there is of a shard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Cells with scores.
    pub scored: usize,
    /// Cells with a record without scores.
    pub failed: usize,
    /// Cells without a record.
    pub missing: usize,
    /// Cells that a shard has a record of, which is left out of the joined results as it cannot be trusted there.
    pub left_out: usize,
}

impl Coverage {
    /// Its cells.
    pub fn cells(self) -> usize {
        self.scored + self.failed + self.missing + self.left_out
    }
}

/// The coverage of each shard of `plan`; `cells` are its cells with their keys, `records` those that count, `known` the cells and keys of
/// those that shards left. Of several records of a cell one with scores counts.
pub fn coverage<'r>(
    plan: &ShardPlan,
    cells: &[(CellId, String)],
    records: impl IntoIterator<Item = &'r Record>,
    known: &HashSet<(CellId, String)>,
) -> Vec<Coverage> {
    let mut scored: HashMap<(&CellId, &str), bool> = HashMap::new();
    for record in records {
        *scored.entry(record.whose()).or_default() |= record.outcome == Outcome::Scored;
    }
    let of = |shard: &super::Shard| {
        let mut found = Coverage::default();
        for cell in shard.cells() {
            let cell = cells.get(cell);
            match cell.and_then(|(id, key)| scored.get(&(id, key.as_str()))) {
                Some(true) => found.scored += 1,
                Some(false) => found.failed += 1,
                None if cell.is_some_and(|cell| known.contains(cell)) => found.left_out += 1,
                None => found.missing += 1,
            }
        }
        found
    };
    plan.shards.iter().map(of).collect()
}

/// The shards that lack records, ascending.
pub fn lacking(coverage: &[Coverage]) -> Vec<usize> {
    (0..coverage.len()).filter(|&shard| coverage[shard].missing > 0).collect()
}
