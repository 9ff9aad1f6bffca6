//! Which folds of a split's training rows judge candidates: they follow the protocol that made the split.

use toml::Table;

use super::{Protocol, Roles, Split, stratified_k_fold};
use crate::component::Registry;
use crate::error::{Error, Result};

impl Protocol {
    /// Whether inner folds of its training rows look at nothing but the labels: as many rows of each class as folds are enough.
    pub(crate) fn cuts_by_class(&self) -> bool {
        self.inner_kind(2, 0).0 == stratified_k_fold::ENTRY.id
    }

    /// Inner folds of the training rows of one of its splits: row numbers among `rows`, ascending; no row tests twice.
    ///
    /// Groups stay together, the past stays before the future and the delay between them, where the protocol has that
    /// ([`super::Splitter::inner`]); folds in time are those of `time-series`, whose first rows train only. Without groups and
    /// time they are those of `StratifiedKFold(folds, shuffle=True, random_state=seed)`; without a seed nothing is shuffled.
    ///
    /// # Errors
    /// [`Error::Data`] where a part would lack a class; [`Error::Study`] for fewer than two folds.
    pub fn inner(&self, rows: &Roles, folds: u32, seed: Option<u32>) -> Result<Vec<Split>> {
        let (id, mut params) = self.inner_kind(folds, seed.unwrap_or(0));
        if seed.is_none() && id == stratified_k_fold::ENTRY.id {
            params.remove("seed");
            params.insert("shuffle".into(), false.into());
        }
        let protocol = Protocol::new(self.registry().split(id)?, &params, self.registry())?;
        whole(protocol.inner_splits(rows)?)
    }
}

/// `StratifiedKFold(folds, shuffle=True, random_state=seed)`.
///
/// # Errors
/// [`Error::Data`] when the rows of a class are fewer than the folds.
pub fn stratified(y: &[u8], folds: u32, seed: u32) -> Result<Vec<Split>> {
    stratified_by(y, folds, Some(seed))
}

/// The same; without a seed each class is cut into blocks in the order of the rows.
pub(crate) fn stratified_by(y: &[u8], folds: u32, seed: Option<u32>) -> Result<Vec<Split>> {
    let mut params = Table::from_iter([("folds".to_owned(), i64::from(folds).into())]);
    match seed {
        Some(seed) => params.insert("seed".into(), i64::from(seed).into()),
        None => params.insert("shuffle".into(), false.into()),
    };
    let protocol = Protocol::new(&stratified_k_fold::ENTRY, &params, &Registry::empty())?;
    whole(protocol.inner_splits(&Roles::labels(y))?)
}

/// All folds, as candidates are compared on the same ones.
fn whole(splits: Vec<Result<Split, String>>) -> Result<Vec<Split>> {
    splits.into_iter().map(|split| split.map_err(Error::Data)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol(text: &str) -> Protocol {
        Protocol::read(&text.parse().unwrap(), &Registry::built_in()).unwrap()
    }

    fn in_time() -> Protocol {
        protocol("kind = 'time-ordered'\ncolumn = 't'")
    }

    fn roles(y: &[u8], order: Option<&[f64]>) -> Roles {
        Roles { order: order.map(<[f64]>::to_vec), ..Roles::labels(y) }
    }

    #[test]
    fn folds_in_time_expand_and_no_row_is_judged_by_a_later_one() {
        // `TimeSeriesSplit(3)` of 11 rows: [0 1 2 3 4 | 5 6], [0 .. 6 | 7 8], [0 .. 8 | 9 10].
        let y = [0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0];
        let times: Vec<f64> = (0..11).map(f64::from).collect();
        let rows = roles(&y, Some(&times));
        let splits = in_time().inner(&rows, 3, Some(7)).unwrap();
        let parts: Vec<(usize, Vec<usize>)> = splits.iter().map(|s| (s.train.len(), s.test.clone())).collect();
        assert_eq!(parts, [(5, vec![5, 6]), (7, vec![7, 8]), (9, vec![9, 10])]);
        // The same rows the other way round in the file.
        let back: Vec<f64> = times.iter().map(|time| -time).collect();
        let turned: Vec<u8> = y.iter().rev().copied().collect();
        let rows = roles(&turned, Some(&back));
        let mirrored = in_time().inner(&rows, 3, Some(7)).unwrap();
        for (one, other) in splits.iter().zip(&mirrored) {
            let turn = |rows: &[usize]| rows.iter().rev().map(|row| 10 - row).collect::<Vec<usize>>();
            assert_eq!((turn(&one.train), turn(&one.test)), (other.train.clone(), other.test.clone()));
        }
    }

    #[test]
    fn a_part_without_a_class_is_told_by_its_place() {
        let times = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let said = |y: &[u8]| in_time().inner(&roles(y, Some(&times[..y.len()])), 2, None).unwrap_err().to_string();
        assert!(said(&[0, 0, 1, 0, 1, 0]).contains("fold 0: the training part would hold 0 positives"));
        assert!(said(&[0, 1, 1, 0, 0, 0]).contains("fold 1: the test part would hold 0 positives"));
        assert!(said(&[0, 1]).contains("leave nothing to train on"), "no row is left to test");
        let none = in_time().inner(&roles(&[0, 1, 0, 1], None), 2, None).unwrap_err().to_string();
        assert!(none.contains("for each of 4 rows"), "{none}");
    }

    #[test]
    fn other_protocols_have_stratified_inner_folds() {
        let y: Vec<u8> = (0..60).map(|row| u8::from(row % 7 == 3)).collect();
        let protocol = protocol("kind = 'hold-out'\nstratify = false");
        let inner = protocol.inner(&roles(&y, None), 3, Some(42)).unwrap();
        assert_eq!(protocol.inner(&roles(&y, None), 3, None).unwrap(), stratified_by(&y, 3, None).unwrap());
        assert_eq!(inner, stratified(&y, 3, 42).unwrap());
        assert!(inner.iter().all(|split| split.test.iter().filter(|&&row| y[row] == 1).count() == 3));
    }
}
