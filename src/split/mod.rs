//! Which rows train and which test. Splits depend on labels, roles and seed alone, so every pipeline sees the same folds.
//!
//! A [`Protocol`] is what a study asks for: a kind of [`CATALOGUE`] with its parameters. Its splits equal scikit-learn's,
//! index for index, where scikit-learn has them. A kind is a file with a [`Splitter`] and its `ENTRY`, and a line here.

mod apart;
mod counts;
mod cut;
mod draw;
mod given;
mod group_k_fold;
mod groups;
mod hold_out;
mod inner;
mod leak;
mod leakage;
mod left_out;
mod order;
mod prequential;
mod protocol;
mod roles;
mod shares;
mod shuffle;
mod stratified_group_k_fold;
mod stratified_k_fold;
mod time_ordered;
mod time_series;
mod whole;

use crate::component::Entry;
pub use crate::component::{Keeping, Lack, Roles, Split, SplitPart, Splitter};

pub use cut::labels;
pub(crate) use cut::{INNER, cut, judging, with_key};
pub(crate) use draw::{redivided, stratified_draw, stratified_parts, stratified_rows};
pub use inner::stratified;
pub(crate) use inner::stratified_by;
pub use leak::{ELSEWHERE, Leak, Leaks};
pub use leakage::Leakage;
pub use protocol::Protocol;
pub(crate) use roles::complete;

/// Every kind of split.
pub static CATALOGUE: &[&Entry<dyn Splitter>] = &[
    &stratified_k_fold::ENTRY,
    &hold_out::ENTRY,
    &shuffle::STRATIFIED,
    &group_k_fold::ENTRY,
    &stratified_group_k_fold::ENTRY,
    &shuffle::GROUPS,
    &time_ordered::ENTRY,
    &time_series::ENTRY,
    &prequential::ENTRY,
    &given::ENTRY,
];

#[cfg(test)]
mod tests;
