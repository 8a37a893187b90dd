// hewn/migrate/history/foreign_history.hpp - which migrations another tool's table says are
// applied. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/migrate/history/foreign_layouts.hpp>
#include <hewn/query/database.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A row of another tool's history, as text.
struct foreign_row {
  std::string key;
  std::string name;
  std::string at;
  std::string checksum;
  std::string state;
  std::string kind;
};

/// What of another tool's history holds now.
struct foreign_history {
  const foreign_layout* layout = nullptr;
  std::vector<foreign_row> rows;
};

/// Keys for a message, which stays readable when a table that is no history has a million.
inline std::string listed(const std::vector<std::string>& keys) {
  constexpr std::size_t most = 20;
  std::string out;
  for (std::size_t i = 0; i != std::min(keys.size(), most); ++i)
    out += (i == 0 ? "" : ", ") + keys[i];
  if (keys.size() > most) out += " and " + std::to_string(keys.size() - most) + " more";
  return out;
}

// ---- reading the table

/// `table` may be `schema.table`, where no table has the whole as its name.
struct foreign_table {
  std::string quoted;
  std::vector<std::string> columns;
};

template <class Driver>
std::vector<std::string> columns_in_schema(const transactional<Driver>& db, std::string_view schema,
                                           std::string_view name) {
  const auto all = [&](std::string_view sql, auto... values) {
    return db.template all<std::string>({dynamic_sql(sql), running_call()}, values...);
  };
  if (db.connection().spoken() == dialect::sqlite) {
    // SQLite fails on a database that is not there, also in a statement that looks for it first.
    if (all("SELECT name FROM pragma_database_list WHERE name = ? COLLATE NOCASE", schema).empty())
      return {};
    return all("SELECT name FROM pragma_table_xinfo(?, ?)", name, schema);
  }
  return all(
      "SELECT CAST(a.attname AS TEXT) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON "
      "c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname "
      "= ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
      schema, name);
}

template <class Driver>
foreign_table find_foreign_table(const transactional<Driver>& db, std::string_view table) {
  foreign_table out;
  append_identifier(out.quoted, table);
  out.columns = db.connection().native().column_names(table);
  const std::size_t dot = table.find('.');
  if (!out.columns.empty() || dot == table.npos) return out;
  const std::string_view schema = table.substr(0, dot);
  const std::string_view name = table.substr(dot + 1);
  out.columns = columns_in_schema(db, schema, name);
  out.quoted.clear();
  append_identifier(out.quoted, schema);
  out.quoted += '.';
  append_identifier(out.quoted, name);
  return out;
}

/// The statement that reads the rows of a layout, the oldest first.
inline std::string foreign_history_sql(const foreign_layout& layout, const foreign_table& table,
                                       dialect d) {
  const auto quoted = [&](std::string_view column) {
    std::string out;
    const std::string_view there = find_column_name(table.columns, column);
    if (!column.empty() && !there.empty()) append_identifier(out, there);
    return out;
  };
  const auto text = [&](std::string_view column) {
    const std::string name = quoted(column);
    return name.empty() ? std::string("''") : "COALESCE(CAST(" + name + " AS TEXT), '')";
  };
  std::string checksum = text(layout.checksum);
  if (layout.binary_checksum)
    checksum = d == dialect::sqlite
                   ? "lower(hex(" + quoted(layout.checksum) + "))"
                   : "COALESCE(encode(" + quoted(layout.checksum) + ", 'hex'), '')";
  return "SELECT " + text(layout.key) + " AS \"key\", " + text(layout.name) + " AS \"name\", " +
         text(layout.at) + " AS \"at\", " + checksum + " AS \"checksum\", " + text(layout.state) +
         " AS \"state\", " + text(layout.kind) + " AS \"kind\" FROM " + table.quoted +
         " ORDER BY " + quoted(layout.order.empty() ? layout.key : layout.order);
}

// ---- what the rows mean

/// Whether a truth value of either database, as text, is `wanted`; NULL is neither.
inline bool reads_as(std::string_view text, bool wanted) {
  return wanted ? text == "1" || same_word(text, "true") : text == "0" || same_word(text, "false");
}

/// A migration of Flyway's that is run again whenever it changes has no version.
inline bool is_repeatable(const foreign_layout& layout, const foreign_row& r) {
  return layout.naming == foreign_naming::dotted && r.key.empty();
}

/// A row of Flyway's that covers every migration up to it: BASELINE, SQL_BASELINE, JDBC_BASELINE.
inline bool is_foreign_baseline(const foreign_row& r) { return r.kind.ends_with("BASELINE"); }

/// The tool's own entry: version 0, or Flyway's note of the schema that it made.
inline bool is_own_entry(const foreign_layout& layout, const foreign_row& r) {
  return r.kind == "SCHEMA" ||
         (layout.own_zero && !r.key.empty() && r.key.find_first_not_of('0') == r.key.npos);
}

/// Whether a row says that its migration is not applied any more: Flyway's types DELETE, UNDO_SQL,
/// UNDO_JDBC and UNDO_SCRIPT, and goose's is_applied.
inline bool is_undone(const foreign_layout& layout, const foreign_row& r) {
  return r.kind == "DELETE" || r.kind.starts_with("UNDO_") ||
         (layout.state_says == foreign_state::applied && !reads_as(r.state, true));
}

/// Refuses a history in which a migration stopped halfway. Throws: errc::schema_mismatch.
inline void check_failures(const foreign_history& history, std::string_view table) {
  std::vector<std::string> failed;
  for (const foreign_row& r : history.rows) {
    if (history.layout->state_says == foreign_state::dirty && !reads_as(r.state, false))
      throw error(errc::schema_mismatch,
                  "hewn: " + std::string(table) + " is dirty at version " + r.key +
                      ", because a migration failed there; mend what it left, set the version with "
                      "migrate force, and adopt again");
    if (history.layout->state_says == foreign_state::succeeded && !reads_as(r.state, true))
      failed.push_back(r.key.empty() ? r.name : r.key);
  }
  if (!failed.empty())
    throw error(errc::schema_mismatch,
                "hewn: " + std::string(table) + " records migrations that failed (" +
                    listed(failed) +
                    "); undo what they left, remove their rows, with flyway repair or by hand, and "
                    "adopt again");
}

/// Refuses a table that ought to hold one row and holds several. Throws: errc::schema_mismatch.
inline void check_single(const foreign_history& history, std::string_view table) {
  if (history.layout->scope != foreign_scope::up_to_it || history.rows.size() < 2) return;
  if (history.layout->naming == foreign_naming::revision)
    throw error(errc::schema_mismatch,
                "hewn: " + std::string(table) +
                    " has several heads, which do not tell the order of what was applied; merge "
                    "them with alembic merge, upgrade, and adopt again");
  throw error(errc::schema_mismatch,
              "hewn: " + std::string(table) +
                  " has several rows where golang-migrate keeps one; leave the one that migrate "
                  "version shows, and adopt again");
}

/// The rows that hold, in the order in which they were written. Throws: errc::schema_mismatch.
inline foreign_history standing_history(foreign_history all, std::string_view table) {
  check_failures(all, table);
  foreign_history out{all.layout, {}};
  const bool last = all.layout->scope == foreign_scope::last_of_each;
  for (foreign_row& r : all.rows) {
    if (is_own_entry(*all.layout, r)) continue;
    if (last)
      std::erase_if(out.rows, [&](const foreign_row& before) {
        return before.key == r.key && (!r.key.empty() || before.name == r.name);
      });
    if (!is_undone(*all.layout, r)) out.rows.push_back(std::move(r));
  }
  check_single(out, table);
  return out;
}

/// Throws: errc::schema_mismatch where there is no such table, for a layout that is not known, and
/// for a history that says of itself that it is not sound.
template <class Driver>
foreign_history read_foreign_history(const transactional<Driver>& db, std::string_view table) {
  const foreign_table found = find_foreign_table(db, table);
  if (found.columns.empty())
    throw error(errc::schema_mismatch,
                "hewn: there is no table " + std::string(table) +
                    " to adopt; name the table in which the other tool kept its history");
  const foreign_layout* const layout = find_layout(found.columns);
  if (layout == nullptr)
    throw error(errc::schema_mismatch,
                "hewn: " + std::string(table) +
                    " is no migration history that can be adopted; it needs the columns of goose, "
                    "golang-migrate, Flyway, sqlx, Diesel, TypeORM or Alembic, or version and "
                    "applied_at, or id, applied_at and checksum");
  const std::string sql = foreign_history_sql(*layout, found, db.connection().spoken());
  return standing_history(
      {layout, db.template all<foreign_row>({dynamic_sql(sql), running_call()})}, table);
}

}  // namespace hewn::detail
