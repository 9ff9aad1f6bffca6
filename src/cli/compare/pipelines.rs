//! Two pipelines of one run, fold by fold.

use std::fmt::Write as _;

use super::super::results::read;
use super::{Arguments, DIGITS, aligned};
use crate::analyze::Results;
use crate::analyze::best::ROPE;
use crate::analyze::leaderboard::{LEVEL, Pipeline};
use crate::analyze::named::{name, named};
use crate::analyze::pair::{Pair, pair};
use crate::component::Registry;
use crate::error::{Error, Result, unknown};
use crate::metric::Better;
use crate::report::number::{change, probability_to, score};

pub fn compare(arguments: &Arguments, (a, b): (&str, &str), registry: &Registry) -> Result<(String, u8)> {
    let results = read(&arguments.directory, registry)?.ranked();
    let metric = arguments.metric()?.unwrap_or(&results.primary);
    if metric != results.primary && !results.metrics.iter().any(|m| m == metric) {
        let known: Vec<&str> = results.metrics.iter().map(String::as_str).collect();
        return Err(Error::Usage(unknown("metric of this run", metric, &known)));
    }
    let one = |text| named(&results, text, "a pipeline is compared over all its folds", &FIRST);
    let (a, b) = (one(a)?, one(b)?);
    let shared: Vec<&str> = a.data_sets.iter().filter(|name| b.data_sets.contains(name)).map(String::as_str).collect();
    if shared.is_empty() {
        return Err(Error::Usage(format!(
            "the two pipelines are on different data sets ({} and {}), so their folds hold different rows and cannot be paired",
            a.data_sets.join(", "),
            b.data_sets.join(", ")
        )));
    }
    let (a, b) = (&a.pipeline, &b.pipeline);
    if a == b {
        return Err(Error::Usage(format!("both name the same pipeline: {}", describe(&results, a))));
    }
    let pairs = shared.iter().map(|name| (*name, pair(&results.on(name), a, b, metric)));
    let mut pairs: Vec<(&str, Result<Pair>)> = pairs.collect();
    if pairs.iter().all(|(_, pair)| pair.is_err()) {
        pairs.swap_remove(0).1?;
    }
    let mut out = head(&results, (a, b), metric);
    for (name, pair) in &pairs {
        if results.has_several_data_sets() {
            out.push_str(&format!("\nData set {name}\n"));
        }
        match pair {
            Ok(pair) => out.push_str(&body(pair, results.better(metric), arguments.rope.unwrap_or(ROPE))),
            Err(why) => out.push_str(&format!("\nNot compared: {why}.\n")),
        }
    }
    if pairs.len() > 1 {
        out.push_str("\nEach data set is tested by itself: scores of unlike data sets are not averaged.\n");
    }
    Ok((out, 0))
}

/// What a pipeline is called by first; what else tells it from the others of its run comes behind.
const FIRST: [&str; 4] = ["classifier", "scaler", "resampler", "dedup"];

fn describe(results: &Results, pipeline: &Pipeline) -> String {
    name(results, &FIRST, pipeline)
}

fn head(results: &Results, (a, b): (&Pipeline, &Pipeline), metric: &str) -> String {
    let good = if results.better(metric) == Better::Lower { "smaller" } else { "larger" };
    let [first, second] = [a, b].map(|pipeline| describe(results, pipeline));
    format!("{}, {}: {metric}, {good} is better\nA: {first}\nB: {second}\n", results.title, a.protocol)
}

/// The pairs of one data set, and what the tests say of them.
fn body(pair: &Pair, direction: Better, rope: f64) -> String {
    let mut rows = vec![["fold", "A", "B", "A - B"].map(str::to_owned).to_vec()];
    let differences = pair.differences();
    for (i, (repeat, fold)) in pair.splits.iter().enumerate() {
        let name = if *repeat == 0 { fold.to_string() } else { format!("{fold} (repeat {repeat})") };
        rows.push(vec![name, score(Some(pair.a[i])), score(Some(pair.b[i])), change(differences[i])]);
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    rows.push(vec![
        "mean".to_owned(),
        score(Some(mean(&pair.a))),
        score(Some(mean(&pair.b))),
        change(mean(&differences)),
    ]);
    let mut out = format!("\n{}\n", aligned(&rows));
    if pair.splits.len() < pair.planned {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "Only the {} of {} planned folds on which both have a value are compared.",
            pair.splits.len(),
            pair.planned
        );
    }
    out.push_str(&tests(pair, direction, rope));
    out
}

fn tests(pair: &Pair, direction: Better, rope: f64) -> String {
    let Some(t) = pair.corrected() else {
        return "A test takes at least two folds that both have.\n".to_owned();
    };
    let mut rows = vec![("mean of A - B", format!("{:+.6}", t.mean)), ("SD over folds", format!("{:.6}", t.sd))];
    match t.interval(LEVEL).zip(t.probabilities(rope)) {
        None => rows.extend([
            (
                "95% interval of the mean",
                "none: the difference is the same on every fold, which tells no variance".to_owned(),
            ),
            ("p, corrected resampled t", probability_to(t.p_value(), DIGITS)),
        ]),
        Some(((low, high), p)) => {
            let (a_better, b_better) = if direction == Better::Lower { (p.below, p.above) } else { (p.above, p.below) };
            rows.extend([
                ("95% interval of the mean", format!("{low:+.6} to {high:+.6}")),
                ("p, corrected resampled t", probability_to(t.p_value(), DIGITS)),
                ("P(A better by more than the rope)", probability_to(a_better, DIGITS)),
                ("P(practically equal)", probability_to(p.within, DIGITS)),
                ("P(B better by more than the rope)", probability_to(b_better, DIGITS)),
            ]);
        }
    }
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    format!(
        "{}\nn_test/n_train {:.6}, {} folds, rope ±{rope}. One pair, so no correction for many comparisons: pick it before you \
         look.\n",
        aligned(&rows),
        pair.ratio,
        t.n
    )
}
