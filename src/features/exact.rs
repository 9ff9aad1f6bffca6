//! Sums from which numbers can be taken away again.

/// A sum of 106 bits: what was added and taken away leaves no trace within the 53 bits of the result. Dekker, "A
/// floating-point technique for extending the available precision", Numerische Mathematik 18, 1971; Knuth's two-sum.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Exact {
    high: f64,
    low: f64,
}

impl Exact {
    pub fn add(&mut self, value: f64) {
        let sum = self.high + value;
        let part = sum - self.high;
        let lost = (self.high - (sum - part)) + (value - part) + self.low;
        self.high = sum + lost;
        self.low = lost - (self.high - sum);
    }

    /// Adds a product of two numbers, without rounding it.
    pub fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.add(product);
        self.add(a.mul_add(b, -product));
    }

    pub fn value(&self) -> f64 {
        self.high + self.low
    }

    /// The sum of squared differences from `centre` of `count` values, whose sum is `sum`, where this is the sum of their
    /// squares.
    pub fn around(mut self, centre: f64, sum: Exact, count: f64) -> f64 {
        self.add_product(-2.0 * centre, sum.high);
        self.add_product(-2.0 * centre, sum.low);
        let square = centre * centre;
        self.add_product(count, square);
        self.add_product(count, centre.mul_add(centre, -square));
        let all = self.value();
        // Rounding may leave less than nothing; what is beyond all numbers stays undefined.
        if all < 0.0 { 0.0 } else { all }
    }
}

/// A number of this size may be all that keeps a sum of the others beyond the largest number.
const HUGE: f64 = f64::MAX / 1e20;
/// So many times the rest of the sum, what has left would be seen in its last bits or soon behind them: 2 to the power of 30.
const DWARFS: f64 = 1_073_741_824.0;

/// What of the numbers of a window is summed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Term {
    /// The numbers.
    #[default]
    Number,
    /// Their squares.
    Square,
}

impl Term {
    fn of(self, number: f64) -> f64 {
        match self {
            Term::Number => number.abs(),
            Term::Square => number * number,
        }
    }
}

/// A sum over the numbers of a window that moves along. It is summed anew where a number leaves that dwarfed those that stay, or that
/// was too large for a sum: 106 bits do not hold both.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moving {
    term: Term,
    sum: Exact,
    /// The sum of the terms' sizes.
    size: Exact,
    /// The largest size since it was summed anew.
    largest: f64,
}

impl Moving {
    pub fn of(term: Term) -> Self {
        Moving { term, ..Moving::default() }
    }

    /// The sum.
    pub fn sum(&self) -> Exact {
        self.sum
    }

    pub fn enter(&mut self, number: f64) {
        self.put(number, 1.0);
        self.largest = self.largest.max(self.term.of(number));
    }

    /// Takes a number out; `left` are those that stay.
    pub fn leave(&mut self, number: f64, left: impl Iterator<Item = f64>) {
        self.put(number, -1.0);
        let size = self.size().value();
        let is_stale = match size.is_finite() {
            true => self.largest > DWARFS * size,
            // What is small mends no sum that is beyond all numbers.
            false => self.term.of(number) >= HUGE,
        };
        if is_stale {
            *self = Moving::of(self.term);
            left.for_each(|number| self.enter(number));
        }
    }

    fn size(&self) -> Exact {
        match self.term {
            Term::Number => self.size,
            // Squares are their own sizes.
            Term::Square => self.sum,
        }
    }

    fn put(&mut self, number: f64, sign: f64) {
        match self.term {
            Term::Number => {
                self.sum.add(sign * number);
                self.size.add(sign * number.abs());
            }
            Term::Square => self.sum.add_product(sign * number, number),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::{FeatureSpec, Function, Made, Span, Windows, add};
    use super::*;
    use crate::data::Dataset;

    #[test]
    fn what_dwarfed_the_rest_leaves_no_trace() {
        for large in [1e15, 1e30, 1e200, -1e200, f64::MAX] {
            for term in [Term::Number, Term::Square] {
                let mut moving = Moving::of(term);
                [large, 0.1, 0.2].into_iter().for_each(|number| moving.enter(number));
                moving.leave(large, [0.1, 0.2].into_iter());
                let mut fresh = Moving::of(term);
                [0.1, 0.2].into_iter().for_each(|number| fresh.enter(number));
                assert_eq!(moving.sum(), fresh.sum(), "{large}, {term:?}");
            }
        }
    }

    #[test]
    fn a_sum_is_made_anew_only_where_that_changes_anything() {
        let mut moving = Moving::of(Term::Number);
        [1_000.0, -3.0, 5.0].into_iter().for_each(|number| moving.enter(number));
        let never = std::iter::from_fn(|| -> Option<f64> { panic!("nothing is summed anew") });
        moving.leave(1_000.0, never);
        assert_eq!(moving.sum().value(), 2.0);
        // Two numbers are beyond the largest one; a small one that leaves mends nothing, a large one does.
        let mut moving = Moving::of(Term::Number);
        [1.7e308, 1.7e308, 2.0, 3.0].into_iter().for_each(|number| moving.enter(number));
        assert!(!moving.sum().value().is_finite());
        moving.leave(2.0, std::iter::from_fn(|| -> Option<f64> { panic!("nothing is summed anew") }));
        moving.leave(1.7e308, [1.7e308, 3.0].into_iter());
        assert_eq!(moving.sum().value(), 1.7e308);
        moving.leave(1.7e308, [3.0].into_iter());
        assert_eq!(moving.sum().value(), 3.0);
    }

    #[test]
    fn a_spread_beyond_all_numbers_is_undefined_and_not_zero() {
        let mut squares = Moving::of(Term::Square);
        [1e200, 1.0].into_iter().for_each(|number| squares.enter(number));
        assert!(squares.sum().around(5e199, Exact::default(), 2.0).is_nan());
    }

    /// Sum, mean, standard deviation and ratio over 3 s of a key with a row a second.
    fn second_by_second(numbers: &[f64]) -> Array2<f64> {
        let x = Array2::from_shape_fn((numbers.len(), 2), |(row, column)| if column == 0 { 5.0 } else { numbers[row] });
        let mut data = Dataset::of_numbers("t", &["key", "amount"], x, vec![0; numbers.len()]).unwrap();
        data.sides.time = Some((0..numbers.len() as i64).map(|second| second * 1_000_000).collect());
        let windows = Windows {
            by: vec!["key".into()],
            windows: vec![Span::parse("3s").unwrap()],
            of: Some("amount".into()),
            distinct: None,
            make: vec![Function::Sum, Function::Mean, Function::Std, Function::Ratio],
            delay: None,
            known: None,
            leak: None,
            as_handbook: false,
        };
        add(data, &FeatureSpec { made: vec![Made::Windows(windows)], only: Some(Vec::new()) }).unwrap().x
    }

    #[test]
    fn numbers_that_stand_for_no_value_are_forgotten_with_their_window() {
        for large in [1e15, 1e16, 1e30, 1e200, f64::MAX, -1e30] {
            let made = second_by_second(&[1.0, large, 10.0, 20.0, 30.0, 40.0]);
            assert_eq!(made.row(4).to_vec(), [60.0, 20.0, 10.0, 1.5], "{large}");
            assert_eq!(made.row(5).to_vec(), [90.0, 30.0, 10.0, 40.0 / 30.0], "{large}");
        }
        // While it is there, the spread is its own: of 1e30 and 10 the difference by the root of 2.
        let made = second_by_second(&[1e30, 10.0]);
        assert!((made[[1, 2]] / (1e30 / 2.0_f64.sqrt()) - 1.0).abs() < 1e-15, "{made}");
        // The square of 1e200 is beyond all numbers, and so are two of the largest numbers together: no value, and no 0.
        let made = second_by_second(&[1e200, 10.0]);
        assert_eq!((made[[1, 0]], made[[1, 1]]), (1e200, 5e199));
        assert!(made[[1, 2]].is_nan(), "{made}");
        let made = second_by_second(&[1.7e308, 1.7e308, 5.0, 10.0, 20.0, 30.0]);
        assert!(made.row(2).iter().all(|value| value.is_nan()), "{made}");
        assert_eq!((made[[3, 0]], made[[3, 3]]), (1.7e308, 10.0 / (1.7e308 / 3.0)));
        assert_eq!(made.row(5).to_vec(), [60.0, 20.0, 10.0, 1.5]);
    }
}
