//! A first study of a table that nobody has described: what its columns are taken for and why, and the study file in words.

mod guess;
mod take;
#[cfg(test)]
mod tests;
mod write;

pub use take::{Given, Labels, Taken, label, take};
pub use write::{Draft, TEMPLATE, drawn, protocols, text};
