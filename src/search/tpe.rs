//! The tree-structured Parzen estimator: candidates are drawn where good ones were dense and bad ones were not.
//!
//! Bergstra, Bardenet, Bengio, Kegl (2011), "Algorithms for Hyper-Parameter Optimization", section 4: as in hyperopt, the best
//! `ceil(0.25 sqrt(n))` of `n` trials (25 at most) are the good ones, 24 draws a parameter, one prior component over the whole
//! range, and every parameter is treated by itself. Otherwise than there, the first 10 candidates are random (there 20), the prior
//! is not counted where the least width is computed, and old trials weigh as much as new ones.

use statrs::function::erf::{erf_inv, erfc};
use toml::Table;

use super::space::{Domain, Space};
use crate::numeric::mt19937::Mt19937;

/// Random candidates before the first proposal.
pub const STARTUP: usize = 10;
/// Draws of which the most promising is proposed.
const DRAWS: usize = 24;
const GAMMA: f64 = 0.25;
const MOST_GOOD: usize = 25;

/// The next candidate after `tried`, each with how good it was (more is better).
pub fn propose(space: &Space, tried: &[(Table, f64)], random: &mut Mt19937) -> Table {
    let mut order: Vec<usize> = (0..tried.len()).collect();
    order.sort_by(|&a, &b| tried[b].1.total_cmp(&tried[a].1));
    let good = ((GAMMA * (tried.len() as f64).sqrt()).ceil() as usize).clamp(1, MOST_GOOD).min(order.len());
    let (good, bad) = order.split_at(good);
    let one = |name: &str, domain: &Domain, random: &mut Mt19937| {
        let places = |of: &[usize]| -> Vec<f64> {
            of.iter().filter_map(|&i| tried[i].0.get(name)).map(|value| domain.place(value)).collect()
        };
        let (good, bad) = match domain {
            Domain::List(values) => {
                (Density::counts(&places(good), values.len()), Density::counts(&places(bad), values.len()))
            }
            _ => (Density::parzen(places(good)), Density::parzen(places(bad))),
        };
        let mut most = (f64::NEG_INFINITY, 0.5);
        for _ in 0..DRAWS {
            let place = good.draw(random);
            let promise = good.at(place).ln() - bad.at(place).ln();
            if promise > most.0 {
                most = (promise, place);
            }
        }
        domain.at(most.1)
    };
    space.0.iter().map(|(name, domain)| (name.clone(), one(name, domain, random))).collect()
}

/// A density over places in [0, 1].
enum Density {
    /// The probability of each value of a list, by its index.
    List(Vec<f64>),
    /// A mixture of equally likely normal densities, cut at 0 and 1: centres and widths.
    Range(Vec<(f64, f64)>),
}

impl Density {
    /// Counts, and one more for every value as prior.
    fn counts(places: &[f64], values: usize) -> Self {
        let mut counts = vec![1.0; values];
        places.iter().for_each(|place| counts[index(*place, values)] += 1.0);
        let all = (values + places.len()) as f64;
        Density::List(counts.into_iter().map(|count| count / all).collect())
    }

    /// A component an observation, as wide as the larger gap to its neighbours, and one over the whole range as prior.
    fn parzen(mut places: Vec<f64>) -> Self {
        let narrowest = 1.0 / (1.0 + places.len() as f64).min(100.0);
        places.push(0.5);
        places.sort_by(f64::total_cmp);
        let prior = places.iter().position(|place| *place == 0.5);
        let gap = |i: usize| places.get(i + 1).map(|next| next - places[i]);
        let wide = |(i, &centre): (usize, &f64)| {
            let before = i.checked_sub(1).and_then(gap).unwrap_or(0.0);
            let width = before.max(gap(i).unwrap_or(0.0)).clamp(narrowest, 1.0);
            (centre, if Some(i) == prior { 1.0 } else { width })
        };
        Density::Range(places.iter().enumerate().map(wide).collect())
    }

    fn draw(&self, random: &mut Mt19937) -> f64 {
        match self {
            Density::List(shares) => {
                let mut left = random.next_f64();
                let at = shares.iter().position(|share| {
                    left -= share;
                    left < 0.0
                });
                (at.unwrap_or(shares.len() - 1) as f64 + 0.5) / shares.len() as f64
            }
            Density::Range(components) => {
                let (centre, width) = components[random.interval(components.len() as u64 - 1) as usize];
                let (low, high) = (below(-centre / width), below((1.0 - centre) / width));
                let quantile = low + random.next_f64() * (high - low);
                let normal = std::f64::consts::SQRT_2 * erf_inv(2.0 * quantile - 1.0);
                (centre + width * normal).clamp(0.0, 1.0)
            }
        }
    }

    fn at(&self, place: f64) -> f64 {
        match self {
            Density::List(shares) => shares[index(place, shares.len())],
            Density::Range(components) => {
                let one = |&(centre, width): &(f64, f64)| {
                    let z = (place - centre) / width;
                    let inside = below((1.0 - centre) / width) - below(-centre / width);
                    (-0.5 * z * z).exp() / ((2.0 * std::f64::consts::PI).sqrt() * width * inside)
                };
                components.iter().map(one).sum::<f64>() / components.len() as f64
            }
        }
    }
}

fn index(place: f64, values: usize) -> usize {
    ((place * values as f64) as usize).min(values - 1)
}

/// The share of a standard normal below `z`.
pub(super) fn below(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Best at x = 0.03 on a logarithmic scale, n = 17, and the second of three kinds.
    fn value(candidate: &Table) -> f64 {
        let x = candidate["x"].as_float().unwrap().log10() + 1.5;
        let n = (candidate["n"].as_integer().unwrap() - 17) as f64 / 20.0;
        let kind = if candidate["kind"].as_str() == Some("b") { 0.0 } else { 0.3 };
        -(x * x + n * n + kind)
    }

    fn space() -> Space {
        let text = "x = { low = 0.001, high = 1.0, log = true }\nn = { low = 1, high = 60 }\nkind = ['a', 'b', 'c']";
        Space::read(&text.parse().unwrap()).unwrap()
    }

    fn best_after(trials: usize, seed: u32, guided: bool) -> f64 {
        let (space, mut random, mut tried) = (space(), Mt19937::new(seed), Vec::new());
        for i in 0..trials {
            let next =
                if guided && i >= STARTUP { propose(&space, &tried, &mut random) } else { space.sample(&mut random) };
            let value = value(&next);
            tried.push((next, value));
        }
        tried.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn finds_more_than_random_draws_do() {
        let mean = |guided| (0..20).map(|seed| best_after(50, seed, guided)).sum::<f64>() / 20.0;
        let (guided, random) = (mean(true), mean(false));
        assert!(guided > 0.7 * random, "{guided} against {random}");
        assert_eq!(best_after(40, 3, true), best_after(40, 3, true));
    }

    #[test]
    fn densities_have_the_mass_of_one_and_draws_follow_them() {
        let density = Density::parzen(vec![0.1, 0.12, 0.9]);
        let mass: f64 = (0..20_000).map(|i| density.at((f64::from(i) + 0.5) / 20_000.0)).sum::<f64>() / 20_000.0;
        assert!((mass - 1.0).abs() < 1e-6, "{mass}");
        let expected: f64 = (0..5_000).map(|i| density.at((f64::from(i) + 0.5) / 20_000.0)).sum::<f64>() / 20_000.0;
        let mut random = Mt19937::new(5);
        let low = (0..20_000).filter(|_| density.draw(&mut random) < 0.25).count() as f64 / 20_000.0;
        assert!((low - expected).abs() < 0.015, "{low} against {expected}");
        let Density::List(shares) = Density::counts(&[0.1, 0.1, 0.9], 3) else { panic!("a list") };
        assert_eq!(shares, [3.0 / 6.0, 1.0 / 6.0, 2.0 / 6.0]);
    }
}
