//! What the two foreign gradient boosting libraries share: checks before their C code sees anything.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::process::Command;

use ndarray::ArrayView2;

use super::backend::check_training;
use crate::component::Features;
use crate::error::{Error, Result};
use crate::words::{agree, counted, listed, short};

/// How idle OpenMP threads wait: some microseconds, then they sleep. GNU's copies of OpenMP read this when they are loaded, before
/// `main`.
///
/// Whoever spins for longer takes the cores from whatever else runs: on two busy cores, fits of two threads took 13 times as long on
/// 1,200 rows and 5 times as long on 255,353. Whoever sleeps at once is woken thousands of times a second: LightGBM took 4
/// times as long on 8,000 rows as with this count, XGBoost 1.6 times.
const WAITS: [(&str, &str); 2] = [("OMP_WAIT_POLICY", "passive"), ("GOMP_SPINCOUNT", "300")];

/// Makes idle threads of the boosting libraries give way in the program that `command` starts, unless who started this one has said
/// how they wait; whether that changed anything.
pub(crate) fn give_way(command: &mut Command, is_set: impl Fn(&str) -> bool) -> bool {
    let [(policy, _), ..] = WAITS;
    if is_set(policy) {
        return false;
    }
    command.envs(WAITS.into_iter().filter(|(name, _)| !is_set(name)));
    true
}

/// Makes the boosting libraries' idle threads give way; `main` calls this first. How they wait can only be set from outside, so the
/// process replaces itself by one that has it, once.
pub fn quiet_openmp() {
    let (mut words, Ok(program)) = (std::env::args_os(), std::env::current_exe()) else { return };
    let Some(name) = words.next() else { return };
    let mut again = Command::new(program);
    again.arg0(name).args(words);
    if give_way(&mut again, |name| std::env::var_os(name).is_some()) {
        // `exec` returns only when it failed; then we go on as we are: slower, with the same results.
        let _ = again.exec();
    }
}

/// The labels as both libraries want them.
///
/// # Errors
/// No column, a label too many or too few, or rows of one class only: the libraries would fit a constant in silence.
pub(super) fn labels(family: &str, x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Vec<f32>> {
    check_training(family, x, y)?;
    Ok(as_floats(y))
}

/// Which columns are categories.
pub(super) fn categories(features: &Features<'_>) -> Vec<usize> {
    (0..features.x.ncols()).filter(|&column| features.levels(column).is_some()).collect()
}

/// Labels in the type of both libraries.
pub(super) fn as_floats(y: &[u8]) -> Vec<f32> {
    y.iter().map(|&label| f32::from(label)).collect()
}

/// What both libraries draw by, for listings.
pub(super) const FIXED_SEED: &str = "without `random_state`, rows and columns are drawn by the library's own seed, as in Python: the \
                                     study's `seed` changes only which rows early stopping keeps out. A member of an ensemble that \
                                     seeds its members, such as `bagging`, draws by the seed that it gets there";

/// Where a study has the weights of rows.
pub(super) const ROW_WEIGHTS: &str = "the column that [data] names under `weight`";

/// The weights of rows in the 32 bits in which the libraries take them; `from` says what they are made of.
///
/// # Errors
/// One that is infinite in 32 bits, or a class all of whose weights are 0 there. Single rows may weigh next to nothing.
pub(super) fn narrow_weights(family: &str, weight: &[f64], y: &[u8], from: &str) -> Result<Vec<f32>> {
    let floats: Vec<f32> = weight.iter().map(|&weight| weight as f32).collect();
    let is_gone = |class: u8| !floats.iter().zip(y).any(|(float, label)| *label == class && *float > 0.0);
    let gone = [0, 1].map(is_gone);
    let is_lost = |row: &usize| floats[*row].is_infinite() || weight[*row] > 0.0 && gone[usize::from(y[*row])];
    match (0..weight.len()).find(is_lost) {
        None => Ok(floats),
        Some(row) => Err(Error::Component(format!(
            "{family} works in 32-bit floats, and a row weighs {}, which is beyond their range: rescale {from} to numbers near 1",
            short(weight[row])
        ))),
    }
}

/// Refuses a parameter that is not in its range; NaN never is.
///
/// # Errors
/// Names the parameter, its value and the range.
pub(crate) fn require(holds: bool, name: &str, value: impl std::fmt::Display, range: &str) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(Error::Study(format!("`{name}` must be {range}, not {value}"))),
    }
}

/// A share of rows or columns to draw.
///
/// # Errors
/// See [`require`].
pub(super) fn require_share(name: &str, value: f64) -> Result<()> {
    require(value > 0.0 && value <= 1.0, name, value, "above 0 and at most 1")
}

/// A penalty or a threshold.
///
/// # Errors
/// See [`require`].
pub(super) fn require_not_negative(name: &str, value: f64) -> Result<()> {
    require(value >= 0.0 && value.is_finite(), name, value, "a finite number, at least 0")
}

/// A rate or a weight.
///
/// # Errors
/// See [`require`].
pub(super) fn require_positive(name: &str, value: f64) -> Result<()> {
    require(value > 0.0 && value.is_finite(), name, value, "a finite number above 0")
}

/// Whole numbers of these names, which both libraries keep in 32 bits with a sign: beyond them a number becomes a negative one.
///
/// # Errors
/// See [`require`].
pub(super) fn require_signed(all: &[(&str, u32)]) -> Result<()> {
    let fits = |&(name, value): &(&str, u32)| require(i32::try_from(value).is_ok(), name, value, "at most 2147483647");
    all.iter().try_for_each(fits)
}

/// The parameter of groups of columns that may meet in one branch.
const INTERACTION_CONSTRAINTS: &str = "interaction_constraints";

/// Refuses groups of columns that are not there; LightGBM takes them in silence.
///
/// # Errors
/// All of them.
pub(super) fn check_groups(groups: Option<&Vec<Vec<u32>>>, columns: usize) -> Result<()> {
    let named = groups.into_iter().flatten().flatten().filter(|column| **column as usize >= columns);
    let missing: BTreeSet<u32> = named.copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (noun, missing) =
        (agree(missing.len(), "column", "columns"), missing.iter().map(u32::to_string).collect::<Vec<_>>());
    Err(Error::Component(format!(
        "`{INTERACTION_CONSTRAINTS}` names {noun} {} of {}, counted from 0: write numbers below {columns}",
        listed(&missing),
        counted(columns as u64, "column")
    )))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use ndarray::{Array2, array};

    use super::{ROW_WEIGHTS, give_way, narrow_weights};
    use crate::component::{Built, Classifier, ColumnShape, Context, Prediction, Registry, Shape, Train};

    fn built(family: &str, params: &str) -> Result<Built<dyn Classifier>, String> {
        let table = toml::from_str(params).unwrap();
        Registry::built_in()
            .classifier(family, None)
            .unwrap()
            .build(&table, &Registry::empty())
            .map_err(|e| e.to_string())
    }

    fn fitted(family: &str, x: &Array2<f64>, y: &[u8], test: &Array2<f64>) -> Result<Prediction, String> {
        let component = built(family, "n_estimators = 5").unwrap().component;
        let model = component.fit(&Train::numbers(x.view(), y), &Context { seed: 1 }).map_err(|e| e.to_string())?;
        model.predict(test.view()).map_err(|e| e.to_string())
    }

    #[test]
    fn idle_threads_give_way_unless_somebody_has_said_how_they_wait() {
        let told = |set: &[&str]| {
            let mut command = Command::new("anything");
            let changed = give_way(&mut command, |name| set.contains(&name));
            let said = |(name, value): (&std::ffi::OsStr, Option<&std::ffi::OsStr>)| {
                format!("{}={}", name.display(), value.unwrap().display())
            };
            (changed, command.get_envs().map(said).collect::<Vec<_>>())
        };
        assert_eq!(told(&[]), (true, vec!["GOMP_SPINCOUNT=300".into(), "OMP_WAIT_POLICY=passive".into()]));
        assert_eq!(told(&["GOMP_SPINCOUNT"]), (true, vec!["OMP_WAIT_POLICY=passive".into()]));
        assert_eq!(told(&["OMP_WAIT_POLICY"]), (false, vec![]));
    }

    #[test]
    fn unusable_training_data_are_refused_in_one_sentence() {
        let x = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        for family in ["xgboost", "lightgbm"] {
            let one_class = fitted(family, &x, &[0, 0, 0], &x).unwrap_err();
            assert!(one_class.contains("rows of both classes, but all rows are negative"), "{one_class}");
            let short = fitted(family, &x, &[0, 1], &x).unwrap_err();
            assert!(short.contains("3 rows but 2 labels"), "{short}");
            let narrow = fitted(family, &Array2::zeros((3, 0)), &[0, 1, 0], &x).unwrap_err();
            assert!(narrow.contains("at least one column"), "{narrow}");
            let columns = fitted(family, &x, &[0, 1, 0], &Array2::zeros((4, 3))).unwrap_err();
            assert!(!columns.contains('\n') && !columns.is_empty(), "{columns}");
        }
        let huge = fitted("xgboost", &array![[1.0, 2.0], [1.0, 1e39]], &[0, 1], &x).unwrap_err();
        assert!(huge.contains("column 1 (counted from 0) holds a value beyond their range"), "{huge}");
    }

    #[test]
    fn groups_of_columns_that_are_not_there_are_refused_all_of_them() {
        let x = Array2::from_shape_fn((80, 3), |(row, column)| ((row * (column + 3)) % 17) as f64);
        let y: Vec<u8> = (0..80).map(|row| u8::from(row % 4 == 0)).collect();
        for family in ["xgboost", "lightgbm"] {
            let said = |groups: &str| {
                let params = format!("n_estimators = 2\ninteraction_constraints = {groups}");
                let classifier = built(family, &params).unwrap().component;
                let model = classifier.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 });
                model.map(drop).map_err(|e| e.to_string())
            };
            let of = "of 3 columns, counted from 0: write numbers below 3";
            assert_eq!(said("[[0, 99]]"), Err(format!("`interaction_constraints` names column 99 {of}")), "{family}");
            let several = format!("`interaction_constraints` names columns 3, 7 and 99 {of}");
            assert_eq!(said("[[7, 99], [1, 3, 7]]"), Err(several), "{family}");
            assert_eq!(said("[[0, 2], [1]]"), Ok(()), "{family}");
        }
    }

    #[test]
    fn numbers_that_the_libraries_would_take_for_negative_ones_are_refused() {
        for (family, names) in [
            (
                "xgboost",
                &["n_estimators", "max_depth", "max_leaves", "max_bin", "num_parallel_tree", "max_cat_threshold"][..],
            ),
            (
                "lightgbm",
                &["n_estimators", "subsample_freq", "min_child_samples", "subsample_for_bin", "min_data_in_bin"],
            ),
        ] {
            for name in names {
                let said =
                    |number: u32| built(family, &format!("{name} = {number}")).map(drop).map_err(|e| e.to_string());
                let wanted = format!("`{family}`: `{name}` must be at most 2147483647, not 2147483648");
                assert_eq!(said(2_147_483_648), Err(wanted));
                assert_eq!(said(2_147_483_647), Ok(()), "{family} {name}");
            }
        }
    }

    #[test]
    fn columns_that_say_nothing_give_every_row_the_share_of_positives() {
        let x = Array2::from_elem((60, 2), 4.0);
        let y: Vec<u8> = (0..60).map(|row| u8::from(row % 4 == 0)).collect();
        for family in ["xgboost", "lightgbm"] {
            let got = fitted(family, &x, &y, &Array2::from_elem((3, 2), -1.0)).unwrap();
            assert!(got.score.iter().all(|p| (p - 0.25).abs() < 1e-6), "{family} {:?}", got.score);
            assert_eq!(got.label, vec![0; 3]);
        }
    }

    #[test]
    fn no_row_one_row_and_a_view_in_column_order_can_be_predicted() {
        let x = Array2::from_shape_fn((80, 3), |(row, column)| ((row * (column + 3)) % 17) as f64);
        let y: Vec<u8> = x.rows().into_iter().map(|row| u8::from(row[1] > 9.0)).collect();
        for family in ["xgboost", "lightgbm"] {
            let all = fitted(family, &x, &y, &x).unwrap();
            assert!(all.score.iter().zip(&y).all(|(&p, &label)| (p > 0.5) == (label == 1)), "{family}");
            assert_eq!(fitted(family, &x, &y, &Array2::zeros((0, 3))).unwrap().score, Vec::<f64>::new());
            let row = x.slice(ndarray::s![7..8, ..]).to_owned();
            assert_eq!(fitted(family, &x, &y, &row).unwrap().score, all.score[7..8]);
            let by_columns = x.t().as_standard_layout().to_owned().reversed_axes();
            assert!(!by_columns.is_standard_layout());
            assert_eq!(fitted(family, &by_columns, &y, &by_columns).unwrap(), all);
        }
    }

    #[test]
    fn parameters_of_categories_are_in_the_key_only_where_they_were_set() {
        for (family, params) in [
            ("xgboost", "max_cat_to_onehot = 9\nmax_cat_threshold = 8"),
            (
                "lightgbm",
                "min_data_per_group = 9\nmax_cat_threshold = 8\ncat_l2 = 1.5\ncat_smooth = 2.5\nmax_cat_to_onehot = 7",
            ),
        ] {
            let key = |params: &str| built(family, params).unwrap().params;
            let set: toml::Table = toml::from_str(params).unwrap();
            assert!(set.keys().all(|name| key("").get(name).is_none()), "{family}: {}", key(""));
            let named = key(params);
            assert!(set.iter().all(|(name, value)| named[name] == serde_json::json!(value)), "{family}: {named}");
        }
    }

    #[test]
    fn weights_beyond_32_bits_are_told_with_what_to_write() {
        let said =
            |weight: &[f64], y: &[u8]| narrow_weights("xgboost", weight, y, ROW_WEIGHTS).map_err(|e| e.to_string());
        assert_eq!(said(&[0.0, 0.5, 3.0], &[0, 1, 1]), Ok(vec![0.0, 0.5, 3.0]));
        // One row that weighs next to nothing beside others of its class.
        assert_eq!(said(&[1e-300, 2.0], &[1, 1]), Ok(vec![0.0, 2.0]));
        for (weight, told) in [([1.0, 1e300], "1e300"), ([0.0, 2e-300], "2e-300"), ([1.0, 1e-60], "1e-60")] {
            assert_eq!(
                said(&weight, &[0, 1]).unwrap_err(),
                format!(
                    "xgboost works in 32-bit floats, and a row weighs {told}, which is beyond their range: rescale the column that \
                     [data] names under `weight` to numbers near 1"
                )
            );
        }
    }

    #[test]
    fn both_libraries_refuse_weights_beyond_32_bits() {
        let x = ndarray::Array2::from_shape_fn((40, 1), |(row, _)| row as f64);
        let y: Vec<u8> = (0..40).map(|row| u8::from(row % 4 == 0)).collect();
        let fitted = |family: &str, params: &str, weight: Option<f64>| {
            let classifier = built(family, params).unwrap().component;
            let weights = vec![weight.unwrap_or(1.0); 40];
            let train = Train::numbers(x.view(), &y);
            let train = if weight.is_some() { train.weighted(&weights) } else { train };
            classifier.fit(&train, &Context { seed: 0 }).map(drop).map_err(|e| e.to_string())
        };
        let refused = |family: &str, told: &str, from: &str| {
            Err(format!(
                "{family} works in 32-bit floats, and a row weighs {told}, which is beyond their range: rescale {from} to numbers near 1"
            ))
        };
        for family in ["xgboost", "lightgbm"] {
            for (weight, told) in [(1e300, "1e300"), (1e-60, "1e-60")] {
                assert_eq!(fitted(family, "", Some(weight)), refused(family, told, ROW_WEIGHTS));
            }
            assert_eq!(fitted(family, "", Some(2.0)), Ok(()));
        }
        for (weight, told) in [("1e300", "1e300"), ("1e-60", "1e-60")] {
            let params = format!("class_weight = {{ 1 = {weight} }}");
            assert_eq!(fitted("lightgbm", &params, None), refused("lightgbm", told, "`class_weight`"));
        }
        let both = format!("`class_weight`, or {ROW_WEIGHTS},");
        assert_eq!(fitted("lightgbm", "class_weight = { 1 = 1e30 }", Some(1e20)), refused("lightgbm", "1e50", &both));
        let early = "early_stopping_rounds = 3\nvalidation_fraction = 0.25\nclass_weight = { 1 = 1e300 }";
        assert_eq!(fitted("lightgbm", early, None), refused("lightgbm", "1e300", "`class_weight`"));
    }

    #[test]
    fn exact_cuts_know_no_categories() {
        let column = ColumnShape { name: "shop".into(), levels: Some(3), blanks: true, empty: false };
        let shape = Shape::new(9, vec![column]);
        let accepts = |params: &str| built("xgboost", params).unwrap().component.accepts(&shape);
        assert_eq!(accepts(""), Ok(()));
        let said = accepts("tree_method = 'exact'").unwrap_err();
        assert!(said.contains("with tree_method = \"exact\" it takes numbers only, and `shop` is"), "{said}");
    }

    #[test]
    fn parameters_out_of_range_are_refused_by_name() {
        for (family, params, named) in [
            ("xgboost", "n_estimators = 0", "n_estimators"),
            ("xgboost", "subsample = 1.5", "subsample"),
            ("xgboost", "learning_rate = nan", "learning_rate"),
            ("xgboost", "base_score = 1.0", "base_score"),
            ("xgboost", "tree_method = 'fast'", "tree_method"),
            ("xgboost", "early_stopping_rounds = 0", "early_stopping_rounds"),
            ("xgboost", "early_stopping_rounds = 5\nvalidation_fraction = 1.0", "validation_fraction"),
            (
                "xgboost",
                "early_stopping_rounds = 5\neval_metric = 'aucp'",
                "did you mean `aucpr`? Allowed: logloss, aucpr, auc",
            ),
            ("xgboost", "validation_fraction = 0.2", "`validation_fraction` goes with `early_stopping_rounds` only"),
            ("lightgbm", "eval_metric = 'auc'", "`eval_metric` goes with `early_stopping_rounds` only"),
            ("lightgbm", "early_stoping_rounds = 5", "did you mean `early_stopping_rounds`"),
            ("lightgbm", "num_leaves = 1", "num_leaves"),
            ("lightgbm", "reg_alpha = -0.5", "reg_alpha"),
            ("lightgbm", "cat_smooth = -1.0", "cat_smooth"),
            ("xgboost", "max_cat_threshold = 0", "max_cat_threshold"),
            ("lightgbm", "colsample_bytree = 0", "colsample_bytree"),
            ("lightgbm", "is_unbalance = true\nscale_pos_weight = 3.0", "exclude each other"),
            (
                "lightgbm",
                "boosting_type = 'goss'\ntop_rate = 0.7\nother_rate = 0.5",
                "`lightgbm`: `top_rate` and `other_rate` are shares of the same rows: together they must be at most 1, not 0.7 + 0.5",
            ),
            (
                "lightgbm",
                "boosting_type = 'goss'\nother_rate = 0",
                "must be above 0 with `boosting_type = \"goss\"`, not 0.2 and 0",
            ),
            (
                "lightgbm",
                "boosting_type = 'goss'\nsubsample = 0.5\nsubsample_freq = 1",
                "draws its rows by `top_rate` and `other_rate`: leave out `subsample` and `subsample_freq`",
            ),
            (
                "lightgbm",
                "boosting_type = 'rf'",
                "write `subsample = 0.8` and `subsample_freq = 1`, or `colsample_bytree = 0.8`",
            ),
            ("lightgbm", "boosting_type = 'rf'\nsubsample = 0.8", "`subsample_freq = 1`"),
            (
                "xgboost",
                "rate_drop = 0.5\none_drop = true",
                "`xgboost`: `rate_drop` and `one_drop` go with `booster = \"dart\"` only: leave them out",
            ),
            ("xgboost", "top_k = 3", "`top_k` goes with `booster = \"gblinear\"` only: leave it out"),
            (
                "xgboost",
                "booster = 'gblinear'\nmax_depth = 3\ntree_method = 'exact'",
                "`max_depth` and `tree_method` go with trees only, and `booster = \"gblinear\"` has none: leave them out",
            ),
            (
                "xgboost",
                "booster = 'gblinear'\nfeature_selector = 'greedy'",
                "`feature_selector = \"greedy\"` goes with `updater = \"coord_descent\"` only: `shotgun` takes `cyclic` or `shuffle`",
            ),
            ("xgboost", "booster = 'gblinear'\ntop_k = 3", "`top_k` goes with `updater = \"coord_descent\"` only"),
            (
                "xgboost",
                "tree_method = 'exact'\nmax_depth = 0",
                "`max_depth` must be at least 1 with `tree_method = \"exact\"`",
            ),
        ] {
            let said = built(family, params).err().unwrap();
            assert!(said.contains(named), "{params}: {said}");
        }
        for (family, params) in [
            ("lightgbm", "boosting_type = 'goss'\ntop_rate = 0.7\nother_rate = 0.3\nsubsample = 0.5"),
            ("lightgbm", "boosting_type = 'rf'\ncolsample_bytree = 0.5"),
            ("lightgbm", "top_rate = 0.7\nother_rate = 0.7"),
            ("xgboost", "booster = 'dart'\nrate_drop = 0.5\nmax_depth = 3"),
            ("xgboost", "booster = 'gblinear'\nupdater = 'coord_descent'\nfeature_selector = 'greedy'\ntop_k = 3"),
            // What is written at its default compares nothing.
            ("xgboost", "rate_drop = 0"),
        ] {
            assert_eq!(built(family, params).err(), None, "{params}");
        }
    }
}
