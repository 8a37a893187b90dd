// hewn/schema/database_model.hpp - a database schema as run-time data.
// SPDX-License-Identifier: BSL-1.0
//
// One model serves three sources: structs, a live database, a file of CREATE statements. Everything
// that compares or changes schemas works on it and never sees a user's type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::schema {

/// When a generated column is computed.
enum class generated : std::uint8_t { no, on_read, stored };

/// What happens to referencing rows. The order is that of SQL's documentation.
enum class action : std::uint8_t { no_action, restrict, cascade, set_null, set_default };

/// SQL's spelling of `a`.
constexpr std::string_view to_string(action a) noexcept {
  constexpr std::string_view names[] = {"NO ACTION", "RESTRICT", "CASCADE", "SET NULL",
                                        "SET DEFAULT"};
  return names[static_cast<std::size_t>(a)];
}

/// PostgreSQL: how an index is kept. No row depends on it, so it is written, and compared in whole
/// schemas only.
struct index_storage {
  std::string method = {};                 ///< after USING; empty: btree
  std::vector<std::string> included = {};  ///< columns that only come along
  std::string parameters = {};             ///< what is in the parentheses of WITH

  bool operator==(const index_storage&) const = default;
};

/// One column. Texts are SQL as the database wrote it or as hewn would write it.
struct column {
  std::string name = {};
  std::string type = {};  ///< declared type, e.g. INTEGER or NVARCHAR(160)
  bool not_null = false;
  int key_position = 0;           ///< 1-based position in the primary key; 0: not part of it
  bool autoincrement = false;     ///< SQLite: AUTOINCREMENT; PostgreSQL: identity
  std::string default_text = {};  ///< expression without DEFAULT; empty: none
  schema::generated generated = schema::generated::no;
  std::string generated_text = {};  ///< expression without parentheses; empty when not generated
  std::string collation = {};       ///< empty: the database's default
  bool always = false;  ///< PostgreSQL: an identity that takes no value; compared in whole schemas

  bool operator==(const column&) const = default;
};

struct unique_key {
  std::string name = {};  ///< empty: unnamed
  std::vector<std::string> columns = {};
  std::vector<std::string> collations = {};  ///< one per column; empty: the columns' own
  std::string terms = {};                    ///< as in foreign_key
  index_storage storage = {};

  bool operator==(const unique_key&) const = default;
};

struct check {
  std::string name = {};    ///< empty: unnamed
  std::string text = {};    ///< condition without CHECK and its parentheses
  std::string terms = {};   ///< as in foreign_key
  std::string extras = {};  ///< as in foreign_key

  bool operator==(const check&) const = default;
};

struct foreign_key {
  std::string name = {};  ///< empty: unnamed
  std::vector<std::string> columns = {};
  std::string target_table = {};
  std::vector<std::string> target_columns = {};  ///< empty: the target's primary key
  action on_delete = action::no_action;
  action on_update = action::no_action;
  bool deferred = false;  ///< DEFERRABLE INITIALLY DEFERRED
  /// PostgreSQL: what else the catalog says by which other rows may exist, such as NOT VALID or
  /// MATCH FULL. Nothing that a struct declares has it.
  std::string terms = {};
  /// PostgreSQL: what it says beyond that, such as NO INHERIT. Written, and compared in whole
  /// schemas only.
  std::string extras = {};

  bool operator==(const foreign_key&) const = default;
};

/// One key part of an index: a column, or an expression.
struct index_part {
  std::string text = {};  ///< column name (unquoted), or expression
  bool expression = false;
  bool descending = false;
  std::string collation = {};       ///< empty: the column's
  std::string operator_class = {};  ///< PostgreSQL: empty: the type's; as index_storage
  std::string nulls = {};  ///< PostgreSQL: NULLS FIRST or LAST, the other way; as index_storage

  bool operator==(const index_part&) const = default;
};

struct index {
  std::string name = {};
  bool unique = false;
  std::vector<index_part> parts = {};
  std::string where = {};  ///< condition of a partial index; empty: all rows
  std::string terms = {};  ///< as in foreign_key
  index_storage storage = {};

  bool operator==(const index&) const = default;
};

/// A trigger of hewn's own: it sets the time of an update that gives the row none.
struct time_trigger {
  std::string name = {};
  std::string sql = {};       ///< CREATE TRIGGER
  std::string function = {};  ///< PostgreSQL: CREATE FUNCTION, of what it calls

  bool operator==(const time_trigger&) const = default;
};

struct table {
  std::string name = {};
  std::vector<column> columns = {};
  std::string primary_key_name = {};       ///< empty: unnamed
  std::string primary_key_terms = {};      ///< as in foreign_key
  index_storage primary_key_storage = {};  ///< of the index behind it
  std::vector<unique_key> unique_keys = {};
  std::vector<check> checks = {};
  std::vector<foreign_key> foreign_keys = {};
  std::vector<schema::index> indexes = {};  ///< made by CREATE INDEX, not those behind constraints
  std::vector<time_trigger> time_triggers = {};
  bool strict = false;         ///< SQLite: STRICT
  bool without_rowid = false;  ///< SQLite: WITHOUT ROWID

  bool operator==(const table&) const = default;

  /// The column called `name`, or nullptr.
  const column* find_column(std::string_view wanted) const {
    for (const column& c : columns)
      if (c.name == wanted) return &c;
    return nullptr;
  }
};

/// A type whose values are a list of names. PostgreSQL only.
struct enumeration {
  std::string name = {};
  std::vector<std::string> labels = {};  ///< in the order of the type

  bool operator==(const enumeration&) const = default;
};

/// What a database has that no table above describes: a view, a trigger, a virtual table, a clause
/// without a place here. Reported, never changed.
struct other_object {
  std::string kind = {};  ///< as a person calls it: view, trigger, ...
  std::string name = {};
  std::string table = {};  ///< the table that it belongs to; empty: none

  bool operator==(const other_object&) const = default;
};

/// A CREATE statement as the database keeps it: a table, index, view or trigger.
struct source {
  std::string kind = {};  ///< table, index, view or trigger
  std::string name = {};
  std::string table = {};  ///< the table or view that it belongs to; of a table its own name
  std::string sql = {};

  bool operator==(const source&) const = default;
};

struct database {
  std::vector<table> tables = {};
  std::vector<other_object> others = {};
  /// SQLite: where everything comes from, in the order of creation. What must come back as it was,
  /// such as a trigger, comes back from here.
  std::vector<source> sources = {};
  std::vector<enumeration> enumerations = {};

  bool operator==(const database&) const = default;

  /// The table called `name`, or nullptr.
  const table* find_table(std::string_view wanted) const {
    for (const table& t : tables)
      if (t.name == wanted) return &t;
    return nullptr;
  }

  /// The enumeration called `name`, or nullptr.
  const enumeration* find_enumeration(std::string_view wanted) const {
    for (const enumeration& e : enumerations)
      if (e.name == wanted) return &e;
    return nullptr;
  }
};

}  // namespace hewn::schema
