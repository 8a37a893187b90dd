// hewn/db/connection/driver.hpp - what a database must give to be one of the library's.
// SPDX-License-Identifier: BSL-1.0
//
// A driver is a type of types and facts, and never an object. Everything else is a template over it
// or asks `dialect`. Where one is not said to throw, it answers with a code or a problem instead.
// The units of the library assert the concepts; a program needs none of this.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/types.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hewn {
class schema_executor;
}

namespace hewn::detail {

/// A statement as the connection lends it. Default-constructed it stands for none, and every step
/// of it fails.
template <class S>
concept driver_statement = std::default_initializable<S> && std::movable<S> &&
    requires(S& s, const S& read) {
  // One row further, or to the end.
  { s.step() } -> std::same_as<step_result>;
  // Ready to be bound anew: no row is open, no value is bound. Whatever failed before.
  s.reset();
  // Why the last step failed, for connection::describe.
  { read.code() } -> std::same_as<int>;
  // Whether it leaves the database as it is; where nobody knows, it does not.
  { read.read_only() } -> std::same_as<bool>;
};

/// One open connection. It closes itself when it dies; nullptr makes one that is none.
template <class C, class S>
concept driver_connection = std::move_constructible<C> &&
    std::constructible_from<C, std::nullptr_t> &&
    requires(C& c, const C& read, S& s, std::string_view sql, int code, bool open) {
  // Prepares one statement; 0, or a code for describe().
  { c.prepare(sql, s) } -> std::same_as<int>;
  // Runs a script; in a transaction, when `open`, it refuses what would end it. 0, or a code.
  { c.execute(sql, open) } -> std::same_as<int>;
  // The failure of this code as an error, without a value and without a credential.
  { read.describe(code, sql) } -> std::same_as<error_details>;
  // Whether a transaction is open, as the database sees it.
  { read.in_transaction() } -> std::same_as<bool>;
};

/// What connections, transactions, caches and pools are made of.
///
/// A connection may have besides:
///   dialect()               the SQL that it understands, where Driver::dialect cannot say it
///   begin_sql(begin)        the text of a BEGIN, where Driver::begin_sql cannot
///   transaction_failed()    the transaction is open and takes nothing but its end
///   write_in_doubt(details) nobody knows whether a write without a transaction was done
///   find_cause(details, s)  what else is known of the failure while the values are bound
///   column_names(table)     the live columns, to name all that are missing
///   watch()                 who is told of changes (change_watch)
///   guard_writes(asked, c)  a write that the database prepares anew by itself is refused where
///                           asked(c, table); take_refusal() tells whether one was
/// and the driver, for pools:
///   alive(connection, ask)  whether it can be lent; with `ask` the database is asked
///   reusable(connection)    it is as it was when it was opened
///   has_traces(connection)  reusable() has something to put back
///   leaves_traces(sql)      the statement may be why
template <class D>
concept connection_driver = driver_statement<typename D::statement> &&
    driver_connection<typename D::connection, typename D::statement> &&
    requires(const typename D::connection& c, const error& failure) {
  // Whether a COMMIT that failed so may have been done all the same.
  { D::commit_in_doubt(c, failure) } -> std::same_as<bool>;
};

/// A statement that takes the values of a program and gives those of rows. Parameters count from 1,
/// columns from 0. What a value cannot be is kept as the problem of the statement; the first stays.
template <class S>
concept row_statement = driver_statement<S> &&
    requires(S& s, const S& read, int i, std::string_view text, bytes_view bytes, bool copy) {
  // The values that every database holds; with `copy` the statement keeps text and bytes.
  s.bind(i, std::int64_t());
  s.bind(i, bool());
  s.bind(i, double());
  s.bind(i, text, copy);
  s.bind(i, bytes, copy);
  s.bind(i, timestamp());
  s.bind(i, date());
  s.bind(i, uuid_bytes());
  s.bind_null(i);
  // The program found out that the value has no form here.
  s.refuse(i, value_problem());
  // The problem of the values that were bound or read last, its parameter, and its end.
  { read.problem() } -> std::same_as<value_problem>;
  { read.problem_index() } -> std::same_as<int>;
  s.clear_problem();
  // To the first row again, with the values that are bound.
  s.rewind();
  // The columns of its rows, as the database calls them.
  { read.parameter_count() } -> std::same_as<int>;
  { read.column_count() } -> std::same_as<int>;
  { read.column_name(i) } -> std::convertible_to<std::string_view>;
  { read.declared_type(i) } -> std::convertible_to<std::string_view>;
  { read.is_null(i) } -> std::same_as<bool>;
} && requires(S& s, int i, std::int64_t& number, bool& truth, double& real, std::string& text,
              std::string_view& view, bytes_view& bytes, timestamp& instant, date& day,
              uuid_bytes& id) {
  // The value of the current row; false: problem() says why. Views live until the next step.
  { s.read(i, number) } -> std::same_as<bool>;
  { s.read(i, truth) } -> std::same_as<bool>;
  { s.read(i, real) } -> std::same_as<bool>;
  { s.read(i, text) } -> std::same_as<bool>;
  { s.read(i, view) } -> std::same_as<bool>;
  { s.read(i, bytes) } -> std::same_as<bool>;
  { s.read(i, instant) } -> std::same_as<bool>;
  { s.read(i, day) } -> std::same_as<bool>;
  { s.read(i, id) } -> std::same_as<bool>;
};

/// What the verbs and sync are made of.
///
/// A driver may have besides, for many rows at once: copy_buffer and array_buffer (bulk), pipeline
/// and pipeline_answer (batches); for migrations: migration_executor.
template <class D>
concept driver = connection_driver<D> && row_statement<typename D::statement> &&
    requires(connection<D>& c) {
  // Whether the key of an inserted row is known without RETURNING.
  { D::tells_inserted_key } -> std::convertible_to<bool>;
  // The database as sync sees it.
  { *D::schema_executor_of(c) } -> std::same_as<schema_executor&>;
};

}  // namespace hewn::detail
