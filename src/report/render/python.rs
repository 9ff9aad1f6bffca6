//! A pipeline as a user of Python would write it: the classes that the catalogue's entries name as their sources, with every
//! parameter that is not at its default.

use serde_json::{Map, Value};

use super::best_params;
use crate::cell::resampler_seed;
use crate::component::infinite::INFINITE;
use crate::component::{ComponentFacts, Entry, Registry, Splitter};
use crate::data::ColumnShape;
use crate::search::calibrate::Calibration;
use crate::search::{FOLD_SEED, FOLDS_BY_THEMSELVES, folds_of};
use crate::store::Record;

/// Parameters of early stopping, which Python's classes take elsewhere. The rounds that were kept stand for them.
const STOPPING: [&str; 3] = ["early_stopping_rounds", "validation_fraction", "eval_metric"];
/// The kind of split that scikit-learn's `StratifiedKFold` is.
const STRATIFIED: &str = "stratified-k-fold";

/// A step of the pipeline: its name, its class with the module, its arguments, what is called on it, what it is made of.
struct Step {
    name: &'static str,
    class: String,
    arguments: Vec<String>,
    then: &'static str,
    inner: Option<String>,
}

/// Python code that makes the estimator of a cell of a table with these columns, with `chosen` parameters of its classifier and,
/// where the training was stopped early, the boosting rounds that were kept. Categories are told by their columns' names, so that
/// the estimator then takes a data frame.
///
/// # Errors
/// One sentence that says which step no class of Python does.
pub(super) fn code(
    (record, columns): (&Record, &[ColumnShape]),
    (registry, study_seed): (&Registry, u64),
    chosen: &Map<String, Value>,
    rounds: Option<u64>,
) -> Result<String, String> {
    // Of the steps before the classifier resamplers alone draw.
    let with = (registry, columns, resampler_seed(study_seed, &record.resampler_facts, &record.cell));
    let imputer = step("imputer", &record.imputer_facts, registry.imputer(&record.imputer_facts.id).ok(), with);
    let resampler =
        step("resampler", &record.resampler_facts, registry.resampler(&record.resampler_facts.id).ok(), with);
    let scaler = step("scaler", &record.scaler_facts, registry.scaler(&record.scaler_facts.id).ok(), with);
    let select = step("select", &record.select_facts, registry.select(&record.select_facts.id).ok(), with);
    let encoder = encoder(&record.encoder_facts, columns, registry);
    // An encoder finds its columns by their names, which scikit-learn's imputer drops.
    let named = |step: Step| Step { then: ".set_output(transform=\"pandas\")", ..step };
    let imputer = imputer.map(|step| if encoder.is_some() { step.map(named) } else { step });
    let is_last = record.resampler_facts.params.get("on").is_some_and(|on| on == "scaled");
    let (before, behind) = if is_last { (None, resampler) } else { (resampler, None) };
    let before_classifier = [imputer, before, encoder, scaler, select, behind];
    let mut steps: Vec<Step> = before_classifier.into_iter().flatten().collect::<Result<_, _>>()?;
    let is_coded = record.encoder_facts.id == "native" && columns.iter().any(|column| column.levels.is_some());
    steps.push(classifier(record, registry, chosen, (rounds, is_coded))?);
    let around = calibration(record, registry)?;
    let cut = threshold(record, registry)?;
    let is_resampled = steps.iter().any(|step| step.class.starts_with("imblearn."));
    let classes = steps.iter().flat_map(|step| std::iter::once(&step.class).chain(&step.inner));
    let mut imports: Vec<String> = classes.map(|class| import(class)).collect();
    imports.push(format!("from {}.pipeline import Pipeline", if is_resampled { "imblearn" } else { "sklearn" }));
    if around.is_some() {
        imports.push("from sklearn.calibration import CalibratedClassifierCV".into());
        imports.push("from sklearn.model_selection import StratifiedKFold".into());
    }
    if cut.is_some() {
        imports.push("from sklearn.model_selection import FixedThresholdClassifier".into());
    }
    imports.sort();
    imports.dedup();
    let line = |step: &Step| {
        let name = step.class.rsplit('.').next().unwrap_or(&step.class);
        format!("    (\"{}\", {name}({}){}),\n", step.name, step.arguments.join(", "), step.then)
    };
    let steps: String = steps.iter().map(line).collect();
    let is_isotonic = around.as_ref().is_some_and(|(_, method)| *method == Calibration::Isotonic.name());
    let is_tuned = cut.as_ref().is_some_and(|(_, is_tuned)| *is_tuned);
    let notes = notes([rounds.is_some(), is_coded, is_isotonic, is_tuned]);
    let model = format!("Pipeline([\n{steps}])");
    let model = match around {
        Some((arguments, _)) => format!("CalibratedClassifierCV({model}, {arguments})"),
        None => model,
    };
    let model = match cut {
        // It takes probabilities, and decisions where a class has none, as scores here are.
        Some((value, _)) => format!("FixedThresholdClassifier({model}, threshold={})", literal(&value)),
        None => model,
    };
    Ok(format!("{}\n\n{notes}model = {model}\n", imports.join("\n")))
}

/// What a reader of the code has to know, a line each: of a training that was stopped early, of categories, of an isotonic
/// calibration and of a tuned threshold.
fn notes(are: [bool; 4]) -> String {
    let all = [
        "# Early stopping kept these rounds; here they were fitted without the rows that it kept out.\n",
        "# Categories are columns of pandas' dtype `category`.\n",
        "# scikit-learn's isotonic map takes scores within 1e-15 for one (1e-6 where they have 32 bits), ours does not.\n",
        "# The threshold was tuned on inner folds of the training rows; here it is what they gave.\n",
    ];
    are.into_iter().zip(all).filter_map(|(is_so, said)| is_so.then_some(said)).collect()
}

/// The threshold of the labels around it all and whether it was tuned; none where labels are the family's own.
fn threshold(record: &Record, registry: &Registry) -> Result<Option<(Value, bool)>, String> {
    let facts = &record.classifier_facts;
    // A family's own parameter of this name is no table with a rule.
    let Some(rule) = facts.params.get("threshold").and_then(|it| it["rule"].as_str()) else { return Ok(None) };
    let entry = registry.classifier(&facts.id, Some(&facts.backend)).ok();
    if entry.is_some_and(|entry| entry.in_python.is_outlier_detector) {
        return Err(format!("scikit-learn sets no threshold of `{}`, which is no classifier there", facts.id));
    }
    let value = record.details.as_ref().and_then(best_params::threshold).filter(|value| value.is_number());
    let value = value.ok_or("the record does not hold the threshold of the labels")?;
    Ok(Some((value.clone(), rule != "fixed")))
}

/// How probabilities are calibrated around the pipeline, in arguments, and by which method; none where they are not.
fn calibration<'r>(record: &'r Record, registry: &Registry) -> Result<Option<(String, &'r str)>, String> {
    let facts = &record.classifier_facts;
    if facts.params.get("correct_prior").is_some_and(|is| *is == true) {
        return Err("no class of Python does what `correct_prior` does".into());
    }
    let Some(method) = facts.params.get("calibrate").map(|it| it["method"].as_str().unwrap_or_default()) else {
        return Ok(None);
    };
    if ![Calibration::Isotonic, Calibration::Sigmoid].map(Calibration::name).contains(&method) {
        return Err(format!("no class of Python is known for `calibrate = \"{method}\"`"));
    }
    let entry = registry.classifier(&facts.id, Some(&facts.backend)).ok();
    if !entry.is_some_and(|entry| entry.in_python.is_calibrated_alike) {
        return Err(format!("scikit-learn calibrates another score of `{}` than its probability", facts.id));
    }
    let protocol = &record.cell.protocol;
    if !is_stratified_inside(protocol, registry) {
        return Err(format!("no class of Python cuts the inner folds of `{protocol}` for `calibrate`"));
    }
    let [folds, seed] = match facts.params.get("search") {
        Some(search) => ["folds", "seed"].map(|key| search[key].as_u64().unwrap_or_default()),
        None => [u64::from(folds_of(&facts.params)), u64::from(FOLD_SEED)],
    };
    let folds = format!("StratifiedKFold({folds}, shuffle=True, random_state={seed})");
    Ok(Some((format!("method={method:?}, cv={folds}, ensemble=False"), method)))
}

/// Whether the inner folds of a kind of split are scikit-learn's `StratifiedKFold`; not of one that the registry does not have.
fn is_stratified_inside(protocol: &str, registry: &Registry) -> bool {
    let of_least = |entry: &Entry<dyn Splitter>| entry.build(&toml_table(entry.least), registry).ok();
    let built = registry.split(protocol).ok().and_then(of_least);
    built.is_some_and(|built| built.component.inner(FOLDS_BY_THEMSELVES, FOLD_SEED).0 == STRATIFIED)
}

/// What an entry says in TOML; a test reads all of it.
fn toml_table(text: &str) -> toml::Table {
    text.parse().unwrap_or_default()
}

/// Arguments that an entry says in TOML.
fn said(text: &str) -> impl Iterator<Item = (String, Value)> {
    toml_table(text).into_iter().filter_map(|(name, value)| Some((name, serde_json::to_value(value).ok()?)))
}

fn import(class: &str) -> String {
    match class.rsplit_once('.') {
        Some((module, name)) => format!("from {module} import {name}"),
        None => format!("import {class}"),
    }
}

/// A step other than the classifier; none where it does nothing.
fn step<T: ?Sized>(
    name: &'static str,
    facts: &ComponentFacts,
    entry: Option<&'static Entry<T>>,
    (registry, columns, seed): (&Registry, &[ColumnShape], u64),
) -> Option<Result<Step, String>> {
    if facts.id == "none" {
        return None;
    }
    if name == "imputer" && columns.iter().any(|column| column.levels.is_some()) && facts.id != "most-frequent" {
        return Some(Err(format!(
            "no class of Python does the imputer `{}` of numbers and categories at once",
            facts.id
        )));
    }
    let lacks = || format!("no class of Python is known for the {name} `{}`", facts.id);
    let made = entry.ok_or_else(lacks).and_then(|entry| {
        let class = class(entry.source).ok_or_else(lacks)?;
        let mut params = differing(&facts.params, &defaults(entry, registry));
        // Where it stands among the steps is no parameter.
        params.remove("on");
        let draws = defaults(entry, registry).get("random_state") == Some(&Value::Null);
        if draws && entry.backend == "native" && !params.contains_key("random_state") {
            params.insert("random_state".into(), Value::from(seed as u32));
        }
        params.extend(said(entry.in_python.given));
        Ok(Step { name, class, arguments: arguments(&params), then: "", inner: None })
    });
    Some(made)
}

/// The encoder of the categories among columns that pass, all in their order; none where there is none to encode.
fn encoder(facts: &ComponentFacts, columns: &[ColumnShape], registry: &Registry) -> Option<Result<Step, String>> {
    if facts.id == "native" || columns.iter().all(|column| column.levels.is_none()) {
        return None;
    }
    let lacks = || format!("no class of Python is known for the encoder `{}`", facts.id);
    let made = || {
        let entry = registry.encoder(&facts.id).map_err(|_| lacks())?;
        let class =
            class(entry.source).filter(|class| class.starts_with("sklearn.preprocessing.")).ok_or_else(lacks)?;
        let mut params = differing(&facts.params, &defaults(entry, registry));
        // What a study says goes before what our encoders do where it says nothing.
        let drawn = facts.params.get("random_state").map(|seed| ("random_state".to_owned(), seed.clone()));
        for (name, value) in said(entry.in_python.given).chain(drawn) {
            params.entry(name).or_insert(value);
        }
        for value in params.values_mut().filter(|value| value.is_string()) {
            *value = Value::from(value.as_str().unwrap_or_default().replace('-', "_"));
        }
        let call = format!("{}({})", class.rsplit('.').next().unwrap_or(&class), arguments(&params).join(", "));
        let runs = columns.chunk_by(|a, b| a.levels.is_some() == b.levels.is_some()).enumerate().map(|(i, run)| {
            let does = if run[0].levels.is_some() { call.as_str() } else { "\"passthrough\"" };
            let names: Vec<String> = run.iter().map(|column| format!("{:?}", column.name)).collect();
            format!("(\"{i}\", {does}, [{}])", names.join(", "))
        });
        Ok(Step {
            name: "encoder",
            class: "sklearn.compose.ColumnTransformer".to_owned(),
            arguments: vec![format!("[{}]", runs.collect::<Vec<_>>().join(", "))],
            then: "",
            inner: Some(class),
        })
    };
    Some(made())
}

fn classifier(
    record: &Record,
    registry: &Registry,
    chosen: &Map<String, Value>,
    (rounds, is_coded): (Option<u64>, bool),
) -> Result<Step, String> {
    let facts = &record.classifier_facts;
    let lacks = || format!("no class of Python is known for the classifier `{}`", facts.id);
    let entry = registry.classifier(&facts.id, Some(&facts.backend)).map_err(|_| lacks())?;
    let class = class(entry.source).ok_or_else(lacks)?;
    let defaults = defaults(entry, registry);
    // A search, a threshold or a calibration around the family keeps its parameters one level down.
    let given = facts.params.get("params").unwrap_or(&facts.params);
    let mut params = differing(given, &defaults);
    params.extend(chosen.clone());
    STOPPING.iter().for_each(|name| drop(params.remove(*name)));
    if let Some(rounds) = rounds {
        params.insert("n_estimators".into(), Value::from(rounds));
    }
    // Our own families draw with the cell's seed where none is given; the libraries have a default of their own.
    if facts.backend == "native"
        && defaults.get("random_state") == Some(&Value::Null)
        && !params.contains_key("random_state")
    {
        params.insert("random_state".into(), Value::from(record.seed as u32));
    }
    if is_coded {
        params.extend(said(entry.in_python.with_categories));
    }
    Ok(Step { name: "classifier", class, arguments: arguments(&params), then: "", inner: None })
}

/// The parameters of an entry that nobody has set; empty where it needs some.
fn defaults<T: ?Sized>(entry: &Entry<T>, registry: &Registry) -> Map<String, Value> {
    match entry.build(&toml::Table::new(), registry).map(|built| built.all) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    }
}

fn differing(given: &Value, defaults: &Map<String, Value>) -> Map<String, Value> {
    let given = given.as_object().into_iter().flatten();
    given.filter(|(name, value)| defaults.get(*name) != Some(*value)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// The class that a page of documentation is about: `sklearn.svm.SVC`.
fn class(source: &str) -> Option<String> {
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

fn arguments(params: &Map<String, Value>) -> Vec<String> {
    params.iter().map(|(name, value)| format!("{name}={}", literal(value))).collect()
}

/// A value as Python writes it; `"none"` is its None, and `"inf"` its infinity, which JSON lacks.
pub(super) fn literal(value: &Value) -> String {
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
mod tests {
    use serde_json::json;

    use super::*;
    use crate::component::InPython;

    #[test]
    fn values_are_pythons() {
        let value = json!({ "0": 1.5, "a": [true, null, "none", "x"] });
        assert_eq!(literal(&value), "{0: 1.5, \"a\": [True, None, None, \"x\"]}");
        assert_eq!(literal(&json!("inf")), "float(\"inf\")");
    }

    #[test]
    fn classes_are_read_from_the_sources() {
        let of = |source: &str| class(source);
        assert_eq!(of("https://x.org/1.9/modules/generated/sklearn.svm.SVC.html").as_deref(), Some("sklearn.svm.SVC"));
        assert_eq!(of("https://x.io/python_api.html#xgboost.XGBClassifier").as_deref(), Some("xgboost.XGBClassifier"));
        assert_eq!(of("https://y.org/new_one.forests.Forest2.html").as_deref(), Some("new_one.forests.Forest2"));
        assert_eq!(of("https://doi.org/10.1000/182"), None);
        assert_eq!(of("https://doi.org/10.21681/2311-3456-2019-5-63-69"), None);
        assert_eq!(of("https://y.org/page.html#module-pyod.models.ecod"), None);
        assert_eq!(of("https://y.org/Chapter_5/ValidationStrategies.html"), None);
        assert_eq!(of("https://x.org/sklearn.model_selection.html"), None);
        let registry = Registry::built_in();
        // What every search has in mind first has a class.
        for family in
            ["logistic-regression", "random-forest", "xgboost", "lightgbm", "svc", "k-neighbors", "decision-tree"]
        {
            let entry = registry.classifier(family, None).unwrap();
            assert!(class(entry.source).is_some(), "{family}: {}", entry.source);
        }
    }

    #[test]
    fn what_entries_say_of_pythons_classes_is_toml_and_of_a_class() {
        fn check<T: ?Sized>(entries: &[&Entry<T>], checked: &mut usize) {
            for entry in entries.iter().filter(|entry| entry.in_python != InPython::new()) {
                assert!(class(entry.source).is_some(), "{} names no class", entry.id);
                for text in [entry.in_python.given, entry.in_python.with_categories] {
                    assert!(text.parse::<toml::Table>().is_ok(), "{}: {text}", entry.id);
                }
                *checked += 1;
            }
        }
        let (registry, mut checked) = (Registry::built_in(), 0);
        check(registry.imputers(), &mut checked);
        check(registry.encoders(), &mut checked);
        check(registry.scalers(), &mut checked);
        check(registry.classifiers(), &mut checked);
        assert!(checked >= 17, "{checked}");
    }

    #[test]
    fn classes_that_find_outliers_are_those_that_scikit_learn_calls_no_classifiers() {
        let registry = Registry::built_in();
        let detectors = registry.classifiers().iter().filter(|entry| entry.in_python.is_outlier_detector);
        let mut classes: Vec<String> = detectors.filter_map(|entry| class(entry.source)).collect();
        classes.sort();
        assert_eq!(classes, ["sklearn.ensemble.IsolationForest", "sklearn.neighbors.LocalOutlierFactor"]);
    }

    #[test]
    fn splits_say_themselves_whether_scikit_learn_cuts_their_inner_folds() {
        let registry = Registry::built_in();
        let inside: Vec<&str> =
            registry.splits().iter().map(|entry| entry.id).filter(|id| is_stratified_inside(id, &registry)).collect();
        assert_eq!(inside, ["stratified-k-fold", "hold-out", "stratified-shuffle", "given"]);
        assert!(!is_stratified_inside("hold-out[duplicates-across-split]", &registry));
    }
}
