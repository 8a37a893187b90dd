// hewn/query/expressions/column.hpp - columns, as expressions and as what an update sets.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/arithmetic.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/embedded_column.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/in_list.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn {

/// A column of a table: `hewn::col<&agent::name>`. `Source` is the struct, or an alias of it.
template <auto Member, class Source>
struct column
    : detail::value_expression<column<Member, Source>, detail::unwrapped<member_type<Member>>> {
  using record = member_record<Member>;
  using field = member_type<Member>;
  using source = Source;
  static constexpr auto member = Member;

  /// Whether it can be NULL in a query of these tables.
  template <class... Sources>
  static constexpr bool nullable = detail::is_optional<field> ||
                                   (detail::is_missing<Source, Sources> || ...);

  static constexpr void write_pieces(detail::piece_recorder& out) {
    out.column(detail::source_of<Source>, detail::column_index<Member>);
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}

  /// Of a column with a list: whether the value is one of its elements. NULL where the list is, and
  /// where it has a NULL among its elements and lacks the value.
  template <class V>
  constexpr auto contains(V&& v) const {
    constexpr bool is_list = is_array(column_type_of<field>());
    static_assert(is_list,
                  "hewn: contains() is for columns that hold a std::vector; use like() for text");
    if constexpr (is_list) {
      using element = typename codec<detail::unwrapped<field>>::list_element;
      auto right = detail::operand<element, detail::operand_use::compared>(std::forward<V>(v));
      return detail::element_test<column, decltype(right)>(*this, std::move(right));
    } else {
      return this->is_null();
    }
  }

  /// For update: `col<&task::state> = status::done`, or an expression of the same table. A value
  /// that the field cannot hold, such as 300 in an std::int8_t, is refused by the update with
  /// invalid_data. A real number becomes the nearest that the field has; a point in time that is
  /// finer than the field is rounded down, so that the clock's can be assigned.
  template <class V>
  constexpr auto operator=(V&& v) const {
    if constexpr (std::same_as<std::remove_cvref_t<V>, std::nullopt_t>) {
      static_assert(detail::is_optional<field>,
                    "hewn: this column takes no NULL; make the field an std::optional");
      return detail::assignment<Member, detail::bound<std::optional<std::int64_t>>>{
          detail::bound(std::optional<std::int64_t>())};
    } else if constexpr (detail::is_optional<std::remove_cvref_t<V>>) {
      static_assert(detail::is_optional<field>,
                    "hewn: this column takes no NULL; make the field an std::optional");
      if constexpr (detail::is_optional<field>) {
        auto right = detail::assigned_optional<field>(std::forward<V>(v));
        return detail::assignment<Member, decltype(right)>{std::move(right)};
      } else {
        return detail::assignment<Member, detail::bound<std::optional<std::int64_t>>>{
            detail::bound(std::optional<std::int64_t>())};
      }
    } else {
      auto right = detail::assigned<field>(std::forward<V>(v));
      return detail::assignment<Member, decltype(right)>{std::move(right)};
    }
  }
};

namespace detail {

/// Whether a field that is no hewn::ref holds keys of the table of `T`.
template <auto Member, class T>
consteval bool holds_key_of() {
  using record = member_record<Member>;
  constexpr std::size_t field = column_index<Member>;
  if constexpr (std::same_as<record, T>) {
    // By its name first: what stands in a declaration cannot ask it for the key.
    if constexpr (field_names<T>[field_of_column<T, field>()] == "id")
      return true;
    else if constexpr (key_of_table<T>.size() == 1)
      return key_of_table<T>[0] == field;
    else
      return false;
  } else {
    for (const clause& c : table_of<record>.clauses)
      if (c.kind == clause_kind::reference && c.column_count == 1 && c.columns[0] == field &&
          c.target_type == signature_of<T>())
        return c.target_columns[0] == key_of_table<T>[0];
    return false;
  }
}

template <auto Member, class Source, class T>
inline constexpr bool may_hold_key<column<Member, Source>, T> = holds_key_of<Member, T>();

}  // namespace detail

/// The column of a field, for conditions, assignments and declarations. Of a field that is a struct
/// the members follow: `col<&customer::home, &address::city>`.
template <auto Member, auto... Inner>
inline constexpr column<detail::join_members<Member, Inner...>()> col{};
template <auto Member>
inline constexpr column<Member> col<Member>{};

/// An order by one column, for order_by() and for the parts of an index.
template <auto Member, bool Descending, detail::null_place Nulls = detail::null_place::smallest>
struct ordering {
  static_assert(detail::explain_one_column<member_type<Member>>() || true);

  using record = member_record<Member>;
  static constexpr auto member = Member;
  static constexpr bool is_descending = Descending;
  static constexpr auto nulls = Nulls;
  static constexpr column<Member> expression{};
};

template <auto Member, auto... Inner>
inline constexpr ordering<detail::join_members<Member, Inner...>(), false> asc{};
template <auto Member>
inline constexpr ordering<Member, false> asc<Member>{};

template <auto Member, auto... Inner>
inline constexpr ordering<detail::join_members<Member, Inner...>(), true> desc{};
template <auto Member>
inline constexpr ordering<Member, true> desc<Member>{};

}  // namespace hewn
