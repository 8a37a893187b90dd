# plain_test.sh - a compiler, -I, and nothing else.
source tests/consumers/setup.sh

"$CXX" -std=c++20 -Wall -Wextra -Werror -I "$work/hewn/include" -isystem "$work/prefix/include" \
  "$work/consumers/program/main.cpp" -o "$work/consumer" -lsqlite3
check "$work/consumer"

# With the header that compiles fastest, alone.
"$CXX" -std=c++20 -Wall -Wextra -Werror -I "$work/hewn/include" -isystem "$work/prefix/include" \
  "$work/consumers/program/only_open.cpp" -o "$work/only_open" -lsqlite3
check "$work/only_open"
