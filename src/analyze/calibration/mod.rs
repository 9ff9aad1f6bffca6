//! How well probabilities tell shares: the CORP reliability diagram of Dimitriadis, Gneiting and Jordan (2021).
//!
//! Its line is the isotonic regression of labels on scores, so that nobody chooses bins, and no bin is cut at the positives' own
//! scores, which puts positives into the upper bins and makes calibrated scores look too low.

mod band;
mod coarse;

use band::Claimed;

use super::leaderboard::LEVEL;
use super::out_of_fold::Fold;
use crate::component::ScoreKind;
use crate::metric::{CALIBRATION_ERROR, DISCRIMINATION, MISCALIBRATION, Metric, Scored};
use crate::numeric::rising::{self, Block};

/// Places of the band by the number of rows, and as many by the sum of scores: most rows have low scores, most positives high ones.
const PLACES: usize = 20;
/// One seed for all reports: the same records give the same report.
const SEED: u64 = 0;

/// Rows of neighbouring scores that have one share of positives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The least score.
    pub least: f64,
    /// The largest score.
    pub largest: f64,
    /// How many rows.
    pub rows: usize,
    /// How many of them are positive.
    pub positives: usize,
    /// The mean of their scores.
    pub mean_score: f64,
    /// Where the share of its middle row lies in 95% of the cases in which scores are probabilities.
    pub calibrated: (f64, f64),
}

impl Bin {
    /// The share of positives.
    pub fn share(&self) -> f64 {
        self.positives as f64 / self.rows as f64
    }

    /// Whether the share is one that calibrated scores could have.
    pub fn is_calibrated(&self) -> bool {
        (self.calibrated.0..=self.calibrated.1).contains(&self.share())
    }
}

/// Where the line of calibrated scores lies at a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The score.
    pub score: f64,
    /// The lower end of what 95% of the lines have there.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A pipeline's reliability.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The pieces of the line, by ascending score.
    pub bins: Vec<Bin>,
    /// The band of calibrated scores, by ascending score.
    pub band: Vec<Place>,
    /// The expected calibration error: `calibration-error(10)`, whose bins are cut at quantiles of all scores.
    pub error: f64,
    /// What recalibration takes away of the Brier score: `brier-miscalibration`.
    pub miscalibration: f64,
    /// What telling rows apart takes away of it: `brier-discrimination`.
    pub discrimination: f64,
    /// The mean of all scores.
    pub mean_score: f64,
    /// The share of positives among all rows.
    pub share: f64,
}

/// The reliability of scores between 0 and 1; none for any other. `key` names what is judged: other keys, other draws.
pub fn calibration(fold: &Fold, key: &str) -> Option<Calibration> {
    if fold.rows() == 0 || fold.score.iter().any(|s| !(0.0..=1.0).contains(s)) {
        return None;
    }
    let mut order: Vec<usize> = (0..fold.rows()).collect();
    order.sort_by(|&a, &b| fold.score[a].total_cmp(&fold.score[b]));
    let score: Vec<f64> = order.iter().map(|row| fold.score[*row]).collect();
    let positives = |rows: &[usize]| rows.iter().filter(|row| fold.positive[**row]).count();
    let groups = order.chunk_by(|a, b| fold.score[*a] == fold.score[*b]);
    let blocks = rising::blocks(groups.map(|rows| (rows.len(), positives(rows))));
    let middles: Vec<usize> = blocks.iter().map(|block| block.first + block.rows / 2).collect();
    let places = places(&score);
    let at: Vec<usize> = middles.iter().chain(&places).copied().collect();
    let mut bands = Claimed::new(&score).band(&at, LEVEL, key, SEED);
    let band = bands.split_off(middles.len());
    let rows = fold.rows() as f64;
    let [error, miscalibration, discrimination] =
        metrics(fold, [&CALIBRATION_ERROR, &MISCALIBRATION, &DISCRIMINATION])?;
    Some(Calibration {
        bins: blocks.iter().zip(bands).map(|(block, calibrated)| bin(&score, block, calibrated)).collect(),
        band: places.iter().zip(band).map(|(row, (low, high))| Place { score: score[*row], low, high }).collect(),
        error,
        miscalibration,
        discrimination,
        mean_score: score.iter().sum::<f64>() / rows,
        share: fold.positives() as f64 / rows,
    })
}

fn bin(score: &[f64], block: &Block, calibrated: (f64, f64)) -> Bin {
    let of = &score[block.first..block.first + block.rows];
    Bin {
        least: of[0],
        largest: of[of.len() - 1],
        rows: block.rows,
        positives: block.positives,
        mean_score: of.iter().sum::<f64>() / of.len() as f64,
        calibrated,
    }
}

/// Rows at which the band is drawn, one a score, ascending.
fn places(score: &[f64]) -> Vec<usize> {
    let last = score.len() - 1;
    let total: f64 = score.iter().sum();
    let mut rows: Vec<usize> = (0..=PLACES).map(|i| last * i / PLACES).collect();
    let (mut sum, mut wanted) = (0.0, 1);
    for (row, s) in score.iter().enumerate() {
        sum += s;
        while wanted < PLACES && sum >= total * wanted as f64 / PLACES as f64 {
            rows.push(row);
            wanted += 1;
        }
    }
    rows.sort_unstable();
    rows.dedup_by_key(|row| score[*row].to_bits());
    rows
}

fn metrics<const N: usize>(fold: &Fold, metrics: [&Metric; N]) -> Option<[f64; N]> {
    let (y, prediction) = fold.said(ScoreKind::Probability);
    let scored = Scored::new(&y, &prediction).ok()?;
    let values: Option<Vec<f64>> = metrics.iter().map(|metric| metric.score(&scored).value()).collect();
    values?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Sides;
    use crate::numeric::mt19937::Mt19937;

    fn fold(rows: &[(bool, f64)]) -> Fold {
        let (positive, score): (Vec<bool>, Vec<f64>) = rows.iter().copied().unzip();
        Fold { split: (0, 0), label: vec![false; rows.len()], sides: Sides::default(), positive, score }
    }

    /// Rows whose labels are drawn by their scores: about 50 positives among 20,000 rows, most scores low.
    fn calibrated(seed: u32) -> Fold {
        let mut random = Mt19937::new(seed);
        let row = |_| {
            let score = random.next_f64().powi(12) * 0.033;
            (random.next_f64() < score, score)
        };
        fold(&(0..20_000).map(row).collect::<Vec<_>>())
    }

    #[test]
    fn calibrated_scores_lie_in_their_band_at_its_rate() {
        let (mut inside, mut places, mut positives) = (0_u32, 0_u32, 0);
        for seed in 0..40 {
            let rows = calibrated(seed);
            positives += rows.positives();
            let found = calibration(&rows, "").unwrap();
            let line = |score: f64| found.bins.iter().rev().find(|bin| bin.least <= score).map_or(0.0, Bin::share);
            for place in found.band.iter().skip(1) {
                places += 1;
                inside += u32::from((place.low..=place.high).contains(&line(place.score)));
            }
        }
        assert!((40 * 30..40 * 80).contains(&positives), "{positives}");
        let share = f64::from(inside) / f64::from(places);
        assert!((0.93..0.98).contains(&share), "{share}");
    }

    #[test]
    fn scores_that_are_ten_times_too_high_leave_it() {
        let mut rows = calibrated(1);
        rows.score.iter_mut().for_each(|score| *score *= 10.0);
        let found = calibration(&rows, "").unwrap();
        let outside = found.bins.iter().filter(|bin| !bin.is_calibrated()).map(|bin| bin.rows).sum::<usize>();
        assert!(outside > 5_000, "{outside}");
        assert!(found.miscalibration > 0.0 && found.mean_score > 5.0 * found.share);
    }

    #[test]
    fn by_hand() {
        let rows = [(false, 0.1), (true, 0.2), (false, 0.3), (false, 0.4), (true, 0.5), (true, 0.9), (true, 0.9)];
        let found = calibration(&fold(&rows), "").unwrap();
        let of = |b: &Bin| (b.least, b.largest, b.rows, b.positives);
        assert_eq!(
            found.bins.iter().map(of).collect::<Vec<_>>(),
            [(0.1, 0.1, 1, 0), (0.2, 0.4, 3, 1), (0.5, 0.9, 3, 3)]
        );
        // Brier score 0.2342857: of each row (y - p)^2; the line's own is 3 rows of 1/3: 2/3 in all; the share's 12/49.
        let brier = [0.01, 0.64, 0.09, 0.16, 0.25, 0.01, 0.01].iter().sum::<f64>() / 7.0;
        assert!((found.miscalibration - (brier - 2.0 / 21.0)).abs() < 1e-12);
        assert!((found.discrimination - (12.0 / 49.0 - 2.0 / 21.0)).abs() < 1e-12);
        assert_eq!(found.share, 4.0 / 7.0);
    }

    #[test]
    fn one_score_is_one_bin_and_no_probability_is_none() {
        let same = calibration(&fold(&[[(true, 0.5); 30], [(false, 0.5); 30]].concat()), "").unwrap();
        assert_eq!((same.bins.len(), same.error, same.band.len()), (1, 0.0, 1));
        assert!(same.bins[0].is_calibrated());
        assert_eq!(calibration(&fold(&[(true, 0.5), (false, -0.1)]), ""), None);
        assert_eq!(calibration(&fold(&[(true, 1.5), (false, 0.1)]), ""), None);
        assert_eq!(calibration(&fold(&[]), ""), None);
    }
}
