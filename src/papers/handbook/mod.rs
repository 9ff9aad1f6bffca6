//! Le Borgne et al. (2022): Reproducible Machine Learning for Credit Card Fraud Detection, the "Fraud Detection Handbook". Its
//! transactions are simulated here, so that nothing has to be downloaded.
//!
//! `printed/` has the tables that it prints of them: `tables` says what stands in each cell, `searches` which pipeline of which
//! of the `parts` that is.

mod beyond;
mod claims;
mod measure;
mod parts;
mod scatter;
mod searches;
mod tables;
mod why;

use super::{Evidence, Figure, Paper};

/// The paper.
pub static PAPER: Paper = Paper {
    name: "handbook",
    title: "The Fraud Detection Handbook",
    citation: "Le Borgne, Siblini, Lebichot, Bontempi: Reproducible Machine Learning for Credit Card Fraud Detection - Practical \
               Handbook. Université Libre de Bruxelles, 2022, https://fraud-detection-handbook.github.io/fraud-detection-handbook",
    takes: "below 10 minutes on two cores and 1 GB of memory, with --long some hours more; no download, no other program",
    parts: &parts::PARTS,
    probes: &[],
    tables: &[],
    numbers: tables::numbers,
    claims: claims::CLAIMS,
    figures: FIGURES,
    cautions,
};

static FIGURES: &[Figure] = &[
    Figure {
        id: "printed-and-ours",
        heading: "Our numbers on the printed ones",
        chart: scatter::chart,
        table: |_, evidence| beyond::fit_seconds(evidence),
        lacking: "no grid was run",
    },
    Figure {
        id: "distinguishable",
        heading: "Which differences can be told from nothing",
        chart: |_, _| None,
        table: |_, evidence| beyond::distinguishable(evidence),
        lacking: "the grids were not run on the test folds",
    },
    Figure {
        id: "known-cards",
        heading: "What leaving out known cards does",
        chart: |_, _| None,
        table: |_, evidence| beyond::known_cards(evidence),
        lacking: "the part known-cards was not run",
    },
    Figure {
        id: "label-delay",
        heading: "What the delay of labels is worth",
        chart: |_, _| None,
        table: |_, evidence| beyond::label_delay(evidence),
        lacking: "the part label-delay was not run",
    },
    Figure {
        id: "xgboost-today",
        heading: "What XGBoost's defaults of today do to the first table",
        chart: |_, _| None,
        table: |_, evidence| beyond::xgboost_today(evidence),
        lacking: "the first models were not run",
    },
];

/// What a reader should know before quoting the report.
fn cautions(_: &Evidence) -> Vec<String> {
    [
        "The transactions are simulated, by the Handbook's code and with its seeds: nothing here says how well a model finds real \
         fraud.",
        "Tables of made-up data (`make_classification`) are left out. A printed standard deviation divides by the number of folds, as \
         ours here do; intervals are of the corrected resampled t.",
        "Of equally scored cards the Handbook's pandas takes whichever its quicksort leaves first, and so does `card-precision-at`. \
         For a tree of depth 2, which knows four scores, that moves the third digit.",
        "The four test folds are what was chosen on too, where a table says “optimal”: such a row is no estimate of anything.",
        "The networks of chapter 7 are PyTorch's, and weights, batches and dropout are drawn otherwise here, so that no digit of theirs \
         has to agree: over eight random states the test means of 0.001/64/10/0/1 had standard deviations of 0.004 (AUC ROC), 0.007 (average \
         precision) and 0.004 (card precision). Units and optimiser, which the tables do not print, are taken to be 500 per hidden layer \
         and Adam. Of the 162 networks 15 have printed numbers, and those with two hidden layers take hours (`--long`).",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests;
