//! Trainings that stop early by rows that are no sample of the data: those that a resampler has repeated, made up or thinned out.

use serde_json::Value;

use super::Results;
use super::folds::by_pipeline;
use super::leaderboard::Pipeline;
use crate::classify::AUTO_ROWS;
use crate::store::Record;

/// The pipelines with a cell whose classifier stops early by rows that were kept out behind a resampler which changed them, in plan
/// order.
pub fn watched_behind_resampler(results: &Results) -> Vec<Pipeline> {
    let is_such = |record: &Record| is_resampled(record) && keeps_out(record);
    by_pipeline(results).into_iter().filter(|group| group.scored().any(is_such)).map(|group| group.pipeline).collect()
}

fn is_resampled(record: &Record) -> bool {
    record.removed_rows + record.repeated_rows + record.made_rows > 0
}

/// Whether the classifier keeps rows out of those that it is fitted on to stop early by. The protocol's validation part is never
/// resampled.
fn keeps_out(record: &Record) -> bool {
    let facts = &record.classifier_facts.params;
    // Of what is searched, tuned or calibrated the family's own parameters stand inside.
    let params = facts.get("params").filter(|params| params.is_object()).unwrap_or(facts);
    if params.get("early_stopping_rounds").is_some_and(Value::is_number) {
        return true;
    }
    let stops = match params.get("early_stopping") {
        Some(Value::Bool(stops)) => *stops,
        Some(Value::String(auto)) => auto == "auto" && record.train_rows > AUTO_ROWS as u64,
        _ => false,
    };
    let is_own = params.get("validation").is_some_and(|part| part == "protocol");
    // Without a share the training rows themselves are looked at.
    let has_share = params.get("validation_fraction").is_some_and(Value::is_number);
    stops && has_share && !is_own
}
