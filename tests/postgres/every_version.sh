#!/usr/bin/env bash
# tests/postgres/every_version.sh - runs the PostgreSQL tests on servers of other versions.
# SPDX-License-Identifier: BSL-1.0
#
# every_version.sh FOLDER...   builds tests/postgres and the PostgreSQL half of tests/live once, and
#                              runs them on the server of each folder, which has initdb and postgres;
#                              a line per test, and what a test that failed has written
# ONLY=REGEX   only targets that match, such as ONLY=online
set -euo pipefail

(($# > 0)) || { sed -n '4,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folders=()
for folder in "$@"; do
  [[ -x $folder/initdb && -x $folder/postgres ]] || { echo "$folder has no initdb and postgres" >&2; exit 2; }
  folders+=("$(cd "$folder" && pwd)")
done
cd "$(dirname "$0")/../.."
mapfile -t targets < <(./bazelw query 'kind(cc_test, //tests/postgres/... + //tests/live/...)' |
  grep -E '^//tests/postgres|_on_postgres_test$' | grep -E "${ONLY:-.}" | sort)
./bazelw build "${targets[@]}"
programs=$(./bazelw info bazel-bin)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

failed=0
for folder in "${folders[@]}"; do
  version=$("$folder/postgres" --version)
  for target in "${targets[@]}"; do
    program=${target#//}
    begun=$SECONDS
    code=0
    HEWN_POSTGRES_BIN=$folder "$programs/${program/://}" >"$log" 2>&1 </dev/null || code=$?
    case $code in
      0) result=ok ;;
      4) result=skipped ;;  # Catch2: all of it
      *) result=FAILED failed=1 ;;
    esac
    echo "${version##* } $result $target $((SECONDS - begun))s"
    [[ $result == ok ]] || cat "$log"
  done
done
exit $failed
