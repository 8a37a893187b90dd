// hewn/query/expressions/excluded.hpp - the row that an upsert could not insert, as expressions.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>

#include <utility>

namespace hewn {
namespace detail {

/// The row that was to be inserted, as a table of the statement.
template <class T>
using excluded_row = alias<T, "excluded">;

}  // namespace detail

/// A value of the row that was to be inserted: see `hewn::excluded`.
template <auto Member>
struct excluded_value
    : detail::value_expression<excluded_value<Member>, detail::unwrapped<member_type<Member>>> {
  using record = member_record<Member>;
  using field = member_type<Member>;

  template <class...>
  static constexpr bool nullable = detail::is_optional<field>;

  static constexpr void write_pieces(detail::piece_recorder& out) {
    out.column(detail::source_of<detail::excluded_row<record>>, detail::column_index<Member>);
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}

  template <class V>
  void operator=(V&&) const {
    static_assert(sizeof(V) == 0,
                  "hewn: hewn::excluded<> is a value of the row that was not inserted and cannot "
                  "be set; set col<&T::field>");
  }
};

/// In hewn::set() of an upsert: the value of this field in the row that was to be inserted, where
/// `col` is that of the row which is there.
template <auto Member, auto... Inner>
inline constexpr excluded_value<detail::join_members<Member, Inner...>()> excluded{};

namespace detail {

template <auto Member>
constexpr auto as_assignment(excluded_value<Member> e) {
  return assignment<Member, excluded_value<Member>>{e};
}
template <class A>
constexpr auto as_assignment(A a) {
  return a;
}

}  // namespace detail
}  // namespace hewn
