//! Cells that cannot be scored because their training rows cannot be divided or judged, or their columns cannot be used, as their
//! classifiers ask, known before any cell is begun.

use std::collections::{HashMap, HashSet};

use super::inner::RawRows;
use super::job::Job;
use crate::cell::Cell;
use crate::error::{Error, Result};
use crate::split::Roles;

mod misfits;

/// What the training rows of a study's cells cannot give their classifiers.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// Whose inner folds cannot be cut.
    folds: Vec<Lacking>,
    /// Who cannot keep rows out to stop early by.
    stops: Vec<Lacking>,
    /// Whose parameters the columns of a data set cannot serve.
    columns: Vec<Lacking>,
    /// The classifiers whose parameters the columns of some data set can serve.
    served: HashSet<String>,
    /// Whether there is a data set that was not looked at: it may serve them all.
    is_partial: bool,
    /// Whose candidates cannot be judged.
    judged: Vec<Lacking>,
    /// What they change that is no reason to refuse anything, a sentence each.
    notes: Vec<String>,
}

/// The cells of a data set and a protocol with one classifier that lack the same.
#[derive(Debug, Clone)]
struct Lacking {
    place: String,
    classifier: String,
    /// The key that a number of folds stands in; empty for what is kept out, as `why` names it.
    key: &'static str,
    /// Rows of the rarer class, where they are fewest.
    rarer: usize,
    /// Why it cannot be done there.
    why: String,
}

impl Foreseen {
    /// Looks at the training rows of the splits of `cells`. Inner folds are cut before the resampler, so that it changes nothing about
    /// them; what is kept out to stop early by is drawn behind it, so that only cells without one are known.
    pub fn of(job: &Job<'_>, cells: &[&Cell]) -> Self {
        let limits = &job.study.limits;
        // A measurement of growth tells a family that small tables are too small for as one of many, and goes on with the others.
        if limits.one_table == Some(true) && limits.skip_larger == Some(true) {
            return Foreseen::default();
        }
        let notes = short(job, cells).into_iter().chain(left_out(job, cells)).chain(cut(job, cells)).collect();
        let ((columns, served), judged) = (misfits::columns(job, cells), misfits::judged(job, cells));
        Foreseen {
            folds: folds(job, cells),
            stops: stops(job, cells),
            columns,
            served,
            judged,
            notes,
            ..Foreseen::default()
        }
    }

    /// That of a data set which is not looked at.
    pub fn unknown() -> Self {
        Foreseen { is_partial: true, ..Foreseen::default() }
    }

    /// The same of further cells.
    pub fn extend(&mut self, more: Self) {
        self.folds.extend(more.folds);
        self.stops.extend(more.stops);
        self.columns.extend(more.columns);
        self.served.extend(more.served);
        self.is_partial |= more.is_partial;
        self.judged.extend(more.judged);
        self.notes.extend(more.notes);
    }

    /// What training rows change that is no reason to refuse anything, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What refuses the study in `file` for that, a sentence for each kind over all that lack it; none where nothing is lacking.
    pub fn refused(&self, file: &str) -> Option<Error> {
        // What one data set serves fails on the others alone, as what does not fit a data set is left out there alone.
        let is_served = |one: &&Lacking| self.is_partial || self.served.contains(&one.classifier);
        let columns = self.columns.iter().filter(|one| !is_served(one)).cloned().collect();
        let kinds = [
            ("inner folds cannot be cut", &self.folds),
            ("no rows to stop early by can be kept out", &self.stops),
            ("the columns do not have what parameters ask for", &columns),
            ("candidates cannot be judged", &self.judged),
        ];
        let lacking = kinds.into_iter().filter(|(_, all)| !all.is_empty());
        Error::of_all(lacking.map(|(what, all)| format!("{file}: {what}: {}", said(all))).collect())
    }

    /// As [`Foreseen::refused`].
    ///
    /// # Errors
    /// [`Error::Study`], or [`Error::Several`] where several kinds are lacking.
    pub fn refuse(&self, file: &str) -> Result<()> {
        self.refused(file).map_or(Ok(()), Err)
    }
}

/// Whose inner folds cannot be cut.
fn folds(job: &Job<'_>, cells: &[&Cell]) -> Vec<Lacking> {
    let (mut known, mut all) = (HashMap::new(), Noted::default());
    for cell in cells {
        let classifier = &job.study.classifiers[cell.classifier];
        for cut in classifier.component.inner_cuts() {
            let same = (cell.data, &cell.id.protocol, cell.id.dedup, cell.split, cut);
            let found = known.entry(same).or_insert_with(|| {
                let raw = rows(job, cell)?;
                Some((raw.rarer(), raw.refuses(&cut)?))
            });
            let Some((rarer, why)) = found.clone() else { continue };
            let (place, classifier) = (place(job, cell), classifier.name.clone());
            all.note(Lacking { place, classifier, key: cut.key, rarer, why });
        }
    }
    all.list
}

/// Who cannot keep rows out to stop early by.
fn stops(job: &Job<'_>, cells: &[&Cell]) -> Vec<Lacking> {
    let (mut known, mut all) = (HashMap::new(), Noted::default());
    for cell in cells {
        let classifier = &job.study.classifiers[cell.classifier];
        // Of no rows none can be kept out: who has nothing to say of that keeps none out.
        let keeps_none_out = classifier.component.cannot_stop_early(&[], false).is_none();
        if keeps_none_out || !job.study.resamplers[cell.resampler].facts.is_none() {
            continue;
        }
        let same = (cell.data, &cell.id.protocol, cell.id.dedup, cell.split, cell.classifier);
        let found = known.entry(same).or_insert_with(|| {
            let raw = rows(job, cell)?;
            Some((raw.rarer(), raw.cannot_stop_early(classifier.component.as_ref())?))
        });
        let Some((rarer, why)) = found.clone() else { continue };
        all.note(Lacking { place: place(job, cell), classifier: classifier.name.clone(), key: "", rarer, why });
    }
    all.list
}

/// Which folds are shorter than the protocol asks for, a sentence for each data set, with and without duplicates.
fn short(job: &Job<'_>, cells: &[&Cell]) -> Vec<String> {
    let mut known = HashSet::new();
    let mut all = Vec::new();
    for cell in cells.iter().filter(|cell| known.insert((cell.data, cell.id.dedup))) {
        let table = job.table(cell);
        let Some(time) = &table.sides.time else { continue };
        let said = match table.variant_rows(cell.id.dedup) {
            None => job.study.protocol.cut_short(time),
            Some(kept) => job.study.protocol.cut_short(&kept.iter().map(|&row| time[row]).collect::<Vec<i64>>()),
        };
        all.extend(said.map(|said| format!("protocol: {}: {said}", place(job, cell))));
    }
    all
}

/// Which folds leave most of their test rows out, a sentence for each data set, with and without duplicates.
fn left_out(job: &Job<'_>, cells: &[&Cell]) -> Vec<String> {
    let mut known = HashSet::new();
    let mut all = Vec::new();
    for cell in cells.iter().filter(|cell| known.insert((cell.data, cell.id.dedup))) {
        let table = job.table(cell);
        let rows = || {
            let (group, time, order) = (table.sides.group.clone(), table.sides.time.clone(), table.order.clone());
            let rows = Roles { y: table.data.y.to_vec(), group, time, order, fold: None };
            match table.variant_rows(cell.id.dedup) {
                Some(kept) => rows.select(kept),
                None => rows,
            }
        };
        let said = job.study.protocol.left_out(&table.splits.of_variant[usize::from(cell.id.dedup)], rows);
        all.extend(said.map(|said| format!("protocol: {}: {said}", place(job, cell))));
    }
    all
}

/// What scalers make of fewer rows than were asked for, a sentence for each scaler of a data set and a protocol: by the split with the
/// fewest rows. Those behind a resampler on rows as they were read have rows that are not known yet, those under a leak others.
fn cut(job: &Job<'_>, cells: &[&Cell]) -> Vec<String> {
    let mut known = HashSet::new();
    let mut all: Vec<(String, usize, usize)> = Vec::new();
    for cell in cells {
        let (scaler, resampler) = (&job.study.scalers[cell.scaler], &job.study.resamplers[cell.resampler]);
        let is_known = resampler.facts.is_none() || resampler.is_on_scaled();
        // Of no rows whoever has anything to say says it.
        let is_asked = is_known && cell.leaks.is_empty() && scaler.component.cut_by(0).is_some();
        if !is_asked || !known.insert((cell.data, &cell.id.protocol, cell.id.dedup, cell.split, cell.scaler)) {
            continue;
        }
        let Some(raw) = rows(job, cell) else { continue };
        let (place, count) = (place(job, cell), raw.count());
        match all.iter_mut().find(|(known, scaler, _)| *known == place && *scaler == cell.scaler) {
            Some((_, _, fewest)) => *fewest = count.min(*fewest),
            None => all.push((place, cell.scaler, count)),
        }
    }
    let said = |(place, scaler, fewest): &(String, usize, usize)| {
        let scaler = &job.study.scalers[*scaler];
        Some(format!("grid.scalers: `{}`: {place}: {}", scaler.name, scaler.component.cut_by(*fewest)?))
    };
    all.iter().filter_map(said).collect()
}

/// The training rows of a cell; none where it has no rows of its own to divide.
fn rows<'j>(job: &'j Job<'j>, cell: &'j Cell) -> Option<RawRows<'j>> {
    // A split that cannot be made is told by its cells.
    RawRows::of(job, cell).ok().flatten()
}

/// What cells lack, in the order in which it was found.
#[derive(Default)]
struct Noted {
    list: Vec<Lacking>,
    /// The place in the list of each place, classifier and key.
    at: HashMap<(String, String, &'static str), usize>,
}

impl Noted {
    /// Adds what a cell lacks. Of one classifier in one place the fewest rows count: what mends these mends the others.
    fn note(&mut self, one: Lacking) {
        let at = *self.at.entry((one.place.clone(), one.classifier.clone(), one.key)).or_insert(self.list.len());
        match self.list.get_mut(at) {
            None => self.list.push(one),
            Some(of) if one.rarer < of.rarer => *of = one,
            Some(_) => {}
        }
    }
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
fn said(all: &[Lacking]) -> String {
    let mut parts: Vec<(&Lacking, Vec<String>)> = Vec::new();
    let mut at: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for one in all {
        let at = *at.entry((&one.place, one.key, &one.why)).or_insert(parts.len());
        if at == parts.len() {
            parts.push((one, Vec::new()));
        }
        parts[at].1.push(format!("`{}`", one.classifier));
    }
    let part = |(of, names): &(&Lacking, Vec<String>)| {
        let key = if of.key.is_empty() { String::new() } else { format!(" ({})", of.key) };
        format!("{}: {}{key}: {}", of.place, names.join(", "), of.why)
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
        Foreseen::of(&job, &plan.cells.iter().collect::<Vec<_>>()).refuse(&study.file).map_err(|e| e.to_string())
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
    fn members_of_bags_cut_inner_folds_of_the_same_rows() {
        let k_fold = "kind = 'stratified-k-fold'\nfolds = 2";
        let cascade = "{ family = 'cascade', params = { cv = 4, stages = ['decision-tree'] } }";
        let bag = |family: &str| format!("{{ family = '{family}', params = {{ estimator = {cascade} }} }}");
        let bags = ["bagging", "balanced-bagging", "easy-ensemble"].map(bag).join(", ");
        let told = said(4, k_fold, &format!("classifiers = [{bags}]"), "").unwrap_err();
        let start = "x.toml: inner folds cannot be cut: few, stratified-k-fold: `bagging`, `balanced-bagging`, `easy-ensemble` \
                     (`cv`): 4 folds need 4 rows of each class, but there are 2 positives and 28 negatives: ";
        assert!(told.starts_with(start), "{told}");
    }

    #[test]
    fn all_pipelines_that_cannot_keep_rows_out_to_stop_early_by_are_told_by_place() {
        let k_fold = "kind = 'stratified-k-fold'\nfolds = 2";
        let early = "params = { early_stopping_rounds = 5 }";
        let grid = format!(
            "resamplers = ['none', 'random-oversampling']\nclassifiers = [{{ family = 'xgboost', {early} }}, {{ family = 'lightgbm', \
             threshold = 0.5, {early} }}, {{ family = 'voting', params = {{ estimators = ['lda', {{ family = 'xgboost', {early} }}] }} }}, \
             {{ family = 'xgboost', name = 'half', params = {{ early_stopping_rounds = 5, validation_fraction = 0.5 }} }}, {{ family = \
             'sgd', params = {{ early_stopping = true }} }}, {{ family = 'xgboost', name = 'plain' }}, {{ family = 'mlp', params = {{ early_stopping = true, validation \
             = 'protocol' }} }}]"
        );
        // Of 2 positives and 28 negatives to train on, 3 rows are kept out: a share of one positive is none.
        let why = "with a `validation_fraction` of 0.1 the validation part would hold 0 positives among 3 rows, and both parts need both \
                   classes: take another `validation_fraction`, or leave `early_stopping_rounds` out";
        let place = "few, stratified-k-fold";
        let part = "`validation = \"protocol\"` needs the protocol's own validation part, which inner folds do not have either: write \
                    \"stratified\" or \"last\"";
        let wanted = format!(
            "x.toml: no rows to stop early by can be kept out: {place}: `xgboost`, `lightgbm`: {why}; {place}: `voting`: `estimators[1]`: \
             {why}; {place}: `mlp`: {part}"
        );
        assert_eq!(said(4, k_fold, &grid, ""), Err(wanted));
        // What a resampler leaves is known by the cells alone.
        assert_eq!(said(4, k_fold, &grid, "resampler=random-oversampling"), Ok(()));
        // Of 5 positives the seed of a draw decides whether one is kept out.
        assert_eq!(said(10, k_fold, &grid, "family=xgboost"), Ok(()));
        let few = said(2, k_fold, &grid, "family=sgd").unwrap_err();
        let start = "x.toml: no rows to stop early by can be kept out: few, stratified-k-fold: `sgd`: a stratified validation part of 3 rows \
                     cannot be taken from 1 positive and 29 negatives: ";
        assert!(few.starts_with(start), "{few}");
        assert!(few.ends_with(": take another `validation_fraction`, or write `early_stopping = false`"), "{few}");
    }

    #[test]
    fn a_validation_part_is_there_unless_inner_folds_are_cut() {
        let hold_out = "kind = 'hold-out'\ntest = 0.3\nvalidation = 0.3";
        let mlp = |more: &str| {
            format!(
                "classifiers = [{{ family = 'mlp', params = {{ early_stopping = true, validation = 'protocol' }} {more} }}]"
            )
        };
        assert_eq!(said(20, hold_out, &mlp(""), ""), Ok(()));
        assert_eq!(said(20, hold_out, &mlp(", threshold = 0.5"), ""), Ok(()));
        for tuned in [", threshold = 'max-f1'", ", calibrate = 'sigmoid'"] {
            let told = said(20, hold_out, &mlp(tuned), "").unwrap_err();
            assert!(told.contains("few, hold-out: `mlp`: `validation = \"protocol\"` needs"), "{tuned}: {told}");
        }
    }

    #[test]
    fn quantiles_that_are_more_than_the_training_rows_are_told_once() {
        let notes = |scaler: &str, resamplers: &str| {
            let x = ndarray::Array2::from_shape_fn((60, 1), |(row, _)| row as f64);
            let y = (0..60).map(|row| u8::from(row % 3 == 0)).collect();
            let data = Dataset::of_numbers("few", &["a"], x, y).unwrap();
            let text = format!(
                "name = 'x'\n[data]\npath = 'few.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 4\n[grid]\nresamplers = \
                 [{resamplers}]\nscalers = [{scaler}]\nclassifiers = ['prior', 'gaussian-nb']\n"
            );
            let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
            let job = Job::new(&study, [(&data, (0..60).collect())]).unwrap();
            let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
            Foreseen::of(&job, &plan.cells.iter().collect::<Vec<_>>()).notes().to_vec()
        };
        let scaler = |count: usize| format!("{{ id = 'quantile', params = {{ n_quantiles = {count} }} }}");
        // Three quarters of 60 rows train.
        let said = "grid.scalers: `quantile`: few, stratified-k-fold: `n_quantiles` is 46, and there are 45 rows to learn from: as many \
                    quantiles are taken";
        assert_eq!(notes(&scaler(46), "'none'"), [said]);
        assert_eq!(notes(&scaler(46), "{ id = 'random-oversampling', on = 'scaled' }"), [said]);
        let none = Vec::<String>::new();
        assert_eq!(notes(&scaler(45), "'none'"), none);
        assert_eq!(notes(&scaler(46), "'random-oversampling'"), none, "its rows are more");
        assert_eq!(notes("'quantile'", "'none'"), none, "the default was not asked for");
    }

    #[test]
    fn both_kinds_are_told_at_once() {
        let k_fold = "kind = 'stratified-k-fold'\nfolds = 2";
        let grid =
            "classifiers = [{ family = 'xgboost', threshold = 'max-f1', params = { early_stopping_rounds = 5 } }]";
        let told = said(4, k_fold, grid, "").unwrap_err();
        let [folds, stops] =
            ["x.toml: inner folds cannot be cut: ", "; x.toml: no rows to stop early by can be kept out: "];
        assert!(told.starts_with(folds) && told.contains(stops), "{told}");
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
