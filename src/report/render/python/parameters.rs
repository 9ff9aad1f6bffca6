//! A component's parameters as its class of Python takes them: other estimators, functions, tuples and names that a study writes
//! otherwise.

use serde_json::{Map, Value, json};

use crate::classify::{final_seed, member_seed};
use crate::component::infinite::INFINITE;
use crate::component::{Entry, Registry, Treated, in_toml};
use crate::data::ColumnShape;
use crate::words::{agree, listed};

/// Parameters of early stopping, which the classes of the boosting libraries take elsewhere. The rounds that were kept stand for
/// them.
const STOPPING: [&str; 3] = ["early_stopping_rounds", "validation_fraction", "eval_metric"];
/// The module whose classes take every parameter of early stopping themselves.
const SCIKIT_LEARN: &str = "sklearn.";

/// What the values of a component's parameters refer to.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub registry: &'a Registry,
    /// The table's columns, where they are those that the component gets.
    pub columns: Option<&'a [ColumnShape]>,
    /// Whether it gets categories as such.
    pub is_coded: bool,
    /// What one of ours draws with whose `random_state` nobody has set; none where the estimator around it sets it.
    pub seed: Option<u64>,
    /// Why no class of Python cuts the inner folds of `stacking` as here; empty where one does.
    pub stacks_otherwise: &'a str,
    /// What is asked of its class before it is fitted.
    pub asked: Asked,
}

/// What scikit-learn asks a class to have before it is fitted; some classes have it by what they are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing.
    Nothing,
    /// Labels: an ensemble around it does.
    Labels,
    /// Scores: a threshold around it does.
    Scores,
}

/// A value in Python, or several, and the lines that import what stands in them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Code {
    pub text: String,
    pub imports: Vec<String>,
}

impl Code {
    fn new(text: String) -> Self {
        Code { text, imports: Vec::new() }
    }

    /// All of them with commas between.
    fn joined(all: impl IntoIterator<Item = Code>) -> Self {
        let (texts, imports): (Vec<_>, Vec<_>) = all.into_iter().map(|code| (code.text, code.imports)).unzip();
        Code { text: texts.join(", "), imports: imports.concat() }
    }

    fn around(self, before: &str, after: &str) -> Self {
        Code { text: format!("{before}{}{after}", self.text), ..self }
    }
}

/// The arguments of a class.
///
/// # Errors
/// One sentence that says which parameter no class of Python has.
pub(super) fn arguments<T: ?Sized>(
    entry: &Entry<T>,
    mut params: Map<String, Value>,
    around: Around<'_>,
) -> Result<Code, String> {
    let own = entry.in_python.lacks.iter().filter(|name| params.contains_key(**name));
    let own: Vec<String> = own.map(|name| format!("`{name}`")).collect();
    if !own.is_empty() {
        let does = agree(own.len(), "does", "do");
        return Err(format!("no class of Python does what {} of `{}` {does}", listed(&own), entry.id));
    }
    if entry.id == "stacking" && !around.stacks_otherwise.is_empty() {
        return Err(around.stacks_otherwise.to_owned());
    }
    // Without it the class knows what it can say once it is fitted.
    if entry.id == "stacking"
        && around.asked != Asked::Nothing
        && let Some(last) = defaults(entry, around.registry).remove("final_estimator")
    {
        params.entry("final_estimator").or_insert(last);
    }
    if entry.id == "voting" && around.asked == Asked::Scores && params.get("voting").is_none_or(|how| how != "soft") {
        return Err(
            "scikit-learn's `VotingClassifier` has no scores without `voting = \"soft\"`, which a threshold cuts"
                .into(),
        );
    }
    // Members that see some of the columns only have other places for them.
    let draws_columns = ["max_features", "bootstrap_features"].iter().any(|name| params.contains_key(*name));
    let around =
        Around { columns: around.columns.filter(|_| !draws_columns || !params.contains_key("estimator")), ..around };
    // That of its stumps, beside which there is no `estimator`.
    if entry.id == "adaboost"
        && let Some(criterion) = params.shift_remove("criterion")
    {
        let stump = json!({ "family": "decision-tree", "params": { "max_depth": 1, "criterion": criterion } });
        params.entry("estimator").or_insert(stump);
    }
    if entry.id == "select-k-best" {
        let drawn = ["n_neighbors", "random_state"].map(|name| (name, params.shift_remove(name)));
        if params.get("score_func").is_some_and(|name| name == MUTUAL) {
            let random_state = defaults(entry, around.registry).remove("random_state");
            let of = |(name, given): (&str, Option<Value>)| {
                let given = given.or_else(|| random_state.clone().filter(|_| name == "random_state"));
                given.map(|value| format!(", {name}={}", literal(&value)))
            };
            let given: String = drawn.into_iter().filter_map(of).collect();
            params.insert("score_func".into(), format!("partial({MUTUAL}{given})").into());
        }
    }
    let all = params
        .iter()
        .map(|(name, value)| written(entry.id, name, value, around).map(|code| code.around(&format!("{name}="), "")));
    Ok(Code::joined(all.collect::<Result<Vec<_>, String>>()?))
}

/// scikit-learn's function of the scores that draws, and takes parameters.
const MUTUAL: &str = "mutual_info_classif";

/// The value of one parameter.
fn written(id: &str, name: &str, value: &Value, around: Around<'_>) -> Result<Code, String> {
    let tuple = |value: &Value| {
        let items = value.as_array().into_iter().flatten().map(literal);
        format!("({})", items.collect::<Vec<_>>().join(", "))
    };
    Ok(match (id, name, value) {
        (_, "sampling_strategy", Value::String(text)) => Code::new(literal(&text.replace('-', " ").into())),
        (_, "feature_range" | "quantile_range", Value::Array(_)) => Code::new(tuple(value)),
        ("function", "func", Value::String(name)) => function(name),
        ("select-k-best", "score_func", Value::String(name)) => score(name),
        ("ordinal", "unknown_value", Value::Number(number)) => Code::new(whole(id, name, number)?),
        ("bernoulli-nb", "binarize", Value::Number(number)) if number.as_f64().is_some_and(|at| at < 0.0) => {
            return Err("scikit-learn's `BernoulliNB` takes no `binarize` below 0".into());
        }
        ("xgboost", "monotone_constraints", Value::Array(_)) => Code::new(tuple(value)),
        ("xgboost", "monotone_constraints", Value::Object(named)) => Code::new(tuple(&placed(name, named, around)?)),
        // As a text it counts places, of data frames and of matrices alike; as a list it has names.
        ("xgboost", "interaction_constraints", Value::Array(_)) => Code::new(format!("{:?}", literal(value))),
        (_, "monotone_constraints" | "monotonic_cst", Value::Object(named)) => {
            Code::new(literal(&placed(name, named, around)?))
        }
        ("stacking", "final_estimator", _) if is_part(value) => {
            let asked = if around.asked == Asked::Scores { Asked::Scores } else { Asked::Labels };
            let seed = around.seed.map(final_seed);
            member(value, Around { seed, columns: None, is_coded: false, asked, ..around })?
        }
        (_, "estimator" | "final_estimator", _) if is_part(value) => {
            member(value, Around { seed: None, asked: Asked::Labels, ..around })?
        }
        (_, "sampler", Value::Object(_)) => sampler(value, Around { seed: None, ..around })?,
        (_, "estimators", Value::Array(all)) => {
            let one = |(nth, given): (usize, &Value)| {
                let seed = around.seed.map(|seed| member_seed(seed, nth));
                member(given, Around { seed, asked: Asked::Labels, ..around })
                    .map(|code| code.around(&format!("(\"{nth}\", "), ")"))
            };
            let all: Result<Vec<Code>, String> = all.iter().enumerate().map(one).collect();
            Code::joined(all?).around("[", "]")
        }
        _ => Code::new(literal(value)),
    })
}

/// A function of NumPy, or ours, of every value.
fn function(name: &str) -> Code {
    let text = match name {
        "signed-log1p" => "lambda x: np.sign(x) * np.log1p(np.abs(x))".to_owned(),
        "identity" => return Code::new("None".into()),
        name => format!("np.{name}"),
    };
    Code { text, imports: vec!["import numpy as np".into()] }
}

/// A function that judges columns, perhaps with parameters.
fn score(code: &str) -> Code {
    let with_parameters = code.strip_prefix("partial(");
    let name = with_parameters.and_then(|rest| rest.split([',', ')']).next()).unwrap_or(code);
    let mut imports = vec![format!("from sklearn.feature_selection import {name}")];
    imports.extend(with_parameters.map(|_| import("functools.partial")));
    Code { text: code.to_owned(), imports }
}

/// A number that Python takes as a whole one only.
fn whole(id: &str, name: &str, number: &serde_json::Number) -> Result<String, String> {
    match number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 1e15) {
        Some(value) => Ok(format!("{value:.0}")),
        None => Err(format!("Python's class of `{id}` takes a whole number for `{name}`, not {number}")),
    }
}

/// The directions of all columns of the table, in their order, of those that are named.
fn placed(key: &str, named: &Map<String, Value>, around: Around<'_>) -> Result<Value, String> {
    let lacks = || {
        format!(
            "`{key}` names columns, and those that Python's class gets have other places than the table's, or other names"
        )
    };
    let columns = around.columns.ok_or_else(lacks)?;
    if named.keys().any(|name| columns.iter().filter(|column| column.name == *name).count() != 1) {
        return Err(lacks());
    }
    Ok(columns.iter().map(|column| named.get(&column.name).cloned().unwrap_or_else(|| 0.into())).collect())
}

/// The call of a classifier that another component is made of.
fn member(given: &Value, around: Around<'_>) -> Result<Code, String> {
    let (id, backend, params) = part(given);
    let lacks = || format!("no class of Python is known for the classifier `{id}`");
    let entry = around.registry.classifier(id, backend).map_err(|_| lacks())?;
    let class = class(entry.source).ok_or_else(lacks)?;
    if !entry.in_python.is_classifier() {
        return Err(format!(
            "`{id}` is a member here, and no classifier of scikit-learn, whose ensembles take no others"
        ));
    }
    let defaults = defaults(entry, around.registry);
    // An ensemble draws a seed for its member's own member only where that is named, even if it is the usual one.
    let own = params.get("estimator").filter(|own| around.seed.is_none() && is_part(own)).cloned();
    let mut params = differing(&params, &defaults);
    params.extend(own.map(|own| ("estimator".to_owned(), own)));
    if params.get(STOPPING[0]).is_some_and(|rounds| !rounds.is_null()) && takes_rounds(&class) {
        return Err(format!("no class of Python stops the member `{id}` early by rows of its own"));
    }
    without_stopping(&class, &mut params);
    seeded(entry, &defaults, &mut params, around.seed);
    if around.is_coded {
        params.extend(said(entry.in_python.with_categories));
    }
    arguments(entry, params, around).map(|arguments| called(&class, arguments))
}

/// The call of a resampler that another component is made of.
fn sampler(given: &Value, around: Around<'_>) -> Result<Code, String> {
    let (id, _, params) = part(given);
    let lacks = || format!("no class of Python is known for the resampler `{id}`");
    let entry = around.registry.resampler(id).map_err(|_| lacks())?;
    let class = class(entry.source).ok_or_else(lacks)?;
    let mut params = differing(&params, &defaults(entry, around.registry));
    params.extend(said(entry.in_python.given));
    arguments(entry, params, around).map(|arguments| called(&class, arguments))
}

fn called(class: &str, arguments: Code) -> Code {
    let mut code = arguments.around(&format!("{}(", name(class)), ")");
    code.imports.push(import(class));
    code
}

/// Whether a value names a component, by a table or by its name alone.
fn is_part(value: &Value) -> bool {
    value.is_object() || value.as_str().is_some_and(|name| !name.eq_ignore_ascii_case("none"))
}

/// The id, the backend and the parameters of what a component is made of.
fn part(given: &Value) -> (&str, Option<&str>, Value) {
    let text = |key: &str| given.get(key).and_then(Value::as_str);
    if let Value::String(family) = given {
        return (family, None, Value::Null);
    }
    if let Some(family) = text("family") {
        return (family, text("backend"), given.get("params").cloned().unwrap_or_default());
    }
    let mut params = given.clone();
    if let Value::Object(params) = &mut params {
        params.retain(|name, _| !["id", "backend", "version"].contains(&name.as_str()));
    }
    (text("id").unwrap_or_default(), text("backend"), params)
}

/// Gives one of ours that draws the seed that it drew with, unless a study gives one; the libraries have a default of their own.
pub(super) fn seeded<T: ?Sized>(
    entry: &Entry<T>,
    defaults: &Map<String, Value>,
    params: &mut Map<String, Value>,
    seed: Option<u64>,
) {
    if let Some(seed) = seed.filter(|_| draws_anew(entry, defaults, params)) {
        params.insert("random_state".into(), Value::from(seed as u32));
    }
}

/// Whether one of ours draws by a seed that no study has given.
pub(super) fn draws_anew<T: ?Sized>(
    entry: &Entry<T>,
    defaults: &Map<String, Value>,
    params: &Map<String, Value>,
) -> bool {
    let draws = defaults.get("random_state") == Some(&Value::Null) && entry.backend == "native";
    draws && !params.contains_key("random_state")
}

/// Leaves out what a class lacks where it is at its default, which a search may choose: the class does the same without it.
pub(super) fn without_own_defaults<T: ?Sized>(
    entry: &Entry<T>,
    defaults: &Map<String, Value>,
    params: &mut Map<String, Value>,
) {
    // A study may write 0 for 0.0.
    let is_equal = |a: &Value, b: &Value| a == b || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a == b);
    let is_default = |name: &str, value: &Value| defaults.get(name).is_some_and(|default| is_equal(default, value));
    params.retain(|name, value| !entry.in_python.lacks.contains(&name.as_str()) || !is_default(name, value));
}

/// Whether a class is of a library that keeps boosting rounds.
fn takes_rounds(class: &str) -> bool {
    !class.starts_with(SCIKIT_LEARN)
}

/// Leaves out what the class takes elsewhere.
pub(super) fn without_stopping(class: &str, params: &mut Map<String, Value>) {
    if takes_rounds(class) {
        params.retain(|name, _| !STOPPING.contains(&name.as_str()));
    }
}

/// Parameters that a search has chosen beside `given` ones, by the component's own names and in the form that its facts have.
pub(super) fn resolved<T: ?Sized>(
    entry: &Entry<T>,
    given: &Value,
    chosen: &Map<String, Value>,
    registry: &Registry,
) -> Map<String, Value> {
    let least = || said(entry.least).collect::<Map<String, Value>>();
    let tried = [given.as_object().cloned().unwrap_or_default(), least()].into_iter().find_map(|mut all| {
        all.extend(chosen.clone());
        let built = entry.build(&in_toml(&all).ok()?, registry).ok()?;
        built.all.as_object().cloned()
    });
    // What today's component refuses is written as the record has it.
    let all = tried.unwrap_or_default();
    let own = |name: &String| {
        let alias = entry.also.iter().find(|also| also.name == name.as_str());
        match alias.map(|also| also.treated) {
            Some(Treated::Alias(of)) => of.to_owned(),
            _ => name.clone(),
        }
    };
    let form = |(name, value): (&String, &Value)| {
        let name = own(name);
        // A number stays as the study writes it: Python takes 1 for 1.0.
        let form = all.get(&name).filter(|form| value.as_f64().is_none() || form.as_f64() != value.as_f64());
        let value = form.unwrap_or(value).clone();
        (name, value)
    };
    chosen.iter().map(form).collect()
}

/// The parameters of an entry that nobody has set; those that have no default are not among them.
pub(super) fn defaults<T: ?Sized>(entry: &Entry<T>, registry: &Registry) -> Map<String, Value> {
    let least = toml_table(entry.least);
    match entry.build(&least, registry).map(|built| built.all) {
        Ok(Value::Object(mut all)) => {
            all.retain(|name, _| !least.contains_key(name));
            all
        }
        _ => Map::new(),
    }
}

pub(super) fn differing(given: &Value, defaults: &Map<String, Value>) -> Map<String, Value> {
    let given = given.as_object().into_iter().flatten();
    given.filter(|(name, value)| defaults.get(*name) != Some(*value)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// What an entry says in TOML; a test reads all of it.
pub(super) fn toml_table(text: &str) -> toml::Table {
    text.parse().unwrap_or_default()
}

/// Arguments that an entry says in TOML.
pub(super) fn said(text: &str) -> impl Iterator<Item = (String, Value)> {
    toml_table(text).into_iter().filter_map(|(name, value)| Some((name, serde_json::to_value(value).ok()?)))
}

/// The line that imports a class or a function.
pub(super) fn import(class: &str) -> String {
    match class.rsplit_once('.') {
        Some((module, name)) => format!("from {module} import {name}"),
        None => format!("import {class}"),
    }
}

/// A class without its module.
pub(super) fn name(class: &str) -> &str {
    class.rsplit('.').next().unwrap_or(class)
}

/// The class that a page of documentation is about: `sklearn.svm.SVC`.
pub(super) fn class(source: &str) -> Option<String> {
    let last = source.rsplit(['/', '#']).next()?;
    let name = last.strip_suffix(".html").unwrap_or(last);
    let (module, class) = name.rsplit_once('.')?;
    let is_name = |part: &str| {
        let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        part.starts_with(is_letter) && part.chars().all(|c| is_letter(c) || c.is_ascii_digit())
    };
    let is_class = class.starts_with(|c: char| c.is_ascii_uppercase()) && is_name(class);
    (is_class && module.split('.').all(is_name)).then(|| name.to_owned())
}

/// A value as Python writes it; `"none"` is its None, and `"inf"` its infinity, which JSON lacks.
pub(in crate::report::render) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::String(text) if text == "none" => "None".to_owned(),
        Value::String(text) if text == INFINITE => format!("float({text:?})"),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(items) => {
            // Labels are numbers, and a table of TOML has texts for keys.
            let key = |key: &String| if key.parse::<i64>().is_ok() { key.clone() } else { format!("{key:?}") };
            let pairs = items.iter().map(|(name, value)| format!("{}: {}", key(name), literal(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
