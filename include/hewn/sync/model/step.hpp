// hewn/sync/model/step.hpp - one action of a plan.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/table_use.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hewn {

enum class step_kind : std::uint8_t {
  statement,  ///< `sql` is executed
  copy,       ///< `sql` is executed and writes the rows of `table`; it may take long
  expect,     ///< `sql` is a SELECT whose only value must be 1; if not, everything is rolled back
  keep        ///< PostgreSQL: the rows of the SELECT `sql`, if any, are kept before they are lost
};

/// The statements of a plan in data, so that the same ones are shown, rehearsed and carried out.
struct step {
  step_kind kind = step_kind::statement;
  std::string sql = {};
  std::string table = {};  ///< the table that it is about
  /// expect: what holds, in words, e.g. "every row was copied"; keep: the column that is kept.
  std::string promise = {};
  /// PostgreSQL: the tables that were there before and that it locks. On SQLite every step holds
  /// the lock of the one writer; empty.
  std::vector<table_use> uses = {};

  bool operator==(const step&) const = default;
};

}  // namespace hewn
