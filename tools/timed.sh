#!/usr/bin/env bash
# timed.sh LABEL COMMAND…: runs the command and says how long it took.
set -u
label=$1
shift
start=$(date +%s)
"$@"
status=$?
echo "$label: $(($(date +%s) - start)) s"
exit $status
