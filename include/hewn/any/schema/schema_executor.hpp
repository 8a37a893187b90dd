// hewn/any/schema/schema_executor.hpp - either database as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/driver.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sqlite/schema/schema_executor.hpp>
#include <hewn/sync/model/executor.hpp>

#include <memory>

namespace hewn::any {

#if HEWN_DEFINES_ANY

HEWN_API std::unique_ptr<hewn::schema_executor> driver::schema_executor_of(
    hewn::detail::connection<driver>& c) {
  if (auto* lite = c.native().as_sqlite())
    return std::make_unique<sqlite::basic_schema_executor<driver>>(c, lite->native());
  return std::make_unique<postgres::basic_schema_executor<driver>>(c, *c.native().as_postgres());
}

#endif

}  // namespace hewn::any
