//! `balanced-accuracy`: the mean of recall and specificity.

use super::{Better, Confusion, Metric};

fn balanced(c: &Confusion) -> Result<f64, &'static str> {
    Ok((c.tpr()? + c.tnr()?) / 2.0)
}

/// `balanced_accuracy_score`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.balanced_accuracy_score.html>. Undefined when the test
/// rows hold one class (scikit-learn then averages over that class alone).
pub const METRIC: Metric =
    Metric::new("balanced-accuracy", Better::Higher, "mean of recall and specificity", |scored| {
        balanced(&scored.confusion).into()
    });
