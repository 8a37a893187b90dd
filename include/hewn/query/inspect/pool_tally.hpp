// hewn/query/inspect/pool_tally.hpp - counting what the holders of a pool's connections run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/pool/pool_watches.hpp>
#include <hewn/query/inspect/statement_tally.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace hewn::detail {

/// Gets what each holder has run, when the connection is back. Made by std::make_shared.
class pool_tally : public pool_watch, public std::enable_shared_from_this<pool_tally> {
 public:
  explicit pool_tally(std::size_t most_shapes) noexcept : most_shapes_(most_shapes) {}

  /// Called by one thread at a time, and not after close().
  virtual void take(const statement_tally& ran) = 0;

  HEWN_RARE HEWN_API owner<lease_watch> begin_lease() override;

  /// take(), unless this is closed. Drops what that throws.
  HEWN_RARE HEWN_API void finish_lease(const statement_tally& ran) noexcept;

  /// Waits for a take() of another thread.
  HEWN_RARE HEWN_API void close() noexcept;

  /// How many statements ran so far on connections that are back.
  HEWN_RARE HEWN_API std::int64_t statements() const noexcept;

 private:
  std::size_t most_shapes_;
  // What take() calls may borrow a connection and give it back.
  mutable std::recursive_mutex mutex_;
  std::int64_t statements_ = 0;
  bool closed_ = false;
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <utility>

namespace hewn::detail {

class lease_tally final : public lease_watch {
 public:
  lease_tally(std::shared_ptr<pool_tally> to, std::size_t most_shapes) noexcept
      : to_(std::move(to)), tally_(most_shapes) {}

  void on_statement(const statement_event& event, const statement_origin& origin) override {
    tally_.on_statement(event, origin);
  }
  void finish() noexcept override { to_->finish_lease(tally_); }

 private:
  std::shared_ptr<pool_tally> to_;
  statement_tally tally_;
};

HEWN_API owner<lease_watch> pool_tally::begin_lease() {
  return owner<lease_watch>(new lease_tally(shared_from_this(), most_shapes_));
}

HEWN_API void pool_tally::finish_lease(const statement_tally& ran) noexcept {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  statements_ += ran.statements();
  try {
    take(ran);
  } catch (...) {
    // Out of memory, or a report's own: the caller only gives a connection back.
  }
}

HEWN_API void pool_tally::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

HEWN_API std::int64_t pool_tally::statements() const noexcept {
  const std::lock_guard lock(mutex_);
  return statements_;
}

}  // namespace hewn::detail

#endif
