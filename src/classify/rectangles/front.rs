//! Rectangles that no other beats in both errors, and the choice among them.

use rayon::prelude::*;

use super::plane::{Edges, Plane};
use crate::numeric::mt19937::Mt19937;

/// Rectangles that are drawn before they are counted, side by side.
const BATCH: usize = 1 << 16;
/// Rectangles that a thread counts at a time.
const CHUNK: usize = 1 << 12;

/// A rectangle with its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Positives inside.
    pub found: u32,
    /// Negatives inside.
    pub alarms: u32,
    /// Where it is.
    pub edges: Edges,
}

/// For each number of positives inside, the rectangle with the fewest negatives inside; of several the first one.
#[derive(Debug, Clone)]
pub struct Fewest(Vec<Option<Counted>>);

impl Fewest {
    /// None yet.
    pub fn new(plane: &Plane) -> Self {
        Fewest(vec![None; plane.class(1).len() + 1])
    }

    /// With another one, if it is better.
    pub fn offer(&mut self, other: Counted) {
        let own = &mut self.0[other.found as usize];
        if own.is_none_or(|own| other.alarms < own.alarms) {
            *own = Some(other);
        }
    }

    /// With those of `later`, which came after its own.
    fn and(mut self, later: Fewest) -> Fewest {
        later.0.into_iter().flatten().for_each(|other| self.offer(other));
        self
    }

    /// Those that no other beats: with more positives inside come more negatives.
    pub fn front(&self) -> Vec<Counted> {
        let mut front: Vec<Counted> = Vec::new();
        for counted in self.0.iter().rev().flatten() {
            if front.last().is_none_or(|last| counted.alarms < last.alarms) {
                front.push(*counted);
            }
        }
        front.reverse();
        front
    }
}

/// The best of `n` random rectangles.
pub fn of_random(plane: &Plane, n: usize, seed: u32) -> Fewest {
    let mut random = Mt19937::new(seed);
    let mut best = Fewest::new(plane);
    for from in (0..n).step_by(BATCH) {
        let drawn: Vec<Edges> = (from..n.min(from + BATCH)).map_while(|_| plane.draw(&mut random)).collect();
        let chunks: Vec<Fewest> = drawn
            .par_chunks(CHUNK)
            .map(|chunk| {
                let mut best = Fewest::new(plane);
                for &edges in chunk {
                    let [found, alarms] = plane.count(edges);
                    best.offer(Counted { found, alarms, edges });
                }
                best
            })
            .collect();
        best = chunks.into_iter().fold(best, Fewest::and);
    }
    best
}

/// The best of all rectangles whose edges are values of positives. A rectangle that is shrunk to the positives in it keeps
/// them, and no negative comes in: no other rectangle beats all of these. Of more values than `most` in a column, `most` are
/// tried.
pub fn of_all(plane: &Plane, most: usize) -> Fewest {
    let values = [0, 1].map(|axis| plane.positive_values(axis, most));
    let corners = [0, 1].map(|class| Corners::new(plane, class, &values));
    let strips: Vec<Fewest> = (0..values[0].len())
        .into_par_iter()
        .map(|left| {
            let mut best = Fewest::new(plane);
            for right in left..values[0].len() {
                let strips = [0, 1].map(|class: usize| corners[class].strip(left, right));
                in_strip(&strips, |found, alarms, [bottom, top]| {
                    let edges = [values[0][left], values[0][right], values[1][bottom], values[1][top]];
                    best.offer(Counted { found, alarms, edges });
                });
            }
            best
        })
        .collect();
    strips.into_iter().fold(Fewest::new(plane), Fewest::and)
}

/// The counts of a class below and up to every pair of edges.
struct Corners {
    /// By whether the first and the second value count as inside: first column x second column.
    counts: [[Vec<u32>; 2]; 2],
    side: usize,
}

/// A class's rows between two edges of the first column: those that lie below an edge of the second one, and those up to it.
struct Strip {
    below: Vec<u32>,
    up_to: Vec<u32>,
}

impl Corners {
    fn new(plane: &Plane, class: usize, values: &[Vec<u32>; 2]) -> Self {
        let spans = [0, 1].map(|axis: usize| {
            values[axis].iter().map(|&place| plane.span(class, axis, place)).collect::<Vec<[u32; 2]>>()
        });
        let of = |x: usize, y: usize| {
            let pairs = spans[0].par_iter().flat_map_iter(|of_x| spans[1].iter().map(move |of_y| (of_x[x], of_y[y])));
            pairs.map(|(x, y)| plane.class(class).below(x, y)).collect()
        };
        Corners { counts: [[of(0, 0), of(0, 1)], [of(1, 0), of(1, 1)]], side: values[1].len() }
    }

    fn strip(&self, left: usize, right: usize) -> Strip {
        let of = |y: usize| {
            let row = |x: usize, at: usize| &self.counts[x][y][at * self.side..][..self.side];
            row(1, right).iter().zip(row(0, left)).map(|(to, from)| to - from).collect()
        };
        Strip { below: of(0), up_to: of(1) }
    }
}

/// Tells `each` of the rectangles of a strip: positives and negatives inside, and the places of their edges.
fn in_strip(strips: &[Strip; 2], mut each: impl FnMut(u32, u32, [usize; 2])) {
    let [negatives, positives] = strips;
    for bottom in 0..negatives.below.len() {
        let (alarms, found) = (negatives.below[bottom], positives.below[bottom]);
        for top in bottom..negatives.up_to.len() {
            each(positives.up_to[top] - found, negatives.up_to[top] - alarms, [bottom, top]);
        }
    }
}

/// What makes one rectangle of a front better than another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// The smallest sum of both errors: Youden's index is largest.
    Youden,
    /// The smallest error of the second kind (negatives inside) where that of the first kind (positives outside) is at most
    /// this share.
    SecondKind(f64),
    /// The smallest cost of what is wrong.
    Cost {
        /// Of a positive outside.
        false_negative: f64,
        /// Of a negative inside.
        false_positive: f64,
    },
}

impl Choice {
    /// The best of a front, and whether it keeps the bound, if there is one: without any that does, it is the one with the
    /// fewest positives outside. Of equally good ones the one with the fewest negatives inside. None of an empty front.
    pub fn of(self, front: &[Counted], totals: [usize; 2]) -> Option<(Counted, bool)> {
        let [negatives, positives] = totals.map(|total| total as f64);
        let missed = |counted: &Counted| positives - f64::from(counted.found);
        let merit = |counted: &Counted| {
            let (found, alarms) = (f64::from(counted.found), f64::from(counted.alarms));
            match self {
                // Both errors by one denominator: whole numbers, which are compared exactly.
                Choice::Youden => found * negatives - alarms * positives,
                Choice::SecondKind(_) => -alarms,
                Choice::Cost { false_negative, false_positive } => {
                    -(false_negative * missed(counted) + false_positive * alarms)
                }
            }
        };
        let keeps = |counted: &Counted| match self {
            Choice::SecondKind(most) => missed(counted) <= most * positives,
            Choice::Youden | Choice::Cost { .. } => true,
        };
        // A front has ever more inside: of equal ones the first has the fewest negatives.
        let mut best: Option<Counted> = None;
        for counted in front.iter().filter(|counted| keeps(counted)) {
            if best.is_none_or(|best| merit(counted) > merit(&best)) {
                best = Some(*counted);
            }
        }
        best.map(|best| (best, true)).or_else(|| front.last().map(|last| (*last, false)))
    }
}
