//! Parameters that may be infinite: JSON has no such number, so that it stands there as a text. For `#[serde(with = "infinite")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How it stands in records, and how a study may write it beside TOML's `inf`.
pub(crate) const INFINITE: &str = "inf";

/// Stands before a number that JSON lacks, where a table that holds a part passes through JSON: no study writes such a text.
const MARK: &str = "number:";

/// The table with the numbers in its tables and lists of tables as texts that [`unmarked`] reads.
pub(super) fn marked(table: &toml::Table) -> toml::Table {
    let deep = |value: &toml::Value| match value {
        toml::Value::Table(items) => in_texts(items, &mark).into(),
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => with_texts(value, &mark),
        other => other.clone(),
    };
    table.iter().map(|(name, value)| (name.clone(), deep(value))).collect()
}

/// The number of such a text.
pub(super) fn unmarked(text: &str) -> Option<f64> {
    text.strip_prefix(MARK)?.parse().ok().filter(|number: &f64| !number.is_finite())
}

/// The table in JSON as records hold it, at whatever depth infinity stands.
pub(crate) fn in_json(table: &toml::Table) -> serde_json::Value {
    let text = |number: f64| (number == f64::INFINITY).then(|| INFINITE.to_owned());
    serde_json::json!(in_texts(table, &text))
}

fn mark(number: f64) -> Option<String> {
    (!number.is_finite()).then(|| format!("{MARK}{number}"))
}

fn in_texts(table: &toml::Table, text: &dyn Fn(f64) -> Option<String>) -> toml::Table {
    table.iter().map(|(name, value)| (name.clone(), with_texts(value, text))).collect()
}

fn with_texts(value: &toml::Value, text: &dyn Fn(f64) -> Option<String>) -> toml::Value {
    match value {
        toml::Value::Float(number) => text(*number).map_or_else(|| value.clone(), toml::Value::String),
        toml::Value::Array(items) => items.iter().map(|item| with_texts(item, text)).collect::<Vec<_>>().into(),
        toml::Value::Table(items) => in_texts(items, text).into(),
        other => other.clone(),
    }
}

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

/// The same for counts, of which `usize::MAX` is the infinite one. For `#[serde(with = "infinite::count")]`.
pub(crate) mod count {
    use std::fmt;

    use serde::{Deserializer, Serialize, Serializer, de};

    use super::INFINITE;

    struct Count;

    impl de::Visitor<'_> for Count {
        type Value = usize;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            // What messages about whole numbers of this type know.
            out.write_str("usize")
        }

        fn visit_u64<E: de::Error>(self, count: u64) -> Result<usize, E> {
            usize::try_from(count).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(count), &self))
        }

        fn visit_i64<E: de::Error>(self, count: i64) -> Result<usize, E> {
            usize::try_from(count).map_err(|_| E::invalid_value(de::Unexpected::Signed(count), &self))
        }

        fn visit_str<E: de::Error>(self, word: &str) -> Result<usize, E> {
            match word == INFINITE {
                true => Ok(usize::MAX),
                false => Err(E::invalid_type(de::Unexpected::Str(word), &self)),
            }
        }
    }

    pub(crate) fn serialize<S: Serializer>(count: &usize, serializer: S) -> Result<S::Ok, S::Error> {
        match *count == usize::MAX {
            true => INFINITE.serialize(serializer),
            false => count.serialize(serializer),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(Count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::registry::built;
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

    #[test]
    fn a_study_writes_infinity_as_a_number_or_as_a_text() {
        for (family, table, name) in [
            ("logistic-regression", "C = inf", "C"),
            ("logistic-regression", "C = 'inf'", "C"),
            ("k-neighbors", "p = inf", "p"),
            ("lof", "p = inf", "p"),
            ("mlp", "n_iter_no_change = inf", "n_iter_no_change"),
            ("mlp", "n_iter_no_change = 'inf'", "n_iter_no_change"),
        ] {
            assert_eq!(built(family, table, name), Ok("inf".into()), "{family}: {table}");
        }
        assert_eq!(built("mlp", "n_iter_no_change = 7", "n_iter_no_change"), Ok(7.into()));
        assert_eq!(
            built("mlp", "n_iter_no_change = -7", "").unwrap_err(),
            "`mlp`: `n_iter_no_change` must be at least 1, not -7"
        );
        assert_eq!(
            built("mlp", "n_iter_no_change = 2.5", "").unwrap_err(),
            "`mlp`, parameter `n_iter_no_change`: invalid type: floating point `2.5`, expected a whole number of 1 or more"
        );
        for (family, table) in
            [("logistic-regression", "C = -inf"), ("k-neighbors", "p = nan"), ("ridge", "alpha = inf")]
        {
            let said = built(family, table, "").unwrap_err();
            assert!(said.ends_with("is no value of a parameter: write a finite number"), "{said}");
        }
    }

    #[test]
    fn a_member_takes_the_numbers_that_a_family_takes() {
        let own = ["'inf'", "inf"].map(|c| format!("{{ family = 'logistic-regression', params = {{ C = {c} }} }}"));
        for member in own {
            let of = |family: &str, table: String, name: &str| built(family, &table, name).unwrap();
            assert_eq!(of("bagging", format!("estimator = {member}"), "estimator")["params"]["C"], "inf");
            assert_eq!(of("voting", format!("estimators = [{member}]"), "estimators")[0]["params"]["C"], "inf");
            let nested = format!("estimator = {{ family = 'bagging', params = {{ estimator = {member} }} }}");
            assert_eq!(of("bagging", nested, "estimator")["params"]["estimator"]["params"]["C"], "inf");
        }
        let beside = built("bagging", "estimator = { id = 'k-neighbors', p = inf }", "estimator").unwrap();
        assert_eq!(beside["p"], "inf");
        let xgboost = |params: &str| {
            let member = format!("estimator = {{ family = 'xgboost', params = {{ {params} }} }}");
            built("bagging", &member, "estimator").unwrap()
        };
        assert_eq!(xgboost("missing = nan"), xgboost(""));
        for (family, name, number) in [
            ("ridge", "alpha", f64::INFINITY),
            ("ridge", "alpha", f64::NEG_INFINITY),
            ("logistic-regression", "C", f64::NEG_INFINITY),
            ("k-neighbors", "p", f64::NAN),
        ] {
            let member = format!(
                "estimator = {{ family = '{family}', params = {{ {name} = {} }} }}",
                toml::Value::Float(number)
            );
            let said = built("bagging", &member, "").unwrap_err();
            let wanted =
                format!("`{family}`, parameter `{name}`: {number} is no value of a parameter: write a finite number");
            assert_eq!(said, format!("`bagging`: `estimator`: {wanted}"));
        }
        let share = built("balanced-bagging", "sampling_strategy = { 1 = inf }", "").unwrap_err();
        assert!(share.contains("`sampling_strategy`: inf is no value of a parameter"), "{share}");
        // What a program is given goes to it as it is: no number may become a text.
        let program = "estimator = { family = 'external', params = { command = ['a'], parameters = { x = inf } } }";
        let said = built("bagging", program, "").unwrap_err();
        let wanted = "`external`, parameter `x`: inf is no value of a parameter: write a finite number";
        assert_eq!(said, format!("`bagging`: `estimator`: {wanted}"));
    }
}
