//! `accuracy`: the share of rows labelled rightly.

use super::{Better, Metric, NO_ROWS, share};

/// `accuracy_score`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.accuracy_score.html>.
pub const METRIC: Metric = Metric::new(
    "accuracy",
    Better::Higher,
    "share of rows labelled rightly; on rare events nearly 1 whatever the model does",
    |scored| {
        let c = &scored.confusion;
        share(c.tp + c.tn, c.rows(), NO_ROWS).into()
    },
);
