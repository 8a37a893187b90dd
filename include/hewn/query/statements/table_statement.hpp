// hewn/query/statements/table_statement.hpp - the statements that a table has of itself.
// SPDX-License-Identifier: BSL-1.0
//
// Their text follows from the table alone, so they are data: one number for each table, from which
// those of its statements are counted on every connection, and one function that writes them all.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstdint>
#include <string>

namespace hewn::detail {

/// What a statement does to whole rows of a table, or to the row of a key.
enum class table_statement : std::uint8_t {
  insert,
  insert_keyed_by_database,
  insert_returning,  // the row comes back although the database has nothing to tell of it
  insert_returning_keyed_by_database,
  update,
  upsert,
  upsert_keyed_by_database,
  remove_by_key,
  select_by_key,
  select_by_keys,
  select_all,
  stored_by_key,  // see kept_rows.hpp
  stored_by_rowid,
  write_lock  // SQLite: changes nothing, and takes the lock for it
};
inline constexpr unsigned table_statements = 14;

/// The number of a statement of the table, the same on every connection of the process.
inline unsigned slot_of(const table_info& table, table_statement what) noexcept {
  return number_of(*table.slot, table_statements) + static_cast<unsigned>(what);
}

/// Whether an insert reads the stored row back instead of knowing it already.
constexpr bool returns_inserted(const table_info& table, bool tells_key) {
  return table.has_generated || (table.assigned_key && !tells_key);
}

/// What `text_of` writes.
struct statement_request {
  const table_info& table;
  table_statement what;
  bool tells_key;  // the driver knows the key of an inserted row without asking for it
};

/// The text of the statement_request behind the pointer.
HEWN_RARE HEWN_API std::string text_of(const void* request, dialect d);

/// How the columns of the row are bound to it; row_write::remove: the key alone.
constexpr row_write write_of(table_statement what) {
  switch (what) {
    case table_statement::insert:
    case table_statement::insert_returning:
      return row_write::insert;
    case table_statement::insert_keyed_by_database:
    case table_statement::insert_returning_keyed_by_database:
      return row_write::insert_keyed_by_database;
    case table_statement::update:
      return row_write::update;
    case table_statement::upsert:
      return row_write::upsert;
    case table_statement::upsert_keyed_by_database:
      return row_write::upsert_keyed_by_database;
    default:
      return row_write::remove;
  }
}

constexpr table_statement insert_of(row_write kind) {
  return kind == row_write::insert ? table_statement::insert
                                   : table_statement::insert_keyed_by_database;
}

constexpr table_statement returning_insert_of(row_write kind) {
  return kind == row_write::insert ? table_statement::insert_returning
                                   : table_statement::insert_returning_keyed_by_database;
}

constexpr table_statement upsert_of(row_write kind) {
  return kind == row_write::upsert ? table_statement::upsert
                                   : table_statement::upsert_keyed_by_database;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/many_keys_select.hpp>
#  include <hewn/query/rows/kept_rows.hpp>

namespace hewn::detail {

HEWN_API std::string text_of(const void* request, dialect d) {
  const auto& [table, what, tells_key] = *static_cast<const statement_request*>(request);
  switch (what) {
    case table_statement::insert:
    case table_statement::insert_keyed_by_database:
      return insert_sql(table, returns_inserted(table, tells_key), d, write_of(what));
    case table_statement::insert_returning:
    case table_statement::insert_returning_keyed_by_database:
      return insert_sql(table, true, d, write_of(what));
    case table_statement::update:
      return update_sql(table, table.has_generated, d);
    case table_statement::upsert:
    case table_statement::upsert_keyed_by_database:
      return upsert_sql(table, table.key, d, write_of(what), true);
    case table_statement::remove_by_key:
      return remove_by_key_sql(table, d);
    case table_statement::select_by_key:
      return select_by_key_sql(table, d);
    case table_statement::select_by_keys:
      return select_by_keys_sql(table, d);
    case table_statement::select_all: {
      std::string text = select_sql(table);
      append_presence(text, table, " WHERE ");
      return text;
    }
    case table_statement::stored_by_key:
      return stored_row_sql(table, row_guard::by_key, d);
    case table_statement::stored_by_rowid:
      return stored_row_sql(table, row_guard::by_rowid, d);
    case table_statement::write_lock:
      return concat({"DELETE FROM ", quote_identifier(table.name), " WHERE 0"});
  }
  return {};
}

}  // namespace hewn::detail

#endif
