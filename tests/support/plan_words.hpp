// tests/support/plan_words.hpp - what tests say of plans: intents, and what is in a plan.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

inline hewn::intent renamed_column(std::string table, std::string from, std::string to) {
  return {.kind = hewn::intent_kind::rename_column,
          .table = std::move(table),
          .column = std::move(to),
          .former = std::move(from)};
}

inline hewn::intent renamed_table(std::string from, std::string to) {
  return {
      .kind = hewn::intent_kind::rename_table, .table = std::move(to), .former = std::move(from)};
}

inline hewn::intent dropped_column(std::string table, std::string column) {
  return {.kind = hewn::intent_kind::drop_column,
          .table = std::move(table),
          .column = std::move(column)};
}

inline hewn::intent dropped_table(std::string table) {
  return {.kind = hewn::intent_kind::drop_table, .table = std::move(table)};
}

inline hewn::intent backfilled(std::string table, std::string column, std::string expression) {
  return {.kind = hewn::intent_kind::backfill,
          .table = std::move(table),
          .column = std::move(column),
          .expression = std::move(expression)};
}

inline hewn::intent converted(std::string table, std::string column, std::string expression) {
  return {.kind = hewn::intent_kind::convert,
          .table = std::move(table),
          .column = std::move(column),
          .expression = std::move(expression)};
}

/// The only change of `kind` in a plan; with `object`, the one about it.
inline hewn::change change_in(const hewn::plan& p, hewn::change_kind kind,
                              std::string_view object = {}) {
  std::vector<hewn::change> found;
  for (const hewn::change& c : p.changes())
    if (c.kind == kind && (object.empty() || c.object == object)) found.push_back(c);
  INFO(hewn::report(p));
  REQUIRE(found.size() == 1);
  return found[0];
}

/// Whether `c` is shown to people as `r`, among others.
inline bool is(const hewn::change& c, hewn::risk_class r) {
  for (const hewn::risk_class each : hewn::risk_classes(c))
    if (each == r) return true;
  return false;
}

}  // namespace support
