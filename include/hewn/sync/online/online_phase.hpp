// hewn/sync/online/online_phase.hpp - the parts of a change that keeps nobody waiting.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// How a phase is carried out.
enum class phase_kind : std::uint8_t {
  together,  ///< its statements are one transaction, over in a moment, and wait briefly for locks
  alone,     ///< a CREATE INDEX CONCURRENTLY, which is no part of a transaction
  validate,  ///< the constraints of its table that are NOT VALID are held against its rows
  batches,   ///< an UPDATE of some rows at a time, each time a transaction
  keep       ///< values that are about to be lost are copied, beside those who write
};

/// The name of `k`, as written in the enumeration.
constexpr std::string_view to_string(phase_kind k) noexcept {
  constexpr std::string_view names[] = {"together", "alone", "validate", "batches", "keep"};
  return names[static_cast<std::size_t>(k)];
}

/// A phase is carried out as a whole, and what it has done stays when the program ends behind it.
struct online_phase {
  phase_kind kind = phase_kind::together;
  std::string table = {};  ///< the table that it is about; together: the first one
  std::string words = {};  ///< what it does, for people
  /// Of kind validate, the names of constraints that are to stay NOT VALID; else SQL. An UPDATE of
  /// kind batches ends with a condition, a SELECT of kind keep has the key of a row and the value.
  std::vector<std::string> statements = {};
  std::vector<std::string> undo = {};  ///< what takes it back, as far as that is possible
  /// From here on the previous release of the program may fail: what it writes may be refused, or
  /// it is no longer given the values that it does not know.
  bool breaking = false;

  bool operator==(const online_phase&) const = default;
};

/// What becomes of a plan. First the phases that the previous release of the program knows nothing
/// of, then those that are breaking.
struct online_phases {
  std::vector<online_phase> phases = {};
  std::vector<std::string> obstacles = {};  ///< why it is impossible, a sentence each
};

}  // namespace hewn
