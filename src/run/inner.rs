//! Inner folds of a cell's own training rows: every step before the classifier is fitted again inside each fold's training
//! part, and the rows that judge are never resampled.

use ndarray::Axis;
use rayon::prelude::*;

use super::fitted::{all_places, places as among};
use super::job::Job;
use super::parts::{Parts, Seen};
use super::prefix::{Failure, Gathered, choose, guarded, piece};
use crate::cell::Cell;
use crate::component::{InnerCut, InnerFold, TrainingRows};
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
        let raw = RawRows::new(job, cell, (parts.train, seen), cell.resampler_seed(job.study));
        Ok(Some(RawRows { chosen_on, ..raw }))
    }

    pub(super) fn new(job: &'j Job<'j>, cell: &'j Cell, (rows, seen): (Vec<usize>, Seen), seed: u64) -> Self {
        let y = job.table(cell).data.y;
        let labels = rows.iter().map(|&row| y[row]).collect();
        RawRows { job, cell, rows, labels, seen, chosen_on: None, seed }
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

    /// How many rows the rarer class has, and why these inner folds cannot be cut out of all rows; none where they can.
    pub(super) fn refuses(&self, cut: &InnerCut) -> Option<(usize, String)> {
        if cut.judges && self.chosen_on.is_some() {
            return None;
        }
        let positives = self.labels.iter().filter(|&&label| label == 1).count();
        let rarer = positives.min(self.labels.len() - positives);
        // Nothing else can be in the way of these, and large tables take long to be cut.
        let is_by_class = self.cell.leaks.divide_at_random() || self.job.study.protocol.cuts_by_class();
        if is_by_class && rarer >= cut.folds as usize {
            return None;
        }
        self.splits(&self.rows, cut.folds, cut.seed).err().map(|e| (rarer, e.to_string()))
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
        let steps = match choice.steps {
            Some(steps) => steps,
            None => gathered.fit(&gathered.train(&learnt.x, &learnt.y), seen)?,
        };
        let own = match on_scaled {
            true => among(&chosen, &train),
            false => all_places(learnt.x.nrows()),
        };
        let origins = made.iter().map(|&nth| train[choice.resampled.made_from[nth]]);
        let weight = gathered.weights(&chosen, origins);
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
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::{Registry, Train};
    use crate::data::{Dataset, Sides};
    use crate::numeric::mt19937::Mt19937;
    use crate::os::SharedFile;
    use crate::run::{cell, matrices, prefix};
    use crate::store::Outcome;
    use crate::study::Study;

    const ROWS: usize = 240;

    /// Noise that says nothing of the labels; every eighth row is positive.
    fn noise() -> Dataset {
        let mut random = Mt19937::new(3);
        let x = ndarray::Array2::from_shape_fn((ROWS, 8), |_| random.next_f64());
        let y: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 8 == 3)).collect();
        let mut data = Dataset::of_numbers("noise", &["a", "b", "c", "d", "e", "f", "g", "h"], x, y).unwrap();
        data.sides = Sides {
            amount: Some((0..ROWS).map(|row| row as f64).collect()),
            weight: Some((0..ROWS).map(|row| 0.5 * row as f64).collect()),
            // Four rows per card.
            group: Some((0..ROWS).map(|row| (row % (ROWS / 4)) as u32).collect()),
            ..Sides::default()
        };
        data
    }

    fn with_first(protocol: &str, grid: &str, check: impl FnOnce(&Job<'_>, &Cell)) {
        with_table(&noise(), protocol, grid, check);
    }

    /// The same without weights, which neighbours do not take.
    fn unweighed(protocol: &str, grid: &str, check: impl FnOnce(&Job<'_>, &Cell)) {
        let mut data = noise();
        data.sides.weight = None;
        with_table(&data, protocol, grid, check);
    }

    fn with_table(data: &Dataset, protocol: &str, grid: &str, check: impl FnOnce(&Job<'_>, &Cell)) {
        let text = format!(
            "name = 'x'\nseed = 5\nmetrics = ['pr-auc']\n[data]\npath = 'x.csv'\n[protocol]\n{protocol}\n[grid]\n{grid}\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let job = Job::new(&study, [(data, (0..ROWS).collect())]).unwrap();
        let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
        check(&job, &plan.cells[0]);
    }

    /// Runs the cell as a worker does; its search's best mean, and that of inner folds behind the steps.
    fn best_means(job: &Job<'_>, cell: &Cell) -> [f64; 2] {
        let [choice, whole] = ["choice", "whole"].map(|name| SharedFile::create(name).unwrap());
        let kept = prefix::resample(job, cell, &choice.path()).unwrap();
        let prepared = prefix::prepare(job, cell, (&choice.path(), kept), &whole.path()).unwrap();
        let files = cell::Files { matrices: &whole.path(), said: None };
        let record = cell::execute(job, cell, &prepared, files, &mut |_| ());
        assert_eq!(record.outcome, Outcome::Scored, "{:?}", record.reason);
        let matrices = matrices::Matrices::open(&whole.path(), prepared.layout).unwrap();
        let (x, y) = matrices.part(matrices::Portion::Train);
        let classifier = &job.study.classifiers[cell.classifier].component;
        let context = crate::component::Context { seed: cell.classifier_seed(job.study) };
        let model = classifier.fit(&Train::numbers(x, y), &context).unwrap();
        [record.details.unwrap(), model.details().unwrap()].map(|details| {
            let trials = details["search"]["candidates"].as_array().unwrap().clone();
            trials.iter().filter_map(|trial| trial["mean"].as_f64()).fold(0.0, f64::max)
        })
    }

    const NEAREST: &str =
        "{ family = 'k-neighbors', search = { kind = 'grid', goal = 'roc-auc', space = { n_neighbors = [1, 3] } } }";

    #[test]
    fn made_up_kin_of_a_test_row_fool_no_search() {
        // Neighbours of noise know nothing, but SMOTE's rows lie between rows that judge.
        let smote = "{ id = 'smote', params = { k_neighbors = 1 } }";
        let grid = format!("resamplers = [{smote}]\nclassifiers = [{NEAREST}]");
        unweighed("kind = 'hold-out'\ntest = 0.2", &grid, |job, cell| {
            let [honest, behind] = best_means(job, cell);
            assert!(behind > 0.85, "behind SMOTE the folds are fooled: {behind}");
            assert!((0.35..0.65).contains(&honest), "noise says nothing: {honest}");
        });
    }

    #[test]
    fn made_up_rows_weigh_what_the_row_weighs_that_they_were_made_from() {
        let grid = "resamplers = ['smote', 'random-oversampling']\nclassifiers = ['decision-tree']";
        with_first("kind = 'hold-out'\ntest = 0.2", grid, |job, _| {
            let plan = Plan::of(job.study, &[], &Filter::default()).unwrap();
            for cell in &plan.cells {
                let [choice, whole] = ["choice", "whole"].map(|name| SharedFile::create(name).unwrap());
                let kept = prefix::resample(job, cell, &choice.path()).unwrap();
                let prepared = prefix::prepare(job, cell, (&choice.path(), kept), &whole.path()).unwrap();
                let matrices = matrices::Matrices::open(&whole.path(), prepared.layout).unwrap();
                let ((x, y), weights) = (matrices.part(matrices::Portion::Train), matrices.weights().unwrap());
                assert_eq!(weights.len(), y.len());
                let table = job.tables[0].data.x();
                let mut real = 0;
                for (row, weight) in x.rows().into_iter().zip(weights) {
                    // A row's weight tells its number.
                    let origin = table.row((2.0 * weight) as usize);
                    real += usize::from(origin == row);
                    assert!(origin == row || job.tables[0].data.y[(2.0 * weight) as usize] == 1);
                }
                assert_eq!(real + prepared.made, y.len());
                assert!(prepared.made + prepared.repeated > 100);
            }
        });
    }

    #[test]
    fn where_nothing_learns_the_folds_are_those_of_the_matrix() {
        for scaler in ["none", "normalizer"] {
            let grid = format!("scalers = ['{scaler}']\nclassifiers = [{NEAREST}]");
            unweighed("kind = 'hold-out'\ntest = 0.2", &grid, |job, cell| {
                let [raw, given] = best_means(job, cell);
                assert_eq!(raw.to_bits(), given.to_bits());
            });
        }
    }

    #[test]
    fn scalers_learn_from_the_rows_that_learn_and_rows_that_judge_are_not_resampled() {
        let grid = format!("resamplers = ['random-undersampling']\nscalers = ['standard']\nclassifiers = [{NEAREST}]");
        with_first("kind = 'stratified-k-fold'\nfolds = 3", &grid, |job, cell| {
            let raw = RawRows::of(job, cell).unwrap().unwrap();
            let all: Vec<usize> = (0..raw.labels().len()).collect();
            let folds = raw.inner_folds(&all, 4, Some(42)).unwrap();
            let mut tested = Vec::new();
            for fold in &folds {
                for column in fold.train.columns() {
                    let n = column.len() as f64;
                    assert!(column.sum().abs() / n < 1e-12 && (column.dot(&column) / n - 1.0).abs() < 1e-12);
                }
                let positives = fold.train_y.iter().filter(|&&label| label == 1).count();
                assert_eq!(fold.train_y.len(), 2 * positives, "undersampled to one half");
                assert_eq!(fold.test_y, fold.places.iter().map(|&p| raw.labels()[p]).collect::<Vec<u8>>());
                let amounts: Vec<f64> = fold.places.iter().map(|&p| raw.rows[p] as f64).collect();
                assert_eq!(fold.sides.amount, Some(amounts), "side columns belong to the rows");
                assert_eq!(fold.weight.as_ref().map(Vec::len), Some(fold.train_y.len()));
                tested.extend_from_slice(&fold.places);
                // Folds inside of the fold do not see its rows that judge either.
                let inside = fold.rows.as_ref().unwrap();
                assert_eq!(inside.labels().len(), all.len() - fold.places.len());
                assert!(inside.inner_folds(&[0, 1, 2], 2, Some(1)).is_err(), "no fold has both classes");
            }
            tested.sort_unstable();
            assert_eq!(tested, all);
            // What is drawn depends on the fold, and not on what was asked before.
            let again = raw.inner_folds(&all, 4, Some(42)).unwrap();
            assert!(folds.iter().zip(&again).all(|(one, other)| one.train == other.train && one.test == other.test));
        });
    }

    #[test]
    fn folds_in_time_learn_from_the_past_and_say_which_part_lacks_a_class() {
        let grid = format!("scalers = ['standard']\nclassifiers = [{NEAREST}]");
        with_first("kind = 'time-ordered'\ncolumn = 'a'", &grid, |job, cell| {
            let raw = RawRows::of(job, cell).unwrap().unwrap();
            let all: Vec<usize> = (0..raw.labels().len()).collect();
            let folds = raw.inner_folds(&all, 3, Some(42)).unwrap();
            let when = |place: &usize| job.tables[0].data.x()[[raw.rows[*place], 0]];
            let mut before = f64::NEG_INFINITY;
            for fold in &folds {
                let (first, last) = fold
                    .places
                    .iter()
                    .map(when)
                    .fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
                assert!(before <= first);
                before = last;
            }
            assert_eq!(folds.iter().map(|fold| fold.train.nrows()).collect::<Vec<_>>(), [45, 90, 135]);
            let few = raw.inner_folds(&all, 60, Some(42)).err().unwrap().to_string();
            assert!(few.starts_with("inner cross-validation: fold ") && few.contains("would hold"), "{few}");
        });
    }

    #[test]
    fn no_card_learns_and_judges() {
        let grid = format!("scalers = ['standard']\nclassifiers = [{NEAREST}]");
        for (kind, apart) in [("stratified-group-k-fold", true), ("group-k-fold", true), ("stratified-k-fold", false)] {
            with_first(&format!("kind = '{kind}'\nfolds = 3"), &grid, |job, cell| {
                let raw = RawRows::of(job, cell).unwrap().unwrap();
                let all: Vec<usize> = (0..raw.labels().len()).collect();
                let cards = job.tables[0].sides.group.as_ref().unwrap();
                let folds = raw.inner_folds(&all, 3, Some(42)).unwrap();
                let both = folds.iter().filter(|fold| {
                    let card = |place: &usize| cards[raw.rows[*place]];
                    let judged: std::collections::BTreeSet<u32> = fold.places.iter().map(card).collect();
                    let learns = all.iter().filter(|place| fold.places.binary_search(place).is_err());
                    learns.map(card).any(|card| judged.contains(&card))
                });
                assert_eq!(both.count() == 0, apart, "{kind}");
            });
        }
    }

    #[test]
    fn selections_learn_from_the_rows_that_learn() {
        let grid = format!(
            "selects = [{{ id = 'pca', params = {{ n_components = 3, whiten = true }} }}]\nclassifiers = [{NEAREST}]"
        );
        let spread = |x: &ndarray::Array2<f64>| {
            let off = |column: ndarray::ArrayView1<'_, f64>| {
                let n = column.len() as f64;
                (column.sum().abs() / n).max((column.dot(&column) / (n - 1.0) - 1.0).abs())
            };
            x.columns().into_iter().map(off).fold(0.0, f64::max)
        };
        with_first("kind = 'stratified-k-fold'\nfolds = 3", &grid, |job, cell| {
            let raw = RawRows::of(job, cell).unwrap().unwrap();
            let all: Vec<usize> = (0..raw.labels().len()).collect();
            for fold in raw.inner_folds(&all, 4, Some(42)).unwrap() {
                assert_eq!((fold.train.ncols(), fold.test.ncols()), (3, 3));
                assert_eq!(
                    fold.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(),
                    ["pca-1", "pca-2", "pca-3"]
                );
                assert!(spread(&fold.train) < 1e-12 && spread(&fold.test) > 1e-3);
            }
        });
        let grid = format!("dedup = true\n{grid}");
        with_first("kind = 'hold-out'\nleaks = ['select-on-all-rows']", &grid, |job, cell| {
            let raw = RawRows::of(job, cell).unwrap().unwrap();
            let all: Vec<usize> = (0..raw.labels().len()).collect();
            for fold in raw.inner_folds(&all, 4, Some(42)).unwrap() {
                assert!(spread(&fold.train) > 1e-3, "rows that do not learn set the directions too");
            }
        });
    }

    #[test]
    fn a_leak_stays_what_it_is_inside() {
        let grid = format!("dedup = true\nresamplers = ['smote']\nscalers = ['min-max']\nclassifiers = [{NEAREST}]");
        with_first("kind = 'hold-out'\nleaks = ['resample-before-split']", &grid, |job, cell| {
            assert!(RawRows::of(job, cell).unwrap().is_none(), "the resampled rows are what was split");
        });
        with_first("kind = 'hold-out'\nleaks = ['scaler-on-all-rows']", &grid, |job, cell| {
            let raw = RawRows::of(job, cell).unwrap().unwrap();
            let all: Vec<usize> = (0..raw.labels().len()).collect();
            let x = job.tables[0].data.x();
            for fold in raw.inner_folds(&all, 3, Some(42)).unwrap() {
                let row = fold.test.row(0);
                let table = x.row(raw.rows[fold.places[0]]);
                for (nth, column) in x.columns().into_iter().enumerate() {
                    let low = column.fold(f64::MAX, |low, value| low.min(*value));
                    let high = column.fold(f64::MIN, |high, value| high.max(*value));
                    assert!((row[nth] - (table[nth] - low) / (high - low)).abs() < 1e-12, "all rows set the range");
                }
            }
        });
    }

    #[test]
    fn choices_on_test_rows_are_judged_by_them_and_by_the_final_models_steps() {
        let tuned = "{ family = 'decision-tree', threshold = 'max-f1' }";
        let grid = format!("dedup = true\nscalers = ['standard']\nclassifiers = [{tuned}, {NEAREST}]");
        with_first("kind = 'hold-out'\nleaks = ['chosen-on-test-rows']", &grid, |job, cell| {
            let raw = RawRows::of(job, cell).unwrap().unwrap();
            let all: Vec<usize> = (0..raw.labels().len()).collect();
            let [fold] = &raw.judging_folds(&all, 5, Some(42)).unwrap()[..] else { panic!("one fold judges") };
            let parts = Parts::of(job, cell).unwrap();
            let x = job.tables[0].data.x();
            let scaler = job.study.scalers[0].component.fit(x.select(Axis(0), &parts.train).view()).unwrap();
            let scaled = |rows: &[usize]| scaler.transform(x.select(Axis(0), rows)).unwrap();
            assert_eq!((&fold.train, &fold.test), (&scaled(&parts.train), &scaled(&parts.test)));
            assert_eq!(fold.test_y, parts.test.iter().map(|&row| job.tables[0].data.y[row]).collect::<Vec<u8>>());
            assert_eq!(fold.sides.amount, Some(parts.test.iter().map(|&row| row as f64).collect()));
            // What is learnt out of fold, such as a stack's last model, is left alone.
            assert_eq!(raw.inner_folds(&all, 5, Some(42)).unwrap().len(), 5);
        });
    }

    #[test]
    fn a_step_that_fails_names_the_fold() {
        // Enough positives for SMOTE's neighbours outside, too few inside.
        let grid =
            format!("resamplers = [{{ id = 'smote', params = {{ k_neighbors = 20 }} }}]\nclassifiers = [{NEAREST}]");
        with_first("kind = 'hold-out'\ntest = 0.2", &grid, |job, cell| {
            let raw = RawRows::of(job, cell).unwrap().unwrap();
            let all: Vec<usize> = (0..raw.labels().len()).collect();
            let said = raw.inner_folds(&all, 3, Some(42)).err().unwrap().to_string();
            assert!(said.starts_with("inner fold 1, resample: "), "{said}");
        });
    }
}
