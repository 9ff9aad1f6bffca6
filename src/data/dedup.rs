//! Exact duplicate rows.

use ndarray::ArrayView1;
use rayon::prelude::*;

use super::Dataset;

/// Which rows are no repetition of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduplicated {
    /// The first row of each set of equal ones, ascending.
    pub keep: Vec<usize>,
    /// How many rows were left out.
    pub removed: usize,
    /// How many distinct feature rows occur with both labels. They are kept, once a label: which label is right is not
    /// ours to say.
    pub conflicting: usize,
}

/// Finds exact duplicates: rows that are equal in all features and the label, as in pandas' `drop_duplicates`: 0.0 and
/// -0.0 are equal, and so are two missing values.
/// <https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.drop_duplicates.html>.
pub fn dedup(data: &Dataset) -> Deduplicated {
    let (row_of, of_row) = (|row: usize| data.x.row(row), |row: usize| hash(data.x.row(row)));
    repetitions(&data.y, of_row, |a, b| equal(row_of(a), row_of(b)))
}

/// The same where rows must be equal in the columns `beside`, too, which are no features.
pub(crate) fn dedup_beside(data: &Dataset, beside: &[Vec<f64>]) -> Deduplicated {
    let mixed = |row: usize| beside.iter().fold(hash(data.x.row(row)), |state, values| mix(state, values[row]));
    let same = |a: usize, b: usize| {
        equal(data.x.row(a), data.x.row(b)) && beside.iter().all(|values| bits(values[a]) == bits(values[b]))
    };
    repetitions(&data.y, mixed, same)
}

/// Finds rows that are equal by `equal` and in their label in `y`; equal rows have equal hashes.
fn repetitions(
    y: &[u8],
    hash: impl Fn(usize) -> u64 + Sync + Send,
    equal: impl Fn(usize, usize) -> bool,
) -> Deduplicated {
    let rows = y.len();
    let hashes: Vec<u64> = (0..rows).into_par_iter().map(hash).collect();
    let shared = Shared::of(&hashes);
    let mut keep: Vec<usize> = (0..rows).into_par_iter().filter(|&row| !shared.has(hashes[row])).collect();
    let mut order: Vec<(u64, usize)> =
        (0..rows).into_par_iter().map(|row| (hashes[row], row)).filter(|(hash, _)| shared.has(*hash)).collect();
    // Row numbers make the keys distinct, so the order is the same however many threads sort.
    order.par_sort_unstable();
    let mut conflicting = 0;
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        // Rows of one hash are nearly always equal, but only a comparison can tell. (row, labels it came with)
        let mut distinct: Vec<(usize, [bool; 2])> = Vec::new();
        for &(_, row) in group {
            let label = usize::from(y[row] == 1);
            let known = distinct.iter_mut().find(|(first, _)| equal(*first, row));
            let is_new = match known {
                Some((_, with)) => !std::mem::replace(&mut with[label], true),
                None => {
                    distinct.push((row, [label == 0, label == 1]));
                    true
                }
            };
            if is_new {
                keep.push(row);
            }
        }
        conflicting += distinct.iter().filter(|(_, with)| *with == [true, true]).count();
    }
    keep.par_sort_unstable();
    Deduplicated { removed: rows - keep.len(), keep, conflicting }
}

/// Places that several hashes fall on. A row whose place is its own equals no other, which spares sorting nearly all rows.
struct Shared {
    shift: u32,
    several: Vec<u64>,
}

impl Shared {
    /// Bits a row: so few others fall on a row's place by chance.
    const ROOM: usize = 16;

    fn of(hashes: &[u64]) -> Self {
        let places = (hashes.len() * Self::ROOM).next_power_of_two().max(u64::BITS as usize);
        let shift = u64::BITS - places.trailing_zeros();
        let words = places / u64::BITS as usize;
        let (mut any, mut several) = (vec![0_u64; words], vec![0_u64; words]);
        for hash in hashes {
            let (word, bit) = Self::place(hash >> shift);
            several[word] |= any[word] & bit;
            any[word] |= bit;
        }
        Shared { shift, several }
    }

    fn has(&self, hash: u64) -> bool {
        let (word, bit) = Self::place(hash >> self.shift);
        self.several[word] & bit != 0
    }

    fn place(at: u64) -> (usize, u64) {
        ((at / u64::from(u64::BITS)) as usize, 1 << (at % u64::from(u64::BITS)))
    }
}

/// The bits that decide equality: 0.0 and -0.0 are equal, and so are two missing values.
pub(crate) fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() }
}

fn equal(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> bool {
    a.iter().zip(b).all(|(a, b)| bits(*a) == bits(*b))
}

/// Multiply, rotate, add: enough to tell rows apart, and equal hashes are compared anyway.
fn hash(row: ArrayView1<'_, f64>) -> u64 {
    row.iter().fold(0x9e37_79b9_7f4a_7c15, |state: u64, value| mix(state, *value))
}

fn mix(state: u64, value: f64) -> u64 {
    (state.rotate_left(23) ^ bits(value)).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_features_are_made_of_tells_rows_apart() {
        // Rows 0, 2, 3 and 4 are equal in the feature; 0 and 2 in the moment and the label, too.
        let x = array![[1.0], [2.0], [1.0], [1.0], [1.0]];
        let data = Dataset::of_numbers("t", &["a"], x, vec![0, 0, 0, 1, 0]).unwrap();
        let moments = vec![vec![7.0, 7.0, 7.0, 7.0, f64::NAN], vec![-0.0, 0.0, 0.0, 0.0, 0.0]];
        assert_eq!(dedup_beside(&data, &moments), Deduplicated { keep: vec![0, 1, 3, 4], removed: 1, conflicting: 1 });
        assert_eq!(dedup_beside(&data, &[]), Deduplicated { keep: vec![0, 1, 3], removed: 2, conflicting: 1 });
        // At moments of their own none is a repetition.
        let apart = vec![(0..5).map(f64::from).collect()];
        assert_eq!(dedup_beside(&data, &apart), Deduplicated { keep: vec![0, 1, 2, 3, 4], removed: 0, conflicting: 0 });
    }
}
