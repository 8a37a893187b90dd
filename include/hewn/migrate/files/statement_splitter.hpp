// hewn/migrate/files/statement_splitter.hpp - where a statement of a script ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/files/script_lexer.hpp>
#include <hewn/migrate/files/sql_statement.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// Puts tokens together to statements. A semicolon ends a statement but in the body of a trigger
/// or of a BEGIN ATOMIC function, which ends with `; END`.
class statement_splitter {
 public:
  /// The statement that this token completes.
  std::optional<sql_statement> add(const script_item& item) {
    const token& t = item.token;
    const bool semicolon = t.kind == token_kind::semicolon;
    if (semicolon && (!in_body_ || body_closed_) && !in_rule()) return finish();
    if (begin_ == nullptr) {
      begin_ = t.text.data();
      line_ = item.line;
    }
    end_ = t.text.data() + t.text.size();
    read_head(t);
    if (!in_body_) in_body_ = begins_body(t);
    body_closed_ = in_body_ &&
                   (after_semicolon_ || (head_ == head::routine && before_.is("atomic"))) &&
                   t.is("end");
    before_ = t;
    after_semicolon_ = semicolon;
    return std::nullopt;
  }

  bool unfinished() const { return begin_ != nullptr; }

  /// Whether the statement stops in the middle of its body.
  bool body_open() const { return in_body_ && !body_closed_; }

  std::size_t line() const { return line_; }

  /// What was added since the last statement; nothing when that is nothing.
  std::optional<sql_statement> finish() {
    std::optional<sql_statement> done;
    if (begin_ != nullptr)
      done = sql_statement{{begin_, static_cast<std::size_t>(end_ - begin_)}, line_};
    *this = {};
    return done;
  }

 private:
  enum class head : unsigned char { none, create, trigger, routine, rule, other };

  // The commands of a rule stand in parentheses.
  bool in_rule() const { return head_ == head::rule && depth_ > 0; }

  // Behind CREATE and words like TEMP or OR REPLACE stands the kind of what is made; anywhere else
  // these words may be names.
  void read_head(const token& t) {
    if (head_ == head::none) {
      head_ = t.is("create") ? head::create : head::other;
    } else if (head_ == head::create) {
      if (t.is("trigger"))
        head_ = head::trigger;
      else if (t.is("function") || t.is("procedure"))
        head_ = head::routine;
      else if (t.is("rule"))
        head_ = head::rule;
      else if (!t.is("temp") && !t.is("temporary") && !t.is("or") && !t.is("replace") &&
               !t.is("constraint") && !t.is("event"))
        head_ = head::other;
    }
    if (t.kind == token_kind::open) ++depth_;
    if (t.kind == token_kind::close) --depth_;
    on_ |= head_ == head::trigger && t.is("on") && !is_dot(before_);
  }

  // Before its ON, and where a name must follow, BEGIN is the name of a trigger, a column or a
  // table: SQLite takes it for one there.
  bool begins_body(const token& t) const {
    if (head_ == head::routine) return t.is("atomic") && before_.is("begin");
    return head_ == head::trigger && on_ && depth_ == 0 && t.is("begin") && !is_dot(before_) &&
           !before_.is("on") && !before_.is("as") && !before_.is("function") &&
           !before_.is("procedure");
  }

  static bool is_dot(const token& t) { return t.kind == token_kind::op && t.text == "."; }

  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  std::size_t line_ = 0;
  head head_ = head::none;
  token before_ = {};
  int depth_ = 0;
  bool on_ = false;
  bool in_body_ = false;
  bool body_closed_ = false;
  bool after_semicolon_ = false;
};

}  // namespace detail

/// The statements of a script. `name` is what messages call it; `only`: the one database that it is
/// for, nothing: either.
/// Throws: errc::syntax for a quote, comment or trigger that is never closed.
inline std::vector<sql_statement> split_statements(std::string_view script,
                                                   std::string_view name = "the script",
                                                   std::optional<dialect> only = {}) {
  std::vector<sql_statement> out;
  detail::script_lexer source(name, script, only);
  detail::statement_splitter splitter;
  for (detail::script_item item = source.next(); item.kind != detail::script_item::end;
       item = source.next()) {
    if (item.kind != detail::script_item::sql) continue;
    if (auto statement = splitter.add(item)) out.push_back(*std::move(statement));
  }
  if (splitter.body_open())
    detail::fail_script(name, splitter.line(),
                        "begins a statement whose body is never closed; end it with END;");
  if (auto last = splitter.finish()) out.push_back(*std::move(last));
  return out;
}

}  // namespace hewn
