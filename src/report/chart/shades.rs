//! The colour scale of means: bright is good.

use plotters::style::RGBColor;

use super::axis::Scale;
use super::far_fence;
use super::scene::Scene;
use super::style::{AXIS, GAP, LABEL, sequential};
use super::text::{Text, text_at, text_width};
use crate::metric::Better;
use crate::report::number::score;

/// Width and height of the scale beside a plot.
pub const BAR: (f64, f64) = (14.0, 200.0);

/// Values far off the bulk share the dark end, or they would take all the contrast.
pub struct Shades {
    range: (f64, f64),
    clip: Option<f64>,
    better: Better,
    /// Whether there were no values.
    pub is_empty: bool,
    /// Whether all values are equal, so that colours say nothing.
    pub is_flat: bool,
}

impl Shades {
    /// The scale of these values.
    pub fn of(means: &[f64], better: Better) -> Self {
        let whole = Self::whole(means, better);
        let (low, high) = whole.range;
        if means.is_empty() {
            return whole;
        }
        let fence = far_fence(means, better, 1.5);
        let clip = fence.filter(|f| if better == Better::Lower { *f < high } else { *f > low });
        let (from, to) = match (clip, better) {
            (Some(fence), Better::Lower) => (low, fence),
            (Some(fence), Better::Higher) => (fence, high),
            (None, _) => (low, high),
        };
        let is_flat = whole.is_flat || to - from <= 1e-9;
        let range = if is_flat && !whole.is_flat { (from - 5e-5, to + 5e-5) } else { (from, to) };
        Shades { range, clip, is_flat, ..whole }
    }

    /// From the smallest of these values to the largest.
    pub fn whole(means: &[f64], better: Better) -> Self {
        let low = means.iter().copied().fold(f64::INFINITY, f64::min);
        let high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let is_flat = means.is_empty() || high - low <= 1e-9;
        // Equal means still need a range; it is narrower than four digits can show.
        let range = match (means.is_empty(), is_flat) {
            (true, _) => (0.0, 1.0),
            (_, true) => (low - 5e-5, high + 5e-5),
            _ => (low, high),
        };
        Shades { range, clip: None, better, is_empty: means.is_empty(), is_flat }
    }

    /// Whether a value lies beyond the scale's ends.
    pub fn is_off(&self, value: f64) -> bool {
        value < self.range.0 || value > self.range.1
    }

    /// The colour of a value.
    pub fn colour(&self, value: f64) -> RGBColor {
        let share = (value - self.range.0) / (self.range.1 - self.range.0);
        sequential(if self.better == Better::Lower { 1.0 - share } else { share })
    }

    /// The px of a value on a scale from `bottom` to `top`; values that were clipped lie on its end.
    pub fn at(&self, value: f64, (bottom, top): (f64, f64)) -> f64 {
        Scale::linear(self.range, (bottom, top)).at(value)
    }

    /// What to say where values were clipped.
    pub fn note(&self) -> Option<String> {
        let side = if self.better == Better::Lower { "above" } else { "below" };
        self.clip.map(|clip| format!("Values {side} {} have the dark end of the scale.", score(Some(clip))))
    }

    /// What [`Shades::bar`] takes in width, px.
    pub fn room() -> f64 {
        BAR.0 + GAP + text_width("0.00000", LABEL, false)
    }

    /// The scale beside the panels, `height` px high, larger values above.
    pub fn bar(&self, scene: &mut Scene, (left, top): (f64, f64), height: f64) {
        const STEPS: usize = 100;
        let (right, bottom) = (left + BAR.0, top + height);
        for i in 0..STEPS {
            let y = top + height * i as f64 / STEPS as f64;
            let share = 1.0 - (i as f64 + 0.5) / STEPS as f64;
            let value = self.range.0 + share * (self.range.1 - self.range.0);
            // Down to the bottom, under the next steps, so that no seam of the background shows between two.
            scene.rectangle(left, y, right, bottom, self.colour(value));
        }
        let scale = Scale::linear(self.range, (bottom, top));
        for (value, label) in scale.ticks((height / 33.0) as usize) {
            let y = scale.at(value);
            scene.line((right, y), (right + 3.0, y), 1.0, AXIS);
            scene.text(Text { em: LABEL, ..text_at(right + GAP, y, &label) });
        }
    }
}
