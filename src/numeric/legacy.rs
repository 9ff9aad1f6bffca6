//! Distributions of numpy's legacy `RandomState`, which numpy has frozen: same stream, same draws.
//!
//! They rest on the system's `log` and `exp`. These are the same here and in numpy where both use one C library; libraries
//! whose last bit differs would change single draws (`tests/golden/data/simulate` and the digest of the Handbook's rows
//! would tell).

use super::mt19937::Mt19937;

/// Draws of numpy's `RandomState`, bit for bit. It keeps the second of each two normal draws.
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

    /// `RandomState.normal(mean, deviation)`.
    pub fn normal_of(&mut self, mean: f64, deviation: f64) -> f64 {
        mean + deviation * self.normal()
    }

    /// `RandomState.uniform(low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random.next_f64()
    }

    /// `RandomState.poisson(mean)` for a mean that is not negative: products of uniform draws below 10 (Knuth), above
    /// that Hörmann's transformed rejection, "The transformed rejection method for generating Poisson random variables",
    /// Insurance: Mathematics and Economics 12, 1993.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        match mean {
            mean if mean >= 10.0 => self.poisson_by_rejection(mean),
            0.0 => 0,
            mean => {
                let enough = (-mean).exp();
                let (mut count, mut product) = (0, 1.0);
                loop {
                    product *= self.random.next_f64();
                    if product <= enough {
                        return count;
                    }
                    count += 1;
                }
            }
        }
    }

    fn poisson_by_rejection(&mut self, mean: f64) -> u64 {
        let log_mean = mean.ln();
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.random.next_f64() - 0.5;
            let v = self.random.next_f64();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= v_r {
                return k as u64;
            }
            if k < 0.0 || us < 0.013 && v > us {
                continue;
            }
            let tried = v.ln() + inverse_alpha.ln() - (a / (us * us) + b).ln();
            if tried <= -mean + k * log_mean - log_gamma(k + 1.0) {
                return k as u64;
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

/// The logarithm of the gamma function as `RandomState` computes it for Poisson draws: Zhang and Jin, "Computation of Special
/// Functions", 1996, page 54.
fn log_gamma(x: f64) -> f64 {
    const TERMS: [f64; 10] = [
        8.333333333333333e-02,
        -2.777777777777778e-03,
        7.936507936507937e-04,
        -5.952380952380952e-04,
        8.417508417508418e-04,
        -1.917526917526918e-03,
        6.41025641025641e-03,
        -2.955065359477124e-02,
        1.796443723688307e-01,
        -1.39243221690590e+00,
    ];
    /// log(2 pi)
    const LOG_TWO_PI: f64 = 1.8378770664093453e+00;
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    let steps = if x < 7.0 { (7.0 - x) as u32 } else { 0 };
    let mut at = x + f64::from(steps);
    let square = (1.0 / at) * (1.0 / at);
    let series = TERMS.iter().rev().skip(1).fold(TERMS[9], |sum, term| sum * square + term);
    let mut found = series / at + 0.5 * LOG_TWO_PI + (at - 0.5) * at.ln() - at;
    for _ in 0..steps {
        found -= (at - 1.0).ln();
        at -= 1.0;
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What `scripts/golden/simulate.py` wrote.
    pub fn expected() -> serde_json::Value {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/simulate/draws.json");
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    #[test]
    fn uniform_normal_and_poisson_draws_in_turn_are_numpys() {
        for of_seed in expected()["numpy"].as_array().unwrap() {
            let seed = of_seed["seed"].as_u64().unwrap() as u32;
            let mut stream = Mt19937::new(seed);
            let mut draws = Legacy::new(&mut stream);
            for case in of_seed["drawn"].as_array().unwrap() {
                let mean = case[0].as_f64().unwrap();
                let ours = [draws.uniform(-3.0, mean + 5.0), draws.normal_of(mean, 2.5)];
                assert_eq!(ours.map(Some), [case[1].as_f64(), case[2].as_f64()], "seed {seed}, mean {mean}");
                let counts: Vec<Option<u64>> = (0..40).map(|_| Some(draws.poisson(mean))).collect();
                let theirs: Vec<Option<u64>> = case[3].as_array().unwrap().iter().map(|n| n.as_u64()).collect();
                assert_eq!(counts, theirs, "seed {seed}, mean {mean}");
                assert_eq!(Some(draws.normal_of(43_200.0, 20_000.0)), case[4].as_f64(), "seed {seed}, mean {mean}");
            }
            let numbers = |value: &serde_json::Value| -> Vec<usize> {
                value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
            };
            assert_eq!(stream.permutation(11), numbers(&of_seed["permutation"]));
            assert_eq!(stream.choice(50, 3), numbers(&of_seed["choice"]));
        }
    }

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
