// expect: hewn: transaction() and read() call a function with the transaction, by which it reads and writes; write [&](auto& tx) { ... }
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) {
  db.transaction([&] { db.insert(task{}); });
}
#else
void right(hewn::sqlite::database& db) {
  db.transaction([&](auto& tx) { tx.insert(task{}); });
}
#endif
