//! The paper's four tables made anew, and what it does not ask.

use super::networks::{Network, Sample, found, summary};
use super::parts::{ALL_ROWS, UNSEEN_CARDS};
use crate::analyze::folds::{Group, by_pipeline};
use crate::analyze::statistics::mean::mean_and_sd;
use crate::papers::{Evidence, Paper, Part};
use crate::report::chart::Chart;
use crate::report::chart::scatter::{Panel, Point, Scatter, draw};
use crate::report::document::Table;
use crate::report::number::{mean_sd, score};
use crate::words::count;

/// Figure 3: networks 2 to 10 with their area under the ROC curve and its threshold, as printed (a comma is a decimal point there).
pub const PRINTED: [(&str, &str, &str); 9] = [
    ("2. MLP 9-13-2", "1.000000", "0.536086"),
    ("3. MLP 9-5-2", "1.0000000", "0.396754"),
    ("4. MLP 9-5-2", "0.999999", "0.768721"),
    ("5. MLP 9-5-2", "0.999371", "0.364330"),
    ("6. MLP 9-3-2", "1.000000", "0.507139"),
    ("7. MLP 9-3-2", "1.000000", "0.268588"),
    ("8. MLP 9-3-2", "1.000000", "0.402272"),
    ("9. MLP 9-3-2", "1.000000", "0.178912"),
    ("10. MLP 9-3-2", "1.000000", "0.601024"),
];
/// Cases that figure 6 shows.
const CASES: usize = 15;

/// Figure 3: the nine best networks here beside the printed ones.
pub fn areas(evidence: &Evidence) -> Option<Table> {
    let networks = found(evidence);
    let row = |(network, (name, area, threshold)): (&Network<'_>, &(&str, &str, &str))| {
        let mut row = vec![(*name).to_owned(), (*area).to_owned(), (*threshold).to_owned(), network.name().to_owned()];
        row.extend(Sample::ALL.map(|sample| score(network.area(sample))));
        row.push(score(network.threshold(evidence)));
        row
    };
    let rows: Vec<Vec<String>> = networks.iter().zip(&PRINTED).map(row).collect();
    let header = ["printed", "ROC area", "threshold", "here", "area, train", "validation", "test", "threshold here"];
    (!rows.is_empty()).then(|| {
        Table::plain("roc-areas", &header, rows).captioned(&format!(
            "Left the nine networks of figure 3, whose areas are over all samples together; right the best nine of {} networks here, \
             chosen by their area on the validation rows. A row's two networks have nothing in common but their place. Threshold \
             here: where the ROC curve of the validation rows is farthest from the diagonal (Youden).",
            networks.len()
        ))
    })
}

/// The areas of all networks: rows that they learned from, and rows that they did not.
pub fn chart(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let networks = found(evidence);
    let kind = |network: &Network<'_>| usize::from(network.name().contains("tanh"));
    let point = |network: &Network<'_>| {
        let (x, y) = (network.area(Sample::Train)?, network.area(Sample::Test)?);
        Some(Point { series: kind(network), x, y, spread: None })
    };
    let points: Vec<Point> = networks.iter().filter_map(point).collect();
    if points.is_empty() {
        return None;
    }
    let scatter = Scatter {
        title: format!("{}: areas of {} networks", paper.title, points.len()),
        lines: vec!["A point a network: its area under the ROC curve on training rows, and on test rows.".to_owned()],
        panels: vec![Panel { x: "area on training rows".to_owned(), y: "area on test rows".to_owned(), points }],
        series: vec!["logistic units".to_owned(), "tanh units".to_owned()],
        notes: vec!["The line is equality: below it, what a network says of its own rows flatters it.".to_owned()],
    };
    let caption = "Areas under the ROC curve on training rows and on test rows, a point a network".to_owned();
    Some(Chart { id: "areas".to_owned(), caption, scene: draw(&scatter) })
}

/// Figure 5: the weights of the best network of the paper's shape.
pub fn weights(evidence: &Evidence) -> Option<Table> {
    let networks = found(evidence);
    let network = networks.iter().find(|network| network.shape() == "9-5-2")?;
    let mut rows = Vec::new();
    for (nth, layer) in network.weights()?.iter().enumerate() {
        let (from, to) = match nth {
            0 => ("x", "hidden neuron "),
            _ => ("hidden neuron ", "y"),
        };
        let unit = |unit: usize| if nth == 0 { format!("{to}{}", unit + 1) } else { format!("{to}({unit})") };
        for (to, bias) in layer.biases.iter().enumerate() {
            let mut row = vec![unit(to)];
            row.extend(layer.weights.iter().map(|of| format!("{:.4}", of[to])));
            row.resize(10, "–".to_owned());
            row.push(format!("{bias:.4}"));
            row.insert(1, from.to_owned());
            rows.push(row);
        }
    }
    let header = ["to", "from", "1", "2", "3", "4", "5", "6", "7", "8", "9", "bias"];
    (!rows.is_empty()).then(|| {
        Table::plain("weights", &header, rows).captioned(&format!(
            "The network {} of the search, the best of the paper's shape here, as figure 5 has its own (which stands in \
             `subeh-yarovenko-mlp`). Hidden units have no order: weights of two networks cannot be compared one by one.",
            network.name()
        ))
    })
}

/// Figure 6: what the chosen network says of the first cases.
pub fn predictions(evidence: &Evidence) -> Option<Table> {
    let networks = found(evidence);
    let chosen = networks.first()?;
    let mut cases = Vec::new();
    for sample in Sample::ALL {
        let (rows, said) = chosen.said(evidence, sample)?;
        cases.extend((0..rows.row.len()).map(|at| (rows.row[at], sample, rows.y[at], said.label[at], said.score[at])));
    }
    cases.sort_by_key(|case| case.0);
    let row = |(row, sample, y, label, said): (u32, Sample, u8, u8, f64)| {
        let label = label.to_string();
        let label = if y.to_string() == label { label } else { format!("**{label}**") };
        vec![(row + 1).to_string(), sample.name().to_owned(), y.to_string(), label, score(Some(said))]
    };
    let rows: Vec<Vec<String>> = cases.into_iter().take(CASES).map(row).collect();
    let header = ["case", "sample", "target", "output", "score"];
    Some(Table::marked("predictions", &header, rows).captioned(&format!(
        "The first {CASES} of the 5,000 rows in the table's order, and what {} says of them; bold where that is wrong. Figure 6 prints \
         no inputs, so that its cases cannot be had again.",
        chosen.name()
    )))
}

/// Figure 7: how many rows of each class the chosen network puts into it.
pub fn classification(evidence: &Evidence) -> Option<Table> {
    let networks = found(evidence);
    let chosen = networks.first()?;
    let mut rows = Vec::new();
    let mut total = [(0, 0); 2];
    for sample in Sample::ALL {
        let (kept, said) = chosen.said(evidence, sample)?;
        let counts = summary(&kept, &said);
        for (sum, of) in total.iter_mut().zip(counts) {
            *sum = (sum.0 + of.0, sum.1 + of.1);
        }
        rows.push(line(sample.name(), counts));
    }
    rows.push(line("all samples", total));
    rows.push(line("printed", [(3672, 3672), (1328, 1328)]));
    let header = ["sample", "y-0", "correct", "y-1", "correct", "y-All", "correct", "correct (%)"];
    Some(Table::plain("classification", &header, rows).captioned(&format!(
        "Rows of each class and those that {} puts into it, at its own labels. The last line is figure 7, which is over all samples.",
        chosen.name()
    )))
}

fn line(name: &str, [genuine, fraud]: [(usize, usize); 2]) -> Vec<String> {
    let all = (genuine.0 + fraud.0, genuine.1 + fraud.1);
    let mut line = vec![name.to_owned()];
    for (rows, correct) in [genuine, fraud, all] {
        line.extend([count(rows as u64), count(correct as u64)]);
    }
    line.push(format!("{:.3}", 100.0 * all.1 as f64 / all.0.max(1) as f64));
    line
}

/// What networks and other families are worth on cards that they never saw, and on all rows in time.
pub fn worth(evidence: &Evidence) -> Option<Table> {
    let mut rows = Vec::new();
    for part in [&UNSEEN_CARDS, &ALL_ROWS] {
        rows.extend(of_part(evidence, part));
    }
    let header = ["part", "classifier", "scaler", "ROC area", "average precision", "recall", "precision"];
    (!rows.is_empty()).then(|| {
        Table::plain("worth", &header, rows).captioned(
            "Test rows: cards that no training row is of (mean and SD over five folds, 27% frauds), and the last 15% of all rows (one \
             split, 0.8% frauds). `subeh-yarovenko-mlp` is the printed network, which learns nothing here but the mean and spread of \
             X4 to X7; average precision of `prior` is the share of frauds.",
        )
    })
}

fn of_part(evidence: &Evidence, part: &'static Part) -> Vec<Vec<String>> {
    let Some(results) = evidence.part(part) else { return Vec::new() };
    let row = |group: &Group<'_>| {
        let values = |id: &'static str| group.values(id).into_iter().map(|(_, value)| value).collect::<Vec<f64>>();
        let cell = |id: &'static str| {
            let (mean, sd) = mean_and_sd(&values(id));
            mean_sd(mean, sd)
        };
        let pipeline = &group.pipeline;
        let mut row = vec![part.name.to_owned(), pipeline.classifier.clone(), pipeline.scaler.clone()];
        row.extend(["roc-auc", "pr-auc", "recall", "precision"].map(cell));
        row
    };
    by_pipeline(results).iter().map(row).collect()
}
