//! A first study of a table that nobody has described: small enough to be run while one waits.

use std::path::Path;

use super::load::load;
use crate::cell::{Filter, Plan};
use crate::component::Registry;
use crate::data::{Called, Dataset, Deduplicated, ReadOptions, TableFacts, label_values, survey};
use crate::error::{Error, Result};
use crate::run::{Table, estimate};
use crate::split::Split;
use crate::study::first::{Draft, Given, Taken, drawn, label, protocols, take, text};
use crate::study::{DataSource, Study};

/// Seconds that the cells of a first study may take by the rough estimate, reading and the report not counted.
const SECONDS: f64 = 20.0;
/// Rows beyond which scoring and the report take long, whatever the fits do.
const ROWS: usize = 300_000;
/// Positives that every test part should have.
const TESTED: usize = 5;
/// Positives that are never left out: five folds have [`TESTED`] each, and more than [`TRAINED`] to learn from.
const KEPT: usize = 5 * TESTED;
/// Positives that every training part should have.
const TRAINED: usize = 10;

/// A first study.
#[derive(Debug, Clone)]
pub struct First {
    /// What the table's columns are taken for.
    pub taken: Taken,
    /// The study file.
    pub text: String,
    /// Rows that it uses.
    pub rows: usize,
    /// Which rows are drawn, where not all are used.
    pub drawn: Option<String>,
    /// The protocol in words.
    pub protocol: String,
    /// What the reader of the table tells of it, a sentence each.
    pub notes: Vec<String>,
}

/// Looks at the table in `file` and drafts a study called `name`, which lies in a folder from which the table is at `path`. It
/// takes about 20 seconds on `threads` threads, by leaving out rows where it must.
///
/// # Errors
/// [`Error::Data`] when the table cannot be read, has no label, or too few positives to be split; [`Error::Usage`] when a given
/// name is no column.
pub fn first(
    file: &Path,
    given: &Given,
    (name, path): (&str, &str),
    threads: usize,
    registry: &Registry,
) -> Result<First> {
    let said = file.display().to_string();
    // Until there is a study, what is wrong is wrong with options.
    let written = ReadOptions { called: Called::ToTry, ..given.spelling.clone() };
    let survey = survey(file, &written)?;
    let label = label(&said, &survey, given)?;
    let values = label_values(file, &survey, &label.column, &written)?;
    let taken = take(&said, &survey, label, &values, given)?;
    let candidates = protocols(&taken);
    let spelling = &given.spelling;
    let draft = |protocol, sample| text(&Draft { name, path, taken: &taken, spelling, protocol, sample });
    // Read from where the table is now, whatever the study calls it, and by the options: nobody has written its keys.
    let parsed = |text: &str| -> Result<Study> {
        let mut study = Study::parse(text, name, Path::new(""), registry)?.with_keys_as_options();
        study.data[0].source = DataSource::Files(vec![file.to_owned()]);
        study.data[0].name.clone_from(&said);
        Ok(study)
    };
    let study = parsed(&draft(&candidates[0], None))?;
    let data = load(&study.data[0])?;
    let notes = data.notes.clone();
    let sample = sample(&study, &data, threads)?;
    let used = match sample {
        None => data,
        Some(_) => {
            let spec = parsed(&draft(&candidates[0], sample))?.data.remove(0);
            let rows = spec.sample.map(|sample| sample.rows(&data)).transpose()?.unwrap_or_default();
            data.part(&rows)
        }
    };
    let mut refused = None;
    for (place, protocol) in candidates.iter().enumerate() {
        let text = draft(protocol, sample);
        let study = parsed(&text)?;
        let is_last = place + 1 == candidates.len();
        match is_split(&study, &used, is_last) {
            Ok(true) => {
                let (rows, protocol) = (used.y.len(), study.protocol.words());
                let drawn = sample.map(|sample| drawn(sample, &taken));
                return Ok(First { taken, text, rows, drawn, protocol, notes });
            }
            Ok(false) => {}
            // The table's name in a study has no ending; who is trying has named a file.
            Err(Error::Data(why)) => {
                let why = why.strip_prefix(&format!("{}: ", used.name)).unwrap_or(&why).to_owned();
                refused = Some(Error::Data(format!("{said}: {why}")));
            }
            Err(e) => refused = Some(e),
        }
    }
    Err(refused.unwrap_or_else(|| Error::Data(format!("{said}: too few positive rows to be split"))))
}

/// Whether all splits can be made and have enough positives; of `any`, whether they can be made.
fn is_split(study: &Study, data: &Dataset, any: bool) -> Result<bool> {
    let table = Table::new(study, data, (0..data.y.len()).collect())?;
    let positives = |rows: &[usize]| rows.iter().filter(|&&row| data.y[row] == 1).count();
    let enough = |split: &Split| any || positives(&split.test) >= TESTED && positives(&split.train) >= TRAINED;
    Ok(table.splits.of_variant[0].iter().all(|split| split.as_ref().is_ok_and(enough)))
}

/// How many rows of each class to draw, so that the cells take [`SECONDS`] at most; none where all rows do. The few positives that the
/// splits need are kept, whatever share of the rows they are.
fn sample(study: &Study, data: &Dataset, threads: usize) -> Result<Option<(usize, usize)>> {
    let all: Vec<usize> = (0..data.y.len()).collect();
    let unique = Deduplicated { keep: all, removed: 0, conflicting: 0 };
    let facts = TableFacts::of(&study.data[0].name, data, &unique);
    let plan = Plan::of(study, std::slice::from_ref(&facts), &Filter::default())?;
    let seconds = estimate::plan_seconds(study, &plan, &[data.x.dim()]) / threads.max(1) as f64;
    let share = (SECONDS / seconds).min(ROWS as f64 / data.y.len() as f64);
    if share >= 1.0 {
        return Ok(None);
    }
    let positives = data.positives();
    Ok(Some(of_each_class(share, positives, data.y.len() - positives)))
}

/// A share of the rows of each class, but not of the positives that splits need.
fn of_each_class(share: f64, positives: usize, negatives: usize) -> (usize, usize) {
    let part = |rows: usize| ((rows as f64 * share).round() as usize).clamp(1, rows);
    (part(positives).max(positives.min(KEPT)), part(negatives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_positives_that_splits_need_are_drawn() {
        // A tenth of 1,000 is more than five folds need; of 24 and of 200 it is less.
        assert_eq!(of_each_class(0.1, 1_000, 9_000), (100, 900));
        assert_eq!(of_each_class(0.1, 24, 276), (24, 28));
        assert_eq!(of_each_class(0.1, 200, 800), (25, 80));
        assert_eq!(of_each_class(0.001, 1, 99), (1, 1));
    }
}
