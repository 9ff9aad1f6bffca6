//! A scene as an SVG file that takes little room: shapes that look alike share one element where nothing lies between them, steps stand
//! instead of points, and what is the same everywhere is said once.

use std::fmt::Write;

use plotters::style::RGBColor;

use super::scene::Shape;
use super::style::{FONT, INK, WHITE};
use super::text::{Anchor, CAPITALS};

/// Coordinates are whole numbers; this many of them make a px.
const STEPS: f64 = 10.0;
/// Width of most lines, px.
const LINE: f64 = 1.0;
/// Width of the outline of marks, px.
const OUTLINE: f64 = 0.8;
/// So many elements back a shape looks for its like, and past so many shapes of one of them: drawing stays quick.
const BACK: usize = 24;
const MOST_BOUNDS: usize = 256;

/// A file of `width` by `height` px with a name for those who do not see it.
pub(super) fn file(name: &str, (width, height): (f64, f64), shapes: &[Shape]) -> String {
    let (wide, high) = (steps(width), steps(height));
    let mut out = format!(
        "<svg role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {wide} {high}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title>{}</title>\n<rect width=\"{wide}\" height=\"{high}\" fill=\"{}\"/>\n\
         <g fill=\"none\" stroke-width=\"{}\">\n",
        escaped(name),
        hex(WHITE),
        steps(LINE)
    );
    let mut painted = Painted::default();
    shapes.iter().for_each(|shape| painted.add(shape));
    painted.elements.iter().for_each(|element| element.write(&mut out));
    let _ = writeln!(out, "</g>\n<g fill=\"{}\" font-family=\"{FONT}\">", hex(INK));
    put_texts(&mut out, shapes);
    out.push_str("</g>\n</svg>\n");
    out
}

/// How shapes are painted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Look {
    /// Filled, in one path.
    Area(RGBColor),
    /// Stroked, in one path.
    Line(RGBColor, i64),
    /// Filled, with an outline. One may lie on the other, so that each has an element.
    Mark(RGBColor, RGBColor),
}

/// Left, top, right, bottom, in steps.
type Bounds = [i64; 4];

fn are_apart([left, top, right, bottom]: &Bounds, other: &Bounds) -> bool {
    right <= &other[0] || &other[2] <= left || bottom <= &other[1] || &other[3] <= top
}

/// Shapes of one look, painted together.
struct Element {
    look: Look,
    /// What is around each of them, and around all.
    each: Vec<Bounds>,
    all: Bounds,
    body: String,
}

impl Element {
    fn write(&self, out: &mut String) {
        let body = &self.body;
        let _ = match self.look {
            Look::Area(colour) => writeln!(out, "<path fill=\"{}\" d=\"{body}\"/>", hex(colour)),
            Look::Line(colour, width) if width == steps(LINE) => {
                writeln!(out, "<path stroke=\"{}\" d=\"{body}\"/>", hex(colour))
            }
            Look::Line(colour, width) => {
                writeln!(out, "<path stroke=\"{}\" stroke-width=\"{width}\" d=\"{body}\"/>", hex(colour))
            }
            Look::Mark(colour, outline) => {
                let (fill, stroke, width) = (hex(colour), hex(outline), steps(OUTLINE));
                writeln!(out, "<g fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{width}\">\n{body}</g>")
            }
        };
    }
}

/// The elements, the later ones on top.
#[derive(Default)]
struct Painted {
    elements: Vec<Element>,
}

impl Painted {
    fn add(&mut self, shape: &Shape) {
        match shape {
            Shape::Rectangle([left, top, right, bottom], colour) => {
                let [left, top, right, bottom] = [left, top, right, bottom].map(|at| steps(*at));
                if right > left && bottom > top {
                    let (width, height) = (right - left, bottom - top);
                    let body = self.body(Look::Area(*colour), [left, top, right, bottom]);
                    let _ = write!(body, "M{left} {top}h{width}v{height}h-{width}z");
                }
            }
            Shape::Path(points, width, colour) => {
                let width = steps(*width).max(1);
                walk(self.body(Look::Line(*colour, width), around(points, width)), points);
            }
            Shape::Polygon(points, colour, outline) => {
                let body = self.body(Look::Mark(*colour, *outline), around(points, steps(OUTLINE)));
                body.push_str("<path d=\"");
                walk(body, points);
                body.push_str("z\"/>\n");
            }
            Shape::Disc(centre, radius, colour, outline) => {
                let reach = steps(2.0 * radius + OUTLINE);
                let body = self.body(Look::Mark(*colour, *outline), around(&[*centre], reach));
                let [x, y, radius] = [centre.0, centre.1, *radius].map(steps);
                let _ = writeln!(body, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>");
            }
            Shape::Text(_) => {}
        }
    }

    /// Where a shape is written: with the last ones that look like it, unless something that was painted since lies in its place.
    fn body(&mut self, look: Look, bounds: Bounds) -> &mut String {
        let is_free = |element: &Element| {
            are_apart(&element.all, &bounds)
                || element.each.len() <= MOST_BOUNDS && element.each.iter().all(|each| are_apart(each, &bounds))
        };
        let mut found = None;
        for (place, element) in self.elements.iter().enumerate().rev().take(BACK) {
            if element.look == look {
                found = Some(place);
            }
            if found.is_some() || !is_free(element) {
                break;
            }
        }
        let place = found.unwrap_or(self.elements.len());
        if found.is_none() {
            self.elements.push(Element { look, each: Vec::new(), all: bounds, body: String::new() });
        }
        let element = &mut self.elements[place];
        let [left, top, right, bottom] = element.all;
        element.all = [left.min(bounds[0]), top.min(bounds[1]), right.max(bounds[2]), bottom.max(bounds[3])];
        element.each.push(bounds);
        &mut element.body
    }
}

/// What is around a line of a width through points; a sharp corner reaches four widths out, where it is not cut off.
fn around(points: &[(f64, f64)], width: i64) -> Bounds {
    let reach = if points.len() > 2 { 2 * width } else { width / 2 + 1 };
    let mut bounds = [i64::MAX, i64::MAX, i64::MIN, i64::MIN];
    for (x, y) in points.iter().map(|(x, y)| (steps(*x), steps(*y))) {
        bounds =
            [bounds[0].min(x - reach), bounds[1].min(y - reach), bounds[2].max(x + reach), bounds[3].max(y + reach)];
    }
    bounds
}

/// Writes the way through points.
fn walk(out: &mut String, points: &[(f64, f64)]) {
    let mut before = None;
    for (x, y) in points.iter().map(|(x, y)| (steps(*x), steps(*y))) {
        let _ = match before.map(|(from_x, from_y)| (x - from_x, y - from_y)) {
            None => write!(out, "M{x} {y}"),
            Some((0, 0)) => Ok(()),
            Some((right, 0)) => write!(out, "h{right}"),
            Some((0, down)) => write!(out, "v{down}"),
            Some((right, down)) if down < 0 => write!(out, "l{right}{down}"),
            Some((right, down)) => write!(out, "l{right} {down}"),
        };
        before = Some((x, y));
    }
}

/// How texts are set.
#[derive(PartialEq)]
struct Face {
    em: i64,
    anchor: Anchor,
    bold: bool,
    colour: RGBColor,
}

/// Writes the texts, those that follow each other in one face in an element of theirs.
fn put_texts(out: &mut String, shapes: &[Shape]) {
    let mut open = None;
    for shape in shapes {
        let Shape::Text(text) = shape else { continue };
        let face = Face { em: steps(text.em), anchor: text.anchor, bold: text.bold, colour: text.colour };
        if open.as_ref() != Some(&face) {
            if open.is_some() {
                out.push_str("</g>\n");
            }
            put_face(out, &face);
            open = Some(face);
        }
        // Its base line, so that capitals are centred on the text's point.
        let low = text.em * CAPITALS / 2.0;
        let (x, y) = if text.upward { (text.x + low, text.y) } else { (text.x, text.y + low) };
        let (x, y) = (steps(x), steps(y));
        let turn = if text.upward { format!(" transform=\"rotate(270 {x} {y})\"") } else { String::new() };
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\"{turn}>{}</text>", escaped(&text.text));
    }
    if open.is_some() {
        out.push_str("</g>\n");
    }
}

fn put_face(out: &mut String, face: &Face) {
    let _ = write!(out, "<g font-size=\"{}\"", face.em);
    match face.anchor {
        Anchor::Start => {}
        Anchor::Middle => out.push_str(" text-anchor=\"middle\""),
        Anchor::End => out.push_str(" text-anchor=\"end\""),
    }
    if face.bold {
        out.push_str(" font-weight=\"bold\"");
    }
    if face.colour != INK {
        let _ = write!(out, " fill=\"{}\"", hex(face.colour));
    }
    out.push_str(">\n");
}

fn steps(px: f64) -> i64 {
    (px * STEPS).round() as i64
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::text::{Text, text_at};
    use super::*;

    const RED: RGBColor = RGBColor(255, 0, 16);
    const BLUE: RGBColor = RGBColor(0, 0, 160);

    fn shapes_of(shapes: &[Shape]) -> String {
        let file = file("<name>", (20.0, 10.0), shapes);
        let (head, rest) = file.split_once("stroke-width=\"10\">\n").unwrap();
        assert!(head.contains("viewBox=\"0 0 200 100\"") && head.contains("<title>&lt;name&gt;</title>"), "{head}");
        rest.split_once("</g>\n<g fill=\"#202020\"").unwrap().0.to_owned()
    }

    fn area(left: f64, colour: RGBColor) -> Shape {
        Shape::Rectangle([left, 1.0, left + 2.5, 3.0], colour)
    }

    #[test]
    fn shapes_of_one_look_share_an_element_where_nothing_lies_between_them() {
        let line = |x: f64, width| Shape::Path(vec![(x, 0.0), (x, 4.0), (x + 1.04, 2.0), (0.0, 2.0)], width, BLUE);
        // The second red one lies on the blue one, the third beside it.
        assert_eq!(
            shapes_of(&[area(0.0, RED), area(5.0, BLUE), area(7.4, RED), area(20.0, RED), area(2.5, BLUE)]),
            "<path fill=\"#FF0010\" d=\"M0 10h25v20h-25z\"/>\n\
             <path fill=\"#0000A0\" d=\"M50 10h25v20h-25zM25 10h25v20h-25z\"/>\n\
             <path fill=\"#FF0010\" d=\"M74 10h25v20h-25zM200 10h25v20h-25z\"/>\n"
        );
        assert_eq!(
            shapes_of(&[line(1.0, 1.0), line(2.0, 1.0), line(2.0, 2.5)]),
            "<path stroke=\"#0000A0\" d=\"M10 0v40l10-20h-20M20 0v40l10-20h-30\"/>\n\
             <path stroke=\"#0000A0\" stroke-width=\"25\" d=\"M20 0v40l10-20h-30\"/>\n"
        );
        // What has no area is nothing.
        assert_eq!(shapes_of(&[Shape::Rectangle([1.0, 2.0, 1.0, 3.0], RED), area(4.0, RED)]).matches('z').count(), 1);
    }

    #[test]
    fn a_line_over_an_area_stays_on_top_of_it_however_wide_it_is() {
        // It begins where the area ends, and reaches over it by half of its width.
        let line = Shape::Path(vec![(3.0, 0.0), (3.0, 4.0)], 1.0, BLUE);
        let shapes = shapes_of(&[area(10.0, RED), line.clone(), area(0.4, RED)]);
        assert!(shapes.find("stroke").unwrap() < shapes.rfind("M4 10h25").unwrap(), "{shapes}");
        let shapes = shapes_of(&[area(10.0, RED), line, area(-0.3, RED)]);
        assert!(shapes.find("stroke").unwrap() > shapes.rfind("M-3 10h25").unwrap(), "{shapes}");
    }

    #[test]
    fn marks_that_overlap_are_painted_one_after_the_other() {
        let disc = |x: f64| Shape::Disc((x, 2.0), 1.5, RED, BLUE);
        let polygon = Shape::Polygon(vec![(1.0, 1.0), (2.0, 3.0), (0.5, 3.0)], RED, BLUE);
        assert_eq!(
            shapes_of(&[disc(3.0), polygon, disc(4.0)]),
            "<g fill=\"#FF0010\" stroke=\"#0000A0\" stroke-width=\"8\">\n<circle cx=\"30\" cy=\"20\" r=\"15\"/>\n\
             <path d=\"M10 10l10 20h-15z\"/>\n<circle cx=\"40\" cy=\"20\" r=\"15\"/>\n</g>\n"
        );
    }

    #[test]
    fn texts_stand_on_top_with_their_capitals_around_the_point() {
        let plain = Text { colour: INK, em: 10.0, ..text_at(5.0, 8.0, "a < b & c") };
        let turned = Text { upward: true, bold: true, anchor: Anchor::End, colour: RED, ..plain.clone() };
        let shapes = [Shape::Text(plain), Shape::Text(turned), Shape::Rectangle([0.0, 0.0, 9.0, 9.0], RED)];
        let file = file("x", (20.0, 10.0), &shapes);
        // Half of 0.729 of 10 px below the point, in tenths of a px.
        let texts = "<g font-size=\"100\">\n<text x=\"50\" y=\"116\">a &lt; b &amp; c</text>\n</g>\n\
                     <g font-size=\"100\" text-anchor=\"end\" font-weight=\"bold\" fill=\"#FF0010\">\n\
                     <text x=\"86\" y=\"80\" transform=\"rotate(270 86 80)\">a &lt; b &amp; c</text>\n</g>\n</g>\n</svg>\n";
        assert!(file.ends_with(texts), "{file}");
    }
}
