// tests/support/pgbouncer.hpp - a pgbouncer before the server of this program.
// SPDX-License-Identifier: BSL-1.0
//
// It gives each transaction another connection to the server, and listens at a unix socket in a
// folder within the server's, with which it is removed.
#pragma once

#include <support/postgres_server.hpp>

#include <libpq-fe.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace support {

class pgbouncer {
 public:
  /// The one of this process that has room for many, started at the first call.
  static pgbouncer& get() {
    static pgbouncer shared(20);
    return shared;
  }

  /// `servers`: how many connections to the server it shares out. `settings`: further lines of its
  /// configuration.
  explicit pgbouncer(int servers, const std::vector<std::string>& settings = {}) {
    static std::atomic<int> count = 0;
    const std::string server = postgres_server::get().folder();
    folder_ = server + "/b" + std::to_string(++count);
    mkdir(folder_.c_str(), 0700);
    std::ofstream file(folder_ + "/ini");
    file << "[databases]\n* = host=" << server << " user=postgres\n"
         << "[pgbouncer]\nlisten_addr =\nauth_type = any\nunix_socket_dir = " << folder_ << "\n"
         << "pool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = " << servers
         << "\n";
    for (const std::string& line : settings) file << line << "\n";
    file.close();
    process_ =
        postgres_server::run_unprivileged({find_program(), folder_ + "/ini"}, folder_, log());
    wait_until_ready();
  }
  pgbouncer(const pgbouncer&) = delete;
  pgbouncer& operator=(const pgbouncer&) = delete;
  ~pgbouncer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  /// As libpq takes it.
  std::string url(const std::string& database = "postgres") const {
    return "host=" + folder_ + " port=6432 user=postgres dbname=" + database;
  }

  /// "1.18.0"
  static std::string version() {
    std::string out;
    if (FILE* const p = popen((find_program() + " --version").c_str(), "r")) {
      char line[256];
      if (std::fgets(line, sizeof line, p) != nullptr) out = line;
      pclose(p);
    }
    const std::size_t digit = out.find_first_of("0123456789");
    return digit == out.npos ? out : out.substr(digit, out.find_first_of(" \n", digit) - digit);
  }

 private:
  static std::string find_program() {
    std::string folders = "/usr/sbin:/usr/local/sbin";
    if (const char* path = std::getenv("PATH")) folders = path + (":" + folders);
    for (std::string_view rest = folders; !rest.empty();) {
      const std::size_t colon = rest.find(':');
      const std::string file = std::string(rest.substr(0, colon)) + "/pgbouncer";
      if (std::filesystem::exists(file)) return file;
      rest.remove_prefix(colon == rest.npos ? rest.size() : colon + 1);
    }
    throw std::runtime_error("no pgbouncer found; install the package pgbouncer");
  }

  std::string log() const { return folder_ + "/log"; }

  void wait_until_ready() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (PQping(url().c_str()) != PQPING_OK) {
      if (std::chrono::steady_clock::now() > deadline || waitpid(process_, nullptr, WNOHANG) != 0) {
        std::ifstream in(log());
        throw std::runtime_error("pgbouncer did not start: " +
                                 std::string(std::istreambuf_iterator<char>(in), {}));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  std::string folder_;
  pid_t process_ = 0;
};

}  // namespace support
