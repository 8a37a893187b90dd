// hewn/query/pages/position.hpp - where a row stands in an order, and what comes behind it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/sort_choices.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/plan/whole_order.hpp>
#include <hewn/query/statements/changed_plan.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hewn::detail {

/// The values of a row by which it is sorted.
using row_position = std::vector<condition_value>;

/// Refuses a query with a limit or offset of its own. Throws: usage.
HEWN_RARE HEWN_API void check_unlimited(const query_plan& plan);

/// Refuses besides what has no order that a page could follow. Throws: usage.
HEWN_RARE HEWN_API void check_pageable(const query_plan& plan, const whole_order& order);

/// Sorts by a term, or the other way round.
HEWN_RARE HEWN_API void add_order(changed_plan& out, const sort_term& term, bool backwards);

/// The rows of a page: at most `limit` of those behind `from`, which is nullptr at the start. The
/// columns of the order follow those of the result. `backwards`: from the end to the start.
HEWN_RARE HEWN_API void write_page(changed_plan& out, const whole_order& order,
                                   const row_position* from, bool backwards, std::int64_t limit,
                                   bool grouped);

HEWN_RARE HEWN_API bool is_grouped(const query_plan& plan);

/// The tables and the order of a query as one text, by which cursors know theirs.
HEWN_RARE HEWN_API std::string shape_of(const query_plan& plan, const whole_order& order);

constexpr condition_value::kind kind_of(column_type t) {
  using kind = condition_value::kind;
  switch (t) {
    case column_type::boolean:
      return kind::boolean;
    case column_type::real:
      return kind::real;
    case column_type::text:
      return kind::text;
    case column_type::blob:
      return kind::blob;
    case column_type::instant:
      return kind::instant;
    case column_type::day:
      return kind::day;
    case column_type::uuid:
      return kind::uuid;
    default:
      return kind::integer;
  }
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>
#  include <hewn/dialect/text/quote.hpp>

#  include <cstddef>
#  include <initializer_list>
#  include <utility>

namespace hewn::detail {

HEWN_API void check_unlimited(const query_plan& plan) {
  each_part(plan.steps, [](const query_part& part) {
    if (part.word > query_word::having && part.word != query_word::order_by)
      throw error(errc::usage,
                  "hewn: the query of a page has a limit, a lock or a set operation of its own; "
                  "leave it out, or name the query as a table of another");
  });
}

HEWN_API void check_pageable(const query_plan& plan, const whole_order& order) {
  check_unlimited(plan);
  if (!order.total || order.terms.empty())
    throw error(errc::usage,
                "hewn: the rows of this query have no order in which each has its place; give all "
                "of its tables keys, group by columns, and leave distinct() out");
  for (const sort_term& term : order.terms) {
    bool sortable = term.has_type && term.type != column_type::json_text && !is_array(term.type);
    for (const sql_piece& p : term.pieces)
      sortable &= !is_value(p) && p.what != sql_piece::kind::list &&
                  p.what != sql_piece::kind::query && p.what != sql_piece::kind::begin_window;
    if (!sortable)
      throw error(errc::usage,
                  "hewn: a page cannot follow an order by a list, JSON, a condition, a query, a "
                  "window function or a value of the program; sort by other columns");
  }
}

HEWN_API bool is_grouped(const query_plan& plan) {
  bool grouped = false;
  each_part(plan.steps,
            [&grouped](const query_part& part) { grouped |= part.word == query_word::group_by; });
  return grouped;
}

/// Writes the condition for the rows behind a position.
struct position_writer {
  const std::vector<sort_term>& terms;
  const row_position& from;
  bool backwards;
  changed_plan& out;
  std::vector<sql_piece> pieces;
  std::vector<const condition_value*> values;

  using kind = sql_piece::kind;

  bool descends(std::size_t i) const { return terms[i].descending != backwards; }
  bool null(std::size_t i) const { return from[i].what == condition_value::kind::null; }

  /// Whether NULLs lie behind the values in the direction of the walk.
  bool nulls_behind(std::size_t i) const {
    return terms[i].null && terms[i].nulls_first() == backwards;
  }

  /// Whether `>` or `<` alone finds what lies behind.
  bool is_plain(std::size_t i) const { return !null(i) && !nulls_behind(i); }

  void text(std::string_view s) { pieces.push_back({.text = s}); }
  void term(std::size_t i) {
    pieces.insert(pieces.end(), terms[i].pieces.begin(), terms[i].pieces.end());
  }
  void value(std::size_t i) {
    pieces.push_back({.what = kind::value});
    values.push_back(&from[i]);
  }

  void compare(std::size_t i, std::string_view ascending, std::string_view descending) {
    term(i);
    text(descends(i) ? descending : ascending);
    value(i);
  }

  /// The terms from `i` on are compared as one row.
  void row(std::size_t i) {
    const bool several = i + 1 != terms.size();
    if (several) text("(");
    for (std::size_t j = i; j != terms.size(); ++j) {
      if (j != i) text(", ");
      term(j);
    }
    if (several) text(")");
    text(descends(i) ? " < " : " > ");
    if (several) text("(");
    for (std::size_t j = i; j != terms.size(); ++j) {
      if (j != i) text(", ");
      value(j);
    }
    if (several) text(")");
  }

  /// Where the tail begins that can be compared as one row.
  std::size_t tail() const {
    std::size_t i = terms.size();
    while (i != 0 && is_plain(i - 1) &&
           (i == terms.size() || descends(i - 1) == descends(terms.size() - 1)))
      --i;
    return i;
  }

  /// What differs from the position in term `i`, and lies behind it. False: nothing does.
  bool behind(std::size_t i) {
    if (null(i)) {
      if (nulls_behind(i)) return false;
      term(i);
      text(" IS NOT NULL");
    } else if (nulls_behind(i)) {
      text("(");
      compare(i, " > ", " < ");
      text(" OR ");
      term(i);
      text(" IS NULL)");
    } else {
      compare(i, " > ", " < ");
    }
    return true;
  }

  void from_term(std::size_t i, std::size_t last) {
    if (i == last && i != terms.size()) return row(i);
    text("(");
    const bool any = behind(i);
    if (i + 1 != terms.size()) {
      if (any) text(" OR ");
      text("(");
      term(i);
      if (null(i)) {
        text(" IS NULL");
      } else {
        text(" = ");
        value(i);
      }
      text(" AND ");
      from_term(i + 1, last);
      text(")");
    } else if (!any) {
      text("1 = 0");
    }
    text(")");
  }

  void write(query_word word) {
    const std::size_t last = tail();
    if (last != 0 && is_plain(0)) {
      // For an index, which cannot be searched by what stands between ORs.
      compare(0, " >= ", " <= ");
      text(" AND ");
    }
    from_term(0, last);
    out.add(word, std::move(pieces));
    for (const condition_value* v : values) out.add_value(*v);
  }
};

HEWN_API void add_order(changed_plan& out, const sort_term& term, bool backwards) {
  const bool descending = term.descending != backwards;
  const bool first = term.nulls_first() != backwards;
  // Where NULLs stand by themselves nothing is said, for the sake of indexes.
  const null_place nulls = !term.null || first != descending ? null_place::smallest
                           : first                           ? null_place::first
                                                             : null_place::last;
  std::vector<sql_piece> pieces(term.pieces.begin(), term.pieces.end());
  for (const dialect d : {dialect::sqlite, dialect::postgres})
    pieces.push_back(
        {.what = d == dialect::sqlite ? sql_piece::kind::sqlite : sql_piece::kind::postgres,
         .text = order_suffix(d, descending, nulls, term.null)});
  out.add(query_word::order_by, std::move(pieces));
}

HEWN_API void write_page(changed_plan& out, const whole_order& order, const row_position* from,
                         bool backwards, std::int64_t limit, bool grouped) {
  for (const sort_term& term : order.terms)
    out.add(query_word::value, {term.pieces.begin(), term.pieces.end()});
  if (from != nullptr)
    position_writer{order.terms, *from, backwards, out, {}, {}}.write(grouped ? query_word::having
                                                                              : query_word::where);
  for (const sort_term& term : order.terms) add_order(out, term, backwards);
  out.add_count(query_word::limit, limit);
}

HEWN_API std::string shape_of(const query_plan& plan, const whole_order& order) {
  std::string shape = "hewn cursor 1";
  sql_writer writer{shape, dialect::sqlite};
  writer.qualified = true;
  each_part(plan.steps, [&](const query_part& part) {
    if (part.source == nullptr) return;
    shape += '\n';
    shape += std::to_string(static_cast<int>(part.word));
    append_identifier(shape, part.source->table().name);
    writer.write_name(*part.source);
  });
  for (const sort_term& term : order.terms) {
    shape += term.descending ? "\n-" : "\n+";
    shape += term.nulls_first() ? '<' : '>';
    shape += std::to_string(static_cast<int>(term.type));
    writer.write(term.pieces);
  }
  return shape;
}

}  // namespace hewn::detail

#endif
