//! A pipeline as a user of Python would write it: the classes that the catalogue's entries name as their sources, with every
//! parameter that is not at its default.

mod notes;
mod parameters;

use serde_json::{Map, Value};

use notes::notes;
pub(super) use parameters::literal;
use parameters::{
    Around, Asked, Code, arguments, class, defaults, differing, draws_anew, import, name, resolved, said, seeded,
    toml_table, without_own_defaults, without_stopping,
};

use super::best_params;
use crate::cell::resampler_seed;
use crate::component::{ComponentFacts, Entry, Registry, Resampler, Splitter};
use crate::data::ColumnShape;
use crate::search::calibrate::Calibration;
use crate::search::{FOLD_SEED, FOLDS_BY_THEMSELVES, folds_of};
use crate::store::Record;

/// The kind of split that scikit-learn's `StratifiedKFold` is.
const STRATIFIED: &str = "stratified-k-fold";

/// A step of the pipeline: its name, its class with the module, its arguments, what is called on it.
struct Step {
    name: &'static str,
    class: String,
    arguments: Code,
    then: &'static str,
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
    let seed = resampler_seed(study_seed, &record.resampler_facts, &record.cell);
    let plain = Around {
        registry,
        columns: None,
        is_coded: false,
        seed: Some(seed),
        stacks_otherwise: "",
        asked: Asked::Nothing,
    };
    let with = (columns, plain);
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
    let stacks_otherwise = stacks_otherwise(record, registry, !steps.is_empty());
    let around = Around {
        registry,
        columns: Some(columns).filter(|_| has_same_columns(record, columns)),
        is_coded,
        seed: Some(record.seed),
        stacks_otherwise: &stacks_otherwise,
        asked: if rule(record).is_some() { Asked::Scores } else { Asked::Nothing },
    };
    steps.push(classifier(record, chosen, rounds, around)?);
    let around = calibration(record, registry)?;
    let cut = threshold(record, registry)?;
    let imports = imports(&steps, around.is_some(), cut.is_some());
    let line = |step: &Step| {
        format!("    (\"{}\", {}({}){}),\n", step.name, name(&step.class), step.arguments.text, step.then)
    };
    let steps: String = steps.iter().map(line).collect();
    let is_isotonic = around.as_ref().is_some_and(|(_, method)| *method == Calibration::Isotonic.name());
    let is_tuned = cut.as_ref().is_some_and(|(_, is_tuned)| *is_tuned);
    // That resampler tells categories by their type, too.
    let needs_categories = is_coded || record.resampler_facts.id == "smote-nc";
    let notes = notes((record, registry), [rounds.is_some(), needs_categories, is_isotonic, is_tuned]);
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

/// The lines that import the classes of the steps and what they are made of, and what stands around them.
fn imports(steps: &[Step], is_calibrated: bool, is_cut: bool) -> Vec<String> {
    let is_resampled = steps.iter().any(|step| step.class.starts_with("imblearn."));
    let mut imports: Vec<String> = steps.iter().map(|step| import(&step.class)).collect();
    imports.extend(steps.iter().flat_map(|step| step.arguments.imports.iter().cloned()));
    imports.push(format!("from {}.pipeline import Pipeline", if is_resampled { "imblearn" } else { "sklearn" }));
    if is_calibrated {
        imports.push("from sklearn.calibration import CalibratedClassifierCV".into());
        imports.push("from sklearn.model_selection import StratifiedKFold".into());
    }
    if is_cut {
        imports.push("from sklearn.model_selection import FixedThresholdClassifier".into());
    }
    imports.sort();
    imports.dedup();
    imports
}

/// The rule of the threshold around it all. A family's own parameter of this name is no table with a rule.
fn rule(record: &Record) -> Option<&str> {
    record.classifier_facts.params.get("threshold").and_then(|it| it["rule"].as_str())
}

/// The threshold of the labels around it all and whether it was tuned; none where labels are the family's own.
fn threshold(record: &Record, registry: &Registry) -> Result<Option<(Value, bool)>, String> {
    let facts = &record.classifier_facts;
    let Some(rule) = rule(record) else { return Ok(None) };
    let entry = registry.classifier(&facts.id, Some(&facts.backend)).ok();
    if entry.is_some_and(|entry| !entry.in_python.is_classifier()) {
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
    let resampler = &record.resampler_facts;
    let draws = |entry: &Entry<dyn Resampler>| {
        let defaults = defaults(entry, registry);
        draws_anew(entry, &defaults, &differing(&resampler.params, &defaults))
    };
    if registry.resampler(&resampler.id).is_ok_and(draws) {
        return Err(format!(
            "`{}` draws by another seed in each inner fold of `calibrate`, and by one in scikit-learn: give it a \
             `random_state`",
            resampler.id
        ));
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

/// Why no class of Python cuts the inner folds of `stacking` as this record's cell did; empty where one does.
fn stacks_otherwise(record: &Record, registry: &Registry, has_steps: bool) -> String {
    let protocol = &record.cell.protocol;
    if !is_stratified_inside(protocol, registry) {
        return format!("no class of Python cuts the inner folds of `{protocol}` for `stacking`");
    }
    match has_steps {
        true => {
            "scikit-learn cuts the inner folds of `stacking` behind the steps before it, which are fitted in each fold \
                 here"
                .into()
        }
        false => String::new(),
    }
}

/// Whether the classifier got the table's columns, each at its place.
fn has_same_columns(record: &Record, columns: &[ColumnShape]) -> bool {
    record.columns == columns.len() as u64 && record.select_facts.id == "none"
}

/// A step other than the classifier; none where it does nothing.
fn step<T: ?Sized>(
    name: &'static str,
    facts: &ComponentFacts,
    entry: Option<&'static Entry<T>>,
    (columns, around): (&[ColumnShape], Around<'_>),
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
        let defaults = defaults(entry, around.registry);
        let mut params = differing(&facts.params, &defaults);
        // Where it stands among the steps is no parameter.
        params.remove("on");
        seeded(entry, &defaults, &mut params, around.seed);
        params.extend(said(entry.in_python.given));
        Ok(Step { name, class, arguments: arguments(entry, params, around)?, then: "" })
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
        let around = Around {
            registry,
            columns: None,
            is_coded: false,
            seed: None,
            stacks_otherwise: "",
            asked: Asked::Nothing,
        };
        let Code { text, mut imports } = arguments(entry, params, around)?;
        imports.push(import(&class));
        let call = format!("{}({text})", name(&class));
        let runs = columns.chunk_by(|a, b| a.levels.is_some() == b.levels.is_some()).enumerate().map(|(i, run)| {
            let does = if run[0].levels.is_some() { call.as_str() } else { "\"passthrough\"" };
            let names: Vec<String> = run.iter().map(|column| format!("{:?}", column.name)).collect();
            format!("(\"{i}\", {does}, [{}])", names.join(", "))
        });
        Ok(Step {
            name: "encoder",
            class: "sklearn.compose.ColumnTransformer".to_owned(),
            arguments: Code { text: format!("[{}]", runs.collect::<Vec<_>>().join(", ")), imports },
            then: "",
        })
    };
    Some(made())
}

fn classifier(
    record: &Record,
    chosen: &Map<String, Value>,
    rounds: Option<u64>,
    around: Around<'_>,
) -> Result<Step, String> {
    let (facts, registry) = (&record.classifier_facts, around.registry);
    let lacks = || format!("no class of Python is known for the classifier `{}`", facts.id);
    let entry = registry.classifier(&facts.id, Some(&facts.backend)).map_err(|_| lacks())?;
    let class = class(entry.source).ok_or_else(lacks)?;
    let defaults = defaults(entry, registry);
    // A search, a threshold or a calibration around the family keeps its parameters one level down.
    let given = facts.params.get("params").unwrap_or(&facts.params);
    let mut params = differing(given, &defaults);
    params.extend(resolved(entry, given, chosen, registry));
    without_own_defaults(entry, &defaults, &mut params);
    without_stopping(&class, &mut params);
    if let Some(rounds) = rounds {
        params.insert("n_estimators".into(), Value::from(rounds));
    }
    seeded(entry, &defaults, &mut params, around.seed);
    if around.is_coded {
        params.extend(said(entry.in_python.with_categories));
    }
    Ok(Step { name: "classifier", class, arguments: arguments(entry, params, around)?, then: "" })
}

#[cfg(test)]
mod tests;
