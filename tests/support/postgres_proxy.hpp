// tests/support/postgres_proxy.hpp - a proxy that cuts the line at a chosen message.
// SPDX-License-Identifier: BSL-1.0
//
// Between two unix sockets, in a thread. It understands no more of the protocol than where a
// message of the client ends. Source: https://www.postgresql.org/docs/15/protocol-overview.html.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

namespace support {

class postgres_proxy {
 public:
  enum class cut {
    never,
    before,  ///< the message is not passed on
    after    ///< it is, and the server answers, but nobody hears it
  };

  /// `server`: the folder of the server's socket.
  explicit postgres_proxy(const std::string& server) : server_(server + "/.s.PGSQL.5432") {
    char name[] = "/tmp/hewn_px_XXXXXX";
    folder_ = mkdtemp(name);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un at = address(folder_ + "/.s.PGSQL.5432");
    bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    listen(listener_, 8);
    thread_ = std::thread([this] { serve(); });
  }
  postgres_proxy(const postgres_proxy&) = delete;
  postgres_proxy& operator=(const postgres_proxy&) = delete;
  ~postgres_proxy() {
    ended_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    unlink((folder_ + "/.s.PGSQL.5432").c_str());
    rmdir(folder_.c_str());
  }

  const std::string& folder() const { return folder_; }

  /// From now on messages are counted from 1, and the one with this number is the last.
  void arm(cut how, int message) {
    how_ = how;
    last_ = message;
    seen_ = 0;
  }
  int seen() const { return seen_; }

 private:
  static sockaddr_un address(const std::string& path) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::memcpy(a.sun_path, path.c_str(), path.size() + 1);
    return a;
  }

  void serve() {
    while (!ended_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_un at = address(server_);
      if (connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0)
        relay(client, server);
      close(client);
      close(server);
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

  void relay(int client, int server) {
    std::string waiting;
    bool startup = true;
    char bytes[8192];
    for (;;) {
      pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (poll(ends, 2, 50) < 0 || ended_) return;
      if (ends[1].revents != 0) {
        const ssize_t n = read(server, bytes, sizeof bytes);
        if (n <= 0 || !send_all(client, {bytes, static_cast<std::size_t>(n)})) return;
      }
      if (ends[0].revents == 0) continue;
      const ssize_t n = read(client, bytes, sizeof bytes);
      if (n <= 0) return;
      waiting.append(bytes, static_cast<std::size_t>(n));
      while (const std::size_t size = message_size(waiting, startup)) {
        const bool last = !startup && ++seen_ == last_;
        if (last && how_ == cut::before) return;
        if (!send_all(server, std::string_view(waiting).substr(0, size))) return;
        waiting.erase(0, size);
        startup = false;
        if (!last || how_ != cut::after) continue;
        // What the server says to it is read, so that it has been done, and dropped.
        pollfd answer{server, POLLIN, 0};
        while (poll(&answer, 1, 100) > 0 && read(server, bytes, sizeof bytes) > 0) {
        }
        return;
      }
    }
  }

  std::string server_;
  std::string folder_;
  int listener_ = -1;
  std::atomic<bool> ended_ = false;
  std::atomic<cut> how_ = cut::never;
  std::atomic<int> last_ = 0;
  std::atomic<int> seen_ = 0;
  std::thread thread_;
};

}  // namespace support
