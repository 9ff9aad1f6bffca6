//! The runs of the reproduction.

use crate::papers::{DataSet, Part};
use crate::split::Leak;

macro_rules! part {
    ($name:literal, $about:literal, $protocol:literal, $leak:expr) => {
        Part {
            name: $name,
            about: $about,
            file: concat!("experiments/subeh-yarovenko-2017-", $name, ".toml"),
            text: include_str!(concat!("../../../experiments/subeh-yarovenko-2017-", $name, ".toml")),
            data: DataSet::Transactions,
            protocol: $protocol,
            leak: $leak,
            is_audit: false,
        }
    };
}

pub const SEARCH: Part = part!(
    "search",
    "the network search: 44 networks on 5,000 transactions, chosen on validation rows",
    "hold-out",
    None
);
pub const IN_SAMPLE: Part = part!(
    "in-sample",
    "the same networks on the rows that they have learned from",
    "hold-out",
    Some(Leak::JudgedOnTrainingRows)
);
pub const UNSEEN_CARDS: Part = part!(
    "unseen-cards",
    "the printed network, one trained here and other families, on cards that they never saw",
    "stratified-group-k-fold",
    None
);
pub const ALL_ROWS: Part = part!("all-rows", "the same on all 1,754,155 transactions, in time", "time-ordered", None);

/// The parts in the order in which they are run.
pub static PARTS: [Part; 4] = [SEARCH, IN_SAMPLE, UNSEEN_CARDS, ALL_ROWS];
