//! The trees that stand in LightGBM's text: what its models are, told without the library.
//!
//! <https://lightgbm.readthedocs.io/en/stable/>; the format is that of `GBDT::SaveModelToString` and `Tree::ToString`.

use std::collections::HashMap;
use std::str::FromStr;

use crate::component::{SavedTree, SavedTrees, TreeSum};

/// Bits of a node's `decision_type`.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;

/// What a node does with missing values: bits 2 and 3.
fn missing_type(decision: u8) -> u8 {
    decision >> 2 & 3
}

/// The trees of a model's text; none where they do more than be added up: averaged forests, zeros that are missing, another steepness.
pub(super) fn read_trees(text: &str) -> Option<SavedTrees> {
    let (head, trees) = text.split_once("\nTree=")?;
    let says_logistic = |line: &str| line.starts_with("objective=binary") && line.contains("sigmoid:1");
    let is_plain = head.lines().any(says_logistic) && !head.lines().any(|line| line == "average_output");
    let steepness = head.lines().find_map(|line| line.split_once("sigmoid:")).map(|(_, said)| said.trim() == "1");
    if !is_plain || steepness != Some(true) {
        return None;
    }
    let last = head.lines().find_map(|line| line.strip_prefix("max_feature_idx="))?;
    let columns = last.trim().parse::<usize>().ok()? + 1;
    let trees: Option<Vec<SavedTree>> = trees.split("\nTree=").map(tree).collect();
    Some(SavedTrees { columns, narrow: false, trees: trees?, says: TreeSum::LogOdds(0.0) })
}

/// One tree: inner nodes first, then the leaves.
fn tree(text: &str) -> Option<SavedTree> {
    let text = text.split("\nend of trees").next()?;
    let fields: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let leaves: Vec<f64> = numbers(&fields, "leaf_value")?;
    let columns: Vec<u32> = numbers(&fields, "split_feature")?;
    let thresholds: Vec<f64> = numbers(&fields, "threshold")?;
    let decisions: Vec<u8> = numbers(&fields, "decision_type")?;
    let children = [numbers::<i64>(&fields, "left_child")?, numbers::<i64>(&fields, "right_child")?];
    let bounds: Vec<usize> = numbers(&fields, "cat_boundaries")?;
    let words: Vec<u32> = numbers(&fields, "cat_threshold")?;
    let inner = leaves.len().checked_sub(1)?;
    let mut saved = SavedTree::default();
    for node in 0..inner {
        let decision = *decisions.get(node)?;
        let (threshold, kind) = (*thresholds.get(node)?, missing_type(decision));
        // Zeros that are missing are more than a threshold says.
        if kind == 1 {
            return None;
        }
        let levels = match decision & CATEGORICAL {
            0 => None,
            _ => Some(levels(&words, &bounds, threshold as usize)?),
        };
        // Without a way of their own blanks go where 0 goes.
        let blanks_left = match (&levels, kind) {
            (Some(_), 2) => false,
            (Some(levels), _) => levels.contains(&0),
            (None, 2) => decision & DEFAULT_LEFT != 0,
            (None, _) => threshold >= 0.0,
        };
        let child = |of: &[i64]| of.get(node).map(|&at| if at < 0 { inner as u32 + !at as u32 } else { at as u32 });
        saved.column.push(*columns.get(node)?);
        saved.threshold.push(if levels.is_some() { 0.0 } else { threshold });
        saved.next.push([child(&children[0])?, child(&children[1])?]);
        saved.missing_left.push(blanks_left);
        saved.levels.push(levels);
        saved.value.push(0.0);
    }
    for (at, value) in (inner as u32..).zip(leaves) {
        saved.column.push(0);
        saved.threshold.push(0.0);
        saved.next.push([at; 2]);
        saved.missing_left.push(false);
        saved.levels.push(None);
        saved.value.push(value);
    }
    if saved.levels.iter().all(Option::is_none) {
        saved.levels.clear();
    }
    Some(saved)
}

/// The levels in a set of bits.
fn levels(words: &[u32], bounds: &[usize], set: usize) -> Option<Vec<u32>> {
    let words = words.get(*bounds.get(set)?..*bounds.get(set + 1)?)?;
    let bits = words.iter().enumerate().flat_map(|(word, bits)| {
        (0..32).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word as u32 * 32 + bit)
    });
    Some(bits.collect())
}

/// The numbers of a line; none of them where the line is not there or empty, as in a tree of one leaf.
fn numbers<T: FromStr>(fields: &HashMap<&str, &str>, name: &str) -> Option<Vec<T>> {
    let line = fields.get(name).copied().unwrap_or("");
    line.split_whitespace().map(|number| number.parse().ok()).collect()
}
