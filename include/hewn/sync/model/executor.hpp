// hewn/sync/model/executor.hpp - what planning and applying need of a database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/model/table_use.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// The outcome of steps on a copy that has the schema but not the rows.
struct rehearsal {
  schema::database after = {};
  std::vector<std::string> problems = {};  ///< what the database refused, or would refuse later
  /// PostgreSQL: of each step, as step::uses. Else empty.
  std::vector<std::vector<table_use>> uses = {};
};

/// How a transaction that changes a schema is begun.
struct apply_scope {
  /// Rows move between tables: enforcement of foreign keys is off, and all are checked at the end.
  /// Refused inside a transaction, where SQLite would ignore it and delete the children.
  bool moves_rows = false;
  /// PostgreSQL: no other change of the schema that hewn makes runs meanwhile.
  bool exclusive = true;
};

/// What a database has kept instead of losing it.
struct kept_object {
  std::string table = {};   ///< it was this one, or the values of one of its columns
  std::string column = {};  ///< empty: the whole table
  std::string schema = {};  ///< where it is now
  std::string name = {};
  bool whole_rows = false;  ///< of a column: with all others, because its table has no key
};

/// Told now and then, and once at the end, how many rows of `table` a statement has copied. What it
/// throws interrupts the copy and arrives at the caller. It must not use the connection.
using copy_hook = std::function<void(std::string_view table, std::int64_t rows)>;

/// A row as text; nothing for NULL.
using text_row = std::vector<std::optional<std::string>>;

/// A statement about a part of a table, in pieces between which its name stands and that of the
/// table, so that it can be said of other names: `COMMENT ON COLUMN`, table, `.`, name, `IS 'x'`.
struct belonging {
  enum class of : std::uint8_t { column, constraint, index };

  of kind{};
  std::string name = {};
  bool name_first = false;
  std::string before = {};
  std::string between = {};
  std::string behind = {};
};

/// A connection as sync sees it. One thread at a time. Every function throws what the database
/// reports.
class schema_executor {
 public:
  schema_executor() = default;
  schema_executor(const schema_executor&) = delete;
  schema_executor& operator=(const schema_executor&) = delete;
  HEWN_API virtual ~schema_executor();

  virtual hewn::dialect dialect() const = 0;

  /// SQLite: as SQLITE_VERSION_NUMBER, e.g. 3040001; PostgreSQL: as server_version_num.
  virtual int version() const = 0;

  /// The live schema. Reads only.
  virtual schema::database introspect() = 0;

  /// Whether the connection may write now: no standby, no transaction that only reads.
  virtual bool takes_writes() { return true; }

  /// Whether the caller has begun a transaction.
  virtual bool in_transaction() { return false; }

  /// `wanted` in the words of `live` wherever the database can tell, without making anything, that
  /// they mean the same. Reads only. Where it cannot tell, as it was.
  HEWN_API virtual schema::database spelled_as(schema::database live, schema::database wanted);

  /// `wanted` as introspect() would report it once it were created. Writes nothing that stays.
  virtual schema::database normalise(const schema::database& wanted) = 0;

  /// Takes the steps on a copy of `live` without rows. Writes nothing that stays.
  virtual rehearsal rehearse(const schema::database& live, const std::vector<step>& steps) = 0;

  /// A private database of this kind that has the schema `live` and, with `rows`, as far as some
  /// can be made up that its constraints take, a few rows in each table. Nothing where this kind
  /// has none. PostgreSQL: a schema of its own in a transaction that is rolled back; until the
  /// result dies the connection is used by it alone.
  HEWN_API virtual std::unique_ptr<schema_executor> with_samples(const schema::database& live,
                                                                 bool rows);

  /// Runs one statement without a result.
  virtual void execute(std::string_view sql) = 0;

  /// Runs a statement that copies the rows of `table`, which may take long.
  virtual void copy(std::string_view table, std::string_view sql) {
    static_cast<void>(table);
    execute(sql);
  }

  /// Keeps the rows of a step_kind::keep, as the connection sees them under its own lock. Where
  /// backup() saves the whole database there is nothing to do.
  virtual void keep(const step& s) { static_cast<void>(s); }

  /// What execute() and keep() have kept since transaction() was called last.
  HEWN_API virtual std::vector<kept_object> kept_objects();

  /// What cannot live with another type of this column, or without it, and is no part of the model
  /// of its table, in words: `view v`.
  HEWN_API virtual std::vector<std::string> dependents(std::string_view table,
                                                       std::string_view column);

  /// What would go with this column and could not be made again from the model, in words:
  /// `statistics object s`.
  HEWN_API virtual std::vector<std::string> bound_to(std::string_view table,
                                                     std::string_view column);

  /// What the columns, constraints and indexes of `table` have beside the model: comments,
  /// privileges and settings, as statements that give it to those of the same name.
  HEWN_API virtual std::vector<belonging> belongings(std::string_view table);

  /// Has copies report their progress to `hook` from now on, where the database can tell; an empty
  /// one ends it. Returns the hook before.
  HEWN_API virtual copy_hook watch_copies(copy_hook hook);

  /// Runs one statement with text parameters and returns its rows.
  virtual std::vector<text_row> query(std::string_view sql, const text_row& parameters = {}) = 0;

  /// As query(), of rows that may make the statement fail. A transaction goes on all the same.
  virtual std::vector<text_row> ask(std::string_view sql) { return query(sql); }

  /// Counts the values of `expression` over `source`, a FROM item, which a column of `type` would
  /// not hold (`unconvertible`) or would hold as another value (`changed`).
  struct conversion {
    std::int64_t unconvertible = 0;
    std::int64_t changed = 0;
    std::vector<std::string> unconvertible_samples = {};  ///< of `key`, a text expression
    std::vector<std::string> changed_samples = {};
    std::string condition = {};  ///< as gate::condition
    std::string refused = {};    ///< why the types or the expression allow none of them
  };
  virtual conversion count_conversion(std::string_view source, std::string_view expression,
                                      std::string_view key, std::string_view type) = 0;

  /// Every row whose foreign key has no target, as a line of text. Reads the whole database.
  virtual std::vector<std::string> broken_references() = 0;

  /// Every view and trigger that does not compile, as a line of text.
  virtual std::vector<std::string> broken_objects() = 0;

  /// The names of views and triggers because of which the database would refuse any renaming, even
  /// of what they do not mention.
  HEWN_API virtual std::vector<std::string> unreadable_objects();

  /// What hangs on hewn's own tables and may write when hewn writes to them, as a person calls it:
  /// `trigger x on the table hewn_audit`; empty: nothing. Reads only.
  HEWN_API virtual std::string recording_trigger();

  /// Triggers and views of this connection alone that hang on `table`, as a person calls them.
  virtual std::vector<std::string> temporary_objects(std::string_view table) = 0;

  /// Calls `body` holding the write lock from the start, commits when it returns and rolls back
  /// when it throws. In the caller's transaction it is a savepoint.
  virtual void transaction(const apply_scope& scope, const std::function<void()>& body) = 0;

  /// Calls `callback`, which is the program's. It must not write through this connection: what it
  /// does there is refused, or is an error afterwards. Throws: what the callback throws.
  virtual void call_out(const std::function<void()>& callback) { callback(); }

  /// Called inside transaction(), before it writes: saves a verified copy of the database as the
  /// transaction sees it, the caller's own writes included, named after `label`, and returns where
  /// it is. Empty: nothing to save, the database is in memory only.
  virtual std::string backup(std::string_view folder, std::string_view label) = 0;

  /// Removes what backup() has made: what it was made for was undone, so nobody needs it. Where it
  /// cannot be removed it stays.
  virtual void discard_backup(const std::string& file) noexcept { static_cast<void>(file); }
};

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn {

HEWN_API schema_executor::~schema_executor() = default;

HEWN_API schema::database schema_executor::spelled_as(schema::database live,
                                                      schema::database wanted) {
  static_cast<void>(live);
  return wanted;
}

HEWN_API std::unique_ptr<schema_executor> schema_executor::with_samples(
    const schema::database& live, bool rows) {
  static_cast<void>(live);
  static_cast<void>(rows);
  return nullptr;
}

HEWN_API std::vector<kept_object> schema_executor::kept_objects() { return {}; }

HEWN_API std::vector<std::string> schema_executor::dependents(std::string_view table,
                                                              std::string_view column) {
  static_cast<void>(table);
  static_cast<void>(column);
  return {};
}

HEWN_API std::vector<std::string> schema_executor::bound_to(std::string_view, std::string_view) {
  return {};
}

HEWN_API std::vector<belonging> schema_executor::belongings(std::string_view) { return {}; }

HEWN_API copy_hook schema_executor::watch_copies(copy_hook hook) {
  static_cast<void>(hook);
  return {};
}

HEWN_API std::vector<std::string> schema_executor::unreadable_objects() { return {}; }

HEWN_API std::string schema_executor::recording_trigger() { return {}; }

}  // namespace hewn

#endif
