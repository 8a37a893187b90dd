// tests/differential/found_rows.hpp - the rows of queries that stand for tables.
// SPDX-License-Identifier: BSL-1.0
//
// No database has these tables. The reference keeps the rows of a query here while another reads
// them.
#pragma once

#include <hewn/schema/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace differential {

enum class colour { red, green, blue };

struct total {
  std::optional<std::int64_t> number;
  std::optional<std::int16_t> narrow;
  std::optional<double> real;
  std::optional<std::string> text;
  std::optional<bool> truth;
  std::optional<hewn::timestamp> instant;
  std::optional<hewn::date> day;
  std::optional<colour> shade;
  std::int64_t amount = 0;
};

struct extract {
  std::optional<std::string> text;
  std::optional<double> real;
  std::optional<std::int64_t> number;
};

/// A step of a walk along parts.
struct walk {
  std::optional<std::int64_t> at;
  std::int64_t depth = 0;
  std::optional<std::string> path;
};

struct found_rows {
  std::vector<total> totals;
  std::vector<extract> extracts;
  std::vector<walk> walks;
};

}  // namespace differential
