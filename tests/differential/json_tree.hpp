// tests/differential/json_tree.hpp - JSON as the reference sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace differential {

struct json_tree {
  enum class kind : std::uint8_t { null, truth, number, text, array, object };

  kind what = kind::null;
  bool is_true = false;
  std::string text{};                 // a text, or a number as it is written
  std::vector<std::string> names{};   // of the members of an object
  std::vector<json_tree> elements{};  // of an array, or the values of the members

  /// nullptr: there is none.
  const json_tree* member(std::string_view name) const;
};

/// Of valid JSON. Throws: std::invalid_argument, of a text that ends in the middle.
json_tree parse_tree(std::string_view json);

/// A text that is the same for equal JSON: members by their names, numbers by their values.
std::string canonical(const json_tree& tree);

/// A number that is an integer of 64 bits. `digits`: it is written as digits alone.
std::optional<std::int64_t> integer_of(std::string_view number);
bool is_all_digits(std::string_view number);

}  // namespace differential
