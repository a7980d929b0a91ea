#!/usr/bin/env bash
# Installs what the tests of the launchers use, if they can be: as root, or where sudo asks nothing. Without them those
# tests are skipped. The packages' services are not started: the tests run daemons of their own.
set -uo pipefail
packages=("$@")
[ $# -gt 0 ] || packages=(munge slurm-client slurmctld slurmd parallel)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
skip() { echo "Not installed: ${missing[*]} ($1). Their tests will be skipped."; exit 0; }
command -v apt-get > /dev/null || skip "no apt-get here"
as_root=()
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2> /dev/null || skip "needs root"
  as_root=(sudo -n)
fi

echo "Installing for tests: ${missing[*]}"
policy=/usr/sbin/policy-rc.d # Debian's way to forbid that a package starts its service
made_policy=no
if [ ! -e $policy ]; then
  made_policy=yes
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy > /dev/null
  "${as_root[@]}" chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}" > /dev/null
status=$?
[ $made_policy = no ] || "${as_root[@]}" rm -f $policy
[ $status = 0 ] || skip "apt-get failed"
