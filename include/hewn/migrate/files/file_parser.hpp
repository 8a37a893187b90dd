// hewn/migrate/files/file_parser.hpp - the sections, annotations and statements of a migration
// file.
// SPDX-License-Identifier: BSL-1.0
//
// Annotations are comment lines. hewn's own: `-- up`, `-- down`, `-- requires: 3, add_users`,
// `-- after: add_users`, `-- replaces: 1, 2`, `-- destructive: reason`, `-- overwrites:
// table.column`, `-- irreversible: reason`,
// `-- no transaction`, `-- foreign keys off`.
// Source of the others: https://pressly.github.io/goose/documentation/annotations/.
#pragma once

#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/migrate/files/annotation_lists.hpp>
#include <hewn/migrate/files/checksum.hpp>
#include <hewn/migrate/files/file_name.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/files/migration_key.hpp>
#include <hewn/migrate/files/refused_pragma.hpp>
#include <hewn/migrate/files/script_lexer.hpp>
#include <hewn/migrate/files/statement_splitter.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What a file says; `info` holds declarations only.
struct parsed_sections {
  migration_info info;
  std::vector<sql_statement> up;
  std::vector<sql_statement> down;
  bool has_down = false;
};

class file_parser {
 public:
  /// `only`: the one database that it is for; nothing: both.
  file_parser(std::string_view file, file_part part, std::optional<dialect> only = {})
      : file_(file), part_(part), only_(only) {}

  /// `text`: as it is in the file.
  parsed_sections parse(std::string_view text) {
    lines_ = normal_lines_of(text);
    // In a comment it would begin a statement that nobody sees.
    for (const odd_line_end& end : lines_.odd)
      if (end.alone) fail_odd(end);
    script_lexer source(file_, lines_.text, only_);
    if (part_ != file_part::both) section_ = part_ == file_part::up ? section::up : section::down;
    for (script_item item = source.next(); item.kind != script_item::end; item = source.next()) {
      if (item.kind == script_item::sql) {
        read_token(item);
      } else {
        read_comment(item);
      }
    }
    if (block_line_ != 0)
      fail(block_line_, "begins a statement that is never ended; add -- +goose StatementEnd");
    end_section();
    check_whole();
    return std::move(out_);
  }

 private:
  enum class section : unsigned char { none, up, down };

  [[noreturn]] void fail(std::size_t line, std::string_view problem) const {
    fail_script(file_, line, problem);
  }

  [[noreturn]] void fail_odd(const odd_line_end& end) const {
    const auto begin = lines_.text.begin();
    const auto before = std::count(begin, begin + static_cast<std::ptrdiff_t>(end.at), '\n');
    fail(static_cast<std::size_t>(before) + 1,
         "has a carriage return where other lines have none; give every line the same end, and "
         "write char(13) where one is part of a text");
  }

  // Outside quotes a line end means nothing.
  void check_quoted(std::string_view token) const {
    if (token.find('\n') == token.npos) return;
    const auto begin = static_cast<std::size_t>(token.data() - lines_.text.data());
    const auto first =
        std::lower_bound(lines_.odd.begin(), lines_.odd.end(), begin,
                         [](const odd_line_end& end, std::size_t place) { return end.at < place; });
    if (first != lines_.odd.end() && first->at < begin + token.size()) fail_odd(*first);
  }

  std::vector<sql_statement>& statements() {
    return section_ == section::down ? out_.down : out_.up;
  }

  // ---- statements

  void read_token(const script_item& item) {
    check_quoted(item.whole);
    if (block_line_ != 0) {
      if (block_begin_ == nullptr) {
        block_begin_ = item.whole.data();
        block_first_line_ = item.line;
      }
      block_end_ = item.whole.data() + item.whole.size();
      return;
    }
    if (section_ == section::none && item.token.kind != token_kind::semicolon)
      fail(item.line, "has a statement before its up section; put a line -- up above it");
    if (auto statement = splitter_.add(item)) add(*std::move(statement));
  }

  void add(sql_statement statement) {
    // A block may hold several, and one of them may be what is not allowed.
    for (const sql_statement& part : split_statements(statement.text, file_, only_)) {
      const std::size_t line = statement.line + part.line - 1;
      for (const dialect d : {dialect::sqlite, dialect::postgres})
        if (only_.value_or(d) == d && controls_transaction(part.text, d))
          fail(line,
               "begins or ends a transaction; remove the statement, because hewn commits a "
               "migration together with its record");
      if (copies_from_client(part.text))
        fail(line,
             "copies rows from the client, which a file cannot give; write INSERT, or insert_many "
             "in a migration in C++");
      if (const std::string_view problem = refused_pragma(part.text); !problem.empty())
        fail(line, problem);
    }
    statements().push_back(std::move(statement));
  }

  // COPY t (a, b) FROM STDIN
  static bool copies_from_client(std::string_view statement) {
    tokenizer words(statement);
    if (!words.next().is("copy")) return false;
    token before;
    for (token t = words.next(); t.kind != token_kind::end; before = t, t = words.next())
      if (before.is("from") && t.is("stdin")) return true;
    return false;
  }

  void end_section() {
    if (splitter_.body_open())
      fail(splitter_.line(), "begins a statement whose body is never closed; end it with END;");
    if (auto last = splitter_.finish()) add(*std::move(last));
  }

  // ---- annotations

  void read_comment(const script_item& item) {
    const std::string text = lower(item.text);
    if (text.starts_with("+goose"))
      return read_goose(item, trimmed(std::string_view(text).substr(6)));
    if (block_line_ != 0) return;
    if (text == "up") return begin_section(section::up, item.line);
    if (text == "down") return begin_section(section::down, item.line);
    if (text == "no transaction") return set_flag(out_.info.in_transaction, false, item.line);
    if (text == "foreign keys off") return set_flag(out_.info.foreign_keys_off, true, item.line);
    const std::size_t colon = text.find(':');
    if (colon == text.npos) return;
    const std::string_view key = trimmed(std::string_view(text).substr(0, colon));
    const std::string_view value = trimmed(item.text.substr(colon + 1));
    // A section that is read as a remark would make its statements those of the other one.
    if (key == "up" || key == "down" || key == "no transaction" || key == "foreign keys off")
      fail(item.line, "has a colon after " + std::string(key) +
                          ", which takes none; write it alone in its line");
    if (key != "requires" && key != "after" && key != "replaces" && key != "destructive" &&
        key != "overwrites" && key != "irreversible")
      return;
    if (value.empty())
      fail(item.line,
           "declares " + std::string(key) + " without saying what; write it after the colon");
    if (key == "requires") {
      check_at_top(item.line);
      read_keys(out_.info.needs, value, file_, item.line);
    } else if (key == "after") {
      check_at_top(item.line);
      read_keys(out_.info.parents, value, file_, item.line);
    } else if (key == "replaces") {
      check_at_top(item.line);
      read_replaced(value, item.line);
    } else if (key == "irreversible") {
      check_at_top(item.line);
      out_.info.irreversible = value;
    } else if (key == "overwrites") {
      read_columns(section_ == section::down ? out_.info.overwrites_down : out_.info.overwrites_up,
                   value, file_, item.line);
    } else {
      (section_ == section::down ? out_.info.destructive_down : out_.info.destructive_up) = value;
    }
  }

  // A version is what the history knows them by when their files are gone.
  void read_replaced(std::string_view list, std::size_t line) {
    std::vector<migration_key> keys;
    read_keys(keys, list, file_, line);
    for (migration_key& key : keys) {
      if (key.version == 0)
        fail(line, "replaces a migration without its version; write 3, or 0003_add_users");
      out_.info.replaces.push_back(key.version);
      out_.info.replaced.push_back(std::move(key));
    }
  }

  void read_goose(const script_item& item, std::string_view text) {
    if (text == "statementend") return end_block(item);
    if (block_line_ != 0)
      fail(item.line,
           "has an annotation inside a statement block; end the block first with -- +goose "
           "StatementEnd");
    if (text == "up") return begin_section(section::up, item.line);
    if (text == "down") return begin_section(section::down, item.line);
    if (text == "no transaction") return set_flag(out_.info.in_transaction, false, item.line);
    if (text != "statementbegin")
      fail(item.line, "has an annotation of goose that is not supported; remove it");
    if (section_ == section::none)
      fail(item.line, "has a statement before its up section; put a line -- up above it");
    if (splitter_.unfinished())
      fail(splitter_.line(), "has a statement without a semicolon before a block; end it with one");
    block_line_ = item.line;
    block_begin_ = nullptr;
  }

  void end_block(const script_item& item) {
    if (block_line_ == 0)
      fail(item.line, "ends a statement that was not begun; add -- +goose StatementBegin above it");
    block_line_ = 0;
    if (block_begin_ == nullptr) return;
    add({{block_begin_, static_cast<std::size_t>(block_end_ - block_begin_)}, block_first_line_});
  }

  void begin_section(section wanted, std::size_t line) {
    if (part_ != file_part::both)
      fail(line, "has a section although its name says which one it is; remove the line");
    end_section();
    if (wanted == section::up && (has_up_ || out_.has_down))
      fail(line, has_up_ ? "has a second up section; join them"
                         : "has its up section after its down section; put it first");
    if (wanted == section::down && (!has_up_ || out_.has_down))
      fail(line, has_up_
                     ? "has a second down section; join them"
                     : "has no up section before this line; put a line -- up above the statements");
    (wanted == section::up ? has_up_ : out_.has_down) = true;
    section_ = wanted;
  }

  void set_flag(bool& flag, bool value, std::size_t line) {
    check_at_top(line);
    flag = value;
  }

  void check_at_top(std::size_t line) const {
    if (!out_.up.empty() || !out_.down.empty() || splitter_.unfinished())
      fail(line, "has a declaration for the whole file after a statement; move it to the top");
  }

  void check_whole() const {
    const bool down_file = part_ == file_part::down;
    if (part_ == file_part::both && !has_up_)
      fail(0, "has no up section; put a line -- up above its statements");
    // What only joins branches has nothing to do.
    const bool joins = !down_file && out_.info.parents.size() > 1;
    if ((down_file ? out_.down : out_.up).empty() && !joins)
      fail(0, "has no statement; write one, or remove the file");
    if (out_.has_down && !out_.info.irreversible.empty())
      fail(0, "is declared irreversible and has a down section; keep one of them");
    if (!out_.info.in_transaction && out_.info.foreign_keys_off)
      fail(0, "is declared both no transaction and foreign keys off; keep one of them");
  }

  std::string_view file_;
  file_part part_;
  std::optional<dialect> only_;
  section section_ = section::none;
  normal_lines lines_;
  parsed_sections out_;
  statement_splitter splitter_;
  bool has_up_ = false;
  std::size_t block_line_ = 0;  // of the annotation that began the block; 0: no block
  std::size_t block_first_line_ = 0;
  const char* block_begin_ = nullptr;
  const char* block_end_ = nullptr;
};

}  // namespace hewn::detail
