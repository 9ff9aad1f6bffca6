//! Which cells share a prefix, and which prefixes share a resampler's choice.

use super::schedule::Group;
use crate::split::Leaks;
use crate::study::Cell;

/// What a resampler's choice depends on: dataset variant, leaks, split, resampler.
pub type ResampleKey = (bool, Leaks, usize, usize);

/// See [`ResampleKey`].
pub fn resample_key(cell: &Cell) -> ResampleKey {
    (cell.id.dedup, cell.leaks, cell.split, cell.resampler)
}

/// Groups `cells`, which are in the plan's order, by prefix; `bytes` estimates the matrices of a cell's prefix.
pub fn groups(cells: &[&Cell], bytes: impl Fn(&Cell) -> u64) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for (index, cell) in cells.iter().enumerate() {
        let key = Some((resample_key(cell), cell.scaler));
        match groups.last_mut().filter(|_| last == key) {
            Some(group) => group.cells.push(index),
            None => groups.push(Group { cells: vec![index], bytes: bytes(cell) }),
        }
        last = key;
    }
    groups
}
