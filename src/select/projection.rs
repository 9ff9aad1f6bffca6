//! What `pca` and `truncated-svd` share: directions from a Gram matrix, and rows projected on them.

use ndarray::{Array2, ArrayView2, linalg::general_mat_mul};
use rayon::prelude::*;

use crate::component::{FittedTransformer, SavedProjection, SavedStep, StepForm, same_columns};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::numeric::eigen::largest;
use crate::numeric::gram::gram;
use crate::numeric::reflections::add_product;
use crate::numeric::row_products::{filled, products};
use crate::numeric::row_space::RowSpace;

/// Rows that are projected at a time.
const ROWS: usize = 1_024;
/// Beyond so many rows a few directions are made of the rows' products.
const MANY_ROWS: usize = 256;
/// How many rows there are at least for each of a few directions.
const ROWS_EACH: usize = 8;
/// The share of the largest eigenvalue above which products of rows tell a direction to a dozen digits.
const WELL_TOLD: f64 = 1e-3;

/// The eigenvalues of the sum of z z^T over rows z = x - `centre`, falling and never negative, each with its direction. Of a
/// direction's entries the first of the largest is positive, as scikit-learn's `svd_flip` has it. At least `wanted` directions
/// (at most one per column); no more where that saves time.
///
/// # Errors
/// Values whose squares are not finite.
pub(super) fn directions(
    id: &str,
    x: ArrayView2<'_, f64>,
    centre: &[f64],
    wanted: usize,
) -> Result<Vec<(f64, Vec<f64>)>> {
    let x = x.as_standard_layout();
    let view = x.view();
    let (rows, columns) = view.dim();
    let centred = |row: usize, z: &mut [f64]| {
        for ((z, value), centre) in z.iter_mut().zip(view.row(row)).zip(centre) {
            *z = value - centre;
        }
    };
    let mut space = None;
    if rows < columns && wanted <= rows {
        let z = filled((rows, columns), centred);
        if let Some(mut few) = few_directions(&z, wanted) {
            few.iter_mut().for_each(|(_, direction)| flip(direction));
            return Ok(few);
        }
        space = Some(RowSpace::of(z));
    }
    let squares = match &space {
        Some(space) => space.gram(),
        None => gram(rows, columns, centred),
    };
    if squares.iter().any(|value| !value.is_finite()) {
        return Err(Error::Component(format!(
            "`{id}`: values are not finite, or too large to square: use a scaler before it"
        )));
    }
    let mut pairs = largest(squares, wanted);
    if let Some(space) = space {
        let all = space.all_columns(&pairs.iter().map(|(_, direction)| &direction[..]).collect::<Vec<_>>());
        pairs.iter_mut().zip(all).for_each(|((_, direction), all)| *direction = all);
    }
    for (value, direction) in &mut pairs {
        *value = value.max(0.0);
        flip(direction);
    }
    Ok(pairs)
}

/// A few directions of many rows, fewer than columns: the eigenvectors of the rows' products say how each is made of the rows. None
/// where there are not few, or rounding beside the largest one would be seen.
fn few_directions(z: &Array2<f64>, wanted: usize) -> Option<Vec<(f64, Vec<f64>)>> {
    let (rows, columns) = z.dim();
    if rows <= MANY_ROWS || wanted * ROWS_EACH > rows {
        return None;
    }
    let mut pairs = largest(products(z.view()), wanted);
    pairs.truncate(wanted);
    let (most, least) = (pairs.first()?.0, pairs.last()?.0);
    // Not so of values that are no numbers, either.
    let is_well_told = least > most * WELL_TOLD;
    if !is_well_told {
        return None;
    }
    let shares = Array2::from_shape_fn((wanted, rows), |(nth, row)| pairs[nth].1[row] / pairs[nth].0.sqrt());
    let mut made = Array2::zeros((wanted, columns));
    add_product(1.0, shares.view(), z.view(), made.view_mut());
    Some(pairs.iter().zip(made.outer_iter()).map(|((value, _), direction)| (*value, direction.to_vec())).collect())
}

/// Makes the first of the largest entries positive.
fn flip(direction: &mut [f64]) {
    let leading = direction.iter().fold(0.0, |so_far: f64, v| if v.abs() > so_far.abs() { *v } else { so_far });
    if leading < 0.0 {
        direction.iter_mut().for_each(|v| *v = -*v);
    }
}

/// Rows less their centre, on directions.
pub(super) struct Projection {
    id: &'static str,
    centre: Vec<f64>,
    /// Columns x directions.
    weights: Array2<f64>,
    columns: Vec<Column>,
}

impl Projection {
    /// The columns are called `<prefix>-1` and so on.
    pub fn new(id: &'static str, prefix: &str, centre: Vec<f64>, directions: &[Vec<f64>]) -> Self {
        let weights = Array2::from_shape_fn((centre.len(), directions.len()), |(row, nth)| directions[nth][row]);
        let columns = names(prefix, directions.len()).map(Column::number).collect();
        Projection { id, centre, weights, columns }
    }
}

/// The names of so many made columns.
pub(super) fn names(prefix: &str, count: usize) -> impl Iterator<Item = String> {
    (1..=count).map(move |nth| format!("{prefix}-{nth}"))
}

impl Projection {
    pub(super) fn restored(SavedProjection { centre, weights }: SavedProjection, columns: Vec<Column>) -> Self {
        let weights = Array2::from_shape_fn((centre.len(), columns.len()), |(from, to)| weights[from][to]);
        Projection { id: "select", centre, weights, columns }
    }
}

impl FittedTransformer for Projection {
    fn saved(&self) -> Option<SavedStep> {
        let weights = self.weights.rows().into_iter().map(|row| row.to_vec()).collect();
        let form = StepForm::Projected(SavedProjection { centre: self.centre.clone(), weights });
        Some(SavedStep { form, columns: self.columns.clone() })
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let (given, made) = self.weights.dim();
        same_columns(self.id, given, x.ncols())?;
        let x = x.as_standard_layout();
        let mut out = vec![0.0; x.nrows() * made];
        // A standard layout is contiguous, and chunks are whole rows.
        let values = x.as_slice().unwrap_or_default();
        out.par_chunks_mut(ROWS * made).zip(values.par_chunks(ROWS * given)).for_each(|(to, from)| {
            let rows = from.len() / given;
            let centred = Array2::from_shape_fn((rows, given), |(row, at)| from[row * given + at] - self.centre[at]);
            if let Ok(mut to) = ndarray::ArrayViewMut2::from_shape((rows, made), to) {
                general_mat_mul(1.0, &centred, &self.weights, 0.0, &mut to);
            }
        });
        Array2::from_shape_vec((x.nrows(), made), out).map_err(|e| Error::Component(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Axis, concatenate};

    use super::*;
    use crate::numeric::dense::worst;

    /// Rows four times over have the same directions, and are more than there are columns.
    #[test]
    fn few_rows_have_the_directions_of_the_same_rows_repeated() {
        let x = Array2::from_shape_fn((12, 40), |(i, j)| ((i * 40 + j) as f64 * 1.7).sin() * (1.0 + j as f64 / 10.0));
        let many = concatenate(Axis(0), &[x.view(); 4]).unwrap();
        let centre: Vec<f64> = x.mean_axis(Axis(0)).unwrap().to_vec();
        let few = directions("pca", x.view(), &centre, 12).unwrap();
        let all = directions("pca", many.view(), &centre, 12).unwrap();
        assert_eq!((few.len(), all.len()), (12, 40));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let largest = few[0].0;
        for ((squares, direction), (repeated, same)) in few.iter().zip(&all).take(11) {
            assert!((squares * 4.0 - repeated).abs() < 1e-12 * largest);
            // As far as rounding of the squares lets a direction be known.
            let off = worst(direction.iter().zip(same).map(|(a, b)| a - b));
            assert!(*squares < 1e-8 * largest || off < 1e-6, "{squares:e} of {largest:e}: {off:e}");
        }
        // The last one has no variance, and still stands at right angles to the others.
        assert!(few[11].0 < 1e-12 * largest);
        for (i, (_, a)) in few.iter().enumerate() {
            for (j, (_, b)) in few.iter().enumerate() {
                assert!((dot(a, b) - f64::from(u8::from(i == j))).abs() < 1e-13);
            }
        }
        // More directions than rows are asked of the columns.
        assert_eq!(directions("truncated-svd", x.view(), &centre, 13).unwrap().len(), 40);
    }

    /// The first directions of many rows, and of rows of which one stands out so far that rounding of the products would be seen.
    #[test]
    fn a_few_directions_are_the_first_of_all() {
        let (rows, columns) = (MANY_ROWS + 4, MANY_ROWS + 50);
        for far in [1.0, 1e3] {
            let x = Array2::from_shape_fn((rows, columns), |(i, j)| {
                let hash = ((i * columns + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let noise =
                    ((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 24);
                // Three directions of their own, so that none is nearly tied.
                (noise - 0.5) * if j < 3 { 8.0 * (j + 1) as f64 } else { 1.0 } * if i == 7 { far } else { 1.0 }
            });
            let centre = vec![0.0; columns];
            let few = directions("truncated-svd", x.view(), &centre, 3).unwrap();
            let all = directions("truncated-svd", x.view(), &centre, rows).unwrap();
            assert_eq!(all.len(), rows);
            assert_eq!(few_directions(&x, 3).is_some(), far == 1.0);
            for ((squares, direction), (same, expected)) in few.iter().zip(&all) {
                assert!((squares / same - 1.0).abs() < 1e-10, "{squares:e} and {same:e}");
                let off = worst(direction.iter().zip(expected).map(|(a, b)| a - b));
                assert!(off < 1e-10, "{off:e}");
            }
        }
    }
}
