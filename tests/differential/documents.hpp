// tests/differential/documents.hpp - the table with JSON.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "evaluator.hpp"

#include <hewn/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace differential {

enum class level { low, high };

struct limits {
  std::int64_t tokens = 0;
  double budget = 0;
  std::optional<bool> hard;
  std::map<std::string, std::string> labels;
};

struct settings {
  std::string model;
  level effort = level::low;
  limits limit;
  std::optional<limits> burst;
  std::vector<std::string> tags;
  std::vector<std::int64_t> ports;
  std::map<std::string, std::string> labels;
};

/// What the JSON is like is another matter than what the types say: see papers.hpp.
struct document {
  std::int64_t id = 0;
  hewn::json<settings> configuration;
  std::optional<hewn::json<settings>> notes;
};

template <>
inline constexpr table table_of_source<document> = table::paper;

/// The reference has the rows as papers.
template <auto Member>
struct evaluator<hewn::column<Member, document>> {
  static cell value(const hewn::column<Member, document>&, const scope& s) {
    const auto* row = static_cast<const paper*>(s.row.of(table::paper));
    if (row == nullptr) return {};
    if constexpr (std::is_same_v<decltype(Member), std::int64_t document::*>)
      return integer(row->id);
    else if constexpr (std::is_same_v<decltype(Member), hewn::json<settings> document::*>)
      return json(row->configuration);
    else
      return row->notes_text ? json(row->notes) : cell();
  }
};

}  // namespace differential
