//! Which scores ONNX says so well that a map which jumps between scores says the same of them.

use super::members::share_is_score;
use crate::component::{MemberSum, SavedMap, SavedModel, SavedTrees, TreeSum};

/// Whether ONNX's score is ours to the bit, or differs in last digits where no two of our scores are equal. Of scores that many rows
/// have, each may be a bound of a map that jumps, and another last digit then is on the wrong side of it; of others hardly one is.
pub(super) fn is_fine(model: &SavedModel) -> bool {
    match model {
        SavedModel::Constant { .. }
        | SavedModel::Linear(_)
        | SavedModel::Quadric { .. }
        | SavedModel::Vectors(_)
        | SavedModel::Neighbors(_)
        | SavedModel::Network(_) => true,
        SavedModel::Trees(trees) => is_counted(trees),
        // In 32 bits.
        SavedModel::Library(_) => false,
        // Many a score is 1, or as near to it as the rounding of large likelihoods has it.
        SavedModel::Gaussians { .. } => false,
        SavedModel::Members { says, members, .. } => match says {
            MemberSum::Labels => true,
            // All rows that all members agree on have one score, the logistic of 2, which is rounded otherwise.
            MemberSum::Boosted => false,
            MemberSum::Mean | MemberSum::Shares => {
                members.iter().all(|member| !share_is_score(&member.model) || is_fine(&member.model))
            }
        },
        SavedModel::Stacked { members, last, .. } => members.iter().all(is_fine) && is_fine(last),
        SavedModel::Mapped { model, .. }
        | SavedModel::Thresholded { model, .. }
        | SavedModel::PriorCorrected { model, .. } => is_fine(model),
    }
}

/// Whether the score is a mean of whole numbers, which 32 bits hold.
fn is_counted(trees: &SavedTrees) -> bool {
    let are_whole = |values: &[f64]| values.iter().all(|value| value.fract() == 0.0);
    matches!(trees.says, TreeSum::Mean) && trees.trees.iter().all(|tree| are_whole(&tree.value))
}

/// Whether last digits of what a model sees can change more than last digits of its score.
pub(super) fn is_stepped(model: &SavedModel) -> bool {
    match model {
        SavedModel::Trees(_) | SavedModel::Library(_) | SavedModel::Neighbors(_) => true,
        SavedModel::Constant { .. }
        | SavedModel::Linear(_)
        | SavedModel::Gaussians { .. }
        | SavedModel::Quadric { .. }
        | SavedModel::Vectors(_)
        | SavedModel::Network(_) => false,
        SavedModel::Members { says, members, .. } => {
            matches!(says, MemberSum::Labels | MemberSum::Boosted)
                || members.iter().any(|member| !share_is_score(&member.model) || is_stepped(&member.model))
        }
        SavedModel::Stacked { members, last, .. } => members.iter().any(is_stepped) || is_stepped(last),
        SavedModel::Mapped { map: SavedMap::VennAbers(_), .. } => true,
        SavedModel::Mapped { model, .. }
        | SavedModel::Thresholded { model, .. }
        | SavedModel::PriorCorrected { model, .. } => is_stepped(model),
    }
}
