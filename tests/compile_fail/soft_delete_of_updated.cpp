// tests/compile_fail/soft_delete_of_updated.cpp - the time of the removal has a field of its own.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: soft_delete<>() names a field that is part of the key, generated, created<> or updated<>; give the time of the removal a field of its own
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> changed_at;
  std::optional<hewn::timestamp> removed_at;

  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").updated<&task::changed_at>().soft_delete<&task::changed_at>();
#else
    return hewn::table("tasks").updated<&task::changed_at>().soft_delete<&task::removed_at>();
#endif
  }
};

const auto& table = hewn::table_of<task>;
