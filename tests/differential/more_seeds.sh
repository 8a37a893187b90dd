#!/bin/sh
# tests/differential/more_seeds.sh - tests other generated queries than the build does.
# SPDX-License-Identifier: BSL-1.0
#
# more_seeds.sh [COUNT [FIRST]]   compiles and runs about COUNT queries (10000) in chunks, with seeds
#                                 from FIRST (1000) on, and stops at the first chunk that fails
set -eu

cd "$(dirname "$0")/../.."
count=${1:-10000}
seed=${2:-1000}
# What one chunk has: the numbers that run_cases<> is given, all in all.
chunk=$(grep -ho 'run_cases<[a-z_]*, [0-9]*>' tests/differential/*_test.cpp |
  sed 's/.*, //; s/>//' | awk '{ sum += $1 } END { print sum }')
# Every test has its seeds one after the other from the first.
step=100

while [ "$count" -gt 0 ]; do
  echo "seeds from $seed on, $count queries to go"
  ./bazelw test //tests/differential/... --test_output=errors \
    --per_file_copt="tests/differential/.*_test\.cpp@-DHEWN_DIFFERENTIAL_SEED=$seed"
  seed=$((seed + step))
  count=$((count - chunk))
done
