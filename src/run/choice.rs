//! What a resampler made of its rows, in a shared file: places, then the made-up rows with their labels and origins.

use std::path::Path;

use ndarray::Array2;

use super::prefix::Kept;
use crate::component::Resampled;
use crate::error::{Error, Result};
use crate::os::{map, map_new};

const WORD: usize = size_of::<u64>();

fn bytes(rows: usize, made: usize, columns: usize) -> usize {
    // At least one byte, as nothing cannot be mapped.
    ((rows + made) * WORD + made * columns * WORD + made).max(1)
}

/// Writes it.
///
/// # Errors
/// [`Error::Io`].
pub fn write(into: &Path, resampled: &Resampled) -> Result<()> {
    let (rows, made, columns) = (resampled.rows.len(), resampled.made_y.len(), resampled.made.ncols());
    let mut map = map_new(into, bytes(rows, made, columns))?;
    let (places, rest) = map.split_at_mut(rows * WORD);
    places.copy_from_slice(bytemuck::cast_slice(&resampled.rows));
    let (from, rest) = rest.split_at_mut(made * WORD);
    from.copy_from_slice(bytemuck::cast_slice(&resampled.made_from));
    let (values, labels) = rest.split_at_mut(made * columns * WORD);
    for (out, value) in values.chunks_exact_mut(WORD).zip(&resampled.made) {
        out.copy_from_slice(&value.to_ne_bytes());
    }
    labels[..made].copy_from_slice(&resampled.made_y);
    Ok(())
}

/// Reads it again.
///
/// # Errors
/// [`Error::Io`], also for a file of another size.
pub fn read(path: &Path, kept: Kept) -> Result<Resampled> {
    let Kept { rows, made, columns, .. } = kept;
    let map = map(path, bytes(rows, made, columns))?;
    let (places, rest) = map.split_at(rows * WORD);
    let (from, rest) = rest.split_at(made * WORD);
    let (values, labels) = rest.split_at(made * columns * WORD);
    let values: Vec<f64> = bytemuck::pod_collect_to_vec(values);
    Ok(Resampled {
        rows: bytemuck::pod_collect_to_vec(places),
        made: Array2::from_shape_vec((made, columns), values).map_err(|e| Error::Component(e.to_string()))?,
        made_y: labels[..made].to_vec(),
        made_from: bytemuck::pod_collect_to_vec(from),
    })
}
