//! Which folds of a split's training rows judge candidates: they follow the protocol that made the split.

use super::{Counts, Protocol, Split, StratifiedKFold};
use crate::error::{Error, Result};

/// What the choice of inner folds looks at; one element per training row.
#[derive(Debug, Clone, Copy)]
pub struct InnerRows<'a> {
    /// Labels, 0 or 1.
    pub y: &'a [u8],
    /// What a protocol in time orders the rows by.
    pub order_by: Option<&'a [f64]>,
}

impl Protocol {
    /// Inner folds of the training rows of one of its splits: row numbers among `rows`, ascending; no row tests twice.
    ///
    /// Where the protocol is in time, so are they: scikit-learn's `TimeSeriesSplit(folds)` over the rows in their order, so that
    /// the first rows train only. Else they are those of `StratifiedKFold(folds, shuffle=True, random_state=seed)`.
    ///
    /// # Errors
    /// [`Error::Data`] where a part would lack a class.
    pub fn inner(&self, rows: InnerRows<'_>, folds: u32, seed: u32) -> Result<Vec<Split>> {
        match self {
            Protocol::StratifiedKFold(_) | Protocol::HoldOut(_) => stratified(rows.y, folds, seed),
            Protocol::TimeOrdered(_) => expanding(rows, folds),
        }
    }
}

/// `StratifiedKFold(folds, shuffle=True, random_state=seed)`.
///
/// # Errors
/// [`Error::Data`] when the rows of a class are fewer than the folds.
pub fn stratified(y: &[u8], folds: u32, seed: u32) -> Result<Vec<Split>> {
    Protocol::StratifiedKFold(StratifiedKFold { folds, repeats: 1, seed, shuffle: true }).splits(y, None)
}

/// scikit-learn's `TimeSeriesSplit(folds)` over the rows in their order, file order among equals.
fn expanding(rows: InnerRows<'_>, folds: u32) -> Result<Vec<Split>> {
    let n = rows.y.len();
    let by = rows.order_by.filter(|by| by.len() == n);
    let by = by.ok_or_else(|| Error::Data(format!("folds in time need to know when each of {n} rows was")))?;
    let mut order: Vec<usize> = (0..n).collect();
    // Plain comparison, not total_cmp: -0.0 and 0.0 are the same time. The protocol has refused missing values.
    order.sort_by(|&a, &b| by[a].partial_cmp(&by[b]).unwrap_or(std::cmp::Ordering::Equal));
    let size = n / (folds as usize + 1);
    (0..folds).map(|fold| {
        let begin = n - (folds - fold) as usize * size;
        let part = |name: &str, rows_of: &[usize]| {
            let mut part = rows_of.to_vec();
            part.sort_unstable();
            let labels: Vec<u8> = part.iter().map(|&row| rows.y[row]).collect();
            let counts = Counts::of(&labels);
            if counts.positives == 0 || counts.negatives == 0 {
                return Err(Error::Data(format!(
                    "the {name} part of fold {} of {folds} in time would hold {counts}, and every part needs both classes: use \
                     fewer inner folds or more data",
                    fold + 1
                )));
            }
            Ok(part)
        };
        let (train, test) = (part("training", &order[..begin])?, part("test", &order[begin..begin + size])?);
        Ok(Split { repeat: 0, fold, train, validation: Vec::new(), test })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::TimeOrdered;

    fn in_time() -> Protocol {
        Protocol::TimeOrdered(TimeOrdered { column: None, test: 0.25, validation: None })
    }

    #[test]
    fn folds_in_time_expand_and_no_row_is_judged_by_a_later_one() {
        // `TimeSeriesSplit(3)` of 11 rows: [0 1 2 3 4 | 5 6], [0 .. 6 | 7 8], [0 .. 8 | 9 10].
        let y = [0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0];
        let times: Vec<f64> = (0..11).map(f64::from).collect();
        let rows = InnerRows { y: &y, order_by: Some(&times) };
        let splits = in_time().inner(rows, 3, 7).unwrap();
        let parts: Vec<(usize, Vec<usize>)> = splits.iter().map(|s| (s.train.len(), s.test.clone())).collect();
        assert_eq!(parts, [(5, vec![5, 6]), (7, vec![7, 8]), (9, vec![9, 10])]);
        // The same rows the other way round in the file.
        let back: Vec<f64> = times.iter().map(|time| -time).collect();
        let turned: Vec<u8> = y.iter().rev().copied().collect();
        let rows = InnerRows { y: &turned, order_by: Some(&back) };
        let mirrored = in_time().inner(rows, 3, 7).unwrap();
        for (one, other) in splits.iter().zip(&mirrored) {
            let turn = |rows: &[usize]| rows.iter().rev().map(|row| 10 - row).collect::<Vec<usize>>();
            assert_eq!((turn(&one.train), turn(&one.test)), (other.train.clone(), other.test.clone()));
        }
    }

    #[test]
    fn a_part_without_a_class_is_told_by_its_place() {
        let times = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let said = |y: &[u8]| {
            let rows = InnerRows { y, order_by: Some(&times[..y.len()]) };
            in_time().inner(rows, 2, 0).unwrap_err().to_string()
        };
        assert!(said(&[0, 0, 1, 0, 1, 0]).contains("training part of fold 1 of 2 in time would hold 0 positives"));
        assert!(said(&[0, 1, 1, 0, 0, 0]).contains("test part of fold 2 of 2 in time would hold 0 positives"));
        assert!(said(&[0, 1]).contains("test part of fold 1"), "no row is left to test");
        let none = in_time().inner(InnerRows { y: &[0, 1, 0, 1], order_by: None }, 2, 0).unwrap_err().to_string();
        assert!(none.contains("when each of 4 rows was"), "{none}");
    }

    #[test]
    fn other_protocols_have_stratified_inner_folds() {
        let y: Vec<u8> = (0..60).map(|row| u8::from(row % 7 == 3)).collect();
        let protocol: Protocol = toml::from_str("kind = 'hold-out'\nstratify = false").unwrap();
        let inner = protocol.inner(InnerRows { y: &y, order_by: None }, 3, 42).unwrap();
        assert_eq!(inner, stratified(&y, 3, 42).unwrap());
        assert!(inner.iter().all(|split| split.test.iter().filter(|&&row| y[row] == 1).count() == 3));
    }
}
