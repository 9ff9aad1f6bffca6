//! What a reader of a pipeline's code has to know.

use serde_json::Value;

use crate::component::Registry;
use crate::store::Record;

/// What is said, a line each: of a training that was stopped early, of categories, of an isotonic calibration and of a tuned
/// threshold, where `are` says so; and of resamplers.
pub(super) fn notes((record, registry): (&Record, &Registry), are: [bool; 4]) -> String {
    let all = [
        "# Early stopping kept these rounds, fitted without the rows that it kept out: fitted on all training rows, scores differ.\n",
        "# Categories are columns of pandas' dtype `category`.\n",
        "# scikit-learn's isotonic map takes scores within 1e-15 for one (1e-6 where they have 32 bits), ours does not.\n",
        "# The threshold was tuned on inner folds of the training rows; here it is what they gave.\n",
    ];
    let said = are.into_iter().zip(all).filter(|(is_so, _)| *is_so).map(|(_, said)| said.to_owned());
    let family = &record.classifier_facts.params;
    let mut resamplers = vec![record.resampler_facts.id.as_str()];
    samplers(family.get("params").unwrap_or(family), &mut resamplers);
    resamplers.dedup();
    let has_other_order = |id: &&str| registry.resampler(id).is_ok_and(|entry| entry.in_python.has_other_order);
    let orders = resamplers.into_iter().filter(has_other_order).map(|id| {
        format!(
            "# `{id}` leaves rows in the table's order and the class here in another: a family that draws rows or takes them in \
             turn learns otherwise.\n"
        )
    });
    said.chain(orders).collect()
}

/// The resamplers that ensembles have inside.
fn samplers<'v>(params: &'v Value, found: &mut Vec<&'v str>) {
    match params {
        Value::Object(all) => {
            found.extend(all.get("sampler").and_then(|sampler| sampler["id"].as_str()));
            all.values().for_each(|value| samplers(value, found));
        }
        Value::Array(all) => all.iter().for_each(|value| samplers(value, found)),
        _ => {}
    }
}
