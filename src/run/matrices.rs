//! How a prefix's matrices lie in their shared file.

use std::path::Path;

use memmap2::Mmap;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::shared_file::map;

/// Which rows of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Training rows that the resampler kept.
    Train = 0,
    /// Validation rows; none in most protocols.
    Validation = 1,
    /// Test rows.
    Test = 2,
}

impl Part {
    pub const ALL: [Part; 3] = [Part::Train, Part::Validation, Part::Test];
}

/// How a prefix's matrices lie in their file: of each part its matrix in C order, then its labels, each begun at a
/// multiple of eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Columns of every part.
    pub columns: usize,
    /// Rows of each part.
    pub rows: [usize; 3],
}

impl Layout {
    fn matrix_bytes(&self, part: Part) -> usize {
        self.rows[part as usize] * self.columns * size_of::<f64>()
    }

    fn start(&self, part: Part) -> usize {
        let before = Part::ALL.into_iter().take(part as usize);
        before.map(|p| self.matrix_bytes(p) + self.rows[p as usize].next_multiple_of(size_of::<f64>())).sum()
    }

    /// Size of the file. At least one byte, as nothing cannot be mapped.
    pub fn bytes(&self) -> usize {
        (self.start(Part::Test) + self.matrix_bytes(Part::Test) + self.rows[Part::Test as usize]).max(1)
    }

    fn ranges(&self, part: Part) -> [std::ops::Range<usize>; 2] {
        let x = self.start(part)..self.start(part) + self.matrix_bytes(part);
        let y = x.end..x.end + self.rows[part as usize];
        [x, y]
    }

    /// The values and the labels of a part in the bytes of a file.
    pub fn part<'b>(&self, bytes: &'b [u8], part: Part) -> (&'b [f64], &'b [u8]) {
        let [x, y] = self.ranges(part);
        (bytemuck::cast_slice(&bytes[x]), &bytes[y])
    }

    /// The same for writing.
    pub fn part_mut<'b>(&self, bytes: &'b mut [u8], part: Part) -> (&'b mut [f64], &'b mut [u8]) {
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
    /// # Errors
    /// See [`map`].
    pub fn open(path: &Path, layout: Layout) -> Result<Self> {
        Ok(Matrices { map: map(path, layout.bytes())?, layout })
    }

    /// Matrix (rows x columns, C order) and labels of a part.
    pub fn part(&self, part: Part) -> (ArrayView2<'_, f64>, &[u8]) {
        let (values, labels) = self.layout.part(&self.map, part);
        // The layout gave `values` exactly rows x columns elements.
        let shape = (labels.len(), self.layout.columns);
        let x = ArrayView2::from_shape(shape, values)
            .unwrap_or_else(|_| ArrayView2::from_shape((0, 0), &[]).expect("empty"));
        (x, labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared_file::{SharedFile, map_new};

    #[test]
    fn every_part_comes_back_as_it_was_written() {
        let layout = Layout { columns: 2, rows: [3, 0, 1] };
        let file = SharedFile::create("test").unwrap();
        {
            let mut map = map_new(&file.path(), layout.bytes()).unwrap();
            let (x, y) = layout.part_mut(&mut map, Part::Train);
            x.copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            y.copy_from_slice(&[0, 1, 0]);
            let (x, y) = layout.part_mut(&mut map, Part::Test);
            x.copy_from_slice(&[7.0, 8.0]);
            y.copy_from_slice(&[1]);
        }
        let matrices = Matrices::open(&file.path(), layout).unwrap();
        assert_eq!(
            matrices.part(Part::Train),
            (ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).view(), &[0, 1, 0][..])
        );
        assert_eq!(matrices.part(Part::Validation).0.dim(), (0, 2));
        assert_eq!(matrices.part(Part::Test), (ndarray::arr2(&[[7.0, 8.0]]).view(), &[1][..]));
        assert!(Matrices::open(&file.path(), Layout { columns: 3, ..layout }).is_err(), "another size");
    }
}
