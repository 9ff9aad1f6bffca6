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

    /// Seeded by a list of numbers, as the inventors' `init_by_array` does it. An empty list is one of a single 0.
    pub(crate) fn by_array(seeds: &[u32]) -> Self {
        let seeds = if seeds.is_empty() { &[0][..] } else { seeds };
        let mut random = Self::new(19_650_218);
        let key = &mut random.key;
        let mixed = |key: &[u32; LENGTH], i: usize, factor: u32| {
            key[i] ^ (key[i - 1] ^ (key[i - 1] >> 30)).wrapping_mul(factor)
        };
        let mut i = 1;
        let advance = |key: &mut [u32; LENGTH], i: &mut usize| {
            *i += 1;
            if *i == LENGTH {
                key[0] = key[LENGTH - 1];
                *i = 1;
            }
        };
        for (j, seed) in seeds.iter().enumerate().cycle().take(LENGTH.max(seeds.len())) {
            key[i] = mixed(key, i, 1_664_525).wrapping_add(*seed).wrapping_add(j as u32);
            advance(key, &mut i);
        }
        for _ in 1..LENGTH {
            key[i] = mixed(key, i, 1_566_083_941).wrapping_sub(i as u32);
            advance(key, &mut i);
        }
        key[0] = UPPER;
        random
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
