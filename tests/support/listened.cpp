// tests/support/listened.cpp - attaches a change feed to every SQLite connection of a test program.
// SPDX-License-Identifier: BSL-1.0
//
// Linked into a program, and with HEWN_TEST_PLACE=listened in its environment, it watches all that
// the program opens: the library's own connections for trials and copies, and those of the tests.
#include <hewn/sqlite/client/change_feed.hpp>

#include <sqlite3.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace {

// SQLite calls it with a connection that was just opened. Must not throw.
int watch(sqlite3* opened, const char**, const void*) {
  static std::mutex mutex;
  static std::vector<std::unique_ptr<hewn::sqlite::change_feed>> feeds;  // until the program ends
  try {
    const std::lock_guard lock(mutex);
    feeds.push_back(std::make_unique<hewn::sqlite::change_feed>(
        std::make_shared<hewn::detail::notification_publisher>()));
    feeds.back()->attach(opened);
    return SQLITE_OK;
  } catch (...) {
    return SQLITE_NOMEM;
  }
}

int watch_all() {
  const char* const place = std::getenv("HEWN_TEST_PLACE");
  if (place == nullptr || std::string_view(place) != "listened") return 0;
  // Cast as https://sqlite.org/c3ref/auto_extension.html has it.
  return sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
}

const int watching = watch_all();

}  // namespace
