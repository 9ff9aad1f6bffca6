//! Rows on their way through encoder, scaler and selection, a block at a time.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use super::fitted::Fitted;
use crate::error::{Error, Result};

/// Rows of a block at most: what a step of another library gets at a time, and what an error looks at.
const MOST_ROWS: usize = 16_384;
/// Rows of a block at least: a product with a matrix as wide as the rows reads it once for so many.
const LEAST_ROWS: usize = 256;
/// About how many bytes a block takes before and after a step: little beside a wide matrix.
const BYTES: usize = 4 << 20;

/// Rows of a block of native steps that make `widest` columns at most of `given`: a power of two, as the largest block is.
pub(super) fn rows_of_block(given: usize, widest: usize) -> usize {
    let row = given.saturating_add(widest).max(1) * size_of::<f64>();
    1 << (BYTES / row).clamp(LEAST_ROWS, MOST_ROWS).ilog2()
}

/// Rows of one part before the steps.
pub(super) struct Blocks<'b> {
    pub fitted: &'b Fitted,
    pub x: ArrayView2<'b, f64>,
    /// The rows' places among those that the steps learnt from; none for rows that they have not seen.
    pub learnt: Option<&'b [Option<u32>]>,
}

impl Blocks<'_> {
    /// Writes what becomes of the rows, `width` columns, into `out`. With `rows`, a power of two, so many rows at a time and several
    /// blocks at once; without, the largest blocks one after the other, as what a step of another library makes of rows may hang on
    /// those before them.
    ///
    /// # Errors
    /// As [`Fitted::transform`]; another number of columns.
    pub fn write(&self, out: &mut [f64], width: usize, rows: Option<usize>) -> Result<()> {
        let each = rows.unwrap_or(MOST_ROWS).min(MOST_ROWS);
        let size = each * width.max(1);
        let failed = |(nth, out): (usize, &mut [f64])| {
            let first = nth * each;
            self.write_block(first..(first + each).min(self.x.nrows()), out).err().map(|e| (first, e))
        };
        let failed = match rows {
            Some(_) => out.par_chunks_mut(size).enumerate().find_map_first(failed),
            None => out.chunks_mut(size).enumerate().find_map(failed),
        };
        match failed {
            None => Ok(()),
            Some((_, error)) if each == MOST_ROWS => Err(error),
            Some((first, error)) => Err(self.largest_error(first).unwrap_or(error)),
        }
    }

    fn write_block(&self, rows: Range<usize>, out: &mut [f64]) -> Result<()> {
        let made = self.transformed(rows)?;
        let same = made.as_slice().filter(|made| made.len() == out.len());
        let made =
            same.ok_or_else(|| Error::Component("scaler or select returned a matrix of another shape".into()))?;
        out.copy_from_slice(made);
        Ok(())
    }

    fn transformed(&self, rows: Range<usize>) -> Result<Array2<f64>> {
        let x = self.x.slice(s![rows.clone(), ..]).to_owned();
        match self.learnt {
            Some(places) => self.fitted.transform_training(x, &places[rows]),
            None => self.fitted.transform(x),
        }
    }

    /// What the largest block says that row `at` is in: an error names all faulty columns of a block, and must not hang on how wide
    /// the others are.
    fn largest_error(&self, at: usize) -> Option<Error> {
        let first = at - at % MOST_ROWS;
        self.transformed(first..(first + MOST_ROWS).min(self.x.nrows())).err()
    }
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::super::fitted::{Leaked, Steps, all_places};
    use super::*;
    use crate::component::{Features, Registry, Train};
    use crate::data::{Column, Kind};

    const ROWS: usize = 1_300;

    /// Three numbers, of which some are equal and one is constant, and a category of many levels.
    fn table() -> (Array2<f64>, Vec<u8>, [Column; 4]) {
        let x = Array2::from_shape_fn((ROWS, 4), |(row, column)| match column {
            0 => ((row * 7919) % 1013) as f64 / 97.0 + 1.0,
            1 => ((row * 31) % 7) as f64 + 0.5,
            2 => 3.0,
            _ => (row % 37) as f64,
        });
        let y = (0..ROWS).map(|row| u8::from(row % 9 == 0 || row % 37 == 5)).collect();
        let levels: Vec<String> = (0..37).map(|level| format!("l{level}")).collect();
        let columns = [
            Column::number("a"),
            Column::number("b"),
            Column::number("c"),
            Column { kind: Kind::Category(levels.into()), ..Column::number("d") },
        ];
        (x, y, columns)
    }

    fn with_steps(
        encoder: &str,
        (scaler, params): (&str, &str),
        select: Option<&str>,
        check: impl FnOnce(&Fitted, &Array2<f64>),
    ) {
        let (registry, none) = (Registry::built_in(), Table::new());
        let (x, y, columns) = table();
        let encoder = registry.encoders().iter().find(|entry| entry.id == encoder).unwrap();
        let encoder = encoder.build(&none, &registry).unwrap().component;
        let scaler = registry.scalers().iter().find(|entry| entry.id == scaler).unwrap();
        let scaler = scaler.build(&params.parse().unwrap(), &registry).unwrap().component;
        let select = select.map(|id| registry.selects().iter().find(|entry| entry.id == id).unwrap());
        let select = select.map(|entry| entry.build(&none, &registry).unwrap().component);
        let steps = Steps { encoder: encoder.as_ref(), scaler: scaler.as_ref(), select: select.as_deref() };
        let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
        check(&Fitted::new(steps, &train, Leaked::default()).unwrap(), &x);
    }

    #[test]
    fn rows_do_not_hang_on_their_block() {
        let steps = [
            ("one-hot", "polynomial", None),
            ("target", "standard", None),
            ("one-hot", "whitening", None),
            ("ordinal", "quantile", Some("pca")),
            ("native", "robust", None),
        ];
        for (encoder, scaler, select) in steps {
            with_steps(encoder, (scaler, ""), select, |fitted, x| {
                let (width, widest) = fitted.widths(x.view()).unwrap();
                assert!(width <= widest);
                let places = all_places(ROWS);
                for learnt in [Some(&places[..]), None] {
                    let blocks = Blocks { fitted, x: x.view(), learnt };
                    let written = |rows| {
                        let mut out = vec![f64::NAN; ROWS * width];
                        blocks.write(&mut out, width, rows).unwrap();
                        out
                    };
                    let whole = written(None);
                    assert!(whole.iter().all(|value| value.is_finite()));
                    for rows in [1, 64, 512, MOST_ROWS] {
                        assert_eq!(written(Some(rows)), whole, "{encoder} {scaler}, {rows} rows");
                    }
                }
            });
        }
    }

    #[test]
    fn an_error_does_not_hang_on_the_blocks() {
        with_steps("native", ("function", "func = 'sqrt'"), None, |fitted, x| {
            let said = |x: &Array2<f64>, width: usize, rows| {
                let blocks = Blocks { fitted, x: x.view(), learnt: None };
                blocks.write(&mut vec![0.0; ROWS * width], width, rows).unwrap_err().to_string()
            };
            assert_eq!(said(x, 3, Some(64)), said(x, 3, None), "another width");
            let mut x = x.clone();
            (x[(3, 0)], x[(700, 2)]) = (-2.0, -3.0);
            let whole = said(&x, 4, None);
            assert!(whole.contains("columns 0 and 2"), "{whole}");
            assert_eq!(said(&x, 4, Some(64)), whole);
        });
    }

    #[test]
    fn wide_rows_come_in_small_blocks() {
        assert_eq!(rows_of_block(10, 10), MOST_ROWS);
        assert_eq!(rows_of_block(3, 900), 512);
        assert_eq!(rows_of_block(100, 5_151), LEAST_ROWS);
        assert_eq!(rows_of_block(0, 0), MOST_ROWS);
    }
}
