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
  with_removed,
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

/// What a query needs room for because of a step or a part of one, behind the step itself.
struct step_size {
  std::size_t values = 0;
  std::size_t texts = 0;        // of the values, those that the query keeps as text
  std::size_t inner_steps = 0;  // of the queries in it
};

constexpr bool has_values(const step_size& size) {
  return size.values != 0 || size.inner_steps != 0;
}

/// One item of a query: an expression, or a table.
struct query_part {
  query_word word;
  bool is_sorted;  // `way` says how: of ORDER BY, where the pieces do not
  sort_way way;
  std::span<const sql_piece> pieces;
  const source_ref* source;  // of FROM, joins and queries that stand for a table

  constexpr query_part(query_word w, std::span<const sql_piece> of, const source_ref* from)
      : word(w), is_sorted(false), way(), pieces(of), source(from) {}
  constexpr query_part(const sort_way& by, std::span<const sql_piece> of)
      : word(query_word::order_by), is_sorted(true), way(by), pieces(of), source(nullptr) {}

  constexpr step_size size() const {
    using kind = sql_piece::kind;
    step_size size;
    for (const sql_piece& p : each_of(pieces)) {
      if (p.what == kind::query) {
        size.values += p.source->query->values;
        size.texts += p.source->query->texts;
        size.inner_steps += p.source->query->steps;
      } else if (is_value(p) || p.what == kind::list) {
        ++size.values;
        size.texts += p.what == kind::kept_value || p.what == kind::list;
      }
    }
    return size;
  }
  constexpr std::size_t values() const { return size().values; }
  constexpr std::size_t inner_steps() const { return size().inner_steps; }
};

/// A step and its parts, in one object: each costs a file a section and two long names.
template <std::size_t Parts>
struct whole_step : query_step {
  query_part parts[Parts];

  template <class... Part>
  constexpr explicit whole_step(const Part&... part) : query_step(parts, Parts), parts{part...} {}
};

template <query_word Word, const source_ref* Source, class... E>
inline constexpr whole_step<sizeof...(E)> step_of{query_part{Word, pieces_of<E>, Source}...};
template <class... E>
inline constexpr whole_step<sizeof...(E)> step_of<query_word::order_by, nullptr, E...>{
    query_part{E::way, pieces_of<typename E::expression>}...};

constexpr step_size size_of_step(query_step step) {
  step_size size;
  for (const query_part& part : each_of(step)) {
    const step_size more = part.size();
    size.values += more.values;
    size.texts += more.texts;
    size.inner_steps += more.inner_steps;
  }
  return size;
}

constexpr std::size_t count_inner_steps(query_step step) { return size_of_step(step).inner_steps; }

/// Calls `action(part)` for each part of a query, those of the queries in it apart.
template <class Action>
void each_part(std::span<const query_step* const> steps, Action action) {
  for (std::size_t i = 0; i != steps.size(); i += 1 + count_inner_steps(*steps[i]))
    for (const query_part& part : *steps[i]) action(part);
}

constexpr query_id mix(query_id id, query_step step) {
  constexpr query_id prime = 0x100000001b3;
  for (const query_part& part : each_of(step)) {
    id = mix(id, static_cast<query_id>(part.word));
    if (part.source != nullptr) id = mix(id, part.source->id);
    if (part.is_sorted) id = mix(id, part.way.code());
    // Without a call for each piece, of which a compiler keeps a record.
    for (const sql_piece& p : each_of(part.pieces)) {
      const std::size_t length = p.text.size();
      id = (id ^ (length << 16) ^ (static_cast<query_id>(p.what) << 8) ^ p.field) * prime;
      if (p.source != nullptr) id = (id ^ (id >> 32) ^ p.source->id) * prime;
      if (length == 0) continue;
      const char* const text = p.text.data();
      for (std::size_t i = 0; i != length; ++i)
        id = (id ^ static_cast<unsigned char>(text[i])) * prime;
    }
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
