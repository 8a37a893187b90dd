// examples/schema_diff/schemas/scratch_database.hpp - a database that exists for this program
// alone. SPDX-License-Identifier: BSL-1.0
#pragma once

#include "interruption.hpp"
#include "words_of_server.hpp"

#include <hewn/base/error.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>
#include <hewn/postgres/open.hpp>

#include <cstdio>
#include <exception>
#include <list>
#include <random>
#include <string>
#include <utility>

namespace schema_diff {

/// An empty database on the server that a URL names. It is dropped in the end, and when a signal
/// ends the program.
class scratch_database {
 public:
  /// Throws: cannot_open where the server does not make one.
  explicit scratch_database(std::string server) : server_(std::move(server)), name_(free_name()) {
    task_ = interruption::of_program().begin([this] { drop(); }, [this] { create(); });
  }
  scratch_database(const scratch_database&) = delete;
  scratch_database& operator=(const scratch_database&) = delete;
  ~scratch_database() {
    interruption::of_program().end(task_, [this] { drop(); });
  }

  const std::string& server() const { return server_; }
  const std::string& name() const { return name_; }

 private:
  static std::string free_name() {
    std::random_device random;
    std::string out = "hewn_schema_diff_";
    for (int i = 0; i != 16; ++i) out += "0123456789abcdef"[random() % 16];
    return out;
  }

  void create() {
    const hewn::postgres::database db = reach();
    try {
      // Nothing that somebody has put into template1.
      db.script("CREATE DATABASE " + name_ + " TEMPLATE template0");
    } catch (const hewn::error& failure) {
      const std::string state = hewn::postgres::sqlstate(failure);
      // Not the server's answer: it may have made the database all the same.
      if (state.empty()) drop();
      const bool forbidden = state == "42501";
      hewn::error_details d = failure.details();
      d.code = hewn::errc::cannot_open;
      d.message =
          forbidden
              ? "hewn: the role of --server may not create the database for a file of SQL; give it "
                "CREATEDB, or name a server of your own"
              : "hewn: the server makes no database for a file of SQL (" +
                    words_of_server(failure) + "); name another one with --server";
      throw hewn::error(std::move(d));
    }
  }

  hewn::postgres::database reach() const {
    try {
      return hewn::postgres::open(server_);
    } catch (const hewn::error& failure) {
      hewn::error_details d = failure.details();
      d.message = std::string("--server: ") + failure.what();
      throw hewn::error(std::move(d));
    }
  }

  // Sessions that are still in it are ended.
  void drop() noexcept {
    try {
      hewn::postgres::open(server_).script("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "schema_diff: the database %s is still on the server; drop it (%s)\n",
                   name_.c_str(), failure.what());
    }
  }

  std::string server_;
  std::string name_;
  std::list<interruption::task>::iterator task_;
};

}  // namespace schema_diff
