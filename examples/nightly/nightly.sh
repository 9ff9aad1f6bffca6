#!/bin/sh
# One night: run the study, tell the history, judge the night against those before it.
# Exit code: 0 all is well; 1 an alarm; 2 there is no program, or the study, its data or the runs cannot be used; 3 results cannot be read; 130 interrupted.
set -u
cd "$(dirname "$0")" || exit 2

# The folder of the nights, whatever the study is called.
nights=results/night

# Whoever reads these after a night that could not run must not take last night's for it.
rm -f gate.md gate.xml gate.json history.json

# Schedulers have a short PATH: behind it the folder where scripts/bench leaves the program.
PATH="$PATH:${FRAUDBENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/fraudbench}/target/release"
if ! command -v fraudbench >/dev/null; then
    echo "nightly.sh: there is no program fraudbench on PATH ($PATH): run scripts/bench, or link the program into one of these folders" >&2
    exit 2
fi

# Who stops this script (systemd, a supervisor, Ctrl-C) means the run: it ends the cells in flight, and no history and no gate follow. In a
# session of its own the run is told by this script alone: told twice, it would end at once.
own=$(command -v setsid || true)
run=
stopped=no
stop() {
    if [ -n "$run" ]; then kill -TERM "$run" 2>/dev/null; else stopped=yes; fi
}
trap stop INT TERM HUP

# A night of its own in $nights/DATE.N; an interrupted one of today is resumed. Two months are kept.
$own fraudbench run night.toml --nightly --out "$nights" --keep 60 &
run=$!
[ "$stopped" = no ] || kill -TERM "$run"
while :; do
    ended=0
    wait "$run" || ended=$?
    # A signal ends the wait, not the run.
    [ "$ended" -gt 128 ] && kill -0 "$run" 2>/dev/null || break
done
# A signal may have come between the end of the run and its code; the shell still has that, or says 127.
last=0
wait "$run" 2>/dev/null || last=$?
[ "$last" -eq 127 ] || ended=$last
trap 'exit 130' INT TERM HUP
# 1 says that cells failed: the gate tells whether they did before. After anything else there is no night to judge.
[ "$ended" -le 1 ] || exit "$ended"

# Trends and the first bad night: $nights/history.html
told=0
fraudbench history "$nights" --json history.json || told=$?

# Against the last 28 nights: quality, seconds, memory, cells that fail. Its last line is the verdict.
fraudbench compare "$nights" "$nights/latest" --fail-on regression --fail-under pr-auc=0.5 \
    --markdown gate.md --junit gate.xml --json gate.json || exit $?
exit "$told"
