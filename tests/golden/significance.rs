//! The statistics of the report against SciPy, baycomp, scikit-posthocs, autorank and statsmodels
//! (`scripts/golden/significance.py`).

use fraudbench::component::{Prediction, Registry, ScoreKind};
use std::path::Path;

use fraudbench::analyze::statistics::bootstrap::{Bootstrap, Part};
use fraudbench::analyze::statistics::corrected_t::CorrectedT;
use fraudbench::analyze::statistics::distribution::{chi_squared_upper, f_upper, student_quantile, student_two_sided};
use fraudbench::analyze::statistics::ranks::{self, cliques, critical_difference, friedman, mean_ranks};
use fraudbench::analyze::statistics::wilcoxon::signed_rank;
use fraudbench::analyze::statistics::{holm, studentized_range};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    student: Vec<[f64; 3]>,
    student_quantile: Vec<[f64; 3]>,
    f: Vec<[f64; 4]>,
    chi_squared: Vec<[f64; 3]>,
    studentized: Vec<[f64; 3]>,
    critical: Vec<[f64; 3]>,
    corrected: Vec<Corrected>,
    holm: Holm,
    ranked: Vec<Ranked>,
    wilcoxon: Vec<Wilcoxon>,
    bootstrap: Vec<Resampled>,
}

#[derive(Deserialize)]
struct Corrected {
    differences: Vec<f64>,
    ratio: f64,
    p: f64,
    interval: [f64; 2],
    ropes: Vec<f64>,
    baycomp: Vec<[f64; 3]>,
    baycomp_without_rope: [f64; 2],
}

#[derive(Deserialize)]
struct Holm {
    p: Vec<f64>,
    adjusted: Vec<f64>,
}

#[derive(Deserialize)]
struct Ranked {
    scores: Vec<Vec<f64>>,
    mean_ranks: Vec<f64>,
    chi_squared: Option<f64>,
    p: Option<f64>,
    f: Option<f64>,
    p_f: Option<f64>,
    critical_difference: f64,
    nemenyi: Vec<Vec<f64>>,
    cliques: Vec<Vec<usize>>,
}

#[derive(Deserialize)]
struct Wilcoxon {
    differences: Vec<f64>,
    p: f64,
}

#[derive(Deserialize)]
struct Resampled {
    y: Vec<u8>,
    score: Vec<f64>,
    label: Vec<u8>,
    metric: String,
    resamples: usize,
    level: f64,
    seed: u64,
    key: String,
    low: f64,
    high: f64,
    defined: usize,
}

fn golden() -> Golden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/significance/cases.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Within `relative` of the expected value, or of 1e-300 where that is 0.
#[track_caller]
fn close(ours: f64, theirs: f64, relative: f64, what: &str) {
    assert!((ours - theirs).abs() <= relative * theirs.abs().max(1e-300), "{what}: {ours}, expected {theirs}");
}

#[test]
fn tails_and_quantiles_are_scipys() {
    let golden = golden();
    for [t, df, p] in golden.student {
        close(student_two_sided(t, df), p, 1e-11, &format!("t {t}, df {df}"));
    }
    for [p, df, t] in golden.student_quantile {
        assert!((student_quantile(p, df) - t).abs() <= 1e-10 * t.abs().max(1e-3), "p {p}, df {df}: expected {t}");
    }
    for [x, a, b, p] in golden.f {
        close(f_upper(x, a, b), p, 1e-10, &format!("F {x}, {a}, {b}"));
    }
    for [x, df, p] in golden.chi_squared {
        close(chi_squared_upper(x, df), p, 1e-10, &format!("chi squared {x}, {df}"));
    }
}

#[test]
fn the_studentized_range_is_scipys() {
    let golden = golden();
    for [q, k, p] in golden.studentized {
        let ours = studentized_range::upper(q, k as usize);
        assert!((ours - p).abs() < 1e-10, "q {q}, k {k}: {ours}, expected {p}");
    }
    for [alpha, k, q] in golden.critical {
        close(studentized_range::critical(alpha, k as usize), q, 1e-9, &format!("alpha {alpha}, k {k}"));
    }
}

#[test]
fn the_range_of_two_normals_is_a_normal_difference_far_into_the_tail() {
    // |Z1 - Z2| is sqrt(2) |Z|; scipy.special.erfc(10).
    close(studentized_range::upper(20.0, 2), 2.088487583762545e-45, 1e-10, "q 20");
}

#[test]
fn corrected_t_is_scipys_with_nadeau_and_bengios_variance_and_baycomps_posterior() {
    for case in golden().corrected {
        let found = CorrectedT::new(&case.differences, case.ratio).unwrap();
        // A difference that is the same on every fold but for rounding tells no variance.
        if found.is_constant() {
            assert!(found.sd < 1e-12 && found.p_value() == 1.0);
            continue;
        }
        close(found.p_value(), case.p, 1e-9, "p");
        let (low, high) = found.interval(0.95).unwrap();
        let within = |a: f64, b: f64| assert!((a - b).abs() < 1e-11, "{a}, expected {b}");
        within(low, case.interval[0]);
        within(high, case.interval[1]);
        for (rope, [x_better, equivalent, y_better]) in case.ropes.iter().zip(case.baycomp) {
            let p = found.probabilities(*rope).unwrap();
            within(p.above, x_better);
            within(p.within, equivalent);
            within(p.below, y_better);
        }
        let p = found.probabilities(0.0).unwrap();
        within(p.above, case.baycomp_without_rope[0]);
        within(p.below, case.baycomp_without_rope[1]);
    }
}

#[test]
fn equal_values_tell_no_variance() {
    let same = CorrectedT::new(&[0.25; 4], 1.0 / 3.0).unwrap();
    assert_eq!((same.p_value(), same.interval(0.95), same.probabilities(0.01)), (1.0, None, None));
    // 0.9 - 0.8 and 0.7 - 0.6 are not the same number.
    let rounded = CorrectedT::new(&[0.9 - 0.8, 0.7 - 0.6, 0.4 - 0.3], 0.5).unwrap();
    assert!(rounded.sd > 0.0);
    assert_eq!((rounded.p_value(), rounded.interval(0.95)), (1.0, None));
    let zero = CorrectedT::new(&[0.0; 4], 1.0 / 3.0).unwrap();
    let p = zero.probabilities(0.01).unwrap();
    assert_eq!((zero.p_value(), [p.below, p.within, p.above]), (1.0, [0.0, 1.0, 0.0]));
    assert_eq!(zero.interval(0.95), Some((0.0, 0.0)));
    // That is of differences: a recall of 0 of few positives is not known to be 0, as one of 1 is not known to be 1.
    let one = CorrectedT::new(&[1.0; 4], 1.0 / 3.0).unwrap();
    assert_eq!([zero, one].map(|mean| mean.interval_within(0.95, (0.0, 1.0))), [None, None]);
    assert_eq!(CorrectedT::new(&[0.3], 0.25), None);
}

#[test]
fn intervals_of_proportions_stay_in_their_range() {
    let high = CorrectedT::new(&[0.99, 1.0, 0.97, 1.0, 0.98], 0.25).unwrap();
    let plain = high.interval(0.95).unwrap();
    let (low, most) = high.interval_within(0.95, (0.0, 1.0)).unwrap();
    assert!(plain.1 > 1.0 && most < 1.0 && low < plain.0 && low > 0.9, "{plain:?} {low} {most}");
    // Symmetric on the scale of log-odds, and near the plain one where the range is far away.
    let odds = |p: f64| (p / (1.0 - p)).ln();
    assert!((odds(low) + odds(most) - 2.0 * odds(high.mean)).abs() < 1e-9);
    let middle = CorrectedT::new(&[0.49, 0.51, 0.5, 0.505], 0.25).unwrap();
    let (a, b) = (middle.interval(0.95).unwrap(), middle.interval_within(0.95, (0.0, 1.0)).unwrap());
    assert!((a.0 - b.0).abs() < 1e-4 && (a.1 - b.1).abs() < 1e-4);
    // A correlation lies between -1 and 1; a cost has one limit only.
    let mcc = CorrectedT::new(&[-0.9, -0.99, -0.97], 0.25).unwrap().interval_within(0.95, (-1.0, 1.0)).unwrap();
    assert!(mcc.0 > -1.0 && mcc.1 < 1.0);
    let cost = CorrectedT::new(&[1.0, 20.0, 3.0], 0.25).unwrap();
    assert_eq!(cost.interval_within(0.95, (0.0, f64::MAX)).unwrap(), (0.0, cost.interval(0.95).unwrap().1));
}

#[test]
fn holm_is_statsmodels() {
    let Holm { p, adjusted } = golden().holm;
    for (ours, theirs) in holm::adjust(&p).into_iter().zip(adjusted) {
        close(ours, theirs, 1e-14, "Holm");
    }
}

#[test]
fn friedman_nemenyi_and_cliques_are_the_libraries() {
    for case in golden().ranked {
        let (n, k) = (case.scores.len(), case.mean_ranks.len());
        let ranks = mean_ranks(&case.scores, false);
        for (ours, theirs) in ranks.iter().zip(&case.mean_ranks) {
            close(*ours, *theirs, 1e-14, "mean rank");
        }
        let reversed = mean_ranks(&case.scores, true);
        assert!(ranks.iter().zip(&reversed).all(|(a, b)| (a + b - (k as f64 + 1.0)).abs() < 1e-12));
        if let (Some(chi), Some(p), Some(f), Some(p_f)) = (case.chi_squared, case.p, case.f, case.p_f) {
            let found = friedman(&case.scores);
            close(found.chi_squared, chi, 1e-11, "Friedman");
            close(found.p, p, 1e-9, "Friedman's p");
            let corrected = found.corrected.unwrap();
            close(corrected.f, f, 1e-10, "Iman and Davenport's F");
            close(corrected.p, p_f, 1e-8, "Iman and Davenport's p");
        }
        // autorank takes the quantile from an interpolated table.
        let difference = critical_difference(0.05, k, n);
        close(difference, case.critical_difference, 2e-3, "critical difference");
        for (i, j) in (0..k).flat_map(|i| (0..i).map(move |j| (i, j))) {
            // Nemenyi's p as scikit-posthocs has it: the critical difference to a digit more than autorank's table gives it.
            let apart = (ranks[i] - ranks[j]).abs() / difference;
            let ours = studentized_range::upper(apart * studentized_range::critical(0.05, k), k);
            assert!(
                (ours - case.nemenyi[i][j]).abs() < 1e-8,
                "Nemenyi {i} {j}: {ours}, expected {}",
                case.nemenyi[i][j]
            );
        }
        let mut found = cliques(&ranks, difference);
        for clique in &mut found {
            clique.sort_unstable();
        }
        found.sort();
        assert_eq!(found, case.cliques);
    }
}

#[test]
fn friedman_without_and_with_perfect_agreement() {
    let none = friedman(&vec![vec![0.5; 4]; 6]);
    assert_eq!((none.chi_squared, none.p, none.p_value()), (0.0, 1.0, 1.0));
    assert_eq!(none.corrected, Some(ranks::Corrected { f: 0.0, p: 1.0 }));
    // F is 0 in its denominator, and two data sets that agree on two pipelines do so in one case of two: no p of 0.
    let all = friedman(&vec![vec![0.1, 0.2, 0.4]; 6]);
    assert_eq!((all.chi_squared, all.corrected), (12.0, None));
    // Of chi-squared with two degrees of freedom the tail is exp(-x / 2).
    assert!((all.p_value() - (-6.0_f64).exp()).abs() < 1e-12, "{}", all.p_value());
    let two = friedman(&[vec![0.1, 0.2], vec![0.3, 0.7]]);
    // Of chi-squared with one, at 2: erfc(1).
    assert!(two.chi_squared == 2.0 && two.corrected.is_none() && (two.p_value() - 0.157_299_207_050_285).abs() < 1e-9);
}

#[test]
fn wilcoxon_is_scipys() {
    for case in golden().wilcoxon {
        close(signed_rank(&case.differences), case.p, 1e-10, &format!("{} differences", case.differences.len()));
    }
    assert_eq!(signed_rank(&[0.0, 0.0]), 1.0);
}

#[test]
fn bootstrap_intervals_are_those_of_numpys_draws() {
    for case in golden().bootstrap {
        let prediction = Prediction { score: case.score, label: case.label, kind: ScoreKind::Probability };
        let bootstrap = Bootstrap {
            resamples: case.resamples,
            level: case.level,
            among: 1,
            per_training_row: 0.0,
            seed: case.seed,
            key: &case.key,
        };
        let metric = Registry::built_in().metric(&case.metric).unwrap();
        let found = bootstrap.interval(&[Part::new(&case.y, &prediction)], metric).unwrap();
        assert_eq!((found.defined, found.undefined), (case.defined, case.resamples - case.defined), "{}", case.key);
        close(found.low.unwrap(), case.low, 1e-12, "low");
        close(found.high.unwrap(), case.high, 1e-12, "high");
    }
}
