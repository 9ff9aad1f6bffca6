//! Why numbers differ, or were not measured.

/// Of numbers of networks.
pub const NETWORK: &str =
    "the Handbook's network is PyTorch's, with dropout and weights that PyTorch draws: `mlp` has neither";

/// What is known of a number that differs: by table, row and column.
pub fn of(_table: &str, _row: &str, _column: &str) -> Option<&'static str> {
    None
}
