//! Classifiers that are made of others: ensembles, and probabilities that are made of scores.

use super::models::{Said, said};
use super::proto::{Attribute, Type, doubles};
use super::{Builder, Wire, exact};
use crate::component::{Isotonic, Link, MemberSum, SavedMap, SavedMember, SavedModel, VennAbers};

/// Members whose shares, votes or labels are added up.
///
/// # Errors
/// Those of the members.
pub(super) fn members(b: &mut Builder, x: &str, says: MemberSum, all: &[SavedMember]) -> Result<Said, String> {
    if says == MemberSum::Boosted {
        return boosted(b, x, all);
    }
    let mut sums: Option<[Wire; 2]> = None;
    let mut total = 0.0;
    for SavedMember { model, columns, weight } in all {
        let own = columns.as_ref().map_or(x.to_owned(), |columns| b.columns(x, columns));
        let told = said(b, &own, model)?;
        let by_label = says == MemberSum::Labels || !share_is_score(model);
        let share = if by_label { b.cast(&told.label, Type::Double) } else { told.score };
        let weight = if says == MemberSum::Mean { 1.0 } else { *weight };
        total += weight;
        let less = b.times(&share, -1.0);
        let others = b.add(&less, 1.0);
        let both = [b.times(&others, weight), b.times(&share, weight)];
        sums = Some(match sums {
            None => both,
            Some([negative, positive]) => [b.of("Add", &[&negative, &both[0]]), b.of("Add", &[&positive, &both[1]])],
        });
    }
    let [negative, positive] = sums.ok_or("the ensemble has no members")?;
    let [negative, positive] = [negative, positive].map(|sum| b.over(&sum, total));
    let label = b.of("Greater", &[&positive, &negative]);
    Ok(Said { label: b.cast(&label, Type::Int64), score: positive })
}

/// Members whose labels add their weight, or take it off.
fn boosted(b: &mut Builder, x: &str, all: &[SavedMember]) -> Result<Said, String> {
    let mut votes: Option<Wire> = None;
    for SavedMember { model, columns, weight } in all {
        let own = columns.as_ref().map_or(x.to_owned(), |columns| b.columns(x, columns));
        let label = said(b, &own, model)?.label;
        let label = b.cast(&label, Type::Double);
        // 1 and -1.
        let twice = b.times(&label, 2.0);
        let sign = b.add(&twice, -1.0);
        let vote = b.times(&sign, *weight);
        votes = Some(match votes {
            None => vote,
            Some(so_far) => b.of("Add", &[&so_far, &vote]),
        });
    }
    let votes = votes.ok_or("the ensemble has no members")?;
    let vote = b.over(&votes, all.iter().map(|member| member.weight).sum());
    let decision = b.times(&vote, 2.0);
    Ok(Said { score: b.expit(&decision), label: b.above(&decision, 0.0) })
}

/// Whether an ensemble adds up what a member scores; of the others it counts the labels.
pub(super) fn share_is_score(model: &SavedModel) -> bool {
    match model {
        SavedModel::Linear(plane) => plane.link != Link::Identity,
        SavedModel::Vectors(_) => false,
        SavedModel::Library(library) => library.probability,
        SavedModel::Stacked { last, .. } => share_is_score(last),
        // Its scores are votes only if it is asked for its shares itself.
        SavedModel::Thresholded { model, .. } => match model.as_ref() {
            SavedModel::Members { says, .. } => *says != MemberSum::Labels,
            model => share_is_score(model),
        },
        SavedModel::Constant { .. }
        | SavedModel::Trees(_)
        | SavedModel::Gaussians { .. }
        | SavedModel::Quadric { .. }
        | SavedModel::Neighbors(_)
        | SavedModel::Network(_)
        | SavedModel::Members { .. }
        | SavedModel::Mapped { .. }
        | SavedModel::PriorCorrected { .. } => true,
    }
}

/// The last model sees the members' scores as columns.
///
/// # Errors
/// Those of the models.
pub(super) fn stacked(
    b: &mut Builder,
    x: &str,
    (members, last): (&[SavedModel], &SavedModel),
    passthrough: bool,
) -> Result<Said, String> {
    if exact::is_stepped(last) && !members.iter().all(exact::is_fine) {
        return Err("its last model jumps where ONNX rounds the scores of the members before it otherwise".into());
    }
    let mut columns = Vec::with_capacity(members.len() + 1);
    for member in members {
        let score = said(b, x, member)?.score;
        columns.push(column(b, &score));
    }
    if passthrough {
        columns.push(x.to_owned());
    }
    let told = b.beside(&columns);
    said(b, &told, last)
}

/// A vector as a column.
fn column(b: &mut Builder, vector: &str) -> Wire {
    let axis = b.ints(&[1]);
    b.of("Unsqueeze", &[vector, &axis])
}

/// Probabilities of scores.
pub(super) fn mapped(b: &mut Builder, score: &str, map: &SavedMap) -> Said {
    let score = match map {
        SavedMap::Sigmoid(map) => {
            let steep = b.times(score, -map.a);
            let odds = b.add(&steep, -map.b);
            b.expit(&odds)
        }
        SavedMap::Isotonic(map) => isotonic(b, score, map),
        SavedMap::VennAbers(map) => venn_abers(b, score, map),
    };
    Said { label: b.above(&score, 0.5), score }
}

/// How many of some numbers lie below each score, or are equal to it.
fn count(b: &mut Builder, score: &str, op: &str, knots: &[f64]) -> Wire {
    let (knots, score) = (b.row(knots), column(b, score));
    let is_below = b.of(op, &[&knots, &score]);
    let is_below = b.cast(&is_below, Type::Double);
    let count = b.sum(&is_below);
    let count = b.vector(&count);
    b.cast(&count, Type::Int64)
}

fn pick(b: &mut Builder, values: &[f64], place: &str) -> Wire {
    let values = b.constant(|name| doubles(name, &[values.len()], values));
    b.with("Gather", &[&values, place], &[("axis", Attribute::Int(0))])
}

fn isotonic(b: &mut Builder, score: &str, Isotonic { knots }: &Isotonic) -> Wire {
    let (at, to): (Vec<f64>, Vec<f64>) = knots.iter().copied().unzip();
    let above = count(b, score, "Less", &at);
    let (before, first, last) = (b.ints(&[-1]), b.ints(&[0]), b.ints(&[knots.len() as i64 - 1]));
    let low = b.of("Add", &[&above, &before]);
    let low = b.of("Max", &[&low, &first]);
    let high = b.of("Min", &[&above, &last]);
    let (from, until) = (pick(b, &at, &low), pick(b, &at, &high));
    let (start, end) = (pick(b, &to, &low), pick(b, &to, &high));
    // Beyond the outermost knots both are the same one.
    let (width, zero, one) = (b.of("Sub", &[&until, &from]), b.number(0.0), b.number(1.0));
    let flat = b.of("Equal", &[&width, &zero]);
    let width = b.of("Where", &[&flat, &one, &width]);
    let part = b.of("Sub", &[score, &from]);
    let part = b.of("Div", &[&part, &width]);
    let rise = b.of("Sub", &[&end, &start]);
    let risen = b.of("Mul", &[&rise, &part]);
    let between = b.of("Add", &[&start, &risen]);
    b.of("Where", &[&flat, &start, &between])
}

fn venn_abers(b: &mut Builder, score: &str, VennAbers { scores, lower, upper }: &VennAbers) -> Wire {
    let (below, up_to) = (count(b, score, "Less", scores), count(b, score, "LessOrEqual", scores));
    let p0 = pick(b, &[&[0.0], &lower[..]].concat(), &up_to);
    let p1 = pick(b, &[&upper[..], &[1.0]].concat(), &below);
    let less = b.times(&p0, -1.0);
    let others = b.add(&less, 1.0);
    let all = b.of("Add", &[&others, &p1]);
    b.of("Div", &[&p1, &all])
}
