//! Neighbouring rows whose labels can be drawn together: what their order does to an isotonic regression is far below the noise of their
//! labels.

/// How many times fewer rows a group has than the regression would pool around it. By the measure of the tests the band is the same.
const FINENESS: usize = 32;

/// Neighbouring rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Group {
    pub rows: usize,
    /// The mean of their scores.
    pub share: f64,
}

/// The groups of ascending scores, of which `starts` are the first rows of each distinct one; rows of one score are of one group.
///
/// As many rows are pooled by the regression as can have the scores that they have and still be taken for equal, by their labels: `k` rows
/// over which the score rises by `d` with `k d^2 <= p (1 - p)`. Beside a jump and at both ends these are few, and groups are single
/// scores. By Hölder's inequality there are fewer than `2.2 FINENESS n^(1/3)` groups where scores rise evenly or not, and some at jumps.
pub(super) fn groups(score: &[f64], starts: &[usize]) -> Vec<Group> {
    let end = |at: usize| starts.get(at).copied().unwrap_or(score.len());
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(&first) = starts.get(at) {
        let room = pooled(score, first) / FINENESS;
        at += 1;
        while at < starts.len() && end(at + 1) - first <= room {
            at += 1;
        }
        let of = &score[first..end(at)];
        // The mean of equal scores could be rounded.
        let share = if of[0] == of[of.len() - 1] { of[0] } else { of.iter().sum::<f64>() / of.len() as f64 };
        groups.push(Group { rows: of.len(), share });
    }
    groups
}

/// To how many rows before and behind this one it can be pooled, whichever are fewer.
fn pooled(score: &[f64], row: usize) -> usize {
    let own = score[row];
    let noise = own * (1.0 - own);
    let is_pooled = |k: usize, other: f64| k as f64 * (other - own).powi(2) <= noise;
    let behind = most(score.len() - 1 - row, |k| is_pooled(k, score[row + k]));
    most(behind.min(row), |k| is_pooled(k, score[row - k]))
}

/// The largest number up to `limit` that fits, where 0 does, and what is less than one that fits.
fn most(limit: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, limit);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(score: &[f64]) -> Vec<Group> {
        let starts: Vec<usize> = (0..score.len()).filter(|&row| row == 0 || score[row] != score[row - 1]).collect();
        groups(score, &starts)
    }

    #[test]
    fn rows_of_one_score_stay_together_and_ends_and_jumps_are_single() {
        // Two flat stretches of 640 rows each, and ties.
        let stretch = |p: f64| (0..640).map(move |i| p + f64::from(i) * 1e-9);
        let score: Vec<f64> = [0.0; 5].into_iter().chain(stretch(0.2)).chain(stretch(0.7)).chain([1.0; 3]).collect();
        let found = of(&score);
        assert_eq!(found.iter().map(|group| group.rows).sum::<usize>(), 1_288);
        assert_eq!((found[0], found[found.len() - 1]), (Group { rows: 5, share: 0.0 }, Group { rows: 3, share: 1.0 }));
        let firsts = found.iter().scan(0, |first, group| {
            *first += group.rows;
            Some((*first - group.rows, group.rows))
        });
        let largest_within = |from: usize, to: usize| {
            let within = firsts.clone().filter(|(first, _)| (from..to).contains(first));
            within.map(|(_, rows)| rows).max()
        };
        // Fewer than 64 rows before a row or behind it: a group of two would be more than a 32nd of them.
        assert_eq!([(5, 68), (582, 708), (1_222, 1_285)].map(|(from, to)| largest_within(from, to)), [Some(1); 3]);
        // 320 rows from both ends: ten.
        assert_eq!([(5, 645), (645, 1_285)].map(|(from, to)| largest_within(from, to)), [Some(9); 2]);
    }

    #[test]
    fn groups_grow_with_the_cube_root_of_the_rows() {
        let even = |n: u32| of(&(0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).collect::<Vec<f64>>()).len();
        // 2.2 * 32 * 100, and half of that for an eighth of the rows.
        let (whole, eighth) = (even(1_000_000), even(125_000));
        assert!((3_000..7_040).contains(&whole) && (1_500..3_520).contains(&eighth), "{whole} {eighth}");
    }
}
