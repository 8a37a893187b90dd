// bench/against_c.cpp - the library's one-line calls and the same work by hand, in time.
// SPDX-License-Identifier: BSL-1.0
//
// What is compared. The library side is what a user writes: one call, no statement kept, every
// check of values and metadata on. The hand-written side is C as one writes it who cares: see
// c_side.cpp. Both have the same rows, the same tables (the library's own CREATE statements), the
// same flags and pragmas, and databases of their own, so that neither warms the other's pages.
//
// What a number is. Both sides take turns, and a ratio is the median of the ratios of the turns:
// what slows the machine down for a while slows both turns of a pair down. Work that does not wait
// is measured in the processor time of the thread, so that being suspended costs nothing; W7 waits
// for the disk and is measured by the clock. Tables are loaded, statements are prepared, and what
// was read is freed outside of what is measured.
//
// What is proved. Before anything is measured both sides do the work once, and every field of every
// row that came out, or that is then stored, goes into a checksum. Measured runs compare the number
// of rows and the sum of the keys. A difference ends the program with an error.
//
// Allocations are calls of operator new, ours minus theirs, for each item. They and instructions
// (//bench:instructions) are the same in every run; times on a shared machine are not.

#include "bench/allocations.hpp"
#include "bench/comparison.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/side.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace bench {
namespace {

struct turn {
  double nanoseconds = 0;
  std::int64_t allocations = 0;
  outcome result;
};

double now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

turn take_turn(side& of, work w, bool waits) {
  const clockid_t clock = waits ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
  of.set_up(w);
  const std::int64_t allocations_before = allocations();
  const double start = now(clock);
  const outcome result = of.run(w, look::glance);
  const double end = now(clock);
  return {end - start, allocations() - allocations_before, result};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void demand_equal(const outcome& ours, const outcome& theirs, const comparison& c) {
  if (ours == theirs) return;
  std::fprintf(stderr,
               "bench: %s is not the same work on both sides: hewn %lld rows, sum %llx; C %lld "
               "rows, sum %llx\n",
               c.name.data(), static_cast<long long>(ours.rows),
               static_cast<unsigned long long>(ours.sum), static_cast<long long>(theirs.rows),
               static_cast<unsigned long long>(theirs.sum));
  std::exit(1);
}

outcome prove(side& of, work w) {
  of.set_up(w);
  return of.run(w, look::digest);
}

measured measure(const comparison& c, const sizes& s, long repetitions) {
  const auto ours = make_hewn_side(s);
  const auto theirs = make_c_side(s);
  const auto with_mutex =
      c.has_default_mutex() ? make_c_side(s, mutex_use::of_the_default) : nullptr;

  const outcome proof = prove(*ours, c.ours);
  demand_equal(proof, prove(*theirs, c.theirs), c);
  if (with_mutex) demand_equal(proof, prove(*with_mutex, c.theirs), c);

  std::vector<double> our_times, their_times, ratios, ratios_with_mutex;
  measured m{.compared = &c};
  const auto items = static_cast<double>((s.*c.items)());
  for (long i = 0; i != repetitions; ++i) {
    const turn a = take_turn(*ours, c.ours, c.waits());
    const turn b = take_turn(*theirs, c.theirs, c.waits());
    demand_equal(a.result, b.result, c);
    our_times.push_back(a.nanoseconds / items);
    their_times.push_back(b.nanoseconds / items);
    ratios.push_back(a.nanoseconds / b.nanoseconds);
    m.extra_allocations = static_cast<double>(a.allocations - b.allocations) / items;
    if (!with_mutex) continue;
    const turn slow = take_turn(*with_mutex, c.theirs, c.waits());
    demand_equal(a.result, slow.result, c);
    ratios_with_mutex.push_back(a.nanoseconds / slow.nanoseconds);
  }
  m.ours = median(our_times);
  m.theirs = median(their_times);
  m.ratio_time = median(ratios);
  if (with_mutex) m.ratio_time_default_mutex = median(ratios_with_mutex);
  return m;
}

int run(const options& given) {
  const sizes s{.rows = given.number("rows", 100'000)};
  const long repetitions = given.number("repetitions", 7);
  const std::string only = given.text("only");
  if (!only.empty() && find_comparison(only) == nullptr) {
    std::fprintf(stderr, "bench: there is no work called %s; W1 to W9 are in comparison.hpp\n",
                 only.c_str());
    return 2;
  }
  std::vector<measured> all;
  for (const comparison& c : comparisons)
    if (only.empty() || only == c.name) all.push_back(measure(c, s, repetitions));
  std::printf("%lld rows, median of %ld; targets in brackets\n", static_cast<long long>(s.rows),
              repetitions);
  print_table(all, "ns");
  return write_json(all, s, given.path("json")) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
#ifndef NDEBUG
  std::fputs("bench: this is a debug build; build with -c opt for numbers that mean anything\n",
             stderr);
#endif
  return bench::run(bench::options(count, arguments, {"json", "repetitions", "rows", "only"}));
}
