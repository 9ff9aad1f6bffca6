//! Kochnev (2023): a dense network of Keras on undersampled card payments.
//!
//! His data are not public. The network is run on the card payments of Ruchay et al. and on a part of them with his share of frauds.

mod claims;
mod figures;
mod measure;
#[cfg(test)]
mod tests;

use super::{DataSet, Evidence, Figure, Paper, Part, part};

const DATA: DataSet = DataSet::Catalogue("creditcard");

/// The paper.
pub static PAPER: Paper = Paper {
    name: "kochnev-2023",
    title: "Kochnev 2023",
    citation: "Кочнев А. А.: Использование нейронных сетей в задаче классификации аномального поведения в финансовых транзакциях с \
               использованием Python и Keras (Using neural networks in the problem of classifying anomalous behavior in financial \
               transactions using Python and Keras), 2023",
    takes: "below 5 minutes on two cores and 1 GB of memory; no other program",
    parts: &PARTS,
    probes: &[],
    tables: &[],
    numbers: |_| Ok(Vec::new()),
    claims: claims::CLAIMS,
    figures: FIGURES,
    cautions,
};

static PARTS: [Part; 4] = [WHOLE, CUT, CHOICES, ALL_ROWS];

const WHOLE: Part = part!(
    "whole",
    "kochnev-2023",
    "his network on all card payments, honest and balanced before the split",
    DATA,
    "hold-out",
    audit
);
const CUT: Part = part!(
    "cut",
    "kochnev-2023-cut",
    "the same on 98,400 payments with 0.5% frauds, his size and share as nearly as they can be had",
    DATA,
    "hold-out",
    audit
);
const CHOICES: Part = part!(
    "choices",
    "kochnev-2023-choices",
    "his choices against others: scaling, units, activation, optimiser",
    DATA,
    "hold-out"
);
const ALL_ROWS: Part =
    part!("all-rows", "kochnev-2023-all-rows", "his network without undersampling", DATA, "hold-out");

static FIGURES: &[Figure] = &[
    Figure {
        id: "figure-1",
        heading: "Figures 1 and 2: the network",
        chart: |_, _| None,
        table: |_, evidence| figures::network(evidence),
        lacking: "the network was not run",
    },
    Figure {
        id: "figure-3",
        heading: "Figure 3: accuracy by epoch",
        chart: |paper, evidence| figures::accuracy_chart(paper, evidence),
        table: |_, evidence| figures::accuracy(evidence),
        lacking: "the network was not run",
    },
    Figure {
        id: "figure-4",
        heading: "Figure 4: loss by epoch",
        chart: |paper, evidence| figures::loss_chart(paper, evidence),
        table: |_, evidence| figures::loss(evidence),
        lacking: "the network was not run",
    },
    Figure {
        id: "truth",
        heading: "Not in the paper: what stands behind the accuracy",
        chart: |_, _| None,
        table: |_, evidence| figures::truth(evidence),
        lacking: "the network was not run",
    },
    Figure {
        id: "order",
        heading: "Not in the paper: what balancing before the split is worth",
        chart: |_, _| None,
        table: |_, evidence| figures::order(evidence),
        lacking: "neither audit was run",
    },
];

/// What a reader should know before quoting the report.
fn cautions(_: &Evidence) -> Vec<String> {
    [
        "The paper's 100,000 transactions are not public, and its figures are pictures: their curves are not known here. Ours are of \
         other payments, with as many numeric columns (30).",
        "98,400 rows are all 492 frauds of the card payments and 97,908 other payments drawn once: 0.5%, before exact duplicates go.",
        "His text splits 80/20 and speaks of a validation sample that it does not define. Here a fifth of the training part is one, at \
         the real ratio (honest), balanced by the leak `resample-before-split`, or a fifth of the balanced training rows.",
        "His text fills blanks and standardises by “the whole data set” and does not say whether it balances before it splits. The \
         honest order learns all of it from training rows. The card payments have no blanks, so that the imputer does nothing.",
        "Balanced test rows are other rows, with another share of frauds: accuracy, precision and PR-AUC under `resample-before-split` \
         are what a report would print, and say little of real payments.",
        "V1 to V28 are a PCA that the data's authors fitted over all rows, test rows among them: no split undoes this leak, and it is not priced.",
        "The network is that of Keras to 1e-5 in the loss of every batch of a first epoch from the same weights; this program computes \
         with 64 bits, Keras with 32.",
    ]
    .map(str::to_owned)
    .into()
}
