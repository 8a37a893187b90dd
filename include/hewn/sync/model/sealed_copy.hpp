// hewn/sync/model/sealed_copy.hpp - a copy of a database that nothing gets out of.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/loss.hpp>

#include <string>
#include <vector>

namespace hewn {

/// Holds a private copy of a database shut for as long as it lives: a statement that reaches beyond
/// the copy is refused by the database itself, not by reading its text.
class sealed_copy {
 public:
  sealed_copy() = default;
  sealed_copy(const sealed_copy&) = delete;
  sealed_copy& operator=(const sealed_copy&) = delete;
  virtual ~sealed_copy() = default;

  /// Remembers the content of the copy. Order: outside transactions.
  virtual void mark() = 0;

  /// What the copy had at the last mark() and has no more. `everywhere`: also in tables that no
  /// statement is known to have written to. Order: outside transactions.
  virtual std::vector<loss> losses(bool everywhere) = 0;

  /// Likewise since the first mark().
  virtual std::vector<loss> all_losses(bool everywhere) = 0;

  /// What the first statement that was refused would do, such as "it would open another database";
  /// empty: none was.
  virtual std::string refusal() const = 0;
};

}  // namespace hewn
