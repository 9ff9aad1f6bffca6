use fraudbench::component::{Entry, FittedTransformer, Registry, Train, Transformer};
use fraudbench::select::CATALOGUE;
use ndarray::{Array2, s};

use crate::{bits, task, with_threads};

fn fitted(entry: &Entry<dyn Transformer>, x: &Array2<f64>, y: &[u8]) -> Box<dyn FittedTransformer> {
    // These columns have no names.
    let params = if entry.id == "columns" { "columns = [0, 2]" } else { entry.least };
    let built = entry.build(&params.parse().unwrap(), &Registry::built_in()).unwrap();
    built.component.fit(&Train::numbers(x.view(), y)).unwrap_or_else(|e| panic!("{}: {e}", entry.id))
}

#[test]
fn rows_stay_rows_and_columns_are_those_that_are_told() {
    let (x, y) = task(300);
    for entry in CATALOGUE {
        let fitted = fitted(entry, &x, &y);
        let made = fitted.transform(x.clone()).unwrap();
        assert_eq!(made.nrows(), 300, "{}", entry.id);
        assert!(made.is_standard_layout() && made.iter().all(|v| v.is_finite()), "{}", entry.id);
        // `none` leaves columns without names without names.
        assert!([0, made.ncols()].contains(&fitted.columns().len()), "{}", entry.id);
    }
}

#[test]
fn a_row_is_transformed_alike_alone_and_among_others() {
    let (x, y) = task(300);
    for entry in CATALOGUE {
        let fitted = fitted(entry, &x, &y);
        let among = fitted.transform(x.clone()).unwrap();
        let alone = fitted.transform(x.slice(s![17..18, ..]).to_owned()).unwrap();
        for (a, b) in among.row(17).iter().zip(alone.row(0)) {
            assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{}: {a} among others, {b} alone", entry.id);
        }
    }
}

#[test]
fn the_same_bits_whatever_the_threads() {
    let (x, y) = task(300);
    for entry in CATALOGUE {
        let made = || fitted(entry, &x, &y).transform(x.clone()).unwrap();
        assert_eq!(bits(with_threads(1, made)), bits(with_threads(3, made)), "{}", entry.id);
    }
}

#[test]
fn another_number_of_columns_is_one_sentence() {
    let (x, y) = task(300);
    for entry in CATALOGUE.iter().filter(|entry| entry.id != "none") {
        let fewer = x.slice(s![.., ..4]).to_owned();
        let said = fitted(entry, &x, &y).transform(fewer).unwrap_err().to_string();
        assert!(said.contains(entry.id) && said.contains('4') && !said.contains('\n'), "{said}");
    }
}
