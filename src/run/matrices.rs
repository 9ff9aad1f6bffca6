//! How a prefix's matrices lie in their shared file.

use std::path::Path;

use memmap2::Mmap;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::os::map;

/// Which rows of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portion {
    /// Training rows that the resampler kept.
    Train = 0,
    /// Validation rows; none in most protocols.
    Validation = 1,
    /// Test rows.
    Test = 2,
}

impl Portion {
    pub const ALL: [Portion; 3] = [Portion::Train, Portion::Validation, Portion::Test];
}

/// How a prefix's matrices lie in their file: of each part its matrix in C order, then its labels, each begun at a
/// multiple of eight bytes; behind them the weights of the training rows, if there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Columns of every part.
    pub columns: usize,
    /// Rows of each part.
    pub rows: [usize; 3],
    /// Whether training rows have weights.
    pub weighted: bool,
}

impl Layout {
    /// Refuses sizes whose product is no number of bytes: they would wrap around, and a file could seem to fit.
    fn check(&self) -> Result<()> {
        let bytes = self.rows.iter().try_fold(0_usize, |sum, &rows| {
            let matrix = rows.checked_mul(self.columns)?.checked_mul(size_of::<f64>())?;
            sum.checked_add(matrix)?.checked_add(rows.checked_next_multiple_of(size_of::<f64>())?)
        });
        let weights = self.rows[0].checked_mul(size_of::<f64>());
        bytes.zip(weights).and_then(|(sum, weights)| sum.checked_add(weights)).map(drop).ok_or_else(|| {
            Error::Component(format!("no file holds matrices of {:?} rows x {} columns", self.rows, self.columns))
        })
    }

    fn matrix_bytes(&self, part: Portion) -> usize {
        self.rows[part as usize] * self.columns * size_of::<f64>()
    }

    fn start(&self, part: Portion) -> usize {
        let before = Portion::ALL.into_iter().take(part as usize);
        before.map(|p| self.matrix_bytes(p) + self.rows[p as usize].next_multiple_of(size_of::<f64>())).sum()
    }

    /// Size of the file. At least one byte, as nothing cannot be mapped.
    pub fn bytes(&self) -> usize {
        match self.weighted {
            true => self.weights().end,
            false => self.end(),
        }
        .max(1)
    }

    /// Where the parts end.
    fn end(&self) -> usize {
        self.start(Portion::Test) + self.matrix_bytes(Portion::Test) + self.rows[Portion::Test as usize]
    }

    fn weights(&self) -> std::ops::Range<usize> {
        let from = self.end().next_multiple_of(size_of::<f64>());
        from..from + if self.weighted { self.rows[Portion::Train as usize] * size_of::<f64>() } else { 0 }
    }

    /// The training rows' weights, for writing; none where there are none.
    pub fn weights_mut<'b>(&self, bytes: &'b mut [u8]) -> &'b mut [f64] {
        match self.weighted {
            true => bytemuck::cast_slice_mut(&mut bytes[self.weights()]),
            false => &mut [],
        }
    }

    fn ranges(&self, part: Portion) -> [std::ops::Range<usize>; 2] {
        let x = self.start(part)..self.start(part) + self.matrix_bytes(part);
        let y = x.end..x.end + self.rows[part as usize];
        [x, y]
    }

    /// The values and the labels of a part in the bytes of a file.
    pub fn part<'b>(&self, bytes: &'b [u8], part: Portion) -> (&'b [f64], &'b [u8]) {
        let [x, y] = self.ranges(part);
        (bytemuck::cast_slice(&bytes[x]), &bytes[y])
    }

    /// The same for writing.
    pub fn part_mut<'b>(&self, bytes: &'b mut [u8], part: Portion) -> (&'b mut [f64], &'b mut [u8]) {
        let [x, y] = self.ranges(part);
        let (before, after) = bytes[x.start..y.end].split_at_mut(x.len());
        (bytemuck::cast_slice_mut(before), after)
    }
}

/// A prefix's matrices, mapped.
pub struct Matrices {
    map: Mmap,
    layout: Layout,
}

impl Matrices {
    /// Maps them, and has their pages resident where the system can do that.
    ///
    /// # Errors
    /// See [`map`]; [`Error::Component`] when the layout is none that a file can have.
    pub fn open(path: &Path, layout: Layout) -> Result<Self> {
        layout.check()?;
        let matrices = Matrices { map: map(path, layout.bytes())?, layout };
        // A kernel that is too old for it (before 5.14) brings the pages when they are read.
        #[cfg(target_os = "linux")]
        let _ = matrices.map.advise(memmap2::Advice::PopulateRead);
        Portion::ALL.into_iter().try_for_each(|part| matrices.view(part).map(drop))?;
        Ok(matrices)
    }

    fn view(&self, part: Portion) -> Result<ArrayView2<'_, f64>> {
        let (values, labels) = self.layout.part(&self.map, part);
        let shape = (labels.len(), self.layout.columns);
        ArrayView2::from_shape(shape, values).map_err(|e| {
            let (values, (rows, columns)) = (values.len(), shape);
            Error::Component(format!("{part:?}: {values} values are no matrix of {rows} rows x {columns} columns: {e}"))
        })
    }

    /// What the training rows weigh, if they weigh differently.
    pub fn weights(&self) -> Option<&[f64]> {
        self.layout.weighted.then(|| bytemuck::cast_slice(&self.map[self.layout.weights()]))
    }

    /// Matrix (rows x columns, C order) and labels of a part.
    pub fn part(&self, part: Portion) -> (ArrayView2<'_, f64>, &[u8]) {
        (self.view(part).expect("`open` has looked at every part"), self.layout.part(&self.map, part).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::{SharedFile, map_new};

    #[test]
    fn every_part_comes_back_as_it_was_written() {
        let layout = Layout { columns: 2, rows: [3, 0, 1], weighted: true };
        let file = SharedFile::create("test").unwrap();
        {
            let mut map = map_new(&file.path(), layout.bytes()).unwrap();
            let (x, y) = layout.part_mut(&mut map, Portion::Train);
            x.copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            y.copy_from_slice(&[0, 1, 0]);
            let (x, y) = layout.part_mut(&mut map, Portion::Test);
            x.copy_from_slice(&[7.0, 8.0]);
            y.copy_from_slice(&[1]);
            layout.weights_mut(&mut map).copy_from_slice(&[0.5, 0.0, 2.0]);
        }
        let matrices = Matrices::open(&file.path(), layout).unwrap();
        assert_eq!(
            matrices.part(Portion::Train),
            (ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).view(), &[0, 1, 0][..])
        );
        assert_eq!(matrices.part(Portion::Validation).0.dim(), (0, 2));
        assert_eq!(matrices.part(Portion::Test), (ndarray::arr2(&[[7.0, 8.0]]).view(), &[1][..]));
        assert_eq!(matrices.weights(), Some(&[0.5, 0.0, 2.0][..]));
        assert!(Matrices::open(&file.path(), Layout { weighted: false, ..layout }).is_err(), "another size");
        assert!(Matrices::open(&file.path(), Layout { columns: 3, ..layout }).is_err(), "another size");
        // 2^61 rows of 8 bytes are 2^64 bytes, that is, none: they would fit any file.
        let huge = Matrices::open(&file.path(), Layout { columns: 1, rows: [1 << 61, 0, 0], weighted: false });
        assert!(huge.err().unwrap().to_string().contains("no file holds"));
    }
}
