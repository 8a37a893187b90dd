// hewn/query/plan/whole_order.hpp - the order of a query, up to its last key.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/pieces/sql_writer.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// The order of a query, with what makes it the same each time behind it: the grouped expressions,
/// or the keys of the tables.
struct whole_order {
  std::vector<sort_term> terms;
  std::size_t written = 0;  // how many of them order_by() has written
  bool total = true;        // false: rows may be alike in it

  whole_order(std::span<const query_step* const> steps, const std::vector<sort_term>* chosen);
  whole_order(const whole_order&) = delete;

 private:
  std::vector<sql_piece> keys_;  // that terms refer to
};

HEWN_RARE HEWN_API void write_sort(sql_writer& out, const sort_term& term);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/query/plan/group_check.hpp>

#  include <cstdint>

namespace hewn::detail {

HEWN_API void write_sort(sql_writer& out, const sort_term& term) {
  out.write(term.pieces);
  out.text(order_suffix(out.dialect, term.descending, term.nulls, term.null));
}

/// What a query says of its rows, for the end of its order.
struct order_reader {
  struct read_source {
    const source_ref* source;
    bool missing;  // a row may have none of it
  };

  std::vector<read_source> sources;
  std::vector<std::span<const sql_piece>> groups;
  std::vector<std::string_view> queries;  // that stand for tables
  bool distinct = false;
  bool aggregated = false;
  bool combined = false;  // by a set operation

  explicit order_reader(std::span<const query_step* const> steps) {
    each_part(steps, [this](const query_part& part) { read(part); });
  }

  void read(const query_part& part) {
    using word = query_word;
    distinct |= part.word == word::distinct;
    combined |= part.word == word::operand;
    if (part.word == word::with || part.word == word::with_recursive)
      queries.push_back(part.source->table().name);
    aggregated |= part.word == word::value && has_aggregate(part.pieces);
    if (part.word == word::group_by) groups.push_back(part.pieces);
    if (part.word < word::from || part.word > word::cross_join) return;
    const bool keeps_new = part.word == word::right_join || part.word == word::full_join;
    const bool keeps_old = part.word == word::left_join || part.word == word::full_join;
    if (keeps_new)
      for (read_source& s : sources) s.missing = true;
    sources.push_back({part.source, keeps_old});
  }

  bool is_query(const table_info& table) const {
    for (const std::string_view name : queries)
      if (name == table.name) return true;
    return false;
  }

  bool is_missing(const source_ref& source) const {
    for (const read_source& s : sources)
      if (s.missing && s.source->id == source.id) return true;
    return false;
  }

  bool is_nullable(std::span<const sql_piece> pieces) const {
    for (const sql_piece& p : pieces)
      if (p.what == sql_piece::kind::column &&
          (pieces.size() == 1 ? p.source->table().columns[p.field].nullable || is_missing(*p.source)
                              : true))
        return true;
    return false;
  }
};

HEWN_API whole_order::whole_order(std::span<const query_step* const> steps,
                                  const std::vector<sort_term>* chosen) {
  each_part(steps, [this](const query_part& part) {
    if (part.is_sorted) terms.push_back({part.way, part.pieces});
  });
  written = terms.size();
  if (chosen != nullptr) terms.insert(terms.end(), chosen->begin(), chosen->end());
  const order_reader reader(steps);
  for (sort_term& term : terms)
    for (const sql_piece& p : term.pieces)
      term.null |= p.what == sql_piece::kind::column && reader.is_missing(*p.source);
  const auto add = [this, &reader](std::span<const sql_piece> pieces) {
    for (const sort_term& t : terms)
      if (are_same(t.pieces, pieces)) return;
    // In the direction of what comes before, so that an index of all has the order.
    const bool descending = !terms.empty() && terms.back().descending;
    sort_term& term = terms.emplace_back(sort_term{{descending}, pieces});
    term.null = reader.is_nullable(pieces);
    if (pieces.size() != 1 || pieces[0].what != sql_piece::kind::column) return;
    term.has_type = true;
    term.type = pieces[0].source->table().columns[pieces[0].field].type;
  };
  // Of one row in all, and of rows that are alike, there is nothing more to say.
  if (reader.distinct || reader.combined || (reader.aggregated && reader.groups.empty())) {
    total = !reader.distinct && !reader.combined;
  } else if (!reader.groups.empty()) {
    for (const auto& group : reader.groups) {
      bool constant = true;
      for (const sql_piece& p : group) constant &= !is_value(p) && p.what != sql_piece::kind::list;
      if (constant) add(group);
      total &= constant;
    }
  } else {
    std::size_t count = 0;
    for (const auto& s : reader.sources) count += s.source->table().key.size();
    keys_.reserve(count);
    for (const auto& s : reader.sources) {
      // What a query stands for has no key, whatever its struct says.
      const auto key = reader.is_query(s.source->table()) ? std::span<const std::uint8_t>()
                                                          : s.source->table().key;
      total &= !key.empty();
      for (const std::uint8_t field : key) {
        keys_.push_back({.what = sql_piece::kind::column, .field = field, .source = s.source});
        add({&keys_.back(), 1});
      }
    }
  }
}

}  // namespace hewn::detail

#endif
