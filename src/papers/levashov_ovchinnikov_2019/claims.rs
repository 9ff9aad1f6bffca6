//! What the paper says, and how each sentence is measured.

use super::measure::{Errors, counted, pairs, youden};
use super::pairs::{RECTANGLES, best, shares};
use super::tables::{REFERENCE, TABLES, Table, printed, whole_of};
use super::words::{pair, percent, three};
use crate::papers::splits::{Mean, mean_within};
use crate::papers::{Cells, Claim, Evidence, Finding, Printed, Verdict};
use crate::split::{Leak, Leaks};

/// Errors that are no further apart agree, in words such as “agree well”.
const AGREE: f64 = 0.05;
/// Classes whose best rectangle has no larger index of Youden differ little.
const LITTLE: f64 = 0.15;

pub static CLAIMS: &[Claim] = &[
    Claim {
        id: "three-pairs",
        place: "figure 2, figure 3, conclusion 1",
        said: "The errors of rectangles agree well with the earlier model's three pairs",
        printed: Printed::Value("(0.0773, 0.8371), (0.6379, 0.2943), (0.1327, 0.7261)"),
        rule: "On payments of the paper's size, with the printed error of the first kind as bound, the error of the second kind is at \
               most 0.05 above the printed one, and that of the first kind at most 0.05 above its bound, for all three pairs; on test \
               rows, means over the repeats",
        judge: three_pairs,
    },
    Claim {
        id: "rectangles-and-likelihood-ratio",
        place: "conclusions, last paragraph",
        said: "The statistical and the clustering approach are about equally effective",
        printed: Printed::Words,
        rule: "On every table the mean Youden indices of rectangle and likelihood ratio on test rows differ by at most 0.05",
        judge: both_approaches,
    },
    Claim {
        id: "little-difference",
        place: "below figure 1",
        said: "Frauds differ little from legitimate transactions in time and amount",
        printed: Printed::Words,
        rule: "No printed row of figure 4 has a Youden index above 0.15. The paper's own data are not public; the index on other tables is \
               there for comparison",
        judge: little_difference,
    },
    Claim {
        id: "precision",
        place: "figure 4 and below",
        said: "Precision is practically the same everywhere and very near zero",
        printed: Printed::Value("0.0002 to 0.0003"),
        rule: "The 36 rectangles of our class table on payments of the paper's size have precisions from 0.0002 to 0.0003, rounded",
        judge: precision,
    },
    Claim {
        id: "fewer-filtered",
        place: "below figure 4",
        said: "As the error of the first kind falls, fewer transactions are filtered out",
        printed: Printed::Words,
        rule: "Along the rectangles that no other beats on half of the payments, both errors on the other half have a rank correlation \
               (Spearman) of -0.9 or less",
        judge: fewer_filtered,
    },
    Claim {
        id: "fewer-to-check",
        place: "conclusion 3",
        said: "The method reduces the number of transactions that remain to be checked",
        printed: Printed::Words,
        rule: "On payments of the paper's size the likelihood ratio's and the rectangle's Youden indices on test rows lie above 0 with their \
               95% intervals (corrected resampled t): they filter more than a draw by lot that misses as many frauds",
        judge: fewer_to_check,
    },
    Claim {
        id: "frauds",
        place: "figure 4 (230 frauds)",
        said: "The 36 errors of the first kind are shares of 230 frauds",
        printed: Printed::Value("230"),
        rule: "Every printed error of the first kind is a whole number of frauds out of 230, to its four digits",
        judge: frauds,
    },
];

/// The names of the studies' rectangles at the bounds of [`REFERENCE`].
const BOUNDED: [&str; 3] = ["rectangle-0.0773", "rectangle-0.6379", "rectangle-0.1327"];

fn three_pairs(evidence: &Evidence) -> Finding {
    let table = &TABLES[0];
    let of = |part| BOUNDED.map(|name| Errors::of(evidence, part, name));
    let (test, in_sample) = (of(table.part), of(table.in_sample));
    let cells = test.iter().map(|errors| errors.cells).fold(Cells::default(), Cells::and);
    let means = |all: &[Errors; 3]| all.iter().map(Errors::means).collect::<Option<Vec<[f64; 2]>>>();
    let Some(on_test) = means(&test) else { return Finding::none(&format!("the part payments: {}", cells.state())) };
    let keeps = |means: &[[f64; 2]]| {
        let near = |(mean, reference): (&[f64; 2], &[f64; 2])| {
            mean[0] <= reference[0] + AGREE && mean[1] <= reference[1] + AGREE
        };
        means.iter().zip(&REFERENCE).all(near)
    };
    let listed = |means: &[[f64; 2]]| means.iter().map(|mean| pair(*mean)).collect::<Vec<_>>().join(", ");
    let mut measured = format!("test rows {}", listed(&on_test));
    let leaky = means(&in_sample);
    if let Some(leaky) = &leaky {
        measured += &format!("; training rows {}", listed(leaky));
    }
    if let Some(nothing) = pairs(evidence, 0).and_then(|pairs| pairs.without_difference) {
        let found = best(nothing.errors.iter().map(|&errors| shares(errors, nothing.totals)));
        if let Some(found) = found {
            measured += &format!(
                ". Where frauds do not differ at all, the best of {} rectangles still has {} on the rows that it is chosen on",
                crate::words::count(RECTANGLES as u64),
                pair(found)
            );
        }
    }
    let verdict = match (keeps(&on_test), leaky.is_some_and(|leaky| keeps(&leaky))) {
        (true, _) => Verdict::Reproduced,
        (false, true) => Verdict::OnlyWithLeak(vec![Leaks::of(&[Leak::JudgedOnTrainingRows])]),
        (false, false) => Verdict::NotReproduced,
    };
    Finding { measured, value: None, interval: None, cells: Some(cells), verdict }
}

/// Mean Youden indices of rectangle and likelihood ratio on a table's test rows.
fn approaches(evidence: &Evidence, table: &Table) -> Option<([f64; 2], Cells)> {
    let [a, b] = ["rectangle-youden", "likelihood-ratio"].map(|name| Errors::of(evidence, table.part, name));
    Some(([youden(a.means()?), youden(b.means()?)], a.cells.and(b.cells)))
}

fn both_approaches(evidence: &Evidence) -> Finding {
    let found: Vec<(&Table, [f64; 2], Cells)> = TABLES
        .iter()
        .filter_map(|table| approaches(evidence, table).map(|(values, cells)| (table, values, cells)))
        .collect();
    if found.is_empty() {
        return Finding::none("no part has all of its cells");
    }
    let said: Vec<String> =
        found.iter().map(|(table, [a, b], _)| format!("{} {} and {}", table.name, three(*a), three(*b))).collect();
    let far = found.iter().map(|(_, [a, b], _)| (a - b).abs()).fold(0.0, f64::max);
    let verdict = match (far > AGREE, found.len() == TABLES.len()) {
        (true, _) => Verdict::NotReproduced,
        (false, true) => Verdict::Reproduced,
        (false, false) => Verdict::NotMeasured("so far it holds, but not every table was run".into()),
    };
    Finding {
        measured: format!("Youden of rectangle and likelihood ratio: {}", said.join(", ")),
        value: Some(far),
        interval: None,
        cells: Some(found.iter().map(|(_, _, cells)| *cells).fold(Cells::default(), Cells::and)),
        verdict,
    }
}

fn little_difference(evidence: &Evidence) -> Finding {
    let index = |table: &Table| {
        let errors = ["rectangle-youden", "rectangle-all"].map(|name| Errors::of(evidence, table.part, name));
        let values = errors.iter().filter_map(|errors| errors.means().map(youden)).reduce(f64::max)?;
        Some((values, errors[0].cells.and(errors[1].cells)))
    };
    let others: Vec<(&str, f64, Cells)> =
        TABLES.iter().filter_map(|table| index(table).map(|(value, cells)| (table.name, value, cells))).collect();
    if others.is_empty() {
        return Finding::none("no part has all of its cells");
    }
    let values = printed().into_iter().map(|row| youden([row.first_kind, row.second_kind]));
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let mut measured = format!("printed rows: {} to {}, on the rows that they are chosen on", three(low), three(high));
    if let Some(nothing) = pairs(evidence, 0).and_then(|pairs| pairs.without_difference)
        && let Some(found) = best(nothing.errors.iter().map(|&errors| shares(errors, nothing.totals)))
    {
        measured += &format!(
            "; the best of {} rectangles where frauds do not differ at all has {} there",
            crate::words::count(RECTANGLES as u64),
            three(youden(found))
        );
    }
    let listed: Vec<String> = others.iter().map(|(name, value, _)| format!("{name} {}", three(*value))).collect();
    measured += &format!(". Best rectangles on test rows: {}", listed.join(", "));
    Finding {
        measured,
        value: Some(high),
        interval: None,
        cells: Some(others.iter().map(|(_, _, cells)| *cells).fold(Cells::default(), Cells::and)),
        verdict: if high <= LITTLE { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

fn precision(evidence: &Evidence) -> Finding {
    let Some(pairs) = pairs(evidence, 0) else { return Finding::none("rectangles on payments were not counted") };
    let rows = super::classes::of(&pairs);
    let values: Vec<f64> = rows.iter().map(|row| row.precision).collect();
    let (low, high) = values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
    let rounded = |value: f64| (value * 1e4).round();
    let holds = rows.len() == 36 && rounded(low) >= 2.0 && rounded(high) <= 3.0;
    let share = pairs.totals[1] as f64 / (pairs.totals[0] + pairs.totals[1]) as f64;
    Finding {
        measured: format!("{low:.5} to {high:.5} in {} rectangles; {share:.5} of all payments are frauds", rows.len()),
        value: Some(high),
        interval: None,
        cells: None,
        verdict: if holds { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

/// Spearman's rank correlation; ranks of equal values are their mean.
fn spearman(pairs: &[[f64; 2]]) -> f64 {
    let ranks = |nth: usize| -> Vec<f64> {
        let of = |value: f64| {
            let below = pairs.iter().filter(|pair| pair[nth] < value).count();
            let equal = pairs.iter().filter(|pair| pair[nth] == value).count();
            below as f64 + (equal as f64 + 1.0) / 2.0
        };
        pairs.iter().map(|pair| of(pair[nth])).collect()
    };
    let [a, b] = [ranks(0), ranks(1)];
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

fn fewer_filtered(evidence: &Evidence) -> Finding {
    let Some(pairs) = pairs(evidence, 0) else { return Finding::none("rectangles on payments were not counted") };
    let judged: Vec<[f64; 2]> =
        pairs.apart.errors.iter().map(|[_, here]| shares(*here, pairs.apart.judged_on)).collect();
    let found = spearman(&judged);
    Finding {
        measured: format!("rank correlation {} over {} rectangles", three(found), judged.len()),
        value: Some(found),
        interval: None,
        cells: None,
        verdict: if found <= -0.9 { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

fn fewer_to_check(evidence: &Evidence) -> Finding {
    let names = ["rectangle-youden", "likelihood-ratio"];
    let all = names.map(|name| Errors::of(evidence, TABLES[0].part, name));
    let cells = all[0].cells.and(all[1].cells);
    if !cells.is_whole() {
        return Finding::none(&format!("the part payments: {}", cells.state()));
    }
    let of = |errors: &Errors| {
        let values: Vec<_> = errors.pairs.iter().map(|(split, pair)| (*split, youden(*pair))).collect();
        let Mean { mean, interval } = mean_within(evidence.part(TABLES[0].part)?, errors.dedup, &values, (-1.0, 1.0))?;
        interval.map(|(low, high)| (mean, low, high))
    };
    let Some(found) = all.iter().map(of).collect::<Option<Vec<_>>>() else {
        return Finding::none("one repeat tells no interval");
    };
    let said: Vec<String> = names
        .iter()
        .zip(&all)
        .zip(&found)
        .map(|((name, errors), (mean, low, high))| {
            let filtered = errors.means().map_or_else(String::new, |[first, second]| {
                format!(": {} filtered, {} of frauds missed", percent(1.0 - second), percent(first))
            });
            format!("{name} Youden {} (95% CI {} to {}){filtered}", three(*mean), three(*low), three(*high))
        })
        .collect();
    Finding {
        measured: said.join("; "),
        value: Some(found[0].0),
        interval: Some((found[0].1, found[0].2)),
        cells: Some(cells),
        verdict: match found.iter().all(|(_, low, _)| *low > 0.0) {
            true => Verdict::Reproduced,
            false => Verdict::NotReproduced,
        },
    }
}

fn frauds(evidence: &Evidence) -> Finding {
    // The table is printed: it needs no measurement, but a report does.
    if counted(evidence).is_empty() {
        return Finding::none("nothing was counted");
    }
    let (all, of_229, of_230) = (printed().len(), whole_of(229), whole_of(230));
    Finding {
        measured: format!(
            "of the {all} printed errors {of_230} are shares of 230 frauds and {of_229} are shares of 229: the table was counted with 229"
        ),
        value: Some(of_230 as f64),
        interval: None,
        cells: None,
        verdict: if of_230 == all { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_that_run_against_each_other_correlate_with_minus_one() {
        assert!((spearman(&[[0.1, 0.9], [0.2, 0.5], [0.9, 0.1]]) + 1.0).abs() < 1e-12);
        // scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4]) = 0.9486832980505139
        let tied = spearman(&[[1.0, 1.0], [2.0, 3.0], [2.0, 2.0], [4.0, 4.0]]);
        assert!((tied - 0.948_683_298_050_513_9).abs() < 1e-12, "{tied}");
    }
}
