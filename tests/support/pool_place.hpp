// tests/support/pool_place.hpp - an empty database that pools of this test share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <support/place.hpp>

#ifdef HEWN_TEST_POSTGRES
#  include <hewn/postgres/pool.hpp>
#else
#  include <hewn/sqlite/pool.hpp>
#endif

#include <atomic>
#include <functional>
#include <string>

namespace support {

#ifdef HEWN_TEST_POSTGRES

using pool = hewn::postgres::pool;
using pooled = hewn::postgres::pooled;
using pool_setup = std::function<void(hewn::postgres::database&)>;

class pool_place {
 public:
  pool_place() : schema_(postgres_server::fresh_name()) {
    postgres_server::get().run("CREATE SCHEMA " + schema_);
  }
  pool open(const hewn::pool_options& limits = {}, const pool_setup& setup = {}) const {
    return hewn::postgres::open_pool(postgres_server::get().url(), limits,
                                     {.search_path = {schema_}}, setup);
  }

 private:
  std::string schema_;
};

#else

using pool = hewn::sqlite::pool;
using pooled = hewn::sqlite::pooled;
using pool_setup = std::function<void(hewn::sqlite::database&)>;

// A file in any case: what is in memory has no second connection.
class pool_place {
 public:
  pool_place() : file_("pool_place" + std::to_string(++count_) + ".db") {}
  pool open(const hewn::pool_options& limits = {}, const pool_setup& setup = {}) const {
    return hewn::sqlite::open_pool(file_.path, limits,
                                   {.synchronous = hewn::sqlite::synchronous::off}, setup);
  }

 private:
  inline static std::atomic<int> count_ = 0;
  temporary_file file_;
};

#endif

/// The size of a pool in which one connection is for writing.
inline constexpr std::size_t one_writer = on_postgres ? 1 : 2;

}  // namespace support
