# Steps of the tests on a node: sourced by helm/node_test and helm/profiles_test from the project's root, under
# helm/with-node. greenroom-load and greenroom come from LOAD_BIN (build/dev/bin).
# shellcheck shell=bash
programs=${LOAD_BIN:-build/dev/bin}
chart=helm/greenroom

fail() { echo "helm/${0##*/}: $*" >&2; exit 1; }
say() { echo "--- $*"; }
: "${NODE_DIR:?run it by helm/with-node}"
[[ -x $programs/greenroom-load ]] || fail "no greenroom-load in $programs: run tests/run first"

# --- servers outside the cluster, in the node's own network -----------------------------------------------------------
declare -A servers
serve() {  # NAME COMMAND...: until end_server or the end of the test
  "${@:2}" >"$NODE_DIR/$1.log" 2>&1 &
  servers[$1]=$!
}
end_server() {  # NAME [SIGNAL]
  kill "-${2:-INT}" "${servers[$1]}" 2>/dev/null || true
  wait "${servers[$1]}" 2>/dev/null || true
  unset "servers[$1]"
}
load=''
end_all() {
  local name
  [[ -z $load ]] || kill "$load" 2>/dev/null || true
  for name in "${!servers[@]}"; do end_server "$name"; done
}
trap end_all EXIT
until_answers() {  # NAME COMMAND...: for a minute
  local end=$((SECONDS + 60))
  until "${@:2}" >/dev/null 2>&1; do
    kill -0 "${servers[$1]}" 2>/dev/null && (( SECONDS < end )) || fail "$1 does not answer: $(tail -n 20 "$NODE_DIR/$1.log")"
    sleep 0.2
  done
}

postgres_programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups -- "$postgres_programs/$1" "${@:2}"; }
new_postgres() {  # NAME KIND: an empty server's folder; its user greenroom, and KIND (host or hostssl) of connection for pods
  install -d -o postgres -g postgres -m 700 "$NODE_DIR/$1"
  as_postgres initdb -D "$NODE_DIR/$1" -U greenroom --auth=trust -E UTF8 --locale=C >/dev/null
  echo "$2 all all 10.0.0.0/8 scram-sha-256" >>"$NODE_DIR/$1/pg_hba.conf"
}
serve_postgres() {  # NAME ADDRESS PORT SETTINGS...
  local settings=("${@:4}")
  # Not by way of a function, which would be a shell of its own: signals are for the server.
  serve "$1" setpriv --reuid=postgres --regid=postgres --clear-groups -- "$postgres_programs/postgres" -D "$NODE_DIR/$1" -p "$3" \
    -c "listen_addresses=$2,127.0.0.1" -c unix_socket_directories= -c max_connections=200 "${settings[@]/#/--}"
  until_answers "$1" pg_isready --quiet --host 127.0.0.1 --port "$3"
}

# --- the release ------------------------------------------------------------------------------------------------------
volumes=0
volume() {  # a volume for whoever claims one first
  volumes=$((volumes + 1))
  mkdir -p "$NODE_DIR/volumes/$volumes"
  chown 65532:65532 "$NODE_DIR/volumes/$volumes"
  kubectl apply -f - >/dev/null <<YAML
{apiVersion: v1, kind: PersistentVolume, metadata: {name: volume-$volumes},
 spec: {capacity: {storage: 10Gi}, accessModes: [ReadWriteOnce], hostPath: {path: $NODE_DIR/volumes/$volumes}}}
YAML
}

namespace() {  # made, and the one that is meant from now on
  namespace=$1
  kubectl create namespace "$1" >/dev/null
  kubectl label namespace "$1" pod-security.kubernetes.io/{enforce,warn}=restricted >/dev/null
}
kube() { kubectl --namespace "$namespace" "$@"; }
release() {  # COMMAND FLAGS... of helm
  helm "$1" greenroom "$chart" --namespace "$namespace" "${@:2}" --timeout 5m >"$NODE_DIR/helm.txt" 2>&1 ||
    fail "helm $1: $(tail -n 5 "$NODE_DIR/helm.txt")"
}
tested() {
  local said
  said=$(helm test greenroom --namespace "$namespace" --logs 2>&1) || fail "helm test: $said"
  [[ $said == *'submitted it again: the same reply'* ]] || fail "helm test did not compare: $said"
  echo 'helm test passes'
}

# --- load -------------------------------------------------------------------------------------------------------------
keys_secret() {
  kube get deployment greenroom-session -o jsonpath='{.spec.template.spec.volumes[?(@.name=="keys")].secret.secretName}'
}
begin_load() {  # NAME SECONDS LOG
  kube get secret "$(keys_secret)" -o jsonpath='{.data.signing\.jwk}' | base64 -d >"$NODE_DIR/signing.jwk"
  "$programs/greenroom-load" --session "dns:///greenroom-session-headless.$namespace.svc.cluster.local:7700" \
    --key "$NODE_DIR/signing.jwk" --ledger "$NODE_DIR/$1.ledger" --event-log "$3" --duration "$2s" --name "$1" --rate 40 \
    >"$NODE_DIR/$1.txt" 2>&1 &
  load=$! loaded=$1
  sleep 4
}
end_load() {
  wait "$load" || fail "$loaded: $(<"$NODE_DIR/$loaded.txt")"
  load=''
  cat "$NODE_DIR/$loaded.txt"
  grep -q ' 0 failed;' "$NODE_DIR/$loaded.txt" && grep -q ' 0 lost, 0 doubled' "$NODE_DIR/$loaded.txt" || fail "$loaded: see above"
}

log_file() {  # of the SQLite log: which volume its claim was given
  local name
  name=$(kube get persistentvolumeclaim greenroom-session -o jsonpath='{.spec.volumeName}')
  echo "sqlite:$(kubectl get persistentvolume "$name" -o jsonpath='{.spec.hostPath.path}')/session.db"
}
