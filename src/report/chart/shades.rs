//! The colour scale of means: bright is good.

use plotters::style::RGBColor;

use super::axis::{Scale, widened};
use super::far_fence;
use super::scene::Scene;
use super::style::{AXIS, GAP, LABEL, sequential};
use super::text::{Text, text_at, text_width};
use crate::metric::Better;
use crate::numeric::span;
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
        let (low, high) = ends(means);
        let fence = far_fence(means, better, 1.5);
        let bulk = match (fence, better) {
            (Some(fence), Better::Lower) => (low, fence.min(high)),
            (Some(fence), Better::Higher) => (fence.max(low), high),
            (None, _) => (low, high),
        };
        let shades = Self::between(bulk, better);
        let (from, to) = shades.range;
        let clip = match better {
            Better::Lower => (high > to).then_some(to),
            Better::Higher => (low < from).then_some(from),
        };
        Shades { clip, ..shades }
    }

    /// From the smallest of these values to the largest.
    pub fn whole(means: &[f64], better: Better) -> Self {
        Self::between(ends(means), better)
    }

    /// From one value to another; a first one that is larger stands for no values.
    fn between((low, high): (f64, f64), better: Better) -> Self {
        let is_empty = low > high;
        let is_flat = is_empty || high - low <= 1e-9;
        let range = match (is_empty, is_flat) {
            (true, _) => (0.0, 1.0),
            // Equal means still need a range; it is narrower than four digits can show. Large ones need more, to the next numbers.
            (_, true) => (span::end((low - 5e-5).min(low.next_down())), span::end((high + 5e-5).max(high.next_up()))),
            _ => widened((low, high)),
        };
        Shades { range, clip: None, better, is_empty, is_flat }
    }

    /// Whether a value lies beyond the scale's ends.
    pub fn is_off(&self, value: f64) -> bool {
        value < self.range.0 || value > self.range.1
    }

    /// The colour of a value.
    pub fn colour(&self, value: f64) -> RGBColor {
        let share = span::share(self.range, value);
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
            let value = span::at(self.range, share, 1.0);
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

/// The least and the largest value; the wrong way round without any.
fn ends(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close((low, high): (f64, f64), (from, to): (f64, f64)) {
        assert!((low - from).abs() < 1e-12 && (high - to).abs() < 1e-12, "{low} {high}");
    }

    #[test]
    fn means_of_any_size_have_colours() {
        let far = Shades::whole(&[-1.5e308, 1.5e308], Better::Higher);
        assert_eq!(far.range, (-1.5e308, 1.5e308));
        assert_eq!([-1.5e308, 0.0, 1.5e308].map(|v| far.colour(v)), [0.0, 0.5, 1.0].map(sequential));
        // Beside these 5e-5 is nothing.
        for mean in [1e12, -1e12, f64::MAX, f64::MIN] {
            let (low, high) = Shades::whole(&[mean, mean], Better::Higher).range;
            assert!(low < high && low.is_finite() && high.is_finite(), "{mean}: {low} {high}");
        }
    }

    #[test]
    fn small_differences_do_not_take_the_whole_scale() {
        // A twentieth of 0.4 around the middle 0.4.
        close(Shades::whole(&[0.3999, 0.4001], Better::Higher).range, (0.39, 0.41));
        // The nearer end is 1, 0.001 away.
        close(Shades::whole(&[0.99899, 0.99901], Better::Higher).range, (0.998_975, 0.999_025));
        close(Shades::whole(&[0.4, 0.58], Better::Higher).range, (0.4, 0.58));
        assert!(Shades::whole(&[0.4; 3], Better::Higher).is_flat);
        assert!(Shades::whole(&[], Better::Higher).is_empty);
    }

    #[test]
    fn what_is_clipped_lies_beyond_the_scale_that_is_drawn() {
        // Quartiles 0.5 and 0.6: the fence stands at 0.35.
        let far = Shades::of(&[0.1, 0.5, 0.55, 0.6, 0.7], Better::Higher);
        close(far.range, (0.35, 0.7));
        assert_eq!(far.note().unwrap(), "Values below 0.3500 have the dark end of the scale.");
        // Quartiles 0.4 and 0.4002: the fence, 0.3997, lies inside the least range, from 0.39 to 0.41 and a little.
        let near = Shades::of(&[0.396, 0.4, 0.4001, 0.4002, 0.4003], Better::Higher);
        close(near.range, (0.39, 0.41));
        assert_eq!(near.note(), None);
        let off = Shades::of(&[0.1, 0.4, 0.4001, 0.4002, 0.4003], Better::Higher);
        assert_eq!(off.note().unwrap(), "Values below 0.3900 have the dark end of the scale.");
    }
}
