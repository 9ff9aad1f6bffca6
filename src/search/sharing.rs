//! Candidates that share what hangs on the rows alone say what they say by themselves.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array2;
use rayon::ThreadPoolBuilder;
use serde_json::{Value, json};
use toml::Table;

use super::inner::{Candidate, Inner};
use super::recipe::Menu;
use super::score::Goal;
use crate::component::{Classifier, Context, Model, Registry, Train};
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;

const FOLDS: u32 = 3;

/// A family with parameters in TOML.
struct Named(&'static str, &'static str);

impl Candidate for Named {
    fn describe(&self) -> Value {
        json!([self.0, self.1])
    }

    fn build(&self) -> Result<Box<dyn Classifier>> {
        let registry = Registry::built_in();
        let params: Table = self.1.parse().unwrap();
        Ok(registry.classifier(self.0, None)?.build(&params, &registry)?.component)
    }
}

/// Ties, duplicates, a constant column, values that 32 bits hardly tell apart; missing values where `blanks` says so.
fn awkward(blanks: bool) -> (Array2<f64>, Vec<u8>, Vec<f64>) {
    let mut random = Mt19937::new(21);
    let rows = 420;
    let mut x = Array2::zeros((rows, 6));
    let mut y = Vec::new();
    for row in 0..rows {
        let label = u8::from(row % 7 == 3);
        let noise = random.next_f64() * 10.0 + 4.0 * f64::from(label);
        let near = 1.0 + 3e-8 * (random.interval(40) as f64);
        let fine = random.next_f64() * 1000.0;
        let values = [noise.floor(), noise, 5.0, near, fine, (row % 4) as f64];
        x.row_mut(row).assign(&ndarray::aview1(&values));
        y.push(label);
    }
    for row in (1..rows).step_by(9) {
        let before = x.row(row - 1).to_owned();
        x.row_mut(row).assign(&before);
        if blanks {
            x[(row, row % 5)] = f64::NAN;
        }
    }
    let weight = (0..rows).map(|row| 0.25 + (row % 5) as f64 * 0.5).collect();
    (x, y, weight)
}

/// The candidates' scores with and without a store, and how often the store has made `name`.
fn both<C: Candidate>(candidates: &[C], train: &Train<'_>, name: &str) -> ([Vec<Value>; 2], usize) {
    let goal = Goal::find("brier", &Registry::built_in()).unwrap();
    let context = Context { seed: 5 };
    let cut = || Inner::new(train, None, (FOLDS, 42), goal, context).unwrap();
    let said = |inner: &Inner<'_>| {
        let bits = |scores: &[f64]| scores.iter().map(|score| score.to_bits()).collect::<Vec<u64>>();
        inner.try_all(candidates).iter().map(|t| json!([t.params, bits(&t.scores), t.failed])).collect::<Vec<Value>>()
    };
    ThreadPoolBuilder::new().num_threads(3).build().unwrap().install(|| {
        let inner = cut().sharing(None);
        let shared = said(&inner);
        ([said(&cut()), shared], inner.shared().unwrap().makes(name))
    })
}

#[test]
fn scores_are_the_same_to_the_bit_and_bins_are_made_once_for_a_fold() {
    const FAMILIES: [(&str, &str, bool, [&str; 4], usize); 7] = [
        (
            "xgboost",
            "xgboost's training rows",
            true,
            ["max_depth = 3", "learning_rate = 0.1", "subsample = 0.5", "min_child_weight = 5\nscale_pos_weight = 3"],
            1,
        ),
        ("xgboost", "xgboost's training rows", true, ["max_bin = 16", "max_bin = 16\ngamma = 1", "max_bin = 8", ""], 3),
        (
            "lightgbm",
            "lightgbm's training rows",
            true,
            ["num_leaves = 4", "learning_rate = 0.3", "reg_lambda = 10", "subsample = 0.5\nsubsample_freq = 1"],
            1,
        ),
        (
            "random-forest",
            "bins of trees",
            false,
            ["n_estimators = 5", "n_estimators = 9", "criterion = 'entropy'\nn_estimators = 7", "max_depth = 3"],
            1,
        ),
        (
            "adaboost",
            "bins of trees",
            false,
            ["", "n_estimators = 80", "learning_rate = 0.2", "criterion = 'entropy'"],
            1,
        ),
        (
            "hist-gradient-boosting",
            "bins of hist-gradient-boosting",
            true,
            ["max_iter = 9", "max_leaf_nodes = 4", "max_bins = 12", "l2_regularization = 3"],
            2,
        ),
        // Cells are left out where a leaf holds several rows.
        (
            "decision-tree",
            "bins of trees",
            false,
            ["max_depth = 2", "max_depth = 9", "min_samples_leaf = 4", "min_samples_leaf = 9"],
            2,
        ),
    ];
    for (family, name, blanks, params, kinds) in FAMILIES {
        let (x, y, weight) = awkward(blanks);
        let candidates = params.map(|params| Named(family, params));
        let train = Train::numbers(x.view(), &y);
        let ([alone, shared], makes) = both(&candidates, &train, name);
        assert_eq!(alone, shared, "{family}");
        assert!(alone.iter().all(|said| said[2].is_null()) && alone[0][1] != alone[1][1], "{family}: {alone:?}");
        assert_eq!(makes, kinds * FOLDS as usize, "{family}");
        let ([alone_weighted, shared], _) = both(&candidates, &train.weighted(&weight), name);
        assert_eq!(alone_weighted, shared, "{family}, weighted");
        assert_ne!(alone_weighted, alone, "{family}, weighted");
    }
}

#[test]
fn families_that_share_nothing_are_as_ever() {
    let (x, y, _) = awkward(false);
    let candidates = [
        Named("xgboost", "tree_method = 'approx'"),
        Named("xgboost", "tree_method = 'exact'"),
        Named("xgboost", "booster = 'gblinear'"),
        Named("k-neighbors", "n_neighbors = 3"),
        Named("k-neighbors", "n_neighbors = 9\nweights = 'distance'"),
        Named("k-neighbors", "metric = 'cosine'"),
        Named("extra-trees", "n_estimators = 4"),
        Named("decision-tree", "splitter = 'random'"),
        Named("voting", "estimators = [{ family = 'random-forest' }, { family = 'adaboost' }]\nvoting = 'soft'"),
        Named("logistic-regression", ""),
    ];
    let ([alone, shared], makes) = both(&candidates, &Train::numbers(x.view(), &y), "index of neighbours");
    assert_eq!(alone, shared);
    assert!(alone.iter().all(|said| said[2].is_null()), "{alone:?}");
    assert_eq!(makes, 2 * FOLDS as usize);
}

#[test]
fn pipelines_share_their_first_steps() {
    let (x, y, _) = awkward(false);
    let menu = Menu::of(&[], &Registry::built_in()).unwrap().fit_to(&y);
    let mut random = Mt19937::new(6);
    // Children keep most of their parents' steps.
    let mut recipes: Vec<_> = (0..8).map(|_| menu.random(&mut random)).collect();
    for i in 0..40 {
        let (a, b) = (&recipes[i % 8], &recipes[(i + 3) % 8]);
        let child = if i % 2 == 0 { menu.mutate(a, &mut random) } else { menu.cross(a, b, &mut random) };
        recipes.push(child);
    }
    let train = Train::numbers(x.view(), &y);
    let ([alone, shared], makes) = both(&recipes, &train, "rows after the first steps of a pipeline");
    assert_eq!(alone, shared);
    let sound = alone.iter().filter(|said| said[2].is_null()).count();
    assert!(sound > 30, "{sound}");
    let steps = |recipe: &Value| recipe.as_object().map(|all| all.iter().filter(|(k, _)| *k != "classifier").count());
    let mut firsts: Vec<Value> = recipes.iter().map(Candidate::describe).collect();
    assert!(firsts.iter().any(|recipe| steps(recipe) == Some(3)));
    firsts.iter_mut().for_each(|recipe| recipe["classifier"] = Value::Null);
    let mut names: Vec<String> = firsts.iter().map(Value::to_string).collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() < 35, "{} of 48", names.len());
    assert!(makes <= names.len() * FOLDS as usize && makes > 10 * FOLDS as usize, "{makes} of {}", names.len());
}

/// A tree that counts its fits.
struct Counted<'c>(&'static str, &'c AtomicUsize);

struct Counting<'c>(Box<dyn Classifier>, &'c AtomicUsize);

impl Candidate for Counted<'static> {
    fn describe(&self) -> Value {
        json!(self.0)
    }

    fn build(&self) -> Result<Box<dyn Classifier>> {
        Ok(Box::new(Counting(Named("decision-tree", self.0.split('#').next().unwrap_or("")).build()?, self.1)))
    }

    fn learns(&self, train: &Train<'_>, _context: &Context) -> Option<String> {
        assert!(train.shared.is_some());
        self.0.split('#').next().map(str::to_owned)
    }
}

impl Classifier for Counting<'static> {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.fit(train, context)
    }
}

#[test]
fn what_learns_the_same_is_fitted_once() {
    static FITS: AtomicUsize = AtomicUsize::new(0);
    let (x, y, _) = awkward(false);
    let train = Train::numbers(x.view(), &y);
    let goal = Goal::find("brier", &Registry::built_in()).unwrap();
    let candidates = ["max_depth = 2#a", "max_depth = 5", "max_depth = 2#b"].map(|name| Counted(name, &FITS));
    let try_all = |inner: Inner<'_>| {
        let before = FITS.load(Ordering::Relaxed);
        let found = inner.try_all(&candidates);
        (found, FITS.load(Ordering::Relaxed) - before)
    };
    let cut = || Inner::new(&train, None, (FOLDS, 42), goal, Context { seed: 5 }).unwrap();
    // One after the other, so that the second twin finds what the first one left.
    let alone = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (plain, fits) = alone.install(|| try_all(cut()));
    assert_eq!(fits, 3 * FOLDS as usize, "without a store nobody is asked");
    let (shared, fits) = alone.install(|| try_all(cut().sharing(None)));
    assert_eq!(fits, 2 * FOLDS as usize);
    assert_eq!(shared, plain);
    assert!(plain[0].scores == plain[2].scores && plain[0].scores != plain[1].scores);
}
