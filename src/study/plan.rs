//! The plan: every cell of a study, in the order in which work is shared best, and what identifies a cell.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Filter, Study};
use crate::error::{Error, Result, unknown};
use crate::seed::{Purpose, derive};
use crate::split::Leaks;
use crate::store::CellId;

/// What a record's key is made of, as a number: another makes all records invalid for `--resume`.
const KEY: u32 = 2;

/// One cell: indices into the study's components, and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What its protocol leaks; nothing in the honest one.
    pub leaks: Leaks,
    /// Index into the protocol's splits.
    pub split: usize,
    /// Index into the study's resamplers.
    pub resampler: usize,
    /// Index into the study's scalers.
    pub scaler: usize,
    /// Index into the study's classifiers.
    pub classifier: usize,
    /// Its name.
    pub id: CellId,
}

/// All cells, ordered by dataset variant, leaks, split, resampler, scaler, classifier: cells that share work are neighbours.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The cells.
    pub cells: Vec<Cell>,
}

impl Plan {
    /// Unfolds a study, keeping the cells that `filter` takes.
    ///
    /// # Errors
    /// [`Error::Usage`] when the filter names a value that no cell has, or takes no cell.
    pub fn of(study: &Study, filter: &Filter) -> Result<Self> {
        let mut all = Vec::new();
        let variants = study.dedup.iter().flat_map(|dedup| study.leaks.iter().map(|leaks| (*dedup, *leaks)));
        for (dedup, leaks) in variants {
            for (split, (repeat, fold)) in study.protocol.numbers().into_iter().enumerate() {
                for (resampler, resampling) in study.resamplers.iter().enumerate() {
                    for (scaler, scaling) in study.scalers.iter().enumerate() {
                        for (classifier, classifying) in study.classifiers.iter().enumerate() {
                            let id = CellId {
                                protocol: leaks.protocol(study.protocol.name()),
                                dedup,
                                resampler: resampling.name.clone(),
                                scaler: scaling.name.clone(),
                                classifier: classifying.name.clone(),
                                repeat,
                                fold,
                            };
                            all.push(Cell { leaks, split, resampler, scaler, classifier, id });
                        }
                    }
                }
            }
        }
        let facts = |cell: &Cell| &study.classifiers[cell.classifier].facts;
        for (key, values) in filter.conditions() {
            let known: BTreeSet<String> =
                all.iter().map(|c| Filter::value(key, &c.id, &facts(c).id, &facts(c).backend)).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            if let Some(value) = values.iter().find(|v| !known.contains(&v.as_str())) {
                return Err(Error::Usage(format!("--filter: {}", unknown(&format!("value of {key}"), value, &known))));
            }
        }
        let cells: Vec<Cell> =
            all.into_iter().filter(|c| filter.takes(&c.id, &facts(c).id, &facts(c).backend)).collect();
        match cells.is_empty() {
            true => Err(Error::Usage(format!("--filter {} takes no cell of the study", filter.text()))),
            false => Ok(Plan { cells }),
        }
    }

    /// The number of pipelines, which are cells without regard to their split, and beside them those of the baseline
    /// `prior`, which looks at no feature and is no contender.
    pub fn pipelines(&self, study: &Study) -> (usize, usize) {
        let count = |baseline: bool| {
            let of = |c: &&Cell| (study.classifiers[c.classifier].facts.id == "prior") == baseline;
            self.cells.iter().filter(of).map(|c| c.id.pipeline()).collect::<BTreeSet<_>>().len()
        };
        (count(false), count(true))
    }
}

impl Cell {
    /// The record's key: SHA-256, first 32 hex digits, over everything that could change what the cell's model says. Metrics
    /// are no part of it: they are computed from what it said, and another list of them invalidates nothing.
    pub fn key(&self, study: &Study, data_sha256: &str) -> String {
        let mut whole = json!({
            "format": KEY,
            "data": [data_sha256, study.data.label, study.data.positive, study.data.drop, study.data.impute],
            "dedup": self.id.dedup,
            "protocol": study.protocol,
            "split": [self.id.repeat, self.id.fold],
            "seed": study.seed,
            "resampler": study.resamplers[self.resampler].facts,
            "scaler": study.scalers[self.scaler].facts,
            "classifier": study.classifiers[self.classifier].facts,
        });
        // Only where there is one, so that the keys of honest cells are what they were before leaks had names.
        if !self.leaks.is_empty() {
            whole["leaks"] = json!(self.leaks.to_string());
        }
        let digest = Sha256::digest(whole.to_string().as_bytes());
        digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The classifier's seed. It leaves resampler and scaler out: pipelines that differ in these alone are compared with
    /// the same draws, and equal inputs give equal models.
    pub fn classifier_seed(&self, study: &Study) -> u64 {
        let facts = &study.classifiers[self.classifier].facts;
        let key = format!("{}|{}|{}|{}|{}", facts.id, facts.backend, facts.params, self.id.repeat, self.id.fold);
        derive(study.seed, Purpose::Classify, &key)
    }

    /// The resampler's seed; every scaler and classifier after it sees the same rows.
    pub fn resampler_seed(&self, study: &Study) -> u64 {
        let facts = &study.resamplers[self.resampler].facts;
        let key = format!("{}|{}|{}|{}|{}", facts.id, facts.params, self.id.dedup, self.id.repeat, self.id.fold);
        derive(study.seed, Purpose::Resample, &key)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn cells(protocol: &str) -> (Study, Vec<Cell>) {
        let text = format!(
            "name = 'x'\nseed = 7\nmetrics = ['pr-auc']\n[data]\npath = 'x.csv'\n[protocol]\n{protocol}\n[grid]\ndedup = true\n\
             classifiers = ['prior']\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new(".")).unwrap();
        let plan = Plan::of(&study, &Filter::default()).unwrap();
        (study, plan.cells)
    }

    #[test]
    fn honest_keys_stay_and_are_those_without_named_leaks() {
        for (protocol, key) in [
            ("kind = 'hold-out'\ntest = 0.3", "72894b805a9385cb8c13372ad53a3534"),
            ("kind = 'stratified-k-fold'\nfolds = 3", "bee2c258af47145cce19efbfc30bca66"),
        ] {
            let (study, cells) = cells(protocol);
            assert_eq!(cells[0].key(&study, "data"), key);
            let (named, first) = self::cells(&format!("{protocol}\nleaks = ['honest']"));
            assert_eq!(first[0].key(&named, "data"), key);
        }
    }

    #[test]
    fn keys_of_boosting_are_those_of_the_results_that_were_made_before_it_could_stop_early() {
        // In `results/families-10-fold`.
        let data = "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89";
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/families-10-fold.toml");
        let study = Study::read(&file).unwrap();
        let key = |study: &Study, family: &str| {
            let filter = Filter::default();
            let plan = Plan::of(study, &filter).unwrap();
            let is_first = |cell: &&Cell| cell.id.classifier == family && cell.id.scaler == "none";
            plan.cells.iter().find(is_first).unwrap().key(study, data)
        };
        assert_eq!(key(&study, "xgboost"), "503cd5304b9bc24317e0f29ba3f57fd3");
        assert_eq!(key(&study, "lightgbm"), "e62ab8c3c3b5e7d83b2678846ab92d70");
        let text =
            study.text.replace("\"xgboost\"", "{ family = \"xgboost\", params = { early_stopping_rounds = 5 } }");
        let stops = Study::parse(&text, "x.toml", Path::new(".")).unwrap();
        assert_ne!(key(&stops, "xgboost"), key(&study, "xgboost"));
    }

    #[test]
    fn metrics_are_no_part_of_a_key() {
        let (study, first) = cells("kind = 'hold-out'");
        let more = study.text.replace("['pr-auc']", "['pr-auc', 'recall']");
        assert_ne!(more, study.text);
        let other = Study::parse(&more, "x.toml", Path::new(".")).unwrap();
        assert_eq!(first[0].key(&other, "data"), first[0].key(&study, "data"));
    }

    #[test]
    fn every_protocol_has_keys_of_its_own() {
        let names =
            crate::split::Leaks::ladder().iter().map(|leaks| format!("'{leaks}'")).collect::<Vec<_>>().join(", ");
        let (study, cells) = cells(&format!("kind = 'hold-out'\nrepeats = 2\nleaks = [{names}]"));
        let keys: BTreeSet<String> = cells.iter().map(|cell| cell.key(&study, "data")).collect();
        assert_eq!((cells.len(), keys.len()), (12, 12));
    }
}
