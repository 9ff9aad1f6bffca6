//! A fit under way: passes over the training rows batch by batch, or L-BFGS on all of them.

use std::borrow::Cow;

use rayon::prelude::*;

use super::history::{Course, History, Watch};
use super::layers::Layers;
use super::network::{Batch, Network, Said, Scratch};
use super::optimizer::Optimizer;
use super::params::Params;
use crate::classify::limit::{Limit, Reached};
use crate::numeric::gram::BLOCK;
use crate::numeric::lbfgs::{self, CutShort};
use crate::numeric::mt19937::Mt19937;

/// Rows, one after another, with their labels.
#[derive(Clone)]
pub(super) struct Rows<'a> {
    /// Rows x inputs.
    pub(super) x: Cow<'a, [f64]>,
    pub(super) y: Cow<'a, [u8]>,
    /// scikit-learn's `sample_weight`.
    pub(super) weight: Option<Cow<'a, [f64]>>,
}

impl Rows<'_> {
    /// The rows of these numbers.
    pub(super) fn select(&self, rows: &[usize]) -> Rows<'static> {
        let columns = self.x.len() / self.y.len().max(1);
        let mut x = Vec::with_capacity(rows.len() * columns);
        rows.iter().for_each(|&row| x.extend_from_slice(&self.x[row * columns..(row + 1) * columns]));
        Rows {
            x: x.into(),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            weight: self.weight.as_ref().map(|weight| rows.iter().map(|&row| weight[row]).collect()),
        }
    }
}

/// A fit under way.
pub(super) struct Training<'a> {
    pub(super) params: &'a Params,
    pub(super) network: Network,
    pub(super) rows: Rows<'a>,
    /// What a row of either class weighs.
    pub(super) class_weight: Option<[f64; 2]>,
    pub(super) layers: Layers,
    /// The training rows, in the order of the coming pass.
    pub(super) order: Vec<usize>,
    /// Rows whose loss and accuracy are watched.
    pub(super) validation: Option<Rows<'a>>,
    pub(super) history: History,
}

impl Training<'_> {
    /// `_fit_stochastic`: passes until nothing improves any more.
    pub(super) fn run(&mut self, stream: &mut Mt19937) -> Reached {
        let mut reached = Some((Limit::MaxIter, self.params.max_iter as u64));
        let mut optimizer = Optimizer::new(self.params, &self.layers);
        let mut pass = Pass::new(self);
        let mut watch = Watch::new(self.params);
        let mut rows_seen = 0.0;
        for epoch in 1..=self.params.max_iter {
            if self.params.shuffle {
                let order = stream.permutation(self.order.len());
                self.order = order.into_iter().map(|place| self.order[place]).collect();
            }
            self.pass(&mut pass, &mut optimizer, stream);
            rows_seen += self.order.len() as f64;
            let validated = self.validate();
            let course = watch.after(&self.history, validated, &self.layers);
            self.history.kept = epoch;
            optimizer.end_pass(rows_seen);
            if course == Course::Stop || course == Course::GiveUp && optimizer.gives_up() {
                reached = None;
                break;
            }
        }
        if let Some((epoch, layers)) = watch.best() {
            (self.history.kept, self.layers) = (epoch, layers);
        }
        reached
    }

    /// One pass over the training rows, batch by batch.
    pub(super) fn pass(&mut self, pass: &mut Pass, optimizer: &mut Optimizer, stream: &mut Mt19937) {
        let (mut sum, mut right) = (0.0, 0);
        for from in (0..self.order.len()).step_by(pass.size) {
            let to = (from + pass.size).min(self.order.len());
            let (loss, right_here) = self.step(from..to, pass, optimizer, stream);
            sum += loss * (to - from) as f64;
            right += right_here;
        }
        let rows = self.order.len() as f64;
        self.history.loss.push(sum / rows);
        self.history.accuracy.push(right as f64 / rows);
    }

    /// One batch; gives its loss, and how many of its labels were right, before the step.
    pub(super) fn step(
        &mut self,
        places: std::ops::Range<usize>,
        pass: &mut Pass,
        optimizer: &mut Optimizer,
        stream: &mut Mt19937,
    ) -> (f64, usize) {
        let total = pass.gather(&self.rows, self.class_weight, &self.order[places]);
        // Rows that all weigh nothing move nothing.
        if total <= 0.0 {
            return (0.0, 0);
        }
        let weight = (!pass.weight.is_empty()).then_some(pass.weight.as_slice());
        let batch = Batch { x: &pass.x, y: &pass.y, weight, total };
        let (scratch, gradient) = (&mut pass.scratch, &mut pass.gradient);
        let learnt = self.network.learn(&self.layers, batch, stream, scratch, gradient);
        optimizer.step(&mut self.layers, gradient);
        learnt
    }

    /// Puts the validation rows' loss and accuracy into the history; gives the accuracy, weighted where rows have weights.
    pub(super) fn validate(&mut self) -> Option<f64> {
        let Rows { x, y, weight } = self.validation.as_ref()?;
        let columns = x.len() / y.len().max(1);
        let part = |(nth, y): (usize, &[u8])| {
            let rows = nth * BLOCK..nth * BLOCK + y.len();
            let weight = weight.as_ref().map(|weight| &weight[rows.clone()]);
            let batch = Batch { x: &x[rows.start * columns..rows.end * columns], y, weight, total: 1.0 };
            self.network.judge(&self.layers, batch, &mut Scratch::default())
        };
        // Collected first: sums must not depend on the number of threads.
        let parts: Vec<Said> = y.par_chunks(BLOCK).enumerate().map(part).collect();
        let said = parts.into_iter().fold(Said::default(), Said::and);
        let rows = y.len() as f64;
        let total = weight.as_ref().map_or(rows, |weight| weight.iter().sum());
        self.history.val_loss.push(said.loss / total);
        self.history.val_accuracy.push(said.right as f64 / rows);
        Some(said.right_weight / total)
    }

    /// `_fit_lbfgs`: descends on the loss of all rows.
    pub(super) fn descend(&mut self) -> Reached {
        let Params { tol, max_iter, max_fun, .. } = *self.params;
        let mut pass = Pass::new(self);
        let total = pass.gather(&self.rows, self.class_weight, &self.order);
        if total <= 0.0 {
            return None;
        }
        let weight = (!pass.weight.is_empty()).then_some(pass.weight.as_slice());
        let batch = Batch { x: &pass.x, y: &pass.y, weight, total };
        let (scratch, gradient) = (&mut pass.scratch, &mut pass.gradient);
        let (network, mut layers, mut unused) = (&self.network, self.layers.clone(), Mt19937::new(0));
        let loss = |at: &[f64], slope: &mut [f64]| {
            layers.unpack(at);
            let (loss, _) = network.learn(&layers, batch, &mut unused, scratch, gradient);
            slope.copy_from_slice(&gradient.packed());
            loss
        };
        let limits = lbfgs::Limits { gradient: tol, iterations: max_iter, evaluations: max_fun };
        let (found, cut_short) = lbfgs::minimise(loss, self.layers.packed(), limits);
        self.layers.unpack(&found);
        cut_short.map(|by| match by {
            CutShort::Iterations => (Limit::MaxIter, max_iter as u64),
            CutShort::Evaluations => (Limit::MaxFun, max_fun as u64),
        })
    }
}

/// Memory that the batches of a fit share.
pub(super) struct Pass {
    /// Rows of a batch.
    pub(super) size: usize,
    x: Vec<f64>,
    y: Vec<u8>,
    weight: Vec<f64>,
    scratch: Scratch,
    gradient: Layers,
}

impl Pass {
    pub(super) fn new(training: &Training<'_>) -> Self {
        Pass {
            size: training.params.batch_rows(training.order.len()),
            x: Vec::new(),
            y: Vec::new(),
            weight: Vec::new(),
            scratch: Scratch::default(),
            gradient: training.layers.zeros_like(),
        }
    }

    /// Puts the rows `picked` together. A class's weight multiplies the loss, as in Keras; what rows weigh is also what their sum
    /// is divided by, as in scikit-learn: gives this divisor.
    fn gather(&mut self, rows: &Rows<'_>, class_weight: Option<[f64; 2]>, picked: &[usize]) -> f64 {
        let columns = rows.x.len() / rows.y.len().max(1);
        self.x.clear();
        self.y.clear();
        self.weight.clear();
        for &row in picked {
            self.x.extend_from_slice(&rows.x[row * columns..(row + 1) * columns]);
            self.y.push(rows.y[row]);
        }
        let own = |&row: &usize| rows.weight.as_ref().map_or(1.0, |weight| weight[row]);
        if rows.weight.is_some() || class_weight.is_some() {
            let factor = |row: &usize| class_weight.map_or(1.0, |of_class| of_class[usize::from(rows.y[*row])]);
            self.weight.extend(picked.iter().map(|row| own(row) * factor(row)));
        }
        match rows.weight {
            Some(_) => picked.iter().map(own).sum(),
            None => picked.len() as f64,
        }
    }
}
