// hewn/sqlite/client/change_feed.hpp - what a connection changes, told to listeners once it is
// committed.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite's update hook tells of each row when it is changed. What is undone later - by a failing
// statement, a savepoint, a rollback - is taken back here. There is no hook after a commit (the
// commit hook comes before, and a commit may fail), so the feed is settled by the library after
// every statement, as soon as no transaction is open.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/change_watch.hpp>
#include <hewn/db/listen/notification_hub.hpp>
#include <hewn/sqlite/client/write_guard.hpp>
#include <hewn/sync/model/own_tables.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

class change_feed final : public hewn::detail::change_watch {
 public:
  explicit change_feed(std::shared_ptr<hewn::detail::notification_publisher> to)
      : publisher_(std::move(to)) {}
  hewn::detail::notification_publisher& publisher() const noexcept { return *publisher_; }
  bool attached() const noexcept { return handle_ != nullptr; }

  /// From now on SQLite tells of changes. The feed must live until the handle is closed. `guard`:
  /// of the same handle; nullptr: there is none.
  HEWN_COLD void attach(sqlite3* handle, write_guard* guard) {
    sqlite3_update_hook(handle, &changed, this);
    sqlite3_rollback_hook(
        handle, [](void* self) { static_cast<change_feed*>(self)->forget(); }, this);
    sqlite3_set_authorizer(handle, &authorize, this);
    handle_ = handle;
    guard_ = guard;
  }

  void announce(std::string_view name, std::string_view payload) override {
    const std::uint32_t index = channel_of(name);
    payloads_.emplace_back(payload);
    pending_.push_back({.channel = index,
                        .kind = announced,
                        .number = static_cast<std::int64_t>(payloads_.size() - 1)});
    mark_ = pending_.size();
  }

  void statement_begins() noexcept override {
    if (!attached()) return;
    mark_ = pending_.size();
    total_changes_ = sqlite3_total_changes64(handle_);
  }

  // A failing statement keeps nothing, except with OR FAIL, when SQLite counts its changes.
  void statement_failed() noexcept override {
    if (attached() && sqlite3_total_changes64(handle_) == total_changes_) take_back(mark_);
  }

  void statement_ended() noexcept override {
    if (pending_.empty() && !lost_any_) return;
    // Outside a transaction a statement that is still returning rows may have begun to write.
    if (sqlite3_get_autocommit(handle_) == 0 ||
        sqlite3_txn_state(handle_, "main") == SQLITE_TXN_WRITE)
      return;
    try {
      publish();
    } catch (...) {  // out of memory
      for (const channel& c : channels_)
        publisher_->hub().lose(c.name, hewn::detail::notification_gap::kept_too_many);
    }
    forget();
  }

  void content_replaced() noexcept override { publisher_->hub().lose_rows(); }

  void scope_opened(std::size_t level) noexcept override {
    try {
      scopes_.resize(level);
      scopes_.push_back(pending_.size());
    } catch (...) {
      lose_all();
    }
  }

  void scope_undone(std::size_t level) noexcept override {
    if (level < scopes_.size()) take_back(scopes_[level]);
  }

 private:
  // After the values of row_action:
  static constexpr unsigned char announced = 3;
  static constexpr unsigned char rebuilt = 4;  // the whole table

  struct entry {
    std::uint32_t channel = 0;
    unsigned char kind = announced;
    std::int64_t number = 0;  // the row, or the index of the payload
  };

  struct channel {
    std::string name;
    std::size_t count = 0;  // pending; above most_notifications they are lost
  };

  // DELETE without WHERE empties the table without telling, unless an authorizer answers IGNORE to
  // it: https://sqlite.org/c3ref/set_authorizer.html. To a DROP, which asks whether it may delete
  // from the schema and, right after it has named itself, from what it drops, IGNORE means that it
  // must do nothing and report success. So these are always allowed.
  static int authorize(void* self, int action, const char* object, const char*, const char* schema,
                       const char* cause) {
    auto& feed = *static_cast<change_feed*>(self);
    if (feed.guard_ != nullptr && feed.guard_->refuses(action, object, cause)) return SQLITE_DENY;
    const bool dropped = std::exchange(feed.dropping_, is_drop(action));
    if (action != SQLITE_DELETE || dropped || object == nullptr || schema == nullptr)
      return SQLITE_OK;
    const bool told_of =
        std::string_view(schema) == "main" && !std::string_view(object).starts_with("sqlite_");
    return told_of ? SQLITE_IGNORE : SQLITE_OK;
  }

  static bool is_drop(int action) noexcept {
    return action == SQLITE_DROP_TABLE || action == SQLITE_DROP_VIEW ||
           action == SQLITE_DROP_VTABLE || action == SQLITE_DROP_TEMP_TABLE ||
           action == SQLITE_DROP_TEMP_VIEW;
  }

  static void changed(void* self, int operation, const char* schema, const char* table,
                      sqlite3_int64 row) {
    auto& feed = *static_cast<change_feed*>(self);
    if (std::string_view(schema) != "main") return;
    const row_action action = operation == SQLITE_INSERT   ? row_action::inserted
                              : operation == SQLITE_UPDATE ? row_action::updated
                                                           : row_action::removed;
    try {
      feed.add(table, action, row);
    } catch (...) {  // SQLite must not see an exception
      feed.lose_all();
    }
  }

  // Out of memory: whoever listens is told to look again.
  void lose_all() noexcept {
    for (channel& c : channels_) c.count = hewn::detail::most_notifications + 1;
    lost_any_ = true;
  }

  void forget() noexcept {
    pending_.clear();
    payloads_.clear();
    for (channel& c : channels_) c.count = 0;
    lost_any_ = false;
  }

  void add(std::string_view table, row_action action, std::int64_t row) {
    // Sync copies all rows into a table of this name, which then takes the place of the other one
    // by DROP and RENAME. Of these SQLite tells nothing.
    if (table.starts_with(hewn::detail::rebuilt_prefix)) {
      table.remove_prefix(hewn::detail::rebuilt_prefix.size());
      const std::uint32_t of = channel_of(hewn::detail::change_channel(table));
      if (pending_.empty() || pending_.back().channel != of || pending_.back().kind != rebuilt)
        pending_.push_back({.channel = of, .kind = rebuilt});
      return;
    }
    const std::uint32_t index = channel_of(hewn::detail::change_channel(table));
    if (++channels_[index].count > hewn::detail::most_notifications) {
      lost_any_ = true;
      return;
    }
    pending_.push_back(
        {.channel = index, .kind = static_cast<unsigned char>(action), .number = row});
  }

  std::uint32_t channel_of(std::string_view name) {
    // Most changes are of the table of the one before.
    if (!pending_.empty() && channels_[pending_.back().channel].name == name)
      return pending_.back().channel;
    for (std::size_t i = 0; i != channels_.size(); ++i)
      if (channels_[i].name == name) return static_cast<std::uint32_t>(i);
    channels_.push_back({.name = std::string(name)});
    return static_cast<std::uint32_t>(channels_.size() - 1);
  }

  void take_back(std::size_t size) noexcept {
    if (size < pending_.size()) pending_.resize(size);
  }

  bool same(const entry& a, const entry& b) const {
    if (a.channel != b.channel || a.kind != b.kind) return false;
    return a.kind == announced ? payloads_[static_cast<std::size_t>(a.number)] ==
                                     payloads_[static_cast<std::size_t>(b.number)]
                               : a.number == b.number;
  }

  // Of what one transaction announced more than once, the first: as PostgreSQL does.
  std::vector<bool> repeated() const {
    std::vector<std::size_t> order(pending_.size());
    for (std::size_t i = 0; i != order.size(); ++i) order[i] = i;
    const auto key = [this](std::size_t i) {
      const entry& e = pending_[i];
      return std::pair(
          std::pair(e.channel, e.kind),
          e.kind == announced
              ? std::pair(std::int64_t{0},
                          std::string_view(payloads_[static_cast<std::size_t>(e.number)]))
              : std::pair(e.number, std::string_view()));
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(key(a), a) < std::pair(key(b), b);
    });
    std::vector<bool> out(pending_.size());
    for (std::size_t i = 1; i < order.size(); ++i)
      out[order[i]] = same(pending_[order[i - 1]], pending_[order[i]]);
    return out;
  }

  void publish() {
    std::vector<bool> wanted(channels_.size());
    for (std::size_t i = 0; i != channels_.size(); ++i) {
      wanted[i] = publisher_->hub().wants(channels_[i].name);
      if (wanted[i] && channels_[i].count > hewn::detail::most_notifications)
        publisher_->hub().lose(channels_[i].name, hewn::detail::notification_gap::kept_too_many);
    }
    const std::vector<bool> skip = repeated();
    std::vector<notification> out;
    for (std::size_t i = 0; i != pending_.size(); ++i) {
      const entry& e = pending_[i];
      if (!wanted[e.channel] || skip[i]) continue;
      if (e.kind == rebuilt) {
        publisher_->hub().lose(channels_[e.channel].name, hewn::detail::notification_gap::replaced);
        continue;
      }
      notification n{.channel = channels_[e.channel].name};
      if (e.kind == announced)
        n.payload = payloads_[static_cast<std::size_t>(e.number)];
      else
        n.payload =
            std::string(hewn::detail::change_words[e.kind]) + ' ' + std::to_string(e.number);
      out.push_back(std::move(n));
    }
    publisher_->hub().publish(out);
  }

  std::shared_ptr<hewn::detail::notification_publisher> publisher_;
  sqlite3* handle_ = nullptr;
  write_guard* guard_ = nullptr;
  std::vector<entry> pending_;
  std::vector<std::string> payloads_;
  std::vector<channel> channels_;
  std::vector<std::size_t> scopes_;  // how much was pending when each scope began
  std::size_t mark_ = 0;             // and when the statement began
  std::int64_t total_changes_ = 0;
  bool lost_any_ = false;
  bool dropping_ = false;  // whether the authorizer was last asked about a DROP
};

}  // namespace hewn::sqlite
