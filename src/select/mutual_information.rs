//! The mutual information of a column and the label, by the distances to the nearest rows of the same label (Ross 2014, "Mutual
//! information between discrete and continuous data sets", <https://doi.org/10.1371/journal.pone.0087357>).

use rayon::prelude::*;

use crate::component::Train;
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;

/// What is added to each value, so that none repeats another: this much of the column's mean size.
const NOISE: f64 = 1e-10;

/// `mutual_info_classif(x, y, n_neighbors=n_neighbors, random_state=random_state)`, in nats, per column.
pub(super) fn mutual_info_classif(train: &Train<'_>, n_neighbors: usize, random_state: u32) -> Vec<f64> {
    let (x, y) = (train.x(), train.y);
    let columns = x.ncols();
    let mut random = Mt19937::new(random_state);
    let mut draws = Legacy::new(&mut random);
    let noise: Vec<f64> = (0..x.len()).map(|_| draws.normal()).collect();
    let of_column = |column: usize| {
        let values = noisy(x.column(column).to_vec(), |row| noise[row * columns + column]);
        let by_class = |class: u8| values.iter().zip(y).filter(|row| *row.1 == class).map(|row| *row.0).collect();
        of_classes([by_class(0), by_class(1)], n_neighbors)
    };
    (0..columns).into_par_iter().map(of_column).collect()
}

/// Values by their standard deviation, with noise.
fn noisy(mut values: Vec<f64>, noise: impl Fn(usize) -> f64) -> Vec<f64> {
    let rows = values.len() as f64;
    let mean = values.iter().sum::<f64>() / rows;
    let deviation = (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / rows).sqrt();
    // As in scikit-learn, a column without spread stays as it is.
    if deviation >= 10.0 * f64::EPSILON {
        values.iter_mut().for_each(|value| *value /= deviation);
    }
    let size = (values.iter().map(|value| value.abs()).sum::<f64>() / rows).max(1.0);
    values.iter_mut().enumerate().for_each(|(row, value)| *value += NOISE * size * noise(row));
    values
}

/// A class with a single row plays no part.
fn of_classes(mut classes: [Vec<f64>; 2], n_neighbors: usize) -> f64 {
    classes.iter_mut().for_each(|class| class.sort_unstable_by(f64::total_cmp));
    let part: Vec<&Vec<f64>> = classes.iter().filter(|class| class.len() > 1).collect();
    let mut all: Vec<f64> = part.iter().flat_map(|class| class.iter().copied()).collect();
    all.sort_unstable_by(f64::total_cmp);
    let rows = all.len() as f64;
    let mut information = digamma(all.len());
    for class in part {
        let near = n_neighbors.min(class.len() - 1);
        // Of few rows scikit-learn takes the distances from products, whose rounding is more than the noise.
        let nearest = if near < class.len() / 2 { nearest } else { nearest_of_few };
        let within = |at: usize| count_within(&all, class[at], below(nearest(class, at, near)));
        let counts: f64 = (0..class.len()).map(|at| digamma(within(at))).sum();
        information += (class.len() as f64 * (digamma(near) - digamma(class.len())) - counts) / rows;
    }
    information.max(0.0)
}

/// How far the `near`-th nearest of sorted values lies from the one at `at`.
fn nearest(sorted: &[f64], at: usize, near: usize) -> f64 {
    let (mut low, mut high) = (at, at);
    let mut far = 0.0;
    for _ in 0..near {
        let below = low.checked_sub(1).map_or(f64::INFINITY, |before| sorted[at] - sorted[before]);
        let above = sorted.get(high + 1).map_or(f64::INFINITY, |after| after - sorted[at]);
        if below <= above {
            (low, far) = (low.saturating_sub(1), below);
        } else {
            (high, far) = (high + 1, above);
        }
    }
    far
}

/// The same by |a|^2 - 2ab + |b|^2.
fn nearest_of_few(class: &[f64], at: usize, near: usize) -> f64 {
    let square = |other: f64| (class[at] * class[at] - 2.0 * (class[at] * other)) + other * other;
    let others = (0..class.len()).filter(|&other| other != at);
    let mut distances: Vec<f64> = others.map(|other| square(class[other]).max(0.0).sqrt()).collect();
    distances.sort_unstable_by(f64::total_cmp);
    distances[near - 1]
}

/// `numpy.nextafter(radius, 0)`.
fn below(radius: f64) -> f64 {
    if radius > 0.0 { radius.next_down() } else { 0.0 }
}

/// How many of sorted values lie no further than `radius` from `value`.
fn count_within(sorted: &[f64], value: f64, radius: f64) -> usize {
    let from = sorted.partition_point(|other| value - other > radius);
    sorted[from..].partition_point(|other| other - value <= radius)
}

/// The logarithmic derivative of the gamma function at a whole number above 0.
fn digamma(n: usize) -> f64 {
    const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
    if n <= 10 {
        return (1..n).map(|i| 1.0 / i as f64).sum::<f64>() - EULER_GAMMA;
    }
    // Its asymptotic series; the first term left out is below 1e-17.
    let x = n as f64;
    let square = 1.0 / (x * x);
    let series = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0];
    x.ln() - 0.5 / x - square * series.iter().rev().fold(0.0, |sum, term| sum * square + term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_is_scipys() {
        // scipy 1.17.1: scipy.special.digamma
        for (n, expected) in
            [(1, -0.5772156649015329), (5, 1.5061176684318003), (11, 2.3517525890667215), (400, 5.990214026274974)]
        {
            assert!((digamma(n) - expected).abs() < 1e-13, "{n}: {}", digamma(n));
        }
    }

    #[test]
    fn neighbours_and_counts_are_those_of_a_plain_search() {
        let mut random = Mt19937::new(3);
        let mut values: Vec<f64> = (0..60).map(|_| (random.next_f64() * 20.0).round() / 4.0).collect();
        values.sort_by(f64::total_cmp);
        for at in 0..values.len() {
            let mut distances: Vec<f64> = values.iter().map(|other| (other - values[at]).abs()).collect();
            for radius in [0.0, 0.5, 0.6] {
                let plain = distances.iter().filter(|distance| **distance <= radius).count();
                assert_eq!(count_within(&values, values[at], radius), plain);
            }
            distances.sort_by(f64::total_cmp);
            assert_eq!((nearest(&values, at, 1), nearest(&values, at, 7)), (distances[1], distances[7]));
        }
    }
}
