# cmake_fetch_test.sh - FetchContent from a checkout, by a project that merges its source files.
source tests/consumers/setup.sh
need "CMake" cmake --version
need_libpq
export HEWN_BOOST_ROOT=$work/prefix

quietly cmake -S "$work/consumers/cmake_fetch" -B "$work/build" -DFETCHCONTENT_SOURCE_DIR_HEWN="$work/hewn" \
  -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_UNITY_BUILD=ON
quietly cmake --build "$work/build" --parallel 2
check "$work/build/consumer"
check "$work/build/either"
check "$work/build/migrating"
check "$work/build/headers"
