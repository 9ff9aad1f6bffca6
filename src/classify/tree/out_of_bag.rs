//! What a forest says of its own training rows by the trees that did not draw them.

use ndarray::ArrayView2;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::forest::{Draw, narrowed};
use super::{LEAF, Tree};
use crate::error::Result;

/// Rows that one task walks down a tree.
const BLOCK: usize = 4096;

/// `oob_score_`: the share of the rows that are labelled right by the trees that did not draw them, with how many rows all trees
/// drew, which count as labelled 0.
///
/// # Errors
/// A value that 32 bits cannot hold.
pub(super) fn score(x: ArrayView2<'_, f64>, y: &[u8], trees: &[Tree], (draw, seeds): (&Draw, &[u32])) -> Result<Value> {
    let mut sums = vec![[0.0_f64; 2]; y.len()];
    let columns = x.ncols();
    for (tree, &seed) in trees.iter().zip(seeds) {
        let counts = draw.counts(y.len(), seed)?;
        sums.par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, sums)| -> Result<()> {
            let from = block * BLOCK;
            let values = narrowed(&x, from..from + sums.len())?;
            for ((line, sum), _) in
                values.chunks_exact(columns).zip(sums).zip(&counts[from..]).filter(|(_, count)| **count == 0)
            {
                let [zero, one] = leaf(tree, line);
                sum[0] += zero;
                sum[1] += one;
            }
            Ok(())
        })?;
    }
    let right = sums.iter().zip(y).filter(|([zero, one], label)| u8::from(one > zero) == **label).count();
    let unseen = sums.iter().filter(|sum| **sum == [0.0; 2]).count();
    Ok(json!({ "oob_score": right as f64 / y.len() as f64, "rows_that_every_tree_drew": unseen }))
}

/// The shares in the leaf that a row comes to.
fn leaf(tree: &Tree, line: &[f32]) -> [f64; 2] {
    let mut at = 0;
    loop {
        let node = &tree.nodes[at];
        if node.column == LEAF {
            return node.shares;
        }
        at = match f64::from(line[node.column as usize]) <= node.threshold {
            true => at + 1,
            false => node.right as usize,
        };
    }
}
