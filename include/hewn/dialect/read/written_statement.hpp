// hewn/dialect/read/written_statement.hpp - which rows of which table a statement writes, by its
// text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/token_cursor.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A column that a statement writes, and what an UPDATE gives it.
struct written_column {
  std::string name;
  std::string_view value;
};

/// An INSERT, UPDATE or DELETE in its parts. A part that could not be read is empty.
/// Lifetime: views into the text.
struct written_statement {
  enum class verb : std::uint8_t { none, insert, update, remove };

  verb what = verb::none;
  std::string schema = {};  ///< before the table's name; empty: none
  std::string table = {};
  std::string_view target = {};  ///< the table as the statement calls it, with its alias
  std::string_view row = {};     ///< the alias, or the table: what its columns belong to
  std::string_view with = {};    ///< "WITH ..." before the verb, or nothing
  std::vector<written_column> columns = {};  ///< that the statement names; INSERT, empty: all
  std::string_view names = {};               ///< of an INSERT: its columns as it names them
  std::string_view source = {};              ///< of an INSERT: VALUES or SELECT
  std::string_view from = {};                ///< of an UPDATE
  std::string_view where = {};
};

/// Reads them as SQLite and PostgreSQL write them. Any text yields what could be read.
class written_statement_reader {
 public:
  explicit written_statement_reader(std::string_view sql) : at_(sql) {}

  HEWN_COLD written_statement read() {
    if (at_.at("with"))
      out_.with = up_to({"insert", "replace", "update", "delete"}, token_kind::end);
    const bool update = at_.at("update");
    if (update || at_.at("insert") || at_.at("replace")) {
      at_.skip();
      if (at_.accept("or")) at_.skip();
      if (update) read_update();
      if (!update && at_.accept("into")) read_insert();
    } else if (at_.accept("delete", "from")) {
      read_target();
      read_where();
      out_.what = written_statement::verb::remove;
    }
    return std::move(out_);
  }

 private:
  // The text up to one of the words, a token of this kind, or where the rows of every statement
  // end, outside parentheses.
  HEWN_COLD std::string_view up_to(std::initializer_list<std::string_view> words, token_kind end) {
    const std::size_t first = at_.position();
    for (; !at_.at_end() && !at_.at(token_kind::semicolon) && !at_.at(end); at_.skip_group()) {
      bool found = at_.at("returning");
      for (const std::string_view word : words)
        found |= at_.at(word) && (word != "on" || at_.peek(1).is("conflict"));
      if (found) break;
    }
    return at_.view(first, at_.position());
  }

  HEWN_COLD void read_target() {
    at_.accept("only");
    const std::size_t first = at_.position();
    out_.table = at_.name();
    if (at_.peek().text == ".") {
      at_.skip();
      out_.schema = std::move(out_.table);
      out_.table = at_.name();
    }
    if (at_.accept("as")) at_.skip();
    if (at_.position() == first) return;
    out_.row = at_.view(at_.position() - 1, at_.position());
    out_.target = at_.view(first, at_.position());
  }

  HEWN_COLD void read_insert() {
    read_target();
    const std::size_t first = at_.position();
    if (at_.accept(token_kind::open)) {
      while (!at_.at_end() && !at_.accept(token_kind::close)) {
        out_.columns.push_back({at_.name(), {}});
        if (!at_.accept(token_kind::comma) && !at_.at(token_kind::close)) at_.skip();
      }
      out_.names = at_.view(first, at_.position());
    }
    out_.what = written_statement::verb::insert;
    if (!at_.accept("default", "values")) out_.source = up_to({"on"}, token_kind::end);
  }

  HEWN_COLD void read_update() {
    read_target();
    if (!at_.accept("set")) return;
    do {
      if (at_.at(token_kind::open)) return;  // (a, b) = (...): its parts are not told apart
      out_.columns.push_back({at_.name(), {}});
      at_.skip();  // =
      out_.columns.back().value = up_to({"from", "where"}, token_kind::comma);
    } while (at_.accept(token_kind::comma));
    if (at_.accept("from")) out_.from = up_to({"where"}, token_kind::end);
    read_where();
    out_.what = written_statement::verb::update;
  }

  void read_where() {
    if (at_.accept("where")) out_.where = up_to({}, token_kind::end);
  }

  token_cursor at_;
  written_statement out_;
};

/// What the statement writes.
inline written_statement read_written(std::string_view sql) {
  return written_statement_reader(sql).read();
}

}  // namespace hewn::detail
