//! What the naive Bayes families of counts share: smoothing, and priors as a study gives them.

use super::class_moments::Priors;
use super::two_class;
use crate::component::Idle;
use crate::error::{Error, Result};

/// scikit-learn smooths by no less than this unless `force_alpha` is set.
const LEAST_ALPHA: f64 = 1e-10;

/// What `force_alpha` needs to change anything.
pub(super) const FORCE_ALPHA: Idle = Idle::new(&["force_alpha"], "an `alpha` below 1e-10", "alpha", |alpha| {
    alpha.as_f64().is_some_and(|alpha| alpha < LEAST_ALPHA)
});

/// # Errors
/// `alpha` out of range. One of 0 is in it, and leaves probabilities of 0 where the rows do: a fit refuses these.
pub(super) fn check_alpha(alpha: f64) -> Result<()> {
    match alpha >= 0.0 && alpha.is_finite() {
        true => Ok(()),
        false => Err(Error::Study(format!("`alpha` must be 0 or more, not {alpha}"))),
    }
}

/// What is added to each count.
pub(super) fn smoothing(alpha: f64, force_alpha: bool) -> f64 {
    if force_alpha { alpha } else { alpha.max(LEAST_ALPHA) }
}

/// Logarithms of the classes' probabilities: those given, their shares of the rows, or one half each.
pub(super) fn log_priors(given: Priors, fit_prior: bool, counts: [f64; 2]) -> [f64; 2] {
    let rows = counts[0] + counts[1];
    match given {
        Some(priors) => priors.map(f64::ln),
        None if fit_prior => counts.map(|count| count.ln() - rows.ln()),
        None => [-(2f64.ln()); 2],
    }
}

/// What each class's rows weigh, and the sum of the rows by their weight, column by column.
///
/// # Errors
/// A class without rows, or rows that all weigh 0.
pub(super) fn sums(
    id: &str,
    x: ndarray::ArrayView2<'_, f64>,
    (y, weight): (&[u8], Option<&[f64]>),
    value: impl Fn(f64) -> f64 + Sync,
) -> Result<([f64; 2], [Vec<f64>; 2])> {
    let counts = two_class::weighed(id, x.nrows(), y, weight)?;
    let columns = x.ncols();
    let parts = crate::numeric::gram::over_segments(x.nrows(), |range| {
        let mut part = [vec![0.0; columns], vec![0.0; columns]];
        for row in range {
            let to = &mut part[usize::from(y[row] == 1)];
            let weight = weight.map_or(1.0, |weight| weight[row]);
            to.iter_mut().zip(x.row(row)).for_each(|(to, v)| *to += weight * value(*v));
        }
        part
    });
    let mut all = [vec![0.0; columns], vec![0.0; columns]];
    for part in &parts {
        for (all, part) in all.iter_mut().zip(part) {
            all.iter_mut().zip(part).for_each(|(all, part)| *all += part);
        }
    }
    Ok((counts, all))
}
