// hewn/fwd.hpp - names without definitions, for headers that declare their structs and no more.
// SPDX-License-Identifier: BSL-1.0
//
// A model header stays cheap when its structs are plain and their tables are defined elsewhere:
//
//     // model.hpp
//     #include <hewn/fwd.hpp>
//     struct agent { ... };
//     consteval hewn::table_spec hewn_table(hewn::type<agent>);
//
//     // tables.hpp
//     #include <hewn/schema/table_declaration.hpp>
//     consteval hewn::table_spec hewn_table(hewn::type<agent>) { return hewn::table("agents"); }
//
// The declaration beside the struct matters: a file that sees the struct then sees that there is a
// table, and does not compile without tables.hpp instead of making up another one.
#pragma once

#include <cstdint>

namespace hewn {

/// A tag that carries a type: the argument of `hewn_table(hewn::type<T>)`.
template <class T>
struct type {};

template <class T>
struct codec;

// A field of this type needs <hewn/schema/json_value.hpp>, which includes no JSON library.
template <class T>
struct json;

// A field of this type needs <hewn/schema/ref.hpp>.
template <class T, class Key = std::int64_t>
class ref;

class error;
template <class T>
class faults;  // needs <hewn/schema/faults.hpp>
class table_spec;
struct table_info;
struct statement_event;

template <class T>
class result;

template <class Driver>
class session;
template <class Driver>
class transactional;
template <class Driver>
class basic_transaction;
template <class Driver>
class basic_batch;
template <class Driver>
class database;
template <class Driver>
class pooled;
template <class Driver>
class basic_pool;  // needs <hewn/sqlite/pool.hpp>, <hewn/postgres/pool.hpp> or <hewn/any/pool.hpp>
template <class Pool>
class tenant_pool;  // the same
class listener;
template <class Driver>
struct basic_migration;
template <class Driver>
class migrator;  // needs <hewn/migrate.hpp>

namespace detail {

// Complete where sync() is declared.
template <class Database>
struct sync_header;

}  // namespace detail

namespace sqlite {

struct driver;
struct options;

/// An open SQLite database.
using database = hewn::database<driver>;

/// A transaction of such a database.
using transaction = hewn::basic_transaction<driver>;

/// The writes of a batch of such a database.
using batch = hewn::basic_batch<driver>;

/// Connections to one file, and one that was borrowed from it.
using pool = hewn::basic_pool<driver>;
using pooled = hewn::pooled<driver>;

/// A migration in C++ for such a database; needs <hewn/migrate.hpp>.
using migration = hewn::basic_migration<driver>;

}  // namespace sqlite

namespace postgres {

struct driver;

/// As above, for a PostgreSQL database.
using migration = hewn::basic_migration<driver>;

}  // namespace postgres
}  // namespace hewn
