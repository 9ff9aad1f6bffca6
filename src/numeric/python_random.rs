//! Python's `random`, seeded by a whole number: same seed, same choices.
//!
//! Source: CPython's `random` module (<https://docs.python.org/3/library/random.html>), whose `choice` and `sample` have
//! drawn the same way since Python 3.2.

use std::collections::HashSet;

use super::mt19937::Mt19937;

/// `random.Random(seed)`.
#[derive(Debug)]
pub(crate) struct PythonRandom(Mt19937);

impl PythonRandom {
    /// `random.seed(seed)` for a whole number.
    pub fn new(seed: u32) -> Self {
        PythonRandom(Mt19937::by_array(&[seed]))
    }

    /// A number below `n`, which is above 0 and below 2^32: as many bits as `n` has, until they are below it.
    pub fn below(&mut self, n: u32) -> u32 {
        loop {
            // Above 0, so that at most 31 leading zeros are shifted out.
            let bits = self.0.next_u32() >> n.leading_zeros();
            if bits < n {
                return bits;
            }
        }
    }

    /// The places of `random.sample(items, size)` among `n` items; all, in drawn order, where `size` is larger (Python
    /// raises there).
    pub fn sample(&mut self, n: u32, size: u32) -> Vec<u32> {
        let size = size.min(n);
        // Where a set of those that are drawn takes less room than a list of all, Python draws again what it has.
        let mut room = 21_u64;
        if size > 5 {
            let mut power = 1;
            while power < 3 * u64::from(size) {
                power *= 4;
            }
            room += power;
        }
        if u64::from(n) > room {
            let mut drawn = HashSet::new();
            let one = |_| loop {
                let place = self.below(n);
                if drawn.insert(place) {
                    return place;
                }
            };
            return (0..size).map(one).collect();
        }
        let mut pool: Vec<u32> = (0..n).collect();
        let one = |nth| {
            let (place, last) = (self.below(n - nth) as usize, (n - nth - 1) as usize);
            let tail = pool[last];
            std::mem::replace(&mut pool[place], tail)
        };
        (0..size).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::legacy::tests::expected;

    #[test]
    fn choices_and_samples_are_pythons() {
        for of_seed in expected()["python"].as_array().unwrap() {
            let seed = of_seed["seed"].as_u64().unwrap() as u32;
            let mut random = PythonRandom::new(seed);
            let numbers = |value: &serde_json::Value| -> Vec<u32> {
                value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as u32).collect()
            };
            for case in of_seed["chosen"].as_array().unwrap() {
                let n = case[0].as_u64().unwrap() as u32;
                let ours: Vec<u32> = (0..30).map(|_| random.below(n)).collect();
                assert_eq!(ours, numbers(&case[1]), "seed {seed}, choice of {n}");
            }
            for case in of_seed["sampled"].as_array().unwrap() {
                let (n, size) = (case[0].as_u64().unwrap() as u32, case[1].as_u64().unwrap() as u32);
                assert_eq!(random.sample(n, size), numbers(&case[2]), "seed {seed}, sample of {size} of {n}");
            }
        }
    }
}
