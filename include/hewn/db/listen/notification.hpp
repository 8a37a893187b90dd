// hewn/db/listen/notification.hpp - what a database announces, and where listeners get it from.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// A text that was announced on a channel by a committed transaction.
struct notification {
  std::string channel = {};
  std::string payload = {};

  bool operator==(const notification&) const = default;
};

/// What happened to a row.
enum class row_action : std::uint8_t { inserted, updated, removed };

/// A row that a committed transaction changed.
struct row_change {
  row_action action = row_action::updated;
  std::optional<std::int64_t> key = {};  ///< of a table whose key is one integer; else nothing
};

namespace detail {

/// What the names of the library's own channels begin with.
inline constexpr std::string_view change_prefix = "hewn:";

/// The channel on which changes of a table's rows are announced. The payload is `insert`, `update`
/// or `remove`, a space and the key.
inline std::string change_channel(std::string_view table) {
  return std::string(change_prefix) + std::string(table);
}

/// Refuses what cannot be the name of a user's channel, by PostgreSQL's rules on every database.
/// Throws: usage.
HEWN_COLD inline void check_channel(std::string_view name) {
  check_identifier(name, dialect::postgres);
  if (name.starts_with(change_prefix))
    throw error(errc::usage,
                "hewn: channels whose names begin with \"hewn:\" are the library's own; choose "
                "another name");
}

constexpr std::string_view change_words[] = {"insert", "update", "remove"};

/// Where a listener gets notifications from: a queue in the process, or a connection of its own to
/// a server. Used by one thread at a time, but for wake().
struct notification_source {
  notification_source() = default;
  notification_source(const notification_source&) = delete;
  notification_source& operator=(const notification_source&) = delete;
  virtual ~notification_source() = default;

  virtual void listen(std::string_view channel) = 0;
  virtual void unlisten(std::string_view channel) = 0;

  /// Appends what has arrived; when there is nothing, waits for it at most so long. Returns why
  /// some may be missing, once. Throws: connection_lost while nothing can arrive.
  virtual std::optional<error> receive(std::vector<notification>& out,
                                       std::chrono::milliseconds timeout) = 0;

  /// Ends a receive() that waits, or the next that would. From any thread.
  virtual void wake() noexcept = 0;
};

}  // namespace detail
}  // namespace hewn
