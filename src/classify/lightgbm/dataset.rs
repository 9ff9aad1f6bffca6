//! LightGBM's data sets: rows in bins.

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use lightgbm3_sys as sys;

use super::binned::{Bins, Nameless};
use super::library::{Labels, Matrix, check};
use super::sampled::Sampled;
use crate::error::{Error, Result};

/// Values from which on it is quicker to make their bins here: the library clears 16 MiB before it reads a file.
const WORTH: usize = 1 << 18;

pub(super) struct Dataset(sys::DatasetHandle);

impl Dataset {
    /// Live as long as this value.
    pub(super) fn handle(&self) -> sys::DatasetHandle {
        self.0
    }

    /// The rows in bins: in bins of their own, or in those of `like`.
    pub(super) fn new(x: &Matrix<'_>, labels: &Labels<'_>, parameters: &CStr, like: Option<&Dataset>) -> Result<Self> {
        let data = match like {
            Some(_) => Self::in_one_step(x, parameters, like)?,
            None => Self::in_own_bins(x, parameters)?,
        };
        data.labelled(x.rows, labels)
    }

    fn labelled(self, rows: i32, Labels { labels, weights }: &Labels<'_>) -> Result<Self> {
        for (what, count) in [("labels", labels.len()), ("weights", weights.as_ref().map_or(labels.len(), Vec::len))] {
            if count != rows as usize {
                return Err(Error::Component(format!("lightgbm: {count} {what} for {rows} rows")));
            }
        }
        let weights = weights.as_ref().map(|weights| (c"weight", &weights[..]));
        for (field, values) in [Some((c"label", *labels)), weights].into_iter().flatten() {
            // SAFETY: as many floats as rows, which was checked above; the library copies them.
            check(unsafe {
                sys::LGBM_DatasetSetField(
                    self.0,
                    field.as_ptr(),
                    values.as_ptr().cast::<c_void>(),
                    rows,
                    sys::C_API_DTYPE_FLOAT32 as c_int,
                )
            })?;
        }
        Ok(self)
    }

    fn in_one_step(x: &Matrix<'_>, parameters: &CStr, like: Option<&Dataset>) -> Result<Self> {
        let mut handle = ptr::null_mut();
        // SAFETY: `values` holds rows x columns doubles in C order, which the library reads and does not keep; `like`
        // is live or null.
        check(unsafe {
            sys::LGBM_DatasetCreateFromMat(
                x.values.as_ptr().cast::<c_void>(),
                sys::C_API_DTYPE_FLOAT64 as c_int,
                x.rows,
                x.columns,
                1,
                parameters.as_ptr(),
                like.map_or(ptr::null_mut(), |data| data.0),
                &mut handle,
            )
        })?;
        Ok(Self(handle))
    }

    /// The same as [`Self::in_one_step`] gives, bit for bit, in the library's own steps.
    fn in_own_bins(x: &Matrix<'_>, parameters: &CStr) -> Result<Self> {
        let waiting = Self::waiting(x, parameters)?;
        if x.values.len() < WORTH {
            return waiting.filled(x);
        }
        let description = waiting.description()?;
        match (Bins::read(&description), Nameless::new()) {
            (Some(bins), Some(file)) => {
                drop(waiting);
                Self::in_found_bins(x, &bins, file, parameters)
            }
            _ => waiting.filled(x),
        }
    }

    /// A data set with bins, which waits for the rows that they were made from.
    fn waiting(x: &Matrix<'_>, parameters: &CStr) -> Result<Self> {
        Ok(Self(Sampled::new(x, parameters)?.bins(x.rows, parameters)?))
    }

    /// What it has but for its rows.
    fn description(&self) -> Result<Vec<u8>> {
        let (mut buffer, mut length) = (ptr::null_mut(), 0);
        // SAFETY: a live data set; the library writes a handle and a length.
        check(unsafe { sys::LGBM_DatasetSerializeReferenceToBinary(self.0, &mut buffer, &mut length) })?;
        let mut bytes = vec![0; length as usize];
        let read = (0..length).zip(&mut bytes).try_for_each(|(at, byte)| {
            // SAFETY: a live buffer, an index below its length, and one byte to write.
            check(unsafe { sys::LGBM_ByteBufferGetAt(buffer, at, byte) })
        });
        // SAFETY: the buffer was made above and is freed once.
        check(unsafe { sys::LGBM_ByteBufferFree(buffer) })?;
        read.map(|()| bytes)
    }

    /// Read by the library from the file that `bins` make of the rows.
    fn in_found_bins(x: &Matrix<'_>, bins: &Bins<'_>, mut file: Nameless, parameters: &CStr) -> Result<Self> {
        bins.write(x, &mut file)?;
        let mut handle = ptr::null_mut();
        let path = file.path()?;
        // SAFETY: two C strings and no other data set; the library reads the file, which is there until the end of this function.
        check(unsafe {
            sys::LGBM_DatasetCreateFromFile(path.as_ptr(), parameters.as_ptr(), ptr::null_mut(), &mut handle)
        })?;
        Ok(Self(handle))
    }

    /// With the rows that it waits for.
    fn filled(self, x: &Matrix<'_>) -> Result<Self> {
        // SAFETY: a live data set for as many rows; `values` holds rows x columns doubles in C order, which the library reads and does not
        // keep.
        check(unsafe {
            sys::LGBM_DatasetPushRows(
                self.0,
                x.values.as_ptr().cast::<c_void>(),
                sys::C_API_DTYPE_FLOAT64 as c_int,
                x.rows,
                x.columns,
                0,
            )
        })?;
        Ok(self)
    }
}

impl Drop for Dataset {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own and is freed once. The code it returns says nothing we could act on.
        unsafe { sys::LGBM_DatasetFree(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::library::{Booster, enter, text};
    use super::*;

    /// Numbers from 0 to 1.
    fn draws(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24)
        }
    }

    /// Zeros, ties, missing values, a constant, levels, and a column that is mostly one value other than zero: 700 rows x 7.
    fn rows() -> (Vec<f64>, Vec<f32>) {
        let mut draw = draws(7);
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for _ in 0..700 {
            let a = draw() - 0.5;
            let tied = (draw() * 9.0).floor();
            let missing = if draw() < 0.2 { f64::NAN } else { draw() * 40.0 };
            let sparse = if draw() < 0.9 { 0.0 } else { -draw() };
            let mostly = if draw() < 0.85 { 3.0 } else { draw() };
            values.extend([a, tied, missing, sparse, mostly, 4.5, (draw() * 12.0).floor()]);
            labels.push(f32::from(a + 0.1 * tied + 0.2 * draw() > 0.7));
        }
        (values, labels)
    }

    /// A column that is mostly missing, one that is zero in two thirds of the rows, and one of numbers: 1,000 rows x 3. The first has
    /// a level 0 in early rows where its values are `levels`.
    fn mostly_missing(levels: bool) -> (Vec<f64>, Vec<f32>) {
        let mut draw = draws(1);
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for row in 0..1_000 {
            let [there, which, late, high, c] = [draw(), draw(), draw(), draw(), draw()];
            let missing = match there {
                share if share < 0.7 => f64::NAN,
                share if levels && share < 0.75 && row < 600 => 0.0,
                _ => 1.0 + (which * if levels { 5.0 } else { 6.0 }).floor(),
            };
            let sparse = if row >= 667 && late < 0.6 { 1.0 + (high * 4.0).floor() } else { 0.0 };
            values.extend([missing, sparse, c]);
            labels.push(f32::from((missing > 1.0) != (sparse > 1.0) || c > 0.8));
        }
        (values, labels)
    }

    const PARAMETERS: &str =
        "verbosity=-1 num_threads=1 deterministic=true force_col_wise=true objective=binary min_data_in_leaf=5";

    /// The model of 20 trees on rows in bins.
    fn trained(data: Dataset, labels: &[f32], parameters: &CStr) -> String {
        let data = data.labelled(labels.len() as i32, &Labels { labels, weights: None }).unwrap();
        let booster = Booster::new(&data, parameters).unwrap();
        (0..20).for_each(|_| booster.update().unwrap());
        let model = booster.to_text(None).unwrap();
        assert!(model.matches("Tree=").count() == 20, "{model}");
        model
    }

    #[test]
    fn bins_of_sorted_samples_are_the_librarys_own() {
        let (values, labels) = rows();
        let x = Matrix::new(&values, 7).unwrap();
        for more in ["", " bin_construct_sample_cnt=233", " max_bin=7 categorical_feature=6 min_data_per_group=5"] {
            let parameters = text(&format!("{PARAMETERS}{more}")).unwrap();
            let _call = enter();
            let ours = trained(Dataset::in_own_bins(&x, &parameters).unwrap(), &labels, &parameters);
            let own = trained(Dataset::in_one_step(&x, &parameters, None).unwrap(), &labels, &parameters);
            assert_eq!(ours, own, "{more}");
        }
    }

    #[test]
    fn sampled_columns_with_missing_values_must_stay_as_they_come() {
        for (levels, more) in [(false, ""), (true, " categorical_feature=0 min_data_per_group=5")] {
            let (values, labels) = mostly_missing(levels);
            let x = Matrix::new(&values, 3).unwrap();
            let parameters = text(&format!("{PARAMETERS} bin_construct_sample_cnt=400{more}")).unwrap();
            let _call = enter();
            let own = trained(Dataset::in_one_step(&x, &parameters, None).unwrap(), &labels, &parameters);
            let ours = trained(Dataset::in_own_bins(&x, &parameters).unwrap(), &labels, &parameters);
            assert_eq!(ours, own, "{more}");
            // The table is one on which sorting them, too, changes what is bundled.
            let sorted = Sampled::new(&x, &parameters).unwrap().all_sorted().bins(x.rows, &parameters).unwrap();
            let sorted = trained(Dataset(sorted).filled(&x).unwrap(), &labels, &parameters);
            assert_ne!(sorted, own, "{more}");
        }
    }

    /// The bytes that the library itself writes of a data set.
    fn saved(data: &Dataset) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.bin");
        let name = text(path.to_str().unwrap()).unwrap();
        // SAFETY: a live data set and a C string.
        check(unsafe { sys::LGBM_DatasetSaveBinary(data.0, name.as_ptr()) }).unwrap();
        std::fs::read(path).unwrap()
    }

    /// The groups of columns whose bins are made here, which are then, byte by byte, those of pushed rows.
    fn made_here(values: &[f64], columns: usize, more: &str) -> Option<usize> {
        let x = Matrix::new(values, columns).unwrap();
        let parameters = text(&format!("{PARAMETERS} {more}")).unwrap();
        let _call = enter();
        let waiting = Dataset::waiting(&x, &parameters).unwrap();
        let description = waiting.description().unwrap();
        let pushed = saved(&waiting.filled(&x).unwrap());
        let bins = Bins::read(&description)?;
        let mut file = Nameless::new().unwrap();
        bins.write(&x, &mut file).unwrap();
        let written = std::fs::read(file.path().unwrap().to_str().unwrap()).unwrap();
        assert!(written == pushed, "{more}: {} bytes, {} where rows are pushed", written.len(), pushed.len());
        let read = Dataset::in_found_bins(&x, &bins, Nameless::new().unwrap(), &parameters).unwrap();
        assert!(saved(&read) == pushed, "{more}: read back");
        Some(bins.groups())
    }

    /// One of numbers, and six of which one at a time is not zero, but for three rows: 901 rows x 7.
    fn bundled() -> Vec<f64> {
        let mut draw = draws(3);
        let mut values = Vec::new();
        for row in 0..901 {
            let level = (draw() * 8.0) as usize;
            values.push(draw());
            values.extend((0..6).map(|column| match column == level || row % 300 == 7 {
                true => 1.0 + (draw() * (2.0 + column as f64)).floor(),
                false => 0.0,
            }));
        }
        values
    }

    #[test]
    fn bins_made_here_are_those_of_pushed_rows_byte_by_byte() {
        let (values, _) = rows();
        for more in [
            "max_bin=7",
            "max_bin=15 min_data_in_bin=1",
            "max_bin=255 min_data_in_bin=1",
            "zero_as_missing=true",
            "use_missing=false",
            "bin_construct_sample_cnt=233",
            "max_bin_by_feature=3,4,5,6,7,8,9",
        ] {
            // Of the seven columns one is constant. An odd number of rows ends within a byte of two.
            for rows in [700, 699] {
                assert_eq!(
                    made_here(&values[..7 * rows], 7, &format!("enable_bundle=false {more}")),
                    Some(6),
                    "{more}"
                );
            }
        }
        // Columns that share a place, where none of the rows with two values is in the sample.
        let seeds = (1..30).map(|seed| format!("bin_construct_sample_cnt=200 data_random_seed={seed}"));
        assert!(seeds.filter(|more| made_here(&bundled(), 7, more) == Some(2)).count() > 3);
    }

    #[test]
    fn what_bytes_do_not_hold_is_left_to_the_library() {
        let (values, _) = rows();
        let apart = "";
        for more in [apart, "categorical_feature=6", "max_bin=600 min_data_in_bin=1", "linear_tree=true"] {
            let more = if more == apart { apart } else { &format!("{more} enable_bundle=false") };
            assert_eq!(made_here(&values, 7, more), None, "{more}");
        }
        assert!(Bins::read(b"").is_none());
    }

    #[test]
    fn a_model_on_bins_made_here_is_the_librarys_own() {
        let mut draw = draws(11);
        let rows = WORTH.div_ceil(5);
        let values: Vec<f64> =
            (0..5 * rows).map(|at| if at % 7 == 3 { f64::NAN } else { (draw() * 3e3).floor() }).collect();
        let labels: Vec<f32> =
            values.chunks(5).map(|row| f32::from(row[0] + row[1] > 3_000.0 || row[2].is_nan())).collect();
        let x = Matrix::new(&values, 5).unwrap();
        let parameters = text(PARAMETERS).unwrap();
        let _call = enter();
        let waiting = Dataset::waiting(&x, &parameters).unwrap();
        assert!(Bins::read(&waiting.description().unwrap()).is_some());
        let ours = trained(Dataset::in_own_bins(&x, &parameters).unwrap(), &labels, &parameters);
        assert_eq!(ours, trained(Dataset::in_one_step(&x, &parameters, None).unwrap(), &labels, &parameters));
    }
}
