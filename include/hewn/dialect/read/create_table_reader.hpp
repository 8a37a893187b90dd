// hewn/dialect/read/create_table_reader.hpp - CREATE TABLE text as a schema::table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/read/create_index_reader.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What a CREATE TABLE statement says.
struct create_table_text {
  schema::table table;
  std::vector<std::string> unmodelled;  ///< clauses that schema::table has no place for
};

/// Reads CREATE TABLE as SQLite accepts it. The database itself stays the authority for everything
/// it reports; the text is for what it does not report: names of constraints, conditions, generated
/// expressions, deferral. Any text yields what could be read, never an error.
/// Source: https://sqlite.org/lang_createtable.html
class create_table_reader {
 public:
  explicit create_table_reader(std::string_view text) : at_(text) {}

  create_table_text read() {
    at_.accept("create");
    if (!at_.accept("temp")) at_.accept("temporary");
    at_.accept("table");
    if (at_.accept("if", "not")) at_.accept("exists");
    table_.name = at_.name();
    if (at_.peek().text == ".") {
      at_.skip();
      table_.name = at_.name();
    }
    if (at_.accept(token_kind::open)) {
      read_body();
      read_options();
    }
    return std::move(out_);
  }

 private:
  void read_body() {
    while (!at_.at_end() && !at_.at(token_kind::close)) {
      const std::size_t before = at_.position();
      if (starts_table_constraint()) {
        read_table_constraints();
      } else {
        read_column();
      }
      at_.accept(token_kind::comma);
      if (at_.position() == before) at_.skip();
    }
    at_.accept(token_kind::close);
  }

  void read_options() {
    for (; !at_.at_end(); at_.skip()) {
      if (at_.at("strict")) table_.strict = true;
      if (at_.at("without") && at_.peek(1).is("rowid")) table_.without_rowid = true;
    }
  }

  bool starts_table_constraint() const {
    return at_.at("constraint") || at_.at("primary") || at_.at("unique") || at_.at("check") ||
           at_.at("foreign");
  }

  bool starts_column_constraint() const {
    return starts_table_constraint() || at_.at("not") || at_.at("null") || at_.at("default") ||
           at_.at("collate") || at_.at("references") || at_.at("generated") || at_.at("as") ||
           at_.at("deferrable") || at_.at("initially") || at_.at("autoincrement") || at_.at("on");
  }

  bool at_item_end() const {
    return at_.at_end() || at_.at(token_kind::comma) || at_.at(token_kind::close);
  }

  void read_column() {
    schema::column c;
    c.name = at_.name();
    const std::size_t first = at_.position();
    while (!at_item_end() && !starts_column_constraint()) at_.skip_group();
    c.type = at_.slice(first, at_.position());
    table_.columns.push_back(std::move(c));
    while (!at_item_end()) read_column_constraint(table_.columns.back());
  }

  void read_column_constraint(schema::column& c) {
    std::string name;
    if (at_.accept("constraint")) name = at_.name();
    if (at_.accept("primary", "key")) {
      if (!at_.accept("asc") && at_.accept("desc"))
        // SQLite: such an INTEGER key is no alias of the rowid, and may be NULL.
        out_.unmodelled.push_back("PRIMARY KEY DESC");
      read_conflict_clause();
      c.autoincrement = at_.accept("autoincrement");
      c.key_position = 1;
      table_.primary_key_name = std::move(name);
    } else if (at_.accept("not", "null")) {
      c.not_null = true;
      read_conflict_clause();
    } else if (at_.accept("null")) {
      read_conflict_clause();
    } else if (at_.accept("unique")) {
      table_.unique_keys.push_back({std::move(name), {c.name}, {}});
      read_conflict_clause();
    } else if (at_.accept("check")) {
      table_.checks.push_back({std::move(name), at_.parenthesised()});
      read_conflict_clause();
    } else if (at_.accept("default")) {
      c.default_text = read_default();
    } else if (at_.accept("collate")) {
      c.collation = at_.name();
    } else if (at_.at("references")) {
      read_reference(std::move(name), {c.name});
    } else if (at_.at("generated") || at_.at("as")) {
      read_generated(c);
    } else if (at_.at("deferrable") || at_.at("not")) {
      // Belongs to the REFERENCES before it.
      const bool deferred = read_deferral();
      if (deferred && !table_.foreign_keys.empty()) table_.foreign_keys.back().deferred = true;
    } else {
      at_.skip_group();
    }
  }

  // One or more: SQLite does not insist on the comma between table constraints.
  void read_table_constraints() {
    while (starts_table_constraint()) {
      std::string name;
      if (at_.accept("constraint")) name = at_.name();
      if (at_.accept("primary", "key")) {
        read_primary_key(std::move(name));
      } else if (at_.accept("unique")) {
        schema::unique_key key{std::move(name), {}, {}};
        for (const schema::index_part& part : read_index_parts(at_)) {
          key.columns.push_back(part.text);
          key.collations.push_back(part.collation);
        }
        drop_if_all_empty(key.collations);
        table_.unique_keys.push_back(std::move(key));
        read_conflict_clause();
      } else if (at_.accept("check")) {
        table_.checks.push_back({std::move(name), at_.parenthesised()});
        read_conflict_clause();
      } else if (at_.accept("foreign", "key")) {
        std::vector<std::string> columns = read_names();
        read_reference(std::move(name), std::move(columns));
      } else if (!at_.at("constraint")) {
        at_.skip_group();
      }
    }
    while (!at_item_end()) at_.skip_group();
  }

  void read_primary_key(std::string name) {
    table_.primary_key_name = std::move(name);
    int position = 0;
    for (schema::index_part& part : read_index_parts(at_)) {
      // AUTOINCREMENT stands within the parentheses: PRIMARY KEY (id AUTOINCREMENT).
      bool autoincrement = false;
      if (part.expression) {
        const token_list tokens = tokenize(part.text);
        autoincrement = tokens.size() == 3 && tokens[1].is("autoincrement");
        if (autoincrement) part.text = unquoted(tokens[0]);
      }
      ++position;
      for (schema::column& c : table_.columns) {
        if (!same_word(c.name, part.text)) continue;
        c.key_position = position;
        c.autoincrement = autoincrement;
      }
    }
    read_conflict_clause();
  }

  void read_conflict_clause() {
    if (!at_.accept("on", "conflict")) return;
    const std::string reaction = at_.name();
    // ABORT is what happens without the clause.
    if (!same_word(reaction, "abort")) out_.unmodelled.push_back("ON CONFLICT " + reaction);
  }

  std::string read_default() {
    if (at_.at(token_kind::open)) return at_.parenthesised();
    const std::size_t first = at_.position();
    if (at_.peek().text == "-" || at_.peek().text == "+") at_.skip();
    if (!at_item_end()) at_.skip();
    return at_.slice(first, at_.position());
  }

  void read_generated(schema::column& c) {
    at_.accept("generated", "always");
    if (!at_.accept("as")) return at_.skip();
    c.generated_text = at_.parenthesised();
    c.generated = at_.accept("stored") ? schema::generated::stored : schema::generated::on_read;
    at_.accept("virtual");
  }

  std::vector<std::string> read_names() {
    std::vector<std::string> names;
    for (schema::index_part& part : read_index_parts(at_)) names.push_back(std::move(part.text));
    return names;
  }

  void read_reference(std::string name, std::vector<std::string> columns) {
    schema::foreign_key key;
    key.name = std::move(name);
    key.columns = std::move(columns);
    at_.accept("references");
    key.target_table = at_.name();
    if (at_.at(token_kind::open)) key.target_columns = read_names();
    for (;;) {
      if (at_.at("on") && !at_.peek(1).is("conflict")) {
        at_.skip();
        const bool on_delete = at_.at("delete");
        const bool on_update = at_.at("update");
        at_.skip();
        const schema::action reaction = read_action();
        if (on_delete) key.on_delete = reaction;
        if (on_update) key.on_update = reaction;
      } else if (at_.accept("match")) {
        at_.name();
      } else if (at_.at("deferrable") || (at_.at("not") && at_.peek(1).is("deferrable"))) {
        key.deferred = read_deferral();
      } else {
        break;
      }
    }
    table_.foreign_keys.push_back(std::move(key));
  }

  schema::action read_action() {
    if (at_.accept("set", "null")) return schema::action::set_null;
    if (at_.accept("set", "default")) return schema::action::set_default;
    if (at_.accept("cascade")) return schema::action::cascade;
    if (at_.accept("restrict")) return schema::action::restrict;
    at_.accept("no", "action");
    return schema::action::no_action;
  }

  bool read_deferral() {
    const bool negated = at_.accept("not");
    if (!at_.accept("deferrable")) {
      at_.skip();
      return false;
    }
    const bool deferred = at_.accept("initially", "deferred");
    if (!deferred) at_.accept("initially", "immediate");
    return deferred && !negated;
  }

  static void drop_if_all_empty(std::vector<std::string>& texts) {
    for (const std::string& t : texts)
      if (!t.empty()) return;
    texts.clear();
  }

  token_cursor at_;
  create_table_text out_;
  schema::table& table_ = out_.table;
};

inline create_table_text read_create_table(std::string_view text) {
  return create_table_reader(text).read();
}

}  // namespace hewn::detail
