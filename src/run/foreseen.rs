//! Cells that cannot be scored because their inner folds cannot be cut, known before any cell is begun.

use std::collections::HashMap;

use super::inner::RawRows;
use super::job::Job;
use crate::cell::Cell;
use crate::component::InnerCut;
use crate::error::{Error, Result};

/// The pipelines of a data set and a protocol with one classifier whose inner folds cannot be cut.
struct Lacking<'a> {
    place: String,
    classifier: &'a str,
    key: &'static str,
    /// Rows of the rarer class, where they are fewest.
    rarer: usize,
    /// Why they cannot be cut there.
    why: String,
}

/// Refuses `cells` whose classifiers cannot cut their inner folds out of the training rows of the cells' splits: all of them in one
/// sentence. Inner folds are cut before the resampler, so that it changes nothing about that.
///
/// # Errors
/// [`Error::Study`] with the keys that have the numbers of the folds.
pub fn check_inner_folds(job: &Job<'_>, cells: &[&Cell]) -> Result<()> {
    let mut known = HashMap::new();
    let mut all: Vec<Lacking<'_>> = Vec::new();
    for cell in cells {
        let classifier = &job.study.classifiers[cell.classifier];
        for cut in classifier.component.inner_cuts() {
            let same = (cell.data, &cell.id.protocol, cell.id.dedup, cell.split, cut);
            let found = known.entry(same).or_insert_with(|| refused(job, cell, &cut));
            let Some((rarer, why)) = found.clone() else { continue };
            let (place, classifier, key) = (place(job, cell), classifier.name.as_str(), cut.key);
            match all.iter_mut().find(|of| (&of.place, of.classifier, of.key) == (&place, classifier, key)) {
                None => all.push(Lacking { place, classifier, key, rarer, why }),
                // What mends the worst fold mends the others.
                Some(of) if rarer < of.rarer => (of.rarer, of.why) = (rarer, why),
                Some(_) => {}
            }
        }
    }
    match all.is_empty() {
        true => Ok(()),
        false => Err(Error::Study(format!("{}: inner folds cannot be cut: {}", job.study.file, said(&all)))),
    }
}

/// Why the inner folds of a cell cannot be cut; none where they can, and where the cell has no rows of its own to cut.
fn refused(job: &Job<'_>, cell: &Cell, cut: &InnerCut) -> Option<(usize, String)> {
    // A split that cannot be made is told by its cells.
    RawRows::of(job, cell).ok().flatten()?.refuses(cut)
}

/// The data set and the protocol of a cell, and whether it has duplicates where the study has both.
fn place(job: &Job<'_>, cell: &Cell) -> String {
    let dedup = match (job.study.dedup.len(), cell.id.dedup) {
        (1, _) => "",
        (_, true) => ", dedup on",
        (_, false) => ", dedup off",
    };
    format!("{}, {}{dedup}", cell.id.data_set, cell.id.protocol)
}

/// Place by place the classifiers that lack the same.
fn said(all: &[Lacking<'_>]) -> String {
    let mut parts: Vec<(&Lacking<'_>, Vec<String>)> = Vec::new();
    for one in all {
        let same = |of: &Lacking<'_>| (&of.place, of.key, &of.why) == (&one.place, one.key, &one.why);
        let name = format!("`{}`", one.classifier);
        match parts.iter_mut().find(|(of, _)| same(of)) {
            Some((_, names)) => names.push(name),
            None => parts.push((one, vec![name])),
        }
    }
    let part = |(of, names): &(&Lacking<'_>, Vec<String>)| {
        format!("{}: {} ({}): {}", of.place, names.join(", "), of.key, of.why)
    };
    parts.iter().map(part).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::Registry;
    use crate::data::Dataset;
    use crate::study::Study;

    /// What is said of 60 rows, of which so many are positive, the first of them a duplicate.
    fn said(positives: usize, protocol: &str, grid: &str, filter: &str) -> Result<(), String> {
        let x = ndarray::Array2::from_shape_fn((60, 1), |(row, _)| row as f64);
        let y = (0..60).map(|row| u8::from(row % 2 == 0 && row / 2 < positives)).collect();
        let data = Dataset::of_numbers("few", &["a"], x, y).unwrap();
        let text = format!("name = 'x'\n[data]\npath = 'few.csv'\n[protocol]\n{protocol}\n[grid]\n{grid}\n");
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let job = Job::new(&study, [(&data, (1..60).collect())]).unwrap();
        let plan = Plan::of(&study, &[], &Filter::parse(filter).unwrap()).unwrap();
        check_inner_folds(&job, &plan.cells.iter().collect::<Vec<_>>()).map_err(|e| e.to_string())
    }

    const GRID: &str = "classifiers = [{ family = 'decision-tree', name = 'tuned', threshold = 'max-f1' }, { family = \
                        'decision-tree', name = 'mapped', calibrate = 'sigmoid', threshold = 'max-f1' }, { family = \
                        'decision-tree', name = 'searched', search = { kind = 'grid', folds = 4, space = { max_depth = [1] } } }, \
                        { family = 'stacking', name = 'stacked', params = { cv = 4, estimators = ['decision-tree'] } }, \
                        'decision-tree']";

    #[test]
    fn all_pipelines_that_cannot_cut_their_inner_folds_are_told_by_place() {
        let k_fold = "kind = 'stratified-k-fold'\nfolds = 2";
        // Two of four positives are left to train on, and 28 of 56 negatives.
        let why = |folds: u32| {
            format!(
                "{folds} folds need {folds} rows of each class, but there are 2 positives and 28 negatives: use at most 2 folds"
            )
        };
        let place = "few, stratified-k-fold";
        let wanted = format!(
            "x.toml: inner folds cannot be cut: {place}: `tuned`, `mapped` (`folds` beside `threshold`): {0}; {place}: `mapped` \
             (`folds` beside `calibrate`): {0}; {place}: `searched` (`folds` in `search`): {1}; {place}: `stacked` (`cv`): {1}",
            why(3),
            why(4)
        );
        assert_eq!(said(4, k_fold, GRID, ""), Err(wanted));
        assert_eq!(said(8, k_fold, GRID, ""), Ok(()), "four positives are left");
        assert_eq!(said(4, k_fold, GRID, "classifier=decision-tree"), Ok(()), "the others do not run");
        let one = said(6, k_fold, GRID, "").unwrap_err();
        assert!(one.contains("`searched` (`folds` in `search`)") && !one.contains("`tuned`"), "{one}");
    }

    #[test]
    fn what_dedup_leaves_is_looked_at_and_a_resampler_is_not() {
        // Six positives, one of which dedup drops: three and two of the others are left to train on.
        let k_fold = "kind = 'stratified-k-fold'\nfolds = 2";
        let grid = "dedup = [false, true]\nresamplers = ['none', 'random-oversampling']\nclassifiers = [{ family = 'decision-tree', \
                    threshold = 'max-f1' }]";
        let said = said(6, k_fold, grid, "").unwrap_err();
        let start = "x.toml: inner folds cannot be cut: few, stratified-k-fold, dedup on: `decision-tree` (`folds` beside \
                     `threshold`): 3 folds need 3 rows of each class, but there are 2 positives and ";
        assert!(said.starts_with(start) && !said.contains("dedup off"), "{said}");
    }

    #[test]
    fn rows_that_another_leak_judges_by_need_no_inner_folds() {
        let leaky = "kind = 'hold-out'\ntest = 0.5\nleaks = ['honest', 'chosen-on-test-rows', 'resample-before-split']";
        let grid =
            |family: &str| format!("dedup = true\nresamplers = ['random-oversampling']\nclassifiers = [{family}]");
        let tuned = grid("{ family = 'decision-tree', threshold = 'max-f1' }");
        let told = said(4, leaky, &tuned, "").unwrap_err();
        assert_eq!(told.matches("`decision-tree`").count(), 1, "the honest protocol alone: {told}");
        let stacked = grid("{ family = 'stacking', params = { cv = 4, estimators = ['decision-tree'] } }");
        let told = said(4, leaky, &stacked, "").unwrap_err();
        assert_eq!(told.matches("`stacking` (`cv`)").count(), 2, "what is learnt out of fold is left alone: {told}");
    }
}
