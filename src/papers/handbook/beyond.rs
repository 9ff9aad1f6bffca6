//! What the Handbook does not ask: which of its differences can be told from nothing, what leaving out known cards does, what the
//! label delay is worth, what
//! today's defaults of XGBoost do to its first table; and its seconds beside ours.

use super::measure::{METRICS, Measures, On};
use super::parts::{FIRST, KNOWN_CARDS, LABEL_DELAY, SELECTION};
use super::searches::{self as grids, Search};
use super::tables::{Layout, TABLES, read};
use crate::analyze::leaderboard::LEVEL;
use crate::analyze::statistics::corrected_t::CorrectedT;
use crate::papers::{Evidence, Part};
use crate::report::document::Table;
use crate::report::number::{change, score, seconds};

/// The models that the Handbook chooses or takes as a base, with the values that it prints as best by average precision.
static MODELS: &[(&str, &Search, &str)] = &[
    ("tree of depth 3", &grids::TREE, "3"),
    ("tree of depth 5", &grids::TREE, "5"),
    ("logistic regression, C = 100", &grids::LOGISTIC, "100.0"),
    ("forest, 100 trees of depth 20", &grids::FOREST, "100/20"),
    ("XGBoost, 50 trees of depth 3", &grids::XGBOOST, "50/0.3/3"),
    ("tree of depth 5, weight 0.01", &grids::WEIGHTED_TREE, "0.01"),
    ("bagging", &grids::BASE_OF_BAGGING, "100"),
    ("balanced bagging, ratio 0.1", &grids::BALANCED_BAGGING, "0.1"),
    ("balanced forest, ratio 0.01", &grids::BALANCED_FOREST, "0.01"),
    ("tree of depth 5, SMOTE to 1", &grids::SMOTE, "1.0"),
    ("tree of depth 5, undersampling to 1", &grids::UNDERSAMPLING, "1.0"),
    ("tree of depth 5, SMOTE to 0.1 and undersampling to 1", &grids::BOTH, "1.0"),
    ("XGBoost, 50 trees of depth 3, weight 5", &grids::WEIGHTED_XGBOOST, "5"),
];

/// A difference with its interval; strong where 0 is outside.
fn told(found: &CorrectedT) -> String {
    let Some((low, high)) = found.interval(LEVEL) else { return format!("{} (no variance)", change(found.mean)) };
    let words = format!("{} ({} to {})", change(found.mean), change(low), change(high));
    if low > 0.0 || high < 0.0 { format!("**{words}**") } else { words }
}

/// Every pair of models on the test folds.
pub fn distinguishable(evidence: &Evidence) -> Option<Table> {
    let measures = Measures::of(evidence);
    let (mut rows, mut pairs, mut apart) = (Vec::new(), 0, 0);
    for (nth, (first, search, label)) in MODELS.iter().enumerate() {
        for (second, other, value) in &MODELS[nth + 1..] {
            let (a, b) = ((search.pipeline)(label), (other.pipeline)(value));
            let found = METRICS.map(|(_, id)| measures.difference(&a, &b, id));
            let Ok(found) = found.into_iter().collect::<Result<Vec<CorrectedT>, String>>() else { continue };
            pairs += found.len();
            apart +=
                found.iter().filter_map(|t| t.interval(LEVEL)).filter(|(low, high)| *low > 0.0 || *high < 0.0).count();
            let mut row = vec![(*first).to_owned(), (*second).to_owned()];
            row.extend(found.iter().map(told));
            rows.push(row);
        }
    }
    let header: Vec<&str> = ["first", "second"].into_iter().chain(METRICS.map(|(name, _)| name)).collect();
    (!rows.is_empty()).then(|| {
        Table::marked("distinguishable", &header, rows).captioned(&format!(
            "First minus second, mean over the four test folds with its 95% interval (corrected resampled t); bold where 0 lies \
             outside: {apart} of {pairs} differences. The Handbook prints means and standard deviations and tests no difference. \
             The intervals are not corrected for their number."
        ))
    })
}

/// The models of the parts that the Handbook does not have, all of them on its test folds too.
const ASKED: [&str; 4] = ["tree-5", "logistic-1", "forest-100-20", "xgboost-50-0.3-3"];

/// A part's models against the same on the Handbook's test folds: model, metric, theirs, the part's, the difference.
/// `sizes` is the part that tells how many rows train and test.
fn against(evidence: &Evidence, part: &Part, sizes: &Part) -> Vec<Vec<String>> {
    let measures = Measures::of(evidence);
    let mut rows = Vec::new();
    for name in ASKED {
        for (metric, id) in METRICS {
            let of = |part| measures.folds(part, ("none", name), id);
            let (Ok(with), Ok(without)) = (of(part), of(SELECTION.test)) else { continue };
            let Ok(found) = measures.paired(sizes, &with, &without) else { continue };
            let mean = |values: &[f64]| score(Some(values.iter().sum::<f64>() / values.len() as f64));
            rows.push(vec![name.to_owned(), metric.to_owned(), mean(&without), mean(&with), told(&found)]);
        }
    }
    rows
}

/// Models with and without the cards that are known.
pub fn known_cards(evidence: &Evidence) -> Option<Table> {
    let rows = against(evidence, &KNOWN_CARDS, &KNOWN_CARDS);
    let header = ["model", "metric", "left out, as the Handbook does", "scored all the same", "difference (95% CI)"];
    (!rows.is_empty()).then(|| {
        Table::marked("known-cards", &header, rows).captioned(
            "Test rows of cards whose fraud is known by then: left out, or scored all the same; means over the four test folds. \
             Bold where 0 lies outside the interval.",
        )
    })
}

/// Models whose features wait for labels, and models whose features do not.
pub fn label_delay(evidence: &Evidence) -> Option<Table> {
    let rows = against(evidence, &LABEL_DELAY, SELECTION.test);
    let header = ["model", "metric", "known after a week, as in the Handbook", "known at once", "difference (95% CI)"];
    (!rows.is_empty()).then(|| {
        Table::marked("label-delay", &header, rows).captioned(
            "The six features of terminals look at labels. Known after seven days, or under the leak `no-label-delay` as soon as the row is \
             there (its own label never); means over the four test folds. Bold where 0 lies outside the interval. Twelve test weeks and \
             other leaks: `fraudbench audit experiments/handbook-audit.toml`.",
        )
    })
}

/// The first table's XGBoost by its defaults of 2021 and of today.
pub fn xgboost_today(evidence: &Evidence) -> Option<Table> {
    let measures = Measures::of(evidence);
    let row = |(metric, id): (&str, &str)| {
        let of =
            |name: &str| measures.folds(&FIRST, ("none", name), id).ok().and_then(|values| values.first().copied());
        let (then, today) = (of("xgboost-2021")?, of("xgboost")?);
        Some(vec![metric.to_owned(), score(Some(then)), score(Some(today)), change(today - then)])
    };
    let rows: Vec<Vec<String>> = METRICS.into_iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| {
        Table::plain("xgboost-today", &["metric", "defaults of 2021", "defaults of today", "difference"], rows).captioned(
            "XGBoost of the first table, one split. In 2021 the defaults were tree_method = \"exact\" and base_score = 0.5; today \
             they are \"hist\" and an estimate from the labels.",
        )
    })
}

/// The seconds that the Handbook prints, beside ours.
pub fn fit_seconds(evidence: &Evidence) -> Option<Table> {
    let measures = Measures::of(evidence);
    let mut rows = Vec::new();
    for printed in TABLES {
        let Layout::Grid(search) = printed.layout else { continue };
        let Ok((header, lines)) = read(printed.csv) else { continue };
        let place = |name: &str| header.iter().position(|column| column == name);
        let (Some(label), Some(time)) = (place("Parameters summary"), place("Execution time")) else { continue };
        let pair = |line: &Vec<String>| {
            let ours = measures.fit_seconds(&(search.pipeline)(&line[label]), On::Test)?;
            Some((line[time].parse::<f64>().ok()?, ours))
        };
        let pairs: Vec<(f64, f64)> = lines.iter().filter_map(pair).collect();
        let (theirs, ours) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        if ours > 0.0 {
            rows.push(vec![
                printed.id.to_owned(),
                printed.caption.to_owned(),
                pairs.len().to_string(),
                seconds(Some(theirs)),
                seconds(Some(ours)),
                format!("{:.1}", theirs / ours),
            ]);
        }
    }
    let header = ["table", "what", "fits", "printed s", "here s", "ratio"];
    (!rows.is_empty()).then(|| {
        Table::plain("seconds", &header, rows).captioned(
            "Seconds per fit, added over the rows of a table: the Handbook's column “Execution time”, and ours without resampling \
             and scaling, one thread. The machines differ.",
        )
    })
}
