//! L-BFGS without bounds, step for step as scipy's `L-BFGS-B`: Zhu, Byrd, Lu and Nocedal 1997, "Algorithm 778"; its line search is
//! that of Moré and Thuente 1994, "Line search algorithms with guaranteed sufficient decrease".

use super::dense::{add_scaled, dot};

/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 10;
/// The descent ends where the value falls by less, as a share.
const LEAST_FALL: f64 = 2.220_446_049_250_313e-9;
/// Of the line search: sufficient decrease, curvature, and the share of an interval that ends it.
const DECREASE: f64 = 1e-3;
const CURVATURE: f64 = 0.9;
const NARROW: f64 = 0.1;
/// Evaluations of a line search.
const MOST_TRIALS: usize = 20;

/// What ends a descent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// No element of the gradient is larger.
    pub(crate) gradient: f64,
    pub(crate) iterations: usize,
    pub(crate) evaluations: usize,
}

/// The limit that ended a descent before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutShort {
    Iterations,
    Evaluations,
}

/// Where `value`, which gives the value and writes the gradient, is smallest, from `x` on; and what ended the descent before that.
pub(crate) fn minimise(
    mut value: impl FnMut(&[f64], &mut [f64]) -> f64,
    mut x: Vec<f64>,
    limits: Limits,
) -> (Vec<f64>, Option<CutShort>) {
    let mut gradient = vec![0.0; x.len()];
    let mut f = value(&x, &mut gradient);
    let mut memory = Memory { pairs: Vec::new(), theta: 1.0 };
    let mut evaluations = 1;
    for iteration in 0.. {
        let largest = gradient.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
        if largest <= limits.gradient {
            break;
        }
        if iteration >= limits.iterations {
            return (x, Some(CutShort::Iterations));
        }
        if evaluations > limits.evaluations {
            return (x, Some(CutShort::Evaluations));
        }
        let direction = memory.direction(&gradient);
        let before = gradient.clone();
        let found = search((&x, f, &before), &direction, iteration == 0, &mut evaluations, |x, gradient_there| {
            value(x, gradient_there)
        });
        let Some(Found { step, x: next, f: lower, gradient: there }) = found else {
            // The first failure forgets what was remembered, the second one ends the descent.
            if memory.pairs.is_empty() {
                break;
            }
            memory = Memory { pairs: Vec::new(), theta: 1.0 };
            continue;
        };
        let fall = f - lower;
        memory.remember(&before, &there, &direction, step);
        let size = f.abs().max(lower.abs()).max(1.0);
        (x, f, gradient) = (next, lower, there);
        if fall <= LEAST_FALL * size {
            break;
        }
    }
    (x, None)
}

struct Memory {
    /// Steps, changes of the gradient, and their products.
    pairs: Vec<(Vec<f64>, Vec<f64>, f64)>,
    /// The curvature that is assumed where nothing is remembered.
    theta: f64,
}

impl Memory {
    /// The quasi-Newton direction: the two loops of Nocedal 1980.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for (s, y, product) in self.pairs.iter().rev() {
            let share = dot(s, &q) / product;
            add_scaled(&mut q, -share, y);
            shares.push(share);
        }
        q.iter_mut().for_each(|q| *q /= self.theta);
        for ((s, y, product), share) in self.pairs.iter().zip(shares.iter().rev()) {
            let by = share - dot(y, &q) / product;
            add_scaled(&mut q, by, s);
        }
        q
    }

    /// Takes up a step of length `step` along `direction`, unless the gradient did not rise along it.
    fn remember(&mut self, before: &[f64], after: &[f64], direction: &[f64], step: f64) {
        let y: Vec<f64> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        let s: Vec<f64> = direction.iter().map(|d| step * d).collect();
        let product = dot(&s, &y);
        if product <= f64::EPSILON * -dot(before, &s) {
            return;
        }
        if self.pairs.len() == MEMORY {
            self.pairs.remove(0);
        }
        self.theta = dot(&y, &y) / product;
        self.pairs.push((s, y, product));
    }
}

/// Where a line search ended.
struct Found {
    step: f64,
    x: Vec<f64>,
    f: f64,
    gradient: Vec<f64>,
}

/// `lnsrlb` with `dcsrch`: a step that lowers the value enough and flattens the slope; none where there is none.
fn search(
    (x, f, gradient): (&[f64], f64, &[f64]),
    direction: &[f64],
    is_first: bool,
    evaluations: &mut usize,
    mut value: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Option<Found> {
    let most = 1e10;
    let slope = dot(gradient, direction);
    if slope >= 0.0 || !slope.is_finite() {
        return None;
    }
    let length = dot(direction, direction).sqrt();
    let mut step = if is_first { (1.0 / length).min(most) } else { 1.0 };
    let mut bracket = Bracket::new(f, slope, step);
    for _ in 0..MOST_TRIALS {
        let next: Vec<f64> = x.iter().zip(direction).map(|(x, d)| step * d + x).collect();
        let mut there = vec![0.0; x.len()];
        let reached = value(&next, &mut there);
        *evaluations += 1;
        let rises = dot(&there, direction);
        match bracket.next(step, reached, rises, most) {
            None => return Some(Found { step, x: next, f: reached, gradient: there }),
            Some(another) => step = another,
        }
    }
    None
}

/// A step with the value and the slope there.
#[derive(Debug, Clone, Copy)]
struct At {
    step: f64,
    f: f64,
    slope: f64,
}

/// The interval that holds a good step.
struct Bracket {
    start: f64,
    slope: f64,
    /// The best step so far, and the other end.
    best: At,
    other: At,
    is_closed: bool,
    /// As long as no step has been found whose value is low enough.
    is_early: bool,
    width: f64,
    width_before: f64,
    low: f64,
    high: f64,
}

impl Bracket {
    fn new(f: f64, slope: f64, step: f64) -> Self {
        let start = At { step: 0.0, f, slope };
        let width = 1e10;
        Bracket {
            start: f,
            slope,
            best: start,
            other: start,
            is_closed: false,
            is_early: true,
            width,
            width_before: 2.0 * width,
            low: 0.0,
            high: step + 4.0 * step,
        }
    }

    /// `dcsrch`: the next step to try after this one; none where it will do.
    fn next(&mut self, step: f64, f: f64, slope: f64, most: f64) -> Option<f64> {
        let test = DECREASE * self.slope;
        let allowed = self.start + step * test;
        if self.is_early && f <= allowed && slope >= 0.0 {
            self.is_early = false;
        }
        let is_stuck =
            self.is_closed && (step <= self.low || step >= self.high || self.high - self.low <= NARROW * self.high);
        let is_at_most = step == most && f <= allowed && slope <= test;
        if is_stuck || is_at_most || f <= allowed && slope.abs() <= CURVATURE * -self.slope {
            return None;
        }
        // Early on, a modified function with the wanted slope taken off steers better.
        let shift = if self.is_early && f <= self.best.f && f > allowed { test } else { 0.0 };
        let moved = |at: At| At { f: at.f - at.step * shift, slope: at.slope - shift, ..at };
        let back = |at: At| At { f: at.f + at.step * shift, slope: at.slope + shift, ..at };
        (self.best, self.other) = (moved(self.best), moved(self.other));
        let next = self.narrow(moved(At { step, f, slope }));
        (self.best, self.other) = (back(self.best), back(self.other));
        let mut next = next;
        if self.is_closed {
            let apart = (self.other.step - self.best.step).abs();
            if apart >= 0.66 * self.width_before {
                next = self.best.step + 0.5 * (self.other.step - self.best.step);
            }
            self.width_before = self.width;
            self.width = apart;
            self.low = self.best.step.min(self.other.step);
            self.high = self.best.step.max(self.other.step);
        } else {
            self.low = next + 1.1 * (next - self.best.step);
            self.high = next + 4.0 * (next - self.best.step);
        }
        next = next.clamp(0.0, most);
        let is_at_end = next <= self.low || next >= self.high || self.high - self.low <= NARROW * self.high;
        Some(if self.is_closed && is_at_end { self.best.step } else { next })
    }

    /// `dcstep`: a step from cubic and quadratic models, and the interval with `trial` taken in.
    fn narrow(&mut self, trial: At) -> f64 {
        let (best, other) = (self.best, self.other);
        let sign = trial.slope * best.slope.signum();
        let next = if trial.f > best.f {
            self.is_closed = true;
            before_a_rise(best, trial)
        } else if sign < 0.0 {
            self.is_closed = true;
            let (cubic, secant) = (cubic_step(best, trial), secant_step(best, trial));
            if (cubic - trial.step).abs() > (secant - trial.step).abs() { cubic } else { secant }
        } else if trial.slope.abs() < best.slope.abs() {
            self.along_a_flatter_slope(trial)
        } else if self.is_closed {
            cubic_step(other, trial)
        } else {
            self.farthest(trial)
        };
        if trial.f > best.f {
            self.other = trial;
        } else {
            if sign < 0.0 {
                self.other = best;
            }
            self.best = trial;
        }
        next
    }

    /// Where the slope is the same way and smaller: the nearer one of two models inside the interval, the farther one without one.
    fn along_a_flatter_slope(&self, trial: At) -> f64 {
        let best = self.best;
        let (theta, root) = cubic_terms(best, trial);
        let gamma = if trial.step > best.step { -root } else { root };
        let r = ((gamma - trial.slope) + theta) / ((gamma + (best.slope - trial.slope)) + gamma);
        let cubic = match r < 0.0 && gamma != 0.0 {
            true => trial.step + r * (best.step - trial.step),
            false => self.farthest(trial),
        };
        let secant = secant_step(best, trial);
        let (near, far) = match (cubic - trial.step).abs() < (secant - trial.step).abs() {
            true => (cubic, secant),
            false => (secant, cubic),
        };
        match self.is_closed {
            true => {
                let end = trial.step + 0.66 * (self.other.step - trial.step);
                if trial.step > best.step { near.min(end) } else { near.max(end) }
            }
            false => far.clamp(self.low, self.high),
        }
    }

    /// The end of the steps that are allowed, in the direction from the best step to `trial`.
    fn farthest(&self, trial: At) -> f64 {
        if trial.step > self.best.step { self.high } else { self.low }
    }
}

/// Of the cubic with the values and slopes of two steps: More and Thuente's theta, and gamma without its sign.
fn cubic_terms(at: At, trial: At) -> (f64, f64) {
    let theta = 3.0 * (at.f - trial.f) / (trial.step - at.step) + at.slope + trial.slope;
    let size = theta.abs().max(at.slope.abs()).max(trial.slope.abs());
    (theta, size * ((theta / size).powi(2) - (at.slope / size) * (trial.slope / size)).max(0.0).sqrt())
}

/// The least point of that cubic, from `trial`.
fn cubic_step(at: At, trial: At) -> f64 {
    let (theta, root) = cubic_terms(at, trial);
    let gamma = if trial.step > at.step { -root } else { root };
    let r = ((gamma - trial.slope) + theta) / (((gamma - trial.slope) + gamma) + at.slope);
    trial.step + r * (at.step - trial.step)
}

/// Where a slope that changes evenly is 0.
fn secant_step(best: At, trial: At) -> f64 {
    trial.step + trial.slope / (trial.slope - best.slope) * (best.step - trial.step)
}

/// Where the value has risen: between the best step and `trial`, nearer to the best.
fn before_a_rise(best: At, trial: At) -> f64 {
    let (theta, root) = cubic_terms(best, trial);
    let gamma = if trial.step < best.step { -root } else { root };
    let r = ((gamma - best.slope) + theta) / (((gamma - best.slope) + gamma) + trial.slope);
    let cubic = best.step + r * (trial.step - best.step);
    let quadratic = best.step
        + ((best.slope / ((best.f - trial.f) / (trial.step - best.step) + best.slope)) / 2.0)
            * (trial.step - best.step);
    match (cubic - best.step).abs() <= (quadratic - best.step).abs() {
        true => cubic,
        false => cubic + (quadratic - cubic) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        // Rosenbrock's function.
        let value = |x: &[f64], gradient: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            gradient[0] = -2.0 * a - 400.0 * x[0] * b;
            gradient[1] = 200.0 * b;
            a * a + 100.0 * b * b
        };
        let limits = Limits { gradient: 1e-9, iterations: 1000, evaluations: 10_000 };
        let (end, cut_short) = minimise(value, vec![-1.2, 1.0], limits);
        assert!(end.iter().all(|x| (x - 1.0).abs() < 1e-5), "{end:?}");
        assert_eq!(cut_short, None);
        // scipy 1.17: minimize(rosen, [-1.2, 1], jac=rosen_der, method="L-BFGS-B", options={"maxiter": 5}).x
        let (five, cut_short) = minimise(value, vec![-1.2, 1.0], Limits { iterations: 5, ..limits });
        assert!((value(&five, &mut [0.0; 2]) - 4.087_545_016_268_825).abs() < 1e-9, "{five:?}");
        assert_eq!(cut_short, Some(CutShort::Iterations));
        let (twelve, _) = minimise(value, vec![-1.2, 1.0], Limits { iterations: 12, ..limits });
        assert!((value(&twelve, &mut [0.0; 2]) - 1.992_272_270_320_382).abs() < 1e-8, "{twelve:?}");
        let (_, cut_short) = minimise(value, vec![-1.2, 1.0], Limits { evaluations: 5, ..limits });
        assert_eq!(cut_short, Some(CutShort::Evaluations));
    }
}
