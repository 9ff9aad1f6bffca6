//! Ruchay et al. (2023): the imbalanced classification of fraudulent bank transactions.

mod claims;
mod counts;
mod figures;
mod headline;
mod lines;
mod pictures;
mod preparation;
mod rankings;
#[cfg(test)]
pub(super) mod sample;
mod stability;
mod tables;

use super::{Cells, DataSet, Evidence, Figure, Finding, Paper, Part, Verdict, part};
use crate::analyze::Results;

pub use counts::{COUNTS, Counts, Links, SCALERS};

/// The data set that the paper is about.
const DATA: &str = "creditcard";

/// The paper.
pub static PAPER: Paper = Paper {
    name: "ruchay-2023",
    title: "Ruchay et al. 2023",
    citation: "Ruchay, Feldman, Cherbadzhi, Sokolov: The Imbalanced Classification of Fraudulent Bank Transactions Using \
               Machine Learning. Mathematics 2023, 11, 2862, doi 10.3390/math11132862",
    takes: "by estimate 1 to 2 days on two cores because of catboost (a Python package), tpot and autosklearn; about 2 hours \
            without these three: `--filter family=random-forest,family=xgboost,...`",
    parts: &PARTS,
    probes: &[COUNTS],
    // Its values stand in the text and in pictures only.
    tables: &[],
    numbers: |_| Ok(Vec::new()),
    claims: claims::CLAIMS,
    figures: FIGURES,
    cautions,
};

/// The parts in the order in which they are run.
static PARTS: [Part; 3] = [HOLD_OUT, CROSS_VALIDATION, AUDIT];

/// The paper's own split, without leaks where duplicates are dropped.
pub const HOLD_OUT: Part = part!(
    "hold-out",
    "ruchay-2023-holdout",
    "the paper's grid on its own split, without leaks where duplicates are dropped",
    DataSet::Catalogue(DATA),
    "hold-out"
);

/// The same pipelines over ten folds.
pub const CROSS_VALIDATION: Part = part!(
    "cross-validation",
    "ruchay-2023",
    "the same pipelines over ten folds",
    DataSet::Catalogue(DATA),
    "stratified-k-fold"
);

/// The paper's random forest, honest and under each leak.
pub const AUDIT: Part = part!(
    "audit",
    "ruchay-2023-audit",
    "the paper's random forest, honest and under each leak",
    DataSet::Catalogue(DATA),
    "hold-out",
    audit
);

static FIGURES: &[Figure] = &[
    Figure {
        id: "tomek",
        heading: "Tomek links",
        chart: |_, _| None,
        table: |_, evidence| evidence.counts().as_ref().map(tables::tomek),
        lacking: "the data were not counted",
    },
    Figure {
        id: "figure-2",
        heading: "Figure 2: scalers",
        chart: pictures::scalers,
        table: |_, evidence| {
            let is_there = evidence.hold_out().or(evidence.cross_validation()).is_some();
            is_there.then(|| tables::scalers(evidence))
        },
        lacking: "neither hold-out nor cross-validation is there",
    },
    Figure {
        id: "figure-3",
        heading: "Figure 3: families",
        chart: pictures::families,
        table: |_, evidence| evidence.hold_out().map(|results| tables::families(&figures::families(results))),
        lacking: "the hold-out is not there",
    },
    Figure {
        id: "figure-4",
        heading: "Figure 4: against the claimed values",
        chart: pictures::studies,
        table: |paper, evidence| Some(tables::studies(evidence, paper)),
        lacking: "nothing was run",
    },
    Figure {
        id: "figure-5",
        heading: "Figure 5: ten folds",
        chart: pictures::folds,
        table: |_, evidence| evidence.cross_validation().map(|results| tables::folds(&figures::folds(results))),
        lacking: "the cross-validation is not there",
    },
];

/// The parts and counts of this paper by their names.
trait Named {
    fn hold_out(&self) -> Option<&Results>;
    fn cross_validation(&self) -> Option<&Results>;
    fn audit(&self) -> Option<&Results>;
    fn counts(&self) -> Option<Counts>;
}

impl Named for Evidence {
    fn hold_out(&self) -> Option<&Results> {
        self.part(&HOLD_OUT)
    }

    fn cross_validation(&self) -> Option<&Results> {
        self.part(&CROSS_VALIDATION)
    }

    fn audit(&self) -> Option<&Results> {
        self.part(&AUDIT)
    }

    /// They were checked when they were put in.
    fn counts(&self) -> Option<Counts> {
        self.probe(&COUNTS).and_then(|text| Counts::parse(text, COUNTS.file).ok())
    }
}

/// What a reader should know before quoting the report.
fn cautions(evidence: &Evidence) -> Vec<String> {
    let mut said = vec![
        "The paper's figures are pictures. A value that stands in a picture only is not known here and is not compared."
            .to_owned(),
        "“At most” is the best of many pipelines on the test part itself: generous to the claim, and no estimate of what a new \
         test would give."
            .to_owned(),
        "A rank on one test part of 142 frauds is weak evidence: the standard error of a recall is about 0.035, and 0.0001 of \
         accuracy is 8.5 rows. Equal values of different scalers with random forest are no coincidence: a scaler that keeps the \
         order of values keeps the trees."
            .to_owned(),
        "IBA is iba-1, `(1 + TPR - TNR) TPR TNR`, as the paper prints it. imbalanced-learn's default use of the index gives \
         another number, `iba-multiclass`, and its usual binary form a third, `iba-0.1`; both are in the parts' `cells.csv`."
            .to_owned(),
    ];
    let families: Vec<&str> = figures::FAMILIES.iter().map(|(family, _)| *family).collect();
    let run = |results: &Results, family: &str| results.planned.iter().any(|p| p.family == family);
    for part in [&HOLD_OUT, &CROSS_VALIDATION] {
        let Some(results) = evidence.part(part) else { continue };
        let absent: Vec<&str> = families.iter().copied().filter(|family| !run(results, family)).collect();
        if !absent.is_empty() {
            said.push(format!(
                "Families of the paper that were not run in the part {}: {}.",
                part.name,
                absent.join(", ")
            ));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::Registry;

    #[test]
    fn the_studies_in_the_program_are_valid_and_of_their_kind() {
        for part in &PARTS {
            let study = part.study(&Registry::built_in()).unwrap();
            let manifest = sample::manifest(&study.text);
            let results = Results::of(manifest, Vec::new(), &Registry::built_in()).unwrap();
            part.check(&results, Path::new("x")).unwrap();
            let mut others = PARTS.iter().filter(|other| *other != part);
            assert!(others.all(|other| other.check(&results, Path::new("x")).is_err()), "{part:?}");
        }
        let grid = Plan::of(&HOLD_OUT.study(&Registry::built_in()).unwrap(), &[], &Filter::default()).unwrap();
        assert_eq!(grid.pipelines(&HOLD_OUT.study(&Registry::built_in()).unwrap()).0, 440);
    }

    #[test]
    fn results_on_other_data_are_refused() {
        let mut manifest = sample::manifest(&HOLD_OUT.study(&Registry::built_in()).unwrap().text);
        manifest.data[0].sha256 = "0".repeat(64);
        let results = Results::of(manifest, Vec::new(), &Registry::built_in()).unwrap();
        let said = HOLD_OUT.check(&results, Path::new("runs/x")).unwrap_err().to_string();
        assert!(said.starts_with("runs/x was run on") && said.contains("76274b69"), "{said}");
    }
}
