// tests/compile_fail/finer_time_in_condition.cpp - the clock is compared as it is.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this time is finer than the column and would be rounded; round it first, as in std::chrono::floor<std::chrono::microseconds>(now)
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>

struct job {
  std::int64_t id = 0;
  hewn::timestamp due;
};

auto late(const hewn::sqlite::database& db) {
  const std::chrono::sys_time<std::chrono::nanoseconds> now = std::chrono::system_clock::now();
#ifdef HEWN_MISTAKE
  return db.all(hewn::from<job>.where(hewn::col<&job::due> < now));
#else
  return db.all(hewn::from<job>.where(hewn::col<&job::due> <
                                      std::chrono::floor<std::chrono::microseconds>(now)));
#endif
}
