//! XGBoost's C interface: the items of the crate `xgboost_lib-sys`, over the library that `XGBOOST_LIB_DIR` names.
//!
//! The crate of that name makes its bindings anew in every build, which takes libclang, and can download the library, for which it
//! builds a TLS client even where the library is there: a sixth of the build's time for a file that is always the same.
//! `bindings.rs` is what bindgen 0.71.1 makes of the crate's `c_api.h` (3.4.0), unchanged.

#[allow(non_upper_case_globals, non_camel_case_types, non_snake_case)]
mod bindings;

pub use bindings::*;
