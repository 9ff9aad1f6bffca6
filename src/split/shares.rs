//! Parts as shares of rows.

use crate::error::{Error, Result};

/// Refuses a share that is none.
pub(super) fn check(test: f64, other: (&str, Option<f64>)) -> Result<()> {
    for (name, share) in [("test", Some(test)), other] {
        if let Some(share) = share.filter(|share| !(*share > 0.0 && *share < 1.0)) {
            return Err(Error::Study(format!("`{name}` is a share between 0 and 1 (neither), not {share}")));
        }
    }
    Ok(())
}

/// How many of `n` things, which `what` calls by their plural, a share takes: rounded up, as in scikit-learn's
/// `_validate_shuffle_split`.
///
/// # Errors
/// [`Error::Data`] where it takes all.
pub(super) fn taken((n, what): (usize, &str), share: f64, part: &str) -> Result<usize> {
    let taken = (share * n as f64).ceil() as usize;
    if taken >= n {
        return Err(Error::Data(format!("a {part} part of {share} takes all {n} {what} and leaves none to train on")));
    }
    Ok(taken)
}
