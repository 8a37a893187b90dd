// hewn/sync/plan/without_rows.hpp - a schema that no database has, as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/executor.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A database of the kind of `like` that has this schema and no rows. Plans can be made for it, and
/// not applied. Lifetime: `like` must outlive it.
class schema_without_rows : public schema_executor {
 public:
  schema_without_rows(schema_executor& like, schema::database live)
      : like_(&like), live_(std::move(live)) {}

  hewn::dialect dialect() const override { return like_->dialect(); }
  int version() const override { return like_->version(); }
  schema::database introspect() override { return live_; }
  schema::database normalise(const schema::database& wanted) override {
    return like_->normalise(wanted);
  }
  rehearsal rehearse(const schema::database& live, const std::vector<step>& steps) override {
    return like_->rehearse(live, steps);
  }

  void execute(std::string_view) override { refuse(); }
  void transaction(const apply_scope&, const std::function<void()>&) override { refuse(); }
  std::string backup(std::string_view, std::string_view) override { refuse(); }

  /// Whatever is counted, there is none.
  std::vector<text_row> query(std::string_view, const text_row&) override { return {{"0"}}; }
  conversion count_conversion(std::string_view, std::string_view, std::string_view,
                              std::string_view) override {
    return {};
  }
  std::vector<std::string> broken_references() override { return {}; }
  std::vector<std::string> broken_objects() override { return {}; }
  std::vector<std::string> temporary_objects(std::string_view) override { return {}; }

 private:
  [[noreturn]] static void refuse() {
    throw error(errc::usage,
                "hewn: a schema without a database cannot be changed; apply the plan to one");
  }

  schema_executor* like_;
  schema::database live_;
};

}  // namespace hewn::detail
