//! Settings that nobody chose: twelve drawn ones of every family on three awkward tables, against the peers' answers to rows that
//! neither side has seen. Nothing may differ but where equally near neighbours leave the peer a choice.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fraudbench::classify::CATALOGUE;
use fraudbench::component::{self, Context, Registry, Train};
use ndarray::Array2;
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    asked: Vec<Vec<f64>>,
    /// By kind: one for each row.
    weights: BTreeMap<String, Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    params: serde_json::Value,
    /// Which of the table's weights the rows have.
    weights: Option<String>,
    /// What the peer's refusal means here.
    refused: Option<String>,
    score: Vec<f64>,
    label: Vec<u8>,
}

/// How far a score may lie from the peer's. Sums in another order cost a few digits; both sides come as near to an optimum as
/// they are told to; libsvm keeps kernel values, and XGBoost scores, in 32 bits.
fn tolerance(family: &str) -> f64 {
    match family {
        "svc" => 1e-4,
        "logistic-regression" | "linear-svc" | "xgboost" => 1e-6,
        "mlp" | "lda" | "qda" | "gaussian-nb" => 1e-8,
        _ => 1e-10,
    }
}

/// Whether the last neighbour of a row is as near as the next one, so that a choice between them is nobody's: scikit-learn's
/// follows from how it partitions the distances.
fn is_tied(table: &Table, params: &toml::Table, row: usize) -> bool {
    let number = |name: &str, default: i64| params.get(name).and_then(toml::Value::as_integer).unwrap_or(default);
    let (k, p) = (number("n_neighbors", 5) as usize, number("p", 2) as i32);
    let asked = &table.asked[row];
    let distance = |x: &Vec<f64>| x.iter().zip(asked).map(|(a, b)| (a - b).abs().powi(p)).sum::<f64>();
    let mut distances: Vec<f64> = table.x.iter().map(distance).collect();
    distances.sort_by(f64::total_cmp);
    distances[k] - distances[k - 1] <= 1e-12 * distances[k]
}

/// Whether the kernel of a support vector classifier is none by Mercer's theorem on these rows, as two of them show already: the dual
/// then has several optima, of which libsvm finds one.
fn is_indefinite(table: &Table, params: &toml::Table) -> bool {
    if params.get("kernel").and_then(toml::Value::as_str) != Some("sigmoid") {
        return false;
    }
    let values: Vec<f64> = table.x.concat();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
    let number = |name: &str| params.get(name).and_then(toml::Value::as_float);
    let gamma = number("gamma").unwrap_or(1.0 / (table.x[0].len() as f64 * variance));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let kernel = |a: &[f64], b: &[f64]| (gamma * product(a, b) + number("coef0").unwrap_or(0.0)).tanh();
    let worse = |a: &[f64], b: &[f64]| kernel(a, b).powi(2) > kernel(a, a) * kernel(b, b) + 1e-6;
    table.x.iter().any(|a| table.x.iter().any(|b| worse(a, b)))
}

/// What differs from the peer in one setting; none where nothing does.
fn difference(table: &Table, case: &Case) -> Option<String> {
    let matrix = |rows: &[Vec<f64>]| Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
    let params: toml::Table = toml::from_str(&toml::to_string(&case.params).unwrap()).unwrap();
    let entry = component::find("family", CATALOGUE, &case.family, None).unwrap();
    let built = match entry.build(&params, &Registry::built_in()) {
        Ok(built) => built,
        Err(said) => return Some(said.to_string()),
    };
    let x = matrix(&table.x);
    let mut train = Train::numbers(x.view(), &table.y);
    train.weight = case.weights.as_ref().map(|kind| &table.weights[kind][..]);
    let fitted = built.component.fit(&train, &Context { seed: 1 });
    let model = match (fitted, &case.refused) {
        (Ok(_), Some(refused)) => return Some(format!("the peer refuses it: {refused}")),
        (Ok(model), None) => model,
        (Err(said), Some(refused)) if said.to_string().contains(refused) => return None,
        (Err(said), _) => return Some(said.to_string()),
    };
    let said = model.predict(matrix(&table.asked).view()).unwrap();
    let tolerance = tolerance(&case.family);
    let far = |row: usize| (said.score[row] - case.score[row]).abs() > tolerance * case.score[row].abs().max(1.0);
    let differs = |&row: &usize| far(row) || said.label[row] != case.label[row];
    let rows: Vec<usize> = (0..case.score.len()).filter(differs).collect();
    let unexplained = |row: &&usize| case.family != "k-neighbors" || !is_tied(table, &params, **row);
    let first = *rows.iter().find(unexplained)?;
    if case.family == "svc" && is_indefinite(table, &params) {
        return None;
    }
    let answer = |score: f64, label: u8| format!("{score} and label {label}");
    Some(format!(
        "{} of {} rows differ; row {first}: {} instead of {}",
        rows.len(),
        case.score.len(),
        answer(said.score[first], said.label[first]),
        answer(case.score[first], case.label[first]),
    ))
}

fn check(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/data/differential/{name}.json"));
    let table: Table = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let said: Vec<String> = table
        .cases
        .iter()
        .filter_map(|case| {
            let weights = case.weights.as_ref().map(|kind| format!(", weights: {kind}")).unwrap_or_default();
            Some(format!("{} {}{weights}: {}", case.family, case.params, difference(&table, case)?))
        })
        .collect();
    assert!(said.is_empty(), "{name}: {} of {} settings:\n{}", said.len(), table.cases.len(), said.join("\n"));
}

#[test]
fn ties_repeated_rows_and_a_constant_column() {
    check("ties");
}

#[test]
fn heavy_tails_on_unlike_scales() {
    check("tails");
}

#[test]
fn two_valued_columns_half_positive() {
    check("halves");
}
