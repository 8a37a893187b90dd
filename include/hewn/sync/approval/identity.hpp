// hewn/sync/approval/identity.hpp - which database this is.
// SPDX-License-Identifier: BSL-1.0
//
// A file name or an address can lead to another database tomorrow. The identity is a random UUID in
// the table hewn_identity: it goes with the data, also into a copy. A copy that is to be a database
// of its own, such as a staging system made from a backup, is given a new one by renew_identity().
// restore() of SQLite gives one to what it puts back.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sync/approval/random_uuid.hpp>
#include <hewn/sync/model/database_executor.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/own_tables.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::audit {

namespace detail {

inline std::string parameter(int number, dialect d) {
  std::string out;
  hewn::detail::append_parameter(out, number, d);
  return out;
}

inline bool has_table(schema_executor& executor, std::string_view name) {
  const std::string p = parameter(1, executor.dialect());
  return !executor
              .query(
                  executor.dialect() == dialect::sqlite
                      ? hewn::detail::concat(
                            {"SELECT name FROM sqlite_master WHERE type = 'table' AND name = ", p})
                      : hewn::detail::concat(
                            {"SELECT table_name FROM information_schema.tables "
                             "WHERE table_schema = current_schema() AND table_name = ",
                             p}),
                  {std::string(name)})
              .empty();
}

inline const std::string& required(const text_row& row, std::size_t column) {
  if (column >= row.size() || !row[column])
    throw error(errc::corrupt,
                "hewn: a table of the audit has a row that hewn did not write; restore it from a "
                "backup");
  return *row[column];
}

// Before anything is written to hewn's own tables.
inline void check_recording(schema_executor& executor) {
  if (const std::string found = executor.recording_trigger(); !found.empty())
    hewn::detail::refuse_recording(found);
}

}  // namespace detail

/// The identity of the database, nothing where it has none. Reads only.
inline std::optional<std::string> find_identity(schema_executor& executor,
                                                call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  if (!detail::has_table(executor, "hewn_identity")) return std::nullopt;
  const std::vector<text_row> rows = executor.query("SELECT id FROM hewn_identity");
  if (rows.empty()) return std::nullopt;
  return detail::required(rows.front(), 0);
}

/// The identity of the database, made now where it has none. Throws: usage where a trigger would be
/// set off.
inline std::string ensure_identity(schema_executor& executor,
                                   call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  if (const auto found = find_identity(executor)) return *found;
  executor.transaction({}, [&] {
    // PostgreSQL's IF NOT EXISTS fails when two do it at once. The number is "hewn" in ASCII.
    if (executor.dialect() == dialect::postgres)
      executor.query("SELECT pg_advisory_xact_lock(1751480174)");
    executor.execute(std::string(hewn::detail::identity_table));
    detail::check_recording(executor);
    executor.query("INSERT INTO hewn_identity (only_row, id, audit_seq, audit_hash) VALUES (1, " +
                       detail::parameter(1, executor.dialect()) + ", 0, '') ON CONFLICT DO NOTHING",
                   {hewn::detail::random_uuid()});
  });
  return find_identity(executor).value();
}

/// Makes the database another one, so that approvals for what it is a copy of do not hold for it.
inline std::string renew_identity(schema_executor& executor,
                                  call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  std::string made;
  executor.transaction({}, [&] {
    ensure_identity(executor);
    detail::check_recording(executor);
    made = hewn::detail::random_uuid();
    executor.query("UPDATE hewn_identity SET id = " + detail::parameter(1, executor.dialect()),
                   {made});
  });
  return made;
}

/// As renew_identity of its executor.
template <synced_database Database>
std::string renew_identity(const Database& db, call_site site = call_site::current()) {
  const hewn::detail::call_scope at(site);
  return renew_identity(*hewn::detail::executor_of(db));
}

/// The clock of the database: the one by which approvals begin and expire, because the machines
/// that make and use them may disagree. Units: SQLite milliseconds, PostgreSQL microseconds.
inline timestamp database_time(schema_executor& executor, call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  const std::vector<text_row> rows = executor.query(
      executor.dialect() == dialect::sqlite
          ? "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
          : "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')");
  const std::optional<timestamp> now = rows.empty() || rows.front().empty()
                                           ? std::nullopt
                                           : parse_timestamp(rows.front()[0].value_or(""));
  if (!now) throw error(errc::other, "hewn: the clock of the database is not readable; set it");
  return *now;
}

}  // namespace hewn::audit
