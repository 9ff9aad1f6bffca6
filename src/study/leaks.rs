//! `leaks = [...]` of a study's `[protocol]`: leaky variants of the protocol, under their names.

use toml::{Table, Value};

use super::Study;
use crate::error::{Error, Result};
use crate::features::FeatureSpec;
use crate::split::{Leak, Leaks, Protocol};

/// The key in `[protocol]`, whatever its kind.
pub(super) const KEY: &str = "leaks";

/// Reads the variants of a protocol; the honest one alone where the study says nothing.
pub(super) fn read(table: &Table, protocol: &Protocol, dedup: &[bool]) -> Result<Vec<Leaks>> {
    let Some(value) = table.get(KEY) else { return Ok(vec![Leaks::NONE]) };
    let fault = || Error::Study(format!("protocol.{KEY}: {value} must be a list of names, each at most once"));
    let items = value.as_array().filter(|items| !items.is_empty()).ok_or_else(fault)?;
    let mut variants = Vec::with_capacity(items.len());
    for item in items {
        let text = item.as_str().ok_or_else(fault)?;
        let leaks = Leaks::parse(text).map_err(|e| Error::Study(format!("protocol.{KEY}: {e}")))?;
        if variants.contains(&leaks) {
            return Err(fault());
        }
        variants.push(leaks);
    }
    if variants.iter().any(|leaks| !leaks.is_empty()) && dedup.contains(&false) {
        return Err(Error::Study(format!(
            "protocol.{KEY}: goes with `dedup = true` in [grid]: else equal rows may train and test under no name"
        )));
    }
    match variants.iter().find_map(|leaks| leaks.refused_by(protocol)) {
        Some(said) => Err(Error::Study(format!("protocol.{KEY}: {said}"))),
        None => Ok(variants),
    }
}

impl Study {
    /// Why a leak would change nothing in this study, so far as it can be told without the data; none where it may.
    pub(crate) fn lacks_for(&self, leak: Leak) -> Option<&'static str> {
        let windows =
            |look: fn(&FeatureSpec) -> FeatureSpec| self.data.iter().any(|spec| look(&spec.features) != spec.features);
        match leak {
            Leak::ScalerOnAllRows
            | Leak::ResampleBeforeSplit
            | Leak::DuplicatesAcrossSplit
            | Leak::TrainedOnAnotherSplit
            | Leak::JudgedOnTrainingRows
            | Leak::GroupsAcrossSplit
            | Leak::RandomInsteadOfTime => None,
            Leak::SelectOnAllRows => {
                let selects = self.selects.iter().any(|select| !select.facts.is_none());
                (!selects).then_some("nothing selects columns: no `selects` in [grid]")
            }
            Leak::EncoderOnAllRows => {
                let encodes = self.encoders.iter().any(|encoder| encoder.facts.id != "native");
                let categories = self.data.iter().any(|spec| !spec.options.categorical.is_empty());
                let said = "no encoder but `native` stands in [grid], and no column is called `categorical`";
                (!encodes && !categories).then_some(said)
            }
            Leak::NoLabelDelay => (!windows(FeatureSpec::labels_at_once))
                .then_some("no feature is made of labels: no `fraud-share` in [data]"),
            Leak::FeaturesFromTheFuture => {
                (!windows(FeatureSpec::looking_ahead)).then_some("no window ends with its row: none in [data]")
            }
            Leak::ChosenOnTestRows => {
                let chooses = self.classifiers.iter().any(|classifier| classifier.component.uses_raw_rows());
                (!chooses).then_some("no classifier searches, tunes a threshold or is calibrated")
            }
        }
    }

    /// Why a leak that every audit has changes nothing in this study; none where it may.
    pub(crate) fn idle_for(&self, leak: Leak) -> Option<&'static str> {
        match leak {
            Leak::ScalerOnAllRows if self.scalers.iter().all(|scaler| scaler.facts.is_none()) => {
                Some("nothing scales, as [grid] has no `scalers` but `none`")
            }
            Leak::ResampleBeforeSplit if self.resamplers.iter().all(|resampler| resampler.facts.is_none()) => {
                Some("nothing resamples, as [grid] has no `resamplers` but `none`")
            }
            _ => None,
        }
    }

    /// # Errors
    /// [`Error::Study`] where a leak is asked for that acts through what the study does not have.
    pub(super) fn check_leaks(&self) -> Result<()> {
        let asked = self.leaks.iter().flat_map(|leaks| leaks.list());
        let needs_more = asked.filter(|leak| leak.is_of_columns() || *leak == Leak::ChosenOnTestRows);
        match needs_more.into_iter().find_map(|leak| Some((leak, self.lacks_for(leak)?))) {
            Some((leak, said)) => {
                Err(Error::Study(format!("protocol.{KEY}: `{}` would change nothing: {said}", leak.name())))
            }
            None => Ok(()),
        }
    }
}

/// A list of variants as a study has it.
pub(crate) fn value(variants: &[Leaks]) -> Value {
    Value::Array(variants.iter().map(|leaks| Value::String(leaks.to_string())).collect())
}
