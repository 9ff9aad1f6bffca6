//! A simulated cluster: nodes that take one shard after the other and fail now and then, with the seconds that cells really took.
//!
//! What a plan is cut by are expected seconds, what the nodes then take are measured ones, as on a real cluster. A node that fails loses
//! the cell in flight and the choices and prefixes of its shard; the shard goes back into the queue, and whoever takes it starts, reads
//! the data, and goes on where the log ends.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::assign::{Piece, Share, assign_by};
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};

/// What a cluster is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// Nodes, each of which runs one shard at a time.
    pub nodes: usize,
    /// Seconds until a task has started, read its data and made its splits.
    pub start: f64,
    /// Failures and preemptions per hour of a node's work.
    pub failures: f64,
    /// Seconds that a task which failed waits before it can start again.
    pub requeue: f64,
    /// What failures are drawn by.
    pub seed: u32,
}

/// How a run on a cluster went, or the mean of several.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Outcome {
    /// Seconds from the first start to the last end.
    pub makespan: f64,
    /// Failures on the way.
    pub failures: f64,
    /// Node-seconds in starts, in prefixes that were made again, and in cells that were lost.
    pub overhead: f64,
}

/// Seconds that no schedule can be faster than: every node that works has to start, and then an even part of all work, each prefix once,
/// or the longest cell with all that it needs.
pub fn bound(pieces: &[Piece], nodes: usize, start: f64) -> f64 {
    let longest = |piece: &Piece| {
        piece.choose + piece.prepare + piece.cells.iter().map(|(_, seconds)| *seconds).fold(0.0, f64::max)
    };
    start + (work(pieces) / nodes.max(1) as f64).max(pieces.iter().map(longest).fold(0.0, f64::max))
}

/// Seconds of all cells, each prefix and each choice once.
pub fn work(pieces: &[Piece]) -> f64 {
    let choices: BTreeMap<usize, f64> = pieces.iter().map(|piece| (piece.choice, piece.choose)).collect();
    let own = |piece: &Piece| piece.prepare + piece.cells.iter().map(|(_, seconds)| seconds).sum::<f64>();
    pieces.iter().map(own).sum::<f64>() + choices.values().sum::<f64>()
}

/// One step of a shard: what has to be there, and the cell.
#[derive(Debug, Clone, Copy)]
struct Step {
    piece: usize,
    seconds: f64,
}

/// The steps of each of `shares`, with the seconds of `real`.
fn steps(real: &[Piece], shares: &[Share]) -> Vec<Vec<Step>> {
    let mut places: BTreeMap<usize, Step> = BTreeMap::new();
    for (piece, of) in real.iter().enumerate() {
        places.extend(of.cells.iter().map(|&(cell, seconds)| (cell, Step { piece, seconds })));
    }
    shares.iter().map(|share| share.cells.iter().filter_map(|cell| places.get(cell).copied()).collect()).collect()
}

/// A share of 1 between 0 and 1, never 0.
fn drawn(random: &mut Mt19937) -> f64 {
    1.0 - random.next_f64()
}

/// Failures after which a run is taken never to end: a cell that takes longer than nodes last is begun again for ever.
pub const FAILURES: usize = 100_000;
/// Draws of when nodes fail, of which the mean is told: one draw alone shows a failure that has next to no chance, or none where some
/// are to be expected.
pub const FAILING: u32 = 100;

/// Runs `shares` on a cluster; `real` says what pieces really take, with the same cells as those that were cut. None where it does not end.
pub fn run(real: &[Piece], shares: &[Share], cluster: &Cluster) -> Option<Outcome> {
    run_steps(real, &steps(real, shares), cluster)
}

/// The mean of [`FAILING`] runs, each with failures of its own; one run where no node fails. None where one of them does not end.
fn mean(real: &[Piece], shares: &[Share], cluster: &Cluster) -> Option<Outcome> {
    let shards = steps(real, shares);
    if cluster.failures == 0.0 {
        return run_steps(real, &shards, cluster);
    }
    let mut mean = Outcome::default();
    let share = f64::from(FAILING).recip();
    for draw in 0..FAILING {
        // The generator takes the lower half.
        let seed = derive(u64::from(cluster.seed), Purpose::Fail, &draw.to_string()) as u32;
        let drawn = run_steps(real, &shards, &Cluster { seed, ..*cluster })?;
        mean.makespan += share * drawn.makespan;
        mean.failures += share * drawn.failures;
        mean.overhead += share * drawn.overhead;
    }
    Some(mean)
}

/// Runs the steps of shards; see [`run`].
fn run_steps(real: &[Piece], shards: &[Vec<Step>], cluster: &Cluster) -> Option<Outcome> {
    let mut random = Mt19937::new(cluster.seed);
    let mut until_failure = || match cluster.failures > 0.0 {
        true => -drawn(&mut random).ln() * 3_600.0 / cluster.failures,
        false => f64::INFINITY,
    };
    // Seconds are never negative, and the bits of such numbers are ordered as they are.
    let mut free: BinaryHeap<Reverse<(u64, usize)>> =
        (0..cluster.nodes.max(1)).map(|node| Reverse((0.0_f64.to_bits(), node))).collect();
    // When it may start, which shard, and how many of its steps are done.
    let mut queue: BinaryHeap<Reverse<(u64, usize, usize)>> =
        (0..shards.len()).map(|shard| Reverse((0.0_f64.to_bits(), shard, 0))).collect();
    let mut outcome = Outcome::default();
    let (mut useful, mut failures) = (0.0, 0);
    while let (Some(Reverse((may, shard, done))), Some(Reverse((at, node)))) = (queue.pop(), free.pop()) {
        let begun = f64::from_bits(may).max(f64::from_bits(at));
        let fails = begun + until_failure();
        let (ended, reached) = attempt(real, &shards[shard][done..], begun + cluster.start, fails);
        let reached = done + reached;
        useful += shards[shard][done..reached].iter().map(|step| step.seconds).sum::<f64>();
        outcome.overhead += ended - begun;
        if reached < shards[shard].len() {
            failures += 1;
            if failures == FAILURES {
                return None;
            }
            queue.push(Reverse(((ended + cluster.requeue).to_bits(), shard, reached)));
        }
        outcome.makespan = outcome.makespan.max(ended);
        free.push(Reverse((ended.to_bits(), node)));
    }
    outcome.overhead -= useful;
    outcome.failures = failures as f64;
    Some(outcome)
}

/// One attempt at `steps` from `ready` on, until it fails; when it ended, and how many steps are done.
fn attempt(real: &[Piece], steps: &[Step], ready: f64, fails: f64) -> (f64, usize) {
    let (mut at, mut piece, mut choices) = (ready, None, Vec::new());
    for (nth, step) in steps.iter().enumerate() {
        if piece != Some(step.piece) {
            let of = &real[step.piece];
            piece = Some(step.piece);
            at += of.prepare;
            if !choices.contains(&of.choice) {
                choices.push(of.choice);
                at += of.choose;
            }
        }
        if at + step.seconds > fails {
            return (fails, nth);
        }
        at += step.seconds;
    }
    (at, steps.len())
}

/// A plan on a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// What the cluster is like.
    pub cluster: Cluster,
    /// Shards that the plan was cut into.
    pub shards: usize,
    /// Seconds that no schedule can be faster than.
    pub bound: f64,
    /// How it went; with failures on the average of [`FAILING`] draws.
    pub outcome: Outcome,
}

impl Point {
    /// The makespan in bounds.
    pub fn ratio(&self) -> f64 {
        self.outcome.makespan / self.bound.max(f64::MIN_POSITIVE)
    }
}

/// Shards per node and their sizes: one each has the fewest starts; more even out what was expected wrongly and what failed, and the
/// later ones may be the smaller, each half of what is left (Hummel, Schonberg and Flynn 1992). Where single cells are long, they are begun
/// first if the first shards are no longer than these: several of one length, and then halves.
const PER_NODE: [&[f64]; 11] = [
    &[1.0],
    &[1.0, 0.5],
    &[1.0, 0.5, 0.25],
    &[1.0, 0.5, 0.25, 0.125],
    &[1.0, 0.5, 0.25, 0.125, 0.125],
    &[1.0, 0.5, 0.25, 0.125, 0.0625, 0.0625],
    &[1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.03125],
    &[1.0; 4],
    &[1.0; 8],
    &[1.0, 1.0, 1.0, 1.0, 0.5, 0.25, 0.125, 0.125],
    &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.25, 0.125, 0.125],
];
/// How far off cells are taken to be where nothing is known of it: the standard deviation of the logarithm of their seconds.
const OFF: f64 = 0.3;
/// What is about as fast: all are tried on the same draws, so that little is chance.
const ABOUT: f64 = 1.002;
/// Draws of cells that are off.
const DRAWS: u32 = 4;

/// The pieces with every cell's seconds multiplied by a draw whose mean is 1 and whose logarithm has the deviation `spread`.
fn off(pieces: &[Piece], spread: f64, seed: u32) -> Vec<Piece> {
    let mut random = Mt19937::new(seed);
    let mut factor = || {
        let (radius, angle) = ((-2.0 * drawn(&mut random).ln()).sqrt(), std::f64::consts::TAU * drawn(&mut random));
        (spread * radius * angle.cos() - spread * spread / 2.0).exp()
    };
    let mut draw = |piece: &Piece| Piece {
        cells: piece.cells.iter().map(|&(cell, seconds)| (cell, seconds * factor())).collect(),
        ..*piece
    };
    pieces.iter().map(&mut draw).collect()
}

/// The shards for a cluster that are fastest on the average of a few draws in which cells take more or less than expected; `spread` is the
/// deviation of the logarithm of their seconds, if it is known. Of those that are about as fast the ones are taken whose last are the shortest:
/// whatever the draws do not know, such as that like cells are off together, what ends last was begun before an even part of the work was done,
/// so that it is late by no more than it takes.
pub fn fastest(expected: &[Piece], cluster: &Cluster, spread: Option<f64>) -> Vec<Share> {
    let spread = spread.unwrap_or(OFF);
    let draws: Vec<Vec<Piece>> =
        (0..DRAWS).map(|draw| off(expected, spread, cluster.seed.wrapping_add(draw))).collect();
    let makespan =
        |draw: &Vec<Piece>, shares: &[Share]| run(draw, shares, cluster).map_or(f64::INFINITY, |of| of.makespan);
    let guess = |shares: &[Share]| draws.iter().map(|draw| makespan(draw, shares)).sum::<f64>();
    let tried = PER_NODE.map(|sizes| {
        let all: Vec<f64> = sizes.iter().flat_map(|size| std::iter::repeat_n(*size, cluster.nodes)).collect();
        let shares = assign_by(expected, &all);
        (guess(&shares), shares)
    });
    let least = tried.iter().map(|(makespan, _)| *makespan).fold(f64::INFINITY, f64::min);
    let fast = tried.into_iter().filter(|(makespan, _)| *makespan <= ABOUT * least);
    fast.min_by(|a, b| last(&a.1, cluster.nodes).total_cmp(&last(&b.1, cluster.nodes)))
        .map(|(_, shares)| shares)
        .unwrap_or_default()
}

/// The mean seconds of the shards with which so many nodes end; they are begun in order.
fn last(shares: &[Share], nodes: usize) -> f64 {
    let last = &shares[shares.len().saturating_sub(nodes)..];
    last.iter().map(|share| share.seconds).sum::<f64>() / last.len().max(1) as f64
}

/// Runs `shares`, which were cut by expected seconds, by `real` ones. None where nodes fail so often that the cells are never done.
pub fn point(real: &[Piece], shares: &[Share], cluster: &Cluster) -> Option<Point> {
    Some(Point {
        cluster: *cluster,
        shards: shares.len(),
        bound: bound(real, cluster.nodes, cluster.start),
        outcome: mean(real, shares, cluster)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cluster::assign;

    fn pieces(of: &[(f64, &[f64])]) -> Vec<Piece> {
        let mut next = 0..;
        let piece = |(nth, (prepare, cells)): (usize, &(f64, &[f64]))| Piece {
            cells: cells.iter().filter_map(|seconds| Some((next.next()?, *seconds))).collect(),
            prepare: *prepare,
            choice: nth,
            choose: 0.0,
        };
        of.iter().enumerate().map(piece).collect()
    }

    const QUIET: Cluster = Cluster { nodes: 2, start: 5.0, failures: 0.0, requeue: 60.0, seed: 1 };

    #[test]
    fn a_quiet_cluster_takes_what_can_be_added_up_by_hand() {
        let pieces = pieces(&[(1.0, &[10.0, 10.0]), (1.0, &[10.0]), (1.0, &[10.0])]);
        assert_eq!(work(&pieces), 43.0);
        assert_eq!(bound(&pieces, 2, 5.0), 5.0 + 21.5);
        assert_eq!(bound(&pieces, 100, 5.0), 5.0 + 11.0);
        let point = point(&pieces, &assign(&pieces, 2), &QUIET).unwrap();
        assert_eq!((point.shards, point.outcome.makespan, point.outcome.failures), (2, 5.0 + 22.0, 0.0));
        // Two starts, and each prefix once.
        assert_eq!(point.outcome.overhead, 10.0 + 3.0);
    }

    #[test]
    fn a_shard_that_failed_goes_on_where_it_was_and_starts_again() {
        let pieces = pieces(&[(1.0, &[10.0, 10.0])]);
        let share = [Share { cells: vec![0, 1], seconds: 21.0 }];
        let shards = steps(&pieces, &share);
        assert_eq!(attempt(&pieces, &shards[0], 5.0, 17.0), (17.0, 1));
        // What is left needs its prefix again.
        assert_eq!(attempt(&pieces, &shards[0][1..], 82.0, 200.0), (93.0, 1));
        assert_eq!(attempt(&pieces, &shards[0], 5.0, 5.5), (5.5, 0));
    }

    #[test]
    fn with_failures_the_mean_is_told_and_not_one_draw() {
        // One cell of an hour on a node that lasts an hour on average. A try fails with the chance 1 - 1/e, so that e - 1 failures and
        // e - 1 hours are expected. The deviations of one draw are sqrt(e (e - 1)) = 2.16 and 0.976, those of 100 draws a tenth of them.
        let hour = pieces(&[(0.0, &[3_600.0])]);
        let often = Cluster { nodes: 1, start: 0.0, failures: 1.0, requeue: 0.0, seed: 1 };
        let whole = [Share { cells: vec![0], seconds: 3_600.0 }];
        let found = point(&hour, &whole, &often).unwrap().outcome;
        let expected = std::f64::consts::E - 1.0;
        assert!((found.failures - expected).abs() < 3.0 * 0.216, "{found:?}");
        assert!((found.makespan / 3_600.0 - expected).abs() < 3.0 * 0.0976, "{found:?}");
        assert!((found.overhead - (found.makespan - 3_600.0)).abs() < 1e-6, "{found:?}");
        // Five nodes work 10 s each, and one fails per ten hours: 0.0014 failures are expected, whatever the seed.
        let short = pieces(&[(0.0, &[5.0]), (0.0, &[5.0]), (0.0, &[5.0]), (0.0, &[5.0]), (0.0, &[5.0])]);
        for seed in 1..9 {
            let rarely = Cluster { nodes: 5, failures: 0.1, seed, ..QUIET };
            let found = point(&short, &assign(&short, 5), &rarely).unwrap();
            assert!(found.outcome.failures < 0.03 && found.ratio() < 1.2, "seed {seed}: {found:?}");
        }
    }

    #[test]
    fn nodes_that_last_for_no_cell_never_end() {
        let pieces = pieces(&[(0.0, &[60.0])]);
        let shares = assign(&pieces, 1);
        let fails = |failures: f64| point(&pieces, &shares, &Cluster { failures, ..QUIET });
        assert!(fails(1.0).is_some());
        // 28 failures per second: a minute without one has the chance exp(-1667).
        assert_eq!(fails(100_000.0), None);
    }

    #[test]
    fn of_shards_that_are_about_as_fast_those_with_the_shortest_end_are_taken() {
        let shares = |seconds: &[f64]| -> Vec<Share> {
            seconds.iter().map(|&seconds| Share { cells: vec![0], seconds }).collect()
        };
        assert_eq!(last(&shares(&[9.0, 5.0, 3.0, 1.0]), 2), 2.0);
        assert_eq!(last(&shares(&[9.0]), 2), 9.0);
        // Many cells that are far off, and starts that take next to nothing: the later shards are small.
        let cells: Vec<f64> = (0..400).map(|i| 1.0 + f64::from(i % 7)).collect();
        let of: Vec<(f64, &[f64])> = cells.iter().map(|seconds| (0.0, std::slice::from_ref(seconds))).collect();
        let found = fastest(&pieces(&of), &Cluster { start: 0.01, ..QUIET }, Some(0.6));
        let (first, end) = (found[0].seconds, found[found.len() - 1].seconds);
        assert!(found.len() > 8 && first > 7.0 * end, "{} shards, {first} to {end}", found.len());
        // Where a start takes as long as all cells, one shard per node.
        assert_eq!(fastest(&pieces(&of), &Cluster { start: 2_000.0, ..QUIET }, Some(0.6)).len(), 2);
    }

    proptest! {
        #[test]
        fn nothing_is_faster_than_the_bound_and_failures_only_add(
            seconds in prop::collection::vec(prop::collection::vec(0.1..50.0_f64, 1..6), 1..15),
            nodes in 1..20_usize,
            seed in 0..50_u32,
        ) {
            let of: Vec<(f64, &[f64])> = seconds.iter().map(|cells| (1.0, &cells[..])).collect();
            let pieces = pieces(&of);
            let quiet = Cluster { nodes, seed, ..QUIET };
            let shares = assign(&pieces, nodes);
            let calm = point(&pieces, &shares, &quiet).unwrap();
            let best = point(&pieces, &fastest(&pieces, &quiet, None), &quiet).unwrap();
            prop_assert!(calm.ratio() >= 1.0 - 1e-9 && best.ratio() >= 1.0 - 1e-9, "{}", calm.ratio());
            let busy = run(&pieces, &shares, &Cluster { failures: 60.0, ..quiet }).unwrap();
            prop_assert!(busy.overhead + 1e-9 >= calm.outcome.overhead);
            prop_assert!(busy.failures == 0.0 || busy.makespan >= calm.outcome.makespan - 1e-9);
        }
    }
}
