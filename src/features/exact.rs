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
        self.value().max(0.0)
    }
}
