// hewn/sync/online/own_schema.hpp - looking for things in the schema that is changed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/online/online_store.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace hewn::detail {

/// What is in the first schema of the search_path, of which others may have something of the same
/// name. Lifetime: that of the executor.
class own_schema {
 public:
  explicit own_schema(schema_executor& executor) : executor_(executor) {}

  /// An expression for its oid. `name`: in quotes.
  static std::string here(std::string_view look_up, const std::string& name) {
    return concat({"pg_catalog.", look_up,
                   "(pg_catalog.quote_ident(pg_catalog.current_schema()) || '.' || ",
                   quote_literal(name), ")"});
  }

  /// Whether that is there which `sql`, an ALTER TABLE or a DROP, is about.
  bool is_there(const std::string& sql) {
    token_cursor in(sql);
    in.skip();
    std::string_view look_up = "to_regclass";
    if (in.at("type")) look_up = "to_regtype";
    const bool function = in.at("function");
    if (function) look_up = "to_regprocedure";
    const bool trigger = in.at("trigger");
    in.skip();
    in.accept("concurrently");
    in.accept("if", "exists");
    std::string name = quote_identifier(in.name());
    if (trigger && in.accept("on")) name = quote_identifier(in.name());
    if (function) name += "()";
    if (!is_true(concat({here(look_up, name), " IS NOT NULL"}))) return false;
    if (!in.accept("alter", "column") && !in.accept("drop", "column")) return true;
    in.accept("if", "exists");
    return is_true(concat(
        {"EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = ", here(look_up, name),
         " AND NOT attisdropped AND attname = ", quote_literal(in.name()), ")"}));
  }

  /// Whether others inherit from it.
  bool has_children(const std::string& table) {
    return is_true(concat({"EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhparent = ",
                           here("to_regclass", quote_identifier(table)), ")"}));
  }

  /// Whether others inherit from it, or it from another one.
  bool inherits(const std::string& table) {
    const std::string oid = here("to_regclass", quote_identifier(table));
    return is_true(concat({"EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhparent = ", oid,
                           " OR inhrelid = ", oid, ")"}));
  }

  /// Whether its rows go to subscribers, who would need each of its columns.
  bool is_published(const std::string& table) {
    return is_true(
        concat({"EXISTS (SELECT 1 FROM pg_catalog.pg_publication_tables WHERE "
                "schemaname = pg_catalog.current_schema() AND tablename = ",
                quote_literal(table), ")"}));
  }

  /// Whether a trigger of somebody else changes rows behind one that is called `name`.
  bool fires_behind(const std::string& table, std::string_view name) {
    return is_true(
        concat({"EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled "
                "<> 'D' AND tgtype & 3 = 3 AND tgname COLLATE \"C\" > ",
                quote_literal(name), " AND tgname NOT LIKE '~hewn\\_online\\_%' AND tgrelid = ",
                here("to_regclass", quote_identifier(table)), ")"}));
  }

  /// Throws: schema_mismatch where the table is not there.
  void check_there(const std::string& table) {
    if (is_true(concat({here("to_regclass", quote_identifier(table)), " IS NOT NULL"}))) return;
    throw error(error_details{.code = errc::schema_mismatch,
                              .message = concat({"hewn: the table ", table,
                                                 " of an online change is no longer in its "
                                                 "schema; bring it back"}),
                              .table = table});
  }

  /// Begins with the first block where the table is in another file than that of `p`, as after a
  /// VACUUM FULL, which moves rows to other blocks. Order: under a lock that keeps the file.
  void look_at_file(stored_phase& p, const std::string& table) {
    const auto row = executor_.query(
        concat({"SELECT pg_catalog.pg_relation_filenode(oid)::text, "
                "(pg_catalog.pg_relation_size(oid) / "
                "pg_catalog.current_setting('block_size')::bigint)::text FROM pg_catalog.pg_class "
                "WHERE oid = ",
                here("to_regclass", table)}))[0];
    const std::int64_t file = audit::detail::number(audit::detail::required(row, 0));
    if (p.file == file) return;
    p.file = file;
    p.block = 0;
    p.blocks = audit::detail::number(audit::detail::required(row, 1));
  }

 private:
  bool is_true(const std::string& condition) {
    return executor_.query(concat({"SELECT ", condition}))[0][0] == "t";
  }

  schema_executor& executor_;
};

}  // namespace hewn::detail
