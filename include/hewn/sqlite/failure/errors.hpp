// hewn/sqlite/failure/errors.hpp - SQLite's messages as hewn's errors.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/error_subject.hpp>
#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/sqlite/failure/result_code.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace hewn::sqlite {

namespace detail {

/// What SQLITE_READONLY_DIRECTORY means, to follow the name of the file.
inline constexpr std::string_view unwritable_folder =
    "is in a folder that cannot be written, and SQLite keeps its journal or log beside the file; "
    "correct the permissions of the folder";

// "UNIQUE constraint failed: users.email, users.name" names the columns.
HEWN_RARE HEWN_API void take_columns(std::string_view message, error_details& out);

// "CHECK constraint failed: adult" ends in the name, or in the text of the condition without one.
HEWN_RARE HEWN_API void take_check(std::string_view message, error_details& out);

// "no such table: main.users", "no such column: users.email", "table users has no column named x"
HEWN_RARE HEWN_API void take_missing(std::string_view message, error_details& out);

// Whether statements are refused for what is around them; then `out` says so.
HEWN_RARE HEWN_API bool describe_refused_call(std::string_view message, error_details& out);

// How SQLite begins what a schema does that the connection does not trust; the same when the schema
// is read, where SQLite calls anything that it does not understand malformed and SQLITE_CORRUPT.
// Source: sqlite3ExprFunctionUsable, sqlite3SelectExpand and corruptSchema.
inline constexpr std::string_view untrusted = "unsafe use of ";
inline constexpr std::string_view unreadable = "malformed database schema";

using hewn::detail::subject;

}  // namespace detail

/// SQLite's message without what it quotes from bound values, as full-text queries and JSON paths
/// do: a quoted stretch or a missing name that is not in the text of the statement.
HEWN_RARE HEWN_API std::string without_values(std::string_view message, std::string_view sql);

/// The error for `code`, with SQLite's own message where it says more. SQLite's messages name
/// columns and constraints and quote SQL text, never bound values.
/// Source of the forms: sqlite3UniqueConstraint and sqlite3HaltConstraint in SQLite's insert.c.
HEWN_RARE HEWN_API error_details describe(int code, std::string_view message);

}  // namespace hewn::sqlite

#if HEWN_DEFINES_SQLITE

namespace hewn::sqlite::detail {

HEWN_API void take_columns(std::string_view message, error_details& out) {
  const std::size_t colon = message.find("failed: ");
  if (colon == std::string_view::npos) return;
  std::string_view rest = message.substr(colon + 8);
  constexpr std::string_view index = "index '";  // an expression index: SQLite names it alone
  if (rest.starts_with(index)) {
    rest.remove_prefix(index.size());
    out.constraint = rest.substr(0, rest.find('\''));
    return;
  }
  const std::size_t dot = rest.substr(0, rest.find(", ")).rfind('.');
  if (dot == std::string_view::npos) return;
  out.table = rest.substr(0, dot);
  // Each column follows the table, so that names with commas and dots are told apart.
  const std::string next = hewn::detail::concat({", ", out.table, "."});
  for (rest.remove_prefix(dot + 1);;) {
    const std::size_t end = rest.find(next);
    out.columns.emplace_back(rest.substr(0, end));
    if (end == rest.npos) break;
    rest.remove_prefix(end + next.size());
  }
  out.column = out.columns.front();
}

HEWN_API void take_check(std::string_view message, error_details& out) {
  const std::size_t colon = message.find("failed: ");
  if (colon != std::string_view::npos) out.constraint = message.substr(colon + 8);
}

HEWN_API void take_missing(std::string_view message, error_details& out) {
  const auto after = [&](std::string_view text) {
    const std::size_t at = message.find(text);
    return at == message.npos ? std::string_view() : message.substr(at + text.size());
  };
  const auto last_part = [](std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == name.npos ? name : name.substr(dot + 1);
  };
  out.table = last_part(after("no such table: "));
  out.column = last_part(after("no such column: "));
  if (out.column.empty()) out.column = after(" has no column named ");
  if (message.starts_with("table ") && !out.column.empty())
    out.table = message.substr(6, message.find(" has no column named ") - 6);
}

// Statements that are as they should be, refused for what is around them. SQLite has no code for
// these. Source: sqlite3RunVacuum, and OP_Savepoint in SQLite's vdbe.c.
HEWN_API bool describe_refused_call(std::string_view message, error_details& out) {
  if (message == "output file already exists") {
    out.code = errc::cannot_open;
    out.message =
        "hewn: the file that VACUUM INTO would write exists already; remove it, or name another";
  } else if (message == "cannot VACUUM from within a transaction") {
    out.code = errc::usage;
    out.message = "hewn: VACUUM does not run in a transaction; run it outside of one";
  } else if (message == "cannot VACUUM - SQL statements in progress") {
    out.code = errc::usage;
    out.message =
        "hewn: VACUUM does not run while rows are being read; end the loop over them first";
  } else if (message.starts_with("no such savepoint: ")) {
    out.code = errc::usage;
    out.message = hewn::detail::lost_savepoint;
  }
  return !out.message.empty();
}

}  // namespace hewn::sqlite::detail

namespace hewn::sqlite {

HEWN_API std::string without_values(std::string_view message, std::string_view sql) {
  // About the schema alone.
  if (message.starts_with(detail::untrusted) || message.starts_with(detail::unreadable))
    return std::string(message);
  std::string out;
  const auto keep = [&](std::string_view part) {
    out += sql.find(part) == sql.npos ? std::string_view("?") : part;
  };
  for (const std::string_view start :
       {"no such column: ", "unable to open database: ", "malformed MATCH expression: ",
        "unknown special query: ", "no such database: "}) {
    if (!message.starts_with(start)) continue;
    out = start;
    std::string_view name = message.substr(start.size());
    if (start.starts_with("unable")) {  // a path, whose dots part no names
      keep(name);
      return out;
    }
    for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.')) {
      keep(name.substr(0, dot));
      out += '.';
      name.remove_prefix(dot + 1);
    }
    keep(name);
    return out;
  }
  while (!message.empty()) {
    const std::size_t open = message.find_first_of("\"'");
    out += message.substr(0, open);
    if (open == message.npos) break;
    const std::size_t close = message.rfind(message[open]);
    if (close == open) {  // the apostrophe of a word
      out += message[open];
      message.remove_prefix(open + 1);
      continue;
    }
    out += message[open];
    keep(message.substr(open + 1, close - open - 1));
    message.remove_prefix(close);
    out += message.front();
    message.remove_prefix(1);
  }
  return out;
}

HEWN_API error_details describe(int code, std::string_view message) {
  error_details d;
  d.native = code;
  d.code = classify(code);
  d.retryable = is_retryable(d.code);
  const std::string_view native = message;
  if (d.code == errc::syntax && detail::describe_refused_call(message, d)) return d;
  if ((d.code == errc::syntax || d.code == errc::corrupt) &&
      message.find(detail::untrusted) != message.npos) {
    d.code = errc::usage;
    d.message = hewn::detail::concat(
        {"hewn: the schema of the database uses what this connection does not trust it with (",
         native,
         "); drop what uses it, or open it with .trusted_schema = true if its author is trusted, "
         "because the schema can then call any function when rows are read or written"});
    return d;
  }
  if (d.code == errc::syntax &&
      (message.starts_with("no such ") || message.find(" has no column named ") != message.npos))
    d.code = errc::schema_mismatch;
  // ON DELETE RESTRICT is a trigger inside SQLite. Source: fkActionTrigger in SQLite's fkey.c.
  // So is, by its code, a deferred key that fails when the transaction ends.
  if ((code & 0xff) == SQLITE_CONSTRAINT && message == "FOREIGN KEY constraint failed")
    d.code = errc::foreign_key;
  switch (d.code) {
    case errc::conflict:
      detail::take_columns(message, d);
      d.message = hewn::detail::conflict_message(d);
      break;
    case errc::foreign_key:
      d.message = hewn::detail::foreign_key_message(d);
      break;
    case errc::check:
      detail::take_check(message, d);
      d.message = d.constraint.empty()
                      ? hewn::detail::concat({"hewn: a trigger or hook refused the statement (",
                                              native, "); correct the values, or the trigger"})
                      : hewn::detail::concat({"hewn: ", detail::subject(d), " is violated (",
                                              native, "); correct the value, or the declaration"});
      break;
    case errc::not_null:
      detail::take_columns(message, d);
      d.message = hewn::detail::not_null_message(d);
      break;
    case errc::busy:
      d.message =
          "hewn: the database is locked by another connection and the wait was in vain; run the "
          "transaction again, or raise busy_timeout";
      break;
    case errc::serialization:
      d.message =
          "hewn: another connection has written since this transaction began to read; run the "
          "whole transaction again";
      break;
    case errc::full:
      d.message = hewn::detail::concat({"hewn: the database or disk is full (", native,
                                        "); free space, or raise max_page_count"});
      break;
    case errc::read_only:
      d.message = hewn::detail::concat(
          {"hewn: the database is read-only (", native,
           "); open it for writing, take a writer of a pool by acquire(), or correct its "
           "permissions"});
      break;
    case errc::corrupt:
      if (code == SQLITE_NOTADB)
        d.message = "hewn: the file is not an SQLite database; check the path";
      else if (code == SQLITE_CORRUPT_VTAB)
        d.message = hewn::detail::concat(
            {"hewn: a virtual table is damaged, or does not agree with the table that it reads (",
             native, "); make its content again, of FTS5 by the command 'rebuild'"});
      else if (message.starts_with(detail::unreadable))
        d.message = hewn::detail::concat(
            {"hewn: this SQLite does not understand the schema of the database (", native,
             "); open it with the version that wrote it, or restore a backup"});
      else
        d.message = hewn::detail::concat(
            {"hewn: the database is damaged (", native, "); restore a backup"});
      break;
    case errc::io:
      d.message =
          hewn::detail::concat({"hewn: the operating system failed to read or write the database (",
                                native, "); check the disk"});
      break;
    case errc::schema_mismatch:
      detail::take_missing(message, d);
      d.message =
          hewn::detail::concat({"hewn: the database and the program do not agree on the schema (",
                                native, "); run hewn::sync, or correct the declaration"});
      break;
    case errc::usage:
      d.message = hewn::detail::concat({"hewn: a statement that is still in use is in the way (",
                                        native, "); end the loop over its rows first"});
      break;
    case errc::cannot_open:
      d.message =
          hewn::detail::concat({"hewn: the database or a file beside it cannot be opened (", native,
                                "); check that its folder exists and is permitted"});
      break;
    case errc::transaction_aborted:
      d.message =
          "hewn: the transaction was rolled back while rows were being read; end the loop over "
          "them "
          "first";
      break;
    case errc::out_of_memory:
      d.message = "hewn: the database is out of memory; free some and try again";
      break;
    case errc::interrupted:
      d.message = "hewn: the statement was interrupted; run it again if it is still wanted";
      break;
    default:
      d.message = hewn::detail::concat({"hewn: the database refused the statement (", native,
                                        "); correct the SQL or the schema"});
      break;
  }
  return d;
}

}  // namespace hewn::sqlite

#endif
