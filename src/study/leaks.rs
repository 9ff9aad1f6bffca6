//! `leaks = [...]` of a study's `[protocol]`: leaky variants of the protocol, under their names.

use toml::{Table, Value};

use super::read::Faults;
use super::{Component, Study};
use crate::error::{Error, Result};
use crate::features::FeatureSpec;
use crate::split::{Leak, Leaks, Protocol};

/// The key in `[protocol]`, whatever its kind.
pub(super) const KEY: &str = "leaks";

/// Reads the variants of a protocol; the honest one alone where the study says nothing. All that is wrong with them is told at once.
pub(super) fn read(table: &Table, protocol: &Protocol, dedup: &[bool]) -> Result<Vec<Leaks>> {
    let Some(value) = table.get(KEY) else { return Ok(vec![Leaks::NONE]) };
    let mut faults = Faults::default();
    let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
        return Err(Error::Study(format!("protocol.{KEY}: {value} must be a list of names, each at most once")));
    };
    // Each with the text that names it: names in another order are the same variant.
    let mut variants: Vec<(Leaks, &str)> = Vec::with_capacity(items.len());
    for item in items {
        let Some(text) = item.as_str() else {
            faults.once(told(&format!("{item} must be a name")));
            continue;
        };
        let Some(leaks) = faults.without(&format!("protocol.{KEY}"), Leaks::parse(text)) else { continue };
        match variants.iter().find(|(known, _)| *known == leaks) {
            Some((_, first)) => faults.once(twice(text, first)),
            None => variants.push((leaks, text)),
        }
    }
    let variants: Vec<Leaks> = variants.into_iter().map(|(leaks, _)| leaks).collect();
    if variants.iter().any(|leaks| !leaks.is_empty()) && dedup.contains(&false) {
        faults.once(told("goes with `dedup = true` in [grid]: else equal rows may train and test under no name"));
    }
    variants.iter().flat_map(|leaks| leaks.all_refused_by(protocol)).for_each(|said| faults.once(told(&said)));
    faults.or(variants)
}

fn told(said: &str) -> String {
    format!("protocol.{KEY}: {said}")
}

fn twice(text: &str, first: &str) -> String {
    let same = if text == first { String::new() } else { format!(", as `{first}` is the same") };
    told(&format!("`{text}` is listed twice{same}: write each at most once"))
}

impl Study {
    /// Why a leak would change nothing in this study, so far as it can be told without the data; none where it may.
    pub(crate) fn lacks_for(&self, leak: Leak) -> Option<&'static str> {
        let windows =
            |look: fn(&FeatureSpec) -> FeatureSpec| self.data.iter().any(|spec| look(&spec.features) != spec.features);
        match leak {
            Leak::ScalerOnAllRows => {
                all_none(&self.scalers).then_some("nothing scales, as [grid] has no `scalers` but `none`")
            }
            Leak::ResampleBeforeSplit => {
                all_none(&self.resamplers).then_some("nothing resamples, as [grid] has no `resamplers` but `none`")
            }
            Leak::DuplicatesAcrossSplit
            | Leak::TrainedOnAnotherSplit
            | Leak::JudgedOnTrainingRows
            | Leak::GroupsAcrossSplit
            | Leak::RandomInsteadOfTime => None,
            Leak::SelectOnAllRows => {
                all_none(&self.selects).then_some("nothing selects columns: no `selects` in [grid]")
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

    /// # Errors
    /// [`Error::Study`] where leaks are asked for that act through what the study does not have, all of them at once.
    pub(super) fn check_leaks(&self) -> Result<()> {
        let asked = self.leaks.iter().flat_map(|leaks| leaks.list());
        let needs_more = asked.filter(|leak| leak.is_of_columns() || *leak == Leak::ChosenOnTestRows);
        let idle = needs_more.filter_map(|leak| Some((leak, self.lacks_for(leak)?)));
        let mut faults = Faults::default();
        idle.for_each(|(leak, said)| faults.once(told(&format!("`{}` would change nothing: {said}", leak.name()))));
        faults.or(())
    }
}

/// Whether components of one axis change nothing.
fn all_none<T: ?Sized>(components: &[Component<T>]) -> bool {
    components.iter().all(|component| component.facts.is_none())
}

/// A list of variants as a study has it.
pub(crate) fn value(variants: &[Leaks]) -> Value {
    Value::Array(variants.iter().map(|leaks| Value::String(leaks.to_string())).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::Registry;

    /// What a study is told whose protocol has these lines.
    fn said(protocol: &str, dedup: &str) -> Vec<String> {
        let text = format!(
            "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\n{protocol}\n[grid]\ndedup = {dedup}\nclassifiers = ['decision-tree']\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in());
        study.err().unwrap().to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn all_that_is_wrong_with_leaks_is_told_at_once() {
        let names = "kind = 'hold-out'\nleaks = ['scaler-on-allrows', 'encoder-on-all-row', 3, 'honest']";
        let told = said(names, "true");
        assert_eq!(told[0], "x.toml: 3 problems:", "{told:?}");
        for (line, wanted) in told[1..].iter().zip([
            "  protocol.leaks: unknown leak `scaler-on-allrows`; did you mean `scaler-on-all-rows`?",
            "  protocol.leaks: unknown leak `encoder-on-all-row`; did you mean `encoder-on-all-rows`?",
            "  protocol.leaks: 3 must be a name",
        ]) {
            assert!(line.starts_with(wanted), "{wanted}: {told:?}");
        }
        let refused = "kind = 'stratified-k-fold'\nleaks = ['random-instead-of-time', 'groups-across-split', 'random-instead-of-time+groups-across-split']";
        let needs = |leak: &str, what: &str| {
            format!("  protocol.leaks: `{leak}` needs a protocol {what}, which `stratified-k-fold` is not")
        };
        assert_eq!(
            said(refused, "[false, true]"),
            [
                "x.toml: 3 problems:".to_owned(),
                "  protocol.leaks: goes with `dedup = true` in [grid]: else equal rows may train and test under no name".into(),
                needs("random-instead-of-time", "in time, such as `time-series` or `prequential`"),
                needs("groups-across-split", "that keeps groups apart, such as `group-k-fold`"),
            ]
        );
    }

    #[test]
    fn a_variant_that_is_listed_twice_is_named() {
        let twice = "kind = 'hold-out'\nleaks = ['scaler-on-all-rows', 'scaler-on-all-rows', 'scaler-on-all-rows', 'honest', \
                     'encoder-on-all-rows+resample-before-split', 'resample-before-split+encoder-on-all-rows']";
        assert_eq!(
            said(twice, "true"),
            [
                "x.toml: 2 problems:",
                "  protocol.leaks: `scaler-on-all-rows` is listed twice: write each at most once",
                "  protocol.leaks: `resample-before-split+encoder-on-all-rows` is listed twice, as \
                 `encoder-on-all-rows+resample-before-split` is the same: write each at most once",
            ]
        );
    }

    #[test]
    fn all_leaks_that_would_change_nothing_are_told_at_once() {
        let idle = "kind = 'hold-out'\nleaks = ['no-label-delay', 'chosen-on-test-rows', 'features-from-the-future']";
        assert_eq!(
            said(idle, "true"),
            [
                "x.toml: 3 problems:",
                "  protocol.leaks: `no-label-delay` would change nothing: no feature is made of labels: no `fraud-share` in [data]",
                "  protocol.leaks: `chosen-on-test-rows` would change nothing: no classifier searches, tunes a threshold or is calibrated",
                "  protocol.leaks: `features-from-the-future` would change nothing: no window ends with its row: none in [data]",
            ]
        );
    }
}
