//! Everything that a study can name.

use std::fmt;

use super::argument;
use super::{Classifier, Entry, Metric, Resampler, Scaler, Splitter, Transformer, find};
use crate::error::{Error, Result, unknown};

/// The components and metrics that a study can name. `Registry::built_in` has those of this crate; a program adds its own
/// to it, and hands it to whatever reads a study.
///
/// ```
/// # use fraudbench::component::{Entry, Registry, Scaler};
/// # fn with(mine: &'static Entry<dyn Scaler>) -> fraudbench::error::Result<Registry> {
/// let mut registry = Registry::built_in();
/// registry.add_scaler(mine)?;
/// # Ok(registry)
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    pub(crate) imputers: Vec<&'static Entry<dyn Transformer>>,
    pub(crate) resamplers: Vec<&'static Entry<dyn Resampler>>,
    pub(crate) encoders: Vec<&'static Entry<dyn Transformer>>,
    pub(crate) scalers: Vec<&'static Entry<dyn Scaler>>,
    pub(crate) selects: Vec<&'static Entry<dyn Transformer>>,
    pub(crate) classifiers: Vec<&'static Entry<dyn Classifier>>,
    pub(crate) splits: Vec<&'static Entry<dyn Splitter>>,
    pub(crate) metrics: Vec<&'static Metric>,
}

impl Registry {
    /// A registry without anything in it.
    pub fn empty() -> Self {
        Registry::default()
    }

    /// The imputers, in the order of listings.
    pub fn imputers(&self) -> &[&'static Entry<dyn Transformer>] {
        &self.imputers
    }

    /// The imputer named `id`.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn imputer(&self, id: &str) -> Result<&'static Entry<dyn Transformer>> {
        find("imputer", &self.imputers, id, None)
    }

    /// Adds an imputer.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_imputer(&mut self, entry: &'static Entry<dyn Transformer>) -> Result<()> {
        add("imputer", &mut self.imputers, entry)
    }

    /// The resamplers, in the order of listings.
    pub fn resamplers(&self) -> &[&'static Entry<dyn Resampler>] {
        &self.resamplers
    }

    /// The resampler named `id`.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn resampler(&self, id: &str) -> Result<&'static Entry<dyn Resampler>> {
        find("resampler", &self.resamplers, id, None)
    }

    /// Adds a resampler.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_resampler(&mut self, entry: &'static Entry<dyn Resampler>) -> Result<()> {
        add("resampler", &mut self.resamplers, entry)
    }

    /// The encoders, in the order of listings.
    pub fn encoders(&self) -> &[&'static Entry<dyn Transformer>] {
        &self.encoders
    }

    /// The encoder named `id`.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn encoder(&self, id: &str) -> Result<&'static Entry<dyn Transformer>> {
        find("encoder", &self.encoders, id, None)
    }

    /// Adds an encoder.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_encoder(&mut self, entry: &'static Entry<dyn Transformer>) -> Result<()> {
        add("encoder", &mut self.encoders, entry)
    }

    /// The scalers, in the order of listings.
    pub fn scalers(&self) -> &[&'static Entry<dyn Scaler>] {
        &self.scalers
    }

    /// The scaler named `id`.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn scaler(&self, id: &str) -> Result<&'static Entry<dyn Scaler>> {
        find("scaler", &self.scalers, id, None)
    }

    /// Adds a scaler.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_scaler(&mut self, entry: &'static Entry<dyn Scaler>) -> Result<()> {
        add("scaler", &mut self.scalers, entry)
    }

    /// What selects columns, in the order of listings.
    pub fn selects(&self) -> &[&'static Entry<dyn Transformer>] {
        &self.selects
    }

    /// The selection of columns named `id`.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn select(&self, id: &str) -> Result<&'static Entry<dyn Transformer>> {
        find("select", &self.selects, id, None)
    }

    /// Adds a selection of columns.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_select(&mut self, entry: &'static Entry<dyn Transformer>) -> Result<()> {
        add("select", &mut self.selects, entry)
    }

    /// The classifiers, in the order of listings; the first entry of a family is its default backend.
    pub fn classifiers(&self) -> &[&'static Entry<dyn Classifier>] {
        &self.classifiers
    }

    /// The classifier named `id`, by `backend` or by its default one.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn classifier(&self, id: &str, backend: Option<&str>) -> Result<&'static Entry<dyn Classifier>> {
        find("classifier", &self.classifiers, id, backend)
    }

    /// Adds a classifier. A further backend of a family has the family's id and another `backend`.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_classifier(&mut self, entry: &'static Entry<dyn Classifier>) -> Result<()> {
        add("classifier", &mut self.classifiers, entry)
    }

    /// The kinds of splits, in the order of listings.
    pub fn splits(&self) -> &[&'static Entry<dyn Splitter>] {
        &self.splits
    }

    /// The kind of splits named `id`.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn split(&self, id: &str) -> Result<&'static Entry<dyn Splitter>> {
        find("protocol.kind", &self.splits, id, None)
    }

    /// Adds a kind of splits.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_split(&mut self, entry: &'static Entry<dyn Splitter>) -> Result<()> {
        add("split", &mut self.splits, entry)
    }

    /// The metrics, in the order of listings.
    pub fn metrics(&self) -> &[&'static Metric] {
        &self.metrics
    }

    /// The metric named `id`, with its number in brackets if it takes one: `recall-at-fpr(0.05)`.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown name, with the nearest one.
    pub fn metric(&self, id: &str) -> Result<&'static Metric> {
        let (name, number) = argument::parts(id);
        match self.metrics.iter().find(|metric| metric.id == name) {
            Some(metric) => metric.with(number),
            None => {
                let ids: Vec<&str> = self.metrics.iter().map(|metric| metric.id).collect();
                Err(Error::Study(unknown("metric", id, &ids)))
            }
        }
    }

    /// The metrics that read no column with a role, so that any data have them: those of a study that names none.
    pub fn metrics_of_any_data(&self) -> impl Iterator<Item = &'static Metric> {
        self.metrics.iter().copied().filter(|metric| metric.by_default && metric.is_of_any_data())
    }

    /// Adds a metric.
    ///
    /// # Errors
    /// [`Error::Study`] when the name is taken or is none.
    pub fn add_metric(&mut self, metric: &'static Metric) -> Result<()> {
        check_name("metric", metric.id)?;
        if self.metrics.iter().any(|other| other.id == metric.id) {
            return Err(taken("metric", metric.id));
        }
        self.metrics.push(metric);
        Ok(())
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn ids<T: ?Sized>(list: &[&'static Entry<T>]) -> Vec<&'static str> {
            list.iter().map(|entry| entry.id).collect()
        }
        f.debug_struct("Registry")
            .field("imputers", &ids(&self.imputers))
            .field("resamplers", &ids(&self.resamplers))
            .field("encoders", &ids(&self.encoders))
            .field("scalers", &ids(&self.scalers))
            .field("selects", &ids(&self.selects))
            .field("classifiers", &ids(&self.classifiers))
            .field("splits", &ids(&self.splits))
            .field("metrics", &self.metrics.iter().map(|metric| metric.id).collect::<Vec<_>>())
            .finish()
    }
}

fn add<T: ?Sized>(kind: &str, list: &mut Vec<&'static Entry<T>>, entry: &'static Entry<T>) -> Result<()> {
    check_name(kind, entry.id)?;
    if list.iter().any(|other| (other.id, other.backend) == (entry.id, entry.backend)) {
        return Err(taken(kind, entry.id));
    }
    list.push(entry);
    Ok(())
}

/// Names stand in studies, file names and reports.
fn check_name(kind: &str, id: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    match id.starts_with(|c: char| c.is_ascii_alphanumeric()) && id.chars().all(fits) {
        true => Ok(()),
        false => Err(Error::Study(format!("{kind}: `{id}` must be kebab-case (a-z, 0-9, - and .)"))),
    }
}

fn taken(kind: &str, id: &str) -> Error {
    Error::Study(format!("{kind}: there is `{id}` already: give yours another id"))
}

/// The parameter of a built-in family as records have it, or why it is refused.
#[cfg(test)]
pub(super) fn built(family: &str, table: &str, name: &str) -> Result<serde_json::Value, String> {
    let registry = Registry::built_in();
    let entry = registry.classifier(family, None).map_err(|e| e.to_string())?;
    let table = table.parse().map_err(|e: toml::de::Error| e.to_string())?;
    entry.build(&table, &registry).map(|built| built.params[name].clone()).map_err(|e| e.to_string())
}
