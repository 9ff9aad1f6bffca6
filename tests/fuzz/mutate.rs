//! Inputs made of other inputs.

use fraudbench::numeric::mt19937::Mt19937;

/// Bytes of the longest input.
const LONGEST: usize = 1 << 16;

/// Makes inputs; the same seed makes the same ones.
pub struct Mutator<'t> {
    random: Mt19937,
    tokens: &'t [&'t str],
}

impl<'t> Mutator<'t> {
    pub fn new(seed: u64, tokens: &'t [&'t str]) -> Self {
        Mutator { random: Mt19937::new(seed as u32), tokens }
    }

    fn below(&mut self, end: usize) -> usize {
        self.random.randint(0, end.max(1) as i64) as usize
    }

    /// One of `seeds` after one to eight changes.
    pub fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut input, seeds);
            input.truncate(LONGEST);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let span = at..(at + 1 + self.below(40)).min(input.len()).max(at);
        match self.below(8) {
            0 => input.truncate(at),
            1 => drop(input.drain(span)),
            2 => {
                let copy = input[span].to_vec();
                let times = 1 + self.below(60);
                input.splice(at..at, copy.repeat(times));
            }
            3 => {
                let token = self.tokens[self.below(self.tokens.len())].as_bytes();
                input.splice(at..at, token.iter().copied());
            }
            4 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            5 => {
                // Another number where one stands.
                let digits = input[at..].iter().position(u8::is_ascii_digit).map(|first| at + first);
                if let Some(place) = digits {
                    let new = ["0", "-1", "99999999999", "1e308", "0.5", ""][self.below(6)];
                    input.splice(place..=place, new.bytes());
                }
            }
            6 if at < input.len() => input[at] = self.below(256) as u8,
            _ if at < input.len() => input[at] ^= 1 << self.below(8),
            _ => input.push(self.below(256) as u8),
        }
    }
}
