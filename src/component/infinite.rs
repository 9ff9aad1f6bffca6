//! Parameters that may be infinite: JSON has no such number, so that it stands there as a text. For `#[serde(with = "infinite")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How it stands in records, and how a study may write it beside TOML's `inf`.
pub(crate) const INFINITE: &str = "inf";

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number or `inf`")]
enum Written {
    Number(f64),
    Word(String),
}

pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match *value == f64::INFINITY {
        true => Written::Word(INFINITE.to_owned()),
        false => Written::Number(*value),
    }
    .serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match Written::deserialize(deserializer)? {
        Written::Number(value) => Ok(value),
        Written::Word(word) if word == INFINITE => Ok(f64::INFINITY),
        Written::Word(word) => Err(de::Error::custom(format!("it is a number or `inf`, not `{word}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Params {
        #[serde(with = "super")]
        c: f64,
    }

    #[test]
    fn infinity_stands_in_json_as_a_text() {
        let read = |value: serde_json::Value| serde_json::from_value::<Params>(value).map_err(|e| e.to_string());
        for (c, value) in [(1.5, json!({ "c": 1.5 })), (f64::INFINITY, json!({ "c": "inf" }))] {
            assert_eq!(serde_json::to_value(Params { c }).unwrap(), value);
            assert_eq!(read(value), Ok(Params { c }));
        }
        assert_eq!(read(json!({ "c": "much" })).unwrap_err(), "it is a number or `inf`, not `much`");
        assert!(read(json!({ "c": true })).unwrap_err().contains("it is a number or `inf`"));
    }

    /// The parameter as records have it, or why it is refused.
    fn built(family: &str, table: &str, name: &str) -> Result<serde_json::Value, String> {
        let registry = Registry::built_in();
        let entry = registry.classifier(family, None).map_err(|e| e.to_string())?;
        let table = table.parse().map_err(|e: toml::de::Error| e.to_string())?;
        entry.build(&table, &registry).map(|built| built.params[name].clone()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_study_writes_infinity_as_a_number_or_as_a_text() {
        for (family, table, name) in [
            ("logistic-regression", "C = inf", "C"),
            ("logistic-regression", "C = 'inf'", "C"),
            ("k-neighbors", "p = inf", "p"),
            ("lof", "p = inf", "p"),
        ] {
            assert_eq!(built(family, table, name), Ok("inf".into()), "{family}: {table}");
        }
        for (family, table) in
            [("logistic-regression", "C = -inf"), ("k-neighbors", "p = nan"), ("ridge", "alpha = inf")]
        {
            let said = built(family, table, "").unwrap_err();
            assert!(said.ends_with("is no value of a parameter: write a finite number"), "{said}");
        }
        let member = |c: &str| format!("estimator = {{ family = 'logistic-regression', params = {{ C = {c} }} }}");
        assert_eq!(built("bagging", &member("'inf'"), "estimator").unwrap()["params"]["C"], "inf");
        assert!(built("bagging", &member("inf"), "").unwrap_err().ends_with("or \"inf\" where the member takes it"));
    }

    #[test]
    fn none_is_what_no_value_means() {
        for (family, table, name, value) in [
            ("bagging", "estimator = 'none'\nmax_samples = 'None'", "max_samples", json!(null)),
            ("adaboost", "estimator = 'none'", "random_state", json!(null)),
            ("balanced-bagging", "max_samples = 'none'\nsampler = 'none'", "max_samples", json!(null)),
            ("hist-gradient-boosting", "max_leaf_nodes = 'none'", "max_leaf_nodes", json!(null)),
            ("hist-gradient-boosting", "validation_fraction = 'none'", "validation_fraction", json!(null)),
            ("hist-gradient-boosting", "scoring = 'none'", "scoring", json!(null)),
            ("sgd", "l1_ratio = 'none'", "l1_ratio", json!(null)),
            ("logistic-regression", "l1_ratio = 'none'", "l1_ratio", json!(null)),
            ("k-neighbors", "weights = 'none'", "weights", json!("uniform")),
            ("xgboost", "max_depth = 'none'\nmax_delta_step = 'None'\nbooster = 'none'", "max_depth", json!(6)),
            ("mlp", "hidden_layer_sizes = 7", "hidden_layer_sizes", json!([7])),
        ] {
            assert_eq!(built(family, table, name), Ok(value), "{family}: {table}");
        }
        for (family, table) in [
            ("sgd", "l1_ratio = 'none'\npenalty = 'elasticnet'"),
            ("logistic-regression", "l1_ratio = 'none'\npenalty = 'elasticnet'"),
        ] {
            assert!(built(family, table, "").unwrap_err().contains("needs an `l1_ratio`"), "{family}");
        }
    }
}
