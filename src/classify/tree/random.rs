//! What scikit-learn's trees draw from, so that a `random_state` means here what it means there.

use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

/// So many members an ensemble may have: their seeds and their places fit into 32 bits.
const MOST_MEMBERS: usize = u32::MAX as usize;

/// `randint(numpy.iinfo(numpy.int32).max)`: how scikit-learn seeds the members of an ensemble and a tree's splitter.
pub(in crate::classify) fn seed(stream: &mut Mt19937) -> u32 {
    stream.interval(i32::MAX as u64 - 1) as u32
}

/// Refuses an ensemble without a member, and one of more members than anything can hold.
///
/// # Errors
/// [`Error::Component`].
pub(in crate::classify) fn check_members(n_estimators: usize) -> Result<()> {
    let must = match n_estimators {
        0 => "at least 1".to_owned(),
        1..=MOST_MEMBERS => return Ok(()),
        _ => format!("at most {MOST_MEMBERS}"),
    };
    Err(Error::Component(format!("`n_estimators` must be {must}, not {n_estimators}")))
}

/// The `random_state`s of an ensemble's members.
pub(in crate::classify) fn seeds(n_estimators: usize, random_state: u32) -> Vec<u32> {
    let mut stream = Mt19937::new(random_state);
    (0..n_estimators).map(|_| seed(&mut stream)).collect()
}

/// scikit-learn's `our_rand_r` (`sklearn/utils/_random.pxd`): a 32-bit xorshift cut to 31 bits.
pub(super) struct XorShift(u32);

impl XorShift {
    /// The generator that a tree of this `random_state` makes for itself.
    pub(super) fn of_tree(random_state: u32) -> Self {
        Self(seed(&mut Mt19937::new(random_state)))
    }

    /// The next 31 bits.
    fn next(&mut self) -> u32 {
        if self.0 == 0 {
            self.0 = 1;
        }
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 & 0x7fff_ffff
    }

    /// `rand_int(low, high)`: in `[low, high)`, with scikit-learn's modulo bias.
    fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.next() as usize % (high - low)
    }

    /// `rand_uniform(low, high)`: in `[low, high]`.
    pub(super) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        (high - low) * f64::from(self.next()) / f64::from(0x7fff_ffff) + low
    }
}

/// Draws a node's columns without replacement, leaving out those that are constant in the node: the Fisher-Yates draw of
/// `node_split_best` in scikit-learn's `_splitter.pyx`, with its memory of what ancestors found constant.
pub(super) struct ColumnDraw {
    /// A permutation of the columns; the first `known` of a node are constant in it.
    columns: Vec<u32>,
    /// The constant columns on the path from the root to the node at hand.
    constants: Vec<u32>,
    /// How many columns to look at, unless all of those were constant.
    most: usize,
    stream: XorShift,
}

impl ColumnDraw {
    /// For a tree over `columns` columns that looks at `most` of them in each node.
    pub(super) fn new(columns: usize, most: usize, random_state: u32) -> Self {
        let columns: Vec<u32> = (0..columns as u32).collect();
        Self { constants: columns.clone(), columns, most, stream: XorShift::of_tree(random_state) }
    }

    /// Puts the columns to search into `drawn`, in the order of the draw. `known` of them are constant in the parent;
    /// the return value is that number for the node's children.
    pub(super) fn draw(
        &mut self,
        known: usize,
        mut is_constant: impl FnMut(usize) -> bool,
        drawn: &mut Vec<usize>,
    ) -> usize {
        drawn.clear();
        self.visit(known, |column, _| {
            let constant = is_constant(column);
            if !constant {
                drawn.push(column);
            }
            constant
        })
    }

    /// Calls `look` with one drawn column after another, and with the stream, from which a splitter that cuts at random
    /// draws in between; `look` says whether the column is constant in the node. `known` and the return value are those
    /// of [`Self::draw`].
    pub(super) fn visit(&mut self, known: usize, mut look: impl FnMut(usize, &mut XorShift) -> bool) -> usize {
        let (mut end, mut visited, mut found, mut drawn_constants) = (self.columns.len(), 0, 0, 0);
        while end > known + found && (visited < self.most || visited <= found + drawn_constants) {
            visited += 1;
            let mut at = self.stream.between(drawn_constants, end - found);
            if at < known {
                self.columns.swap(drawn_constants, at);
                drawn_constants += 1;
                continue;
            }
            at += found;
            let column = self.columns[at] as usize;
            if look(column, &mut self.stream) {
                self.columns.swap(at, known + found);
                found += 1;
                continue;
            }
            end -= 1;
            self.columns.swap(end, at);
        }
        self.columns[..known].copy_from_slice(&self.constants[..known]);
        let total = known + found;
        self.constants[known..total].copy_from_slice(&self.columns[known..total]);
        total
    }
}
