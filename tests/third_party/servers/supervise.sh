# shellcheck shell=bash
# Sourced by the start scripts: children with a pid file each, ended when the script ends, however it ends.
# Expects $directory for pid files; output goes to $logs.

started=()
# shellcheck disable=SC2154  # $directory is set by the sourcing script
logs=${LOGS:-$directory/log}
mkdir -p "$logs"

start() { # name, command...
  local name=$1
  shift
  "$@" >"$logs/$name.out" 2>&1 </dev/null &
  started+=("$!")
  echo "$!" >"$directory/$name.pid"
}

stop_all() {
  local pid
  for pid in "${started[@]}"; do
    kill -CONT "$pid" 2>/dev/null || true # a stopped process cannot handle TERM
    kill -TERM "$pid" 2>/dev/null || true
  done
  for _ in $(seq 30); do
    any_alive || return 0
    sleep 0.1
  done
  for pid in "${started[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait
}
trap stop_all EXIT
trap 'exit 143' TERM INT

any_alive() {
  local pid
  for pid in "${started[@]}"; do
    kill -0 "$pid" 2>/dev/null && return 0
  done
  return 1
}

until_answering() { # urls: any HTTP status below 500 counts
  local url
  for url in "$@"; do
    for _ in $(seq 300); do
      [[ $(curl -so /dev/null --max-time 2 -w '%{http_code}' "$url") == [234]?? ]] && continue 2
      sleep 0.1
    done
    echo "no answer from $url" >&2
    exit 1
  done
}

serve() { # says "ready" and stays until standard input ends, so that nothing outlives whoever started this
  echo ready
  while read -r _; do :; done
}
