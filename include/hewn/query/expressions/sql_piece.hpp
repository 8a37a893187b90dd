// hewn/query/expressions/sql_piece.hpp - an expression as plain data: stretches of SQL, one by one.
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

/// A table that a query reads, by the struct that stands for it.
struct source_ref {
  std::string_view signature;  // see signature_of
  const table_info& (*table)();
  std::string_view alias{};  // empty: it goes by the table's own name
};

template <class T>
inline constexpr source_ref source_of{signature_of<T>(), &table_info_of<T>};

struct sql_piece {
  enum class kind : std::uint8_t {
    text,
    column,
    value,           // a place for one
    kept_value,      // the same of one that the query must keep as text
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
    end_window
  };

  kind what = kind::text;
  std::uint8_t field = 0;
  std::string_view text{};  // operators and keywords: literals of the library
  const source_ref* source = nullptr;
};

constexpr bool is_value(const sql_piece& p) {
  return p.what == sql_piece::kind::value || p.what == sql_piece::kind::kept_value;
}

/// Counts the pieces of an expression, and keeps them where there is room given for them.
struct piece_recorder {
  sql_piece* out = nullptr;
  std::size_t size = 0;

  constexpr void put(const sql_piece& t) {
    if (out != nullptr) out[size] = t;
    ++size;
  }
  constexpr void put(sql_piece::kind what) { put({.what = what}); }
  constexpr void text(std::string_view s) { put({.text = s}); }
  constexpr void only(dialect d, std::string_view s) {
    put({.what = d == dialect::sqlite ? sql_piece::kind::sqlite : sql_piece::kind::postgres,
         .text = s});
  }
  /// For PostgreSQL alone, and left out of declarations, where a change of the text would be one of
  /// the schema.
  constexpr void query_only(std::string_view s) {
    put({.what = sql_piece::kind::postgres_query, .text = s});
  }
  constexpr void column(const source_ref& source, std::size_t field) {
    put({.what = sql_piece::kind::column,
         .field = static_cast<std::uint8_t>(field),
         .source = &source});
  }
};

template <class E>
consteval std::size_t count_pieces() {
  piece_recorder counter;
  E::write_pieces(counter);
  return counter.size;
}

template <class E>
consteval auto record_pieces() {
  std::array<sql_piece, count_pieces<E>()> pieces{};
  piece_recorder recorder{pieces.data()};
  E::write_pieces(recorder);
  return pieces;
}

/// An expression whose type is its form, as SQL.
template <class E>
inline constexpr auto pieces_of = record_pieces<E>();

/// Whether it takes one value of many rows somewhere.
constexpr bool has_aggregate(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : pieces)
    if (p.what == sql_piece::kind::begin_aggregate) return true;
  return false;
}

/// Whether it is computed of the rows around each.
constexpr bool has_window(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : pieces)
    if (p.what == sql_piece::kind::begin_window) return true;
  return false;
}

/// Whether every column is one of these structs' tables.
constexpr bool names_only(std::span<const sql_piece> pieces,
                          std::span<const std::string_view> known) {
  for (const sql_piece& t : pieces) {
    if (t.what != sql_piece::kind::column) continue;
    bool found = false;
    for (const std::string_view signature : known) found |= signature == t.source->signature;
    if (!found) return false;
  }
  return true;
}

template <class... Tables>
inline constexpr std::array<std::string_view, sizeof...(Tables)> signatures_of{
    signature_of<Tables>()...};

/// The same of an expression's type.
template <class E, class... Tables>
consteval bool is_within() {
  if constexpr (requires { E::template within<Tables...>(); })
    return E::template within<Tables...>();
  else
    return names_only(pieces_of<E>, signatures_of<Tables...>);
}

}  // namespace hewn::detail
