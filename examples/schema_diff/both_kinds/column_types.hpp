// examples/schema_diff/both_kinds/column_types.hpp - which types of the two databases are one.
// SPDX-License-Identifier: BSL-1.0
//
// hewn itself keeps booleans and integers as INTEGER in SQLite, bytes as BLOB, and times, UUIDs,
// JSON, lists and values of enumerations as TEXT.
#pragma once

#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/ascii.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace schema_diff {

namespace detail {

// "(10,2)" of a type, without blanks; empty: it has none.
inline std::string limits_of(std::string_view type) {
  const std::size_t open = type.find('(');
  const std::size_t close = type.find(')', open);
  if (close == type.npos) return {};
  std::string out(type.substr(open, close + 1 - open));
  std::erase(out, ' ');
  return out;
}

template <std::size_t N>
bool is_one_of(std::string_view type, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), type) != std::end(list);
}

inline bool is_text_with_limit(std::string_view server) { return server.starts_with("character"); }

}  // namespace detail

/// Whether a column that SQLite declares so holds what one of PostgreSQL's type does. `server`: as
/// the server writes it.
inline bool is_same_type(std::string_view sqlite, std::string_view server) {
  using hewn::detail::affinity;
  if (hewn::detail::same_word(sqlite, server)) return true;
  const affinity has = hewn::detail::affinity_of(sqlite);
  const std::string_view word = server.substr(0, server.find('('));
  constexpr std::string_view integers[] = {"boolean", "smallint", "integer", "bigint"};
  constexpr std::string_view reals[] = {"real", "double precision"};
  if (detail::is_one_of(server, integers))
    return has == affinity::integer ||
           (server == "boolean" && hewn::detail::lower(sqlite).starts_with("bool"));
  if (detail::is_one_of(server, reals)) return has == affinity::real;
  if (server == "bytea") return has == affinity::blob || hewn::detail::is_binary_numeric(sqlite);
  if (word == "numeric")
    return has == affinity::numeric && !hewn::detail::is_textual_numeric(sqlite) &&
           detail::limits_of(sqlite) == detail::limits_of(server);
  if (has == affinity::numeric) return hewn::detail::is_textual_numeric(sqlite);
  if (has != affinity::text) return false;
  // SQLite does not look after them; where only one database has them, they differ.
  const std::string limits = detail::limits_of(sqlite);
  return detail::is_text_with_limit(server) ? limits == detail::limits_of(server)
                                            : limits.empty() || server != "text";
}

/// The type that hewn would give such a column in PostgreSQL.
inline std::string server_type_of(std::string_view sqlite) {
  using hewn::detail::affinity;
  const std::string limits = detail::limits_of(sqlite);
  switch (hewn::detail::affinity_of(sqlite)) {
    case affinity::integer:
      return "bigint";
    case affinity::real:
      return "double precision";
    case affinity::blob:
      return "bytea";
    case affinity::text:
      return limits.empty() ? "text" : "character varying" + limits;
    case affinity::numeric:
      break;
  }
  const std::string word = hewn::detail::lower(sqlite);
  if (word.starts_with("bool")) return "boolean";
  if (word == "date") return "date";
  if (word.starts_with("date") || word.starts_with("time")) return "timestamptz";
  if (word.starts_with("json")) return "jsonb";
  if (word == "uuid") return "uuid";
  return "numeric" + limits;
}

}  // namespace schema_diff
