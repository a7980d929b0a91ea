#!/usr/bin/env bash
# Starts a real Slurm on loopback: one controller and a few virtual nodes, without systemd, cgroups or a database, touching
# neither /etc/slurm nor /etc/munge. What already runs is left alone, so it also brings back what was killed.
# Prints the path of a file to source; then sinfo, sbatch, squeue … see this cluster. See cluster_common.sh for settings.
#
#   start_cluster.sh             exit code 77 when packages or root's rights are missing
#   start_cluster.sh --install   installs missing packages first, without starting their services
#   start_cluster.sh --controller     starts the controller only
#   NORMADD_SLURM_OWNER=PID start_cluster.sh     the cluster ends, with its folder, when that process does
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cluster_common.sh"

[ "$(id -u)" = 0 ] || { say "needs root: slurmd starts jobs under the user who submitted them"; exit 77; }

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ] && [ "${1:-}" = --install ]; then
  "$(dirname "${BASH_SOURCE[0]}")/install_packages.sh" "${missing[@]}"
elif [ ${#missing[@]} -gt 0 ]; then
  say "not installed: ${missing[*]} (tests/slurm/install_packages.sh does it)"
  exit 77
fi

write_configuration() {
  local host device=1 version number
  host=$(hostname -s)
  umask 022
  mkdir -p "$root"/{etc,log,pid,state,dev,munge,run}
  for ((number = 1; number <= nodes; number++)); do mkdir -p "$root/spool/n$number"; done
  chmod 755 "$root" "$root"/{etc,log,pid,munge}
  chmod 700 "$root/state"
  [ -s "$root/etc/munge.key" ] || (umask 077; head -c 1024 /dev/urandom > "$root/etc/munge.key")
  # A GPU must be a character device; where none can be made the count alone still schedules.
  for ((number = 0; number < gpus; number++)); do
    [ -c "$root/dev/gpu$number" ] || mknod "$root/dev/gpu$number" c 1 3 2>/dev/null || device=0
  done
  cat > "$root/etc/slurm.conf.new" <<CONF
ClusterName=$cluster
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# Credentials that live for two minutes would keep a requeued job waiting for as long.
AuthInfo=socket=$root/munge/socket,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1,bf_yield_sleep=10000
PriorityType=priority/basic
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MaxArraySize=1001
MaxJobCount=5000
JobRequeue=1
SlurmctldTimeout=10
SlurmdTimeout=10
InactiveLimit=0
KillWait=5
CompleteWait=0
MinJobAge=600
MessageTimeout=10
BatchStartTimeout=10
# A node that was down serves again as soon as it registers.
ReturnToService=2
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool/%n
SlurmctldPidFile=$root/run/slurmctld
SlurmdPidFile=$root/run/slurmd.%n
SlurmctldLogFile=$root/log/slurmctld.log
SlurmdLogFile=$root/log/slurmd.%n.log
SlurmctldDebug=info
SlurmdDebug=info
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
$([ "$gpus" -gt 0 ] && echo "GresTypes=gpu")
NodeName=n[1-$nodes] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 11))-$((port + 10 + nodes))] CPUs=$cpus RealMemory=4000$([ "$gpus" -gt 0 ] && echo " Gres=gpu:$gpus") State=UNKNOWN
PartitionName=main Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE DefaultTime=10 PriorityTier=10 State=UP
PartitionName=urgent Nodes=n[1-$nodes] Default=NO MaxTime=INFINITE DefaultTime=10 PriorityTier=100 PreemptMode=OFF State=UP
CONF
  mv "$root/etc/slurm.conf.new" "$root/etc/slurm.conf"
  {
    echo "AutoDetect=off"
    for ((number = 0; number < gpus && device == 1; number++)); do
      echo "NodeName=n[1-$nodes] Name=gpu File=$root/dev/gpu$number"
    done
    [ "$gpus" = 0 ] || [ $device = 1 ] || echo "NodeName=n[1-$nodes] Name=gpu Count=$gpus"
  } > "$root/etc/gres.conf"
  # Some cgroup plugin is always loaded. Version 1 without automount touches nothing; autodetection may choose version 2,
  # which needs systemd. "disabled" came with 23.11.
  version=$(slurmctld -V | awk '{print $2}')
  if dpkg --compare-versions "$version" ge 23.11; then
    echo "CgroupPlugin=disabled" > "$root/etc/cgroup.conf"
  else
    printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' > "$root/etc/cgroup.conf"
  fi
  printf 'export SLURM_CONF=%s NORMADD_SLURM_ROOT=%s NORMADD_SLURM_PORT=%s\n' "$root/etc/slurm.conf" "$root" "$port" > "$root/env.sh"
}

# start NAME COMMAND…: unless it runs; in a session of its own, so that it outlives the caller's terminal.
start() {
  local name=$1 pid
  shift
  runs "$name" && return
  setsid "$@" < /dev/null >> "$root/log/$name.out" 2>&1 &
  pid=$!
  echo "$pid $(start_time $pid)" > "$root/pid/$name"
}

# wait_until SECONDS WHAT COMMAND…
wait_until() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "$what; see $root/log"
    sleep 0.1
  done
}

munge_answers() { munge -n -S "$root/munge/socket" | unmunge -S "$root/munge/socket"; }
all_nodes_serve() { [ "$(sinfo -h -N -p main -o '%T' | grep -Ecx 'idle|mixed|allocated|completing')" = "$nodes" ]; }
start_munge() {
  start munged munged --foreground --force --key-file="$root/etc/munge.key" --socket="$root/munge/socket" \
    --pid-file="$root/run/munged" --log-file="$root/log/munged.log" --seed-file="$root/munge/seed" --num-threads=4
}
start_controller() { start slurmctld slurmctld -D -f "$SLURM_CONF"; }
start_node() { start "slurmd.$1" slurmd -D -f "$SLURM_CONF" -N "$1"; }

# A test that is killed must not leave four nodes behind that go on with its jobs.
follow_owner() {
  while kill -0 "$1" 2>/dev/null; do sleep 1; done
  exec "$2" --purge
}

if [ "${1:-}" = --controller ]; then
  start_controller
  wait_until 60 "slurmctld does not answer" scontrol ping
  exit
fi
[ -s "$root/etc/slurm.conf" ] && runs slurmctld || write_configuration
start_munge
wait_until 60 "munged does not answer" munge_answers
start_controller
for ((number = 1; number <= nodes; number++)); do start_node "n$number"; done
wait_until 60 "slurmctld does not answer" scontrol ping
wait_until 120 "not all nodes came up" all_nodes_serve
if [ -n "${NORMADD_SLURM_OWNER:-}" ] && ! runs owner; then
  export -f follow_owner
  start owner bash -c 'follow_owner "$@"' owner "$NORMADD_SLURM_OWNER" "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/stop_cluster.sh"
fi
echo "$root/env.sh"
