// hewn/sqlite/schema/introspect.hpp - the schema of a SQLite database as data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/list.hpp>
#include <hewn/dialect/read/create_index_reader.hpp>
#include <hewn/dialect/read/create_table_reader.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/time_trigger.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/schema_entries.hpp>
#include <hewn/sqlite/client/schema_query.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

namespace detail {

using hewn::detail::create_table_text;
using hewn::detail::same_word;

/// Reads a whole schema with a fixed number of prepared statements. What a pragma or the C API
/// reports is taken from there; only the rest comes from the text of the CREATE statements.
class schema_reader {
 public:
  explicit schema_reader(sqlite3* db) : db_(db), transaction_(db) {}

  schema::database read() {
    for (const schema_entry& e : entries_.all()) {
      if (!e.sql.empty()) out_.sources.push_back({e.type, e.name, e.table, e.sql});
      if (e.type == "table") {
        read_table(e);
      } else if (e.type == "view") {
        out_.others.push_back({"view", e.name, {}});
      } else if (e.type == "trigger") {
        out_.others.push_back({"trigger", e.name, e.table});
      }
    }
    transaction_.finish();
    read_time_triggers();
    return std::move(out_);
  }

 private:
  struct listed_index {
    std::string name;
    std::string origin;
    bool unique = false;
  };

  struct index_column {
    int column_id = 0;
    std::string name;
    std::string collation;
    bool descending = false;
  };

  void read_table(const schema_entry& e) {
    if (same_word(std::string_view(e.name).substr(0, 7), "sqlite_")) return;
    switch (entries_.kind_of(e)) {
      case table_kind::virtual_table:
        out_.others.push_back({"virtual table", e.name, {}});
        return;
      // The storage of a virtual table.
      case table_kind::shadow:
        return;
      case table_kind::ordinary:
        break;
    }
    create_table_text text = hewn::detail::read_create_table(e.sql);
    schema::table t;
    t.name = e.name;
    t.primary_key_name = text.table.primary_key_name;
    t.checks = std::move(text.table.checks);
    const bool listed = !e.listed_as.empty();
    t.strict = listed ? e.strict : text.table.strict;
    t.without_rowid = listed ? e.without_rowid : text.table.without_rowid;
    read_columns(t, text.table);
    read_indexes(t, text);
    read_foreign_keys(t, text.table);
    for (std::string& clause : text.unmodelled)
      out_.others.push_back({"clause", std::move(clause), t.name});
    out_.tables.push_back(std::move(t));
  }

  void read_time_triggers() {
    for (const schema::source& s : out_.sources) {
      if (s.kind != "trigger" || !hewn::detail::is_time_trigger(s.name)) continue;
      for (schema::table& t : out_.tables)
        if (same_word(t.name, s.table)) t.time_triggers.push_back({.name = s.name, .sql = s.sql});
    }
  }

  void read_columns(schema::table& t, const schema::table& text) {
    columns_.start(t.name);
    while (columns_.step()) {
      schema::column c;
      c.name = columns_.text(0);
      c.type = columns_.text(1);
      c.not_null = columns_.number(2) != 0;
      c.default_text = columns_.text(3);
      c.key_position = columns_.number(4);
      const int hidden = columns_.number(5);
      if (hidden == 2) c.generated = schema::generated::on_read;
      if (hidden == 3) c.generated = schema::generated::stored;
      const schema::column* written =
          t.columns.size() < text.columns.size() ? &text.columns[t.columns.size()] : nullptr;
      if (c.generated != schema::generated::no && written)
        c.generated_text = written->generated_text;
      read_metadata(t, c);
      t.columns.push_back(std::move(c));
    }
  }

  void read_metadata(const schema::table& t, schema::column& c) {
    const char* collation = nullptr;
    int autoincrement = 0;
    const int rc =
        sqlite3_table_column_metadata(db_, "main", t.name.c_str(), c.name.c_str(), nullptr,
                                      &collation, nullptr, nullptr, &autoincrement);
    if (rc != SQLITE_OK) schema_unreadable(db_, rc);
    if (collation && !same_word(collation, "BINARY")) c.collation = collation;
    c.autoincrement = autoincrement != 0;
  }

  void read_indexes(schema::table& t, create_table_text& text) {
    hewn::detail::list<listed_index> listed;
    indexes_.start(t.name);
    while (indexes_.step())
      listed.push_back({indexes_.text(0), indexes_.text(2), indexes_.number(1) != 0});
    std::vector<schema::unique_key> keys;
    // The newest index comes first; backwards they are in the order of their creation.
    for (std::size_t i = listed.size(); i-- != 0;) {
      const listed_index& each = listed[i];
      const hewn::detail::list<index_column> parts = read_index_columns(each.name);
      if (each.origin == "c") {
        t.indexes.push_back(make_index(t, each, parts));
      } else if (each.origin == "u") {
        keys.push_back(make_unique_key(t, parts));
      } else {
        for (const index_column& part : parts)
          if (const std::string own = own_collation(t, part); !own.empty())
            text.unmodelled.push_back("PRIMARY KEY COLLATE " + own);
      }
    }
    name_unique_keys(t, text.table, std::move(keys));
  }

  hewn::detail::list<index_column> read_index_columns(const std::string& index) {
    hewn::detail::list<index_column> parts;
    index_columns_.start(index);
    while (index_columns_.step()) {
      if (index_columns_.number(4) == 0) continue;  // stored beside the key
      parts.push_back({index_columns_.number(0), index_columns_.text(1), index_columns_.text(3),
                       index_columns_.number(2) != 0});
    }
    return parts;
  }

  // The collation of an index part where it is not that of its column.
  static std::string own_collation(const schema::table& t, const index_column& part) {
    const schema::column* c = t.find_column(part.name);
    std::string_view usual = "BINARY";
    if (c && !c->collation.empty()) usual = c->collation;
    return same_word(part.collation, usual) ? std::string() : part.collation;
  }

  schema::index make_index(const schema::table& t, const listed_index& listed,
                           const hewn::detail::list<index_column>& parts) const {
    schema::index text = hewn::detail::read_create_index(entries_.index_sql(listed.name));
    schema::index out;
    out.name = listed.name;
    out.unique = listed.unique;
    out.where = std::move(text.where);
    for (std::size_t i = 0; i != parts.size(); ++i) {
      schema::index_part part;
      part.expression = parts[i].column_id == -2;
      part.descending = parts[i].descending;
      part.collation = own_collation(t, parts[i]);
      if (!part.expression) {
        part.text = parts[i].column_id == -1 ? "rowid" : parts[i].name;
      } else if (i < text.parts.size()) {
        part.text = expression_as_written(text.parts[i]);
      }
      out.parts.push_back(std::move(part));
    }
    return out;
  }

  // SQLite reads a quoted name that is no column as a string; the reader could not know.
  static std::string expression_as_written(const schema::index_part& part) {
    return part.expression ? part.text : quote_literal(part.text);
  }

  static schema::unique_key make_unique_key(const schema::table& t,
                                            const hewn::detail::list<index_column>& parts) {
    schema::unique_key key;
    bool any = false;
    for (const index_column& part : parts) {
      key.columns.push_back(part.name);
      key.collations.push_back(own_collation(t, part));
      any = any || !key.collations.back().empty();
    }
    if (!any) key.collations.clear();
    return key;
  }

  // In the order of the text; SQLite merges keys that are declared twice.
  static void name_unique_keys(schema::table& t, const schema::table& text,
                               std::vector<schema::unique_key> keys) {
    const auto same_columns = [](const schema::unique_key& a, const schema::unique_key& b) {
      if (a.columns.size() != b.columns.size()) return false;
      for (std::size_t i = 0; i != a.columns.size(); ++i)
        if (!same_word(a.columns[i], b.columns[i])) return false;
      return true;
    };
    for (const schema::unique_key& written : text.unique_keys)
      for (auto k = keys.begin(); k != keys.end(); ++k) {
        if (!same_columns(*k, written)) continue;
        k->name = written.name;
        t.unique_keys.push_back(std::move(*k));
        keys.erase(k);
        break;
      }
    for (schema::unique_key& rest : keys) t.unique_keys.push_back(std::move(rest));
  }

  void read_foreign_keys(schema::table& t, const schema::table& text) {
    int last_id = -1;
    foreign_keys_.start(t.name);
    while (foreign_keys_.step()) {
      if (foreign_keys_.number(0) != last_id) {
        last_id = foreign_keys_.number(0);
        schema::foreign_key key;
        key.target_table = foreign_keys_.text(1);
        key.on_update = to_action(foreign_keys_.text(4));
        key.on_delete = to_action(foreign_keys_.text(5));
        t.foreign_keys.push_back(std::move(key));
      }
      schema::foreign_key& key = t.foreign_keys.back();
      key.columns.push_back(foreign_keys_.text(2));
      if (!foreign_keys_.is_null(3)) key.target_columns.push_back(foreign_keys_.text(3));
    }
    if (text.foreign_keys.size() != t.foreign_keys.size()) return;
    for (std::size_t i = 0; i != t.foreign_keys.size(); ++i) {
      t.foreign_keys[i].name = text.foreign_keys[i].name;
      t.foreign_keys[i].deferred = text.foreign_keys[i].deferred;
    }
  }

  static schema::action to_action(std::string_view text) {
    for (const schema::action a : {schema::action::restrict, schema::action::cascade,
                                   schema::action::set_null, schema::action::set_default})
      if (text == to_string(a)) return a;
    return schema::action::no_action;
  }

  sqlite3* db_;
  read_transaction transaction_;
  schema_entries entries_{db_};
  schema_query columns_{db_,
                        "SELECT name, type, \"notnull\", dflt_value, pk, hidden "
                        "FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1"};
  schema_query indexes_{
      db_, "SELECT name, \"unique\", origin FROM pragma_index_list(?1, 'main') ORDER BY seq"};
  schema_query index_columns_{db_,
                              "SELECT cid, name, \"desc\", coll, key "
                              "FROM pragma_index_xinfo(?1, 'main') ORDER BY seqno"};
  // The ids count backwards from the declaration.
  schema_query foreign_keys_{db_,
                             "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete "
                             "FROM pragma_foreign_key_list(?1, 'main') ORDER BY id DESC, seq"};
  schema::database out_;
};

}  // namespace detail

/// The schema of the main database of `db`: its tables as data, and the names of what else there
/// is. Reads in one transaction, or in the caller's if one is open; writes nothing.
/// Throws: what SQLite reports; errc::busy when another connection holds the lock.
inline schema::database introspect(sqlite3* db) { return detail::schema_reader(db).read(); }

}  // namespace hewn::sqlite
