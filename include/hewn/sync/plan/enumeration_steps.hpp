// hewn/sync/plan/enumeration_steps.hpp - types of PostgreSQL that are made anew with other values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/step.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Writes the steps around the conversion of the columns, which are changes of type. Each function
/// is one stage of a plan.
class enumeration_steps {
 public:
  enumeration_steps(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes) {}

  /// The former type gets out of the way. Whoever may use it may use the new one.
  void make_types(std::vector<step>& out) const {
    for (const change& c : changes_) {
      if (c.kind != change_kind::change_values) continue;
      const auto add = [&](std::string sql) {
        out.push_back({.sql = std::move(sql), .table = c.table});
      };
      add(concat({"ALTER TYPE ", quote_identifier(c.object), " RENAME TO ", former(c)}));
      add(create_enumeration(*in_.wanted.schema.find_enumeration(c.object), in_.dialect));
      add(concat({"DO ", quote_literal(carry_over(c))}));
    }
  }

  /// Order: behind everything that was of the former types.
  void drop_types(std::vector<step>& out) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::change_values)
        out.push_back({.sql = concat({"DROP TYPE ", former(c)}), .table = c.table});
  }

 private:
  static std::string former(const change& c) {
    return quote_identifier(concat({"hewn_old_", c.object}));
  }

  // Owner, comment and privileges.
  static std::string carry_over(const change& c) {
    const std::string name = quote_literal(quote_identifier(c.object));
    return concat(
        {"DECLARE was pg_catalog.pg_type; g record; BEGIN SELECT t.* INTO was FROM "
         "pg_catalog.pg_type t WHERE t.oid = ",
         quote_literal(former(c)),
         "::pg_catalog.regtype; IF pg_catalog.obj_description(was.oid, 'pg_type') IS NOT NULL THEN "
         "EXECUTE pg_catalog.format('COMMENT ON TYPE %s IS %L', ",
         name,
         ", pg_catalog.obj_description(was.oid, 'pg_type')); END IF; IF was.typacl IS NOT NULL "
         "THEN EXECUTE pg_catalog.format('REVOKE ALL ON TYPE %s FROM PUBLIC', ",
         name,
         "); FOR g IN SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE "
         "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS who, "
         "a.is_grantable AS more FROM pg_catalog.aclexplode(was.typacl) a LOOP EXECUTE "
         "pg_catalog.format('GRANT USAGE ON TYPE %s TO %s%s', ",
         name,
         ", g.who, CASE WHEN g.more THEN ' WITH GRANT OPTION' ELSE '' END); END LOOP; END IF; IF "
         "was.typowner <> (SELECT t.typowner FROM pg_catalog.pg_type t WHERE t.oid = ",
         name, "::pg_catalog.regtype) THEN EXECUTE pg_catalog.format('ALTER TYPE %s OWNER TO %I', ",
         name, ", pg_catalog.pg_get_userbyid(was.typowner)); END IF; END"});
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
};

}  // namespace hewn::detail
