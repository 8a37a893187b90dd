// hewn/query/select/sources.hpp - the tables of a query, as far as its type tells.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/plan/group_check.hpp>
#include <hewn/query/select/table_query.hpp>

#include <array>
#include <string_view>

namespace hewn::detail {

/// A table of the query around this one, which it may name and does not read.
template <class Source>
struct outer_source {
  using source = Source;
};

template <class Joined>
inline constexpr bool is_outer = false;
template <class Source>
inline constexpr bool is_outer<outer_source<Source>> = true;

template <class... S>
struct source_list {
  static constexpr std::array<checked_source, sizeof...(S)> all{
      checked_source{source_of<typename S::source>.id,
                     table_of<record_of_source<typename S::source>>.key, is_outer<S>}...};
};

template <class First, class Second>
struct sources_of_both;
template <class... S, class... T>
struct sources_of_both<source_list<S...>, source_list<T...>> {
  using type = source_list<S..., T...>;
};
template <class First, class Second>
using joined_sources = typename sources_of_both<First, Second>::type;

/// What the text of a query takes from a table. Two files, or two functions, may each have a struct
/// of one name, whose tables are not the same.
template <class T>
inline constexpr query_id table_id = [] {
  query_id id = mix(0, table_of<T>.name);
  for (const column_info& c : table_of<T>.columns) {
    id = mix(id, c.name);
    // Casts follow from the type, and what may stand beside groups from the key.
    id = mix(id, 4 * static_cast<query_id>(c.type) + (c.nullable ? 2 : 0) + (c.key ? 1 : 0));
  }
  id = mix(id, static_cast<query_id>(table_of<T>.soft_delete + 1));
  return table_of<T>.has_tenant() ? mix(id, static_cast<query_id>(table_of<T>.tenant)) : id;
}();

constexpr query_id mix_all(query_id id) { return id; }
template <class... More>
constexpr query_id mix_all(query_id id, query_id first, More... more) {
  return mix_all(mix(id, first), more...);
}

/// The name by which a query calls a table.
template <class Source>
consteval std::string_view name_of_source() {
  constexpr std::string_view alias = source_of<Source>.alias;
  if constexpr (is_alias<Source>)
    return alias;
  else
    return table_of<Source>.name;
}

template <class Source, class... S>
consteval bool explain_new_source() {
  constexpr std::string_view name = name_of_source<Source>();
  constexpr bool is_new = !name.empty() && ((name != name_of_source<typename S::source>()) && ...);
  static_assert(is_new,
                "hewn: the query has a table of this name already; join it by a hewn::alias<T, "
                "\"name\"> with a name of its own");
  return is_new;
}

/// Whether an expression names the tables of the query alone.
template <class E, class... S>
consteval bool is_known() {
  if constexpr (is_dynamic<E>())
    return E::template within<typename S::source...>();
  else
    return names_only(pieces_of<E>, ids_of<typename S::source...>);
}

// `E` is there to be printed.
template <class E, class... S>
consteval bool explain_joined_expression() {
  constexpr bool known = is_known<E, S...>();
  static_assert(known,
                "hewn: the query does not read the table of a column that it names; join that "
                "table first, by its alias where it has one");
  return known;
}

}  // namespace hewn::detail
