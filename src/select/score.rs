//! How much a column says of the label, each column by itself.

use super::columns::{means, ranges, sums};
use crate::component::Train;
use crate::error::{Error, Result, columns_named};
use crate::words::agree;

/// The F-statistic of an analysis of variance, per column; no number for a constant column.
pub(super) fn f_classif(train: &Train<'_>, counts: [usize; 2]) -> Vec<f64> {
    let (x, y) = (train.x(), train.y);
    let columns = x.ncols();
    let centre = means(x);
    // The classes' sums of values about the common mean, then of squares about their own.
    let by_class = |row: usize| usize::from(y[row] == 1) * columns;
    let about = sums(x, 2 * columns, |row, values, to| {
        for ((to, value), centre) in to[by_class(row)..].iter_mut().zip(values).zip(&centre) {
            *to += value - centre;
        }
    });
    let count = |at: usize| counts[usize::from(at >= columns)] as f64;
    let own: Vec<f64> = about.iter().enumerate().map(|(at, sum)| sum / count(at)).collect();
    let within = sums(x, columns, |row, values, to| {
        let own = &own[by_class(row)..];
        for (((to, value), centre), own) in to.iter_mut().zip(values).zip(&centre).zip(own) {
            let off = value - centre - own;
            *to += off * off;
        }
    });
    let freedom = (x.nrows() - 2) as f64;
    let ranges = ranges(x);
    let statistic = |at: usize| {
        let (low, high) = ranges[at];
        if low == high {
            return f64::NAN;
        }
        let between = own[at] * about[at] + own[columns + at] * about[columns + at];
        between / (within[at] / freedom)
    };
    (0..columns).map(statistic).collect()
}

/// The chi-squared statistic of the columns' sums over the classes; no number for a column of zeros.
///
/// # Errors
/// Negative values, with their columns.
pub(super) fn chi2(id: &str, train: &Train<'_>, counts: [usize; 2]) -> Result<Vec<f64>> {
    let (x, y) = (train.x(), train.y);
    let columns = x.ncols();
    let ranges = ranges(x);
    let negative: Vec<usize> = (0..columns).filter(|&at| ranges[at].0 < 0.0).collect();
    if !negative.is_empty() {
        let named = columns_named(&negative, |at| train.features.columns.get(at).map(|column| column.name.clone()));
        return Err(Error::Component(format!(
            "`{id}`: `chi2` takes no negative values, and {named} {} some: use the scaler `min-max` or another `score_func`",
            agree(negative.len(), "has", "have")
        )));
    }
    let observed = sums(x, 2 * columns, |row, values, to| {
        let to = &mut to[usize::from(y[row] == 1) * columns..];
        to.iter_mut().zip(values).for_each(|(to, value)| *to += value);
    });
    let share = counts.map(|count| count as f64 / y.len() as f64);
    let statistic = |at: usize| {
        let total = observed[at] + observed[columns + at];
        let of = |class: usize| {
            let expected = share[class] * total;
            (observed[class * columns + at] - expected).powi(2) / expected
        };
        of(0) + of(1)
    };
    Ok((0..columns).map(statistic).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn chi2_tells_all_columns_that_hold_negative_values() {
        let x = ndarray::array![[-1.0, 2.0, 0.0], [3.0, 4.0, -0.5], [5.0, 1.0, 2.0]];
        let columns = ["a", "b", "c"].map(crate::data::Column::number);
        let features = crate::component::Features { x: x.view(), columns: &columns };
        assert_eq!(
            super::chi2("select-k-best", &crate::component::Train::new(features, &[0, 1, 0]), [2, 1])
                .unwrap_err()
                .to_string(),
            "`select-k-best`: `chi2` takes no negative values, and columns `a` and `c` have some: use the scaler `min-max` or another \
             `score_func`"
        );
    }
}
