// expect: hewn: migrations run on SQLite only; on PostgreSQL change the schema with sync, or with script() where sync says to write a migration
#include <hewn/migrate.hpp>
#include <hewn/postgres.hpp>
#include <hewn/sqlite.hpp>

#ifdef HEWN_MISTAKE
using database = hewn::postgres::database;
#else
using database = hewn::sqlite::database;
#endif
void look(database& db) { hewn::migrator migrations(db); }
