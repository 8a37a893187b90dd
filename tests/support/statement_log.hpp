// tests/support/statement_log.hpp - an observer that remembers what it was told.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/trace.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace support {

struct logged_statement {
  std::string sql;
  std::int64_t rows = 0;
  unsigned line = 0;
  std::string file;
  std::chrono::nanoseconds duration{};
  std::optional<hewn::errc> failure;
};

/// Give a copy to observe(); copies share what they remember.
class statement_log {
 public:
  void operator()(const hewn::statement_event& e) const {
    entries_->push_back({.sql = std::string(e.sql),
                         .rows = e.rows,
                         .line = e.site.line,
                         .file = e.site.file,
                         .duration = e.duration,
                         .failure = e.failure ? std::optional(e.failure->code()) : std::nullopt});
  }

  const std::vector<logged_statement>& entries() const { return *entries_; }
  const logged_statement& last() const { return entries_->back(); }
  void clear() const { entries_->clear(); }

  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const logged_statement& s : *entries_) out.push_back(s.sql);
    return out;
  }

  std::size_t count(std::string_view sql) const {
    std::size_t n = 0;
    for (const logged_statement& s : *entries_) n += s.sql == sql;
    return n;
  }

 private:
  std::shared_ptr<std::vector<logged_statement>> entries_ =
      std::make_shared<std::vector<logged_statement>>();
};

}  // namespace support
