//! What the paper says, and whether it is so here.

use super::figures::PRINTED;
use super::networks::{Sample, found, summary};
use super::parts::UNSEEN_CARDS;
use crate::analyze::folds::by_pipeline;
use crate::papers::splits::{Mean, mean};
use crate::papers::{Claim, Evidence, Finding, Printed, Verdict};
use crate::report::number::score;
use crate::split::{Leak, Leaks};
use crate::words::count;

/// The smallest area of figure 3.
const SMALLEST: f64 = 0.999_371;
const NO_SEARCH: &str = "the part search was not run";

/// Every claim, in the paper's order.
pub static CLAIMS: &[Claim] = &[
    Claim {
        id: "areas-of-1",
        place: "figure 3",
        said: "Nine networks have areas under the ROC curve of 0.999371 to 1.000000",
        printed: Printed::Value("0.999371 to 1.000000"),
        rule: "the smallest area of the nine best networks on test rows is at least 0.999371; with the leak, on their own training rows",
        judge: areas,
    },
    Claim {
        id: "value-of-the-curve",
        place: "text before figure 3",
        said: "The chosen network's “value of the ROC-curve” is 0.7687",
        printed: Printed::Value("0.7687"),
        rule: "the chosen network's area on test rows is 0.7687 to the printed digits; figure 3 prints 0.768721 as that network's \
               threshold, and 0.999999 as its area",
        judge: value_of_the_curve,
    },
    Claim {
        id: "chosen-shape",
        place: "figures 3 to 5",
        said: "The most suitable network has five hidden neurons",
        printed: Printed::Value("9-5-2"),
        rule: "the network with the largest area on the validation rows is a 9-5-2",
        judge: shape,
    },
    Claim {
        id: "all-correct",
        place: "figure 7",
        said: "Of 5,000 rows in three samples the chosen network puts 100% into their class",
        printed: Printed::Value("100.000"),
        rule: "every test row is put into its class; with the leak, every training row",
        judge: all_correct,
    },
    Claim {
        id: "predicts-fraud",
        place: "abstract, conclusions",
        said: "The printed network can be used to predict attempts at fraud with card accounts",
        printed: Printed::Words,
        rule: "on rows of cards that no fit has seen, the 95% interval of the printed network's area under the ROC curve lies above a \
               half, with inputs as table 2 has them (scaler none)",
        judge: printed_network,
    },
];

/// The honest answer, or what its own training rows say.
fn honest_or_leaky(honest: bool, leaky: Option<bool>) -> Verdict {
    match (honest, leaky) {
        (true, _) => Verdict::Reproduced,
        (false, Some(true)) => Verdict::OnlyWithLeak(vec![Leaks::of(&[Leak::JudgedOnTrainingRows])]),
        (false, _) => Verdict::NotReproduced,
    }
}

fn areas(evidence: &Evidence) -> Finding {
    let networks = found(evidence);
    let best = &networks[..networks.len().min(PRINTED.len())];
    let range = |sample: Sample| {
        let areas: Option<Vec<f64>> = best.iter().map(|network| network.area(sample)).collect();
        let areas = areas.filter(|areas| areas.len() == PRINTED.len())?;
        Some((areas.iter().copied().fold(f64::INFINITY, f64::min), areas.iter().copied().fold(0.0, f64::max)))
    };
    let Some((low, high)) = range(Sample::Test) else { return Finding::none(NO_SEARCH) };
    let own = range(Sample::Train);
    let told = |(low, high): (f64, f64)| format!("{} to {}", score(Some(low)), score(Some(high)));
    let on_own = own.map_or_else(String::new, |range| format!("; on their own training rows {}", told(range)));
    Finding {
        measured: format!("{} on test rows{on_own}", told((low, high))),
        value: Some(low),
        interval: None,
        cells: None,
        verdict: honest_or_leaky(low >= SMALLEST, own.map(|(low, _)| low >= SMALLEST)),
    }
}

fn value_of_the_curve(evidence: &Evidence) -> Finding {
    let networks = found(evidence);
    let Some((chosen, area)) = networks.first().and_then(|first| Some((first, first.area(Sample::Test)?))) else {
        return Finding::none(NO_SEARCH);
    };
    let threshold = match chosen.threshold(evidence) {
        Some(threshold) => format!(", threshold {}", score(Some(threshold))),
        None => String::new(),
    };
    Finding {
        measured: format!("{}: area {}{threshold}", chosen.name(), score(Some(area))),
        value: Some(area),
        interval: None,
        cells: None,
        verdict: match (area - 0.7687).abs() <= 0.00005 {
            true => Verdict::Reproduced,
            false => Verdict::NotReproduced,
        },
    }
}

fn shape(evidence: &Evidence) -> Finding {
    let networks = found(evidence);
    let Some(chosen) = networks.first() else { return Finding::none(NO_SEARCH) };
    let five = networks.iter().find(|network| network.shape() == "9-5-2");
    let five = five.map_or_else(String::new, |five| format!("; the best 9-5-2 has {}", score(Some(five.validation))));
    Finding {
        measured: format!("{} with {} on the validation rows{five}", chosen.name(), score(Some(chosen.validation))),
        value: None,
        interval: None,
        cells: None,
        verdict: if chosen.shape() == "9-5-2" { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

fn all_correct(evidence: &Evidence) -> Finding {
    let networks = found(evidence);
    let Some(chosen) = networks.first() else { return Finding::none(NO_SEARCH) };
    let counts = |sample: Sample| {
        let (rows, said) = chosen.said(evidence, sample)?;
        let [genuine, fraud] = summary(&rows, &said);
        Some((genuine.0 + fraud.0, genuine.1 + fraud.1))
    };
    let Some((rows, correct)) = counts(Sample::Test) else {
        return Finding::none("the predictions of the chosen network were not kept");
    };
    let told = |(rows, correct): (usize, usize)| format!("{} of {}", count(correct as u64), count(rows as u64));
    let own = counts(Sample::Train);
    let on_own = own.map_or_else(String::new, |counts| format!("; of its own training rows {}", told(counts)));
    Finding {
        measured: format!("{}: {} test rows{on_own}", chosen.name(), told((rows, correct))),
        value: Some(100.0 * correct as f64 / rows as f64),
        interval: None,
        cells: None,
        verdict: honest_or_leaky(correct == rows, own.map(|(rows, correct)| correct == rows)),
    }
}

fn printed_network(evidence: &Evidence) -> Finding {
    const NOT_RUN: &str = "the part unseen-cards was not run";
    let Some(results) = evidence.part(&UNSEEN_CARDS) else { return Finding::none(NOT_RUN) };
    let groups = by_pipeline(results);
    let of = groups.iter().filter(|group| group.pipeline.classifier == "subeh-yarovenko-mlp");
    let areas = of.filter_map(|group| {
        let values = group.values("roc-auc");
        let whole = values.len() == group.records.len();
        let Mean { mean, interval } = mean(results, group.pipeline.dedup, &values).filter(|_| whole)?;
        Some((group.pipeline.scaler.clone(), mean, interval?))
    });
    let areas: Vec<(String, f64, (f64, f64))> = areas.collect();
    let Some(&(_, area, interval)) = areas.iter().find(|(scaler, ..)| scaler == "none") else {
        return Finding::none(NOT_RUN);
    };
    let told = |(scaler, area, (low, high)): &(String, f64, (f64, f64))| {
        format!("{scaler}: {} (95% CI {} to {})", score(Some(*area)), score(Some(*low)), score(Some(*high)))
    };
    Finding {
        measured: format!("area by scaler, {}", areas.iter().map(told).collect::<Vec<_>>().join("; ")),
        value: Some(area),
        interval: Some(interval),
        cells: None,
        verdict: if interval.0 > 0.5 { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}
