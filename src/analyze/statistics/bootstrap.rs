//! A stratified bootstrap over predictions: how sure a metric is, as far as test rows tell.

use crate::analyze::leaderboard::mean_and_sd;
use crate::component::Prediction;
use rayon::prelude::*;

use super::counts::Counts;
use super::distribution::student_quantile;
use super::quantile;
use crate::error::{Error, Result};
use crate::metric::{Better, Metric, Scored, score_all};
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end; none where no resample has a value.
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
    /// `y` and `prediction` hold one element a test row; out-of-fold predictions of several folds can be put end to end. The same
    /// seed and key give the same interval on any number of threads.
    ///
    /// # Errors
    /// [`Error::Component`] when the lengths differ, a label is not 0 or 1, there are no resamples, or the level is not
    /// between 0 and 1.
    pub fn interval(&self, y: &[u8], prediction: &Prediction, metric: &'static Metric) -> Result<Interval> {
        // Checks the lengths and labels once, before rows are taken by their index.
        let scored = Scored::new(y, prediction)?;
        self.check()?;
        let rows = |label: u8| -> Vec<usize> { (0..y.len()).filter(|&row| y[row] == label).collect() };
        let classes = [rows(1), rows(0)];
        let values = (0..self.resamples)
            .into_par_iter()
            .map(|i| self.resample(i, &classes, y, prediction, metric))
            .collect::<Result<Vec<Option<f64>>>>()?;
        Ok(self.ends(&values, metric, &scored))
    }

    /// As [`Bootstrap::interval`], for a metric that depends on nothing but labels and ranks: rows of one class that lie
    /// between the same two positives' scores are drawn together, by their number. The draws are others, their distribution is
    /// the same, and the time no longer grows with the negatives. None for a metric that reads single scores, such as log loss.
    ///
    /// # Errors
    /// Those of [`Bootstrap::interval`].
    pub fn interval_by_counts(
        &self,
        y: &[u8],
        prediction: &Prediction,
        metric: &'static Metric,
    ) -> Result<Option<Interval>> {
        let scored = Scored::new(y, prediction)?;
        self.check()?;
        // A metric that is the same without the rows does not read them.
        let counts = Counts::of(y, prediction).filter(|counts| metric.score(&counts.whole()) == metric.score(&scored));
        let Some(counts) = counts else { return Ok(None) };
        let value = |i: usize| {
            let drawn = counts.resample(&mut self.random(i));
            metric.score(&drawn).value().filter(|value| value.is_finite())
        };
        let values: Vec<Option<f64>> = (0..self.resamples).into_par_iter().map(value).collect();
        Ok(Some(self.ends(&values, metric, &scored)))
    }

    fn check(&self) -> Result<()> {
        let (n, level) = (self.resamples, self.level);
        if n == 0 || !(level > 0.0 && level < 1.0) {
            return Err(Error::Component(format!(
                "a bootstrap needs at least one resample and a level between 0 and 1, not {n} and {level}"
            )));
        }
        Ok(())
    }

    fn ends(&self, values: &[Option<f64>], metric: &Metric, scored: &Scored<'_>) -> Interval {
        let mut defined: Vec<f64> = values.iter().copied().flatten().collect();
        defined.sort_by(f64::total_cmp);
        let rarer = scored.confusion.positives().min(scored.confusion.negatives());
        let own = metric.score(scored).value();
        let wider = (1.0 + self.per_training_row).sqrt();
        let at = |tail: f64| -> Option<(f64, f64)> {
            let by_odds = own.and_then(|own| by_odds(own, &defined, metric.range, (rarer, tail), wider));
            let away =
                |end: f64| own.map_or(end, |own| own + (end - own) * wider).clamp(metric.range.0, metric.range.1);
            by_odds.or_else(|| Some((away(quantile(&defined, tail)?), away(quantile(&defined, 1.0 - tail)?))))
        };
        let tail = (1.0 - self.level) / 2.0;
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

    /// The metric on the `i`-th resample: positives first, each class drawn as numpy's `RandomState.randint` draws.
    fn resample(
        &self,
        i: usize,
        classes: &[Vec<usize>; 2],
        y: &[u8],
        prediction: &Prediction,
        metric: &'static Metric,
    ) -> Result<Option<f64>> {
        let mut random = self.random(i);
        let mut rows = Vec::with_capacity(y.len());
        for class in classes {
            rows.extend((0..class.len()).map(|_| class[random.randint(0, class.len() as i64) as usize]));
        }
        let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
        let drawn = Prediction {
            score: rows.iter().map(|&row| prediction.score[row]).collect(),
            label: rows.iter().map(|&row| prediction.label[row]).collect(),
            kind: prediction.kind,
        };
        let scored = Scored::new(&labels, &drawn)?;
        let score = score_all(&scored, &[metric]).into_iter().next().and_then(|(_, score)| score.value());
        Ok(score.filter(|value| value.is_finite()))
    }
}

/// The interval around `own` by log-odds inside a range, with a probability of `tail` beyond each end and `wider` than resamples tell;
/// none where the range has no two ends, or no two resamples lie between them.
fn by_odds(
    own: f64,
    resamples: &[f64],
    (least, most): (f64, f64),
    (rarer, tail): (u64, f64),
    wider: f64,
) -> Option<(f64, f64)> {
    let width = most - least;
    let inside = resamples.iter().copied().filter(|value| least < *value && *value < most);
    let (low, high) = inside.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    if !(width < f64::MAX && low < high && rarer > 1) {
        return None;
    }
    // What lies on an end counts as the outermost that does not.
    let odds = |value: f64| {
        let place = (value.clamp(low, high) - least) / width;
        (place / (1.0 - place)).ln()
    };
    let spread = mean_and_sd(&resamples.iter().copied().map(odds).collect::<Vec<_>>()).1?;
    // A class is drawn from its own rows: its variance is that of a mean with one row less.
    let (rows, free) = (rarer as f64, (rarer - 1) as f64);
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
        pool.install(|| settings.interval(&y, &prediction, Registry::built_in().metric("pr-auc").unwrap()).unwrap())
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
        static UNLIMITED: Metric = Metric::new("odds", Better::Higher, "odds of recall", |scored| {
            let (found, missed) = (scored.confusion.tp as f64, scored.confusion.fn_ as f64);
            Score::Value(10.0 + found / (missed + 1.0))
        })
        .range(f64::MIN, f64::MAX);
        let of = |metric: &'static Metric, per_training_row: f64| {
            let settings = Bootstrap { resamples: 400, level: 0.9, among: 1, per_training_row, seed: 3, key: "a" };
            let found = settings.interval(&y, &prediction, metric).unwrap();
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

    #[test]
    fn resamples_without_a_value_are_left_out_and_counted() {
        let (y, mut prediction) = example();
        // One negative is predicted positive: precision is undefined wherever it is not drawn, about 36 times in 100.
        prediction.label = (0..60).map(|i| u8::from(i == 0)).collect();
        let settings = Bootstrap { resamples: 300, level: 0.95, among: 1, per_training_row: 0.0, seed: 1, key: "" };
        let found = settings.interval(&y, &prediction, Registry::built_in().metric("precision").unwrap()).unwrap();
        assert_eq!((found.low, found.high, found.defined + found.undefined), (Some(0.0), Some(0.0), 300));
        assert!((60..160).contains(&found.undefined), "{found:?}");
    }

    #[test]
    fn counts_give_the_interval_of_rows() {
        let (y, prediction) = example();
        for id in ["pr-auc", "roc-auc", "f1"] {
            let metric = Registry::built_in().metric(id).unwrap();
            let settings =
                Bootstrap { resamples: 4_000, level: 0.9, among: 1, per_training_row: 0.0, seed: 7, key: "both" };
            let by_rows = settings.interval(&y, &prediction, metric).unwrap();
            let by_counts = settings.interval_by_counts(&y, &prediction, metric).unwrap().unwrap();
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
            settings.interval_by_counts(&y, prediction, Registry::built_in().metric(id).unwrap()).unwrap()
        };
        assert_eq!(["log-loss", "brier"].map(|id| of(id, &prediction)), [None, None]);
        let mut broken = prediction.clone();
        broken.score[3] = f64::NAN;
        assert_eq!(of("pr-auc", &broken), None);
        assert!(settings.interval_by_counts(&y[1..], &prediction, Registry::built_in().metric("f1").unwrap()).is_err());
    }

    #[test]
    fn what_cannot_be_resampled_is_said() {
        let (y, prediction) = example();
        let metric = Registry::built_in().metric("recall").unwrap();
        let settings = Bootstrap { resamples: 5, level: 0.95, among: 1, per_training_row: 0.0, seed: 1, key: "" };
        assert!(settings.interval(&y[1..], &prediction, metric).is_err());
        for bad in [Bootstrap { resamples: 0, ..settings }, Bootstrap { level: 1.0, ..settings }] {
            assert!(bad.interval(&y, &prediction, metric).unwrap_err().to_string().contains("at least one resample"));
        }
    }
}
