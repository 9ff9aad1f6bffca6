//! LightGBM's C interface: the items of the crate `lightgbm3-sys`, over the library that `LIGHTGBM_LIB_DIR` names.
//!
//! The crate of that name builds LightGBM from source, two minutes of C++ and a newer CMake than most distributions
//! have. This one links the library of the Python wheel of the same version (4.7.0), as `xgb` does for XGBoost.
//! `bindings.rs` is what bindgen 0.73.2 makes of the crate's `c_api.h` (1.0.11), unchanged.

mod bindings;

pub use bindings::*;
