use fraudbench::component::{
    Classifier, ColumnShape, Context, Entry, Features, Prediction, Registry, ScoreKind, Shape, Train,
};
use fraudbench::data::{Column, Kind};
use ndarray::{Array2, s};

use crate::{bits, task, with_threads};

const CONTEXT: Context = Context { seed: 7 };

/// All but programs of their own, which need not be installed (the protocol with programs has its own tests), and the hidden one.
pub fn families() -> impl Iterator<Item = &'static Entry<dyn Classifier>> {
    let all = Registry::built_in().classifiers().to_vec();
    all.into_iter().filter(|entry| !["catboost", "external", "python"].contains(&entry.id) && !entry.is_hidden)
}

pub fn name(entry: &Entry<dyn Classifier>) -> String {
    format!("{} ({})", entry.id, entry.backend)
}

/// What a family is fitted with here: its defaults, but a search looks at a few candidates only.
pub fn params(entry: &Entry<dyn Classifier>) -> toml::Table {
    let text = match entry.id {
        "tpot" => "population = 7\nevaluations = 14\nfinalists = 2",
        "autosklearn" => "evaluations = 18\nmembers = 3\nrounds = 5",
        // A column has one value among the positives, so that their covariance has no full rank without this.
        "qda" => "reg_param = 0.01",
        // Members have no default.
        _ => entry.least,
    };
    text.parse().unwrap()
}

/// A network that is printed with its weights: it takes its own nine inputs, and learns nothing.
const PRINTED: &str = "subeh-yarovenko-mlp";

/// The task's rows as a family takes them: counts are never negative, and a printed network has as many inputs as it has.
pub fn taken(entry: &Entry<dyn Classifier>, x: &Array2<f64>) -> Array2<f64> {
    match entry.id {
        "complement-nb" => x.mapv(f64::abs),
        PRINTED => Array2::from_shape_fn((x.nrows(), 9), |(row, column)| x[[row, column % x.ncols()]]),
        _ => x.clone(),
    }
}

/// Families that look at no label: what they say of one class is what they say of two.
const UNSUPERVISED: [&str; 4] = ["isolation-forest", "lof", "ecod", "copod"];

fn fit_predict(entry: &Entry<dyn Classifier>, x: &Array2<f64>, y: &[u8], shown: &Array2<f64>) -> Prediction {
    let built = entry.build(&params(entry), &Registry::built_in()).unwrap();
    let (x, shown) = (taken(entry, x), taken(entry, shown));
    let model =
        built.component.fit(&Train::numbers(x.view(), y), &CONTEXT).unwrap_or_else(|e| panic!("{}: {e}", name(entry)));
    model.predict(shown.view()).unwrap_or_else(|e| panic!("{}: {e}", name(entry)))
}

#[test]
fn every_classifier_predicts_a_score_and_a_label_for_every_row() {
    let (x, y) = task(600);
    for entry in families() {
        let said = fit_predict(entry, &x, &y, &x);
        assert_eq!((said.score.len(), said.label.len()), (600, 600), "{}", name(entry));
        assert!(said.score.iter().all(|s| s.is_finite()), "{}: a score is not finite", name(entry));
        assert!(said.label.iter().all(|&l| l <= 1), "{}: a label is neither 0 nor 1", name(entry));
        if said.kind == ScoreKind::Probability {
            assert!(said.score.iter().all(|s| (0.0..=1.0).contains(s)), "{}: not a probability", name(entry));
        }
    }
}

#[test]
fn what_cannot_be_saved_says_so_before_it_is_fitted() {
    let (x, y) = task(600);
    for entry in families() {
        let built = entry.build(&params(entry), &Registry::built_in()).unwrap().component;
        let model = built.fit(&Train::numbers(taken(entry, &x).view(), &y), &CONTEXT).unwrap();
        assert_eq!(built.cannot_be_saved(), model.saved().is_none(), "{}", name(entry));
    }
    for (family, params) in [
        ("voting", "estimators = ['lda', 'bernoulli-nb']"),
        ("stacking", "estimators = ['bernoulli-nb', 'lda']"),
        ("stacking", "estimators = ['lda'], final_estimator = 'bernoulli-nb'"),
        ("bagging", "estimator = 'bernoulli-nb'"),
        ("balanced-bagging", "estimator = 'bernoulli-nb'"),
        ("easy-ensemble", "estimator = { family = 'bagging', params = { estimator = 'bernoulli-nb' } }"),
    ] {
        let registry = Registry::built_in();
        let table = format!("params = {{ {params} }}").parse::<toml::Table>().unwrap();
        let built = registry.classifier(family, None).unwrap().build(table["params"].as_table().unwrap(), &registry);
        assert!(built.unwrap_or_else(|e| panic!("{family}: {e}")).component.cannot_be_saved(), "{family}: {params}");
    }
}

#[test]
fn every_family_beats_the_baseline_on_an_easy_task() {
    let (x, y) = task(600);
    let (train, test) = (x.slice(s![..400, ..]).to_owned(), x.slice(s![400.., ..]).to_owned());
    for entry in families().filter(|e| !["prior", PRINTED].contains(&e.id)) {
        let said = fit_predict(entry, &train, &y[..400], &test);
        let pairs = (0..200).flat_map(|i| (0..200).map(move |j| (i, j))).filter(|&(i, j)| y[400 + i] > y[400 + j]);
        let (mut good, mut all) = (0.0, 0.0);
        for (i, j) in pairs {
            all += 1.0;
            good += match said.score[i].total_cmp(&said.score[j]) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
        // Distances on raw columns see little but the column of large values, and so do margins, networks and steps along a
        // slope; what was made positive by force are no counts; the floors do not know what they look for; and one rectangle says
        // inside or outside and nothing more.
        let weak = ["k-neighbors", "svc", "mlp", "complement-nb", "sgd", "lof", "ecod", "copod", "rectangles"];
        let floor = if weak.contains(&entry.id) { 0.4 } else { 0.85 };
        assert!(good / all > floor, "{}: ROC-AUC {:.3}", name(entry), good / all);
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_whatever_the_threads() {
    let (x, y) = task(600);
    for entry in families() {
        let one = with_threads(1, || fit_predict(entry, &x, &y, &x));
        let again = with_threads(1, || fit_predict(entry, &x, &y, &x));
        let three = with_threads(3, || fit_predict(entry, &x, &y, &x));
        assert_eq!(bits(one.score.iter().copied()), bits(again.score), "{}: run twice", name(entry));
        assert_eq!(bits(one.score), bits(three.score), "{}: one and three threads", name(entry));
        assert_eq!(one.label, three.label, "{}", name(entry));
    }
}

/// Makes the task's last column a category of three levels, and every seventh value of its second and last columns blank.
fn spoil(x: &mut Array2<f64>, categories: bool, blanks: bool) -> (Vec<Column>, Shape) {
    let levels = |column: usize| (categories && column == 5).then(|| ["a", "b", "c"].map(str::to_owned));
    let columns = (0..6).map(|column| Column {
        kind: levels(column).map_or(Kind::Number, |levels| Kind::Category(levels.into())),
        ..Column::number(format!("column {column}"))
    });
    let shapes = (0..6).map(|column| ColumnShape {
        name: format!("column {column}"),
        levels: levels(column).map(|levels| levels.len()),
        blanks: blanks && [1, 5].contains(&column),
        empty: false,
    });
    let shape = Shape::new(x.nrows(), shapes.collect());
    if blanks {
        x.slice_mut(s![3..;7, 1]).fill(f64::NAN);
        x.slice_mut(s![4..;7, 5]).fill(f64::NAN);
    }
    (columns.collect(), shape)
}

#[test]
fn categories_and_blanks_are_fitted_or_refused_in_one_sentence_that_names_the_column() {
    for (categories, blanks) in [(true, false), (false, true), (true, true)] {
        let (mut x, y) = task(300);
        let (columns, shape) = spoil(&mut x, categories, blanks);
        for entry in families() {
            let classifier = entry.build(&params(entry), &Registry::built_in()).unwrap().component;
            if let Err(said) = classifier.accepts(&shape) {
                assert!(said.contains("`column 5`") && said.contains(": use ") && !said.contains('\n'), "{said}");
                continue;
            }
            let x = taken(entry, &x);
            let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
            let model = classifier.fit(&train, &CONTEXT).unwrap_or_else(|e| panic!("{}: {e}", name(entry)));
            let said = model.predict(x.view()).unwrap_or_else(|e| panic!("{}: {e}", name(entry)));
            assert!(said.score.len() == 300 && said.score.iter().all(|s| s.is_finite()), "{}", name(entry));
        }
    }
}

#[test]
fn one_class_is_an_answer_or_one_sentence_never_a_panic() {
    let (x, _) = task(60);
    for entry in families().filter(|entry| !UNSUPERVISED.contains(&entry.id)) {
        for label in [0, 1] {
            let built = entry.build(&params(entry), &Registry::built_in()).unwrap();
            match built.component.fit(&Train::numbers(x.view(), &[label; 60]), &CONTEXT) {
                Ok(model) => {
                    let said = model.predict(x.view()).unwrap();
                    assert_eq!(said.label, vec![label; 60], "{}", name(entry));
                }
                Err(e) => {
                    let said = e.to_string();
                    assert!(!said.is_empty() && !said.contains('\n'), "{}: `{said}`", name(entry));
                }
            }
        }
    }
}

#[test]
fn a_misspelt_parameter_is_named_with_the_nearest_one() {
    let table = "n_estimatorz = 3".parse::<toml::Table>().unwrap();
    for entry in families() {
        let said = entry.build(&table, &Registry::built_in()).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains("n_estimatorz"), "{}: `{said}`", name(entry));
        if ["random-forest", "xgboost"].contains(&entry.id) {
            assert!(said.contains("did you mean `n_estimators`"), "{}: `{said}`", name(entry));
        }
    }
}

#[test]
fn ids_are_kebab_case_and_unique_by_backend() {
    let mut seen = std::collections::BTreeSet::new();
    for entry in Registry::built_in().classifiers() {
        assert!(seen.insert((entry.id, entry.backend)), "{} is listed twice", name(entry));
        assert!(entry.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", name(entry));
        assert!(entry.version >= 1 && !entry.about.is_empty(), "{}", name(entry));
    }
}
