// hewn/dialect/text/token_cursor.hpp - walking over tokens, the common part of the statement
// readers.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/tokenizer.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// A position in the tokens of one statement. Never runs past the end, whatever the text is.
class token_cursor {
 public:
  explicit token_cursor(std::string_view text) : text_(text), tokens_(tokenize(text)) {}

  const token& peek(std::size_t ahead = 0) const {
    const std::size_t i = at_ + ahead;
    return i < tokens_.size() ? tokens_[i] : tokens_.back();
  }

  bool at_end() const { return peek().kind == token_kind::end; }
  bool at(token_kind kind) const { return peek().kind == kind; }
  bool at(std::string_view keyword) const { return peek().is(keyword); }

  void skip() {
    if (!at_end()) ++at_;
  }

  bool accept(token_kind kind) {
    const bool found = at(kind);
    if (found) skip();
    return found;
  }

  bool accept(std::string_view keyword) {
    const bool found = at(keyword);
    if (found) skip();
    return found;
  }

  bool accept(std::string_view first, std::string_view second) {
    if (!at(first) || !peek(1).is(second)) return false;
    skip();
    skip();
    return true;
  }

  /// A name, quoted or not; SQLite takes a string literal too. Empty when there is none.
  std::string name() {
    if (!peek().is_name() && !at(token_kind::string)) return {};
    std::string out = unquoted(peek());
    skip();
    return out;
  }

  /// Steps over `( ... )` and returns the text between, as written but for blanks at its ends.
  std::string parenthesised() {
    if (!at(token_kind::open)) return {};
    const std::size_t first = at_ + 1;
    skip_group();
    // An unclosed group ends with the text.
    const bool closed = tokens_[at_ - 1].kind == token_kind::close && at_ - 1 >= first;
    return slice(first, closed ? at_ - 1 : at_);
  }

  /// Steps over one token, or over a whole group in parentheses.
  void skip_group() {
    std::size_t depth = 0;
    do {
      if (at(token_kind::open)) ++depth;
      if (at(token_kind::close) && depth != 0) --depth;
      skip();
    } while (depth != 0 && !at_end());
  }

  /// The text from token `first` up to token `last`, that one excluded.
  std::string slice(std::size_t first, std::size_t last) const {
    return std::string(view(first, last));
  }

  /// As slice. Lifetime: a view into the text.
  std::string_view view(std::size_t first, std::size_t last) const {
    if (first >= last) return {};
    const char* begin = tokens_[first].text.data();
    const std::string_view end = tokens_[last - 1].text;
    return {begin, static_cast<std::size_t>(end.data() + end.size() - begin)};
  }

  std::size_t position() const { return at_; }
  const token& token_at(std::size_t i) const { return tokens_[i]; }

 private:
  std::string_view text_;
  token_list tokens_;
  std::size_t at_ = 0;
};

}  // namespace hewn::detail
