// hewn/query/select/query_plan.hpp - a query of several tables as plain data.
// SPDX-License-Identifier: BSL-1.0
//
// Each step of a chain adds one part, a constant. What the parts come to is written by one ordinary
// function when a connection first needs the text.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/sql_piece.hpp>
#include <hewn/query/expressions/sql_writer.hpp>
#include <hewn/query/select/held_value.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hewn::detail {

enum class query_word : std::uint8_t {
  distinct,
  value,
  from,
  join,
  left_join,
  right_join,
  full_join,
  cross_join,
  where,
  group_by,
  having,
  order_by,
  limit,
  offset
};

constexpr bool is_join(query_word w) {
  return w >= query_word::join && w <= query_word::cross_join;
}

/// One item of a query: an expression, or a table.
struct query_part {
  query_word word;
  std::span<const sql_piece> pieces;
  const source_ref* source;  // of FROM and of joins

  constexpr int values() const {
    int count = 0;
    for (const sql_piece& p : pieces) count += is_value(p) || p.what == sql_piece::kind::list;
    return count;
  }
};

/// What one call adds to a query.
using query_step = std::span<const query_part>;

template <query_word Word, const source_ref* Source, class... E>
inline constexpr query_part parts_of[] = {{Word, pieces_of<E>, Source}...};

template <query_word Word, const source_ref* Source, class... E>
inline constexpr query_step step_of{parts_of<Word, Source, E...>};

constexpr std::size_t count_values(query_step step) {
  std::size_t count = 0;
  for (const query_part& part : step) count += static_cast<std::size_t>(part.values());
  return count;
}

/// How many values of a step the query keeps as text.
constexpr std::size_t count_texts(query_step step) {
  std::size_t count = 0;
  for (const query_part& part : step)
    for (const sql_piece& p : part.pieces)
      count += p.what == sql_piece::kind::kept_value || p.what == sql_piece::kind::list;
  return count;
}

/// All of a query that is needed to run it: its steps and values in the order in which they were
/// given, and a condition that was put together at run time.
struct query_plan {
  std::span<const query_step* const> steps;
  std::span<const held_value> values;
  const std::string* texts;  // that values refer to
  const condition_parts* condition = nullptr;

  std::string sql(dialect d) const;
};

template <std::size_t Count>
struct value_array {
  held_value values[Count];
};
template <>
struct value_array<0> {
  static constexpr const held_value* values = nullptr;
};

template <std::size_t Count>
struct text_array {
  std::string texts[Count];
};
template <>
struct text_array<0> {
  static constexpr std::string* texts = nullptr;
};

/// The steps and values of a query while it is written.
template <std::size_t Steps, std::size_t Values, std::size_t Texts>
struct query_data : value_array<Values>, text_array<Texts> {
  static constexpr std::size_t value_count = Values;
  static constexpr std::size_t text_count = Texts;

  const query_step* steps[Steps];

  /// The same with one step more.
  template <std::size_t MoreValues, std::size_t MoreTexts>
  constexpr auto with(const query_step& step) const {
    static_assert(Texts + MoreTexts < 256,
                  "hewn: a query keeps at most 255 texts; pass some as views");
    query_data<Steps + 1, Values + MoreValues, Texts + MoreTexts> next;
    for (std::size_t i = 0; i != Steps; ++i) next.steps[i] = steps[i];
    if constexpr (Values != 0)
      for (std::size_t i = 0; i != Values; ++i) next.values[i] = this->values[i];
    if constexpr (Texts != 0)
      for (std::size_t i = 0; i != Texts; ++i) next.texts[i] = this->texts[i];
    next.steps[Steps] = &step;
    return next;
  }

  constexpr query_plan plan(const condition_parts* condition) const {
    return {{steps, Steps}, {this->values, Values}, this->texts, condition};
  }
};

/// Identifies the text of a query: the mix of everything that it follows from.
using query_id = std::uint64_t;

constexpr query_id mix(query_id id, query_id more) {
  id ^= more + 0x9e3779b97f4a7c15u + (id << 6) + (id >> 2);
  return id * 0xff51afd7ed558ccdu;
}

constexpr query_id mix(query_id id, std::string_view text) {
  for (const char c : text) id = (id ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix(id, text.size());
}

constexpr query_id mix(query_id id, query_step step) {
  for (const query_part& part : step) {
    id = mix(id, static_cast<query_id>(part.word));
    if (part.source != nullptr) id = mix(id, part.source->signature);
    for (const sql_piece& p : part.pieces) {
      id = mix(id, (static_cast<query_id>(p.what) << 8) + p.field);
      id = mix(id, p.source != nullptr ? p.source->signature : p.text);
    }
  }
  return id;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>

namespace hewn::detail {

struct plan_writer {
  const query_plan& plan;
  sql_writer out;
  int before = 0;  // values of the parts before the one that is written

  /// Calls `write(part)` for each part of these words.
  template <class Write>
  void each(query_word first, query_word last, Write write) {
    before = 0;
    for (const query_step* step : plan.steps) {
      for (const query_part& part : *step) {
        out.parameters = before;
        if (part.word >= first && part.word <= last) write(part);
        before += part.values();
      }
    }
  }

  void list(query_word first, query_word last, std::string_view keyword, std::string_view between) {
    bool any = false;
    each(first, last, [&](const query_part& part) {
      out.out += any ? between : keyword;
      any = true;
      out.write(part.pieces);
    });
  }

  void source(const query_part& part) {
    append_identifier(out.out, part.source->table().name);
    if (part.source->alias.empty()) return;
    out.out += " AS ";
    out.write_name(*part.source);
  }

  void join(const query_part& part) {
    constexpr std::string_view words[] = {" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ",
                                          " CROSS JOIN "};
    out.out +=
        words[static_cast<std::size_t>(part.word) - static_cast<std::size_t>(query_word::join)];
    source(part);
    if (part.word == query_word::cross_join) return;
    out.out += " ON ";
    out.write(part.pieces);
  }

  void write() {
    using word = query_word;
    bool distinct = false;
    each(word::distinct, word::distinct, [&](const query_part&) { distinct = true; });
    list(word::value, word::value, distinct ? "SELECT DISTINCT " : "SELECT ", ", ");
    out.out += " FROM ";
    each(word::from, word::from, [&](const query_part& part) { source(part); });
    each(word::join, word::cross_join, [&](const query_part& part) { join(part); });
    list(word::where, word::where, " WHERE ", " AND ");
    write_condition();
    list(word::group_by, word::group_by, " GROUP BY ", ", ");
    list(word::having, word::having, " HAVING ", " AND ");
    list(word::order_by, word::order_by, " ORDER BY ", ", ");
    write_limits();
  }

  void write_condition() {
    if (plan.condition == nullptr || plan.condition->empty()) return;
    bool any = false;
    each(query_word::where, query_word::where, [&](const query_part&) { any = true; });
    out.out += any ? " AND " : " WHERE ";
    out.parameters = static_cast<int>(plan.values.size());
    out.write(plan.condition->pieces);
  }

  void write_limits() {
    bool limited = false;
    each(query_word::limit, query_word::limit, [&](const query_part&) { limited = true; });
    list(query_word::limit, query_word::limit, " LIMIT ", "");
    bool skipping = false;
    each(query_word::offset, query_word::offset, [&](const query_part&) { skipping = true; });
    // SQLite has no OFFSET of its own.
    if (skipping && !limited && out.dialect == dialect::sqlite) out.out += " LIMIT -1";
    list(query_word::offset, query_word::offset, " OFFSET ", "");
  }
};

HEWN_API std::string query_plan::sql(dialect d) const {
  std::string text;
  plan_writer writer{*this, {text, d}};
  writer.out.qualified = true;
  writer.write();
  return text;
}

}  // namespace hewn::detail

#endif
