// tests/sqlite/permissions_test.cpp - files and folders that an ordinary user may not write.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>

#include <support/failure.hpp>
#include <support/ordinary_user.hpp>
#include <support/temporary_file.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

using hewn::errc;
using support::failure_as_ordinary_user;
using support::says;
namespace fs = std::filesystem;

namespace {

struct item {
  std::int64_t id = 0;
  std::string name;
};

constexpr int rows = 3;

/// A folder with one database; what becomes of their modes ends with the test.
class shelf {
 public:
  explicit shelf(bool write_ahead_log) : folder_("permissions"), file(folder_.path + "/app.db") {
    permit();
    fs::create_directory(folder_.path);
    auto db = hewn::sqlite::open(file, {.write_ahead_log = write_ahead_log});
    hewn::sync<item>(db);
    for (int i = 0; i != rows; ++i) db.insert(item{.name = "kept"});
  }
  shelf(const shelf&) = delete;
  shelf& operator=(const shelf&) = delete;
  ~shelf() {
    permit();
    fs::remove_all(folder_.path);
  }

  void set_file(unsigned mode) const { fs::permissions(file, fs::perms(mode)); }
  void set_folder(unsigned mode) const { fs::permissions(folder_.path, fs::perms(mode)); }

  /// Leaves the log behind, as a process does that was killed.
  void leave_log() const {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const auto db = hewn::sqlite::open(file);
      // Twice, because SQLite writes no page that stays as it was.
      for (const char* name : {"changed", "kept"})
        db.update_all<item>(hewn::col<& item::name> = name);
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(fs::file_size(file + "-wal") > 0);
  }

  /// Every file of the folder that has data: not the index of a log, nor an empty log, which SQLite
  /// leaves beside a file that it could only read.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_.path)) {
      if (entry.file_size() == 0 || entry.path().extension() == ".db-shm") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      out[entry.path().filename()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return out;
  }

  /// Gives the permissions back, after which every row must be there and another can follow.
  void check_kept() const {
    permit();
    const auto db = hewn::sqlite::open(file);
    CHECK(db.count(hewn::from<item>.where(hewn::col<&item::name> == "kept")) == rows);
    CHECK(db.one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
    db.insert(item{.name = "later"});
  }

 private:
  void permit() const {
    if (!fs::exists(folder_.path)) return;
    set_folder(0755);
    for (const auto& entry : fs::directory_iterator(folder_.path))
      fs::permissions(entry.path(), fs::perms(0644));
  }

  support::temporary_file folder_;

 public:
  const std::string file;
};

void insert_one(const std::string& path, const hewn::sqlite::options& how) {
  const auto db = hewn::sqlite::open(path, how);
  db.insert(item{.name = "new"});
}

void read_all(const std::string& path) {
  const auto db = hewn::sqlite::open(path, {.read_only = true});
  if (db.all<item>().size() != rows) throw std::runtime_error("rows are missing");
}

/// Opening, however it is wanted, fails in these words and touches nothing.
void check_refused(const shelf& s, const hewn::sqlite::options& how, errc code,
                   const std::string& words) {
  CAPTURE(how.write_ahead_log, how.read_only);
  const auto before = s.contents();
  const auto failure = failure_as_ordinary_user([&] { hewn::sqlite::open(s.file, how); });
  REQUIRE(failure);
  CHECK(failure->code() == code);
  CHECK(says(*failure, "hewn: " + s.file + " " + words));
  CHECK(s.contents() == before);
}

const hewn::sqlite::options with_log{};
const hewn::sqlite::options without_log{.write_ahead_log = false};
const hewn::sqlite::options reading{.read_only = true};

}  // namespace

// SQLite opens such a file read-only without a word, when it was asked to write.
TEST_CASE("a file without write permission is refused when it is opened to write", "[H2][L6]") {
  for (const bool log : {false, true}) {
    CAPTURE(log);
    const shelf s(log);
    s.set_file(0444);
    for (const auto& how : {with_log, without_log})
      check_refused(s, how, errc::read_only,
                    "cannot be written; open it with .read_only = true, or correct its "
                    "permissions");
    CHECK_FALSE(failure_as_ordinary_user([&] { read_all(s.file); }));
    s.check_kept();
  }
}

TEST_CASE("a file without write permission is refused while its log is there", "[H2][L6]") {
  const shelf s(true);
  s.leave_log();
  s.set_file(0444);
  check_refused(s, with_log, errc::read_only, "cannot be written; ");
  CHECK_FALSE(failure_as_ordinary_user([&] { read_all(s.file); }));
  s.check_kept();
}

TEST_CASE("a file without any permission", "[H2]") {
  for (const bool log : {false, true}) {
    const shelf s(log);
    s.set_file(0000);
    for (const auto& how : {with_log, without_log, reading})
      check_refused(s, how, errc::cannot_open, "cannot be opened (");
    s.check_kept();
  }
}

TEST_CASE("a folder without write permission cannot take a log", "[H2][L6]") {
  const shelf s(false);
  s.set_folder(0555);
  check_refused(s, with_log, errc::read_only, "is in a folder that cannot be written");
  CHECK_FALSE(failure_as_ordinary_user([&] { read_all(s.file); }));
  s.check_kept();
}

TEST_CASE("a folder without write permission cannot take a journal", "[H2]") {
  const shelf s(false);
  s.set_folder(0555);
  const auto before = s.contents();
  // Opening needs no journal; the first write does, and later ones are not let through either.
  CHECK_FALSE(failure_as_ordinary_user([&] { hewn::sqlite::open(s.file, without_log); }));
  const auto failure = failure_as_ordinary_user([&] { insert_one(s.file, without_log); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::read_only);
  CHECK(says(*failure, fs::canonical(s.file).string() + " is in a folder that cannot be written"));
  CHECK(says(*failure, "; correct the permissions of the folder"));
  CHECK_FALSE(failure_as_ordinary_user([&] {
    const auto db = hewn::sqlite::open(s.file, without_log);
    for (int i = 0; i != 2; ++i) {
      const auto outcome = db.try_transaction([](auto& tx) { tx.insert(item{.name = "new"}); });
      if (outcome) throw std::runtime_error("the insert came through");
      if (db.count<item>() != rows) throw std::runtime_error("rows were changed");
    }
  }));
  CHECK(s.contents() == before);
  s.check_kept();
}

TEST_CASE("a database with a log in a folder without write permission", "[H2][L6]") {
  const shelf s(true);
  for (const unsigned mode : {0644u, 0444u}) {
    CAPTURE(mode);
    s.set_file(mode);
    s.set_folder(0555);
    REQUIRE(s.contents().size() == 1);  // the log went with its last connection
    // Even a reader would have to create the log's index.
    for (const auto& how : {with_log, without_log, reading})
      check_refused(s, how, errc::read_only,
                    "is in a folder that cannot be written, and SQLite keeps its journal or log "
                    "beside the file; correct the permissions of the folder");
    s.set_folder(0755);
  }
  s.check_kept();
}

TEST_CASE("a log that is there can be used in a folder without write permission", "[H2]") {
  const shelf s(true);
  s.leave_log();
  s.set_folder(0555);
  CHECK_FALSE(failure_as_ordinary_user([&] { read_all(s.file); }));
  CHECK_FALSE(failure_as_ordinary_user([&] { insert_one(s.file, with_log); }));
  s.check_kept();
}

TEST_CASE("a folder without write permission takes no new database", "[H2]") {
  const shelf s(false);
  s.set_folder(0555);
  const std::string missing = s.file + ".new";
  const auto failure = failure_as_ordinary_user([&] { hewn::sqlite::open(missing); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::cannot_open);
  CHECK(says(*failure, "hewn: " + missing + " cannot be opened ("));
  CHECK(s.contents().size() == 1);
  s.check_kept();
}
