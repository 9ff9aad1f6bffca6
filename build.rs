//! Lets the binary and the tests find XGBoost's and LightGBM's libraries where they were linked: a dependency cannot set its
//! users' rpath.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for folder in ["XGBOOST_LIB_DIR", "LIGHTGBM_LIB_DIR"] {
        println!("cargo:rerun-if-env-changed={folder}");
        if let Ok(dir) = std::env::var(folder) {
            println!("cargo:rustc-link-search=native={dir}");
            println!("cargo:rustc-link-arg=-Wl,-rpath,{dir}");
        }
    }
}
