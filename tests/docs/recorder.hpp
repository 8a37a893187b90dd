// tests/docs/recorder.hpp - the SQL that a snippet ran, compared with what the documentation shows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "regions.hpp"

#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace docs {

/// Compares `text` with a region of tests/docs/<file>. With HEWN_DOCS_RECORD=<folder> it appends
/// the region to the file of this name there instead: this is how the files were written.
inline void check_region(std::string_view name, const std::string& text,
                         const std::string& file = "statements.sql") {
  if (const char* folder = std::getenv("HEWN_DOCS_RECORD")) {
    const char* const tag = file.ends_with(".sql") ? "-- [" : "# [";
    std::ofstream(folder + ("/" + file), std::ios::app) << tag << name << "]\n"
                                                        << text << tag << '/' << name << "]\n\n";
    return;
  }
  INFO("region " << name << " of tests/docs/" << file);
  CHECK(region("tests/docs/" + file, name).value_or("(no such region)\n") == text);
}

/// Collects the statements of a database from its construction on.
class recorder {
 public:
  explicit recorder(hewn::sqlite::database& db) : db_(db) {
    db_.observe([this](const hewn::statement_event& e) {
      text_ += e.sql;
      text_ += ";\n";
    });
  }
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;
  ~recorder() { db_.stop_observing(); }

  /// The statements since the last call are those of the region.
  void expect(std::string_view name) {
    check_region(name, text_);
    text_.clear();
  }

  void forget() { text_.clear(); }

 private:
  hewn::sqlite::database& db_;
  std::string text_;
};

/// The statements by which sync creates the tables are those of the region.
template <class... Tables>
void expect_tables(std::string_view name) {
  auto db = hewn::sqlite::open(":memory:");
  std::string text;
  for (const hewn::step& step : hewn::plan_sync<Tables...>(db).steps()) text += step.sql + ";\n";
  check_region(name, text);
  hewn::sync<Tables...>(db);
}

}  // namespace docs
