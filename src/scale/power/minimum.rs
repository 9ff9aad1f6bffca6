//! Brent's search for a minimum (Algorithms for Minimization without Derivatives, 1973, chapter 5), in the two forms
//! that SciPy has, step for step: where the function is flat, only the same steps end at the same point.

/// Longest step of the search for a bracket, as a multiple of the last.
const GROW_LIMIT: f64 = 110.0;
const GOLDEN_RATIO: f64 = 1.618034;
/// Evaluations after which each search gives up, as in SciPy.
const MOST: usize = 500;

/// What a search remembers: its best point, the second best and the one before it, each with its value.
struct Best {
    x: (f64, f64),
    w: (f64, f64),
    v: (f64, f64),
}

impl Best {
    fn start(x: f64, fx: f64) -> Self {
        Best { x: (x, fx), w: (x, fx), v: (x, fx) }
    }

    /// Numerator and (positive) denominator of the step to the minimum of the parabola through the three points.
    fn parabola(&self) -> (f64, f64) {
        let ((x, fx), (w, fw), (v, fv)) = (self.x, self.w, self.v);
        let r = (x - w) * (fx - fv);
        let q = (x - v) * (fx - fw);
        let p = (x - v) * q - (x - w) * r;
        let q = 2.0 * (q - r);
        (if q > 0.0 { -p } else { p }, q.abs())
    }

    /// Takes in a new point and narrows the bracket `a`, `b` around the best one. A value that is no number is no
    /// better than any other.
    fn take(&mut self, u: f64, fu: f64, a: &mut f64, b: &mut f64) {
        let x = self.x.0;
        if fu <= self.x.1 {
            *(if u >= x { a } else { b }) = x;
            self.v = self.w;
            self.w = self.x;
            self.x = (u, fu);
            return;
        }
        *(if u < x { a } else { b }) = u;
        if fu <= self.w.1 || self.w.0 == x {
            self.v = self.w;
            self.w = (u, fu);
        } else if fu <= self.v.1 || self.v.0 == x || self.v.0 == self.w.0 {
            self.v = (u, fu);
        }
    }
}

/// `scipy.optimize.fminbound`: the minimum of `f` between `a` and `b`.
/// <https://docs.scipy.org/doc/scipy/reference/generated/scipy.optimize.fminbound.html>
pub(super) fn bounded(mut f: impl FnMut(f64) -> f64, mut a: f64, mut b: f64, tolerance: f64) -> f64 {
    let root_epsilon = 2.2e-16f64.sqrt();
    let golden = 0.5 * (3.0 - 5f64.sqrt());
    let start = a + golden * (b - a);
    let mut best = Best::start(start, f(start));
    let (mut step, mut before_last) = (0.0f64, 0.0f64);
    for _ in 1..MOST {
        let x = best.x.0;
        let middle = 0.5 * (a + b);
        let near = root_epsilon * x.abs() + tolerance / 3.0;
        if (x - middle).abs() <= 2.0 * near - 0.5 * (b - a) {
            break;
        }
        let mut by_parabola = false;
        if before_last.abs() > near {
            let (p, q) = best.parabola();
            let older = before_last;
            before_last = step;
            if p.abs() < (0.5 * q * older).abs() && p > q * (a - x) && p < q * (b - x) {
                by_parabola = true;
                step = p / q;
                let u = x + step;
                if u - a < 2.0 * near || b - u < 2.0 * near {
                    step = if middle >= x { near } else { -near };
                }
            }
        }
        if !by_parabola {
            before_last = if x >= middle { a - x } else { b - x };
            step = golden * before_last;
        }
        let u = x + if step >= 0.0 { 1.0 } else { -1.0 } * step.abs().max(near);
        let fu = f(u);
        best.take(u, fu, &mut a, &mut b);
    }
    best.x.0
}

/// `scipy.optimize.brent` with a bracket of two points: a minimum of `f` downhill from them; nothing where none is
/// found. <https://docs.scipy.org/doc/scipy/reference/generated/scipy.optimize.brent.html>
pub(super) fn brent(mut f: impl FnMut(f64) -> f64, a: f64, b: f64, tolerance: f64) -> Option<f64> {
    let [(xa, _), (xb, fb), (xc, _)] = bracket(&mut f, a, b)?;
    let (mut a, mut b) = (xa.min(xc), xa.max(xc));
    let mut best = Best::start(xb, fb);
    let (mut step, mut before_last) = (0.0f64, 0.0f64);
    for _ in 0..MOST {
        let x = best.x.0;
        let near = tolerance * x.abs() + 1e-11;
        let middle = 0.5 * (a + b);
        if (x - middle).abs() < 2.0 * near - 0.5 * (b - a) {
            break;
        }
        let mut by_parabola = false;
        if before_last.abs() > near {
            let (p, q) = best.parabola();
            let older = before_last;
            before_last = step;
            if p > q * (a - x) && p < q * (b - x) && p.abs() < (0.5 * q * older).abs() {
                by_parabola = true;
                step = p / q;
                let u = x + step;
                if u - a < 2.0 * near || b - u < 2.0 * near {
                    step = if middle >= x { near } else { -near };
                }
            }
        }
        if !by_parabola {
            before_last = if x >= middle { a - x } else { b - x };
            step = 0.3819660 * before_last;
        }
        let u = x + if step.abs() < near { near.copysign(step) } else { step };
        let fu = f(u);
        best.take(u, fu, &mut a, &mut b);
    }
    best.x.0.is_finite().then_some(best.x.0)
}

type Point = (f64, f64);

/// `scipy.optimize.bracket`: three points, the middle one the lowest; nothing where the function keeps falling.
fn bracket(f: &mut impl FnMut(f64) -> f64, a: f64, b: f64) -> Option<[Point; 3]> {
    let mut at = |x: f64| (x, f(x));
    let (mut a, mut b) = (at(a), at(b));
    if a.1 < b.1 {
        (a, b) = (b, a);
    }
    let mut c = at(b.0 + GOLDEN_RATIO * (b.0 - a.0));
    for _ in 0..1000 {
        if c.1.partial_cmp(&b.1) != Some(std::cmp::Ordering::Less) {
            break;
        }
        let r = (b.0 - a.0) * (b.1 - c.1);
        let q = (b.0 - c.0) * (b.1 - a.1);
        let difference = if (q - r).abs() < 1e-21 { 1e-21 } else { q - r };
        let w = b.0 - ((b.0 - c.0) * q - (b.0 - a.0) * r) / (2.0 * difference);
        let limit = b.0 + GROW_LIMIT * (c.0 - b.0);
        let further = c.0 + GOLDEN_RATIO * (c.0 - b.0);
        let next = if (w - c.0) * (b.0 - w) > 0.0 {
            let w = at(w);
            if w.1 < c.1 {
                (a, b) = (b, w);
                break;
            } else if w.1 > b.1 {
                c = w;
                break;
            }
            at(further)
        } else if (w - limit) * (limit - c.0) >= 0.0 {
            at(limit)
        } else if (w - limit) * (c.0 - w) > 0.0 {
            let w = at(w);
            if w.1 < c.1 {
                (b, c) = (c, w);
                at(c.0 + GOLDEN_RATIO * (c.0 - b.0))
            } else {
                w
            }
        } else {
            at(further)
        };
        (a, b, c) = (b, c, next);
    }
    let lowest = (b.1 < c.1 && b.1 <= a.1) || (b.1 < a.1 && b.1 <= c.1);
    let ordered = (a.0 < b.0 && b.0 < c.0) || (c.0 < b.0 && b.0 < a.0);
    (lowest && ordered && a.0.is_finite() && c.0.is_finite()).then_some([a, b, c])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skewed_valley_is_found_by_both() {
        let f = |x: f64| (x - 0.7).powi(2) + 0.1 * (x - 0.7).powi(4) + 3.0;
        assert!((bounded(f, -5.0, 9.0, 1e-9) - 0.7).abs() < 1e-7);
        assert!((brent(f, -2.0, 2.0, 1e-9).unwrap() - 0.7).abs() < 1e-7);
        // The minimum may lie outside of the two starting points.
        assert!((brent(|x| f(x - 40.0), -2.0, 2.0, 1e-9).unwrap() - 40.7).abs() < 1e-6);
    }

    #[test]
    fn a_bound_that_is_lowest_is_approached_and_an_endless_slope_refused() {
        assert!((bounded(|x| x, 3.0, 4.0, 1.48e-8) - 3.000005960860986).abs() < 1e-5);
        assert_eq!(brent(|x| -x, -2.0, 2.0, 1.48e-8), None);
    }

    #[test]
    fn values_that_are_no_numbers_do_not_hang_it() {
        assert!(bounded(|_| f64::NAN, -1.0, 1.0, 1e-8).is_finite());
        assert_eq!(brent(|_| f64::NAN, -2.0, 2.0, 1e-8), None);
    }
}
