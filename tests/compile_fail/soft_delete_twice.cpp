// tests/compile_fail/soft_delete_twice.cpp - one field says when a row was removed.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: table() of this struct declares soft_delete<>() twice; name one field
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> removed_at;
  std::optional<hewn::timestamp> archived_at;

  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").soft_delete<&task::removed_at>().soft_delete<&task::archived_at>();
#else
    return hewn::table("tasks").soft_delete<&task::removed_at>();
#endif
  }
};

const auto& table = hewn::table_of<task>;
