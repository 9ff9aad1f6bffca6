//! Exact binomial draws, in constant time however many trials.

use crate::numeric::mt19937::Mt19937;

/// How many of `n` trials of chance `p` succeed. Few expected successes are drawn by inversion, many by Hörmann's
/// transformed rejection (BTRS; Hörmann 1993, "The generation of binomial random variates", J. Stat. Comput. Simul. 46).
pub fn binomial(random: &mut Mt19937, n: u64, p: f64) -> u64 {
    if n == 0 || p <= 0.0 {
        0
    } else if p >= 1.0 {
        n
    } else if p > 0.5 {
        n - binomial(random, n, 1.0 - p)
    } else if n as f64 * p < 10.0 {
        by_inversion(random, n, p)
    } else {
        by_rejection(random, n as f64, p)
    }
}

fn by_inversion(random: &mut Mt19937, n: u64, p: f64) -> u64 {
    let odds = p / (1.0 - p);
    // At least exp(-14), as fewer than ten successes are expected and p is at most one half.
    let none = (n as f64 * (-p).ln_1p()).exp();
    loop {
        let (mut left, mut chance) = (random.next_f64(), none);
        for k in 0..=n {
            if left < chance {
                return k;
            }
            left -= chance;
            chance *= odds * (n - k) as f64 / (k + 1) as f64;
        }
        // Rounding left a crumb beyond the last value: draw again.
    }
}

fn by_rejection(random: &mut Mt19937, n: f64, p: f64) -> u64 {
    let q = 1.0 - p;
    let sd = (n * p * q).sqrt();
    let b = 1.15 + 2.53 * sd;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let alpha = (2.83 + 5.1 / b) * sd;
    let sure = 0.92 - 4.2 / b;
    let odds = p / q;
    let mode = ((n + 1.0) * p).floor();
    loop {
        let u = random.next_f64() - 0.5;
        let v = random.next_f64();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + n * p + 0.5).floor();
        if !(0.0..=n).contains(&k) {
            continue;
        }
        if us >= 0.07 && v <= sure {
            return k as u64;
        }
        let least = (v * alpha / (a / (us * us) + b)).ln();
        let relative = (mode + 0.5) * ((mode + 1.0) / (odds * (n - mode + 1.0))).ln()
            + (n + 1.0) * ((n - mode + 1.0) / (n - k + 1.0)).ln()
            + (k + 0.5) * (odds * (n - k + 1.0) / (k + 1.0)).ln()
            + stirling(mode)
            + stirling(n - mode)
            - stirling(k)
            - stirling(n - k);
        if least <= relative {
            return k as u64;
        }
    }
}

/// What Stirling's formula for `ln k!` lacks.
fn stirling(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.081_061_466_795_327_2,
        0.041_340_695_955_409_2,
        0.027_677_925_684_998_3,
        0.020_790_672_103_765_1,
        0.016_644_691_189_821_1,
        0.013_876_128_823_070_7,
        0.011_896_709_945_891_7,
        0.010_411_265_261_972_0,
        0.009_255_462_182_712_73,
        0.008_330_563_433_362_87,
    ];
    if k < 10.0 {
        return SMALL[k as usize];
    }
    let next = k + 1.0;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / (next * next)) / (next * next)) / next
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chances of 0 to n successes, by the recurrence in logarithms.
    fn chances(n: u64, p: f64) -> Vec<f64> {
        let mut log = n as f64 * (1.0 - p).ln();
        (0..=n)
            .map(|k| {
                let chance = log.exp();
                log += ((n - k) as f64 / (k + 1) as f64).ln() + (p / (1.0 - p)).ln();
                chance
            })
            .collect()
    }

    #[test]
    fn draws_have_the_binomial_chances() {
        // By inversion, by rejection, and the mirror images of both.
        for (n, p) in [(30, 0.05), (2_000, 0.002), (40, 0.3), (900, 0.04), (60, 0.5), (40, 0.71), (30, 0.97)] {
            let mut random = Mt19937::new(11);
            let mut seen = vec![0_u64; n as usize + 1];
            let draws = 40_000;
            (0..draws).for_each(|_| seen[binomial(&mut random, n, p) as usize] += 1);
            // Chi-square over the values that are expected at least ten times; its standard deviation is sqrt(2 df).
            let expected = chances(n, p).into_iter().map(|c| c * f64::from(draws));
            let terms: Vec<f64> = expected
                .zip(&seen)
                .filter(|(e, _)| *e >= 10.0)
                .map(|(e, &s)| (s as f64 - e) * (s as f64 - e) / e)
                .collect();
            let df = terms.len() as f64 - 1.0;
            let chi = terms.iter().sum::<f64>();
            assert!(df >= 3.0 && (chi - df).abs() < 4.0 * (2.0 * df).sqrt(), "{n} {p}: {chi} of {df}");
        }
    }

    #[test]
    fn many_trials_have_the_right_mean_and_spread() {
        let (n, p) = (283_253_u64, 0.31);
        let mut random = Mt19937::new(5);
        let draws: Vec<f64> = (0..20_000).map(|_| binomial(&mut random, n, p) as f64).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / 19_999.0;
        let wanted = n as f64 * p * (1.0 - p);
        assert!((mean - n as f64 * p).abs() < 4.0 * (wanted / 20_000.0).sqrt(), "{mean}");
        assert!((variance / wanted - 1.0).abs() < 0.04, "{variance} {wanted}");
    }

    #[test]
    fn what_is_certain_is_not_drawn() {
        let mut random = Mt19937::new(1);
        assert_eq!([(7, 0.0), (7, 1.0), (0, 0.4)].map(|(n, p)| binomial(&mut random, n, p)), [0, 7, 0]);
    }
}
