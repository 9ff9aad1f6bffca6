//! The two kinds of error, as the fraud papers count them (Levashov et al.): fraud that passes, and honest customers stopped.

use super::{Better, Metric, NO_NEGATIVES, NO_POSITIVES, share};

/// The share of positives labelled negative: `1 - recall`.
pub const FALSE_NEGATIVE: Metric = Metric {
    id: "false-negative-rate",
    about: "share of positives missed; the fraud papers' error of the first kind",
    better: Better::Lower,
    compute: |scored| {
        let c = &scored.confusion;
        share(c.fn_, c.positives(), NO_POSITIVES).into()
    },
};

/// The share of negatives labelled positive: `1 - specificity`.
pub const FALSE_POSITIVE: Metric = Metric {
    id: "false-positive-rate",
    about: "share of negatives labelled positive; the fraud papers' error of the second kind",
    better: Better::Lower,
    compute: |scored| {
        let c = &scored.confusion;
        share(c.fp, c.negatives(), NO_NEGATIVES).into()
    },
};
