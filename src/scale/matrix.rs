//! What the scalers share: passes over a row-major matrix, in parallel, with the same bits for any number of threads.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::error::{COLUMN, Error, Result, columns_named};

/// Rows a task works on at a time. Fixed, because partial sums are combined chunk by chunk: the result must not depend
/// on the number of threads. 1,024 rows of 30 columns stay in a core's second-level cache.
const CHUNK_ROWS: usize = 1024;

/// Columns gathered at a time: whole cache lines of a row, and enough columns to keep the cores busy.
const BLOCK_COLUMNS: usize = 16;

/// Scikit-learn's threshold below which a range or a norm counts as zero (`_handle_zeros_in_scale`).
pub(super) const NEARLY_ZERO: f64 = 10.0 * f64::EPSILON;

/// `scale`, or 1 where it is (nearly) zero, as `_handle_zeros_in_scale` has it.
pub(super) fn nonzero_scale(scale: f64) -> f64 {
    if scale < NEARLY_ZERO { 1.0 } else { scale }
}

/// One sentence about one column.
pub(super) fn column_error(id: &str, column: usize, what: &str) -> Error {
    Error::Column { at: column, said: format!("`{id}`: {COLUMN} {what}") }
}

/// One sentence about all columns `at` that have one fault, with what is wrong with the first one where it is alone; there is one at least.
pub(super) fn columns_error(id: &str, at: Vec<usize>, one: &str, several: &str) -> Error {
    match at[..] {
        [only] => column_error(id, only, one),
        _ => Error::Columns { at, said: format!("`{id}`: {COLUMN} {several}") },
    }
}

/// Refuses a training matrix without rows or columns.
pub(super) fn check_fit(id: &str, x: ArrayView2<'_, f64>) -> Result<()> {
    match x.is_empty() {
        true => {
            Err(Error::Component(format!("`{id}` cannot be fitted on {} rows and {} columns", x.nrows(), x.ncols())))
        }
        false => Ok(()),
    }
}

/// What `work` says of each chunk of rows (a row-major slice), in the order of the rows.
pub(super) fn map_chunks<T: Send>(data: &[f64], columns: usize, work: impl Fn(&[f64]) -> T + Sync) -> Vec<T> {
    data.par_chunks(CHUNK_ROWS * columns).map(&work).collect()
}

/// Changes a matrix in place, a chunk of rows (a row-major slice) at a time, and checks that the outcome is finite.
///
/// # Errors
/// An infinite or undefined outcome, named by its column.
pub(super) fn update_chunks(id: &str, x: Array2<f64>, work: impl Fn(&mut [f64]) + Sync) -> Result<Array2<f64>> {
    let (rows, columns) = x.dim();
    let mut data = into_row_major(x);
    if columns > 0 {
        let finite = data
            .par_chunks_mut(CHUNK_ROWS * columns)
            .map(|chunk| {
                work(chunk);
                all_finite(chunk)
            })
            .reduce(|| true, |a, b| a && b);
        if !finite {
            return Err(all_not_finite(id, &data, columns));
        }
    }
    shaped(rows, columns, data)
}

/// [`update_chunks`] for scalers that treat every row alike: `work` gets one row.
pub(super) fn update_rows(id: &str, x: Array2<f64>, work: impl Fn(&mut [f64]) + Sync) -> Result<Array2<f64>> {
    let columns = x.ncols();
    update_chunks(id, x, |chunk| chunk.chunks_exact_mut(columns).for_each(&work))
}

/// A new matrix of `out_columns` columns: `work` gets a chunk of rows of `x` and the same rows of the outcome, which
/// hold zeros. Checks that the outcome is finite.
///
/// # Errors
/// No memory for the outcome; an infinite or undefined outcome, named by its column.
pub(super) fn widen_chunks(
    id: &str,
    x: Array2<f64>,
    out_columns: usize,
    work: impl Fn(&[f64], &mut [f64]) + Sync,
) -> Result<Array2<f64>> {
    let (rows, columns) = x.dim();
    let data = into_row_major(x);
    let mut out = zeros(id, rows, out_columns)?;
    if columns > 0 && out_columns > 0 {
        let finite = out
            .par_chunks_mut(CHUNK_ROWS * out_columns)
            .zip(data.par_chunks(CHUNK_ROWS * columns))
            .map(|(to, from)| {
                work(from, to);
                all_finite(to)
            })
            .reduce(|| true, |a, b| a && b);
        if !finite {
            let (at, first) = not_finite(&out, out_columns);
            // Its own columns have no names.
            let named = columns_named(&at, |_| None);
            return Err(Error::Component(match at.len() {
                1 => format!("`{id}`: the new {named} becomes {first}"),
                _ => format!("`{id}`: the new {named} {NOT_FINITE}"),
            }));
        }
    }
    shaped(rows, out_columns, out)
}

/// What `work` says of each column, given its index and a copy of its values. Columns are worked on in parallel.
///
/// # Errors
/// The error of the first column that has one.
pub(super) fn map_columns<T: Send>(
    x: ArrayView2<'_, f64>,
    work: impl Fn(usize, &mut [f64]) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let (rows, columns) = x.dim();
    let mut out = Vec::with_capacity(columns);
    let mut scratch = vec![0.0; rows * columns.min(BLOCK_COLUMNS)];
    for first in (0..columns).step_by(BLOCK_COLUMNS) {
        let width = BLOCK_COLUMNS.min(columns - first);
        let block = &mut scratch[..rows * width];
        gather(x, first, width, block);
        let done: Vec<Result<T>> =
            block.par_chunks_mut(rows).enumerate().map(|(i, column)| work(first + i, column)).collect();
        for result in done {
            out.push(result?);
        }
    }
    Ok(out)
}

/// Copies `width` columns from `first` on into `block`, column after column. Runs of rows go to each task, so that a
/// cache line is read once for all the columns in it.
fn gather(x: ArrayView2<'_, f64>, first: usize, width: usize, block: &mut [f64]) {
    let rows = x.nrows();
    // Each task owns the same run of rows in every column.
    let mut runs: Vec<Vec<&mut [f64]>> = Vec::new();
    for column in block.chunks_mut(rows) {
        for (i, run) in column.chunks_mut(CHUNK_ROWS).enumerate() {
            if runs.len() == i {
                runs.push(Vec::with_capacity(width));
            }
            runs[i].push(run);
        }
    }
    runs.into_par_iter().enumerate().for_each(|(chunk, mut run)| {
        let start = chunk * CHUNK_ROWS;
        for i in 0..run[0].len() {
            let row = x.row(start + i);
            for (j, column) in run.iter_mut().enumerate() {
                column[i] = row[first + j];
            }
        }
    });
}

/// The values in row-major order; without a copy when the matrix owns exactly those, as it does by contract.
fn into_row_major(x: Array2<f64>) -> Vec<f64> {
    match x.is_standard_layout() {
        true => {
            let size = x.len();
            let (mut data, offset) = x.into_raw_vec_and_offset();
            // A matrix that was sliced may start late and end early in what it owns.
            data.drain(..offset.unwrap_or(0));
            data.truncate(size);
            data
        }
        false => x.iter().copied().collect(),
    }
}

fn zeros(id: &str, rows: usize, columns: usize) -> Result<Vec<f64>> {
    let no_memory = || Error::Component(format!("`{id}`: no memory for {rows} rows of {columns} columns"));
    let size = rows.checked_mul(columns).ok_or_else(no_memory)?;
    // Asks first: `vec!` would end the process where this can still be refused, and unlike `resize` it gets zeroed
    // pages from the system without writing them.
    Vec::<f64>::new().try_reserve_exact(size).map_err(|_| no_memory())?;
    Ok(vec![0.0; size])
}

fn shaped(rows: usize, columns: usize, data: Vec<f64>) -> Result<Array2<f64>> {
    Array2::from_shape_vec((rows, columns), data).map_err(|e| Error::Component(e.to_string()))
}

fn all_finite(values: &[f64]) -> bool {
    // No early exit, so that the compiler can vectorise it.
    values.iter().fold(true, |so_far, v| so_far & v.is_finite())
}

/// What is said of several columns with such values.
const NOT_FINITE: &str = "become values that are not finite";

/// The columns of row-major values that are not all finite, of which there is one at least, and the first such value.
fn not_finite(data: &[f64], columns: usize) -> (Vec<usize>, f64) {
    let mut is_faulty = vec![false; columns];
    for row in data.chunks_exact(columns) {
        is_faulty.iter_mut().zip(row).for_each(|(faulty, v)| *faulty |= !v.is_finite());
    }
    let first = data.iter().copied().find(|v| !v.is_finite()).unwrap_or(f64::NAN);
    ((0..columns).filter(|&j| is_faulty[j]).collect(), first)
}

fn all_not_finite(id: &str, data: &[f64], columns: usize) -> Error {
    let (at, first) = not_finite(data, columns);
    columns_error(id, at, &format!("becomes {first}"), NOT_FINITE)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;

    fn counted(rows: usize, columns: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(i, j)| (i * columns + j) as f64)
    }

    #[test]
    fn all_columns_with_one_fault_are_told_and_numbers_in_few_digits() {
        let registry = crate::component::Registry::built_in();
        let said = |id: &str, params: &str, x: Array2<f64>| {
            let entry = registry.scalers().iter().find(|entry| entry.id == id).unwrap();
            let scaler = entry.build(&params.parse().unwrap(), &registry).unwrap().component;
            scaler.fit(x.view()).and_then(|fitted| fitted.transform(x)).unwrap_err().to_string()
        };
        let box_cox = "method = 'box-cox'";
        assert_eq!(
            said("power", box_cox, ndarray::array![[-1e-310, 1.0], [2.0, 3.0]]),
            "`power`: column 0 (counted from 0) holds -1e-310; box-cox needs positive values"
        );
        assert_eq!(
            said("power", box_cox, ndarray::array![[-1.5, 1.0, 0.0], [2.0, 3.0, 4.0]]),
            "`power`: columns 0 and 2 (counted from 0) hold values of 0 or less; box-cox needs positive values"
        );
        assert_eq!(
            said("min-max", "", ndarray::array![[0.0, 1.7e308], [1.0, -1.7e308]]),
            "`min-max`: column 1 (counted from 0) has no finite range: -1.7e308 to 1.7e308"
        );
        assert_eq!(
            said("min-max", "", ndarray::array![[-1.7e308, 1.7e308], [1.7e308, -1.7e308]]),
            "`min-max`: columns 0 and 1 (counted from 0) have no finite range"
        );
        assert_eq!(
            said("function", "func = 'log'", ndarray::array![[1.0, 2.0, -4.0], [-3.0, 5.0, 6.0]]),
            "`function`: columns 0 and 2 (counted from 0) hold values whose log is not a finite number"
        );
        assert_eq!(
            said("function", "func = 'log'", ndarray::array![[1.0, 2.0], [-1e300, 5.0]]),
            "`function`: column 0 (counted from 0) holds -1e300, whose log is not a finite number"
        );
    }

    #[test]
    fn columns_arrive_whole_and_in_order_beyond_one_block_and_one_chunk() {
        let x = counted(2 * CHUNK_ROWS + 7, BLOCK_COLUMNS + 3);
        let copies = map_columns(x.view(), |j, column| Ok((j, column.to_vec()))).unwrap();
        assert_eq!(copies.len(), x.ncols());
        for (i, (j, column)) in copies.iter().enumerate() {
            assert_eq!(i, *j);
            assert_eq!(column, &x.column(i).to_vec());
        }
    }

    #[test]
    fn a_sliced_or_column_major_matrix_is_read_by_its_own_rows() {
        let x = counted(6, 4);
        let sliced = x.clone().slice_move(s![2..5, ..]);
        assert_eq!(update_rows("t", sliced, |_| ()).unwrap(), x.slice(s![2..5, ..]));
        let turned = x.clone().reversed_axes();
        assert_eq!(
            update_rows("t", turned, |row| row[0] += 1.0).unwrap().row(1).to_vec(),
            [2.0, 5.0, 9.0, 13.0, 17.0, 21.0]
        );
    }

    #[test]
    fn an_outcome_that_is_not_finite_is_named_by_column() {
        let said = update_rows("t", counted(3, 4), |row| row[2] /= row[0] - 4.0).unwrap_err().to_string();
        assert_eq!(said, "`t`: column 2 (counted from 0) becomes inf");
    }

    #[test]
    fn a_matrix_beyond_memory_is_refused_not_fatal() {
        let said = widen_chunks("t", counted(2, 1), usize::MAX / 16, |_, _| ()).unwrap_err().to_string();
        assert!(said.starts_with("`t`: no memory for 2 rows"), "{said}");
    }
}
