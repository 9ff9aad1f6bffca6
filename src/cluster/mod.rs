//! Past one machine: a plan's cells are cut into shards, a cluster runs them, each into a results directory of its own on a shared
//! folder, and `merge` joins these.
//!
//! ```text
//! Plan -> pieces -> shards -> plan.json -> Slurm's array or Kubernetes' job -> shard-0, shard-1, ... -> merged
//! ```
//!
//! Who runs the shards is an engine that exists; here stand the cutting, what an engine is told, what is still missing, and a simulation
//! that says how long so many machines would take.

mod assign;
pub mod coverage;
pub mod kubernetes;
mod plan;
pub mod simulate;
pub mod slurm;
mod times;

pub use crate::store::{MERGED_FOLDER, PLAN_FILE};
pub use assign::{Piece, Share, assign};
pub use plan::{Resources, Shard, ShardPlan, shard_folder, shards};
pub use times::{Replayed, Times, pieces, replayed};
