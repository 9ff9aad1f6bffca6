//! The passes over the rows.

use ndarray::ArrayView2;

use super::vector::Vector;
use super::{LearningRate, Params, Penalty};
use crate::classify::class_weight::RowWeight;

/// Steeper slopes are cut to this.
const STEEPEST: f64 = 1e12;
/// Below it the learning rate `adaptive` is no longer lowered.
const LEAST_RATE: f64 = 1e-6;

/// What is learnt from.
pub(super) struct Rows<'a> {
    pub x: ArrayView2<'a, f64>,
    pub y: &'a [u8],
    /// Rows that only tell idle passes.
    pub kept_out: Vec<bool>,
    pub weights: RowWeight<'a>,
}

/// Where the passes ended.
pub(super) struct Ended {
    pub coefficients: Vec<f64>,
    pub intercept: f64,
    /// Whether `max_iter` ended them while each still gained something; without `tol` nothing else can.
    pub is_cut_short: bool,
}

/// A model under way.
pub(super) struct Descent<'p> {
    params: &'p Params,
    rows: &'p Rows<'p>,
    vector: Vector,
    intercept: f64,
    mean_intercept: f64,
    /// The number of the step, from 1.
    step: f64,
    rate: f64,
    /// What the steps' number is moved by under the learning rate `optimal`.
    optimal: f64,
    l1_ratio: f64,
    /// The L1 penalty so far, and what each coefficient had of it.
    penalty: f64,
    had: Vec<f64>,
}

impl<'p> Descent<'p> {
    pub fn new(params: &'p Params, rows: &'p Rows<'p>) -> Self {
        let columns = rows.x.ncols();
        let l1_ratio = match params.penalty {
            Penalty::L2 => 0.0,
            Penalty::L1 => 1.0,
            Penalty::Elasticnet | Penalty::None => params.l1_ratio.unwrap_or(0.0),
        };
        let typical = (1.0 / params.alpha.sqrt()).sqrt();
        let first = typical / params.loss.slope(1.0, -typical).max(1.0);
        Descent {
            params,
            rows,
            vector: Vector::new(columns, params.average_from() > 0),
            intercept: 0.0,
            mean_intercept: 0.0,
            step: 1.0,
            rate: params.eta0,
            optimal: 1.0 / (first * params.alpha),
            l1_ratio,
            penalty: 0.0,
            had: vec![0.0; columns],
        }
    }

    /// Runs the passes; or gives the one after which the coefficients are no longer finite.
    pub fn run(mut self, seed: u32) -> Result<Ended, usize> {
        let params = self.params;
        let mut order: Vec<u32> = (0..self.rows.y.len() as u32).collect();
        let (mut idle, mut best) = (0, f64::NEG_INFINITY);
        let mut passes = 0;
        let mut is_cut_short = params.tol.is_some();
        while passes < params.max_iter {
            if params.shuffle {
                shuffle(&mut order, seed);
            }
            let objective = self.pass(&order);
            passes += 1;
            if !self.intercept.is_finite() || self.vector.w.iter().any(|w| !w.is_finite()) {
                return Err(passes);
            }
            // Larger is better in both.
            let merit = if params.early_stopping { self.validated() } else { -objective };
            // scikit-learn adds the tolerance on either side of the comparison.
            let is_idle = |tol: f64| match params.early_stopping {
                true => merit < best + tol,
                false => objective > -best - tol,
            };
            idle = if params.tol.is_some_and(is_idle) { idle + 1 } else { 0 };
            best = best.max(merit);
            if idle >= params.n_iter_no_change {
                if params.learning_rate != LearningRate::Adaptive || self.rate <= LEAST_RATE {
                    is_cut_short = false;
                    break;
                }
                self.rate /= 5.0;
                idle = 0;
            }
        }
        let steps = (passes * self.rows.y.len()) as f64;
        let is_averaged = params.average_from() > 0 && f64::from(params.average_from()) <= steps;
        let (coefficients, mean) = self.vector.into_parts();
        let (coefficients, intercept) = match mean.filter(|_| is_averaged) {
            Some(mean) => (mean, self.mean_intercept),
            None => (coefficients, self.intercept),
        };
        Ok(Ended { coefficients, intercept, is_cut_short })
    }

    /// One pass; the mean objective over the rows that are learnt from, each before its own step.
    fn pass(&mut self, order: &[u32]) -> f64 {
        let rows = self.rows;
        let (mut sum, mut count) = (0.0, 0_usize);
        for &row in order {
            let row = row as usize;
            if !rows.kept_out[row] {
                // `fit` made the layout standard, in which rows are contiguous.
                let values = rows.x.row(row).to_slice().unwrap_or_default();
                let (loss, penalty) = self.learn(values, rows.y[row], rows.weights.of(row, rows.y[row]));
                sum = sum + loss + penalty;
                count += 1;
            }
        }
        sum / count as f64
    }

    /// One step; loss and penalty before it.
    fn learn(&mut self, row: &[f64], label: u8, weight: f64) -> (f64, f64) {
        let params = self.params;
        let (loss, alpha) = (params.loss, params.alpha);
        let y = loss.target(label == 1);
        let p = self.vector.dot(row) + self.intercept;
        match params.learning_rate {
            LearningRate::Optimal => self.rate = 1.0 / (alpha * (self.optimal + self.step - 1.0)),
            LearningRate::Invscaling => self.rate = params.eta0 / self.step.powf(params.power_t),
            LearningRate::Constant | LearningRate::Adaptive => {}
        }
        let objective = (loss.value(y, p), self.penalised());
        let slope = loss.slope(y, p).clamp(-STEEPEST, STEEPEST);
        let update = -self.rate * slope * weight;
        if matches!(params.penalty, Penalty::L2 | Penalty::Elasticnet) {
            self.vector.shrink((1.0 - (1.0 - self.l1_ratio) * self.rate * alpha).max(0.0));
        }
        if update != 0.0 {
            self.vector.add(row, update);
            if params.fit_intercept {
                self.intercept += update;
            }
        }
        let from = f64::from(params.average_from());
        if from > 0.0 && from <= self.step {
            let count = self.step - from + 1.0;
            self.vector.add_average(row, update, count);
            self.mean_intercept += (self.intercept - self.mean_intercept) / count;
        }
        if matches!(params.penalty, Penalty::L1 | Penalty::Elasticnet) {
            self.penalty += self.l1_ratio * self.rate * alpha;
            self.vector.cut(&mut self.had, self.penalty);
        }
        self.step += 1.0;
        objective
    }

    fn penalised(&self) -> f64 {
        match self.params.penalty {
            Penalty::None => 0.0,
            _ => {
                let length = self.vector.length();
                self.params.alpha
                    * ((1.0 - self.l1_ratio) * 0.5 * (length * length) + self.l1_ratio * self.vector.absolute())
            }
        }
    }

    /// The share of kept-out rows that scikit-learn counts as right: it looks at the vector without its factor, and with the loss
    /// `log_loss`, whose targets are 0 and 1, takes no negative row for right.
    fn validated(&self) -> f64 {
        let rows = self.rows;
        let (mut right, mut all) = (0.0, 0.0);
        // Classes weigh nothing here, as there.
        let weight = |row: usize| rows.weights.own.map_or(1.0, |own| own[row]);
        for row in (0..rows.y.len()).filter(|&row| rows.kept_out[row]) {
            let decision = rows.x.row(row).iter().zip(&self.vector.w).map(|(x, w)| x * w).sum::<f64>() + self.intercept;
            let said = if decision > 0.0 { 1.0 } else { -1.0 };
            let is_right = said == self.params.loss.target(rows.y[row] == 1);
            right += if is_right { weight(row) } else { 0.0 };
            all += weight(row);
        }
        right / all
    }
}

/// Fisher and Yates' shuffle with a 32-bit generator by exclusive or and shifts (Marsaglia 2003), as in scikit-learn.
fn shuffle(order: &mut [u32], mut seed: u32) {
    for place in 0..order.len().saturating_sub(1) {
        if seed == 0 {
            seed = 1;
        }
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        let draw = seed % (1 << 31);
        order.swap(place, place + draw as usize % (order.len() - place));
    }
}
