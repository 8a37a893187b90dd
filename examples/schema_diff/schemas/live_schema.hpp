// examples/schema_diff/schemas/live_schema.hpp - a database on which plans can be made.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/executor.hpp>

#include <string>
#include <vector>

namespace schema_diff {

/// A view, function or extension with what it is made by.
struct object_text {
  hewn::schema::other_object object;
  std::string text;
};

/// A connection of its own, and sync's view of it.
class live_schema {
 public:
  live_schema() = default;
  live_schema(const live_schema&) = delete;
  live_schema& operator=(const live_schema&) = delete;
  virtual ~live_schema() = default;

  virtual hewn::schema_executor& executor() = 0;

  /// How messages call it. Never a piece of a URL, which may hold a password.
  virtual std::string name() const = 0;

  /// What is there besides tables, and is not planned.
  virtual std::vector<object_text> others(const hewn::schema::database& in) = 0;

  bool on_server() { return executor().dialect() == hewn::dialect::postgres; }
};

}  // namespace schema_diff
