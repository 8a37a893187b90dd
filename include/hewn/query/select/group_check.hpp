// hewn/query/select/group_check.hpp - what may stand beside groups and aggregates.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/query_step.hpp>
#include <hewn/query/expressions/sql_piece.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace hewn::detail {

/// Whether an aggregate in it is NULL where there is no row at all.
constexpr bool is_null_of_none(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : pieces)
    if (p.what == sql_piece::kind::end_aggregate) return true;
  return false;
}

constexpr bool starts_with(std::span<const sql_piece> all, std::span<const sql_piece> start) {
  if (start.empty() || all.size() < start.size()) return false;
  for (std::size_t i = 0; i != start.size(); ++i)
    if (!same_piece(all[i], start[i])) return false;
  return true;
}

using piece_lists = std::span<const std::span<const sql_piece>>;

/// Whether all columns of a table's key are grouped.
constexpr bool has_grouped_key(piece_lists groups, std::string_view signature,
                               std::span<const std::uint8_t> key) {
  for (const std::uint8_t k : key) {
    bool found = false;
    for (const auto& group : groups)
      found |= group.size() == 1 && group[0].what == sql_piece::kind::column &&
               group[0].field == k && group[0].source->signature == signature;
    if (!found) return false;
  }
  return !key.empty();
}

/// Whether the tables that a piece names are grouped as a whole.
constexpr bool is_of_whole(const sql_piece& p, std::span<const std::string_view> whole) {
  if (p.what == sql_piece::kind::query) {
    for (const std::string_view outer : p.source->query->outer)
      if (!is_one_of(outer, whole)) return false;
    return true;
  }
  return (p.what != sql_piece::kind::column && p.what != sql_piece::kind::whole_table) ||
         is_one_of(p.source->signature, whole);
}

/// Whether every column stands in an aggregate, in one of the grouped expressions, or in a table
/// whose key is grouped.
constexpr bool is_grouped(std::span<const sql_piece> pieces, piece_lists groups,
                          std::span<const std::string_view> whole) {
  int depth = 0;
  while (!pieces.empty()) {
    const sql_piece& p = pieces.front();
    std::size_t skip = 1;
    if (p.what == sql_piece::kind::begin_aggregate) {
      ++depth;
    } else if (p.what == sql_piece::kind::end_aggregate || p.what == sql_piece::kind::end_count) {
      --depth;
    } else if (depth == 0) {
      bool found = false;
      for (const auto& group : groups)
        if (starts_with(pieces, group)) found = true, skip = group.size();
      if (!found && !is_of_whole(p, whole)) return false;
    }
    pieces = pieces.subspan(skip);
  }
  return true;
}

/// Whether an expression of ORDER BY is one of the selected values, as DISTINCT wants it.
constexpr bool is_selected(std::span<const sql_piece> key, piece_lists items) {
  for (const auto& item : items) {
    if (item.size() == key.size() && starts_with(item, key)) return true;
    if (item.size() == 1 && key.size() == 1 && item[0].what == sql_piece::kind::whole_table &&
        key[0].what == sql_piece::kind::column &&
        item[0].source->signature == key[0].source->signature)
      return true;
  }
  return false;
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
