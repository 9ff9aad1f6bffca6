use fraudbench::component::Registry;
use fraudbench::component::{Entry, Scaler};
use fraudbench::scale::CATALOGUE;
use ndarray::{Array2, s};

use crate::{bits, task, with_threads};

fn fit_transform(entry: &Entry<dyn Scaler>, train: &Array2<f64>, shown: &Array2<f64>) -> Array2<f64> {
    let built = entry.build(&toml::Table::new(), &Registry::built_in()).unwrap();
    let fitted = built.component.fit(train.view()).unwrap_or_else(|e| panic!("{}: {e}", entry.id));
    fitted.transform(shown.clone()).unwrap_or_else(|e| panic!("{}: {e}", entry.id))
}

#[test]
fn rows_stay_rows_and_values_stay_finite() {
    let (x, _) = task(300);
    for entry in CATALOGUE {
        let scaled = fit_transform(entry, &x, &x);
        assert_eq!(scaled.nrows(), 300, "{}", entry.id);
        assert!(scaled.is_standard_layout(), "{}: not in C order", entry.id);
        assert!(scaled.iter().all(|v| v.is_finite()), "{}: not finite", entry.id);
    }
}

#[test]
fn a_row_is_transformed_alike_alone_and_among_others() {
    let (x, _) = task(300);
    let alone = x.slice(s![17..18, ..]).to_owned();
    for entry in CATALOGUE {
        let among = fit_transform(entry, &x, &x);
        let single = fit_transform(entry, &x, &alone);
        for (a, b) in among.row(17).iter().zip(single.row(0)) {
            assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{}: {a} among others, {b} alone", entry.id);
        }
    }
}

#[test]
fn test_rows_outside_the_training_range_stay_finite() {
    let (x, _) = task(300);
    let mut outside = x.slice(s![..20, ..]).to_owned();
    outside.mapv_inplace(|v| v * 1e3 + 50.0);
    for entry in CATALOGUE {
        assert!(fit_transform(entry, &x, &outside).iter().all(|v| v.is_finite()), "{}", entry.id);
    }
}

#[test]
fn the_same_bits_whatever_the_threads() {
    let (x, _) = task(300);
    for entry in CATALOGUE {
        let one = with_threads(1, || fit_transform(entry, &x, &x));
        let three = with_threads(3, || fit_transform(entry, &x, &x));
        assert_eq!(bits(one), bits(three), "{}", entry.id);
    }
}

#[test]
fn a_misspelt_parameter_is_an_error_that_names_it() {
    let table = "rangee = 3".parse::<toml::Table>().unwrap();
    for entry in CATALOGUE {
        let said = entry.build(&table, &Registry::built_in()).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains("rangee"), "{}: `{said}`", entry.id);
    }
}
