//! The leakage audit: what each leak is worth on any data ([`study`]), and what the data and the splits show before
//! anything is fitted ([`inspect`]).
//!
//! An audit is an ordinary study whose protocol has leaky variants; it is run, recorded, resumed and reported like any other.

mod features;
mod finding;
mod groups;
mod inspect;
mod near;
mod order;
#[cfg(test)]
mod planted;
mod same;
mod sizes;

use std::path::Path;

use toml::{Table, Value};

use crate::analyze::ladder::FIRST;
use crate::error::{Error, Result};
use crate::split::Leaks;
use crate::study::{Study, leaks_value};

pub use finding::{Finding, Judgement};
pub use inspect::inspect;

/// Splits with other seeds unless the command line says otherwise.
pub const SEEDS: u32 = 10;

/// The audit of `original`: its protocol repeated `seeds` times, without duplicates, honest and under each leak; with the
/// protocols that the study names itself, where it names any. Metrics that a ladder shows first are added.
///
/// # Errors
/// [`Error::Study`] for a protocol that no seed decides about, or what [`Study::parse`] refuses.
pub fn study(original: &Study, seeds: u32) -> Result<Study> {
    if original.protocol.reseeded(1).is_none() {
        return Err(Error::Study(format!(
            "{}: an audit repeats the split with other seeds, and none decides about `{}`: use a kind that draws its rows, such \
             as `hold-out`, or `shuffle = true` where there is that key; `--inspect` works with any protocol",
            original.file,
            original.protocol.name()
        )));
    }
    let unreadable = |e: String| Error::Study(format!("{}: {e}", original.file));
    let mut table: Table = original.text.parse().map_err(|e: toml::de::Error| unreadable(e.to_string()))?;
    table.insert("name".into(), Value::String(format!("{}-audit", original.name.trim_end_matches("-audit"))));
    if let Some(Value::Table(protocol)) = table.get_mut("protocol") {
        protocol.insert("repeats".into(), Value::Integer(i64::from(seeds)));
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
        // What cannot be told of a protocol's splits is no step of its ladder.
        true => {
            let selects = original.selects.iter().any(|select| !select.facts.is_none());
            Leaks::ladder(selects).into_iter().filter(|l| l.refused_by(&original.protocol).is_none()).collect()
        }
        false => std::iter::once(Leaks::NONE).chain(own).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    const STUDY: &str = "name = 'x'\nseed = 3\nmetrics = ['mcc', 'pr-auc']\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n\
                         [grid]\nclassifiers = ['prior']\n";

    #[test]
    fn an_audit_repeats_the_split_without_duplicates_and_with_every_leak() {
        let original = Study::parse(STUDY, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let audit = study(&original, 4).unwrap();
        assert_eq!((audit.name.as_str(), audit.seed, audit.dedup.as_slice()), ("x-audit", 3, &[true][..]));
        assert_eq!(audit.leaks, Leaks::ladder(false));
        assert_eq!(audit.protocol.numbers(), [(0, 0), (1, 0), (2, 0), (3, 0)]);
        let metrics: Vec<&str> = audit.metrics.iter().map(|metric| metric.id).collect();
        assert_eq!(metrics, ["mcc", "pr-auc", "recall", "f1"]);
        // An audit of the audit is the same one.
        assert_eq!(study(&audit, 4).unwrap().text, audit.text);
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
}
