//! Results of one cell that should be the same and are not.

use std::collections::BTreeMap;

use crate::metric::Score;
use crate::store::Record;

/// Whether two records have the same result, as far as both have it.
pub fn agree(a: &Record, b: &Record) -> bool {
    let common = |id: &str| a.metric_version(id) == b.metric_version(id);
    let same = |a: &BTreeMap<String, Score>, b: &BTreeMap<String, Score>| {
        a.iter().filter(|(id, _)| common(id)).all(|(id, score)| b.get(id).is_none_or(|other| other == score))
    };
    a.confusion == b.confusion && same(&a.metrics, &b.metrics) && same(&a.validation, &b.validation)
}

/// Which of the scored records of a cell have the same result, by their places; each result where it is first found.
pub fn by_result(records: &[&Record]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, record) in records.iter().enumerate() {
        match groups.iter_mut().find(|group| agree(record, records[group[0]])) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// What differs between results of a cell, and what it is in each of them: the `primary` metric where that differs, else the first
/// that does, else the confusion matrix.
pub fn difference(records: &[&Record], primary: &str) -> (String, Vec<String>) {
    type Of = fn(&Record) -> &BTreeMap<String, Score>;
    let scores: [(&str, Of); 2] = [("", |record| &record.metrics), ("validation ", |record| &record.validation)];
    for (part, of) in scores {
        let others = records.iter().flat_map(|record| of(record).keys().map(String::as_str));
        let differs = |id: &&str| {
            let of_id = |record: &&Record| Some((record.metric_version(id), of(record).get(*id)?.clone()));
            let known: Vec<(u32, Score)> = records.iter().filter_map(of_id).collect();
            // As for `agree`: scores by other versions of a metric are no contradiction.
            known.iter().any(|(v, s)| known.iter().any(|(other, score)| other == v && score != s))
        };
        if let Some(id) = std::iter::once(primary).chain(others).find(differs) {
            let said = |record: &&Record| match of(record).get(id) {
                None => "not computed".to_owned(),
                Some(score) => score.value().map_or_else(|| "undefined".to_owned(), |value| value.to_string()),
            };
            return (format!("{part}{id}"), records.iter().map(said).collect());
        }
    }
    let said = |record: &&Record| {
        let counts = record.confusion.map(|c| format!("tp {}, fp {}, fn {}, tn {}", c.tp, c.fp, c.fn_, c.tn));
        counts.unwrap_or_else(|| "not known".to_owned())
    };
    ("the confusion matrix".to_owned(), records.iter().map(said).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::Directory;

    #[test]
    fn results_are_told_apart_by_the_metric_that_ranks_then_by_others_then_by_the_counts() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/families-10-fold");
        let one = Directory::read(&folder).unwrap().1.swap_remove(0);
        let with = |edit: &dyn Fn(&mut Record)| {
            let mut other = one.clone();
            edit(&mut other);
            other
        };
        let set = |id: &'static str, score: f64| {
            with(&move |record: &mut Record| drop(record.metrics.insert(id.into(), Score::Value(score))))
        };
        let value = |id: &str| one.metrics[id].value().unwrap().to_string();
        let (ranks, ranks_too, recall) = (set("pr-auc", 0.125), set("pr-auc", 0.25), set("recall", 0.5));
        // Scored by one more metric, which is no contradiction.
        let more = set("of tomorrow", 5.0);
        let all = [&one, &ranks, &more, &ranks_too, &ranks];
        assert_eq!(by_result(&all), [vec![0, 2], vec![1, 4], vec![3]]);
        let said = |records: &[&Record]| difference(records, "pr-auc");
        assert_eq!(
            said(&[&one, &ranks, &ranks_too]),
            ("pr-auc".into(), vec![value("pr-auc"), "0.125".into(), "0.25".into()])
        );
        assert_eq!(said(&[&one, &recall]), ("recall".into(), vec![value("recall"), "0.5".into()]));
        let undefined = with(&|record| {
            drop(record.metrics.insert("recall".into(), Score::Undefined { undefined: "no positives".into() }));
        });
        assert_eq!(said(&[&one, &undefined]).1, [value("recall"), "undefined".into()]);
        let counts = with(&|record| record.confusion.as_mut().unwrap().tp += 1);
        let c = one.confusion.unwrap();
        let shown = |tp: u64| format!("tp {tp}, fp {}, fn {}, tn {}", c.fp, c.fn_, c.tn);
        assert_eq!(said(&[&one, &counts]), ("the confusion matrix".into(), vec![shown(c.tp), shown(c.tp + 1)]));
    }
}
