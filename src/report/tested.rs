//! What resampling before the split makes of the rows, as the records show it: which rows come and go, and the test part's share of
//! positives, on which precision and average precision hang.

use crate::analyze::Results;
use crate::analyze::leaderboard::distinct;
use crate::split::{Leak, Leaks};
use crate::store::{Outcome, Record};
use crate::words::listed;

const LEAK: Leak = Leak::ResampleBeforeSplit;

/// What the leak does in this run: what it is about, or else what of the added rows comes into the test part; and the shares of
/// positives there, where they differ from the honest ones.
pub(super) fn about(results: &Results) -> String {
    let leaky = || scored(results).filter(|record| Leaks::of_protocol(&record.cell.protocol).has(LEAK));
    let any = |rows: fn(&Record) -> u64| leaky().any(|record| rows(record) > 0);
    let kinds = [(any(|record| record.made_rows), "made-up"), (any(|record| record.repeated_rows), "repeated")];
    let added: Vec<String> = kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| kind.to_owned()).collect();
    let dropped = match any(|record| record.removed_rows) {
        true => ", and drops some rows, test rows among them",
        false => "",
    };
    let what = match added.is_empty() {
        true => LEAK.about().to_owned(),
        false => format!(
            "the resampler is given all rows before the split: it adds {} rows, which are then tested on as well{dropped}",
            listed(&added)
        ),
    };
    let names = distinct(leaky().map(|record| record.cell.resampler.as_str()));
    let of = |name: &&str| Some(format!("{} with `{name}`", said(shares(results, name)?)));
    let shares: Vec<String> = names.iter().filter_map(of).collect();
    let end = if shares.is_empty() {
        String::new()
    } else {
        format!("; positives among the test rows: {}", shares.join(", "))
    };
    format!("{what}{end}")
}

/// What a change of scores under this leak alone is of, to stand behind it; nothing for other leaks, and where the test part's share of
/// positives stays what it is.
pub(super) fn behind(results: &Results, leaks: Leaks, resampler: &str) -> String {
    let shares = shares(results, resampler).filter(|_| leaks == Leaks::of(&[LEAK]));
    shares.map_or_else(String::new, |shares| {
        format!(
            " Of the test rows {} are positive there: precision, pr-auc and what hangs on them change by that alone.",
            said(shares)
        )
    })
}

fn said([honest, leaky]: [String; 2]) -> String {
    format!("{leaky} and not {honest}")
}

/// The share of positives among the test rows of a resampler's cells in percent, honest and under this leak alone; none where a reader
/// sees no difference.
fn shares(results: &Results, resampler: &str) -> Option<[String; 2]> {
    let share = |leaks: Leaks| {
        let is_of =
            |record: &&Record| record.cell.resampler == resampler && Leaks::of_protocol(&record.cell.protocol) == leaks;
        let of = || scored(results).filter(is_of);
        let [rows, positives] =
            [of().map(|record| record.test_rows).sum::<u64>(), of().map(|record| record.test_positives).sum()];
        (rows > 0).then(|| format!("{:.2}%", 100.0 * positives as f64 / rows as f64))
    };
    let both = [share(Leaks::NONE)?, share(Leaks::of(&[LEAK]))?];
    (both[0] != both[1]).then_some(both)
}

fn scored(results: &Results) -> impl Iterator<Item = &Record> {
    results.records.iter().filter(|record| record.outcome == Outcome::Scored)
}
