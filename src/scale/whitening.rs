//! `whitening`: principal components, each with variance 1.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul};
use serde::{Deserialize, Serialize};

use super::matrix::{check_fit, columns_error, map_chunks, update_chunks, widen_chunks};
use super::moments::moments;
use crate::component::{
    Also, COPY, EXACT, Entry, FittedScaler, InPython, NOTHING_DRAWN, POWER_ITERATION_NORMALIZER, SavedProjection,
    SavedScaler, Scaler, Shape, Takes, build, same_columns,
};
use crate::data::ColumnShape;
use crate::error::{Error, Result};
use crate::numeric::eigen::eigen;
use crate::numeric::gram::gram;
use crate::numeric::row_space::RowSpace;

const ID: &str = "whitening";

/// Beyond so many columns few rows are decomposed by themselves, and many by half of the columns' products.
const MANY_COLUMNS: usize = 64;
/// Rows whose partial sums are held at once: bounds the memory for wide matrices.
const GROUP_ROWS: usize = 1 << 14;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

struct Whitening;

pub(super) struct Fitted {
    mean: Vec<f64>,
    /// Columns x components: each component divided by its standard deviation.
    weights: Array2<f64>,
}

/// A copy of the rows of `chunk`, less `mean`.
fn centred(chunk: &[f64], mean: &[f64]) -> Array2<f64> {
    let columns = mean.len();
    let mut rows = chunk.to_vec();
    for row in rows.chunks_exact_mut(columns) {
        for (v, mean) in row.iter_mut().zip(mean) {
            *v -= mean;
        }
    }
    // A chunk is whole rows, so it always has this shape.
    Array2::from_shape_vec((chunk.len() / columns, columns), rows).unwrap_or_default()
}

/// The covariance of the columns (divisor n - 1), summed in the order of the rows.
fn covariance(data: &[f64], mean: &[f64]) -> Array2<f64> {
    let columns = mean.len();
    let rows = data.len() / columns;
    if columns > MANY_COLUMNS {
        // Half of the products are enough.
        let squares = gram(rows, columns, |row, z| {
            z.iter_mut().zip(&data[row * columns..]).zip(mean).for_each(|((z, value), mean)| *z = value - mean);
        });
        return squares / (rows - 1) as f64;
    }
    let mut total = Array2::zeros((columns, columns));
    for group in data.chunks(GROUP_ROWS * columns) {
        for part in map_chunks(group, columns, |chunk| {
            let rows = centred(chunk, mean);
            rows.t().dot(&rows)
        }) {
            total += &part;
        }
    }
    total / (rows - 1) as f64
}

/// The covariance's eigenvalues, falling, and its components, one per row: where rows are fewer than columns, in as many coordinates as
/// there are rows. None where squares are not finite, which only the columns can explain.
fn of_few_rows(x: ArrayView2<'_, f64>, mean: &[f64]) -> Option<Vec<(f64, Vec<f64>)>> {
    let (rows, columns) = x.dim();
    let space = RowSpace::made(rows, columns, |row, z| {
        z.iter_mut().zip(x.row(row)).zip(mean).for_each(|((z, value), mean)| *z = value - mean);
    });
    let covariance = space.gram() / (rows - 1) as f64;
    if covariance.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut pairs = eigen(covariance);
    let components = space.all_columns(&pairs.iter().map(|(_, component)| &component[..]).collect::<Vec<_>>());
    pairs.iter_mut().zip(components).for_each(|((_, component), made)| *component = made);
    Some(pairs)
}

/// The same by the matrix of all columns, as many as there are.
///
/// # Errors
/// Columns without a finite variance.
fn of_columns(data: &[f64], mean: &[f64]) -> Result<Vec<(f64, Vec<f64>)>> {
    let covariance = covariance(data, mean);
    let endless: Vec<usize> = (0..mean.len()).filter(|&j| !covariance[(j, j)].is_finite()).collect();
    if !endless.is_empty() {
        return Err(columns_error(ID, endless, "has no finite variance", "have no finite variance"));
    }
    Ok(eigen(covariance))
}

/// As many components as columns, or as training rows if these are fewer: no more directions have a variance.
fn width(rows: usize, columns: usize) -> usize {
    columns.min(rows)
}

impl Scaler for Whitening {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        given.complete()?;
        let made = width(given.rows, given.columns.len());
        if made == given.columns.len() {
            return Ok(given.clone());
        }
        // Nobody names fewer columns.
        let column = |at| ColumnShape { name: format!("x{at}"), levels: None, blanks: false, empty: false };
        Ok(Shape::new(given.rows, (0..made).map(column).collect()))
    }

    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        if x.nrows() < 2 {
            return Err(Error::Component(format!("`{ID}` needs at least two rows to measure a variance")));
        }
        let columns = x.ncols();
        let x = x.as_standard_layout();
        // `as_standard_layout` is contiguous by definition.
        let data = x.as_slice().unwrap_or_default();
        let mean: Vec<f64> = moments(data, columns).iter().map(|m| m.mean).collect();
        let few = x.nrows() < columns && columns > MANY_COLUMNS;
        let pairs = match few.then(|| of_few_rows(x.view(), &mean)).flatten() {
            Some(pairs) => pairs,
            None => of_columns(data, &mean)?,
        };
        let largest = pairs.first().map_or(0.0, |(variance, _)| variance.max(0.0));
        let width = width(x.nrows(), columns);
        let mut weights = Array2::zeros((columns, width));
        for (k, (variance, mut component)) in pairs.into_iter().take(width).enumerate() {
            // Rounding alone leaves a variance of this size: there is nothing to be scaled up.
            if variance <= largest * columns as f64 * f64::EPSILON {
                break;
            }
            // The first of the largest entries is positive (scikit-learn's `svd_flip`).
            let leading = component.iter().fold(0.0, |so_far: f64, v| if v.abs() > so_far.abs() { *v } else { so_far });
            let scale = variance.sqrt().copysign(leading);
            component.iter_mut().for_each(|v| *v /= scale);
            weights.column_mut(k).assign(&ndarray::aview1(&component));
        }
        Ok(Box::new(Fitted { mean, weights }))
    }
}

impl Fitted {
    pub(super) fn new(SavedProjection { centre, weights }: SavedProjection) -> Self {
        let made = weights.first().map_or(0, Vec::len);
        let weights = Array2::from_shape_fn((centre.len(), made), |(from, to)| weights[from][to]);
        Fitted { mean: centre, weights }
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        let weights = self.weights.rows().into_iter().map(|row| row.to_vec()).collect();
        Some(SavedScaler::Projected(SavedProjection { centre: self.mean.clone(), weights }))
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let columns = self.mean.len();
        same_columns(ID, columns, x.ncols())?;
        let made = self.weights.ncols();
        let write = |rows: Array2<f64>, to: &mut [f64]| {
            // A chunk is whole rows, so it always has this shape.
            if let Ok(mut to) = ArrayViewMut2::from_shape((rows.nrows(), made), to) {
                general_mat_mul(1.0, &rows, &self.weights, 0.0, &mut to);
            }
        };
        match made == columns {
            true => update_chunks(ID, x, |chunk| write(centred(chunk, &self.mean), chunk)),
            false => widen_chunks(ID, x, made, |from, to| write(centred(from, &self.mean), to)),
        }
    }
}

/// `PCA(whiten=True)`: <https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.PCA.html>. As many columns
/// come out as go in, or as there are training rows if these are fewer. A direction without variance (below columns * 2.2e-16 of
/// the largest) becomes a column of zeros; scikit-learn divides its rounding errors by themselves.
pub const ENTRY: Entry<dyn Scaler> = Entry::new(ID, "principal components, each with mean 0 and variance 1", |table| {
    build::<Params, _>(ID, table, |_| Ok(Box::new(Whitening) as Box<dyn Scaler>))
})
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.PCA.html")
// 2: fewer columns where there are fewer training rows; there were as many as go in.
.version(2)
.also(&[
    COPY,
    NOTHING_DRAWN,
    Also::only("whiten", "true", "without it, it is the selection `pca`: write `selects = [\"pca\"]` in [grid]"),
    Also::only(
        "n_components",
        "null",
        "every direction is kept: write the selection `pca` with `whiten = true` and `n_components`",
    ),
    Also::harmless("svd_solver", EXACT).takes(&[Takes::Texts(&[
        "auto",
        "full",
        "covariance_eigh",
        "arpack",
        "randomized",
    ])]),
    Also::harmless("tol", EXACT).takes(Takes::POSITIVES),
    Also::harmless("iterated_power", EXACT).takes(&[Takes::Texts(&["auto"]), Takes::Whole(0, i64::MAX)]),
    Also::harmless("n_oversamples", EXACT).takes(Takes::COUNTS),
    POWER_ITERATION_NORMALIZER,
])
.in_python(InPython::new().given("whiten = true"));

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn fewer_rows_than_columns_make_as_many_columns_as_there_are_rows() {
        let x = array![[1.0, 2.0, 0.0, 4.0], [3.0, -1.0, 0.0, 0.5], [0.0, 5.0, 0.0, 2.0]];
        let fitted = Whitening.fit(x.view()).unwrap();
        let made = fitted.transform(x.clone()).unwrap();
        assert_eq!(made.dim(), (3, 3));
        // Three rows lie in a plane: two directions vary.
        let covariance = made.t().dot(&made) / 2.0;
        for ((i, j), found) in covariance.indexed_iter() {
            let expected = if i == j && i < 2 { 1.0 } else { 0.0 };
            assert!((found - expected).abs() < 1e-12, "{i} {j} {found}");
        }
        // What is stored of it does the same, to other rows as well.
        let Some(SavedScaler::Projected(saved)) = fitted.saved() else { panic!("no projection") };
        let other = array![[2.0, 2.0, 7.0, 2.0]];
        assert_eq!(Fitted::new(saved).transform(other.clone()).unwrap(), fitted.transform(other).unwrap());
        let named = |name: &str| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false };
        let columns = |rows: usize| {
            let given = Shape::new(rows, ["a", "b", "c", "d"].map(named).to_vec());
            Whitening.shape(&given).unwrap().columns.into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(columns(3), ["x0", "x1", "x2"]);
        assert_eq!(columns(4), ["a", "b", "c", "d"]);
    }

    /// Few rows in many columns are whitened as the same rows with every one twice, which are decomposed by columns.
    #[test]
    fn few_rows_of_many_columns_are_whitened_as_by_the_columns() {
        let (rows, columns) = (50, MANY_COLUMNS + 6);
        let value = |i: usize, j: usize| {
            let hash = ((i * columns + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 24)
        };
        let x = Array2::from_shape_fn((rows, columns), |(i, j)| value(i, j));
        let twice = Array2::from_shape_fn((2 * rows, columns), |(i, j)| value(i % rows, j));
        let few = Whitening.fit(x.view()).unwrap().transform(x.clone()).unwrap();
        let many = Whitening.fit(twice.view()).unwrap().transform(x.clone()).unwrap();
        assert_eq!((few.dim(), many.dim()), ((rows, rows), (rows, columns)));
        // The variance of the rows is 1; that of the doubled ones, too, but it has another divisor.
        let factor = (2.0 * (rows - 1) as f64 / (2 * rows - 1) as f64).sqrt();
        for ((i, k), found) in few.indexed_iter().filter(|((_, k), _)| *k + 1 < rows) {
            let expected = many[(i, k)] * factor;
            assert!((found - expected).abs() < 1e-7, "{i} {k} {found} {expected}");
        }
        assert!(few.column(rows - 1).iter().all(|&none| none == 0.0));
        let mut endless = x.clone();
        endless[(3, 5)] = 1e200;
        let said = Whitening.fit(endless.view()).err().unwrap().to_string();
        assert!(said.contains("no finite variance"), "{said}");
    }
}
