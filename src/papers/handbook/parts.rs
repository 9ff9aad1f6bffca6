//! The runs of the reproduction: each grid of the Handbook on the folds on which it chooses, and on those on which it reports.

use crate::papers::{DataSet, Part, part};
use crate::split::Leak;

/// A grid on two sets of folds.
#[derive(Debug)]
pub struct Folds {
    /// Those on which parameters are chosen.
    pub validation: &'static Part,
    /// Those on which results are reported.
    pub test: &'static Part,
}

const DATA: DataSet = DataSet::Transactions;

/// The parts in the order in which they are run.
pub static PARTS: [Part; 14] = [
    FIRST,
    SELECTION_VALIDATION,
    SELECTION_TEST,
    WEIGHTS_VALIDATION,
    WEIGHTS_TEST,
    ENSEMBLES_VALIDATION,
    ENSEMBLES_TEST,
    RESAMPLING_VALIDATION,
    RESAMPLING_TEST,
    IN_SAMPLE,
    KNOWN_CARDS,
    LABEL_DELAY,
    NETWORKS_VALIDATION,
    NETWORKS_TEST,
];

pub const FIRST: Part = part!(
    "first",
    "handbook-first",
    "chapter 3, the first models on one split; XGBoost with the defaults of 2021 and of today",
    DATA,
    "prequential"
);
const SELECTION_VALIDATION: Part = part!(
    "selection-validation",
    "handbook-selection-validation",
    "chapter 5, grids of four families, the folds to choose on",
    DATA,
    "prequential"
);
const SELECTION_TEST: Part = part!(
    "selection-test",
    "handbook-selection-test",
    "chapter 5, the same grids, the folds to report on",
    DATA,
    "prequential"
);
const WEIGHTS_VALIDATION: Part = part!(
    "weights-validation",
    "handbook-weights-validation",
    "chapter 6, class weights, the folds to choose on",
    DATA,
    "prequential"
);
const WEIGHTS_TEST: Part = part!(
    "weights-test",
    "handbook-weights-test",
    "chapter 6, class weights, the folds to report on",
    DATA,
    "prequential"
);
const ENSEMBLES_VALIDATION: Part = part!(
    "ensembles-validation",
    "handbook-ensembles-validation",
    "chapter 6, balanced and weighted ensembles, the folds to choose on",
    DATA,
    "prequential"
);
const ENSEMBLES_TEST: Part = part!(
    "ensembles-test",
    "handbook-ensembles-test",
    "chapter 6, balanced and weighted ensembles, the folds to report on",
    DATA,
    "prequential"
);
const RESAMPLING_VALIDATION: Part = part!(
    "resampling-validation",
    "handbook-resampling-validation",
    "chapter 6, SMOTE and undersampling, the folds to choose on",
    DATA,
    "prequential"
);
const RESAMPLING_TEST: Part = part!(
    "resampling-test",
    "handbook-resampling-test",
    "chapter 6, SMOTE and undersampling, the folds to report on",
    DATA,
    "prequential"
);
pub const IN_SAMPLE: Part = part!(
    "in-sample",
    "handbook-in-sample",
    "chapters 3 and 5, models on the rows that they have learned from",
    DATA,
    "prequential",
    Leak::JudgedOnTrainingRows
);
pub const KNOWN_CARDS: Part = part!(
    "known-cards",
    "handbook-known-cards",
    "not in the Handbook: cards whose fraud is known are scored all the same",
    DATA,
    "prequential"
);

pub const LABEL_DELAY: Part = part!(
    "label-delay",
    "handbook-label-delay",
    "not in the Handbook: labels that features are made of are known at once",
    DATA,
    "prequential",
    Leak::NoLabelDelay
);

const NETWORKS_VALIDATION: Part = Part {
    is_long: true,
    ..part!(
        "networks-validation",
        "handbook-networks-validation",
        "chapter 7, feed-forward networks, the folds to choose on",
        DATA,
        "prequential"
    )
};
const NETWORKS_TEST: Part = Part {
    is_long: true,
    ..part!(
        "networks-test",
        "handbook-networks-test",
        "chapter 7, feed-forward networks, the folds to report on",
        DATA,
        "prequential"
    )
};

pub static SELECTION: Folds = Folds { validation: &SELECTION_VALIDATION, test: &SELECTION_TEST };
pub static WEIGHTS: Folds = Folds { validation: &WEIGHTS_VALIDATION, test: &WEIGHTS_TEST };
pub static ENSEMBLES: Folds = Folds { validation: &ENSEMBLES_VALIDATION, test: &ENSEMBLES_TEST };
pub static NETWORKS: Folds = Folds { validation: &NETWORKS_VALIDATION, test: &NETWORKS_TEST };
pub static RESAMPLING: Folds = Folds { validation: &RESAMPLING_VALIDATION, test: &RESAMPLING_TEST };
