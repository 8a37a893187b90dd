// expect: hewn: an element of a batch returns nothing, so it takes no returning(); give that to insert_many(), update_many(), upsert_many() or remove_many(), or to the verb outside the batch
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct job {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db, const job& j) {
  return db.batch([&](auto& batch) { batch.insert(j, hewn::returning(col<&job::id>)); });
}
#else
auto right(hewn::sqlite::database& db, const std::vector<job>& jobs) {
  return db.insert_many(jobs, hewn::returning(col<&job::id>));
}
#endif
