// hewn/sync/approval/record_kept.hpp - what was kept before PostgreSQL lost it, in the table
// hewn_kept.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/executor.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// `schema.name` as SQL.
inline std::string qualified(std::string_view schema, std::string_view name) {
  return concat({quote_identifier(schema), ".", quote_identifier(name)});
}

/// Also where this role may not read it, which is an error then and not an empty list.
HEWN_COLD inline bool has_kept_table(schema_executor& in) {
  return !in.query(
                "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
                "c.relnamespace WHERE n.nspname = pg_catalog.current_schema() AND c.relname = "
                "'hewn_kept'")
              .empty();
}

/// Throws: errc::usage for a retention that is negative or above a hundred years.
inline void check_retention(const sync_policy& policy) {
  if (policy.retention >= std::chrono::seconds(0) && policy.retention <= std::chrono::days(36525))
    return;
  throw error(errc::usage,
              "hewn: the retention of a policy is out of range; choose up to 36525 days");
}

/// What a table is to get back with its rows.
struct kept_terms {
  std::string table = {};
  std::string foreign_keys = {};  ///< clauses of ALTER TABLE
  std::optional<std::string> remark = {};
};

/// Writes a row for each table, and for the values of each column, that this transaction has kept.
/// `plan`: the fingerprint of the one that loses them.
HEWN_COLD inline void record_kept(schema_executor& executor, const std::string& plan,
                                  const std::string& approver, std::chrono::seconds retention,
                                  const std::vector<kept_terms>& terms) {
  const std::vector<kept_object> all = executor.kept_objects();
  if (all.empty()) return;
  audit::detail::check_recording(executor);
  if (!has_kept_table(executor))
    executor.execute(
        "CREATE TABLE hewn_kept (id BIGINT NOT NULL PRIMARY KEY, plan TEXT NOT NULL, "
        "table_name TEXT NOT NULL, column_name TEXT NOT NULL, kept_schema TEXT NOT NULL, "
        "kept_name TEXT NOT NULL, rows BIGINT NOT NULL, whole_rows BOOLEAN NOT NULL, "
        "foreign_keys TEXT NOT NULL, remark TEXT, approver TEXT NOT NULL, since TEXT NOT NULL, "
        "until TEXT NOT NULL, state TEXT NOT NULL, state_since TEXT NOT NULL)");
  const timestamp now = audit::database_time(executor);
  const std::string since(to_text(now).view());
  const std::string until(to_text(now + retention).view());
  for (const kept_object& o : all) {
    const kept_terms* was = nullptr;
    for (const kept_terms& t : terms)
      if (o.column.empty() && t.table == o.table) was = &t;
    executor.query(
        concat({"INSERT INTO hewn_kept SELECT coalesce((SELECT max(id) FROM hewn_kept), 0) + 1, "
                "$1, $2, $3, $4, $5, (SELECT count(*) FROM ",
                qualified(o.schema, o.name),
                "), $6::boolean, $7, $8::text, $9, $10, $11, 'kept', $10"}),
        {plan, o.table, o.column, o.schema, o.name, o.whole_rows ? "t" : "f",
         was ? was->foreign_keys : std::string(), was ? was->remark : std::nullopt, approver, since,
         until});
  }
}

}  // namespace hewn::detail
