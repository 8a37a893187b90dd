// hewn/query/listener.hpp - callbacks for what databases announce.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/listen/notification.hpp>
#include <hewn/db/listen/payload.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/pool.hpp>
#include <hewn/query/verbs/session.hpp>
#include <hewn/schema/table_of.hpp>

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

/// What a driver announces and how, by two functions. Specialised by <hewn/sqlite/listen.hpp>,
/// <hewn/postgres/listen.hpp> and <hewn/any/listen.hpp>.
///
///     static std::unique_ptr<notification_source> open(connection<Driver>&, call_site);
///     static void announce_changes(connection<Driver>&, const std::vector<std::string_view>&
///     tables,
///                                  call_site);
template <class Driver>
struct announcements;

template <class Driver>
consteval bool explain_announcements() {
  constexpr bool known = requires { sizeof(announcements<Driver>); };
  static_assert(known,
                "hewn: how this database announces is not known here; include "
                "<hewn/sqlite/listen.hpp>, <hewn/postgres/listen.hpp> or <hewn/any/listen.hpp>");
  return known;
}

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

/// Ends the wait() of a listener from any thread. May outlive the listener.
class listener_interrupter {
 public:
  explicit listener_interrupter(std::weak_ptr<detail::notification_source> source) noexcept
      : source_(std::move(source)) {}

  /// A wait() that waits returns at once; if none does, the next one that would.
  void interrupt() const noexcept {
    if (const auto source = source_.lock()) source->wake();
  }

 private:
  std::weak_ptr<detail::notification_source> source_;
};

/// Calls callbacks for what committed transactions announce. Made by `hewn::listen(database)`.
/// Callbacks run in poll() and wait(), on the thread that calls these, and never inside the
/// database. One thread at a time. One that was moved from throws usage.
class listener {
 public:
  explicit listener(std::unique_ptr<detail::notification_source> source)
      : source_(std::move(source)) {}
  listener(listener&&) noexcept = default;
  listener& operator=(listener&&) noexcept = default;

  /// `callback(const hewn::row_change&)` for every row of the table of `T` that a statement
  /// changed. On PostgreSQL tables announce after announce_changes<T>(). Throws: usage before.
  template <class T, class Callback>
  void on(Callback callback, call_site site = call_site::current()) {
    if constexpr (detail::explain_watchable<T>()) {
      const detail::call_scope at(site);
      add(detail::change_channel(table_of<T>.name),
          [callback = std::move(callback)](const notification& n) mutable {
            const auto change = detail::read_change(n.payload, detail::has_integer_key<T>());
            if (!change) detail::fail_payload(n.channel);
            callback(*change);
          });
    }
  }

  /// `callback(const Payload&)` for every notification on the channel. Throws: usage for a name
  /// that is empty, longer than 63 bytes, or begins with "hewn:".
  template <class Payload = std::string, class Callback>
  void on(std::string_view channel, Callback callback, call_site site = call_site::current()) {
    if constexpr (detail::explain_payload<Payload>()) {
      const detail::call_scope at(site);
      detail::check_channel(channel);
      add(std::string(channel), [callback = std::move(callback)](const notification& n) mutable {
        const std::optional<Payload> payload = detail::from_payload<Payload>(n.payload);
        if (!payload) detail::fail_payload(n.channel);
        callback(*payload);
      });
    }
  }

  /// `callback(const hewn::error&)` when notifications may be missing: the connection to the server
  /// was lost and is there again (connection_lost), the listener was not asked for so long that not
  /// all were kept (full), or SQLite's rows were replaced all at once, by a restored backup or by
  /// sync (other). Read again what is watched. Without it, the error is thrown.
  template <class Callback>
  void on_missed(Callback callback) {
    missed_ = std::make_shared<std::function<void(const error&)>>(std::move(callback));
  }

  /// Forgets the callbacks of the table of `T`.
  template <class T>
  void off(call_site site = call_site::current()) {
    off(detail::change_channel(table_of<T>.name), site);
  }

  /// Forgets the callbacks of the channel.
  void off(std::string_view channel, call_site site = call_site::current()) {
    const detail::call_scope at(site);
    source().unlisten(channel);
    std::erase_if(handlers_, [&](const auto& h) { return h->channel == channel; });
  }

  /// Calls the callbacks for what has arrived, and returns how many notifications there were. What
  /// a callback throws comes out; the notifications after it stay. Throws: invalid_data for a
  /// payload of another type; connection_lost when the database is closed, or the server out of
  /// reach (the next call tries again); without on_missed(), what it would be called with.
  std::size_t poll(call_site site = call_site::current()) {
    return wait(std::chrono::milliseconds(0), site);
  }

  /// As poll. When there is nothing, waits for it at most so long, or until it is interrupted.
  std::size_t wait(std::chrono::milliseconds timeout, call_site site = call_site::current()) {
    const detail::call_scope at(site);
    detail::notification_source& from = source();
    if (next_ == arrived_.size()) {
      arrived_.clear();
      next_ = 0;
      if (const std::optional<error> missing = from.receive(arrived_, timeout)) {
        if (missed_ == nullptr) throw error(*missing);
        const auto called = missed_;  // it may replace itself
        (*called)(*missing);
        return 0;
      }
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

  /// What ends a wait() from another thread: `auto stop = inbox.interrupter();` here,
  /// `stop.interrupt();` there.
  listener_interrupter interrupter() const noexcept { return listener_interrupter(source_); }

 private:
  struct handler {
    std::string channel;
    std::function<void(const notification&)> call;
  };

  detail::notification_source& source() const {
    if (source_ == nullptr)
      throw error(errc::usage,
                  "hewn: the listener was moved from; use the one that it was moved to");
    return *source_;
  }

  void add(std::string channel, std::function<void(const notification&)> call) {
    detail::notification_source& from = source();
    auto added = std::make_shared<handler>(handler{std::move(channel), std::move(call)});
    handlers_.reserve(handlers_.size() + 1);
    from.listen(added->channel);
    handlers_.push_back(std::move(added));
  }

  std::shared_ptr<detail::notification_source> source_;
  std::shared_ptr<std::function<void(const error&)>> missed_;
  std::vector<std::shared_ptr<handler>> handlers_;
  std::vector<notification> arrived_;
  std::size_t next_ = 0;
};

/// A listener for what is committed from now on: on SQLite by this database object or pool, on
/// PostgreSQL by anybody, over a connection of its own to the same place. Throws: usage for a
/// connection through a proxy that pools transactions, and on SQLite inside a transaction; what
/// opening a database throws. Order: on the thread that uses the database; the listener may then be
/// used by another.
template <class Driver>
listener listen(const session<Driver>& db, call_site site = call_site::current()) {
  if constexpr (detail::explain_announcements<Driver>()) {
    const detail::call_scope at(site);
    detail::connection<Driver>& connection = db.connection(site);
    return listener(detail::announcements<Driver>::open(connection, site));
  }
}

/// As above. Borrows a connection until it is done.
template <class Driver>
listener listen(const basic_pool<Driver>& pool, call_site site = call_site::current()) {
  const pooled<Driver> db = pool.acquire(site);
  return listen(db, site);
}

/// Makes the tables announce their changes to listeners, from the next commit on; once, after sync.
/// On PostgreSQL they get triggers, which needs their owner and stays when it is there; on SQLite
/// they announce anyway, and nothing is done. Throws: schema_mismatch when a table is missing.
template <record... Tables, class Driver>
void announce_changes(const session<Driver>& db, call_site site = call_site::current()) {
  static_assert(
      sizeof...(Tables) != 0,
      "hewn: announce_changes() names no table; write announce_changes<T, ...>(database)");
  if constexpr (detail::explain_announcements<Driver>() &&
                (detail::explain_watchable<Tables>() && ...)) {
    const detail::call_scope at(site);
    detail::announcements<Driver>::announce_changes(db.connection(site), {table_of<Tables>.name...},
                                                    site);
  }
}

namespace detail {

/// What PostgreSQL takes. Source: NOTIFY_PAYLOAD_MAX_LENGTH in its async.c, exclusive.
inline constexpr std::size_t longest_payload = 7999;

HEWN_COLD inline void check_payload(std::string_view channel, std::string_view payload) {
  if (payload.size() > longest_payload)
    throw error(errc::invalid_data,
                "hewn: the payload for channel " + std::string(channel) + " has " +
                    std::to_string(payload.size()) +
                    " bytes and PostgreSQL takes 7999; store it in a table and announce its key");
}

}  // namespace detail

/// Announces `payload` on the channel when the transaction is committed; outside one, at once.
/// Throws: invalid_data when the payload has no stored form, or on PostgreSQL more than 7,999
/// bytes; usage for a name that cannot be a channel's; read_only.
template <class Driver, class Payload>
void notify(const session<Driver>& db, std::string_view channel, const Payload& payload,
            call_site site = call_site::current()) {
  using text_or_payload = std::conditional_t<std::convertible_to<const Payload&, std::string_view>,
                                             std::string_view, Payload>;
  if constexpr (detail::explain_payload<text_or_payload>()) {
    const detail::call_scope at(site);
    detail::check_channel(channel);
    std::optional<std::string> text = detail::to_payload(payload);
    if (!text)
      throw error(errc::invalid_data, "hewn: the payload for channel " + std::string(channel) +
                                          " has no stored form; correct the value");
    detail::connection<Driver>& connection = db.connection(site);
    if (connection.spoken() == dialect::postgres) {
      detail::check_payload(channel, *text);
      connection.check_state(site);
      if (connection.state().read_only())
        detail::transaction_state::refuse_write("SELECT pg_notify(?, ?)", site);
      db.execute({dynamic_sql("SELECT pg_notify(?, ?)"), site}, channel, std::string_view(*text));
    } else if constexpr (requires { connection.native().watch(); }) {
      if (connection.native().read_only())
        throw error(errc::read_only,
                    "hewn: a connection that only reads cannot announce; use transaction() or "
                    "write() of the pool");
      connection.announce(channel, *text, site);
    }
  }
}

}  // namespace hewn
