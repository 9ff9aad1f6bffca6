//! What was measured of a pipeline on a part's folds.

use std::collections::HashMap;

use super::searches::{Pipeline, Search};
use crate::analyze::folds::{Ratios, Split, by_pipeline};
use crate::analyze::leaderboard::{LEVEL, distinct};
use crate::analyze::statistics::corrected_t::CorrectedT;
use crate::analyze::statistics::mean::mean_and_sd;
use crate::papers::{Evidence, Measured, Part};

/// The Handbook's three metrics: as it prints them, and as they are called here.
pub const METRICS: [(&str, &str); 3] =
    [("AUC ROC", "roc-auc"), ("Average precision", "pr-auc"), ("Card Precision@100", "card-precision-at(100)")];

/// The scores of one pipeline on one part's folds.
#[derive(Debug, Clone, Default)]
struct Scores {
    planned: usize,
    /// By metric; splits in plan order.
    values: HashMap<&'static str, Vec<(Split, f64)>>,
    fit_seconds: Vec<f64>,
}

/// All that was measured, by part, resampler and classifier.
pub struct Measures {
    scores: HashMap<(&'static str, String, String), Scores>,
    /// `n_test / n_train` by part.
    ratios: HashMap<&'static str, f64>,
}

/// Which of the two sets of folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Validation,
    Test,
}

impl Measures {
    pub fn of(evidence: &Evidence) -> Self {
        let mut measures = Measures { scores: HashMap::new(), ratios: HashMap::new() };
        for part in &super::parts::PARTS {
            let Some(results) = evidence.part(part) else { continue };
            let groups = by_pipeline(results);
            // A part has one variant.
            if let Some(first) = groups.first() {
                let splits: Vec<Split> = distinct(results.planned.iter().map(|p| (p.cell.repeat, p.cell.fold)));
                let ratio = Ratios::of(results).mean(first.pipeline.variant(), &splits);
                measures.ratios.insert(part.name, ratio);
            }
            for group in groups {
                let of = |id: &'static str| (id, group.values(id));
                let scores = Scores {
                    planned: group.records.len(),
                    values: METRICS.iter().map(|(_, id)| of(id)).collect(),
                    fit_seconds: group.scored().map(|record| record.seconds.fit).collect(),
                };
                let key = (part.name, group.pipeline.resampler.clone(), group.pipeline.classifier.clone());
                measures.scores.insert(key, scores);
            }
        }
        measures
    }

    fn scores(&self, part: &Part, resampler: &str, classifier: &str) -> Result<&Scores, String> {
        let key = (part.name, resampler.to_owned(), classifier.to_owned());
        self.scores.get(&key).ok_or_else(|| match self.ratios.contains_key(part.name) {
            true => format!("{classifier} was not run in the part {}", part.name),
            false => format!("the part {} was not run", part.name),
        })
    }

    /// The scores of all planned folds, in their order.
    ///
    /// # Errors
    /// Why there are not all.
    pub fn folds(&self, part: &Part, (resampler, classifier): (&str, &str), metric: &str) -> Result<Vec<f64>, String> {
        let scores = self.scores(part, resampler, classifier)?;
        let values = scores.values.get(metric).map(Vec::as_slice).unwrap_or_default();
        match values.len() == scores.planned {
            true => Ok(values.iter().map(|(_, value)| *value).collect()),
            false => {
                Err(format!("{classifier} has {} of {} folds in the part {}", values.len(), scores.planned, part.name))
            }
        }
    }

    /// The scores of a pipeline on all folds of a set.
    ///
    /// # Errors
    /// Why there are not all.
    pub fn of_pipeline(&self, pipeline: &Pipeline, on: On, metric: &str) -> Result<Vec<f64>, String> {
        self.folds(on.part(pipeline), (&pipeline.resampler, &pipeline.classifier), metric)
    }

    /// Mean seconds of a fit on a set's folds; none where nothing was run.
    pub fn fit_seconds(&self, pipeline: &Pipeline, on: On) -> Option<f64> {
        let scores = self.scores(on.part(pipeline), &pipeline.resampler, &pipeline.classifier).ok()?;
        mean_and_sd(&scores.fit_seconds).0
    }

    /// The mean of proportions that a part's folds gave, with its spread and interval.
    pub fn mean(&self, part: &Part, values: &[f64], digits: u32) -> Measured {
        let ratio = self.ratios.get(part.name).copied().unwrap_or(f64::NAN);
        let interval = CorrectedT::new(values, ratio).and_then(|t| t.interval_within(LEVEL, (0.0, 1.0)));
        let value = values.iter().sum::<f64>() / values.len() as f64;
        Measured { value, digits, spread: Some(spread(values)).filter(|_| values.len() > 1), interval }
    }

    /// The differences of two pipelines on the test folds, fold by fold, with what is known of their mean.
    ///
    /// # Errors
    /// Why they cannot be paired.
    pub fn difference(&self, a: &Pipeline, b: &Pipeline, metric: &str) -> Result<CorrectedT, String> {
        let (a_values, b_values) = (self.of_pipeline(a, On::Test, metric)?, self.of_pipeline(b, On::Test, metric)?);
        self.paired(a.folds.test, &a_values, &b_values)
    }

    /// The differences `a - b` on the folds of a part.
    ///
    /// # Errors
    /// They are not of the same folds, or there are too few.
    pub fn paired(&self, part: &Part, a: &[f64], b: &[f64]) -> Result<CorrectedT, String> {
        let ratio = self.ratios.get(part.name).copied().unwrap_or(f64::NAN);
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        let paired = (a.len() == b.len()).then(|| CorrectedT::new(&differences, ratio)).flatten();
        paired.ok_or_else(|| "the two were not run on the same folds".to_owned())
    }

    /// The value of a grid that has the largest mean; of equal ones the first, as numpy's `argmax`.
    ///
    /// # Errors
    /// Why the mean of one of them is not known.
    pub fn best(&self, search: &Search, on: On, metric: &str) -> Result<&'static str, String> {
        let mut best: Option<(&'static str, f64)> = None;
        for label in search.labels {
            let values = self.of_pipeline(&(search.pipeline)(label), on, metric)?;
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            if best.is_none_or(|(_, known)| mean > known) {
                best = Some((label, mean));
            }
        }
        best.map(|(label, _)| label).ok_or_else(|| "nothing was varied".to_owned())
    }
}

impl On {
    pub fn part(self, pipeline: &Pipeline) -> &'static Part {
        match self {
            On::Validation => pipeline.folds.validation,
            On::Test => pipeline.folds.test,
        }
    }
}

/// The standard deviation as numpy has it: the sum of squares over n, not n - 1.
pub fn spread(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}
