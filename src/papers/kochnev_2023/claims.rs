//! What Kochnev (2023) says, each with where it stands, the rule that decides about it, and what decides.

use super::measure::{BEFORE, BOTH, cells, difference, group, histories, mean, metric, nothing, values};
use super::{ALL_ROWS, CHOICES, CUT, WHOLE};
use crate::analyze::Results;
use crate::analyze::folds::Group;
use crate::analyze::history::{Curve, History};
use crate::papers::splits::Mean;
use crate::papers::{Claim, Evidence, Finding, Part, Printed, Verdict};
use crate::report::number::{change, score};
use crate::split::{Leak, Leaks};
use crate::store::Record;

/// Every claim, in the paper's order.
pub static CLAIMS: &[Claim] = &[
    Claim {
        id: "similar-shares",
        place: "section II",
        said: "The share of frauds is similar in the training and in the test sample",
        printed: Printed::Words,
        rule: "on every split of the part cut the shares of frauds in test part and whole table differ by less than 0.01 percentage points",
        judge: similar_shares,
    },
    Claim {
        id: "scaling-helps",
        place: "section III, 1",
        said: "Features with large values can influence the learning out of proportion, so every feature is standardised",
        printed: Printed::Words,
        rule: "PR-AUC on the untouched test part is larger with standardised columns than with raw ones, and the 95% interval of the \
               difference lies above 0",
        judge: |evidence| {
            let pair = [("50-epochs", "standard", "standardised"), ("50-epochs", "none", "raw")];
            larger(evidence, pair, "PR-AUC", &metric("pr-auc"))
        },
    },
    Claim {
        id: "undersampling-finds-fraud",
        place: "section III, 4",
        said: "Undersampling to 1:1 avoids that the smaller class is ignored",
        printed: Printed::Words,
        rule: "recall on the untouched test part is larger with undersampling than without, and the 95% interval of the difference \
               lies above 0",
        judge: undersampling,
    },
    Claim {
        id: "few-units",
        place: "section IV",
        said: "Two layers of 16 units lower the complexity and prevent overfitting: a simpler model generalises better",
        printed: Printed::Words,
        rule: "PR-AUC on the untouched test part is larger with 16 units per layer than with 256, and the 95% interval of the difference \
               lies above 0",
        judge: |evidence| {
            let pair = [("50-epochs", "standard", "16 units"), ("wide", "standard", "256 units")];
            larger(evidence, pair, "PR-AUC", &metric("pr-auc"))
        },
    },
    Claim {
        id: "relu",
        place: "section IV",
        said: "ReLU is efficient and less exposed to vanishing gradients",
        printed: Printed::Words,
        rule: "the training loss after 50 epochs is smaller with ReLU than with logistic units, and the 95% interval of the difference \
               lies below 0",
        judge: |evidence| {
            let pair = [("50-epochs", "standard", "ReLU"), ("logistic-units", "standard", "logistic")];
            smaller(evidence, pair, "training loss after 50 epochs", &|record| trained(record, 50))
        },
    },
    Claim {
        id: "probabilities",
        place: "section IV",
        said: "Softmax says with what probability a transaction is a fraud",
        printed: Printed::Words,
        rule: "on the untouched test part of the part cut the Brier score is smaller than that of the share of frauds said of every row, \
               and the 95% interval of the difference lies below 0",
        judge: probabilities,
    },
    Claim {
        id: "adam",
        place: "section V",
        said: "Adam converges faster and more stably",
        printed: Printed::Words,
        rule: "the training loss after 10 epochs is smaller with Adam than with gradient descent at Keras's defaults, and the 95% interval \
               of the difference lies below 0",
        judge: |evidence| {
            let pair = [("50-epochs", "standard", "Adam"), ("sgd", "standard", "gradient descent")];
            smaller(evidence, pair, "training loss after 10 epochs", &|record| trained(record, 10))
        },
    },
    Claim {
        id: "accuracy",
        place: "section V, figure 3; abstract",
        said: "Over 50 epochs the accuracy on the validation sample reaches 0.88",
        printed: Printed::Value("0.88"),
        rule: "on the part cut the mean accuracy after 50 epochs is at least 0.88 in two digits, on validation rows at the real ratio and on \
               balanced ones; a larger one counts as reached",
        judge: accuracy,
    },
    Claim {
        id: "stops",
        place: "section V, figure 4",
        said: "Training stops when the validation error begins to rise; it ran 50 epochs",
        printed: Printed::Value("50"),
        rule: "of the fits of the honest parts whole and cut that stop at the first rise (Keras's EarlyStopping without arguments), at least \
               one comes to 50 epochs",
        judge: stops,
    },
    Claim {
        id: "early-stopping",
        place: "section V",
        said: "Early stopping prevents overfitting",
        printed: Printed::Words,
        rule: "on the part cut the validation loss at the real ratio is smaller where training has stopped than after 50 epochs, and the 95% interval of \
               the difference lies below 0",
        judge: early_stopping,
    },
    Claim {
        id: "finds-anomalies",
        place: "abstract, section VII",
        said: "Despite the imbalance of 0.5% the model determines anomalies quite accurately",
        printed: Printed::Words,
        rule: "on the untouched test part of the part cut at least half of the alarms are frauds, and the accuracy is not below that of calling \
               no payment a fraud; the paper's words, our rule",
        judge: finds_anomalies,
    },
];

/// The training loss after so many epochs.
fn trained(record: &Record, epochs: usize) -> Option<f64> {
    History::of(record)?.training[Curve::Loss as usize].get(epochs - 1).copied()
}

/// The validation rows' value after the last epoch that counts.
fn validated(curve: Curve) -> impl Fn(&Record) -> Option<f64> {
    move |record| History::of(record)?.validated(curve)
}

fn part<'e>(evidence: &'e Evidence, part: &Part) -> Result<&'e Results, Box<Finding>> {
    evidence.part(part).ok_or_else(|| Box::new(Finding::none(&format!("the part {} was not run", part.name))))
}

fn told(value: Mean, text: fn(f64) -> String) -> String {
    match value.interval {
        Some((low, high)) => format!("{} (95% CI {} to {})", text(value.mean), text(low), text(high)),
        None => text(value.mean),
    }
}

fn four(value: f64) -> String {
    score(Some(value))
}

fn verdict(is_so: bool) -> Verdict {
    if is_so { Verdict::Reproduced } else { Verdict::NotReproduced }
}

/// Two groups side by side: their means, and first minus second.
type Said<'a> = (&'a Group<'a>, &'a str);

fn compared(
    results: &Results,
    [(first, one), (second, other)]: [Said<'_>; 2],
    what: &str,
    of: &dyn Fn(&Record) -> Option<f64>,
    is_so: fn((f64, f64)) -> bool,
) -> Finding {
    let (a, b) = (values(first, of), values(second, of));
    let (Some(apart), Some(mean_a), Some(mean_b)) = (difference(results, &a, &b), mean(results, &a), mean(results, &b))
    else {
        return Finding::none("no split has both");
    };
    let Some(interval) = apart.interval else { return Finding::none("a difference on one split says nothing") };
    Finding {
        measured: format!(
            "{what}: {one} {}, {other} {}; difference {}",
            four(mean_a.mean),
            four(mean_b.mean),
            told(apart, change)
        ),
        value: Some(apart.mean),
        interval: Some(interval),
        cells: Some(cells(first).and(cells(second))),
        verdict: verdict(is_so(interval)),
    }
}

/// Classifier, scaler, and what the choice is called.
type Choice<'a> = (&'a str, &'a str, &'a str);

fn choices(
    evidence: &Evidence,
    pair: [Choice<'_>; 2],
    what: &str,
    of: &dyn Fn(&Record) -> Option<f64>,
    is_so: fn((f64, f64)) -> bool,
) -> Finding {
    let results = match part(evidence, &CHOICES) {
        Ok(results) => results,
        Err(finding) => return *finding,
    };
    let groups = pair.map(|(classifier, scaler, _)| group(results, classifier, scaler, &[]));
    match groups {
        [Some(first), Some(second)] => compared(results, [(&first, pair[0].2), (&second, pair[1].2)], what, of, is_so),
        _ => Finding::none("one of the two was not run"),
    }
}

fn larger(evidence: &Evidence, pair: [Choice<'_>; 2], what: &str, of: &dyn Fn(&Record) -> Option<f64>) -> Finding {
    choices(evidence, pair, what, of, |(low, _)| low > 0.0)
}

fn smaller(evidence: &Evidence, pair: [Choice<'_>; 2], what: &str, of: &dyn Fn(&Record) -> Option<f64>) -> Finding {
    choices(evidence, pair, what, of, |(_, high)| high < 0.0)
}

fn similar_shares(evidence: &Evidence) -> Finding {
    let results = match part(evidence, &CUT) {
        Ok(results) => results,
        Err(finding) => return *finding,
    };
    let table = results.manifest.table();
    let whole = table.positives.saturating_sub(table.duplicate_positives) as f64
        / table.rows.saturating_sub(table.duplicate_rows) as f64;
    let Some(group) = group(results, "50-epochs", "standard", &[]) else {
        return Finding::none("the network was not run honestly");
    };
    let apart = values(&group, |record| nothing(record).map(|share| (1.0 - share - whole).abs()));
    let Some(most) = apart.iter().map(|(_, value)| *value).reduce(f64::max) else {
        return Finding::none("no split was run");
    };
    Finding {
        measured: format!(
            "{:.4}% in all, in test parts at most {:.4} percentage points off",
            whole * 100.0,
            most * 100.0
        ),
        value: Some(most),
        interval: None,
        cells: Some(cells(&group)),
        verdict: verdict(most < 1e-4),
    }
}

fn undersampling(evidence: &Evidence) -> Finding {
    let (Some(with), Some(without)) = (evidence.part(&CUT), evidence.part(&ALL_ROWS)) else {
        return Finding::none("the parts cut and all-rows were not both run");
    };
    let groups = (group(with, "50-epochs", "standard", &[]), group(without, "50-epochs", "standard", &[]));
    let (Some(first), Some(second)) = groups else { return Finding::none("the network was not run both ways") };
    let both = [(&first, "with"), (&second, "without")];
    let mut finding = compared(with, both, "recall", &metric("recall"), |(low, _)| low > 0.0);
    for (what, name) in [("precision", "precision"), ("PR-AUC", "pr-auc")] {
        let means = both.map(|(group, _)| mean(with, &values(group, metric(name))).map(|mean| four(mean.mean)));
        if let [Some(with), Some(without)] = means {
            finding.measured.push_str(&format!("; {what} with {with}, without {without}"));
        }
    }
    finding
}

fn probabilities(evidence: &Evidence) -> Finding {
    let results = match part(evidence, &CUT) {
        Ok(results) => results,
        Err(finding) => return *finding,
    };
    let Some(group) = group(results, "50-epochs", "standard", &[]) else {
        return Finding::none("the network was not run honestly");
    };
    let said = values(&group, metric("brier"));
    // p is said of every row, and a share p of them is positive.
    let constant = values(&group, |record| nothing(record).map(|share| share * (1.0 - share)));
    let (Some(apart), Some(ours), Some(base)) =
        (difference(results, &said, &constant), mean(results, &said), mean(results, &constant))
    else {
        return Finding::none("the part cut has no Brier score");
    };
    Finding {
        measured: format!(
            "Brier score {}, of the share of frauds {}; difference {}",
            four(ours.mean),
            four(base.mean),
            told(apart, change)
        ),
        value: Some(apart.mean),
        interval: apart.interval,
        cells: Some(cells(&group)),
        verdict: verdict(apart.interval.is_some_and(|(_, high)| high < 0.0)),
    }
}

/// The accuracy in two digits, as the paper prints it.
fn reaches(value: f64) -> bool {
    (value * 100.0).round() >= 88.0
}

fn accuracy(evidence: &Evidence) -> Finding {
    let results = match part(evidence, &CUT) {
        Ok(results) => results,
        Err(finding) => return *finding,
    };
    let of = |classifier: &str, leaks: &[Leak]| {
        let group = group(results, classifier, "standard", leaks)?;
        let measured = mean(results, &values(&group, validated(Curve::Accuracy)))?;
        Some((measured, cells(&group)))
    };
    let (Some((real, used)), Some((balanced, also))) = (of("50-epochs", &[]), of("balanced-validation", &[])) else {
        return Finding::none("the network was not run honestly");
    };
    let leaky = [BEFORE, BOTH].into_iter().filter_map(|leaks| Some((leaks, of("50-epochs", leaks)?.0)));
    let leaky: Vec<(&[Leak], Mean)> = leaky.collect();
    let mut measured =
        format!("{} at the real ratio, {} on balanced training rows kept out", told(real, four), told(balanced, four));
    for (leaks, value) in &leaky {
        measured.push_str(&format!("; {} with `{}`", four(value.mean), Leaks::of(leaks)));
    }
    let base = group(results, "50-epochs", "standard", &[]).and_then(|group| mean(results, &values(&group, nothing)));
    if let Some(base) = base {
        measured.push_str(&format!("; calling nothing a fraud has {}", four(base.mean)));
    }
    let reached: Vec<Leaks> =
        leaky.iter().filter(|(_, value)| reaches(value.mean)).map(|(leaks, _)| Leaks::of(leaks)).collect();
    Finding {
        measured,
        value: Some(real.mean),
        interval: real.interval,
        cells: Some(used.and(also)),
        verdict: match (reaches(real.mean) && reaches(balanced.mean), reached.is_empty()) {
            (true, _) => Verdict::Reproduced,
            (false, true) => Verdict::NotReproduced,
            (false, false) => Verdict::OnlyWithLeak(reached),
        },
    }
}

fn stops(evidence: &Evidence) -> Finding {
    let groups: Vec<(&str, Group<'_>)> = [&WHOLE, &CUT]
        .into_iter()
        .filter_map(|part| Some((part.name, group(evidence.part(part)?, "stopped", "standard", &[])?)))
        .collect();
    let passes = |group: &Group<'_>| histories(group).iter().map(History::passes).collect::<Vec<usize>>();
    let all: Vec<usize> = groups.iter().flat_map(|(_, group)| passes(group)).collect();
    let Some(most) = all.iter().max() else { return Finding::none("no network that stops early was run") };
    let said = groups.iter().filter_map(|(name, group)| {
        let mut passes = passes(group);
        passes.sort_unstable();
        let median = passes.get(passes.len() / 2)?;
        Some(format!("{name}: {} to {} epochs, median {median}", passes.first()?, passes.last()?))
    });
    let used = groups.iter().map(|(_, group)| cells(group)).reduce(crate::papers::Cells::and);
    Finding {
        measured: said.collect::<Vec<_>>().join("; "),
        value: Some(*most as f64),
        interval: None,
        cells: used,
        verdict: verdict(*most >= 50),
    }
}

fn early_stopping(evidence: &Evidence) -> Finding {
    let results = match part(evidence, &CUT) {
        Ok(results) => results,
        Err(finding) => return *finding,
    };
    let groups = ["stopped", "50-epochs"].map(|name| group(results, name, "standard", &[]));
    let [Some(stopped), Some(whole)] = groups else { return Finding::none("the network was not run both ways") };
    let both = [(&stopped, "stopped"), (&whole, "50 epochs")];
    let mut finding = compared(results, both, "validation loss", &validated(Curve::Loss), |(_, high)| high < 0.0);
    let means = both.map(|(group, _)| mean(results, &values(group, metric("pr-auc"))).map(|mean| four(mean.mean)));
    if let [Some(stopped), Some(whole)] = means {
        finding.measured.push_str(&format!("; PR-AUC on the test part {stopped} and {whole}"));
    }
    finding
}

fn finds_anomalies(evidence: &Evidence) -> Finding {
    let results = match part(evidence, &CUT) {
        Ok(results) => results,
        Err(finding) => return *finding,
    };
    let Some(honest) = group(results, "50-epochs", "standard", &[]) else {
        return Finding::none("the network was not run honestly");
    };
    let of = |of: &dyn Fn(&Record) -> Option<f64>| mean(results, &values(&honest, of));
    let (Some(precision), Some(recall), Some(area), Some(right), Some(base)) =
        (of(&metric("precision")), of(&metric("recall")), of(&metric("pr-auc")), of(&metric("accuracy")), of(&nothing))
    else {
        return Finding::none("the part cut lacks a metric");
    };
    let mut measured = format!(
        "precision {}, recall {}, PR-AUC {}, accuracy {}; calling nothing a fraud has {}",
        told(precision, four),
        four(recall.mean),
        four(area.mean),
        four(right.mean),
        four(base.mean)
    );
    let is_so = |precision: f64, right: f64, base: f64| precision >= 0.5 && right >= base;
    let mut leaky = Vec::new();
    for leaks in [BEFORE, BOTH] {
        let Some(group) = group(results, "50-epochs", "standard", leaks) else { continue };
        let of = |of: &dyn Fn(&Record) -> Option<f64>| mean(results, &values(&group, of)).map(|mean| mean.mean);
        if let (Some(precision), Some(right), Some(base)) =
            (of(&metric("precision")), of(&metric("accuracy")), of(&nothing))
        {
            let leaks = Leaks::of(leaks);
            measured.push_str(&format!("; precision {} with `{leaks}`", four(precision)));
            if is_so(precision, right, base) {
                leaky.push(leaks);
            }
        }
    }
    Finding {
        measured,
        value: Some(precision.mean),
        interval: precision.interval,
        cells: Some(cells(&honest)),
        verdict: match (is_so(precision.mean, right.mean, base.mean), leaky.is_empty()) {
            (true, _) => Verdict::Reproduced,
            (false, true) => Verdict::NotReproduced,
            (false, false) => Verdict::OnlyWithLeak(leaky),
        },
    }
}
