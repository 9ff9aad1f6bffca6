# Sourced by bash, before cargo: where scripts/setup put the native libraries and the tools that build them.
# All paths lie in the cache, none in this clone, so that every clone shares one build of the dependencies.
FRAUDBENCH_CACHE="${FRAUDBENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fraudbench}"
# The folder's name comes from what is in it: another pin is another folder.
FRAUDBENCH_NATIVE="$FRAUDBENCH_CACHE/native/$(sha256sum <"$(dirname "${BASH_SOURCE[0]}")/native-requirements.txt" | cut -c1-12)"
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$FRAUDBENCH_CACHE/target}"
XGBOOST_LIB_DIR="$FRAUDBENCH_NATIVE/xgboost/lib"
LIGHTGBM_LIB_DIR="$FRAUDBENCH_NATIVE/lightgbm/lib"
export FRAUDBENCH_CACHE CARGO_TARGET_DIR XGBOOST_LIB_DIR LIGHTGBM_LIB_DIR
