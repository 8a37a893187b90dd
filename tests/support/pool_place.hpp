// tests/support/pool_place.hpp - an empty database that pools of this test share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <support/place.hpp>

#ifdef HEWN_TEST_ANY
#  include <hewn/any/pool.hpp>
#elif defined(HEWN_TEST_POSTGRES)
#  include <hewn/postgres/pool.hpp>
#else
#  include <hewn/sqlite/pool.hpp>
#endif

#include <atomic>
#include <functional>
#include <string>

namespace support {

#ifdef HEWN_TEST_ANY
using pool = hewn::any::pool;
using pooled = hewn::any::pooled;
#elif defined(HEWN_TEST_POSTGRES)
using pool = hewn::postgres::pool;
using pooled = hewn::postgres::pooled;
#else
using pool = hewn::sqlite::pool;
using pooled = hewn::sqlite::pooled;
#endif
using pool_setup = std::function<void(database&)>;

#ifdef HEWN_TEST_POSTGRES

class pool_place {
 public:
  pool_place() : schema_(postgres_server::fresh_name()) {
    postgres_server::get().run("CREATE SCHEMA " + schema_);
  }
  pool open(const hewn::pool_options& limits = {}, const pool_setup& setup = {}) const {
    const hewn::postgres::options wanted{.search_path = {schema_}};
#  ifdef HEWN_TEST_ANY
    const std::string url =
        "postgresql://postgres@/postgres?host=" + postgres_server::get().folder();
    pool opened = hewn::open_pool(url, limits, {.postgres = wanted}, setup);
#  else
    pool opened = hewn::postgres::open_pool(postgres_server::get().url(), limits, wanted, setup);
#  endif
    if (place_is("listened")) keep_watching(opened);
    return opened;
  }
  /// A connection of no pool.
  database open_alone() const { return open_at(schema_ + " " + postgres_server::get().url()); }

 private:
  std::string schema_;
};

#else

// A file in any case: what is in memory has no second connection.
class pool_place {
 public:
  pool_place() : file_("pool_place" + std::to_string(++count_) + ".db") {}
  pool open(const hewn::pool_options& limits = {}, const pool_setup& setup = {}) const {
    const hewn::sqlite::options wanted{.synchronous = hewn::sqlite::synchronous::off};
#  ifdef HEWN_TEST_ANY
    pool opened = hewn::open_pool("sqlite:" + file_.path, limits, {.sqlite = wanted}, setup);
#  else
    pool opened = hewn::sqlite::open_pool(file_.path, limits, wanted, setup);
#  endif
    if (place_is("listened")) keep_watching(opened);
    if (place_is("listened")) keep_listening(opened);
    return opened;
  }
  /// A connection of no pool.
  database open_alone() const { return open_at(file_.path); }

 private:
  inline static std::atomic<int> count_ = 0;
  temporary_file file_;
};

#endif

/// The size of a pool in which one connection is for writing.
inline constexpr std::size_t one_writer = on_postgres ? 1 : 2;

}  // namespace support
