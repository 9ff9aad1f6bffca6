//! The chosen pipeline, fitted on all rows.

use std::collections::BTreeMap;
use std::path::Path;

use super::choose::{choose, folder};
use super::model::{Model, ModelData, Spelling};
use crate::cell::{Cell, Filter, Plan, takes_blanks};
use crate::component::{Classifier, Prediction, ScoreKind};
use crate::data::{Dataset, Deduplicated, Kind};
use crate::error::{Error, Result};
use crate::features::made_names;
use crate::harness::Reopened;
use crate::run::{Job, fit_on};
use crate::study::Study;
use crate::words::agree;

/// A fitted pipeline.
pub(crate) struct Refitted {
    /// The model.
    pub model: Model,
    /// The name of the pipeline's folder in the run's.
    pub folder: String,
    /// The table's rows, all of them.
    pub data: Dataset,
    /// What the fitted pipeline says of them, as it was fitted: a model that is read back says the same.
    pub said: Prediction,
}

/// Fits the pipeline of a run that `text` names, or its best one, on all rows (without duplicates, where the pipeline drops them).
/// `file` is where the table is now, if it was moved.
///
/// The seeds are those of the pipeline's first fold. Where it has a search, the parameters are those that the run chose most often.
///
/// # Errors
/// Those of choosing and of reading; [`Error::Component`] when a step fails; [`Error::Usage`] for a pipeline with a step that cannot be
/// written down.
pub(crate) fn refit(run: &Reopened, text: Option<&str>, file: Option<&Path>) -> Result<Refitted> {
    let plan = Plan::of(&run.study, &run.results.manifest.data, &Filter::parse(&run.results.manifest.filter)?)?;
    let chosen = choose(run, &plan, text)?;
    let cell = chosen.cell;
    let (data, dedup) = run.data(cell.data, file)?;
    let component = run.study.classifiers[cell.classifier].component.as_ref();
    let settled = chosen.settled(component)?;
    let classifier = settled.as_deref().unwrap_or(component);
    let lacks = unsaved(&run.study, (cell, classifier), &data);
    if !lacks.is_empty() {
        return Err(cannot(&run.study, cell, &lacks));
    }
    let rows = if cell.id.dedup { dedup.keep.clone() } else { (0..data.y.len()).collect() };
    let (steps, fitted, made, said) = fit(run, (cell, classifier), (&data, dedup), rows.clone())?;
    let probability = said.kind == ScoreKind::Probability;
    let model = Model {
        format: Model::FORMAT,
        fraudbench: crate::VERSION.into(),
        study: run.study.name.clone(),
        pipeline: cell.id.pipeline(),
        facts: facts(&run.study, cell),
        chosen: chosen.params.clone(),
        seeds: [cell.resampler_seed(&run.study), cell.classifier_seed(&run.study)].map(|seed| seed.to_string()),
        data: ModelData {
            name: data.name.clone(),
            sha256: data.sha256.clone(),
            digests: data.digests.clone(),
            label: data.label().to_owned(),
            labels: data.labels.clone(),
            rows: rows.len(),
            positives: rows.iter().filter(|&&row| data.y[row] == 1).count(),
        },
        fitted,
        score: if probability { "probability" } else { "decision" }.into(),
        blanks: takes_blanks(&run.study, cell, &run.results.manifest.data[cell.data], classifier),
        spelling: Spelling::of(&run.study.data[cell.data].options),
        columns: data.columns.clone(),
        made,
        no_onnx: None,
        computed: made_names(&data, &run.study.data[cell.data].features),
        digests: BTreeMap::new(),
        steps,
    };
    check(&model, &data, &said)?;
    let folder = folder(&plan, &cell.id, run.study.data.len() > 1);
    Ok(Refitted { model, folder, data, said })
}

type Fitted = (crate::run::SavedPipeline, [usize; 2], Vec<String>, Prediction);

/// The fitted pipeline as data, the rows and positives of its fit, the names of the classifier's columns, and what it says of all rows.
fn fit(
    run: &Reopened,
    (cell, classifier): (&Cell, &dyn Classifier),
    (data, dedup): (&Dataset, Deduplicated),
    rows: Vec<usize>,
) -> Result<Fitted> {
    let job = Job::of_one(&run.study, cell.data, (data, dedup.keep))?;
    let failed = |failure: crate::run::Failure| {
        Error::Component(format!(
            "{}, {}: {}",
            cell.id.named_pipeline(run.study.data.len() > 1),
            failure.stage.name(),
            failure.said(Some(&data.columns))
        ))
    };
    let fit = fit_on(&job, cell, classifier, rows).map_err(failed)?;
    let steps = fit.whole.saved().map_err(|lacks| cannot(&run.study, cell, &lacks))?;
    let said = fit.whole.predict(data.x.clone())?;
    fit.whole.close()?;
    let made = fit.names;
    Ok((steps, [fit.rows, fit.positives], made, said))
}

/// The kinds of steps that are known before the fit, which may take long, not to be written down.
fn unsaved(study: &Study, (cell, classifier): (&Cell, &dyn Classifier), data: &Dataset) -> Vec<&'static str> {
    // Of numbers alone an encoder makes nothing.
    let has_categories = data.columns.iter().any(|column| matches!(column.kind, Kind::Category(_)));
    let kinds = [
        ("imputer", study.imputers[cell.imputer].component.cannot_be_saved()),
        ("encoder", has_categories && study.encoders[cell.encoder].component.cannot_be_saved()),
        ("scaler", study.scalers[cell.scaler].component.cannot_be_saved()),
        ("select", study.selects[cell.select].component.cannot_be_saved()),
        ("classifier", classifier.cannot_be_saved()),
    ];
    kinds.into_iter().filter(|(_, cannot)| *cannot).map(|(kind, _)| kind).collect()
}

/// Says which steps cannot be written down.
fn cannot(study: &Study, cell: &Cell, lacks: &[&'static str]) -> Error {
    let facts = facts(study, cell);
    let named: Vec<String> = facts
        .iter()
        .filter(|(kind, _)| lacks.contains(&kind.as_str()))
        .map(|(kind, facts)| format!("the {kind} `{}` ({})", facts.id, facts.backend))
        .collect();
    Error::Usage(format!(
        "{} cannot be written as a model: choose a pipeline without {}",
        named.join(" and "),
        agree(named.len(), "it", "them")
    ))
}

/// The steps of a cell with their parameters.
fn facts(study: &Study, cell: &Cell) -> Vec<(String, crate::component::ComponentFacts)> {
    let all = [
        ("imputer", &study.imputers[cell.imputer].facts),
        ("resampler", &study.resamplers[cell.resampler].facts),
        ("encoder", &study.encoders[cell.encoder].facts),
        ("scaler", &study.scalers[cell.scaler].facts),
        ("select", &study.selects[cell.select].facts),
        ("classifier", &study.classifiers[cell.classifier].facts),
    ];
    all.into_iter().map(|(kind, facts)| (kind.to_owned(), facts.clone())).collect()
}

/// Has the model, as it will be read back, say of the same rows what the fitted pipeline said, to the bit.
fn check(model: &Model, data: &Dataset, said: &Prediction) -> Result<()> {
    let text = serde_json::to_vec(&model.steps).map_err(|e| Error::Store(format!("cannot encode the model: {e}")))?;
    let mut steps: crate::run::SavedPipeline =
        serde_json::from_slice(&text).map_err(|e| Error::Store(format!("the model cannot be read back: {e}")))?;
    for ((_, to), (_, from)) in steps.model.files_mut().into_iter().zip(model.steps.model.files()) {
        to.clone_from(from);
    }
    let again = crate::run::Whole::restored(steps)?.predict(data.x.clone())?;
    let bits = |all: &[f64]| all.iter().map(|score| score.to_bits()).collect::<Vec<u64>>();
    match bits(&again.score) == bits(&said.score) && again.label == said.label {
        true => Ok(()),
        false => Err(Error::Component("the model that was written does not say what the fitted pipeline says".into())),
    }
}
