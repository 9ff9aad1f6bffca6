//! `g-mean`: the geometric mean of recall and specificity.

use super::{Better, Confusion, Metric};

fn g_mean(c: &Confusion) -> Result<f64, &'static str> {
    Ok((c.tpr()? * c.tnr()?).sqrt())
}

/// Kubat and Matwin 1997; `geometric_mean_score`, whose `multiclass` (default) and `binary` averages agree on two classes:
/// <https://imbalanced-learn.org/stable/references/generated/imblearn.metrics.geometric_mean_score.html>.
pub const METRIC: Metric =
    Metric::new("g-mean", Better::Higher, "geometric mean of recall and specificity", |scored| {
        g_mean(&scored.confusion).into()
    });
