//! Customers and terminals on the map.

use rayon::prelude::*;

use super::Handbook;
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;

/// The side of the map.
const SIDE: f64 = 100.0;

pub(super) struct Customer {
    /// The mean amount; half of it is the standard deviation.
    pub mean: f64,
    /// Expected rows per day.
    pub per_day: f64,
    /// The terminals that it uses, ascending.
    pub terminals: Vec<u32>,
}

pub(super) fn customers(of: &Handbook) -> Vec<Customer> {
    let terminals = Terminals::new(of);
    let mut stream = Mt19937::new(of.stream(0));
    let mut draws = Legacy::new(&mut stream);
    let drawn: Vec<[f64; 4]> = (0..of.customers)
        .map(|_| [(0.0, SIDE), (0.0, SIDE), (5.0, 100.0), (0.0, 4.0)].map(|(low, high)| draws.uniform(low, high)))
        .collect();
    let customer = |[x, y, mean, per_day]: [f64; 4]| {
        let terminals = terminals.near(x, y, of.radius);
        Customer { mean, per_day, terminals }
    };
    drawn.into_par_iter().map(customer).collect()
}

/// Terminals from west to east: x, y, number.
struct Terminals(Vec<(f64, f64, u32)>);

impl Terminals {
    fn new(of: &Handbook) -> Self {
        let mut stream = Mt19937::new(of.stream(1));
        let mut draws = Legacy::new(&mut stream);
        let one = |number: usize| (draws.uniform(0.0, SIDE), draws.uniform(0.0, SIDE), number as u32);
        let mut terminals: Vec<(f64, f64, u32)> = (0..of.terminals).map(one).collect();
        terminals.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        Terminals(terminals)
    }

    /// Those nearer than `radius`, ascending.
    fn near(&self, x: f64, y: f64, radius: f64) -> Vec<u32> {
        // A little wider, as differences are rounded; distances decide.
        let from = self.0.partition_point(|terminal| terminal.0 < x - radius - 1e-9);
        let east = self.0[from..].iter().take_while(|terminal| terminal.0 <= x + radius + 1e-9);
        let is_near = |(a, b, _): &&(f64, f64, u32)| ((x - a) * (x - a) + (y - b) * (y - b)).sqrt() < radius;
        let mut near: Vec<u32> = east.filter(is_near).map(|terminal| terminal.2).collect();
        near.sort_unstable();
        near
    }
}
