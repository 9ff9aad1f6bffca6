//! What the metrics read: labels counted once, scores ranked once.

use super::metric::NO_ROWS;
use super::{Confusion, Prediction, ScoreKind};
use crate::data::Sides;
use crate::error::{Error, Result};
use crate::words::{agree, counted};

/// A cell's test labels and predictions, counted and ranked; every metric is a function of this.
pub struct Scored<'a> {
    y: &'a [u8],
    prediction: &'a Prediction,
    /// Counts at the model's own labels.
    pub confusion: Confusion,
    ranks: Result<Ranks, String>,
    sides: Option<&'a Sides>,
}

/// The score vector as the ranking metrics need it: the positives' distinct scores, each with the rows tied at it.
///
/// A ROC or precision-recall curve turns only where a positive stands, so these steps are the whole curve: a negative's
/// place matters only relative to the positives. That spares sorting the negatives: `O(rows log positives)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    /// From the largest score to the smallest.
    pub steps: Vec<Step>,
    /// All positives.
    pub positives: u64,
    /// All negatives.
    pub negatives: u64,
}

impl Ranks {
    /// The distinct score among the positives that most rows have.
    pub fn most_tied(&self) -> Option<&Step> {
        self.steps.iter().max_by_key(|step| step.positives + step.negatives_tied)
    }
}

/// One distinct score among the positives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The score.
    pub score: f64,
    /// Positives with exactly this score; at least 1.
    pub positives: u64,
    /// Negatives with exactly this score.
    pub negatives_tied: u64,
    /// Negatives with a larger score.
    pub negatives_above: u64,
}

impl<'a> Scored<'a> {
    /// Counts and ranks. `y` holds 0 or 1, one element a test row, as many as `prediction` has.
    ///
    /// # Errors
    /// [`Error::Component`] when the lengths differ or a label is neither 0 nor 1. A score that is not finite is no
    /// error: it leaves the metrics of the labels, and makes those of the scores undefined.
    pub fn new(y: &'a [u8], prediction: &'a Prediction) -> Result<Self> {
        let (labels, scores) = (&prediction.label, &prediction.score);
        if labels.len() != y.len() || scores.len() != y.len() {
            return Err(Error::Component(format!(
                "the model returned {} labels and {} scores for {} test rows",
                labels.len(),
                scores.len(),
                y.len()
            )));
        }
        let confusion = count(y, labels)?;
        let ranks = match scores.iter().filter(|score| !score.is_finite()).count() {
            0 => Ok(rank(y, scores)),
            n => Err(format!("{n} of {} scores are NaN or infinite", y.len())),
        };
        Ok(Scored { y, prediction, confusion, ranks, sides: None })
    }

    /// Counts and ranks that are known already. Metrics that read single rows find none.
    pub(crate) fn counted(confusion: Confusion, ranks: Ranks) -> Scored<'static> {
        static NONE: Prediction = Prediction { score: Vec::new(), label: Vec::new(), kind: ScoreKind::Decision };
        Scored { y: &[], prediction: &NONE, confusion, ranks: Ok(ranks), sides: None }
    }

    /// The true class of each row, 0 or 1; empty for counts that are known without rows.
    pub fn truth(&self) -> &'a [u8] {
        self.y
    }

    /// What the model said of each row.
    pub fn prediction(&self) -> &'a Prediction {
        self.prediction
    }

    /// What the data say of each row beside its features; none where nobody asked.
    pub fn sides(&self) -> Option<&'a Sides> {
        self.sides
    }

    /// Counts without rows or scores: what metrics of the labels read.
    pub(super) fn labelled(confusion: Confusion) -> Scored<'static> {
        let (positives, negatives) = (confusion.positives(), confusion.negatives());
        Scored::counted(confusion, Ranks { steps: Vec::new(), positives, negatives })
    }

    /// The same with what the data say of the rows beside their features.
    ///
    /// # Errors
    /// [`Error::Component`] when there are not as many as rows.
    pub fn with(self, sides: &'a Sides) -> Result<Self> {
        let lengths = [
            sides.amount.as_ref().map(Vec::len),
            sides.group.as_ref().map(Vec::len),
            sides.time.as_ref().map(Vec::len),
        ];
        match lengths.into_iter().flatten().find(|n| *n != self.y.len()) {
            Some(n) => Err(Error::Component(format!("{n} amounts, groups or times for {} test rows", self.y.len()))),
            None => Ok(Scored { sides: Some(sides), ..self }),
        }
    }

    /// The label and the amount of each positive; nothing where the data have no amounts.
    pub(crate) fn positives_worth(&self) -> impl Iterator<Item = (u8, f64)> {
        let amounts = self.sides.and_then(|sides| sides.amount.as_deref()).unwrap_or_default();
        let rows = self.y.iter().zip(&self.prediction.label).zip(amounts);
        rows.filter(|((truth, _), _)| **truth == 1).map(|((_, label), amount)| (*label, *amount))
    }

    /// The ranked scores, or why there are none.
    pub fn ranks(&self) -> Result<&Ranks, &str> {
        self.ranks.as_ref().map_err(String::as_str)
    }

    /// Mean over the rows of `loss(label, probability)`.
    pub(crate) fn mean_loss(&self, loss: impl Fn(u8, f64) -> f64 + Copy) -> Result<f64, String> {
        Ok(pairwise_sum(self.y, self.probabilities()?, loss) / self.y.len() as f64)
    }

    /// The scores, if they are probabilities.
    fn probabilities(&self) -> Result<&'a [f64], String> {
        self.ranks()?;
        if self.y.is_empty() {
            return Err(NO_ROWS.into());
        }
        let score = &self.prediction.score;
        if self.prediction.kind == ScoreKind::Decision {
            return Err("the model's score is not a probability".into());
        }
        if let Some(outside) = score.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(format!("the model's probability {outside} is not between 0 and 1"));
        }
        Ok(score)
    }

    /// Probabilities with their labels, the smallest first.
    pub(crate) fn sorted_probabilities(&self) -> Result<Vec<(f64, u8)>, String> {
        let mut rows: Vec<(f64, u8)> = self.probabilities()?.iter().copied().zip(self.y.iter().copied()).collect();
        // By label too, so that sums do not depend on the rows' order.
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Ok(rows)
    }

    /// When each row was, microseconds; nothing where the data have no times.
    pub(crate) fn times(&self) -> &'a [i64] {
        self.sides.and_then(|sides| sides.time.as_deref()).unwrap_or_default()
    }

    /// The ranks of some rows alone.
    pub(crate) fn ranks_of(&self, rows: &[usize]) -> Ranks {
        let y: Vec<u8> = rows.iter().map(|&row| self.y[row]).collect();
        let scores: Vec<f64> = rows.iter().map(|&row| self.prediction.score[row]).collect();
        rank(&y, &scores)
    }

    /// Whose a row is, its score, and whether it is positive; all rows are one's where the data have no groups.
    pub(crate) fn row_of_group(&self, row: usize) -> (u32, f64, bool) {
        let group = self.sides.and_then(|sides| sides.group.as_ref()).map_or(0, |groups| groups[row]);
        (group, self.prediction.score[row], self.y[row] == 1)
    }
}

fn count(y: &[u8], labels: &[u8]) -> Result<Confusion> {
    // Indexed by true label, then predicted label; a fifth place collects what is not a label.
    let mut counts = [0_u64; 5];
    for (&truth, &label) in y.iter().zip(labels) {
        let place = if truth | label > 1 { 4 } else { usize::from(truth * 2 + label) };
        counts[place] += 1;
    }
    let [tn, fp, fn_, tp, odd] = counts;
    match odd {
        0 => Ok(Confusion { tp, fp, fn_, tn }),
        _ => Err(Error::Component(format!(
            "{} {} a label that is neither 0 nor 1",
            counted(odd, "row"),
            agree(odd as usize, "has", "have")
        ))),
    }
}

fn rank(y: &[u8], scores: &[f64]) -> Ranks {
    let rows = || y.iter().zip(scores);
    let mut values: Vec<f64> = rows().filter(|(label, _)| **label == 1).map(|(_, score)| *score).collect();
    let positives = values.len() as u64;
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    // -0 and 0 are one score, as they are for scikit-learn; `total_cmp` left them side by side.
    let mut steps: Vec<Step> = Vec::new();
    for score in values {
        match steps.last_mut() {
            Some(last) if last.score == score => last.positives += 1,
            _ => steps.push(Step { score, positives: 1, negatives_tied: 0, negatives_above: 0 }),
        }
    }
    let distinct: Vec<f64> = steps.iter().map(|step| step.score).collect();
    // For each negative, the first step that it reaches: it is above that step, or tied with it.
    let mut above = vec![0_u64; steps.len() + 1];
    for (_, &score) in rows().filter(|(label, _)| **label == 0) {
        let place = distinct.partition_point(|&value| value > score);
        if distinct.get(place) == Some(&score) {
            steps[place].negatives_tied += 1;
        } else {
            above[place] += 1;
        }
    }
    let mut so_far = 0;
    for (step, between) in steps.iter_mut().zip(&above) {
        so_far += between;
        step.negatives_above = so_far;
        so_far += step.negatives_tied;
    }
    Ranks { steps, positives, negatives: y.len() as u64 - positives }
}

/// Sums by halves, so that the rounding error grows with the logarithm of the rows (numpy's scheme), not with the rows.
fn pairwise_sum(y: &[u8], score: &[f64], loss: impl Fn(u8, f64) -> f64 + Copy) -> f64 {
    if y.len() <= 128 {
        return y.iter().zip(score).map(|(&label, &p)| loss(label, p)).sum();
    }
    let half = y.len() / 2;
    pairwise_sum(&y[..half], &score[..half], loss) + pairwise_sum(&y[half..], &score[half..], loss)
}
