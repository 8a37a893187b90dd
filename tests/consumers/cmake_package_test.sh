# cmake_package_test.sh - cmake --build and cmake --install, then find_package(hewn COMPONENTS sqlite).
source tests/consumers/setup.sh
need "CMake" cmake --version
need_libpq
export HEWN_BOOST_ROOT=$work/prefix

quietly cmake -S "$work/hewn" -B "$work/hewn-build" -DCMAKE_INSTALL_PREFIX="$work/installed" \
  -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0
quietly cmake --build "$work/hewn-build" --parallel 2
quietly cmake --install "$work/hewn-build"
rm -rf "$work/hewn" "$work/hewn-build"  # the package must not need the source tree

quietly cmake -S "$work/consumers/cmake_package" -B "$work/build" \
  -DCMAKE_PREFIX_PATH="$work/installed;$work/prefix"
quietly cmake --build "$work/build" --parallel 2
check "$work/build/consumer"
check "$work/build/either"
check "$work/build/migrating"
check "$work/build/headers"

# A migration that is added or changed is in the next build, without anybody asking for it.
printf -- "-- up\nINSERT INTO note (text) SELECT 'second';\n" >"$work/consumers/program/migrations/0003_second.sql"
quietly cmake --build "$work/build"
[[ $("$work/build/migrating") == *second ]] || { echo "a new migration was not embedded"; exit 1; }
sed -i s/second/third/ "$work/consumers/program/migrations/0003_second.sql"
quietly cmake --build "$work/build"
[[ $("$work/build/migrating") == *third ]] || { echo "a changed migration was not embedded"; exit 1; }

# What is missing is said in one sentence.
if env -u HEWN_BOOST_ROOT cmake -S "$work/consumers/cmake_package" -B "$work/without" -DCMAKE_PREFIX_PATH="$work/installed" \
  -DHEWN_BOOST_ROOT="$work/nowhere" >"$work/log" 2>&1; then
  echo "the package was found without Boost"
  exit 1
fi
grep -q "hewn: Boost 1.87 or later was not found" <(tr -s ' \n' ' ' <"$work/log") || { cat "$work/log"; exit 1; }

# The same for libpq, on a machine that keeps it nowhere.
if cmake -S "$work/consumers/cmake_package" -B "$work/without_libpq" -DCMAKE_PREFIX_PATH="$work/installed;$work/prefix" \
  -DCMAKE_DISABLE_FIND_PACKAGE_PostgreSQL=ON \
  -DCMAKE_IGNORE_PATH="/usr/include;/usr/include/postgresql;/usr/local/include;/usr/local/include/postgresql" \
  >"$work/log" 2>&1; then
  echo "the component postgres was found without libpq"
  exit 1
fi
grep -q "hewn: libpq was not found for the component postgres; install its development files" \
  <(tr -s ' \n' ' ' <"$work/log") || { cat "$work/log"; exit 1; }
