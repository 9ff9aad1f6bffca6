use ndarray::Array2;

use super::*;
use crate::component::Registry;

fn said(table: &str) -> Option<String> {
    ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string())
}

#[test]
fn parameters_out_of_range_are_refused() {
    for table in [
        "alpha = -1.0",
        "beta_1 = 1.0",
        "epsilon = 0.0",
        "validation_fraction = 1.0",
        "validation_fraction = 0.0\nearly_stopping = true",
        "max_iter = 0",
        "dropout = 1.0",
        "dropout = [0.1, 0.2]",
        "validation = 'protocol'",
        "monitor = 'val_loss'",
        "patience = 3",
        "class_weight = 'balanced_subsample'",
    ] {
        let key = table.split(' ').next().unwrap();
        assert!(said(table).unwrap().contains(&format!("`{key}")), "{table}: {:?}", said(table));
    }
    assert!(said("hidden_layer_sizes = [3, 0]").is_some() && said("activation = 'step'").is_some());
    assert!(said("solver = 'lbfgs'\ndropout = 0.5").unwrap().contains("lbfgs"));
    assert_eq!(said("hidden_layer_sizes = [20, 10]\nbatch_size = 50\nactivation = 'tanh'\ndropout = [0.1, 0.0]"), None);
    let keras =
        "early_stopping = true\nmonitor = 'val_loss'\npatience = 5\nmin_delta = 0.01\nrestore_best_weights = true";
    assert_eq!(said(&format!("{keras}\nvalidation = 'protocol'\noutput = 'softmax'")), None);
}

#[test]
fn parameters_that_came_later_are_out_of_the_key_at_their_defaults() {
    let built = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).unwrap();
    let plain = built("");
    let keys: Vec<&String> = plain.params.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 15, "{keys:?}");
    assert!(built("output = 'softmax'").params.get("output").is_some());
}

#[test]
fn no_rows_are_kept_out_where_none_are_watched() {
    // scikit-learn's range is [0, 1), and its draw of no rows fails only where it is made.
    let idle = "validation_fraction = 0.0";
    let (lbfgs, protocol) =
        ("\nearly_stopping = true\nsolver = 'lbfgs'", "\nearly_stopping = true\nvalidation = 'protocol'");
    for more in ["", lbfgs, protocol] {
        assert_eq!(said(&format!("{idle}{more}")), None, "{more}");
    }
    for validation in ["", "\nvalidation = 'last'"] {
        assert_eq!(
            said(&format!("{idle}\nearly_stopping = true{validation}")).unwrap(),
            "`mlp`: `validation_fraction` must be above 0 with `early_stopping = true`, not 0"
        );
    }
    assert_eq!(
        said("validation_fraction = -0.1").unwrap(),
        "`mlp`: `validation_fraction` must lie in [0, 1), not -0.1"
    );
    // All bounds of scikit-learn that are part of the range.
    let ends = "alpha = 0.0\ntol = 0.0\npower_t = 0.0\nbeta_1 = 0.0\nbeta_2 = 0.0\nmax_iter = 1\nbatch_size = 1\nn_iter_no_change = 1\n\
                max_fun = 1\nhidden_layer_sizes = []\nmomentum = ";
    for momentum in ["0.0", "1.0"] {
        assert_eq!(said(&format!("{ends}{momentum}")), None, "{momentum}");
    }
}

/// Two clouds that a network tells apart, more or less.
fn clouds(rows: usize) -> (Array2<f64>, Vec<u8>) {
    let mut stream = Mt19937::new(4);
    let y: Vec<u8> = (0..rows).map(|row| u8::from(row % 3 == 0)).collect();
    let x = Array2::from_shape_fn((rows, 4), |(row, _)| stream.next_f64() * 2.0 - 1.0 + 0.6 * f64::from(y[row]));
    (x, y)
}

fn fitted(table: &str, train: &Train<'_>) -> Result<Box<dyn Model>> {
    ENTRY.build(&table.parse().unwrap(), &Registry::empty()).unwrap().component.fit(train, &Context { seed: 7 })
}

#[test]
fn a_class_that_weighs_more_is_found_more_often() {
    let (x, y) = clouds(300);
    let train = Train::numbers(x.view(), &y);
    let found = |table: &str| {
        let model = fitted(&format!("hidden_layer_sizes = [8]\nmax_iter = 30\n{table}"), &train).unwrap();
        model.predict(x.view()).unwrap().label.iter().map(|&label| usize::from(label)).sum::<usize>()
    };
    let (plain, heavy) = (found(""), found("class_weight = 5.0"));
    assert!(heavy > plain + 30, "{plain}, {heavy}");
    // Rows that weigh what their class weighs are divided by another sum, and nothing else differs.
    assert_eq!(found("class_weight = 1.0"), plain);
}

#[test]
fn the_history_has_every_pass_and_names_the_one_that_is_kept() {
    let (x, y) = clouds(400);
    let (held_x, held_y) = clouds(90);
    let mut train = Train::numbers(x.view(), &y);
    let table = "hidden_layer_sizes = [16]\nearly_stopping = true\nmonitor = 'val_loss'\npatience = 3\n\
                 restore_best_weights = true\nlearning_rate_init = 0.05\nvalidation = ";
    let said = fitted(&format!("{table}'protocol'"), &train).err().unwrap().to_string();
    assert!(said.contains("the protocol's own validation part"), "{said}");
    train.validation = Some((held_x.view(), &held_y));
    for validation in ["protocol", "last", "stratified"] {
        let details = fitted(&format!("{table}'{validation}'"), &train).unwrap().details().unwrap();
        let history = &details["history"];
        let losses: Vec<f64> = serde_json::from_value(history["val_loss"].clone()).unwrap();
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let kept = history["kept_epoch"].as_u64().unwrap() as usize;
        assert_eq!(losses[kept - 1], least, "{validation}: {details}");
        assert_eq!(losses.len(), kept + 3, "{validation}: {details}");
        assert_eq!(history["accuracy"].as_array().unwrap().len(), losses.len());
    }
}

#[test]
fn what_is_out_of_range_is_told_alone_and_with_its_value() {
    for (table, told) in [
        ("max_iter = 0", "`max_iter` must be at least 1, not 0"),
        ("batch_size = 0", "`batch_size` must be at least 1, not 0"),
        ("max_fun = 0", "`max_fun` must be at least 1, not 0"),
        ("power_t = -0.5", "`power_t` must be 0 or more, not -0.5"),
        ("hidden_layer_sizes = [5, 0]", "`hidden_layer_sizes` must be at least 1 each, not [5, 0]"),
        ("hidden_layer_sizes = 1000001", "`hidden_layer_sizes` must be at most 1000000 each, not [1000001]"),
    ] {
        assert_eq!(said(table).unwrap(), format!("`mlp`: {told}"));
    }
}
