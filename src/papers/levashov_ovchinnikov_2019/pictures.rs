//! Figures 1, 2 and 3, made anew: a panel per table.

use super::measure::counted;
use super::pairs::{Pairs, shares};
use super::tables::{REFERENCE, Table};
use super::words::pair;
use crate::papers::{Evidence, Paper};
use crate::report::chart::Chart;
use crate::report::chart::layers::{How, Layer, Layers, Panel, draw};
use crate::words::count;

const MINUTES: (f64, f64) = (0.0, 1_440.0);
/// Smaller amounts are drawn here.
const LEAST: f64 = 0.1;

fn layer(series: usize, how: How, points: impl Iterator<Item = (f64, f64)>) -> Layer {
    Layer { series, how, points: points.collect() }
}

fn xy([x, y]: [f64; 2]) -> (f64, f64) {
    (x, y)
}

/// Minute and amount, with what stands on it.
fn plane((table, pairs): &(&Table, Pairs), layers: Vec<Layer>) -> Panel {
    Panel {
        name: table.name.to_owned(),
        x: ("minute of the day".to_owned(), MINUTES),
        y: ("amount".to_owned(), (pairs.amounts[0].max(LEAST), pairs.amounts[1].max(10.0 * LEAST))),
        log: true,
        layers,
    }
}

fn legitimate(pairs: &Pairs) -> Layer {
    layer(0, How::Shade, pairs.shown[0].iter().copied().map(xy))
}

fn frauds(pairs: &Pairs) -> Layer {
    layer(1, How::Dots, pairs.shown[1].iter().copied().map(xy))
}

const ROWS: [&str; 2] = ["legitimate (darker where there are more)", "fraud"];

/// The transactions.
pub fn transactions(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let found = counted(evidence);
    let panel = |of: &(&Table, Pairs)| plane(of, vec![legitimate(&of.1), frauds(&of.1)]);
    let layers = Layers {
        title: format!("{}, figure 1: transactions by time of day and amount", paper.title),
        lines: vec![
            "Samples of the rows: 3,000 legitimate ones and 400 frauds at most. Amounts by the logarithm.".to_owned(),
        ],
        series: ROWS.map(str::to_owned).into(),
        panels: found.iter().map(panel).collect(),
        notes: Vec::new(),
    };
    let caption = "Figure 1: transactions by time of day and amount".to_owned();
    (!found.is_empty()).then(|| Chart { id: "figure-1".to_owned(), caption, scene: draw(&layers) })
}

/// One rectangle.
pub fn rectangle(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let found = counted(evidence);
    let panel = |of: &(&Table, Pairs)| {
        let outline = of.1.nearest(REFERENCE[2]).map(|drawn| {
            let [left, right, bottom, top] = drawn.bounds;
            layer(2, How::Outline, [(left, bottom), (right, top)].into_iter())
        });
        plane(of, [frauds(&of.1)].into_iter().chain(outline).collect())
    };
    let series = ROWS.into_iter().chain(["a rectangle: inside is suspicious"]).map(str::to_owned);
    let layers = Layers {
        title: format!("{}, figure 2: one rectangle", paper.title),
        lines: vec![format!(
            "Of the front of 10,000 random rectangles the one whose errors are nearest to the earlier model's {}",
            pair(REFERENCE[2])
        )],
        series: series.collect(),
        panels: found.iter().map(panel).collect(),
        notes: Vec::new(),
    };
    let caption = "Figure 2: one rectangle drawn on the transactions".to_owned();
    (!found.is_empty()).then(|| Chart { id: "figure-2".to_owned(), caption, scene: draw(&layers) })
}

/// The pairs of errors.
pub fn errors(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let found = counted(evidence);
    let panel = |(table, pairs): &(&Table, Pairs)| {
        let totals = pairs.totals;
        let front = pairs.front.iter().map(|drawn| xy(shares(drawn.errors, totals)));
        let judged = pairs.apart.errors.iter().map(|[_, here]| xy(shares(*here, pairs.apart.judged_on)));
        let mut layers =
            vec![layer(5, How::Dots, pairs.drawn().map(xy)), layer(6, How::Line, [(0.0, 1.0), (1.0, 0.0)].into_iter())];
        if let Some(nothing) = &pairs.without_difference {
            layers.push(layer(4, How::Line, nothing.errors.iter().map(|&e| xy(shares(e, nothing.totals)))));
        }
        layers.push(layer(2, How::Dots, judged));
        layers.push(layer(3, How::Line, pairs.all.iter().map(|&errors| xy(shares(errors, totals)))));
        layers.push(layer(0, How::Line, front));
        layers.push(layer(1, How::Marks, REFERENCE.into_iter().map(xy)));
        Panel {
            name: format!("{}: {} frauds", table.name, count(totals[1] as u64)),
            x: ("error of the first kind: frauds outside".to_owned(), (0.0, 1.0)),
            y: ("error of the second kind: legitimate inside".to_owned(), (0.0, 1.0)),
            log: false,
            layers,
        }
    };
    let series = [
        "front of the 10,000, on the rows that they are chosen on",
        "the earlier model's pairs, as printed",
        "front of all rectangles on half of the rows, judged on the other half",
        "front of all rectangles, on the rows that they are chosen on",
        "front of 10,000 where frauds do not differ at all",
        "10,000 random rectangles",
        "by lot",
    ];
    let layers = Layers {
        title: format!("{}, figure 3: error pairs of 10,000 rectangles", paper.title),
        lines: vec!["Each rectangle has the values of two random rows as bounds of each column.".to_owned()],
        series: series.map(str::to_owned).into(),
        panels: found.iter().map(panel).collect(),
        notes: vec![
            "The earlier model's pairs are of other payments: of the paper's own, which are not public. No other rectangle \
             beats one of a front in both errors. Pairs that fall on one dot are drawn once."
                .to_owned(),
        ],
    };
    let caption = "Figure 3: error pairs of 10,000 rectangles with the front and the earlier model's pairs".to_owned();
    (!found.is_empty()).then(|| Chart { id: "figure-3".to_owned(), caption, scene: draw(&layers) })
}
