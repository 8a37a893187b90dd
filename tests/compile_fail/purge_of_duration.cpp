// tests/compile_fail/purge_of_duration.cpp - a purge is by a point in time.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: purge<T>() takes the time before which rows were removed; give it one of the system's clock, as std::chrono::system_clock::now() - std::chrono::days(30)
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() { return hewn::table("tasks").soft_delete<&task::removed_at>(); }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.purge<task>(std::chrono::days(30)); }
#else
auto right(hewn::sqlite::database& db) {
  return db.purge<task>(std::chrono::system_clock::now() - std::chrono::days(30)) +
         db.purge<task>(hewn::timestamp{}, hewn::call_site::current());
}
#endif
