// hewn/query/expressions/embedded_column.hpp - a field that is a struct of columns, in queries.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>

#include <cstddef>
#include <string_view>

namespace hewn {

template <auto Member, class Source = member_record<Member>>
struct column;

namespace detail {

template <class V>
consteval void refuse_columns_as_value() {
  static_assert(sizeof(V) == 0,
                "hewn: this field is a struct with columns of its own and no value that is "
                "compared or set; name one, as in col<&T::field, &part::member>");
}

/// Whether all columns of a struct are NULL, as where an optional one is missing.
template <bool Negated, class Columns>
struct columns_null_test : expression_base {
  using value = bool;
  static constexpr bool is_condition = true;

  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    out.text("(");
    for (std::size_t i = 0; i != Columns::size; ++i) {
      if (i != 0) out.text(Negated ? " OR " : " AND ");
      Columns::write_column(out, i);
      out.text(Negated ? " IS NOT NULL" : " IS NULL");
    }
    out.text(")");
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

}  // namespace detail

/// All columns of a field that is a struct, for select(), where they are one field of the result.
template <auto Member, class Source>
requires detail::is_embedded<member_type<Member>>
struct column<Member, Source> : detail::expression_base {
  using record = member_record<Member>;
  using field = member_type<Member>;
  using source = Source;
  using entity = detail::unwrapped<field>;
  static constexpr auto member = Member;
  static constexpr std::size_t size = detail::count_columns<field>();

  template <class... Sources>
  static constexpr bool nullable = detail::is_optional<field> ||
                                   (detail::is_missing<Source, Sources> || ...);

  static constexpr void write_column(detail::piece_recorder& out, std::size_t i) {
    out.column(detail::source_of<Source>, detail::column_index<Member> + i);
  }

  static constexpr void write_pieces(detail::piece_recorder& out) {
    for (std::size_t i = 0; i != size; ++i) {
      if (i != 0) out.text(detail::between_columns);
      write_column(out, i);
    }
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}

  /// Whether all of its columns are NULL.
  constexpr auto is_null() const { return detail::columns_null_test<false, column>(); }
  constexpr auto is_not_null() const { return detail::columns_null_test<true, column>(); }

  template <class V>
  constexpr detail::refused_assignment operator=(V&&) const {
    return detail::refuse_columns_as_value<V>(), detail::refused_assignment();
  }
  template <class V>
  friend constexpr auto operator==(const column& c, const V&) {
    return detail::refuse_columns_as_value<V>(), c.is_null();
  }
  template <class V>
  friend constexpr auto operator!=(const column& c, const V&) {
    return detail::refuse_columns_as_value<V>(), c.is_null();
  }
};

}  // namespace hewn
