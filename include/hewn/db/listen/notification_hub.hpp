// hewn/db/listen/notification_hub.hpp - from the connections of this process to its listeners.
// SPDX-License-Identifier: BSL-1.0
//
// For databases that announce nothing by themselves. Connections publish what they committed, from
// any thread; each listener has an inbox that keeps what it listens to until it is asked.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/db/connection/owner_process.hpp>
#include <hewn/db/listen/notification.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// How many notifications one table, or one listener, keeps before they count as lost. A listener
/// that is never asked must not take all memory.
inline constexpr std::size_t most_notifications = 65'536;

/// Why a listener may have missed something.
enum class notification_gap : unsigned char {
  none,
  kept_too_many,  ///< more was announced than is kept
  replaced        ///< rows were replaced all at once
};

class notification_hub : public std::enable_shared_from_this<notification_hub> {
 public:
  class inbox;

  /// Whether there is any listener.
  bool listened() const {
    const std::lock_guard lock(mutex_);
    return !inboxes_.empty();
  }

  /// Whether some listener listens to the channel.
  bool wants(std::string_view channel) const {
    const std::lock_guard lock(mutex_);
    for (const inbox* i : inboxes_)
      if (i->wants(channel)) return true;
    return false;
  }

  void publish(const std::vector<notification>& all) {
    const std::lock_guard lock(mutex_);
    for (inbox* i : inboxes_) {
      for (const notification& n : all)
        if (i->wants(n.channel)) i->add(n);
      i->wake_->notify_all();
    }
  }

  /// Not everything is announced on the channel.
  void lose(std::string_view channel, notification_gap why) noexcept {
    const std::lock_guard lock(mutex_);
    for (inbox* i : inboxes_)
      if (i->wants(channel)) i->lose(why);
  }

  /// The rows of all tables were replaced.
  void lose_rows() noexcept {
    const std::lock_guard lock(mutex_);
    for (inbox* i : inboxes_)
      if (i->wants_rows()) i->lose(notification_gap::replaced);
  }

  /// Nothing will be published any more.
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (inbox* i : inboxes_) i->wake_->notify_all();
  }

  class inbox final : public notification_source {
   public:
    explicit inbox(std::shared_ptr<notification_hub> hub) : hub_(std::move(hub)) {
      const std::lock_guard lock(hub_->mutex_);
      hub_->inboxes_.push_back(this);
    }
    ~inbox() override {
      if (process_.inherited()) {
        // The lock may be held for ever here, and a thread of the parent may be waiting.
        static_cast<void>(wake_.release());
        return;
      }
      const std::lock_guard lock(hub_->mutex_);
      std::erase(hub_->inboxes_, this);
    }

    void listen(std::string_view channel) override {
      check_process();
      const std::lock_guard lock(hub_->mutex_);
      if (!wants(channel)) channels_.emplace_back(channel);
    }

    void unlisten(std::string_view channel) override {
      check_process();
      const std::lock_guard lock(hub_->mutex_);
      std::erase(channels_, channel);
      std::erase_if(queue_, [&](const notification& n) { return n.channel == channel; });
    }

    std::optional<error> receive(std::vector<notification>& out,
                                 std::chrono::milliseconds timeout) override {
      check_process();
      std::unique_lock lock(hub_->mutex_);
      wake_->wait_for(
          lock, std::min<std::chrono::milliseconds>(timeout, std::chrono::hours(24 * 365)), [this] {
            return !queue_.empty() || gap_ != notification_gap::none || woken_ || hub_->closed_;
          });
      if (queue_.empty()) woken_ = false;
      switch (std::exchange(gap_, notification_gap::none)) {
        case notification_gap::none:
          break;
        case notification_gap::kept_too_many:
          return error(errc::full,
                       "hewn: the listener was not asked for so long that notifications were lost; "
                       "read what it watches again, and call poll() more often");
        case notification_gap::replaced:
          return error(errc::other,
                       "hewn: rows were replaced all at once, by a restored backup or a table that "
                       "sync made anew, and are not announced one by one; read what the listener "
                       "watches again");
      }
      if (queue_.empty() && hub_->closed_)
        throw error(errc::connection_lost,
                    "hewn: the database that was listened to is closed; listen to it after opening "
                    "it again");
      out.insert(out.end(), std::make_move_iterator(queue_.begin()),
                 std::make_move_iterator(queue_.end()));
      queue_.clear();
      return std::nullopt;
    }

    void wake() noexcept override {
      if (process_.inherited()) return;
      const std::lock_guard lock(hub_->mutex_);
      woken_ = true;
      wake_->notify_all();
    }

   private:
    friend notification_hub;

    bool wants(std::string_view channel) const {
      return std::find(channels_.begin(), channels_.end(), channel) != channels_.end();
    }

    bool wants_rows() const {
      return std::any_of(channels_.begin(), channels_.end(),
                         [](const std::string& c) { return c.starts_with(change_prefix); });
    }

    void add(const notification& n) {
      if (queue_.size() < most_notifications)
        queue_.push_back(n);
      else
        gap_ = notification_gap::kept_too_many;
    }

    void lose(notification_gap why) noexcept {
      gap_ = why;
      wake_->notify_all();
    }

    void check_process() const {
      if (process_.inherited()) throw inherited_connection({});
    }

    const std::shared_ptr<notification_hub> hub_;
    process_mark process_;
    // Under the hub's lock:
    std::unique_ptr<std::condition_variable> wake_ = std::make_unique<std::condition_variable>();
    notification_gap gap_ = notification_gap::none;
    bool woken_ = false;
    std::vector<std::string> channels_;
    std::vector<notification> queue_;
  };

 private:
  mutable std::mutex mutex_;
  std::vector<inbox*> inboxes_;
  bool closed_ = false;
};

/// Closes the hub when the last connection that publishes to it is gone.
class notification_publisher {
 public:
  notification_publisher() = default;
  notification_publisher(const notification_publisher&) = delete;
  notification_publisher& operator=(const notification_publisher&) = delete;
  ~notification_publisher() {
    if (!process_.inherited()) hub_->close();
  }

  notification_hub& hub() const noexcept { return *hub_; }
  std::unique_ptr<notification_source> open_inbox() const {
    return std::make_unique<notification_hub::inbox>(hub_);
  }

 private:
  std::shared_ptr<notification_hub> hub_ = std::make_shared<notification_hub>();
  process_mark process_;
};

}  // namespace hewn::detail
