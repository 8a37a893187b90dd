// bench/agent.hpp - the rows that every measurement stores and reads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/table_declaration.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct environment {
  std::int64_t id = 0;
  std::string name;

  static consteval auto table() { return hewn::table("environments"); }
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> description;
  double temperature = 0;
  bool enabled = false;
  std::int64_t environment_id = 0;
  std::int64_t created_at = 0;

  static consteval auto table() { return hewn::table("agents").index<&agent::environment_id>(); }
};

/// An agent beside its environment, as a join returns them.
struct placed_agent {
  std::int64_t id = 0;
  std::string name;
  std::string environment;
  std::optional<std::string> description;
  double temperature = 0;
};

/// The same rows as agents, for reading them with their environments.
struct tenant {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> description;
  double temperature = 0;
  bool enabled = false;
  std::int64_t environment_id = 0;
  std::int64_t created_at = 0;

  // Agents say nothing of a reference: the database would test it in every measured insert.
  static consteval auto table() {
    return hewn::table("agents").references<&tenant::environment_id, &environment::id>();
  }
};

/// A parent with its children.
struct household {
  environment parent;
  std::vector<tenant> children;
};

}  // namespace bench
