// hewn/db/values/driver_answers.hpp - the small answers of a driver: step results, unfit values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string_view>

namespace hewn {

/// Why one value could not be bound or read. The value itself is never kept.
enum class value_problem : std::uint8_t {
  none,
  is_null,
  is_integer,
  is_real,
  is_text,
  is_blob,
  out_of_range,
  no_such_time,
  not_a_number,
  not_a_time,
  not_a_uuid,
  unknown_label,
  not_decodable,
  not_encodable,
  not_json,
  has_nul,
  no_such_parameter,
  other_parameter_type,
  out_of_memory,
  not_a_list,
  nested_list,
  null_element,
  other_element,
  becomes_number,
  not_kept,
  too_big,
  divides_by_zero,
  below_least,
  overflows
};

/// What one step of a statement came to.
enum class step_result : std::uint8_t { row, done, failed };

namespace detail {

// Of what both databases compute, wherever each finds it.
inline constexpr std::string_view integer_overflow =
    "hewn: an integer that the database computes has no room in 64 bits; take fewer rows, or "
    "compute with real numbers";

}  // namespace detail

/// The problem as the middle of a sentence: "users.email <text>".
constexpr std::string_view describe(value_problem p) noexcept {
  switch (p) {
    case value_problem::is_null:
      return "is NULL but the field has no place for it; use std::optional, or correct the row";
    case value_problem::is_integer:
      return "holds an integer where the field expects another type; correct the row or the field";
    case value_problem::is_real:
    case value_problem::overflows:
      return "holds a real number where the field expects another type; correct the row or the "
             "field";
    case value_problem::is_text:
      return "holds text where the field expects another type; correct the row or the field";
    case value_problem::is_blob:
      return "holds a blob where the field expects another type; correct the row or the field";
    case value_problem::out_of_range:
      return "has a value outside the range of the type; use a wider type, or correct the value";
    case value_problem::no_such_time:
      return "is no day of the calendar, or a time beyond what the database holds; correct the "
             "value";
    case value_problem::not_a_number:
      return "would be NaN, which the database stores as NULL; use std::optional<double>";
    case value_problem::not_a_time:
      return "is not ISO 8601 text in UTC to the microsecond; correct the row, or read it as text";
    case value_problem::not_a_uuid:
      return "is not a UUID; correct the row, or read it as text";
    case value_problem::unknown_label:
      return "is not one of the enumerators; add the enumerator, or correct the value";
    case value_problem::not_decodable:
      return "was refused by hewn::codec of the field; correct the row or the codec";
    case value_problem::not_encodable:
      return "has no stored form (NaN or infinity in JSON, text that is not UTF-8, an unknown "
             "enumerator, or a refusal by its hewn::codec); correct the value";
    case value_problem::not_json:
      return "is not the JSON that the field expects, or has what the field could not write back "
             "(a "
             "number of too many digits, a member twice); correct the row, or read it as "
             "hewn::json<nlohmann::json> or std::string";
    case value_problem::has_nul:
      return "contains a NUL character, which the database's text cannot hold; store it as bytes, "
             "or remove it";
    case value_problem::no_such_parameter:
      return "has no place in the statement; use as many ? as there are values";
    case value_problem::other_parameter_type:
      return "is of another type than the statement expects at its place; convert the value, or "
             "cast the parameter in the SQL";
    case value_problem::out_of_memory:
      return "could not be read for want of memory; free some and try again";
    case value_problem::not_a_list:
      return "is not the text of a JSON array; correct the row, or read it as text";
    case value_problem::nested_list:
      return "is not a list of single values but has lists in it; correct the row, or read it as "
             "JSON";
    case value_problem::null_element:
      return "has a NULL in its list but the field has no place for it; use "
             "std::vector<std::optional<T>>, or correct the row";
    case value_problem::other_element:
      return "has a value in its list that is of another type than the field expects; correct the "
             "row or the field";
    case value_problem::becomes_number:
      return "would be stored as a number, because the text looks like one; declare the column "
             "TEXT by a migration, or write another text";
    case value_problem::not_kept:
      return "would be stored as another value by the type of its column; widen the column by a "
             "migration, or write a value that it holds exactly";
    case value_problem::too_big:
      return "is larger than the database takes for one value; shorten it, or store it in parts";
    case value_problem::divides_by_zero:
      return "is 0, and a query divides by it; divide by another number";
    case value_problem::below_least:
      return "is below the least that its function takes, which is 0 for a distance and 1 for "
             "ntile() and nth_value(); correct it";
    case value_problem::none:
      break;
  }
  return "";
}

}  // namespace hewn
