// expect: hewn: this is the key of another table than the verb is about; give it a hewn::ref of that table, or name the struct that the ref is of
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct user {
  std::int64_t id = 0;
  std::string name;
};

struct ticket {
  std::int64_t id = 0;
  std::string title;
};

struct comment {
  std::int64_t id = 0;
  hewn::ref<ticket> ticket_id;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db, const std::vector<hewn::ref<user>>& all) {
  return db.get_many<ticket>(all);
}
#else
auto right(hewn::sqlite::database& db, const std::vector<hewn::ref<user>>& all) {
  return db.get_many(all);
}
#endif
