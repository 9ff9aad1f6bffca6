//! The two kinds of error, as the fraud papers count them (Levashov et al.): fraud that passes, and honest customers stopped.

use super::{Better, Metric, NO_NEGATIVES, NO_POSITIVES, share};

/// The share of positives labelled negative: `1 - recall`.
pub const FALSE_NEGATIVE: Metric = Metric::new(
    "false-negative-rate",
    Better::Lower,
    "share of positives missed; the fraud papers' error of the first kind",
    |scored| {
        let c = &scored.confusion;
        share(c.fn_, c.positives(), NO_POSITIVES).into()
    },
);

/// The share of negatives labelled positive: `1 - specificity`.
pub const FALSE_POSITIVE: Metric = Metric::new(
    "false-positive-rate",
    Better::Lower,
    "share of negatives labelled positive; the fraud papers' error of the second kind",
    |scored| {
        let c = &scored.confusion;
        share(c.fp, c.negatives(), NO_NEGATIVES).into()
    },
);
