// hewn/query/pieces/query_step.hpp - what one call adds to a query, as plain data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hewn::detail {

enum class query_word : std::uint8_t {
  with,
  with_recursive,
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
  operand,  // the first query of a set operation, and those that follow by its word
  union_all,
  union_distinct,
  intersect,
  except,
  order_by,
  limit,
  offset,
  for_update,  // by name, or all tables that can be locked
  for_share,
  skip_locked,
  no_wait
};

/// One item of a query: an expression, or a table.
struct query_part {
  query_word word;
  std::span<const sql_piece> pieces;
  const source_ref* source;         // of FROM, joins and queries that stand for a table
  const sort_term* sort = nullptr;  // of ORDER BY

  constexpr std::size_t values() const {
    std::size_t count = 0;
    for (const sql_piece& p : pieces) count += count_values(p);
    return count;
  }

  /// Of its values, those that the query keeps as text.
  constexpr std::size_t texts() const {
    std::size_t count = 0;
    for (const sql_piece& p : pieces)
      count += p.what == sql_piece::kind::query
                   ? p.source->query->texts
                   : p.what == sql_piece::kind::kept_value || p.what == sql_piece::kind::list;
    return count;
  }

  /// The steps of the queries in it, which stand behind its own step.
  constexpr std::size_t inner_steps() const {
    std::size_t count = 0;
    for (const sql_piece& p : pieces)
      if (p.what == sql_piece::kind::query) count += p.source->query->steps;
    return count;
  }
};

template <query_word Word, const source_ref* Source, class... E>
inline constexpr query_part parts_of[] = {{Word, pieces_of<E>, Source, sort_of<E>}...};

template <query_word Word, const source_ref* Source, class... E>
inline constexpr query_step step_of{parts_of<Word, Source, E...>};

constexpr std::size_t count_values(query_step step) {
  std::size_t count = 0;
  for (const query_part& part : step) count += part.values();
  return count;
}

constexpr std::size_t count_texts(query_step step) {
  std::size_t count = 0;
  for (const query_part& part : step) count += part.texts();
  return count;
}

constexpr std::size_t count_inner_steps(query_step step) {
  std::size_t count = 0;
  for (const query_part& part : step) count += part.inner_steps();
  return count;
}

/// Calls `action(part)` for each part of a query, those of the queries in it apart.
template <class Action>
void each_part(std::span<const query_step* const> steps, Action action) {
  for (std::size_t i = 0; i != steps.size(); i += 1 + count_inner_steps(*steps[i]))
    for (const query_part& part : *steps[i]) action(part);
}

constexpr query_id mix(query_id id, const sql_piece& p) {
  id = mix(id, (static_cast<query_id>(p.what) << 8) + p.field);
  return p.source != nullptr ? mix(id, p.source->id) : mix(id, p.text);
}

constexpr query_id mix(query_id id, query_step step) {
  for (const query_part& part : step) {
    id = mix(id, static_cast<query_id>(part.word));
    if (part.source != nullptr) id = mix(id, part.source->id);
    for (const sql_piece& p : part.pieces) id = mix(id, p);
  }
  return id;
}

constexpr bool same_piece(const sql_piece& a, const sql_piece& b) {
  if (a.what != b.what || a.field != b.field || a.text != b.text) return false;
  return a.source == nullptr ? b.source == nullptr
                             : b.source != nullptr && a.source->id == b.source->id;
}

/// Takes the steps of the queries in an expression out of it: a binder.
struct step_collector {
  std::vector<const query_step*> steps{};

  template <class F>
  void value(const F&) {}
  void list(std::string_view) {}
  template <class Problem>
  void refuse(Problem) {}
  template <class Data>
  void query(const Data& data) {
    for (const query_step* step : data.plan(nullptr).steps) steps.push_back(step);
  }
};

}  // namespace hewn::detail
