// hewn/query/plan/locked_tables.hpp - the tables of a query of which a row may be locked.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/table_info.hpp>

#include <span>
#include <vector>

namespace hewn::detail {

/// Which tables are on the far side of an outer join.
HEWN_RARE HEWN_API std::vector<query_id> missing_tables(std::span<const query_step* const> steps);

/// The tables that for_update() or for_share() names, or all of which every row has one. Throws:
/// usage where one of them is none, or nothing is left.
HEWN_RARE HEWN_API std::vector<const source_ref*> locked_tables(
    std::span<const query_step* const> steps);

/// One of them, which stands for all on databases with one lock. Throws: as locked_tables.
HEWN_RARE HEWN_API const table_info& first_locked_table(std::span<const query_step* const> steps);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>

namespace hewn::detail {

HEWN_API std::vector<query_id> missing_tables(std::span<const query_step* const> steps) {
  using word = query_word;
  std::vector<query_id> before, missing;
  each_part(steps, [&](const query_part& part) {
    if (part.word < word::from || part.word > word::cross_join) return;
    if (part.word == word::right_join || part.word == word::full_join) missing = before;
    before.push_back(part.source->id);
    if (part.word == word::left_join || part.word == word::full_join)
      missing.push_back(part.source->id);
  });
  return missing;
}

HEWN_API std::vector<const source_ref*> locked_tables(std::span<const query_step* const> steps) {
  using word = query_word;
  std::vector<query_id> no_table = missing_tables(steps);
  each_part(steps, [&](const query_part& part) {
    if (part.word == word::with || part.word == word::with_recursive)
      no_table.push_back(part.source->id);
  });
  std::vector<const source_ref*> read, named;
  each_part(steps, [&](const query_part& part) {
    if (part.word >= word::from && part.word <= word::cross_join &&
        !is_one_of(part.source->id, no_table))
      read.push_back(part.source);
    if ((part.word == word::for_update || part.word == word::for_share) && part.source != nullptr)
      named.push_back(part.source);
  });
  bool tables = !read.empty();
  for (const source_ref* each : named) tables = tables && !is_one_of(each->id, no_table);
  if (!tables)
    throw error(errc::usage,
                "hewn: the rows to be locked are of a query that stands for a table, and cannot "
                "be; lock those of the tables that it reads, by a query of its own");
  return named.empty() ? read : named;
}

HEWN_API const table_info& first_locked_table(std::span<const query_step* const> steps) {
  using word = query_word;
  const source_ref* read = nullptr;
  const source_ref* named = nullptr;
  bool other_queries = false;
  each_part(steps, [&](const query_part& part) {
    if (part.word == word::from && read == nullptr) read = part.source;
    if ((part.word == word::for_update || part.word == word::for_share) && named == nullptr)
      named = part.source;
    other_queries |= part.word == word::with || part.word == word::with_recursive;
  });
  if (other_queries) read = locked_tables(steps).front();
  return (named != nullptr ? named : read)->table();
}

}  // namespace hewn::detail

#endif
