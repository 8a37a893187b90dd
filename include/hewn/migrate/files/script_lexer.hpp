// hewn/migrate/files/script_lexer.hpp - the tokens of an SQL file, and the comments that may mean
// something.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/comment.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hewn::detail {

/// A token, or a comment line: `text` is then what follows its dashes, without blanks at the ends.
struct script_item {
  enum item_kind : unsigned char { sql, comment, end } kind = end;
  hewn::detail::token token = {};
  std::string_view text = {};   // of a comment
  std::string_view whole = {};  // as written
  std::size_t line = 0;
};

[[noreturn]] HEWN_COLD inline void fail_script(std::string_view file, std::size_t line,
                                               std::string_view problem, errc code = errc::syntax) {
  std::string message = "hewn: ";
  message += file;
  if (line != 0) message += ":" + std::to_string(line);
  message += ' ';
  message += problem;
  throw error(code, std::move(message));
}

constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Reads a file of SQL item by item. Beyond the tokenizer it knows lines, what PostgreSQL alone
/// quotes ($$...$$, E'...'), and what is never closed.
class script_lexer {
 public:
  /// `only`: the one database that it is for; nothing: both, as far as they read it alike.
  script_lexer(std::string_view file, std::string_view text, std::optional<dialect> only = {})
      : file_(file), text_(text), only_(only) {}

  script_item next() {
    skip_blank();
    if (at_ == text_.size()) return {.line = line_};
    const std::size_t begin = at_;
    const std::size_t line = line_;
    script_item item;
    if (starts_with("--")) {
      advance(std::min(text_.find('\n', at_), text_.size()));
      item.kind = script_item::comment;
      item.text = trimmed(text_.substr(begin + 2, at_ - begin - 2));
    } else {
      item.kind = script_item::sql;
      item.token = read_token();
    }
    item.whole = text_.substr(begin, at_ - begin);
    item.line = line;
    return item;
  }

 private:
  bool starts_with(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }

  void advance(std::size_t to) {
    line_ +=
        static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                            text_.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
    at_ = to;
  }

  // A comment counts as a line of its own only when nothing but blanks precedes it in its line;
  // others are skipped, because people comment statements in their lines.
  void skip_blank() {
    while (at_ != text_.size()) {
      if (is_space(text_[at_])) {
        line_starts_ |= text_[at_] == '\n';
        advance(at_ + 1);
      } else if (starts_with("--") && !line_starts_) {
        advance(std::min(text_.find('\n', at_), text_.size()));
      } else if (starts_with("/*")) {
        advance(end_of_block_comment());
      } else {
        break;
      }
    }
  }

  // SQLite ends a comment at the first `*/`; in PostgreSQL comments nest.
  std::size_t end_of_block_comment() const {
    const std::size_t end = end_of_comment(text_, at_, only_.value_or(dialect::sqlite));
    if (!only_ && end != end_of_comment(text_, at_, dialect::postgres))
      fail_script(
          file_, line_,
          "has a comment within a comment, which SQLite ends earlier than PostgreSQL; write "
          "them one behind the other");
    if (!text_.substr(0, end).ends_with("*/") || end < at_ + 4)
      fail_script(file_, line_, "begins a comment that is never closed; close it with */");
    return end;
  }

  // Directly behind a name or a bracket it is PostgreSQL's subscript, elsewhere SQLite's quote.
  bool is_subscript() const {
    if (text_[at_] != '[' || only_ == dialect::sqlite) return false;
    if (only_ == dialect::postgres) return true;
    const char before = at_ == 0 ? ' ' : text_[at_ - 1];
    return continues_word(before) || before == ')' || before == ']' || before == '"' ||
           before == '[';
  }

  token read_token() {
    line_starts_ = false;
    if (is_subscript()) return take(token_kind::op, at_ + 1);
    if (const std::size_t end = end_of_dollar_quote(); end != 0)
      return take(token_kind::string, end);
    if ((text_[at_] == 'E' || text_[at_] == 'e') && text_.substr(at_ + 1).starts_with('\''))
      return take(token_kind::string, end_of_escape_string());
    const token read = tokenizer(text_.substr(at_)).next();
    check_closed(read);
    return take(read.kind, at_ + read.text.size());
  }

  token take(token_kind kind, std::size_t end) {
    const token taken{kind, text_.substr(at_, end - at_)};
    advance(end);
    return taken;
  }

  // Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html, 4.1.2.4.
  std::size_t end_of_dollar_quote() const {
    if (text_[at_] != '$') return 0;
    std::size_t tag = at_ + 1;
    while (tag != text_.size() && text_[tag] != '$' && continues_word(text_[tag])) ++tag;
    if (tag == text_.size() || text_[tag] != '$' || is_digit(text_[at_ + 1])) return 0;
    const std::string_view mark = text_.substr(at_, tag + 1 - at_);
    const std::size_t close = text_.find(mark, tag + 1);
    if (close == text_.npos) fail_unclosed();
    return close + mark.size();
  }

  std::size_t end_of_escape_string() const {
    for (std::size_t i = at_ + 2; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '\'') {
        if (i + 1 == text_.size() || text_[i + 1] != '\'') return i + 1;
        ++i;
      }
    }
    fail_unclosed();
  }

  // The tokenizer takes an unclosed quote to the end of the text; a closed one has an even number.
  void check_closed(const token& t) const {
    if (t.kind != token_kind::string && t.kind != token_kind::name && t.kind != token_kind::blob)
      return;
    const char quote = t.kind == token_kind::name ? t.text.front() : '\'';
    const bool closed = quote == '[' ? t.text.back() == ']'
                                     : std::count(t.text.begin(), t.text.end(), quote) % 2 == 0;
    if (!closed) fail_unclosed();
  }

  [[noreturn]] void fail_unclosed() const {
    fail_script(file_, line_, "begins a quote that is never closed; close it");
  }

  std::string_view file_;
  std::string_view text_;
  std::optional<dialect> only_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool line_starts_ = true;
};

}  // namespace hewn::detail
