//! `class_weight` of every family: taken, and then what rows that weigh so make of the fit, or refused in one sentence.

use std::collections::BTreeMap;

use fraudbench::component::{Classifier, Context, Entry, Prediction, Registry, Train};
use ndarray::{Array2, Axis};
use serde_json::Value;

use crate::classifiers::{families, name, params, taken};
use crate::task;

/// 512 negatives and 64 positives: `"balanced"` weighs them 0.5625 and 4.5, and sums of these are exact in any order.
const COUNTS: [usize; 2] = [512, 64];

/// What a study writes, and what a negative and a positive row weigh then.
const FORMS: [(&str, [f64; 2]); 3] =
    [("\"balanced\"", [0.5625, 4.5]), ("7.0", [1.0, 7.0]), ("{ 0 = 0.5, 1 = 3.0 }", [0.5, 3.0])];

/// The families of this crate that take class weights; other backends take none.
const TAKE: [&str; 12] = [
    "balanced-random-forest",
    "decision-tree",
    "extra-trees",
    "hist-gradient-boosting",
    "lightgbm",
    "linear-svc",
    "logistic-regression",
    "mlp",
    "random-forest",
    "ridge",
    "sgd",
    "svc",
];

/// Those whose trees draw rows.
const FORESTS: [&str; 3] = ["balanced-random-forest", "extra-trees", "random-forest"];

/// The task with some positives that equal a negative, so that weights decide what is said of both.
fn rows() -> (Array2<f64>, Vec<u8>) {
    let (mut x, y) = task(900);
    for positive in (0..900).filter(|&row| y[row] == 1).step_by(3) {
        let negative = x.row(positive - 1).to_owned();
        x.row_mut(positive).assign(&negative);
    }
    let of = |label: u8| (0..900).filter(|&row| y[row] == label).take(COUNTS[usize::from(label)]).collect::<Vec<_>>();
    let mut some = [of(0), of(1)].concat();
    some.sort_unstable();
    // Columns of one size, that solvers come to an end.
    let x = x.select(Axis(0), &some) / &ndarray::array![4.0, 2.0, 8.0, 65_536.0, 0.001, 2.0];
    (x, some.iter().map(|&row| y[row]).collect())
}

fn takes(entry: &Entry<dyn Classifier>) -> bool {
    let first = families().find(|other| other.id == entry.id).map(|other| other.backend);
    TAKE.contains(&entry.id) && first == Some(entry.backend)
}

/// A family with these parameters beside those that it is tested with.
fn built(entry: &Entry<dyn Classifier>, more: &str) -> Result<Box<dyn Classifier>, String> {
    let mut table = params(entry);
    table.extend(more.parse::<toml::Table>().unwrap());
    entry.build(&table, &Registry::built_in()).map(|built| built.component).map_err(|e| e.to_string())
}

fn fitted(classifier: &dyn Classifier, train: &Train<'_>) -> Prediction {
    classifier.fit(train, &Context { seed: 7 }).unwrap().predict(train.x()).unwrap()
}

/// Without draws by weight, and to the end.
fn plain(entry: &Entry<dyn Classifier>) -> &'static str {
    match entry.id {
        "random-forest" => "n_estimators = 5\nbootstrap = false",
        "extra-trees" => "n_estimators = 5",
        "balanced-random-forest" => "n_estimators = 5",
        "linear-svc" | "logistic-regression" => "tol = 1e-10\nmax_iter = 10000",
        "svc" => "tol = 1e-8",
        _ => "",
    }
}

/// What is wrong with one form of class weights of a family.
fn fault(entry: &Entry<dyn Classifier>, train: &Train<'_>, (form, each): (&str, [f64; 2])) -> Option<String> {
    let weighing = match (built(entry, &format!("{}\nclass_weight = {form}", plain(entry))), takes(entry)) {
        (Ok(weighing), true) => weighing,
        (Err(said), false) => {
            return (!said.contains("`class_weight") || said.contains('\n'))
                .then(|| format!("is refused with: {said}"));
        }
        (Err(said), true) => return Some(format!("is refused: {said}")),
        (Ok(_), false) => return Some("is taken".into()),
    };
    let unweighted = built(entry, plain(entry)).unwrap();
    let ours = fitted(weighing.as_ref(), train);
    if ours.score == fitted(unweighted.as_ref(), train).score {
        return Some("changes nothing".into());
    }
    // Keras divides by the number of rows, whatever their classes weigh, and scikit-learn by their weight.
    if entry.id == "mlp" {
        return None;
    }
    let weight: Vec<f64> = train.y.iter().map(|&label| each[usize::from(label)]).collect();
    let rows = fitted(unweighted.as_ref(), &train.weighted(&weight));
    let apart = ours.score.iter().zip(&rows.score).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    (apart > 1e-6 || ours.label != rows.label).then(|| format!("is {apart:e} from rows that weigh so"))
}

#[test]
fn class_weights_are_row_weights_or_refused_in_one_sentence() {
    let (x, y) = rows();
    let mut faults = Vec::new();
    for entry in families() {
        let x = taken(entry, &x);
        let train = Train::numbers(x.view(), &y);
        for form in FORMS {
            let said = fault(entry, &train, form);
            faults.extend(said.map(|said| format!("{}: class_weight = {} {said}", name(entry), form.0)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn balanced_among_the_rows_drawn_is_for_forests() {
    let (x, y) = rows();
    let form = "class_weight = \"balanced_subsample\"";
    for entry in families() {
        let is_forest = takes(entry) && FORESTS.contains(&entry.id);
        match (built(entry, &format!("{form}\nbootstrap = true")), built(entry, form)) {
            (Ok(weighing), _) if is_forest => {
                let train = Train::numbers(x.view(), &y);
                let without = fitted(built(entry, "bootstrap = true").unwrap().as_ref(), &train);
                assert!(fitted(weighing.as_ref(), &train).score != without.score, "{}", name(entry));
            }
            (Err(_), Err(said)) if !is_forest => {
                assert!(said.contains("class_weight") && !said.contains('\n'), "{}: {said}", name(entry));
            }
            (_, other) => panic!("{}: {:?}", name(entry), other.err()),
        }
    }
}

/// `get_params()` of the libraries' classes.
#[test]
fn whatever_library_takes_class_weights_has_them_here() {
    let text = include_str!("../golden/data/parameters.json");
    let libraries: BTreeMap<String, Value> = serde_json::from_str(text).unwrap();
    for (family, library) in libraries {
        // Keras's classifier takes them, as does ours; scikit-learn's does not.
        let there = library["params"].get("class_weight").is_some() || family == "mlp";
        assert_eq!(TAKE.contains(&family.as_str()), there, "{family}");
    }
}
