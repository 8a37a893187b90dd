// hewn/query/pieces/value_binder.hpp - binds the values of an expression to a statement.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/db/values/kept_texts.hpp>

#include <string_view>

namespace hewn::detail {

/// Binds the values of an IN list: as JSON, or as the driver knows better.
template <class Statement>
void bind_list(Statement& statement, int i, std::string_view json, bool copy) {
  if constexpr (requires { statement.bind_list(i, json, copy); })
    statement.bind_list(i, json, copy);
  else if constexpr (requires { statement.bind_list(i, json); })
    statement.bind_list(i, json);
  else
    statement.bind(i, json, copy);
}

/// The same for a list that is compared as a whole.
template <class Statement>
void bind_vector(Statement& statement, int i, std::string_view json, bool copy) {
  if constexpr (requires { statement.bind_array_text(i, json); })
    statement.bind_array_text(i, json);
  else
    statement.bind(i, json, copy);
}

/// Binds the values of an expression in the order in which it wrote its placeholders.
template <class Statement>
struct value_binder {
  Statement& statement;
  bool copy;
  int parameters = 0;

  // Not inlined, so that it is one function for all queries.
  template <class F>
  HEWN_APART void value(const F& v) {
    bind_field(statement, ++parameters, v, copy);
  }

  HEWN_COLD void refuse(value_problem problem) { statement.refuse(++parameters, problem); }

  void list(std::string_view json) { bind_list(statement, ++parameters, json, true); }

  template <class Data>
  void query(const Data& data) {
    const auto plan = data.plan(nullptr);
    for (const auto& v : plan.values) v.bind(statement, ++parameters, plan.texts, copy);
  }
};

}  // namespace hewn::detail
