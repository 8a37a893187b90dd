// examples/replay/stage.hpp - a database that a chain of migrations runs on.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any.hpp>
#include <hewn/sync/model/database_executor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replay {

/// A database that exists for the replay alone.
class stage {
 public:
  explicit stage(const std::string& url)
      : db_(std::make_unique<hewn::any::database>(hewn::open(url))),
        executor_(hewn::detail::executor_of(*db_)) {}

  hewn::schema_executor& executor() { return *executor_; }
  hewn::any::database& database() { return *db_; }
  bool is_server() const { return executor_->dialect() == hewn::dialect::postgres; }

  std::vector<hewn::text_row> query(std::string_view sql, const hewn::text_row& parameters = {}) {
    return executor_->query(sql, parameters);
  }

  /// What went wrong; empty: nothing. A script that fails half-way leaves nothing open.
  std::string run(const std::string& script) {
    std::string problem;
    try {
      db_->script(script);
    } catch (const hewn::error& e) {
      problem = e.what();
    }
    // Scripts turn these on and off; the next one finds them as they are by default.
    if (!is_server()) db_->script("PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF");
    return problem;
  }

 private:
  std::unique_ptr<hewn::any::database> db_;
  std::unique_ptr<hewn::schema_executor> executor_;
};

/// A name in quotes, for both databases.
inline std::string in_quotes(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

inline std::string as_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + '\'';
}

}  // namespace replay
