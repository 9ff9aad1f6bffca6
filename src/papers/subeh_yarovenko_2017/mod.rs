//! Subeh and Yarovenko (2017): a network for card transactions, found by an automatic search and printed with its weights.
//!
//! Its data are not public. The search is done anew on as many of the Handbook's transactions, which are simulated here.

mod claims;
mod figures;
mod networks;
mod parts;

use super::{Evidence, Figure, Paper};

/// The paper.
pub static PAPER: Paper = Paper {
    name: "subeh-yarovenko-2017",
    title: "Subeh and Yarovenko 2017",
    citation: "Subeh, Yarovenko: Data Mining of Operations with Card Accounts of Bank Clients. ARMG Publishing, 2017",
    takes: "below 15 minutes on two cores and 2 GB of memory; no download, no other program",
    parts: &parts::PARTS,
    probes: &[],
    tables: &[],
    numbers: |_| Ok(Vec::new()),
    claims: claims::CLAIMS,
    figures: FIGURES,
    cautions,
};

static FIGURES: &[Figure] = &[
    Figure {
        id: "areas",
        heading: "Areas under the ROC curve per network (figure 3)",
        chart: figures::chart,
        table: |_, evidence| figures::areas(evidence),
        lacking: "the part search was not run",
    },
    Figure {
        id: "weights",
        heading: "Weights of a 9-5-2 network (figure 5)",
        chart: |_, _| None,
        table: |_, evidence| figures::weights(evidence),
        lacking: "the part search was not run",
    },
    Figure {
        id: "predictions",
        heading: "Predictions by case and sample (figure 6)",
        chart: |_, _| None,
        table: |_, evidence| figures::predictions(evidence),
        lacking: "the parts search and in-sample were not run, or their predictions were not kept",
    },
    Figure {
        id: "classification",
        heading: "Classification by class and sample (figure 7)",
        chart: |_, _| None,
        table: |_, evidence| figures::classification(evidence),
        lacking: "the parts search and in-sample were not run, or their predictions were not kept",
    },
    Figure {
        id: "worth",
        heading: "What the networks are worth on rows of other cards",
        chart: |_, _| None,
        table: |_, evidence| figures::worth(evidence),
        lacking: "the parts unseen-cards and all-rows were not run",
    },
];

/// What a reader should know before quoting the report.
fn cautions(_: &Evidence) -> Vec<String> {
    [
        "The paper's 5,000 transactions are not public. Here are 5,000 of the Handbook's simulated ones with the same number of frauds, \
         1,328: nothing here says what its network does on its own rows.",
        "Table 2 gives each input a line of words; METHODOLOGY says what is made of them. X8 and X9 were evaluated by the bank itself: here \
         they are bands of the amount, and of the amount by the card's usual one.",
        "The paper's areas and its table of correct rows are over training, test and validation rows together: a network that has \
         learned its own rows by heart is perfect there. With 5,000 rows, 1,328 of them frauds, no such table can tell that from \
         foresight. If all of 199 frauds among 750 test rows were found, up to 1.5% of frauds could still be missed (rule of three).",
        "Inputs are standardised by the training rows; the paper standardises X4 to X7, and does not say by which rows. Statistica \
         rescales a network's inputs; whether the printed weights are for rescaled ones the paper does not say, so that the printed \
         network is shown the inputs as they are, rescaled to 0 and 1, and standardised.",
        "Formula 14 is printed garbled and without its bias, formula 15 names unit 3 twice: the ready-made network takes its weights from \
         figure 5. Figure 6 prints no inputs: its cases cannot be had again. Figures 1, 2 and 4 are diagrams without data.",
        "The printed 0.768721 is the threshold of the chosen network in figure 3; the text calls it the value of the ROC curve.",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests;
