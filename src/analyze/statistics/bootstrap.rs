//! A stratified bootstrap over predictions: how sure a metric is, as far as test rows tell.

use crate::analyze::leaderboard::mean_and_sd;
use crate::component::Prediction;
use crate::data::Sides;
use rayon::prelude::*;

use super::counts::Counts;
use super::distribution::student_quantile;
use super::quantile;
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
    /// # Errors
    /// Those of [`Bootstrap::interval`].
    pub fn interval_by_counts(&self, parts: &[Part<'_>], metric: &'static Metric) -> Result<Option<Interval>> {
        let scored = self.checked(parts)?;
        // A metric that is the same without the rows does not read them.
        let of = |(part, scored): (&Part<'_>, &Scored<'_>)| {
            Counts::of(part.y, part.prediction).filter(|counts| metric.score(&counts.whole()) == metric.score(scored))
        };
        let Some(counts) = parts.iter().zip(&scored).map(of).collect::<Option<Vec<Counts>>>() else { return Ok(None) };
        let value = |i: usize| {
            let mut random = self.random(i);
            let drawn: Vec<Scored<'_>> = counts.iter().map(|counts| counts.resample(&mut random)).collect();
            mean(metric, &drawn)
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
    let width = most - least;
    let inside = resamples.iter().copied().filter(|value| least < *value && *value < most);
    let (low, high) = inside.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    if !(is_by_odds((least, most)) && low < high && rarer > parts) {
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
mod tests {
    use super::*;
    use crate::component::{Registry, ScoreKind};
    use crate::metric::Score;

    /// Nine positives and 51 negatives with tied scores.
    fn example() -> (Vec<u8>, Prediction) {
        let y: Vec<u8> = (0..60).map(|i| u8::from(i % 7 == 2)).collect();
        let score: Vec<f64> =
            y.iter().enumerate().map(|(i, &t)| ((i * 13 % 10) as f64 + 4.0 * f64::from(t)) / 14.0).collect();
        let label = score.iter().map(|s| u8::from(*s > 0.55)).collect();
        (y, Prediction { score, label, kind: ScoreKind::Probability })
    }

    fn interval(settings: Bootstrap<'_>, threads: usize) -> Interval {
        let (y, prediction) = example();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            settings.interval(&[Part::new(&y, &prediction)], Registry::built_in().metric("pr-auc").unwrap()).unwrap()
        })
    }

    #[test]
    fn threads_change_nothing_and_key_and_seed_change_the_draws() {
        let settings = Bootstrap { resamples: 200, level: 0.9, among: 1, per_training_row: 0.0, seed: 3, key: "a" };
        let one = interval(settings, 1);
        assert_eq!(one, interval(settings, 3));
        assert_ne!(one, interval(Bootstrap { key: "b", ..settings }, 1));
        assert_ne!(one, interval(Bootstrap { seed: 4, ..settings }, 1));
        let wide = interval(Bootstrap { level: 0.99, ..settings }, 1);
        assert!(wide.low < one.low && wide.high > one.high, "{one:?} {wide:?}");
    }

    #[test]
    fn other_training_rows_widen_by_the_root_of_what_they_add() {
        let (y, prediction) = example();
        let of = |metric: &'static Metric, per_training_row: f64| {
            let settings = Bootstrap { resamples: 400, level: 0.9, among: 1, per_training_row, seed: 3, key: "a" };
            let found = settings.interval(&[Part::new(&y, &prediction)], metric).unwrap();
            let own = metric.score(&Scored::new(&y, &prediction).unwrap()).value().unwrap();
            (found.low.unwrap(), own, found.high.unwrap())
        };
        let odds = |p: f64| (p / (1.0 - p)).ln();
        let limited = Registry::built_in().metric("pr-auc").unwrap();
        let ((low, own, high), (lower, _, higher)) = (of(limited, 0.0), of(limited, 3.0));
        assert!((odds(own) - odds(lower) - 2.0 * (odds(own) - odds(low))).abs() < 1e-9);
        assert!((odds(higher) - odds(own) - 2.0 * (odds(high) - odds(own))).abs() < 1e-9);
        let ((low, own, high), (lower, _, higher)) = (of(&UNLIMITED, 0.0), of(&UNLIMITED, 3.0));
        assert!(low < own && own < high, "{low} {own} {high}");
        assert!((own - lower - 2.0 * (own - low)).abs() < 1e-12 && (higher - own - 2.0 * (high - own)).abs() < 1e-12);
    }

    /// Of no limits, so that it has percentiles.
    static UNLIMITED: Metric = Metric::new("odds", Better::Higher, "odds of recall", |scored| {
        let (found, missed) = (scored.confusion.tp as f64, scored.confusion.fn_ as f64);
        Score::Value(10.0 + found / (missed + 1.0))
    })
    .range(f64::MIN, f64::MAX);

    #[test]
    fn the_end_for_the_best_of_many_goes_on_where_the_resamples_end() {
        let (y, prediction) = example();
        let of = |among: usize| {
            let settings = Bootstrap { resamples: 200, level: 0.95, among, per_training_row: 0.5, seed: 3, key: "a" };
            settings.interval(&[Part::new(&y, &prediction)], &UNLIMITED).unwrap()
        };
        let low = |among: usize| of(among).chosen.unwrap().0;
        assert_eq!(of(1).chosen, of(1).low.zip(of(1).high));
        assert!(low(160) < low(40) && low(40) < low(4) && low(4) < low(1), "{}", low(160));
        // Nine positives have eight degrees of freedom; scipy.stats.t.ppf(1 - 0.025 / among, 8).
        let [one, four, forty, many] =
            [2.306_004_135_204_166, 3.205_955_453_322_931_5, 4.863_649_519_715_532, 6.030_800_587_789_223];
        let deviation = (low(1) - low(160)) / (many - one);
        for (among, t) in [(4, four), (40, forty)] {
            assert!((low(1) - low(among) - deviation * (t - one)).abs() < 1e-9 * deviation, "{among}");
        }
        // The other end is flattered by nothing.
        assert_eq!(of(160).chosen.map(|(_, high)| high), of(1).high);
    }

    #[test]
    fn resamples_without_a_value_are_left_out_and_counted() {
        let (y, mut prediction) = example();
        // One negative is predicted positive: precision is undefined wherever it is not drawn, about 36 times in 100.
        prediction.label = (0..60).map(|i| u8::from(i == 0)).collect();
        let settings = Bootstrap { resamples: 300, level: 0.95, among: 1, per_training_row: 0.0, seed: 1, key: "" };
        let precision = Registry::built_in().metric("precision").unwrap();
        let found = settings.interval(&[Part::new(&y, &prediction)], precision).unwrap();
        // All the others are 0, which tells no variance.
        assert_eq!((found.low, found.high, found.defined + found.undefined), (None, None, 300));
        assert!((60..160).contains(&found.undefined), "{found:?}");
    }

    #[test]
    fn counts_give_the_interval_of_rows() {
        let (y, prediction) = example();
        for id in ["pr-auc", "roc-auc", "f1"] {
            let metric = Registry::built_in().metric(id).unwrap();
            let settings =
                Bootstrap { resamples: 4_000, level: 0.9, among: 1, per_training_row: 0.0, seed: 7, key: "both" };
            let part = [Part::new(&y, &prediction)];
            let by_rows = settings.interval(&part, metric).unwrap();
            let by_counts = settings.interval_by_counts(&part, metric).unwrap().unwrap();
            let [low, high] = [(by_rows.low, by_counts.low), (by_rows.high, by_counts.high)]
                .map(|(a, b)| (a.unwrap() - b.unwrap()).abs());
            // The standard error of a 5% quantile of 4,000 draws is about a fiftieth of the interval's width.
            let width = by_rows.high.unwrap() - by_rows.low.unwrap();
            assert!(width > 0.02 && low < 0.08 * width && high < 0.08 * width, "{id}: {by_rows:?} {by_counts:?}");
        }
    }

    #[test]
    fn a_metric_of_single_scores_has_no_interval_by_counts() {
        let (y, prediction) = example();
        let settings = Bootstrap { resamples: 5, level: 0.9, among: 1, per_training_row: 0.0, seed: 7, key: "" };
        let of = |id: &str, prediction: &Prediction| {
            let metric = Registry::built_in().metric(id).unwrap();
            settings.interval_by_counts(&[Part::new(&y, prediction)], metric).unwrap()
        };
        assert_eq!(["log-loss", "brier"].map(|id| of(id, &prediction)), [None, None]);
        let mut broken = prediction.clone();
        broken.score[3] = f64::NAN;
        assert_eq!(of("pr-auc", &broken), None);
        let unequal = [Part::new(&y[1..], &prediction)];
        assert!(settings.interval_by_counts(&unequal, Registry::built_in().metric("f1").unwrap()).is_err());
    }

    #[test]
    fn what_cannot_be_resampled_is_said() {
        let (y, prediction) = example();
        let metric = Registry::built_in().metric("recall").unwrap();
        let settings = Bootstrap { resamples: 5, level: 0.95, among: 1, per_training_row: 0.0, seed: 1, key: "" };
        assert!(settings.interval(&[Part::new(&y[1..], &prediction)], metric).is_err());
        let sides = Sides { amount: Some(vec![1.0]), ..Sides::default() };
        let unequal = Part { sides: Some(&sides), ..Part::new(&y, &prediction) };
        assert!(settings.interval(&[unequal], metric).is_err());
        for bad in [Bootstrap { resamples: 0, ..settings }, Bootstrap { level: 1.0, ..settings }] {
            let said = bad.interval(&[Part::new(&y, &prediction)], metric).unwrap_err().to_string();
            assert!(said.contains("at least one resample"), "{said}");
        }
    }

    const SETTINGS: Bootstrap<'_> =
        Bootstrap { resamples: 300, level: 0.95, among: 4, per_training_row: 0.5, seed: 1, key: "parts" };

    #[test]
    fn resamples_that_are_all_equal_tell_no_interval() {
        let y: Vec<u8> = (0..80).map(|i| u8::from(i < 3)).collect();
        let label = y.clone();
        let of = |score: Vec<f64>, id: &str| {
            let prediction = Prediction { score, label: label.clone(), kind: ScoreKind::Probability };
            let (part, metric) = ([Part::new(&y, &prediction)], Registry::built_in().metric(id).unwrap());
            let by_counts = SETTINGS.interval_by_counts(&part, metric).unwrap();
            by_counts.unwrap_or_else(|| SETTINGS.interval(&part, metric).unwrap())
        };
        let perfect: Vec<f64> = y.iter().map(|&y| f64::from(y)).collect();
        let nothing = Interval { defined: 300, ..Interval::default() };
        // One score for all rows, and three positives above all others. Log loss is added up in another order by each resample.
        for id in ["pr-auc", "roc-auc", "log-loss", "brier"] {
            assert_eq!(of(vec![0.3; 80], id), nothing, "{id}");
        }
        assert_eq!(of(perfect.clone(), "pr-auc"), nothing);
        // A negative above two of them, and there is one.
        let mut score = perfect;
        (score[0], score[5]) = (2.0, 1.5);
        let found = of(score, "pr-auc");
        assert!(found.low < found.high && found.chosen.is_some(), "{found:?}");
    }

    #[test]
    fn several_parts_are_drawn_apart_and_the_metric_is_their_mean() {
        let (y, one) = example();
        // Among the six highest scores four positives come first, and in the other part two before five tied negatives: 4/6 and 2/6.
        let mut other = one.clone();
        other.score.iter_mut().zip(&y).for_each(|(score, y)| *score -= 0.2 * f64::from(*y));
        let parts = [Part::new(&y, &one), Part::new(&y, &other)];
        let metric = Registry::built_in().metric("precision-at(6)").unwrap();
        let own = |part: &Part<'_>| metric.score(&part.scored().unwrap()).value();
        assert_eq!(parts.each_ref().map(own), [Some(4.0 / 6.0), Some(2.0 / 6.0)]);
        let by_counts = SETTINGS.interval_by_counts(&parts, metric).unwrap().unwrap();
        let by_rows = SETTINGS.interval(&parts, metric).unwrap();
        for found in [by_counts, by_rows] {
            // Around their mean of 1/2 log-odds are as far below as above. All six of both together are positives.
            let (low, high) = (found.low.unwrap(), found.high.unwrap());
            assert!(low < 0.5 && (low + high - 1.0).abs() < 1e-9, "{low} {high}");
        }
    }

    #[test]
    fn what_rows_are_worth_is_drawn_with_them() {
        let (y, prediction) = example();
        let sides = Sides { amount: Some((0..60).map(f64::from).collect()), ..Sides::default() };
        let part = Part { sides: Some(&sides), ..Part::new(&y, &prediction) };
        for id in ["cost(3.5)", "savings(3.5)", "amount-recall"] {
            let metric = Registry::built_in().metric(id).unwrap();
            assert_eq!(SETTINGS.interval_by_counts(&[part], metric).unwrap(), None, "{id}");
            let found = SETTINGS.interval(&[part], metric).unwrap();
            let own = metric.score(&part.scored().unwrap()).value().unwrap();
            assert!(found.low.unwrap() < own && own < found.high.unwrap(), "{id}: {found:?} {own}");
            assert_eq!((found.defined, found.undefined), (300, 0), "{id}");
        }
    }
}
