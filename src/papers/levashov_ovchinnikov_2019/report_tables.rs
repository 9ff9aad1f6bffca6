//! The numbers of the figures.

use super::classes;
use super::measure::{Errors, counted, pairs, youden};
use super::pairs::{Apart, Pairs, best, shares};
use super::parts::PARTS;
use super::tables::{REFERENCE, TABLES, Table as Source, printed};
use super::words::{pair, three};
use crate::analyze::cascade::cascades;
use crate::classify::rectangles::Choice;
use crate::papers::Evidence;
use crate::report::document::Table;
use crate::words::count;

fn some(table: Table, rows: usize) -> Option<Table> {
    (rows > 0).then_some(table)
}

/// Figure 1: the tables.
pub fn transactions(evidence: &Evidence) -> Option<Table> {
    let row = |(source, pairs): &(&Source, Pairs)| {
        let [minute, amount] = source.columns;
        vec![
            source.name.to_owned(),
            format!("`{minute}`"),
            format!("`{amount}`"),
            count(pairs.totals[0] as u64),
            count(pairs.totals[1] as u64),
            format!("{:.5}", pairs.totals[1] as f64 / (pairs.totals[0] + pairs.totals[1]) as f64),
        ]
    };
    let rows: Vec<Vec<String>> = counted(evidence).iter().map(row).collect();
    let header = ["table", "minute of the day", "amount", "legitimate", "frauds", "share of frauds"];
    let n = rows.len();
    some(Table::marked("transactions", &header, rows).captioned("The rows that rectangles are drawn on."), n)
}

/// Figure 2: the rectangle.
pub fn rectangle(evidence: &Evidence) -> Option<Table> {
    let row = |(source, pairs): &(&Source, Pairs)| {
        let drawn = pairs.nearest(REFERENCE[2])?;
        let [left, right, bottom, top] = drawn.bounds;
        let clock = |minute: f64| format!("{:02}:{:02}", minute as u32 / 60, minute as u32 % 60);
        Some(vec![
            source.name.to_owned(),
            format!("{} to {}", clock(left), clock(right)),
            format!("{bottom:.2} to {top:.2}"),
            count(u64::from(drawn.errors[0])),
            count(u64::from(drawn.errors[1])),
            pair(shares(drawn.errors, pairs.totals)),
            pair(REFERENCE[2]),
        ])
    };
    let rows: Vec<Vec<String>> = counted(evidence).iter().filter_map(row).collect();
    let header =
        ["table", "time of day", "amount", "frauds outside", "legitimate inside", "errors", "the earlier model's"];
    let n = rows.len();
    some(Table::plain("rectangle", &header, rows).captioned("All bounds are inside."), n)
}

/// Figure 3: what the rectangles reach at the printed errors of the first kind.
pub fn errors(evidence: &Evidence) -> Option<Table> {
    let mut rows = Vec::new();
    for (source, pairs) in counted(evidence) {
        let all = pairs.all.iter().map(|&errors| shares(errors, pairs.totals));
        rows.push(line(source.name, &all.collect::<Vec<_>>(), &pairs.apart));
        if let Some(nothing) = &pairs.without_difference {
            let all: Vec<[f64; 2]> = nothing.all.iter().map(|&e| shares(e, nothing.totals)).collect();
            rows.push(line("payments where frauds do not differ", &all, &nothing.apart));
        }
    }
    let bound = |reference: [f64; 2]| {
        format!("first kind at most {:.4} (printed second kind {:.4})", reference[0], reference[1])
    };
    let bounds = REFERENCE.map(bound);
    let header: Vec<&str> = ["table"].into_iter().chain(bounds.iter().map(String::as_str)).chain(["Youden"]).collect();
    let n = rows.len();
    some(
        Table::plain("error-pairs", &header, rows).captioned(
            "The error of the second kind of the best of all rectangles between values of frauds: on all rows, which they are chosen on, as the \
             paper does it; then both errors of one that is chosen on half of the rows, judged on the other half. Youden: 1 minus both errors, chosen and \
             judged on all rows; chosen on half, judged on the other half.",
        ),
        n,
    )
}

fn line(name: &str, front: &[[f64; 2]], halves: &Apart) -> Vec<String> {
    let apart = REFERENCE.map(|[first, _]| halves.chosen(Choice::SecondKind(first)));
    let cell = |(reference, apart): (&[f64; 2], Option<[[f64; 2]; 2]>)| {
        let own = front.iter().filter(|errors| errors[0] <= reference[0]).map(|errors| errors[1]).reduce(f64::min);
        let own = own.map_or_else(|| "–".to_owned(), |own| format!("{own:.4}"));
        let other = apart.map_or_else(|| "–".to_owned(), |[_, here]| pair(here));
        format!("{own}; {other}")
    };
    let all = best(front.iter().copied()).map_or_else(|| "–".to_owned(), |errors| three(youden(errors)));
    let half = halves.chosen(Choice::Youden).map_or_else(|| "–".to_owned(), |[_, here]| three(youden(here)));
    std::iter::once(name.to_owned())
        .chain(REFERENCE.iter().zip(apart).map(cell))
        .chain([format!("{all}; {half}")])
        .collect()
}

/// Figure 4: 36 rectangles in 12 classes, beside the printed ones.
pub fn classes(evidence: &Evidence) -> Option<Table> {
    let ours = classes::of(&pairs(evidence, 0)?);
    let printed = printed();
    let number = |value: f64| format!("{value:.4}");
    let rows: Vec<Vec<String>> = (0..ours.len().max(printed.len()))
        .map(|nth| {
            let theirs = printed.get(nth).map_or_else(
                || vec!["–".to_owned(); 5],
                |row| {
                    let values = [row.second_kind, row.first_kind, row.precision, row.recall].map(number);
                    let mark = if row.repaired.is_empty() { "" } else { " *" };
                    std::iter::once(format!("{}{mark}", row.class)).chain(values).collect()
                },
            );
            let own = ours.get(nth).map_or_else(
                || vec!["–".to_owned(); 5],
                |row| {
                    let values = [row.second_kind, row.first_kind, row.precision, 1.0 - row.first_kind].map(number);
                    std::iter::once(row.class.to_string()).chain(values).collect()
                },
            );
            theirs.into_iter().chain(own).collect()
        })
        .collect();
    let header = [
        "class, printed",
        "Betha, printed",
        "Alpha, printed",
        "Precision, printed",
        "Recall, printed",
        "class, here",
        "Betha",
        "Alpha",
        "Precision",
        "Recall",
    ];
    let n = rows.len();
    some(
        Table::plain("class-table", &header, rows).captioned(&format!(
            "Left: figure 4 as printed (* digits that the scan has wrong, repaired where precision and recall leave one reading). Right: of \
             10,000 rectangles on simulated payments the three with the smallest sums of both errors in each of {} equal bands of the error \
             of the second kind, chosen and judged on all rows. Lines side by side have nothing in common but their number.",
            classes::CLASSES
        )),
        n,
    )
}

/// Chosen on training rows: judged there, and on test rows.
pub fn in_sample(evidence: &Evidence) -> Option<Table> {
    let names = [
        "rectangle-youden",
        "rectangle-all",
        "rectangle-cost",
        "rectangle-0.0773",
        "rectangle-0.6379",
        "rectangle-0.1327",
        "likelihood-ratio",
    ];
    let mut rows = Vec::new();
    for source in &TABLES {
        for name in names {
            let [leaky, honest] = [source.in_sample, source.part].map(|part| Errors::of(evidence, part, name).means());
            if leaky.is_none() && honest.is_none() {
                continue;
            }
            let said = |errors: Option<[f64; 2]>| errors.map_or_else(|| "–".to_owned(), pair);
            let index = |errors: Option<[f64; 2]>| errors.map_or_else(|| "–".to_owned(), |e| three(youden(e)));
            let lost = leaky.zip(honest).map(|(a, b)| format!("{:+.3}", youden(b) - youden(a)));
            rows.push(vec![
                source.name.to_owned(),
                name.to_owned(),
                said(leaky),
                said(honest),
                index(leaky),
                index(honest),
                lost.unwrap_or_else(|| "–".to_owned()),
            ]);
        }
    }
    let header = [
        "table",
        "classifier",
        "errors, training rows",
        "errors, test rows",
        "Youden, training",
        "Youden, test",
        "difference",
    ];
    let n = rows.len();
    some(
        Table::plain("in-sample", &header, rows).captioned(
            "Errors of the first and the second kind, means over the repeats of a hold-out of 30%. Training rows: under the leak \
             `judged-on-training-rows`, as the paper judges.",
        ),
        n,
    )
}

/// What the stages of the studies' cascades did.
pub fn stages(evidence: &Evidence) -> Option<Table> {
    let mut rows = Vec::new();
    for part in PARTS.iter().filter(|part| part.leak.is_none()) {
        let Some(results) = evidence.part(part) else { continue };
        for stages in cascades(results) {
            for (nth, sieve) in stages.sieves.iter().enumerate() {
                let [legitimate, frauds] = stages.left(sieve);
                rows.push(vec![
                    part.name.to_owned(),
                    format!("{} {}", nth + 1, sieve.stage),
                    count(sieve.rows),
                    count(sieve.filtered()),
                    count(sieve.missed()),
                    count(sieve.left_rows),
                    format!("{legitimate:.4}"),
                    format!("{frauds:.4}"),
                ]);
            }
            let left = stages.sieves.last().map_or(0, |last| last.left_rows);
            let mut people = vec![part.name.to_owned(), "people".to_owned(), count(left)];
            people.push(format!("cost {:.0} per repeat", stages.cost()));
            people.resize(8, String::new());
            rows.push(people);
        }
    }
    let header = ["part", "stage", "rows seen", "filtered", "frauds missed", "left", "legitimate left", "frauds left"];
    let n = rows.len();
    some(
        Table::plain("stages", &header, rows).captioned(
            "Test rows, added up over the repeats. The cascade may miss 30% of the frauds, by thresholds chosen on inner folds of the training \
             rows; people check what is left at a cost of 1 per row.",
        ),
        n,
    )
}
