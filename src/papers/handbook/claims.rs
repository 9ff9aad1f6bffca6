//! The Handbook's findings, each as a difference that its tables print, and whether its numbers can be had again.

use super::measure::{METRICS, Measures};
use super::searches::{self as grids, Search};
use super::tables::{self, numbers};
use crate::papers::{Agreement, Claim, Evidence, Finding, Number, Printed, Statistic, Verdict};
use crate::report::number::change;

/// The share of a chapter's numbers that have to agree.
const SHARE: f64 = 0.9;
const NUMBERS_RULE: &str = "of all numbers and chosen parameters that its tables on the transactions print, at least 90% are equal to the \
                            printed digits or within 0.002; where most were not measured, none is judged";
const NETWORKS_RULE: &str = "of the means that were measured, at least 90% are equal to the printed digits, within 0.002 or within the folds' spread; \
                             where most were not measured, none is judged";
const DIFFERENCE_RULE: &str = "the mean of the differences on the four test folds has the printed sign; the corrected resampled t \
                               over them says whether it can be told from 0";

macro_rules! chapter {
    ($id:literal, $number:literal, $said:literal) => {
        Claim {
            id: $id,
            place: concat!("chapter ", $number),
            said: $said,
            printed: Printed::Words,
            rule: NUMBERS_RULE,
            judge: |evidence| chapter(evidence, concat!("chapter ", $number, ",")),
        }
    };
}

macro_rules! difference {
    ($id:literal, $place:expr, $said:literal, $printed:literal, $first:expr, $second:expr, $metric:literal) => {
        Claim {
            id: $id,
            place: $place,
            said: $said,
            printed: Printed::Value($printed),
            rule: DIFFERENCE_RULE,
            judge: |evidence| difference(evidence, &$first, &$second, $metric, $printed.starts_with('-')),
        }
    };
}

/// Every claim, in the Handbook's order.
pub static CLAIMS: &[Claim] = &[
    chapter!("numbers-of-chapter-3", "3", "The printed numbers of the first models"),
    chapter!("numbers-of-chapter-5", "5", "The printed numbers of validation and model selection"),
    difference!(
        "xgboost-over-forest",
        tables::SELECTED,
        "The best XGBoost has a larger average precision than the best forest: 0.687 and 0.678",
        "+0.009",
        (&grids::XGBOOST, "50/0.3/3"),
        (&grids::FOREST, "100/20"),
        "pr-auc"
    ),
    difference!(
        "forest-over-logistic",
        tables::SELECTED,
        "The best forest has a larger average precision than the best logistic regression: 0.678 and 0.623",
        "+0.055",
        (&grids::FOREST, "100/20"),
        (&grids::LOGISTIC, "100.0"),
        "pr-auc"
    ),
    difference!(
        "logistic-over-tree",
        tables::SELECTED,
        "The best logistic regression has a larger average precision than the best tree: 0.623 and 0.579",
        "+0.044",
        (&grids::LOGISTIC, "100.0"),
        (&grids::TREE, "3"),
        "pr-auc"
    ),
    chapter!("numbers-of-chapter-6", "6", "The printed numbers of class weights, resampling and ensembles"),
    difference!(
        "weights-raise-roc-auc",
        tables::COST,
        "A weight of 0.01 for genuine rows raises the tree's AUC ROC from 0.810 to 0.826",
        "+0.015",
        (&grids::WEIGHTED_TREE, "0.01"),
        (&grids::WEIGHTED_TREE, "1.0"),
        "roc-auc"
    ),
    difference!(
        "weights-lower-average-precision",
        tables::COST,
        "A weight of 0.01 for genuine rows lowers the tree's average precision from 0.600 to 0.537",
        "-0.063",
        (&grids::WEIGHTED_TREE, "0.01"),
        (&grids::WEIGHTED_TREE, "1.0"),
        "pr-auc"
    ),
    difference!(
        "smote-raises-roc-auc",
        tables::RESAMPLED,
        "SMOTE to a ratio of 1 raises the tree's AUC ROC from 0.810 to 0.845",
        "+0.035",
        (&grids::SMOTE, "1.0"),
        (&grids::BASE_OF_RESAMPLING, "5"),
        "roc-auc"
    ),
    difference!(
        "smote-lowers-average-precision",
        tables::RESAMPLED,
        "SMOTE to a ratio of 1 lowers the tree's average precision from 0.600 to 0.546",
        "-0.054",
        (&grids::SMOTE, "1.0"),
        (&grids::BASE_OF_RESAMPLING, "5"),
        "pr-auc"
    ),
    difference!(
        "undersampling-raises-roc-auc",
        tables::RESAMPLED,
        "Undersampling to a ratio of 1 raises the tree's AUC ROC from 0.810 to 0.830",
        "+0.020",
        (&grids::UNDERSAMPLING, "1.0"),
        (&grids::BASE_OF_RESAMPLING, "5"),
        "roc-auc"
    ),
    difference!(
        "balance-raises-roc-auc",
        tables::ENSEMBLES,
        "Balanced members, 0.5 frauds per genuine row, raise bagging's AUC ROC from 0.856 to 0.879",
        "+0.023",
        (&grids::BALANCED_BAGGING, "0.5"),
        (&grids::BASE_OF_BAGGING, "100"),
        "roc-auc"
    ),
    difference!(
        "weights-lower-xgboost",
        tables::ENSEMBLES,
        "A weight of 5 for frauds lowers XGBoost's average precision from 0.687 to 0.668",
        "-0.019",
        (&grids::WEIGHTED_XGBOOST, "5"),
        (&grids::WEIGHTED_XGBOOST, "1"),
        "pr-auc"
    ),
    chapter!("numbers-of-chapter-7", "7", "The printed numbers of feed-forward networks"),
    Claim {
        id: "networks-within-spread",
        place: tables::NETWORKS,
        said: "The printed means of feed-forward networks, which other draws cannot give to the digit",
        printed: Printed::Words,
        rule: NETWORKS_RULE,
        judge: networks,
    },
    difference!(
        "network-over-xgboost",
        tables::NETWORKS,
        "The chosen network has a larger AUC ROC than the chosen XGBoost: 0.876 and 0.869",
        "+0.007",
        (&grids::NETWORK, "0.001/256/40/0.4/1"),
        (&grids::XGBOOST, "100/0.3/3"),
        "roc-auc"
    ),
    difference!(
        "network-below-xgboost",
        tables::NETWORKS,
        "The chosen network has a smaller average precision than the chosen XGBoost: 0.675 and 0.687",
        "-0.012",
        (&grids::NETWORK, "0.001/64/40/0.4/1"),
        (&grids::XGBOOST, "50/0.3/3"),
        "pr-auc"
    ),
];

/// Whether enough means of networks lie near what is printed. Their digits hang on random draws, so the folds' spread decides.
fn networks(evidence: &Evidence) -> Finding {
    let all = match numbers(evidence) {
        Ok(all) => all,
        Err(e) => return Finding::none(&e.to_string()),
    };
    let is_mean = |number: &&Number| tables::is_of_network(number) && number.statistic == Statistic::Mean;
    let of: Vec<&Number> = all.iter().filter(is_mean).collect();
    let measured: Vec<&Number> =
        of.iter().filter(|number| number.agreement() != Agreement::NotMeasured).copied().collect();
    if measured.len() * 2 < of.len() {
        return Finding::none(&format!("{} of their {} means were measured", measured.len(), of.len()));
    }
    let near = measured.iter().filter(|number| number.agreement() != Agreement::Differs).count();
    let share = near as f64 / measured.len() as f64;
    Finding {
        measured: format!("{near} of {} means lie within the folds' spread or nearer", measured.len()),
        value: Some(share),
        interval: None,
        cells: None,
        verdict: if share >= SHARE { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

/// Whether enough numbers of a chapter agree.
fn chapter(evidence: &Evidence, prefix: &str) -> Finding {
    let all = match numbers(evidence) {
        Ok(all) => all,
        Err(e) => return Finding::none(&e.to_string()),
    };
    let of: Vec<&Number> = all.iter().filter(|number| number.place.starts_with(prefix)).collect();
    let measured = of.iter().filter(|number| number.agreement() != Agreement::NotMeasured).count();
    if measured * 2 < of.len() {
        return Finding::none(&format!("{measured} of its {} numbers were measured", of.len()));
    }
    let agree = of.iter().filter(|number| number.is_reproduced()).count();
    let share = agree as f64 / of.len() as f64;
    Finding {
        measured: crate::papers::number::told(of),
        value: Some(share),
        interval: None,
        cells: None,
        verdict: if share >= SHARE { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

/// Whether a difference has the printed sign.
fn difference(
    evidence: &Evidence,
    first: &(&'static Search, &str),
    second: &(&'static Search, &str),
    metric: &str,
    is_negative: bool,
) -> Finding {
    let pipeline = |(search, label): &(&'static Search, &str)| (search.pipeline)(label);
    let found = match Measures::of(evidence).difference(&pipeline(first), &pipeline(second), metric) {
        Ok(found) => found,
        Err(why) => return Finding::none(&why),
    };
    let Some(interval) = found.interval(crate::analyze::leaderboard::LEVEL) else {
        return Finding::none("the difference is the same on every fold and tells no variance");
    };
    let told = if interval.0 > 0.0 || interval.1 < 0.0 { "told from 0" } else { "not told from 0" };
    let name = METRICS.iter().find(|(_, id)| *id == metric).map_or(metric, |(name, _)| name);
    Finding {
        measured: format!(
            "{name} {} (95% CI {} to {}) over {} folds: {told}",
            change(found.mean),
            change(interval.0),
            change(interval.1),
            found.n
        ),
        value: Some(found.mean),
        interval: Some(interval),
        cells: None,
        verdict: match (found.mean < 0.0) == is_negative && found.mean != 0.0 {
            true => Verdict::Reproduced,
            false => Verdict::NotReproduced,
        },
    }
}
