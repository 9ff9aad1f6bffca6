//! Stratified draws with scikit-learn's stream.

use super::counts::Counts;
use super::shares;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::words::counted;

/// The rows of `y` in one `train_test_split(test_size=share, stratify=y)` with a stream under way: (the rest; the part taken),
/// either in scikit-learn's shuffled order. For learners that keep rows out themselves.
///
/// # Errors
/// [`Error::Data`] where a class or a part would have fewer than two rows.
pub(crate) fn stratified_parts(
    y: &[u8],
    share: f64,
    part: &str,
    rng: &mut Mt19937,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let taken = shares::taken((y.len(), "rows"), share, part)?;
    stratified_rows(y, taken, part, rng)
}

/// The same where the part is so many rows: `test_size=taken`.
///
/// # Errors
/// As [`stratified_parts`].
pub(crate) fn stratified_rows(
    y: &[u8],
    taken: usize,
    part: &str,
    rng: &mut Mt19937,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let rows: Vec<usize> = (0..y.len()).collect();
    stratified(&rows, y, (y.len().saturating_sub(taken), taken), part, rng)
}

/// `size` of the rows, with their share of positives: scikit-learn's `resample(replace=False, stratify=y)`.
///
/// # Errors
/// [`Error::Data`] where a class, the draw or what is left of the rows has fewer than two rows; `part` names the draw.
pub(crate) fn stratified_draw(y: &[u8], size: usize, part: &str, rng: &mut Mt19937) -> Result<Vec<usize>> {
    let rows: Vec<usize> = (0..y.len()).collect();
    stratified(&rows, y, (size, y.len().saturating_sub(size)), part, rng).map(|(drawn, _)| drawn)
}

/// The rows of a split's training, validation and test part divided anew at random, each class for itself, in parts of the same
/// sizes; ascending.
///
/// # Errors
/// [`Error::Data`] where a class or a part has fewer than two rows.
pub(crate) fn redivided(parts: [&[usize]; 3], y: &[u8], seed: u32) -> Result<[Vec<usize>; 3]> {
    let mut rng = Mt19937::new(seed);
    let mut all = parts.concat();
    all.sort_unstable();
    let [trained, validated, tested] = parts.map(<[usize]>::len);
    let (mut train, mut test) = stratified(&all, y, (trained + validated, tested), "test", &mut rng)?;
    let mut validation = Vec::new();
    if validated > 0 {
        (train, validation) = stratified(&train, y, (trained, validated), "validation", &mut rng)?;
    }
    [&mut train, &mut validation, &mut test].into_iter().for_each(|part| part.sort_unstable());
    Ok([train, validation, test])
}

/// Two parts of `rows` of these sizes (they need not be all rows), each with the rows' share of positives, in scikit-learn's
/// shuffled order: one step of `StratifiedShuffleSplit._iter_indices`.
pub(super) fn stratified(
    rows: &[usize],
    y: &[u8],
    (left, taken): (usize, usize),
    part: &str,
    rng: &mut Mt19937,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let (negatives, positives): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&row| y[row] == 0);
    let counts = Counts { positives: positives.len(), negatives: negatives.len() };
    if counts.positives.min(counts.negatives) < 2 || taken < 2 || left < 2 {
        return Err(Error::Data(format!(
            "a stratified {part} part of {} cannot be taken from {counts}: each class needs 2 rows or more, \
             and so does each part",
            counted(taken as u64, "row"),
        )));
    }
    let sizes = [counts.negatives, counts.positives];
    let rest = approximate_mode(sizes, left, rng);
    let part = approximate_mode([sizes[0] - rest[0], sizes[1] - rest[1]], taken, rng);
    let mut kept = Vec::with_capacity(left);
    let mut out = Vec::with_capacity(taken);
    for (class, members) in [negatives, positives].iter().enumerate() {
        let order = rng.permutation(members.len());
        let (first, second) = order.split_at(rest[class]);
        kept.extend(first.iter().map(|&place| members[place]));
        out.extend(second[..part[class]].iter().map(|&place| members[place]));
    }
    rng.shuffle(&mut kept);
    // No caller needs this order, but learners go on with the stream.
    rng.shuffle(&mut out);
    Ok((kept, out))
}

/// How many of `draws` rows come from each class: scikit-learn's `_approximate_mode`, tie-breaking draws included.
fn approximate_mode(sizes: [usize; 2], draws: usize, rng: &mut Mt19937) -> [usize; 2] {
    let total = (sizes[0] + sizes[1]) as f64;
    let ideal = sizes.map(|size| size as f64 / total * draws as f64);
    let mut drawn = ideal.map(|share| share.floor() as usize);
    let left_over = ideal.map(|share| share - share.floor());
    let mut missing = draws.saturating_sub(drawn[0] + drawn[1]);
    // Classes that have the larger remainder go first; equal remainders are one group, drawn from at random.
    let groups: &[&[usize]] = match left_over[0].total_cmp(&left_over[1]) {
        std::cmp::Ordering::Equal => &[&[0, 1]],
        std::cmp::Ordering::Greater => &[&[0], &[1]],
        std::cmp::Ordering::Less => &[&[1], &[0]],
    };
    for group in groups {
        if missing == 0 {
            break;
        }
        for place in rng.choice(group.len(), missing) {
            drawn[group[place]] += 1;
            missing -= 1;
        }
    }
    drawn
}
