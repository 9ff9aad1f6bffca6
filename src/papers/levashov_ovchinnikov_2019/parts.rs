//! The runs of the reproduction: three tables, each judged on test rows and, as the paper does it, on the rows chosen on.

use crate::papers::{DataSet, Part};
use crate::split::Leak;

macro_rules! part {
    ($name:literal, $about:literal, $data:expr) => {
        part!($name, $about, $data, None)
    };
    ($name:literal, $about:literal, $data:expr, $leak:expr) => {
        Part {
            name: $name,
            about: $about,
            file: concat!("experiments/levashov-ovchinnikov-2019-", $name, ".toml"),
            text: include_str!(concat!("../../../experiments/levashov-ovchinnikov-2019-", $name, ".toml")),
            data: $data,
            protocol: "hold-out",
            leak: $leak,
            is_audit: false,
        }
    };
}

const LEAK: Option<Leak> = Some(Leak::JudgedOnTrainingRows);

/// The parts in the order in which they are run.
pub static PARTS: [Part; 6] =
    [PAYMENTS, PAYMENTS_IN_SAMPLE, CREDITCARD, CREDITCARD_IN_SAMPLE, HANDBOOK, HANDBOOK_IN_SAMPLE];

pub const PAYMENTS: Part =
    part!("payments", "1,000,000 and 230 simulated payments, judged on test rows", DataSet::Payments);
pub const PAYMENTS_IN_SAMPLE: Part =
    part!("payments-in-sample", "the same, judged on training rows as the paper does", DataSet::Payments, LEAK);
pub const CREDITCARD: Part =
    part!("creditcard", "time of day and Amount, judged on test rows", DataSet::Catalogue("creditcard"));
pub const CREDITCARD_IN_SAMPLE: Part = part!(
    "creditcard-in-sample",
    "the same, judged on training rows as the paper does",
    DataSet::Catalogue("creditcard"),
    LEAK
);
pub const HANDBOOK: Part = part!(
    "handbook",
    "time of day and amount of the Handbook's transactions, judged on test rows",
    DataSet::Transactions
);
pub const HANDBOOK_IN_SAMPLE: Part =
    part!("handbook-in-sample", "the same, judged on training rows as the paper does", DataSet::Transactions, LEAK);
