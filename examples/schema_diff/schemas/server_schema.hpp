// examples/schema_diff/schemas/server_schema.hpp - a PostgreSQL database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "live_schema.hpp"
#include "server_objects.hpp"

#include <hewn/postgres/open.hpp>
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sync/model/database_executor.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace schema_diff {

class server_schema : public live_schema {
 public:
  /// `name`: how messages call it; empty: as the server does.
  explicit server_schema(const std::string& url, const hewn::postgres::options& options = {},
                         std::string name = {})
      : db_(hewn::postgres::open(url, options)),
        executor_(hewn::detail::executor_of(db_)),
        name_(std::move(name)) {
    if (name_.empty())
      name_ = "database " +
              executor_->query("SELECT pg_catalog.current_database()").at(0).at(0).value_or("");
  }

  hewn::schema_executor& executor() override { return *executor_; }
  std::string name() const override { return name_; }

  std::vector<object_text> others(const hewn::schema::database& in) override {
    std::vector<object_text> out = server_objects(*executor_);
    for (const hewn::schema::other_object& o : in.others) {
      const bool with_text = o.kind.ends_with("view") || o.kind == "trigger";
      // Of a sequence behind a column the column tells.
      if (!with_text && o.kind != "sequence") out.push_back({o, {}});
    }
    return out;
  }

 private:
  hewn::postgres::database db_;
  std::unique_ptr<hewn::schema_executor> executor_;
  std::string name_;
};

}  // namespace schema_diff
