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

/// Why groups that stand apart leave test rows out, and what keeps them.
pub(super) const WHY: &str = "rows whose group trains are not tested";
pub(super) const INSTEAD: &str = "`groups = \"any\"`";

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;
    use crate::split::Protocol;

    #[test]
    fn no_group_stands_in_two_parts_and_later_parts_give_way() {
        let n = 400usize;
        let group: Vec<u32> = (0..n).map(|row| (row % 331) as u32).collect();
        let rows = Roles {
            group: Some(group.clone()),
            time: Some((0..n).map(|row| (row * 7 % 401) as i64).collect()),
            ..Roles::labels(&(0..n).map(|row| u8::from(row % 3 == 1)).collect::<Vec<u8>>())
        };
        for text in ["kind = 'time-ordered'\ntest = 0.3\nvalidation = 0.3", "kind = 'time-series'\nfolds = 3"] {
            let of = |groups: &str| {
                let protocol =
                    Protocol::read(&format!("{text}\ngroups = '{groups}'").parse().unwrap(), &Registry::built_in())
                        .unwrap();
                protocol.splits(&rows).unwrap().into_iter().map(Result::unwrap).collect::<Vec<Split>>()
            };
            for (apart, any) in of("apart").iter().zip(of("any")) {
                let groups = |part: &[usize]| part.iter().map(|&row| group[row]).collect::<HashSet<u32>>();
                let left = |part: &[usize], known: &HashSet<u32>| {
                    part.iter().copied().filter(|&row| !known.contains(&group[row])).collect::<Vec<usize>>()
                };
                let mut known = groups(&any.train);
                let validation = left(&any.validation, &known);
                known.extend(groups(&validation));
                assert_eq!(
                    (&apart.train, &apart.validation, &apart.test),
                    (&any.train, &validation, &left(&any.test, &known))
                );
                assert!(apart.test.len() < any.test.len());
            }
        }
    }
}
