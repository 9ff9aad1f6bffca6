//! Axes: ranges, ticks at round numbers, and labels that do not touch.

use super::scene::Scene;
use super::style::{AXIS, GAP, GRID, LABEL, PALE_INK, TEXT};
use super::text::{Anchor, Text, text_at, text_width};
use crate::numeric::span;

/// Maps values to px.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    range: (f64, f64),
    px: (f64, f64),
    by: By,
}

/// A range is at least this share of its distance to 0, or for values inside 0..1 to the nearer end: a difference that nobody could tell
/// from chance would otherwise fill the whole axis.
const LEAST_RANGE: f64 = 0.05;

/// The least positive number.
const LEAST: f64 = f64::from_bits(1);

/// What is proportional to px.
#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Value,
    Logarithm,
    LogOdds,
}

impl Scale {
    /// `range.0` lies at `px.0`, `range.1` at `px.1`; the range must not be empty.
    pub fn linear(range: (f64, f64), px: (f64, f64)) -> Self {
        Scale { range, px, by: By::Value }
    }

    /// As [`Scale::linear`], by the logarithm; the range must be positive.
    pub fn log(range: (f64, f64), px: (f64, f64)) -> Self {
        Scale { range, px, by: By::Logarithm }
    }

    /// As [`Scale::linear`], by the logarithm of the odds, so that probabilities near 0 and near 1 have room; the range must lie
    /// strictly between these.
    pub fn log_odds(range: (f64, f64), px: (f64, f64)) -> Self {
        Scale { range, px, by: By::LogOdds }
    }

    /// The px of `value`; values outside the range are put on its end.
    pub fn at(&self, value: f64) -> f64 {
        let f = |v: f64| match self.by {
            By::Value => v,
            By::Logarithm => v.log10(),
            By::LogOdds => (v / (1.0 - v)).log10(),
        };
        let ends = (f(self.range.0), f(self.range.1));
        let share = span::share(ends, f(value.clamp(self.range.0, self.range.1)));
        self.px.0 + share * (self.px.1 - self.px.0)
    }

    /// The values at its ends.
    pub fn range(&self) -> (f64, f64) {
        self.range
    }

    /// Ticks inside the range, about `wanted` of them at most, with their labels; two at least where two or more are wanted, as one
    /// tells no scale.
    pub fn ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        match self.by {
            By::Value => linear_ticks(self.range, wanted),
            By::Logarithm => log_ticks(self.range, wanted),
            By::LogOdds => log_odds_ticks(self.range, wanted),
        }
    }
}

/// The range of `values` with some room at both ends, at least [`LEAST_RANGE`]. Values inside 0..1 keep it inside; without values it is
/// 0..1.
pub fn padded(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .into_iter()
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let room = if high > low { span::part_of((low, high), 0.06, 1.0) } else { (high.abs() * 0.02).max(1e-3) };
    let (mut from, mut to) = (span::end(low - room), span::end(high + room));
    if low >= 0.0 && high <= 1.0 {
        (from, to) = (from.max(0.0), to.min(1.0));
    }
    widened((from, to))
}

/// A range, widened around its middle to [`LEAST_RANGE`].
pub fn widened((low, high): (f64, f64)) -> (f64, f64) {
    let middle = f64::midpoint(low, high);
    let reach = if low >= 0.0 && high <= 1.0 { middle.min(1.0 - middle) } else { middle.abs() };
    let room = ((LEAST_RANGE * reach - (high - low)) / 2.0).max(0.0);
    (span::end(low - room), span::end(high + room))
}

/// As [`padded`], for a logarithmic axis: at least half a decade.
pub fn padded_log(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .into_iter()
        .filter(|v| v.is_finite() && *v > 0.0)
        .map(f64::log10)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return (0.1, 10.0);
    }
    let room = ((high - low) * 0.06).max(if high - low < 0.5 { 0.25 } else { 0.0 });
    // No end may round to 0, which has no logarithm.
    (10_f64.powf(low - room).max(LEAST), span::end(10_f64.powf(high + room)))
}

fn linear_ticks((low, high): (f64, f64), wanted: usize) -> Vec<(f64, String)> {
    let rough = span::part_of((low, high), 1.0, wanted.max(1) as f64);
    let power = 10_f64.powf(rough.log10().floor());
    // From the coarsest to the finest.
    let steps: Vec<f64> = [10.0, 5.0, 2.0, 1.0, 0.5, 0.2].map(|m| m * power).into();
    let fitting = steps.iter().rposition(|s| *s >= rough * 0.999_999).unwrap_or(0);
    enough(steps[fitting..].iter().map(|step| multiples((low, high), *step)), wanted)
}

/// The multiples of `step` inside a range, with their labels.
fn multiples((low, high): (f64, f64), step: f64) -> Vec<(f64, String)> {
    // A step beyond all numbers leaves 0; one below all of them would never end.
    if step.is_infinite() || step == 0.0 {
        let has_zero = step > 0.0 && low <= 0.0 && high >= 0.0;
        return if has_zero { vec![(0.0, label(0.0, 0))] } else { Vec::new() };
    }
    // The nudge keeps 0.001, whose logarithm may come out as -2.999..., at three digits.
    let digits = (-(step.log10() + 1e-9).floor()).max(0.0) as usize;
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    (first..=last).map(|i| i as f64 * step).map(|v| (v, label(v, digits))).collect()
}

/// The first of `choices`, of which each is finer than the one before. Where it has fewer ticks than one or two that are wanted, the next
/// one that has them; of too many its ends.
fn enough(mut choices: impl Iterator<Item = Vec<(f64, String)>>, wanted: usize) -> Vec<(f64, String)> {
    let first = choices.next().unwrap_or_default();
    let least = wanted.min(2);
    if first.len() >= least {
        return first;
    }
    match choices.find(|ticks| ticks.len() >= least) {
        Some(mut finer) if finer.len() > wanted => {
            finer.drain(1..finer.len() - 1);
            finer.truncate(wanted);
            finer
        }
        Some(finer) => finer,
        None => first,
    }
}

fn label(value: f64, digits: usize) -> String {
    // Scores may be of size 1e-300 or 1e300, which would fill the page with zeros.
    if value != 0.0 && (digits > 12 || value.abs() >= 1e15) {
        let text = format!("{value:.2e}");
        let (number, power) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{power}", number.trim_end_matches('0').trim_end_matches('.'));
    }
    let digits = if digits > 12 { 0 } else { digits };
    let text = format!("{value:.digits$}");
    if text.starts_with('-') && text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.')) {
        text[1..].to_owned()
    } else {
        text
    }
}

fn log_ticks((low, high): (f64, f64), wanted: usize) -> Vec<(f64, String)> {
    let decades = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let inside = |v: &f64| *v >= low * 0.999_999 && *v <= span::end(high * 1.000_001);
    let ticks = |multiples: &[f64], every: i32| -> Vec<f64> {
        let powers = decades.clone().filter(|d| d.rem_euclid(every) == 0);
        powers.flat_map(|d| multiples.iter().map(move |m| m * 10_f64.powi(d))).filter(inside).collect()
    };
    // From the coarsest to the finest.
    let choices: [(&[f64], i32); 5] = [(&[1.0], 3), (&[1.0], 2), (&[1.0], 1), (&[1.0, 3.0], 1), (&[1.0, 2.0, 5.0], 1)];
    let choices = choices.map(|(m, every)| ticks(m, every).into_iter().map(|v| (v, log_label(v))).collect::<Vec<_>>());
    let Some(fitting) = choices.iter().rposition(|t| t.len() <= wanted) else { return Vec::new() };
    let found = enough(choices[fitting..].iter().cloned(), wanted);
    // Inside a decade two of 1, 2 and 5 leave half of the axis without a tick. Without any, a caller has its own labels.
    let is_bare = (1..3).contains(&found.len()) && found.len() < wanted;
    if high < 10.0 * low && is_bare { even_ticks((low, high), wanted) } else { found }
}

/// Evenly spaced ticks of a logarithmic axis, abbreviated as its others are.
fn even_ticks((low, high): (f64, f64), wanted: usize) -> Vec<(f64, String)> {
    let (unit, letter) = match low {
        low if low >= 999_999.0 => (1e6, "M"),
        low if low >= 9_999.0 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let ticks = linear_ticks((low / unit, high / unit), wanted).into_iter();
    ticks.map(|(value, label)| (value * unit, format!("{label}{letter}"))).collect()
}

/// One half, and powers of ten of the distance to 0 and to 1: every one, every second, or every third.
fn log_odds_ticks((low, high): (f64, f64), wanted: usize) -> Vec<(f64, String)> {
    let inside = |v: f64| v >= low * 0.999_999 && 1.0 - v >= (1.0 - high) * 0.999_999;
    let ticks = |every: i32| -> Vec<(f64, String)> {
        let powers = |from: i32, to: i32| (from..=to).filter(move |d| d.rem_euclid(every) == 0);
        let below = powers(-12, -1).map(|d| 10_f64.powi(d)).map(|v| (v, log_label(v)));
        let above = powers(1, 9).map(|d| (1.0 - 10_f64.powi(-d), label(1.0 - 10_f64.powi(-d), d as usize)));
        below.chain([(0.5, "0.5".to_owned())]).chain(above).filter(|(v, _)| inside(*v)).collect()
    };
    let all = || (1..=3).map(ticks);
    all().find(|t| t.len() <= wanted).unwrap_or_else(|| ticks(3))
}

/// Thousands and millions are abbreviated: 10k, 2M; so is what is below a thousandth: 1e-4.
fn log_label(value: f64) -> String {
    if value >= 999_999.0 {
        format!("{}M", label(value / 1e6, 0))
    } else if value >= 9_999.0 {
        format!("{}k", label(value / 1e3, 0))
    } else if value < 0.000_999 {
        let power = (value.log10() + 1e-9).floor();
        format!("{:.0}e{power}", value / 10_f64.powf(power))
    } else {
        label(value, (-(value.log10() + 1e-9).floor()).max(0.0) as usize)
    }
}

/// Draws a horizontal axis below a plot: grid lines from `top` to `bottom`, labels and the name below. Returns the y
/// below all of it.
pub fn horizontal(scene: &mut Scene, scale: &Scale, (top, bottom): (f64, f64), name: &str) -> f64 {
    let (left, right) = (scale.px.0.min(scale.px.1), scale.px.0.max(scale.px.1));
    let apart = |ticks: &Vec<(f64, String)>| {
        let half = |(_, label): &(f64, String)| text_width(label, LABEL, false) / 2.0;
        ticks.windows(2).all(|pair| {
            let distance = (scale.at(pair[1].0) - scale.at(pair[0].0)).abs();
            distance >= half(&pair[0]) + half(&pair[1]) + 10.0
        })
    };
    let ticks = (2..=7).rev().map(|n| scale.ticks(n)).find(apart).unwrap_or_else(|| scale.ticks(1));
    for (value, label) in &ticks {
        let x = scale.at(*value);
        scene.line((x, top), (x, bottom), 1.0, GRID);
        scene.line((x, bottom), (x, bottom + 4.0), 1.0, AXIS);
        let y = bottom + 4.0 + GAP;
        scene.text(Text { em: LABEL, anchor: Anchor::Middle, ..text_at(x, y, label) });
    }
    scene.line((left, bottom), (right, bottom), 1.0, AXIS);
    let y = bottom + 4.0 + GAP + LABEL + GAP;
    scene.text(Text { anchor: Anchor::Middle, colour: PALE_INK, ..text_at((left + right) / 2.0, y, name) });
    y + TEXT / 2.0 + GAP
}

/// Draws a vertical axis at the left of a plot: grid lines from `left` to `right`, labels, and the name running upward.
pub fn vertical(scene: &mut Scene, scale: &Scale, (left, right): (f64, f64), name: &str) {
    let ticks = scale.ticks(8);
    for (value, label) in &ticks {
        let y = scale.at(*value);
        scene.line((left, y), (right, y), 1.0, GRID);
        scene.line((left - 4.0, y), (left, y), 1.0, AXIS);
        scene.text(Text { em: LABEL, anchor: Anchor::End, ..text_at(left - GAP, y, label) });
    }
    scene.line((left, scale.px.0), (left, scale.px.1), 1.0, AXIS);
    let x = left - vertical_room(scale) + TEXT / 2.0;
    let y = (scale.px.0 + scale.px.1) / 2.0;
    scene.text(Text { anchor: Anchor::Middle, upward: true, colour: PALE_INK, ..text_at(x, y, name) });
}

/// What [`vertical`] needs at the left of the plot, px.
pub fn vertical_room(scale: &Scale) -> f64 {
    let widest = scale.ticks(8).iter().map(|(_, label)| text_width(label, LABEL, false)).fold(0.0, f64::max);
    GAP + widest + GAP + TEXT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(range: (f64, f64), wanted: usize) -> Vec<String> {
        Scale::linear(range, (0.0, 100.0)).ticks(wanted).into_iter().map(|t| t.1).collect()
    }

    #[test]
    fn ticks_are_round_numbers_with_the_digits_that_they_need() {
        assert_eq!(labels((0.0, 1.0), 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels((0.9990, 0.9999), 5), ["0.9990", "0.9992", "0.9994", "0.9996", "0.9998"]);
        assert_eq!(labels((0.99941, 0.99953), 4), ["0.99945", "0.99950"]);
        assert_eq!(labels((-0.3, 0.31), 4), ["-0.2", "0.0", "0.2"].map(String::from));
        assert_eq!(labels((3.0, 4200.0), 5), ["1000", "2000", "3000", "4000"]);
        assert_eq!(labels((-0.4e-300, 1.1e-300), 3), ["0", "5e-301", "1e-300"]);
        assert_eq!(labels((0.9e300, 2.1e300), 3), ["1e300", "1.5e300", "2e300"]);
    }

    #[test]
    fn a_range_beyond_the_largest_number_has_ticks_and_places() {
        let far = (-1.5e308, 1.5e308);
        assert_eq!(labels(far, 6), ["-1.5e308", "-1e308", "-5e307", "0", "5e307", "1e308", "1.5e308"]);
        assert_eq!(labels(far, 3), ["-1e308", "0", "1e308"]);
        assert_eq!((labels(far, 2), labels(far, 1)), (vec!["-1e308".into(), "1e308".into()], vec!["0".to_owned()]));
        let scale = Scale::linear(far, (10.0, 30.0));
        assert_eq!([-1.5e308, -0.75e308, 0.0, 1.5e308].map(|value| scale.at(value)), [10.0, 15.0, 20.0, 30.0]);
        // 6% of 3e308 on both sides, and no further than numbers reach.
        let (low, high) = padded([-1.5e308, 1.5e308]);
        assert!((low / 1e308 + 1.68).abs() < 1e-12 && (high / 1e308 - 1.68).abs() < 1e-12, "{low} {high}");
        assert_eq!(padded([f64::MIN, f64::MAX]), (f64::MIN, f64::MAX));
        assert_eq!(widened((f64::MIN, f64::MAX)), (f64::MIN, f64::MAX));
        let (low, high) = padded([f64::MAX]);
        assert!(low < high && high == f64::MAX, "{low} {high}");
    }

    #[test]
    fn the_smallest_and_the_largest_numbers_have_an_axis() {
        let (low, high) = padded_log([5e-324, f64::MAX]);
        assert!(low == 5e-324 && high == f64::MAX, "{low} {high}");
        let scale = Scale::log((low, high), (0.0, 100.0));
        assert!(scale.at(low) == 0.0 && scale.at(high) == 100.0 && (scale.at(1.0) - 51.2).abs() < 0.1);
        let ticks: Vec<String> = Scale::log((1e300, high), (0.0, 100.0)).ticks(4).into_iter().map(|t| t.1).collect();
        assert_eq!(ticks, ["1e294M", "1e297M", "1e300M"]);
        // No step is as small as a seventh of the least number.
        assert_eq!(labels((0.0, 5e-324), 7), [""; 0]);
    }

    #[test]
    fn log_ticks_are_decades_or_halves_of_them() {
        let of = |range| -> Vec<String> { Scale::log(range, (0.0, 1.0)).ticks(7).into_iter().map(|t| t.1).collect() };
        assert_eq!(of((0.0009, 150.0)), ["0.001", "0.01", "0.1", "1", "10", "100"]);
        assert_eq!(of((0.9, 12.0)), ["1", "2", "5", "10"]);
        assert_eq!(of((1.5e-5, 0.3)), ["1e-4", "0.001", "0.01", "0.1"]);
        assert_eq!(of((1.5e-4, 0.004)), ["2e-4", "5e-4", "0.001", "0.002"]);
        assert_eq!(of((900.0, 2e7)), ["1000", "10k", "100k", "1M", "10M"]);
    }

    #[test]
    fn log_odds_ticks_stand_at_both_ends() {
        let of = |range, wanted| -> Vec<String> {
            Scale::log_odds(range, (0.0, 1.0)).ticks(wanted).into_iter().map(|t| t.1).collect()
        };
        assert_eq!(of((1e-4, 0.999), 8), ["1e-4", "0.001", "0.01", "0.1", "0.5", "0.9", "0.99", "0.999"]);
        assert_eq!(of((1e-6, 0.99), 5), ["1e-6", "1e-4", "0.01", "0.5", "0.99"]);
        let scale = Scale::log_odds((0.01, 0.99), (0.0, 100.0));
        assert!((scale.at(0.5) - 50.0).abs() < 1e-9 && scale.at(1.0) == scale.at(0.99) && scale.at(0.0) == 0.0);
        assert!((scale.at(0.1) + scale.at(0.9) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn scales_put_values_in_their_place() {
        let linear = Scale::linear((0.0, 2.0), (10.0, 30.0));
        assert_eq!([linear.at(0.0), linear.at(0.5), linear.at(2.0), linear.at(9.0)], [10.0, 15.0, 30.0, 30.0]);
        let log = Scale::log((0.01, 100.0), (400.0, 0.0));
        assert!((log.at(0.1) - 300.0).abs() < 1e-9 && (log.at(100.0)).abs() < 1e-9);
    }

    #[test]
    fn ranges_have_room_and_stay_inside_zero_to_one() {
        assert_eq!(padded([]), (0.0, 1.0));
        assert_eq!(padded([0.0, 1.0]), (0.0, 1.0));
        let (low, high) = padded([0.5]);
        assert!(low < 0.5 && high > 0.5);
        let (low, high) = padded([-1.0, 3.0, f64::NAN]);
        assert!((low - -1.24).abs() < 1e-12 && (high - 3.24).abs() < 1e-12);
        let (low, high) = padded_log([2.0]);
        assert!(low < 2.0 && high / low > 3.0);
    }

    #[test]
    fn ranges_of_small_differences_are_widened() {
        let close = |(low, high): (f64, f64), (from, to): (f64, f64)| {
            assert!((low - from).abs() < 1e-12 && (high - to).abs() < 1e-12, "{low} {high}");
        };
        // 0.4 is 0.4 away from the nearer end; a twentieth of that is 0.02.
        close(padded([0.3998, 0.4002]), (0.39, 0.41));
        // 0.999 is 0.001 away from 1.
        close(padded([0.99899, 0.99901]), (0.998_975, 0.999_025));
        // Money is not inside 0..1, and its only near end is 0.
        close(padded([199.0, 201.0]), (195.0, 205.0));
        close(padded([-201.0, -199.0]), (-205.0, -195.0));
        // Wide enough: 6% of 0.5 on both sides.
        close(padded([0.2, 0.7]), (0.17, 0.73));
        // Differences around zero have no distance to hold them against.
        close(padded([-1e-5, 1e-5]), (-1.12e-5, 1.12e-5));
    }

    #[test]
    fn a_scale_has_two_ticks_at_least() {
        assert_eq!(labels((0.401, 0.58), 3), ["0.45", "0.50", "0.55"]);
        assert_eq!(labels((0.401, 0.58), 2), ["0.45", "0.55"]);
        // By 5e-7 there is 1.5e-6 alone.
        assert_eq!(labels((1.05e-6, 1.9e-6), 4), ["0.0000012", "0.0000014", "0.0000016", "0.0000018"]);
        assert_eq!(labels((0.401, 0.58), 1), ["0.5"]);
        for (low, high) in [(0.11, 0.19), (2.1, 4.9), (51.0, 99.0), (0.999_91, 0.999_99), (-0.07, 0.02)] {
            assert!((2..9).all(|wanted| labels((low, high), wanted).len() > 1), "{low} {high}");
        }
        let of = |range, wanted| -> Vec<String> {
            Scale::log(range, (0.0, 1.0)).ticks(wanted).into_iter().map(|t| t.1).collect()
        };
        assert_eq!(of((0.94, 2.7), 8), ["1.0", "1.5", "2.0", "2.5"]);
        assert_eq!(of((2.1, 6.6), 8), ["3", "4", "5", "6"]);
        assert_eq!(of((21_000.0, 66_000.0), 8), ["30k", "40k", "50k", "60k"]);
        assert_eq!(of((1.2e6, 3.8e6), 7), ["1.5M", "2.0M", "2.5M", "3.0M", "3.5M"]);
        // Decades alone have one tick here; 3, 10 and 30 are too many.
        assert_eq!(of((2.0, 31.0), 2), ["3", "30"]);
    }
}
