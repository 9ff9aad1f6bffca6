//! One of the runs that a reproduction is made of.

use std::path::Path;

use crate::analyze::Results;
use crate::audit;
use crate::component::Registry;
use crate::data::catalogue;
use crate::error::{Error, Result};
use crate::simulate::{Handbook, Payments};
use crate::split::{Leak, Leaks};
use crate::study::Study;

/// One of the runs that a reproduction is made of: a study that is part of the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of its folder and on the command line.
    pub name: &'static str,
    /// What it is, for listings.
    pub about: &'static str,
    /// The study file, relative to the repository.
    pub file: &'static str,
    /// What the file says.
    pub text: &'static str,
    /// What it is run on.
    pub data: DataSet,
    /// The kind of its protocol.
    pub protocol: &'static str,
    /// The leak that the study is about; none where it must be honest, or is run as an audit.
    pub leak: Option<Leak>,
    /// Whether the study is run as an audit: honest and under each leak. Such a part is always whole.
    pub is_audit: bool,
    /// Whether it takes so long that it is run only when it is asked for.
    pub is_long: bool,
}

/// A part whose study is `experiments/FILE.toml`: its name, FILE, what it is, its data and kind of protocol; then its leak, or the
/// word `audit`, where it has either.
macro_rules! part {
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal) => {
        part!($name, $file, $about, $data, $protocol, None, false)
    };
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal, audit) => {
        part!($name, $file, $about, $data, $protocol, None, true)
    };
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal, $leak:expr) => {
        part!($name, $file, $about, $data, $protocol, Some($leak), false)
    };
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal, $leak:expr, $is_audit:literal) => {
        $crate::papers::Part {
            name: $name,
            about: $about,
            file: concat!("experiments/", $file, ".toml"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/", $file, ".toml")),
            data: $data,
            protocol: $protocol,
            leak: $leak,
            is_audit: $is_audit,
            is_long: false,
        }
    };
}
pub(crate) use part;

/// What a part is run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataSet {
    /// A data set of the catalogue, which has to be downloaded.
    Catalogue(&'static str),
    /// The Fraud Detection Handbook's card transactions, which are made here.
    Transactions,
    /// Payments in two fields, which are made here.
    Payments,
}

impl DataSet {
    /// Its name in records and messages.
    pub fn name(self) -> &'static str {
        match self {
            DataSet::Catalogue(name) => name,
            DataSet::Transactions => "handbook",
            DataSet::Payments => "payments",
        }
    }

    /// What it needs, for listings.
    pub fn needs(self) -> &'static str {
        match self {
            DataSet::Catalogue(_) => "which `fraudbench data fetch` downloads",
            DataSet::Transactions | DataSet::Payments => "which is simulated: no download",
        }
    }

    /// What leaks by the data themselves, half a sentence.
    pub fn leak(self) -> Option<&'static str> {
        match self {
            DataSet::Catalogue(name) => catalogue::find(name).ok()?.leak,
            DataSet::Transactions | DataSet::Payments => None,
        }
    }

    pub(crate) fn sha256(self) -> Result<String> {
        match self {
            DataSet::Catalogue(name) => Ok(catalogue::find(name)?.sha256.to_owned()),
            DataSet::Transactions => Ok(Handbook::default().sha256()),
            DataSet::Payments => Ok(Payments::default().sha256()),
        }
    }
}

impl Part {
    /// Its study.
    ///
    /// # Errors
    /// [`Error::Study`] when the study is not valid; a test shows that it is.
    pub fn study(&self, registry: &Registry) -> Result<Study> {
        let study = self.written(registry)?;
        if self.is_audit { audit::study(&study, audit::SEEDS) } else { Ok(study) }
    }

    /// The study as its file has it; of an audit, without the leaks and repeats that an audit adds.
    ///
    /// # Errors
    /// As for [`Part::study`].
    pub fn written(&self, registry: &Registry) -> Result<Study> {
        let folder = Path::new(self.file).parent().unwrap_or(Path::new("."));
        Study::parse(self.text, self.file, folder, registry)
    }

    /// Whether `results` can stand for this part: its data, and a protocol of its kind.
    ///
    /// # Errors
    /// [`Error::Data`] naming `directory` and what does not fit.
    pub fn check(&self, results: &Results, directory: &Path) -> Result<()> {
        let place = directory.display();
        let sha256 = self.data.sha256()?;
        if results.manifest.table().sha256 != sha256 {
            return Err(Error::Data(format!(
                "{place} was run on `{}` with sha256 {}, and the paper's data are `{}` with {}",
                results.manifest.table().name,
                results.manifest.table().sha256,
                self.data.name(),
                sha256
            )));
        }
        let kind = self.protocol;
        let other = results.planned.iter().find(|p| p.cell.protocol.split('+').next() != Some(kind));
        if let Some(planned) = other {
            return Err(Error::Data(format!(
                "{place} has the protocol `{}`, and the part {} needs `{kind}`",
                planned.cell.protocol, self.name
            )));
        }
        let own = self.leak.map_or(Leaks::NONE, |leak| Leaks::of(&[leak]));
        let leaky = results.planned.iter().filter(|p| Leaks::of_protocol(&p.cell.protocol) != own).count();
        match (self.is_audit, leaky) {
            (true, 0) => {
                Err(Error::Data(format!("{place} is no audit: none of its protocols leaks; see `fraudbench audit`")))
            }
            (false, n) if n > 0 => Err(Error::Data(format!(
                "{place} has leaky protocols, and the part {} must be honest; it may be the part audit",
                self.name
            ))),
            _ => Ok(()),
        }
    }
}
