//! What a reliability line looks like where every score is the probability that it claims to be.

use std::ops::Range;

use rayon::prelude::*;

use super::coarse::{Group, groups};
use crate::analyze::statistics::binomial::binomial;
use crate::analyze::statistics::quantile;
use crate::numeric::mt19937::Mt19937;
use crate::numeric::rising::{self, Block};
use crate::seed::{Purpose, derive};

/// Draws of labels.
const DRAWS: usize = 1_000;
/// How many positives are expected at most where each is drawn by itself.
const SINGLE: f64 = 10_000.0;

/// Ascending scores, and how labels are drawn by them.
pub(super) struct Claimed<'a> {
    score: &'a [f64],
    /// The first row of each distinct score, ascending.
    starts: Vec<usize>,
    /// Rows whose scores are within a factor of two of each other, without those of score 0, which are never positive.
    stretches: Vec<Range<usize>>,
    /// What is drawn together where many positives are expected: each by itself would take minutes.
    groups: Option<Vec<Group>>,
}

impl<'a> Claimed<'a> {
    /// Of scores between 0 and 1 in ascending order.
    pub fn new(score: &'a [f64]) -> Self {
        let starts: Vec<usize> = (0..score.len()).filter(|&row| row == 0 || score[row] != score[row - 1]).collect();
        let mut stretches = Vec::new();
        let mut first = score.partition_point(|s| *s <= 0.0);
        while first < score.len() {
            let end = score.partition_point(|s| *s <= 2.0 * score[first]);
            stretches.push(first..end);
            first = end;
        }
        let groups = (score.iter().sum::<f64>() > SINGLE).then(|| groups(score, &starts));
        Claimed { score, starts, stretches, groups }
    }

    /// For each of the rows `at`, where `level` of the regression's values lie if labels are drawn by the scores. The same on any
    /// number of threads.
    pub fn band(&self, at: &[usize], level: f64, key: &str, seed: u64) -> Vec<(f64, f64)> {
        let draw = |i: usize| -> Vec<f64> {
            let mut random = Mt19937::new(derive(seed, Purpose::Bootstrap, &format!("calibration|{key}|{i}")) as u32);
            let blocks = match &self.groups {
                Some(groups) => regress_groups(groups, &mut random),
                None => self.regress(&self.draw(&mut random)),
            };
            at.iter().map(|row| value(&blocks, *row)).collect()
        };
        let draws: Vec<Vec<f64>> = (0..DRAWS).into_par_iter().map(draw).collect();
        let tail = (1.0 - level) / 2.0;
        let of = |place: usize| {
            let mut values: Vec<f64> = draws.iter().map(|draw| draw[place]).collect();
            values.sort_by(f64::total_cmp);
            quantile(&values, tail).zip(quantile(&values, 1.0 - tail)).unwrap_or((0.0, 1.0))
        };
        (0..at.len()).map(of).collect()
    }

    /// The rows that come out positive, ascending. Within a stretch rows are met with the largest of its probabilities, the others
    /// skipped at once (geometric gaps), and a met row is positive in proportion: as many steps as about twice the positives.
    fn draw(&self, random: &mut Mt19937) -> Vec<usize> {
        let mut positive = Vec::new();
        for Range { start, end } in &self.stretches {
            let most = self.score[end - 1];
            let mut row = *start;
            while row < *end {
                let skipped = match most < 1.0 {
                    true => ((1.0 - random.next_f64()).ln() / (-most).ln_1p()).floor(),
                    false => 0.0,
                };
                if skipped >= (end - row) as f64 {
                    break;
                }
                row += skipped as usize;
                if random.next_f64() * most < self.score[row] {
                    positive.push(row);
                }
                row += 1;
            }
        }
        positive
    }

    /// The regression of labels of which these rows are positive.
    fn regress(&self, positive: &[usize]) -> Vec<Block> {
        let mut groups = Vec::with_capacity(2 * positive.len() + 1);
        let mut done = 0;
        let group = |row: usize| self.starts.partition_point(|start| *start <= row) - 1;
        for rows in positive.chunk_by(|a, b| self.score[*a] == self.score[*b]) {
            let at = group(rows[0]);
            let end = self.starts.get(at + 1).copied().unwrap_or(self.score.len());
            groups.extend([(self.starts[at] - done, 0), (end - self.starts[at], rows.len())]);
            done = end;
        }
        groups.push((self.score.len() - done, 0));
        rising::blocks(groups.into_iter())
    }
}

/// The regression of labels that are drawn by the group. Their number has the mean that single rows would give it, and a variance that is
/// larger by what the group's scores differ, which is next to nothing.
fn regress_groups(groups: &[Group], random: &mut Mt19937) -> Vec<Block> {
    rising::blocks(groups.iter().map(|of| (of.rows, binomial(random, of.rows as u64, of.share) as usize)))
}

/// The regression's value at a row.
fn value(blocks: &[Block], row: usize) -> f64 {
    let at = blocks.partition_point(|block| block.first <= row);
    at.checked_sub(1).map_or(0.0, |at| blocks[at].share())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of many sizes, with ties, zeros and ones.
    fn scores() -> Vec<f64> {
        let mut all: Vec<f64> = (0..3_000).map(|i| 10_f64.powf(-4.0 * f64::from(i) / 3_000.0) * 0.7).collect();
        all.extend([0.0; 40]);
        all.extend([0.25; 60]);
        all.extend([1.0; 3]);
        all.sort_by(f64::total_cmp);
        all
    }

    #[test]
    fn every_row_is_positive_as_often_as_its_score_says() {
        let score = scores();
        let claimed = Claimed::new(&score);
        let mut random = Mt19937::new(5);
        let mut counts = vec![0_u32; score.len()];
        for _ in 0..2_000 {
            let drawn = claimed.draw(&mut random);
            assert!(drawn.is_sorted());
            drawn.iter().for_each(|row| counts[*row] += 1);
        }
        let squares: f64 = score
            .iter()
            .zip(&counts)
            .filter(|(p, _)| **p > 0.0 && **p < 1.0)
            .map(|(p, n)| (f64::from(*n) - 2_000.0 * p).powi(2) / (2_000.0 * p * (1.0 - p)))
            .sum();
        // Chi-squared of 3,060 degrees of freedom: mean 3,060, standard deviation 78.
        assert!((squares - 3_060.0).abs() < 350.0, "{squares}");
        assert!(score.iter().zip(&counts).all(|(p, n)| *p > 0.0 || *n == 0));
        assert!(score.iter().zip(&counts).all(|(p, n)| *p < 1.0 || *n == 2_000));
    }

    #[test]
    fn the_short_way_is_the_regression_of_all_rows() {
        let score = scores();
        let claimed = Claimed::new(&score);
        let mut random = Mt19937::new(6);
        for _ in 0..20 {
            let drawn = claimed.draw(&mut random);
            let mut y = vec![0_usize; score.len()];
            drawn.iter().for_each(|row| y[*row] = 1);
            let rows: Vec<usize> = (0..score.len()).collect();
            let groups = rows.chunk_by(|a, b| score[*a] == score[*b]);
            let whole = rising::blocks(groups.map(|rows| (rows.len(), rows.iter().map(|row| y[*row]).sum())));
            assert_eq!(claimed.regress(&drawn), whole);
        }
    }

    #[test]
    fn many_positives_are_drawn_together_and_few_are_not() {
        // 20,001 rows of 1/2 have 10,000.5 positives.
        let score = vec![0.5; 20_001];
        assert_eq!(Claimed::new(&score).groups, Some(vec![Group { rows: 20_001, share: 0.5 }]));
        assert_eq!(Claimed::new(&score[1..]).groups, None);
    }

    #[test]
    fn drawn_together_they_have_the_band_of_single_rows() {
        // Scores that rise evenly, and ones of which nearly all are near 0 or near 1.
        let even: Vec<f64> = (0..6_000).map(|i| (f64::from(i) + 0.5) / 6_000.0).collect();
        let steep: Vec<f64> = even.iter().map(|s| 1.0 / (1.0 + (-40.0 * (s - 0.5)).exp())).collect();
        for score in [even, steep] {
            let single = Claimed::new(&score);
            let together = Claimed { groups: Some(groups(&score, &single.starts)), ..Claimed::new(&score) };
            assert!(together.groups.as_ref().is_some_and(|groups| groups.len() < 3_000));
            let at: Vec<usize> = (0..=40).map(|i| i * 5_999 / 40).collect();
            // Means over bands of 1,000 draws each, whose ends vary by about a twentieth of the width.
            let [one, other] = [single, together].map(|claimed| {
                let bands: Vec<_> = (0..8).map(|seed| claimed.band(&at, 0.95, "both", seed)).collect();
                let mean =
                    |of: fn(&(f64, f64)) -> f64, nth: usize| bands.iter().map(|band| of(&band[nth])).sum::<f64>() / 8.0;
                (0..at.len()).map(|nth| (mean(|ends| ends.0, nth), mean(|ends| ends.1, nth))).collect::<Vec<_>>()
            });
            // By the width there; where hardly ever a label is drawn, an end is that of single draws.
            let apart = one.iter().zip(&other).filter(|((low, high), _)| high - low > 1e-3).map(|(one, other)| {
                let width = one.1 - one.0;
                ((other.0 - one.0) / width, (other.1 - one.1) / width)
            });
            let apart: Vec<(f64, f64)> = apart.collect();
            let n = apart.len() as f64;
            let mean = |of: fn(&(f64, f64)) -> f64| apart.iter().map(of).sum::<f64>() / n;
            let (low, high) = (mean(|ends| ends.0), mean(|ends| ends.1));
            assert!(n > 10.0 && low.abs() < 0.05 && high.abs() < 0.05, "{n} {low} {high}");
            assert!(apart.iter().all(|(low, high)| low.abs() < 0.25 && high.abs() < 0.25), "{apart:?}");
        }
    }
}
