//! A stratified bootstrap over predictions: how sure a metric is, as far as test rows tell.

use crate::analyze::statistics::mean::mean_and_sd;
use crate::component::Prediction;
use crate::data::Sides;
use rayon::prelude::*;

use super::counts::Counts;
use super::distribution::student_quantile;
use super::quantile;
use super::rounding::NOTHING;
use crate::error::{Error, Result};
use crate::metric::{Better, Confusion, Metric, Scored};
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};

/// An interval narrower than this share of its ends has no width but rounding.
const ROUNDING: f64 = 1e-9;

/// Test rows that are drawn together, one element a row in each.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Their true classes, 0 or 1.
    pub y: &'a [u8],
    /// What a model said of them.
    pub prediction: &'a Prediction,
    /// What the data say of them beside their features, for metrics that read it.
    pub sides: Option<&'a Sides>,
}

impl<'a> Part<'a> {
    /// Rows of which the data say no more.
    pub fn new(y: &'a [u8], prediction: &'a Prediction) -> Self {
        Part { y, prediction, sides: None }
    }

    /// As metrics read them.
    ///
    /// # Errors
    /// Those of [`Scored::new`] and [`Scored::with`].
    pub fn scored(&self) -> Result<Scored<'a>> {
        let scored = Scored::new(self.y, self.prediction)?;
        match self.sides {
            Some(sides) => scored.with(sides),
            None => Ok(scored),
        }
    }

    /// These rows of it, which may repeat: their classes, predictions and sides.
    fn drawn(&self, rows: &[usize]) -> (Vec<u8>, Prediction, Option<Sides>) {
        let prediction = Prediction {
            score: rows.iter().map(|&row| self.prediction.score[row]).collect(),
            label: rows.iter().map(|&row| self.prediction.label[row]).collect(),
            kind: self.prediction.kind,
        };
        (rows.iter().map(|&row| self.y[row]).collect(), prediction, self.sides.map(|sides| sides.select(rows)))
    }
}

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap<'a> {
    /// Resamples.
    pub resamples: usize,
    /// The share of the resamples between the two ends, such as 0.95.
    pub level: f64,
    /// Of how many pipelines this is the best; 1 for one that was named before.
    pub among: usize,
    /// Rows that are resampled for each row that a model was fitted on (Nadeau and Bengio 2003): other training rows would have made other
    /// models. 0: the interval is for these models.
    pub per_training_row: f64,
    /// The study's seed.
    pub seed: u64,
    /// What is resampled, such as a pipeline's name: other keys, other draws.
    pub key: &'a str,
}

/// An interval by resamples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Interval {
    /// Its lower end; none where no resample has a value, and where the resamples are all equal: values that are equal tell no variance.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// The ends for a pipeline that was chosen for its score: the end that choosing flatters is that of as many intervals at once
    /// (Bonferroni).
    pub chosen: Option<(f64, f64)>,
    /// Resamples with a value.
    pub defined: usize,
    /// Resamples on which the metric has none; they are left out.
    pub undefined: usize,
}

impl Bootstrap<'_> {
    /// The interval of `metric` over rows that are drawn with replacement among the positives and among the negatives, so that
    /// every resample has as many of each as there are.
    ///
    /// A metric between two limits has an interval that is symmetric by log-odds: the metric's own value and Student's t, with
    /// one degree of freedom less than the rarer class has rows, times the resamples' standard deviation. Percentiles of the resamples
    /// (Efron and Tibshirani 1993, section 13.3) are too narrow where positives are few: with ten they hold the truth in 79 to 89% of
    /// cases instead of 95. Metrics without two limits have percentiles, by linear interpolation.
    ///
    /// Resamples tell what other test rows would do. Other training rows are allowed for as in the corrected resampled t-test: the
    /// variance is multiplied by one plus [`Bootstrap::per_training_row`], and percentiles move away from the metric's own value by its root.
    ///
    /// So few resamples have no percentile for the best of many. Its end lies beyond that of [`Bootstrap::level`], by what Student's t is
    /// larger there, with the degrees of freedom from above, times the resamples' standard deviation.
    ///
    /// Out-of-fold predictions of several folds can be put end to end in one part. Of several parts each is drawn by itself, and the
    /// metric is the mean of its values on them. The same seed and key give the same interval on any number of threads.
    ///
    /// # Errors
    /// [`Error::Component`] when the lengths differ, a label is not 0 or 1, there are no resamples, or the level is not
    /// between 0 and 1.
    pub fn interval(&self, parts: &[Part<'_>], metric: &'static Metric) -> Result<Interval> {
        // Checks the lengths and labels once, before rows are taken by their index.
        let scored = self.checked(parts)?;
        // What the metric does not read need not be drawn.
        let of_any = metric.is_of_any_data();
        let read: Vec<Part<'_>> =
            parts.iter().map(|part| Part { sides: part.sides.filter(|_| !of_any), ..*part }).collect();
        let classes: Vec<[Vec<usize>; 2]> = read.iter().map(|part| classes(part.y)).collect();
        let values = (0..self.resamples)
            .into_par_iter()
            .map(|i| self.resample(i, &classes, &read, metric))
            .collect::<Result<Vec<Option<f64>>>>()?;
        Ok(self.ends(&values, metric, &scored))
    }

    /// As [`Bootstrap::interval`], for a metric that depends on nothing but labels and ranks: rows of one class that lie
    /// between the same two positives' scores are drawn together, by their number. The draws are others, their distribution is
    /// the same, and the time no longer grows with the negatives. None for a metric that reads single scores, such as log loss.
    ///
    /// Very many positives are drawn as [`Counts::coarse`] has them, and each resample's value is moved by what that changes of the
    /// metric itself.
    ///
    /// # Errors
    /// Those of [`Bootstrap::interval`].
    pub fn interval_by_counts(&self, parts: &[Part<'_>], metric: &'static Metric) -> Result<Option<Interval>> {
        let scored = self.checked(parts)?;
        // A metric that is the same without the rows does not read them.
        let of = |(part, scored): (&Part<'_>, &Scored<'_>)| {
            Counts::of(part.y, part.prediction).filter(|counts| metric.score(&counts.whole()) == metric.score(scored))
        };
        let Some(counts) = parts.iter().zip(&scored).map(of).collect::<Option<Vec<Counts>>>() else { return Ok(None) };
        let (counts, moved) = fewer(counts, metric);
        let value = |i: usize| {
            let mut random = self.random(i);
            let drawn: Vec<Scored<'_>> = counts.iter().map(|counts| counts.resample(&mut random)).collect();
            mean(metric, &drawn).map(|value| moved.map_or(value, |by| value + by))
        };
        let values: Vec<Option<f64>> = (0..self.resamples).into_par_iter().map(value).collect();
        Ok(Some(self.ends(&values, metric, &scored)))
    }

    /// The parts as metrics read them.
    fn checked<'a>(&self, parts: &[Part<'a>]) -> Result<Vec<Scored<'a>>> {
        let scored = parts.iter().map(Part::scored).collect::<Result<Vec<_>>>()?;
        let (n, level) = (self.resamples, self.level);
        if n == 0 || !(level > 0.0 && level < 1.0) {
            return Err(Error::Component(format!(
                "a bootstrap needs at least one resample and a level between 0 and 1, not {n} and {level}"
            )));
        }
        Ok(scored)
    }

    fn ends(&self, values: &[Option<f64>], metric: &Metric, scored: &[Scored<'_>]) -> Interval {
        let mut defined: Vec<f64> = values.iter().copied().flatten().collect();
        defined.sort_by(f64::total_cmp);
        let sum = |of: fn(&Confusion) -> u64| scored.iter().map(|part| of(&part.confusion)).sum::<u64>();
        let rarer = (sum(Confusion::positives).min(sum(Confusion::negatives)), scored.len() as u64);
        let own = mean(metric, scored);
        let wider = (1.0 + self.per_training_row).sqrt();
        let tail = (1.0 - self.level) / 2.0;
        let (least, most) = metric.range;
        let percentiles = |beyond: f64| {
            let away = |end: f64| own.map_or(end, |own| own + (end - own) * wider);
            let reach = beyond_percentiles(&defined, rarer, (tail, beyond))? * wider;
            let (low, high) = (away(quantile(&defined, tail)?) - reach, away(quantile(&defined, 1.0 - tail)?) + reach);
            Some((low.clamp(least, most), high.clamp(least, most)))
        };
        let at = |beyond: f64| -> Option<(f64, f64)> {
            let by_odds = own.and_then(|own| by_odds(own, &defined, metric.range, (rarer, beyond), wider));
            // An interval of no width would claim that the value is known, where nothing tells how it varies.
            let has_width = |(low, high): &(f64, f64)| high - low > ROUNDING * low.abs().max(high.abs());
            by_odds.or_else(|| percentiles(beyond)).filter(has_width)
        };
        let (one, all) = (at(tail), at(tail / self.among.max(1) as f64));
        let chosen = one.zip(all).map(|((low, high), (lower, higher))| match metric.better {
            Better::Lower => (low, higher),
            Better::Higher => (lower, high),
        });
        Interval {
            low: one.map(|(low, _)| low),
            high: one.map(|(_, high)| high),
            chosen,
            defined: defined.len(),
            undefined: values.len() - defined.len(),
        }
    }

    /// What the `i`-th resample draws from.
    fn random(&self, i: usize) -> Mt19937 {
        Mt19937::new(derive(self.seed, Purpose::Bootstrap, &format!("{}|{i}", self.key)) as u32)
    }

    /// The metric on the `i`-th resample: part by part, positives first, each class drawn as numpy's `RandomState.randint` draws.
    fn resample(
        &self,
        i: usize,
        classes: &[[Vec<usize>; 2]],
        parts: &[Part<'_>],
        metric: &'static Metric,
    ) -> Result<Option<f64>> {
        let mut random = self.random(i);
        let mut draw = |(part, classes): (&Part<'_>, &[Vec<usize>; 2])| {
            let mut rows = Vec::with_capacity(part.y.len());
            for class in classes {
                rows.extend((0..class.len()).map(|_| class[random.randint(0, class.len() as i64) as usize]));
            }
            part.drawn(&rows)
        };
        let drawn: Vec<_> = parts.iter().zip(classes).map(&mut draw).collect();
        let scored = drawn
            .iter()
            .map(|(y, prediction, sides)| Part { y, prediction, sides: sides.as_ref() }.scored())
            .collect::<Result<Vec<_>>>()?;
        Ok(mean(metric, &scored))
    }
}

/// The parts as they are resampled, and by how much the metric's value on them has to be moved; none where they are as they were. A part
/// without a value would have none to move by.
fn fewer(whole: Vec<Counts>, metric: &Metric) -> (Vec<Counts>, Option<f64>) {
    let coarse: Vec<Option<Counts>> = whole.iter().map(Counts::coarse).collect();
    if coarse.iter().all(Option::is_none) {
        return (whole, None);
    }
    let value = |counts: &[Counts]| mean(metric, &counts.iter().map(Counts::whole).collect::<Vec<_>>());
    let own = value(&whole);
    let drawn: Vec<Counts> =
        coarse.into_iter().zip(&whole).map(|(coarse, whole)| coarse.unwrap_or_else(|| whole.clone())).collect();
    match own.zip(value(&drawn)) {
        Some((own, of_drawn)) => (drawn, Some(own - of_drawn)),
        None => (whole, None),
    }
}

/// The places of the positives and of the negatives.
fn classes(y: &[u8]) -> [Vec<usize>; 2] {
    [1, 0].map(|label| (0..y.len()).filter(|&row| y[row] == label).collect())
}

/// The mean of the metric on several parts; none unless it is a finite number on each.
fn mean(metric: &Metric, parts: &[Scored<'_>]) -> Option<f64> {
    let values = parts.iter().map(|part| metric.score(part).value()).collect::<Option<Vec<f64>>>()?;
    mean_and_sd(&values).0.filter(|value| value.is_finite())
}

/// How far beyond the percentile with a probability of `tail` the end with one of `beyond` lies, which so few resamples cannot tell: by
/// Student's t times their standard deviation. None without resamples.
fn beyond_percentiles(resamples: &[f64], (rarer, parts): (u64, u64), (tail, beyond): (f64, f64)) -> Option<f64> {
    if beyond >= tail {
        return (!resamples.is_empty()).then_some(0.0);
    }
    // A class of one row in each part tells nothing of its own variance, so the widest law there is stands for it.
    let free = rarer.saturating_sub(parts).max(1) as f64;
    let t = |tail: f64| student_quantile(1.0 - tail, free);
    Some((t(beyond) - t(tail)) * mean_and_sd(resamples).1?)
}

/// Whether a metric with this range has intervals by log-odds; else they are percentiles.
pub fn is_by_odds((least, most): (f64, f64)) -> bool {
    most - least < f64::MAX
}

/// The interval around `own` by log-odds inside a range, with a probability of `tail` beyond each end and `wider` than resamples tell;
/// none where the range has no two ends, or no two resamples lie between them. `rarer` are the rows of the rarer class, and the parts
/// that they are drawn in.
fn by_odds(
    own: f64,
    resamples: &[f64],
    (least, most): (f64, f64),
    ((rarer, parts), tail): ((u64, u64), f64),
    wider: f64,
) -> Option<(f64, f64)> {
    if !(is_by_odds((least, most)) && rarer > parts) {
        return None;
    }
    let width = most - least;
    let inside = |rounding: f64| {
        let inside = resamples.iter().copied().filter(|value| *value - least > rounding && most - *value > rounding);
        inside.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
    };
    // A sum that is 0 comes out as 1e-18, whose log-odds would be all of the spread. Where all resamples lie that near to an end they are
    // no rounding, such as a Brier score of 1e-20.
    let beyond = inside(NOTHING * width);
    let (low, high) = if beyond.0 <= beyond.1 { beyond } else { inside(0.0) };
    if low >= high {
        return None;
    }
    // What lies on an end counts as the outermost that does not.
    let odds = |value: f64| {
        let place = (value.clamp(low, high) - least) / width;
        (place / (1.0 - place)).ln()
    };
    let spread = mean_and_sd(&resamples.iter().copied().map(odds).collect::<Vec<_>>()).1?;
    // A class is drawn from its own rows: its variance is that of a mean with one row less in each part.
    let (rows, free) = (rarer as f64, (rarer - parts) as f64);
    let reach = student_quantile(1.0 - tail, free) * spread * (rows / free).sqrt() * wider;
    let back = |at: f64| least + width / (1.0 + (-at).exp());
    Some((back(odds(own) - reach).min(own), back(odds(own) + reach).max(own)))
}

#[cfg(test)]
mod tests;
