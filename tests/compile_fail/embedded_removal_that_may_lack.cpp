// tests/compile_fail/embedded_removal_that_may_lack.cpp - a removal that makes half a struct.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: soft_delete<>() names a field of an optional struct, of which a removal would store this field alone; move it out of the struct, or make the struct no optional
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct life {
  std::string author;
  std::optional<hewn::timestamp> removed_at = {};
};

struct note {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::optional<life> its = {};
#else
  life its = {};
#endif
  static consteval auto table() {
    return hewn::table("notes").soft_delete<hewn::path<&note::its, &life::removed_at>>();
  }
};

auto read(hewn::sqlite::database& db) { return db.all<note>(); }
