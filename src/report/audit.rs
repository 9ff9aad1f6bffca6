//! `audit.md` and `audit.csv`: what each leak of a run is worth.

use super::best::{interval, probability};
use super::markdown::{one_line, paragraph, table as markdown_table};
use super::number::{change, counted, score};
use super::tables::{encode, exact, on_off};
use crate::analyze::Results;
use crate::analyze::ladder::{Change, FIRST, Figure, Ladder, Step, metrics};
use crate::error::Result;
use crate::split::{Leak, Leaks};
use crate::store::Outcome;

/// The audit as Markdown.
pub fn report(results: &Results, ladders: &[Ladder]) -> String {
    let mut out = String::new();
    let names = metrics(results);
    paragraph(&mut out, &format!("# {}: audit", one_line(&results.title)));
    if ladders.is_empty() {
        paragraph(
            &mut out,
            "The run has no honest protocol, so there is nothing to compare its leaky ones with: all of its scores are leaky.",
        );
    }
    for ladder in ladders {
        paragraph(&mut out, &verdict(ladder, &names));
    }
    steps(&mut out, results);
    if !ladders.is_empty() {
        paragraph(&mut out, "![The ladder: every protocol's mean and interval](charts/ladder.svg)");
        paragraph(&mut out, HOW_TO_READ);
    }
    for ladder in ladders {
        paragraph(&mut out, &format!("## {}", describe(ladder)));
        first_metrics(&mut out, ladder, &names);
        by_seed(&mut out, ladder, &names);
        paragraph(&mut out, "Mean change of every metric, leaky minus honest:");
        all_metrics(&mut out, ladder, &names);
    }
    failures(&mut out, results);
    format!("{}\n", out.trim_end())
}

const HOW_TO_READ: &str = "Values are means over the splits, in brackets the 95% interval by the corrected resampled t, since \
     splits share rows. A change is leaky minus honest on the same split; an interval that holds 0 says that no change was \
     shown, not that there is none. An interval can leave 0 to 1. What the data and the splits show before anything is \
     fitted is in `inspection.md`, which `fraudbench audit` writes beside this file.";

/// One sentence a pipeline.
fn verdict(ladder: &Ladder, names: &[String]) -> String {
    let metric = names.first().map_or("", String::as_str);
    let (what, honest) = (describe(ladder), ladder.steps[0].figures.first());
    let Some(value) = honest.and_then(|figure| figure.mean) else {
        return format!("**{what}**: the honest protocol has no {metric} yet.");
    };
    let changes: Vec<(&Step, &Change)> =
        ladder.steps[1..].iter().filter_map(|step| Some((step, step.figures.first()?.change.as_ref()?))).collect();
    let largest = changes.iter().filter(|(step, _)| step.leaks.list().len() == 1);
    let largest = largest.max_by(|a, b| a.1.mean.abs().total_cmp(&b.1.mean.abs()));
    let mut text = format!("**{what}**: {metric} is {value:.4} when nothing leaks.");
    match largest {
        Some((_, c)) if c.moved == 0 => text.push_str(" No leak alone changes it on any split."),
        Some((step, c)) => {
            text.push_str(&format!(" The leak that alone changes it most is `{}`: {}", step.leaks, brief(c)));
            text.push_str(if excludes_zero(c) { "." } else { ", which is within what splits vary." });
        }
        None => {}
    }
    if let Some((step, c)) = changes.iter().find(|(step, _)| step.leaks == Leaks::of(&Leak::ALL)) {
        let mean = step.figures[0].mean;
        text.push_str(&format!(" All four together make it {}: {}.", score(mean), brief(c)));
    }
    text
}

fn excludes_zero(change: &Change) -> bool {
    change.interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
}

fn brief(c: &Change) -> String {
    match c.interval {
        Some((low, high)) => format!("{} (95% CI {} to {})", change(c.mean), change(low), change(high)),
        None => format!("{} (one split, so no interval)", change(c.mean)),
    }
}

fn steps(out: &mut String, results: &Results) {
    paragraph(out, "## The protocols");
    let used: Vec<Leaks> = crate::analyze::leaderboard::distinct(
        results.planned.iter().map(|planned| Leaks::of_protocol(&planned.cell.protocol)),
    );
    let mut rows = vec![vec!["honest".to_owned(), "what learns from data sees training rows alone".to_owned()]];
    let known = Leak::ALL.iter().filter(|leak| used.iter().any(|leaks| leaks.has(**leak)));
    rows.extend(known.map(|leak| vec![format!("`{}`", leak.name()), leak.about().to_owned()]));
    markdown_table(out, &["name", "what it does"], &rows);
}

fn first_metrics(out: &mut String, ladder: &Ladder, names: &[String]) {
    let shown: Vec<usize> = (0..names.len()).filter(|&i| FIRST.contains(&names[i].as_str())).collect();
    let mut header: Vec<String> = vec!["protocol".into(), "scored/planned".into()];
    for &i in &shown {
        header.extend([names[i].clone(), format!("change of {}", names[i])]);
    }
    let rows: Vec<Vec<String>> = ladder
        .steps
        .iter()
        .map(|step| {
            let mut cells = vec![format!("`{}`", step.protocol), format!("{}/{}", step.scored, step.planned)];
            for &i in &shown {
                let figure = &step.figures[i];
                cells.push(format!("{} ({})", score(figure.mean), interval(figure.interval)));
                cells.push(figure.change.as_ref().map_or_else(|| "–".to_owned(), told));
            }
            cells
        })
        .collect();
    markdown_table(out, &header.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
}

fn told(c: &Change) -> String {
    if c.moved == 0 {
        return format!("none on {}", counted(c.pairs as u64, "split"));
    }
    let p = c.p.map_or_else(String::new, |p| format!(", p {}", probability(p)));
    let range = c.interval.map_or_else(|| "–".to_owned(), |(low, high)| format!("{} to {}", change(low), change(high)));
    format!("{} ({range}{p})", change(c.mean))
}

/// The first metric of every repeat, where a repeat is one split.
fn by_seed(out: &mut String, ladder: &Ladder, names: &[String]) {
    let values = |step: &Step| step.figures.first().map(|figure| figure.values.clone()).unwrap_or_default();
    let honest = values(&ladder.steps[0]);
    if honest.len() < 2 || honest.iter().any(|((_, fold), _)| *fold > 0) {
        return;
    }
    paragraph(out, &format!("{} by repeat; repeat 0 has the study's own seed:", names[0]));
    let header: Vec<String> =
        std::iter::once("repeat".to_owned()).chain(ladder.steps.iter().map(|s| s.leaks.to_string())).collect();
    let rows: Vec<Vec<String>> = honest
        .iter()
        .map(|(split, _)| {
            let of = |step: &Step| score(values(step).iter().find(|(s, _)| s == split).map(|(_, value)| *value));
            std::iter::once(split.0.to_string()).chain(ladder.steps.iter().map(of)).collect()
        })
        .collect();
    markdown_table(out, &header.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
}

fn all_metrics(out: &mut String, ladder: &Ladder, names: &[String]) {
    let mut header = vec!["metric".to_owned(), "honest".to_owned()];
    header.extend(ladder.steps[1..].iter().map(|step| step.leaks.to_string()));
    let rows: Vec<Vec<String>> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let of = |step: &Step| step.figures[i].change.as_ref().map_or_else(|| "–".to_owned(), |c| change(c.mean));
            [name.clone(), score(ladder.steps[0].figures[i].mean)]
                .into_iter()
                .chain(ladder.steps[1..].iter().map(of))
                .collect()
        })
        .collect();
    markdown_table(out, &header.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
}

fn failures(out: &mut String, results: &Results) {
    let failed: Vec<_> = results.records.iter().filter(|r| r.outcome != Outcome::Scored).collect();
    if failed.is_empty() {
        return;
    }
    paragraph(out, "## Failed cells");
    let reasons = crate::analyze::leaderboard::distinct(
        failed.iter().map(|r| (r.cell.protocol.clone(), r.outcome.name(), r.reason.clone().unwrap_or_default())),
    );
    let rows: Vec<Vec<String>> =
        reasons.into_iter().map(|(protocol, outcome, reason)| vec![protocol, outcome.to_owned(), reason]).collect();
    markdown_table(out, &["protocol", "outcome", "reason"], &rows);
}

fn describe(ladder: &Ladder) -> String {
    let p = &ladder.pipeline;
    format!("{}, scaler {}, resampler {}", p.classifier, p.scaler, p.resampler)
}

/// `audit.csv`: a row a pipeline, protocol and metric, with full precision. `change` is the mean over the `n_pairs` splits
/// that both protocols have, `n_moved` of which differ.
///
/// # Errors
/// [`crate::error::Error::Component`] when the table cannot be encoded.
pub fn table(results: &Results, ladders: &[Ladder]) -> Result<Vec<u8>> {
    let header = [
        "protocol",
        "dedup",
        "resampler",
        "scaler",
        "classifier",
        "metric",
        "n_planned",
        "n_scored",
        "mean",
        "ci_low",
        "ci_high",
        "n_pairs",
        "n_moved",
        "change",
        "change_ci_low",
        "change_ci_high",
        "p",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let names = metrics(results);
    for (ladder, step) in ladders.iter().flat_map(|ladder| ladder.steps.iter().map(move |step| (ladder, step))) {
        for (name, figure) in names.iter().zip(&step.figures) {
            let p = &ladder.pipeline;
            let mut row = vec![
                step.protocol.clone(),
                on_off(p.dedup).to_owned(),
                p.resampler.clone(),
                p.scaler.clone(),
                p.classifier.clone(),
                name.clone(),
                step.planned.to_string(),
                step.scored.to_string(),
            ];
            row.extend(numbers(figure));
            rows.push(row);
        }
    }
    encode(&rows)
}

fn numbers(figure: &Figure) -> [String; 9] {
    let ends = |interval: Option<(f64, f64)>| [interval.map(|i| i.0), interval.map(|i| i.1)].map(exact);
    let [low, high] = ends(figure.interval);
    let c = figure.change.as_ref();
    let [change_low, change_high] = ends(c.and_then(|c| c.interval));
    let count = |n: fn(&Change) -> usize| c.map_or_else(String::new, |c| n(c).to_string());
    [
        exact(figure.mean),
        low,
        high,
        count(|c| c.pairs),
        count(|c| c.moved),
        exact(c.map(|c| c.mean)),
        change_low,
        change_high,
        exact(c.and_then(|c| c.p)),
    ]
}
