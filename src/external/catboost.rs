//! `catboost`: the real library, through Python. Its models can leave, in its own format.

use serde_json::{Value, json};

use super::program::Program;
use super::python::{self, Params, external};
use super::{Answer, ExternalModel, Library, Question, Version, packages, unexpected};
use crate::component::{
    Built, Classifier, Cost, Entry, Model, SavedLibrary, SavedModel, SavedTree, SavedTrees, TreeSum, as_given,
};
use crate::error::{Error, Result};
use crate::os::{SharedFile, map_new};

const ID: &str = "catboost";
/// Its class in Python.
const CLASS: &str = "catboost:CatBoostClassifier";

/// CatBoost's own parameter names and defaults, whatever they are: those that a study gives are passed on.
fn build(table: &toml::Table) -> Result<Built<dyn Classifier>> {
    let mut params = as_given(ID, table)?;
    let quiet = [("verbose", json!(false)), ("allow_writing_files", json!(false))];
    for (key, value) in quiet {
        params.entry(key).or_insert(value);
    }
    let params = Params { estimator: CLASS.into(), params };
    let mut shown = params.params.clone();
    let own = packages::of(ID)?.into_iter().find(|line| line.starts_with("catboost==")).unwrap_or_default();
    shown.insert("packages".into(), json!(own));
    let component = Box::new(external(ID, &params, Version::Two));
    Ok(Built::new(shown.into(), component as Box<dyn Classifier>))
}

/// `catboost`.
pub static ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "the real library through Python (`fraudbench python install`)", build)
        .backend(ID)
        .cost(Cost::seconds(50.0).fixed(6.6).per("iterations", 1_000.0))
        .look(8);

/// Whether these are the parameters of CatBoost's class.
pub(super) fn is_named(parameters: &Value) -> bool {
    parameters["estimator"] == CLASS
}

/// What the program holds, in CatBoost's own format.
///
/// # Errors
/// What the library or the bridge says.
pub(super) fn saved(name: &str, program: &mut Program) -> Result<SavedModel> {
    let (file, trees) = (SharedFile::create("fraudbench-model")?, SharedFile::create("fraudbench-trees")?);
    match program.ask(&Question::Save { model: file.path(), trees: trees.path() })? {
        Answer::Saved {} => {}
        other => return Err(unexpected(name, "save", other)),
    }
    let read = |file: &SharedFile| std::fs::read(file.path()).map_err(|e| Error::io("read", &file.path(), e));
    Ok(SavedModel::Library(SavedLibrary {
        library: Library::Catboost,
        missing: None,
        probability: true,
        bytes: read(&file)?,
        trees: read_trees(&read(&trees)?),
    }))
}

/// The model that wrote this, in a process of Python.
///
/// # Errors
/// [`Error::Component`] where the library is not installed, or cannot read it.
pub(crate) fn restored(saved: &SavedLibrary) -> Result<Box<dyn Model>> {
    let file = SharedFile::create("fraudbench-model")?;
    map_new(&file.path(), saved.bytes.len().max(1))?[..saved.bytes.len()].copy_from_slice(&saved.bytes);
    let parameters = json!({ "estimator": CLASS });
    let mut program = python::program(ID, &parameters, Version::Two)?;
    match program.ask(&Question::Restore { model: file.path(), parameters: &parameters })? {
        Answer::Restored(columns) => {
            Ok(Box::new(ExternalModel::new(ID, columns, program, Value::Null, is_named(&parameters))))
        }
        other => Err(unexpected(ID, "restore", other)),
    }
}

/// The trees of CatBoost's JSON, if they ask for numbers only and say log odds.
fn read_trees(json: &[u8]) -> Option<SavedTrees> {
    let model: Value = serde_json::from_slice(json).ok()?;
    let loss = model["model_info"]["params"]["loss_function"]["type"].as_str()?;
    if !["Logloss", "CrossEntropy"].contains(&loss) {
        return None;
    }
    let scale = model["scale_and_bias"][0].as_f64()?;
    let [bias] = &model["scale_and_bias"][1].as_array()?[..] else { return None };
    let features = model["features_info"]["float_features"].as_array()?;
    let trees: Option<Vec<SavedTree>> =
        model["oblivious_trees"].as_array()?.iter().map(|one| tree(one, features, scale)).collect();
    let says = TreeSum::LogOdds(bias.as_f64()?);
    Some(SavedTrees { columns: features.len(), narrow: true, trees: trees?, says })
}

/// One tree, which asks one question per level: the answer to question `i` is bit `i` of the leaf's number.
fn tree(tree: &Value, features: &[Value], scale: f64) -> Option<SavedTree> {
    // A tree without questions has no key for them.
    let splits = tree["splits"].as_array().map_or(&[][..], Vec::as_slice);
    let leaves = tree["leaf_values"].as_array()?;
    if leaves.len() != 1 << splits.len() {
        return None;
    }
    let inner = leaves.len() - 1;
    let mut saved = SavedTree::default();
    // The root asks the last question, so that leaves stand in the order of their numbers.
    for node in 0..inner {
        let level = (node + 1).ilog2() as usize;
        let split = &splits[splits.len() - 1 - level];
        let feature = features.get(split["float_feature_index"].as_u64()? as usize)?;
        saved.column.push(feature["flat_feature_index"].as_u64()? as u32);
        saved.threshold.push(f64::from(split["border"].as_f64()? as f32));
        saved.next.push([2 * node as u32 + 1, 2 * node as u32 + 2]);
        saved.missing_left.push(feature["nan_value_treatment"] != "AsTrue");
        saved.value.push(0.0);
    }
    for (node, leaf) in (inner as u32..).zip(leaves) {
        saved.column.push(0);
        saved.threshold.push(0.0);
        saved.next.push([node, node]);
        saved.missing_left.push(false);
        saved.value.push(scale * leaf.as_f64()?);
    }
    Some(saved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(loss: &str) -> String {
        let features = r#"[{"flat_feature_index": 0, "nan_value_treatment": "AsTrue"},
            {"flat_feature_index": 1, "nan_value_treatment": "AsFalse"}]"#;
        let splits = r#"[{"border": 0.5, "float_feature_index": 0}, {"border": 2.5, "float_feature_index": 1}]"#;
        format!(
            r#"{{"features_info": {{"float_features": {features}}}, "scale_and_bias": [2, [0.25]],
                "model_info": {{"params": {{"loss_function": {{"type": "{loss}"}}}}}},
                "oblivious_trees": [{{"leaf_values": [1, 2, 3, 4], "splits": {splits}}}, {{"leaf_values": [7]}}]}}"#
        )
    }

    #[test]
    fn what_the_library_would_not_get_as_it_is_written_is_refused_all_of_it() {
        let said = |params: &str| build(&params.parse().unwrap()).map(|built| built.params).map_err(|e| e.to_string());
        assert_eq!(
            said("l2_leaf_reg = inf\nlearning_rate = nan\nsince = 1979-05-27\nclass_weights = [1.0, -inf]\niterations = 5").unwrap_err(),
            "`catboost`, parameter `l2_leaf_reg`: inf is no value of a parameter: write a finite number; `catboost`, parameter \
             `learning_rate`: NaN is no value of a parameter: write a finite number; `catboost`, parameter `since`: 1979-05-27 is a \
             date of TOML, which no parameter takes: write it in quotes, \"1979-05-27\"; `catboost`, parameter `class_weights`: -inf is \
             no value of a parameter: write a finite number"
        );
        let taken = said("iterations = 5\nclass_weights = [1.0, 2.5]\nnan_mode = 'Min'").unwrap();
        assert_eq!((&taken["iterations"], &taken["class_weights"]), (&json!(5), &json!([1.0, 2.5])));
    }

    #[test]
    fn every_answer_is_a_bit_of_the_leafs_number() {
        let trees = read_trees(json("Logloss").as_bytes()).unwrap();
        assert_eq!((trees.columns, trees.says), (2, TreeSum::LogOdds(0.25)));
        let value = |row: [f64; 2]| trees.trees.iter().map(|tree| tree.value[tree.leaf(&row)]).collect::<Vec<_>>();
        assert_eq!(value([0.5, 2.5]), [2.0, 14.0]);
        assert_eq!(value([0.6, 2.5]), [4.0, 14.0]);
        assert_eq!(value([0.5, 2.6]), [6.0, 14.0]);
        assert_eq!(value([0.6, 2.6]), [8.0, 14.0]);
        // What is missing is above every border of the first column and below those of the second one.
        assert_eq!(value([f64::NAN, f64::NAN]), [4.0, 14.0]);
    }

    #[test]
    fn trees_that_say_something_else_than_log_odds_are_not_read() {
        assert_eq!(read_trees(json("MultiClass").as_bytes()), None);
        assert_eq!(read_trees(b""), None);
        assert_eq!(read_trees(json("Logloss").replace("float_feature_index", "ctr").as_bytes()), None);
    }
}
