// hewn/query/pieces/sql_piece.hpp - an expression as plain data: stretches of SQL, one by one.
// SPDX-License-Identifier: BSL-1.0
//
// What an expression is as SQL follows from its type, so it is a constant array; its values are
// bound beside it in the same order. Checks, rendering and conditions that are put together at run
// time are ordinary functions over pieces, whatever was written.
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/clause.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hewn::detail {

struct sql_writer;
struct query_part;

/// Identifies the text of a query: the mix of everything that it follows from.
using query_id = std::uint64_t;

/// What one call adds to a query.
using query_step = std::span<const query_part>;

/// A query inside another, as far as its type tells. Its steps and values are kept by the query
/// around it.
struct inner_query {
  query_id id;
  std::size_t steps;
  std::size_t values;
  std::size_t texts;                // of the values, those that are kept
  std::span<const query_id> outer;  // the tables outside that it names
  void (*write)(sql_writer& out, std::span<const query_step* const> steps);
};

/// The elements of a span by plain pointers. A compiler evaluates every step of a span's own
/// iterators as three calls.
template <class T>
struct plain_range {
  const T* first;
  const T* last;

  constexpr const T* begin() const { return first; }
  constexpr const T* end() const { return last; }
};

template <class T>
constexpr plain_range<T> each_of(std::span<const T> all) {
  return {all.data(), all.data() + all.size()};
}

constexpr query_id mix(query_id id, query_id more) {
  id ^= more + 0x9e3779b97f4a7c15u + (id << 6) + (id >> 2);
  return id * 0xff51afd7ed558ccdu;
}

constexpr query_id mix(query_id id, std::string_view text) {
  for (const char c : text) id = (id ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix(id, text.size());
}

/// A table that a query reads, by the struct that stands for it, or a query inside another.
struct source_ref {
  query_id id;  // of its signature, because comparing texts takes the compiler its time
  std::string_view signature;  // see signature_of
  const table_info& (*table)();
  std::string_view alias{};            // empty: it goes by the table's own name
  const inner_query* query = nullptr;  // of a piece that is a query
};

template <class T>
inline constexpr source_ref source_of{mix(0, signature_of<T>()), signature_of<T>(),
                                      &table_info_of<T>};

struct sql_piece {
  enum class kind : std::uint8_t {
    text,
    column,
    whole_table,     // all columns of one
    query,           // a query inside this one
    group,           // a grouped expression, said again
    value,           // a place for one
    kept_value,      // the same of one that the query must keep as text
    row_limit,       // the place for how many rows a recursive query may have
    list,            // a place for an IN list, kept too
    same,            // equality in which NULL equals NULL
    differs,         // its opposite
    begin_elements,  // what stands around a column whose elements are compared
    end_elements,
    sqlite,           // text for this database alone
    postgres,         // text for this database alone
    postgres_query,   // the same, which a declaration does without
    begin_aggregate,  // what stands here is one value of many rows
    end_aggregate,
    end_count,     // the same of one that is never NULL
    begin_window,  // what stands here is computed of the rows around each
    end_window,
    lacks_window,    // a function that is nothing without one
    computed,        // what was named before is no column that the next value is compared with
    again,           // a place that is there already, `field` places back
    list_again,      // the same of a list
    query_again,     // the same of a query
    begin_sqlite,    // what follows, up to end_only, is for this database alone
    begin_postgres,  // likewise
    end_only
  };

  kind what = kind::text;
  std::uint8_t field = 0;
  std::string_view text{};  // operators and keywords: literals of the library
  const source_ref* source = nullptr;
};

/// Where NULLs stand in an order. By default they come before all values, and last when the order
/// descends, on every database.
enum class null_place : std::uint8_t { smallest, first, last };

/// What stands behind an expression of ORDER BY. `nullable`: it can be NULL, for which the
/// databases have other places.
constexpr std::string_view order_suffix(dialect d, bool descending, null_place nulls,
                                        bool nullable) {
  if (nulls == null_place::smallest) {
    if (d == dialect::sqlite || !nullable) return descending ? " DESC" : "";
    return descending ? " DESC NULLS LAST" : " NULLS FIRST";
  }
  if (nulls == null_place::first) return descending ? " DESC NULLS FIRST" : " NULLS FIRST";
  return descending ? " DESC NULLS LAST" : " NULLS LAST";
}

constexpr bool is_value(const sql_piece& p) {
  return p.what == sql_piece::kind::value || p.what == sql_piece::kind::kept_value ||
         p.what == sql_piece::kind::row_limit;
}

/// Whether it names a place that is there already.
constexpr bool names_place(const sql_piece& p) {
  return p.what == sql_piece::kind::again || p.what == sql_piece::kind::list_again ||
         p.what == sql_piece::kind::query_again;
}

/// Whether it begins or ends what one database alone gets.
constexpr bool is_part_of_database(const sql_piece& p) {
  return p.what == sql_piece::kind::begin_sqlite || p.what == sql_piece::kind::begin_postgres ||
         p.what == sql_piece::kind::end_only;
}

/// What stands between the columns of a struct that one item of select() names.
inline constexpr std::string_view between_columns = ", ";

/// Whether it is several columns of a table, one by one.
constexpr bool is_column_list(std::span<const sql_piece> pieces) {
  return pieces.size() > 1 && pieces[0].what == sql_piece::kind::column &&
         pieces[1].what == sql_piece::kind::text && pieces[1].text == between_columns;
}

/// How many values the query around it has for it.
constexpr std::size_t count_values(const sql_piece& p) {
  if (p.what == sql_piece::kind::query) return p.source->query->values;
  return is_value(p) || p.what == sql_piece::kind::list ? 1 : 0;
}

/// Whether it takes one value of many rows somewhere.
constexpr bool has_aggregate(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : each_of(pieces))
    if (p.what == sql_piece::kind::begin_aggregate) return true;
  return false;
}

constexpr bool names_column(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : each_of(pieces))
    if (p.what == sql_piece::kind::column) return true;
  return false;
}

/// Whether it is computed of the rows around each.
constexpr bool has_window(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : each_of(pieces))
    if (p.what == sql_piece::kind::begin_window || p.what == sql_piece::kind::lacks_window)
      return true;
  return false;
}

constexpr bool is_one_of(query_id source, std::span<const query_id> known) {
  for (const query_id k : each_of(known))
    if (source == k) return true;
  return false;
}

/// Whether every column is one of these structs' tables.
constexpr bool names_only(std::span<const sql_piece> pieces, std::span<const query_id> known) {
  for (const sql_piece& p : each_of(pieces)) {
    if (p.what == sql_piece::kind::column || p.what == sql_piece::kind::whole_table) {
      if (!is_one_of(p.source->id, known)) return false;
    } else if (p.what == sql_piece::kind::query) {
      for (const query_id outer : each_of(p.source->query->outer))
        if (!is_one_of(outer, known)) return false;
    }
  }
  return true;
}

/// Whether a query stands in it.
constexpr bool has_query(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : each_of(pieces))
    if (p.what == sql_piece::kind::query) return true;
  return false;
}

template <class... Tables>
inline constexpr std::array<query_id, sizeof...(Tables)> ids_of{source_of<Tables>.id...};

}  // namespace hewn::detail
