//! `cost(c)` and `savings(c)`: what the labels cost, when a check costs c and a missed positive its amount.

use super::{Argument, Better, Metric, Need, Scored};

/// What a check of an alarm costs where nobody says, in the unit of the data's amounts.
pub const CHECK_COST: f64 = 10.0;
const CHECK: Argument = Argument::amount("what a check costs", CHECK_COST);

/// The amount of the positives that are missed, and of all.
fn amounts(scored: &Scored<'_>) -> Result<(f64, f64), &'static str> {
    let (mut missed, mut all) = (0.0, 0.0);
    for (label, amount) in scored.positives_worth() {
        if !(0.0..f64::INFINITY).contains(&amount) {
            return Err("the amount of a positive is missing, negative or infinite");
        }
        all += amount;
        missed += if label == 1 { 0.0 } else { amount };
    }
    Ok((missed, all))
}

fn cost(scored: &Scored<'_>, check: f64) -> Result<f64, &'static str> {
    let alarms = scored.confusion.tp + scored.confusion.fp;
    Ok(amounts(scored)?.0 + alarms as f64 * check)
}

fn savings(scored: &Scored<'_>, check: f64) -> Result<f64, &'static str> {
    let (_, all) = amounts(scored)?;
    let without = all.min(scored.confusion.rows() as f64 * check);
    if without == 0.0 {
        return Err("without a model nothing is lost, so nothing can be saved");
    }
    Ok(1.0 - cost(scored, check)? / without)
}

/// The amount of the missed positives, and c for each alarm (Bahnsen et al. 2013), in the unit of the amounts. Undefined where
/// a positive's amount is missing or negative.
pub const COST: Metric = Metric::with_argument(
    "cost",
    Better::Lower,
    "amount of the missed positives, and x for the check of each alarm",
    CHECK,
    |scored, check| cost(scored, check).into(),
)
.range(0.0, f64::MAX)
.needs(&[Need::Amount])
.of_one_part();

/// 1 - cost / the cost of the cheaper of checking nothing and checking everything (Bahnsen et al. 2013): 0 is no better than
/// that, 1 is perfect and free.
pub const SAVINGS: Metric = Metric::with_argument(
    "savings",
    Better::Higher,
    "share of the cost without a model that is saved, when a check costs x",
    CHECK,
    |scored, check| savings(scored, check).into(),
)
.range(f64::MIN, 1.0)
.needs(&[Need::Amount]);
