use fraudbench::classify::CATALOGUE;
use fraudbench::component::{Classifier, Context, Entry, Prediction, ScoreKind, Train};
use ndarray::{Array2, s};

use crate::{bits, task, with_threads};

const CONTEXT: Context = Context { seed: 7 };

/// All but CatBoost, which is a program of its own and need not be installed; the protocol with programs has its own tests.
fn families() -> impl Iterator<Item = &'static Entry<dyn Classifier>> {
    CATALOGUE.iter().copied().filter(|entry| entry.id != "catboost")
}

fn name(entry: &Entry<dyn Classifier>) -> String {
    format!("{} ({})", entry.id, entry.backend)
}

/// What a family is fitted with here: its defaults, but a search looks at a few candidates only.
fn params(entry: &Entry<dyn Classifier>) -> toml::Table {
    let text = match entry.id {
        "tpot" => "population = 7\nevaluations = 14\nfinalists = 2",
        "autosklearn" => "evaluations = 18\nmembers = 3\nrounds = 5",
        // A column has one value among the positives, so that their covariance has no full rank without this.
        "qda" => "reg_param = 0.01",
        _ => "",
    };
    text.parse().unwrap()
}

fn fit_predict(entry: &Entry<dyn Classifier>, x: &Array2<f64>, y: &[u8], shown: &Array2<f64>) -> Prediction {
    let built = (entry.build)(&params(entry)).unwrap();
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
fn every_family_beats_the_baseline_on_an_easy_task() {
    let (x, y) = task(600);
    let (train, test) = (x.slice(s![..400, ..]).to_owned(), x.slice(s![400.., ..]).to_owned());
    for entry in families().filter(|e| e.id != "prior") {
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
        // Distances on raw columns see little but the column of large values, and so do margins and networks.
        let floor = if ["k-neighbors", "svc", "mlp"].contains(&entry.id) { 0.4 } else { 0.85 };
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

#[test]
fn one_class_is_an_answer_or_one_sentence_never_a_panic() {
    let (x, _) = task(60);
    // An isolation forest looks at no label: what it says of one class is what it says of two.
    for entry in families().filter(|entry| entry.id != "isolation-forest") {
        for label in [0, 1] {
            let built = (entry.build)(&params(entry)).unwrap();
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
        let said = (entry.build)(&table).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains("n_estimatorz"), "{}: `{said}`", name(entry));
        if ["random-forest", "xgboost"].contains(&entry.id) {
            assert!(said.contains("did you mean `n_estimators`"), "{}: `{said}`", name(entry));
        }
    }
}

#[test]
fn ids_are_kebab_case_and_unique_by_backend() {
    let mut seen = std::collections::BTreeSet::new();
    for entry in CATALOGUE {
        assert!(seen.insert((entry.id, entry.backend)), "{} is listed twice", name(entry));
        assert!(entry.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", name(entry));
        assert!(entry.version >= 1 && !entry.about.is_empty(), "{}", name(entry));
    }
}
