//! The leakage audit: what each leak is worth on any data ([`study`]), and what the data and the splits show before
//! anything is fitted ([`inspect`]).
//!
//! An audit is an ordinary study whose protocol has leaky variants; it is run, recorded, resumed and reported like any other.

mod deciding;
mod features;
mod finding;
mod groups;
mod ids;
mod inspect;
mod near;
mod order;
mod periods;
#[cfg(test)]
mod planted;
mod same;
mod sizes;
#[cfg(test)]
mod unlooked;
mod unseen;

use std::path::Path;

use toml::{Table, Value};

use crate::analyze::ladder::FIRST;
use crate::cell::CellId;
use crate::error::{Error, Result};
use crate::split::{Leak, Leaks};
use crate::study::{Component, Study, leaks_value};

pub(crate) use finding::checks;
pub use finding::{Finding, Judgement};
pub use inspect::{inspect, separating};

/// Splits with other seeds unless the command line says otherwise.
pub const SEEDS: u32 = 10;

/// The audit of `original`: its protocol repeated `seeds` times (where a seed decides about its rows, else as it is), without
/// duplicates, honest and under each leak that acts through anything the study has; with the protocols that the study names
/// itself, where it names any. Metrics that a ladder shows first are added.
///
/// # Errors
/// [`Error::Study`] for a protocol of a single split that no seed decides about, or what [`Study::parse`] refuses.
pub fn study(original: &Study, seeds: u32) -> Result<Study> {
    let is_drawn = original.protocol.reseeded(1).is_some();
    if !is_drawn && original.protocol.numbers().len() < 2 {
        return Err(Error::Study(format!(
            "{}: an audit needs several splits, and `{}` makes one that no seed decides about: use a kind that draws its rows, \
             such as `hold-out`, or one with folds in time, such as `time-series` or `prequential`; `--inspect` works with any \
             protocol",
            original.file,
            original.protocol.name()
        )));
    }
    let unreadable = |e: String| Error::Study(format!("{}: {e}", original.file));
    let mut table: Table = original.text.parse().map_err(|e: toml::de::Error| unreadable(e.to_string()))?;
    table.insert("name".into(), Value::String(format!("{}-audit", original.name.trim_end_matches("-audit"))));
    if let Some(Value::Table(protocol)) = table.get_mut("protocol") {
        // Where no seed decides about rows, the protocol's own folds are the splits.
        if is_drawn {
            protocol.insert("repeats".into(), Value::Integer(i64::from(seeds)));
        }
        protocol.insert("leaks".into(), leaks_value(&steps(original)));
    }
    if let Some(Value::Table(grid)) = table.get_mut("grid") {
        grid.insert("dedup".into(), Value::Boolean(true));
    }
    if let Some(Value::Array(metrics)) = table.get_mut("metrics") {
        let missing = FIRST.iter().filter(|m| !original.metrics.iter().any(|known| known.id == **m));
        metrics.extend(missing.map(|m| Value::String((*m).to_owned())));
    }
    let text = toml::to_string(&table).map_err(|e| unreadable(e.to_string()))?;
    let text = format!("# Made by `fraudbench audit`.\n{text}");
    let folder = Path::new(&original.file).parent().unwrap_or(Path::new("."));
    Study::parse(&text, &original.file, folder, &original.registry)
}

fn steps(original: &Study) -> Vec<Leaks> {
    let own: Vec<Leaks> = original.leaks.iter().copied().filter(|leaks| !leaks.is_empty()).collect();
    match own.is_empty() {
        true => {
            let acts = |leak: &Leak| why_not(*leak, original).is_none();
            Leaks::ladder(&Leak::ALL.into_iter().filter(acts).collect::<Vec<Leak>>())
        }
        false => std::iter::once(Leaks::NONE).chain(own).collect(),
    }
}

/// Why a leak is no step of a study's audit, one sentence; none where it is one.
pub(crate) fn why_not(leak: Leak, study: &Study) -> Option<String> {
    if let Some(said) = Leaks::of(&[leak]).refused_by(&study.protocol) {
        return Some(said);
    }
    let by_day = study.metrics.iter().find(|metric| metric.whole_days);
    match by_day.filter(|_| Leaks::of(&[leak]).divide_at_random()) {
        Some(metric) => Some(format!(
            "the metric `{}` counts by the day, and this leak spreads a day's rows over the parts",
            metric.id
        )),
        None => study.lacks_for(leak).map(str::to_owned),
    }
}

/// Whether a leak may act in the pipeline of a cell of this study: some act through one of its steps.
pub(crate) fn acts_in(leak: Leak, study: &Study, cell: &CellId) -> bool {
    let has_step = match leak {
        Leak::ScalerOnAllRows => is_step(&study.scalers, &cell.scaler),
        Leak::ResampleBeforeSplit => is_step(&study.resamplers, &cell.resampler),
        Leak::SelectOnAllRows => is_step(&study.selects, &cell.select),
        _ => true,
    };
    has_step && study.lacks_for(leak).is_none()
}

/// Whether the component of that name does something; one that is not known may.
fn is_step<T: ?Sized>(components: &[Component<T>], name: &str) -> bool {
    components.iter().find(|component| component.name == name).is_none_or(|component| !component.facts.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    const STUDY: &str = "name = 'x'\nseed = 3\nmetrics = ['mcc', 'pr-auc']\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n\
                         [grid]\nresamplers = ['tomek-links']\nscalers = ['standard']\nclassifiers = ['prior']\n";

    #[test]
    fn an_audit_repeats_the_split_without_duplicates_and_with_every_leak() {
        let original = Study::parse(STUDY, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let audit = study(&original, 4).unwrap();
        assert_eq!((audit.name.as_str(), audit.seed, audit.dedup.as_slice()), ("x-audit", 3, &[true][..]));
        let common = [&Leak::COMMON[..], &[Leak::JudgedOnTrainingRows]].concat();
        assert_eq!(audit.leaks, Leaks::ladder(&common));
        assert_eq!(audit.protocol.numbers(), [(0, 0), (1, 0), (2, 0), (3, 0)]);
        let metrics: Vec<&str> = audit.metrics.iter().map(|metric| metric.id).collect();
        assert_eq!(metrics, ["mcc", "pr-auc", "recall", "f1"]);
        // An audit of the audit is the same one.
        assert_eq!(study(&audit, 4).unwrap().text, audit.text);
    }

    #[test]
    fn what_no_pipeline_has_is_no_step() {
        let of = |without: &[&str]| {
            let text = without.iter().fold(STUDY.to_owned(), |text, line| text.replace(line, ""));
            let original = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
            study(&original, 2).unwrap().leaks
        };
        let (scalers, resamplers) = ("scalers = ['standard']\n", "resamplers = ['tomek-links']\n");
        let others = [Leak::DuplicatesAcrossSplit, Leak::TrainedOnAnotherSplit, Leak::JudgedOnTrainingRows];
        assert_eq!(of(&[scalers, resamplers]), Leaks::ladder(&others));
        assert_eq!(of(&[scalers]), Leaks::ladder(&[&[Leak::ResampleBeforeSplit], &others[..]].concat()));
        assert_eq!(of(&[resamplers]), Leaks::ladder(&[&[Leak::ScalerOnAllRows], &others[..]].concat()));
    }

    #[test]
    fn a_study_can_name_the_steps_itself() {
        let text = STUDY.replace("kind = 'hold-out'", "kind = 'hold-out'\nleaks = ['scaler-on-all-rows']");
        let text = text.replace("[grid]", "[grid]\ndedup = true");
        let original = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let steps: Vec<String> = study(&original, 2).unwrap().leaks.iter().map(Leaks::to_string).collect();
        assert_eq!(steps, ["honest", "scaler-on-all-rows"]);
    }

    #[test]
    fn a_split_without_a_seed_is_refused() {
        let text = STUDY.replace("kind = 'hold-out'", "kind = 'time-ordered'\ncolumn = 'Time'");
        let original = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let said = study(&original, 2).err().unwrap().to_string();
        assert!(said.contains("`time-ordered`") && said.contains("--inspect"), "{said}");
    }

    #[test]
    fn a_split_in_time_keeps_its_folds_and_has_the_leaks_that_act_through_what_is_there() {
        let text = "name = 'x'\nmetrics = ['pr-auc']\n[data]\nsimulate = { kind = 'handbook' }\nfeatures = 'handbook'\n[protocol]\n\
                    kind = 'prequential'\n[grid]\nresamplers = ['random-undersampling']\nscalers = ['standard']\nclassifiers = ['decision-tree']\n";
        let parsed = |text: &str| Study::parse(text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let steps = |text: &str| -> Vec<String> {
            study(&parsed(text), 10).unwrap().leaks.iter().map(Leaks::to_string).collect()
        };
        assert_eq!(study(&parsed(text), 10).unwrap().protocol.numbers().len(), 4);
        let expected = [
            "honest",
            "scaler-on-all-rows",
            "resample-before-split",
            "judged-on-training-rows",
            "no-label-delay",
            "features-from-the-future",
            "random-instead-of-time",
            "scaler-on-all-rows+resample-before-split+no-label-delay+features-from-the-future+random-instead-of-time",
        ];
        assert_eq!(steps(text), expected);
        // A metric by the day cannot be told where days are spread, and no card's features look at labels without windows.
        let by_day = text.replace("['pr-auc']", "['pr-auc', 'card-precision-at(100)']");
        assert!(!steps(&by_day).contains(&"random-instead-of-time".to_owned()));
        let plain = text.replace("features = 'handbook'\n", "");
        assert!(!steps(&plain).iter().any(|step| step.contains("delay") || step.contains("future")));
        let groups = plain.replace("'prequential'", "'group-k-fold'").replace("[grid]", "shuffle = true\n[grid]");
        assert!(steps(&groups).contains(&"groups-across-split".to_owned()));
        let tuned = plain.replace("['decision-tree']", "[{ family = 'decision-tree', threshold = 'max-f1' }]");
        let tuned = tuned.replace("[grid]", "[grid]\nencoders = ['target']\nselects = ['pca']");
        for step in ["chosen-on-test-rows", "encoder-on-all-rows", "select-on-all-rows"] {
            assert!(steps(&tuned).contains(&step.to_owned()), "{step}: {:?}", steps(&tuned));
        }
        // Asked for by name, what would change nothing is refused.
        let asked = plain.replace("[grid]", "leaks = ['no-label-delay']\n[grid]\ndedup = true");
        let said = Study::parse(&asked, "x.toml", Path::new("."), &Registry::built_in()).err().unwrap().to_string();
        assert!(said.contains("`no-label-delay` would change nothing: no feature is made of labels"), "{said}");
    }
}
