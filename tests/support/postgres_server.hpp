// tests/support/postgres_server.hpp - a PostgreSQL server for one test program.
// SPDX-License-Identifier: BSL-1.0
//
// It stands alone, needs nothing but libpq and the server's programs, and may be copied. The server
// has a temporary folder and a unix socket in it, no network; it is stopped and the folder removed
// when the program ends, also when it crashes: a guardian process waits for that.
#pragma once

#include <libpq-fe.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

class postgres_server {
 public:
  /// The server of this process, started at the first call.
  static postgres_server& get() {
    static postgres_server server;
    return server;
  }

  /// Extra settings such as {"ssl=on"} make another server than the shared one. Files are put into
  /// its folder first, where settings find them as FOLDER/name.
  explicit postgres_server(std::vector<std::string> settings = {},
                           const std::map<std::string, std::string>& files = {})
      : programs_(find_programs()), settings_(std::move(settings)) {
    char name[] = "/tmp/hewn_pg_XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder for a server");
    folder_ = name;
    for (const auto& [file, content] : files) {
      std::ofstream(folder_ + "/" + file) << content;
      chmod((folder_ + "/" + file).c_str(), 0600);
    }
    for (std::string& s : settings_)
      if (const std::size_t at = s.find("FOLDER"); at != s.npos) s.replace(at, 6, folder_);
    start_guardian();
    wait_until_ready();
  }
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;
  ~postgres_server() {
    close(alive_);
    waitpid(guardian_, nullptr, 0);
  }

  /// Ends the server: at once, as a crash does, or orderly, without waiting for its sessions.
  void stop(bool orderly = false) { order(orderly ? 'o' : 'c'); }

  /// Starts it again.
  void start() {
    order('s');
    wait_until_ready();
  }

  /// As libpq takes it; the superuser is called postgres.
  std::string url() const {
    std::string url = "host=" + folder_ + " user=postgres dbname=postgres";
    for (const std::string& s : settings_)
      if (s.starts_with("port=")) url += " " + s;
    return url;
  }

  const std::string& folder() const { return folder_; }

  /// Whether a program came with the server; always true of one that is installed.
  bool has_program(const std::string& name) const {
    return std::getenv("HEWN_POSTGRES_BIN") == nullptr || std::filesystem::exists(program(name));
  }

  /// Runs a program that came with the server, which ends well.
  void run_program(const std::string& name, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program(name));
    const int status = run_and_wait(arguments);
    if (status == 0) return;
    std::ifstream in(log());
    throw std::runtime_error(arguments[0] + " failed with " + std::to_string(status) + ": " +
                             std::string(std::istreambuf_iterator<char>(in), {}));
  }

  /// Writes its folder into an archive, for servers that begin with it. It is stopped.
  void save(const std::string& archive) {
    stop(true);
    std::ofstream(folder_ + "/made_by") << made_by();
    const pid_t child = fork();
    if (child == 0) {
      // What was never written in files of a fixed size takes no room.
      execl("/bin/tar", "tar", "-c", "-S", "-f", archive.c_str(), "-C", folder_.c_str(), "made_by",
            "data", nullptr);
      _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error("the data of a server cannot be saved");
  }

  /// Becomes a standby of `primary`, which is stopped for a moment. Both are of the same settings.
  void follow(postgres_server& primary) {
    stop(true);
    primary.stop(true);
    std::filesystem::remove_all(data());
    const int status = run_and_wait({"/bin/cp", "-a", primary.data(), data()});
    primary.start();
    if (status != 0) throw std::runtime_error("the data of a server cannot be copied");
    std::ofstream(data() + "/postgresql.auto.conf", std::ios::app)
        << "primary_conninfo = 'host=" << primary.folder() << " user=postgres'\n";
    std::ofstream(data() + "/standby.signal").flush();
    start();
  }

  /// A port of 127.0.0.1 at which nobody listens.
  static int free_port() {
    const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    const bool bound = bind(s, reinterpret_cast<const sockaddr*>(&at), size) == 0 &&
                       getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) == 0;
    close(s);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(at.sin_port);
  }

  /// A name that no other test of this process has.
  static std::string fresh_name() {
    static std::atomic<int> count = 0;
    return "t" + std::to_string(++count);
  }

  /// Runs SQL as the superuser.
  void run(const std::string& sql) const {
    PGconn* const c = PQconnectdb(url().c_str());
    PGresult* const r = PQexec(c, sql.c_str());
    const bool good = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    const std::string problem = PQerrorMessage(c);
    PQclear(r);
    PQfinish(c);
    if (!good) throw std::runtime_error(problem);
  }

 private:
  // HEWN_POSTGRES_BIN: the folder of another version than the one that is installed.
  static std::string find_programs() {
    std::vector<std::filesystem::path> folders;
    const char* const given = std::getenv("HEWN_POSTGRES_BIN");
    if (given != nullptr) folders.emplace_back(given);
    if (const char* path = std::getenv("PATH"))
      for (std::string_view rest = path; !rest.empty();) {
        const std::size_t colon = rest.find(':');
        folders.emplace_back(rest.substr(0, colon));
        rest.remove_prefix(colon == rest.npos ? rest.size() : colon + 1);
      }
    std::error_code ignored;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
      folders.push_back(version.path() / "bin");
    for (const auto& folder : folders) {
      if (std::filesystem::exists(folder / "initdb", ignored) &&
          std::filesystem::exists(folder / "postgres", ignored))
        return folder.string();
      if (given != nullptr)
        throw std::runtime_error("HEWN_POSTGRES_BIN has no initdb and postgres: " +
                                 folder.string());
    }
    throw std::runtime_error("no PostgreSQL server found; install the package postgresql");
  }

  void start_guardian() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("no sockets");
    guardian_ = fork();
    if (guardian_ < 0) throw std::runtime_error("no process");
    if (guardian_ != 0) {
      alive_ = ends[1];
      close(ends[0]);
      return;
    }
    close(ends[1]);
    setsid();  // not ended by what ends the program from the terminal
    pid_t server = 0;
    if (unpack_saved() || make_data()) server = spawn(server_command());
    char wanted = 0;
    for (ssize_t n; (n = read(ends[0], &wanted, 1)) == 1 || (n < 0 && errno == EINTR);) {
      if (n < 0) continue;
      if (wanted == 's' && server == 0) server = spawn(server_command());
      if (wanted != 's') end(std::exchange(server, 0), wanted == 'o' ? SIGINT : SIGQUIT);
      if (write(ends[0], &wanted, 1) != 1) break;
    }
    end(server, SIGQUIT);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    _exit(0);
  }

  // The server may have been found by a link.
  std::string program(const std::string& name) const {
    return (std::filesystem::canonical(programs_ + "/postgres").parent_path() / name).string();
  }

  bool make_data() const {
    return run_and_wait({programs_ + "/initdb", "-D", data(), "-U", "postgres", "-A", "trust", "-E",
                         "UTF8", "--no-locale", "--no-sync", "--no-instructions"}) == 0;
  }

  // initdb takes longer than many a test. Beside a test of the build is what it made once, which is
  // good as long as the programs are the same.
  bool unpack_saved() const {
    const char* const files = std::getenv("TEST_SRCDIR");
    const char* const workspace = std::getenv("TEST_WORKSPACE");
    if (files == nullptr || workspace == nullptr) return false;
    const std::string saved =
        std::string(files) + "/" + workspace + "/tests/support/saved_cluster.tar";
    std::error_code problem;
    const auto size = std::filesystem::file_size(saved, problem);
    if (problem || size == 0) return false;
    const int status = run_and_wait({"/bin/tar", "-x", "-f", "-", "-C", folder_}, saved);
    std::ifstream in(folder_ + "/made_by");
    if (status == 0 && std::string(std::istreambuf_iterator<char>(in), {}) == made_by())
      return true;
    std::filesystem::remove_all(data(), problem);
    return false;
  }

  static void end(pid_t server, int signal) {
    if (server == 0) return;
    kill(server, signal);
    waitpid(server, nullptr, 0);
  }

  // Returns when it has been carried out.
  void order(char what) const {
    if (write(alive_, &what, 1) != 1 || read(alive_, &what, 1) != 1)
      throw std::runtime_error("the guardian of the server does not answer");
  }

  std::string data() const { return folder_ + "/data"; }
  std::string log() const { return folder_ + "/log"; }

  std::vector<std::string> server_command() const {
    std::vector<std::string> command{programs_ + "/postgres", "-D", data(), "-k", folder_};
    std::vector<std::string> settings{"listen_addresses=",      "fsync=off",
                                      "full_page_writes=off",   "shared_buffers=32MB",
                                      "max_connections=100",    "max_prepared_transactions=0",
                                      "log_min_messages=fatal", "deadlock_timeout=50ms"};
    settings.insert(settings.end(), settings_.begin(), settings_.end());
    for (const std::string& s : settings) {
      command.push_back("-c");
      command.push_back(s);
    }
    return command;
  }

  // In a child process whose output goes to the log, and never as root, which the server refuses.
  pid_t spawn(const std::vector<std::string>& command,
              const std::string& input = "/dev/null") const {
    return run_unprivileged(command, folder_, log(), input);
  }

 public:
  /// Starts a program in a child process that ends with this one, with its output in the log, and
  /// never as root, which servers refuse. The folder becomes its user's.
  static pid_t run_unprivileged(const std::vector<std::string>& command, const std::string& folder,
                                const std::string& log, const std::string& input = "/dev/null") {
    if (geteuid() == 0) give(folder);
    const pid_t child = fork();
    if (child != 0) return child;
    const int in = open(input.c_str(), O_RDONLY);  // which that user may be unable to reach
    if (geteuid() == 0) leave_root(folder);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(in, 0);
    dup2(out, 1);
    dup2(out, 2);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    for (const char* name : {"PGHOST", "PGPORT", "PGDATA", "PGOPTIONS", "PGUSER"}) unsetenv(name);
    execv(arguments[0], arguments.data());
    _exit(127);
  }

 private:
  int run_and_wait(const std::vector<std::string>& command,
                   const std::string& input = "/dev/null") const {
    int status = -1;
    waitpid(spawn(command, input), &status, 0);
    return status;
  }

  // Other programs are in another place, or of another size or age.
  std::string made_by() const {
    const std::string program = programs_ + "/postgres";
    struct stat about {};
    stat(program.c_str(), &about);
    return program + " " + std::to_string(about.st_size) + " " + std::to_string(about.st_mtime);
  }

  static void give(const std::string& folder) {
    const passwd* const p = unprivileged();
    if (p == nullptr) return;
    std::vector<std::string> all{folder};
    for (const auto& file : std::filesystem::directory_iterator(folder))
      if (file.is_regular_file()) all.push_back(file.path().string());
    for (const std::string& path : all)
      if (chown(path.c_str(), p->pw_uid, p->pw_gid) != 0) {
        // Then leave_root stays the owner under another number.
      }
  }

  static const passwd* unprivileged() {
    const passwd* p = getpwnam("postgres");
    return p != nullptr ? p : getpwnam("nobody");
  }

  static void leave_root(const std::string& folder) {
    const passwd* p = unprivileged();
    if (p != nullptr && std::filesystem::exists(folder) && setgid(p->pw_gid) == 0 &&
        setuid(p->pw_uid) == 0)
      return;
    // In a sandbox that has no other users: a namespace in which root is called otherwise.
    if (unshare(CLONE_NEWUSER) != 0) _exit(126);
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "1000 0 1";
    std::ofstream("/proc/self/gid_map") << "1000 0 1";
  }

  void wait_until_ready() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (PQping(url().c_str()) != PQPING_OK) {
      if (std::chrono::steady_clock::now() > deadline ||
          waitpid(guardian_, nullptr, WNOHANG) != 0) {
        std::ifstream in(log());
        throw std::runtime_error("the server did not start: " +
                                 std::string(std::istreambuf_iterator<char>(in), {}));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  std::string programs_;
  std::vector<std::string> settings_;
  std::string folder_;
  pid_t guardian_ = 0;
  int alive_ = -1;
};

}  // namespace support
