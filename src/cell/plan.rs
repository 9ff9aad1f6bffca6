//! The plan: every cell of a study, in the order in which work is shared best, and the pipelines that cannot be run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CellId, Filter};
use crate::classify::BASELINE;
use crate::component::{Classifier, ColumnShape, Resampler, Shape, Transformer};
use crate::data::TableFacts;
use crate::error::{Error, Result, unknown};
use crate::os::memory::available_bytes;
use crate::split::{Leak, Leaks};
use crate::study::{Component, Study};
use crate::words::{agree, count, counted};

/// One cell: indices into the study's data sets and components, and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Index into the study's data sets.
    pub data: usize,
    /// What its protocol leaks; nothing in the honest one.
    pub leaks: Leaks,
    /// Index into the protocol's splits.
    pub split: usize,
    /// Index into the study's imputers.
    pub imputer: usize,
    /// Index into the study's resamplers.
    pub resampler: usize,
    /// Index into the study's encoders.
    pub encoder: usize,
    /// Index into the study's scalers.
    pub scaler: usize,
    /// Index into the study's selects.
    pub select: usize,
    /// Index into the study's classifiers.
    pub classifier: usize,
    /// Columns that reach the classifier; none where the plan was made without the data's facts.
    pub columns: Option<usize>,
    /// Its name.
    pub id: CellId,
}

/// A pipeline that cannot be run on a data set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unfit {
    /// The data set's name.
    pub data_set: String,
    /// The component that cannot take what reaches it.
    pub component: String,
    /// Why not, and what to use instead.
    pub reason: String,
    /// The pipelines that are left out for it.
    pub pipelines: usize,
}

/// Bytes of memory that a cell of a plan takes while a study is planned and run: itself, its names, its key, its place in the schedule.
const CELL_BYTES: u64 = 2_000;

/// All cells, ordered as [`super::AXES`] are, with the split before the pipeline: cells that share work are neighbours.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The cells.
    pub cells: Vec<Cell>,
    /// What is left out because it does not fit the data.
    pub unfit: Vec<Unfit>,
}

/// Indices of one pipeline's components, and the columns that reach its classifier.
struct Combination {
    at: [usize; 6],
    columns: Option<usize>,
}

impl Plan {
    /// Unfolds a study, keeping the cells that `filter` takes. `tables` are the facts of the study's data sets, in their order;
    /// without them nothing is known to be unfit.
    ///
    /// # Errors
    /// [`Error::Usage`] when the filter names a value that no cell has, or takes no cell; [`Error::Study`] when a component
    /// fits no data set, or the cells are more than there is memory for.
    pub fn of(study: &Study, tables: &[TableFacts], filter: &Filter) -> Result<Self> {
        Self::of_known(study, &tables.iter().map(Some).collect::<Vec<_>>(), filter)
    }

    /// The same where the facts of some data sets are not known: of these nothing is known to be unfit.
    ///
    /// # Errors
    /// As [`Plan::of`].
    pub fn of_known(study: &Study, tables: &[Option<&TableFacts>], filter: &Filter) -> Result<Self> {
        refuse_boundless(study, available_bytes())?;
        let (mut all, mut unfit) = (Vec::new(), Vec::new());
        for (data, spec) in study.data.iter().enumerate() {
            let pipelines = pipelines(study, &spec.name, tables.get(data).copied().flatten(), &mut unfit);
            for leaks in &study.leaks {
                for &dedup in &study.dedup {
                    for (split, place) in study.protocol.numbers().into_iter().enumerate() {
                        let variant = (data, *leaks, dedup, split, place);
                        all.extend(pipelines.iter().map(|pipeline| cell(study, variant, pipeline)));
                    }
                }
            }
        }
        refuse_idle(study, &all, &unfit)?;
        let facts = |cell: &Cell| &study.classifiers[cell.classifier].facts;
        for (key, values) in filter.conditions() {
            let known: BTreeSet<String> =
                all.iter().map(|c| Filter::value(key, &c.id, &facts(c).id, &facts(c).backend)).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            if let Some(value) = values.iter().find(|v| !known.contains(&v.as_str())) {
                return Err(Error::Usage(format!("--filter: {}", unknown(&format!("value of {key}"), value, &known))));
            }
        }
        let cells: Vec<Cell> =
            all.into_iter().filter(|c| filter.takes(&c.id, &facts(c).id, &facts(c).backend)).collect();
        match cells.is_empty() {
            true => Err(Error::Usage(format!("--filter {} takes no cell of the study", filter.text()))),
            false => {
                // Of a data set that the filter leaves out, nothing would have been run.
                let is_left = |unfit: &Unfit| cells.iter().any(|cell| cell.id.data_set == unfit.data_set);
                unfit.retain(is_left);
                Ok(Plan { cells, unfit })
            }
        }
    }

    /// What is left out and why, a sentence per reason, however many components it holds for.
    pub fn left_out(&self) -> Vec<String> {
        let mut reasons: Vec<(&str, &str)> = Vec::new();
        for unfit in &self.unfit {
            let reason = (unfit.data_set.as_str(), unfit.reason.as_str());
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        let said = |(data_set, reason): (&str, &str)| {
            let alike = self
                .unfit
                .iter()
                .filter(|unfit| (unfit.data_set.as_str(), unfit.reason.as_str()) == (data_set, reason));
            let alike: Vec<&Unfit> = alike.collect();
            let pipelines = counted(alike.iter().map(|unfit| unfit.pipelines as u64).sum(), "pipeline");
            let components: Vec<&str> = alike.iter().map(|unfit| unfit.component.as_str()).collect();
            let (which, verb) = (components.join(", "), agree(components.len(), "does", "do"));
            format!("{pipelines} on {data_set}, because {which} {verb} not fit: {reason}")
        };
        reasons.into_iter().map(said).collect()
    }

    /// The number of pipelines, which are cells without regard to data set and split, and beside them those of the baseline
    /// `prior`, which looks at no feature and is no contender.
    pub fn pipelines(&self, study: &Study) -> (usize, usize) {
        let count = |baseline: bool| {
            let of = |c: &&Cell| (study.classifiers[c.classifier].facts.id == BASELINE) == baseline;
            self.cells.iter().filter(of).map(|c| c.id.pipeline()).collect::<BTreeSet<_>>().len()
        };
        (count(false), count(true))
    }
}

/// Refuses a study whose cells alone would take more memory than there is, before any of them is made.
fn refuse_boundless(study: &Study, available: Option<u64>) -> Result<()> {
    let splits = study.protocol.at_most();
    let grid = [
        study.data.len(),
        study.leaks.len(),
        study.dedup.len(),
        study.imputers.len(),
        study.resamplers.len(),
        study.encoders.len(),
        study.scalers.len(),
        study.selects.len(),
        study.classifiers.len(),
    ];
    let cells = grid.iter().fold(splits, |cells, &many| cells.saturating_mul(many as u64));
    let bytes = cells.saturating_mul(CELL_BYTES);
    match available {
        Some(available) if bytes > available => Err(Error::Study(format!(
            "the study has {} cells ({} splits): to plan them takes about {} MiB of memory, and {} MiB are free; take fewer \
             folds, repeats or components",
            count(cells),
            count(splits),
            count(bytes >> 20),
            count(available >> 20)
        ))),
        _ => Ok(()),
    }
}

/// The pipelines that fit a data set; the others are added to `unfit`.
fn pipelines(study: &Study, data_set: &str, table: Option<&TableFacts>, unfit: &mut Vec<Unfit>) -> Vec<Combination> {
    let given = table.map(|t| Shape::new(t.rows as usize, t.columns.clone()));
    let spec = study.data.iter().find(|spec| spec.name == data_set);
    let weight = spec.and_then(|spec| spec.options.weight.as_deref());
    let mut fit = Vec::new();
    for at in product([
        study.imputers.len(),
        study.resamplers.len(),
        study.encoders.len(),
        study.scalers.len(),
        study.selects.len(),
        study.classifiers.len(),
    ]) {
        match given.as_ref().map(|shape| reaches(study, at, shape, weight)) {
            None => fit.push(Combination { at, columns: None }),
            Some(Ok(columns)) => fit.push(Combination { at, columns: Some(columns) }),
            Some(Err((component, reason))) => {
                let same =
                    unfit.iter_mut().find(|u| u.data_set == data_set && u.component == component && u.reason == reason);
                match same {
                    Some(known) => known.pipelines += 1,
                    None => unfit.push(Unfit { data_set: data_set.to_owned(), component, reason, pipelines: 1 }),
                }
            }
        }
    }
    fit
}

/// All places of a grid of these lengths, the last one running fastest.
fn product<const N: usize>(lengths: [usize; N]) -> impl Iterator<Item = [usize; N]> {
    (0..lengths.iter().product()).map(move |mut number: usize| {
        let mut at = [0; N];
        for (place, length) in at.iter_mut().zip(lengths).rev() {
            *place = number % length;
            number /= length;
        }
        at
    })
}

/// How many columns reach the classifier of a pipeline; or which component cannot take what it is given, and why. `weight` is the
/// column of what rows weigh, if any.
fn reaches(study: &Study, at: [usize; 6], given: &Shape, weight: Option<&str>) -> Result<usize, (String, String)> {
    let [steps @ .., classifier] = at;
    let classifier = &study.classifiers[classifier];
    let of = |reason: String| (format!("classifier `{}`", classifier.name), reason);
    let shape = reaching(study, steps, given)?;
    classifier.component.accepts(&shape).map_err(of)?;
    if let Some(column) = weight
        && let Err(said) = classifier.component.weights()
    {
        // Without a role the column would be one more feature.
        return Err(of(format!(
            "{said}: take `weight` out of [data] and put `{column}` under `ignore`, or leave the family out"
        )));
    }
    Ok(shape.columns.len())
}

/// The columns that reach the classifier of a cell, of those of its table; none where a step cannot take them.
pub(crate) fn before_classifier(study: &Study, cell: &Cell, given: &Shape) -> Option<Shape> {
    reaching(study, [cell.imputer, cell.resampler, cell.encoder, cell.scaler, cell.select], given).ok()
}

/// The columns that come out of these steps; or which of them cannot take what it is given, and why.
fn reaching(study: &Study, at: [usize; 5], given: &Shape) -> Result<Shape, (String, String)> {
    let [imputer, resampler, encoder, scaler, select] = at;
    let (imputer, resampler) = (&study.imputers[imputer], &study.resamplers[resampler]);
    let (encoder, scaler) = (&study.encoders[encoder], &study.scalers[scaler]);
    let select = &study.selects[select];
    let of = |kind: &str, name: &str, reason: String| (format!("{kind} `{name}`"), reason);
    let unfit = |reason: String| of("resampler", &resampler.name, reason);
    let imputed = imputer.component.shape(given).map_err(|reason| of("imputer", &imputer.name, reason))?;
    let mut shape = match resampler.is_on_scaled() {
        true => imputed.clone(),
        false => resampler
            .component
            .shape(&imputed)
            .map_err(|reason| unfit(before_encoder(resampler, encoder, &imputed, reason)))?,
    };
    shape = encoder.component.shape(&shape).map_err(|reason| of("encoder", &encoder.name, reason))?;
    shape = shape
        .numbers_through(|numbers| scaler.component.shape(numbers))
        .map_err(|reason| of("scaler", &scaler.name, reason))?;
    shape = select.component.shape(&shape).map_err(|reason| of("select", &select.name, reason))?;
    if resampler.is_on_scaled() {
        // It gives rows of the columns that it is given.
        resampler.component.shape(&of_training_rows(&shape, &imputed)).map_err(unfit)?;
        let sees_test_rows = study.leaks.iter().any(|leaks| leaks.has(Leak::ResampleBeforeSplit));
        if sees_test_rows && resampler.component.shape(&shape).is_err() {
            let leak = Leak::ResampleBeforeSplit.name();
            return Err(unfit(format!(
                "with the leak `{leak}` it acts on rows with levels that the encoder has not learnt, and it takes no missing \
                 values: leave out `on`, or the leak"
            )));
        }
    }
    Ok(shape)
}

/// Why a resampler does not fit rows as they were read, and what does: `reason` is its own, which knows of no encoder behind it.
fn before_encoder(
    resampler: &Component<dyn Resampler>,
    encoder: &Component<dyn Transformer>,
    given: &Shape,
    reason: String,
) -> String {
    let Some(categories) = given.categories() else { return reason };
    // Blanks are another fault, which is told when this one is mended.
    let filled = |column: &ColumnShape| ColumnShape { blanks: false, empty: false, ..column.clone() };
    let filled = Shape::new(given.rows, given.columns.iter().map(filled).collect());
    let fits = |shape: &Shape| resampler.component.on_scaled().and_then(|()| resampler.component.shape(shape));
    let write = resampler.written_on_scaled();
    let early = format!("it acts before the encoder, and {categories}");
    if encoder.component.shape(&filled).is_ok_and(|encoded| fits(&encoded).is_ok()) {
        return format!("{early}: write `{write}`");
    }
    // A chain puts the step's number before the reason.
    if !given.numbers_only().is_err_and(|said| reason.ends_with(&said)) {
        return reason;
    }
    let mut numbers = filled;
    numbers.columns.iter_mut().for_each(|column| column.levels = None);
    match fits(&numbers) {
        Ok(_) => format!("{early}: use the encoder `one-hot` or `ordinal`, and write `{write}`"),
        Err(later) => format!("{early}; on encoded rows it does not fit either: {later}"),
    }
}

/// Columns of this shape in the training rows alone: `native` says of a category that it lacks values because other rows may have
/// levels that these lack, so in these it does only where it did before the encoder.
fn of_training_rows(encoded: &Shape, before: &Shape) -> Shape {
    let lacked = |name: &str| before.columns.iter().find(|column| column.name == name).is_none_or(|c| c.blanks);
    let learnt = |column: &ColumnShape| match column.levels {
        Some(_) => ColumnShape { blanks: column.blanks && lacked(&column.name), ..column.clone() },
        None => column.clone(),
    };
    let columns = encoded.columns.iter().map(learnt).collect();
    Shape { rows: encoded.rows, columns, perhaps: encoded.perhaps.clone() }
}

/// For each column of a table, whether rows without its value can be scored by a cell's pipeline with this classifier.
pub(crate) fn takes_blanks(study: &Study, cell: &Cell, table: &TableFacts, classifier: &dyn Classifier) -> Vec<bool> {
    let (imputer, encoder) = (&study.imputers[cell.imputer], &study.encoders[cell.encoder]);
    let (scaler, select) = (&study.scalers[cell.scaler], &study.selects[cell.select]);
    let takes = |at: usize| {
        let column = |(nth, column): (usize, &ColumnShape)| ColumnShape { blanks: nth == at, ..column.clone() };
        let given = Shape::new(table.rows as usize, table.columns.iter().enumerate().map(column).collect());
        let shape = imputer.component.shape(&given).and_then(|shape| encoder.component.shape(&shape));
        let shape = shape.and_then(|shape| shape.numbers_through(|numbers| scaler.component.shape(numbers)));
        shape.and_then(|shape| select.component.shape(&shape)).is_ok_and(|shape| classifier.accepts(&shape).is_ok())
    };
    (0..table.columns.len()).map(takes).collect()
}

type Variant = (usize, Leaks, bool, usize, (u32, u32));

fn cell(study: &Study, (data, leaks, dedup, split, (repeat, fold)): Variant, pipeline: &Combination) -> Cell {
    let [imputer, resampler, encoder, scaler, select, classifier] = pipeline.at;
    let id = CellId {
        data_set: study.data[data].name.clone(),
        protocol: leaks.protocol(study.protocol.name()),
        dedup,
        imputer: study.imputers[imputer].name.clone(),
        resampler: study.resamplers[resampler].name.clone(),
        encoder: study.encoders[encoder].name.clone(),
        scaler: study.scalers[scaler].name.clone(),
        select: study.selects[select].name.clone(),
        classifier: study.classifiers[classifier].name.clone(),
        repeat,
        fold,
    };
    Cell { data, leaks, split, imputer, resampler, encoder, scaler, select, classifier, columns: pipeline.columns, id }
}

/// A component that no cell uses was asked for in vain: that is an error, and the reasons are at hand.
fn refuse_idle(study: &Study, cells: &[Cell], unfit: &[Unfit]) -> Result<()> {
    let mut idle: Vec<String> = Vec::new();
    let mut check = |kind: &str, names: Vec<&String>, at: fn(&Cell) -> usize| {
        let used: BTreeSet<usize> = cells.iter().map(at).collect();
        let unused = names.iter().enumerate().filter(|(index, _)| !used.contains(index));
        idle.extend(unused.map(|(_, name)| format!("{kind} `{name}`")));
    };
    check("classifier", study.classifiers.iter().map(|c| &c.name).collect(), |c| c.classifier);
    check("select", study.selects.iter().map(|c| &c.name).collect(), |c| c.select);
    check("scaler", study.scalers.iter().map(|c| &c.name).collect(), |c| c.scaler);
    check("encoder", study.encoders.iter().map(|c| &c.name).collect(), |c| c.encoder);
    check("resampler", study.resamplers.iter().map(|c| &c.name).collect(), |c| c.resampler);
    check("imputer", study.imputers.iter().map(|c| &c.name).collect(), |c| c.imputer);
    check("data set", study.data.iter().map(|d| &d.name).collect(), |c| c.data);
    if idle.is_empty() {
        return Ok(());
    }
    // Without a single cell everything is idle, and what refuses nothing is not to blame.
    if cells.is_empty() && !unfit.is_empty() {
        idle.retain(|name| unfit.iter().any(|unfit| unfit.component == *name));
    }
    let of_idle = |because: &&Unfit| {
        idle.contains(&because.component) || !idle.iter().any(|i| unfit.iter().any(|u| u.component == *i))
    };
    let mut alike: Vec<(&Unfit, Vec<&str>)> = Vec::new();
    for because in unfit.iter().filter(of_idle) {
        let is_same =
            |(first, _): &&mut (&Unfit, _)| (&first.component, &first.reason) == (&because.component, &because.reason);
        match alike.iter_mut().find(is_same) {
            Some((_, data_sets)) => data_sets.push(because.data_set.as_str()),
            None => alike.push((because, vec![because.data_set.as_str()])),
        }
    }
    let said = |(first, data_sets): &(&Unfit, Vec<&str>)| {
        format!("{} on {}: {}", first.component, data_sets.join(", "), first.reason)
    };
    let reasons: Vec<String> = alike.iter().map(said).collect();
    let (file, idle, reasons) = (&study.file, idle.join(", "), reasons.join("; "));
    Err(Error::Study(format!("{file}: grid: nothing can be run with {idle}; {reasons}")))
}
