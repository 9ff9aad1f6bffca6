//! A random draw of the rows that stay.

use super::strategy::{Classes, Strategy, rows_of};
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;

/// The rows that `RandomUnderSampler` leaves of those labelled `y`, in its order: all of label 0, then all of label 1, each in
/// the order of the draw, or ascending where nothing is drawn. `id` is who asks for it.
///
/// # Errors
/// One class only; a ratio for which there are too few majority rows.
pub(crate) fn undersampled(
    id: &str,
    y: &[u8],
    strategy: Strategy,
    replacement: bool,
    random_state: u32,
) -> Result<Vec<usize>> {
    let classes = Classes::both(id, y)?;
    let left = strategy.left(id, &classes)?;
    Ok(draw(&classes, left, y, replacement, random_state))
}

fn draw(classes: &Classes, left: [Option<usize>; 2], y: &[u8], replacement: bool, random_state: u32) -> Vec<usize> {
    let mut random = Mt19937::new(random_state);
    let mut rows = Vec::new();
    for label in [0, 1] {
        let of_label = rows_of(y, label as u8);
        match left[label] {
            None => rows.extend(of_label),
            Some(wanted) if replacement => {
                let last = classes.counts[label] as u64 - 1;
                rows.extend((0..wanted).map(|_| of_label[random.interval(last) as usize]));
            }
            Some(wanted) => rows.extend(random.choice(of_label.len(), wanted).into_iter().map(|nth| of_label[nth])),
        }
    }
    rows
}
