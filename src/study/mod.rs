//! Study files: the wire shape is read and checked into a [`Study`], [`crate::cell::Plan`] unfolds it.

mod alike;
mod beyond;
mod components;
mod costs;
mod data;
mod days;
mod features;
pub mod first;
mod goals;
mod keys;
mod leaks;
mod limits;
mod notes;
mod numbers;
mod programs;
mod read;
mod sample;
mod simulation;
mod transactions;

use crate::component::{Classifier, ComponentFacts, Metric, Registry, Resampler, Scaler, Transformer};
use std::path::PathBuf;
use std::sync::Arc;

use crate::data::{Called, Dataset, ReadOptions, Role, Sample, catalogue};
use crate::error::{Error, Result};
use crate::features::FeatureSpec;
use crate::simulate::{Handbook, Normal, Payments, Simulation};
use crate::split::{Leaks, Protocol, complete};
use crate::words::listed;

pub(crate) use alike::{MAY_CHANGE, are_alike, are_alike_but, differing, lasting};
pub(crate) use features::of_value as features_of;
pub(crate) use leaks::value as leaks_value;
pub use limits::LimitSpec;
pub(crate) use transactions::changed as transactions_changed;

/// A checked study: everything named in it exists, every parameter fits.
#[derive(Clone)]
pub struct Study {
    /// Kebab-case name, from the file's `name`.
    pub name: String,
    /// A line for titles.
    pub title: String,
    /// The seed of splits, resamplers and classifiers.
    pub seed: u64,
    /// The data sets.
    pub data: Vec<DataSpec>,
    /// How rows become training and test rows.
    pub protocol: Protocol,
    /// The protocol's variants: the honest one alone unless the study names leaky ones.
    pub leaks: Vec<Leaks>,
    /// The dataset variants: with or without exact duplicates dropped.
    pub dedup: Vec<bool>,
    /// The imputers.
    pub imputers: Vec<Component<dyn Transformer>>,
    /// The resamplers.
    pub resamplers: Vec<Component<dyn Resampler>>,
    /// The encoders.
    pub encoders: Vec<Component<dyn Transformer>>,
    /// The scalers.
    pub scalers: Vec<Component<dyn Scaler>>,
    /// What selects columns.
    pub selects: Vec<Component<dyn Transformer>>,
    /// The classifiers.
    pub classifiers: Vec<Component<dyn Classifier>>,
    /// The metrics, in report order.
    pub metrics: Vec<&'static Metric>,
    /// The metric that ranks.
    pub primary: &'static Metric,
    /// What the study says a run and its cells may use.
    pub limits: LimitSpec,
    /// Where its components and metrics come from.
    pub registry: Registry,
    /// The file's text, for the manifest.
    pub text: String,
    /// The file's name, for messages and the manifest.
    pub file: String,
    /// Where its relative paths start.
    pub folder: PathBuf,
}

impl Study {
    /// The same, of which messages about the data name the options of `try` and `init` and no keys.
    #[must_use]
    pub(crate) fn with_keys_as_options(mut self) -> Self {
        self.data.iter_mut().for_each(|spec| spec.options.called = Called::ToTry);
        self
    }

    /// The roles of a data set that the protocol looks at. A column that it names is one of them only where it is no feature.
    pub(crate) fn roles(&self, data: usize) -> Vec<Role> {
        let mut roles = self.protocol.needs();
        let options = &self.data[data].options;
        let is_side = |name: &str| options.time.as_deref() == Some(name) && options.ignore.iter().any(|i| i == name);
        if !roles.contains(&Role::Time) && self.protocol.column().is_some_and(is_side) {
            roles.push(Role::Time);
        }
        if options.weight.is_some() {
            roles.push(Role::Weight);
        }
        roles
    }

    /// The place of the feature of a data set that is the money without being told, unless the study says that there is none.
    pub(crate) fn called_amount(&self, data: &Dataset) -> Option<usize> {
        // A table that is alone may have another name in the study than in messages.
        let is_it = |spec: &&DataSpec| self.data.len() == 1 || spec.name == data.name;
        data.called_amount().filter(|_| !self.data.iter().find(is_it).is_some_and(|spec| spec.no_amount))
    }

    /// Refuses a data set without a role that models are judged by: the primary metric of all of them, or what a search or a
    /// threshold of one of them looks at. All cells would run for nothing.
    ///
    /// # Errors
    /// [`Error::Study`] with what to write.
    pub(crate) fn check_judged(&self, data: &Dataset) -> Result<()> {
        let lacks = Lacks::of(self, data);
        let has = |role: Role| !lacks.roles.contains(&role);
        let primary: Vec<Role> = self.primary.needs.iter().filter_map(|need| need.role()).collect();
        complete(&data.name, (&format!("primary: `{}`", self.primary.id), &primary), has)?;
        self.classifiers.iter().try_for_each(|classifier| {
            let needs = classifier.component.judged_by();
            complete(&data.name, (&format!("grid.classifiers: `{}`", classifier.name), &needs), has)
        })
    }

    /// Refuses metrics that no data set can ever have, all of them at once; `lacks` is what each data set lacks. Of the primary one
    /// [`Study::check_judged`] says it.
    ///
    /// # Errors
    /// [`Error::Study`] with what to write.
    pub(crate) fn check_metrics(&self, lacks: &[&Lacks]) -> Result<()> {
        let Some(first) = lacks.first() else { return Ok(()) };
        let which = if lacks.len() > 1 { "at least one data set" } else { &first.table };
        let refused = self.metrics.iter().filter(|metric| metric.id != self.primary.id).filter_map(|metric| {
            let needs: Vec<Role> = metric.needs.iter().filter_map(|need| need.role()).collect();
            let is_nowhere = lacks.iter().all(|table| table.roles.iter().any(|role| needs.contains(role)));
            let who = format!("metrics: `{}`", metric.id);
            complete(which, (&who, &needs), |role| !(is_nowhere && first.roles.contains(&role))).err()
        });
        Error::all(refused.collect()).map_or(Ok(()), Err)
    }
}

/// The columns that metrics can read and a data set does not have.
#[derive(Debug, Clone)]
pub(crate) struct Lacks {
    /// What messages call the data set.
    table: String,
    roles: Vec<Role>,
}

impl Lacks {
    pub(crate) fn of(study: &Study, data: &Dataset) -> Self {
        let has = |role: &Role| match role {
            Role::Group => data.sides.group.is_some(),
            Role::Time => data.sides.time.is_some(),
            _ => data.sides.amount.is_some() || study.called_amount(data).is_some(),
        };
        let roles = [Role::Group, Role::Time, Role::Amount].into_iter().filter(|role| !has(role)).collect();
        Lacks { table: data.name.clone(), roles }
    }
}

/// Which data a study is about.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSpec {
    /// What it is called in records and reports.
    pub name: String,
    /// A name of the catalogue, a file, or a simulation.
    pub source: DataSource,
    /// What its columns are, and how its files are written.
    pub options: ReadOptions,
    /// Whether no column is money, even if it is called so.
    pub no_amount: bool,
    /// The features that are made of what is read.
    pub features: FeatureSpec,
    /// How many rows of each class are drawn from it; all rows where this is none.
    pub sample: Option<Sample>,
}

/// Where data come from.
#[derive(Debug, Clone, PartialEq)]
pub enum DataSource {
    /// A name of the catalogue, and perhaps the folder that holds its file.
    Catalogue {
        /// The name.
        name: String,
        /// A folder to look in first.
        folder: Option<PathBuf>,
    },
    /// A CSV or Parquet file, a folder of Parquet files, or several Parquet files that make one table.
    Files(Vec<PathBuf>),
    /// The files of a table's parts, each with its part's name: `train`, `validation`, `test`.
    Parts(Vec<(&'static str, PathBuf)>),
    /// Made up, with a seed.
    Simulated(Simulation),
    /// Card transactions, made up as the Fraud Detection Handbook does it.
    Transactions(Handbook),
    /// Payments in two fields, made up.
    Payments(Payments),
    /// Columns whose worth is known, made up.
    Normal(Normal),
}

impl DataSource {
    /// What was read of it, in brackets behind a sentence about its table; nothing where it is made up.
    pub(crate) fn as_read(&self) -> String {
        let files = self.files().unwrap_or_default();
        let named: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        if named.is_empty() { String::new() } else { format!(" (what was read is {})", listed(&named)) }
    }

    /// The files and folders that it is read from on this machine; none where it is made up.
    ///
    /// # Errors
    /// Those of [`catalogue::find`] and [`catalogue::place`].
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        Ok(match self {
            DataSource::Catalogue { name, folder } => {
                vec![catalogue::place(catalogue::find(name)?, folder.as_deref())?]
            }
            DataSource::Files(paths) => paths.clone(),
            DataSource::Parts(parts) => parts.iter().map(|(_, path)| path.clone()).collect(),
            DataSource::Simulated(_)
            | DataSource::Transactions(_)
            | DataSource::Payments(_)
            | DataSource::Normal(_) => Vec::new(),
        })
    }
}

/// A component as a study names it.
pub struct Component<T: ?Sized> {
    /// The name in records and reports.
    pub name: String,
    /// Id, backend, version, parameters.
    pub facts: ComponentFacts,
    /// The component.
    pub component: Arc<T>,
    /// What the study says of it: a name or a table.
    pub(crate) given: toml::Value,
}

impl<T: ?Sized> Clone for Component<T> {
    fn clone(&self) -> Self {
        let (name, facts, given) = (self.name.clone(), self.facts.clone(), self.given.clone());
        Component { name, facts, component: Arc::clone(&self.component), given }
    }
}

impl Component<dyn Resampler> {
    /// Whether it acts on encoded and scaled rows, and not on the rows as they were read.
    pub fn is_on_scaled(&self) -> bool {
        self.facts.params.get(components::ON).is_some_and(|on| on == components::SCALED)
    }

    /// How a study writes the same resampler on encoded and scaled rows, in TOML.
    pub(crate) fn written_on_scaled(&self) -> String {
        components::on_scaled(&self.given).to_string()
    }
}

#[cfg(test)]
mod tests;
