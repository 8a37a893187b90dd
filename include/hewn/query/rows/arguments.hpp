// hewn/query/rows/arguments.hpp - what the verbs that write take.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/schema/embedded.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// A key with the line of the call, for verbs whose last parameters are a pack.
template <class Key>
struct located {
  Key value;
  call_site site;

  // Takes a struct in braces.
  located(const Key& key,
          call_site where = call_site::current()) requires(std::is_class_v<Key> &&
                                                           !built_in<unwrapped<Key>> &&
                                                           !time_field<unwrapped<Key>> &&
                                                           key_values<Key> == 1)
      : value(key), site(where) {}

  // A template, so that "name" becomes an std::string on the way.
  template <std::convertible_to<Key> K>
  requires(std::same_as<std::remove_cvref_t<K>, Key> || !loose_key<std::remove_cvref_t<K>, Key>)
      located(K&& key, call_site where = call_site::current())
      : value(std::forward<K>(key)), site(where) {}

  // The elements of a key of bytes in the braces of the call.
  template <class E>
  requires elements_of<Key, E> located(std::initializer_list<E> elements,
                                       call_site where = call_site::current())
      : value(elements.begin(), elements.end()), site(where) {}
};

/// The same of a key that is given as values of other types.
template <class Key>
struct given_and_located {
  given_key<Key> held;
  call_site site;

  template <class K>
  requires(loose_key<K, Key> && !std::same_as<K, Key>)
      given_and_located(const K& key, call_site where = call_site::current())
      : held(hold_key<Key>(key)), site(where) {}

  // The values of a composite key in the braces of the call, as get() takes them.
  template <class A, class B>
  requires(std::constructible_from<given_key<Key>, const A&, const B&>)
      given_and_located(const A& a, const B& b, call_site where = call_site::current())
      : held(a, b), site(where) {}
  template <class A, class B, class C>
  requires(std::constructible_from<given_key<Key>, const A&, const B&, const C&>)
      given_and_located(const A& a, const B& b, const C& c, call_site where = call_site::current())
      : held(a, b, c), site(where) {}
};

template <class Range>
concept range_of_records = requires(Range& r) {
  r.begin();
  r.end();
  requires std::is_class_v<std::remove_cvref_t<decltype(*r.begin())>>;
};

template <class Range>
consteval bool explain_range() {
  constexpr bool range = range_of_records<Range>;
  static_assert(range,
                "hewn: this verb takes a range of rows, as a std::vector of them or rows in "
                "braces; for one row say insert(), update(), upsert() or remove()");
  return range;
}

/// Rows that stay where they are and may be changed there.
template <class Reference>
inline constexpr bool is_completable =
    std::is_lvalue_reference_v<Reference> && !std::is_const_v<std::remove_reference_t<Reference>>;

/// Whether what an iterator refers to may be gone when it has moved on.
template <class Iterator>
consteval bool is_single_pass() {
  if constexpr (requires { typename Iterator::iterator_concept; })
    return !std::is_base_of_v<std::forward_iterator_tag, typename Iterator::iterator_concept>;
  else if constexpr (requires { typename Iterator::iterator_category; })
    return !std::is_base_of_v<std::forward_iterator_tag, typename Iterator::iterator_category>;
  else
    return false;
}

/// Ranges whose rows are completed in place.
template <class Range>
inline constexpr bool completes_rows =
    is_completable<decltype(*std::declval<Range&>().begin())> &&
    !is_single_pass<std::remove_cvref_t<decltype(std::declval<Range&>().begin())>>();

/// A row as the verbs of a batch take it: by its address where it is to be completed.
template <class T>
T* in_place(T& row) noexcept {
  return &row;
}
template <class T>
const T& in_place(const T& row) noexcept {
  return row;
}

template <class T>
consteval bool explain_insertable() {
  if constexpr (explain_table<T>())
    return explain_generator<T>();
  else
    return false;
}

/// Of which rows a unique index counts as one: upsert() can name one of some rows, which find_by()
/// cannot use.
enum class unique_rows : std::uint8_t { some, all };

/// Whether no two rows of the table have the same values in these fields.
constexpr bool are_unique(const table_info& table, std::span<const std::size_t> fields,
                          unique_rows rows = unique_rows::some) {
  const auto names_all = [fields](const auto& columns, std::size_t count) {
    std::size_t named = 0;
    for (const std::size_t field : fields)
      for (std::size_t i = 0; i != count; ++i) named += columns[i] == field ? 1u : 0u;
    return named == count && count == fields.size();
  };
  if (names_all(table.key, table.key.size())) return true;
  for (const clause& c : table.clauses)
    if ((c.kind == clause_kind::unique || (c.kind == clause_kind::index && c.unique)) &&
        (rows == unique_rows::some || c.where.size == 0) && names_all(c.columns, c.column_count))
      return true;
  return false;
}

/// What upsert() asks of its row and fields.
template <class T, auto... Members>
consteval bool explain_upsert() {
  if constexpr (!explain_insertable<T>() || !explain_key<T>()) {
    return false;
  } else if constexpr (sizeof...(Members) == 0) {
    return true;
  } else {
    constexpr bool own_fields = (std::same_as<member_record<Members>, T> && ...);
    static_assert(own_fields,
                  "hewn: upsert<> names a field of another struct; name unique fields of the row");
    if constexpr (own_fields) {
      constexpr std::size_t fields[] = {one_column<Members>()...};
      constexpr bool unique = are_unique(table_of<T>, fields);
      static_assert(unique,
                    "hewn: upsert<> names fields that table() declares neither as the key nor "
                    "unique together; declare unique<...>() of them, or name others");
      return unique;
    }
    return false;
  }
}

/// What update() by a query asks of it.
template <class Query, std::size_t Columns>
consteval bool explain_update() {
  static_assert(Columns > 0, "hewn: update() needs at least one col<&T::field> = value");
  static_assert(Query::has_condition,
                "hewn: update() without where() would change every row; say update_all<T>() if "
                "that is meant");
  static_assert(!Query::is_limited, "hewn: update() cannot take limit() or offset()");
  return true;
}

/// What remove() by a query asks of it.
template <class Query>
consteval bool explain_remove() {
  static_assert(Query::has_condition,
                "hewn: remove() without where() would remove every row; say remove_all<T>() if "
                "that is meant");
  static_assert(!Query::is_limited, "hewn: remove() cannot take limit() or offset()");
  return true;
}

}  // namespace hewn::detail
