//! Ensembles that were told as data.

use super::mean::{Fitted, Mean};
use super::samme::Vote;
use super::stacking::Stacked;
use super::voting;
use crate::classify::restored::{ID, restored};
use crate::component::{MemberSum, Model, SavedMember, SavedModel};
use crate::error::Result;

/// A member, the columns that it sees if not all, and its weight.
type Restored = (Box<dyn Model>, Option<Vec<usize>>, f64);

/// Members that are added up.
///
/// # Errors
/// Those of the members.
pub(in crate::classify) fn members(
    columns: usize,
    says: MemberSum,
    members: Vec<SavedMember>,
) -> Result<Box<dyn Model>> {
    let mut models = Vec::with_capacity(members.len());
    for SavedMember { model, columns, weight } in members {
        models.push((restored(model)?, columns, weight));
    }
    let weighing = |models: Vec<Restored>| models.into_iter().map(|(model, _, weight)| (model, weight)).collect();
    Ok(match says {
        MemberSum::Mean => {
            let members = models.into_iter().map(|(model, columns, _)| Fitted { model, columns }).collect();
            Box::new(Mean { family: ID, members, columns })
        }
        MemberSum::Shares => voting::restored(columns, false, weighing(models)),
        MemberSum::Labels => voting::restored(columns, true, weighing(models)),
        MemberSum::Boosted => Box::new(Vote { family: ID, members: weighing(models), columns }),
    })
}

/// Members whose scores another model sees.
///
/// # Errors
/// Those of the members.
pub(in crate::classify) fn stacked(
    members: Vec<SavedModel>,
    last: SavedModel,
    passthrough: bool,
) -> Result<Box<dyn Model>> {
    let members = members.into_iter().map(restored).collect::<Result<_>>()?;
    Ok(Box::new(Stacked { members, last: restored(last)?, passthrough }))
}
