use std::sync::Arc;

use fraudbench::component::{Context, Entry, Features, Registry, Resampled, Resampler, Shape, Train};
use fraudbench::data::{Column, ColumnShape, Kind};
use fraudbench::resample::CATALOGUE;
use ndarray::{Array2, Axis};

use crate::{bits, task, with_threads};

/// The task of numbers; the same with two categories; its columns with few values as categories alone.
fn tables(rows: usize) -> Vec<(Array2<f64>, Vec<Column>)> {
    let (x, _) = task(rows);
    let levels: Arc<[String]> = ["a", "b", "c"].map(str::to_owned).into();
    let named = |at: usize| Column::number(format!("c{at}"));
    let category = |at: usize| Column { kind: Kind::Category(levels.clone()), ..named(at) };
    let numbers: Vec<Column> = (0..6).map(named).collect();
    let mut mixed = x.clone();
    mixed.column_mut(2).fill(1.0);
    let columns = (0..6).map(|at| if at == 2 || at == 5 { category(at) } else { named(at) }).collect();
    let coarse = x.select(Axis(1), &[0, 1, 3]).mapv(|value| (value.abs() * 7.0).floor() % 3.0);
    vec![(x, numbers), (mixed, columns), (coarse, (0..3).map(category).collect())]
}

/// What a resampler makes of the first of the tables that it takes.
fn resample(entry: &Entry<dyn Resampler>, rows: usize, y: &[u8]) -> Result<Resampled, String> {
    // A chain without steps is refused: give it the simplest one. A forest for each of five folds takes its time.
    let table = match entry.id {
        "chain" => "steps = [{id = 'none'}]",
        "instance-hardness-threshold" => "estimator = { id = 'gaussian-nb' }",
        _ => "",
    };
    let component = entry.build(&table.parse().unwrap(), &Registry::built_in()).unwrap().component;
    for (x, columns) in tables(rows) {
        let shapes = columns.iter().map(|column| ColumnShape {
            name: column.name.clone(),
            levels: matches!(column.kind, Kind::Category(_)).then_some(3),
            blanks: false,
            empty: false,
        });
        if component.shape(&Shape::new(rows, shapes.collect())).is_ok() {
            let train = Train::new(Features { x: x.view(), columns: &columns }, y);
            let made = component.resample(&train, &Context { seed: 7 }).map_err(|e| e.to_string())?;
            made.check(rows, x.ncols()).unwrap_or_else(|e| panic!("{}: {e}", entry.id));
            return Ok(made);
        }
    }
    panic!("{} takes none of the tables", entry.id)
}

#[test]
fn kept_rows_ascend_and_hold_every_positive_and_repeated_ones_come_after() {
    let (_, y) = task(600);
    for entry in CATALOGUE {
        let made = resample(entry, 600, &y).unwrap_or_else(|e| panic!("{}: {e}", entry.id));
        let first = made.rows.windows(2).position(|w| w[0] >= w[1]).map_or(made.rows.len(), |at| at + 1);
        let (kept, again) = made.rows.split_at(first);
        assert!(again.iter().all(|row| kept.contains(row)), "{}: not ascending", entry.id);
        let positives = kept.iter().filter(|&&i| y[i] == 1).count();
        assert_eq!(positives, y.iter().filter(|&&l| l == 1).count(), "{}: a positive is lost", entry.id);
    }
}

#[test]
fn the_same_seed_gives_the_same_rows_whatever_the_threads() {
    let (_, y) = task(600);
    for entry in CATALOGUE {
        let on = |threads| with_threads(threads, || resample(entry, 600, &y).unwrap());
        let (one, three) = (on(1), on(3));
        assert_eq!(
            (&one.rows, &one.made_y, &one.made_from),
            (&three.rows, &three.made_y, &three.made_from),
            "{}",
            entry.id
        );
        assert_eq!(bits(one.made), bits(three.made), "{}", entry.id);
    }
}

#[test]
fn what_is_made_inherits_from_a_row_of_its_label() {
    let (_, y) = task(600);
    for entry in CATALOGUE {
        let made = resample(entry, 600, &y).unwrap();
        for (&label, &from) in made.made_y.iter().zip(&made.made_from) {
            assert_eq!(y[from], label, "{}", entry.id);
        }
    }
}

#[test]
fn one_class_is_an_answer_or_one_sentence_never_a_panic() {
    for entry in CATALOGUE {
        for label in [0, 1] {
            if let Err(said) = resample(entry, 60, &[label; 60]) {
                assert!(!said.is_empty() && !said.contains('\n'), "{}: `{said}`", entry.id);
            }
        }
    }
}
