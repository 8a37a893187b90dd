// tests/differential/rows.hpp - the tables of generated queries, with the rows that they hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "found_rows.hpp"
#include "json_tree.hpp"

#include <hewn/schema/table_declaration.hpp>
#include <hewn/schema/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace differential {

struct thing {
  std::int64_t id = 0;
  std::int64_t big = 0;
  std::optional<std::int64_t> maybe_big;
  std::int32_t small = 0;
  std::optional<std::int16_t> maybe_small;
  double real = 0;
  std::optional<double> maybe_real;
  std::string text;
  std::optional<std::string> maybe_text;
  bool flag = false;
  std::optional<bool> maybe_flag;
  hewn::timestamp instant;
  std::optional<hewn::date> maybe_day;
  colour shade = colour::red;
};

struct part {
  std::int64_t id = 0;
  std::optional<std::int64_t> thing_id;
  std::int64_t amount = 0;
  std::optional<double> weight;
  std::optional<std::string> label;

  static consteval auto table() {
    return hewn::table("parts").references<&part::thing_id, &thing::id>();
  }
};

/// A row of `document` (see documents.hpp): its JSON as text and as trees.
struct paper {
  std::int64_t id = 0;
  std::string configuration_text;
  std::optional<std::string> notes_text;
  json_tree configuration;
  json_tree notes;
};

/// The rows of the tables. Queries run on several populations, because one extreme value can make a
/// whole query an error.
struct population {
  std::vector<thing> things;
  std::vector<part> parts;
  std::vector<paper> papers;
  found_rows found{};  // while a query runs
};

/// Small numbers and few different values first, so that rows meet; then ever more extremes.
const std::vector<population>& populations();

}  // namespace differential
