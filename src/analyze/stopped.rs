//! Searches for a pipeline that their parameter `seconds` ended.

use super::Results;
use super::leaderboard::distinct;
use crate::search::{OUT_OF_TIME, found};
use crate::store::Record;

/// How many cells such a search ended in, and of which classifiers, in plan order.
pub fn out_of_time(results: &Results) -> (usize, Vec<&str>) {
    let is_ended = |record: &&Record| {
        let search = record.details.as_ref().and_then(found);
        search.is_some_and(|search| search["stopped"] == OUT_OF_TIME)
    };
    let ended: Vec<&Record> = results.records.iter().filter(is_ended).collect();
    (ended.len(), distinct(ended.iter().map(|record| record.cell.classifier.as_str())))
}
