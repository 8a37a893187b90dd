// hewn/query/statements/statement_errors.hpp - the errors of verbs that find no row, or too many.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/dialect/write/version_sql.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace hewn::detail {

HEWN_RARE HEWN_API error_details no_such_row(const table_info& table);

HEWN_RARE HEWN_API error_details no_row_returned();

/// A write of one row that changed none. The database does not tell why.
HEWN_RARE HEWN_API error_details no_row_changed(const table_info& table);

/// The same of a restore.
HEWN_RARE HEWN_API error_details no_row_restored(const table_info& table);

/// A write of one row that changed none, because the row has another version than was given.
HEWN_RARE HEWN_API error_details stale_row(const table_info& table, std::int64_t held,
                                           std::int64_t stored);

/// Of a row whose version has no next one.
[[noreturn]] HEWN_RARE HEWN_API void fail_last_version(const table_info& table, call_site site);

/// A row that was to be stored, and that the database left out without an error.
HEWN_RARE HEWN_API error_details skipped_row(const table_info& table);

/// The same of an upsert, which leaves a row of another tenant as it is.
HEWN_RARE HEWN_API error_details row_not_taken(const table_info& table);

/// The same for many rows, of which the database counts only some.
HEWN_RARE HEWN_API error_details skipped_rows(const table_info& table, std::int64_t taken,
                                              std::int64_t sent);

/// A row that asks for a key of a table that makes none.
HEWN_RARE HEWN_API error_details no_new_key(const table_info& table);

template <class Driver>
[[noreturn]] HEWN_COLD void fail_skipped(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(skipped_row(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_not_taken(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(row_not_taken(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_not_found(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(no_such_row(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_not_changed(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(no_row_changed(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_not_restored(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(no_row_restored(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_no_row(const lease<Driver>& row) {
  row->owner->fail_with(no_row_returned(), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_more_than_one(const lease<Driver>& row) {
  error_details d;
  d.code = errc::usage;
  d.message = "hewn: one() found more than one row; narrow the query, or use first() or all()";
  row->owner->fail_with(std::move(d), *row.operator->());
}

/// The error for a negative limit or offset.
[[noreturn]] HEWN_RARE HEWN_API void fail_row_count(call_site site);

[[noreturn]] HEWN_RARE HEWN_API void fail_empty_condition(const table_info& table, call_site site);

/// The same of claim(), for which no verb stands in.
[[noreturn]] HEWN_RARE HEWN_API void fail_empty_claim(const table_info& table, call_site site);

/// Of an update of one row to another.
[[noreturn]] HEWN_RARE HEWN_API void fail_other_key(const table_info& table, call_site site);

/// `read_only`: in a transaction that is; otherwise outside any.
[[noreturn]] HEWN_RARE HEWN_API void fail_row_lock(const table_info& table, bool read_only,
                                                   call_site site);

template <class Driver>
[[noreturn]] HEWN_COLD void fail_parameter_count(const lease<Driver>& row, std::size_t given) {
  error_details d;
  d.code = errc::usage;
  d.message = "hewn: the statement has " + std::to_string(row.statement().parameter_count()) +
              " places for values and " + std::to_string(given) +
              " are given; give one value for each ?";
  row->owner->fail_with(std::move(d), *row.operator->());
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API error_details no_such_row(const table_info& table) {
  error_details d;
  d.code = errc::not_found;
  d.table = table.name;
  d.message = "hewn: " + std::string(table.name) +
              " has no such row; use find() or first() where that is to be expected";
  return d;
}

HEWN_API error_details no_row_returned() {
  error_details d;
  d.code = errc::not_found;
  d.message = "hewn: the statement returned no row; use first() where that is to be expected";
  return d;
}

HEWN_API error_details no_row_changed(const table_info& table) {
  error_details d = no_such_row(table);
  d.message = "hewn: " + std::string(table.name) +
              " has no such row, or a trigger or rule of the database skips the change; use find() "
              "first where that is to be expected";
  return d;
}

HEWN_API error_details no_row_restored(const table_info& table) {
  error_details d = no_such_row(table);
  d.message = "hewn: " + std::string(table.name) +
              " has no such removed row, or a trigger or rule of the database skips the change; "
              "look for it by a query with_removed() where that is to be expected";
  return d;
}

HEWN_API error_details stale_row(const table_info& table, std::int64_t held, std::int64_t stored) {
  error_details d;
  d.code = errc::stale;
  d.table = table.name;
  d.column = table.columns[version_column(table)].name;
  d.held = held;
  d.stored = stored;
  d.message = "hewn: " + std::string(table.name) + " has version " + std::to_string(stored) +
              " of the row, which was given as version " + std::to_string(held) +
              ", so another write came between; read the row again, and repeat the change on that";
  return d;
}

HEWN_API void fail_last_version(const table_info& table, call_site site) {
  error_details d;
  d.code = errc::invalid_data;
  d.table = table.name;
  d.column = table.columns[version_column(table)].name;
  d.site = site;
  d.message = "hewn: " + d.table + '.' + d.column +
              " is at the last number that its field holds, so that the row cannot be changed; "
              "make the field an std::int64_t, or begin again by SQL";
  throw error(std::move(d));
}

HEWN_API error_details skipped_row(const table_info& table) {
  error_details d;
  d.code = errc::skipped;
  d.table = table.name;
  d.message = "hewn: " + std::string(table.name) +
              " did not take the row, because a trigger, rule or conflict clause of the database "
              "skips it; correct the row, or use execute() where rows may be skipped";
  return d;
}

HEWN_API error_details row_not_taken(const table_info& table) {
  error_details d = skipped_row(table);
  if (!table.has_tenant()) return d;
  d.code = errc::conflict;
  d.message = "hewn: " + std::string(table.name) +
              " has the row of the upsert for another tenant, or a trigger or rule of the database "
              "skips it; give it another key, or let the tenant be part of what is unique";
  return d;
}

HEWN_API error_details skipped_rows(const table_info& table, std::int64_t taken,
                                    std::int64_t sent) {
  error_details d = skipped_row(table);
  d.message = "hewn: " + std::string(table.name) + " took only " + std::to_string(taken) + " of " +
              std::to_string(sent) +
              " rows, because a trigger, rule or conflict clause of the database skips the rest; "
              "correct the rows, or use execute() where rows may be skipped";
  return d;
}

HEWN_API error_details no_new_key(const table_info& table) {
  error_details d;
  d.code = errc::schema_mismatch;
  d.table = table.name;
  d.column = table.columns[table.key[0]].name;
  d.message =
      "hewn: " + std::string(table.name) + '.' + std::string(d.column) +
      " gets no key from SQLite, because it is not the INTEGER PRIMARY KEY of a table; give "
      "the row its key, or change the column by a migration";
  return d;
}

HEWN_API void fail_row_count(call_site site) {
  throw error(error_details{
      .code = errc::usage,
      .message = "hewn: limit() and offset() take no negative number; correct the count",
      .site = site});
}

HEWN_API void fail_empty_condition(const table_info& table, call_site site) {
  error_details d;
  d.code = errc::usage;
  d.table = table.name;
  d.site = site;
  d.message = "hewn: the condition of a write to " + std::string(table.name) +
              " is empty; say update_all() or remove_all() if every row is meant";
  throw error(std::move(d));
}

HEWN_API void fail_empty_claim(const table_info& table, call_site site) {
  error_details d;
  d.code = errc::usage;
  d.table = table.name;
  d.site = site;
  d.message = "hewn: the condition of a claim of " + std::string(table.name) +
              " is empty, so that the next claim would take the same rows again; add a condition "
              "that a taken row does not meet";
  throw error(std::move(d));
}

HEWN_API void fail_other_key(const table_info& table, call_site site) {
  error_details d;
  d.code = errc::usage;
  d.table = table.name;
  d.site = site;
  d.message = "hewn: update(before, after) of " + std::string(table.name) +
              " is for one row, and the two have other keys; give the row as it was and as it is "
              "to be";
  throw error(std::move(d));
}

HEWN_API void fail_row_lock(const table_info& table, bool read_only, call_site site) {
  error_details d;
  d.code = errc::usage;
  d.table = table.name;
  d.site = site;
  if (read_only)
    d.message = "hewn: rows of " + std::string(table.name) +
                " cannot be locked in a read-only transaction; begin one that may write";
  else
    d.message = "hewn: rows of " + std::string(table.name) +
                " are locked until the end of a transaction, and there is none; run the query in "
                "db.transaction()";
  throw error(std::move(d));
}

}  // namespace hewn::detail

#endif
