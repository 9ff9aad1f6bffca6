//! The curves of each family's best pipeline, from the predictions that a run kept.

use std::path::Path;

use crate::analyze::Results;
use crate::analyze::curves::{Band, Ranking, bands};
use crate::analyze::leaderboard::{Leaderboard, Pipeline, Row};
use crate::error::{Error, Result};
use crate::store::{Outcome, Predictions, Record, TestRows, predictions_path, rows_path};

/// A pipeline's curves.
pub struct Curves {
    /// Its family.
    pub family: String,
    /// Its name in one line.
    pub pipeline: String,
    /// Precision over recall.
    pub precision: Vec<Band>,
    /// Recall over the false-positive rate.
    pub roc: Vec<Band>,
    /// Recall among the n highest scores.
    pub top: Vec<Band>,
    /// Share of the frauds' amount among the n highest scores; empty without amounts.
    pub amount: Vec<Band>,
}

/// The curves of each family's best pipeline, best first; empty where no predictions were kept. A pipeline that lacks those of
/// a fold is left out.
///
/// # Errors
/// [`Error::Store`] for a file of predictions that is not what it should be.
pub fn of(results: &Results, board: &Leaderboard, directory: &Path) -> Result<Vec<Curves>> {
    let mut best: Vec<&Row> =
        board.families(results).iter().filter_map(|family| board.best(|row| row.family == *family)).collect();
    best.sort_by_key(|row| row.rank);
    let mut curves = Vec::new();
    for row in best {
        let of_row = |r: &&Record| r.outcome == Outcome::Scored && row.pipeline == Pipeline::of(&r.cell);
        let records: Vec<&Record> = results.records.iter().filter(of_row).collect();
        let folds: Option<Vec<Ranking>> = records
            .iter()
            .map(|record| ranking(record, directory).transpose())
            .collect::<Option<Result<_>>>()
            .transpose()?;
        if let Some(folds) = folds.filter(|folds| !folds.is_empty()) {
            curves.push(drawn(row, &folds));
        }
    }
    Ok(curves)
}

/// A cell's test rows in the order of its scores; a copied cell's scores are those of the cell that it equals.
fn ranking(record: &Record, directory: &Path) -> Result<Option<Ranking>> {
    let key = record.equals.as_ref().unwrap_or(&record.key);
    let said = Predictions::read(&predictions_path(directory, key))?;
    let rows = TestRows::read(&rows_path(directory, &record.cell))?;
    let (Some(said), Some(rows)) = (said, rows) else { return Ok(None) };
    Ok(Ranking::of(&rows.positive, &said.score, rows.amount.as_deref()))
}

fn drawn(row: &Row, folds: &[Ranking]) -> Curves {
    let shares: Vec<f64> = (1..=100).map(|i| f64::from(i) / 100.0).collect();
    let mut rates: Vec<f64> = (-50..=0).map(|i| 10_f64.powf(f64::from(i) / 10.0)).collect();
    // Below one row the rate is that of no row at all.
    let least_rows = folds.iter().map(Ranking::rows).fold(f64::INFINITY, f64::min);
    rates.retain(|rate| rate * least_rows >= 1.0);
    let mut counts: Vec<f64> = (0..=60).map(|i| 10_f64.powf(f64::from(i) / 10.0).round()).collect();
    counts.dedup();
    counts.retain(|&n| n <= least_rows);
    let p = &row.pipeline;
    let dedup = crate::report::tables::on_off(p.dedup);
    Curves {
        family: row.family.clone(),
        pipeline: format!("{} · {} · {} · dedup {dedup}", p.classifier, p.scaler, p.resampler),
        precision: bands(folds, &shares, |fold, x| Some(fold.precision_at_recall(x))),
        roc: bands(folds, &rates, |fold, x| Some(fold.recall_at_false_positive_rate(x))),
        top: bands(folds, &counts, |fold, n| Some(fold.recall_at_top(n))),
        amount: bands(folds, &counts, Ranking::amount_at_top),
    }
}

/// All curves as one long table.
///
/// # Errors
/// [`Error::Component`] when it cannot be encoded.
pub fn table(curves: &[Curves]) -> Result<Vec<u8>> {
    let failed = |e: &dyn std::fmt::Display| Error::Component(format!("curves.csv cannot be made: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["family", "pipeline", "curve", "x", "mean", "least_fold", "largest_fold"];
    writer.write_record(header).map_err(|e| failed(&e))?;
    for one in curves {
        let named = [
            ("precision-by-recall", &one.precision),
            ("recall-by-false-positive-rate", &one.roc),
            ("recall-among-n-highest", &one.top),
            ("amount-among-n-highest", &one.amount),
        ];
        for (name, curve) in named {
            for band in curve {
                let numbers = [band.x, band.mean, band.least, band.largest].map(|v| format!("{v}"));
                let row = [&one.family, &one.pipeline, name].into_iter().chain(numbers.iter().map(String::as_str));
                writer.write_record(row).map_err(|e| failed(&e))?;
            }
        }
    }
    writer.into_inner().map_err(|e| failed(&e))
}
