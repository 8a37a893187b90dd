// hewn/sync/apply/kept_record.hpp - what an apply on PostgreSQL has kept, in the table hewn_kept.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/approval/record_kept.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Has constraints be written, and read, with the names that they have when only the current schema
/// is searched: those of other schemas in full.
template <class Body>
void in_current_schema(schema_executor& in, const Body& body) {
  const auto set = [&](const std::optional<std::string>& path) {
    in.query("SELECT pg_catalog.set_config('search_path', $1, true)", {path});
  };
  const std::vector<text_row> before = in.query(
      "SELECT pg_catalog.current_setting('search_path'), "
      "pg_catalog.quote_ident(pg_catalog.current_schema())");
  set(before.at(0).at(1));
  body();
  set(before[0].at(0));
}

/// The record of one apply. Order: made behind the renames and before what drops; write at the end.
class kept_record {
 public:
  HEWN_COLD kept_record(schema_executor& executor, const plan& p) : executor_(executor), plan_(p) {
    if (p.dialect() != dialect::postgres) return;
    for (const change& c : p.changes())
      if (c.kind == change_kind::drop_table) note(c.table);
  }

  /// Writes a row for each table, and for the values of each column, that was kept.
  HEWN_COLD void write(const sync_options& options) {
    record_kept(executor_, plan_.fingerprint(),
                plan_.pending().empty() ? std::string() : approvers(options.approvals),
                options.policy.retention, terms_);
  }

 private:
  // A plan drops references first, and keep() writes into the comment.
  void note(const std::string& table) {
    const std::string oid =
        concat({quote_literal(quote_identifier(table)), "::pg_catalog.regclass"});
    in_current_schema(executor_, [&] {
      const std::vector<text_row> answer = executor_.query(concat(
          {"SELECT (SELECT pg_catalog.string_agg('ADD CONSTRAINT ' || "
           "pg_catalog.quote_ident(k.conname) || ' ' || pg_catalog.pg_get_constraintdef(k.oid), "
           "', ' ORDER BY k.conname) FROM pg_catalog.pg_constraint k WHERE k.conrelid = ",
           oid,
           " AND k.contype = 'f' AND k.conparentid = 0 AND k.confrelid <> k.conrelid), "
           "pg_catalog.obj_description(",
           oid, ", 'pg_class')"}));
      terms_.push_back({table, answer.at(0).at(0).value_or(""), answer[0].at(1)});
    });
  }

  static std::string approvers(const std::vector<approval>& all) {
    std::vector<std::string> names;
    std::string out;
    for (const approval& a : all) {
      if (contains_text(names, a.approver)) continue;
      names.push_back(a.approver);
      append_separated(out, ", ", {a.approver});
    }
    return out;
  }

  schema_executor& executor_;
  const plan& plan_;
  std::vector<kept_terms> terms_;
};

}  // namespace hewn::detail
