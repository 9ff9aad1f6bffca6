//! The interval of a share of independent trials.

/// The 95% interval of a share of `hits` in `all` independent trials, by Wilson (1927); none without trials.
pub fn wilson(hits: u64, all: u64) -> Option<(f64, f64)> {
    // The standard normal's quantile at 0.975.
    let z = 1.959_963_984_540_054_f64;
    let n = all as f64;
    let share = hits as f64 / n;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let reach = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // At its ends the formula gives 0 and 1 but for rounding.
    let low = if hits == 0 { 0.0 } else { middle - reach };
    let high = if hits == all { 1.0 } else { middle + reach };
    (all > 0).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_ends_are_where_the_share_is_1_96_errors_away() {
        for (hits, all) in [(108, 142), (3, 40), (39, 40)] {
            let share = f64::from(hits) / f64::from(all);
            let (low, high) = wilson(hits as u64, all as u64).unwrap();
            assert!(low < share && share < high);
            for end in [low, high] {
                let error = (end * (1.0 - end) / f64::from(all)).sqrt();
                assert!(((share - end).abs() / error - 1.959_964).abs() < 1e-5, "{hits}/{all}: {end}");
            }
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(0, 9).unwrap().0, 0.0);
        assert_eq!(wilson(9, 9).unwrap().1, 1.0);
    }
}
