//! The networks of the search, as records and kept predictions tell them.

use super::parts::{IN_SAMPLE, SEARCH};
use crate::component::Prediction;
use crate::metric::Scored;
use crate::papers::{Evidence, Part};
use crate::store::{KeptRows, Outcome, Record};

const FAMILY: &str = "mlp";
const AREA: &str = "roc-auc";

/// A network of the search.
pub struct Network<'a> {
    record: &'a Record,
    /// The same network on its own training rows.
    in_sample: Option<&'a Record>,
    /// Its area under the ROC curve on the validation rows, by which it is chosen.
    pub validation: f64,
}

/// A network on the rows of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    Train,
    Validation,
    Test,
}

impl Sample {
    pub const ALL: [Sample; 3] = [Sample::Train, Sample::Validation, Sample::Test];

    /// As the paper calls it.
    pub fn name(self) -> &'static str {
        match self {
            Sample::Train => "Train",
            Sample::Validation => "Validation",
            Sample::Test => "Test",
        }
    }
}

/// Every network that was scored, the best on the validation rows first; of equal ones the first of the plan.
pub fn found(evidence: &Evidence) -> Vec<Network<'_>> {
    let scored = |part: &Part| {
        let records = evidence.part(part).map(|results| results.records.as_slice()).unwrap_or_default();
        records.iter().filter(|r| r.outcome == Outcome::Scored && r.family == FAMILY)
    };
    let mut networks: Vec<Network<'_>> = scored(&SEARCH)
        .filter_map(|record| {
            let validation = record.validation.get(AREA)?.value()?;
            let in_sample = scored(&IN_SAMPLE).find(|other| other.cell.classifier == record.cell.classifier);
            Some(Network { record, in_sample, validation })
        })
        .collect();
    networks.sort_by(|a, b| b.validation.total_cmp(&a.validation));
    networks
}

impl Network<'_> {
    /// Its name, such as `9-5-2-logistic-0`.
    pub fn name(&self) -> &str {
        &self.record.cell.classifier
    }

    /// Its shape, such as `9-5-2`.
    pub fn shape(&self) -> String {
        self.name().split('-').take(3).collect::<Vec<_>>().join("-")
    }

    /// Its area under the ROC curve on the rows of a sample.
    pub fn area(&self, sample: Sample) -> Option<f64> {
        match sample {
            Sample::Validation => Some(self.validation),
            Sample::Test => self.record.metrics.get(AREA)?.value(),
            Sample::Train => self.in_sample?.metrics.get(AREA)?.value(),
        }
    }

    /// Its weights by layer, unit and input, with the units' biases; none where the record does not hold them.
    pub fn weights(&self) -> Option<Vec<Layer>> {
        let layers = self.record.details.as_ref()?.get("weights")?.clone();
        serde_json::from_value(layers).ok()
    }

    /// The rows of a sample and what it said of them; none where that was not kept.
    pub fn said(&self, evidence: &Evidence, sample: Sample) -> Option<(KeptRows, Prediction)> {
        let (part, record) = match sample {
            Sample::Train => (&IN_SAMPLE, self.in_sample?),
            Sample::Validation | Sample::Test => (&SEARCH, self.record),
        };
        let (said, rows) = evidence.said(part, record)?;
        match sample {
            Sample::Validation => rows.validation.zip(said.validation),
            Sample::Train | Sample::Test => Some((rows.test, said.test)),
        }
    }

    /// The threshold of its validation rows.
    pub fn threshold(&self, evidence: &Evidence) -> Option<f64> {
        let (rows, said) = self.said(evidence, Sample::Validation)?;
        youden(&rows.y, &said)
    }
}

/// The score from which on the share of frauds that are found exceeds that of false alarms most (Youden); of equal ones the largest.
fn youden(y: &[u8], said: &Prediction) -> Option<f64> {
    let scored = Scored::new(y, said).ok()?;
    let ranks = scored.ranks().ok()?;
    let mut best: Option<(i128, f64)> = None;
    let mut found = 0;
    for step in &ranks.steps {
        found += step.positives;
        let false_alarms = i128::from(step.negatives_above + step.negatives_tied);
        // The difference of both shares, times both classes' rows: whole numbers, in which equal is equal.
        let excess = i128::from(found) * i128::from(ranks.negatives) - false_alarms * i128::from(ranks.positives);
        if best.is_none_or(|(known, _)| excess > known) {
            best = Some((excess, step.score));
        }
    }
    best.map(|(_, score)| score)
}

/// A layer of a network.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct Layer {
    /// By input, then by unit, as scikit-learn's `coefs_`.
    pub weights: Vec<Vec<f64>>,
    /// By unit.
    pub biases: Vec<f64>,
}

/// Rows of each class of a sample, and how many of them the network puts into it: (all, correct) of genuine ones and frauds.
pub fn summary(rows: &KeptRows, said: &Prediction) -> [(usize, usize); 2] {
    let mut counts = [(0, 0); 2];
    for (&truth, &label) in rows.y.iter().zip(&said.label) {
        let (all, correct) = &mut counts[usize::from(truth == 1)];
        *all += 1;
        *correct += usize::from(truth == label);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::ScoreKind;

    #[test]
    fn thresholds_and_counts_by_hand() {
        let said = Prediction {
            score: vec![0.9, 0.8, 0.7, 0.7, 0.2, 0.1],
            label: vec![1, 0, 1, 1, 0, 0],
            kind: ScoreKind::Probability,
        };
        let y = [1, 0, 1, 0, 1, 0];
        // From 0.9 on 1/3 and no false alarm; from 0.7 on 2/3 and 2/3; from 0.2 on all and 2/3: as much, and later.
        assert_eq!(youden(&y, &said), Some(0.9));
        let better = Prediction { score: vec![0.9, 0.1, 0.7, 0.7, 0.8, 0.1], ..said.clone() };
        assert_eq!(youden(&y, &better), Some(0.8));
        let rows = KeptRows { row: (0..6).collect(), y: y.to_vec(), ..KeptRows::default() };
        assert_eq!(summary(&rows, &said), [(3, 2), (3, 2)]);
    }
}
