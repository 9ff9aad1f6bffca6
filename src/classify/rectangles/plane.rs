//! The training rows in two columns, and rectangles whose edges are values of theirs.

use rayon::prelude::*;

use super::count::Counter;
use crate::numeric::mt19937::Mt19937;

/// A rectangle by its bounds, all of them inside: the lowest and the highest value of the first column, then of the second one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds(pub [f64; 4]);

impl Bounds {
    /// Whether a row with these values lies inside. A missing value lies in no rectangle.
    pub fn hold(&self, x: f64, y: f64) -> bool {
        let [left, right, bottom, top] = self.0;
        x >= left && x <= right && y >= bottom && y <= top
    }
}

/// A rectangle whose edges are values of the rows: their places among a column's values, lowest and highest of the first
/// column, then of the second one.
pub type Edges = [u32; 4];

/// Rows in two columns.
#[derive(Debug)]
pub struct Plane {
    axes: [Axis; 2],
    /// Negatives and positives that have both values.
    classes: [Counter; 2],
    /// Negatives and positives, those with missing values too.
    pub totals: [usize; 2],
}

/// A column.
#[derive(Debug)]
struct Axis {
    /// Its values, ascending, each of them once.
    values: Vec<f64>,
    /// For every row in the order of the column the place of its value.
    places: Vec<u32>,
    /// For each class and value the ranks of the rows that have it: the first one, and the one after the last.
    spans: [Vec<[u32; 2]>; 2],
}

impl Plane {
    /// Of the values of each row in both columns and its label.
    pub fn new(rows: impl Iterator<Item = ([f64; 2], u8)>) -> Self {
        let mut points = [Vec::new(), Vec::new()];
        let mut totals = [0; 2];
        for ([x, y], label) in rows {
            let class = usize::from(label == 1);
            totals[class] += 1;
            if !x.is_nan() && !y.is_nan() {
                // A zero less than zero is equal to it, but not in the order of bits.
                points[class].push([x + 0.0, y + 0.0]);
            }
        }
        let classes = [Counter::new(&points[0]), Counter::new(&points[1])];
        let axes = [0, 1].map(|axis| Axis::new(axis, &points, &classes));
        Plane { axes, classes, totals }
    }

    /// True and false positives where inside means positive.
    pub fn count(&self, edges: Edges) -> [u32; 2] {
        let [left, right, bottom, top] = edges;
        let of = |class: usize| {
            let span = |axis: usize, low: u32, high: u32| {
                let spans = &self.axes[axis].spans[class];
                [spans[low as usize][0], spans[high as usize][1]]
            };
            self.classes[class].inside(span(0, left, right), span(1, bottom, top))
        };
        [of(1), of(0)]
    }

    /// The same for any bounds.
    pub fn count_within(&self, bounds: &Bounds) -> [u32; 2] {
        let [left, right, bottom, top] = bounds.0;
        let of = |class: &Counter| class.inside(class.span(0, left, right), class.span(1, bottom, top));
        [of(&self.classes[1]), of(&self.classes[0])]
    }

    /// The values at a rectangle's edges.
    pub fn bounds(&self, edges: Edges) -> Bounds {
        let value = |nth: usize| self.axes[nth / 2].values[edges[nth] as usize];
        Bounds([0, 1, 2, 3].map(value))
    }

    /// A random rectangle: in each column the values of two random rows. None where every row lacks a value.
    pub fn draw(&self, random: &mut Mt19937) -> Option<Edges> {
        let mut edges = [0; 4];
        for (axis, pair) in self.axes.iter().zip(edges.chunks_exact_mut(2)) {
            let last = axis.places.len().checked_sub(1)? as u64;
            let drawn = [0, 1].map(|_| axis.places[random.interval(last) as usize]);
            pair.copy_from_slice(&[drawn[0].min(drawn[1]), drawn[0].max(drawn[1])]);
        }
        Some(edges)
    }

    /// The places of values that positives have in a column: all, or so many of them at even distances in their order.
    pub(super) fn positive_values(&self, axis: usize, most: usize) -> Vec<u32> {
        let spans = &self.axes[axis].spans[1];
        let all: Vec<u32> = (0..).zip(spans).filter(|(_, span)| span[0] < span[1]).map(|(place, _)| place).collect();
        match all.len() <= most {
            true => all,
            false => (0..most).map(|nth| all[nth * (all.len() - 1) / (most - 1)]).collect(),
        }
    }

    /// The rows of a class.
    pub(super) fn class(&self, class: usize) -> &Counter {
        &self.classes[class]
    }

    /// The ranks of a class's rows with the value at this place of a column.
    pub(super) fn span(&self, class: usize, axis: usize, place: u32) -> [u32; 2] {
        self.axes[axis].spans[class][place as usize]
    }
}

impl Axis {
    fn new(axis: usize, points: &[Vec<[f64; 2]>; 2], classes: &[Counter; 2]) -> Self {
        let mut sorted: Vec<f64> = points.iter().flatten().map(|point| point[axis]).collect();
        sorted.par_sort_unstable_by(f64::total_cmp);
        let mut values: Vec<f64> = Vec::new();
        let mut places = Vec::with_capacity(sorted.len());
        for value in sorted {
            if values.last() != Some(&value) {
                values.push(value);
            }
            places.push(values.len() as u32 - 1);
        }
        let spans = [0, 1].map(|class: usize| {
            let counter = &classes[class];
            values.par_iter().map(|&value| counter.span(axis, value, value)).collect()
        });
        Axis { values, places, spans }
    }
}
