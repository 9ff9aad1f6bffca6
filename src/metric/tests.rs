use crate::component::{Prediction, ScoreKind};
use proptest::prelude::*;

use super::*;
use crate::component::Registry;
use crate::data::Sides;

fn find(id: &str) -> crate::error::Result<&'static Metric> {
    Registry::built_in().metric(id)
}

/// Every metric; those that need a number have one.
fn all() -> Vec<&'static Metric> {
    let number = |metric: &Metric| match &metric.argument {
        Some(Argument { default: None, whole: true, .. }) => "(3)",
        Some(Argument { default: None, .. }) => "(0.25)",
        _ => "",
    };
    CATALOGUE.iter().map(|metric| find(&format!("{}{}", metric.id, number(metric))).unwrap()).collect()
}

fn prediction(score: &[f64], label: &[u8], kind: ScoreKind) -> Prediction {
    Prediction { score: score.to_vec(), label: label.to_vec(), kind }
}

fn value(id: &str, y: &[u8], p: &Prediction) -> Option<f64> {
    find(id).unwrap().score(&Scored::new(y, p).unwrap()).value()
}

fn reason(id: &str, y: &[u8], p: &Prediction) -> String {
    match find(id).unwrap().score(&Scored::new(y, p).unwrap()) {
        Score::Undefined { undefined } => undefined,
        Score::Value(value) => panic!("`{id}` is {value}"),
    }
}

#[test]
fn a_confusion_matrix_is_written_as_in_the_papers() {
    let c = Confusion { tp: 1, fp: 2, fn_: 3, tn: 4 };
    let text = serde_json::to_string(&c).unwrap();
    assert_eq!(text, r#"{"tp":1,"fp":2,"fn":3,"tn":4}"#);
    assert_eq!(serde_json::from_str::<Confusion>(&text).unwrap(), c);
}

#[test]
fn ids_are_distinct_and_a_misspelt_one_is_answered_with_the_nearest() {
    let mut ids: Vec<_> = all().iter().map(|metric| metric.id).collect();
    assert!(ids.iter().all(|id| find(id).unwrap().id == *id));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CATALOGUE.len());
    let said = find("roc_auc").err().unwrap().to_string();
    assert!(said.contains("unknown metric `roc_auc`; did you mean `roc-auc`?"), "{said}");
}

#[test]
fn metrics_are_found_by_id_and_score_by_their_definition() {
    let p = prediction(&[0.9, 0.1, 0.6], &[1, 0, 1], ScoreKind::Probability);
    let scored = Scored::new(&[1, 0, 0], &p).unwrap();
    let score = |id: &str| find(id).unwrap().score(&scored);
    assert_eq!((score("recall"), score("accuracy")), (Score::Value(1.0), Score::Value(2.0 / 3.0)));
}

#[test]
fn what_cannot_be_computed_says_why() {
    let none_predicted = prediction(&[0.2, 0.1, 0.3], &[0, 0, 0], ScoreKind::Probability);
    let y = [0, 1, 0];
    assert!(reason("precision", &y, &none_predicted).contains("no row was predicted positive"));
    assert!(reason("mcc", &y, &none_predicted).contains("no row was predicted positive"));
    assert_eq!(value("f1", &y, &none_predicted), Some(0.0));
    for id in ["recall", "roc-auc", "pr-auc", "g-mean", "iba-1", "false-negative-rate", "balanced-accuracy", "mcc"] {
        assert!(reason(id, &[0, 0, 0], &none_predicted).contains("no positives"), "{id}");
    }
    assert!(reason("f2", &[0, 0, 0], &none_predicted).contains("none was predicted"));
    for id in ["specificity", "roc-auc", "g-mean", "iba-multiclass", "false-positive-rate"] {
        assert!(reason(id, &[1, 1, 1], &none_predicted).contains("no negatives"), "{id}");
    }
    let empty = prediction(&[], &[], ScoreKind::Probability);
    for metric in all() {
        reason(metric.id, &[], &empty);
    }
}

#[test]
fn a_decision_score_ranks_but_has_no_probability_losses() {
    let p = prediction(&[0.7, 0.1, 0.4], &[1, 0, 0], ScoreKind::Decision);
    assert_eq!(value("roc-auc", &[1, 0, 0], &p), Some(1.0));
    for id in ["log-loss", "brier"] {
        assert!(reason(id, &[1, 0, 0], &p).contains("not a probability"));
    }
    let outside = prediction(&[0.7, 0.1, 1.4], &[1, 0, 0], ScoreKind::Probability);
    assert!(reason("brier", &[1, 0, 0], &outside).contains("1.4"));
}

#[test]
fn one_score_that_is_not_finite_leaves_only_the_metrics_of_the_labels() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let p = prediction(&[0.7, bad, 0.4, 0.1], &[1, 0, 0, 1], ScoreKind::Probability);
        for metric in all().iter().filter(|metric| metric.is_of_any_data()) {
            let defined = value(metric.id, &[1, 0, 1, 0], &p).is_some();
            assert_eq!(defined, metric.needs.is_empty(), "{}", metric.id);
        }
        assert!(reason("pr-auc", &[1, 0, 1, 0], &p).contains("1 of 4 scores"));
    }
}

#[test]
fn recall_in_money_needs_amounts() {
    let y = [1, 1, 0, 1];
    let p = prediction(&[0.9, 0.2, 0.8, 0.7], &[1, 0, 1, 1], ScoreKind::Probability);
    let amount_recall = find("amount-recall").unwrap();
    let of = |amount: &[f64]| {
        let sides = Sides { amount: Some(amount.to_vec()), ..Sides::default() };
        amount_recall.score(&Scored::new(&y, &p).unwrap().with(&sides).unwrap())
    };
    // As recall_score(y, label, sample_weight=amount) has it.
    assert_eq!(of(&[10.0, 50.0, 1000.0, 40.0]), Score::Value(0.5));
    let undefined = |score: Score, why: &str| match score {
        Score::Undefined { undefined } => assert!(undefined.contains(why), "{undefined}"),
        Score::Value(value) => panic!("{value}"),
    };
    undefined(of(&[10.0, f64::NAN, 1000.0, 40.0]), "missing");
    undefined(of(&[10.0, -1.0, 1000.0, 40.0]), "negative");
    undefined(of(&[0.0, 0.0, 1000.0, 0.0]), "worth nothing");
    undefined(amount_recall.score(&Scored::new(&y, &p).unwrap()), "no column with the role `amount`");
    let few = Sides { amount: Some(vec![1.0]), ..Sides::default() };
    assert!(Scored::new(&y, &p).unwrap().with(&few).is_err());
}

#[test]
fn what_is_no_finite_number_is_no_value() {
    let y = [1, 1, 1, 0];
    let p = prediction(&[0.9, 0.2, 0.1, 0.3], &[1, 0, 0, 0], ScoreKind::Probability);
    let of = |id: &str, amount: f64| {
        let sides = Sides { amount: Some(vec![amount; 4]), ..Sides::default() };
        find(id).unwrap().score(&Scored::new(&y, &p).unwrap().with(&sides).unwrap())
    };
    for id in ["cost(10)", "savings(10)", "amount-recall"] {
        // Two positives are missed, and three there are: both sums are beyond f64. A third of the amount is found, not nothing.
        let Score::Undefined { undefined } = of(id, f64::MAX) else { panic!("{id} has a value") };
        assert!(
            undefined.contains("not a finite number") || undefined.contains("more than a number holds"),
            "{undefined}"
        );
    }
    // 0.25 MAX is as good an amount as any: half of MAX is missed, and the check of the one alarm is lost in rounding.
    assert_eq!(of("cost(10)", f64::MAX / 4.0), Score::Value(f64::MAX / 2.0));
    assert!((of("amount-recall", f64::MAX / 4.0).value().unwrap() - 1.0 / 3.0).abs() < 1e-15);
    // Of a user.
    let (scored, own) = (Scored::new(&y, &p).unwrap(), |value| Metric::new("own", Better::Higher, "", value));
    for metric in [
        own(|_| Score::Value(f64::NAN)),
        own(|_| Score::Value(f64::INFINITY)),
        own(|_| Score::Value(f64::NEG_INFINITY)),
    ] {
        assert!(matches!(metric.score(&scored), Score::Undefined { .. }));
    }
}

#[test]
fn negative_zero_ties_with_zero() {
    let y = [1, 0, 1, 0];
    let p = prediction(&[0.0, -0.0, -0.0, -1.0], &[0; 4], ScoreKind::Decision);
    assert_eq!(value("roc-auc", &y, &p), Some(0.75));
}

#[test]
fn lengths_and_labels_are_checked() {
    let p = prediction(&[0.1, 0.2], &[0, 1], ScoreKind::Probability);
    assert!(Scored::new(&[0], &p).err().unwrap().to_string().contains("2 labels and 2 scores for 1 test rows"));
    assert!(Scored::new(&[0, 2], &p).err().unwrap().to_string().contains("1 row has a label that is neither 0 nor 1"));
    let odd = prediction(&[0.1, 0.2], &[0, 3], ScoreKind::Probability);
    assert!(Scored::new(&[0, 1], &odd).is_err());
}

/// Scores from a coarse grid, so that ties within and between the classes are the rule.
fn cells() -> impl Strategy<Value = (Vec<u8>, Prediction)> {
    let row = (0_u8..2, -4_i8..5, 0_u8..2);
    proptest::collection::vec(row, 1..70).prop_map(|rows| {
        let y = rows.iter().map(|r| r.0).collect();
        let score: Vec<f64> = rows.iter().map(|r| f64::from(r.1) / 4.0).collect();
        let label: Vec<u8> = rows.iter().map(|r| r.2).collect();
        (y, prediction(&score, &label, ScoreKind::Decision))
    })
}

/// Wins over all pairs of a positive and a negative, a tie counting half.
fn auc_by_pairs(y: &[u8], score: &[f64]) -> Option<f64> {
    let of = |class: u8| y.iter().zip(score).filter(move |(l, _)| **l == class).map(|(_, s)| *s);
    let pairs = of(0).count() * of(1).count();
    let won: f64 = of(1)
        .flat_map(|p| {
            of(0).map(move |n| {
                if p > n {
                    1.0
                } else if p == n {
                    0.5
                } else {
                    0.0
                }
            })
        })
        .sum();
    (pairs > 0).then(|| won / pairs as f64)
}

/// The mean over the positives of the precision among all rows that score at least as high.
fn ap_by_rows(y: &[u8], score: &[f64]) -> Option<f64> {
    let positives: Vec<f64> = y.iter().zip(score).filter(|(l, _)| **l == 1).map(|(_, s)| *s).collect();
    let precision = |cut: f64| {
        let found = positives.iter().filter(|s| **s >= cut).count();
        found as f64 / score.iter().filter(|s| **s >= cut).count() as f64
    };
    let sum: f64 = positives.iter().map(|&s| precision(s)).sum();
    (!positives.is_empty()).then(|| sum / positives.len() as f64)
}

/// Pearson's correlation of two 0/1 vectors.
fn correlation(y: &[u8], label: &[u8]) -> Option<f64> {
    let n = y.len() as f64;
    let mean = |v: &[u8]| v.iter().map(|&l| f64::from(l)).sum::<f64>() / n;
    let (my, ml) = (mean(y), mean(label));
    let covariance = |a: &[u8], ma: f64, b: &[u8], mb: f64| {
        a.iter().zip(b).map(|(&i, &j)| (f64::from(i) - ma) * (f64::from(j) - mb)).sum::<f64>()
    };
    let spread = covariance(y, my, y, my) * covariance(label, ml, label, ml);
    (spread > 1e-9).then(|| covariance(y, my, label, ml) / spread.sqrt())
}

fn agree(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-12,
        (a, b) => a == b,
    }
}

/// The mean of the positives among the `k` highest over many orders of rows, of which equal scores keep theirs.
fn found_by_orders(y: &[u8], score: &[f64], k: usize) -> f64 {
    let mut random = crate::numeric::mt19937::Mt19937::new(3);
    let mut sum = 0.0;
    for _ in 0..4_000 {
        let mut order = random.permutation(y.len());
        order.sort_by(|a, b| score[*b].total_cmp(&score[*a]));
        sum += order[..k].iter().map(|row| f64::from(y[*row])).sum::<f64>();
    }
    sum / 4_000.0
}

#[test]
fn of_tied_rows_the_highest_hold_what_they_hold_on_average() {
    let y = [1, 0, 0, 1, 0, 1, 0, 0];
    let score = [0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.1, 0.0];
    let p = prediction(&score, &[0; 8], ScoreKind::Decision);
    for k in 1..=8 {
        let ours = value(&format!("precision-at({k})"), &y, &p).unwrap() * k as f64;
        assert!((ours - found_by_orders(&y, &score, k)).abs() < 0.05, "{k}: {ours}");
        assert_eq!(value(&format!("recall-at({k})"), &y, &p), Some(ours / 3.0));
    }
    assert_eq!(reason("recall-at(9)", &y, &p), "there are 8 test rows, and 9 are asked for");
}

#[test]
fn a_number_in_brackets_is_checked_and_always_written_alike() {
    assert_eq!(find("recall-at-fpr( 0.050 )").unwrap().id, "recall-at-fpr(0.05)");
    assert_eq!(find("precision-at(2e2)").unwrap().id, "precision-at(200)");
    assert_eq!(find("cost").unwrap().id, "cost");
    // One name, one metric.
    assert!(std::ptr::eq(find("cost(2)").unwrap(), find("cost(2.0)").unwrap()));
    let said = |id: &str| find(id).err().unwrap().to_string();
    assert!(
        said("recall-at-fpr").contains("needs a number in brackets, the false positive rate"),
        "{}",
        said("recall-at-fpr")
    );
    for wrong in [
        "recall-at-fpr(1.5)",
        "recall-at-fpr(0)",
        "precision-at(2.5)",
        "precision-at(0)",
        "savings(-1)",
        "cost(x)",
        "cost(nan)",
    ] {
        assert!(said(wrong).contains("must be a"), "{wrong}: {}", said(wrong));
    }
    assert_eq!(said("f1(2)"), "`f1` takes no number in brackets");
    assert!(said("recall-at-fp(0.1)").contains("did you mean `recall-at-fpr`?"));
}

/// A metric by day on rows of these days and cards.
fn by_day(id: &str, y: &[u8], score: &[f64], day: &[i64], group: &[u32]) -> f64 {
    let p = prediction(score, &vec![0; y.len()], ScoreKind::Decision);
    let time = Some(day.iter().map(|day| day * 86_400_000_000 + 86_399_999_999).collect());
    let sides = Sides { group: Some(group.to_vec()), time, ..Sides::default() };
    find(id).unwrap().score(&Scored::new(y, &p).unwrap().with(&sides).unwrap()).value().unwrap()
}

#[test]
fn a_card_that_was_found_is_left_out_later_and_days_before_1970_are_days() {
    let (y, score) = ([1, 0, 0, 1, 0, 1], [0.9, 0.8, 0.1, 0.95, 0.7, 0.2]);
    let (day, group) = ([-1, -1, -1, 0, 0, 0], [7, 8, 9, 7, 8, 9]);
    // Day -1: card 7 is found. Day 0: without it card 8 is looked at first, then 9.
    assert_eq!(by_day("card-precision-at(1)", &y, &score, &day, &group), 0.5);
    assert_eq!(by_day("card-precision-at(2)", &y, &score, &day, &group), 0.5);
    assert_eq!(by_day("precision-at-per-day(1)", &y, &score, &day, &group), 1.0);
    // Three rows a day count four checks.
    assert_eq!(by_day("precision-at-per-day(4)", &y, &score, &day, &group), (0.25 + 0.5) / 2.0);
}

proptest! {
    #[test]
    fn points_of_the_roc_curve_equal_their_definitions((y, p) in cells()) {
        let rate = |class: u8, cut: f64| {
            let of = |keep: bool| y.iter().zip(&p.score).filter(|(l, s)| **l == class && (!keep || **s >= cut)).count() as f64;
            of(true) / of(false)
        };
        let both = y.contains(&0) && y.contains(&1);
        let cuts = || p.score.iter().copied().chain([f64::INFINITY]);
        let recall = cuts().filter(|cut| rate(0, *cut) <= 0.25).map(|cut| rate(1, cut)).fold(0.0, f64::max);
        prop_assert_eq!(value("recall-at-fpr(0.25)", &y, &p), both.then_some(recall));
        let fpr = cuts().filter(|cut| rate(1, *cut) >= 0.6).map(|cut| rate(0, cut)).fold(1.0, f64::min);
        prop_assert_eq!(value("fpr-at-recall(0.6)", &y, &p), both.then_some(fpr));
    }

    #[test]
    fn ranking_metrics_equal_their_definitions((y, p) in cells()) {
        prop_assert!(agree(value("roc-auc", &y, &p), auc_by_pairs(&y, &p.score)));
        prop_assert!(agree(value("pr-auc", &y, &p), ap_by_rows(&y, &p.score)));
    }

    #[test]
    fn mcc_is_the_correlation_of_truth_and_label((y, p) in cells()) {
        prop_assert!(agree(value("mcc", &y, &p), correlation(&y, &p.label)));
    }

    #[test]
    fn the_curve_ends_with_every_negative_placed((y, p) in cells()) {
        let scored = Scored::new(&y, &p).unwrap();
        let ranks = scored.ranks().unwrap();
        prop_assert_eq!(ranks.positives, scored.confusion.positives());
        prop_assert_eq!(ranks.negatives, scored.confusion.negatives());
        for step in &ranks.steps {
            let count = |class: u8, keep: fn(f64, f64) -> bool| {
                y.iter().zip(&p.score).filter(|(l, s)| **l == class && keep(**s, step.score)).count() as u64
            };
            prop_assert_eq!(step.positives, count(1, |s, cut| s == cut));
            prop_assert_eq!(step.negatives_tied, count(0, |s, cut| s == cut));
            prop_assert_eq!(step.negatives_above, count(0, |s, cut| s > cut));
        }
    }

    #[test]
    fn every_defined_value_is_in_its_range((y, p) in cells()) {
        let scored = Scored::new(&y, &p).unwrap();
        for metric in all() {
            if let Some(value) = metric.score(&scored).value() {
                let (low, high) = metric.range;
                prop_assert!((low..=high).contains(&value), "{} is {}", metric.id, value);
            }
        }
    }
}
