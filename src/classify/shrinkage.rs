//! Covariances of a class's rows that give way to a multiple of the identity: what `lda` and `qda` share.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::class_moments::ClassMoments;
use crate::error::{Error, Result};
use crate::numeric::dense::dot;
use crate::numeric::gram::{gram, over_segments};

/// How much of a class's covariance gives way to a multiple of the identity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto` or a number between 0 and 1")]
pub(super) enum Shrinkage {
    Named(Auto),
    /// Between 0 and 1.
    Share(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Auto {
    /// As much as the lemma of Ledoit and Wolf says.
    Auto,
}

/// # Errors
/// A share beyond [0, 1].
pub(super) fn check_shrinkage(shrinkage: Option<Shrinkage>) -> Result<()> {
    match shrinkage {
        Some(Shrinkage::Share(share)) if !(0.0..=1.0).contains(&share) => {
            Err(Error::Component(format!("`shrinkage` must lie in [0, 1], not {share}")))
        }
        _ => Ok(()),
    }
}

/// `_cov`: the covariance of the rows of a class, shrunk.
pub(super) fn covariance_of(
    (x, y): (ArrayView2<'_, f64>, &[u8]),
    moments: &ClassMoments,
    class: usize,
    shrinkage: Option<Shrinkage>,
) -> Array2<f64> {
    let columns = x.ncols();
    let rows: Vec<usize> = (0..x.nrows()).filter(|&row| usize::from(y[row]) == class).collect();
    let count = rows.len() as f64;
    let mut unit = vec![1.0; columns];
    if shrinkage == Some(Shrinkage::Named(Auto::Auto)) {
        for ((unit, sum), mean) in unit.iter_mut().zip(&moments.squares[class]).zip(&moments.means[class]) {
            let variance = sum / count;
            // As `StandardScaler`: what varies no more than rounding of its mean lets it is left as it is.
            let rounding = count * f64::EPSILON * variance + (count * mean * f64::EPSILON).powi(2);
            *unit = if variance > rounding { variance.sqrt() } else { 1.0 };
        }
    }
    let centred = |at: usize, z: &mut [f64]| {
        for (((z, x), mean), unit) in z.iter_mut().zip(x.row(rows[at])).zip(&moments.means[class]).zip(&unit) {
            *z = (x - mean) / unit;
        }
    };
    let mut covariance = gram(rows.len(), columns, centred) / count;
    let trace = covariance.diag().sum();
    let share = match shrinkage {
        None => return covariance,
        Some(Shrinkage::Share(share)) => share,
        Some(Shrinkage::Named(Auto::Auto)) => {
            let fourth = fourth_powers(rows.len(), columns, centred);
            ledoit_wolf(&covariance, trace, fourth, count)
        }
    };
    covariance *= 1.0 - share;
    for j in 0..columns {
        covariance[(j, j)] += share * trace / columns as f64;
    }
    Array2::from_shape_fn((columns, columns), |(i, j)| covariance[(i, j)] * unit[i] * unit[j])
}

/// The sum over the rows of the fourth power of their length.
fn fourth_powers(rows: usize, columns: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> f64 {
    let parts = over_segments(rows, |range| {
        let mut z = vec![0.0; columns];
        range.fold(0.0, |sum, row| {
            fill(row, &mut z);
            sum + dot(&z, &z).powi(2)
        })
    });
    parts.iter().sum()
}

/// The share by which to shrink a covariance of `count` rows: Ledoit and Wolf 2004, lemma 3.3, as `ledoit_wolf_shrinkage`
/// of <https://scikit-learn.org/1.9/modules/generated/sklearn.covariance.ledoit_wolf_shrinkage.html>.
fn ledoit_wolf(covariance: &Array2<f64>, trace: f64, fourth: f64, count: f64) -> f64 {
    let columns = covariance.nrows() as f64;
    if columns == 1.0 {
        return 0.0;
    }
    let mean = trace / columns;
    let squares: f64 = covariance.iter().map(|c| c * c).sum();
    let beta = (fourth / count - squares) / (columns * count);
    let delta = (squares - 2.0 * mean * trace + columns * mean * mean) / columns;
    let beta = beta.min(delta);
    if beta == 0.0 { 0.0 } else { beta / delta }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use crate::component::{Context, Registry, Train};

    /// The scores of the first four rows where the third of three columns holds this.
    fn scores(family: &str, table: &str, third: impl Fn(usize) -> f64) -> Vec<f64> {
        let y: Vec<u8> = (0..60).map(|i| u8::from(i % 4 == 0)).collect();
        let x = Array2::from_shape_fn((60, 3), |(i, j)| match j {
            0 => ((i * 7 + i * i) % 23) as f64 + f64::from(y[i]),
            1 => ((i * 11 + i * i * i) % 19) as f64 - 2.0 * f64::from(y[i]),
            _ => third(i),
        });
        let registry = Registry::built_in();
        let entry = registry.classifiers().iter().find(|entry| entry.id == family).unwrap();
        let table = format!("{table}\nshrinkage = 'auto'");
        let built = entry.build(&table.parse().unwrap(), &registry).unwrap();
        let model = built.component.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }).unwrap();
        model.predict(x.view()).unwrap().score[..4].to_vec()
    }

    fn assert_near(said: &[f64], wanted: [f64; 4], what: &str) {
        let is_near = said.iter().zip(wanted).all(|(said, wanted)| (said - wanted).abs() < 1e-9);
        assert!(is_near, "{what}: {said:?}, not {wanted:?}");
    }

    /// scikit-learn 1.9.1 says these. The mean of 45 times 14.62 is off by rounding, and so are deviations from it.
    #[test]
    fn a_column_that_does_not_vary_is_known_in_any_unit() {
        let lda = [0.2500466684512942, 0.221888740126028, 0.2676694672635615, 0.2544193195516132];
        let qda = [0.29516477264529206, 0.12682108006578988, 0.23330547064219534, 0.20057102562858625];
        for constant in [0.1, 14.62, 99.9] {
            for (family, solver, wanted) in [("lda", "eigen", lda), ("lda", "lsqr", lda), ("qda", "eigen", qda)] {
                let said = scores(family, &format!("solver = '{solver}'"), |_| constant);
                assert_near(&said, wanted, &format!("{family}, {solver}, {constant}"));
            }
        }
    }

    /// scikit-learn 1.9.1 says these, too. `lsqr` leaves the small column's direction out, but shrinks by what it is in its own unit.
    #[test]
    fn a_column_in_a_small_unit_varies() {
        let eigen = [0.14286928671133062, 0.16306613095231526, 0.3344377976250884, 0.19799914204666233];
        let lsqr = [0.24831846596204984, 0.22652802416556742, 0.2654322686723574, 0.25285515619264015];
        for (solver, wanted) in [("eigen", eigen), ("lsqr", lsqr)] {
            let small =
                |i: usize| (((i * 5 + i * i) % 17) as f64 + 3.0 * f64::from(u8::from(i.is_multiple_of(4)))) * 1e-16;
            assert_near(&scores("lda", &format!("solver = '{solver}'"), small), wanted, solver);
        }
    }
}
