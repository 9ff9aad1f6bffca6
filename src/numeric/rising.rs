//! Isotonic regression of labels: neighbouring rows are pooled until the shares of positives rise.
//!
//! The pool-adjacent-violators algorithm (Ayer et al. 1955). Neighbours of equal share are pooled too.

/// Neighbouring rows with one share of positives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// Its first row, in the order of the scores.
    pub first: usize,
    /// How many rows it has, at least one.
    pub rows: usize,
    /// How many of them are positive.
    pub positives: usize,
}

impl Block {
    /// The share of positives.
    pub fn share(&self) -> f64 {
        self.positives as f64 / self.rows as f64
    }
}

/// The blocks of groups of rows in the order of their scores, each with its rows and positives; a group stays together, as its rows
/// have one score. Groups without rows add nothing.
pub(crate) fn blocks(groups: impl Iterator<Item = (usize, usize)>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut first = 0;
    for (rows, positives) in groups.filter(|(rows, _)| *rows > 0) {
        let mut block = Block { first, rows, positives };
        first += rows;
        // Of whole numbers, so that equal shares are equal.
        let violates = |last: &mut Block, block: &Block| {
            last.positives as u64 * block.rows as u64 >= block.positives as u64 * last.rows as u64
        };
        while let Some(last) = blocks.pop_if(|last| violates(last, &block)) {
            block =
                Block { first: last.first, rows: last.rows + block.rows, positives: last.positives + block.positives };
        }
        blocks.push(block);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_rise_and_nothing_is_lost() {
        let found = blocks([(2, 1), (3, 0), (0, 0), (1, 1), (4, 1), (2, 1)].into_iter());
        // 1/2 and 0/3 violate: 1/5. 1/1 and 1/4 violate: 2/5. 1/2 stays.
        let expected =
            [(0, 5, 1), (5, 5, 2), (10, 2, 1)].map(|(first, rows, positives)| Block { first, rows, positives });
        assert_eq!(found, expected);
        assert_eq!(blocks([(1, 1), (1, 1)].into_iter()).len(), 1, "equal shares are one block");
    }
}
