// hewn/query/expressions/alias.hpp - a table under another name.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/fixed_string.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <type_traits>

namespace hewn {
namespace detail {

template <class T, auto Member>
consteval bool explain_alias_column() {
  constexpr bool own = std::is_same_v<member_record<Member>, T>;
  static_assert(own, "hewn: an alias has the columns of its own table; name a field of its struct");
  return own;
}

// A column whether or not, so that one mistake is one error.
template <class T, auto Member, class Alias>
using column_of_alias = std::conditional_t<explain_alias_column<T, Member>(), column<Member, Alias>,
                                           column<Member, Alias>>;

}  // namespace detail

/// Another occurrence of the table of `T` in one query, for self-joins:
///
///     using boss = hewn::alias<agent, "boss">;
///     hewn::from<agent>.left_join<boss>(col<&agent::boss_id> == boss::col<&agent::id>)
template <class T, fixed_string Name>
struct alias {
  using record = T;
  static constexpr std::string_view name = Name.view();

  /// A column of this occurrence.
  template <auto Member, auto... Inner>
  static constexpr detail::column_of_alias<T, detail::join_members<Member, Inner...>(), alias>
      col{};
};

namespace detail {

template <class S>
struct source_record {
  using type = S;
};
template <class T, fixed_string Name>
struct source_record<alias<T, Name>> {
  using type = T;
};

template <class S>
inline constexpr bool is_alias = false;
template <class T, fixed_string Name>
inline constexpr bool is_alias<alias<T, Name>> = true;

/// The struct of a table or of an alias.
template <class S>
using record_of_source = typename source_record<S>::type;

template <class T, fixed_string Name>
inline constexpr source_ref source_of<alias<T, Name>>{mix(0, signature_of<alias<T, Name>>()),
                                                      signature_of<alias<T, Name>>(),
                                                      &table_info_of<T>, Name.view()};

}  // namespace detail
}  // namespace hewn
