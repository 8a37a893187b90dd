// hewn/migrate/losses.hpp - what a migration has destroyed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/ascii.hpp>
#include <hewn/dialect/tokenizer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// What was found in one column.
struct column_facts {
  std::string name;
  std::int64_t values = 0;    ///< not NULL
  std::uint64_t content = 0;  ///< equal for equal values, in whatever order they are stored

  bool operator==(const column_facts&) const = default;
};

/// What was found in one table.
struct table_facts {
  std::string name;
  std::int64_t rows = 0;
  bool examined = false;                   ///< whether `columns` is filled
  std::vector<column_facts> columns = {};  ///< in their order

  bool operator==(const table_facts&) const = default;
};

using database_facts = std::vector<table_facts>;

enum class loss_kind : std::uint8_t {
  table,   ///< a table with its rows
  rows,    ///< rows of a table that stays
  column,  ///< a column with its values
  values,  ///< values of a column that stays: they are NULL now
  unknown  ///< this database cannot try a migration out
};

/// Something that a migration destroys.
struct loss {
  loss_kind kind = loss_kind::table;
  std::string table = {};
  std::string column = {};  ///< of kinds column and values
  std::int64_t count = 0;   ///< rows, or values that are not NULL

  bool operator==(const loss&) const = default;
};

/// `l` in words: `the column users.name with 3 values`.
inline std::string to_string(const loss& l) {
  const std::string count = std::to_string(l.count);
  const char* const plural = l.count == 1 ? "" : "s";
  switch (l.kind) {
    case loss_kind::table:
      return "the table " + l.table + " with " + count + " row" + plural;
    case loss_kind::rows:
      return count + " row" + plural + " of the table " + l.table;
    case loss_kind::column:
      return "the column " + l.table + "." + l.column + " with " + count + " value" + plural;
    case loss_kind::values:
      return count + " value" + plural + " of the column " + l.table + "." + l.column;
    case loss_kind::unknown:
      break;
  }
  return "what cannot be counted";
}

/// Compares what was found before and after a migration, and lists what is gone. Pure.
using destruction_check = std::vector<loss> (*)(const database_facts& before,
                                                const database_facts& after);

namespace detail {

inline const table_facts* find_facts(const database_facts& all, std::string_view name) {
  for (const table_facts& t : all)
    if (t.name == name) return &t;
  return nullptr;
}

inline const column_facts* find_facts(const table_facts& t, std::string_view name) {
  for (const column_facts& c : t.columns)
    if (c.name == name) return &c;
  return nullptr;
}

/// Whether a column that `before` does not have holds the same values: a new name.
inline bool lives_on(const column_facts& c, const table_facts& before, const table_facts& after) {
  for (const column_facts& other : after.columns)
    if (!find_facts(before, other.name) && other.values == c.values && other.content == c.content)
      return true;
  return false;
}

/// Whether a new table holds all values of `t`, column by column: a new name.
inline bool lives_on(const table_facts& t, const database_facts& before,
                     const database_facts& after) {
  for (const table_facts& other : after) {
    if (find_facts(before, other.name) || other.rows != t.rows || !other.examined) continue;
    bool whole = t.examined;
    for (const column_facts& c : t.columns) {
      const column_facts* same = find_facts(other, c.name);
      whole = whole && same && same->values == c.values && same->content == c.content;
    }
    if (whole) return true;
  }
  return false;
}

inline void append_losses(std::vector<loss>& out, const table_facts& before,
                          const table_facts& after) {
  if (after.rows < before.rows)
    out.push_back({loss_kind::rows, before.name, {}, before.rows - after.rows});
  if (!before.examined || !after.examined) return;
  for (const column_facts& c : before.columns) {
    const column_facts* later = find_facts(after, c.name);
    if (later == nullptr) {
      if (c.values != 0 && !lives_on(c, before, after))
        out.push_back({loss_kind::column, before.name, c.name, c.values});
    } else if (later->values < c.values && after.rows >= before.rows) {
      // Where rows are gone, their values are too; the rows say it.
      out.push_back({loss_kind::values, before.name, c.name, c.values - later->values});
    }
  }
}

}  // namespace detail

/// The destruction_check that is used unless the options name another one. Empty tables and columns
/// without values are no loss, and what lives on under a new name is none. Values that were
/// overwritten by others are not found.
inline std::vector<loss> find_losses(const database_facts& before, const database_facts& after) {
  std::vector<loss> out;
  for (const table_facts& t : before) {
    if (const table_facts* later = detail::find_facts(after, t.name)) {
      detail::append_losses(out, t, *later);
    } else if (t.rows != 0 && !detail::lives_on(t, before, after)) {
      out.push_back({loss_kind::table, t.name, {}, t.rows});
    }
  }
  return out;
}

/// Whether a statement may destroy what is stored. Only what plainly adds is taken to be harmless;
/// everything else is tried out on a copy.
inline bool may_destroy(std::string_view statement) {
  const std::vector<detail::token> t = detail::tokenize(statement);
  const auto has = [&](std::string_view word) {
    for (const detail::token& each : t)
      if (each.is(word)) return true;
    return false;
  };
  const detail::token& first = t.front();
  const detail::token& second = t.size() > 1 ? t[1] : t.front();
  if (first.is("create") || first.is("comment") || first.is("grant") || first.is("analyze") ||
      first.is("reindex") || first.is("vacuum") || first.is("select"))
    return false;
  // INSERT OR REPLACE, ON CONFLICT DO UPDATE
  if (first.is("insert")) return has("replace") || has("update");
  if (first.is("drop")) return !second.is("index") && !second.is("view") && !second.is("trigger");
  if (first.is("alter"))
    return has("drop") || has("type") || has("using") || !(has("add") || has("rename"));
  return true;
}

}  // namespace hewn
