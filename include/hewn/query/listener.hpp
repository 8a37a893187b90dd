// hewn/query/listener.hpp - callbacks for what databases announce.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/notification.hpp>
#include <hewn/db/payload.hpp>
#include <hewn/query/sql.hpp>
#include <hewn/schema/table_info.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

template <class T>
consteval bool explain_watchable() {
  static_assert(!table_of<T>.without_rowid,
                "hewn: SQLite does not tell of changes in WITHOUT ROWID tables; call notify() "
                "where they change, and listen to that");
  return !table_of<T>.without_rowid;
}

template <class T>
constexpr bool has_integer_key() {
  if (table_of<T>.key.size() != 1) return false;
  const column_type t = table_of<T>.columns[table_of<T>.key[0]].type;
  return t == column_type::int16 || t == column_type::int32 || t == column_type::int64;
}

inline std::optional<row_change> read_change(std::string_view payload, bool with_key) {
  const std::size_t blank = std::min(payload.find(' '), payload.size());
  for (std::size_t kind = 0; kind != std::size(change_words); ++kind) {
    if (payload.substr(0, blank) != change_words[kind]) continue;
    row_change change{.action = static_cast<row_action>(kind)};
    if (with_key && blank != payload.size())
      change.key = from_payload<std::int64_t>(payload.substr(blank + 1));
    return change;
  }
  return std::nullopt;
}

[[noreturn]] HEWN_COLD inline void fail_payload(const std::string& channel) {
  throw error(errc::invalid_data,
              "hewn: a notification on channel " + channel +
                  " has a payload that its callback cannot read; announce and listen with the same "
                  "type");
}

}  // namespace detail

/// Calls callbacks for what committed transactions announce. Made by `listen(database)`. Callbacks
/// run in poll() and wait(), on the thread that calls these, and never inside the database. One
/// thread at a time.
class listener {
 public:
  explicit listener(std::unique_ptr<detail::notification_source> source) noexcept
      : source_(std::move(source)) {}

  /// `callback(const hewn::row_change&)` for every row of the table of `T` that was changed.
  template <class T, class Callback>
  void on(Callback callback) {
    if constexpr (detail::explain_watchable<T>()) {
      add(detail::change_channel(table_of<T>.name),
          [callback = std::move(callback)](const notification& n) mutable {
            const auto change = detail::read_change(n.payload, detail::has_integer_key<T>());
            if (!change) detail::fail_payload(n.channel);
            callback(*change);
          });
    }
  }

  /// `callback(const Payload&)` for every notification on the channel.
  template <class Payload = std::string, class Callback>
  void on(std::string_view channel, Callback callback) {
    if constexpr (detail::explain_payload<Payload>()) {
      add(std::string(channel), [callback = std::move(callback)](const notification& n) mutable {
        const std::optional<Payload> payload = detail::from_payload<Payload>(n.payload);
        if (!payload) detail::fail_payload(n.channel);
        callback(*payload);
      });
    }
  }

  /// Forgets the callbacks of the table of `T`.
  template <class T>
  void off() {
    off(detail::change_channel(table_of<T>.name));
  }

  /// Forgets the callbacks of the channel.
  void off(std::string_view channel) {
    source_->unlisten(channel);
    std::erase_if(handlers_, [&](const auto& h) { return h->channel == channel; });
  }

  /// Calls the callbacks for what has arrived, and returns how many notifications there were. What
  /// a callback throws comes out; the notifications after it stay. Throws: full when notifications
  /// were lost, connection_lost, invalid_data for a payload of another type.
  std::size_t poll() { return wait(std::chrono::milliseconds(0)); }

  /// As poll. When there is nothing, waits for it at most so long.
  std::size_t wait(std::chrono::milliseconds timeout) {
    if (next_ == arrived_.size()) {
      arrived_.clear();
      next_ = 0;
      source_->receive(arrived_, timeout);
    }
    std::size_t count = 0;
    while (next_ < arrived_.size()) {
      const notification n = std::move(arrived_[next_++]);
      ++count;
      // A callback may add or forget callbacks, and poll.
      const auto called = handlers_;
      for (const auto& h : called)
        if (h->channel == n.channel) h->call(n);
    }
    return count;
  }

 private:
  struct handler {
    std::string channel;
    std::function<void(const notification&)> call;
  };

  void add(std::string channel, std::function<void(const notification&)> call) {
    auto added = std::make_shared<handler>(handler{std::move(channel), std::move(call)});
    handlers_.reserve(handlers_.size() + 1);
    source_->listen(added->channel);
    handlers_.push_back(std::move(added));
  }

  std::unique_ptr<detail::notification_source> source_;
  std::vector<std::shared_ptr<handler>> handlers_;
  std::vector<notification> arrived_;
  std::size_t next_ = 0;
};

/// Announces `payload` on the channel when the transaction is committed; outside one, at once.
/// Throws: invalid_data when the payload has no stored form; read_only.
template <class Session, class Payload>
void notify(const Session& db, std::string_view channel, const Payload& payload,
            call_site site = call_site::current()) {
  using text_or_payload = std::conditional_t<std::convertible_to<const Payload&, std::string_view>,
                                             std::string_view, Payload>;
  if constexpr (detail::explain_payload<text_or_payload>()) {
    std::optional<std::string> text = detail::to_payload(payload);
    if (!text)
      throw error(errc::invalid_data, "hewn: the payload for channel " + std::string(channel) +
                                          " has no stored form; correct the value");
    auto& connection = db.connection();
    if constexpr (requires { connection.native().watch(); }) {
      if (connection.native().read_only())
        throw error(errc::read_only,
                    "hewn: a connection that only reads cannot announce; use transaction() or "
                    "write() of the pool");
      connection.announce(channel, *text, site);
    } else {
      db.execute(dynamic_sql("SELECT pg_notify(?, ?)"), channel, *text);
    }
  }
}

}  // namespace hewn
