//! Fewer rows than columns: solved by rows, with the answer of the solution by columns.

use ndarray::{Array2, Axis, concatenate, s};

use super::{lda, least_squares, linear_svc, logistic_regression, ridge};
use crate::component::{Classifier, Context, Entry, Registry, Train};

fn rows(count: usize, columns: usize) -> (Array2<f64>, Vec<u8>) {
    let y: Vec<u8> = (0..count).map(|i| u8::from(i % 5 == 2)).collect();
    let x = Array2::from_shape_fn((count, columns), |(i, j)| {
        let bits = ((i * columns + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let noise = ((bits ^ (bits >> 31)) >> 40) as f64 / f64::from(1 << 23);
        // Columns of sizes from 0.01 to 100, away from zero, and one that is constant.
        if j == 3 { 0.75 } else { (noise + f64::from(y[i]) * 0.2 + 3.0) * 10_f64.powi(j as i32 % 5 - 2) }
    });
    (x, y)
}

fn scores(entry: &Entry<dyn Classifier>, table: &str, x: &Array2<f64>, y: &[u8], asked: &Array2<f64>) -> Vec<f64> {
    let built = entry.build(&table.parse().unwrap(), &Registry::empty()).unwrap();
    let model = built.component.fit(&Train::numbers(x.view(), y), &Context { seed: 0 }).unwrap();
    model.predict(asked.view()).unwrap().score
}

/// Rows four times over have the same optimum (with a quarter of `C`, four times `alpha`), and are more than there are columns.
#[test]
fn few_rows_have_the_answer_of_the_same_rows_repeated() {
    let (x, y) = rows(20, 60);
    let (many, labels) = (concatenate(Axis(0), &[x.view(); 4]).unwrap(), y.repeat(4));
    let (asked, _) = rows(30, 60);
    for (entry, wide, long) in [
        (&lda::ENTRY, "", ""),
        (&lda::ENTRY, "tol = 0.3", "tol = 0.3"),
        (&least_squares::LINEAR, "", ""),
        (&least_squares::LINEAR, "fit_intercept = false", "fit_intercept = false"),
        (&ridge::ENTRY, "", "alpha = 4.0"),
        (&ridge::ENTRY, "alpha = 0.0", "alpha = 0.0"),
        (&ridge::ENTRY, "alpha = 0.5\nfit_intercept = false", "alpha = 2.0\nfit_intercept = false"),
        (&linear_svc::ENTRY, "", "C = 0.25"),
        (&linear_svc::ENTRY, "C = 0.4\nfit_intercept = false", "C = 0.1\nfit_intercept = false"),
        (&linear_svc::ENTRY, "class_weight = 'balanced'", "class_weight = 'balanced'\nC = 0.25"),
        (&logistic_regression::ENTRY, "", "C = 0.25"),
        (&logistic_regression::ENTRY, "C = 4.0\nfit_intercept = false", "C = 1.0\nfit_intercept = false"),
        (&logistic_regression::ENTRY, "C = 0.4\nsolver = 'liblinear'", "C = 0.1\nsolver = 'liblinear'"),
        (&logistic_regression::ENTRY, "class_weight = 'balanced'", "class_weight = 'balanced'\nC = 0.25"),
    ] {
        let by_rows = scores(entry, wide, &x, &y, &asked);
        let by_columns = scores(entry, long, &many, &labels, &asked);
        let size = by_columns.iter().fold(0.0, |size: f64, score| size.max(score.abs()));
        for (rows, columns) in by_rows.iter().zip(&by_columns) {
            assert!((rows - columns).abs() < 1e-8 * size, "{} {wide}: {rows} and {columns}", entry.id);
        }
    }
}

/// Rows 20 to 23 by scikit-learn 1.9: `LogisticRegression` with `solver="newton-cholesky", tol=1e-13`.
#[test]
fn few_rows_have_the_answer_of_scikit_learn() {
    let (x, y) = rows(20, 60);
    let asked = rows(24, 60).0.slice(s![20.., ..]).to_owned();
    for (entry, table, expected) in [
        (&lda::ENTRY, "", [0.007779647242207911, 0.5605490873033633, 0.19532657993248698, 0.030449001474929138]),
        (&ridge::ENTRY, "", [-5.389327192711501, -2.7574752918191825, -0.9585441274509767, -2.2029476924795666]),
        (
            &ridge::ENTRY,
            "alpha = 100.0",
            [-3.3514514630089263, -3.1116788352930786, -0.8066410192405744, -0.6643136759472608],
        ),
        (
            &logistic_regression::ENTRY,
            "C = 0.001",
            [0.004371018408380629, 0.0008682076799534427, 0.20293533290366497, 0.14661547617163023],
        ),
    ] {
        for (found, expected) in scores(entry, table, &x, &y, &asked).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{} {table}: {found} and {expected}", entry.id);
        }
    }
}

/// By columns each of these took minutes to hours; by rows, the debug build without optimisation takes seconds.
#[test]
fn five_thousand_columns_are_fitted() {
    let (x, y) = rows(60, 5_000);
    for entry in [&lda::ENTRY, &least_squares::LINEAR, &ridge::ENTRY, &linear_svc::ENTRY, &logistic_regression::ENTRY] {
        let started = std::time::Instant::now();
        let found = scores(entry, "", &x, &y, &x);
        println!("{}: {:.3} s", entry.id, started.elapsed().as_secs_f64());
        assert!(found.iter().all(|score| score.is_finite()), "{}", entry.id);
        if entry.id == lda::ENTRY.id {
            // Leaves out the directions in which a class has no variance, those that part the training rows among them.
            continue;
        }
        // Sixty rows in five thousand columns can be told apart.
        let least = found.iter().zip(&y).filter(|(_, y)| **y == 1).map(|(s, _)| *s).fold(f64::INFINITY, f64::min);
        let most = found.iter().zip(&y).filter(|(_, y)| **y == 0).map(|(s, _)| *s).fold(f64::NEG_INFINITY, f64::max);
        assert!(least > most, "{}: {least} and {most}", entry.id);
    }
}
