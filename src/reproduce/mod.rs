//! Reproductions of published papers: what a paper claims, how each claim is measured, and what came out.
//!
//! A reproduction is three ordinary results directories ([`Part`]), a few counts of the data ([`Counts`]), and a report that is
//! made from these alone. Everything here is pure: measured values in, figures ([`figures`]) and verdicts ([`claims`]) out.

pub mod claims;
mod counts;
pub mod figures;
mod headline;
mod lines;
mod preparation;
mod rankings;
#[cfg(test)]
mod sample;
mod stability;
mod verdict;

use std::path::Path;

use crate::analyze::Results;
use crate::audit;
use crate::data::catalogue;
use crate::error::{Error, Result, unknown};
use crate::split::Leaks;
use crate::study::Study;

pub use counts::{COUNTS_FILE, Counts, Links, SCALERS, measure};
pub use lines::Cells;
pub use verdict::{Finding, Verdict};

/// The data set that the papers are about.
const DATA: &str = "creditcard";

/// A paper that can be reproduced.
#[derive(Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its name on the command line.
    pub name: &'static str,
    /// Authors and year.
    pub short: &'static str,
    /// What to cite.
    pub citation: &'static str,
}

/// Ruchay et al. (2023).
pub const RUCHAY_2023: Paper = Paper {
    name: "ruchay-2023",
    short: "Ruchay et al. 2023",
    citation: "Ruchay, Feldman, Cherbadzhi, Sokolov: The Imbalanced Classification of Fraudulent Bank Transactions Using \
               Machine Learning. Mathematics 2023, 11, 2862, doi 10.3390/math11132862",
};

/// Every paper.
pub static PAPERS: &[&Paper] = &[&RUCHAY_2023];

/// The paper of that name.
///
/// # Errors
/// [`Error::Usage`] for an unknown name, with the nearest one.
pub fn find(name: &str) -> Result<&'static Paper> {
    PAPERS.iter().find(|paper| paper.name == name).copied().ok_or_else(|| {
        let names: Vec<&str> = PAPERS.iter().map(|paper| paper.name).collect();
        Error::Usage(unknown("paper", name, &names))
    })
}

/// One of the runs that a reproduction is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The paper's own split, without leaks.
    HoldOut,
    /// The same pipelines over ten folds.
    CrossValidation,
    /// The paper's random forest, honest and under each leak.
    Audit,
}

impl Part {
    /// All parts, in the order in which they are run.
    pub const ALL: [Part; 3] = [Part::HoldOut, Part::CrossValidation, Part::Audit];

    /// The name of its folder and of its option.
    pub fn name(self) -> &'static str {
        match self {
            Part::HoldOut => "hold-out",
            Part::CrossValidation => "cross-validation",
            Part::Audit => "audit",
        }
    }

    /// Its study, which is part of the program.
    ///
    /// # Errors
    /// [`Error::Study`] when the study is not valid; a test shows that it is.
    pub fn study(self) -> Result<Study> {
        let study = self.written()?;
        if self == Part::Audit { audit::study(&study, audit::SEEDS) } else { Ok(study) }
    }

    /// The study as its file has it; of the audit, without the leaks and repeats that an audit adds.
    ///
    /// # Errors
    /// As for [`Part::study`].
    pub fn written(self) -> Result<Study> {
        let (file, text) = match self {
            Part::HoldOut => {
                ("experiments/ruchay-2023-holdout.toml", include_str!("../../experiments/ruchay-2023-holdout.toml"))
            }
            Part::CrossValidation => {
                ("experiments/ruchay-2023.toml", include_str!("../../experiments/ruchay-2023.toml"))
            }
            Part::Audit => {
                ("experiments/ruchay-2023-audit.toml", include_str!("../../experiments/ruchay-2023-audit.toml"))
            }
        };
        Study::parse(text, file, Path::new("experiments"))
    }

    /// Whether `results` can stand for this part: the paper's data, and a protocol of its kind.
    ///
    /// # Errors
    /// [`Error::Data`] naming `directory` and what does not fit.
    pub fn check(self, results: &Results, directory: &Path) -> Result<()> {
        let place = directory.display();
        let known = catalogue::find(DATA)?;
        if results.manifest.table().sha256 != known.sha256 {
            return Err(Error::Data(format!(
                "{place} was run on `{}` with sha256 {}, and the paper's data are `{DATA}` with {}",
                results.manifest.table().name,
                results.manifest.table().sha256,
                known.sha256
            )));
        }
        let kind = if self == Part::CrossValidation { "stratified-k-fold" } else { "hold-out" };
        let other = results.planned.iter().find(|p| p.cell.protocol.split('+').next() != Some(kind));
        if let Some(planned) = other {
            return Err(Error::Data(format!(
                "{place} has the protocol `{}`, and the part {} needs `{kind}`",
                planned.cell.protocol,
                self.name()
            )));
        }
        let leaky = results.planned.iter().filter(|p| !Leaks::of_protocol(&p.cell.protocol).is_empty()).count();
        match (self, leaky) {
            (Part::Audit, 0) => {
                Err(Error::Data(format!("{place} is no audit: none of its protocols leaks; see `fraudbench audit`")))
            }
            (Part::HoldOut | Part::CrossValidation, n) if n > 0 => Err(Error::Data(format!(
                "{place} has leaky protocols, and the part {} must be honest; it may be the part audit",
                self.name()
            ))),
            _ => Ok(()),
        }
    }
}

/// All that was measured; what was not is none.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// [`Part::HoldOut`].
    pub hold_out: Option<Results>,
    /// [`Part::CrossValidation`].
    pub cross_validation: Option<Results>,
    /// [`Part::Audit`].
    pub audit: Option<Results>,
    /// Counts of the data.
    pub counts: Option<Counts>,
}

impl Evidence {
    /// A part's results.
    pub fn part(&self, part: Part) -> Option<&Results> {
        match part {
            Part::HoldOut => self.hold_out.as_ref(),
            Part::CrossValidation => self.cross_validation.as_ref(),
            Part::Audit => self.audit.as_ref(),
        }
    }

    /// Puts a part's results in.
    pub fn set(&mut self, part: Part, results: Option<Results>) {
        match part {
            Part::HoldOut => self.hold_out = results,
            Part::CrossValidation => self.cross_validation = results,
            Part::Audit => self.audit = results,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Filter, Plan};

    #[test]
    fn the_studies_in_the_program_are_valid_and_of_their_kind() {
        for part in Part::ALL {
            let study = part.study().unwrap();
            let manifest = sample::manifest(&study.text);
            let results = Results::of(manifest, Vec::new()).unwrap();
            part.check(&results, Path::new("x")).unwrap();
            let others = Part::ALL.into_iter().filter(|other| *other != part);
            assert!(others.clone().all(|other| other.check(&results, Path::new("x")).is_err()), "{part:?}");
        }
        let grid = Plan::of(&Part::HoldOut.study().unwrap(), &[], &Filter::default()).unwrap();
        assert_eq!(grid.pipelines(&Part::HoldOut.study().unwrap()).0, 440);
    }

    #[test]
    fn results_on_other_data_are_refused() {
        let mut manifest = sample::manifest(&Part::HoldOut.study().unwrap().text);
        manifest.data[0].sha256 = "0".repeat(64);
        let results = Results::of(manifest, Vec::new()).unwrap();
        let said = Part::HoldOut.check(&results, Path::new("runs/x")).unwrap_err().to_string();
        assert!(said.starts_with("runs/x was run on") && said.contains("76274b69"), "{said}");
    }

    #[test]
    fn an_unknown_paper_is_told_with_the_nearest() {
        let said = find("ruchai-2023").unwrap_err().to_string();
        assert!(said.contains("did you mean `ruchay-2023`"), "{said}");
        assert_eq!(find("ruchay-2023").unwrap(), &RUCHAY_2023);
    }
}
