// hewn/query/select/condition_check.hpp - what may choose the rows of one table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/expression.hpp>

namespace hewn::detail {

struct no_condition {
  static constexpr bool is_dynamic = false;
  template <class Binder>
  void bind(Binder&) const {}
};

/// What is true or false for a row and has a fixed text.
template <class E>
concept fixed_truth = static_expression<E> && is_truth<E>;

/// Whether it is something that is true or false for a row.
template <class Condition>
consteval bool explain_truth() {
  static_assert(!assigns<Condition>,
                "hewn: where() compares columns and sets none; write col<&T::field> == value");
  constexpr bool ended = explain_ended<Condition>();
  static_assert(!ended || assigns<Condition> || expression<Condition>,
                "hewn: a condition is made of columns, for the database to check; write "
                "col<&T::field> == value, or the whole statement in hewn::sql<>");
  if constexpr (expression<Condition>) {
    static_assert(is_truth<Condition>,
                  "hewn: a column or number alone is no condition; compare it with a value");
    return is_truth<Condition>;
  }
  return false;
}

/// Whether it is about the rows of this table.
template <class Condition, class T>
consteval bool explain_condition() {
  constexpr bool own = is_within<Condition, T>();
  static_assert(own,
                "hewn: the condition names a column of a table that this query does not read; "
                "use a column of its own table");
  if constexpr (!own || is_dynamic<Condition>())
    return own;
  else
    return explain_rows<Condition>();
}

}  // namespace hewn::detail
