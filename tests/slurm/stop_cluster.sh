#!/usr/bin/env bash
# Ends the cluster of start_cluster.sh and every job process it left. --purge also removes its folder.
# stop_cluster.sh --kill NAME kills one daemon (slurmctld, slurmd.n2, …) as a crash would.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cluster_common.sh"

finish() { # NAME: asks, then kills
  local pid started tries
  if runs "$1"; then
    read -r pid started < "$root/pid/$1"
    kill -TERM "$pid" 2>/dev/null
    for ((tries = 0; tries < 50; tries++)); do runs "$1" || break; sleep 0.1; done
    runs "$1" && kill -KILL "$pid"
  fi
  rm -f "$root/pid/$1"
}

if [ "${1:-}" = --kill ]; then
  runs "$2" || fail "$2 does not run"
  read -r pid started < "$root/pid/$2"
  kill -KILL "$pid"
  while runs "$2"; do sleep 0.02; done
  exit 0
fi

if runs slurmctld && timeout 5 scontrol ping > /dev/null 2>&1; then
  timeout 10 scancel --user="$(id -u)" 2>/dev/null
fi
for file in "$root"/pid/slurmd.*; do [ -e "$file" ] && finish "${file##*/}"; done
for name in slurmctld munged; do finish $name; done
# The watcher, unless it is what runs this.
[ -s "$root/pid/owner" ] && read -r watcher _ < "$root/pid/owner" && [ "$watcher" != $$ ] && finish owner
# slurmstepd and the jobs outlive slurmd by design, and slurmstepd ignores TERM. Ours are those whose environment names our
# configuration and, for a job's processes, our cluster.
for folder in /proc/[0-9]*; do
  pid=${folder#/proc/}
  [ "$pid" != $$ ] || continue
  environment=$(cat "$folder/environ" 2>/dev/null | tr '\0' '\n')
  grep -qxF "SLURM_CONF=$SLURM_CONF" <<< "$environment" || continue
  if [ "$(cat "$folder/comm" 2>/dev/null)" = slurmstepd ] || grep -qxF "SLURM_CLUSTER_NAME=$cluster" <<< "$environment"; then
    kill -KILL "$pid" 2>/dev/null
  fi
done
[ "${1:-}" != --purge ] || rm -rf "$root"
