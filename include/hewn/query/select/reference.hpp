// hewn/query/select/reference.hpp - the declared reference along which tables are joined.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// A declared reference between two tables of a query.
struct found_reference {
  std::size_t count = 0;  // how many there are; the rest is of the first
  std::size_t other = 0;  // the table of the query at its other end
  bool reversed = false;  // the other table refers to the new one
  std::size_t columns = 0;
  std::uint8_t own[max_clause_columns]{};  // of the table that refers
  std::uint8_t other_own[max_clause_columns]{};
};

/// Looks among the references of `from` for those to the struct with this signature.
constexpr void find_references(found_reference& found, const table_info& from,
                               std::string_view target, std::size_t other, bool reversed) {
  for (const clause& c : from.clauses) {
    if (c.kind != clause_kind::reference || c.target_type != target) continue;
    if (found.count++ != 0) continue;
    found.columns = c.column_count;
    found.other = other;
    found.reversed = reversed;
    for (std::size_t i = 0; i != found.columns; ++i) {
      found.own[i] = c.columns[i];
      found.other_own[i] = c.target_columns[i];
    }
  }
}

/// Between the table `New` and those before it, in either direction.
template <class New, class... Sources>
consteval found_reference find_reference() {
  using added = record_of_source<New>;
  found_reference found;
  std::size_t i = 0;
  // Of a table that refers to itself, either side may be meant.
  ((find_references(found, table_of<added>, signature_of<record_of_source<Sources>>(), i, false),
    find_references(found, table_of<record_of_source<Sources>>, signature_of<added>(), i, true),
    ++i),
   ...);
  return found;
}

template <class New, class... Sources>
inline constexpr found_reference reference_between = find_reference<New, Sources...>();

/// `ON` along the one reference that there is.
template <class New, class... Sources>
struct reference_condition : expression_base {
  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr const found_reference& found = reference_between<New, Sources...>;
    constexpr const source_ref* sources[] = {&source_of<Sources>...};
    const source_ref& other = *sources[found.other];
    for (std::size_t i = 0; i != found.columns; ++i) {
      if (i != 0) out.text(" AND ");
      out.column(found.reversed ? other : source_of<New>, found.own[i]);
      out.text(" = ");
      out.column(found.reversed ? source_of<New> : other, found.other_own[i]);
    }
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

template <auto... Fields>
struct referring_fields {
  static constexpr std::size_t size = sizeof...(Fields);
};

// `Fields` are there to be printed: the compiler names them in the line above the sentence.
template <class New, class Fields>
consteval bool explain_several_references() {
  static_assert(Fields::size == 0,
                "hewn: join<T>() finds several declared references between T and the tables "
                "before it; name the columns, as in join<T>(col<&T::a> == col<&U::b>)");
  return false;
}

/// The fields of a table that refer to the struct with this signature, as a list to be printed.
template <class From>
consteval std::size_t count_references(std::string_view target) {
  found_reference found;
  find_references(found, table_of<From>, target, 0, false);
  return found.count;
}

template <class From>
consteval std::size_t field_of_reference(std::string_view target, std::size_t number) {
  for (const clause& c : table_of<From>.clauses)
    if (c.kind == clause_kind::reference && c.target_type == target && number-- == 0)
      return c.columns[0];
  return 0;
}

template <class From, class To, std::size_t... I>
referring_fields<named_column<From, field_of_reference<From>(signature_of<To>(), I)>()...>
    list_references(std::index_sequence<I...>);

template <class New, class... Sources>
consteval bool explain_reference() {
  constexpr std::size_t count = reference_between<New, Sources...>.count;
  static_assert(count != 0,
                "hewn: join<T>() finds no declared reference between T and the tables before it; "
                "give the condition, as in join<T>(col<&T::a> == col<&U::b>)");
  if constexpr (count > 1) {
    using added = record_of_source<New>;
    using other = record_of_source<
        std::tuple_element_t<reference_between<New, Sources...>.other, std::tuple<Sources...>>>;
    using from = std::conditional_t<reference_between<New, Sources...>.reversed, other, added>;
    using to = std::conditional_t<reference_between<New, Sources...>.reversed, added, other>;
    return explain_several_references<
        New, decltype(list_references<from, to>(
                 std::make_index_sequence<count_references<from>(signature_of<to>())>()))>();
  }
  return count == 1;
}

}  // namespace hewn::detail
