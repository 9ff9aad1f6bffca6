"""A study through a real Slurm on this machine: an array with a killed and a preempted task, resubmitted and joined, gives the records of
one machine. See scripts/slurm. All daemons run in a temporary folder, and none is left behind, whatever happens.
"""
import getpass
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "creditcard-sample.csv"
NODES = 4
SHARDS = 10
# Smaller than the number of shards, so that they need two arrays.
MAX_ARRAY_SIZE = 6
# What differs between two runs of one cell, and what a cell's neighbours in a run decide.
MEASURED = ["seconds", "threads", "peak_memory_mib", "stages", "equals"]

# `sleepy` cells make tasks long enough to be hit while they run.
STUDY = """
name = "through-slurm"
seed = 5
[data]
path = "creditcard-sample.csv"
label = "Class"
[protocol]
kind = "stratified-k-fold"
folds = 5
[grid]
resamplers = ["none", "tomek-links"]
scalers = ["standard"]
classifiers = [
    "prior", "decision-tree",
    { family = "debug", name = "sleepy", params = { act = "sleep", seconds = 1.5 } },
    { family = "debug", name = "sleepy-too", params = { act = "sleep", seconds = 1.6 } },
]
"""

CONFIG = """
ClusterName=fraudbench-test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# A requeued job waits until its credential is too old: two minutes without this.
AuthInfo=socket={folder}/munge/socket,cred_expire=10
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
# No systemd and no cgroups, as in a container.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=5
MinJobAge=3600
MaxArraySize={max_array_size}
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
{nodes}
PartitionName=low Nodes=n[1-{many}] Default=YES PriorityTier=1 PreemptMode=REQUEUE MaxTime=INFINITE State=UP
PartitionName=high Nodes=n[1-{many}] PriorityTier=10 PreemptMode=OFF MaxTime=INFINITE State=UP
"""


def end(why):
    raise SystemExit(f"scripts/slurm: {why}")


def free_ports(many):
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(many)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for(what, is_so, seconds):
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            end(f"after {seconds} s still not: {what}")
        time.sleep(0.2)


class Slurm:
    """The daemons, in the foreground as children of this process."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []

    def start(self):
        munge = self.folder / "munge"
        munge.mkdir(mode=0o711)
        key = munge / "key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        (self.folder / "state").mkdir()
        ports = free_ports(NODES + 1)
        of_node = "NodeName=n{0} NodeHostname={1} NodeAddr=127.0.0.1 Port={2} CPUs=2 RealMemory=8000"
        host = socket.gethostname().split(".")[0]
        nodes = "\n".join(of_node.format(node, host, ports[node]) for node in range(1, NODES + 1))
        config = self.folder / "slurm.conf"
        config.write_text(
            CONFIG.format(
                host=host, port=ports[0], user=getpass.getuser(), folder=self.folder, nodes=nodes, many=NODES, max_array_size=MAX_ARRAY_SIZE
            )
        )
        os.environ["SLURM_CONF"] = str(config)
        self.daemon(
            *["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={munge}/socket", f"--pid-file={munge}/pid"],
            *[f"--log-file={munge}/log", f"--seed-file={munge}/seed"],
        )
        wait_for("munged listens", (munge / "socket").exists, 20)
        self.daemon("slurmctld", "-D", "-c")
        for node in range(1, NODES + 1):
            self.daemon("slurmd", "-D", "-N", f"n{node}")

        def idle():
            seen = subprocess.run(["sinfo", "-h", "-N", "-p", "low", "-t", "idle", "-o", "%N"], capture_output=True, text=True)
            return len(seen.stdout.split()) == NODES

        wait_for("all nodes are idle", idle, 60)

    def daemon(self, *command):
        log = open(self.folder / f"{command[0]}-{len(self.daemons)}.out", "wb")
        self.daemons.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL))

    def stop(self):
        """Ends the jobs, then the daemons."""
        if len(self.daemons) > 1:
            subprocess.run(["scancel", "--user", getpass.getuser()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False)
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline and queue():
                time.sleep(0.2)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def logs(self):
        for log in sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")]):
            print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-6:], sep="\n", file=sys.stderr)


def queue(*options):
    """The tasks in the queue: number of the job, state, name."""
    seen = subprocess.run(["squeue", "-h", "-r", "-o", "%A %T %j %K", *options], capture_output=True, text=True, check=False)
    return [line.split() for line in seen.stdout.splitlines()]


def records(folder):
    """Records by key, without what is measured anew; the log must hold each key once."""
    by_key = {}
    for line in (folder / "records.jsonl").read_text().splitlines():
        record = json.loads(line)
        for field in MEASURED:
            record.pop(field, None)
        if record["key"] in by_key:
            end(f"two records of one cell: {record}")
        by_key[record["key"]] = record
    return by_key


def run(code, *command):
    """Runs a command that must end with `code`; what it printed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    print(done.stdout, done.stderr, sep="", end="", flush=True)
    if done.returncode != code:
        end(f"{command} ended with {done.returncode}, not {code}")
    return done.stdout


def begun(plan, shard):
    log = plan / f"shard-{shard}" / "records.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def merged_by(plan, job, code):
    """What the merge said that ran as `job` and must have ended with `code`."""
    shown = subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True, check=True).stdout
    log = (plan / "logs" / f"merge-{job}.log").read_text()
    if f"ExitCode={code}" not in shown:
        end(f"merge {job} should have ended with {code}: {shown}\n{log}")
    return log


def process_of(plan, shard):
    """The process that runs a shard, not its shell."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if str(plan) in words and f"{shard}/{SHARDS}" in words and "run" in words:
                return int(entry.name)
    return None


def test(fraudbench, work):
    shutil.copy(SAMPLE, work)
    (work / "study.toml").write_text(STUDY)
    plan = work / "plan"
    run(0, fraudbench, "run", work / "study.toml", "--out", work / "whole")
    said = run(0, fraudbench, "submit", work / "study.toml", "--slurm", "--shards", SHARDS, "--out", plan, "--memory", 1000)
    # Slurm numbers a task as it starts, so what runs between two submissions decides the next one's number.
    submitted = re.search(r"as job (\d+), (\d+), and the merge as job (\d+)", said)
    if not submitted:
        end(f"{SHARDS} shards with MaxArraySize={MAX_ARRAY_SIZE} should be two arrays: {said}")
    array, _, merge = submitted.groups()
    wait_for("shards 0 and 1 have records", lambda: begun(plan, 0) and begun(plan, 1), 90)

    # One is killed, as by a machine that is out of memory: its task fails, and Slurm does not try again.
    victim = process_of(plan, 0) or end("shard 0 is over before it could be killed")
    os.kill(victim, signal.SIGKILL)
    # One is preempted: a job that wants the whole machine and is more important takes its node.
    job = next((task[0] for task in queue("-j", array, "-t", "RUNNING") if task[3] == "1"), None) or end("shard 1 is over before it could be preempted")
    node = subprocess.run(["squeue", "-h", "-j", job, "-o", "%N"], capture_output=True, text=True, check=True).stdout.strip()
    run(0, "sbatch", "--partition=high", "--exclusive", f"--nodelist={node}", "--output=/dev/null", "--wrap=sleep 3")

    def restarts():
        shown = subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True, check=False).stdout
        return "Restarts=1" in shown

    wait_for("shard 1 was preempted and is back in the queue", restarts, 60)
    wait_for("the queue is empty", lambda: not queue(), 240)

    said = merged_by(plan, merge, "1:0")
    if "  shard 0: " not in said or "  shard 1: " in said or f"--array=0 {plan}/array.sh" not in said:
        end(f"only what the kill cost should be missing, as the preempted shard goes on by itself: {said}")
    kept = begun(plan, 0)
    if "stopped with" not in (plan / "logs" / f"{array}_1.log").read_text():
        end("the preempted shard did not end by itself")
    resubmitted = run(0, fraudbench, "submit", "--resubmit", plan)
    merge = re.search(r"the merge as job (\d+)", resubmitted)[1]
    wait_for("the queue is empty", lambda: not queue(), 120)
    if kept == 0 or begun(plan, 0) <= kept:
        end(f"shard 0 had {kept} records before it was resubmitted and has {begun(plan, 0)} now")
    said = merged_by(plan, merge, "0:0")
    whole, merged = records(work / "whole"), records(plan / "merged")
    if f"{len(whole)} scored, 0 failed, 0 missing" not in said:
        end(f"the coverage is not whole: {said}")
    different = [key for key in whole.keys() | merged.keys() if whole.get(key) != merged.get(key)]
    for key in different[:3]:
        print("one machine:", whole.get(key), "\nSlurm:      ", merged.get(key))
    if different:
        end(f"{len(different)} of {len(whole)} records differ")
    print(f"scripts/slurm: {SHARDS} shards in two arrays on {NODES} nodes, one killed, one preempted, one resubmitted: all {len(whole)} records equal one machine's")


def main():
    fraudbench = str(Path(sys.argv[1]).resolve())
    began = time.monotonic()
    # Other users than root's may have to look into it.
    with tempfile.TemporaryDirectory(prefix="fraudbench-slurm-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        (folder / "work").mkdir()
        slurm = Slurm(folder)
        try:
            slurm.start()
            test(fraudbench, folder / "work")
        except BaseException:
            slurm.logs()
            for log in sorted((folder / "work" / "plan" / "logs").glob("*.log")):
                print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-8:], sep="\n", file=sys.stderr)
            raise
        finally:
            slurm.stop()
    print(f"scripts/slurm: {time.monotonic() - began:.0f} s")


main()
