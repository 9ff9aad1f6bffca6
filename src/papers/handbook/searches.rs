//! The Handbook's grids: which pipeline of which part a printed parameter stands for.

use super::parts::{ENSEMBLES, Folds, NETWORKS, RESAMPLING, SELECTION, WEIGHTS};

/// A grid of one parameter, or of one text of several, as the Handbook's tables print it.
#[derive(Debug)]
pub struct Search {
    /// The values as printed in tables, in the Handbook's order.
    pub labels: &'static [&'static str],
    /// The pipeline of a value.
    pub pipeline: fn(&str) -> Pipeline,
}

/// Where a pipeline's scores are found.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// The parts.
    pub folds: &'static Folds,
    /// The resampler's name.
    pub resampler: String,
    /// The classifier's name.
    pub classifier: String,
}

fn plain(folds: &'static Folds, classifier: String) -> Pipeline {
    Pipeline { folds, resampler: "none".to_owned(), classifier }
}

fn resampled(resampler: String) -> Pipeline {
    Pipeline { folds: &RESAMPLING, resampler, classifier: "tree-5".to_owned() }
}

/// `25/5` as names have it.
fn dashed(label: &str) -> String {
    label.replace('/', "-")
}

const RATIOS: &[&str] = &["0.01", "0.05", "0.1", "0.5", "1.0"];
const BASE_TREE: &str = "tree-5";
const BASE_LOGISTIC: &str = "logistic-1";
const BASE_FOREST: &str = "forest-100-20";
const BASE_XGBOOST: &str = "xgboost-50-0.3-3";

pub static TREE: Search = Search {
    labels: &["2", "3", "4", "5", "6", "7", "8", "9", "10", "20", "50"],
    pipeline: |label| plain(&SELECTION, format!("tree-{label}")),
};

pub static LOGISTIC: Search = Search {
    labels: &["0.1", "1.0", "10.0", "100.0"],
    pipeline: |label| plain(&SELECTION, format!("logistic-{}", label.trim_end_matches(".0"))),
};

pub static FOREST: Search = Search {
    labels: &[
        "25/5", "50/5", "100/5", "25/10", "50/10", "100/10", "25/20", "50/20", "100/20", "25/50", "50/50", "100/50",
    ],
    pipeline: |label| plain(&SELECTION, format!("forest-{}", dashed(label))),
};

pub static XGBOOST: Search = Search {
    labels: &[
        "25/0.1/3",
        "50/0.1/3",
        "100/0.1/3",
        "25/0.1/6",
        "50/0.1/6",
        "100/0.1/6",
        "25/0.1/9",
        "50/0.1/9",
        "100/0.1/9",
        "25/0.3/3",
        "50/0.3/3",
        "100/0.3/3",
        "25/0.3/6",
        "50/0.3/6",
        "100/0.3/6",
        "25/0.3/9",
        "50/0.3/9",
        "100/0.3/9",
    ],
    pipeline: |label| plain(&SELECTION, format!("xgboost-{}", dashed(label))),
};

/// Learning rate, rows per batch, epochs, dropout and hidden layers: of the Handbook's 162 those whose numbers it prints.
pub static NETWORK: Search = Search {
    labels: &[
        "0.001/64/10/0/1",
        "0.001/64/10/0.2/1",
        "0.001/64/10/0.4/1",
        "0.001/64/10/0/2",
        "0.001/64/10/0.2/2",
        "0.0002/256/40/0.2/1",
        "0.0002/256/40/0.4/1",
        "0.0002/256/40/0/2",
        "0.0002/256/40/0.2/2",
        "0.0002/256/40/0.4/2",
        "0.001/256/40/0.4/1",
        "0.001/64/40/0.4/1",
        "0.0002/64/40/0.2/2",
        "0.001/128/40/0.4/1",
        "0.001/256/20/0.4/2",
    ],
    pipeline: |label| plain(&NETWORKS, format!("mlp-{}", dashed(label))),
};

pub static WEIGHTED_TREE: Search =
    Search { labels: RATIOS, pipeline: |label| weighted(label, "1.0", (&WEIGHTS, BASE_TREE)) };

pub static WEIGHTED_LOGISTIC: Search =
    Search { labels: RATIOS, pipeline: |label| weighted(label, "1.0", (&WEIGHTS, BASE_LOGISTIC)) };

pub static WEIGHTED_XGBOOST: Search = Search {
    labels: &["1", "5", "10", "50", "100"],
    pipeline: |label| weighted(label, "1", (&ENSEMBLES, BASE_XGBOOST)),
};

/// The classifier with a weight; where the weight changes nothing, the chapter before has it.
fn weighted(label: &str, nothing: &str, (folds, base): (&'static Folds, &str)) -> Pipeline {
    match label == nothing {
        true => plain(&SELECTION, base.to_owned()),
        false => plain(folds, format!("{base}-weight-{label}")),
    }
}

pub static BASE_OF_BAGGING: Search = Search { labels: &["100"], pipeline: |_| plain(&ENSEMBLES, "bagging".to_owned()) };

pub static BALANCED_BAGGING: Search = Search {
    labels: &["0.02", "0.05", "0.1", "0.5", "1.0"],
    pipeline: |label| plain(&ENSEMBLES, format!("balanced-bagging-{label}")),
};

pub static BALANCED_FOREST: Search =
    Search { labels: RATIOS, pipeline: |label| plain(&ENSEMBLES, format!("balanced-forest-{label}")) };

pub static SMOTE: Search = Search { labels: RATIOS, pipeline: |label| resampled(format!("smote-{label}")) };

pub static UNDERSAMPLING: Search =
    Search { labels: RATIOS, pipeline: |label| resampled(format!("undersampling-{label}")) };

pub static BOTH: Search = Search {
    labels: &["0.1", "0.5", "1.0"],
    pipeline: |label| match label {
        // Undersampling to the ratio that there is leaves every row.
        "0.1" => resampled("smote-0.1".to_owned()),
        _ => resampled(format!("both-{label}")),
    },
};

pub static BASE_OF_RESAMPLING: Search =
    Search { labels: &["5"], pipeline: |_| plain(&SELECTION, BASE_TREE.to_owned()) };

pub static BASE_OF_FORESTS: Search =
    Search { labels: &["100"], pipeline: |_| plain(&SELECTION, BASE_FOREST.to_owned()) };

pub static BASE_OF_XGBOOST: Search =
    Search { labels: &["50"], pipeline: |_| plain(&SELECTION, BASE_XGBOOST.to_owned()) };
