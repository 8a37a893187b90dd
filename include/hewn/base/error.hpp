// hewn/base/error.hpp - the one exception class of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// What went wrong, in terms that are the same on every database.
enum class errc : std::uint8_t {
  not_found,            ///< no row has this key, or no row matched where one was demanded
  conflict,             ///< a primary key or unique constraint already holds this value
  stale,                ///< the row has another version than the one that the program holds
  foreign_key,          ///< the referenced row is missing, or is still referenced
  check,                ///< a CHECK, length or range declaration was violated
  not_null,             ///< NULL for a column that does not take it
  skipped,              ///< a trigger, rule or conflict clause of the database left a row out
  invalid_data,         ///< a value does not fit the C++ type or the column type
  busy,                 ///< another connection held the lock until the deadline
  pool_timeout,         ///< no connection of the pool came back until the deadline
  serialization,        ///< the transaction must be run again from its start
  connection_lost,      ///< the connection is closed or broken
  interrupted,          ///< cancelled or timed out
  corrupt,              ///< the database is damaged, or the file is not a database
  full,                 ///< no space left, or a size limit was reached
  io,                   ///< the operating system failed to read or write
  cannot_open,          ///< missing, a directory, or no permission
  read_only,            ///< a write on a read-only database or in a read-only transaction
  schema_mismatch,      ///< tables or columns are not what the struct says
  approval_required,    ///< the schema change needs a decision
  checksum,             ///< recorded and actual content differ
  transaction_aborted,  ///< the database rolled back; end the transaction before going on
  commit_in_doubt,      ///< COMMIT failed in a way that leaves its outcome unknown
  out_of_memory,        ///< the database could not allocate
  syntax,               ///< the database does not understand the SQL
  usage,                ///< the call is wrong whatever the data are
  other                 ///< none of the above; native() tells
};

/// The name of `code`, as written in the enumeration.
constexpr std::string_view to_string(errc code) noexcept {
  constexpr std::string_view names[] = {"not_found",
                                        "conflict",
                                        "stale",
                                        "foreign_key",
                                        "check",
                                        "not_null",
                                        "skipped",
                                        "invalid_data",
                                        "busy",
                                        "pool_timeout",
                                        "serialization",
                                        "connection_lost",
                                        "interrupted",
                                        "corrupt",
                                        "full",
                                        "io",
                                        "cannot_open",
                                        "read_only",
                                        "schema_mismatch",
                                        "approval_required",
                                        "checksum",
                                        "transaction_aborted",
                                        "commit_in_doubt",
                                        "out_of_memory",
                                        "syntax",
                                        "usage",
                                        "other"};
  return names[static_cast<std::size_t>(code)];
}

/// One thing that is wrong with a row that was to be written.
struct fault {
  std::string column;    ///< empty: the row as a whole
  std::string sentence;  ///< the rest of a sentence about it: "must have 1 to 40 characters"
};

/// The parts of an error, filled by whoever knows them. Never holds a bound value or a credential.
struct error_details {
  errc code = errc::other;
  std::string message = {};               ///< one sentence: `hewn: <subject> <problem>; <repair>`
  std::string table = {};                 ///< empty when unknown
  std::string column = {};                ///< first column concerned; empty when unknown
  std::vector<std::string> columns = {};  ///< every column concerned, the first included
  std::string constraint = {};            ///< name of the violated constraint; empty when unknown
  std::string sql = {};                   ///< text of the statement; empty when there was none
  int native = 0;                  ///< the database's own code (SQLite: the extended result code)
  bool retryable = false;          ///< running the whole transaction again may succeed
  call_site site = {};             ///< the user's call
  std::ptrdiff_t element = -1;     ///< which statement of a batch, counted from 0; -1: of none
  std::vector<fault> faults = {};  ///< what is wrong with a row, found before it was sent
  std::int64_t held = 0;           ///< errc::stale: the version of the row that was given
  std::int64_t stored = 0;         ///< errc::stale: the version of the row in the database
};

namespace detail {

// Specialised in schema/error_is.hpp, which knows the tables of structs.
template <auto Member>
struct error_field {
  static_assert(Member == nullptr,
                "hewn: e.is<&T::field>() needs the table of the struct; include "
                "<hewn/schema/error_is.hpp> or the header of a database");
  static bool concerned(const error_details&) { return false; }
};

/// What an error says, without the marks of a message of its own.
inline std::string without_frame(std::string_view message) {
  constexpr std::string_view prefix = "hewn: ";
  if (message.starts_with(prefix)) message.remove_prefix(prefix.size());
  return std::string(message.substr(0, message.rfind("; ")));
}

}  // namespace detail

/// The one exception class. One class that is asked, not a hierarchy that is caught: what a caller
/// does next depends on several answers at once (code, column, retryable), and a hierarchy can
/// order only one of them. Copies share the details, so copying never throws.
class error : public std::exception {
 public:
  explicit error(error_details details);

  error(errc code, std::string message);

  // Not inline where it is compiled once: what throws need not know the whole class then.
  HEWN_API const char* what() const noexcept override;

  errc code() const noexcept { return details_->code; }
  const std::string& table() const noexcept { return details_->table; }
  const std::string& column() const noexcept { return details_->column; }
  const std::vector<std::string>& columns() const noexcept { return details_->columns; }
  const std::string& constraint() const noexcept { return details_->constraint; }
  const std::string& sql() const noexcept { return details_->sql; }
  int native() const noexcept { return details_->native; }
  bool retryable() const noexcept { return details_->retryable; }
  const call_site& site() const noexcept { return details_->site; }
  /// Everything that declarations and the program's validate() do not allow of a row, in the order
  /// of its fields. Empty where the database refused it.
  const std::vector<fault>& faults() const noexcept { return details_->faults; }
  std::ptrdiff_t element() const noexcept { return details_->element; }
  /// Of errc::stale: the version<> of the row that the program gave, and the one that the row has
  /// in the database; 0 otherwise.
  std::int64_t held() const noexcept { return details_->held; }
  std::int64_t stored() const noexcept { return details_->stored; }
  const error_details& details() const noexcept { return *details_; }

  /// Whether the error is about this field, alone or with others: `e.is<&user::email>()`.
  template <auto Member>
  bool is() const {
    return detail::error_field<Member>::concerned(*details_);
  }

 private:
  std::shared_ptr<const error_details> details_;
};

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn {

namespace detail {

// Whoever knows one column sets `column`, whoever knows several sets `columns`. Whoever does not
// know the call leaves it to the one that is under way.
HEWN_API error_details completed(error_details d) {
  if (d.site.line == 0) d.site = running_call();
  if (d.columns.empty() && !d.column.empty()) d.columns.push_back(d.column);
  if (d.column.empty() && !d.columns.empty()) d.column = d.columns.front();
  return d;
}

}  // namespace detail

HEWN_API error::error(error_details details)
    : details_(std::make_shared<const error_details>(detail::completed(std::move(details)))) {}

HEWN_API error::error(errc code, std::string message)
    : error(error_details{.code = code, .message = std::move(message)}) {}

HEWN_API const char* error::what() const noexcept { return details_->message.c_str(); }

}  // namespace hewn

#endif
