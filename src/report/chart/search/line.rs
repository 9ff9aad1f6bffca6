//! One parameter: the mean score over it.

use super::place::Place;
use super::{Room, ring, worst_first};
use crate::analyze::surfaces::{Domain, Rung, Surface};
use crate::report::chart::axis::{self, Scale, padded};
use crate::report::chart::scene::Scene;
use crate::report::chart::style::{AXIS, HATCH, Mark, colour};

/// The least width, and the height where there is one rung.
const PLOT: (f64, f64) = (520.0, 260.0);
/// Longer lists drop labels.
const WIDEST: f64 = 1_100.0;
/// Room between the labels of a list.
const APART: f64 = 16.0;
const LOW: f64 = 170.0;
/// Room inside the frame for marks at the ends of a range.
const INSET: f64 = 10.0;

pub struct Line {
    left: f64,
    width: f64,
    height: f64,
}

impl Line {
    pub fn of(surface: &Surface) -> Self {
        let room = |rung: &Rung| axis::vertical_room(&Scale::linear(range(rung), (PLOT.1, 0.0)));
        let left = surface.rungs.iter().map(room).fold(0.0, f64::max);
        // A list is labelled whole: which family a column of marks is must be said.
        let width = match &surface.parameters[0].domain {
            Domain::Range { .. } => PLOT.0,
            Domain::List(list) => {
                let widest = Place::new(&surface.parameters[0], (0.0, 1.0)).widest(list.len());
                (list.len() as f64 * (widest + APART) + 2.0 * INSET).clamp(PLOT.0, WIDEST)
            }
        };
        Line { left, width, height: if surface.rungs.len() > 1 { LOW } else { PLOT.1 } }
    }

    pub fn room(&self) -> Room {
        (self.left, self.width)
    }

    pub fn panel(&self, scene: &mut Scene, surface: &Surface, rung: &Rung, (left, top): (f64, f64)) -> f64 {
        let (right, bottom) = (left + self.width, top + self.height);
        let parameter = &surface.parameters[0];
        let (x, y) = (Place::new(parameter, (left + INSET, right - INSET)), Scale::linear(range(rung), (bottom, top)));
        axis::vertical(scene, &y, (left, right), &format!("mean {}", surface.goal));
        let end = x.below(scene, (top, bottom), &parameter.name);
        scene.frame(left, top, right, bottom, 1.0, AXIS);
        let numbers = match &parameter.domain {
            Domain::Range { .. } => true,
            Domain::List(list) => list.iter().all(serde_json::Value::is_number),
        };
        if numbers {
            let mut points: Vec<(f64, f64)> =
                rung.candidates.iter().filter_map(|c| Some((x.at(&c.values[0])?, y.at(c.mean?)))).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points.windows(2).for_each(|pair| scene.line(pair[0], pair[1], 1.5, colour(0)));
        }
        for candidate in worst_first(rung, surface.better) {
            let Some(x) = x.at(&candidate.values[0]) else { continue };
            match candidate.mean {
                Some(mean) => {
                    if candidate.chosen > 0 {
                        ring(scene, (x, y.at(mean)));
                    }
                    scene.mark(Mark::Circle, (x, y.at(mean)), 4.5, colour(0));
                }
                None => scene.mark(Mark::Cross, (x, bottom - 8.0), 5.0, HATCH),
            }
        }
        end
    }
}

fn range(rung: &Rung) -> (f64, f64) {
    padded(rung.candidates.iter().filter_map(|candidate| candidate.mean))
}
