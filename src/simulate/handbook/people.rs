//! Customers and terminals on the map.

use rayon::prelude::*;

use super::{Handbook, SIDE};
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;

/// The map has at most so many cells a side.
const MOST_CELLS: f64 = 1_000.0;

pub(super) struct Customer {
    x: f64,
    y: f64,
    /// The mean amount; half of it is the standard deviation.
    pub mean: f64,
    /// Expected rows per day.
    pub per_day: f64,
    /// Whether a terminal is near: else it pays nowhere.
    pub pays: bool,
}

/// Everyone, and where they can pay.
pub(super) struct People {
    pub customers: Vec<Customer>,
    terminals: Terminals,
    radius: f64,
}

impl People {
    pub fn new(of: &Handbook) -> Self {
        let terminals = Terminals::new(of);
        let mut stream = Mt19937::new(of.stream(0));
        let mut draws = Legacy::new(&mut stream);
        let drawn: Vec<[f64; 4]> = (0..of.customers)
            .map(|_| [(0.0, SIDE), (0.0, SIDE), (5.0, 100.0), (0.0, 4.0)].map(|(low, high)| draws.uniform(low, high)))
            .collect();
        let customer = |[x, y, mean, per_day]: [f64; 4]| {
            let pays = terminals.near((x, y), of.radius).next().is_some();
            Customer { x, y, mean, per_day, pays }
        };
        People { customers: drawn.into_par_iter().map(customer).collect(), terminals, radius: of.radius }
    }

    /// Whether a customer has a terminal near.
    pub fn anybody_pays(&self) -> bool {
        self.customers.iter().any(|customer| customer.pays)
    }

    /// The terminals that a customer uses, ascending. They are looked up whenever they are needed: of many customers with many
    /// terminals each the lists would be what takes the memory.
    pub fn terminals(&self, customer: &Customer) -> Vec<u32> {
        let mut near: Vec<u32> = self.terminals.near((customer.x, customer.y), self.radius).collect();
        near.sort_unstable();
        near
    }
}

/// Terminals by cells of the map, row after row: x, y, number.
struct Terminals {
    all: Vec<(f64, f64, u32)>,
    /// Where each cell's terminals begin; the end of the last one comes last.
    starts: Vec<usize>,
    /// Cells a side.
    cells: usize,
}

impl Terminals {
    fn new(of: &Handbook) -> Self {
        let mut stream = Mt19937::new(of.stream(1));
        let mut draws = Legacy::new(&mut stream);
        let one = |number: usize| (draws.uniform(0.0, SIDE), draws.uniform(0.0, SIDE), number as u32);
        let mut all: Vec<(f64, f64, u32)> = (0..of.terminals).map(one).collect();
        let cells = (SIDE / of.radius).clamp(1.0, MOST_CELLS) as usize;
        let cell = |terminal: &(f64, f64, u32)| place(terminal.1, cells) * cells + place(terminal.0, cells);
        all.sort_by_key(|terminal| (cell(terminal), terminal.2));
        let mut starts = vec![0; cells * cells + 1];
        all.iter().for_each(|terminal| starts[cell(terminal) + 1] += 1);
        (0..cells * cells).for_each(|nth| starts[nth + 1] += starts[nth]);
        Terminals { all, starts, cells }
    }

    /// The numbers of those nearer than `radius`, in no order.
    fn near(&self, (x, y): (f64, f64), radius: f64) -> impl Iterator<Item = u32> {
        // A little wider, as differences are rounded; distances decide.
        let cells = |at: f64| place(at - radius - 1e-9, self.cells)..=place(at + radius + 1e-9, self.cells);
        let (columns, rows) = (cells(x), cells(y));
        let of_row = move |row: usize| {
            let first = row * self.cells;
            &self.all[self.starts[first + columns.start()]..self.starts[first + columns.end() + 1]]
        };
        let is_near = move |(a, b, _): &&(f64, f64, u32)| ((x - a) * (x - a) + (y - b) * (y - b)).sqrt() < radius;
        rows.flat_map(of_row).filter(is_near).map(|terminal| terminal.2)
    }
}

/// The row or column of cells that a place is in; places off the map are in the outermost ones.
fn place(at: f64, cells: usize) -> usize {
    ((at / SIDE * cells as f64).max(0.0) as usize).min(cells - 1)
}
