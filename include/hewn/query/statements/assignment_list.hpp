// hewn/query/statements/assignment_list.hpp - the columns that a statement sets, as SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace hewn::detail {

/// Writes `column = value` for each column of a SET list.
class assignment_list {
 public:
  /// `begin`: what is written before the first column.
  assignment_list(sql_writer& out, const table_info& table, std::string_view begin)
      : out_(out), table_(table), before_(begin) {}

  /// The column and its `=`; its value is to be written next.
  void name(std::size_t column);

  /// A column with its value.
  template <class E>
  void set(std::size_t column, const E& value) {
    name(column);
    out_.write_expression(value);
    out_.assigned(start_);
  }

  /// A column with a parameter.
  void set_parameter(std::size_t column);

  /// The version of the table, counted up.
  HEWN_RARE void count_version();

 private:
  sql_writer& out_;
  const table_info& table_;
  std::string_view before_;
  std::size_t start_ = 0;  // of the value
};

/// All assignments of a tuple.
template <class Set>
void write_assignments(assignment_list& list, const Set& set) {
  std::apply(
      [&](const auto&... each) {
        (list.set(std::remove_cvref_t<decltype(each)>::field, each.value), ...);
      },
      set);
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/version_sql.hpp>

namespace hewn::detail {

HEWN_API void assignment_list::name(std::size_t column) {
  out_.mention(column, table_);
  out_.out += before_;
  before_ = ", ";
  append_identifier(out_.out, table_.columns[column].name);
  out_.out += " = ";
  start_ = out_.out.size();
}

HEWN_API void assignment_list::count_version() {
  name(version_column(table_));
  append_next_version(out_.out, table_, out_.dialect, out_.qualified);
}

HEWN_API void assignment_list::set_parameter(std::size_t column) {
  name(column);
  out_.parameter();
  out_.assigned(start_);
}

}  // namespace hewn::detail

#endif
