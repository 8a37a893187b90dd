// hewn/sync/model/loss_watch.hpp - what a transaction destroys, told by the database itself.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/loss.hpp>

#include <string>
#include <vector>

namespace hewn {

/// Watches a part of a transaction, where a transaction is its own trial. The part is run a first
/// time, undone, and run again. Legal order: begin(); the part; suspects(); when it does, a
/// rollback to where begin() was, keep(), the part once more, losses(), and save() or not; after a
/// rollback in the end, restore().
class loss_watch {
 public:
  loss_watch() = default;
  loss_watch(const loss_watch&) = delete;
  loss_watch& operator=(const loss_watch&) = delete;
  virtual ~loss_watch() = default;

  /// Remembers how things are.
  virtual void begin() = 0;

  /// Whether what has run since begin() may have destroyed something.
  virtual bool suspects() = 0;

  /// Keeps what was suspected as it is now, for losses(), and nobody else changes it from here on.
  virtual void keep() = 0;

  /// What was there at keep() and is no more.
  virtual std::vector<loss> losses() = 0;

  /// Saves the tables that have lost something as they were at keep(), named after `label`, and
  /// returns where they are; empty: there are none.
  virtual std::string save(const std::string& label) = 0;

  /// Puts back what no rollback does, as far as that harms nobody. Order: behind the rollback.
  virtual void restore() noexcept = 0;
};

}  // namespace hewn
