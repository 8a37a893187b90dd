// expect: hewn: a table between is linked by values that its field does not hold; give keys, or refs and rows where the field is a hewn::ref
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <vector>

struct ticket {
  std::int64_t id = 0;
};

struct user {
  std::int64_t id = 0;
};

struct watcher {
  hewn::ref<ticket> ticket_id;
  hewn::ref<user> user_id;
  static consteval auto table() {
    return hewn::table("watchers").primary_key<&watcher::ticket_id, &watcher::user_id>();
  }
};

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db, const ticket& t, const std::vector<int>& who) {
  return hewn::link<&watcher::ticket_id, &watcher::user_id>(db, t, who);
}
#else
auto right(const hewn::sqlite::database& db, const ticket& t, const std::vector<user>& who) {
  return hewn::link<&watcher::ticket_id, &watcher::user_id>(db, t, who);
}
#endif
