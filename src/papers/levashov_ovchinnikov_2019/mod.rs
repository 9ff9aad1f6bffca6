//! Levashov and Ovchinnikov (2019): rectangles over time of day and amount.
//!
//! Their payments are not public. Rectangles are drawn on simulated payments of the paper's size, on the credit-card data and on
//! the Handbook's transactions (`tables`); `pairs` counts their errors, `parts` chooses them on training rows.

mod claims;
mod classes;
mod measure;
mod pairs;
mod parts;
mod pictures;
mod report_tables;
mod tables;
mod words;

use super::{Evidence, Figure, Paper};

/// The paper.
pub static PAPER: Paper = Paper {
    name: "levashov-ovchinnikov-2019",
    title: "Levashov and Ovchinnikov 2019",
    citation: "Levashov, Ovchinnikov: The Effectiveness of Classifiers for Identify Fraud in the Financial Transactions. Voprosy \
               kiberbezopasnosti 2019, 5(33), 63-69, doi 10.21681/2311-3456-2019-5-63-69",
    takes: "a few minutes on two cores and 2 GB of memory; one download",
    parts: &parts::PARTS,
    probes: &pairs::PROBES,
    tables: &[],
    numbers: |_| Ok(Vec::new()),
    claims: claims::CLAIMS,
    figures: FIGURES,
    cautions,
};

static FIGURES: &[Figure] = &[
    Figure {
        id: "figure-1",
        heading: "Figure 1: transactions",
        chart: pictures::transactions,
        table: |_, evidence| report_tables::transactions(evidence),
        lacking: "the tables were not counted",
    },
    Figure {
        id: "figure-2",
        heading: "Figure 2: one rectangle",
        chart: pictures::rectangle,
        table: |_, evidence| report_tables::rectangle(evidence),
        lacking: "the tables were not counted",
    },
    Figure {
        id: "figure-3",
        heading: "Figure 3: error pairs of 10,000 rectangles",
        chart: pictures::errors,
        table: |_, evidence| report_tables::errors(evidence),
        lacking: "the tables were not counted",
    },
    Figure {
        id: "figure-4",
        heading: "Figure 4: 36 rectangles in 12 classes",
        chart: |_, _| None,
        table: |_, evidence| report_tables::classes(evidence),
        lacking: "rectangles on payments were not counted",
    },
    Figure {
        id: "judged-apart",
        heading: "Judged on the rows chosen on, and on others",
        chart: |_, _| None,
        table: |_, evidence| report_tables::in_sample(evidence),
        lacking: "no part was run",
    },
    Figure {
        id: "cascades",
        heading: "Cascades: stages, and people at the end",
        chart: |_, _| None,
        table: |_, evidence| report_tables::stages(evidence),
        lacking: "no part was run",
    },
];

/// What a reader should know before quoting the report.
fn cautions(_: &Evidence) -> Vec<String> {
    [
        "The paper's payments are not public. `payments` are simulated in their number, with two fields, and frauds that are 60 minutes \
         later and 1.25 times as large on average; these two numbers are ours. They were chosen so that error pairs like the printed ones \
         can be reached: that they are reached there says nothing of the paper's data. What can be learnt from them is how much of a pair \
         is an effect of choosing and judging on the same 230 frauds.",
        "The paper does not say how its 10,000 rectangles were drawn, nor whether bounds count as inside, nor how the 36 of its table were \
         chosen. Here each column's bounds are the values of two random rows, and they are inside.",
        "Figures 1 to 3 are pictures: only the three pairs of the earlier model and figure 4's table are known here. The table's text comes \
         from a scan; misread digits were repaired where precision and recall leave one reading.",
        "The earlier model (Levashov and Kukharenko 2018) is known by the paper's words only: amount and time are independent. Its \
         estimator is not named; `likelihood-ratio` has histograms of 5 bins.",
        "In-sample numbers of the parts are of the training rows of a hold-out; those of figures 3 and 4 are of all rows, as the paper's.",
        "V1 to V28 of the credit-card data are a PCA that was fitted over the whole period; the cascade there uses them.",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::analyze::Results;
    use crate::component::Registry;
    use crate::data::ColumnShape;
    use crate::papers::ruchay_2023::sample::manifest;

    #[test]
    fn the_studies_in_the_program_are_valid_and_of_their_kind() {
        for (table, part) in tables::TABLES.iter().flat_map(|table| [(table, table.part), (table, table.in_sample)]) {
            assert!(parts::PARTS.contains(part));
            let study = part.study(&Registry::built_in()).unwrap();
            let mut manifest = manifest(&study.text);
            let facts = &mut manifest.data[0];
            (facts.name, facts.sha256) = (part.data.name().to_owned(), part.data.sha256().unwrap());
            let column = |name: &str| ColumnShape { name: name.to_owned(), levels: None, blanks: false, empty: false };
            facts.columns = table.columns.map(column).into();
            let results = Results::of(manifest, Vec::new(), &Registry::built_in()).unwrap();
            part.check(&results, Path::new("x")).unwrap();
        }
    }

    #[test]
    fn a_table_and_its_leak_have_the_same_pipelines() {
        for table in &tables::TABLES {
            let names = |part: &crate::papers::Part| -> Vec<String> {
                let study = part.study(&Registry::built_in()).unwrap();
                study.classifiers.iter().map(|classifier| classifier.name.clone()).collect()
            };
            let (honest, leaky) = (names(table.part), names(table.in_sample));
            assert!(leaky.iter().all(|name| honest.contains(name)), "{}", table.name);
        }
    }
}
