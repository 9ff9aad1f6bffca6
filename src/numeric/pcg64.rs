//! numpy's `default_rng(seed)` as far as it is needed: PCG64 (O'Neill 2014, "PCG: a family of simple fast space-efficient
//! statistically good algorithms for random number generation"), seeded by `SeedSequence`, and `Generator.shuffle`.

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;
/// Words of a seed sequence's pool.
const POOL: usize = 4;

/// The generator.
#[derive(Debug, Clone)]
pub(crate) struct Pcg64 {
    state: u128,
    increment: u128,
    /// The half of a draw of 64 bits that has not been given yet.
    half: Option<u32>,
}

impl Pcg64 {
    /// `default_rng(seed)`.
    pub(crate) fn new(seed: u32) -> Self {
        let words = seeds(seed);
        let wide = |at: usize| u128::from(words[at]) << 64 | u128::from(words[at + 1]);
        let mut made = Pcg64 { state: 0, increment: wide(2) << 1 | 1, half: None };
        made.step();
        made.state = made.state.wrapping_add(wide(0));
        made.step();
        made
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    fn next_u64(&mut self) -> u64 {
        self.step();
        ((self.state >> 64) as u64 ^ self.state as u64).rotate_right((self.state >> 122) as u32)
    }

    fn next_u32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let both = self.next_u64();
        self.half = Some((both >> 32) as u32);
        both as u32
    }

    /// `random_interval`: in `0..=most`, by throwing away what is larger.
    fn up_to(&mut self, most: u32) -> u32 {
        let mask = u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
        loop {
            let value = self.next_u32() & mask;
            if value <= most {
                return value;
            }
        }
    }

    /// `shuffle`, of fewer than 2^32 - 1 values.
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for at in (1..values.len()).rev() {
            values.swap(at, self.up_to(at as u32) as usize);
        }
    }
}

/// `SeedSequence(seed).generate_state(4, uint64)`.
fn seeds(seed: u32) -> [u64; 4] {
    let mut factor: u32 = 0x43b0_d7e5;
    let mut hashed = |value: u32| {
        let value = value ^ factor;
        factor = factor.wrapping_mul(0x931e_8875);
        let value = value.wrapping_mul(factor);
        value ^ value >> 16
    };
    let mut pool = [seed, 0, 0, 0].map(&mut hashed);
    for from in 0..POOL {
        for to in (0..POOL).filter(|&to| to != from) {
            let mixed = pool[to].wrapping_mul(0xca01_f9dd).wrapping_sub(hashed(pool[from]).wrapping_mul(0x4973_f715));
            pool[to] = mixed ^ mixed >> 16;
        }
    }
    let mut factor: u32 = 0x8b51_f9dd;
    let words: [u32; 8] = std::array::from_fn(|at| {
        let value = pool[at % POOL] ^ factor;
        factor = factor.wrapping_mul(0x58f3_8ded);
        let value = value.wrapping_mul(factor);
        value ^ value >> 16
    });
    std::array::from_fn(|at| u64::from(words[2 * at]) | u64::from(words[2 * at + 1]) << 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_numpy() {
        // numpy 2.4: r = default_rng(seed); r.bit_generator.random_raw(); a = list(range(9)); r.shuffle(a)
        for (seed, raw, shuffled) in GOLDEN {
            assert_eq!(Pcg64::new(seed).next_u64(), raw);
            let mut values: Vec<u32> = (0..9).collect();
            Pcg64::new(seed).shuffle(&mut values);
            assert_eq!(values, shuffled);
        }
    }

    const GOLDEN: [(u32, u64, [u32; 9]); 2] = [
        (0, 11749869230777074271, [4, 5, 2, 6, 3, 8, 7, 0, 1]),
        (3405691582, 632815101831872384, [4, 6, 1, 5, 8, 2, 7, 3, 0]),
    ];
}
