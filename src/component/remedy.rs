//! What is likely to help where a family learns nothing from rare positives, and whether a pipeline does it already.

use serde_json::Value;

use super::ComponentFacts;

/// Scalers that leave columns of unlike scales unlike: values as they are, functions and products of them, or rows alone.
const UNLIKE: [&str; 4] = ["none", "function", "polynomial", "normalizer"];

/// All advice of a family.
#[derive(Debug, Clone, Copy)]
pub struct Remedies {
    /// What to do: any of these.
    pub any: &'static [Remedy],
    /// Why it helps; empty where it needs no reason.
    pub why: &'static str,
}

/// One piece of advice.
#[derive(Debug, Clone, Copy)]
pub struct Remedy {
    /// What to do, such as "a smaller `learning_rate`".
    pub said: &'static str,
    by: By,
}

/// A parameter, and whether its value does what is advised.
pub type Doing = (&'static str, fn(&Value) -> bool);

/// Where it shows that a pipeline follows it.
#[derive(Debug, Clone, Copy)]
enum By {
    /// One of these parameters has a value that does it.
    Params(&'static [Doing]),
    Scaler,
    Resampler,
    /// Nothing shows it.
    Nothing,
}

impl Remedies {
    /// None.
    pub const NONE: Remedies = Remedies { any: &[], why: "" };

    /// What a pipeline does not do yet, in words; none where it does all of it. Why it helps is said while it does none of it.
    /// Parameters are advised to a family that `takes` one of them.
    pub fn left(
        self,
        scaler: &ComponentFacts,
        resampler: &ComponentFacts,
        classifier: &ComponentFacts,
        takes: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let is_left = |remedy: &&Remedy| match remedy.by {
            By::Params(any) => {
                any.iter().any(|(name, _)| takes(name)) && !any.iter().any(|one| is_done(&classifier.params, *one))
            }
            By::Scaler => UNLIKE.contains(&scaler.id.as_str()),
            By::Resampler => resampler.is_none(),
            By::Nothing => true,
        };
        let left: Vec<&str> = self.any.iter().filter(is_left).map(|remedy| remedy.said).collect();
        let why = if left.len() == self.any.len() && !self.why.is_empty() {
            format!(": {}", self.why)
        } else {
            String::new()
        };
        let [rest @ .., last] = left.as_slice() else { return None };
        // A comma parts the last from others, or from one that has a comma itself.
        Some(match rest {
            [] => format!("{last}{why}"),
            [one] if !one.contains(',') => format!("{one} or {last}{why}"),
            _ => format!("{}, or {last}{why}", rest.join(", ")),
        })
    }
}

impl Remedy {
    /// Advice that nothing of a pipeline shows to be followed.
    pub const fn new(said: &'static str) -> Self {
        Remedy { said, by: By::Nothing }
    }

    /// Advice to give one of these parameters such a value.
    pub const fn params(said: &'static str, any: &'static [Doing]) -> Self {
        Remedy { said, by: By::Params(any) }
    }

    /// Advice to scale columns.
    pub const fn scaler(said: &'static str) -> Self {
        Remedy { said, by: By::Scaler }
    }

    /// Advice to resample.
    pub const fn resampler(said: &'static str) -> Self {
        Remedy { said, by: By::Resampler }
    }
}

/// Whether a parameter has such a value, or is among what a search looked through: what wraps a classifier (a search, a threshold)
/// holds its parameters under `params`.
fn is_done(params: &Value, (name, does): Doing) -> bool {
    let own = params.get(name).is_some_and(does);
    own || !params["search"]["space"][name].is_null()
        || params.get("params").is_some_and(|inner| is_done(inner, (name, does)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const REMEDIES: Remedies = Remedies {
        any: &[
            Remedy::params("a depth", &[("max_depth", Value::is_u64), ("leaves", Value::is_u64)]),
            Remedy::scaler("a scaler"),
            Remedy::resampler("resample"),
            Remedy::new("more rows"),
        ],
        why: "trees are deep",
    };

    fn left(remedies: Remedies, [scaler, resampler]: [&str; 2], params: Value) -> Option<String> {
        let of = |id: &str, params: Value| ComponentFacts { id: id.into(), params, ..ComponentFacts::none() };
        let takes = |name: &str| name != "unknown";
        remedies.left(&of(scaler, Value::Null), &of(resampler, Value::Null), &of("tree", params), takes)
    }

    #[test]
    fn advice_that_a_pipeline_follows_is_not_given() {
        let said = |steps, params| left(REMEDIES, steps, params).unwrap();
        let all = "a depth, a scaler, resample, or more rows: trees are deep";
        assert_eq!(said(["none", "none"], Value::Null), all);
        assert_eq!(said(["function", "none"], json!({ "max_depth": null })), all);
        assert_eq!(said(["standard", "none"], json!({})), "a depth, resample, or more rows");
        assert_eq!(said(["standard", "smote"], json!({ "max_depth": null })), "a depth or more rows");
        for params in [
            json!({ "max_depth": 3 }),
            json!({ "max_depth": null, "leaves": 9 }),
            json!({ "params": { "max_depth": 3 }, "threshold": {} }),
            json!({ "params": { "max_depth": null }, "search": { "space": { "max_depth": [null, 2] } } }),
        ] {
            assert_eq!(said(["standard", "smote"], params), "more rows");
        }
        let few = Remedies { any: &REMEDIES.any[1..2], ..REMEDIES };
        assert_eq!(left(few, ["none", "none"], Value::Null).as_deref(), Some("a scaler: trees are deep"));
        assert_eq!(left(few, ["robust", "none"], Value::Null), None);
        assert_eq!(left(Remedies::NONE, ["none", "none"], Value::Null), None);
        const NOT_TAKEN: Remedies =
            Remedies { any: &[Remedy::params("weights", &[("unknown", Value::is_u64)])], why: "" };
        assert_eq!(left(NOT_TAKEN, ["none", "none"], Value::Null), None);
    }
}
