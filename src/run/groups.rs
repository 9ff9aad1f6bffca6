//! Which cells share a prefix, and which prefixes share a resampler's choice.

use std::collections::HashMap;

use super::schedule::Group;
use crate::cell::Cell;
use crate::split::Leaks;
use crate::study::Study;

/// What the matrices of a prefix depend on: data set, variant, leaks, split, imputer, resampler, encoder, scaler, select.
type PrefixKey = (usize, bool, Leaks, usize, [usize; 5]);

/// What a resampler's choice depends on: the same, but encoder, scaler and select only where it acts on what they made.
pub type ResampleKey = (usize, bool, Leaks, usize, usize, usize, Option<[usize; 3]>);

/// What the resampler's choice of a cell depends on.
pub fn resample_key(study: &Study, cell: &Cell) -> ResampleKey {
    let scaled = study.resamplers[cell.resampler].is_on_scaled().then_some([cell.encoder, cell.scaler, cell.select]);
    (cell.data, cell.id.dedup, cell.leaks, cell.split, cell.imputer, cell.resampler, scaled)
}

fn prefix_key(cell: &Cell) -> PrefixKey {
    let steps = [cell.imputer, cell.resampler, cell.encoder, cell.scaler, cell.select];
    (cell.data, cell.id.dedup, cell.leaks, cell.split, steps)
}

/// Groups `cells`, which are in the plan's order, by prefix; `bytes` estimates the matrices of a cell's prefix.
pub fn groups(cells: &[&Cell], bytes: impl Fn(&Cell) -> u64) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for (index, cell) in cells.iter().enumerate() {
        let key = Some(prefix_key(cell));
        match groups.last_mut().filter(|_| last == key) {
            Some(group) => group.cells.push(index),
            None => groups.push(Group { cells: vec![index], bytes: bytes(cell), is_alone: false }),
        }
        last = key;
    }
    groups
}

/// Cells that share a prefix, and the number of the resampler's choice that the prefix stands on: prefixes with the same number share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// Indices of its cells.
    pub cells: Vec<usize>,
    /// The choice.
    pub choice: usize,
}

/// The prefixes of `cells`, which are in the plan's order.
pub fn prefixes(study: &Study, cells: &[&Cell]) -> Vec<Prefix> {
    let mut choices: HashMap<ResampleKey, usize> = HashMap::new();
    let mut of = |group: Group| {
        let next = choices.len();
        let choice = *choices.entry(resample_key(study, cells[group.cells[0]])).or_insert(next);
        Prefix { cells: group.cells, choice }
    };
    groups(cells, |_| 0).into_iter().map(&mut of).collect()
}
