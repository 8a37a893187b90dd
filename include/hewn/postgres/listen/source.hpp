// hewn/postgres/listen/source.hpp - notifications over a connection that is opened again when lost.
// SPDX-License-Identifier: BSL-1.0
//
// The connection is one of its own: between the statements of others a listener would hear nothing,
// and a pool could not lend it. There is no thread either; whoever receives also connects again.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/owner_process.hpp>
#include <hewn/db/connection/retry.hpp>
#include <hewn/db/listen/notification.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/connect.hpp>
#include <hewn/postgres/listen/timed_connection.hpp>
#include <hewn/postgres/listen/triggers.hpp>
#include <hewn/postgres/listen/wait.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

[[noreturn]] HEWN_COLD inline void refuse_listening_by_proxy() {
  throw error(errc::usage,
              "hewn: a proxy that pools transactions passes no notifications on; give "
              "hewn::postgres::listen the URL of the server itself");
}

class listen_source final : public hewn::detail::notification_source {
 public:
  /// Connects. Throws: cannot_open.
  explicit listen_source(settings s) : settings_(listening_settings(std::move(s))) { connect(); }

  void listen(std::string_view channel) override {
    check_process();
    for (const channel_names& known : channels_)
      if (known.called == channel) return;
    if (!open()) connect();
    guarded([&] {
      const std::string sent = channel.starts_with(hewn::detail::change_prefix)
                                   ? channel_of_table(channel)
                                   : std::string(channel);
      channels_.push_back({.called = std::string(channel), .sent = sent});
      try {
        connection_->ask(listen_sql(channels_.back()));
      } catch (...) {
        channels_.pop_back();
        throw;
      }
    });
  }

  void unlisten(std::string_view channel) override {
    check_process();
    const auto known = std::find_if(channels_.begin(), channels_.end(),
                                    [&](const channel_names& c) { return c.called == channel; });
    if (known == channels_.end()) return;
    const std::string sql = "UN" + listen_sql(*known);
    channels_.erase(known);
    if (!open()) return;
    try {
      guarded([&] { connection_->ask(sql); });
    } catch (const error&) {
      // The connection is lost, and with it that it listened.
    }
  }

  std::optional<error> receive(std::vector<notification>& out,
                               std::chrono::milliseconds timeout) override {
    check_process();
    const auto deadline =
        wait_clock::now() + std::min<std::chrono::milliseconds>(timeout, std::chrono::hours(8760));
    for (;;) {
      if (open()) {
        if (std::exchange(missed_, false)) return missed_some();
        if (take(out)) return std::nullopt;
        if (!open()) continue;
        if (wait_for(connection_->socket(), POLLIN, &wake_, deadline) != awaited::ready)
          return std::nullopt;
      } else if (const awaited how = reconnect(&wake_, deadline); how != awaited::ready) {
        if (how == awaited::timed_out && failure_)
          throw out_of_reach(*std::exchange(failure_, std::nullopt));
        return std::nullopt;
      }
    }
  }

  void wake() noexcept override {
    if (!process_.inherited()) wake_.wake();
  }

 private:
  struct channel_names {
    std::string called;  // by the listener
    std::string sent;    // by the server
  };

  bool open() const noexcept { return connection_ != nullptr && connection_->open(); }

  void check_process() const {
    if (process_.inherited()) throw hewn::detail::inherited_connection({});
  }

  static std::string listen_sql(const channel_names& c) {
    std::string sql = "LISTEN ";
    append_identifier(sql, c.sent);
    return sql;
  }

  // The channel on which the triggers of a table announce.
  std::string channel_of_table(std::string_view channel) {
    const std::string table(channel.substr(hewn::detail::change_prefix.size()));
    const std::string name = quote_identifier(table, dialect::postgres);
    const result_ptr r = connection_->ask(change_channel_query, {name.c_str()});
    if (PQntuples(r.get()) == 0)
      throw error(errc::schema_mismatch,
                  "hewn: table " + table + " is not there to be listened to; run hewn::sync first");
    if (std::string_view(PQgetvalue(r.get(), 0, 1)) != "t")
      throw error(errc::usage, "hewn: table " + table +
                                   " does not announce its changes; call announce_changes<T>() "
                                   "once, after sync");
    return PQgetvalue(r.get(), 0, 0);
  }

  // Whether something has arrived that is listened to.
  bool take(std::vector<notification>& out) {
    const std::size_t before = out.size();
    const bool alive = connection_->take(out);
    std::size_t kept = before;
    for (std::size_t i = before; i != out.size(); ++i)
      for (const channel_names& c : channels_)
        if (c.sent == out[i].channel) {
          if (kept != i) out[kept] = std::move(out[i]);
          out[kept++].channel = c.called;
          break;
        }
    out.resize(kept);
    if (!alive) lose(error(describe_client_failure(client_failure::connection_lost)));
    return kept != before;
  }

  // ---- the connection

  // Runs what asks the server; a connection that is lost by it will be opened again.
  template <class Action>
  void guarded(Action action) {
    try {
      action();
    } catch (const error& failure) {
      if (failure.code() != errc::connection_lost) throw;
      lose(failure);
      throw out_of_reach(failure);
    }
  }

  void lose(const error& why) noexcept {
    connection_.reset();
    failure_ = why;
    attempts_ = 0;
    next_attempt_ = wait_clock::now();
  }

  // Waits until there is a connection. Throws: cannot_open, after one attempt.
  void connect() {
    while (!open())
      if (reconnect(nullptr, wait_clock::time_point::max()) == awaited::ready && !open())
        throw *std::exchange(failure_, std::nullopt);
  }

  // A step towards a connection that listens. `ready`: go on; a failed attempt leaves failure_.
  awaited reconnect(const wake_pipe* wake, wait_clock::time_point deadline) {
    if (connection_ == nullptr && wait_clock::now() < next_attempt_) {
      const awaited how = wait_for(-1, 0, wake, std::min(deadline, next_attempt_));
      if (how == awaited::woken || wait_clock::now() < next_attempt_) return how;
    }
    try {
      if (connection_ == nullptr) connection_ = std::make_unique<timed_connection>(settings_);
      if (const awaited how = connection_->advance(wake, deadline); how != awaited::ready)
        return how;
      if (!connection_->settled()) refuse_listening_by_proxy();
      std::string sql;
      for (const channel_names& c : channels_) sql += listen_sql(c) + ';';
      if (!sql.empty()) connection_->ask(sql);
    } catch (const error& failure) {
      connection_.reset();
      failure_ = failure;
      next_attempt_ = wait_clock::now() + pause();
      return awaited::ready;
    }
    failure_.reset();
    attempts_ = 0;
    missed_ = !channels_.empty();
    return awaited::ready;
  }

  // Longer with each attempt, and not the same for all that have lost their server together.
  std::chrono::microseconds pause() noexcept {
    constexpr hewn::retry policy{.first_delay = std::chrono::milliseconds(200),
                                 .longest_delay = std::chrono::seconds(5)};
    const auto bound = static_cast<std::uint64_t>(policy.bound_after(++attempts_).count());
    return std::chrono::microseconds(bound / 2 + hewn::detail::next_random(random_) % (bound / 2));
  }

  static error missed_some() {
    return error(errc::connection_lost,
                 "hewn: the listener lost its connection and has it again, so notifications may be "
                 "missing; read again what it watches");
  }

  HEWN_COLD static error out_of_reach(const error& why) {
    error_details d;
    d.code = errc::connection_lost;
    d.native = why.native();
    d.message = "hewn: the listener has lost its connection to the server (" +
                std::string(why.what()) + "); call wait() or poll() again, which connect again";
    return error(std::move(d));
  }

  const settings settings_;
  hewn::detail::process_mark process_;
  wake_pipe wake_;
  std::unique_ptr<timed_connection> connection_;  // nullptr: lost
  std::vector<channel_names> channels_;
  std::optional<error> failure_;  // that nobody has heard of
  bool missed_ = false;           // something, perhaps, that nobody has heard of
  int attempts_ = 0;
  wait_clock::time_point next_attempt_ = wait_clock::now();
  std::uint64_t random_ = static_cast<std::uint64_t>(wait_clock::now().time_since_epoch().count());
};

}  // namespace hewn::postgres::detail
