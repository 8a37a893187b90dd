// hewn/sync/facts/passes_null.hpp - whether a CHECK keeps no row out while some columns are NULL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sync/model/canonical_text.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Reads a condition as far as AND, OR, NOT, comparisons and arithmetic go. A CHECK refuses what is
/// false, and lets pass what is true or NULL.
class passes_null {
 public:
  /// Lifetime: `condition` outlives this.
  passes_null(std::string_view condition, std::vector<std::string> null_columns, dialect d)
      : tokens_(expression_tokens(condition)), columns_(std::move(null_columns)), dialect_(d) {}

  /// Whether the condition is false in no row in which the columns are NULL, whatever the others
  /// hold. No, too, where that is not plain to see.
  bool always() const {
    for (const token& t : tokens_)
      if (t.is("case") || t.is("between")) return false;  // which have an AND or WHEN of their own
    return !columns_.empty() && never_false({0, tokens_.size()});
  }

 private:
  struct part {
    std::size_t first;
    std::size_t last;

    bool empty() const { return first == last; }
  };

  // Without parentheses around the whole.
  part bare(part p) const {
    while (p.last - p.first >= 2 && tokens_[p.first].kind == token_kind::open &&
           closing(p.first) + 1 == p.last) {
      ++p.first;
      --p.last;
    }
    return p;
  }

  std::size_t closing(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t i = open; i != tokens_.size(); ++i) {
      if (tokens_[i].kind == token_kind::open) ++depth;
      if (tokens_[i].kind == token_kind::close && --depth == 0) return i;
    }
    return tokens_.size();
  }

  // The position of the first token outside parentheses that `is` one of these; p.last: none.
  template <class Is>
  std::size_t find(part p, Is is) const {
    for (std::size_t i = p.first; i != p.last; ++i) {
      if (tokens_[i].kind == token_kind::open) {
        i = closing(i);
        if (i >= p.last) return p.last;
        continue;
      }
      if (is(tokens_[i])) return i;
    }
    return p.last;
  }

  // Whether `holds` is true of any or all of the parts between the keyword.
  template <class Holds>
  bool each(part p, const char* keyword, bool any, Holds holds) const {
    for (;;) {
      const std::size_t at = find(p, [&](const token& t) { return t.is(keyword); });
      if (holds(part{p.first, at}) == any) return any;
      if (at == p.last) return !any;
      p.first = at + 1;
    }
  }

  bool has(part p, const char* keyword) const {
    return find(p, [&](const token& t) { return t.is(keyword); }) != p.last;
  }

  bool never_false(part p) const {
    p = bare(p);
    if (p.empty()) return false;
    if (has(p, "or")) return each(p, "or", true, [this](part q) { return never_false(q); });
    if (has(p, "and")) return each(p, "and", false, [this](part q) { return never_false(q); });
    return says_null(p) || is_null(p);
  }

  // `a IS NULL`, `a ISNULL`
  bool says_null(part p) const {
    const std::size_t size = p.last - p.first;
    if (size >= 2 && tokens_[p.last - 1].is("isnull")) return is_null({p.first, p.last - 1});
    return size >= 3 && tokens_[p.last - 1].is("null") && tokens_[p.last - 2].is("is") &&
           is_null({p.first, p.last - 2});
  }

  // Whether it is NULL: a column that is, or what is computed of one.
  bool is_null(part p) const {
    p = bare(p);
    if (p.empty()) return false;
    if (tokens_[p.first].is("not")) return is_null({p.first + 1, p.last});
    if (is_column(p)) return true;
    // These ask about NULL, or may be true or false of one.
    for (const char* const word :
         {"is", "isnull", "notnull", "in", "not", "and", "or", "collate", "like", "glob", "match",
          "regexp", "escape", "exists", "any", "some", "all"})
      if (has(p, word)) return false;
    if (find(p, [](const token& t) { return t.kind == token_kind::comma; }) != p.last) return false;
    const std::size_t at = find(p, [](const token& t) { return is_strict(t); });
    if (at == p.last) return false;
    // A sign stands before its operand.
    if (at == p.first) return is_null({p.first + 1, p.last});
    return is_null({p.first, at}) || is_null({at + 1, p.last});
  }

  // With NULL on either side they give NULL.
  static bool is_strict(const token& t) {
    if (t.kind != token_kind::op) return false;
    for (const std::string_view op : {"=", "==", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*",
                                      "/", "%", "||", "&", "|", "<<", ">>"})
      if (t.text == op) return true;
    return false;
  }

  // `a`, `t.a`
  bool is_column(part p) const {
    const std::size_t size = p.last - p.first;
    if (size == 3 && tokens_[p.first].is_name() && tokens_[p.first + 1].text == ".") p.first += 2;
    return p.last - p.first == 1 && tokens_[p.first].is_name() &&
           contains_name(columns_, unquoted(tokens_[p.first]), dialect_);
  }

  token_list tokens_;
  std::vector<std::string> columns_;
  dialect dialect_;
};

}  // namespace hewn::detail
