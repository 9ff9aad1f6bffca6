//! The one look of all charts: font, sizes, colours, marks.

use std::collections::HashMap;
use std::sync::LazyLock;

use plotters::style::RGBColor;

use crate::component::Registry;

/// The font's name as the SVG files give it: where the first is not installed, the others are about as wide.
pub const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

/// Font sizes in px (em).
pub const TITLE: f64 = 16.0;
/// Subtitles, axis names, panel titles.
pub const TEXT: f64 = 12.0;
/// Tick labels, legends.
pub const LABEL: f64 = 11.0;
/// Notes and second lines.
pub const SMALL: f64 = 10.0;

/// Free space at the canvas' edge.
pub const EDGE: f64 = 16.0;
/// Space between a label and what it belongs to.
pub const GAP: f64 = 7.0;
/// No chart is narrower, so that its titles have room.
pub const LEAST_WIDTH: f64 = 640.0;
/// Labels longer than this are abbreviated.
pub const LONGEST_LABEL: f64 = 210.0;

/// Canvas.
pub const WHITE: RGBColor = RGBColor(255, 255, 255);
/// Values on bright colours.
const BLACK: RGBColor = RGBColor(0, 0, 0);
/// Titles and values.
pub const INK: RGBColor = RGBColor(32, 32, 32);
/// Subtitles and notes.
pub const PALE_INK: RGBColor = RGBColor(95, 95, 95);
/// Axis lines.
pub const AXIS: RGBColor = RGBColor(120, 120, 120);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(226, 226, 226);
/// Cells without a value.
pub const EMPTY: RGBColor = RGBColor(238, 238, 238);
/// The hatching of cells without a value.
pub const HATCH: RGBColor = RGBColor(205, 205, 205);

/// Colours of families and series, on white: at least 3 to 1 against it, and colour-blind readers can tell any two apart (tested).
pub const PALETTE: [RGBColor; 6] = [
    RGBColor(37, 114, 233),
    RGBColor(199, 129, 0),
    RGBColor(50, 159, 107),
    RGBColor(150, 88, 149),
    RGBColor(0, 0, 99),
    RGBColor(72, 45, 5),
];

/// Strokes and gaps by turns, px; the first is a whole line.
const DASHES: [&[f64]; 7] =
    [&[], &[9.0, 4.0], &[2.0, 3.0], &[9.0, 3.0, 2.0, 3.0], &[4.5, 3.0], &[14.0, 3.0, 2.0, 3.0, 2.0, 3.0], &[18.0, 5.0]];

/// How many looks there are: colours times dashes.
const LOOKS: usize = PALETTE.len() * DASHES.len();

/// The look of each family whose entry names one.
static FAMILIES: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    let registry = Registry::built_in();
    registry.classifiers().iter().filter_map(|entry| Some((entry.id, usize::from(entry.look?)))).collect()
});

/// Viridis at nine equal steps.
const VIRIDIS: [RGBColor; 9] = [
    RGBColor(68, 1, 84),
    RGBColor(71, 45, 123),
    RGBColor(59, 82, 139),
    RGBColor(44, 114, 142),
    RGBColor(33, 144, 140),
    RGBColor(39, 173, 129),
    RGBColor(93, 200, 99),
    RGBColor(170, 220, 50),
    RGBColor(253, 231, 37),
];

/// The shape of a mark. Seven shapes and six colours give 42 different marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A triangle, point up.
    Up,
    /// A square on its corner.
    Diamond,
    /// A triangle, point down.
    Down,
    /// A plus.
    Plus,
    /// A cross.
    Cross,
}

const MARKS: [Mark; 7] = [Mark::Circle, Mark::Square, Mark::Up, Mark::Diamond, Mark::Down, Mark::Plus, Mark::Cross];

/// The look of a family: what [`colour`], [`mark`] and [`dash`] take. One without a look of its own gets one by its name.
pub fn family(id: &str) -> usize {
    // FNV-1a: the same on every machine and in every version.
    let hash = || {
        id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    };
    known_family(id).unwrap_or_else(|| (hash() % LOOKS as u64) as usize)
}

/// The look of a family; none where the name is none of ours.
pub fn known_family(id: &str) -> Option<usize> {
    FAMILIES.get(id).copied()
}

/// The colour of the `i`-th look.
pub fn colour(i: usize) -> RGBColor {
    PALETTE[i % PALETTE.len()]
}

/// The mark of the `i`-th look.
pub fn mark(i: usize) -> Mark {
    MARKS[i % MARKS.len()]
}

/// The strokes and gaps of the `i`-th look.
pub fn dash(i: usize) -> &'static [f64] {
    DASHES[i / PALETTE.len() % DASHES.len()]
}

/// Viridis at `share` of its length, 0 (dark) to 1 (bright).
pub fn sequential(share: f64) -> RGBColor {
    let at = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let low = (at as usize).min(VIRIDIS.len() - 2);
    mix(VIRIDIS[low], VIRIDIS[low + 1], at - low as f64)
}

/// `share` of `to` in `from`.
pub fn mix(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    RGBColor(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}

/// Black or white, whichever has the larger contrast (WCAG 2, relative luminance) to `background`.
pub fn ink_on(background: RGBColor) -> RGBColor {
    if contrast(background, WHITE) >= contrast(background, BLACK) { WHITE } else { BLACK }
}

/// The WCAG 2 contrast ratio of two colours, 1 to 21.
fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = |c: RGBColor| 0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2);
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [`PALETTE`] on dark paper, as `report.css` has it.
    const DARK_PALETTE: [RGBColor; 6] = [
        RGBColor(24, 116, 177),
        RGBColor(204, 65, 21),
        RGBColor(107, 255, 157),
        RGBColor(255, 214, 255),
        RGBColor(103, 80, 255),
        RGBColor(255, 225, 45),
    ];

    /// Linear light of a colour.
    fn linear(c: RGBColor) -> [f64; 3] {
        [c.0, c.1, c.2].map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn times(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    /// CIELAB (D65) of linear light.
    fn lab(light: [f64; 3]) -> [f64; 3] {
        const XYZ: [[f64; 3]; 3] = [
            [0.412_456_4, 0.357_576_1, 0.180_437_5],
            [0.212_672_9, 0.715_152_2, 0.072_175_0],
            [0.019_333_9, 0.119_192_0, 0.950_304_1],
        ];
        let xyz = times(&XYZ, light.map(|v| v.clamp(0.0, 1.0)));
        let white = [0.95047, 1.0, 1.08883];
        let f = |i: usize| {
            let v: f64 = xyz[i] / white[i];
            if v > 0.008_856 { v.cbrt() } else { 7.787 * v + 16.0 / 116.0 }
        };
        [116.0 * f(1) - 16.0, 500.0 * (f(0) - f(1)), 200.0 * (f(1) - f(2))]
    }

    /// Machado, Oliveira and Fernandes (2009) at severity 1: deuteranopia and protanopia; and sight as it is.
    const SIGHTS: [(&str, [[f64; 3]; 3]); 3] = [
        (
            "deuteranopia",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ];

    #[test]
    fn families_that_share_a_dash_are_told_apart_by_colour_blind_readers_on_white_and_on_dark() {
        let looks: Vec<(RGBColor, &[f64], Mark)> = (0..LOOKS).map(|i| (colour(i), dash(i), mark(i))).collect();
        for (i, a) in looks.iter().enumerate() {
            for (j, b) in looks.iter().enumerate().skip(i + 1) {
                assert!((a.0, a.1) != (b.0, b.1) && (a.0, a.2) != (b.0, b.2), "{i} and {j} look alike");
            }
        }
        for (paper, palette) in [(WHITE, PALETTE), (RGBColor(21, 24, 29), DARK_PALETTE)] {
            for (i, a) in palette.into_iter().enumerate() {
                assert!(contrast(a, paper) >= 3.0, "{a:?} on {paper:?}: {}", contrast(a, paper));
                for b in palette.into_iter().skip(i + 1) {
                    for (sight, matrix) in &SIGHTS {
                        let [x, y] = [a, b].map(|c| lab(times(matrix, linear(c))));
                        let apart = x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
                        assert!(apart >= 30.0, "{a:?} and {b:?} under {sight}: {apart:.1}");
                    }
                }
            }
        }
    }

    /// Reports of all versions show a family alike.
    const LOOKING_ALIKE: [&str; LOOKS] = [
        "random-forest",
        "logistic-regression",
        "xgboost",
        "k-neighbors",
        "svc",
        "decision-tree",
        "lightgbm",
        "adaboost",
        "catboost",
        "tpot",
        "autosklearn",
        "mlp",
        "extra-trees",
        "hist-gradient-boosting",
        "gaussian-nb",
        "lda",
        "qda",
        "balanced-random-forest",
        "linear-svc",
        "sgd",
        "ridge",
        "bagging",
        "balanced-bagging",
        "easy-ensemble",
        "rus-boost",
        "voting",
        "stacking",
        "cascade",
        "isolation-forest",
        "lof",
        "ecod",
        "copod",
        "rectangles",
        "likelihood-ratio",
        "linear-regression",
        "quadratic-regression",
        "bernoulli-nb",
        "complement-nb",
        "subeh-yarovenko-mlp",
        "external",
        "prior",
        "python",
    ];

    #[test]
    fn a_family_has_its_look_by_its_name_alone() {
        for (look, id) in LOOKING_ALIKE.into_iter().enumerate() {
            assert_eq!((family(id), known_family(id)), (look, Some(look)), "{id}");
        }
        assert_eq!(FAMILIES.len(), LOOKS, "two families have one look, or one has none that there is");
        assert_eq!((family("random-forest"), family("python"), known_family("mine")), (0, 41, None));
        assert_eq!(family("mine"), family("mine"));
        assert!(family("mine") < LOOKS);
        let eleven: Vec<_> = LOOKING_ALIKE[..11].iter().map(|id| (colour(family(id)), mark(family(id)))).collect();
        assert!((0..11).all(|i| !eleven[..i].contains(&eleven[i])));
    }

    #[test]
    fn the_page_has_the_same_colours() {
        let css = include_str!("../../../assets/report/report.css");
        let hex = |c: RGBColor| format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2);
        for (i, (light, dark)) in PALETTE.into_iter().zip(DARK_PALETTE).enumerate() {
            let wanted = format!("--look-{i}: light-dark({}, {});", hex(light), hex(dark));
            assert!(css.contains(&wanted), "{wanted}");
        }
    }

    #[test]
    fn values_can_be_read_on_every_colour_of_the_scale() {
        for step in 0..=100 {
            let background = sequential(f64::from(step) / 100.0);
            assert!(contrast(background, ink_on(background)) >= 4.5, "{step}: {background:?}");
        }
    }
}
