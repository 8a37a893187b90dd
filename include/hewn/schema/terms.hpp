// hewn/schema/terms.hpp - the words of a declaration that are no columns.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace hewn {

/// What becomes of a referencing row when the referenced one is deleted.
enum class on_delete : std::uint8_t { no_action, restrict, cascade, set_null, set_default };

/// What becomes of a referencing row when the referenced key changes.
enum class on_update : std::uint8_t { no_action, restrict, cascade, set_null, set_default };

/// When the database computes a generated column.
enum class compute : std::uint8_t { stored, on_read };

namespace detail {

struct current_time;  // hewn/query/functions/time.hpp

/// What now() is without its header, which has been told: nothing more is said of it.
struct missing_time {};

}  // namespace detail

/// The value of the clock when the row is inserted, as the default of a timestamp column.
struct current_timestamp {
  /// In a query, `hewn::now()`: the time of the database's clock. SQLite: that of the statement, in
  /// milliseconds. PostgreSQL: that of the start of the transaction, in microseconds.
  template <class Time = detail::current_time>
  constexpr auto operator()() const {
    constexpr bool included = requires { sizeof(Time); };
    static_assert(included,
                  "hewn: now() in a query needs its header; include <hewn/functions.hpp>");
    if constexpr (included)
      return Time();
    else
      return detail::missing_time();
  }
};
inline constexpr current_timestamp now{};

/// `created<&T::f>(hewn::in_database)`, `updated<&T::f>(hewn::in_database)`: the database stores
/// the time where nobody gives it.
struct database_clock {};
inline constexpr database_clock in_database{};

/// A list without elements, as the default of a column that holds a std::vector.
struct empty_list {
  template <class Writer>
  constexpr void write(Writer& out) const {
    out.empty_list();
  }
};
inline constexpr empty_list empty{};

/// SQL text that hewn takes as it is: `hewn::raw("lower(name)")`.
struct raw {
  std::string_view text;

  explicit constexpr raw(std::string_view sql) : text(sql) {}

  template <class Writer>
  constexpr void write(Writer& out) const {
    out.text(text);
  }
};

/// The name of an index or key, where the generated one will not do.
struct name {
  std::string_view text;

  explicit constexpr name(std::string_view wanted) : text(wanted) {}
};

namespace detail {

template <class Condition>
struct where_option {
  Condition condition;
};

}  // namespace detail

/// The rows that a partial index covers.
template <class Condition>
constexpr auto where(const Condition& condition) {
  if constexpr (std::is_convertible_v<const Condition&, std::string_view>)
    return detail::where_option<raw>{raw(condition)};
  else
    return detail::where_option<Condition>{condition};
}

}  // namespace hewn
