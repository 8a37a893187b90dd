// hewn/query/plan/group_check.hpp - what may stand beside groups and aggregates.
// SPDX-License-Identifier: BSL-1.0
//
// Ordinary functions over pieces, so that a query pays for one call whatever it selects.
#pragma once

#include <hewn/query/pieces/piece_walk.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace hewn::detail {

using piece_lists = std::span<const std::span<const sql_piece>>;

/// A table of a query, for its checks.
struct checked_source {
  query_id id;
  std::span<const std::uint8_t> key;
  bool outer;  // it is of the query around this one, so that a row of it is given
};

/// What a query has said before select().
struct checked_query {
  std::span<const checked_source> sources;
  piece_lists groups;
  piece_lists orders;
  bool distinct = false;
  bool locked = false;
};

enum class query_fault : std::uint8_t {
  none,
  unknown_table,
  without_group,
  unselected_order,
  nested_aggregate,
  lacks_window,
  locks_no_rows
};

/// Whether an aggregate in it is NULL where there is no row at all.
constexpr bool is_null_of_none(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : each_of(pieces))
    if (p.what == sql_piece::kind::end_aggregate) return true;
  return false;
}

constexpr bool has_aggregates(piece_lists all) {
  for (const auto& pieces : each_of(all))
    if (has_aggregate(pieces)) return true;
  return false;
}

/// Whether one of them is an aggregate or window function.
constexpr bool computes_over_rows(piece_lists all) {
  for (const auto& pieces : each_of(all))
    if (has_aggregate(pieces) || has_window(pieces)) return true;
  return false;
}

constexpr bool are_same(std::span<const sql_piece> a, std::span<const sql_piece> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i != a.size(); ++i)
    if (!same_piece(a[i], b[i])) return false;
  return true;
}

constexpr const checked_source* find_source(std::span<const checked_source> sources, query_id id) {
  for (const checked_source& s : each_of(sources))
    if (s.id == id) return &s;
  return nullptr;
}

/// Whether all of a table is the same in a group, because its key is grouped. Of a table that the
/// query does not read, and that is therefore of the one around it, a row is given.
constexpr bool is_whole(const checked_query& query, query_id id) {
  const checked_source* source = find_source(query.sources, id);
  if (source == nullptr || source->outer) return true;
  for (const std::uint8_t k : each_of(source->key)) {
    bool found = false;
    for (const auto& group : each_of(query.groups))
      found |= group.size() == 1 && group[0].what == sql_piece::kind::column &&
               group[0].field == k && group[0].source->id == id;
    if (!found) return false;
  }
  return !source->key.empty();
}

/// Whether the tables that a piece names are known to the query by `known(id)`.
template <class Known>
constexpr bool names(const sql_piece& p, Known known) {
  if (p.what == sql_piece::kind::column || p.what == sql_piece::kind::whole_table)
    return known(p.source->id);
  if (p.what == sql_piece::kind::query)
    for (const query_id outer : each_of(p.source->query->outer))
      if (!known(outer)) return false;
  return true;
}

/// Whether every column that stands in no aggregate is a group by itself. A compiler finds that out
/// much faster than a way through the pieces, and it is what most queries have.
constexpr bool has_grouped_columns(std::span<const sql_piece> pieces, piece_lists groups) {
  using kind = sql_piece::kind;
  int aggregates = 0;
  for (const sql_piece& p : each_of(pieces)) {
    if (p.what == kind::begin_aggregate) {
      ++aggregates;
    } else if (p.what == kind::end_aggregate || p.what == kind::end_count) {
      --aggregates;
    } else if (aggregates == 0 && p.source != nullptr) {
      bool found = false;
      for (const auto& group : each_of(groups))
        if (group.size() == 1 && p.what == kind::column && same_piece(p, group[0])) found = true;
      if (!found) return false;
    }
  }
  return true;
}

/// Whether every column stands in an aggregate, in one of the grouped expressions, or in a table
/// whose key is grouped.
constexpr bool is_grouped(std::span<const sql_piece> pieces, const checked_query& query) {
  if (has_grouped_columns(pieces, query.groups)) return true;
  for (piece_walk at{pieces}; !at.ended();) {
    std::size_t steps = 1;
    if (at.aggregates == 0) {
      bool found = false;
      for (const auto& group : each_of(query.groups))
        if (const std::size_t size = size_of_group(at, group); size != 0)
          found = true, steps = size;
      if (!found && !names(at.piece(), [&](query_id id) { return is_whole(query, id); }))
        return false;
    }
    at.skip(steps);
  }
  return true;
}

/// Whether an expression of ORDER BY is one of the selected values, as DISTINCT wants it.
constexpr bool is_selected(std::span<const sql_piece> key, piece_lists items) {
  // With a value of the program it would have a place of its own, and be another expression.
  if (query_part{query_word::order_by, key, nullptr}.values() != 0) return false;
  for (const auto& item : each_of(items)) {
    if (are_same(item, key)) return true;
    if (item.size() == 1 && key.size() == 1 && item[0].what == sql_piece::kind::whole_table &&
        key[0].what == sql_piece::kind::column && item[0].source->id == key[0].source->id)
      return true;
    if (is_column_list(item))
      for (std::size_t i = 0; i < item.size(); i += 2)
        if (are_same(item.subspan(i, 1), key)) return true;
  }
  return false;
}

constexpr bool are_grouped(piece_lists all, const checked_query& query) {
  for (const auto& pieces : each_of(all))
    if (!is_grouped(pieces, query)) return false;
  return true;
}

/// Whether the tables that a piece names are among these.
constexpr bool names_known(const sql_piece& p, std::span<const checked_source> sources) {
  if (p.source->query == nullptr) return find_source(sources, p.source->id) != nullptr;
  for (const query_id outer : each_of(p.source->query->outer))
    if (find_source(sources, outer) == nullptr) return false;
  return true;
}

/// What no query with these tables computes, whatever else it is.
constexpr query_fault find_misuse(piece_lists all, std::span<const checked_source> sources) {
  using kind = sql_piece::kind;
  for (const auto& pieces : each_of(all)) {
    int depth = 0;
    for (const sql_piece& p : each_of(pieces)) {
      if (p.source != nullptr) {
        if (!names_known(p, sources)) return query_fault::unknown_table;
      } else if (p.what == kind::lacks_window) {
        return query_fault::lacks_window;
      } else if (p.what == kind::begin_aggregate) {
        if (++depth > 1) return query_fault::nested_aggregate;
      } else if (p.what == kind::end_aggregate || p.what == kind::end_count) {
        --depth;
      }
    }
  }
  return query_fault::none;
}

/// What is wrong with expressions that have one value for each row of the result.
constexpr query_fault find_fault(piece_lists items, const checked_query& query) {
  if (const query_fault fault = find_misuse(items, query.sources); fault != query_fault::none)
    return fault;
  if (const query_fault fault = find_misuse(query.orders, query.sources);
      fault != query_fault::none)
    return fault;
  if (!query.groups.empty() || has_aggregates(items) || has_aggregates(query.orders))
    if (!are_grouped(items, query) || !are_grouped(query.orders, query))
      return query_fault::without_group;
  if (query.distinct)
    for (const auto& order : each_of(query.orders))
      if (!is_selected(order, items)) return query_fault::unselected_order;
  if (query.locked && (query.distinct || !query.groups.empty() || computes_over_rows(items) ||
                       computes_over_rows(query.orders)))
    return query_fault::locks_no_rows;
  return query_fault::none;
}

/// Whether a step before select() may stand there, whatever stands around it. An order may have
/// what is computed last.
constexpr bool may_stand(query_step step, std::span<const checked_source> sources) {
  using kind = sql_piece::kind;
  for (const query_part& part : each_of(step)) {
    const bool early = part.word != query_word::order_by && part.word != query_word::having;
    for (const sql_piece& p : each_of(part.pieces)) {
      if (p.source != nullptr) {
        if (!names_known(p, sources)) return false;
        if (p.what == kind::query && part.word == query_word::group_by) return false;
      } else if (early && (p.what == kind::begin_window || p.what == kind::lacks_window ||
                           p.what == kind::begin_aggregate)) {
        return false;
      }
    }
  }
  return true;
}

// One mistake often makes others, so that only the first is explained.
constexpr std::size_t first_false(std::initializer_list<bool> values) {
  std::size_t i = 0;
  for (const bool value : values) {
    if (!value) break;
    ++i;
  }
  return i;
}

}  // namespace hewn::detail
