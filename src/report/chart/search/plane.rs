//! Two parameters, of which at least one is a range, or lists too long for a `matrix`: a coloured mark a candidate.

use super::place::Place;
use super::{Room, ring, worst_first};
use crate::analyze::surfaces::{Rung, Surface};
use crate::report::chart::scene::Scene;
use crate::report::chart::shades::Shades;
use crate::report::chart::style::{AXIS, GAP, GRID, HATCH, LABEL, Mark, PALE_INK, TEXT};
use crate::report::chart::text::{Anchor, Text, text_at};

const PLOT: (f64, f64) = (500.0, 320.0);
const LOW: f64 = 190.0;
/// Room inside the frame for marks at the ends of a range.
const INSET: f64 = 10.0;

pub struct Plane {
    left: f64,
    height: f64,
}

impl Plane {
    pub fn of(surface: &Surface) -> Self {
        let height = if surface.rungs.len() > 1 { LOW } else { PLOT.1 };
        let place = Place::new(&surface.parameters[1], (height - INSET, INSET));
        Plane { left: GAP + place.widest(wanted(height)) + GAP + TEXT, height }
    }

    pub fn room(&self) -> Room {
        (self.left, PLOT.0)
    }

    pub fn panel(&self, scene: &mut Scene, surface: &Surface, rung: &Rung, shades: &Shades, at: (f64, f64)) -> f64 {
        let (left, top) = at;
        let (right, bottom) = (left + PLOT.0, top + self.height);
        let (x, y) = (
            Place::new(&surface.parameters[0], (left + INSET, right - INSET)),
            Place::new(&surface.parameters[1], (bottom - INSET, top + INSET)),
        );
        for (y, label) in y.ticks(wanted(self.height)) {
            scene.line((left, y), (right, y), 1.0, GRID);
            scene.line((left - 4.0, y), (left, y), 1.0, AXIS);
            scene.text(Text { em: LABEL, anchor: Anchor::End, ..text_at(left - GAP, y, &label) });
        }
        let name = text_at(left - self.left + TEXT / 2.0, (top + bottom) / 2.0, &surface.parameters[1].name);
        scene.text(Text { anchor: Anchor::Middle, upward: true, colour: PALE_INK, ..name });
        let end = x.below(scene, (top, bottom), &surface.parameters[0].name);
        scene.frame(left, top, right, bottom, 1.0, AXIS);
        for candidate in worst_first(rung, surface.better) {
            let (Some(x), Some(y)) = (x.at(&candidate.values[0]), y.at(&candidate.values[1])) else { continue };
            match candidate.mean {
                Some(mean) => {
                    if candidate.chosen > 0 {
                        ring(scene, (x, y));
                    }
                    scene.mark(Mark::Circle, (x, y), 5.5, shades.colour(mean));
                }
                None => scene.mark(Mark::Cross, (x, y), 5.0, HATCH),
            }
        }
        if !shades.is_flat {
            shades.bar(scene, (right + 2.0 * GAP, top), self.height);
        }
        end
    }
}

/// Labels on an upright axis of `height` px.
fn wanted(height: f64) -> usize {
    (height / 34.0) as usize
}
