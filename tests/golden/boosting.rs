//! `xgboost` and `lightgbm` against the same libraries under Python, and on categories and blanks `hist-gradient-boosting`
//! and `catboost` too; `scripts/golden/boosting.py` and `scripts/golden/categories.py` wrote the files.

use fraudbench::classify::CATALOGUE;
use fraudbench::component::{ColumnShape, Context, Features, Prediction, Registry, Shape, Train, find};
use fraudbench::data::{Column, Kind};
use ndarray::Array2;
use serde::Deserialize;

use crate::matrix;

#[derive(Deserialize)]
struct Data {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    test: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    params: toml::Table,
    score: Vec<f64>,
    label: Vec<u8>,
    /// Where training stopped early.
    stopped: Option<Stopped>,
}

#[derive(Deserialize)]
struct Stopped {
    best_iteration: u64,
    rounds_trained: u64,
    best_value: f64,
}

fn data() -> (Array2<f64>, Vec<u8>, Array2<f64>) {
    let data: Data = serde_json::from_str(include_str!("data/boosting/data.json")).unwrap();
    (matrix(&data.x), data.y, matrix(&data.test))
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("data/boosting/cases.json")).unwrap()
}

type Fit = (Prediction, Option<serde_json::Value>);

fn fit_predict(family: &str, params: &toml::Table, x: &Array2<f64>, y: &[u8], test: &Array2<f64>) -> Fit {
    let built = find("classifier", CATALOGUE, family, None).unwrap().build(params, &Registry::built_in()).unwrap();
    // Another seed of the cell must not matter.
    let model = built.component.fit(&Train::numbers(x.view(), y), &Context { seed: 99 }).unwrap();
    (model.predict(test.view()).unwrap(), model.details())
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// Every case of `family` on one thread: each score as `same` wants it, each label equal.
fn check(family: &str, same: fn(&toml::Table, f64, f64) -> bool) {
    check_some(family, 6, same);
}

/// The same, of at least `least` cases.
fn check_some(family: &str, least: usize, same: fn(&toml::Table, f64, f64) -> bool) {
    let (x, y, test) = data();
    let mut checked = 0;
    for case in cases().iter().filter(|case| case.family == family) {
        let (got, details) = on_threads(1, || fit_predict(family, &case.params, &x, &y, &test));
        assert_eq!(got.score.len(), case.score.len());
        for (row, (&score, &python)) in got.score.iter().zip(&case.score).enumerate() {
            assert!(same(&case.params, score, python), "{family} {} row {row}: {score} for {python}", case.params);
        }
        assert_eq!(got.label, case.label, "{family} {}", case.params);
        match &case.stopped {
            None => assert_eq!(details, None),
            Some(stopped) => {
                let found = &details.as_ref().unwrap()["early_stopping"];
                assert_eq!(found["best_iteration"], stopped.best_iteration, "{family} {}", case.params);
                assert_eq!(found["rounds_kept"], stopped.best_iteration + 1);
                assert_eq!(found["rounds_trained"], stopped.rounds_trained, "{family} {}", case.params);
                let value = found["best_value"].as_f64().unwrap();
                assert!(same(&case.params, value, stopped.best_value), "{family} {}: {value}", case.params);
            }
        }
        checked += 1;
    }
    assert!(checked >= least, "only {checked} cases of {family}");
}

#[test]
fn xgboost_predicts_what_its_python_package_predicts() {
    // The same 32-bit floats; the file holds their shortest decimal form. Python's class predicts "dart" in place, where the library adds
    // trees up in another order.
    check("xgboost", |params, score, python| match params.get("booster").and_then(toml::Value::as_str) {
        Some("dart") => (score - python).abs() < 1e-6,
        _ => score as f32 == python as f32,
    });
}

#[test]
fn lightgbm_predicts_what_its_python_package_predicts() {
    // The last bit hangs on the exponential function that the library was compiled with.
    check("lightgbm", |_, score, python| (score - python).abs() < 1e-14);
}

#[test]
fn members_that_draw_are_seeded_by_their_ensemble_as_in_python() {
    // Sums of what the members say, or the logistic function of their votes.
    for family in ["bagging", "balanced-bagging", "easy-ensemble", "adaboost", "rus-boost"] {
        check_some(family, 1, |_, score, python| (score - python).abs() < 1e-12);
    }
    // No `random_state` of a member has an effect, by whichever of its names.
    let (x, y, test) = data();
    for family in ["xgboost", "lightgbm"] {
        let given = |own: &str| {
            let member = format!("{{ family = '{family}', params = {{ n_estimators = 3, {own} }} }}");
            let params = format!("n_estimators = 2\nrandom_state = 1\nestimator = {member}");
            fit_predict("bagging", &params.parse().unwrap(), &x, &y, &test)
        };
        let draws = "colsample_bytree = 0.5";
        for name in ["random_state", "seed"] {
            assert_eq!(given(&format!("{draws}, {name} = 5")), given(draws), "{family} {name}");
        }
    }
}

#[test]
fn boosting_gives_the_same_bits_on_one_and_two_threads() {
    let (x, y, test) = data();
    // Every other case, because two threads are slow on a machine that is busy.
    for case in cases().iter().step_by(2) {
        let one = on_threads(1, || fit_predict(&case.family, &case.params, &x, &y, &test));
        let two = on_threads(2, || fit_predict(&case.family, &case.params, &x, &y, &test));
        assert_eq!(one, two, "{} {}", case.family, case.params);
    }
}

/// Rows with categories (a category is its level's number among the training rows' levels) and blanks.
#[derive(Deserialize)]
struct Table {
    columns: Vec<TableColumn>,
    x: Vec<Vec<Option<f64>>>,
    y: Vec<u8>,
    test: Vec<Vec<Option<f64>>>,
}

#[derive(Deserialize)]
struct TableColumn {
    name: String,
    levels: Option<Vec<String>>,
}

impl Table {
    fn read() -> Self {
        serde_json::from_str(include_str!("data/boosting/categories-data.json")).unwrap()
    }

    fn columns(&self) -> Vec<Column> {
        let kind = |levels: &Option<Vec<String>>| match levels {
            Some(levels) => Kind::Category(levels.clone().into()),
            None => Kind::Number,
        };
        self.columns.iter().map(|c| Column { kind: kind(&c.levels), ..Column::number(c.name.clone()) }).collect()
    }

    fn shape(&self) -> Shape {
        let columns = self.columns.iter().map(|column| ColumnShape {
            name: column.name.clone(),
            levels: column.levels.as_ref().map(Vec::len),
            blanks: true,
            empty: false,
        });
        Shape::new(self.y.len(), columns.collect())
    }
}

fn with_blanks(rows: &[Vec<Option<f64>>]) -> Array2<f64> {
    let values = rows.iter().flatten().map(|value| value.unwrap_or(f64::NAN)).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), values).unwrap()
}

/// As [`check`], on the table with categories and blanks; the same bits on two threads.
fn check_categories(family: &str, cases: &str, same: fn(f64, f64) -> bool) {
    let table = Table::read();
    let (x, test, columns) = (with_blanks(&table.x), with_blanks(&table.test), table.columns());
    let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
    let mut checked = 0;
    for case in cases.iter().filter(|case| case.family == family) {
        let classifier = find("classifier", CATALOGUE, family, None)
            .unwrap()
            .build(&case.params, &Registry::built_in())
            .unwrap()
            .component;
        assert_eq!(classifier.accepts(&table.shape()), Ok(()));
        let fit_predict = || {
            let train = Train::new(Features { x: x.view(), columns: &columns }, &table.y);
            let model = classifier.fit(&train, &Context { seed: 99 }).unwrap();
            model.predict(test.view()).unwrap()
        };
        let got = on_threads(1, fit_predict);
        assert_eq!(got.score.len(), case.score.len());
        for (row, (&score, &python)) in got.score.iter().zip(&case.score).enumerate() {
            assert!(same(score, python), "{family} {} row {row}: {score} for {python}", case.params);
        }
        assert_eq!(got.label, case.label, "{family} {}", case.params);
        assert_eq!(got, on_threads(2, fit_predict), "{family} {}", case.params);
        checked += 1;
    }
    assert!(checked > 1, "only {checked} cases of {family}");
}

#[test]
fn xgboost_takes_categories_and_blanks_as_its_python_package_does() {
    check_categories("xgboost", include_str!("data/boosting/categories.json"), |score, python| {
        score as f32 == python as f32
    });
}

#[test]
fn lightgbm_takes_categories_and_blanks_as_its_python_package_does() {
    check_categories("lightgbm", include_str!("data/boosting/categories.json"), |score, python| {
        (score - python).abs() < 1e-14
    });
}

#[test]
fn histogram_boosting_takes_categories_and_blanks_as_scikit_learn_does() {
    check_categories("hist-gradient-boosting", include_str!("data/boosting/categories.json"), |score, python| {
        (score - python).abs() < 1e-12
    });
}

#[test]
fn catboost_takes_categories_and_blanks_as_its_python_package_does() {
    if let Err(e) = fraudbench::external::python::python("catboost") {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{e}");
        eprintln!("skipped: {e}");
        return;
    }
    check_categories("catboost", include_str!("data/boosting/catboost.json"), |score, python| {
        (score - python).abs() < 1e-14
    });
}
