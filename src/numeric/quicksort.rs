//! numpy's `argsort(kind="quicksort")`: an introsort, which leaves equal values in an order of its own. Published results that
//! hang on that order (rows of one second, cards with one score) can be had again only with the same steps.
//!
//! After `npysort/quicksort.cpp` and `heapsort.cpp`, numpy 1.0 to 2.4, as they are without vector instructions: numpy 1.25 and
//! later sort plain integers and floats by AVX-512 or AVX2 where the machine has it, and leave equal values otherwise.

/// Stretches of up to so many values and one more are sorted by insertion.
const SMALL: usize = 15;

/// The places of `values` in ascending order; none may be NaN.
///
/// # Panics
/// With more than 2^32 - 1 values.
pub(crate) fn argsort<T: Copy + PartialOrd>(values: &[T]) -> Vec<u32> {
    let count = u32::try_from(values.len()).expect("places are 32 bits");
    let mut order: Vec<u32> = (0..count).collect();
    if !order.is_empty() {
        quicksort(values, &mut order);
    }
    order
}

/// The places of `values` in descending order, as pandas' `sort_values(ascending=False)` makes them: everything backwards, sorted,
/// and backwards again.
pub(crate) fn argsort_descending<T: Copy + PartialOrd>(values: &[T]) -> Vec<u32> {
    let backwards: Vec<T> = values.iter().rev().copied().collect();
    let last = values.len().saturating_sub(1) as u32;
    argsort(&backwards).into_iter().rev().map(|place| last - place).collect()
}

fn quicksort<T: Copy + PartialOrd>(values: &[T], order: &mut [u32]) {
    let value = |place: u32| values[place as usize];
    // Stretches that wait, ends included, each with the splits that it may still take before the heap takes over.
    let mut waiting: Vec<(usize, usize, i32)> = Vec::new();
    let (mut left, mut right) = (0, order.len() - 1);
    let mut splits = 2 * order.len().ilog2() as i32;
    loop {
        if splits < 0 {
            heapsort(&value, &mut order[left..=right]);
        } else {
            while right.saturating_sub(left) > SMALL {
                let middle = partition(&value, order, left, right);
                splits -= 1;
                // The larger side waits.
                if middle - left < right - middle {
                    waiting.push((middle + 1, right, splits));
                    right = middle - 1;
                } else {
                    waiting.push((left, middle - 1, splits));
                    left = middle + 1;
                }
            }
            for next in left + 1..=right {
                let moved = order[next];
                let mut at = next;
                while at > left && value(moved) < value(order[at - 1]) {
                    order[at] = order[at - 1];
                    at -= 1;
                }
                order[at] = moved;
            }
        }
        let Some(next) = waiting.pop() else { return };
        (left, right, splits) = next;
    }
}

/// Splits at the median of the first, middle and last value; gives where it stands then.
fn partition<T: PartialOrd>(value: &impl Fn(u32) -> T, order: &mut [u32], left: usize, right: usize) -> usize {
    let middle = left + (right - left) / 2;
    for (low, high) in [(left, middle), (middle, right), (left, middle)] {
        if value(order[high]) < value(order[low]) {
            order.swap(low, high);
        }
    }
    let pivot = order[middle];
    let (mut up, mut down) = (left, right - 1);
    order.swap(middle, down);
    loop {
        up += 1;
        while value(order[up]) < value(pivot) {
            up += 1;
        }
        down -= 1;
        while value(pivot) < value(order[down]) {
            down -= 1;
        }
        if up >= down {
            break;
        }
        order.swap(up, down);
    }
    order.swap(up, right - 1);
    up
}

fn heapsort<T: PartialOrd>(value: &impl Fn(u32) -> T, order: &mut [u32]) {
    // Places are counted from 1, as children are then at twice the number of their parent.
    let sink = |order: &mut [u32], moved: u32, from: usize, count: usize| {
        let (mut at, mut child) = (from, 2 * from);
        while child <= count {
            if child < count && value(order[child - 1]) < value(order[child]) {
                child += 1;
            }
            if value(moved) >= value(order[child - 1]) {
                break;
            }
            order[at - 1] = order[child - 1];
            at = child;
            child *= 2;
        }
        order[at - 1] = moved;
    };
    let count = order.len();
    for from in (1..=count / 2).rev() {
        let moved = order[from - 1];
        sink(order, moved, from, count);
    }
    for last in (2..=count).rev() {
        let moved = order[last - 1];
        order[last - 1] = order[0];
        sink(order, moved, 1, last - 1);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        values: Vec<i64>,
        ascending: Vec<u32>,
        descending: Vec<u32>,
    }

    #[test]
    fn equal_values_stand_as_numpy_leaves_them() {
        // scripts/golden/simulate.py
        let text = include_str!("../../tests/golden/data/simulate/quicksort.json");
        let cases: Vec<Case> = serde_json::from_str(text).unwrap();
        for case in &cases {
            assert_eq!(argsort(&case.values), case.ascending, "{} values", case.values.len());
            let floats: Vec<f64> = case.values.iter().map(|value| *value as f64 / 8.0).collect();
            assert_eq!(argsort_descending(&floats), case.descending, "{} values", case.values.len());
        }
        // Few splits, many equal ones, and enough bad ones for the heap.
        assert!(cases.len() > 8 && cases.iter().any(|case| case.values.is_empty()));
    }
}
