#!/usr/bin/env bash
# Two SeaweedFS clusters and a one-way `filer.sync` between them, on loopback, until standard input ends.
#
# Usage: seaweedfs.sh DIRECTORY SOURCE_PORT REPLICA_PORT   (nine consecutive free ports from each: S3 is the first)
# Prints "ready" when both S3 ends answer. DIRECTORY/sync.pid is the process to stop and continue.
# Replicates bucket `src` to bucket `rep`; as on AWS, deletes are not replicated.
set -euo pipefail

directory=$1 source_port=$2 replica_port=$3
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=SCRIPTDIR/supervise.sh
source "$here/supervise.sh"
weed=${WEED:-weed}
sync_flags=${SYNC_FLAGS:--b.doDeleteFiles=false}

mkdir -p "$directory/source" "$directory/replica" "$logs"
cat >"$directory/s3.json" <<'JSON'
{"identities": [{"name": "canary", "credentials": [{"accessKey": "AKIACANARY", "secretKey": "canarysecret"}],
                 "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
JSON

cluster() { # name, first port
  local name=$1 port=$2
  mkdir -p "$logs/$name"
  start "$name" "$weed" -logdir="$logs/$name" server -dir="$directory/$name" \
    -ip=127.0.0.1 -ip.bind=127.0.0.1 \
    -master.port=$((port + 1)) -master.port.grpc=$((port + 2)) -master.telemetry=false -master.volumeSizeLimitMB=64 \
    -volume.port=$((port + 3)) -volume.port.grpc=$((port + 4)) -volume.max=300 -volume.preStopSeconds=1 \
    -filer -filer.port=$((port + 5)) -filer.port.grpc=$((port + 6)) \
    -s3 -s3.port="$port" -s3.port.grpc=$((port + 7)) -s3.port.iceberg=0 -s3.port.lance=0 -s3.config="$directory/s3.json"
}

cluster source "$source_port"
cluster replica "$replica_port"
until_answering "http://127.0.0.1:$source_port/healthz" "http://127.0.0.1:$replica_port/healthz"

mkdir -p "$logs/sync"
# shellcheck disable=SC2086  # SYNC_FLAGS is a list of flags
start sync "$weed" -logdir="$logs/sync" filer.sync -isActivePassive \
  -a="127.0.0.1:$((source_port + 5)).$((source_port + 6))" -b="127.0.0.1:$((replica_port + 5)).$((replica_port + 6))" \
  -a.path=/buckets/src -b.path=/buckets/rep $sync_flags
serve
