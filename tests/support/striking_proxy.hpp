// tests/support/striking_proxy.hpp - a proxy that strikes at a chosen statement.
// SPDX-License-Identifier: BSL-1.0
//
// Between two unix sockets, a thread per connection. What strikes, a server that ends or a program
// that is killed, is the test's; the line is cut with it.
// Source: https://www.postgresql.org/docs/15/protocol-message-formats.html.
#pragma once

#include <support/fault_sweep.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

/// Strikes at a statement of the clients: before the server gets it, while the server has it, or
/// when it is done and the client has not heard of it. Statements behind which the server is as it
/// was, a SELECT or BEGIN, are no opportunities.
class striking_proxy : public trouble {
 public:
  enum class moment : std::uint8_t { before, during, behind };

  /// `server`: the folder of its socket.
  explicit striking_proxy(const std::string& server) : server_(server + "/.s.PGSQL.5432") {
    char name[] = "/tmp/hewn_px_XXXXXX";
    folder_ = mkdtemp(name);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un at = address(folder_ + "/.s.PGSQL.5432");
    bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    listen(listener_, 8);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  striking_proxy(const striking_proxy&) = delete;
  striking_proxy& operator=(const striking_proxy&) = delete;
  ~striking_proxy() override {
    ended_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& t : threads_) t.join();
    close(listener_);
    unlink((folder_ + "/.s.PGSQL.5432").c_str());
    rmdir(folder_.c_str());
  }

  std::string url() const { return "host=" + folder_ + " user=postgres dbname=postgres"; }

  /// What happens when it strikes, in a thread of the proxy.
  std::function<void()> blow;

  /// Of each statement there are three points, one for each moment.
  void arm(std::int64_t n) override {
    const std::lock_guard guard(mutex_);
    seen_ = 0;
    struck_at_.clear();
    wanted_ = n < 0 ? -1 : n / 3;
    // Which one is first differs, so that a sweep in steps of three meets all moments.
    when_ = static_cast<moment>((n % 3 + (n / 3 * 7919 >> 3)) % 3);
  }
  std::int64_t disarm() override {
    const std::lock_guard guard(mutex_);
    wanted_ = -1;
    return 3 * seen_;
  }

  /// The statement at which it struck, in words; empty: it did not.
  std::string struck_at() const {
    const std::lock_guard guard(mutex_);
    return struck_at_;
  }

 private:
  struct line {
    int client, server;
    std::string from_client = {}, from_server = {};
    bool startup = true;  // the first message of a client has no type
    bool unheard = false;
    std::map<std::string, std::string> statements = {}, portals = {};  // their texts
  };

  static sockaddr_un address(const std::string& path) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::memcpy(a.sun_path, path.c_str(), path.size() + 1);
    return a;
  }

  void accept_all() {
    while (!ended_) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_un at = address(server_);
      const bool open = connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
      threads_.emplace_back([this, client, server, open] {
        line l{client, server};
        if (open) relay(l);
        // A child process may have inherited them.
        shutdown(client, SHUT_RDWR);
        shutdown(server, SHUT_RDWR);
        close(client);
        close(server);
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

  // The size of the first message in the buffer; 0 when it is not all there.
  static std::size_t message_size(std::string_view buffer, bool startup) {
    const std::size_t type = startup ? 0 : 1;
    if (buffer.size() < type + 4) return 0;
    std::uint32_t length = 0;
    std::memcpy(&length, buffer.data() + type, 4);
    const std::size_t size = type + __builtin_bswap32(length);
    return buffer.size() < size ? 0 : size;
  }

  void relay(line& l) {
    char bytes[8192];
    while (!ended_) {
      pollfd ends[] = {{l.client, POLLIN, 0}, {l.server, POLLIN, 0}};
      if (poll(ends, 2, 20) < 0) return;
      for (const bool client : {true, false}) {
        if (ends[client ? 0 : 1].revents == 0) continue;
        const ssize_t n = read(client ? l.client : l.server, bytes, sizeof bytes);
        if (n <= 0) return;
        (client ? l.from_client : l.from_server).append(bytes, static_cast<std::size_t>(n));
        if (!(client ? pass_to_server(l) : pass_to_client(l))) return;
      }
    }
  }

  // Passes on what is complete; false: the line is down.
  bool pass_to_server(line& l) {
    while (const std::size_t size = message_size(l.from_client, l.startup)) {
      const std::string whole = l.from_client.substr(0, size);
      l.from_client.erase(0, size);
      const bool due = !std::exchange(l.startup, false) && is_due(text_of(l, whole));
      if (due && when_ == moment::before) return strike();
      if (!send_all(l.server, whole)) return false;
      if (!due) continue;
      l.unheard = true;
      if (when_ == moment::during) {
        send_all(l.server, std::exchange(l.from_client, {}));
        return strike();
      }
    }
    return true;
  }

  bool pass_to_client(line& l) {
    if (!l.unheard) return send_all(l.client, std::exchange(l.from_server, {}));
    while (const std::size_t size = message_size(l.from_server, false)) {
      if (l.from_server[0] == 'Z') return strike();  // the server is ready for another one
      l.from_server.erase(0, size);
    }
    return true;
  }

  bool strike() const {
    blow();
    return false;
  }

  // What the message runs; empty: nothing.
  static std::string text_of(line& l, const std::string& whole) {
    const char* const first = whole.c_str() + 5;
    const auto second = [&] { return std::string(first + std::strlen(first) + 1); };
    switch (whole[0]) {
      case 'P':
        l.statements[first] = second();
        return {};
      case 'B':
        l.portals[first] = l.statements[second()];
        return {};
      case 'E':
        return l.portals[first];
      case 'Q':
        return first;
      default:
        return {};
    }
  }

  bool is_due(const std::string& text) {
    if (text.empty()) return false;
    for (const char* const word :
         {"SELECT", "BEGIN", "SET ", "SHOW ", "EXPLAIN", "SAVEPOINT", "RELEASE"})
      if (text.starts_with(word) && text.find("_advisory_") == text.npos) return false;
    const std::lock_guard guard(mutex_);
    if (seen_++ != wanted_) return false;
    const char* const words[] = {"before ", "during ", "behind "};
    struck_at_ = words[static_cast<std::size_t>(when_.load())] + text;
    return true;
  }

  std::string server_;
  std::string folder_;
  int listener_ = -1;
  mutable std::mutex mutex_;
  std::int64_t seen_ = 0;
  std::int64_t wanted_ = -1;
  std::atomic<moment> when_ = moment::before;
  std::string struck_at_;
  std::atomic<bool> ended_ = false;
  std::thread acceptor_;
  std::vector<std::thread> threads_;  // the acceptor's, until it has ended
};

}  // namespace support
