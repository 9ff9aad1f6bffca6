//! Inner folds of small jobs of noise: what learns, what judges, and what fools nobody.

use std::path::Path;

use super::*;
use crate::cell::{Filter, Plan};
use crate::component::{Registry, Train};
use crate::data::{Dataset, Sides};
use crate::numeric::mt19937::Mt19937;
use crate::os::SharedFile;
use crate::run::{cell, matrices, prefix};
use crate::store::{Outcome, Record};
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

/// Runs the cell as a worker does, with its matrices in the file `whole`.
fn executed(job: &Job<'_>, cell: &Cell, whole: &SharedFile) -> (Record, prefix::Prepared) {
    let choice = SharedFile::create("choice").unwrap();
    let kept = prefix::resample(job, cell, &choice.path()).unwrap();
    let prepared = prefix::prepare(job, cell, (&choice.path(), kept), &whole.path()).unwrap();
    let files = cell::Files { matrices: &whole.path(), said: None };
    let record = cell::execute(job, cell, &prepared, files, &mut |_| ());
    assert_eq!(record.outcome, Outcome::Scored, "{:?}", record.reason);
    (record, prepared)
}

/// Runs the cell; its search's best mean, and that of inner folds behind the steps.
fn best_means(job: &Job<'_>, cell: &Cell) -> [f64; 2] {
    let whole = SharedFile::create("whole").unwrap();
    let (record, prepared) = executed(job, cell, &whole);
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
fn copies_of_a_row_that_judges_fool_no_member_of_a_bag() {
    // A tree knows nothing of rows of noise that it has not seen: of some positives it says 0, and a cascade that may miss none
    // passes all rows on. Of copies of its own rows it says 1, and new positives do not come so far.
    let cascade = "{ family = 'cascade', params = { stages = ['decision-tree'], max_missed = 0.0 } }";
    for (family, own) in [("bagging", ", bootstrap = false"), ("bagging", ""), ("balanced-bagging", "")] {
        let params = format!("n_estimators = 3, estimator = {cascade}{own}");
        let grid = format!(
            "resamplers = ['random-oversampling']\nclassifiers = [{{ family = '{family}', params = {{ {params} }} }}]"
        );
        unweighed("kind = 'hold-out'\ntest = 0.2", &grid, |job, cell| {
            let (record, _) = executed(job, cell, &SharedFile::create("whole").unwrap());
            let found = record.confusion.unwrap();
            assert_eq!((found.tp, found.fn_), (6, 0), "{family}{own}");
        });
    }
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
fn the_label_of_a_copy_is_in_no_feature_of_its_row() {
    // Each row has a level of its own, which says nothing of another row's label.
    let mut data = noise();
    data.sides.weight = None;
    let levels: Vec<String> = (0..ROWS).map(|row| format!("level {row:03}")).collect();
    data.columns[0].kind = Kind::Category(levels.into());
    data.x.column_mut(0).iter_mut().zip(0_u32..).for_each(|(value, row)| *value = f64::from(row));
    let grid = "resamplers = ['random-oversampling']\nencoders = ['target']\nclassifiers = ['decision-tree']";
    // What is left is the share of positives of the other folds, of about a half.
    let says_nothing = |x: ndarray::ArrayView2<'_, f64>| {
        assert!(x.column(0).iter().all(|share| (0.35..0.65).contains(share)), "{:?}", x.column(0));
    };
    with_table(&data, "kind = 'hold-out'\ntest = 0.2", grid, |job, cell| {
        let [choice, whole] = ["choice", "whole"].map(|name| SharedFile::create(name).unwrap());
        let kept = prefix::resample(job, cell, &choice.path()).unwrap();
        let prepared = prefix::prepare(job, cell, (&choice.path(), kept), &whole.path()).unwrap();
        assert!(prepared.repeated > 100);
        let matrices = matrices::Matrices::open(&whole.path(), prepared.layout).unwrap();
        says_nothing(matrices.part(matrices::Portion::Train).0);
        let raw = RawRows::of(job, cell).unwrap().unwrap();
        let all: Vec<usize> = (0..raw.labels().len()).collect();
        for fold in raw.inner_folds(&all, 3, Some(42)).unwrap() {
            says_nothing(fold.train.view());
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
            let (first, last) =
                fold.places.iter().map(when).fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
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
            assert_eq!(fold.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["pca-1", "pca-2", "pca-3"]);
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
    let grid = format!("resamplers = [{{ id = 'smote', params = {{ k_neighbors = 20 }} }}]\nclassifiers = [{NEAREST}]");
    with_first("kind = 'hold-out'\ntest = 0.2", &grid, |job, cell| {
        let raw = RawRows::of(job, cell).unwrap().unwrap();
        let all: Vec<usize> = (0..raw.labels().len()).collect();
        let said = raw.inner_folds(&all, 3, Some(42)).err().unwrap().to_string();
        assert!(said.starts_with("inner fold 1, resample: "), "{said}");
    });
}
