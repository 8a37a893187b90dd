# setup.sh - sourced by the consumer tests: a copy of what a user would have, and the compiler of this build.
set -euo pipefail

case $1 in
  */clang* | clang*) export CXX=${1/clang/clang++} ;;
  *) export CXX=${1/%gcc/g++} ;;
esac
work=$TEST_TMPDIR
# A copy without links, so that nothing is found relative to where a link leads.
mkdir -p "$work/hewn" "$work/consumers" "$work/prefix"
cp -RL CMakeLists.txt LICENSE cmake include units "$work/hewn/"
cp -RL tests/consumers/. "$work/consumers/"
cp -RL tests/consumers/prefix/. "$work/prefix/"

# Skips on a machine that cannot run this test; where CI is set, that is a failure.
need() {  # what it needs, and a command that says whether it is there
  local what=$1
  shift
  "$@" >/dev/null 2>&1 && return
  printf 'this test needs %s\n' "$what"
  [[ -z ${CI:-} ]] || exit 1
  exit 0
}
need "SQLite's development files" "$CXX" -x c++ -fsyntax-only -include sqlite3.h /dev/null

need_libpq() {
  need "libpq's development files" "$CXX" -x c++ -fsyntax-only -I/usr/include/postgresql -include libpq-fe.h /dev/null
}

check() {  # program
  local said
  said=$("$1")
  [[ $said == "built by a consumer" ]] || { printf 'unexpected output: %s\n' "$said"; exit 1; }
}

quietly() {  # prints what a command says only when it fails
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}
