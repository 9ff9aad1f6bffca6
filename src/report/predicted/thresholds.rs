//! Thresholds against precision, recall, F1 and cost.

use super::Of;
use crate::analyze::operating::{OperatingPoint, at_labels, thresholds};
use crate::analyze::out_of_fold::Fold;
use crate::error::Result;
use crate::report::render::csv::encode;
use crate::report::render::{Exporter, Report};
use crate::words::short;

/// `thresholds.csv`, where there is anything for it.
pub(in crate::report) const CSV: Exporter = Exporter {
    file: "thresholds.csv",
    bytes: |report: &Report<'_>| match report.predicted.thresholds.is_empty() {
        true => Ok(None),
        false => table(&report.predicted.thresholds, report.predicted.check_cost).map(Some),
    },
};

/// Operating points of pooled out-of-fold rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// By ascending alarms.
    pub points: Vec<OperatingPoint>,
    /// The models' own labels.
    pub own: OperatingPoint,
    /// How many rows there are.
    pub rows: f64,
    /// What the positives are worth together: the cost of no alarms at all; none without amounts.
    pub amount: Option<f64>,
}

/// About twenty numbers of rows a decade, up to `most`, and that.
pub(super) fn counts(most: f64) -> Vec<f64> {
    let mut counts: Vec<f64> = (0..=200).map(|i| 10_f64.powf(f64::from(i) / 20.0).round()).collect();
    counts.retain(|&n| n < most);
    counts.push(most);
    counts.dedup();
    counts
}

/// The operating points of pooled rows; none where they cannot be ranked.
pub(super) fn of(rows: &Fold, check_cost: f64) -> Option<Thresholds> {
    let ranking = rows.ranking()?;
    Some(Thresholds {
        points: thresholds(&ranking, &counts(ranking.rows()), check_cost),
        own: at_labels(rows, check_cost),
        rows: ranking.rows(),
        amount: ranking.amount(),
    })
}

/// `thresholds.csv`: a row per operating point; the threshold is empty for the models' own labels.
///
/// # Errors
/// [`crate::error::Error::Component`] when it cannot be encoded.
fn table(all: &[Of<Thresholds>], check_cost: f64) -> Result<Vec<u8>> {
    let header = [
        "family",
        "pipeline",
        "at",
        "threshold",
        "alarms",
        "alarms_per_10000",
        "found",
        "precision",
        "recall",
        "f1",
        "check_cost",
        "cost",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for one in all {
        rows.extend(one.it.points.iter().chain([&one.it.own]).map(|point| {
            let maybe = |value: Option<f64>| value.map_or_else(String::new, |v| v.to_string());
            vec![
                one.family.clone(),
                one.pipeline.clone(),
                if point.threshold.is_some() { "threshold" } else { "own-labels" }.to_owned(),
                point.threshold.map_or_else(String::new, short),
                point.alarms.to_string(),
                (point.alarms / one.it.rows * 1e4).to_string(),
                point.found.to_string(),
                maybe(point.precision),
                point.recall.to_string(),
                point.f1.to_string(),
                check_cost.to_string(),
                maybe(point.cost),
            ]
        }));
    }
    encode(&rows)
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn counts_rise_to_all_rows() {
        assert_eq!(counts(5.0), [1.0, 2.0, 3.0, 4.0, 5.0]);
        let many = counts(283_726.0);
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]) && many.last() == Some(&283_726.0));
        assert!((90..130).contains(&many.len()), "{}", many.len());
    }
}
