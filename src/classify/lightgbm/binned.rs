//! Rows put into LightGBM's bins here, and handed over as the binary data set that the library would have written of them.
//!
//! The library looks each value's bin up by itself, by a search whose branch is guessed wrong half of the time: a quarter of a fit on a
//! wide table. Here the values of a column are looked up side by side, without a branch. What bins there are stays the library's: they are
//! read from its own description of a data set without rows (`LGBM_DatasetSerializeReferenceToBinary`), whose parts are those of the
//! binary file (`LGBM_DatasetSaveBinary`). A description that is not as those of the pinned version is not taken, and the rows are pushed.

use std::ffi::CString;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;

use rustix::fs::{MemfdFlags, memfd_create};

use super::aside::aside;
use super::library::Matrix;
use crate::error::{Error, Result};

const REFERENCE: &[u8] = b"______LightGBM_Binary_Serialized_Token______\n";
const FILE: &[u8] = b"______LightGBM_Binary_File_Token______\n";

/// Bytes of the version that follows the token of a description.
const VERSION: usize = 2;

/// Bins that a byte tells apart, and half a byte.
const BYTE: u32 = 256;
const HALF: u32 = 16;

/// Columns that are read together: those of a line of the cache; and rows, whose lines stay in the nearest one.
const TOGETHER: usize = 8;
const ROWS: usize = 64;

/// Groups whose bins are made before they are written.
const WAVE: usize = 16 * TOGETHER;

/// What a data set without rows says of its bins.
pub(super) struct Bins<'a> {
    header: &'a [u8],
    groups: Vec<Group<'a>>,
}

/// Columns that share one place a row.
struct Group<'a> {
    definition: &'a [u8],
    columns: Vec<Column>,
    /// Whether two rows share a byte.
    halves: bool,
}

struct Column {
    /// Its place in a row of the matrix.
    at: usize,
    /// Upper bounds of all bins but the last, ascending, then infinity.
    bounds: Box<[f64; BYTE as usize]>,
    /// The first step of the search: half of the next power of two above the number of bins.
    step: usize,
    /// The bin of a missing value.
    missing: usize,
    /// What stands for a bin in the group's place; zero, which is there already, for the most frequent one.
    stored: Box<[u8; BYTE as usize]>,
}

impl<'a> Bins<'a> {
    /// None where the description holds what is not made here: categories, columns apart in one group, more than 256 bins, raw values.
    pub(super) fn read(description: &'a [u8]) -> Option<Self> {
        let mut parts = Parts(description);
        if parts.padded(REFERENCE.len())? != REFERENCE {
            return None;
        }
        parts.padded(VERSION)?;
        let size = usize::try_from(parts.number()?).ok()?;
        let header = parts.take(size)?;
        let places = places(header)?;
        let groups = places.into_iter().map(|columns| {
            let size = usize::try_from(parts.number()?).ok()?;
            Group::read(parts.take(size)?, &columns)
        });
        let groups = groups.collect::<Option<Vec<_>>>()?;
        parts.0.is_empty().then_some(Self { header, groups })
    }

    #[cfg(test)]
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The binary data set of these rows, with labels of zero, in a file without a name.
    ///
    /// # Errors
    /// The system's, when memory runs out.
    pub(super) fn write(&self, x: &Matrix<'_>, file: &mut Nameless) -> Result<()> {
        let rows = x.rows as usize;
        let mut head = padded(FILE);
        head.extend((self.header.len() as u64).to_le_bytes());
        head.extend(self.header);
        // The rows, no weights, no queries, and a label a row.
        let labels = (4 * rows).next_multiple_of(8);
        head.extend((24 + labels as u64).to_le_bytes());
        for count in [x.rows, 0, 0] {
            head.extend(padded(&count.to_le_bytes()));
        }
        head.resize(head.len() + labels, 0);
        file.append(&head)?;
        for wave in self.groups.chunks(WAVE) {
            let together: Vec<&[Group<'_>]> = wave.chunks(TOGETHER).collect();
            let blocks: Vec<Vec<Vec<u8>>> = aside(&together, |groups| binned(groups, x));
            for (group, bins) in wave.iter().zip(blocks.iter().flatten()) {
                let fill = bins.len().next_multiple_of(8) - bins.len();
                file.append(&((group.definition.len() + bins.len() + fill) as u64).to_le_bytes())?;
                file.append(group.definition)?;
                file.append(bins)?;
                file.append(&[0; 8][..fill])?;
            }
        }
        Ok(())
    }
}

/// Of each group the columns of the matrix that are in it, by the header of a data set without raw values.
fn places(header: &[u8]) -> Option<Vec<Vec<usize>>> {
    let mut parts = Parts(header);
    let (_rows, used, all) = (parts.integer()?, parts.integer()?, parts.integer()?);
    // The label's column, the three numbers that bins are made by, and how missing values and zeros are taken.
    for _ in 0..6 {
        parts.integer()?;
    }
    if parts.integer()? & 0xff != 0 {
        return None;
    }
    parts.integers(all)?;
    let groups = parts.integer()?;
    let (columns, of) = (parts.integers(used)?, parts.integers(used)?);
    let mut places = vec![Vec::new(); usize::try_from(groups).ok()?];
    for (column, group) in columns.into_iter().zip(of) {
        places.get_mut(usize::try_from(group).ok()?)?.push(usize::try_from(column).ok()?);
    }
    Some(places)
}

impl<'a> Group<'a> {
    fn read(definition: &'a [u8], places: &[usize]) -> Option<Self> {
        let mut parts = Parts(definition);
        let (apart, dense, sparse) = (parts.integer()?, parts.integer()?, parts.integer()?);
        if [apart, dense, sparse].iter().any(|flag| flag & 0xff != 0) || parts.integer()? as usize != places.len() {
            return None;
        }
        // Zero stands for the most frequent bin of each.
        let mut next = 1;
        let columns = places.iter().map(|&at| {
            let (column, until) = Column::read(&mut parts, at, next)?;
            next = until;
            Some(column)
        });
        let mut columns = columns.collect::<Option<Vec<_>>>()?;
        // Of columns that share a place the last one in the matrix has it, as where rows are pushed.
        columns.sort_by_key(|column| column.at);
        (parts.0.is_empty() && next <= BYTE).then_some(Self { definition, columns, halves: next <= HALF })
    }
}

impl Column {
    /// With what follows the last number that stands for one of its bins, of which the first is `from`.
    fn read(parts: &mut Parts<'_>, at: usize, from: u32) -> Option<(Self, u32)> {
        let (count, missing, _trivial) = (parts.integer()? as usize, parts.integer()?, parts.integer()?);
        let (_share, categories) = (parts.number()?, parts.integer()?);
        let (_least, _most) = (parts.number()?, parts.number()?);
        let (zero, frequent) = (parts.integer()? as usize, parts.integer()? as usize);
        if categories != 0 || count > BYTE as usize || count == 0 {
            return None;
        }
        let all: Vec<f64> = (0..count).map(|_| Some(f64::from_bits(parts.number()?))).collect::<Option<_>>()?;
        // The last bin has no bound, nor has one of missing values, which comes last.
        let has_missing = missing == 2;
        let bounded = (count - 1).checked_sub(usize::from(has_missing))?;
        let mut bounds = Box::new([f64::INFINITY; BYTE as usize]);
        bounds[..bounded].copy_from_slice(&all[..bounded]);
        let shift = u32::from(frequent == 0);
        let mut stored = Box::new([0; BYTE as usize]);
        for bin in (0..count).filter(|&bin| bin != frequent) {
            stored[bin] = u8::try_from(bin as u32 - shift + from).ok()?;
        }
        let missing = if has_missing { count - 1 } else { zero };
        let step = (bounded + 1).next_power_of_two() / 2;
        Some((Self { at, bounds, step, missing, stored }, from + count as u32 - shift))
    }

    /// The bins of values: how many bounds are below each.
    fn find(&self, values: &[f64; ROWS]) -> [usize; ROWS] {
        let mut bins = [0; ROWS];
        let mut step = self.step;
        while step > 0 {
            for (bin, value) in bins.iter_mut().zip(values) {
                *bin += step * usize::from(self.bounds[(*bin + step - 1) % BYTE as usize] < *value);
            }
            step /= 2;
        }
        for (bin, value) in bins.iter_mut().zip(values) {
            if value.is_nan() {
                *bin = self.missing;
            }
        }
        bins
    }
}

/// Of each of some groups the bytes of all rows.
fn binned(groups: &[Group<'_>], x: &Matrix<'_>) -> Vec<Vec<u8>> {
    let rows = x.rows as usize;
    let bytes = |group: &Group<'_>| vec![0; if group.halves { rows.div_ceil(2) } else { rows }];
    let mut out: Vec<Vec<u8>> = groups.iter().map(bytes).collect();
    for from in (0..rows).step_by(ROWS) {
        let until = rows.min(from + ROWS);
        let block = &x.values[from * x.columns as usize..until * x.columns as usize];
        for (group, out) in groups.iter().zip(&mut out) {
            for column in &group.columns {
                let mut values = [0.0; ROWS];
                values.iter_mut().zip(block.chunks_exact(x.columns as usize)).for_each(|(v, row)| *v = row[column.at]);
                let bins = column.find(&values);
                for (row, bin) in (from..until).zip(bins) {
                    let stored = column.stored[bin % BYTE as usize];
                    let (place, shift, mask) = if group.halves { (row / 2, row % 2 * 4, 0x0f) } else { (row, 0, 0xff) };
                    let changed = out[place] & !(mask << shift) | stored << shift;
                    out[place] = if stored == 0 { out[place] } else { changed };
                }
            }
        }
    }
    out
}

/// A file in memory.
pub(super) struct Nameless(File);

impl Nameless {
    /// None where the system has none, or would not open it again by its number.
    pub(super) fn new() -> Option<Self> {
        let file = Self(File::from(memfd_create(c"fraudbench-bins", MemfdFlags::CLOEXEC).ok()?));
        File::open(file.place()).is_ok().then_some(file)
    }

    fn place(&self) -> String {
        format!("/proc/self/fd/{}", self.0.as_raw_fd())
    }

    /// What the library opens, as long as this value lives.
    pub(super) fn path(&self) -> Result<CString> {
        CString::new(self.place()).map_err(|e| Error::Component(format!("lightgbm: {e}")))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).map_err(|e| Error::Component(format!("lightgbm: no memory for the bins: {e}")))
    }
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// What is left of a description, whose parts begin at multiples of eight bytes.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    /// So many bytes and what fills them up.
    fn padded(&mut self, count: usize) -> Option<&'a [u8]> {
        Some(&self.take(count.next_multiple_of(8))?[..count])
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    /// A number of 32 bits or a flag of 8, the first of its eight bytes.
    fn integer(&mut self) -> Option<i32> {
        Some(self.number()? as u32 as i32)
    }

    fn integers(&mut self, count: i32) -> Option<Vec<i32>> {
        let bytes = self.padded(4 * usize::try_from(count).ok()?)?;
        Some(bytes.as_chunks::<4>().0.iter().map(|&bytes| i32::from_le_bytes(bytes)).collect())
    }
}
