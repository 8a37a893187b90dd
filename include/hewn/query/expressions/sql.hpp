// hewn/query/expressions/sql.hpp - SQL that a person wrote.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/fixed_string.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/dialect/text/placeholders.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace hewn {
namespace detail {

template <fixed_string Text>
struct sql_literal {
  static constexpr std::string_view text = Text.view();
};

}  // namespace detail

/// A statement whose text is known at compile time: `db.all<row>(hewn::sql<"SELECT ...">, values)`.
/// Each `?` is one value; their number is checked by the compiler.
template <fixed_string Text>
inline constexpr detail::sql_literal<Text> sql{};

/// A statement whose text is known at run time only. The text must outlive the call. Values belong
/// into `?` places, never into the text. Their number is checked when it runs.
struct dynamic_sql {
  std::string_view text;

  explicit constexpr dynamic_sql(std::string_view statement) : text(statement) {}
};

namespace detail {

/// A raw statement with `Count` values, as the verbs take it: plain data, so that a verb is
/// instantiated per row type and not per text, and the line of the call for free.
template <std::size_t Count>
struct raw_statement {
  std::string_view text;
  unsigned slot = no_slot;
  call_site site;

  template <fixed_string Text>
  constexpr raw_statement(sql_literal<Text>, call_site where = call_site::current())
      : text(sql_literal<Text>::text), slot(statement_slot<sql_literal<Text>>::get()), site(where) {
    static_assert(!names_parameters(sql_literal<Text>::text),
                  "hewn: a parameter is written as ? alone; replace ?1, $1 and :name by ?");
    static_assert(
        names_parameters(sql_literal<Text>::text) || may_take(sql_literal<Text>::text, Count),
        "hewn: the statement has another number of ? than values are given; give one "
        "value for each ?");
  }

  raw_statement(dynamic_sql statement, call_site where = call_site::current())
      : text(statement.text), site(where) {}

  // A text alone would say neither whether the compiler may look at it nor that values are in it.
  template <std::convertible_to<std::string_view> Text>
  raw_statement(const Text&) {
    static_assert(sizeof(Text) == 0,
                  "hewn: a text alone is no statement; put it into hewn::sql<>, or into "
                  "hewn::dynamic_sql() where it is known at run time only");
  }
};

}  // namespace detail
}  // namespace hewn
