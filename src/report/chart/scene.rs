//! A chart before it is drawn: shapes in px on a canvas, drawn as SVG and PNG from the same coordinates.

use std::borrow::Cow;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::{Color, RGBColor, ShapeStyle};

use super::style::{self, EDGE, HATCH, INK, LEAST_WIDTH, Mark, PALE_INK, TEXT, TITLE, WHITE};
use super::svg;
use super::text::{self, Text, text_at, wrap};
use crate::error::{Error, Result};
use crate::os::ask_to_pack;
use crate::words::{count, harmless};

/// PNG dots a px, so that the text is sharp on dense displays.
const PNG_DOTS: usize = 2;
/// Each dot of a PNG is the mean of so many by so many drawn ones, which smooths all edges.
const SAMPLES: usize = 2;

/// The most dots of a PNG file. To draw one takes twelve bytes of memory per dot, and few programs show larger ones.
const MOST_DOTS: usize = 10_000_000;

/// Said where the font lacks a character.
const BOXES: &str = "In the PNG file a box stands for each character that its font lacks; the SVG file has them.";

/// What a scene is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Filled: left, top, right, bottom.
    Rectangle([f64; 4], RGBColor),
    /// A line through points, of a width.
    Path(Vec<(f64, f64)>, f64, RGBColor),
    /// Filled, with an outline.
    Polygon(Vec<(f64, f64)>, RGBColor, RGBColor),
    /// Filled, with an outline: centre and radius.
    Disc((f64, f64), f64, RGBColor, RGBColor),
    Text(Text),
}

/// A canvas with shapes, the later ones on top, and texts above all.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Width, px.
    pub width: f64,
    /// Height, px.
    pub height: f64,
    name: String,
    shapes: Vec<Shape>,
}

impl Scene {
    /// A scene with a title and lines below it. The caller goes on below the returned y and sets the height at the end.
    pub fn titled(width: f64, title: &str, lines: &[String]) -> (Self, f64) {
        let width = width.max(LEAST_WIDTH).ceil();
        let mut scene = Scene { width, height: 0.0, name: title.to_owned(), shapes: Vec::new() };
        let room = width - 2.0 * EDGE;
        let mut y = EDGE + TITLE / 2.0;
        for line in wrap(title, TITLE, true, room) {
            scene.text(Text { em: TITLE, bold: true, ..text_at(EDGE, y, &line) });
            y += TITLE * 1.3;
        }
        for line in lines.iter().flat_map(|line| wrap(line, TEXT, false, room)) {
            scene.text(Text { colour: PALE_INK, ..text_at(EDGE, y, &line) });
            y += TEXT * 1.4;
        }
        (scene, y + 4.0)
    }

    /// Adds notes at the bottom, wrapped, and ends the canvas below them. A note more says where the PNG file cannot draw something.
    pub fn finish(mut self, top: f64, notes: &[String]) -> Self {
        let mut y = top + style::SMALL;
        let room = self.width - 2.0 * EDGE;
        let texts = self.texts().map(|text| &text.text).chain(notes);
        let lacks = texts.flat_map(|text| text.chars()).any(text::is_lacking);
        let boxes = lacks.then(|| BOXES.to_owned());
        for line in notes.iter().chain(&boxes).flat_map(|note| wrap(note, style::SMALL, false, room)) {
            self.text(Text { em: style::SMALL, colour: PALE_INK, ..text_at(EDGE, y, &line) });
            y += style::SMALL * 1.4;
        }
        self.height = (y - style::SMALL / 2.0 + EDGE / 2.0).ceil();
        self
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, left: f64, top: f64, right: f64, bottom: f64, fill: RGBColor) {
        self.shapes.push(Shape::Rectangle([left, top, right, bottom], fill));
    }

    /// A rectangle for "no value": grey, hatched.
    pub fn hatched(&mut self, left: f64, top: f64, right: f64, bottom: f64) {
        self.rectangle(left, top, right, bottom, style::EMPTY);
        let (w, h) = (right - left, bottom - top);
        let mut at = 6.0;
        while at < w + h {
            // The line x + y = at, cut at the rectangle's sides.
            let from = (left + f64::min(at, w), top + f64::max(at - w, 0.0));
            let to = (left + f64::max(at - h, 0.0), top + f64::min(at, h));
            self.line(from, to, 1.0, HATCH);
            at += 6.0;
        }
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: RGBColor) {
        self.shapes.push(Shape::Path(vec![from, to], width, colour));
    }

    /// A line through several points.
    pub fn path(&mut self, points: Vec<(f64, f64)>, width: f64, colour: RGBColor) {
        self.shapes.push(Shape::Path(points, width, colour));
    }

    /// A line through several points in strokes and gaps by turns, px; whole without any.
    pub fn dashed(&mut self, points: &[(f64, f64)], dash: &[f64], width: f64, colour: RGBColor) {
        if dash.is_empty() {
            return self.path(points.to_vec(), width, colour);
        }
        let (mut nth, mut left) = (0, dash[0]);
        let mut stroke: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            let mut length = (to.0 - from.0).hypot(to.1 - from.1);
            while length > left {
                let share = left / length;
                from = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
                length -= left;
                if nth % 2 == 0 {
                    stroke.push(from);
                    self.path(std::mem::take(&mut stroke), width, colour);
                } else {
                    stroke = vec![from];
                }
                nth += 1;
                left = dash[nth % dash.len()];
            }
            left -= length;
            if nth % 2 == 0 {
                stroke.push(to);
            }
        }
        if stroke.len() > 1 {
            self.path(stroke, width, colour);
        }
    }

    /// The filled area between two lines, both from left to right.
    pub fn band(&mut self, lower: Vec<(f64, f64)>, upper: &[(f64, f64)], fill: RGBColor) {
        let corners = lower.into_iter().chain(upper.iter().rev().copied()).collect();
        self.shapes.push(Shape::Polygon(corners, fill, fill));
    }

    /// A rectangle's outline.
    pub fn frame(&mut self, left: f64, top: f64, right: f64, bottom: f64, width: f64, colour: RGBColor) {
        let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        self.shapes.push(Shape::Path(corners, width, colour));
    }

    /// A piece of text.
    pub fn text(&mut self, mut text: Text) {
        // XML has no place for control characters.
        if let Cow::Owned(harmless) = harmless(&text.text) {
            text.text = harmless;
        }
        self.shapes.push(Shape::Text(text));
    }

    /// A mark of `radius` px around a point.
    pub fn mark(&mut self, mark: Mark, (x, y): (f64, f64), radius: f64, colour: RGBColor) {
        let outline = style::mix(colour, INK, 0.55);
        let mut polygon = |points: &[(f64, f64)]| {
            let points = points.iter().map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect();
            self.shapes.push(Shape::Polygon(points, colour, outline));
        };
        match mark {
            Mark::Circle => self.shapes.push(Shape::Disc((x, y), radius, colour, outline)),
            Mark::Square => polygon(&[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]),
            Mark::Up => polygon(&[(0.0, -1.15), (1.05, 0.8), (-1.05, 0.8)]),
            Mark::Down => polygon(&[(0.0, 1.15), (1.05, -0.8), (-1.05, -0.8)]),
            Mark::Diamond => polygon(&[(0.0, -1.25), (1.1, 0.0), (0.0, 1.25), (-1.1, 0.0)]),
            Mark::Plus => polygon(&plus(1.15, 0.0)),
            Mark::Cross => polygon(&plus(1.15, std::f64::consts::FRAC_PI_4)),
        }
    }

    /// The texts, for tests of the layout.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(text),
            _ => None,
        })
    }

    /// The scene as an SVG file.
    pub fn svg(&self) -> Vec<u8> {
        svg::file(&harmless(&self.name), (self.width, self.height), &self.shapes).into_bytes()
    }

    /// Why there is no PNG file of the scene, as it stands behind a comma or a colon; none where there is one.
    pub fn why_no_png(&self) -> Option<String> {
        let [width, height] = [self.width, self.height].map(|px| px as usize * PNG_DOTS);
        (width.saturating_mul(height) > MOST_DOTS).then(|| {
            let [width, height, most] = [width, height, MOST_DOTS].map(|dots| count(dots as u64));
            format!("it would have {width} x {height} dots, and at most {most} dots are drawn")
        })
    }

    /// The scene as a PNG file with two dots a px.
    ///
    /// # Errors
    /// [`Error::Component`] when it cannot be drawn or encoded, and as [`Self::why_no_png`] says.
    pub fn png(&self) -> Result<Vec<u8>> {
        if let Some(why) = self.why_no_png() {
            return Err(cannot_draw(why));
        }
        let factor = PNG_DOTS * SAMPLES;
        let (width, height) = (self.width as usize * factor, self.height as usize * factor);
        let mut fine = vec![255_u8; width * height * 3];
        let mut backend = BitMapBackend::with_buffer(&mut fine, (width as u32, height as u32));
        self.draw(&mut backend, factor as f64)?;
        backend.present().map_err(cannot_draw)?;
        drop(backend);
        // Not plotters' own text: it sets every glyph without its left bearing, so that letters stand unevenly.
        for text in self.texts() {
            text::dots(text, factor as f64, |x, y, cover| {
                if x >= 0 && y >= 0 && (x as usize) < width && (y as usize) < height {
                    let at = (y as usize * width + x as usize) * 3;
                    let below = RGBColor(fine[at], fine[at + 1], fine[at + 2]);
                    let RGBColor(r, g, b) = style::mix(below, text.colour, cover);
                    fine[at..at + 3].copy_from_slice(&[r, g, b]);
                }
            });
        }
        let (wide, high) = (width / SAMPLES, height / SAMPLES);
        let mut dots = Vec::with_capacity(wide * high * 3);
        for (row, column) in (0..high).flat_map(|row| (0..wide).map(move |column| (row, column))) {
            for channel in 0..3 {
                let at = |dy: usize, dx: usize| ((row * SAMPLES + dy) * width + column * SAMPLES + dx) * 3 + channel;
                let sum: u32 = (0..SAMPLES * SAMPLES).map(|i| u32::from(fine[at(i / SAMPLES, i % SAMPLES)])).sum();
                let n = (SAMPLES * SAMPLES) as u32;
                dots.push(((sum + n / 2) / n) as u8);
            }
        }
        encode(wide as u32, high as u32, &dots)
    }

    /// Draws everything but the texts, which lie on top of all else.
    fn draw<B: DrawingBackend>(&self, backend: &mut B, scale: f64) -> Result<()> {
        let at = |(x, y): (f64, f64)| ((x * scale).round() as i32, (y * scale).round() as i32);
        let stroke = |colour: RGBColor, width: f64| {
            let width = (width * scale).round().max(1.0) as u32;
            ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: width }
        };
        let fill = |colour: RGBColor| ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width: 0 };
        backend.draw_rect((0, 0), at((self.width, self.height)), &fill(WHITE), true).map_err(cannot_draw)?;
        for shape in &self.shapes {
            match shape {
                Shape::Rectangle([left, top, right, bottom], colour) => {
                    backend.draw_rect(at((*left, *top)), at((*right, *bottom)), &fill(*colour), true)
                }
                Shape::Path(points, width, colour) => {
                    backend.draw_path(points.iter().map(|p| at(*p)), &stroke(*colour, *width))
                }
                Shape::Polygon(points, colour, outline) => {
                    let closed = || points.iter().chain(points.first()).map(|p| at(*p));
                    let inner = backend.fill_polygon(points.iter().map(|p| at(*p)), &fill(*colour));
                    inner.and_then(|()| backend.draw_path(closed(), &stroke(*outline, 0.8)))
                }
                Shape::Disc(centre, radius, colour, outline) => {
                    let r = |radius: f64| (radius * scale).round() as u32;
                    // Two discs, because plotters ignores the width of a circle's outline in bitmaps.
                    let outer = backend.draw_circle(at(*centre), r(radius + 0.4), &fill(*outline), true);
                    outer.and_then(|()| backend.draw_circle(at(*centre), r(radius - 0.4), &fill(*colour), true))
                }
                Shape::Text(_) => Ok(()),
            }
            .map_err(cannot_draw)?;
        }
        Ok(())
    }
}

/// The corners of a plus with arms of length `reach`, turned by `angle` radians.
fn plus(reach: f64, angle: f64) -> Vec<(f64, f64)> {
    let (long, thin) = (reach, 0.36);
    let corners = [
        (-thin, -long),
        (thin, -long),
        (thin, -thin),
        (long, -thin),
        (long, thin),
        (thin, thin),
        (thin, long),
        (-thin, long),
        (-thin, thin),
        (-long, thin),
        (-long, -thin),
        (-thin, -thin),
    ];
    let (sin, cos) = angle.sin_cos();
    corners.iter().map(|(x, y)| (x * cos - y * sin, x * sin + y * cos)).collect()
}

fn encode(width: u32, height: u32, dots: &[u8]) -> Result<Vec<u8>> {
    ask_to_pack();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    encoder.set_filter(png::FilterType::NoFilter);
    let mut writer = encoder.write_header().map_err(cannot_draw)?;
    writer.write_image_data(dots).map_err(cannot_draw)?;
    writer.finish().map_err(cannot_draw)?;
    Ok(file)
}

fn cannot_draw(e: impl std::fmt::Display) -> Error {
    Error::Component(format!("cannot draw a chart: {e}"))
}
