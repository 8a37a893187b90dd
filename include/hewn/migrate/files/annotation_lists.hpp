// hewn/migrate/files/annotation_lists.hpp - the lists behind the colon of an annotation.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/migrate/files/migration_key.hpp>
#include <hewn/migrate/files/script_lexer.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Reads `3, add_users, 0004_add_teams`. Throws: errc::syntax.
inline void read_keys(std::vector<migration_key>& out, std::string_view list, std::string_view file,
                      std::size_t line) {
  while (!list.empty()) {
    const std::string_view item = trimmed(list.substr(0, list.find(',')));
    if (item.empty())
      fail_script(file, line,
                  "names an empty migration; write versions or names, like 3, add_users");
    out.emplace_back(item);
    list.remove_prefix(list.find(',') == list.npos ? list.size() : list.find(',') + 1);
  }
}

inline std::string read_bare_name(std::string_view& list) {
  const std::string out(list.substr(0, list.find_first_of(" \t\"'`[];,.")));
  list.remove_prefix(out.size());
  return out;
}

// Empty: the name is, or its last quote is missing.
inline std::string read_quoted_name(std::string_view& list) {
  std::string out;
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i] == '"' && !list.substr(i + 1).starts_with('"')) {
      list.remove_prefix(i + 1);
      return out;
    }
    if (list[i] == '"') ++i;
    out += list[i];
  }
  return {};
}

// Takes `table.column` from the front of the list, without its quotes; empty: that is none.
inline std::string read_column(std::string_view& list) {
  std::string out;
  for (std::size_t names = 1;; ++names) {
    const std::string name = list.starts_with('"') ? read_quoted_name(list) : read_bare_name(list);
    if (name.empty()) return {};
    out += name;
    if (!list.starts_with('.')) return names == 1 ? std::string() : out;
    out += '.';
    list.remove_prefix(1);
  }
}

/// Reads `users.name, "my users"."first name"`. Throws: errc::syntax.
inline void read_columns(std::vector<std::string>& out, std::string_view list,
                         std::string_view file, std::size_t line) {
  while (!list.empty()) {
    std::string column = read_column(list);
    list = trimmed(list);
    if (column.empty() || (!list.empty() && list.front() != ','))
      fail_script(file, line,
                  "names something that is no column; write table.column, other.column, and a "
                  "name that has blanks, dots, commas or quotes in double quotes, as \"my "
                  "table\".\"a column\"");
    out.push_back(std::move(column));
    if (!list.empty()) list = trimmed(list.substr(1));
  }
}

}  // namespace hewn::detail
