// hewn/query/select/query_plan.hpp - a query of several tables as plain data.
// SPDX-License-Identifier: BSL-1.0
//
// Each step of a chain adds one part, a constant. What the parts come to is written by one ordinary
// function when a connection first needs the text.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/expressions/query_step.hpp>
#include <hewn/query/expressions/sql_piece.hpp>
#include <hewn/query/expressions/sql_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// All of a query that is needed to run it: its steps and values in the order in which they were
/// given, and a condition that was put together at run time.
struct query_plan {
  std::span<const query_step* const> steps;
  std::span<const held_value> values;
  const std::string* texts;  // that values refer to
  const condition_parts* condition = nullptr;

  std::string sql(dialect d) const;
};

/// Writes a query that stands inside another.
HEWN_API void write_inner_query(sql_writer& out, std::span<const query_step* const> steps);

/// The same of one side of a set operation. SQLite takes no parentheses there, so that a side with
/// an order, a limit or sides of its own is written as the query of a table.
HEWN_API void write_side_query(sql_writer& out, std::span<const query_step* const> steps);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>

namespace hewn::detail {

struct plan_writer {
  std::span<const query_step* const> steps;
  const condition_parts* condition;
  sql_writer& out;
  int start;  // values before the query
  int values = 0;
  std::vector<query_id> missing{};

  using word = query_word;

  plan_writer(std::span<const query_step* const> all, const condition_parts* added, sql_writer& to)
      : steps(all), condition(added), out(to), start(to.parameters) {
    find_missing();
    out.missing = missing;
  }

  /// Which tables are on the far side of an outer join.
  void find_missing() {
    std::vector<query_id> before;
    each(word::from, word::cross_join, [&](const query_part& part) {
      if (part.word == word::right_join || part.word == word::full_join) missing = before;
      before.push_back(part.source->id);
      if (part.word == word::left_join || part.word == word::full_join)
        missing.push_back(part.source->id);
    });
  }

  /// Calls `write(part)` for each part of these words.
  template <class Write>
  void each(word first, word last, Write write) {
    int before = start;
    for (std::size_t i = 0; i != steps.size();) {
      const query_step& step = *steps[i++];
      for (const query_part& part : step) {
        out.parameters = before;
        out.inner = steps.data() + i;
        if (part.word >= first && part.word <= last) write(part);
        before += static_cast<int>(part.values());
        i += part.inner_steps();
      }
    }
    values = before - start;
  }

  bool has(word first, word last) {
    bool any = false;
    each(first, last, [&](const query_part&) { any = true; });
    return any;
  }
  bool has(word w) { return has(w, w); }

  void list(word w, std::string_view keyword, std::string_view between) {
    bool any = false;
    each(w, w, [&](const query_part& part) {
      out.out += any ? between : keyword;
      any = true;
      out.write(part.pieces);
    });
  }

  /// The names of the columns of a table that a query stands for.
  void column_names(const source_ref& source) {
    std::string_view between = " (";
    for (const column_info& c : source.table().columns) {
      out.out += between;
      append_identifier(out.out, c.name);
      between = ", ";
    }
    out.out += ')';
  }

  void source(const query_part& part) {
    const source_ref& table = *part.source;
    const bool limited = out.dialect == dialect::postgres && write_limited(table);
    if (!limited) append_identifier(out.out, table.table().name);
    if (table.alias.empty() && !limited) return;
    out.out += " AS ";
    out.write_name(table);
  }

  /// The rows of a recursive query up to its limit.
  bool write_limited(const source_ref& table) {
    const int parameters = out.parameters;
    const query_step* const* const inner = out.inner;
    bool limited = false;
    each(word::with_recursive, word::with_recursive, [&](const query_part& part) {
      if (part.pieces.back().what != sql_piece::kind::row_limit ||
          part.source->table().name != table.table().name)
        return;
      limited = true;
      append_identifier(out.out += "(SELECT * FROM ", table.table().name);
      out.out += " LIMIT ";
      out.parameters += static_cast<int>(part.values()) - 1;
      out.parameter();
      out.out += ')';
    });
    out.parameters = parameters;
    out.inner = inner;
    return limited;
  }

  void join(const query_part& part) {
    constexpr std::string_view words[] = {" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ",
                                          " CROSS JOIN "};
    out.out += words[static_cast<std::size_t>(part.word) - static_cast<std::size_t>(word::join)];
    source(part);
    if (part.word == word::cross_join) return;
    out.out += " ON ";
    out.write(part.pieces);
  }

  void write_with() {
    std::string_view between = has(word::with_recursive) ? "WITH RECURSIVE " : "WITH ";
    each(word::with, word::with_recursive, [&](const query_part& part) {
      out.out += between;
      between = ", ";
      append_identifier(out.out, part.source->table().name);
      column_names(*part.source);
      out.out += " AS (";
      out.write(part.pieces);
      out.out += ')';
    });
    out.out += ' ';
  }

  void write_operands() {
    each(word::operand, word::except, [&](const query_part& part) {
      constexpr std::string_view words[] = {"", " UNION ALL ", " UNION ", " INTERSECT ",
                                            " EXCEPT "};
      out.out +=
          words[static_cast<std::size_t>(part.word) - static_cast<std::size_t>(word::operand)];
      out.write(part.pieces);
    });
  }

  void write_select() {
    list(word::value, has(word::distinct) ? "SELECT DISTINCT " : "SELECT ", ", ");
    out.out += " FROM ";
    each(word::from, word::from, [&](const query_part& part) { source(part); });
    each(word::join, word::cross_join, [&](const query_part& part) { join(part); });
    list(word::where, " WHERE ", " AND ");
    write_condition();
    list(word::group_by, " GROUP BY ", ", ");
    list(word::having, " HAVING ", " AND ");
  }

  void write() {
    if (has(word::with, word::with_recursive)) write_with();
    if (has(word::operand))
      write_operands();
    else
      write_select();
    list(word::order_by, " ORDER BY ", ", ");
    write_limits();
    out.parameters = start + values;
  }

  void write_condition() {
    if (condition == nullptr || condition->empty()) return;
    out.out += has(word::where) ? " AND " : " WHERE ";
    out.parameters = start + values;
    out.inner = condition->steps.data();
    out.write(condition->pieces);
  }

  void write_limits() {
    list(word::limit, " LIMIT ", "");
    // SQLite has no OFFSET of its own.
    if (out.dialect == dialect::sqlite && has(word::offset) && !has(word::limit))
      out.out += " LIMIT -1";
    list(word::offset, " OFFSET ", "");
  }
};

HEWN_API std::string query_plan::sql(dialect d) const {
  std::string text;
  sql_writer out{text, d};
  out.qualified = true;
  plan_writer(steps, condition, out).write();
  return text;
}

HEWN_API void write_inner_query(sql_writer& out, std::span<const query_step* const> steps) {
  plan_writer(steps, nullptr, out).write();
}

HEWN_API void write_side_query(sql_writer& out, std::span<const query_step* const> steps) {
  using word = query_word;
  plan_writer side(steps, nullptr, out);
  const bool whole =
      side.has(word::operand, word::lock) || side.has(word::with, word::with_recursive);
  out.parameters = side.start;
  if (whole) out.out += "SELECT * FROM (";
  side.write();
  if (whole) out.out += ") AS \"side\"";
}

}  // namespace hewn::detail

#endif
