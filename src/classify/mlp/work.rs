//! How much work a network is, before it is trained: units and passes, where forests have trees.

use serde_json::Value;

use super::params::Params;

/// Columns of the table that [`super::ENTRY`]'s seconds are of.
const COLUMNS: f64 = 30.0;
/// What a row costs in a pass beside its weights, in weights.
const ROW: f64 = 500.0;
/// Passes before the loss improves no more, on the standardised credit-card data: about as many as are then waited for.
const LEARNING: u64 = 10;

/// The work of a network with these parameters behind so many columns, by that of the default one behind 30.
pub(super) fn times(columns: f64, params: &Value) -> f64 {
    of(columns, params) / of(COLUMNS, &Value::Null)
}

/// Weights by passes.
fn of(columns: f64, params: &Value) -> f64 {
    let hidden = match &params["hidden_layer_sizes"] {
        Value::Array(sizes) => sizes.iter().filter_map(Value::as_u64).collect(),
        Value::Number(one) => one.as_u64().into_iter().collect(),
        _ => Params::default().hidden_layer_sizes.iter().map(|&units| units as u64).collect::<Vec<_>>(),
    };
    let units: Vec<f64> =
        std::iter::once(columns).chain(hidden.iter().map(|&units| units as f64)).chain([1.0]).collect();
    let weights: f64 = units.windows(2).map(|pair| (pair[0] + 1.0) * pair[1]).sum();
    (weights + ROW) * passes(params) as f64
}

/// About how many passes over the rows there will be.
fn passes(params: &Value) -> u64 {
    let default = Params::default();
    let most = params["max_iter"].as_u64().unwrap_or(default.max_iter as u64);
    // L-BFGS looks at no loss of passes; what is waited for without end never comes.
    let patience = match (params["solver"] == "lbfgs", &params["monitor"]) {
        (true, _) => None,
        (false, Value::Null) => match &params["n_iter_no_change"] {
            Value::Null => Some(default.n_iter_no_change as u64),
            given => given.as_u64(),
        },
        (false, _) => Some(params["patience"].as_u64().unwrap_or(default.patience as u64)),
    };
    patience.map_or(most, |patience| patience.saturating_add(LEARNING).min(most))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn units_columns_and_passes_make_the_work() {
        let is = |columns: f64, params: Value, by_hand: f64| {
            let found = times(columns, &params);
            assert!((found / by_hand - 1.0).abs() < 1e-12, "{params}: {found}, not {by_hand}");
        };
        // The default: 31 x 100 + 101 = 3,201 weights, and 20 of at most 200 passes.
        is(30.0, json!({}), 1.0);
        is(30.0, json!({ "hidden_layer_sizes": [100], "max_iter": 200, "n_iter_no_change": 10 }), 1.0);
        let default = 3_701.0 * 20.0;
        // 31 x 2 + 3 = 65 weights, one pass.
        is(30.0, json!({ "hidden_layer_sizes": 2, "max_iter": 1 }), 565.0 / default);
        // 31 x 2,000 + 2,001 x 2,000 + 2,001 = 4,066,001 weights, and no pass is spared.
        let large = json!({ "hidden_layer_sizes": [2_000, 2_000], "max_iter": 2_000, "n_iter_no_change": 2_000 });
        is(30.0, large, 4_066_501.0 * 2_000.0 / default);
        is(60.0, json!({}), (61.0 * 100.0 + 101.0 + 500.0) * 20.0 / default);
        for (params, passes) in [
            (json!({ "solver": "lbfgs" }), 200.0),
            (json!({ "n_iter_no_change": "inf", "max_iter": 50 }), 50.0),
            (json!({ "monitor": "val_loss", "patience": 3, "max_iter": 50, "n_iter_no_change": 40 }), 13.0),
        ] {
            is(30.0, params, passes / 20.0);
        }
    }
}
