//! What an expensive function is likely to be: a random forest of regression trees with mean and variance, and the expected
//! improvement that follows.
//!
//! Hutter, Hoos, Leyton-Brown (2011), "Sequential Model-Based Optimization for General Algorithm Configuration" (SMAC):
//! ten trees on bootstrap samples, 5/6 of the columns a node, nodes of fewer than three points are leaves.

use super::tpe::below;
use crate::numeric::mt19937::Mt19937;

const TREES: usize = 10;
const LEAST: usize = 3;

/// A fitted forest.
pub struct Surrogate {
    trees: Vec<Node>,
}

enum Node {
    Leaf { mean: f64, variance: f64 },
    Inner { column: usize, threshold: f64, children: Box<[Node; 2]> },
}

impl Surrogate {
    /// Fits on points `x` (of equal length, at least one) with values `y`.
    pub fn fit(x: &[Vec<f64>], y: &[f64], random: &mut Mt19937) -> Self {
        let tree = |random: &mut Mt19937| {
            let rows: Vec<usize> = (0..y.len()).map(|_| random.interval(y.len() as u64 - 1) as usize).collect();
            grow(x, y, rows, random)
        };
        Surrogate { trees: (0..TREES).map(|_| tree(random)).collect() }
    }

    /// Mean and variance at a point: of the trees' means, plus the mean of the leaves' own variances.
    pub fn predict(&self, point: &[f64]) -> (f64, f64) {
        let leaves: Vec<(f64, f64)> = self.trees.iter().map(|tree| leaf(tree, point)).collect();
        let share = 1.0 / leaves.len() as f64;
        let mean = leaves.iter().map(|(mean, _)| mean * share).sum::<f64>();
        let variance = leaves.iter().map(|(m, v)| (v + (m - mean) * (m - mean)) * share).sum::<f64>();
        (mean, variance)
    }
}

fn leaf(mut node: &Node, point: &[f64]) -> (f64, f64) {
    loop {
        match node {
            Node::Leaf { mean, variance } => return (*mean, *variance),
            Node::Inner { column, threshold, children } => {
                node = &children[usize::from(point[*column] > *threshold)];
            }
        }
    }
}

fn grow(x: &[Vec<f64>], y: &[f64], rows: Vec<usize>, random: &mut Mt19937) -> Node {
    let count = rows.len() as f64;
    let mean = rows.iter().map(|&row| y[row]).sum::<f64>() / count;
    let variance = rows.iter().map(|&row| (y[row] - mean) * (y[row] - mean)).sum::<f64>() / count;
    let columns = x[0].len();
    let looked_at = random.choice(columns, (columns * 5).div_ceil(6));
    let cut = if rows.len() < LEAST || variance <= 0.0 { None } else { best_cut(x, y, &rows, &looked_at) };
    let Some((column, threshold)) = cut else { return Node::Leaf { mean, variance } };
    let (left, right): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(|&row| x[row][column] <= threshold);
    Node::Inner { column, threshold, children: Box::new([grow(x, y, left, random), grow(x, y, right, random)]) }
}

/// The cut after which the squares around the children's means are least; of equals the first one found.
fn best_cut(x: &[Vec<f64>], y: &[f64], rows: &[usize], columns: &[usize]) -> Option<(usize, f64)> {
    let all = rows.iter().map(|&row| y[row]).sum::<f64>();
    let mut most: Option<(f64, usize, f64)> = None;
    for &column in columns {
        let mut sorted = rows.to_vec();
        sorted.sort_by(|&a, &b| x[a][column].total_cmp(&x[b][column]));
        let mut left = 0.0;
        for (before, pair) in sorted.windows(2).enumerate() {
            left += y[pair[0]];
            let (low, high) = (x[pair[0]][column], x[pair[1]][column]);
            if low == high {
                continue;
            }
            let (n_left, n_right) = ((before + 1) as f64, (rows.len() - before - 1) as f64);
            // Least squares within is most between: the sum over children of (their sum)^2 / their rows.
            let merit = left * left / n_left + (all - left) * (all - left) / n_right;
            if most.is_none_or(|(best, _, _)| merit > best) {
                most = Some((merit, column, 0.5 * (low + high)));
            }
        }
    }
    most.map(|(_, column, threshold)| (column, threshold))
}

/// The expected improvement over `best` of a normal variable (more is better): Jones, Schonlau, Welch (1998), equation 15.
pub fn expected_improvement(mean: f64, variance: f64, best: f64) -> f64 {
    let deviation = variance.sqrt();
    if deviation <= 0.0 {
        return (mean - best).max(0.0);
    }
    let z = (mean - best) / deviation;
    let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (mean - best) * below(z) + deviation * density
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(point: &[f64]) -> f64 {
        -(point[0] - 0.7).powi(2) - 0.5 * (point[1] - 0.2).powi(2) - if point[2] > 0.5 { 0.2 } else { 0.0 }
    }

    fn draw(random: &mut Mt19937) -> Vec<f64> {
        (0..4).map(|_| random.next_f64()).collect()
    }

    fn best_after(trials: usize, seed: u32, guided: bool) -> f64 {
        let mut random = Mt19937::new(seed);
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for i in 0..trials {
            let mut next = draw(&mut random);
            if guided && i >= 10 {
                let surrogate = Surrogate::fit(&x, &y, &mut random);
                let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let mut most = f64::NEG_INFINITY;
                for _ in 0..200 {
                    let point = draw(&mut random);
                    let (mean, variance) = surrogate.predict(&point);
                    let promise = expected_improvement(mean, variance, best);
                    if promise > most {
                        (most, next) = (promise, point);
                    }
                }
            }
            y.push(value(&next));
            x.push(next);
        }
        y.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn guided_trials_find_more_than_random_ones() {
        let mean = |guided| (0..15).map(|seed| best_after(45, seed, guided)).sum::<f64>() / 15.0;
        let (guided, random) = (mean(true), mean(false));
        assert!(guided > 0.6 * random, "{guided} against {random}");
    }

    #[test]
    fn the_forest_knows_a_step_and_is_unsure_where_trees_differ() {
        let mut random = Mt19937::new(3);
        let x: Vec<Vec<f64>> = (0..200).map(|_| draw(&mut random)).collect();
        let y: Vec<f64> = x.iter().map(|point| if point[1] > 0.4 { 5.0 } else { -1.0 }).collect();
        let surrogate = Surrogate::fit(&x, &y, &mut random);
        assert!((surrogate.predict(&[0.5, 0.9, 0.5, 0.5]).0 - 5.0).abs() < 1e-9);
        assert!((surrogate.predict(&[0.5, 0.1, 0.5, 0.5]).0 + 1.0).abs() < 1e-9);
        let noisy: Vec<f64> = (0..200).map(|_| random.next_f64()).collect();
        assert!(Surrogate::fit(&x, &noisy, &mut random).predict(&x[0]).1 > 1e-4);
    }

    #[test]
    fn expected_improvement_is_the_mean_of_what_exceeds_the_best() {
        let (mean, deviation, best) = (0.3, 0.8, 0.9);
        let steps = 200_000;
        let naive: f64 = (0..steps)
            .map(|i| {
                let z = -8.0 + 16.0 * (f64::from(i) + 0.5) / f64::from(steps);
                let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
                f64::max(mean + deviation * z - best, 0.0) * density * 16.0 / f64::from(steps)
            })
            .sum();
        assert!((expected_improvement(mean, deviation * deviation, best) - naive).abs() < 1e-7);
        assert_eq!(expected_improvement(2.0, 0.0, 1.5), 0.5);
        assert_eq!(expected_improvement(1.0, 0.0, 1.5), 0.0);
    }
}
