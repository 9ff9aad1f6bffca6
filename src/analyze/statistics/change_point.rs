//! Change points of a series: where its mean changed, and how sure that is.
//!
//! Circular binary segmentation (Olshen, Venkatraman, Lucito and Wigler 2004): of all stretches of the series, the one whose mean differs most from the rest's, by the
//! variation that the two means explain. A stretch that reaches an end is one change, any other is two, so that a series that fell and recovered is seen as well as one that
//! stayed down. The statistic's law without a change is that of the same values in other orders: p is the share of permutations with a statistic at least as large, as in the
//! E-divisive method (Matteson and James 2014) by which MongoDB and Hunter (Fleming et al. 2023) watch benchmarks. Each part of a series that was cut is looked at again.

use crate::numeric::mt19937::Mt19937;

/// A part of a series has so many values at least: one night alone is never a change.
const SHORTEST: usize = 2;

/// One change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// The place of the first value after it.
    pub at: usize,
    /// Its p-value among all orders of the part of the series in which it was found.
    pub p: f64,
}

/// The changes of a series, in order; `alpha` is for the whole series, `permutations` the orders that are drawn for each part.
///
/// A change counts where its p-value is at most `alpha`, and where the means on its two sides differ by more than `least`.
pub fn change_points(values: &[f64], alpha: f64, least: f64, permutations: usize, seed: u32) -> Vec<ChangePoint> {
    let mut found = Vec::new();
    let mut parts = vec![(0, values.len())];
    let mut random = Mt19937::new(seed);
    while let Some((from, to)) = parts.pop() {
        let part = &values[from..to];
        // What no order of so few values could tell is not left to the draws.
        if least_p(part.len()) > alpha {
            continue;
        }
        let Some(stretch) = strangest(part) else { continue };
        let p = p_of(part, stretch.explained, (alpha, permutations), &mut random);
        let inside = &part[stretch.from..stretch.to];
        let rest = [&part[..stretch.from], &part[stretch.to..]].concat();
        if p > alpha || (mean(inside) - mean(&rest)).abs() <= least {
            continue;
        }
        let cuts: Vec<usize> = [stretch.from, stretch.to].into_iter().filter(|&at| at > 0 && at < part.len()).collect();
        found.extend(cuts.iter().map(|at| ChangePoint { at: from + at, p }));
        let ends: Vec<usize> = [0].into_iter().chain(cuts).chain([part.len()]).collect();
        // The earliest part is looked at first.
        parts.extend(ends.windows(2).rev().map(|ends| (from + ends[0], from + ends[1])));
    }
    found.sort_by_key(|change| change.at);
    found
}

/// The least number of values of which a change can be told at `alpha`.
pub fn enough(alpha: f64) -> usize {
    (2 * SHORTEST..).find(|n| least_p(*n) <= alpha).unwrap_or(usize::MAX)
}

/// The least p-value that `n` values can have, however far apart they are.
///
/// That is where one half lies wholly above the other. Of the `n` over `n / 2` ways to place a half, one in which it (or the other
/// half) is a stretch by itself explains as much: the two halves of the series, and stretches that reach no end.
fn least_p(n: usize) -> f64 {
    if n < 2 * SHORTEST {
        return 1.0;
    }
    let half = n / 2;
    // A stretch of `length` values with at least SHORTEST on either side of it.
    let inner = |length: usize| (n + 1).saturating_sub(length + 2 * SHORTEST);
    let ways = (1..=half).fold(1.0, |ways, i| ways * (n - half + i) as f64 / i as f64);
    (2 + inner(half) + inner(n - half)) as f64 / ways
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Neighbouring values, and how much of the series' variation it explains to give them a mean of their own.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: usize,
    to: usize,
    explained: f64,
}

/// The stretch that explains most; none where the series is too short, or all its values are equal. What lies before, in and after it is at least
/// [`SHORTEST`] long each, or empty.
fn strangest(values: &[f64]) -> Option<Stretch> {
    let n = values.len();
    let (whole, least) = (mean(values), values.iter().copied().fold(f64::INFINITY, f64::min));
    let spread = values.iter().map(|value| (value - least).abs()).fold(0.0, f64::max);
    // What rounding leaves is no change.
    if n < 2 * SHORTEST || spread <= 1e-12 * least.abs().max(1e-2) {
        return None;
    }
    let mut sums = vec![0.0];
    sums.extend(values.iter().scan(0.0, |sum, value| {
        *sum += value - whole;
        Some(*sum)
    }));
    let mut best: Option<Stretch> = None;
    for from in (0..n).filter(|&from| from == 0 || from >= SHORTEST) {
        // A stretch from the beginning to an inner cut is that from there to the end.
        let inner = from + SHORTEST..=n - SHORTEST;
        for to in inner.filter(|_| from > 0).chain([n]).filter(|&to| to >= from + SHORTEST && to - from <= n - SHORTEST)
        {
            let (sum, length) = (sums[to] - sums[from], (to - from) as f64);
            let explained = sum * sum * n as f64 / (length * (n as f64 - length));
            if best.is_none_or(|best| explained > best.explained) {
                best = Some(Stretch { from, to, explained });
            }
        }
    }
    best
}

/// The share of orders whose strangest stretch explains as much, this order among them. No more are drawn once it is beyond `alpha`.
fn p_of(values: &[f64], explained: f64, (alpha, permutations): (f64, usize), random: &mut Mt19937) -> f64 {
    let mut order = values.to_vec();
    let mut reached = 1;
    for drawn in 1..=permutations {
        random.shuffle(&mut order);
        // Sums in another order differ by rounding.
        reached += usize::from(strangest(&order).is_some_and(|other| other.explained >= explained * (1.0 - 1e-9)));
        if reached as f64 > alpha * (permutations + 1) as f64 {
            return reached as f64 / (drawn + 1) as f64;
        }
    }
    reached as f64 / (permutations + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::legacy::Legacy;

    fn noise(n: usize, seed: u32) -> Vec<f64> {
        let mut random = Mt19937::new(seed);
        let mut draws = Legacy::new(&mut random);
        (0..n).map(|_| draws.normal()).collect()
    }

    fn of(values: &[f64]) -> Vec<usize> {
        change_points(values, 0.01, 0.1, 999, 1).into_iter().map(|change| change.at).collect()
    }

    #[test]
    fn steps_are_found_where_they_are() {
        let mut one = noise(30, 1);
        one[20..].iter_mut().for_each(|value| *value += 4.0);
        assert_eq!(of(&one), [20]);
        let mut two = noise(40, 2);
        two[12..25].iter_mut().for_each(|value| *value -= 5.0);
        assert_eq!(of(&two), [12, 25]);
        // Without noise, and too small to matter.
        let step = |by: f64| (0..20).map(|i| if i < 14 { 0.5 } else { 0.5 + by }).collect::<Vec<f64>>();
        assert_eq!((of(&step(0.2)), of(&step(0.05))), (vec![14], vec![]));
    }

    #[test]
    fn nothing_is_found_in_constants_short_series_and_one_odd_night() {
        assert!(of(&[0.7; 30]).is_empty() && of(&[0.0, 0.0, 9.0]).is_empty() && of(&[]).is_empty());
        let mut spike = noise(30, 3);
        spike[29] = -8.0;
        assert!(of(&spike).is_empty());
    }

    #[test]
    fn the_least_p_is_that_of_all_orders_of_the_clearest_series() {
        for n in 4..=12_usize {
            // Every way to have `ones` ones among n values; of each number the share of ways that explain as much as the best.
            let share = |ones: u32| {
                let ways = (0_u32..1 << n).filter(|way| way.count_ones() == ones);
                let of = |way: u32| (0..n).map(|i| f64::from(way >> i & 1)).collect::<Vec<f64>>();
                let explained: Vec<f64> =
                    ways.map(|way| strangest(&of(way)).map_or(0.0, |found| found.explained)).collect();
                let most = explained.iter().copied().fold(0.0, f64::max);
                explained.iter().filter(|one| **one >= most * (1.0 - 1e-9)).count() as f64 / explained.len() as f64
            };
            let least = (2..=n as u32 - 2).map(share).fold(1.0, f64::min);
            assert!((least_p(n) - least).abs() < 1e-12, "{n}: {} {least}", least_p(n));
        }
        // 2 of 6, 2 of 20, 4 of 70, 5 of 126, 11 of 6,435.
        let wanted = [(4, 2.0 / 6.0), (6, 0.1), (8, 4.0 / 70.0), (9, 5.0 / 126.0), (15, 11.0 / 6_435.0)];
        assert!(wanted.iter().all(|(n, p)| (least_p(*n) - p).abs() < 1e-12));
        assert_eq!((least_p(0), least_p(3), least_p(5_000)), (1.0, 1.0, 0.0));
    }

    #[test]
    fn a_change_can_be_told_from_so_many_values_on() {
        // 8 values: 4 of 70; 11: 7 of 462; 14: 10 of 3,432.
        let wanted = [(0.4, 4), (0.05, 9), (0.01, 12), (0.05 / 18.0, 15)];
        assert_eq!(wanted.map(|(alpha, _)| enough(alpha)), wanted.map(|(_, n)| n));
        let step = |n: usize| (0..n).map(|i| if i < n / 2 { 0.9 } else { 0.1 }).collect::<Vec<f64>>();
        for seed in 0..20 {
            let found = |n: usize| change_points(&step(n), 0.05, 0.01, 1_999, seed).len();
            // 4 of 70 orders are more than 5%, and 6 of 252 clearly less.
            assert_eq!((found(8), found(10)), (0, 1), "{seed}");
        }
    }

    #[test]
    fn false_alarms_are_as_rare_as_asked() {
        let found = |seed: u32| !change_points(&noise(30, seed + 100), 0.05, 0.0, 199, seed).is_empty();
        let alarms = (0..400).filter(|&seed| found(seed)).count();
        // Binomial with 400 draws and 0.05: 20, standard deviation 4.4.
        assert!((8..=33).contains(&alarms), "{alarms}");
    }
}
