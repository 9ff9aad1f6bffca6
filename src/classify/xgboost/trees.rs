//! The trees that stand in XGBoost's JSON: what its models are, told without the library.
//!
//! <https://xgboost.readthedocs.io/en/release_3.2.0/tutorials/saving_model.html>

use serde_json::Value;

use crate::component::{SavedTree, SavedTrees, TreeSum};

/// The trees of a model's JSON, whose score is the logistic of their sum; none where they are weighted (`dart`) or no trees.
pub(super) fn read_trees(json: &[u8]) -> Option<SavedTrees> {
    let model: Value = serde_json::from_slice(json).ok()?;
    let learner = &model["learner"];
    let booster = &learner["gradient_booster"];
    if booster["name"] != "gbtree" {
        return None;
    }
    let params = &learner["learner_model_param"];
    // One number, in brackets since the library has vectors there.
    let base: f64 = params["base_score"].as_str()?.trim_matches(['[', ']']).parse().ok()?;
    let columns = params["num_feature"].as_str()?.parse().ok()?;
    let trees: Option<Vec<SavedTree>> = booster["model"]["trees"].as_array()?.iter().map(tree).collect();
    let says = TreeSum::LogOdds((base / (1.0 - base)).ln());
    Some(SavedTrees { columns, narrow: true, trees: trees?, says })
}

fn tree(tree: &Value) -> Option<SavedTree> {
    let whole = |name: &str| tree[name].as_array()?.iter().map(Value::as_i64).collect::<Option<Vec<i64>>>();
    let flags = |name: &str| tree[name].as_array()?.iter().map(flag).collect::<Option<Vec<bool>>>();
    let (left, right, columns) = (whole("left_children")?, whole("right_children")?, whole("split_indices")?);
    let conditions = tree["split_conditions"].as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>()?;
    let default_left = flags("default_left")?;
    let mut sets = vec![None; left.len()];
    let (nodes, sizes) = (whole("categories_nodes")?, whole("categories_sizes")?);
    let (starts, categories) = (whole("categories_segments")?, whole("categories")?);
    for ((node, size), start) in nodes.iter().zip(sizes).zip(starts) {
        let set = categories.get(start as usize..(start + size) as usize)?;
        *sets.get_mut(*node as usize)? = Some(set.iter().map(|&level| level as u32).collect::<Vec<u32>>());
    }
    let has_sets = !nodes.is_empty();
    let mut saved = SavedTree::default();
    for (at, set) in sets.into_iter().enumerate() {
        let is_leaf = left[at] < 0;
        let blanks_left = *default_left.get(at)?;
        let next = if is_leaf { [at as u32; 2] } else { [left[at] as u32, *right.get(at)? as u32] };
        let condition = *conditions.get(at)?;
        saved.column.push(if is_leaf { 0 } else { *columns.get(at)? as u32 });
        // The library goes left below the threshold, in 32 bits: up to the number before it.
        let below = f64::from((condition as f32).next_down());
        saved.threshold.push(if is_leaf || set.is_some() { 0.0 } else { below });
        // The levels of the set go right there.
        saved.next.push(if set.is_some() { [next[1], next[0]] } else { next });
        saved.missing_left.push(!is_leaf && blanks_left != set.is_some());
        saved.value.push(if is_leaf { condition } else { 0.0 });
        if has_sets {
            saved.levels.push(set);
        }
    }
    Some(saved)
}

/// A flag, which some versions write as a number.
fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_i64().map(|number| number != 0))
}
