# sqlite_builds_test.sh - hewn on the builds of SQLite that people have. [p:B8]
#
# Not in the usual run: it compiles SQLite once per build. HEWN_SQLITE_SOURCES names a folder with sqlite3.c and sqlite3.h, as the npm
# package better-sqlite3 carries them:
#   npm pack better-sqlite3@12 && tar xzf better-sqlite3-12.*.tgz
#   ./bazelw test //tests/consumers:sqlite_builds_test --test_env=HEWN_SQLITE_SOURCES=$PWD/package/deps/sqlite3
source tests/consumers/setup.sh

sources=${HEWN_SQLITE_SOURCES:-}
[[ -n $sources ]] || { echo "this test needs HEWN_SQLITE_SOURCES, a folder with sqlite3.c and sqlite3.h"; exit 1; }
[[ -f $sources/sqlite3.c && -f $sources/sqlite3.h ]] || { printf 'no sqlite3.c and sqlite3.h in %s\n' "$sources"; exit 1; }
CC=${CXX/clang++/clang}
CC=${CC/%g++/gcc}

"$CXX" -std=c++20 -Wall -Wextra -Werror -I "$work/hewn/include" -isystem "$work/prefix/include" -isystem "$sources" \
  -c "$work/consumers/program/whole_sqlite.cpp" -o "$work/whole.o"

build() {  # name, and the options of SQLite
  local name=$1
  shift
  mkdir "$work/$name"
  "$CC" -w "$@" -c "$sources/sqlite3.c" -o "$work/$name/sqlite3.o"
  "$CXX" "$work/whole.o" "$work/$name/sqlite3.o" -o "$work/$name/whole" -lpthread -ldl -lm
  printf '%s\n' "$name"
  (cd "$work/$name" && check ./whole)
}

build plain
build omit_autoinit -DSQLITE_OMIT_AUTOINIT
build omit_progress_callback -DSQLITE_OMIT_PROGRESS_CALLBACK
build omit_decltype -DSQLITE_OMIT_DECLTYPE
build omit_deserialize -DSQLITE_OMIT_DESERIALIZE
build dqs_0 -DSQLITE_DQS=0
build threadsafe_2 -DSQLITE_THREADSAFE=2
build strict_subtype -DSQLITE_STRICT_SUBTYPE=1
# SQLite's own recommendation, https://sqlite.org/compile.html.
build recommended -DSQLITE_DQS=0 -DSQLITE_THREADSAFE=2 -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=1 \
  -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_MAX_EXPR_DEPTH=0 -DSQLITE_OMIT_DECLTYPE -DSQLITE_OMIT_DEPRECATED \
  -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_USE_ALLOCA -DSQLITE_OMIT_AUTOINIT \
  -DSQLITE_STRICT_SUBTYPE=1
# better-sqlite3's own, where the folder is that of the package.
gypi=$sources/../defines.gypi
if [[ -f $gypi ]]; then
  mapfile -t defines < <(sed -n "s/^ *'\([A-Z0-9_]*\(=[^']*\)\{0,1\}\)',\$/-D\1/p" "$gypi")
  build better_sqlite3 "${defines[@]}"
fi

# With one thread there is no pool, which says so.
mkdir "$work/threadsafe_0"
"$CC" -w -DSQLITE_THREADSAFE=0 -c "$sources/sqlite3.c" -o "$work/threadsafe_0/sqlite3.o"
"$CXX" "$work/whole.o" "$work/threadsafe_0/sqlite3.o" -o "$work/threadsafe_0/whole" -lpthread -ldl -lm
said=$(cd "$work/threadsafe_0" && ./whole 2>&1) && { echo "a pool of a SQLite for one thread"; exit 1; }
[[ $said == *"this build of SQLite is for one thread"* ]] || { printf 'unexpected output: %s\n' "$said"; exit 1; }
