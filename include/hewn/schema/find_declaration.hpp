// hewn/schema/find_declaration.hpp - where a struct has the declaration of its table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/fwd.hpp>
#include <hewn/reflect/type_name.hpp>
#include <hewn/schema/table_declaration.hpp>

#include <cstdint>
#include <type_traits>

namespace hewn::detail {

template <class T>
concept has_table_member = requires {
  T::table();
};

/// A function of one row declares no table.
template <class T>
concept has_table_of_row = !has_table_member<T> && requires(const T& row) {
  row.table();
};

/// Whether the compiler can run table(). The address of a consteval function, as nearly every one
/// is, cannot be taken here, so that the declaration is not made once more to find out.
template <class T>
concept runs_table_later = has_table_member<T> && requires {
  &T::table;
} && !requires {
  typename std::bool_constant<(T::table(), true)>;
};

template <class T>
concept has_table_function = requires {
  hewn_table(type<T>{});
};

enum class declared_by : std::uint8_t {
  nothing,
  member,
  function,
  row,
  run_time,
  other_type,
  value
};

/// A static member that is no function; a field may have the name.
template <class T>
concept has_table_value = !std::is_member_pointer_v<decltype(&T::table)> && requires {
  T::table.table_name();
};

template <class T>
consteval declared_by find_declaration() {
  if constexpr (has_table_of_row<T>)
    return declared_by::row;
  else if constexpr (runs_table_later<T>)
    return declared_by::run_time;
  else if constexpr (has_table_member<T>)
    return std::is_same_v<decltype(T::table()), table_spec> ? declared_by::member
                                                            : declared_by::other_type;
  else if constexpr (has_table_function<T>)
    return std::is_same_v<decltype(hewn_table(type<T>{})), table_spec> ? declared_by::function
                                                                       : declared_by::other_type;
  else if constexpr (has_table_value<T>)
    return declared_by::value;
  else
    return declared_by::nothing;
}

template <class T>
inline constexpr declared_by declaration_of = find_declaration<T>();

template <class T>
consteval bool explain_declaration() {
  constexpr declared_by by = declaration_of<T>;
  static_assert(by != declared_by::row,
                "hewn: table() of this struct is not static, so it says nothing of the table; "
                "write static consteval auto table()");
  static_assert(by != declared_by::run_time,
                "hewn: the compiler cannot run table() of this struct; write static consteval auto "
                "table(), and let it return hewn::table()...");
  static_assert(by != declared_by::other_type,
                "hewn: table() of this struct returns no declaration; write return "
                "hewn::table()... in it");
  static_assert(by != declared_by::value,
                "hewn: table of this struct is a value, so it says nothing of the table; write "
                "static consteval auto table() { return hewn::table()...; }");
  return by < declared_by::row;
}

// Without its declaration it is a table all the same, so that nothing else is complained of.
template <class T>
consteval table_spec make_spec() {
  table_spec spec = [] {
    if constexpr (declaration_of<T> == declared_by::member)
      return T::table();
    else if constexpr (declaration_of<T> == declared_by::function)
      return hewn_table(type<T>{});
    else
      return hewn::table();
  }();
  if (spec.table_name().empty()) spec.rename(type_name<T>());
  return spec;
}

template <class T>
inline constexpr table_spec spec_of = make_spec<T>();

}  // namespace hewn::detail
