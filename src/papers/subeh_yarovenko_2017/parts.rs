//! The runs of the reproduction.

use crate::papers::{DataSet, Part, part};
use crate::split::Leak;

const DATA: DataSet = DataSet::Transactions;

pub const SEARCH: Part = part!(
    "search",
    "subeh-yarovenko-2017-search",
    "the network search: 44 networks on 5,000 transactions, chosen on validation rows",
    DATA,
    "hold-out"
);
pub const IN_SAMPLE: Part = part!(
    "in-sample",
    "subeh-yarovenko-2017-in-sample",
    "the same networks on the rows that they have learned from",
    DATA,
    "hold-out",
    Leak::JudgedOnTrainingRows
);
pub const UNSEEN_CARDS: Part = part!(
    "unseen-cards",
    "subeh-yarovenko-2017-unseen-cards",
    "the printed network, one trained here and other families, on cards that they never saw",
    DATA,
    "stratified-group-k-fold"
);
pub const ALL_ROWS: Part = part!(
    "all-rows",
    "subeh-yarovenko-2017-all-rows",
    "the same on all 1,754,155 transactions, in time",
    DATA,
    "time-ordered"
);

/// The parts in the order in which they are run.
pub static PARTS: [Part; 4] = [SEARCH, IN_SAMPLE, UNSEEN_CARDS, ALL_ROWS];
