//! Figure 4: 36 rectangles in 12 classes.

use super::pairs::{Pairs, shares};

/// From the largest to the smallest error of the second kind that the paper prints.
const RANGE: (f64, f64) = (0.7859, 0.2618);
pub const CLASSES: usize = 12;
const PER_CLASS: usize = 3;

/// A rectangle of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// From 1.
    pub class: usize,
    pub first_kind: f64,
    pub second_kind: f64,
    pub precision: f64,
}

/// The three rectangles with the smallest sums of both errors in each of 12 equal bands of the error of the second kind. The paper
/// says only that its 36 stand for classes that differ essentially.
pub fn of(pairs: &Pairs) -> Vec<Row> {
    let width = (RANGE.0 - RANGE.1) / CLASSES as f64;
    let mut classes: Vec<Vec<Row>> = vec![Vec::new(); CLASSES];
    for &errors in &pairs.errors {
        let [first_kind, second_kind] = shares(errors, pairs.totals);
        let band = ((RANGE.0 - second_kind) / width).floor();
        if (0.0..CLASSES as f64).contains(&band) {
            let found = pairs.totals[1] as f64 - f64::from(errors[0]);
            let precision = found / (found + f64::from(errors[1])).max(1.0);
            let class = band as usize;
            classes[class].push(Row { class: class + 1, first_kind, second_kind, precision });
        }
    }
    let sum = |row: &Row| row.first_kind + row.second_kind;
    classes
        .into_iter()
        .flat_map(|mut rows| {
            rows.sort_by(|a, b| sum(a).total_cmp(&sum(b)));
            rows.truncate(PER_CLASS);
            rows.sort_by(|a, b| b.second_kind.total_cmp(&a.second_kind));
            rows
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::levashov_ovchinnikov_2019::pairs::sample;
    use crate::simulate::Payments;

    #[test]
    fn each_class_has_its_three_best() {
        let pairs = sample::pairs(Payments { legitimate: 6_000, frauds: 200, ..Payments::default() });
        let rows = of(&pairs);
        assert_eq!((rows.len(), rows[35].class), (36, 12));
        for class in rows.chunks_exact(3) {
            let worst = class.iter().map(|row| row.first_kind + row.second_kind).fold(0.0, f64::max);
            let [low, high] =
                [0, 1].map(|end: usize| RANGE.0 - (RANGE.0 - RANGE.1) / CLASSES as f64 * (class[0].class - end) as f64);
            let better = pairs.drawn().filter(|[a, b]| *b > low + 1e-9 && *b < high - 1e-9 && a + b < worst - 1e-12);
            assert!(better.count() <= 2, "{class:?}");
        }
    }
}
