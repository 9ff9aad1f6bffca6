//! The runs of the reproduction: three tables, each judged on test rows and, as the paper does it, on the rows chosen on.

use crate::papers::{DataSet, Part, part};
use crate::split::Leak;

const LEAK: Leak = Leak::JudgedOnTrainingRows;

/// The parts in the order in which they are run.
pub static PARTS: [Part; 6] =
    [PAYMENTS, PAYMENTS_IN_SAMPLE, CREDITCARD, CREDITCARD_IN_SAMPLE, HANDBOOK, HANDBOOK_IN_SAMPLE];

pub const PAYMENTS: Part = part!(
    "payments",
    "levashov-ovchinnikov-2019-payments",
    "1,000,000 and 230 simulated payments, judged on test rows",
    DataSet::Payments,
    "hold-out"
);
pub const PAYMENTS_IN_SAMPLE: Part = part!(
    "payments-in-sample",
    "levashov-ovchinnikov-2019-payments-in-sample",
    "the same, judged on training rows as the paper does",
    DataSet::Payments,
    "hold-out",
    LEAK
);
pub const CREDITCARD: Part = part!(
    "creditcard",
    "levashov-ovchinnikov-2019-creditcard",
    "time of day and Amount, judged on test rows",
    DataSet::Catalogue("creditcard"),
    "hold-out"
);
pub const CREDITCARD_IN_SAMPLE: Part = part!(
    "creditcard-in-sample",
    "levashov-ovchinnikov-2019-creditcard-in-sample",
    "the same, judged on training rows as the paper does",
    DataSet::Catalogue("creditcard"),
    "hold-out",
    LEAK
);
pub const HANDBOOK: Part = part!(
    "handbook",
    "levashov-ovchinnikov-2019-handbook",
    "time of day and amount of the Handbook's transactions, judged on test rows",
    DataSet::Transactions,
    "hold-out"
);
pub const HANDBOOK_IN_SAMPLE: Part = part!(
    "handbook-in-sample",
    "levashov-ovchinnikov-2019-handbook-in-sample",
    "the same, judged on training rows as the paper does",
    DataSet::Transactions,
    "hold-out",
    LEAK
);
