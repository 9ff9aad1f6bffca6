//! A rough estimate of what a plan will take, before anything was measured.

use crate::study::{Plan, Study};

/// Seconds of one thread for fit and predict on the whole credit-card data (255,353 training rows x 30 columns), by family.
/// Measured with the records of `results/families-10-fold`; other backends and families not named take `OTHER`.
const SECONDS: &[(&str, f64)] = &[];
const OTHER: f64 = 10.0;
const REFERENCE: f64 = 255_353.0 * 30.0;

/// Seconds of one thread for all cells of `plan` on data of so many rows and columns. Linear in rows x columns, which is
/// about right for the tree families and too little for `svc`: an order of magnitude, not a promise.
pub fn plan_seconds(study: &Study, plan: &Plan, rows: usize, columns: usize) -> f64 {
    let splits = study.protocol.numbers().len().max(2) as f64;
    let train = rows as f64 * (1.0 - 1.0 / splits);
    let cell = |scaler: usize, classifier: usize| {
        let width = match study.scalers[scaler].facts.id.as_str() {
            "polynomial" => ((columns + 1) * (columns + 2) / 2) as f64,
            _ => columns as f64,
        };
        let facts = &study.classifiers[classifier].facts;
        let known = SECONDS.iter().find(|(family, _)| *family == facts.id);
        known.map_or(OTHER, |(_, seconds)| *seconds) * train * width / REFERENCE
    };
    plan.cells.iter().map(|c| cell(c.scaler, c.classifier)).sum()
}
