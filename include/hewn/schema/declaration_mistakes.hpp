// hewn/schema/declaration_mistakes.hpp - what a declaration takes, and what is said of the rest.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace hewn::detail {

/// Whether a value of this type can be the default of the field. A text is what both databases read
/// times, UUIDs, JSON and labels from; SQLite would store it in a column of numbers as well.
template <class F, class Value>
consteval bool can_be_default() {
  constexpr column_type column = column_type_of<F>();
  if constexpr (std::is_same_v<Value, unwrapped<F>> || clause_text<Value>)
    return true;
  else if constexpr (is_ref<unwrapped<F>>)
    return false;
  else if constexpr (std::is_convertible_v<const Value&, std::string_view>)
    return column == column_type::text || column == column_type::instant ||
           column == column_type::day || column == column_type::uuid ||
           column == column_type::json_text;
  else if constexpr (std::is_same_v<Value, bool>)
    return column == column_type::boolean;
  else if constexpr (std::is_integral_v<Value>)
    return column == column_type::int16 || column == column_type::int32 ||
           column == column_type::int64 || column == column_type::real;
  else
    return std::is_floating_point_v<Value> && column == column_type::real;
}

/// Whether the field can say whose row it is. A view of text cannot be filled in.
template <class F>
consteval bool can_be_tenant() {
  constexpr column_type column = column_type_of<F>();
  return !is_optional<F> && !std::is_same_v<F, std::string_view> &&
         (column == column_type::int16 || column == column_type::int32 ||
          column == column_type::int64 || column == column_type::text ||
          column == column_type::uuid);
}

/// Whether it can be written into a declaration: SQL as text, or an expression over columns.
template <class Expression>
consteval bool explain_expression() {
  constexpr bool text = std::is_convertible_v<const Expression&, std::string_view>;
  constexpr bool written = text || clause_text<Expression>;
  static_assert(written,
                "hewn: this is neither a condition over columns nor SQL text; write "
                "col<&T::field> == value and its like, or SQL in quotes");
  return written;
}

/// Says how the words of a declaration take columns and names.
template <class Other>
consteval void refuse_parameter() {
  static_assert(!std::is_member_pointer_v<Other>,
                "hewn: table() names columns between < and >; write <&T::field>() in place of "
                "(&T::field)");
  static_assert(std::is_member_pointer_v<Other>,
                "hewn: a key or index takes its name as hewn::name(\"...\"), and an index a "
                "condition as hewn::where(...); write one of these");
}

template <std::size_t Columns>
consteval void explain_key_columns() {
  static_assert(Columns > 0,
                "hewn: primary_key<>() and unique<>() need at least one column; write "
                "<&T::field>() behind the word");
}

}  // namespace hewn::detail
