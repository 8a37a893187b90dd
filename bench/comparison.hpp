// bench/comparison.hpp - which work is compared with which, and what it is to come to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/side.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace bench {

/// A number that there is no target for, or that was not measured.
inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

struct targets {
  double time = none;                // ours by theirs
  double instructions = none;        // ours by theirs
  double allocations = none;         // ours minus theirs, for each item
  double time_default_mutex = none;  // theirs being on a connection with SQLite's default mutex
  double instructions_default_mutex = none;
};

struct comparison {
  std::string_view name;
  std::string_view what;
  work ours;
  work theirs;
  std::int64_t (sizes::*items)() const;
  targets wanted;

  bool has_default_mutex() const {
    return ours == work::get || ours == work::all || ours == work::each;
  }
  /// Whether the work waits for the disk.
  bool waits() const { return ours == work::commit; }
};

/// "W2t" is measured against gets that are no transaction, and "W6" against the usual way to do it:
/// what counts is what a program would do otherwise. "W6 scan" has the same plan on both sides.
inline constexpr std::array<comparison, 16> comparisons{{
    {"W1",
     "insert_many",
     work::bulk_insert,
     work::bulk_insert,
     &sizes::agents,
     {.time = 1.05, .instructions = 1.04, .allocations = 0}},
    {"W1'",
     "insert, in a transaction",
     work::insert,
     work::insert,
     &sizes::agents,
     {.time = 1.10, .instructions = 1.08, .allocations = 0}},
    {"W2",
     "get",
     work::get,
     work::get,
     &sizes::gets,
     {.time = 1.05, .instructions = 1.05, .allocations = 0}},
    {"W2t",
     "get in read(), C without",
     work::get_in_transaction,
     work::get,
     &sizes::gets,
     {.time = 0.92, .allocations = 0}},
    {"W2t both",
     "get, transaction on both sides",
     work::get_in_transaction,
     work::get_in_transaction,
     &sizes::gets,
     {.allocations = 0}},
    {"W3",
     "all",
     work::all,
     work::all,
     &sizes::agents,
     {.time = 1.00,
      .instructions = 1.00,
      .allocations = 0,
      .time_default_mutex = 0.85,
      .instructions_default_mutex = 0.80}},
    {"W3b",
     "each",
     work::each,
     work::each,
     &sizes::agents,
     {.time = 0.95, .instructions = 1.00, .allocations = 0.1, .time_default_mutex = 0.80}},
    {"W4",
     "update, in a transaction",
     work::update,
     work::update,
     &sizes::agents,
     {.time = 1.08, .instructions = 1.06, .allocations = 0}},
    {"W5",
     "where, order_by, limit",
     work::filter,
     work::filter,
     &sizes::queries,
     {.time = 1.05, .instructions = 1.06, .allocations = 1}},
    {"W6",
     "shape, C by two ordered queries",
     work::nest,
     work::nest_ordered,
     &sizes::environments,
     {.time = 0.60, .allocations = 1}},
    {"W6 scan",
     "the same, C by one scan too",
     work::nest,
     work::nest,
     &sizes::environments,
     {.instructions = 1.05, .allocations = 1}},
    {"W6 some",
     "few of many, C by a query each",
     work::nest_some,
     work::nest_some,
     &sizes::some_environments,
     {.time = 1.15, .allocations = 2}},
    {"W6 first",
     "their 3 newest, C by a query each",
     work::nest_first,
     work::nest_first,
     &sizes::some_environments,
     {.time = 1.15, .allocations = 2}},
    {"W7",
     "insert, each a transaction, file",
     work::commit,
     work::commit,
     &sizes::commits,
     {.time = 1.05, .allocations = 0}},
    {"W8",
     "join of two tables, all",
     work::join,
     work::join,
     &sizes::agents,
     {.time = 1.05, .instructions = 1.02, .allocations = 0}},
    {"W9",
     "join of two tables, where the key",
     work::join_by_key,
     work::join_by_key,
     &sizes::queries,
     {.instructions = 1.06, .allocations = 0}},
}};

inline const comparison* find_comparison(std::string_view name) {
  for (const comparison& c : comparisons)
    if (c.name == name) return &c;
  return nullptr;
}

}  // namespace bench
