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
fn very_many_positives_have_the_interval_of_rows() {
    // 12,000 of each class, whose scores overlap; more distinct ones than are drawn one by one.
    let mut random = Mt19937::new(8);
    let y: Vec<u8> = (0..24_000).map(|i| u8::from(i % 2 == 0)).collect();
    let score: Vec<f64> = y.iter().map(|y| random.next_f64() + 0.3 * f64::from(*y)).collect();
    let label = score.iter().map(|score| u8::from(*score > 0.65)).collect();
    let prediction = Prediction { score, label, kind: ScoreKind::Decision };
    assert!(Counts::of(&y, &prediction).unwrap().coarse().is_some());
    let settings = Bootstrap { resamples: 400, ..SETTINGS };
    for id in ["pr-auc", "roc-auc", "recall-at-fpr(0.01)", "precision-at(8000)"] {
        let metric = Registry::built_in().metric(id).unwrap();
        let part = [Part::new(&y, &prediction)];
        let by_rows = settings.interval(&part, metric).unwrap();
        let by_counts = settings.interval_by_counts(&part, metric).unwrap().unwrap();
        let width = |of: &Interval| of.high.unwrap() - of.low.unwrap();
        // Both standard deviations are of 400 draws and vary by a twenty-eighth.
        let ratio = width(&by_counts) / width(&by_rows);
        assert!(width(&by_rows) > 0.0 && (ratio - 1.0).abs() < 0.2, "{id}: {by_rows:?} {by_counts:?}");
        let middle = |of: &Interval| of.low.unwrap() + width(of) / 2.0;
        let apart = (middle(&by_counts) - middle(&by_rows)).abs() / width(&by_rows);
        assert!(apart < 0.05, "{id}: {by_rows:?} {by_counts:?}");
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
fn what_rounding_leaves_of_an_end_counts_as_on_it() {
    let of =
        |own: f64, resamples: &[f64], range: (f64, f64)| by_odds(own, resamples, range, ((10, 1), 0.025), 1.0).unwrap();
    let least = |rounded: f64| of(0.001, &[0.0, rounded, 0.000_5, 0.001, 0.002, 0.004], (0.0, 1.0));
    assert_eq!(least(1.8e-18), least(0.0));
    assert!(least(1e-6).0 < least(0.0).0, "what is small and no rounding counts");
    let most = |rounded: f64| of(0.99, &[0.96, 0.98, 0.99, rounded, 1.0], (-1.0, 1.0));
    assert_eq!(most(1.0 - f64::EPSILON / 2.0), most(1.0));
    // Each twice the one before: their logarithms have an SD of ln 2, and Student's t with 9 degrees of freedom is 2.262157. On a
    // logarithmic scale both ends lie 2.262157 ln 2 sqrt(10 / 9) = 1.652825 away.
    let (low, high) = of(2e-20, &[1e-20, 2e-20, 4e-20], (0.0, 1.0));
    assert!(((2e-20 / low).ln() - 1.652_825).abs() < 1e-6 && ((high / 2e-20).ln() - 1.652_825).abs() < 1e-6);
    // Beside rounding all are equal, which tells no variance.
    assert_eq!(by_odds(0.25, &[0.0, 1.8e-18, 0.25, 0.25], (0.0, 1.0), ((10, 1), 0.025), 1.0), None);
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
