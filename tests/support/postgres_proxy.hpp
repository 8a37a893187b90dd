// tests/support/postgres_proxy.hpp - a proxy that makes trouble at a chosen message.
// SPDX-License-Identifier: BSL-1.0
//
// Between two unix sockets, a thread per connection. It knows where a message ends, and how a
// failure looks. Source: https://www.postgresql.org/docs/15/protocol-message-formats.html.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

class postgres_proxy {
 public:
  enum class sender : unsigned char { client, server };

  enum class fault : unsigned char {
    none,
    cut,     ///< the message is not passed on, and the line is cut
    deafen,  ///< a client's: it is passed on and done, but nobody hears the answer
    refuse,  ///< a client's: the server fails over it, and its report says `state`
    hold,    ///< it waits for release(); what comes from the other side does not
    crumble  ///< it and all that follow arrive byte by byte
  };

  struct rule {
    sender who = sender::client;
    fault how = fault::none;
    int message = 0;         ///< its number, counted from 1
    std::string state = {};  ///< where the line is cut: what the client is told before, if anything
  };

  /// `server`: the folder of the server's socket.
  explicit postgres_proxy(const std::string& server) : server_(server + "/.s.PGSQL.5432") {
    char name[] = "/tmp/hewn_px_XXXXXX";
    folder_ = mkdtemp(name);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un at = address(folder_ + "/.s.PGSQL.5432");
    bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    listen(listener_, 8);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  postgres_proxy(const postgres_proxy&) = delete;
  postgres_proxy& operator=(const postgres_proxy&) = delete;
  ~postgres_proxy() {
    ended_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& t : threads_) t.join();
    close(listener_);
    unlink((folder_ + "/.s.PGSQL.5432").c_str());
    rmdir(folder_.c_str());
  }

  const std::string& folder() const { return folder_; }

  /// From now on the messages of each side are counted, and one of them has its fault.
  void arm(rule wanted) {
    const std::lock_guard guard(mutex_);
    rule_ = std::move(wanted);
    seen_[0] = seen_[1] = refused_ = turns_ = 0;
    released_ = false;
    holding_ = false;
  }
  /// From now on the rows of each answer come in another order.
  void shuffle(bool on) { shuffling_ = on; }

  /// From now on requests to cancel are taken, and neither passed on nor answered.
  void ignore_cancels(bool on) { ignoring_cancels_ = on; }
  /// How many were.
  int ignored_cancels() const { return ignored_cancels_; }

  /// How many messages the server was made to refuse.
  int refused() const { return refused_; }
  int seen(sender who) const { return seen_[static_cast<int>(who)]; }

  /// How often the client spoke after the server had.
  int turns() const { return turns_; }

  /// Whether a message waits for release().
  bool holding() const { return holding_; }
  void release() { released_ = true; }

  /// Waits until every line is down, and the server has ended what it did for it.
  void wait_until_quiet() const {
    wait_until([this] { return lines_ == 0; });
  }

  /// Waits for a condition, looking often and leaving the processor to others meanwhile.
  template <class Condition>
  static void wait_until(Condition condition) {
    while (!condition()) std::this_thread::sleep_for(std::chrono::microseconds(300));
  }

 private:
  struct line {
    int client, server;
    std::string buffer[2] = {};
    bool held[2] = {false, false};
    char last = '\0';      // message of the client
    bool copying = false;  // the statement that was bound last is a COPY
    std::set<std::string> copies = {};
    bool startup = true;    // the first message of a client has no type
    bool answered = false;  // the server spoke last
    bool server_gone = false;
    bool crumbling = false;
    bool skipping = false;               // until the client's Sync
    bool dropping = false;               // what the server says before it fails
    std::string state = {};              // of the next failure that the server reports
    std::vector<std::string> rows = {};  // of an answer that is to be shuffled
  };

  static sockaddr_un address(const std::string& path) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::memcpy(a.sun_path, path.c_str(), path.size() + 1);
    return a;
  }

  void accept_all() {
    while (!ended_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_un at = address(server_);
      ++lines_;
      const bool open = connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
      threads_.emplace_back([this, client, server, open] {
        line l{client, server};
        if (open) relay(l);
        close(client);
        finish(server);
        close(server);
        --lines_;
      });
    }
  }

  static bool send_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  static bool forward(const line& l, sender who, std::string_view message) {
    const int to = who == sender::client ? l.server : l.client;
    if (!l.crumbling) return send_all(to, message);
    for (const char& byte : message)
      if (!send_all(to, {&byte, 1})) return false;
    return true;
  }

  static bool forward_shuffled(line& l) {
    std::minstd_rand random(static_cast<unsigned>(l.rows.size()));
    std::shuffle(l.rows.begin(), l.rows.end(), random);
    for (const std::string& row : std::exchange(l.rows, {}))
      if (!forward(l, sender::server, row)) return false;
    return true;
  }

  // The server does what it has been sent, and reads no more.
  void finish(int server) const {
    shutdown(server, SHUT_WR);
    char bytes[8192];
    while (!ended_ && read(server, bytes, sizeof bytes) > 0) {
    }
  }

  // The size of the first message in the buffer; 0 when it is not all there.
  static std::size_t message_size(std::string_view buffer, bool startup) {
    const std::size_t type = startup ? 0 : 1;
    if (buffer.size() < type + 4) return 0;
    std::uint32_t length = 0;
    std::memcpy(&length, buffer.data() + type, 4);
    const std::size_t size = type + __builtin_bswap32(length);
    return buffer.size() < size ? 0 : size;
  }

  // Source: "CancelRequest" there; 1234 and 5678 in the place of a version.
  static bool is_cancel(std::string_view first) {
    return first.size() == 16 && first.substr(4, 4) == std::string_view("\x04\xd2\x16\x2e");
  }

  static std::string message(char type, std::string_view payload) {
    const std::uint32_t length = __builtin_bswap32(static_cast<std::uint32_t>(payload.size() + 4));
    std::string out(5, type);
    std::memcpy(out.data() + 1, &length, 4);
    return out.append(payload);
  }

  static std::string failure(const std::string& severity, const std::string& state) {
    const std::string fields = "S" + severity + '\0' + "V" + severity + '\0' + "C" + state + '\0' +
                               "Mthe proxy says so" + '\0' + '\0';
    return message('E', fields);
  }

  void relay(line& l) {
    char bytes[8192];
    while (!ended_) {
      if (!pass(l, sender::client) || !pass(l, sender::server)) return;
      if (l.server_gone && !l.held[1]) return;
      pollfd ends[] = {{l.client, POLLIN, 0}, {l.server_gone ? -1 : l.server, POLLIN, 0}};
      if (poll(ends, 2, 2) < 0) return;
      if (ends[1].revents != 0) {
        const ssize_t n = read(l.server, bytes, sizeof bytes);
        if (n > 0) l.buffer[1].append(bytes, static_cast<std::size_t>(n));
        l.server_gone = n <= 0;
      }
      if (ends[0].revents == 0) continue;
      const ssize_t n = read(l.client, bytes, sizeof bytes);
      if (n <= 0) return;
      l.buffer[0].append(bytes, static_cast<std::size_t>(n));
    }
  }

  // Passes on what is complete; false: the line is down.
  bool pass(line& l, sender who) {
    const int side = static_cast<int>(who);
    std::string& buffer = l.buffer[side];
    for (;;) {
      const bool startup = who == sender::client && l.startup;
      const std::size_t size = message_size(buffer, startup);
      if (size == 0) return true;
      std::string whole = buffer.substr(0, size);
      bool spoiled_now = false;
      if (startup && ignoring_cancels_ && is_cancel(whole)) {
        if (!std::exchange(l.held[side], true)) ++ignored_cancels_;
        return true;
      }
      if (l.held[side]) {
        if (!released_) return true;
        l.held[side] = false;
      } else if (!startup) {
        const rule due = look_up(who);
        if (due.how == fault::hold) {
          l.held[side] = true;
          holding_ = true;
          return true;
        }
        // While it takes COPY's data the server ignores Sync.
        const bool ignored = whole[0] == 'S' && l.copying && l.last == 'E';
        if (due.how == fault::refuse && !ignored) {
          ++refused_;
          l.state = due.state;
          whole = spoiled(l, whole);
          spoiled_now = true;
        }
        if (due.how == fault::crumble) l.crumbling = true;
        if (due.how == fault::deafen && send_all(l.server, whole)) finish(l.server);
        if (due.how == fault::cut || due.how == fault::deafen) {
          if (!due.state.empty()) send_all(l.client, failure("FATAL", due.state));
          return false;
        }
      }
      buffer.erase(0, size);
      if (who == sender::client) {
        note_copy(l, whole);
        l.last = startup ? '\0' : whole[0];
        l.startup = false;
        if (l.skipping && whole[0] == 'S') l.skipping = false;
        if (l.skipping && !spoiled_now) continue;
      } else {
        if (!l.state.empty() && whole[0] == 'E') {
          whole = failure("ERROR", std::exchange(l.state, {}));
          l.dropping = false;
        }
        if (l.dropping) continue;
        if (shuffling_ && whole[0] == 'D') {
          l.rows.push_back(std::move(whole));
          continue;
        }
        if (!l.rows.empty() && !forward_shuffled(l)) return false;
      }
      if (who == sender::client && l.answered) ++turns_;
      l.answered = who == sender::server;
      if (!forward(l, who, whole)) return false;
    }
  }

  rule look_up(sender who) {
    const std::lock_guard guard(mutex_);
    const int number = ++seen_[static_cast<int>(who)];
    return rule_.how != fault::none && rule_.who == who && rule_.message == number ? rule_ : rule{};
  }

  // Parse has a name and a text, Bind a portal's name and a statement's.
  static void note_copy(line& l, const std::string& whole) {
    if (whole[0] != 'P' && whole[0] != 'B') return;
    const std::string first = whole.c_str() + 5;
    const std::string second = whole.c_str() + 5 + first.size() + 1;
    if (whole[0] == 'B')
      l.copying = l.copies.contains(second);
    else if (second.starts_with("COPY"))
      l.copies.insert(first);
  }

  // What makes the server fail where this message would have come, and leaves its transaction as
  // a failure of this message would.
  static std::string spoiled(line& l, const std::string& whole) {
    switch (whole[0]) {
      case 'Q':
        l.dropping = true;
        return message('Q', std::string(whole.compare(5, 6, "COMMIT") == 0 ? "ROLLBACK; " : "") +
                                spoiler + '\0');
      case 'd':
      case 'c':
        l.skipping = true;
        return message('f', std::string(spoiler) + '\0');
      case 'S':
        return spoiled_parse() + whole;
      default:
        l.skipping = true;
        return spoiled_parse();
    }
  }
  static std::string spoiled_parse() {
    return message('P', std::string(1, '\0') + spoiler + std::string(3, '\0'));
  }
  static constexpr const char* spoiler = "no SQL at all";

  std::string server_;
  std::string folder_;
  int listener_ = -1;
  std::mutex mutex_;
  rule rule_;
  std::atomic<int> seen_[2] = {0, 0};
  std::atomic<int> refused_ = 0;
  std::atomic<int> turns_ = 0;
  std::atomic<bool> ignoring_cancels_ = false;
  std::atomic<int> ignored_cancels_ = 0;
  std::atomic<int> lines_ = 0;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> holding_ = false;
  std::atomic<bool> released_ = false;
  std::atomic<bool> shuffling_ = false;
  std::thread acceptor_;
  std::vector<std::thread> threads_;  // the acceptor's, until it has ended
};

}  // namespace support
