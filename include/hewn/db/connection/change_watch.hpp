// hewn/db/connection/change_watch.hpp - who is told what becomes of a connection's changes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// Kept by a driver's connection while somebody listens, and called by the library around its
/// statements. An interface, so that programs that listen to nothing do not compile what listens.
struct change_watch {
  change_watch() = default;
  change_watch(const change_watch&) = delete;
  change_watch& operator=(const change_watch&) = delete;
  virtual ~change_watch() = default;

  virtual void statement_begins() noexcept = 0;
  virtual void statement_failed() noexcept = 0;
  /// Also after COMMIT and ROLLBACK.
  virtual void statement_ended() noexcept = 0;

  /// A transaction (level 0) or savepoint has begun.
  virtual void scope_opened(std::size_t level) noexcept = 0;
  /// A savepoint was rolled back.
  virtual void scope_undone(std::size_t level) noexcept = 0;

  /// Everything was replaced, and committed, without a statement.
  virtual void content_replaced() noexcept = 0;

  /// To be announced when the transaction is committed.
  virtual void announce(std::string_view channel, std::string_view payload) = 0;
};

}  // namespace hewn::detail
