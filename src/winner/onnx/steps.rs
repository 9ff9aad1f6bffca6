//! Imputer, encoder, scaler and selection as operators.

use super::proto::{Attribute, Type};
use super::{Builder, Rounded, Wire};
use crate::component::{Curve, RowNorm, SavedCode, SavedPower, SavedProjection, SavedScaler, SavedStep, StepForm};
use crate::data::{Column, Kind};
use crate::run::{SavedPipeline, SavedSteps};

/// The number of a missing category, and of a level that the training rows lack. A table's rows are counted from its end by them.
const MISSING: i64 = -1;
const UNSEEN: i64 = -2;
/// scikit-learn's bound below which a norm counts as zero.
const NEARLY_ZERO: f64 = 10.0 * f64::EPSILON;
/// Powers so near to 0 are logarithms: closer than this the difference is not seen in scores.
const NO_POWER: f64 = 1e-9;
/// The scaler's kind among the steps.
const SCALER: &str = "scaler";
/// What of ONNX's rounds sums otherwise: it adds in an order of its own.
const SUMS: &str = "sums";

/// A column on its way to the scaler.
enum Piece {
    Number(Wire),
    /// Numbers of levels; [`MISSING`] and [`UNSEEN`] are negative.
    Level(Wire),
}

/// The matrix that reaches the classifier.
pub(super) fn prepared(b: &mut Builder, columns: &[Column], steps: &SavedPipeline) -> Result<Wire, String> {
    let mut pieces: Vec<Piece> = columns.iter().map(|column| read(b, column)).collect();
    if let Some(imputer) = &steps.imputer {
        pieces = imputed(b, pieces, imputer)?;
    }
    let SavedSteps { encoder, scaler, categories, numbers, select, .. } = &steps.steps;
    let encoded = encoded(b, pieces, encoder.as_ref())?;
    let mut wire = b.beside(&encoded);
    wire = match &categories[..] {
        [] => scaled(b, &wire, scaler)?,
        _ => beside_categories(b, &wire, (scaler, numbers, categories))?,
    };
    match select.as_ref().map(|select| &select.form) {
        None | Some(StepForm::Same) => Ok(wire),
        Some(StepForm::Kept { kept, .. }) => Ok(b.columns(&wire, kept)),
        Some(StepForm::Projected(projection)) => Ok(projected(b, &wire, projection, "select")),
        Some(_) => Err("the selection is none that ONNX can say".into()),
    }
}

fn read(b: &mut Builder, column: &Column) -> Piece {
    let Kind::Category(levels) = &column.kind else { return Piece::Number(column.name.clone()) };
    let mut keys: Vec<String> = levels.to_vec();
    let mut values: Vec<i64> = (0..levels.len() as i64).collect();
    if !keys.iter().any(String::is_empty) {
        keys.push(String::new());
        values.push(MISSING);
    }
    let attributes = [
        ("keys_strings", Attribute::Texts(keys)),
        ("values_int64s", Attribute::Ints(values)),
        ("default_int64", Attribute::Int(UNSEEN)),
    ];
    Piece::Level(b.learnt("LabelEncoder", &column.name, &attributes))
}

fn imputed(b: &mut Builder, pieces: Vec<Piece>, step: &SavedStep) -> Result<Vec<Piece>, String> {
    let StepForm::Filled { fill, inserted, indicated } = &step.form else {
        return match step.form {
            StepForm::Same => Ok(pieces),
            _ => Err("the imputer is none that ONNX can say".into()),
        };
    };
    let (mut filled, mut marks) = (Vec::new(), Vec::new());
    for (at, (piece, fill)) in pieces.into_iter().zip(fill).enumerate() {
        let (blank, piece) = match piece {
            Piece::Number(wire) => {
                let blank = b.of("IsNaN", &[&wire]);
                let fill = b.number(*fill);
                let filled = b.of("Where", &[&blank, &fill, &wire]);
                (blank, Piece::Number(filled))
            }
            Piece::Level(wire) => {
                let place = inserted.iter().find(|(column, _)| *column == at).map(|(_, place)| *place as i64);
                let wire = place.map_or_else(|| wire.clone(), |place| moved_on(b, &wire, place));
                let missing = b.ints(&[MISSING]);
                let blank = b.of("Equal", &[&wire, &missing]);
                let fill = b.ints(&[*fill as i64]);
                let filled = b.of("Where", &[&blank, &fill, &wire]);
                (blank, Piece::Level(filled))
            }
        };
        filled.push(piece);
        if indicated.contains(&at) {
            marks.push(Piece::Number(b.cast(&blank, Type::Double)));
        }
    }
    filled.extend(marks);
    Ok(filled)
}

/// The numbers of levels after one has got the number `place`; those of what is no level are negative and stay.
fn moved_on(b: &mut Builder, level: &str, place: i64) -> Wire {
    let (place, one) = (b.ints(&[place]), b.ints(&[1]));
    let before = b.of("Less", &[level, &place]);
    let next = b.of("Add", &[level, &one]);
    b.of("Where", &[&before, level, &next])
}

fn encoded(b: &mut Builder, pieces: Vec<Piece>, encoder: Option<&SavedStep>) -> Result<Vec<Wire>, String> {
    let codes = match encoder.map(|encoder| &encoder.form) {
        Some(StepForm::Coded { codes }) => codes.as_slice(),
        None | Some(StepForm::Same) => &[],
        Some(_) => return Err("the encoder is none that ONNX can say".into()),
    };
    let mut wires = Vec::new();
    for (at, piece) in pieces.into_iter().enumerate() {
        match (piece, codes.get(at)) {
            (Piece::Number(wire), None | Some(SavedCode::Same)) => wires.push(wire),
            (Piece::Level(level), Some(SavedCode::Levels { values, missing, unseen })) => {
                if missing.is_empty() {
                    continue;
                }
                let mut rows = values.clone();
                rows.extend([unseen.clone(), missing.clone()]);
                let table = b.matrix(&rows, missing.len());
                let made = b.with("Gather", &[&table, &level], &[("axis", Attribute::Int(0))]);
                // Rows x 1 x numbers of a level.
                wires.push(b.vector(&made));
            }
            _ => return Err("a category reaches the scaler as it is".into()),
        }
    }
    Ok(wires)
}

/// Scales the numbers, past which the categories go.
fn beside_categories(
    b: &mut Builder,
    wire: &str,
    (scaler, numbers, categories): (&SavedScaler, &[usize], &[usize]),
) -> Result<Wire, String> {
    let passing = b.columns(wire, categories);
    if numbers.is_empty() {
        return Ok(passing);
    }
    let chosen = b.columns(wire, numbers);
    let made = scaled(b, &chosen, scaler)?;
    let both = b.beside(&[made, passing]);
    let changes_width = match scaler {
        SavedScaler::Products { .. } => true,
        SavedScaler::Projected(projection) => projection.weights.first().map_or(0, Vec::len) != numbers.len(),
        _ => false,
    };
    if changes_width {
        return Ok(both);
    }
    let order: Vec<&usize> = numbers.iter().chain(categories).collect();
    let mut places: Vec<usize> = (0..order.len()).collect();
    places.sort_by_key(|&place| order[place]);
    Ok(b.columns(&both, &places))
}

pub(super) fn scaled(b: &mut Builder, x: &str, scaler: &SavedScaler) -> Result<Wire, String> {
    Ok(match scaler {
        SavedScaler::Same => x.to_owned(),
        SavedScaler::Centred { centre, scale } => {
            let (centre, scale) = (b.row(centre), b.row(scale));
            let less = b.of("Sub", &[x, &centre]);
            b.of("Div", &[&less, &scale])
        }
        SavedScaler::Ranged { scale, offset, bounds } => {
            let (scale, offset) = (b.row(scale), b.row(offset));
            let times = b.of("Mul", &[x, &scale]);
            let whole = b.of("Add", &[&times, &offset]);
            clipped(b, whole, *bounds)
        }
        SavedScaler::Divided { scale, bound } => {
            let scale = b.row(scale);
            let whole = b.of("Div", &[x, &scale]);
            clipped(b, whole, bound.map(|bound| (-bound, bound)))
        }
        SavedScaler::Normed { norm } => normed(b, x, *norm),
        SavedScaler::Powers { columns } => powers(b, x, columns),
        SavedScaler::Function { func } => function(b, x, func)?,
        SavedScaler::Products { columns, degree, interaction_only, include_bias } => {
            products(b, x, (*columns, *degree), (*interaction_only, *include_bias))
        }
        SavedScaler::Projected(projection) => projected(b, x, projection, SCALER),
        SavedScaler::Quantiles { normal: true, .. } => {
            return Err("the scaler `quantile` with normal values needs a function that ONNX lacks".into());
        }
        SavedScaler::Quantiles { references, quantiles, .. } => uniform(b, x, references, quantiles),
    })
}

fn clipped(b: &mut Builder, wire: Wire, bounds: Option<(f64, f64)>) -> Wire {
    let Some((low, high)) = bounds else { return wire };
    let (low, high) = (b.number(low), b.number(high));
    b.of("Clip", &[&wire, &low, &high])
}

fn normed(b: &mut Builder, x: &str, norm: RowNorm) -> Wire {
    if norm != RowNorm::Max {
        b.rounded.push(Rounded { step: SCALER, by: SUMS });
    }
    let norm = match norm {
        RowNorm::L1 => {
            let sizes = b.of("Abs", &[x]);
            b.sum(&sizes)
        }
        RowNorm::L2 => {
            let squares = b.of("Mul", &[x, x]);
            let sum = b.sum(&squares);
            b.of("Sqrt", &[&sum])
        }
        RowNorm::Max => {
            let sizes = b.of("Abs", &[x]);
            let axis = b.ints(&[1]);
            b.with("ReduceMax", &[&sizes, &axis], &[("keepdims", Attribute::Int(1))])
        }
    };
    let (bound, one) = (b.number(NEARLY_ZERO), b.number(1.0));
    let none = b.of("Less", &[&norm, &bound]);
    let norm = b.of("Where", &[&none, &one, &norm]);
    b.of("Div", &[x, &norm])
}

/// `(exp(power * log) - 1) / power` where `log` is that of 1 + v; the logarithm itself where there is no power.
fn raised(b: &mut Builder, log: &str, powers: &[f64]) -> Wire {
    let is_none = |power: &f64| power.abs() < NO_POWER;
    let safe: Vec<f64> = powers.iter().map(|power| if is_none(power) { 1.0 } else { *power }).collect();
    let none: Vec<f64> = powers.iter().map(|power| f64::from(u8::from(is_none(power)))).collect();
    let some: Vec<f64> = none.iter().map(|none| 1.0 - none).collect();
    let (safe, none, some) = (b.row(&safe), b.row(&none), b.row(&some));
    let exponent = b.of("Mul", &[log, &safe]);
    let power = b.of("Exp", &[&exponent]);
    let power = b.add(&power, -1.0);
    let power = b.of("Div", &[&power, &safe]);
    let (power, log) = (b.of("Mul", &[&power, &some]), b.of("Mul", &[log, &none]));
    b.of("Add", &[&power, &log])
}

/// A curve of what lies above 0; 0 below it.
fn half(b: &mut Builder, x: &str, powers: &[f64]) -> Wire {
    let zero = b.number(0.0);
    let size = b.of("Max", &[x, &zero]);
    let more = b.add(&size, 1.0);
    let log = b.of("Log", &[&more]);
    raised(b, &log, powers)
}

fn powers(b: &mut Builder, x: &str, columns: &[SavedPower]) -> Wire {
    b.rounded.push(Rounded { step: SCALER, by: "exponentials" });
    let is_box_cox = columns.iter().any(|column| matches!(column.curve, Curve::BoxCox(_)));
    let lambdas: Vec<f64> = columns
        .iter()
        .map(|column| match column.curve {
            // Yeo and Johnson's curve of power 1 is the identity.
            Curve::Identity => 1.0,
            Curve::YeoJohnson(lambda) | Curve::BoxCox(lambda) => lambda,
        })
        .collect();
    let curved = if is_box_cox {
        let log = b.of("Log", &[x]);
        raised(b, &log, &lambdas)
    } else {
        let mirrored: Vec<f64> = lambdas.iter().map(|lambda| 2.0 - lambda).collect();
        let turned = b.of("Neg", &[x]);
        let (above, below) = (half(b, x, &lambdas), half(b, &turned, &mirrored));
        // One of both is 0.
        b.of("Sub", &[&above, &below])
    };
    let means: Vec<f64> = columns.iter().map(|column| column.mean).collect();
    let scales: Vec<f64> = columns.iter().map(|column| column.scale).collect();
    let (means, scales) = (b.row(&means), b.row(&scales));
    let less = b.of("Sub", &[&curved, &means]);
    b.of("Div", &[&less, &scales])
}

fn function(b: &mut Builder, x: &str, func: &str) -> Result<Wire, String> {
    match func {
        "identity" | "abs" | "square" | "sqrt" => {}
        "exp" | "expm1" => b.rounded.push(Rounded { step: SCALER, by: "exponentials" }),
        "cbrt" => b.rounded.push(Rounded { step: SCALER, by: "roots" }),
        _ => b.rounded.push(Rounded { step: SCALER, by: "logarithms" }),
    }
    let log_of_more = |b: &mut Builder, size: &str| {
        let more = b.add(size, 1.0);
        b.of("Log", &[&more])
    };
    let signed = |b: &mut Builder, size: Wire| {
        let sign = b.of("Sign", &[x]);
        b.of("Mul", &[&sign, &size])
    };
    Ok(match func {
        "identity" => x.to_owned(),
        "abs" => b.of("Abs", &[x]),
        "square" => b.of("Mul", &[x, x]),
        "sqrt" => b.of("Sqrt", &[x]),
        "exp" => b.of("Exp", &[x]),
        "expm1" => {
            let power = b.of("Exp", &[x]);
            b.add(&power, -1.0)
        }
        "log" => b.of("Log", &[x]),
        "log1p" => log_of_more(b, x),
        "signed-log1p" => {
            let size = b.of("Abs", &[x]);
            let log = log_of_more(b, &size);
            signed(b, log)
        }
        "arcsinh" => {
            let (size, square) = (b.of("Abs", &[x]), b.of("Mul", &[x, x]));
            let more = b.add(&square, 1.0);
            let root = b.of("Sqrt", &[&more]);
            let sum = b.of("Add", &[&size, &root]);
            let log = b.of("Log", &[&sum]);
            signed(b, log)
        }
        "cbrt" => {
            let (size, third) = (b.of("Abs", &[x]), b.number(1.0 / 3.0));
            let root = b.of("Pow", &[&size, &third]);
            signed(b, root)
        }
        other => return Err(format!("the scaler's function `{other}` is none that ONNX can say")),
    })
}

/// Products by degree, then by the combination of columns.
fn products(
    b: &mut Builder,
    x: &str,
    (columns, degree): (usize, usize),
    (interaction_only, include_bias): (bool, bool),
) -> Wire {
    let mut wires = Vec::new();
    if include_bias {
        let first = b.columns(x, &[0]);
        let zero = b.times(&first, 0.0);
        wires.push(b.add(&zero, 1.0));
    }
    let mut factors: Vec<Vec<usize>> = (0..columns).map(|column| vec![column]).collect();
    for degree in 1..=degree {
        if degree > 1 {
            let longer = |combination: &Vec<usize>| {
                let last = combination[combination.len() - 1] + usize::from(interaction_only);
                (last..columns).map(|next| [&combination[..], &[next]].concat()).collect::<Vec<_>>()
            };
            factors = factors.iter().flat_map(longer).collect();
        }
        if factors.is_empty() {
            break;
        }
        let mut product = None;
        // From the last factor to the first, as we multiply.
        for place in (0..degree).rev() {
            let column: Vec<usize> = factors.iter().map(|combination| combination[place]).collect();
            let factor = b.columns(x, &column);
            product = Some(match product {
                None => factor,
                Some(so_far) => {
                    let so_far: Wire = so_far;
                    b.of("Mul", &[&so_far, &factor])
                }
            });
        }
        wires.extend(product);
    }
    b.beside(&wires)
}

fn projected(
    b: &mut Builder,
    x: &str,
    SavedProjection { centre, weights }: &SavedProjection,
    step: &'static str,
) -> Wire {
    b.rounded.push(Rounded { step, by: SUMS });
    let made = weights.first().map_or(0, Vec::len);
    let (centre, weights) = (b.row(centre), b.matrix(weights, made));
    let less = b.of("Sub", &[x, &centre]);
    b.of("MatMul", &[&less, &weights])
}

/// Each value's place among its column's quantiles: read between them from below and from above, which differs where several are equal.
fn uniform(b: &mut Builder, x: &str, references: &[f64], quantiles: &[Vec<f64>]) -> Wire {
    let last = references.len() - 1;
    let mut wires = Vec::new();
    for (at, quantiles) in quantiles.iter().enumerate() {
        let v = b.columns(x, &[at]);
        let places = b.constant(|name| super::proto::doubles(name, &[references.len()], references));
        let marks = b.constant(|name| super::proto::doubles(name, &[quantiles.len()], quantiles));
        let row = b.row(quantiles);
        // Each side adds to the quantile that it comes from, as we do: the last digit may decide on which side of a threshold it is.
        let mut read = |op: &str, is_upwards: bool| {
            // How many quantiles lie below the value (or are equal to it).
            let is_below = b.of(op, &[&row, &v]);
            let is_below = b.cast(&is_below, Type::Double);
            let count = b.sum(&is_below);
            let count = b.cast(&count, Type::Int64);
            let (before, least, most) = (b.ints(&[-1]), b.ints(&[0]), b.ints(&[last as i64]));
            let low = b.of("Add", &[&count, &before]);
            let low = b.of("Max", &[&low, &least]);
            let high = b.of("Min", &[&count, &most]);
            let mut gather = |from: &str, place: &str| b.with("Gather", &[from, place], &[("axis", Attribute::Int(0))]);
            let (q_low, q_high) = (gather(&marks, &low), gather(&marks, &high));
            let (r_low, r_high) = (gather(&places, &low), gather(&places, &high));
            let (width, rise) = (b.of("Sub", &[&q_high, &q_low]), b.of("Sub", &[&r_high, &r_low]));
            let (zero, one) = (b.number(0.0), b.number(1.0));
            let flat = b.of("Equal", &[&width, &zero]);
            let width = b.of("Where", &[&flat, &one, &width]);
            let slope = b.of("Div", &[&rise, &width]);
            let (from, to, add, r) =
                if is_upwards { (&q_low, &v, "Add", &r_low) } else { (&v, &q_high, "Sub", &r_high) };
            let part = b.of("Sub", &[to, from]);
            let part = b.of("Mul", &[&slope, &part]);
            let share = b.of(add, &[r, &part]);
            b.of("Where", &[&flat, &r_low, &share])
        };
        // With equal quantiles the last one counts from below, and the first one from above.
        let (upwards, downwards) = (read("LessOrEqual", true), read("Less", false));
        let both = b.of("Add", &[&upwards, &downwards]);
        let share = b.times(&both, 0.5);
        let (low, high) = (b.number(quantiles[0]), b.number(quantiles[last]));
        // A single quantile has nothing above it but its own share.
        let (zero, most) = (b.number(0.0), b.number(references[last]));
        let (is_low, is_high) = (b.of("LessOrEqual", &[&v, &low]), b.of("GreaterOrEqual", &[&v, &high]));
        let share = b.of("Where", &[&is_high, &most, &share]);
        wires.push(b.of("Where", &[&is_low, &zero, &share]));
    }
    b.beside(&wires)
}
