// tests/support/listened.cpp - attaches a change feed to every SQLite connection of a test program.
// SPDX-License-Identifier: BSL-1.0
//
// Linked into a program, and with HEWN_TEST_PLACE=listened in its environment, it watches all that
// the program opens: the library's own connections for trials and copies, and those of the tests.
#include <hewn/sqlite/client/change_feed.hpp>

#include <dlfcn.h>
#include <sqlite3.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace {

/// A connection has one authorizer. The library sets others once the feed is attached: each is
/// asked first, and then the feed's, as the library has it where it attaches the feed itself.
struct authorizer {
  int (*ask)(void*, int, const char*, const char*, const char*, const char*) = nullptr;
  void* argument = nullptr;

  int operator()(int action, const char* first, const char* second, const char* schema,
                 const char* cause) const {
    return ask == nullptr ? SQLITE_OK : ask(argument, action, first, second, schema, cause);
  }
};

struct watched {
  authorizer of_feed;
  authorizer other = {};

  static int ask(void* self, int action, const char* first, const char* second, const char* schema,
                 const char* cause) {
    const auto& both = *static_cast<const watched*>(self);
    const int verdict = both.other(action, first, second, schema, cause);
    if (verdict == SQLITE_DENY) return verdict;
    const int of_feed = both.of_feed(action, first, second, schema, cause);
    return of_feed == SQLITE_OK ? verdict : of_feed;
  }
};

std::mutex mutex;
std::map<sqlite3*, watched> connections;
thread_local sqlite3* attaching = nullptr;

// SQLite calls it with a connection that was just opened. Must not throw.
int watch(sqlite3* opened, const char**, const void*) {
  static std::vector<std::unique_ptr<hewn::sqlite::change_feed>> feeds;  // until the program ends
  try {
    const std::lock_guard lock(mutex);
    feeds.push_back(std::make_unique<hewn::sqlite::change_feed>(
        std::make_shared<hewn::detail::notification_publisher>()));
    attaching = opened;
    feeds.back()->attach(opened, nullptr);
    attaching = nullptr;
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

// In the place of SQLite's, which it calls.
extern "C" int sqlite3_set_authorizer(sqlite3* db,
                                      int (*ask)(void*, int, const char*, const char*, const char*,
                                                 const char*),
                                      void* argument) {
  static const auto set = reinterpret_cast<decltype(&sqlite3_set_authorizer)>(
      dlsym(RTLD_NEXT, "sqlite3_set_authorizer"));
  if (attaching == db) {  // under the lock
    watched& fresh = connections[db] = {.of_feed = {ask, argument}};
    return set(db, &watched::ask, &fresh);
  }
  const std::lock_guard lock(mutex);
  const auto found = connections.find(db);
  if (found == connections.end()) return set(db, ask, argument);
  found->second.other = {ask, argument};
  return set(db, &watched::ask, &found->second);
}
