//! Groups and time together: no group stands in two parts of a split in time.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Roles, Split};
use crate::error::{Error, Result};

/// Where the rows of one group may stand in a split in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Groups {
    /// In any part: a card that is known from training is tested on its later rows.
    #[default]
    Any,
    /// In the earliest part that has one of them; later parts leave the group's rows out. A model is judged on groups that it
    /// has never seen.
    Apart,
}

impl Groups {
    pub fn are_apart(self) -> bool {
        self == Groups::Apart
    }

    /// Leaves out what may not stand where it stands.
    pub fn set_apart(self, splits: &mut [Split], rows: &Roles) -> Result<()> {
        if !self.are_apart() {
            return Ok(());
        }
        let lacking = || Error::Data("groups that stand apart need the role `group`".into());
        let group = rows.group.as_ref().filter(|group| group.len() == rows.y.len()).ok_or_else(lacking)?;
        for split in splits {
            let mut known: HashSet<u32> = split.train.iter().map(|&row| group[row]).collect();
            for part in [&mut split.validation, &mut split.test] {
                part.retain(|&row| !known.contains(&group[row]));
                known.extend(part.iter().map(|&row| group[row]));
            }
        }
        Ok(())
    }
}
