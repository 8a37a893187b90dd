// hewn/query/plan/query_plan.hpp - a query of several tables as plain data.
// SPDX-License-Identifier: BSL-1.0
//
// Each step of a chain adds one part, a constant. What the parts come to is written by one ordinary
// function when a connection first needs the text.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_writer.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hewn::detail {

/// What is asked of the rows of a query.
enum class plan_use : std::uint8_t { rows, count, exists };

/// All of a query that is needed to run it: its steps and values in the order in which they were
/// given, and a condition that was put together at run time.
struct query_plan {
  std::span<const query_step* const> steps;
  std::span<const held_value> values;
  const std::string* texts;  // that values refer to
  const condition_parts* condition = nullptr;
  const std::vector<sort_term>* order = nullptr;  // that was chosen at run time
  plan_use use = plan_use::rows;
  std::span<const query_id> absent = {};  // tables whose joins were left out at run time

  std::string sql(dialect d) const;
};

/// Writes a query that stands inside another.
HEWN_API void write_inner_query(sql_writer& out, std::span<const query_step* const> steps);

/// The same of one side of a set operation. SQLite takes no parentheses there, so that a side with
/// an order, a limit or sides of its own is written as the query of a table.
HEWN_API void write_side_query(sql_writer& out, std::span<const query_step* const> steps);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/query/plan/plan_writer.hpp>

namespace hewn::detail {

HEWN_API std::string query_plan::sql(dialect d) const {
  std::string text;
  sql_writer out{text, d};
  out.qualified = true;
  out.absent = absent;
  if (use != plan_use::rows)
    text += use == plan_use::count ? "SELECT COUNT(*) FROM (" : "SELECT EXISTS (";
  plan_writer(steps, condition, order, out).write();
  if (use != plan_use::rows) text += use == plan_use::count ? ") AS counted" : ")";
  return text;
}

HEWN_API void write_inner_query(sql_writer& out, std::span<const query_step* const> steps) {
  plan_writer(steps, nullptr, nullptr, out).write();
}

HEWN_API void write_side_query(sql_writer& out, std::span<const query_step* const> steps) {
  using word = query_word;
  plan_writer side(steps, nullptr, nullptr, out);
  const bool whole =
      side.has(word::operand, word::offset) || side.has(word::with, word::with_recursive);
  out.parameters = side.start;
  if (whole) out.out += "SELECT * FROM (";
  side.write();
  if (whole) out.out += ") AS \"side\"";
}

}  // namespace hewn::detail

#endif
