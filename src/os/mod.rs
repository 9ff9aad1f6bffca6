//! What several places want of the operating system: child processes, limits, memory, shared files, replacing a file. It knows
//! nothing of studies, cells or records.

mod calm;
mod control_group;
pub(crate) mod family;
mod ignored;
mod lasting;
mod limits;
pub(crate) mod memory;
mod process;
mod replace;
mod same_file;
mod shared_file;
mod temporary;
mod terminal;
mod threads;
mod want;
mod writable;

pub(crate) use calm::{calmly, panic_words};
pub(crate) use ignored::{past_hangups, past_ignored};
pub(crate) use lasting::{lasting, start_lasting, tell_of_lasting};
pub(crate) use limits::{die_with_parent, end_with_parent, limit_memory};
pub use memory::spare_addresses;
pub(crate) use process::{Child, End, Group, readable, say_anew};
pub(crate) use replace::{
    Staged, is_stream, put, put_bytes, remove_folder, replace, replace_at, replace_like, replace_with,
};
pub(crate) use same_file::is_same_file;
pub(crate) use shared_file::{SharedFile, map, map_new};
pub(crate) use temporary::{Temporary, exit_without_traces};
pub(crate) use terminal::columns;
pub(crate) use threads::start_threads;
pub use want::{Allocator, ask_to_pack, tell_want_of_memory};
pub(crate) use writable::{check_file, check_folder, check_locks};
