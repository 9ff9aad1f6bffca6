//! Encoders: what categories become. Each knows the levels of the training rows; what it makes of others is said in its file.

mod frequency;
mod hashing;
mod levels;
mod native;
mod one_hot;
mod ordinal;
mod python;
mod target;

use crate::component::{Entry, Transformer};

/// The encoder that is whatever class of Python it is given.
pub static GIVEN: &[&Entry<dyn Transformer>] = &[&python::ENTRY];

/// Every encoder.
pub static CATALOGUE: &[&Entry<dyn Transformer>] =
    &[&native::ENTRY, &one_hot::ENTRY, &ordinal::ENTRY, &target::ENTRY, &frequency::ENTRY, &hashing::ENTRY];
