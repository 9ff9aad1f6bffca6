//! A component's parameters as a study writes them: read one by one, so that every one that does not fit is told in the words of
//! TOML.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::also::is_none;
use super::infinite::{self, INFINITE};
use super::out_of_range;
use crate::error::{Error, Result, meant, unknown};
use crate::words::{beginning, counted, one_line};

/// The parameters of a table, with their defaults in `P` where it gives none.
///
/// # Errors
/// Unknown parameters, each with the nearest valid one, and values that do not fit.
pub(super) fn read_params<P: Default + Serialize + DeserializeOwned>(id: &str, table: &toml::Table) -> Result<P> {
    let defaults = serde_json::to_value(P::default()).map_err(|e| Error::Study(format!("`{id}`: {e}")))?;
    let read = |value: Value| serde_json::from_value::<P>(value);
    let merged = merged(id, table, defaults, &|value| read(value).err())?;
    read(merged).map_err(|e| Error::Study(format!("`{id}`: {}", in_words(&e))))
}

/// XGBoost's parameter whose value in Python is NaN.
const MISSING: &str = "missing";

/// The first number in a value that is not finite.
fn not_finite(value: &toml::Value) -> Option<f64> {
    first(value, |value| value.as_float().filter(|number| !number.is_finite()))
}

fn first(value: &toml::Value, found: fn(&toml::Value) -> Option<f64>) -> Option<f64> {
    match value {
        toml::Value::Array(items) => items.iter().find_map(|item| first(item, found)),
        toml::Value::Table(items) => items.values().find_map(|item| first(item, found)),
        other => found(other),
    }
}

/// That a number which is not finite is refused.
fn no_value(id: &str, key: &str, number: f64) -> String {
    format!("`{id}`, parameter `{key}`: {number} is no value of a parameter: write a finite number")
}

/// The first date or time in a value. No parameter is one.
fn date(value: &toml::Value) -> Option<&toml::value::Datetime> {
    match value {
        toml::Value::Datetime(date) => Some(date),
        toml::Value::Array(items) => items.iter().find_map(date),
        toml::Value::Table(items) => items.values().find_map(date),
        _ => None,
    }
}

/// Parameters whose tables are passed on as they are: what stands in them are a program's own parameters, which a study writes in its
/// `params`.
pub(super) const PASSED_ON: [&str; 2] = ["parameters", "params"];

/// What JSON has no form of, a sentence for each parameter as a study names it.
fn formless(id: &str, key: &str, value: &toml::Value) -> Vec<String> {
    let said = |key: &str, value: &toml::Value| {
        // JSON has neither infinity nor NaN, so that they would be read as null.
        not_finite(value).map(|number| no_value(id, key, number)).or_else(|| {
            date(value).map(|date| {
                format!(
                    "`{id}`, parameter `{key}`: {date} is a date of TOML, which no parameter takes: write it in quotes, \"{date}\""
                )
            })
        })
    };
    match value {
        toml::Value::Table(own) if PASSED_ON.contains(&key) => {
            own.iter().filter_map(|(key, value)| said(key, value)).collect()
        }
        toml::Value::Float(number) if number.is_nan() && key == MISSING => Vec::new(),
        value => said(key, value).into_iter().collect(),
    }
}

/// Parameters in JSON, as a program takes them that alone knows which there are.
///
/// # Errors
/// [`Error::Study`] with all that JSON has no form of.
pub(crate) fn as_given(id: &str, table: &toml::Table) -> Result<serde_json::Map<String, Value>> {
    let faults = formless(id, PASSED_ON[0], &toml::Value::Table(table.clone()));
    if !faults.is_empty() {
        return Err(Error::Study(faults.join("; ")));
    }
    let one = |(key, value): (&String, &toml::Value)| {
        let value = serde_json::to_value(value).map_err(|e| Error::Study(format!("`{id}`, `{key}`: {e}")))?;
        Ok((key.clone(), value))
    };
    table.iter().map(one).collect()
}

/// What serde says of a value, without Rust's names of types.
fn in_words(refused: &serde_json::Error) -> String {
    const TYPES: [(&str, &str); 15] = [
        ("u8", "a whole number from 0 to 255"),
        ("u16", "a whole number from 0 to 65535"),
        ("u32", "a whole number from 0 to 4294967295"),
        ("u64", "a whole number of 0 or more"),
        ("usize", "a whole number of 0 or more"),
        ("i8", "a whole number"),
        ("i32", "a whole number"),
        ("i64", "a whole number"),
        ("f32", "a number"),
        ("f64", "a number"),
        ("a boolean", "true or false"),
        ("a sequence", "a list"),
        ("a string", "a text"),
        // What one of some names is read from.
        ("string or map", "a text"),
        ("a map", "a table"),
    ];
    let said = refused.to_string();
    // In backticks there are the name that is given and those that there are.
    if let Some(names) = said.strip_prefix("unknown variant `") {
        let names: Vec<&str> = names.split('`').step_by(2).collect();
        if let [given, allowed @ ..] = &names[..] {
            return unknown("value", given, allowed);
        }
    }
    if let Some(must_be) = out_of_range::must_be(&said) {
        return format!("it {must_be}");
    }
    let of = |(name, words): &(&str, &str)| {
        said.strip_suffix(name)
            .and_then(|start| start.strip_suffix("expected "))
            .map(|start| format!("{start}expected {words}"))
    };
    TYPES.iter().find_map(of).unwrap_or(said)
}

/// Says why a set of parameters cannot be read.
type Refused<'r> = &'r dyn Fn(Value) -> Option<serde_json::Error>;

/// The defaults with what `table` gives in their place. Apart from the parameters' type, so that it is compiled once and not for
/// each component.
fn merged(id: &str, table: &toml::Table, defaults: Value, refused: Refused<'_>) -> Result<Value> {
    // The defaults' own keys are the allowed ones: a parameter cannot exist without a default, so none is forgotten.
    let defaults = match defaults {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    };
    let with = |key: &str, value: Value| {
        let mut one = defaults.clone();
        one.insert(key.to_owned(), value);
        refused(one.into())
    };
    let mut merged = defaults.clone();
    let mut faults = Vec::new();
    for (key, value) in table {
        match in_json(id, (key, value), &defaults, &with) {
            Ok(Some(value)) => {
                merged.insert(key.clone(), value);
            }
            Ok(None) => {}
            Err(said) => faults.push(said),
        }
    }
    // One key at a time first, so that the message can name every key that does not fit.
    let is_read = |key: &str, value: &toml::Value| {
        defaults.contains_key(key) && not_finite(value).is_none() && date(value).is_none()
    };
    for (key, given) in table.iter().filter(|(key, value)| is_read(key, value)) {
        let Some(e) = with(key, merged[key].clone()) else { continue };
        // Python's None cannot be written in TOML.
        if !is_none(given) || with(key, Value::Null).is_some() {
            // What has a fixed length says which when it is empty.
            let length = with(key, Value::Array(Vec::new())).and_then(|e| fixed_length(&e.to_string()));
            let faulty = length.and_then(|length| not_as_many(given, length, &defaults[key]));
            faults.push(match faulty {
                Some(said) => format!("`{id}`, parameter `{key}`: {said}"),
                None => misfit(id, (key, given), &e),
            });
        }
        merged.insert(key.clone(), Value::Null);
    }
    match faults.is_empty() {
        true => Ok(merged.into()),
        false => Err(Error::Study(faults.join("; "))),
    }
}

/// What to write instead of a member's parameter in scikit-learn's way, `estimator__max_depth`.
fn of_member(key: &str, names: &[&str]) -> Option<String> {
    let (member, param) = key.split_once("__").or_else(|| key.split_once('.'))?;
    let id = match member {
        "estimator" | "final_estimator" => "family = \"decision-tree\"",
        "sampler" => "id = \"smote\"",
        _ => return None,
    };
    names.contains(&member).then(|| {
        let whole = format!("{{ {id}, params = {{ {param} = ... }} }}");
        format!("write `{member} = {whole}`, and in a `space` a list of these, `{member} = [{whole}, ...]`")
    })
}

/// What a parameter's value is in JSON; none where it is the default None. `with` says why the defaults with one other value cannot
/// be read.
///
/// # Errors
/// In sentences why it cannot be one.
fn in_json(
    id: &str,
    (key, value): (&String, &toml::Value),
    defaults: &serde_json::Map<String, Value>,
    with: &dyn Fn(&str, Value) -> Option<serde_json::Error>,
) -> Result<Option<Value>, String> {
    let Some(default) = defaults.get(key) else {
        let names: Vec<&str> = defaults.keys().map(String::as_str).collect();
        return Err(match names.is_empty() {
            true => format!("`{id}` takes no parameters, but `{key}` is given"),
            false => match of_member(key, &names) {
                Some(instead) => format!("unknown parameter of `{id}` `{key}`: {instead}"),
                None => unknown(&format!("parameter of `{id}`"), key, &names),
            },
        });
    };
    // JSON has no infinity, which some parameters know as a text.
    if value.as_float() == Some(f64::INFINITY) && default.is_number() && with(key, INFINITE.into()).is_none() {
        return Ok(Some(INFINITE.into()));
    }
    let faults = formless(id, key, value);
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    // Where no value is the default, None is that and not the name of something.
    if is_none(value) && default.is_null() {
        return Ok(None);
    }
    serde_json::to_value(value).map(Some).map_err(|e| format!("`{id}`, `{key}`: {e}"))
}

/// That a study gives a list or a table where one number or text belongs, of which serde tells the type only, in its own words; none
/// where it refuses something else.
fn not_one(given: &toml::Value, said: &str) -> Option<String> {
    let (serde, what) = match given {
        toml::Value::Array(items) if !items.iter().any(toml::Value::is_array) => ("sequence", "a list"),
        toml::Value::Table(items) if !items.values().any(toml::Value::is_table) => ("map", "a table"),
        _ => return None,
    };
    let wanted = said.strip_prefix("invalid type: ")?.strip_prefix(serde)?.strip_prefix(", expected ")?;
    Some(format!("{} is {what}: write {wanted}", one_line(&given.to_string())))
}

/// That a study gives none of several kinds of values, which `said` lists, with the nearest of the names in it; none where serde refuses
/// something else, or what was given stands in it.
fn none_of(given: &toml::Value, said: &str) -> Option<String> {
    let found = match given {
        toml::Value::String(text) => format!("\"{}\"", one_line(text)),
        other => one_line(&other.to_string()),
    };
    if !said.starts_with("it is ") || said.contains(", not ") {
        return None;
    }
    let names: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let nearest = given.as_str().and_then(|text| meant(text, &names));
    let nearest = nearest.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default();
    Some(format!("{} does not fit{nearest}: {said}", beginning(&found, 60)))
}

/// The length of what serde wants, by what it says of an empty list: an array or a tuple. None where it wants something else.
fn fixed_length(said: &str) -> Option<usize> {
    let wanted = said.strip_prefix("invalid length 0, expected ")?;
    wanted.strip_prefix("an array of length ").or(wanted.strip_prefix("a tuple of size "))?.parse().ok()
}

/// That a study gives something else than a list of so many numbers; none where it gives one.
fn not_as_many(given: &toml::Value, length: usize, default: &Value) -> Option<String> {
    let what = match given {
        toml::Value::Array(items) if items.len() == length => return None,
        toml::Value::Array(items) => format!("has {}", counted(items.len() as u64, "value")),
        _ => "is no list".to_owned(),
    };
    let example = match default.is_array() {
        true => default.clone(),
        false => vec![1.0 / length as f64; length].into(),
    };
    let items: Vec<String> = example.as_array().into_iter().flatten().map(Value::to_string).collect();
    let numbers = if length == 2 { "two numbers".to_owned() } else { counted(length as u64, "number") };
    let found = beginning(&one_line(&given.to_string()), 60);
    Some(format!("{found} {what}: write {numbers}, such as [{}]", items.join(", ")))
}

/// That a parameter cannot be read, by what serde says of it.
fn misfit(id: &str, (key, given): (&String, &toml::Value), e: &serde_json::Error) -> String {
    let marked = first(given, |value| infinite::unmarked(value.as_str()?));
    match (out_of_range::must_be(&e.to_string()), marked) {
        (Some(must_be), _) => format!("`{id}`: `{key}` {must_be}"),
        (None, Some(number)) => no_value(id, key, number),
        (None, None) => {
            let said = in_words(e);
            let told = not_one(given, &said).or_else(|| none_of(given, &said));
            format!("`{id}`, parameter `{key}`: {}", told.unwrap_or(said))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::component::{Entry, Registry, Scaler};

    fn split(kind: &str, table: &str) -> String {
        let registry = Registry::built_in();
        registry.split(kind).unwrap().build(&table.parse().unwrap(), &registry).err().unwrap().to_string()
    }

    #[test]
    fn a_date_without_quotes_is_told_as_that() {
        assert_eq!(
            split("prequential", "start = 2024-01-01"),
            "`prequential`, parameter `start`: 2024-01-01 is a date of TOML, which no parameter takes: write it in quotes, \"2024-01-01\""
        );
    }

    #[test]
    fn a_programs_own_parameters_are_told_by_their_names_and_all_at_once() {
        let family = |family: &str, table: &str| crate::component::registry::built(family, table, "").unwrap_err();
        let told = |family: &str| {
            format!(
                "`{family}`, parameter `limit`: inf is no value of a parameter: write a finite number; `{family}`, parameter `since`: \
                 2024-01-01 is a date of TOML, which no parameter takes: write it in quotes, \"2024-01-01\"; `{family}`, parameter \
                 `missing`: NaN is no value of a parameter: write a finite number"
            )
        };
        let own = "{ limit = inf, since = 2024-01-01, missing = [1, nan], fine = 0.5 }";
        assert_eq!(family("external", &format!("command = ['./x']\nparameters = {own}")), told("external"));
        assert_eq!(family("python", &format!("estimator = 'a:B'\nparams = {own}")), told("python"));
        // What is wrong beside them is told, too.
        assert!(
            family("external", "command = []\nparameters = { limit = inf }")
                .contains("; `external`: `command` must name")
        );
        // A table of another kind is a value.
        let said = family("decision-tree", "class_weight = { 1 = inf }");
        assert!(said.contains("parameter `class_weight`: inf is no value of a parameter"), "{said}");
    }

    #[test]
    fn what_serde_refuses_is_said_in_the_words_of_toml_with_the_nearest_name() {
        assert_eq!(
            split("time-ordered", "groups = 'appart'"),
            "`time-ordered`, parameter `groups`: unknown value `appart`; did you mean `apart`? Allowed: any, apart"
        );
        assert_eq!(
            split("time-ordered", "groups = true"),
            "`time-ordered`, parameter `groups`: invalid type: boolean `true`, expected a text"
        );
        let registry = Registry::built_in();
        let of = |entries: &[&'static Entry<dyn Scaler>], table: &str| {
            let entry = entries.iter().find(|entry| entry.id == "polynomial").unwrap();
            entry.build(&table.parse().unwrap(), &registry).err().unwrap().to_string()
        };
        assert_eq!(
            of(registry.scalers(), "degree = [1, 2]"),
            "`polynomial`, parameter `degree`: [1, 2] is a list: write 1, 2 or 3"
        );
        assert_eq!(of(registry.scalers(), "degree = 4"), "`polynomial`: `degree` must be 1, 2 or 3, not 4");
        assert_eq!(of(registry.scalers(), "degree = 0"), "`polynomial`: `degree` must be 1, 2 or 3, not 0");
        let family = |family: &str, table: &str| crate::component::registry::built(family, table, "").unwrap_err();
        assert_eq!(
            family("bernoulli-nb", "alpha = [0.5, 1.0]"),
            "`bernoulli-nb`, parameter `alpha`: [0.5, 1.0] is a list: write a number"
        );
        assert_eq!(
            family("bernoulli-nb", "alpha = { a0 = 0.5 }"),
            "`bernoulli-nb`, parameter `alpha`: { a0 = 0.5 } is a table: write a number"
        );
        assert_eq!(
            family("decision-tree", "monotonic_cst = [1.0, 0]"),
            "`decision-tree`, parameter `monotonic_cst`: invalid type: floating point `1.0`, expected a whole number"
        );
        let external = registry.classifier("external", None).unwrap();
        let said = external.build(&"command = './x'".parse().unwrap(), &registry).err().unwrap().to_string();
        assert_eq!(said, "`external`, parameter `command`: invalid type: string \"./x\", expected a list");
    }

    #[test]
    fn what_is_none_of_several_kinds_is_told_with_the_nearest_name() {
        let registry = Registry::built_in();
        let smote = "`auto`, `minority`, `not-majority`, `all` or a number above 0 and at most 1";
        let drop = "`auto`, `majority`, `not-minority`, `all` or a number above 0 and at most 1";
        let clean = "`auto`, `majority`, `not-minority`, `not-majority` or `all`";
        for (id, given, said) in [
            ("smote", "'Auto'", format!("\"Auto\" does not fit (did you mean `auto`?): it is {smote}")),
            ("smote", "true", format!("true does not fit: it is {smote}")),
            (
                "smote",
                "{ 1 = 30 }",
                format!(
                    "{{ 1 = 30 }} does not fit: it is {smote}; numbers of rows per class and lists of classes are not taken: write the \
                     ratio of the smaller class's rows to the larger one's, or the name"
                ),
            ),
            (
                "random-undersampling",
                "'not_minority'",
                format!("\"not_minority\" does not fit (did you mean `not-minority`?): it is {drop}"),
            ),
            ("tomek-links", "'al'", format!("\"al\" does not fit (did you mean `all`?): it is {clean}")),
            (
                "one-sided-selection",
                "'Majority'",
                "\"Majority\" does not fit (did you mean `majority`?): it is `auto`, `majority` or `not-minority`"
                    .to_owned(),
            ),
        ] {
            let entry = registry.resampler(id).unwrap();
            let table = format!("sampling_strategy = {given}").parse().unwrap();
            let told = entry.build(&table, &registry).err().unwrap().to_string();
            assert_eq!(told, format!("`{id}`, parameter `sampling_strategy`: {said}"));
        }
        let target = registry.encoders().iter().find(|entry| entry.id == "target").unwrap();
        assert_eq!(
            target.build(&"smooth = 'Auto'".parse().unwrap(), &registry).err().unwrap().to_string(),
            "`target`, parameter `smooth`: \"Auto\" does not fit (did you mean `auto`?): it is `auto` or a number of 0 or more"
        );
        let select = registry.selects().iter().find(|entry| entry.id == "select-k-best").unwrap();
        assert_eq!(
            select.build(&"k = 'All'".parse().unwrap(), &registry).err().unwrap().to_string(),
            "`select-k-best`, parameter `k`: \"All\" does not fit (did you mean `all`?): it is a number of columns, or `all`"
        );
    }

    #[test]
    fn a_list_of_another_length_is_told_how_many_numbers_to_write() {
        let registry = Registry::built_in();
        for (family, table, said) in [
            ("gaussian-nb", "priors = [0.5, 0.5, 0.0]", "`priors`: [0.5, 0.5, 0.0] has 3 values"),
            ("qda", "priors = [0.5]", "`priors`: [0.5] has 1 value"),
            ("lda", "priors = 0.5", "`priors`: 0.5 is no list"),
            ("bernoulli-nb", "class_prior = []", "`class_prior`: [] has 0 values"),
            ("complement-nb", "class_prior = 'even'", "`class_prior`: \"even\" is no list"),
        ] {
            assert_eq!(
                crate::component::registry::built(family, table, "").unwrap_err(),
                format!("`{family}`, parameter {said}: write two numbers, such as [0.5, 0.5]")
            );
        }
        for (id, table, said) in [
            (
                "robust",
                "quantile_range = [25.0]",
                "`quantile_range`: [25.0] has 1 value: write two numbers, such as [25.0, 75.0]",
            ),
            (
                "robust",
                "quantile_range = 25",
                "`quantile_range`: 25 is no list: write two numbers, such as [25.0, 75.0]",
            ),
            (
                "min-max",
                "feature_range = [0, 1, 2]",
                "`feature_range`: [0, 1, 2] has 3 values: write two numbers, such as [0.0, 1.0]",
            ),
        ] {
            let entry = registry.scalers().iter().find(|entry| entry.id == id).unwrap();
            let told = entry.build(&table.parse().unwrap(), &registry).err().unwrap().to_string();
            assert_eq!(told, format!("`{id}`, parameter {said}"));
        }
        // As many values of another kind are told what they are.
        let said = crate::component::registry::built("qda", "priors = ['a', 0.5]", "").unwrap_err();
        assert_eq!(said, "`qda`, parameter `priors`: invalid type: string \"a\", expected a number");
    }
}
