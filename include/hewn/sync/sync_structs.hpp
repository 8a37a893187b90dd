// hewn/sync/sync_structs.hpp - bringing a database to what structs say.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/table_model.hpp>
#include <hewn/sync/sync.hpp>

namespace hewn {

/// The schema that the structs describe, for the database `d`.
template <class... Tables>
schema::database schema_of(dialect d) {
  schema::database wanted;
  (wanted.tables.push_back(table_model(table_of<Tables>, d)), ...);
  return wanted;
}

/// What sync<Tables...>(db) would do, without doing it. Reads only.
template <class... Tables, class Database>
plan plan_sync(const Database& db) {
  using driver = typename Database::driver_type;
  typename driver::schema_executor executor(db.connection());
  return make_plan(executor, schema_of<Tables...>(driver::dialect));
}

/// Brings the tables of the structs into the database: creates what is missing and adds what can
/// be added without touching a row. Anything else is refused as a whole, with a report of what it
/// would have to do. Tables that no struct describes are never touched, and when there is nothing
/// to do nothing is written. Returns what was applied. Throws: approval_required, and what the
/// database reports.
template <class... Tables, class Database>
plan sync(const Database& db) {
  static_assert(sizeof...(Tables) > 0,
                "hewn: sync<> needs the structs; write sync<user, team>(db)");
  using driver = typename Database::driver_type;
  typename driver::schema_executor executor(db.connection());
  return apply(executor, make_plan(executor, schema_of<Tables...>(driver::dialect)));
}

}  // namespace hewn
