//! Three or more parameters: a line a candidate through an upright axis a parameter, and at last the score.

use plotters::style::RGBColor;

use super::place::Place;
use super::{Room, worst_first};
use crate::analyze::surfaces::{Candidate, Rung, Surface};
use crate::report::chart::scene::Scene;
use crate::report::chart::shades::{BAR, Shades};
use crate::report::chart::style::{AXIS, GAP, HATCH, INK, LABEL, LEAST_WIDTH, PALE_INK, WHITE, mix};
use crate::report::chart::text::{Anchor, Text, fit, text_at, text_width};
use crate::report::number::score;

const HEIGHT: f64 = 300.0;
const LOW: f64 = 170.0;
/// Px between two axes, at least and at most.
const STEP: (f64, f64) = (92.0, 180.0);

pub struct Parallel {
    left: f64,
    step: f64,
    height: f64,
}

impl Parallel {
    pub fn of(surface: &Surface) -> Self {
        let height = if surface.rungs.len() > 1 { LOW } else { HEIGHT };
        let ticks = |i: usize| Place::new(&surface.parameters[i], (height, 0.0)).widest(wanted(height));
        let name = |i: usize| text_width(&surface.parameters[i].name, LABEL, false);
        let places = 0..surface.parameters.len();
        let widest = places.clone().map(|i| name(i).max(ticks(i) + 24.0)).fold(0.0, f64::max);
        let even = (LEAST_WIDTH - 150.0) / surface.parameters.len() as f64;
        let step = (widest + 16.0).max(even).clamp(STEP.0, STEP.1);
        let left = (name(0).min(step - 10.0) / 2.0).max(GAP + ticks(0));
        Parallel { left, step, height }
    }

    pub fn room(&self, surface: &Surface) -> Room {
        (self.left, self.step * surface.parameters.len() as f64)
    }

    pub fn panel(&self, scene: &mut Scene, surface: &Surface, rung: &Rung, shades: &Shades, at: (f64, f64)) -> f64 {
        let top = at.1 + LABEL + GAP;
        let bottom = top + self.height;
        let x = |i: usize| at.0 + self.step * i as f64;
        let places: Vec<Place<'_>> = surface.parameters.iter().map(|p| Place::new(p, (bottom, top))).collect();
        let end = x(places.len());
        (0..places.len()).for_each(|i| scene.line((x(i), top), (x(i), bottom), 1.0, AXIS));
        for candidate in worst_first(rung, surface.better) {
            let mut points: Vec<(f64, f64)> = places
                .iter()
                .zip(&candidate.values)
                .enumerate()
                .filter_map(|(i, (place, value))| Some((x(i), place.at(value)?)))
                .collect();
            points.extend(candidate.mean.map(|mean| (end, shades.at(mean, (bottom, top)))));
            draw(scene, candidate, &points, shades);
        }
        for (i, place) in places.iter().enumerate() {
            self.labels(scene, place, &surface.parameters[i].name, (x(i), top));
        }
        if let (true, Some(mean)) = (shades.is_flat, rung.candidates.iter().find_map(|c| c.mean)) {
            let y = shades.at(mean, (bottom, top));
            scene.line((end, top), (end, bottom), 1.0, AXIS);
            scene.text(Text { em: LABEL, ..text_at(end + GAP, y, &score(Some(mean))) });
        } else if !shades.is_empty {
            shades.bar(scene, (end, top), self.height);
        }
        if !shades.is_empty {
            let name = fit(&surface.goal, LABEL, false, self.step - 10.0);
            let name = text_at(end + BAR.0 / 2.0, top - GAP - LABEL / 2.0, &name);
            scene.text(Text { em: LABEL, anchor: Anchor::Middle, colour: PALE_INK, ..name });
        }
        bottom + 2.0 * GAP
    }

    /// The name above an axis, and its values beside it, on white, as lines run there.
    fn labels(&self, scene: &mut Scene, place: &Place<'_>, name: &str, (x, top): (f64, f64)) {
        let name = fit(name, LABEL, false, self.step - 10.0);
        let above = text_at(x, top - GAP - LABEL / 2.0, &name);
        scene.text(Text { em: LABEL, anchor: Anchor::Middle, colour: PALE_INK, ..above });
        for (y, label) in place.ticks(wanted(self.height)) {
            let width = text_width(&label, LABEL, false);
            scene.rectangle(x - GAP - width - 1.5, y - 6.0, x - GAP + 1.5, y + 6.0, WHITE);
            scene.line((x - 4.0, y), (x, y), 1.0, AXIS);
            scene.text(Text { em: LABEL, anchor: Anchor::End, ..text_at(x - GAP, y, &label) });
        }
    }
}

/// A candidate's line, darker at its edges, so that the bright end of the scale shows on white.
fn draw(scene: &mut Scene, candidate: &Candidate, points: &[(f64, f64)], shades: &Shades) {
    let mut line = |width: f64, colour: RGBColor| {
        points.windows(2).for_each(|pair| scene.line(pair[0], pair[1], width, colour));
    };
    match candidate.mean.map(|mean| shades.colour(mean)) {
        None => line(1.0, HATCH),
        Some(colour) if candidate.chosen > 0 => {
            line(7.0, WHITE);
            line(5.0, INK);
            line(2.5, colour);
        }
        Some(colour) => {
            line(2.2, mix(colour, INK, 0.35));
            line(1.4, colour);
        }
    }
}

/// Labels on an axis of `height` px.
fn wanted(height: f64) -> usize {
    (height / 30.0) as usize
}
