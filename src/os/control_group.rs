//! The memory that a control group leaves: in a container, or in a job of a batch system, that may be far less than the machine has.

use std::path::{Path, PathBuf};

/// How one version of control groups tells of memory.
struct Version {
    /// Where they are mounted, below [`MOUNTED`].
    folder: &'static str,
    limit: &'static str,
    usage: &'static str,
    /// The line of `memory.stat` with the bytes of files that nobody has used for some time: the kernel drops them for others.
    idle_files: &'static str,
}

const MOUNTED: &str = "/sys/fs/cgroup";
const UNIFIED: Version =
    Version { folder: "", limit: "memory.max", usage: "memory.current", idle_files: "inactive_file " };
const OF_OLD: Version = Version {
    folder: "memory",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    idle_files: "total_inactive_file ",
};

/// Bytes that this process and its children could get within their control groups; none where no group has a limit.
pub(super) fn free_bytes() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    least_free(Path::new(MOUNTED), &groups)
}

/// The least that is free in one of `groups`, which are written as in `/proc/self/cgroup`, and in those that these are part of.
fn least_free(mounted: &Path, groups: &str) -> Option<u64> {
    let of = |line: &str| {
        let [_, controllers, path] = line.splitn(3, ':').collect::<Vec<_>>()[..] else { return None };
        let version = match controllers {
            "" => UNIFIED,
            some if some.split(',').any(|name| name == "memory") => OF_OLD,
            _ => return None,
        };
        let root = mounted.join(version.folder);
        // A container may see its own group alone, as the root: the groups above are not there.
        let own = root.join(path.trim_start_matches('/'));
        let folders: Vec<PathBuf> =
            own.ancestors().take_while(|folder| folder.starts_with(&root)).map(Path::to_owned).collect();
        folders.iter().filter_map(|folder| free(folder, &version)).min()
    };
    groups.lines().filter_map(of).min()
}

/// What is free in the group of this folder; none where it has no limit, or tells nothing.
fn free(folder: &Path, version: &Version) -> Option<u64> {
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let number = |name: &str| text(name)?.trim().parse::<u64>().ok();
    // Without a limit it says `max`, or a number that is larger than any memory.
    let limit = number(version.limit)?;
    let idle = text("memory.stat")
        .and_then(|text| text.lines().find_map(|line| line.strip_prefix(version.idle_files)?.trim().parse().ok()));
    let used = number(version.usage).unwrap_or(0).saturating_sub(idle.unwrap_or(0));
    Some(limit.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(mounted: &Path, path: &str, files: &[(&str, &str)]) {
        let folder = mounted.join(path);
        std::fs::create_dir_all(&folder).unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
    }

    #[test]
    fn the_smallest_of_nested_groups_decides_without_files_that_nobody_uses() {
        let folder = tempfile::TempDir::new().unwrap();
        let mounted = folder.path();
        assert_eq!(least_free(mounted, "0::/a/b\n"), None);
        let stat = "anon 300\nfile 500\ninactive_file 200\nactive_file 300\n";
        group(mounted, "a", &[("memory.max", "1000\n"), ("memory.current", "700\n"), ("memory.stat", stat)]);
        group(mounted, "a/b", &[("memory.max", "max\n"), ("memory.current", "10\n")]);
        // 700 are used, and 200 of them idle.
        assert_eq!(least_free(mounted, "0::/a/b\n"), Some(500));
        group(mounted, "a/b", &[("memory.max", "400\n")]);
        assert_eq!(least_free(mounted, "0::/a/b\n"), Some(390));
        // More in use than allowed, as a limit may be lowered.
        group(mounted, "a/b", &[("memory.max", "5\n")]);
        assert_eq!(least_free(mounted, "0::/a/b\n"), Some(0));
        // Another one's group.
        assert_eq!(least_free(mounted, "0::/c\n"), None);
        // A container with its own group as the root.
        group(mounted, "", &[("memory.max", "900\n"), ("memory.current", "100\n")]);
        assert_eq!(least_free(mounted, "0::/\n"), Some(800));
    }

    #[test]
    fn groups_of_the_first_version_count_where_they_limit_memory() {
        let folder = tempfile::TempDir::new().unwrap();
        let mounted = folder.path();
        let files = [
            ("memory.limit_in_bytes", "2000\n"),
            ("memory.usage_in_bytes", "900\n"),
            ("memory.stat", "inactive_file 1\ntotal_inactive_file 400\n"),
        ];
        // The path is the host's: in the container the group is the root.
        group(mounted, "memory", &files);
        assert_eq!(least_free(mounted, "9:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n"), Some(1_500));
        assert_eq!(least_free(mounted, "9:cpu,cpuacct:/docker/1\n"), None);
        // A whole number beyond any memory is no limit.
        group(mounted, "memory/job", &[("memory.limit_in_bytes", "9223372036854771712\n")]);
        assert_eq!(least_free(mounted, "4:hugetlb,memory:/job\n"), Some(1_500));
    }
}
