// hewn/sync/model/wider_type.hpp - which types of PostgreSQL hold every value of another type.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// A type as the server spells it, or a change shows it: `numeric(9,2)` has a length and a scale.
struct spelt_type {
  std::string name;
  int length = -1;  ///< negative: without a limit
  int scale = 0;
};

inline spelt_type read_type(std::string_view text) {
  constexpr std::string_view of_key = " PRIMARY KEY";
  if (text.ends_with(of_key)) text.remove_suffix(of_key.size());
  spelt_type out;
  int* next = &out.length;
  for (const token& t : tokenize(text)) {
    if (t.kind == token_kind::number) {
      *next = 0;
      for (const char digit : t.text.substr(0, 9)) *next = *next * 10 + (digit - '0');
      next = &out.scale;
    } else if (t.kind != token_kind::open && t.kind != token_kind::close &&
               t.kind != token_kind::comma && t.kind != token_kind::end) {
      append(out.name, {out.name.empty() ? "" : " ", t.text});
    }
  }
  return out;
}

/// Whether each value of the type `before` is the same one in the type `after`, as from varchar(9)
/// to text, from integer to bigint and from numeric(9,2) to numeric(12,2).
inline bool is_wider_type(std::string_view after, std::string_view before) {
  const spelt_type from = read_type(before);
  const spelt_type to = read_type(after);
  const auto rank = [](const spelt_type& t) {
    return t.name == "smallint" ? 1 : t.name == "integer" ? 2 : t.name == "bigint" ? 3 : 0;
  };
  if (rank(from) != 0) return rank(to) > rank(from) || (to.name == "numeric" && to.length < 0);
  if (from.name == "character varying" && to.name == "text") return true;
  if (from.name == "real" && to.name == "double precision") return true;
  // A minus is that of a scale.
  if (from.name != to.name || from.name.ends_with('-')) return false;
  if (to.length < 0) return from.length >= 0;
  if (from.length < 0) return false;
  if (from.name == "numeric")
    return to.scale >= from.scale && to.length - to.scale >= from.length - from.scale;
  return to.length >= from.length &&
         (from.name == "character varying" || from.name.starts_with("time"));
}

/// Whether PostgreSQL lets a wider type keep the rows as they are stored. `after`: is_wider_type.
/// Source: src/backend/commands/tablecmds.c, ATColumnChangeRequiresRewrite; each is held against
/// the file of a table in tests.
inline bool widens_in_place(std::string_view after, std::string_view before) {
  const spelt_type from = read_type(before);
  const spelt_type to = read_type(after);
  if (from.name == "character varying" || from.name.starts_with("time")) return true;
  return from.name == "numeric" && (to.length < 0 || to.scale == from.scale);
}

}  // namespace hewn::detail
