// hewn/postgres/failure/errors.hpp - PostgreSQL's reports as hewn's errors.
// SPDX-License-Identifier: BSL-1.0
//
// The server's DETAIL quotes rows, and its messages quote what it could not read. Neither is shown:
// names come from the fields of the report, sentences from here.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/error_subject.hpp>
#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/read/failed_statement.hpp>
#include <hewn/postgres/failure/server_report.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::postgres {

/// What an SQLSTATE means.
/// Source: https://www.postgresql.org/docs/15/errcodes-appendix.html.
constexpr errc classify(std::string_view state) noexcept {
  const auto is = [state](std::string_view one) { return state == one; };
  if (is("23505") || is("23P01")) return errc::conflict;
  if (is("23503") || is("23001")) return errc::foreign_key;
  if (is("23502")) return errc::not_null;
  if (is("40001") || is("40P01")) return errc::serialization;
  if (is("55P03")) return errc::busy;
  if (is("57014")) return errc::interrupted;
  if (is("25006")) return errc::read_only;
  if (is("25P02")) return errc::transaction_aborted;
  if (is("25P03") || is("57P01") || is("57P02") || is("57P05")) return errc::connection_lost;
  if (is("53200")) return errc::out_of_memory;
  if (is("42P01") || is("42703") || is("3F000")) return errc::schema_mismatch;
  if (is("42501") || is("57P03") || is("3D000") || is("53300")) return errc::cannot_open;
  if (is("26000") || is("42P05") || is("25001")) return errc::usage;
  if (is("P0001")) return errc::check;  // RAISE in a trigger, as SQLite's RAISE(ABORT, ...)
  if (is("58030")) return errc::io;
  if (is("XX001") || is("XX002")) return errc::corrupt;
  const std::string_view kind = state.substr(0, 2);
  if (kind == "08") return errc::connection_lost;
  if (kind == "22") return errc::invalid_data;
  if (kind == "23") return errc::check;
  if (kind == "28") return errc::cannot_open;
  if (kind == "42" || kind == "0A") return errc::syntax;
  if (kind == "53" || kind == "54") return errc::full;
  if (kind == "58") return errc::io;
  return errc::other;
}

/// Whether the whole transaction may succeed when it is run again.
constexpr bool is_retryable(errc code) noexcept {
  return code == errc::busy || code == errc::serialization;
}

/// Whether a lost connection left open what became of the command: nobody answered, or what stands
/// between did (class 08), or the server crashed over it. A server that ends a session says so only
/// when nothing was committed. `report` is the failure's result.
/// Source: SyncRepWaitForLSN in PostgreSQL's syncrep.c.
inline bool is_unanswered(int native, const PGresult* report) noexcept {
  if (native == client_failure::not_sent) return false;
  if (native <= 0 || report == nullptr) return true;
  const char* const state = PQresultErrorField(report, PG_DIAG_SQLSTATE);
  const char* const severity = PQresultErrorField(report, PG_DIAG_SEVERITY_NONLOCALIZED);
  return (state != nullptr && std::string_view(state).starts_with("08")) ||
         (severity != nullptr && std::string_view(severity) == "PANIC");
}

namespace detail {

using hewn::detail::subject;

HEWN_COLD inline std::string pooler_message() {
  return "hewn: a prepared statement is not where it was left, as happens behind a proxy that "
         "gives "
         "each transaction another server connection (pgbouncer's pool_mode = transaction), or "
         "after "
         "DISCARD or DEALLOCATE; open the database with .transaction_pooling = true, or connect "
         "without the proxy";
}

/// Text from outside as a part of one line: control characters would forge lines of a log, or hide
/// them on a terminal.
HEWN_COLD inline std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i != text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 != text.size() ? text[i + 1] : ' ');
    const bool two_byte_control = c == 0xc2 && next >= 0x80 && next < 0xa0;
    out += c < ' ' || c == 0x7f || two_byte_control ? '?' : text[i];
    i += two_byte_control ? 1 : 0;
  }
  return out;
}

/// Whether something was computed that has no room in 64 bits. The words are in the server's
/// tongue, so that its function tells: int8pl, int84mul, or what makes a bigint of a sum. int84 and
/// int82 are casts to narrower integers.
HEWN_COLD inline bool is_integer_overflow(const server_report& r) {
  if (r.state != "22003" || r.is_of_function()) return false;
  const std::string_view f = r.function;
  return (f.starts_with("int8") && f != "int84" && f != "int82") || f.starts_with("int48") ||
         f.starts_with("int28") || f.starts_with("numeric_int8") || f == "dtoi8" || f == "ftoi8";
}

/// Fills the message of a failure whose code and names are known.
HEWN_COLD inline void fill_message(error_details& d, const server_report& r, std::string_view sql) {
  const std::string state = " (SQLSTATE " + std::string(r.state) + ")";
  if (r.state == "23514" && d.constraint.empty() && !r.table.empty()) {
    d.message = "hewn: " + d.table +
                " has no partition that takes the row; create one, or correct the value";
    return;
  }
  switch (d.code) {
    case errc::conflict:
      d.message = hewn::detail::conflict_message(d);
      break;
    case errc::foreign_key:
      d.message = hewn::detail::foreign_key_message(d);
      break;
    case errc::check:
      d.message = d.constraint.empty()
                      ? "hewn: a trigger or function refused the statement" + state +
                            "; correct the values, or name a CONSTRAINT in RAISE to tell why"
                      : "hewn: constraint " + d.constraint +
                            " is violated; correct the value, or the declaration";
      break;
    case errc::not_null:
      d.message = hewn::detail::not_null_message(d);
      break;
    case errc::invalid_data:
      d.message = is_integer_overflow(r) ? std::string(hewn::detail::integer_overflow)
                                         : "hewn: a value does not fit its column or parameter" +
                                               state + "; correct the value, or cast the parameter";
      break;
    case errc::serialization:
      d.message = r.state == "40P01"
                      ? "hewn: the transaction and another one waited for each other, and this one "
                        "was chosen to end; run the whole transaction again"
                      : "hewn: another transaction has changed what this one depends on; run the "
                        "whole transaction again";
      break;
    case errc::busy:
      d.message =
          "hewn: a lock is held by another transaction and the wait was in vain; run the "
          "transaction again, or raise lock_timeout";
      break;
    case errc::interrupted:
      d.message =
          "hewn: the statement was cancelled, or took longer than statement_timeout; run it again "
          "if it is still wanted";
      break;
    case errc::read_only:
      d.message =
          "hewn: the server takes no write here, because it is a standby, "
          "default_transaction_read_only is on, or the transaction only reads; connect to the "
          "primary, set it off or use transaction(), or use read() where nothing is to be written";
      break;
    case errc::connection_lost:
      d.message = "hewn: the server ended the connection" + state +
                  "; open the database again and repeat the transaction";
      break;
    case errc::schema_mismatch:
      d.message = "hewn: the database and the program do not agree on the schema (" +
                  shown_words(r, sql) + "); run hewn::sync, or correct the declaration";
      break;
    case errc::transaction_aborted:
      d.message =
          "hewn: the transaction has failed earlier; end the transaction before the next statement";
      break;
    case errc::cannot_open:
      d.message = "hewn: the server refused access (" + shown_words(r, sql) +
                  "); check role, database and permissions";
      break;
    case errc::full:
      d.message = "hewn: the server ran into a limit or out of space" + state +
                  "; free space, or raise the limit";
      break;
    case errc::out_of_memory:
      d.message = "hewn: the server is out of memory; free some and try again";
      break;
    case errc::corrupt:
      d.message = "hewn: the server found its data damaged" + state + "; restore a backup";
      break;
    case errc::io:
      d.message = "hewn: the server's operating system failed to read or write" + state +
                  "; check its disk";
      break;
    case errc::usage:
      d.message = r.state == "25001"
                      ? "hewn: the statement cannot run inside a transaction; run it by itself"
                      : pooler_message();
      break;
    default:
      d.message = "hewn: the database refused the statement (" +
                  (d.code != errc::syntax                             ? shown_report(r, sql)
                   : r.state.starts_with("0A") && !r.is_of_function() ? all_words(r, sql)
                                                                      : shown_words(r, sql)) +
                  "); correct the SQL or the schema";
      break;
  }
  d.message = printable(d.message);
}

}  // namespace detail

/// The error for a report. `sql` is the text whose names may be repeated.
HEWN_COLD inline error_details describe(const detail::server_report& r, std::string_view sql) {
  error_details d;
  d.native = pack_sqlstate(r.state);
  d.code = classify(r.state);
  d.table = r.table;
  d.column = r.column;
  d.constraint = r.constraint;
  if (d.code == errc::conflict) {
    d.columns = detail::key_columns(r.detail);
    // Not shown to who may not read the columns.
    if (d.columns.empty()) d.column = detail::column_in_name(d.constraint, d.table, "_key");
  } else if (d.code == errc::foreign_key) {
    if (!detail::is_about_parent(r.detail, r.table)) d.columns = detail::key_columns(r.detail);
    if (d.columns.empty()) d.column = detail::column_in_name(d.constraint, d.table, "_fkey");
  } else if (d.code == errc::syntax && r.function == "exec_parse_message") {
    d.code = errc::usage;
    d.message = "hewn: the text is not exactly one statement; use script() for several";
    return d;
  } else if (r.function == "RevalidateCachedQuery") {
    // The types of the result changed, and the transaction that would prepare again has failed.
    d.code = errc::serialization;
    d.retryable = true;
    d.message =
        "hewn: a table was altered since the statement was prepared; run the whole transaction "
        "again";
    return d;
  }
  if (r.state == "55000" && r.function == "ExecCheckIndexConstraints") {
    d.code = errc::schema_mismatch;
    d.message = detail::printable(
        "hewn: an upsert cannot go by constraint " + d.constraint +
        ", because it is deferrable; make it NOT DEFERRABLE, or name other unique fields");
    return d;
  }
  // A server that talks to others, or a proxy: the session itself goes on, which is what ERROR
  // says.
  if (d.code == errc::connection_lost && r.severity == "ERROR") d.code = errc::other;
  if (d.code == errc::other && r.state.starts_with("08") && r.state != "08P01") {
    d.retryable = true;
    d.message = detail::printable(
        "hewn: the server lost or did not get a connection to another "
        "server (" +
        detail::shown_report(r, sql) + "); run the transaction again when that one answers");
    return d;
  }
  if (r.state == "42P10" && r.function == "infer_arbiter_indexes") {
    hewn::detail::describe_unmatched_upsert(d, sql);
    return d;
  }
  if (r.state == "428C9") {
    d.column = detail::missing_name(r.message, sql);
    const bool identity = r.detail.find("GENERATED ALWAYS") != r.detail.npos;
    hewn::detail::describe_generated_column(d, sql, identity);
    return d;
  }
  if (r.state == "3B001") {
    d.code = errc::usage;
    d.message = hewn::detail::lost_savepoint;
    return d;
  }
  if (r.state == "55P04") {
    d.code = errc::usage;
    d.message =
        "hewn: a value of an enumeration is new, and PostgreSQL lets no statement of the "
        "transaction that adds it use it; use it in the next transaction";
    return d;
  }
  if (r.state == "42P01") d.table = detail::missing_name(r.message, sql);
  if (r.state == "42703") {
    d.column = detail::missing_name(r.message, sql);
    d.table = detail::missing_name(detail::after_first_name(r.message), sql);
  }
  d.retryable = is_retryable(d.code);
  detail::fill_message(d, r, sql);
  return d;
}

/// The same for a failed result.
HEWN_COLD inline error_details describe(const PGresult* result, std::string_view sql) {
  return describe(detail::server_report(result), sql);
}

/// The error for a failure that the client noticed.
HEWN_COLD inline error_details describe_client_failure(int code) {
  error_details d;
  d.native = code;
  switch (code) {
    case client_failure::not_one_statement:
      d.code = errc::usage;
      d.message = "hewn: the text is not exactly one statement; use script() for several";
      break;
    case client_failure::has_nul:
      d.code = errc::usage;
      d.message = "hewn: the script contains a NUL character; remove it";
      break;
    case client_failure::commit_rolled_back:
      d.code = errc::transaction_aborted;
      d.message =
          "hewn: the server answered COMMIT by rolling back, because a statement had failed; run "
          "the transaction again without what failed";
      break;
    case client_failure::out_of_memory:
      d.code = errc::out_of_memory;
      d.message = "hewn: the client is out of memory; free some and try again";
      break;
    case client_failure::copy_in_script:
      d.code = errc::usage;
      d.message = "hewn: a script cannot COPY from or to the client; use insert_many, or a file";
      break;
    case client_failure::controls_in_script:
      d.code = errc::usage;
      d.message = hewn::detail::controls_in_script;
      break;
    case client_failure::statement_pooling:
      d.code = errc::usage;
      d.message =
          "hewn: a proxy gives each statement another server connection (pgbouncer's pool_mode = "
          "statement), so there are no transactions; set pool_mode = transaction, or connect "
          "without the proxy";
      break;
    case client_failure::types_changed:
      d.code = errc::schema_mismatch;
      d.message =
          "hewn: a column has got another type since the statement was prepared, so nothing was "
          "run; run it again";
      break;
    default:
      d.code = errc::connection_lost;
      d.message =
          "hewn: the connection to the server is lost; open the database again and repeat the "
          "transaction";
      break;
  }
  return d;
}

}  // namespace hewn::postgres
