// hewn/migrate/losses/destruction.hpp - a migration that destroys something.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/loss.hpp>

#include <cstdint>
#include <string>
#include <vector>

#if HEWN_DEFINES_MIGRATE
#  include <hewn/sync/model/fact.hpp>

#  include <utility>
#endif

namespace hewn {

/// A migration that destroys something, as the one who decides sees it.
struct destruction {
  std::int64_t version = 0;
  std::string name = {};
  migration_direction direction = migration_direction::up;
  std::string declared = {};  ///< the reason in the file; empty: the file declares nothing
  std::vector<loss> losses = {};
  std::string plan = {};  ///< digest of version, name, direction and content: what is approved
  std::string from = {};  ///< digest of the schema before; empty where sync cannot read it
};

/// The losses of a migration as what an approval grants.
HEWN_API std::vector<change> changes_of(const std::vector<loss>& losses);

#if HEWN_DEFINES_MIGRATE

HEWN_API std::vector<change> changes_of(const std::vector<loss>& losses) {
  std::vector<change> out;
  for (const loss& l : losses) {
    change c{.table = l.table, .object = l.column, .risk = {.effect = data_effect::lossy}};
    fact_kind counted = fact_kind::rows_lost;
    switch (l.kind) {
      case loss_kind::table:
        c.kind = change_kind::drop_table;
        break;
      case loss_kind::rows:
        c.kind = change_kind::delete_rows;
        break;
      case loss_kind::column:
        c.kind = change_kind::drop_column;
        counted = fact_kind::values_lost;
        break;
      case loss_kind::values:
        c.kind = change_kind::clear_values;
        counted = fact_kind::values_lost;
        break;
      case loss_kind::overwritten:
        c.kind = change_kind::overwrite_values;
        counted = fact_kind::values_changed;
        break;
      case loss_kind::unknown:
        c.kind = change_kind::run_uncounted;
        c.after = l.reason;  // consent to one unknown is none to another
        break;
    }
    if (l.kind != loss_kind::unknown)
      c.facts.push_back({.question = {.kind = counted}, .count = l.count});
    out.push_back(std::move(c));
  }
  return out;
}

#endif

}  // namespace hewn
