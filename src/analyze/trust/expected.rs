//! What the plan says of each cell, and whether a record says the same.

use std::collections::HashMap;

use super::Doubt;
use crate::cell::{Cell, CellId, Plan};
use crate::component::ComponentFacts;
use crate::data::TableFacts;
use crate::external::packages;
use crate::metric::{Confusion, Score};
use crate::split::Leaks;
use crate::store::{Outcome, Record, is_key};
use crate::study::Study;

/// What the plan says of each cell.
pub(super) struct Expected<'p> {
    pub(super) study: &'p Study,
    pub(super) data: &'p [TableFacts],
    pub(super) cells: HashMap<&'p CellId, (&'p Cell, String)>,
    keys: HashMap<String, &'p CellId>,
}

impl<'p> Expected<'p> {
    pub(super) fn of(study: &'p Study, plan: &'p Plan, data: &'p [TableFacts]) -> Self {
        let keyed: Vec<(&Cell, String)> = plan.cells.iter().map(|c| (c, c.key(study, &data[c.data].digests))).collect();
        let keys = keyed.iter().map(|(cell, key)| (key.clone(), &cell.id)).collect();
        let cells = keyed.into_iter().map(|(cell, key)| (&cell.id, (cell, key))).collect();
        Expected { study, data, cells, keys }
    }

    pub(super) fn check(&self, record: &Record) -> Result<(), (Doubt, String)> {
        let several = self.data.len() > 1;
        let named = |what: &str| format!("{}: {what}", short(&record.cell.named(several)));
        let keys = [Some(&record.key), record.equals.as_ref(), record.rows.as_ref(), record.sided_rows.as_ref()];
        if let Some(bad) = keys.into_iter().flatten().find(|key| !is_key(key)) {
            return Err((Doubt::NoKey, named(&format!("`{}`", short(bad)))));
        }
        let foreign = || match self.keys.get(&record.key) {
            Some(other) => (Doubt::OtherCell, named(&format!("the key is that of {}", other.named(several)))),
            None => (Doubt::Foreign, named(&record.key)),
        };
        let (cell, key) = self.cells.get(&record.cell).ok_or_else(foreign)?;
        let as_made = self.as_made(cell, record);
        let key_as_made = as_made.as_ref().map(|study| cell.key(study, &self.data[cell.data].digests));
        if record.key != *key && key_as_made.as_ref() != Some(&record.key) {
            return Err(foreign());
        }
        if key_as_made.is_some_and(|as_made| as_made != record.key) {
            return Err((Doubt::Facts, named("the version of a component, or of a package of Python")));
        }
        let study = as_made.as_ref().unwrap_or(self.study);
        facts(study, cell, record).map_err(|what| (Doubt::Facts, named(&what)))?;
        counts(record, &self.data[cell.data]).map_err(|what| (Doubt::Counts, named(&what)))?;
        self.range(record).map_err(|what| (Doubt::Range, named(&what)))?;
        self.contradiction(record).map_err(|what| (Doubt::Contradiction, named(&what)))
    }

    /// The study as it was when the record was made, where that is not the plan's: its components were of other versions, or other
    /// packages were in its Python. Such a record counts in reports, which name both, and is no valid one for `--resume`.
    pub(super) fn as_made(&self, cell: &Cell, record: &Record) -> Option<Study> {
        let planned = cell.components(self.study);
        let made = record.components().map(|(_, facts)| facts);
        let params = |nth: usize| match packages::are_alike(&planned[nth].params, &made[nth].params) {
            true => &made[nth].params,
            false => &planned[nth].params,
        };
        let is_other = |nth: usize| made[nth].version != planned[nth].version || *params(nth) != planned[nth].params;
        if !(0..planned.len()).any(is_other) {
            return None;
        }
        let facts = |nth: usize| ComponentFacts {
            version: made[nth].version,
            params: params(nth).clone(),
            ..planned[nth].clone()
        };
        let mut study = self.study.clone();
        study.imputers[cell.imputer].facts = facts(0);
        study.resamplers[cell.resampler].facts = facts(1);
        study.encoders[cell.encoder].facts = facts(2);
        study.scalers[cell.scaler].facts = facts(3);
        study.selects[cell.select].facts = facts(4);
        study.classifiers[cell.classifier].facts = facts(5);
        Some(study)
    }

    /// Metrics that this version does not know have no range.
    fn range(&self, record: &Record) -> Result<(), String> {
        for (id, score) in record.metrics.iter().chain(&record.validation) {
            let (Ok(metric), Some(value)) = (self.study.registry.metric(id), score.value()) else { continue };
            let (low, high) = metric.range;
            if !(low..=high).contains(&value) {
                return Err(format!("{id} is {value}, and its range is {low} to {high}"));
            }
        }
        Ok(())
    }

    /// Metrics of the labels alone are computed again from the counts.
    fn contradiction(&self, record: &Record) -> Result<(), String> {
        let Some(confusion) = record.confusion else { return Ok(()) };
        for (id, score) in &record.metrics {
            let Ok(metric) = self.study.registry.metric(id) else { continue };
            let Some(again) = metric.of_counts(confusion).filter(|_| record.metric_version(id) == metric.version)
            else {
                continue;
            };
            let agree = match (score.value(), again.value()) {
                // The counts are exact; a compiler may round the last digits in another way.
                (Some(a), Some(b)) => (a - b).abs() <= 1e-9,
                (a, b) => a == b,
            };
            if !agree {
                let said = |score: &Score| score.value().map_or("undefined".to_owned(), |value| value.to_string());
                return Err(format!("{id} is {} and the counts give {}", said(score), said(&again)));
            }
        }
        Ok(())
    }
}

/// So much of a text that somebody else wrote is shown, and nothing that a terminal obeys.
fn short(text: &str) -> String {
    let cut: String = text.chars().take(160).map(|c| if c.is_control() { '?' } else { c }).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

fn facts(study: &Study, cell: &Cell, record: &Record) -> Result<(), String> {
    let classifier = &study.classifiers[cell.classifier].facts;
    let same = |plan: &ComponentFacts, made: &ComponentFacts| {
        (&plan.id, &plan.backend, &plan.params) == (&made.id, &made.backend, &made.params)
    };
    let differs = |(plan, (_, made)): &(&ComponentFacts, (&str, &ComponentFacts))| !same(plan, made);
    if let Some((_, (what, _))) = cell.components(study).into_iter().zip(record.components()).find(differs) {
        return Err(format!("`{what}_facts` differ"));
    }
    if (&record.family, &record.backend) != (&classifier.id, &classifier.backend) {
        return Err(format!("family `{}` by `{}`", record.family, record.backend));
    }
    match cell.classifier_seed(study) {
        seed if seed == record.seed => Ok(()),
        seed => Err(format!("seed {} instead of {seed}", record.seed)),
    }
}

/// Training rows before resampling are rows of the table, and other ones than the test rows: intervals and tests go by both.
fn of_table(record: &Record, rows: u64) -> Result<(), String> {
    // Whoever edits numbers need not mind what a sum of them can hold.
    let [train, removed, repeated, made] =
        [record.train_rows, record.removed_rows, record.repeated_rows, record.made_rows].map(u128::from);
    let added = repeated + made;
    if added > train {
        return Err(format!("{added} rows that the resampler added among {train} training rows"));
    }
    let before = train + removed - added;
    // Under a leak a model may be judged on rows that it has learnt from.
    let is_honest = Leaks::of_protocol(&record.cell.protocol).is_empty();
    let (beside, said) = match is_honest {
        true => (record.test_rows, format!(" and {} test rows", record.test_rows)),
        false => (0, String::new()),
    };
    match before + u128::from(beside) > u128::from(rows) {
        true => Err(format!("{before} training rows before resampling{said} of {rows} rows in the table")),
        false => Ok(()),
    }
}

fn counts(record: &Record, data: &TableFacts) -> Result<(), String> {
    let more = |part: u64, whole: u64, what: &str| match part > whole {
        true => Err(format!("{part} {what} of {whole}")),
        false => Ok(()),
    };
    more(record.train_positives, record.train_rows, "positives among the training rows")?;
    more(record.test_positives, record.test_rows, "positives among the test rows")?;
    more(record.test_rows, data.rows, "test rows")?;
    of_table(record, data.rows)?;
    if record.outcome != Outcome::Scored {
        return match record.confusion.is_none() && record.metrics.is_empty() && record.validation.is_empty() {
            true => Ok(()),
            false => Err(format!("scores of a cell that is {}", record.outcome.name())),
        };
    }
    let Some(c) = &record.confusion else { return Err("scored without a confusion matrix".into()) };
    let sum = |a: u64, b: u64| a.checked_add(b);
    let (positives, negatives) = (sum(c.tp, c.fn_), sum(c.fp, c.tn));
    if positives != Some(record.test_positives) || negatives != Some(record.test_rows - record.test_positives) {
        let Confusion { tp, fp, fn_, tn } = c;
        return Err(format!(
            "tp {tp}, fp {fp}, fn {fn_} and tn {tn} for {} test rows with {} positives",
            record.test_rows, record.test_positives
        ));
    }
    sieves(record)
}

/// What the stages of a cascade saw and passed on: the first one all test rows, each later one what the one before it passed on.
fn sieves(record: &Record) -> Result<(), String> {
    let (mut rows, mut positives) = (record.test_rows, record.test_positives);
    for sieve in &record.sieves {
        let (stopped, missed) =
            (sieve.rows.checked_sub(sieve.left_rows), sieve.positives.checked_sub(sieve.left_positives));
        let fits = stopped.zip(missed).is_some_and(|(stopped, missed)| missed <= stopped);
        if (sieve.rows, sieve.positives) != (rows, positives) || !fits || sieve.left_positives > sieve.left_rows {
            return Err(format!("counts of stage `{}` that do not follow from those before it", sieve.stage));
        }
        (rows, positives) = (sieve.left_rows, sieve.left_positives);
    }
    Ok(())
}
