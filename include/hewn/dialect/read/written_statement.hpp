// hewn/dialect/read/written_statement.hpp - which rows of which table a statement writes, by its
// text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hewn::detail {

/// An INSERT, UPDATE or DELETE in its parts, as they are written. A part that could not be read is
/// empty. Lifetime: views into the text.
struct written_statement {
  enum class verb : std::uint8_t { none, insert, update, remove };

  verb what = verb::none;
  std::string_view schema = {};  ///< before the table's name; empty: none
  std::string_view table = {};
  std::string_view target = {};  ///< the table as the statement calls it, with its alias
  std::string_view row = {};     ///< the alias, or the table: what its columns belong to
  std::string_view with = {};    ///< "WITH ..." before the verb, or nothing
  std::string_view names = {};   ///< of an INSERT: its columns as it names them
  std::string_view source = {};  ///< of an INSERT: VALUES or SELECT
  std::string_view from = {};    ///< of an UPDATE
  std::string_view where = {};
  std::string values = {};  ///< of an UPDATE: "(value) AS column, " for each that it gives
  int value_count = 0;
};

/// Reads a statement in one pass, as SQLite and PostgreSQL write them. Any text yields what could
/// be read.
class written_statement_reader {
 public:
  written_statement_reader(std::string_view sql, written_statement& out) noexcept
      : tokens_(sql), out_(out) {}

  HEWN_COLD void read() {
    int depth = 0;
    for (token t = tokens_.next(); t.kind != token_kind::end; last_ = t, t = tokens_.next()) {
      if (t.kind == token_kind::close) --depth;
      if (depth == 0 && t.kind == token_kind::semicolon) break;
      const bool belongs = depth != 0 || t.kind == token_kind::close || enter(t);
      if (t.kind == token_kind::open) ++depth;
      if (!belongs) continue;
      const char* const first = part_->empty() ? t.text.data() : part_->data();
      const char* const end = t.text.data() + t.text.size();
      *part_ = {first, static_cast<std::size_t>(end - first)};
    }
    end_value();
  }

 private:
  using verb = written_statement::verb;

  // In the order of `words`.
  enum class word : std::uint8_t {
    insert,
    replace,
    update,
    remove,
    into,
    from,
    only,
    either,
    as,
    set,
    where,
    values,
    select,
    with,
    fallback,
    returning,
    on,
    none
  };

  HEWN_COLD static word read_word(const token& t) {
    static constexpr std::string_view words[] = {
        "insert", "replace", "update", "delete", "into", "from",    "only",      "or", "as",
        "set",    "where",   "values", "select", "with", "default", "returning", "on"};
    unsigned i = 0;
    while (i != static_cast<unsigned>(word::none) && !t.is(words[i])) ++i;
    return static_cast<word>(i);
  }

  // What a token outside parentheses begins; whether it is itself a part of that.
  HEWN_COLD bool enter(const token& t) {
    const word w = read_word(t);
    if (part_ == &out_.with) {
      if (w > word::remove) return true;
      out_.what = w == word::update   ? verb::update
                  : w == word::remove ? verb::remove
                                      : verb::insert;
      part_ = &out_.target;
      return false;
    }
    if (w == word::returning) return part_ = &rest_, true;
    const bool in_target = part_ == &out_.target;
    if (out_.what == verb::insert) {
      if (in_target && t.kind == token_kind::open) {
        part_ = &out_.names;
      } else if (part_ == &out_.source) {
        tokenizer ahead = tokens_;
        if (w == word::on && ahead.next().is("conflict")) part_ = &rest_;
      } else if (part_ == &rest_) {
        return true;
      } else if (w == word::values || w == word::select || w == word::with) {
        part_ = &out_.source;
      } else if (w == word::fallback) {
        part_ = &rest_;
      } else if (in_target) {
        return read_target(t, w);
      }
      return true;
    }
    if (w == word::where && part_ != &out_.where) return part_ = &out_.where, false;
    if (w == word::set && in_target) return part_ = &value_, false;
    if (in_target) return read_target(t, w);
    if (part_ != &value_) return true;
    // IS DISTINCT FROM
    if (w == word::from && !last_.is("distinct")) return part_ = &out_.from, false;
    return read_value(t);
  }

  HEWN_COLD bool read_target(const token& t, word w) {
    const word before = last_word_;
    last_word_ = w;
    if (before == word::either || (w >= word::into && w <= word::either)) return false;
    if (t.text == ".") {
      out_.schema = out_.table;
    } else if (w != word::as) {
      if (out_.target.empty() || last_.text == ".") out_.table = t.text;
      out_.row = t.text;
    }
    return true;
  }

  HEWN_COLD bool read_value(const token& t) {
    if (t.kind == token_kind::comma) return end_value(), false;
    if (column_.empty()) {
      // (a, b) = (...): its parts are not told apart.
      if (t.kind == token_kind::open) out_.what = verb::none;
      return column_ = t.text, false;
    }
    return !value_.empty() || t.text != "=";
  }

  HEWN_COLD void end_value() {
    if (!value_.empty()) {
      const std::string_view parts[] = {"(", value_, ") AS ", column_, ", "};
      for (const std::string_view part : parts) out_.values += part;
      ++out_.value_count;
    }
    column_ = value_ = {};
  }

  tokenizer tokens_;
  token last_ = {};
  word last_word_ = word::none;
  written_statement& out_;
  std::string_view column_ = {};
  std::string_view value_ = {};
  std::string_view rest_ = {};
  std::string_view* part_ = &out_.with;
};

/// What the statement writes.
inline written_statement read_written(std::string_view sql) {
  written_statement out;
  written_statement_reader(sql, out).read();
  return out;
}

}  // namespace hewn::detail
