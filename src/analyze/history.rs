//! What a network's passes left in the records: loss and share of right labels, pass by pass.

use serde_json::Value;

use super::curves::Band;
use crate::store::Record;

/// One fit, pass by pass.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Of the training rows, as they were while they were learnt.
    pub training: [Vec<f64>; 2],
    /// Of the validation rows after each pass; empty where nothing was watched.
    pub validation: [Vec<f64>; 2],
    /// The pass, from 1, whose weights the model has.
    pub kept: usize,
}

/// What a curve shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// The mean log loss.
    Loss = 0,
    /// The share of right labels.
    Accuracy = 1,
}

impl History {
    /// That of a record, wherever a wrapper has put it; none where its classifier has no passes.
    pub fn of(record: &Record) -> Option<Self> {
        Self::read(record.details.as_ref().and_then(found)?)
    }

    fn read(value: &Value) -> Option<Self> {
        let numbers = |key: &str| -> Option<Vec<f64>> {
            let Some(values) = value.get(key) else { return Some(Vec::new()) };
            values.as_array()?.iter().map(Value::as_f64).collect()
        };
        let history = History {
            training: [numbers("loss")?, numbers("accuracy")?],
            validation: [numbers("val_loss")?, numbers("val_accuracy")?],
            kept: value.get("kept_epoch").and_then(Value::as_u64)? as usize,
        };
        (!history.training[0].is_empty()).then_some(history)
    }

    /// Passes in all.
    pub fn passes(&self) -> usize {
        self.training[0].len()
    }

    /// The validation rows' value after the pass whose weights are kept.
    pub fn validated(&self, curve: Curve) -> Option<f64> {
        self.validation[curve as usize].get(self.kept.checked_sub(1)?).copied()
    }
}

fn found(details: &Value) -> Option<&Value> {
    details.get("history").or_else(|| details.get("model").and_then(found))
}

/// Mean and range by pass over fits, of the training and of the validation rows. A pass that not every fit has come to is over
/// those that have.
pub fn bands(histories: &[History], curve: Curve) -> [Vec<Band>; 2] {
    let of = |side: fn(&History) -> &[Vec<f64>; 2]| {
        let curves: Vec<&Vec<f64>> = histories.iter().map(|history| &side(history)[curve as usize]).collect();
        let passes = curves.iter().map(|values| values.len()).max().unwrap_or(0);
        let band = |pass: usize| {
            let values: Vec<f64> = curves.iter().filter_map(|values| values.get(pass)).copied().collect();
            Band {
                x: (pass + 1) as f64,
                mean: values.iter().sum::<f64>() / values.len() as f64,
                least: values.iter().copied().fold(f64::INFINITY, f64::min),
                largest: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            }
        };
        (0..passes).map(band).collect()
    };
    [of(|history| &history.training), of(|history| &history.validation)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_history_is_found_behind_wrappers_and_averaged_over_those_that_came_so_far() {
        let details = |losses: &[f64]| {
            json!({ "threshold": 1, "model": { "history": {
                "loss": losses, "accuracy": losses, "val_loss": losses, "val_accuracy": losses, "kept_epoch": 2,
            }}})
        };
        let read = |losses: &[f64]| History::read(found(&details(losses)).unwrap()).unwrap();
        let two = [read(&[0.5, 0.3]), read(&[0.7, 0.5, 0.1])];
        assert_eq!((two[1].passes(), two[1].validated(Curve::Loss)), (3, Some(0.5)));
        let [training, validation] = bands(&two, Curve::Accuracy);
        assert_eq!(training, validation);
        assert_eq!(training[0], Band { x: 1.0, mean: 0.6, least: 0.5, largest: 0.7 });
        assert_eq!(training[2], Band { x: 3.0, mean: 0.1, least: 0.1, largest: 0.1 });
        assert!(found(&json!({ "search": {} })).is_none());
    }
}
