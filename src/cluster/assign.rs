//! Cutting work into shards: longest first, each piece to the shard where it ends soonest. Pure; no clock, no disk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::numeric::mt19937::Mt19937;

/// What belongs together: the cells of a prefix.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The cells, each with the seconds that it takes.
    pub cells: Vec<(usize, f64)>,
    /// Seconds that the prefix takes wherever one of the cells is run.
    pub prepare: f64,
    /// The number of the resampler's choice that the prefix needs; prefixes with the same number share it within a shard.
    pub choice: usize,
    /// Seconds of that choice.
    pub choose: f64,
}

impl Piece {
    fn cells_seconds(&self) -> f64 {
        self.cells.iter().map(|(_, seconds)| seconds).sum()
    }

    fn own(&self) -> f64 {
        self.prepare + self.cells_seconds()
    }

    /// Cuts the cells into parts of about `limit` seconds, choice and prefix included, longest cell first. A cell that takes more is a part
    /// by itself, so that what is left of its prefix can be cut as finely as any other.
    fn cut(&self, limit: f64) -> Vec<Piece> {
        let before = self.prepare + self.choose;
        if self.cells.len() < 2 || before + self.cells_seconds() <= limit {
            return vec![self.clone()];
        }
        let room = (limit - before).max(f64::MIN_POSITIVE);
        let mut cells = self.cells.clone();
        cells.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let (long, short): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(_, seconds)| *seconds >= room);
        let parts = (short.iter().map(|(_, seconds)| seconds).sum::<f64>() / room).ceil() as usize;
        let mut bins: Vec<(f64, Vec<(usize, f64)>)> = vec![(0.0, Vec::new()); parts.clamp(1, short.len().max(1))];
        for cell in short {
            if let Some(least) = bins.iter_mut().min_by(|a, b| a.0.total_cmp(&b.0)) {
                least.0 += cell.1;
                least.1.push(cell);
            }
        }
        bins.retain(|(_, cells)| !cells.is_empty());
        let parts = long.into_iter().map(|cell| vec![cell]).chain(bins.into_iter().map(|(_, cells)| cells));
        parts.map(|cells| Piece { cells, ..self.clone() }).collect()
    }
}

/// What a shard gets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Share {
    /// The cells, ascending.
    pub cells: Vec<usize>,
    /// Seconds that they are expected to take, prefixes included.
    pub seconds: f64,
}

/// How fine pieces are cut that are longer than a shard's even part, as shares of that part; the first keeps prefixes whole.
const CUTS: [f64; 4] = [f64::INFINITY, 1.0, 0.5, 0.25];

/// Cuts `pieces` into at most `shards` shards of about the same length, the longest first. Prefixes stay whole, unless the longest shard
/// is shorter with some of them cut; each part then prepares the prefix again. No shard is empty.
pub fn assign(pieces: &[Piece], shards: usize) -> Vec<Share> {
    assign_by(pieces, &vec![1.0; shards.max(1)])
}

/// The same with shards whose lengths are to each other as `sizes` are.
pub(super) fn assign_by(pieces: &[Piece], sizes: &[f64]) -> Vec<Share> {
    let chosen: HashMap<usize, f64> = pieces.iter().map(|piece| (piece.choice, piece.choose)).collect();
    let total: f64 = pieces.iter().map(Piece::own).sum::<f64>() + chosen.values().sum::<f64>();
    let even = total / sizes.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let least = sizes.iter().copied().fold(f64::INFINITY, f64::min);
    let mut best: Option<(f64, Vec<Share>)> = None;
    for share in CUTS {
        let cut: Vec<Piece> = pieces.iter().flat_map(|piece| piece.cut(even * share)).collect();
        // One by one, and with those glued that share a choice.
        for room in [0.0, even * least] {
            let found = longest_first(&glued(&cut, room), sizes);
            let ends = found.iter().zip(sizes).map(|(share, size)| share.seconds / size);
            let longest = ends.fold(0.0, f64::max);
            // A cut that gains less than a hundredth is not worth its prefixes.
            if best.as_ref().is_none_or(|(before, _)| longest < 0.99 * before) {
                best = Some((longest, found));
            }
        }
    }
    let mut shares = best.map(|(_, shares)| shares).unwrap_or_default();
    shares.retain(|share| !share.cells.is_empty());
    shares.iter_mut().for_each(|share| share.cells.sort_unstable());
    // An engine begins with the first: a long one that is begun last would end last.
    shares.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then(a.cells.cmp(&b.cells)));
    shares
}

/// Pieces that go into one shard together.
struct Bundle<'p> {
    pieces: Vec<&'p Piece>,
    choice: usize,
    choose: f64,
    /// Seconds without the choice.
    own: f64,
}

/// Glues pieces of one choice together, as long as a bundle takes no more than `room` seconds.
fn glued(pieces: &[Piece], room: f64) -> Vec<Bundle<'_>> {
    let mut bundles: Vec<Bundle<'_>> = Vec::new();
    let mut open: HashMap<usize, usize> = HashMap::new();
    for piece in pieces {
        let last = open.get(&piece.choice).copied();
        match last.filter(|&at| bundles[at].choose + bundles[at].own + piece.own() <= room * (1.0 + 1e-9)) {
            Some(at) => {
                bundles[at].own += piece.own();
                bundles[at].pieces.push(piece);
            }
            None => {
                open.insert(piece.choice, bundles.len());
                let (choice, choose, own) = (piece.choice, piece.choose, piece.own());
                bundles.push(Bundle { pieces: vec![piece], choice, choose, own });
            }
        }
    }
    bundles
}

/// Shards of one size by their seconds. These are never negative, and the bits of such numbers are ordered as they are.
type Loads = BTreeSet<(u64, usize)>;

/// Each bundle, the longest first, goes to the shard where it ends soonest for the shard's size; one that has its choice already need not
/// make it.
fn longest_first(bundles: &[Bundle<'_>], sizes: &[f64]) -> Vec<Share> {
    // Those that take the same follow each other in the plan's order, split after split. Dealt out in that order, a shard could get those of one
    // split alone, which are off together.
    let mut order: Vec<&Bundle<'_>> =
        Mt19937::new(0).permutation(bundles.len()).iter().map(|&at| &bundles[at]).collect();
    order.sort_by(|a, b| (b.own + b.choose).total_cmp(&(a.own + a.choose)));
    let mut shares = vec![Share::default(); sizes.len()];
    let mut by_size: BTreeMap<u64, Loads> = BTreeMap::new();
    for (shard, size) in sizes.iter().enumerate() {
        by_size.entry(size.to_bits()).or_default().insert((0.0_f64.to_bits(), shard));
    }
    let mut having: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    for bundle in order {
        let of_choice = having.entry(bundle.choice).or_default();
        let with = of_choice.iter().map(|&shard| (shares[shard].seconds + bundle.own, shard));
        let least = by_size.values().filter_map(|loads| loads.first());
        let without = least.map(|&(_, shard)| (shares[shard].seconds + bundle.own + bundle.choose, shard));
        let soonest = with.chain(without).min_by(|a, b| (a.0 / sizes[a.1]).total_cmp(&(b.0 / sizes[b.1])));
        let Some((end, shard)) = soonest else { continue };
        if let Some(loads) = by_size.get_mut(&sizes[shard].to_bits()) {
            loads.remove(&(shares[shard].seconds.to_bits(), shard));
            loads.insert((end.to_bits(), shard));
        }
        shares[shard].seconds = end;
        let cells = bundle.pieces.iter().flat_map(|piece| &piece.cells);
        shares[shard].cells.extend(cells.map(|(cell, _)| *cell));
        of_choice.insert(shard);
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn() -> impl Strategy<Value = Vec<Piece>> {
        let piece = (prop::collection::vec(0.0..100.0_f64, 1..8), 0.0..5.0_f64, 0..4_usize);
        prop::collection::vec(piece, 1..20).prop_map(|pieces| {
            let mut next = 0..;
            let of = |(cells, prepare, choice): (Vec<f64>, f64, usize)| Piece {
                cells: cells.into_iter().filter_map(|seconds| Some((next.next()?, seconds))).collect(),
                prepare,
                choice,
                choose: choice as f64,
            };
            pieces.into_iter().map(of).collect()
        })
    }

    /// What a shard really takes: its cells, and every prefix and choice that they need once.
    fn seconds(pieces: &[Piece], share: &Share) -> f64 {
        let (mut sum, mut choices) = (0.0, BTreeSet::new());
        for piece in pieces {
            let cells: Vec<f64> =
                piece.cells.iter().filter(|(cell, _)| share.cells.contains(cell)).map(|(_, s)| *s).collect();
            if !cells.is_empty() {
                sum += piece.prepare + cells.iter().sum::<f64>();
                if choices.insert(piece.choice) {
                    sum += piece.choose;
                }
            }
        }
        sum
    }

    proptest! {
        #[test]
        fn every_cell_is_in_one_shard_and_no_shard_is_empty(pieces in drawn(), shards in 1..30_usize) {
            let shares = assign(&pieces, shards);
            let mut cells: Vec<usize> = shares.iter().flat_map(|share| share.cells.clone()).collect();
            cells.sort_unstable();
            let all: usize = pieces.iter().map(|piece| piece.cells.len()).sum();
            prop_assert_eq!(cells, (0..all).collect::<Vec<_>>());
            prop_assert!(shares.len() <= shards && shares.iter().all(|share| !share.cells.is_empty()));
            prop_assert!(shares.windows(2).all(|pair| pair[0].seconds >= pair[1].seconds));
            // Two parts of one prefix in a shard prepare it once, so that what was reckoned is never too little.
            for share in &shares {
                prop_assert!(seconds(&pieces, share) <= share.seconds + 1e-9);
            }
        }

        /// Graham's bound of list scheduling, with whole prefixes.
        #[test]
        fn the_longest_shard_is_shorter_than_an_even_part_and_the_longest_piece(pieces in drawn(), shards in 1..30_usize) {
            let shares = assign(&pieces, shards);
            let longest = pieces.iter().map(|piece| piece.own() + piece.choose).fold(0.0, f64::max);
            let total: f64 = pieces.iter().map(|piece| piece.own() + piece.choose).sum();
            prop_assert!(shares[0].seconds <= total / shards as f64 + longest + 1e-9);
        }
    }

    fn piece(from: usize, cells: &[f64], choice: usize) -> Piece {
        let cells = cells.iter().enumerate().map(|(at, seconds)| (from + at, *seconds)).collect();
        Piece { cells, prepare: 1.0, choice, choose: 10.0 }
    }

    #[test]
    fn prefixes_stay_whole_where_that_is_as_good_and_go_where_their_choice_is() {
        let pieces =
            [piece(0, &[4.0, 4.0], 0), piece(2, &[4.0, 4.0], 0), piece(4, &[4.0, 4.0], 1), piece(6, &[4.0, 4.0], 1)];
        let shares = assign(&pieces, 2);
        assert_eq!(shares.iter().map(|share| share.cells.clone()).collect::<Vec<_>>(), [[0, 1, 2, 3], [4, 5, 6, 7]]);
        assert_eq!(shares[0].seconds, 28.0);
    }

    #[test]
    fn no_shard_gets_like_cells_of_one_split_alone() {
        // Ten splits of which the first is slow, 30 times over: dealt out in their order, ten shards would have a split each.
        let pieces: Vec<Piece> =
            (0..300).map(|cell| Piece { choose: 0.0, prepare: 0.0, ..piece(cell, &[1.0], cell) }).collect();
        for share in assign(&pieces, 10) {
            let most = (0..10).map(|split| share.cells.iter().filter(|&&cell| cell % 10 == split).count()).max();
            assert!(share.cells.len() == 30 && most < Some(12), "{:?}", share.cells);
        }
    }

    #[test]
    fn lengths_are_to_each_other_as_the_sizes() {
        let pieces: Vec<Piece> =
            (0..60).map(|cell| Piece { choose: 0.0, prepare: 0.0, ..piece(cell, &[1.0], cell) }).collect();
        let seconds: Vec<f64> = assign_by(&pieces, &[1.0, 1.0, 0.5, 0.5]).iter().map(|share| share.seconds).collect();
        assert_eq!(seconds, [20.0, 20.0, 10.0, 10.0]);
    }

    #[test]
    fn a_prefix_is_cut_where_there_are_more_shards_than_prefixes() {
        let shares = assign(&[piece(0, &[40.0, 40.0, 40.0, 40.0], 0)], 4);
        assert_eq!(shares.iter().map(|share| share.cells.len()).collect::<Vec<_>>(), [1, 1, 1, 1]);
        assert_eq!(shares[0].seconds, 51.0);
        // A cell that is longer than a part leaves the rest to be cut.
        let uneven = Piece { prepare: 0.0, choose: 0.0, ..piece(0, &[40.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0], 0) };
        let shares = assign(std::slice::from_ref(&uneven), 4);
        assert_eq!(shares.iter().map(|share| share.seconds).collect::<Vec<_>>(), [40.0, 20.0, 20.0, 20.0]);
        assert_eq!(uneven.cut(25.0).iter().map(|part| part.cells.len()).collect::<Vec<_>>(), [1, 2, 2, 2]);
        // Here each cell is nothing beside its prefix: to prepare that four times would gain nothing.
        assert_eq!(assign(&[piece(0, &[0.01; 4], 0)], 4).len(), 1);
    }
}
