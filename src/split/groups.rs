//! Groups as splits need them.

use super::Roles;
use crate::error::{Error, Result};
use crate::words::agree;

/// The group of each row as a number below the number of groups, in the order of their codes: numpy's
/// `unique(groups, return_inverse=True)`. Some of the data's groups may have no row here.
pub(super) fn numbered(rows: &Roles) -> Result<(Vec<usize>, usize)> {
    let group = rows.group.as_ref().filter(|group| group.len() == rows.y.len());
    let group = group.ok_or_else(|| Error::Data("a split by groups needs the role `group`".into()))?;
    let mut place = vec![usize::MAX; group.iter().max().map_or(0, |most| *most as usize + 1)];
    group.iter().for_each(|&code| place[code as usize] = 0);
    let mut count = 0;
    for place in place.iter_mut().filter(|place| **place == 0) {
        *place = count;
        count += 1;
    }
    Ok((group.iter().map(|&code| place[code as usize]).collect(), count))
}

/// Why one group cannot be split, and what to do.
pub(super) const ONE_GROUP: &str =
    "rows of one group cannot be set apart: name another `group`, or a protocol without groups";

/// Refuses fewer groups than folds.
pub(super) fn enough(folds: u32, groups: usize) -> Result<()> {
    match (folds as usize) > groups {
        true => Err(Error::Data(format!(
            "{folds} folds need {folds} groups, but there {} {groups}: {}",
            agree(groups, "is", "are"),
            if groups < 2 { ONE_GROUP.into() } else { format!("use at most {groups} folds") }
        ))),
        false => Ok(()),
    }
}
