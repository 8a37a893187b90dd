// tests/compile_fail/soft_delete_of_plain_time.cpp - a row that is there has no time of removal.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: soft_delete<> is for a field that holds a time or nothing; use std::optional<hewn::timestamp>
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  hewn::timestamp removed_at;
#else
  std::optional<hewn::timestamp> removed_at;
#endif

  static consteval auto table() { return hewn::table("tasks").soft_delete<&task::removed_at>(); }
};

const auto& table = hewn::table_of<task>;
