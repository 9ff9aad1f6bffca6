//! The index of balanced accuracy (Garcia, Mollineda and Sanchez 2009): the squared geometric mean, weighed by how much
//! the positive class dominates, `(1 + alpha (TPR - TNR)) TPR TNR`. Papers mean different things by the same name, so each
//! reading has its own.

use super::{Better, Confusion, Metric};

fn iba(c: &Confusion, alpha: f64) -> Result<f64, &'static str> {
    let (tpr, tnr) = (c.tpr()?, c.tnr()?);
    Ok((1.0 + alpha * (tpr - tnr)) * tpr * tnr)
}

/// `make_index_balanced_accuracy(alpha=0.1)` over `geometric_mean_score(average="binary")`:
/// <https://imbalanced-learn.org/stable/references/generated/imblearn.metrics.make_index_balanced_accuracy.html>.
pub const TENTH: Metric = Metric::new(
    "iba-0.1",
    Better::Higher,
    "index of balanced accuracy, alpha 0.1: imbalanced-learn's alpha, binary average",
    |scored| iba(&scored.confusion, 0.1).into(),
);

/// With alpha 1, as the formula is printed in the benchmark paper that this harness reproduces.
pub const ONE: Metric =
    Metric::new("iba-1", Better::Higher, "index of balanced accuracy, alpha 1: the form printed in papers", |scored| {
        iba(&scored.confusion, 1.0).into()
    });

/// What imbalanced-learn returns with `average="multiclass"`, its default: there the dominance is the difference of two
/// equal macro averages, so alpha has no effect.
pub const MULTICLASS: Metric = Metric::new(
    "iba-multiclass",
    Better::Higher,
    "recall times specificity: imbalanced-learn's default use of the index, whatever alpha",
    |scored| iba(&scored.confusion, 0.0).into(),
);
