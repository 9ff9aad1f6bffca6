//! His figures made anew, and what they do not show.

use super::measure::{BEFORE, BOTH, cells, group, histories, mean, metric, nothing, values};
use super::{ALL_ROWS, CUT, WHOLE};
use crate::analyze::curves::Band;
use crate::analyze::history::{Curve, History, bands};
use crate::analyze::ladder::ladders;
use crate::papers::{Evidence, Paper, Part};
use crate::report::chart::Chart;
use crate::report::chart::history::{Histories, Panel, draw, notes};
use crate::report::document::Table;
use crate::report::number::{change, score};
use crate::split::{Leak, Leaks};
use crate::store::Record;

/// The epochs that tables show.
const EPOCHS: [usize; 6] = [1, 2, 5, 10, 20, 50];

/// A panel of figures 3 and 4: part, classifier, leaks, and what it is called.
struct Shown {
    part: &'static Part,
    classifier: &'static str,
    leaks: &'static [Leak],
    name: &'static str,
}

const fn shown(part: &'static Part, classifier: &'static str, leaks: &'static [Leak], name: &'static str) -> Shown {
    Shown { part, classifier, leaks, name }
}

static SHOWN: [Shown; 7] = [
    shown(&CUT, "50-epochs", &[], "cut, validation at the real ratio"),
    shown(&CUT, "balanced-validation", &[], "cut, balanced validation"),
    shown(&CUT, "50-epochs", BEFORE, "cut, balanced before the split"),
    shown(&WHOLE, "50-epochs", &[], "whole, validation at the real ratio"),
    shown(&WHOLE, "balanced-validation", &[], "whole, balanced validation"),
    shown(&WHOLE, "50-epochs", BEFORE, "whole, balanced before the split"),
    shown(&ALL_ROWS, "50-epochs", &[], "cut, not undersampled"),
];

fn measured(evidence: &Evidence) -> Vec<(&'static Shown, Vec<History>)> {
    let of = |shown: &'static Shown| {
        let group = group(evidence.part(shown.part)?, shown.classifier, "standard", shown.leaks)?;
        let histories = histories(&group);
        (!histories.is_empty()).then_some((shown, histories))
    };
    SHOWN.iter().filter_map(of).collect()
}

/// Figure 3.
pub fn accuracy_chart(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    chart(paper, evidence, Curve::Accuracy, ("figure-3", "accuracy"))
}

/// Figure 4.
pub fn loss_chart(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    chart(paper, evidence, Curve::Loss, ("figure-4", "loss"))
}

fn chart(paper: &Paper, evidence: &Evidence, curve: Curve, (id, what): (&str, &str)) -> Option<Chart> {
    let all = measured(evidence);
    let first = all.first()?;
    let panel = |(shown, histories): &(&Shown, Vec<History>)| {
        let note = if shown.leaks.is_empty() { "honest".to_owned() } else { Leaks::of(shown.leaks).to_string() };
        Panel::of([shown.name.to_owned(), format!("{note}; {} fits", histories.len())], curve, histories)
    };
    let chart = Histories {
        title: format!("{}: {what} by epoch", paper.title),
        lines: vec!["The network of the listing over 50 epochs; each panel has its own scale.".to_owned()],
        panels: all.iter().map(panel).collect(),
        notes: notes(&first.1),
    };
    let caption = format!("{} by epoch, training and validation, means and range over ten splits", capital(what));
    Some(Chart { id: id.to_owned(), caption, scene: draw(&chart) })
}

fn capital(word: &str) -> String {
    word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default()
}

/// The numbers in figure 3.
pub fn accuracy(evidence: &Evidence) -> Option<Table> {
    table(evidence, Curve::Accuracy, "figure-3", "Accuracy, training / validation, by epoch: means over the splits.")
}

/// The numbers in figure 4.
pub fn loss(evidence: &Evidence) -> Option<Table> {
    table(evidence, Curve::Loss, "figure-4", "Mean log loss, training / validation, by epoch: means over the splits.")
}

fn table(evidence: &Evidence, curve: Curve, id: &str, caption: &str) -> Option<Table> {
    let row = |(shown, histories): (&Shown, Vec<History>)| {
        let [training, validation] = bands(&histories, curve);
        let at = |of: &[Band], epoch: usize| score(of.get(epoch - 1).map(|band| band.mean));
        let cell = |epoch: usize| format!("{} / {}", at(&training, epoch), at(&validation, epoch));
        [shown.name.to_owned()].into_iter().chain(EPOCHS.map(cell)).collect()
    };
    let rows: Vec<Vec<String>> = measured(evidence).into_iter().map(row).collect();
    let header: Vec<String> = ["".to_owned()].into_iter().chain(EPOCHS.map(|epoch| format!("epoch {epoch}"))).collect();
    (!rows.is_empty()).then(|| Table::plain(id, &header, rows).captioned(caption))
}

/// Figures 1 and 2: what the listing builds, as the records have it.
pub fn network(evidence: &Evidence) -> Option<Table> {
    let record = [&WHOLE, &CUT].into_iter().find_map(|part| {
        let group = group(evidence.part(part)?, "50-epochs", "standard", &[])?;
        group.scored().next().cloned()
    })?;
    let params = &record.classifier_facts.params;
    let hidden = params["hidden_layer_sizes"].as_array()?.iter().map(|units| units.as_u64().unwrap_or(0));
    let activation = params["activation"].as_str()?;
    let mut inputs = record.columns;
    let mut rows = Vec::new();
    for (nth, units) in hidden.enumerate() {
        let name = if nth == 0 { "input layer".to_owned() } else { format!("hidden layer {nth}") };
        rows.push(layer(&name, units, activation, &mut inputs));
    }
    rows.push(layer("output layer", 2, params["output"].as_str()?, &mut inputs));
    let header = ["the paper's word", "units", "activation", "weights", "biases"];
    let caption = format!(
        "The network as it was run: {} columns, Adam, cross-entropy, batches of {}, {} epochs. The paper's figure 2 draws these layers as \
         circles and lines.",
        record.columns, params["batch_size"], params["max_iter"]
    );
    Some(Table::plain("network", &header, rows).captioned(&caption))
}

fn layer(name: &str, units: u64, activation: &str, inputs: &mut u64) -> Vec<String> {
    let weights = *inputs * units;
    *inputs = units;
    vec![name.to_owned(), units.to_string(), activation.to_owned(), weights.to_string(), units.to_string()]
}

/// What accuracy hides: the test rows of every part and protocol.
pub fn truth(evidence: &Evidence) -> Option<Table> {
    let lines: [(&Part, &str, &[Leak], &str); 9] = [
        (&CUT, "50-epochs", &[], "cut"),
        (&CUT, "stopped", &[], "cut, stopped early"),
        (&CUT, "50-epochs", BEFORE, "cut"),
        (&CUT, "50-epochs", BOTH, "cut"),
        (&ALL_ROWS, "50-epochs", &[], "cut, not undersampled"),
        (&WHOLE, "50-epochs", &[], "whole"),
        (&WHOLE, "stopped", &[], "whole, stopped early"),
        (&WHOLE, "50-epochs", BEFORE, "whole"),
        (&WHOLE, "50-epochs", BOTH, "whole"),
    ];
    let row = |(part, classifier, leaks, name): (&Part, &str, &[Leak], &str)| {
        let results = evidence.part(part)?;
        let group = group(results, classifier, "standard", leaks)?;
        let of = |of: &dyn Fn(&Record) -> Option<f64>| score(mean(results, &values(&group, of)).map(|mean| mean.mean));
        let protocol = if leaks.is_empty() { "honest".to_owned() } else { Leaks::of(leaks).to_string() };
        let cells = cells(&group);
        let mut row = vec![name.to_owned(), protocol, of(&metric("accuracy")), of(&nothing)];
        row.extend(["precision", "recall", "f1", "pr-auc", "roc-auc"].map(|name| of(&metric(name))));
        row.push(format!("{}/{}", cells.scored, cells.planned));
        Some(row)
    };
    let rows: Vec<Vec<String>> = lines.into_iter().filter_map(row).collect();
    let header =
        ["rows", "protocol", "accuracy", "of nothing", "precision", "recall", "F1", "PR-AUC", "ROC-AUC", "cells"];
    let caption = "The test part, means over the splits. Of nothing: the accuracy of calling no payment a fraud. Under \
                   `resample-before-split` the test part is balanced; elsewhere it has the real ratio.";
    (!rows.is_empty()).then(|| Table::plain("truth", &header, rows).captioned(caption))
}

/// What each leak changes, split by split.
pub fn order(evidence: &Evidence) -> Option<Table> {
    let mut rows = Vec::new();
    for part in [&CUT, &WHOLE] {
        let Some(results) = evidence.part(part) else { continue };
        let names = crate::analyze::ladder::metrics(results);
        let all = ladders(results);
        let Some(ladder) = all.iter().find(|ladder| ladder.pipeline.classifier == "50-epochs") else { continue };
        for step in ladder.steps.iter().filter(|step| !step.leaks.is_empty()) {
            for wanted in ["accuracy", "precision", "recall", "pr-auc"] {
                let Some(at) = names.iter().position(|name| name == wanted) else { continue };
                let Some(moved) = &step.figures[at].change else { continue };
                let interval = moved
                    .interval
                    .map_or("–".to_owned(), |(low, high)| format!("{} to {}", change(low), change(high)));
                rows.push(vec![
                    part.name.to_owned(),
                    step.leaks.to_string(),
                    wanted.to_owned(),
                    score(ladder.steps[0].figures[at].mean),
                    score(step.figures[at].mean),
                    change(moved.mean),
                    interval,
                    moved.pairs.to_string(),
                ]);
            }
        }
    }
    let header = ["part", "leak", "metric", "honest", "leaky", "leaky - honest", "95% CI", "splits"];
    let caption =
        "The network of 50 epochs, leaky minus honest on the same split; intervals by the corrected resampled t.";
    (!rows.is_empty()).then(|| Table::plain("order", &header, rows).captioned(caption))
}
