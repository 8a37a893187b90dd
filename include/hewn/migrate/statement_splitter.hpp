// hewn/migrate/statement_splitter.hpp - where a statement of a script ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/script_lexer.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// One statement of a file, without its semicolon.
struct sql_statement {
  std::string text;
  std::size_t line = 1;  ///< where it begins, counted from 1

  bool operator==(const sql_statement&) const = default;
};

namespace detail {

/// Puts tokens together to statements. A semicolon ends a statement but in the body of a trigger
/// or of a BEGIN ATOMIC function, which ends with `; END`.
class statement_splitter {
 public:
  /// The statement that this token completes.
  std::optional<sql_statement> add(const script_item& item) {
    const token& t = item.token;
    const bool semicolon = t.kind == token_kind::semicolon;
    if (semicolon && (!in_body_ || body_closed_)) return finish();
    if (begin_ == nullptr) {
      begin_ = t.text.data();
      line_ = item.line;
    }
    end_ = t.text.data() + t.text.size();
    if (count_ < 5) {
      creates_ |= count_ == 0 && t.is("create");
      trigger_ |= creates_ && t.is("trigger");
    }
    ++count_;
    in_body_ |= (trigger_ && t.is("begin")) || (creates_ && after_begin_ && t.is("atomic"));
    body_closed_ = in_body_ && after_semicolon_ && t.is("end");
    after_begin_ = t.is("begin");
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
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  std::size_t line_ = 0;
  int count_ = 0;
  bool creates_ = false;
  bool trigger_ = false;
  bool in_body_ = false;
  bool body_closed_ = false;
  bool after_begin_ = false;
  bool after_semicolon_ = false;
};

}  // namespace detail

/// The statements of a script. `name` is what messages call it.
/// Throws: errc::syntax for a quote, comment or trigger that is never closed.
inline std::vector<sql_statement> split_statements(std::string_view script,
                                                   std::string_view name = "the script") {
  std::vector<sql_statement> out;
  detail::script_lexer source(name, script);
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
