//! How sure a metric is, as far as its test rows tell, split by split: what a gate needs, which adds and subtracts metrics of one split's rows.
//!
//! A [`Spread`] is linear: that of a difference of two models on the same rows is the difference of their spreads, row by row or draw
//! by draw. So rows that both find hard cancel, as they do in the difference itself.

use rayon::prelude::*;

use super::counts::Counts;
use crate::component::Prediction;
use crate::data::Sides;
use crate::metric::{Confusion, Metric, Need, PR_AUC, ROC_AUC, Ranks, Scored};
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};

/// Draws for a metric that is neither smooth nor a mean over rows. The variance of 400 is known to 7%.
const DRAWS: usize = 400;
/// Values that differ by less than this share were computed in another order.
const ROUNDING: f64 = 1e-9;

/// How a metric's value on one split depends on its test rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    values: Vec<f64>,
    kind: Kind,
}

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// A value a row: how much the metric falls when the row is left out.
    Rows,
    /// The metric on draws of the rows with replacement, of which the rarer class has so many.
    Draws(f64),
}

/// The variance of a split's value, or of a difference of two models' values, as its test rows tell it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByRows {
    /// The variance.
    pub variance: f64,
    /// As of how many rows of equal weight it is known: 10 rows that alone tell two models apart are 10, however many there are.
    pub rows: f64,
}

impl ByRows {
    /// Of a split, given those of several of which so many hold each row; none without any.
    pub fn over(splits: &[ByRows], repeats: usize) -> Option<Self> {
        let told: Vec<&ByRows> = splits.iter().filter(|split| split.variance > 0.0).collect();
        let sum: f64 = told.iter().map(|split| split.variance).sum();
        let squares: f64 = told.iter().map(|split| split.variance.powi(2) / split.rows).sum();
        let rows = if told.is_empty() { 0.0 } else { sum * sum / squares / repeats.max(1) as f64 };
        (!splits.is_empty()).then(|| ByRows { variance: sum / splits.len() as f64, rows })
    }
}

impl Spread {
    /// That of `metric`, whose rows stand for others that might have been drawn, positives and negatives together. Splits of the same
    /// rows must get the same `key`, so that their draws are the same. None where it has no value without some row.
    pub fn of(metric: &'static Metric, y: &[u8], said: &Prediction, sides: &Sides, key: &str) -> Option<Self> {
        let scored = Scored::new(y, said).ok()?.with(sides).ok()?;
        let value = metric.score(&scored).value().filter(|value| value.is_finite())?;
        let values = if metric.needs.is_empty() {
            Some(without_each_label(metric, value, scored.confusion, y, &said.label)?)
        } else if metric.id == PR_AUC.id || metric.id == ROC_AUC.id {
            without_each_rank(metric, value, scored.ranks().ok()?, y, &said.score)
        } else {
            mean_of_rows(metric, value, y, said)
        };
        match values {
            Some(values) => Some(Spread { values, kind: Kind::Rows }),
            None => drawn(metric, &scored, sides, key),
        }
    }

    /// The mean of several of the same split; none without any.
    pub fn mean(all: &[&Spread]) -> Option<Self> {
        let (first, rest) = all.split_first()?;
        let mut sum = (*first).clone();
        for other in rest {
            sum.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value);
        }
        let n = all.len() as f64;
        sum.values.iter_mut().for_each(|value| *value /= n);
        Some(sum)
    }

    /// That of the difference to `other`, of the same split; none where they are not of as many rows and one kind.
    pub fn minus(mut self, other: &Spread) -> Option<Self> {
        if self.kind != other.kind || self.values.len() != other.values.len() {
            return None;
        }
        self.values.iter_mut().zip(&other.values).for_each(|(value, other)| *value -= other);
        Some(self)
    }

    /// The variance that it tells.
    pub fn by_rows(&self) -> ByRows {
        let n = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / n;
        let (mut squares, mut fourths) = (0.0, 0.0);
        for value in &self.values {
            let square = (value - mean).powi(2);
            squares += square;
            fourths += square * square;
        }
        match self.kind {
            // The jackknife's estimate.
            Kind::Rows => ByRows {
                variance: squares * (n - 1.0) / n,
                rows: if fourths > 0.0 { squares * squares / fourths } else { 0.0 },
            },
            Kind::Draws(rows) => ByRows { variance: squares / (n - 1.0), rows },
        }
    }
}

/// Of a metric of the labels: rows of one class and label are all the same.
fn without_each_label(metric: &Metric, value: f64, confusion: Confusion, y: &[u8], labels: &[u8]) -> Option<Vec<f64>> {
    let without = |truth: u8, label: u8| -> Option<f64> {
        let mut rest = confusion;
        let count = match (truth, label) {
            (1, 1) => &mut rest.tp,
            (1, _) => &mut rest.fn_,
            (_, 1) => &mut rest.fp,
            _ => &mut rest.tn,
        };
        // Of rows that are not there nobody asks.
        let Some(less) = count.checked_sub(1) else { return Some(0.0) };
        *count = less;
        Some(value - metric.of_counts(rest)?.value()?)
    };
    let falls = [[without(0, 0)?, without(0, 1)?], [without(1, 0)?, without(1, 1)?]];
    Some(y.iter().zip(labels).map(|(&y, &label)| falls[usize::from(y)][usize::from(label)]).collect())
}

/// Of the two areas: what is left when a row goes follows from sums over the steps above and below it.
fn without_each_rank(metric: &Metric, value: f64, ranks: &Ranks, y: &[u8], scores: &[f64]) -> Option<Vec<f64>> {
    if ranks.positives < 2 || ranks.negatives < 2 {
        return None;
    }
    let falls = if metric.id == ROC_AUC.id { Falls::of_roc(ranks) } else { Falls::of_precision(ranks) };
    // Another metric may have the name.
    if (falls.whole - value).abs() > ROUNDING {
        return None;
    }
    let of = |(&y, &score): (&u8, &f64)| {
        let step = ranks.steps.partition_point(|step| step.score > score);
        let tied = usize::from(ranks.steps.get(step).is_some_and(|at| at.score == score));
        value - if y == 1 { falls.without_positive[step] } else { falls.without_negative[2 * step + tied] }
    };
    Some(y.iter().zip(scores).map(of).collect())
}

/// An area, and what it is without a row.
struct Falls {
    whole: f64,
    /// Without a positive of each step.
    without_positive: Vec<f64>,
    /// Without a negative between a step and the one above it, and without one that is tied with it.
    without_negative: Vec<f64>,
}

impl Falls {
    /// Average precision. A row counts among the alarms of its own step and of those below it.
    fn of_precision(ranks: &Ranks) -> Self {
        let mut found = 0;
        let steps: Vec<[f64; 3]> = ranks
            .steps
            .iter()
            .map(|step| {
                found += step.positives;
                [step.positives, found, step.negatives_above + step.negatives_tied].map(|count| count as f64)
            })
            .collect();
        let whole = |[here, found, wrong]: [f64; 3]| here * found / (found + wrong);
        // Nothing is found above the first positive, where a precision without it would be 0 / 0.
        let one_less = |[here, found, wrong]: [f64; 3]| match found + wrong {
            labelled if labelled > 1.0 => here * (found - 1.0) / (labelled - 1.0),
            _ => 0.0,
        };
        let (m, above) = (ranks.positives as f64, running(&steps, whole));
        let (less_found, less_wrong) = (
            running(&steps, one_less),
            running(&steps, |[here, found, wrong]| here * found / (found + (wrong - 1.0).max(0.0))),
        );
        let n = steps.len();
        let without_positive = (0..n)
            .map(|at| {
                let [here, found, wrong] = steps[at];
                let own = one_less([here - 1.0, found, wrong]);
                (above[at] + own + (less_found[n] - less_found[at + 1])) / (m - 1.0)
            })
            .collect();
        let without_negative = (0..=2 * n)
            .map(|place| {
                let at = place / 2;
                (above[at] + (less_wrong[n] - less_wrong[at])) / m
            })
            .collect();
        Falls { whole: above[n] / m, without_positive, without_negative }
    }

    /// The area under the ROC curve: the share of pairs that are in order.
    fn of_roc(ranks: &Ranks) -> Self {
        let (m, n) = (ranks.positives as f64, ranks.negatives as f64);
        // Negatives that a positive of the step outscores, and positives above a negative of each place; a tie is half.
        let beats = |at: usize| {
            let step = ranks.steps[at];
            n - step.negatives_above as f64 - 0.5 * step.negatives_tied as f64
        };
        let all: f64 = (0..ranks.steps.len()).map(|at| ranks.steps[at].positives as f64 * beats(at)).sum();
        let positives = running(&ranks.steps, |step| step.positives as f64);
        let without_positive = (0..ranks.steps.len()).map(|at| (all - beats(at)) / ((m - 1.0) * n)).collect();
        let without_negative = (0..=2 * ranks.steps.len())
            .map(|place| {
                let at = place / 2;
                let tied = if place % 2 == 1 { ranks.steps.get(at).map_or(0.0, |s| s.positives as f64) } else { 0.0 };
                (all - positives[at] - 0.5 * tied) / (m * (n - 1.0))
            })
            .collect();
        Falls { whole: all / (m * n), without_positive, without_negative }
    }
}

/// Sums over all steps before each, and over all.
fn running<T: Copy>(steps: &[T], of: impl Fn(T) -> f64) -> Vec<f64> {
    let mut sum = 0.0;
    let sums = steps.iter().map(|&step| {
        sum += of(step);
        sum
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// Of a metric that is the mean of what it is on each row alone, such as log loss; none for any other.
fn mean_of_rows(metric: &Metric, value: f64, y: &[u8], said: &Prediction) -> Option<Vec<f64>> {
    if metric.needs != [Need::Probabilities] {
        return None;
    }
    let alone = |i: usize| {
        let one = Prediction { score: vec![said.score[i]], label: vec![said.label[i]], kind: said.kind };
        metric.score(&Scored::new(&y[i..=i], &one).ok()?).value()
    };
    let n = y.len() as f64;
    let values = (0..y.len()).map(alone).collect::<Option<Vec<f64>>>().filter(|_| n > 1.0)?;
    let mean = values.iter().sum::<f64>() / n;
    let is_mean = (mean - value).abs() <= ROUNDING * value.abs().max(1.0);
    is_mean.then(|| values.into_iter().map(|own| (own - mean) / (n - 1.0)).collect())
}

/// Of any metric: its values on rows that are drawn with replacement. None where a draw has none.
fn drawn(metric: &'static Metric, scored: &Scored<'_>, sides: &Sides, key: &str) -> Option<Spread> {
    let (y, said) = (scored.truth(), scored.prediction());
    let n = y.len();
    let rarer = scored.confusion.positives().min(scored.confusion.negatives());
    if rarer < 2 {
        return None;
    }
    // A metric that is the same without the rows does not read them.
    let counts = Counts::of(y, said).filter(|counts| metric.score(&counts.whole()) == metric.score(scored));
    let counts = counts.map(|counts| (counts.kinds(y, said), counts));
    let value = |draw: usize| -> Option<f64> {
        let mut random = Mt19937::new(derive(0, Purpose::Bootstrap, &format!("{key}|{draw}")) as u32);
        let rows = loop {
            let rows: Vec<usize> = (0..n).map(|_| random.randint(0, n as i64) as usize).collect();
            // Without either class hardly any metric has a value. Models of the same rows are drawn alike.
            if [0, 1].iter().all(|class| rows.iter().any(|&row| y[row] == *class)) {
                break rows;
            }
        };
        let score = match &counts {
            Some((kinds, counts)) => metric.score(&counts.drawn(kinds, &rows)),
            None => {
                let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
                let drawn = Prediction {
                    score: rows.iter().map(|&row| said.score[row]).collect(),
                    label: rows.iter().map(|&row| said.label[row]).collect(),
                    kind: said.kind,
                };
                let sides = sides.select(&rows);
                metric.score(&Scored::new(&labels, &drawn).ok()?.with(&sides).ok()?)
            }
        };
        score.value().filter(|value| value.is_finite())
    };
    let values = (0..DRAWS).into_par_iter().map(value).collect::<Option<Vec<f64>>>()?;
    Some(Spread { values, kind: Kind::Draws(rarer as f64) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Registry, ScoreKind};

    /// Eight positives and 33 negatives; scores have ties within and between the classes.
    fn example(kind: ScoreKind) -> (Vec<u8>, Prediction) {
        let y: Vec<u8> = (0..41).map(|i| u8::from(i % 5 == 2)).collect();
        let score: Vec<f64> =
            y.iter().enumerate().map(|(i, &y)| ((i * 17 % 12) as f64 + 5.0 * f64::from(y)) / 18.0).collect();
        let label = score.iter().enumerate().map(|(i, s)| u8::from(*s > 0.55 || i == 3)).collect();
        (y, Prediction { score, label, kind })
    }

    fn spread(id: &str, y: &[u8], said: &Prediction) -> Option<Spread> {
        Spread::of(Registry::built_in().metric(id).unwrap(), y, said, &Sides::default(), "a")
    }

    /// The metric without one row, from the rows that are left.
    fn without(id: &str, y: &[u8], said: &Prediction, row: usize) -> f64 {
        let keeps = |i: &usize| *i != row;
        let left: Vec<usize> = (0..y.len()).filter(keeps).collect();
        let y: Vec<u8> = left.iter().map(|&i| y[i]).collect();
        let pick = |values: &[f64]| left.iter().map(|&i| values[i]).collect::<Vec<f64>>();
        let label = left.iter().map(|&i| said.label[i]).collect();
        let said = Prediction { score: pick(&said.score), label, kind: said.kind };
        Registry::built_in().metric(id).unwrap().score(&Scored::new(&y, &said).unwrap()).value().unwrap()
    }

    #[test]
    fn rows_move_a_metric_by_what_it_is_without_them() {
        let (y, said) = example(ScoreKind::Probability);
        for id in ["pr-auc", "roc-auc", "log-loss", "brier", "recall", "precision", "f1", "mcc", "accuracy"] {
            let metric = Registry::built_in().metric(id).unwrap();
            let whole = metric.score(&Scored::new(&y, &said).unwrap()).value().unwrap();
            let found = spread(id, &y, &said).unwrap();
            assert_eq!(found.kind, Kind::Rows, "{id}");
            for row in 0..y.len() {
                let naive = whole - without(id, &y, &said, row);
                assert!((found.values[row] - naive).abs() < 1e-12, "{id} {row}: {} {naive}", found.values[row]);
            }
        }
    }

    #[test]
    fn the_variance_is_the_jackknifes_and_of_recall_that_of_a_share() {
        let (y, said) = example(ScoreKind::Decision);
        let found = spread("recall", &y, &said).unwrap().by_rows();
        let (m, hit) = (8.0, said.label.iter().zip(&y).filter(|(l, y)| **l == 1 && **y == 1).count() as f64);
        // p (1 - p) / m, times the jackknife's (m / (m - 1))^2 and (n - 1) / n; negatives do not count.
        let share = hit / m;
        let by_hand = share * (1.0 - share) / m * (8.0_f64 / 7.0).powi(2) * 40.0 / 41.0;
        assert!((found.variance - by_hand).abs() < 1e-12, "{found:?}");
        // The area under the ROC curve: DeLong, DeLong and Clarke-Pearson (1988), by placements.
        let rows = |of: u8| -> Vec<f64> { (0..y.len()).filter(|&i| y[i] == of).map(|i| said.score[i]).collect() };
        let (above, below) = (rows(1), rows(0));
        let beats = |a: f64, b: f64| {
            if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            }
        };
        let variance = |values: &[f64]| {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
        };
        let of_positives: Vec<f64> =
            above.iter().map(|&a| below.iter().map(|&b| beats(a, b)).sum::<f64>() / below.len() as f64).collect();
        let of_negatives: Vec<f64> =
            below.iter().map(|&b| above.iter().map(|&a| beats(a, b)).sum::<f64>() / above.len() as f64).collect();
        let delong = variance(&of_positives) + variance(&of_negatives);
        let found = spread("roc-auc", &y, &said).unwrap().by_rows().variance;
        assert!((found / delong - 1.0).abs() < 0.2, "{found} {delong}");
    }

    #[test]
    fn what_two_models_share_cancels_and_few_rows_that_differ_count_as_few() {
        let (y, said) = example(ScoreKind::Decision);
        let one = spread("recall", &y, &said).unwrap();
        assert_eq!(one.clone().minus(&one).unwrap().by_rows(), ByRows { variance: 0.0, rows: 0.0 });
        // Three positives fewer are found, nothing else differs.
        let mut other = said.clone();
        let lost = (0..y.len()).filter(|&i| y[i] == 1 && said.label[i] == 1).take(3).collect::<Vec<_>>();
        lost.iter().for_each(|&i| other.label[i] = 0);
        let (one, two) = (spread("accuracy", &y, &said).unwrap(), spread("accuracy", &y, &other).unwrap());
        let found = one.minus(&two).unwrap().by_rows();
        // 3 rows of 41 by one each, around their mean.
        let n = 41.0_f64;
        let variance = (3.0 / n) * (1.0 - 3.0 / n) / (n - 1.0);
        assert!((found.variance - variance).abs() < 1e-12, "{found:?} {variance}");
        assert!(found.rows > 2.8 && found.rows < 4.0, "{found:?}");
        let mean = Spread::mean(&[&two, &two, &two]).unwrap();
        assert!((mean.by_rows().variance - two.by_rows().variance).abs() < 1e-15);
    }

    #[test]
    fn other_metrics_are_drawn_and_draws_of_the_same_rows_are_the_same() {
        let (y, said) = example(ScoreKind::Decision);
        let one = spread("recall-at-fpr(0.1)", &y, &said).unwrap();
        assert_eq!(one.kind, Kind::Draws(8.0));
        assert_eq!(
            one.clone().minus(&spread("recall-at-fpr(0.1)", &y, &said).unwrap()).unwrap().by_rows().variance,
            0.0
        );
        let metric = Registry::built_in().metric("recall-at-fpr(0.1)").unwrap();
        let other = Spread::of(metric, &y, &said, &Sides::default(), "b").unwrap();
        assert_ne!(one, other);
        assert!((one.by_rows().variance / other.by_rows().variance - 1.0).abs() < 0.3);
        assert_eq!(one.minus(&spread("recall", &y, &said).unwrap()), None);
        // A metric of amounts reads what the drawn rows are worth.
        let sides = Sides { amount: Some((0..41).map(f64::from).collect()), ..Sides::default() };
        let worth = Registry::built_in().metric("amount-recall").unwrap();
        assert!(Spread::of(worth, &y, &said, &sides, "a").unwrap().by_rows().variance > 0.0);
        assert_eq!(Spread::of(worth, &y, &said, &Sides::default(), "a"), None);
    }

    #[test]
    fn where_a_row_makes_the_metric_there_is_no_variance() {
        let said = Prediction { score: vec![0.9, 0.5, 0.1], label: vec![1, 0, 0], kind: ScoreKind::Decision };
        for id in ["pr-auc", "recall", "precision"] {
            assert_eq!(spread(id, &[1, 0, 0], &said), None, "{id}");
        }
        let broken = Prediction { score: vec![f64::NAN, 0.5, 0.1], ..said };
        assert_eq!(spread("pr-auc", &[1, 1, 0], &broken), None);
    }

    #[test]
    fn splits_that_say_nothing_count_in_the_mean_only() {
        let (zero, one) = (ByRows { variance: 0.0, rows: 0.0 }, ByRows { variance: 0.4, rows: 10.0 });
        assert_eq!(ByRows::over(&[one, zero], 1), Some(ByRows { variance: 0.2, rows: 10.0 }));
        assert_eq!(ByRows::over(&[one, one], 2), Some(ByRows { variance: 0.4, rows: 10.0 }));
        assert_eq!(ByRows::over(&[zero], 1), Some(zero));
        assert_eq!(ByRows::over(&[], 1), None);
    }
}
