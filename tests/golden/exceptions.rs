//! Where answers equal the peers' no further than METHODOLOGY says, and how far that is: `scripts/golden/exceptions.py`.

use fraudbench::classify::CATALOGUE;
use fraudbench::classify::tree::{
    Criterion, LEAF, MaxFeatures, NamedShare, Sampling, Settings, Tree, boost, fit_extra_trees, fit_forest,
};
use fraudbench::component::{self, Context, Prediction, Registry, Resampled, Train};
use fraudbench::numeric::mt19937::Mt19937;
use fraudbench::{resample, scale, select};
use ndarray::Array2;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::matrix;

#[derive(Deserialize)]
struct Golden {
    boosted: Vec<Boosted>,
    balanced: Vec<Balanced>,
    neighbors: Vec<Neighbors>,
    heavy_tails: Vec<HeavyTail>,
    copies: Vec<Copy>,
    directions: Directions,
    rus_boosted: Vec<Boosted>,
    components: Components,
    stopped_early: Vec<StoppedEarly>,
    support: Vec<Support>,
    powers: Vec<Powers>,
}

#[derive(Deserialize)]
struct Rows {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    #[serde(default)]
    asked: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Boosted {
    #[serde(flatten)]
    rows: Rows,
    params: Value,
    #[serde(flatten)]
    said: Said,
    /// On a processor with AVX-512.
    avx512: Said,
}

#[derive(Deserialize)]
struct Said {
    score: Vec<f64>,
    label: Vec<u8>,
}

#[derive(Deserialize)]
struct Balanced {
    name: String,
    #[serde(flatten)]
    rows: Rows,
    cases: Vec<Forest>,
    hardness: Vec<Hardness>,
}

#[derive(Deserialize)]
struct Forest {
    family: String,
    params: Value,
    trees: Vec<Structure>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Structure {
    feature: Vec<i64>,
    threshold: Vec<f64>,
    right: Vec<u32>,
}

#[derive(Deserialize)]
struct Neighbors {
    #[serde(flatten)]
    rows: Rows,
    label: Labels,
    /// Rows that `edited-nearest-neighbours` keeps of the asked rows, as a majority, and the others with their labels turned round.
    edited: Vec<usize>,
}

/// By `algorithm`.
#[derive(Deserialize)]
struct Labels {
    auto: Vec<u8>,
    brute: Vec<u8>,
    kd_tree: Vec<u8>,
}

#[derive(Deserialize)]
struct HeavyTail {
    name: String,
    family: String,
    #[serde(flatten)]
    rows: Rows,
    /// In 80 bits; of `lda` scikit-learn's own.
    exact: Vec<f64>,
    score: Vec<f64>,
    /// `LinearRegression(tol=1e-15)`.
    without_tol: Vec<f64>,
}

/// A column that is another one up to `apart`.
#[derive(Deserialize)]
struct Copy {
    apart: f64,
    #[serde(flatten)]
    rows: Rows,
    exact: Vec<f64>,
    score: Vec<f64>,
}

/// Rows projected on four singular directions, by `algorithm` and `n_iter`.
#[derive(Deserialize)]
struct Directions {
    x: Vec<Vec<f64>>,
    arpack: Vec<Vec<f64>>,
    default: Vec<Vec<f64>>,
    iterations_20: Vec<Vec<f64>>,
    iterations_100: Vec<Vec<f64>>,
}

/// Rows projected on two principal components, by `svd_solver`.
#[derive(Deserialize)]
struct Components {
    full: Vec<Vec<f64>>,
    auto: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct StoppedEarly {
    what: String,
    #[serde(flatten)]
    rows: Rows,
    params: Value,
    passes: usize,
    score: Vec<f64>,
    /// Where kept-out rows are judged by what the model says of them.
    passes_if_judged: usize,
    if_judged: Vec<f64>,
}

#[derive(Deserialize)]
struct Support {
    seed: u32,
    #[serde(flatten)]
    rows: Rows,
    made: Vec<Vec<f64>>,
    /// The largest of a minority row that is a support vector with a `tol` of 1e-3 or of 1e-8 and not with the other.
    coefficient: f64,
}

#[derive(Deserialize)]
struct Hardness {
    params: Value,
    kept: Vec<usize>,
    /// Where the forest, with the same parameters, is named as `estimator`.
    kept_by_named: Vec<usize>,
}

#[derive(Deserialize)]
struct Powers {
    x: Vec<Vec<f64>>,
    scaled: Vec<Vec<f64>>,
    avx512: Scaled,
}

#[derive(Deserialize)]
struct Scaled {
    scaled: Vec<Vec<f64>>,
}

fn golden() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/exceptions.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn said(family: &str, params: &Value, rows: &Rows) -> Prediction {
    let params: toml::Table = toml::from_str(&toml::to_string(params).unwrap()).unwrap();
    let entry = component::find("family", CATALOGUE, family, Some("native")).unwrap();
    let classifier = entry.build(&params, &Registry::built_in()).unwrap().component;
    let model = classifier.fit(&Train::numbers(matrix(&rows.x).view(), &rows.y), &Context { seed: 1 }).unwrap();
    model.predict(matrix(&rows.asked).view()).unwrap()
}

fn resampled(id: &str, params: &Value, x: &Array2<f64>, y: &[u8]) -> Resampled {
    let entry = component::find("resampler", resample::CATALOGUE, id, None).unwrap();
    let params = toml::Table::try_from(params).unwrap();
    let resampler = entry.build(&params, &Registry::built_in()).unwrap().component;
    resampler.resample(&Train::numbers(x.view(), y), &Context { seed: 99 }).unwrap()
}

fn apart(ours: &[f64], theirs: &[f64]) -> f64 {
    ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f64::max)
}

#[test]
fn stumps_that_cut_equally_well_are_chosen_as_scikit_learn_chooses_them_without_avx512() {
    let cases = golden().boosted;
    let mut with_avx512 = Vec::new();
    for case in &cases {
        let ours = said("adaboost", &case.params, &case.rows);
        let is_apart = |theirs: &Said| apart(&ours.score, &theirs.score) > 1e-12 || ours.label != theirs.label;
        assert!(!is_apart(&case.said), "{}", case.params);
        with_avx512.extend(is_apart(&case.avx512).then(|| case.params["random_state"].clone()));
    }
    assert_eq!(cases.len(), 12);
    assert_eq!(with_avx512, [2], "random states with which scikit-learn's answer depends on the processor");
}

#[test]
fn undersampled_boosting_chooses_as_imbalanced_learn_does_on_any_processor() {
    let cases = golden().rus_boosted;
    let mut with_avx512 = Vec::new();
    for case in &cases {
        let ours = said("rus-boost", &case.params, &case.rows);
        let is_apart = |theirs: &Said| apart(&ours.score, &theirs.score) > 1e-12 || ours.label != theirs.label;
        assert!(!is_apart(&case.said), "{}", case.params);
        with_avx512.extend(is_apart(&case.avx512).then(|| case.params["random_state"].clone()));
    }
    assert_eq!(cases.len(), 12);
    assert!(with_avx512.is_empty(), "imbalanced-learn's answer depends on the processor with {with_avx512:?}");
}

#[test]
fn large_tables_take_the_first_of_equally_good_stumps() {
    let is_told = |rows: usize| {
        let y: Vec<u8> = (0..rows).map(|row| u8::from(row % 17 == 3)).collect();
        // Two equal columns: whichever cuts, it cuts equally well.
        let x = Array2::from_shape_fn((rows, 2), |(row, _)| ((row * 7919) % 1009) as f64 + 90.0 * f64::from(y[row]));
        boost(x.view(), &y, 3, 1.0, Criterion::Gini, 0).unwrap().is_none()
    };
    assert!(is_told(32_768), "65,536 values: weights are added up as scikit-learn does");
    assert!(!is_told(32_769));
}

fn structure(tree: &Tree) -> Structure {
    Structure {
        feature: tree.nodes.iter().map(|n| if n.column == LEAF { -2 } else { i64::from(n.column) }).collect(),
        threshold: tree.nodes.iter().map(|n| n.threshold).collect(),
        right: tree.nodes.iter().map(|n| n.right).collect(),
    }
}

fn forest(case: &Forest, rows: &Rows, weight: Option<&[f64]>) -> Vec<Structure> {
    let settings = Settings {
        max_features: Some(MaxFeatures::Named(NamedShare::Sqrt)),
        class_weight: serde_json::from_value(case.params["class_weight"].clone()).unwrap(),
        ..Settings::default()
    };
    let sampling = if case.params["bootstrap"] == true { Sampling::Bootstrap(None) } else { Sampling::All };
    let seed = case.params["random_state"].as_u64().unwrap() as u32;
    let fit = if case.family == "extra-trees" { fit_extra_trees } else { fit_forest };
    let grown = fit(matrix(&rows.x).view(), (&rows.y, weight), &settings, case.trees.len(), sampling, seed).unwrap();
    grown.trees().iter().map(structure).collect()
}

/// Gini impurity times weight of the sides of a cut, or of a leaf, where both classes weigh the same over all rows.
fn after(rows: &Rows, here: &[usize], tree: &Structure, node: usize) -> f64 {
    let positives = rows.y.iter().filter(|&&label| label == 1).count() as f64;
    let each = [1.0 / (rows.y.len() as f64 - positives), 1.0 / positives];
    let mut sums = [[0.0; 2]; 2];
    for &row in here {
        let side = usize::from(!goes_left(rows, tree, node, row));
        sums[side][usize::from(rows.y[row])] += each[usize::from(rows.y[row])];
    }
    sums.iter().map(|[a, b]| if a + b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }).sum()
}

fn goes_left(rows: &Rows, tree: &Structure, node: usize, row: usize) -> bool {
    tree.feature[node] < 0 || f64::from(rows.x[row][tree.feature[node] as usize] as f32) <= tree.threshold[node]
}

/// How much better one of the trees divides the rows of the first node in which they differ; both have seen all rows.
fn difference(rows: &Rows, ours: &Structure, theirs: &Structure) -> f64 {
    let mut waiting = vec![(0_usize, (0..rows.y.len()).collect::<Vec<usize>>())];
    while let Some((at, here)) = waiting.pop() {
        if (ours.feature[at], ours.threshold[at]) != (theirs.feature[at], theirs.threshold[at]) {
            return (after(rows, &here, ours, at) - after(rows, &here, theirs, at)).abs();
        }
        if ours.feature[at] >= 0 {
            let (left, right): (Vec<usize>, Vec<usize>) = here.iter().partition(|row| goes_left(rows, ours, at, **row));
            waiting.push((ours.right[at] as usize, right));
            waiting.push((at + 1, left));
        }
    }
    unreachable!("the trees are the same")
}

#[test]
fn balanced_weights_let_rounding_choose_between_cuts_that_are_equally_good() {
    let (mut trees, mut differ, mut drawn) = (0, 0, 0);
    for table in golden().balanced {
        let ones = vec![1.0; table.rows.y.len()];
        for case in &table.cases {
            let what = format!("{}: {} {}", table.name, case.family, case.params);
            // Rows that have weights of their own are added up as scikit-learn does; with bootstrap they are drawn otherwise, too.
            let added_up = || forest(case, &table.rows, Some(&ones)) == case.trees;
            assert!(case.params["bootstrap"] == true || added_up(), "{what}: with weights of 1");
            for (ours, theirs) in forest(case, &table.rows, None).iter().zip(&case.trees) {
                trees += 1;
                if ours == theirs {
                    continue;
                }
                if case.params["bootstrap"] == true {
                    assert_eq!(case.params["class_weight"], "balanced_subsample", "{what}");
                    drawn += 1;
                    continue;
                }
                differ += 1;
                let better = difference(&table.rows, ours, theirs);
                assert!(better < 1e-12, "{what}: one of the cuts is better by {better:e}");
            }
        }
    }
    // Half of the trees are without bootstrap, and half of the others have the classes' weights in what their rows weigh.
    assert_eq!((trees, differ, drawn), (240, 120, 60), "trees, of which differ without and with bootstrap");
}

#[test]
fn the_nearest_row_is_the_nearest_by_sums_of_squared_differences() {
    for case in golden().neighbors {
        let params = json!({ "n_neighbors": 1 });
        let ours = said("k-neighbors", &params, &case.rows).label;
        let columns = case.rows.x[0].len();
        assert_eq!(ours, case.label.kd_tree, "{columns} columns");
        assert!(ours.iter().all(|&label| label == 1), "positives are nearer by 1e-10");
        let wrong = |labels: &[u8]| labels.iter().filter(|&&label| label == 0).count();
        // Beyond 15 columns `auto` is `brute`, whose distances are |a|^2 - 2ab + |b|^2.
        let of_auto = if columns > 15 { wrong(&case.label.brute) } else { 0 };
        assert_eq!(wrong(&case.label.auto), of_auto, "{columns} columns");
        assert!(wrong(&case.label.brute) > 20, "{columns} columns");
    }
}

#[test]
fn the_nearest_row_decides_which_rows_are_edited() {
    for case in golden().neighbors {
        let x = matrix(&[case.rows.asked, case.rows.x].concat());
        let y: Vec<u8> = (0..40).map(|_| 0).chain(case.rows.y.iter().map(|label| 1 - label)).collect();
        let ours = resampled("edited-nearest-neighbours", &json!({ "n_neighbors": 1 }), &x, &y).rows;
        assert!((0..40).all(|row| ours.contains(&row)), "majority rows are nearer by 1e-10");
        let columns = x.ncols();
        assert_eq!(ours == case.edited, columns <= 15, "{columns} columns");
        let lost = (0..40).filter(|row| !case.edited.contains(row)).count();
        assert_eq!(lost > 20, columns > 15, "{columns} columns: {lost}");
    }
}

#[test]
fn support_vectors_with_coefficients_near_zero_change_the_rows_that_svm_smote_makes() {
    let cases = golden().support;
    let mut differ = 0;
    for case in &cases {
        assert!(case.coefficient < 0.0012, "{}", case.coefficient);
        let params = json!({ "random_state": case.seed });
        let ours = resampled("svm-smote", &params, &matrix(&case.rows.x), &case.rows.y).made;
        differ += usize::from(ours != matrix(&case.made));
    }
    assert_eq!((cases.len(), differ), (7, 4), "tables of 600, of which ours makes other rows");
}

#[test]
fn hard_rows_are_imbalanced_learns_by_its_default_forest() {
    let mut other = 0;
    for table in golden().balanced {
        let x = matrix(&table.rows.x);
        for case in table.hardness {
            let ours = |params| resampled("instance-hardness-threshold", params, &x, &table.rows.y).rows;
            assert_eq!(ours(&case.params), case.kept, "{}: {}", table.name, case.params);
            assert!(case.kept.len() < x.nrows(), "{}", table.name);
            let mut named = case.params.clone();
            named["estimator"] = json!({ "family": "random-forest" });
            assert_eq!(ours(&named), case.kept, "{}: {named}", table.name);
            other += usize::from(case.kept != case.kept_by_named);
        }
    }
    assert_eq!(other, 6, "imbalanced-learn draws a named estimator another `random_state`");
}

#[test]
fn singular_directions_are_exact() {
    let case = golden().directions;
    let x = matrix(&case.x);
    let entry = component::find("select", select::CATALOGUE, "truncated-svd", None).unwrap();
    let params = toml::toml! { n_components = 4 };
    let svd = entry.build(&params, &Registry::built_in()).unwrap().component;
    let ours = svd.fit(&Train::numbers(x.view(), &vec![0; x.nrows()])).unwrap().transform(x).unwrap();
    let largest = case.arpack.concat().into_iter().fold(0.0, |so_far, v| f64::max(so_far, v.abs()));
    let off = |theirs: &[Vec<f64>]| apart(ours.as_slice().unwrap(), &theirs.concat()) / largest;
    assert!(off(&case.arpack) < 1e-12, "{:e}", off(&case.arpack));
    assert_eq!(format!("{:.3}", off(&case.default)), "0.076");
    assert_eq!(format!("{:.0e}", off(&case.iterations_20)), "2e-6");
    assert!(off(&case.iterations_100) < 1e-12, "{:e}", off(&case.iterations_100));
}

#[test]
fn principal_components_are_exact_beyond_500_columns_too() {
    let case = golden().components;
    let mut random = Mt19937::new(7);
    let x = Array2::from_shape_fn((60, 510), |_| random.randint(0, 1000) as f64);
    let entry = component::find("select", select::CATALOGUE, "pca", None).unwrap();
    let pca = entry.build(&toml::toml! { n_components = 2 }, &Registry::built_in()).unwrap().component;
    let ours = pca.fit(&Train::numbers(x.view(), &[0; 60])).unwrap().transform(x).unwrap();
    let largest = case.full.concat().into_iter().fold(0.0, |so_far, v| f64::max(so_far, v.abs()));
    let off = |theirs: &[Vec<f64>]| apart(ours.as_slice().unwrap(), &theirs.concat()) / largest;
    assert!(off(&case.full) < 1e-11, "{:e}", off(&case.full));
    assert_eq!(format!("{:.2}", off(&case.auto)), "2.03", "scikit-learn's `auto` finds other directions in noise");
}

#[test]
fn sgd_stops_where_scikit_learns_way_of_judging_kept_out_rows_says() {
    let cases = golden().stopped_early;
    assert_eq!(cases.iter().map(|case| &case.what[..]).collect::<Vec<_>>(), ["factor", "log_loss"]);
    for case in cases {
        let ours = said("sgd", &case.params, &case.rows).score;
        assert!(apart(&ours, &case.score) < 1e-11, "{}: {:e}", case.what, apart(&ours, &case.score));
        // It is another pass, and another answer.
        assert_ne!(case.passes, case.passes_if_judged, "{}", case.what);
        assert!(apart(&ours, &case.if_judged) > 0.01, "{}", case.what);
    }
}

#[test]
fn powers_are_scikit_learns_without_avx512() {
    let mut moves = 0.0;
    for case in golden().powers {
        let x = matrix(&case.x);
        let entry = component::find("scaler", scale::CATALOGUE, "power", None).unwrap();
        let power = entry.build(&toml::Table::new(), &Registry::built_in()).unwrap().component;
        let ours = power.fit(x.view()).unwrap().transform(x).unwrap();
        let ours = ours.as_slice().unwrap();
        let off = apart(ours, &case.scaled.concat());
        assert!(off < 1e-12, "{off:e}");
        moves = f64::max(moves, apart(ours, &case.avx512.scaled.concat()));
    }
    assert!(moves > 1e-9 && moves < 1e-6, "{moves:e}");
}

#[test]
fn least_squares_keep_the_directions_that_scikit_learn_leaves_out_by_its_tol() {
    let mut lines = Vec::new();
    for case in golden().heavy_tails {
        let ours = said(&case.family, &json!({}), &case.rows).score;
        let from = |theirs: &[f64]| apart(theirs, &case.exact);
        lines.push((case.name, case.family, from(&ours), from(&case.score), from(&case.without_tol)));
    }
    assert_eq!(lines.len(), 6);
    for (name, family, ours, theirs, without_tol) in &lines {
        assert!(*ours < 1e-13, "{name}: {family}: {ours:e}");
        let leaves_out =
            matches!((&name[..], &family[..]), ("up to 1e9", "linear-regression") | (_, "quadratic-regression"));
        assert_eq!(*theirs > 0.01, leaves_out, "{name}: {family}: {theirs:e}");
        // Products of amounts up to 1e9 are beyond what any singular value of 64 bits tells.
        let is_beyond = (&name[..], &family[..]) == ("up to 1e9", "quadratic-regression");
        assert_eq!(*without_tol > 1e-11, is_beyond, "{name}: {family}: {without_tol:e}");
    }
}

#[test]
fn columns_that_are_almost_copies_are_kept_until_normal_equations_cannot_tell_them_apart() {
    let cases = golden().copies;
    assert_eq!(cases.len(), 2);
    for case in cases {
        let ours = said("linear-regression", &json!({}), &case.rows).score;
        let off = [apart(&ours, &case.exact), apart(&case.score, &case.exact), apart(&ours, &case.score)];
        match case.apart {
            1e-4 => assert!(off.iter().all(|&off| off < 1e-9), "{off:?}"),
            _ => assert!(off[0] > 0.1 && off[1] > 0.1 && off[2] < 1e-7, "{off:?}"),
        }
    }
}
