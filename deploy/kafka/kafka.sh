#!/usr/bin/env bash
# Brings, starts and stops one Apache Kafka broker for tests: a KRaft node that
# is broker and controller, on loopback only, with all it keeps in one folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lib=$here/lib
start_seconds=60 # from the start to the first answer at most
stop_seconds=60  # from SIGTERM to the end at most

usage() {
  cat >&2 <<'EOF'
usage: kafka.sh COMMAND
  fetch                        bring the broker's jars into lib beside this script, once
  start DIR PORT [NAME=VALUE]  start a broker that keeps everything in DIR and listens on
                               127.0.0.1:PORT (the controller on the port after it); wait until
                               it answers; print its pid. A DIR used before keeps its data.
                               Each NAME=VALUE is one more line of its settings.
  stop DIR                     SIGTERM, and wait for the end
  kill DIR                     SIGKILL, and wait for the end
  with COMMAND [ARG...]        start a broker in a temporary folder on a free port, run COMMAND
                               with OFFICEPULSE_TEST_KAFKA=host:port, then stop and remove it
EOF
  exit 2
}

fail() {
  echo "kafka.sh: $*" >&2
  exit 1
}

need_java() {
  command -v java >/dev/null 2>&1 || fail "there is no java; install Java 17 or newer, on Debian: apt-get install default-jre-headless"
  local version
  version=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.specification\.version = //p')
  if [[ ! $version =~ ^[0-9]+$ ]] || ((version < 17)); then
    fail "java is version ${version:-unknown}; Kafka 4 needs 17 or newer, on Debian: apt-get install default-jre-headless"
  fi
}

# The copy is complete once the mark is there; a newer pom.xml makes it old.
fetched() { [[ -e $lib/.complete && ! $here/pom.xml -nt $lib/.complete ]]; }

fetch() {
  if fetched; then return; fi
  need_java
  command -v mvn >/dev/null 2>&1 || fail "there is no mvn; install Maven, on Debian: apt-get install maven"
  rm -rf "$lib"
  mvn -q -B -C -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$lib"
  touch "$lib/.complete"
}

# answers PORT: does anybody listen there?
answers() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range that systems hand out by themselves, and two in a row: one
# for clients, one for the controller.
free_port() {
  local port tries
  for ((tries = 0; tries < 100; tries++)); do
    port=$((20000 + RANDOM % 5000 * 2))
    if ! answers "$port" && ! answers $((port + 1)); then
      echo "$port"
      return
    fi
  done
  fail "found no free port between 20000 and 30000"
}

command_line() { # PID; Debian's small images have no ps
  if [[ -d /proc/self ]]; then
    tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline"
  else
    ps -p "$1" -o args=
  fi
}

# running DIR: prints the pid of DIR's broker if it lives. A pid can be another
# process's by now, so the command line has to name this folder's settings.
running() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 1
  [[ $(command_line "$pid" 2>/dev/null) == *"$1/server.properties"* ]] || return 1
  echo "$pid"
}

settings() { # DIR PORT [NAME=VALUE...]
  local dir=$1 port=$2
  shift 2
  cat <<EOF
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:$((port + 1))
log.dirs=$dir/data

# One node has no second copy of anything.
default.replication.factor=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# Small: few internal partitions, little memory.
offsets.topic.num.partitions=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.num.partitions=1
log.cleaner.dedupe.buffer.size=8388608

# Quick: tests make and lose members all the time.
group.min.session.timeout.ms=1000
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500

# A killed broker's next start waits until its former self has timed out.
broker.session.timeout.ms=4000
log.segment.delete.delay.ms=1000

# A topic that nobody made is a mistake that has to show.
auto.create.topics.enable=false
EOF
  printf '%s\n' "$@"
}

# complaint LOG: why a broker says that it cannot go on.
complaint() { grep -m 1 -E 'Exception|ERROR' "$1" || tail -n 3 "$1"; }

format() { # DIR, which has no log yet
  local id
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
  id=${id/#-/A} # a dash in front would be read as an option
  java -Xmx128m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$lib/*" kafka.tools.StorageTool \
    format --standalone --cluster-id "$id" --config "$1/server.properties" >"$1/format.log" 2>&1 ||
    fail "format the storage in $1: $(complaint "$1/format.log")"
}

start() { # DIR PORT [NAME=VALUE...]
  fetched || fail "the broker's jars are not here; run $0 fetch first"
  need_java
  local dir=$1 port=$2 pid second
  if [[ ! $port =~ ^[0-9]+$ ]] || ((port < 1 || port > 65534)); then fail "$port is no port with one after it"; fi
  mkdir -p "$dir" || fail "cannot make the folder $dir"
  dir=$(cd "$dir" && pwd)
  if pid=$(running "$dir"); then fail "a broker runs in $dir already, pid $pid"; fi
  if answers "$port" || answers $((port + 1)); then fail "port $port or the one after it is taken"; fi
  settings "$dir" "${@:2}" >"$dir/server.properties"
  [[ -e $dir/data/meta.properties ]] || format "$dir"
  [[ ! -e $dir/broker.log ]] || mv "$dir/broker.log" "$dir/broker.log.before"
  # The broker must neither hear the terminal nor hold the caller's output open.
  nohup java -Xms256m -Xmx512m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true \
    -Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS \
    -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
    -cp "$lib/*" kafka.Kafka "$dir/server.properties" </dev/null >"$dir/broker.log" 2>&1 &
  pid=$!
  echo "$pid" >"$dir/pid"
  # The socket is open long before requests are answered; this line is the last of the start.
  for ((second = 0; second < start_seconds * 10; second++)); do
    if grep -q 'Kafka Server started' "$dir/broker.log"; then
      echo "$pid"
      return
    fi
    kill -0 "$pid" 2>/dev/null || fail "the broker ended at once, see $dir/broker.log: $(complaint "$dir/broker.log")"
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  fail "the broker did not answer within $start_seconds s, see $dir/broker.log: $(complaint "$dir/broker.log")"
}

# end DIR SIGNAL: no broker there is fine, it has ended.
end() {
  local dir pid tick
  [[ -n $1 && -d $1 ]] || fail "there is no folder $1"
  dir=$(cd "$1" && pwd)
  if pid=$(running "$dir"); then
    kill -"$2" "$pid"
    for ((tick = 0; tick < stop_seconds * 10; tick++)); do
      running "$dir" >/dev/null || break
      sleep 0.1
    done
    if running "$dir" >/dev/null; then fail "the broker, pid $pid, did not end within $stop_seconds s"; fi
  fi
  rm -f "$dir/pid"
}

# with COMMAND...: what the trap needs has to be global.
with() {
  temp=$(mktemp -d "${TMPDIR:-/tmp}/officepulse-kafka.XXXXXX")
  trap '(end "$temp" TERM) || (end "$temp" KILL); rm -rf "$temp"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  local port
  port=$(free_port)
  start "$temp" "$port" >/dev/null
  local status=0
  OFFICEPULSE_TEST_KAFKA=127.0.0.1:$port "$@" || status=$?
  if ((status)); then tail -n 20 "$temp/broker.log" >&2; fi
  exit "$status"
}

(($# > 0)) || usage
command=$1
shift
case $command in
  fetch) (($# == 0)) || usage; fetch ;;
  start) (($# >= 2)) || usage; start "$@" ;;
  stop) (($# == 1)) || usage; end "$1" TERM ;;
  kill) (($# == 1)) || usage; end "$1" KILL ;;
  with) (($# >= 1)) || usage; with "$@" ;;
  *) usage ;;
esac
