//! Test rows as every metric of labels and ranks sees them: how many there are of each kind. A bootstrap over counts does not
//! touch the rows again.

use super::binomial::binomial;
use crate::component::Prediction;
use crate::metric::{Confusion, Ranks, Scored, Step};
use crate::numeric::mt19937::Mt19937;

/// Distinct scores of positives up to which every one is drawn by itself.
const SINGLE: usize = 10_000;
/// How many times fewer rows of a class are drawn as one than the standard deviation of their rank among that class.
const FINENESS: u64 = 4;

/// The rows of a class by their place among the positives' distinct scores and by their label.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// The positives' distinct scores, largest first.
    scores: Vec<f64>,
    positives: Vec<Cell>,
    negatives: Vec<Cell>,
}

/// Rows of one class that no metric of labels and ranks can tell apart.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    /// `2 s + 1` for rows tied with the score `s`, `2 s` for those between it and the next larger one.
    place: usize,
    label: u8,
    rows: u64,
}

impl Counts {
    /// Counts rows; `y` and the labels hold 0 or 1. None where a score is not finite.
    pub fn of(y: &[u8], prediction: &Prediction) -> Option<Self> {
        if prediction.score.iter().any(|score| !score.is_finite()) {
            return None;
        }
        let mut scores: Vec<f64> =
            y.iter().zip(&prediction.score).filter(|(y, _)| **y == 1).map(|(_, score)| *score).collect();
        scores.sort_unstable_by(|a, b| b.total_cmp(a));
        // By ==, for which -0 and 0 are one score, as they are for the metrics.
        scores.dedup_by(|a, b| a == b);
        let places = 2 * scores.len() + 1;
        let mut counts = Counts { scores, positives: Vec::new(), negatives: Vec::new() };
        let mut rows = [vec![[0_u64; 2]; places], vec![[0; 2]; places]];
        for ((&y, &score), &label) in y.iter().zip(&prediction.score).zip(&prediction.label) {
            rows[usize::from(y)][counts.place(score)][usize::from(label)] += 1;
        }
        let [negatives, positives] = rows.map(|rows| filled(&rows));
        (counts.positives, counts.negatives) = (positives, negatives);
        Some(counts)
    }

    /// The rows as they are.
    pub fn whole(&self) -> Scored<'static> {
        self.scored(&rows(&self.positives), &rows(&self.negatives))
    }

    /// As many positives and negatives as there are, drawn with replacement: the number of rows of each kind is multinomial,
    /// which is what drawing row by row comes to.
    pub fn resample(&self, random: &mut Mt19937) -> Scored<'static> {
        let [positives, negatives] = [&self.positives, &self.negatives].map(|cells| multinomial(random, &rows(cells)));
        self.scored(&positives, &negatives)
    }

    /// The same rows with neighbouring scores taken for one, where positives have so many distinct scores that resamples of all would
    /// take minutes; none where they have not.
    ///
    /// With `m` rows of a class above, the rank of the next one varies by about `sqrt(m)` rows between resamples. What is taken for one is at
    /// most a quarter of that, in both classes and from either end, so that it adds less than 1% to a variance; single scores where `m` is
    /// small. For `n` rows of a class there are about `11 sqrt(n)` of them.
    pub fn coarse(&self) -> Option<Self> {
        (self.scores.len() > SINGLE).then(|| self.joined(&self.joints()))
    }

    /// For each of the positives' distinct scores the number of the one that it is taken for, ascending without gaps.
    fn joints(&self) -> Vec<usize> {
        // Rows of each class in front of a score and on it, and those on it alone.
        let steps = self.scores.len();
        let (mut between, mut on) = (vec![[0_u64; 2]; steps + 1], vec![[0_u64; 2]; steps]);
        for (class, cells) in [&self.negatives, &self.positives].into_iter().enumerate() {
            for cell in cells {
                let of = if cell.place % 2 == 1 { &mut on } else { &mut between };
                of[cell.place / 2][class] += cell.rows;
            }
        }
        let total = [&self.negatives, &self.positives].map(|cells| rows(cells).iter().sum::<u64>());
        let mut joints = Vec::with_capacity(steps);
        // What lies above the group, and what is in it.
        let (mut above, mut size, mut group) = ([0; 2], [0; 2], 0);
        for step in 0..steps {
            let grown: [u64; 2] = std::array::from_fn(|of| size[of] + between[step][of] + on[step][of]);
            let fits =
                (0..2).all(|of| (FINENESS * grown[of]).pow(2) <= above[of].min(total[of] - above[of] - grown[of]));
            if step > 0 && fits {
                size = grown;
            } else {
                group += usize::from(step > 0);
                above = std::array::from_fn(|of| above[of] + size[of] + between[step][of]);
                size = on[step];
            }
            joints.push(group);
        }
        joints
    }

    /// With the scores of one number taken for one, the largest of them, and what lies between them for tied with it.
    fn joined(&self, joints: &[usize]) -> Self {
        let last = joints.last().map_or(0, |group| group + 1);
        let place = |place: usize| {
            let step = place / 2;
            let group = joints.get(step).copied().unwrap_or(last);
            let is_within = step > 0 && joints[step - 1] == group;
            2 * group + usize::from(place % 2 == 1 || is_within)
        };
        let cells = |cells: &[Cell]| {
            let mut rows = vec![[0_u64; 2]; 2 * last + 1];
            cells.iter().for_each(|cell| rows[place(cell.place)][usize::from(cell.label)] += cell.rows);
            filled(&rows)
        };
        let firsts = (0..joints.len()).filter(|&step| step == 0 || joints[step - 1] != joints[step]);
        Counts {
            scores: firsts.map(|step| self.scores[step]).collect(),
            positives: cells(&self.positives),
            negatives: cells(&self.negatives),
        }
    }

    /// The kind of each of the rows that were counted: its class, and its place among that class's kinds.
    pub fn kinds(&self, y: &[u8], prediction: &Prediction) -> Vec<(u8, usize)> {
        let of = |((&y, &score), &label): ((&u8, &f64), &u8)| {
            let place = self.place(score);
            let cells = if y == 1 { &self.positives } else { &self.negatives };
            (y, cells.partition_point(|cell| (cell.place, cell.label) < (place, label)))
        };
        y.iter().zip(&prediction.score).zip(&prediction.label).map(of).collect()
    }

    /// These rows, which may repeat, by the kinds of all rows.
    pub fn drawn(&self, kinds: &[(u8, usize)], rows: &[usize]) -> Scored<'static> {
        let mut counted = [vec![0; self.negatives.len()], vec![0; self.positives.len()]];
        for &row in rows {
            let (class, kind) = kinds[row];
            counted[usize::from(class)][kind] += 1;
        }
        let [negatives, positives] = counted;
        self.scored(&positives, &negatives)
    }

    /// `2 s + 1` for a score that is tied with the positives' `s`-th, `2 s` for one between it and the next larger one.
    fn place(&self, score: f64) -> usize {
        let step = self.scores.partition_point(|&value| value > score);
        2 * step + usize::from(self.scores.get(step) == Some(&score))
    }

    /// What metrics read, for so many rows of each cell.
    fn scored(&self, positives: &[u64], negatives: &[u64]) -> Scored<'static> {
        let steps = self.scores.len();
        let (mut found, mut above, mut tied) = (vec![0; steps], vec![0; steps + 1], vec![0; steps]);
        let mut confusion = Confusion { tp: 0, fp: 0, fn_: 0, tn: 0 };
        for (cell, &rows) in self.positives.iter().zip(positives) {
            found[cell.place / 2] += rows;
            *if cell.label == 1 { &mut confusion.tp } else { &mut confusion.fn_ } += rows;
        }
        for (cell, &rows) in self.negatives.iter().zip(negatives) {
            let of = if cell.place % 2 == 1 { &mut tied } else { &mut above };
            of[cell.place / 2] += rows;
            *if cell.label == 1 { &mut confusion.fp } else { &mut confusion.tn } += rows;
        }
        let mut so_far = 0;
        let mut drawn = Vec::with_capacity(steps);
        for step in 0..steps {
            so_far += above[step];
            // A score of which no positive was drawn is no step; its negatives lie above the next one.
            if found[step] > 0 {
                drawn.push(Step {
                    score: self.scores[step],
                    positives: found[step],
                    negatives_tied: tied[step],
                    negatives_above: so_far,
                });
            }
            so_far += tied[step];
        }
        let ranks = Ranks { steps: drawn, positives: confusion.positives(), negatives: confusion.negatives() };
        Scored::counted(confusion, ranks)
    }
}

/// The cells that have rows, of those by place and label.
fn filled(rows: &[[u64; 2]]) -> Vec<Cell> {
    let cells = rows
        .iter()
        .enumerate()
        .flat_map(|(place, by_label)| by_label.iter().zip(0..).map(move |(&rows, label)| Cell { place, label, rows }));
    cells.filter(|cell| cell.rows > 0).collect()
}

fn rows(cells: &[Cell]) -> Vec<u64> {
    cells.iter().map(|cell| cell.rows).collect()
}

/// How often each kind comes up among as many draws as there are rows: one binomial a kind, given what is left.
fn multinomial(random: &mut Mt19937, rows: &[u64]) -> Vec<u64> {
    let mut draws: u64 = rows.iter().sum();
    let mut left = draws;
    let draw = |&rows: &u64| {
        let drawn = if rows == left { draws } else { binomial(random, draws, rows as f64 / left as f64) };
        left -= rows;
        draws -= drawn;
        drawn
    };
    rows.iter().map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::ScoreKind;
    use crate::metric::{CATALOGUE, Metric, Need};

    /// Scores with many ties, -0 beside 0, and labels that do not follow them.
    fn example(seed: u32, rows: usize) -> (Vec<u8>, Prediction) {
        let mut random = Mt19937::new(seed);
        let y: Vec<u8> = (0..rows).map(|i| u8::from(i % 5 == 1)).collect();
        let mut draw = |y: &u8| (random.randint(-3, 7) as f64 + 2.0 * f64::from(*y)) / 10.0;
        let mut score: Vec<f64> = y.iter().map(&mut draw).collect();
        score.iter_mut().filter(|s| **s == 0.0).step_by(2).for_each(|s| *s = -0.0);
        let label = score.iter().enumerate().map(|(i, s)| u8::from(*s > 0.3 || i % 11 == 0)).collect();
        (y, Prediction { score, label, kind: ScoreKind::Decision })
    }

    /// The cell that a row is counted in.
    fn cell(cells: &[Cell], scores: &[f64], score: f64, label: u8) -> usize {
        let place = match scores.iter().position(|s| *s == score) {
            Some(step) => 2 * step + 1,
            None => 2 * scores.iter().filter(|s| **s > score).count(),
        };
        cells.iter().position(|c| c.place == place && c.label == label).unwrap()
    }

    #[test]
    fn the_same_draws_give_the_same_value_as_drawn_rows() {
        let (y, prediction) = example(3, 60);
        let counts = Counts::of(&y, &prediction).unwrap();
        for seed in 0..40 {
            let mut random = Mt19937::new(seed);
            // Drawn without regard to class, so that some scores and even classes may be missing.
            let rows: Vec<usize> = (0..if seed < 3 { 4 } else { 60 }).map(|_| random.randint(0, 60) as usize).collect();
            let drawn_y: Vec<u8> = rows.iter().map(|&i| y[i]).collect();
            let drawn = Prediction {
                score: rows.iter().map(|&i| prediction.score[i]).collect(),
                label: rows.iter().map(|&i| prediction.label[i]).collect(),
                kind: ScoreKind::Decision,
            };
            let (mut positives, mut negatives) = (vec![0; counts.positives.len()], vec![0; counts.negatives.len()]);
            for &i in &rows {
                let (cells, into) =
                    if y[i] == 1 { (&counts.positives, &mut positives) } else { (&counts.negatives, &mut negatives) };
                into[cell(cells, &counts.scores, prediction.score[i], prediction.label[i])] += 1;
            }
            let counted = counts.scored(&positives, &negatives);
            let by_kinds = counts.drawn(&counts.kinds(&y, &prediction), &rows);
            assert_eq!((by_kinds.confusion, by_kinds.ranks()), (counted.confusion, counted.ranks()));
            let scored = Scored::new(&drawn_y, &drawn).unwrap();
            // Metrics of probabilities read single rows; an entry that takes a number in brackets has none here.
            let plain = |m: &&&Metric| m.argument.is_none() && !m.needs.contains(&Need::Probabilities);
            for metric in CATALOGUE.iter().filter(plain) {
                assert_eq!(metric.score(&counted), metric.score(&scored), "{} {seed}", metric.id);
            }
        }
    }

    #[test]
    fn scores_that_are_taken_for_one_are_those_of_tied_rows() {
        let (y, mut prediction) = example(5, 200);
        // Some negatives lie between the positives' scores.
        let negatives = prediction.score.iter_mut().zip(&y).filter(|(_, y)| **y == 0);
        negatives.step_by(3).for_each(|(score, _)| *score += 0.05);
        let counts = Counts::of(&y, &prediction).unwrap();
        let steps = counts.scores.len();
        let joints: Vec<usize> = (0..steps).map(|step| step / 3).collect();
        // Rows from the third score up to the first one have the first one's.
        let tied = |score: f64| {
            let above = counts.scores.iter().filter(|s| **s > score).count();
            let is_step = counts.scores.contains(&score);
            let is_within = above < steps && above % 3 > 0;
            if is_step || is_within { counts.scores[above / 3 * 3] } else { score }
        };
        let score = prediction.score.iter().map(|score| tied(*score)).collect();
        let wanted = Counts::of(&y, &Prediction { score, ..prediction }).unwrap();
        assert!(steps > 6 && wanted.scores.len() == steps.div_ceil(3));
        assert_eq!(counts.joined(&joints), wanted);
    }

    #[test]
    fn many_scores_are_drawn_as_fewer_and_few_are_not() {
        // Positives and negatives in turn, all scores distinct.
        let of = |positives: u32| {
            let y: Vec<u8> = (0..2 * positives).map(|i| u8::from(i % 2 == 0)).collect();
            let score = (0..2 * positives).map(|i| -f64::from(i)).collect();
            Counts::of(&y, &Prediction { score, label: y.clone(), kind: ScoreKind::Decision }).unwrap()
        };
        assert_eq!(of(10_000).coarse(), None);
        let (whole, coarse) = (of(40_000), of(40_000).coarse().unwrap());
        // The rank of row m varies by sqrt(m), so a group has sqrt(m) / 4 rows: from either end to the 20,000th about 8 sqrt(20,000)
        // of them, 2,263 in all, and somewhat more as their sizes are whole numbers.
        let steps = coarse.scores.len();
        assert!((2_263..3_400).contains(&steps), "{steps}");
        // With fewer than 64 rows above, a quarter of the root is less than two.
        assert_eq!(coarse.scores[..64], whole.scores[..64]);
        assert_eq!(coarse.whole().confusion, whole.whole().confusion);
        let largest = coarse.positives.iter().map(|cell| cell.rows).max();
        // sqrt(20,000) / 4 = 35.4.
        assert_eq!(largest, Some(35));
    }

    #[test]
    fn every_resample_has_as_many_rows_of_each_class() {
        let (y, prediction) = example(4, 90);
        let counts = Counts::of(&y, &prediction).unwrap();
        let mut random = Mt19937::new(9);
        let mut seen = Vec::new();
        for _ in 0..50 {
            let confusion = counts.resample(&mut random).confusion;
            assert_eq!((confusion.positives(), confusion.negatives()), (18, 72));
            seen.push(confusion);
        }
        assert!(seen.iter().any(|c| *c != seen[0]));
        assert_eq!(Counts::of(&[1, 0], &Prediction { score: vec![f64::NAN, 1.0], ..prediction }), None);
    }

    #[test]
    fn counts_of_kinds_are_multinomial() {
        let (rows, draws) = ([1_u64, 6, 3], 20_000);
        let mut random = Mt19937::new(2);
        let drawn: Vec<Vec<u64>> = (0..draws).map(|_| multinomial(&mut random, &rows)).collect();
        let mean = |of: &dyn Fn(&[u64]) -> f64| drawn.iter().map(|d| of(d)).sum::<f64>() / f64::from(draws);
        for (kind, &rows) in rows.iter().enumerate() {
            assert!((mean(&|d| d[kind] as f64) - rows as f64).abs() < 0.04);
        }
        // Covariance of two kinds: -n p q = -10 * 0.1 * 0.6.
        let covariance = mean(&|d| (d[0] as f64 - 1.0) * (d[1] as f64 - 6.0));
        assert!((covariance + 0.6).abs() < 0.05, "{covariance}");
    }
}
