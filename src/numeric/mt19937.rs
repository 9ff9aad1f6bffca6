//! The Mersenne Twister stream of numpy's legacy `RandomState(seed)`, which scikit-learn and imbalanced-learn draw from
//! when they are given `random_state=<int>`. Same seed, same draws, bit for bit.
//!
//! Sources: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998; for seeding, doubles and bounded draws
//! `numpy.random.RandomState`, whose stream numpy has frozen
//! (<https://numpy.org/doc/stable/reference/random/legacy.html>).

const LENGTH: usize = 624;
const MIDDLE: usize = 397;
const UPPER: u32 = 0x8000_0000;
const LOWER: u32 = 0x7fff_ffff;
const TWIST: u32 = 0x9908_b0df;

/// A `numpy.random.RandomState`, as far as splits, resamplers and learners need it.
///
/// ```
/// let mut rng = fraudbench::numeric::mt19937::Mt19937::new(0);
/// assert_eq!(rng.permutation(5), [2, 0, 1, 3, 4]); // numpy.random.RandomState(0).permutation(5)
/// ```
#[derive(Debug, Clone)]
pub struct Mt19937 {
    key: [u32; LENGTH],
    position: usize,
}

impl Mt19937 {
    /// `RandomState(seed)` for an integer seed.
    pub fn new(seed: u32) -> Self {
        let mut key = [0; LENGTH];
        let mut value = seed;
        for (slot, after) in key.iter_mut().zip(1u32..) {
            *slot = value;
            value = 1_812_433_253u32.wrapping_mul(value ^ (value >> 30)).wrapping_add(after);
        }
        Self { key, position: LENGTH }
    }

    fn refill(&mut self) {
        let twisted = |upper: u32, lower: u32| {
            let mixed = (upper & UPPER) | (lower & LOWER);
            (mixed >> 1) ^ if lower & 1 == 1 { TWIST } else { 0 }
        };
        for i in 0..LENGTH {
            let next = twisted(self.key[i], self.key[(i + 1) % LENGTH]);
            self.key[i] = self.key[(i + MIDDLE) % LENGTH] ^ next;
        }
        self.position = 0;
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.position == LENGTH {
            self.refill();
        }
        let mut bits = self.key[self.position];
        self.position += 1;
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9d2c_5680;
        bits ^= (bits << 15) & 0xefc6_0000;
        bits ^ (bits >> 18)
    }

    /// The next 64 bits: two draws, the first one on top.
    pub fn next_u64(&mut self) -> u64 {
        let upper = u64::from(self.next_u32());
        upper << 32 | u64::from(self.next_u32())
    }

    /// A double in `[0, 1)` with 53 random bits: `RandomState.random_sample()`.
    pub fn next_f64(&mut self) -> f64 {
        let upper = f64::from(self.next_u32() >> 5);
        let lower = f64::from(self.next_u32() >> 6);
        (upper * 67_108_864.0 + lower) / 9_007_199_254_740_992.0
    }

    /// A whole number in `0..=max`, by masked rejection, as all bounded draws of `RandomState` are. A `max` of 0 draws
    /// nothing; one that fits 32 bits draws 32 bits at a time.
    pub fn interval(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        let mask = u64::MAX >> max.leading_zeros();
        loop {
            let bits = if max <= u64::from(u32::MAX) { u64::from(self.next_u32()) } else { self.next_u64() };
            if bits & mask <= max {
                return bits & mask;
            }
        }
    }

    /// A whole number in `low..high`: `RandomState.randint(low, high)`, the same draw for `dtype=int64` and `int32`.
    /// An empty range gives `low` (numpy raises there).
    pub fn randint(&mut self, low: i64, high: i64) -> i64 {
        let most = if high > low { high.wrapping_sub(low) as u64 - 1 } else { 0 };
        low.wrapping_add(self.interval(most) as i64)
    }

    /// Shuffles in place, from the end downwards: `RandomState.shuffle`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.interval(i as u64) as usize;
            items.swap(i, j);
        }
    }

    /// `0..n` shuffled: `RandomState.permutation(n)`.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// `size` distinct numbers out of `0..n`, in drawn order: `RandomState.choice(n, size, replace=False)`. All `n` when
    /// `size` is larger (numpy raises there).
    pub fn choice(&mut self, n: usize, size: usize) -> Vec<usize> {
        let mut order = self.permutation(n);
        order.truncate(size);
        order
    }
}

/// Normal, gamma and beta draws of numpy's `RandomState`, bit for bit. It keeps the second of each two normal draws.
#[derive(Debug)]
pub(crate) struct Legacy<'r> {
    random: &'r mut Mt19937,
    spare: Option<f64>,
}

impl<'r> Legacy<'r> {
    /// Draws from `random`, none of whose normal draws is left over.
    pub fn new(random: &'r mut Mt19937) -> Self {
        Legacy { random, spare: None }
    }

    /// `RandomState.standard_normal()`: Marsaglia's polar method.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let a = 2.0 * self.random.next_f64() - 1.0;
            let b = 2.0 * self.random.next_f64() - 1.0;
            let square = a * a + b * b;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(factor * a);
                return factor * b;
            }
        }
    }

    /// `RandomState.standard_gamma(shape)` for a shape above 1: Marsaglia and Tsang 2000.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        let b = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * b).sqrt();
        loop {
            let (x, v) = loop {
                let x = self.normal();
                let v = 1.0 + c * x;
                if v > 0.0 {
                    break (x, v * v * v);
                }
            };
            let u = self.random.next_f64();
            if u < 1.0 - 0.0331 * (x * x) * (x * x) || u.ln() < 0.5 * x * x + b * (1.0 - v + v.ln()) {
                return b * v;
            }
        }
    }

    /// `RandomState.beta(a, b)` for both above 1.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let first = self.gamma(a);
        first / (first + self.gamma(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_and_beta_draws_are_numpys() {
        // numpy 2.4.6: RandomState(7).randn(3); RandomState(7).beta(10, 10) twice
        let mut random = Mt19937::new(7);
        let mut draws = Legacy::new(&mut random);
        let normal = [draws.normal(), draws.normal(), draws.normal()];
        assert_eq!(normal, [1.690525703800356, -0.4659373705408328, 0.0328201636785844]);
        let mut random = Mt19937::new(7);
        let mut draws = Legacy::new(&mut random);
        assert_eq!([draws.beta(10.0, 10.0), draws.beta(10.0, 10.0)], [0.657784464225875, 0.433941949306449]);
    }
}
