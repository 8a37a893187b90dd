// hewn/query/rows/row_limits.hpp - a row against what is declared of its values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/faults.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/visit_columns.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Adds a fault for each limit of the column that does not hold of the value.
HEWN_API void find_faults(const table_info& table, std::size_t column, std::string_view value,
                          std::vector<fault>& found);
HEWN_API void find_faults(const table_info& table, std::size_t column, std::int64_t value,
                          std::vector<fault>& found);
HEWN_API void find_faults(const table_info& table, std::size_t column, double value,
                          std::vector<fault>& found);

HEWN_API void add_empty_ref(const table_info& table, std::size_t column, std::vector<fault>& found);

/// Throws one errc::check that has all of them.
[[noreturn]] HEWN_RARE HEWN_API void fail_row(const table_info& table, std::vector<fault> found,
                                              const call_site& site);

constexpr bool is_limited(const table_info& table, std::size_t column) {
  if (table.columns[column].generated) return false;  // which the database computes
  for (const clause& c : table.clauses)
    if (is_limit(c.kind) && c.columns[0] == column) return true;
  return false;
}

template <class T>
inline constexpr bool is_checked = of_program::explain_validate<T>() &&
                                   (table_of<T>.has_limits || has_refs<T> ||
                                    of_program::has_validate<T>);

/// Adds a fault for each hewn::ref of a row that holds the value by which rows ask for a key.
template <class T>
struct empty_ref_finder {
  std::vector<fault>& found;

  template <class F, std::size_t I>
  void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    if constexpr (is_ref<unwrapped<F>> && !table_of<T>.columns[I].generated) {
      using target = typename unwrapped<F>::record_type;
      if constexpr (table_of<target>.assigned_key || column_type_of<F>() == column_type::uuid) {
        if (is_empty(field)) add_empty_ref(table_of<T>, I, found);
      }
    }
  }

 private:
  template <class F>
  static bool is_empty(const F& field) {
    if constexpr (is_optional<F>)
      return field && is_empty(*field);
    else
      return field == F{};
  }
};

template <class T>
struct fault_finder {
  std::vector<fault>& found;

  template <class F, std::size_t I>
  void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    if constexpr (is_limited(table_of<T>, I)) {
      if constexpr (table_of<T>.columns[I].key && table_of<T>.assigned_key)
        if (field == 0) return;  // the database chooses
      find(field, I);
    }
  }

  template <class F>
  void find(const F& field, std::size_t column) {
    if constexpr (is_optional<F>) {
      if (field) find(*field, column);
    } else if constexpr (integer_like<F>) {
      if (std::in_range<std::int64_t>(field))
        find_faults(table_of<T>, column, static_cast<std::int64_t>(field), found);
    } else if constexpr (std::is_floating_point_v<F>) {
      find_faults(table_of<T>, column, static_cast<double>(field), found);
    } else if constexpr (text_like<F>) {
      find_faults(table_of<T>, column, std::string_view(field), found);
    } else if constexpr (has_codec<F>) {
      const auto stored = codec<F>::encode(field);
      if constexpr (std::is_convertible_v<encoded<F>, std::string_view>) find(stored, column);
    }
  }
};

/// Throws: errc::check with every fault of the row.
template <class T>
void check_limits(const T& row, const call_site& site) {
  if constexpr (is_checked<T>) {
    std::vector<fault> found;
    if constexpr (table_of<T>.has_limits) visit_columns(row, fault_finder<T>{found});
    if constexpr (has_refs<T>) visit_columns(row, empty_ref_finder<T>{found});
    if constexpr (of_program::has_validate<T>) {
      const faults<T> own = of_program::call_validate(row);
      found.insert(found.end(), own.all().begin(), own.all().end());
    }
    if (!found.empty()) [[unlikely]]
      fail_row(table_of<T>, std::move(found), site);
  }
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/base/utf8.hpp>
#  include <hewn/query/rows/limit_sentences.hpp>
#  include <hewn/schema/kept_list.hpp>
#  include <hewn/schema/pattern_match.hpp>
#  include <hewn/schema/text_forms.hpp>
#  include <hewn/schema/white_space.hpp>

#  include <bit>
#  include <charconv>
#  include <string>

namespace hewn::detail {

inline bool is_in_list(std::string_view list, std::string_view value) {
  while (!list.empty())
    if (take_value(list) == value) return true;
  return false;
}

inline bool is_any_of_list(std::string_view patterns, std::string_view value) {
  while (!patterns.empty())
    if (is_match(value, take_value(patterns))) return true;
  return false;
}

inline bool holds(const table_info& table, const clause& c, std::string_view value) {
  switch (c.kind) {
    case clause_kind::length: {
      const auto count = static_cast<std::int64_t>(character_count(value));
      return count >= c.low && count <= c.high;
    }
    case clause_kind::one_of:
      return is_in_list(list_of(table, c), value);
    case clause_kind::not_blank:
      return !is_blank(value);
    case clause_kind::pattern:
      return is_any_of_list(list_of(table, c), value);
    case clause_kind::characters: {
      std::string_view list = list_of(table, c);
      return has_only(value, take_value(list));
    }
    case clause_kind::email:
      return is_of_form(value, email_form);
    case clause_kind::url:
      return is_of_form(value, url_form);
    default:
      return true;
  }
}

inline bool holds(const table_info& table, const clause& c, std::int64_t value) {
  if (c.kind == clause_kind::range) return value >= c.low && value <= c.high;
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return is_in_list(list_of(table, c), {digits, end});
}

// NaN is refused as what it is where it is bound.
inline bool holds(const table_info&, const clause& c, double value) {
  return !(value < std::bit_cast<double>(c.low)) && !(value > std::bit_cast<double>(c.high));
}

template <class Value>
void find_faults_of(const table_info& table, std::size_t column, Value value,
                    std::vector<fault>& found) {
  for (const clause& c : table.clauses) {
    if (!is_limit(c.kind) || c.columns[0] != column || holds(table, c, value)) continue;
    found.push_back({std::string(table.columns[column].name), limit_sentence(table, c)});
  }
}

HEWN_API void find_faults(const table_info& table, std::size_t column, std::string_view value,
                          std::vector<fault>& found) {
  find_faults_of(table, column, value, found);
}

HEWN_API void find_faults(const table_info& table, std::size_t column, std::int64_t value,
                          std::vector<fault>& found) {
  find_faults_of(table, column, value, found);
}

HEWN_API void find_faults(const table_info& table, std::size_t column, double value,
                          std::vector<fault>& found) {
  find_faults_of(table, column, value, found);
}

HEWN_API void add_empty_ref(const table_info& table, std::size_t column,
                            std::vector<fault>& found) {
  found.push_back({std::string(table.columns[column].name), "refers to no row"});
}

HEWN_API void fail_row(const table_info& table, std::vector<fault> found, const call_site& site) {
  error_details d;
  d.code = errc::check;
  d.site = site;
  d.table = table.name;
  d.message = "hewn: ";
  for (const fault& f : found) {
    if (&f != &found.front()) d.message += ", and ";
    append(d.message, {table.name, f.column.empty() ? "" : ".", f.column, " ", f.sentence});
    bool known = f.column.empty();
    for (const std::string& column : d.columns) known |= column == f.column;
    if (!known) d.columns.push_back(f.column);
  }
  d.message += found.size() == 1 ? "; correct the value" : "; correct the values";
  d.faults = std::move(found);
  throw error(std::move(d));
}

}  // namespace hewn::detail

#endif
