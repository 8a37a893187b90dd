// hewn/query/select/lock_check.hpp - which rows a query over several tables may lock.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/select/sources.hpp>

#include <cstddef>
#include <type_traits>

namespace hewn::detail {

/// What one call of for_update() or its like adds to a query; without tables, a word alone.
template <query_word Word, class... Tables>
inline constexpr query_part lock_parts[] = {{Word, {}, &source_of<Tables>}...};
template <query_word Word>
inline constexpr query_part lock_parts<Word>[] = {{Word, {}, nullptr}};

template <query_word Word, class... Tables>
inline constexpr query_step lock_step{lock_parts<Word, Tables...>};

/// Whether every row of a query with these tables has one of this table.
template <class Table, class... S>
inline constexpr bool is_always_there =
    ((std::is_same_v<typename S::source, Table> && !is_outer<S> && !is_missing<Table, S>) || ...);

template <class Table, class... S>
inline constexpr bool is_read = ((std::is_same_v<typename S::source, Table> && !is_outer<S>) ||
                                 ...);

/// What for_update() and for_share() ask of the tables of their query, and of those that they name.
template <bool Again, class... Tables, class... S>
consteval bool explain_lock(source_list<S...>) {
  static_assert(!Again,
                "hewn: for_update() and for_share() stand once in a query; name the tables in one: "
                "for_update<T, U>()");
  constexpr bool read = Again || (is_read<Tables, S...> && ...);
  static_assert(read,
                "hewn: for_update<> and for_share<> name a table that the query does not read; "
                "join it first, and name it by its alias where it has one");
  constexpr bool there =
      !read || Again ||
      (sizeof...(Tables) != 0 ? (is_always_there<Tables, S...> && ...)
                              : (is_always_there<typename S::source, S...> || ...));
  static_assert(there,
                "hewn: a table on the far side of an outer join may have no row to lock; join it "
                "by join(), or lock its rows by a query of its own");
  return !Again && read && there;
}

/// What skip_locked() and no_wait() ask of their query.
template <bool Locked, bool Again>
consteval bool explain_passing() {
  static_assert(Locked,
                "hewn: skip_locked() and no_wait() say what becomes of rows that others have "
                "locked; write for_update() or for_share() before them");
  static_assert(!Again, "hewn: skip_locked() and no_wait() exclude each other; leave one out");
  return Locked && !Again;
}

template <class Table>
consteval void refuse_late_join() {
  static_assert(sizeof(source_of<Table>) == 0,
                "hewn: for_update() and for_share() lock rows of the tables before them; write "
                "them behind the joins");
}

template <class... E>
consteval void refuse_late_lock() {
  static_assert(sizeof...(E) == ~std::size_t{0},
                "hewn: select() ends a query; write for_update() and its like before it");
}

}  // namespace hewn::detail
