#!/usr/bin/env bash
# Ceph RGW multisite on loopback, until standard input ends: one mon, one osd in memory, a realm with zones
# `za` (master) and `zb`, an S3 gateway for each, and a third gateway that does nothing but zb's synchronisation.
#
# Usage: ceph.sh DIRECTORY FIRST_PORT   (50 consecutive free ports)
# S3 of za answers at FIRST_PORT, of zb at FIRST_PORT + 1. Prints "ready" when both do.
# DIRECTORY/zbsync.pid is the process to stop and continue. Buckets have one name on both sides.
set -euo pipefail

directory=$1 port=$2
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=SCRIPTDIR/supervise.sh
source "$here/supervise.sh"
mkdir -p "$directory/mon" "$directory/osd" "$logs"
export CEPH_CONF="$directory/ceph.conf"
keyring=$directory/keyring
cluster_id=$(cat /proc/sys/kernel/random/uuid)

cat >"$CEPH_CONF" <<CONF
[global]
fsid = $cluster_id
mon_initial_members = a
mon_host = v2:127.0.0.1:$((port + 3))
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = $keyring
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
ms_bind_port_min = $((port + 4))
ms_bind_port_max = $((port + 49))
run_dir = $directory
admin_socket = $directory/\$name.\$pid.asok
log_file = $logs/\$name.log
mon_data = $directory/mon
mon_data_avail_crit = 1
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_warn_on_pool_no_redundancy = false
osd_data = $directory/osd
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
setuser_match_path = /nonexistent
[client]
rgw_data_log_num_shards = 4
rgw_md_log_max_shards = 4
rgw_override_bucket_index_max_shards = 1
rgw_data_notify_interval_msec = 50
rgw_meta_sync_poll_interval = 1
rgw_data_sync_poll_interval = 1
rgw_sync_lease_period = 15
rgw_num_async_rados_threads = 8
rgw_thread_pool_size = 32
[client.rgw.za]
rgw_zone = za
rgw_frontends = beast endpoint=127.0.0.1:$port
[client.rgw.zb]
rgw_zone = zb
rgw_frontends = beast endpoint=127.0.0.1:$((port + 1))
rgw_run_sync_thread = false
[client.rgw.zbsync]
rgw_zone = zb
rgw_frontends = beast endpoint=127.0.0.1:$((port + 2))
rgw_run_sync_thread = true
CONF

quietly() { # output only matters when the command fails
  "$@" >>"$logs/setup.out" 2>&1 || { echo "failed: $*" >&2; tail -5 "$logs/setup.out" >&2; exit 1; }
}

until_true() { # command...
  for _ in $(seq 100); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "never became true: $*" >&2
  exit 1
}

make_keys() {
  local gateway
  quietly ceph-authtool --create-keyring "$keyring" --gen-key -n mon. --cap mon 'allow *'
  quietly ceph-authtool "$keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  quietly ceph-authtool "$keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  for gateway in za zb zbsync; do
    quietly ceph-authtool "$keyring" --gen-key -n "client.rgw.$gateway" --cap mon 'allow *' --cap osd 'allow *'
  done
}

osd_is_up() { ceph --connect-timeout 2 osd stat | grep -q '1 up'; }

start_cluster() {
  local osd_id
  quietly monmaptool --create --fsid "$cluster_id" --addv a "[v2:127.0.0.1:$((port + 3))]" "$directory/monmap"
  quietly ceph-mon --mkfs -i a --monmap "$directory/monmap" --keyring "$keyring"
  start mon ceph-mon -i a -f
  until_true ceph --connect-timeout 2 -s
  osd_id=$(cat /proc/sys/kernel/random/uuid) # the same id in both commands, or the osd never comes up
  quietly ceph --connect-timeout 10 osd new "$osd_id"
  quietly ceph --connect-timeout 10 auth import -i "$keyring"
  quietly ceph-osd -i 0 --mkfs --osd-uuid "$osd_id"
  start osd ceph-osd -i 0 -f
  until_true osd_is_up
}

make_zones() {
  admin() { quietly timeout --foreground 60 radosgw-admin "$@"; }
  local sync=(--access-key=SYNC --secret=syncsecret) za_url=http://127.0.0.1:$port
  admin realm create --rgw-realm=canary --default
  admin zonegroup create --rgw-zonegroup=us --endpoints="$za_url" --master --default
  admin zone create --rgw-zonegroup=us --rgw-zone=za --master --default --endpoints="$za_url" "${sync[@]}"
  admin zone create --rgw-zonegroup=us --rgw-zone=zb --endpoints="http://127.0.0.1:$((port + 2))" "${sync[@]}"
  admin user create --rgw-zone=za --uid=sync --display-name=sync --system "${sync[@]}"
  admin user create --rgw-zone=za --uid=canary --display-name=canary --access-key=AKIACANARY --secret=canarysecret
  admin period update --commit
}

make_keys
start_cluster
make_zones
start za radosgw -n client.rgw.za -f # the master zone first: the others pull their period from it
until_answering "http://127.0.0.1:$port/"
start zb radosgw -n client.rgw.zb -f
start zbsync radosgw -n client.rgw.zbsync -f
until_answering "http://127.0.0.1:$((port + 1))/" "http://127.0.0.1:$((port + 2))/"
serve
