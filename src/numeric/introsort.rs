//! scikit-learn's `simultaneous_sort` with three-way partitions (`sklearn/utils/_sorting.pyx`): where it leaves equal values is
//! part of a result that adds up what belongs to them in that order.

/// Sorts `values` (none is NaN) and moves `places` along.
pub(crate) fn sort_together(values: &mut [f32], places: &mut [u32]) {
    debug_assert_eq!(values.len(), places.len());
    if !values.is_empty() {
        let depth = 2 * values.len().ilog2();
        sort(&mut Both { values, places }, depth);
    }
}

struct Both<'a> {
    values: &'a mut [f32],
    places: &'a mut [u32],
}

impl Both<'_> {
    fn swap(&mut self, one: usize, other: usize) {
        self.values.swap(one, other);
        self.places.swap(one, other);
    }

    fn part(&mut self, range: std::ops::Range<usize>) -> Both<'_> {
        Both { values: &mut self.values[range.clone()], places: &mut self.places[range] }
    }
}

/// The depth ends quicksort that has gone quadratic.
fn sort(all: &mut Both<'_>, mut depth: u32) {
    let mut from = 0;
    let end = all.values.len();
    while end - from > 15 {
        let mut rest = all.part(from..end);
        if depth == 0 {
            return heap_sort(&mut rest);
        }
        depth -= 1;
        let pivot = middle(rest.values);
        let (mut at, mut left, mut right) = (0, 0, rest.values.len());
        while at < right {
            let value = rest.values[at];
            if value < pivot {
                rest.swap(at, left);
                at += 1;
                left += 1;
            } else if value > pivot {
                right -= 1;
                rest.swap(at, right);
            } else {
                at += 1;
            }
        }
        sort(&mut rest.part(0..left), depth);
        from += right;
    }
    insertion_sort(&mut all.part(from..end));
}

/// The median of the first, the middle and the last value.
fn middle(values: &[f32]) -> f32 {
    let (a, b, c) = (values[0], values[values.len() / 2], values[values.len() - 1]);
    if a < b {
        if b < c {
            b
        } else if a < c {
            c
        } else {
            a
        }
    } else if b < c {
        if a < c { a } else { c }
    } else {
        b
    }
}

fn insertion_sort(all: &mut Both<'_>) {
    for from in 1..all.values.len() {
        let mut at = from;
        while at > 0 && all.values[at - 1] > all.values[at] {
            all.swap(at - 1, at);
            at -= 1;
        }
    }
}

fn heap_sort(all: &mut Both<'_>) {
    let n = all.values.len();
    for start in (0..=(n - 2) / 2).rev() {
        sift_down(all, start, n);
    }
    for end in (1..n).rev() {
        all.swap(0, end);
        sift_down(all, 0, end);
    }
}

fn sift_down(all: &mut Both<'_>, start: usize, end: usize) {
    let mut root = start;
    loop {
        let child = root * 2 + 1;
        let mut most = root;
        if child < end && all.values[most] < all.values[child] {
            most = child;
        }
        if child + 1 < end && all.values[most] < all.values[child + 1] {
            most = child + 1;
        }
        if most == root {
            return;
        }
        all.swap(root, most);
        root = most;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(values: Vec<f32>) -> Vec<u32> {
        let mut places: Vec<u32> = (0..values.len() as u32).collect();
        let mut values = values;
        sort_together(&mut values, &mut places);
        assert!(values.is_sorted());
        places
    }

    #[test]
    fn equal_values_lie_where_scikit_learn_leaves_them() {
        // scikit-learn 1.9.1: sklearn.utils._sorting._py_simultaneous_sort(values, places, n, use_three_way_partition=True)
        let mixed: Vec<f32> = (0..40).map(|i| ((i * i * 7) % 11) as f32).collect();
        assert_eq!(
            sorted(mixed),
            [
                0, 33, 11, 22, 37, 4, 7, 29, 26, 15, 18, 2, 24, 13, 35, 9, 20, 31, 1, 21, 23, 12, 34, 10, 32, 3, 36,
                19, 14, 30, 8, 25, 6, 5, 28, 27, 38, 39, 16, 17
            ]
        );
    }

    #[test]
    fn what_has_gone_quadratic_is_sorted_too() {
        // Medians of three of an organ pipe are bad pivots.
        let pipe: Vec<f32> = (0..600).map(|i| (if i < 300 { i } else { 599 - i }) as f32).collect();
        let places = sorted(pipe);
        assert_eq!([places[0] + places[1], places[598] + places[599]], [599, 599]);
        let hash = places.iter().fold(0_u32, |hash, place| hash.wrapping_mul(31).wrapping_add(*place));
        assert_eq!(hash, 3498119358);
    }
}
