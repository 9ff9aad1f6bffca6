//! Thresholds by a constraint: enough recall, few false alarms, so many alarms a day.

use std::collections::HashSet;

use toml::{Table, Value};

use crate::data::DAY;
use crate::error::{Error, Result, unknown};
use crate::metric::{Ranks, Scored};

/// What a threshold can be instead of a table.
const OTHER_FORMS: &str = "; without a table it is a number, `max-f1`, `max-mcc` or `cost`";

/// What the labels must keep to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Constraint {
    /// Of the positives at least this share is found, with as few alarms as that takes.
    RecallAtLeast(f64),
    /// Of the negatives at most this share is an alarm, with as much found as that allows.
    FprAtMost(f64),
    /// On average of the days at most so many rows are alarms, and as many as that allows.
    AlarmsPerDay(f64),
}

impl Constraint {
    /// The keys of `threshold = { ... }`.
    pub const KEYS: &'static [&'static str] = &["recall_at_least", "fpr_at_most", Self::ALARMS_PER_DAY];
    /// The key of the one that needs to know when a row was.
    pub const ALARMS_PER_DAY: &'static str = "alarms_per_day";

    /// Reads `{ recall_at_least = 0.8 }` and the like.
    ///
    /// # Errors
    /// [`Error::Study`] naming key and range.
    pub fn read(table: &Table) -> Result<Self> {
        let [(key, value)] = table.iter().collect::<Vec<_>>()[..] else {
            return Err(Error::Study(format!("threshold: give one of: {}{OTHER_FORMS}", Self::KEYS.join(", "))));
        };
        let number = match value {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        };
        let within = |low: f64, high: f64, wanted: &str| match number.filter(|n| *n > low && *n <= high) {
            Some(number) => Ok(number),
            None => Err(Error::Study(format!("threshold.{key}: {value} must be {wanted}"))),
        };
        match key.as_str() {
            "recall_at_least" => within(0.0, 1.0, "a share above 0, up to 1").map(Constraint::RecallAtLeast),
            "fpr_at_most" => within(0.0, 1.0, "a share above 0, up to 1").map(Constraint::FprAtMost),
            Self::ALARMS_PER_DAY => {
                within(0.0, 1e12, "a number above 0, up to 1000000000000").map(Constraint::AlarmsPerDay)
            }
            other => {
                let unknown = unknown("key", other, Self::KEYS);
                Err(Error::Study(format!("threshold: {unknown}{OTHER_FORMS}")))
            }
        }
    }

    /// Its key in a study and in records.
    pub fn name(&self) -> &'static str {
        let place = match self {
            Constraint::RecallAtLeast(_) => 0,
            Constraint::FprAtMost(_) => 1,
            Constraint::AlarmsPerDay(_) => 2,
        };
        Self::KEYS[place]
    }

    /// Its number.
    pub fn number(&self) -> f64 {
        let (Constraint::RecallAtLeast(number) | Constraint::FprAtMost(number) | Constraint::AlarmsPerDay(number)) =
            self;
        *number
    }

    /// The threshold on scores of rows that the scoring model has not seen, and its merit there: the share of negatives without
    /// alarm for `recall_at_least`, the recall for the others. Where even the highest score is an alarm too many, the threshold
    /// lies just above it.
    ///
    /// # Errors
    /// Scores that are not finite, a class without rows, or rows without times.
    pub fn tune(&self, scored: &Scored<'_>) -> Result<(f64, f64)> {
        let refused = |why: &str| Error::Component(format!("threshold: {why}"));
        let ranks = scored.ranks().map_err(refused)?;
        if ranks.positives == 0 || ranks.negatives == 0 {
            return Err(refused("the inner folds hold rows of one class only"));
        }
        let scores = &scored.prediction().score;
        match self {
            Constraint::RecallAtLeast(least) => {
                // With the last step all positives are found.
                let found = points(ranks).find(|(_, recall, _)| recall >= least);
                Ok(found.map_or((f64::MIN, 0.0), |(score, _, fpr)| (score, 1.0 - fpr)))
            }
            Constraint::FprAtMost(most) => {
                let last = points(ranks).take_while(|(_, _, fpr)| fpr <= most).last();
                Ok(last.map_or((above(scores), 0.0), |(score, recall, _)| (score, recall)))
            }
            Constraint::AlarmsPerDay(most) => {
                let times = scored.sides().and_then(|sides| sides.time.as_ref());
                let times = times.ok_or_else(|| {
                    refused(
                        "`alarms_per_day` needs to know when a row was: give the data a column with the role `time`",
                    )
                })?;
                let days = times.iter().map(|time| time.div_euclid(DAY)).collect::<HashSet<i64>>().len();
                let threshold = allowing(scores, most * days as f64);
                let recall = points(ranks)
                    .take_while(|(score, ..)| *score >= threshold)
                    .last()
                    .map_or(0.0, |(_, recall, _)| recall);
                Ok((threshold, recall))
            }
        }
    }
}

/// Score, recall and false positive rate at each of the positives' scores, the highest first.
fn points(ranks: &Ranks) -> impl Iterator<Item = (f64, f64, f64)> {
    let mut found = 0;
    ranks.steps.iter().map(move |step| {
        found += step.positives;
        let alarms = step.negatives_above + step.negatives_tied;
        (step.score, found as f64 / ranks.positives as f64, alarms as f64 / ranks.negatives as f64)
    })
}

/// The smallest score that at most `most` rows reach; rows of one score are alarms together.
fn allowing(scores: &[f64], most: f64) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut threshold = above(scores);
    let mut alarms = 0;
    for tied in sorted.chunk_by(|a, b| a == b) {
        alarms += tied.len();
        if alarms as f64 > most {
            break;
        }
        threshold = tied[0];
    }
    threshold
}

/// A threshold that no row reaches.
fn above(scores: &[f64]) -> f64 {
    scores.iter().copied().fold(f64::NEG_INFINITY, f64::max).next_up()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Prediction, ScoreKind};
    use crate::data::Sides;
    use crate::numeric::mt19937::Mt19937;
    use crate::search::threshold::Rule;

    /// Scores with ties within and between the classes, on five days of unequal size.
    fn rows(seed: u32) -> (Vec<u8>, Vec<f64>, Sides) {
        let mut random = Mt19937::new(seed);
        let y: Vec<u8> = (0..90).map(|row| u8::from(row % 9 == 2)).collect();
        let score = y.iter().map(|&label| (random.next_f64() * 12.0 + f64::from(label) * 4.0).floor() / 10.0).collect();
        let time = (0..90_i64).map(|row| (row * row % 5) * DAY + row).collect();
        (y, score, Sides { time: Some(time), ..Sides::default() })
    }

    /// Recall, false positive rate and alarms at a threshold, by counting.
    fn counted(y: &[u8], score: &[f64], threshold: f64) -> (f64, f64, f64) {
        let alarms = |class: u8| y.iter().zip(score).filter(|(l, s)| **l == class && **s >= threshold).count() as f64;
        let all = |class: u8| y.iter().filter(|l| **l == class).count() as f64;
        (alarms(1) / all(1), alarms(0) / all(0), alarms(0) + alarms(1))
    }

    #[test]
    fn a_threshold_keeps_to_its_constraint_and_the_next_one_would_not_or_finds_no_more() {
        for seed in 0..30 {
            let (y, score, sides) = rows(seed);
            let prediction = Prediction { score: score.clone(), label: vec![0; y.len()], kind: ScoreKind::Decision };
            let scored = Scored::new(&y, &prediction).unwrap().with(&sides).unwrap();
            let lower =
                |threshold: f64| score.iter().copied().filter(|s| *s < threshold).fold(f64::NEG_INFINITY, f64::max);
            let higher =
                |threshold: f64| score.iter().copied().filter(|s| *s > threshold).fold(f64::INFINITY, f64::min);
            let (at, merit) = Constraint::RecallAtLeast(0.75).tune(&scored).unwrap();
            let (recall, fpr, _) = counted(&y, &score, at);
            assert!(recall >= 0.75 && counted(&y, &score, higher(at)).0 < 0.75 && merit == 1.0 - fpr);
            let (at, merit) = Constraint::FprAtMost(0.1).tune(&scored).unwrap();
            let (recall, fpr, _) = counted(&y, &score, at);
            assert!(fpr <= 0.1 && merit == recall);
            let best = score.iter().map(|&cut| counted(&y, &score, cut)).filter(|(_, fpr, _)| *fpr <= 0.1);
            assert_eq!(best.map(|(recall, ..)| recall).fold(0.0, f64::max), recall);
            let (at, merit) = Constraint::AlarmsPerDay(2.5).tune(&scored).unwrap();
            // The rows are of three days: squares modulo 5 are 0, 1 and 4.
            let (recall, _, alarms) = counted(&y, &score, at);
            assert!(alarms <= 7.5 && counted(&y, &score, lower(at)).2 > 7.5 && merit == recall, "{alarms}");
        }
    }

    #[test]
    fn where_one_alarm_is_too_many_there_is_none() {
        let prediction = Prediction { score: vec![0.9, 0.9, 0.1], label: vec![0; 3], kind: ScoreKind::Decision };
        let scored = Scored::new(&[0, 1, 0], &prediction).unwrap();
        assert_eq!(Constraint::FprAtMost(0.2).tune(&scored).unwrap(), (0.9_f64.next_up(), 0.0));
        let said = Constraint::AlarmsPerDay(1.0).tune(&scored).unwrap_err().to_string();
        assert!(said.contains("the role `time`"), "{said}");
        let sides = Sides { time: Some(vec![5, 6, 7]), ..Sides::default() };
        let scored = scored.with(&sides).unwrap();
        assert_eq!(Constraint::AlarmsPerDay(1.0).tune(&scored).unwrap().0, 0.9_f64.next_up());
        assert_eq!(Constraint::AlarmsPerDay(2.0).tune(&scored).unwrap(), (0.9, 1.0));
    }

    #[test]
    fn what_is_no_constraint_is_told() {
        let said = |text: &str| Constraint::read(&text.parse().unwrap()).unwrap_err().to_string();
        assert!(said("recall_at_lest = 0.5").contains("did you mean `recall_at_least`?"));
        assert_eq!(said("fpr_at_most = 1.5"), "threshold.fpr_at_most: 1.5 must be a share above 0, up to 1");
        let bound = "threshold.alarms_per_day: 10000000000000 must be a number above 0, up to 1000000000000";
        assert_eq!(said("alarms_per_day = 10000000000000"), bound);
        assert!(said("").contains("give one of: recall_at_least"));
        for text in ["", "recall_at_lest = 0.5"] {
            let said = said(text);
            assert!(said.starts_with("threshold: "), "{said}");
            assert!(Rule::NAMES.iter().all(|name| said.contains(&format!("`{name}`"))), "{said}");
        }
        assert_eq!(
            Constraint::read(&"alarms_per_day = 200".parse().unwrap()).unwrap(),
            Constraint::AlarmsPerDay(200.0)
        );
    }
}
