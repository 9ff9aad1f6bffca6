//! The report's section on the best pipeline and those that are not distinguishable from it.

use super::summary;
use crate::analyze::best::{ALPHA, Best, Compared, ROPE, pairwise};
use crate::analyze::choice::Choice;
use crate::analyze::leaderboard::{Leaderboard, Row};
use crate::cell::axis::{Axis, Facet};
use crate::metric::Better;
use crate::report::columns::shown;
use crate::report::document::{Block, Section, Table, Text};
use crate::report::number::{change, probability, score};
use crate::report::words::{capital, chosen, counted_splits, pipeline as named, ranking, scored};
use crate::words::{agree, counted};

/// Pipelines in the table, the best one among them.
const TOP: usize = 20;

/// What stands over the section.
pub(in crate::report) const HEADING: &str = "Best, and what is not distinguishable from it";

/// Why no pipeline is ranked.
pub(in crate::report) fn none_ranked(board: &Leaderboard) -> String {
    match board.rows.iter().any(Row::is_whole) {
        true => format!("No pipeline has a defined {} on every split, so none is ranked.", board.primary),
        false => format!("No pipeline is complete{}, so none is ranked.", yet(board)),
    }
}

/// To stand behind what is not so: " yet" while cells are missing, as more may come.
pub(in crate::report) fn yet(board: &Leaderboard) -> &'static str {
    if board.coverage().missing > 0 { " yet" } else { "" }
}

/// One line per variant: the best pipeline, and how many cannot be told apart from it; else why there is none.
pub(in crate::report) fn verdicts(board: &Leaderboard, all: &[Best<'_>]) -> Vec<Text> {
    if all.is_empty() {
        return vec![Text::plain(none_ranked(board))];
    }
    let of = |best: &Best<'_>| {
        let score = summary(board.summary(best.best, &board.primary));
        let folds = counted_splits(&best.best.splits);
        Text::plain(format!("Best by mean {}{}: ", board.primary, which(board, best, all.len() > 1)))
            .then(Text::strong(named(&best.best.pipeline)))
            .then(Text::plain(format!(" with {score} over {folds}{}. {}", lead(board, best), others(best))))
    };
    all.iter().map(of).collect()
}

/// Of which ranking it is the best, where there are several: pipelines with and without duplicates were tested on other rows.
pub(super) fn which(board: &Leaderboard, best: &Best<'_>, several: bool) -> String {
    if several { format!(" with {}", ranking(board, best.best.pipeline.variant())) } else { String::new() }
}

/// By how much the best leads the second, to stand behind its score; nothing without a second.
pub(super) fn lead(board: &Leaderboard, best: &Best<'_>) -> String {
    let second = best.ranking(board).into_iter().nth(1);
    let means = second.and_then(|second| Some((second, board.primary_mean(best.best)?, board.primary_mean(second)?)));
    let Some((second, first_mean, mean)) = means else { return String::new() };
    let whose = named(&second.pipeline);
    match score(Some((first_mean - mean).abs())) {
        _ if second.rank == best.best.rank => format!(", as much as {whose}"),
        // Less than the digits that are shown.
        shown if shown == score(Some(0.0)) => format!(", less than 0.0001 ahead of the second, {whose}"),
        shown => format!(", {shown} ahead of the second, {whose}"),
    }
}

/// How many others cannot be told apart from the best, in a sentence.
pub(in crate::report) fn others(best: &Best<'_>) -> String {
    match (best.others, best.compared.len(), best.equals(ALPHA).len()) {
        (0, ..) => "There is no other ranked pipeline to compare it with.".to_owned(),
        (n, 0, _) => {
            let others = if n == 1 { "one is".to_owned() } else { format!("{n} are") };
            let folds = agree(best.best.splits.len(), "one fold", "these folds");
            format!("Whether the other {others} worse cannot be told from {folds}.")
        }
        (_, 1, 0) => "The other one is distinguishable from it.".to_owned(),
        (_, n, 0) => format!("All {n} others are distinguishable from it."),
        (_, 1, _) => "The other one is not distinguishable from it.".to_owned(),
        (_, n, equal) => format!("{equal} of {n} others {} not distinguishable from it.", agree(equal, "is", "are")),
    }
}

/// The whole section; none while no pipeline is ranked.
pub(super) fn section(board: &Leaderboard, all: &[Best<'_>]) -> Option<Section> {
    (!all.is_empty()).then(|| Section::new("best", HEADING, blocks(board, all)))
}

/// The best of each dataset variant and what cannot be told apart from it.
pub(in crate::report) fn blocks(board: &Leaderboard, all: &[Best<'_>]) -> Vec<Block> {
    if let [one] = all {
        return variant(board, one);
    }
    let of = |(place, best): (usize, &Best<'_>)| {
        let heading = capital(&ranking(board, best.best.pipeline.variant()));
        Block::Section(Section::new(&format!("best-{}", place + 1), &heading, variant(board, best)))
    };
    all.iter().enumerate().map(of).collect()
}

fn variant(board: &Leaderboard, best: &Best<'_>) -> Vec<Block> {
    let (table, left) = comparison(board, best);
    let mut blocks = vec![Block::said(&explanation(board, best)), Block::Table(table)];
    if left > 0 {
        let rest = counted(left as u64, "pipeline");
        blocks.push(Block::said(&format!("And {rest} more; `fraudbench compare` tests any two.")));
    }
    blocks
}

/// How the best was compared with the others, and what came out.
fn explanation(board: &Leaderboard, best: &Best<'_>) -> String {
    let equals = best.equals(ALPHA);
    let mut said = Vec::new();
    if best.compared.is_empty() {
        said.push(match best.others {
            0 => "No other pipeline is ranked here.".to_owned(),
            1 => "The other one cannot be tested: that takes at least two folds.".to_owned(),
            n => format!("The other {n} cannot be tested: that takes at least two folds."),
        });
    } else {
        let (equal, compared) = (equals.len(), best.compared.len());
        said.push(format!(
            "{equal} of {} {} not distinguishable from the best in {}: two-sided corrected resampled t-test on paired folds \
             (Nadeau and Bengio 2003; n_test/n_train = {:.4}), p adjusted for having chosen the best of {}, alpha {ALPHA}.",
            counted(compared as u64, "other"),
            agree(equal, "is", "are"),
            board.primary,
            best.best.ratio,
            compared + 1,
        ));
        said.extend(callable(board, best));
        said.push(format!(
            "Probabilities: Bayesian correlated t-test (Corani and Benavoli 2015), practically equal within ±{ROPE} of {}. These \
             probabilities and the intervals of differences are not adjusted: they take the two as named before, so an interval can \
             leave out 0 where the adjusted p tells nothing apart. Not distinguishable is not equal.",
            board.primary
        ));
        said.extend(choice(board, best));
    }
    if best.left_out > 0 {
        let (which, verb) = (counted(best.left_out as u64, "pipeline"), agree(best.left_out, "lacks", "lack"));
        said.push(format!("{which} {verb} a fold and {} not compared.", agree(best.left_out, "is", "are")));
    }
    said.join(" ")
}

/// What these folds could have told.
pub(in crate::report) fn callable(board: &Leaderboard, best: &Best<'_>) -> Option<String> {
    let found = best.callable?;
    let design =
        format!("{} and {}", counted_splits(&best.best.splits), counted(best.compared.len() as u64, "comparison"));
    let reach = format!("{:.1} standard deviations of it over the folds", found.deviations);
    let Some(typical) = found.typical else {
        let each = agree(best.compared.len(), "the difference is", "each difference is");
        return Some(format!(
            "With {design} nothing can be told: {each} the same on every fold, which tells no variance."
        ));
    };
    let tells_some = best.equals(ALPHA).len() < best.compared.len();
    // Of two pipelines there are none to leave out.
    let fewer = if best.compared.len() > 1 { " or fewer pipelines" } else { "" };
    let room = || format!(", more than the {} that a pipeline can lie behind the best", score(Some(found.room)));
    let beyond = match (found.is_beyond_room(), tells_some) {
        (true, false) => format!("{}: at that median nothing can be told. Take more folds{fewer}", room()),
        (true, true) => format!("{}: at that median no pipeline could be told apart", room()),
        (false, _) => String::new(),
    };
    Some(match (found.is_rare(), tells_some) {
        (true, false) => format!(
            "With {design} nothing can be told: a difference is called from {reach} on. Take more folds{fewer}."
        ),
        (true, true) => {
            format!("With {design} little can be told: a difference is called from {reach} on. Take more folds{fewer}.")
        }
        (false, _) => format!(
            "With {design} a difference is called from {reach} on; at the median of these standard deviations that is {} of {}{beyond}.",
            score(Some(typical)),
            board.primary
        ),
    })
}

/// What choosing on these folds adds to the best's mean, and what it is worth all the same.
fn choice(board: &Leaderboard, best: &Best<'_>) -> Option<String> {
    let found = best.choice?;
    let end = if board.better == Better::Lower { "upper" } else { "lower" };
    let worth = found.interval.map_or_else(String::new, |range| {
        let among = best.others + 1;
        format!(
            " Its worth: 95% CI {}, whose {end} end allows for having chosen the best of {among}.",
            interval(Some(range))
        )
    });
    Some(format!("{}{worth}", flattery(board, best)?))
}

/// What choosing on these folds adds to the best's mean.
pub(in crate::report) fn flattery(board: &Leaderboard, best: &Best<'_>) -> Option<String> {
    let found = best.choice?;
    let own = score(board.primary_mean(best.best));
    if found.is_extrapolated() {
        return Some(extrapolated(found, &own, &board.primary));
    }
    Some(format!(
        "The best was chosen on these same folds. Read on folds on which it was not chosen it has {} instead of {own}: choosing \
         flatters it by {}.",
        score(found.mean),
        change(found.flattery?)
    ))
}

/// The same where the splits share test rows, so that no split tells what choosing adds.
fn extrapolated(found: Choice, own: &str, primary: &str) -> String {
    let read = score(Some(found.read));
    let said = format!(
        "For each split the best was chosen on the other splits and read on this one: {read} on average, instead of {own}. The splits \
         share test rows, so this difference shows only a part of what choosing adds"
    );
    let factor = format!("{:.1} times the difference", found.factor);
    match found.mean.zip(found.flattery) {
        Some((mean, flattery)) => format!(
            "{said}: an estimate of all of it is {}, extrapolated ({factor}), which leaves about {}.",
            change(flattery),
            score(Some(mean))
        ),
        None => format!(
            "{said}. How much it adds cannot be told here: extrapolated ({factor}), what is left would be outside the range of {primary}."
        ),
    }
}

/// The table of the best and those that cannot be told apart from it, and how many it has no room for.
fn comparison(board: &Leaderboard, best: &Best<'_>) -> (Table, usize) {
    let equals = best.equals(ALPHA);
    let interval = format!("95% CI of {}", board.primary);
    let axes = axes(board);
    let mut header = vec!["rank"];
    header.extend(axes.iter().map(|axis| axis.id));
    header.extend([
        &board.primary,
        &interval,
        "scored/planned",
        "best - this",
        "95% CI of it",
        "p (adjusted)",
        "P(best better)",
        "P(equal)",
        "P(this better)",
    ]);
    let mut rows = vec![pipeline(board, &axes, best.best).into_iter().chain(vec!["–".to_owned(); 6]).collect()];
    rows.extend(equals.iter().take(TOP - 1).map(|other| compared(board, &axes, other)));
    (Table::plain("best", &header, rows), (equals.len() + 1).saturating_sub(TOP))
}

/// The p-values of the families' best pipelines against each other, as a triangle; nothing where none can be paired.
pub(super) fn families(board: &Leaderboard, rows: &[&Row], id: &str) -> Vec<Block> {
    let tested = pairwise(board, rows);
    if tested.is_empty() {
        return Vec::new();
    }
    let chosen = chosen(board, rows.iter().copied());
    let chosen =
        chosen.map_or_else(String::new, |who| format!(" {who} was chosen as its family's best on these same folds."));
    let text = format!(
        "These pipelines against each other: p of the corrected resampled t-test on the folds of a pair, Holm-corrected over {}; at most \
         {ALPHA} in bold.{chosen}{}",
        counted(tested.len() as u64, "pair"),
        other_than_of_best(board, rows)
    );
    let header: Vec<&str> =
        ["family"].into_iter().chain(rows.iter().take(rows.len() - 1).map(|row| row.family.as_str())).collect();
    let body: Vec<Vec<String>> = (1..rows.len())
        .map(|i| {
            let cell = |j: usize| match tested.iter().find(|pair| pair.a == rows[j] && pair.b == rows[i]) {
                _ if j >= i => String::new(),
                Some(pair) if pair.p_holm <= ALPHA => format!("**{}**", probability(pair.p_holm)),
                Some(pair) => probability(pair.p_holm),
                None => "–".to_owned(),
            };
            [rows[i].family.clone()].into_iter().chain((0..rows.len() - 1).map(cell)).collect()
        })
        .collect();
    vec![Block::said(&text), Block::Table(Table::marked(id, &header, body))]
}

/// Why a pair with the best can be told apart here and not in the comparison with the best: of two pipelines both say the same.
fn other_than_of_best(board: &Leaderboard, rows: &[&Row]) -> String {
    let variant = rows.first().map(|row| row.pipeline.variant());
    let ranked = board.rows.iter().filter(|row| row.rank.is_some() && Some(row.pipeline.variant()) == variant).count();
    if ranked < 3 {
        return String::new();
    }
    format!(
        " These p-values allow for the pairs of this table alone. The adjusted p of the comparison with the best allows for having chosen \
         the best of {ranked}, so it can be larger: a pair in bold here can still be not distinguishable there, and then that p counts."
    )
}

/// What tells the pipelines of one dataset variant apart.
fn axes(board: &Leaderboard) -> Vec<&'static Axis> {
    let all = shown(board.rows.iter().map(|row| &*row.pipeline));
    all.into_iter().filter(|axis| axis.facet == Facet::Pipeline).collect()
}

fn pipeline(board: &Leaderboard, axes: &[&Axis], row: &Row) -> Vec<String> {
    let mut cells = vec![row.rank.map_or_else(String::new, |rank| rank.to_string())];
    cells.extend(axes.iter().map(|axis| axis.value(&row.pipeline).to_string()));
    cells.extend([summary(board.summary(row, &board.primary)), interval(row.interval), scored(row)]);
    cells
}

fn compared(board: &Leaderboard, axes: &[&Axis], other: &Compared<'_>) -> Vec<String> {
    let mut cells = pipeline(board, axes, other.row);
    let range = other.difference.interval(crate::analyze::leaderboard::LEVEL);
    cells.extend([
        change(other.difference.mean),
        range.map_or_else(|| "–".to_owned(), |(low, high)| format!("{} to {}", change(low), change(high))),
        probability(other.p_adjusted),
    ]);
    cells.extend(match other.probabilities {
        Some(p) => [p.above, p.within, p.below].map(probability),
        None => ["–"; 3].map(str::to_owned),
    });
    cells
}

/// `0.7512 to 0.8123`, or `–`.
pub(crate) fn interval(interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(|| "–".to_owned(), |(low, high)| format!("{} to {}", score(Some(low)), score(Some(high))))
}
