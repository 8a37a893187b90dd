// hewn/db/connection/lease.hpp - a prepared statement while it is in use.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/statement_cache.hpp>

#include <utility>

namespace hewn::detail {

/// Takes a statement out of the cache and puts it back, reset and without values, when it dies. A
/// lease may outlive its connection: it then refuses to step and frees what it holds.
template <class Driver>
class lease {
 public:
  explicit lease(prepared<Driver>* held) noexcept : held_(held) {}
  lease(lease&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  lease& operator=(lease&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~lease() {
    if (held_ == nullptr) return;
    if (held_->owner != nullptr) [[likely]]
      held_->owner->give_back(held_);
    else
      delete held_;
  }

  typename Driver::statement& statement() const noexcept { return held_->statement; }
  prepared<Driver>* operator->() const noexcept { return held_; }

  /// True when there is a row. Throws: whatever the database reports.
  HEWN_INLINE bool step() const {
    switch (held_->statement.step()) {
      case step_result::row:
        ++held_->rows;
        return true;
      case step_result::done:
        return false;
      case step_result::failed:
        break;
    }
    return connection<Driver>::step_again(*held_);
  }

 private:
  prepared<Driver>* held_;
};

}  // namespace hewn::detail
