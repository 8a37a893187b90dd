// bench/work.cpp - one work on one side, once, for a profiler.
// SPDX-License-Identifier: BSL-1.0
//
//   valgrind --tool=callgrind --instr-atstart=no work --work=W2 --side=hewn --rows=10000
//
// Sides are hewn, c, and c-default-mutex. Only what //bench:against_c would measure is
// instrumented.

#include "bench/comparison.hpp"
#include "bench/options.hpp"
#include "bench/side.hpp"

#if __has_include(<valgrind/callgrind.h>)
#  include <valgrind/callgrind.h>
#else
#  define CALLGRIND_START_INSTRUMENTATION static_cast<void>(0)
#  define CALLGRIND_STOP_INSTRUMENTATION static_cast<void>(0)
#  define BENCH_NO_CALLGRIND
#endif

#if __has_include(<malloc.h>)
#  include <malloc.h>
#endif

#include <cstdio>
#include <memory>
#include <string>

namespace {

std::unique_ptr<bench::side> make_side(const std::string& name, const bench::sizes& s) {
  if (name == "hewn") return bench::make_hewn_side(s);
  if (name == "c") return bench::make_c_side(s);
  if (name == "c-default-mutex") return bench::make_c_side(s, bench::mutex_use::of_the_default);
  return nullptr;
}

}  // namespace

int main(int count, char** arguments) {
  const bench::options given(count, arguments, {"work", "side", "rows"});
  const bench::sizes s{.rows = given.number("rows", 10'000)};
  const bench::comparison* compared = bench::find_comparison(given.text("work"));
  const auto side = make_side(given.text("side"), s);
  if (compared == nullptr || side == nullptr) {
    std::fputs("bench: say --work=W2 (see comparison.hpp) and --side=hewn, c or c-default-mutex\n",
               stderr);
    return 2;
  }
  const bench::work w = given.text("side") == "hewn" ? compared->ours : compared->theirs;
#ifdef BENCH_NO_CALLGRIND
  std::fputs(
      "bench: built without valgrind/callgrind.h; install valgrind and build again to "
      "measure the work without its preparation\n",
      stderr);
#endif
  side->set_up(w);
#ifdef M_TRIM_THRESHOLD
  // What the preparation freed would otherwise be tidied up by whichever side allocates next.
  malloc_trim(0);
#endif
  CALLGRIND_START_INSTRUMENTATION;
  const bench::outcome result = side->run(w, bench::look::glance);
  CALLGRIND_STOP_INSTRUMENTATION;
  std::printf("rows=%lld sum=%llx\n", static_cast<long long>(result.rows),
              static_cast<unsigned long long>(result.sum));
}
