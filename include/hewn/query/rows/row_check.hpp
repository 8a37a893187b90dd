// hewn/query/rows/row_check.hpp - result columns against the fields of a struct.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hewn::detail {

/// The error for a value that does not fit its column or field.
HEWN_RARE HEWN_API error_details unfit_value(std::string_view table, std::string_view column,
                                             value_problem problem);

/// The error for a value that could not be bound to the statement.
template <class Statement>
HEWN_COLD error_details unfit_bound(std::string_view table, std::string_view column,
                                    const Statement& bound) {
  error_details d = unfit_value(table, column, bound.problem());
  if constexpr (requires { bound.value_limit(); })
    if (bound.problem() == value_problem::too_big)
      append(d.message, {" (", bound.value_limit(), ")"});
  return d;
}

/// The error for a text that a column of this declared type would store as a number.
HEWN_RARE HEWN_API error_details number_text(const table_info& table, std::string_view column,
                                             std::string_view declared);

/// The error for a value of which a column of this declared type would make another one.
HEWN_RARE HEWN_API error_details unkept_value(const table_info& table, std::string_view column,
                                              std::string_view declared);

// Collects every mismatch, because mending them one run at a time is slow.
class mismatch_list {
 public:
  void add(std::string_view problem) {
    text_ += text_.empty() ? "" : ", ";
    text_ += problem;
  }
  bool empty() const { return text_.empty(); }

  error_details details(std::string_view subject, std::string_view repair) const {
    error_details d;
    d.code = errc::schema_mismatch;
    d.message = "hewn: ";
    d.message += subject;
    d.message += ' ';
    d.message += text_;
    d.message += "; ";
    d.message += repair;
    return d;
  }

 private:
  std::string text_;
};

constexpr std::string_view vector_kind(column_type element) {
  switch (element) {
    case column_type::boolean:
      return "a vector of bool";
    case column_type::int16:
    case column_type::int32:
    case column_type::int64:
      return "a vector of integers";
    case column_type::real:
      return "a vector of real numbers";
    case column_type::instant:
      return "a vector of timestamps";
    case column_type::day:
      return "a vector of dates";
    case column_type::uuid:
      return "a vector of UUIDs";
    default:
      return "a vector of text";
  }
}

constexpr std::string_view field_kind(column_type t) {
  if (is_array(t)) return vector_kind(element_of(t));
  switch (t) {
    case column_type::boolean:
      return "bool";
    case column_type::int16:
    case column_type::int32:
    case column_type::int64:
      return "an integer";
    case column_type::real:
      return "a real number";
    case column_type::text:
      return "text";
    case column_type::blob:
      return "bytes";
    case column_type::instant:
      return "a timestamp";
    case column_type::day:
      return "a date";
    case column_type::uuid:
      return "a UUID";
    case column_type::json_text:
      return "JSON";
  }
  return "";
}

/// Adds that the column is declared as a type that cannot hold the values of the field.
HEWN_RARE HEWN_API void add_misfit(mismatch_list& found, const column_info& field,
                                   std::string_view declared);

template <class Driver>
HEWN_COLD void check_type(mismatch_list& found, const typename Driver::statement& statement, int i,
                          const column_info& field) {
  const std::string_view declared = statement.declared_type(i);
  if constexpr (requires { statement.may_hold(declared, field.type); }) {
    if (statement.may_hold(declared, field.type)) return;
  } else {
    if (Driver::may_hold(declared, field.type)) return;
  }
  add_misfit(found, field, declared);
}

HEWN_RARE HEWN_API error_details misfit(const table_info& table, const mismatch_list& found);

template <class Driver>
void mark_checked(const lease<Driver>& row, const void* as) {
  row->checked_as = as;
  row->reprepared = row.statement().reprepared();
}

template <class Driver>
HEWN_COLD void check_columns_in_order(const lease<Driver>& row, const table_info& table) {
  mismatch_list found;
  for (std::size_t i = 0; i != table.columns.size(); ++i)
    check_type<Driver>(found, row.statement(), static_cast<int>(i), table.columns[i]);
  if (!found.empty()) row->owner->fail_with(misfit(table, found), *row.operator->());
  mark_checked(row, &table);
}

template <class Driver>
HEWN_COLD void check_columns_by_name(const lease<Driver>& row, const void* as,
                                     std::string_view record, std::span<const column_info> fields) {
  const int count = row.statement().column_count();
  mismatch_list found;
  row->columns.assign(fields.size(), 0);
  for (std::size_t f = 0; f != fields.size(); ++f) {
    int matches = 0;
    for (int c = 0; c != count; ++c) {
      if (row.statement().column_name(c) != fields[f].name) continue;
      row->columns[f] = static_cast<std::uint16_t>(c);
      ++matches;
    }
    if (matches == 1)
      check_type<Driver>(found, row.statement(), row->columns[f], fields[f]);
    else if (matches == 0)
      found.add("lacks column " + std::string(fields[f].name));
    else
      found.add("has column " + std::string(fields[f].name) + " more than once");
  }
  for (int c = 0; c != count; ++c) {
    const std::string_view name = row.statement().column_name(c);
    bool known = false;
    for (const column_info& field : fields) known |= field.name == name;
    if (!known) found.add("has column " + std::string(name) + " that is no field");
  }
  if (!found.empty())
    row->owner->fail_with(
        found.details("the result for struct " + std::string(record) + ":",
                      "select exactly the fields, with AS where the name differs"),
        *row.operator->());
  mark_checked(row, as);
}

template <class Driver>
HEWN_COLD void check_single_column(const lease<Driver>& row, const void* as) {
  if (row.statement().column_count() != 1) {
    mismatch_list found;
    found.add("has " + std::to_string(row.statement().column_count()) + " columns");
    row->owner->fail_with(
        found.details("the result for a single value", "select one column, or read into a struct"),
        *row.operator->());
  }
  mark_checked(row, as);
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API error_details unfit_value(std::string_view table, std::string_view column,
                                   value_problem problem) {
  error_details d;
  d.code = problem == value_problem::out_of_memory       ? errc::out_of_memory
           : problem == value_problem::no_such_parameter ? errc::usage
                                                         : errc::invalid_data;
  d.table = table;
  d.column = column;
  // What is in a column of a table was not computed there.
  if (problem == value_problem::overflows && table.empty()) {
    d.message = integer_overflow;
    return d;
  }
  d.message = "hewn: ";
  if (!table.empty()) {
    d.message += table;
    d.message += '.';
  }
  d.message += column;
  d.message += ' ';
  d.message += describe(problem);
  return d;
}

inline error_details refused_by_type(const table_info& table, std::string_view column,
                                     std::string_view declared, std::string_view problem) {
  error_details d;
  d.code = errc::invalid_data;
  d.table = table.name;
  d.column = column;
  d.message = concat({"hewn: ", table.name, ".", column, " is declared ", declared, problem});
  return d;
}

HEWN_API error_details number_text(const table_info& table, std::string_view column,
                                   std::string_view declared) {
  return refused_by_type(table, column, declared,
                         ", which makes a number of a text that looks like one; declare the column "
                         "TEXT by a migration, or write another text");
}

HEWN_API error_details unkept_value(const table_info& table, std::string_view column,
                                    std::string_view declared) {
  return refused_by_type(table, column, declared,
                         ", which would store another value; widen the column by a migration, or "
                         "write a value that it holds exactly");
}

HEWN_API void add_misfit(mismatch_list& found, const column_info& field,
                         std::string_view declared) {
  found.add("column " + std::string(field.name) + " is " + std::string(declared) +
            " but the field is " + std::string(field_kind(field.type)));
}

HEWN_API error_details misfit(const table_info& table, const mismatch_list& found) {
  error_details d = found.details("table " + std::string(table.name) + " does not fit struct " +
                                      std::string(table.record) + ":",
                                  "correct the field, or change the column by a migration");
  d.table = table.name;
  return d;
}

}  // namespace hewn::detail

#endif
