//! Links `lib_lightgbm.so` from where `scripts/setup` put it, or from where the linker looks anyway.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIGHTGBM_LIB_DIR");
    if let Ok(dir) = std::env::var("LIGHTGBM_LIB_DIR") {
        println!("cargo:rustc-link-search=native={dir}");
    }
    println!("cargo:rustc-link-lib=dylib=_lightgbm");
}
