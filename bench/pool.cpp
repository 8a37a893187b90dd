// bench/pool.cpp - what borrowing a connection costs.
// SPDX-License-Identifier: BSL-1.0
//
// The best of several rounds, because everything else on a machine only makes them slower. The
// clock is measured beside it: a pool reads it when a connection goes out and when it comes back.

#include <hewn/sqlite/pool.hpp>

#include "bench/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

struct note {
  std::int64_t id = 0;
  std::int64_t value = 0;
};

template <class Work>
double best_nanoseconds(int repetitions, const Work& work) {
  double best = 1e18;
  for (int round = 0; round != 9; ++round) {
    const auto start = clock_type::now();
    for (int i = 0; i != repetitions; ++i) work();
    const std::chrono::duration<double, std::nano> took = clock_type::now() - start;
    best = std::min(best, took.count() / repetitions);
  }
  return best;
}

void print(const char* what, double nanoseconds) {
  std::printf("%-44s %8.1f ns\n", what, nanoseconds);
}

}  // namespace

int main() {
  const hewn::sqlite::pool pool = hewn::sqlite::open_pool(bench::fresh_database("pool.db"));
  pool.write([](auto& db) {
    db.script("CREATE TABLE note (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)");
    db.insert(note{.value = 1});
  });
  print("borrow a reader and give it back",
        best_nanoseconds(200'000, [&] { const auto db = pool.acquire_reader(); }));
  volatile std::int64_t seen = 0;
  const auto read_clock = [&] { seen = clock_type::now().time_since_epoch().count(); };
  print("of this, reading the clock twice", 2 * best_nanoseconds(200'000, read_clock));
  constexpr int threads = 2;
  constexpr int pairs = 100'000;
  const auto contend = [&] {
    std::vector<std::jthread> all;
    for (int t = 0; t != threads; ++t)
      all.emplace_back([&] {
        for (int i = 0; i != pairs; ++i) const auto db = pool.acquire_reader();
      });
  };
  print("borrow and give back, per pair, 2 threads",
        best_nanoseconds(1, contend) / (threads * pairs));
  {
    const hewn::sqlite::pooled at_hand = pool.acquire_reader();
    print("get() on a connection at hand",
          best_nanoseconds(20'000, [&] { seen = at_hand.get<note>(1).value; }));
  }
  print("get() on a borrowed connection",
        best_nanoseconds(20'000, [&] { seen = pool.acquire_reader().get<note>(1).value; }));
}
