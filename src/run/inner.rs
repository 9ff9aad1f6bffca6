//! Inner folds of a cell's own training rows: every step before the classifier is fitted again inside each fold's training
//! part, and the rows that judge are never resampled.

use ndarray::Axis;
use rayon::prelude::*;

use super::fitted::{all_places, places as among};
use super::job::Job;
use super::parts::{Parts, Seen};
use super::prefix::{Failure, Gathered, choose, guarded, piece};
use crate::cell::Cell;
use crate::component::{Classifier, InnerCut, InnerFold, TrainingRows};
use crate::data::{Column, Kind, Role};
use crate::error::{Error, Result};
use crate::seed::{Purpose, derive};
use crate::split::{INNER, Leak, Roles, Split, stratified_by};
use crate::store::Stage;

/// The rows that a cell trains on, before its resampler.
pub struct RawRows<'j> {
    job: &'j Job<'j>,
    cell: &'j Cell,
    /// Row numbers of the table, ascending.
    rows: Vec<usize>,
    labels: Vec<u8>,
    /// What encoder, scaler and selection are fitted on under a leak.
    seen: Seen,
    /// The rows by which candidates are judged under a leak; none where inner folds judge.
    chosen_on: Option<Vec<usize>>,
    /// Whether the protocol has a validation part beside them.
    has_validation: bool,
    /// The resampler's; each fold's own follows from it.
    seed: u64,
}

impl<'j> RawRows<'j> {
    /// Those of a cell. None under `resample-before-split`, where the resampled rows are what was split: no other rows belong
    /// to its training part.
    ///
    /// # Errors
    /// Why the cell's split cannot be made.
    pub fn of(job: &'j Job<'j>, cell: &'j Cell) -> Result<Option<Self>, Failure> {
        if cell.leaks.has(Leak::ResampleBeforeSplit) {
            return Ok(None);
        }
        let parts = Parts::of(job, cell)?;
        let (seen, chosen_on) = (parts.seen(), parts.chosen_on().map(<[usize]>::to_vec));
        let has_validation = !parts.validation.is_empty();
        let raw = RawRows::new(job, cell, (parts.train, seen), cell.resampler_seed(job.study));
        Ok(Some(RawRows { chosen_on, has_validation, ..raw }))
    }

    pub(super) fn new(job: &'j Job<'j>, cell: &'j Cell, (rows, seen): (Vec<usize>, Seen), seed: u64) -> Self {
        let y = job.table(cell).data.y;
        let labels = rows.iter().map(|&row| y[row]).collect();
        RawRows { job, cell, rows, labels, seen, chosen_on: None, has_validation: false, seed }
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// How many rows the rarer class has.
    pub(super) fn rarer(&self) -> usize {
        let positives = self.labels.iter().filter(|&&label| label == 1).count();
        positives.min(self.labels.len() - positives)
    }

    /// How many of the positives that these inner folds judge by lack the amount that metrics of money need, and how many there are;
    /// none where there are no amounts, where other rows judge, and where the folds cannot be cut.
    pub(super) fn without_amount(&self, cut: &InnerCut) -> Option<(usize, usize)> {
        let is_judge = cut.judges && self.chosen_on.is_none();
        let amounts = self.job.table(self.cell).sides.amount.as_deref().filter(|_| is_judge)?;
        let splits = self.splits(&self.rows, cut.folds, cut.seed).ok()?;
        let judging = splits.iter().flat_map(|split| &split.test).filter(|&&place| self.labels[place] == 1);
        let positives: Vec<f64> = judging.map(|&place| amounts[self.rows[place]]).collect();
        let without = positives.iter().filter(|amount| !(0.0..f64::INFINITY).contains(*amount)).count();
        Some((without, positives.len()))
    }

    /// `rows` are row numbers of the table.
    fn splits(&self, rows: &[usize], folds: u32, seed: Option<u32>) -> Result<Vec<Split>> {
        let table = self.job.table(self.cell);
        let protocol = &self.job.study.protocol;
        let needs = |role| protocol.needs().contains(&role);
        let y: Vec<u8> = rows.iter().map(|&row| table.data.y[row]).collect();
        if self.cell.leaks.divide_at_random() {
            return stratified_by(&y, folds, seed);
        }
        let roles = Roles {
            y,
            group: table.sides.group.as_deref().filter(|_| needs(Role::Group)).map(|all| pick(all, rows)),
            time: table.sides.time.as_deref().filter(|_| needs(Role::Time)).map(|all| pick(all, rows)),
            order: table.order.as_deref().map(|all| pick(all, rows)),
            // What is given to parts says nothing of folds among the training rows.
            fold: None,
        };
        protocol.inner(&roles, folds, seed)
    }

    /// Why these inner folds cannot be cut out of all rows; none where they can.
    pub(super) fn refuses(&self, cut: &InnerCut) -> Option<String> {
        if cut.judges && self.chosen_on.is_some() {
            return None;
        }
        // Nothing else can be in the way of these, and large tables take long to be cut.
        let is_by_class = self.cell.leaks.divide_at_random() || self.job.study.protocol.cuts_by_class();
        if is_by_class && self.rarer() >= cut.folds as usize {
            return None;
        }
        self.splits(&self.rows, cut.folds, cut.seed).err().map(|e| e.to_string())
    }

    /// Why `classifier` cannot keep rows out of all rows to stop early by; none where it can.
    pub(super) fn cannot_stop_early(&self, classifier: &dyn Classifier) -> Option<String> {
        classifier.cannot_stop_early(&self.labels, self.has_validation)
    }

    /// A fold; what fails there says which one it is.
    fn told(&self, rows: &[usize], split: Split) -> Result<InnerFold<'_>> {
        let number = split.fold + 1;
        self.fold(rows, split).map_err(|failure| {
            let columns = self.job.table(self.cell).data.columns;
            let named = Some(columns).filter(|all| all.iter().all(|column| column.kind == Kind::Number));
            let (step, said) = (failure.stage.name(), failure.said(named));
            Error::Component(format!("inner fold {number}, {step}: {said}"))
        })
    }

    /// The columns after all steps; where all are numbers and nothing was made of them, those of the table, for their names.
    pub(super) fn named(&self, columns: Vec<Column>, width: usize) -> Vec<Column> {
        let read = self.job.table(self.cell).data.columns;
        let are_those =
            columns.is_empty() && read.len() == width && read.iter().all(|c| !matches!(c.kind, Kind::Category(_)));
        if are_those { read.to_vec() } else { columns }
    }

    fn fold(&self, rows: &[usize], split: Split) -> Result<InnerFold<'_>, Failure> {
        let parts = [pick(rows, &split.train), pick(rows, &split.test)];
        let seed = derive(self.seed, Purpose::Resample, &format!("inner fold {}", split.fold));
        self.prepared(parts, split.test, seed)
    }

    /// Every step fitted on the rows `train`, and the rows `test` for judging, which are called `places`.
    fn prepared(
        &self,
        [train, test]: [Vec<usize>; 2],
        places: Vec<usize>,
        seed: u64,
    ) -> Result<InnerFold<'_>, Failure> {
        let (job, cell, seen) = (self.job, self.cell, &self.seen);
        let gathered = Gathered::new(job, cell, &train)?;
        let choice = choose(&gathered, &train, &train, seen, seed)?;
        let (chosen, made) = choice.resampled.of(&train);
        let on_scaled = job.study.resamplers[cell.resampler].is_on_scaled();
        let learnt = piece(&gathered, &chosen, (&choice.resampled, &made), on_scaled)?;
        let origins = choice.resampled.origins(&train);
        let steps = match choice.steps {
            Some(steps) => steps,
            None => gathered.fit(&gathered.train(&learnt.x, &learnt.y).of_origins(&origins), seen)?,
        };
        let own = match on_scaled {
            true => among(&chosen, &train),
            false => all_places(learnt.x.nrows()),
        };
        let weight = gathered.weights(&origins);
        let mut x = guarded(Stage::Scale, || steps.transform_training(learnt.x, &own))?;
        if learnt.scaled.nrows() > 0 {
            x.append(Axis(0), learnt.scaled.view()).map_err(|e| Failure::new(Stage::Resample, e.to_string()))?;
        }
        let (test_x, test_y) = gathered.rows(&test)?;
        let test_x = guarded(Stage::Scale, || steps.transform(test_x))?;
        guarded(Stage::Scale, || steps.close())?;
        let width = x.ncols();
        Ok(InnerFold {
            train: x,
            train_y: learnt.y,
            weight,
            test: test_x,
            test_y,
            columns: self.named(steps.columns, width),
            places,
            sides: job.table(cell).sides.select(&test),
            rows: Some(Box::new(RawRows::new(job, cell, (train, self.seen.clone()), seed))),
        })
    }
}

fn pick<T: Copy>(all: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|&place| all[place]).collect()
}

impl TrainingRows for RawRows<'_> {
    fn labels(&self) -> &[u8] {
        &self.labels
    }

    fn inner_folds(&self, rows: &[usize], folds: u32, seed: Option<u32>) -> Result<Vec<InnerFold<'_>>> {
        let rows = pick(&self.rows, rows);
        let splits = self.splits(&rows, folds, seed);
        let splits = splits.map_err(|e| Error::Component(format!("{INNER}: {e}")))?;
        // Collected twice: of several failures the first fold's is told, whichever was there first.
        let folds: Vec<Result<InnerFold<'_>>> = splits.into_par_iter().map(|split| self.told(&rows, split)).collect();
        folds.into_iter().collect()
    }

    fn judging_folds(&self, rows: &[usize], folds: u32, seed: Option<u32>) -> Result<Vec<InnerFold<'_>>> {
        let Some(judges) = &self.chosen_on else { return self.inner_folds(rows, folds, seed) };
        let parts = [pick(&self.rows, rows), judges.clone()];
        // The steps are fitted as the final model's are, so that the leak changes the choice alone.
        let fold = self.prepared(parts, (0..judges.len()).collect(), self.seed);
        Ok(vec![fold.map_err(|failure| Error::Component(format!("{}: {}", failure.stage.name(), failure.said(None))))?])
    }
}

#[cfg(test)]
mod tests;
