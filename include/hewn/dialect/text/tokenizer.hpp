// hewn/dialect/text/tokenizer.hpp - SQL text as tokens.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/list.hpp>
#include <hewn/dialect/text/ascii.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hewn::detail {

enum class token_kind : std::uint8_t {
  word,      // keyword or bare name
  name,      // "x", [x] or `x`
  string,    // 'x'
  blob,      // x'00'
  number,    // 1, .5, 1e3, 0xFF
  variable,  // ?, ?1, :a, @a, $a
  open,
  close,
  comma,
  semicolon,
  op,
  end  // past the last token
};

/// A token; `text` is its spelling, a view into the tokenized text.
struct token {
  token_kind kind = token_kind::end;
  std::string_view text = {};

  HEWN_COLD bool is(std::string_view keyword) const {
    return kind == token_kind::word && same_word(text, keyword);
  }
  bool is_name() const { return kind == token_kind::word || kind == token_kind::name; }
};

constexpr bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '$'; }

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// Reads SQL token by token; comments and white space vanish. Any bytes are accepted: an unclosed
/// quote or comment runs to the end, an unknown byte is an operator.
/// Source: SQLite's tokenize.c.
class tokenizer {
 public:
  explicit constexpr tokenizer(std::string_view text) : text_(text) {}

  constexpr token next() {
    skip_blank();
    if (at_ == text_.size()) return {token_kind::end, text_.substr(at_)};
    const std::size_t begin = at_;
    const token_kind kind = read();
    return {kind, text_.substr(begin, at_ - begin)};
  }

 private:
  constexpr char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  constexpr void skip_blank() {
    while (at_ != text_.size()) {
      if (is_space(peek())) {
        ++at_;
      } else if (peek() == '-' && peek(1) == '-') {
        at_ = until("\n", at_ + 2);
      } else if (peek() == '/' && peek(1) == '*') {
        at_ = until("*/", at_ + 2);
      } else {
        return;
      }
    }
  }

  constexpr std::size_t until(std::string_view mark, std::size_t from) const {
    const std::size_t found = text_.find(mark, from);
    return found == std::string_view::npos ? text_.size() : found + mark.size();
  }

  constexpr void skip_quoted(char quote) {
    for (++at_; at_ != text_.size(); ++at_) {
      if (text_[at_] != quote) continue;
      if (peek(1) != quote) {
        ++at_;
        return;
      }
      ++at_;
    }
  }

  HEWN_RARE constexpr token_kind read() {
    const char c = peek();
    switch (c) {
      case '\'':
        return skip_quoted(c), token_kind::string;
      case '"':
      case '`':
        return skip_quoted(c), token_kind::name;
      case '[':
        return at_ = until("]", at_ + 1), token_kind::name;
      case '(':
        return ++at_, token_kind::open;
      case ')':
        return ++at_, token_kind::close;
      case ',':
        return ++at_, token_kind::comma;
      case ';':
        return ++at_, token_kind::semicolon;
      default:
        break;
    }
    if ((c == 'x' || c == 'X') && peek(1) == '\'')
      return ++at_, skip_quoted('\''), token_kind::blob;
    if (starts_word(c)) return skip_word(), token_kind::word;
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return skip_number(), token_kind::number;
    if (c == '?' || ((c == ':' || c == '@' || c == '$' || c == '#') && continues_word(peek(1))))
      return ++at_, skip_word(), token_kind::variable;
    return skip_operator(), token_kind::op;
  }

  constexpr void skip_word() {
    while (at_ != text_.size() && continues_word(text_[at_])) ++at_;
  }

  // A letter right after a number belongs to it, as in SQLite, where both together are an error.
  constexpr void skip_number() {
    const bool hexadecimal = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
    for (char last = '\0'; at_ != text_.size(); last = text_[at_++]) {
      const char c = text_[at_];
      const bool exponent_sign =
          (c == '+' || c == '-') && (last == 'e' || last == 'E') && !hexadecimal;
      if (!continues_word(c) && c != '.' && !exponent_sign) return;
    }
  }

  constexpr void skip_operator() {
    constexpr std::string_view long_ones[] = {
        "->>", "||", "->", "<<", ">>", "<=", ">=", "==", "!=", "<>", "::"};
    for (const std::string_view o : long_ones)
      if (text_.substr(at_, o.size()) == o) {
        at_ += o.size();
        return;
      }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

using token_list = list<token>;

/// All tokens of `text` and one of kind `end`. Lifetime: views into `text`.
inline token_list tokenize(std::string_view text) {
  token_list tokens;
  tokenizer source(text);
  do tokens.push_back(source.next());
  while (tokens.back().kind != token_kind::end);
  return tokens;
}

/// What a quoted token stands for; other tokens are returned as they are spelt.
inline std::string unquoted(const token& t) {
  if (t.kind != token_kind::name && t.kind != token_kind::string) return std::string(t.text);
  const char quote = t.text.front() == '[' ? ']' : t.text.front();
  std::string_view inner = t.text.substr(1);
  if (!inner.empty() && inner.back() == quote) inner.remove_suffix(1);
  std::string out;
  out.reserve(inner.size());
  for (std::size_t i = 0; i != inner.size(); ++i) {
    out += inner[i];
    if (inner[i] == quote && quote != ']' && i + 1 != inner.size()) ++i;
  }
  return out;
}

}  // namespace hewn::detail
