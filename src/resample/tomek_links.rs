//! `tomek-links`: drops the majority rows (or both rows) of Tomek links, found minority first.

use serde::{Deserialize, Serialize};

use crate::component::{Context, Entry, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::Result;
use crate::neighbors::{Euclidean, Pair, measurable};
use crate::sampling::{Classes, Strategy};

const ID: &str = "tomek-links";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {
    /// Whose rows are dropped: `auto` and `not-minority` (the larger class's), `majority`, `not-majority`, `all`. Of two classes
    /// of one size, class 0 counts as the smaller and as the larger one.
    #[serde(deserialize_with = "Strategy::read_cleaning")]
    sampling_strategy: Strategy,
}

struct TomekLinks {
    strategy: Strategy,
}

impl Resampler for TomekLinks {
    fn resample(&self, train: &Train<'_>, _context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        measurable::<Euclidean>(ID, x)?;
        let pair = Pair::new(x, y)?;
        let minority = pair.minority_label();
        let drops = self.strategy.cleaned(&Classes::of(y));
        let (drop_minority, drop_majority) = (drops[usize::from(minority)], drops[usize::from(1 - minority)]);
        let mut keep = vec![true; y.len()];
        for (of_minority, of_majority) in pair.mutual::<Euclidean>(x) {
            keep[of_minority as usize] &= !drop_minority;
            keep[of_majority as usize] &= !drop_majority;
        }
        Ok(Resampled::chosen((0..y.len()).filter(|&row| keep[row]).collect()))
    }
}

/// Tomek, "Two modifications of CNN", IEEE Transactions on Systems, Man and Cybernetics 6(11), 1976, as imbalanced-learn's
/// `TomekLinks`: <https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.TomekLinks.html>.
///
/// A link joins two rows of different classes that are each other's nearest row, where a row is never its own neighbour
/// and equally near rows are ordered by row number. imbalanced-learn takes the second of two neighbours to be the first
/// that is not the row itself, which fails where rows are equal, and leaves ties open; elsewhere the answers are the same.
/// Rows of one class have no links, and all are kept.
pub const ENTRY: Entry<dyn Resampler> = Entry::new(
    ID,
    "drops majority rows whose nearest row is of the other class, and is nearest to no other row",
    |table| {
        build::<Params, _>(ID, table, |params| {
            Ok(Box::new(TomekLinks { strategy: params.sampling_strategy.cleaning()? }) as Box<dyn Resampler>)
        })
    },
)
.also(&[N_JOBS])
.source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.TomekLinks.html")
.space("");

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::sampling::Name;

    fn kept(strategy: Strategy, x: &ndarray::Array2<f64>, y: &[u8]) -> Vec<usize> {
        TomekLinks { strategy }.resample(&Train::numbers(x.view(), y), &Context { seed: 0 }).unwrap().rows
    }

    #[test]
    fn a_link_needs_both_sides() {
        // 0 and 1 are mutual; 2's nearest is 1, but not the other way round; 3 and 4 are mutual within a class.
        let x = array![[0.0], [1.0], [2.5], [10.0], [10.5]];
        assert_eq!(kept(Strategy::Named(Name::Auto), &x, &[1, 0, 1, 0, 0]), [0, 2, 3, 4]);
        assert_eq!(kept(Strategy::Named(Name::All), &x, &[1, 0, 1, 0, 0]), [2, 3, 4]);
    }

    #[test]
    fn equal_rows_of_two_classes_are_a_link_unless_an_earlier_row_is_equal_too() {
        let x = array![[1.0], [1.0], [5.0], [9.0]];
        assert_eq!(kept(Strategy::Named(Name::Auto), &x, &[0, 1, 0, 0]), [1, 2, 3]);
        // Row 2 is nearest to 0 by number, and 0 to 1: rows 0 and 1 are mutual, and of one class.
        let x = array![[1.0], [1.0], [1.0], [9.0]];
        assert_eq!(kept(Strategy::Named(Name::Auto), &x, &[0, 0, 1, 0]), [0, 1, 2, 3]);
    }

    #[test]
    fn between_classes_of_one_size_the_strategies_drop_what_imbalanced_learn_drops() {
        let x = array![[0.0], [1.0]];
        assert_eq!(kept(Strategy::Named(Name::Auto), &x, &[0, 1]), [0]);
        assert_eq!(kept(Strategy::Named(Name::Majority), &x, &[0, 1]), [1]);
    }

    #[test]
    fn one_class_or_no_row_keeps_all_and_bad_values_are_named() {
        assert_eq!(kept(Strategy::Named(Name::Auto), &array![[0.0], [1.0]], &[0, 0]), [0, 1]);
        assert!(kept(Strategy::Named(Name::All), &ndarray::Array2::zeros((0, 3)), &[]).is_empty());
        let bad = array![[0.0, 1.0], [2.0, f64::NAN]];
        let said = TomekLinks { strategy: Strategy::Named(Name::All) }
            .resample(&Train::numbers(bad.view(), &[0, 1]), &Context { seed: 0 });
        assert_eq!(
            said.unwrap_err().to_string(),
            "neighbours need finite values, but column 1 (counted from 0) holds NaN"
        );
    }
}
