// expect: hewn: hewn keeps a table of this name for itself (hewn_audit, hewn_identity, hewn_kept, hewn_migrations, hewn_migration_steps, hewn_online, hewn_new_...); give the struct another one with hewn::table()
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct entry {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("Hewn_Audit"); }
};
#else
struct entry {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("hewn_audits"); }
};
#endif
void sync(hewn::sqlite::database& db) { hewn::sync<entry>(db); }
