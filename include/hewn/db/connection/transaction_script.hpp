// hewn/db/connection/transaction_script.hpp - what begins or ends a transaction in a script for
// PostgreSQL.
// SPDX-License-Identifier: BSL-1.0
//
// The server takes a script as a whole, so the client has to find its statements. Where it errs,
// what the server says it has done is looked at afterwards.
#pragma once

#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/placeholders.hpp>

#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// Reads one statement after the other.
class script_reader {
 public:
  /// `backslashes`: see skip_quoted.
  constexpr script_reader(std::string_view script, bool backslashes)
      : script_(script), backslashes_(backslashes) {}

  /// Whether a statement of the script is BEGIN, COMMIT or one of their like.
  constexpr bool controls_transaction() {
    while (at_ < script_.size()) {
      if (detail::controls_transaction(script_.substr(at_), dialect::postgres)) return true;
      skip_statement();
    }
    return false;
  }

 private:
  // A semicolon does not end a statement in parentheses, as in a rule of several commands, and in
  // the body of a function, from BEGIN ATOMIC to its END.
  constexpr void skip_statement() {
    int parentheses = 0;
    body_ = words_ = 0;
    create_ = routine_ = false;
    before_ = {};
    for (; at_ < script_.size(); ++at_) {
      const char c = script_[at_];
      if (is_word_character(c)) {
        read_word();
        continue;
      }
      if (c == '(') ++parentheses;
      if (c == ')') --parentheses;
      if (c == ';' && parentheses <= 0 && body_ == 0) {
        ++at_;
        return;
      }
      at_ = skip_quoted(script_, at_, bracket::subscript, backslashes_);
    }
  }

  // Up to its last character. A `$` within quotes nothing.
  constexpr void read_word() {
    const std::size_t begin = at_;
    while (at_ + 1 < script_.size() &&
           (is_word_character(script_[at_ + 1]) || script_[at_ + 1] == '$'))
      ++at_;
    const std::string_view word = script_.substr(begin, at_ + 1 - begin);
    if (words_++ == 0) create_ = is_word(word, "create");
    if (create_ && words_ <= 4)  // CREATE OR REPLACE FUNCTION
      routine_ |= is_word(word, "function") || is_word(word, "procedure");
    if (routine_ && body_ == 0)
      body_ = is_word(before_, "begin") && is_word(word, "atomic");
    else if (body_ != 0 && is_word(word, "case"))
      ++body_;
    else if (body_ != 0 && is_word(word, "end"))
      --body_;
    before_ = word;
  }

  static constexpr bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  std::string_view script_;
  std::string_view before_ = {};
  std::size_t at_ = 0;
  int body_ = 0;  // how many ENDs are missing
  int words_ = 0;
  bool backslashes_;
  bool create_ = false;
  bool routine_ = false;
};

/// Whether the answer to a statement says that it began or ended a transaction or savepoint.
constexpr bool is_control_tag(std::string_view tag) {
  for (const std::string_view each : {"BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK",
                                      "SAVEPOINT", "RELEASE", "PREPARE TRANSACTION"})
    if (tag == each) return true;
  return false;
}

}  // namespace hewn::detail
