# Sourced by start_cluster.sh and stop_cluster.sh: where things are, and which processes are ours.
#
# Environment: NORMADD_SLURM_ROOT (folder of the cluster), NORMADD_SLURM_PORT (slurmctld; the nodes follow at +11 …),
# NORMADD_SLURM_NODES, NORMADD_SLURM_CPUS, NORMADD_SLURM_GPUS (fake ones, per node). Two clusters with different roots
# and ports live side by side.
root=${NORMADD_SLURM_ROOT:-${TMPDIR:-/tmp}/normadd-slurm-$(id -u)}
port=${NORMADD_SLURM_PORT:-16817}
nodes=${NORMADD_SLURM_NODES:-4}
cpus=${NORMADD_SLURM_CPUS:-2}
gpus=${NORMADD_SLURM_GPUS:-2}
cluster=normadd$port
packages=(munge slurm-client slurmctld slurmd)
export PATH=$PATH:/usr/sbin:/sbin
export SLURM_CONF=$root/etc/slurm.conf

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { say "$*"; exit 1; }

# Field 22 of /proc/PID/stat, counted behind the name (which may hold blanks): when the process started. With its number
# it identifies a process even after the number was used again.
start_time() { local rest; rest=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; rest=${rest##*) }; set -- $rest; echo "${20}"; }
process_state() { local rest; rest=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; rest=${rest##*) }; echo "${rest%% *}"; }

# runs NAME: whether the daemon recorded under this name still lives. A zombie does not.
runs() {
  local pid started
  [ -s "$root/pid/$1" ] && read -r pid started < "$root/pid/$1" &&
    [ "$(start_time "$pid")" = "$started" ] && [ "$(process_state "$pid")" != Z ]
}
