//! `precision`, `recall` and the F scores that weigh one against the other.

use super::{Better, Confusion, Metric, share};

/// `(1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP)`. Unlike the form with precision and recall in it, this one is defined
/// (and zero) when nothing was predicted positive but positives exist.
fn f_beta(c: &Confusion, beta: f64) -> Result<f64, &'static str> {
    let squared = beta * beta;
    let hits = (1.0 + squared) * c.tp as f64;
    let whole = hits + squared * c.fn_ as f64 + c.fp as f64;
    if whole == 0.0 {
        return Err("no test row is positive and none was predicted positive");
    }
    Ok(hits / whole)
}

/// `precision_score`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.precision_score.html>.
pub const PRECISION: Metric =
    Metric::new("precision", Better::Higher, "share of the rows predicted positive that are positive", |scored| {
        let c = &scored.confusion;
        share(c.tp, c.tp + c.fp, "no row was predicted positive").into()
    });

/// `recall_score`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.recall_score.html>.
pub const RECALL: Metric =
    Metric::new("recall", Better::Higher, "share of the positives found (sensitivity, true positive rate)", |scored| {
        scored.confusion.tpr().into()
    });

/// `f1_score`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.f1_score.html>.
pub const F1: Metric = Metric::new("f1", Better::Higher, "harmonic mean of precision and recall", |scored| {
    f_beta(&scored.confusion, 1.0).into()
});

/// `fbeta_score(beta=2)`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.fbeta_score.html>.
pub const F2: Metric =
    Metric::new("f2", Better::Higher, "F score that weighs recall twice as much as precision", |scored| {
        f_beta(&scored.confusion, 2.0).into()
    });

/// `fbeta_score(beta=0.5)`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.fbeta_score.html>.
pub const F_HALF: Metric =
    Metric::new("f0.5", Better::Higher, "F score that weighs precision twice as much as recall", |scored| {
        f_beta(&scored.confusion, 0.5).into()
    });
