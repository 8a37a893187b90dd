// hewn/postgres/schema/constraint_sql.hpp - what the catalog is asked about constraints and their
// indexes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/catalog_query.hpp>

#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// One row per column of a constraint, in the order of its columns. `schema` is an SQL expression
/// for the namespace's oid, `version` a server_version_num.
HEWN_COLD inline std::string constraints_sql(const std::string& schema, int version) {
  const bool v18 = version >= 180000;
  std::string sql =
      "SELECT k.oid, k.conrelid, k.contype, k.conname, a.attname, f.attname, CASE WHEN "
      "t.relnamespace = " +
      schema +
      " THEN t.relname ELSE k.confrelid::pg_catalog.regclass::text END, k.confdeltype, "
      "k.confupdtype, k.condeferred, CASE WHEN k.contype = 'c' THEN "
      "pg_catalog.pg_get_expr(k.conbin, k.conrelid) END, u.ord, k.convalidated, k.condeferrable, "
      "k.confmatchtype = 'f', k.connoinherit, pg_catalog.cardinality(k.conkey), ";
  sql += v18 ? "k.conenforced, k.conperiod, " : "true, false, ";
  sql += version >= 150000
             ? "coalesce(u.here = ANY (k.confdelsetcols), false), "
               "pg_catalog.cardinality(k.confdelsetcols) < pg_catalog.cardinality(k.conkey), "
               "k.contype = 'u' AND coalesce(i.indnullsnotdistinct, false), "
             : "false, false, false, ";
  // The server has a trigger on either side of a reference. A reference to a partitioned table has
  // a row for each partition as well, with triggers of its own.
  sql +=
      "k.contype = 'f' AND g.of IS NOT NULL FROM pg_catalog.pg_constraint k JOIN "
      "pg_catalog.pg_class c ON c.oid = k.conrelid LEFT JOIN pg_catalog.pg_class t ON t.oid = "
      "k.confrelid LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid LEFT JOIN (SELECT "
      "DISTINCT CASE o.conparentid WHEN 0 THEN o.oid ELSE o.conparentid END AS of FROM "
      "pg_catalog.pg_trigger d JOIN pg_catalog.pg_constraint o ON o.oid = d.tgconstraint WHERE "
      "d.tgenabled IN ('D', 'R')) AS g ON g.of = k.oid LEFT JOIN LATERAL unnest(k.conkey, "
      "k.confkey) WITH ORDINALITY AS u(here, there, ord) ON k.contype <> 'c' LEFT JOIN "
      "pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.here LEFT JOIN "
      "pg_catalog.pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = u.there WHERE "
      "c.relnamespace = " +
      schema +
      " AND k.contype IN ('p', 'u', 'c', 'f', 'x', 'n') AND k.conparentid = 0 ORDER BY c.relname, "
      "k.conname, k.oid, u.ord";
  return sql;
}

/// The terms of a foreign key that the server does not look after.
inline constexpr std::string_view disabled_triggers = "with disabled triggers";

HEWN_COLD inline void append_term(std::string& terms, std::string_view text) {
  if (terms.find(text) != terms.npos) return;
  if (!terms.empty()) terms += ' ';
  terms += text;
}

/// Adds `column` to the list at the end of `terms`, which `verb` begins.
HEWN_COLD inline void append_set_column(std::string& terms, std::string_view verb,
                                        const std::string& column) {
  if (terms.ends_with(')')) {
    terms.back() = ',';
  } else {
    append_term(terms, verb);
    terms += " (";
  }
  if (terms.ends_with(',')) terms += ' ';
  terms += quote_identifier(column) + ')';
}

/// A row of constraints_sql.
struct constraint_row {
  const catalog_query& q;

  char kind() const { return q.letter(2); }
  std::string name() const { return q.text(3); }
  std::string column() const { return q.text(4); }
  bool deferred() const { return q.flag(9); }
  bool validated() const { return q.flag(12); }
  bool deferrable() const { return q.flag(13); }
  bool match_full() const { return q.flag(14); }
  bool no_inherit() const { return q.flag(15); }
  int size() const { return std::stoi(q.text(16)); }
  /// Whether this column is named among those that are set when the target goes.
  bool is_set() const { return q.flag(19); }
  /// Whether others are not.
  bool sets_some() const { return q.flag(20); }
  bool nulls_not_distinct() const { return q.flag(21); }

  /// By which other rows may exist than the model says.
  HEWN_COLD std::string terms() const {
    std::string out;
    const auto add = [&out](std::string_view text) { append_term(out, text); };
    const bool key = kind() == 'p' || kind() == 'u';
    if (kind() == 'f' && match_full() && size() > 1) add("MATCH FULL");
    if (q.flag(18)) add(kind() == 'f' ? "PERIOD" : "WITHOUT OVERLAPS");
    // A statement may then break it for a while, and ON CONFLICT does not take it.
    if (key && deferrable()) add(deferred() ? "DEFERRABLE INITIALLY DEFERRED" : "DEFERRABLE");
    if (!q.flag(17))
      add("NOT ENFORCED");
    else if (!validated())
      add("NOT VALID");
    if (q.flag(22)) add(disabled_triggers);
    return out;
  }
};

/// One row per column of an index, those that it only includes at the end. The classes of bpchar,
/// whose oid is 1042, are used for other types only where somebody asks for them; they ignore
/// blanks. Cost: without subqueries and series, of which the server expects so many rows that it
/// compiles the query to machine code, which takes a second.
HEWN_COLD inline std::string indexes_sql(const std::string& schema, int version) {
  const std::string nulls = version >= 150000 ? "i.indnullsnotdistinct" : "false";
  return "SELECT i.indexrelid, i.indrelid, x.relname, i.indisunique, "
         "pg_catalog.pg_get_expr(i.indpred, i.indrelid), i.indisvalid AND i.indisready, a.attname, "
         "pg_catalog.pg_get_indexdef(i.indexrelid, p.n::integer, true), coalesce(i.indoption[p.n - "
         "1] & 1 = "
         "1, false), CASE WHEN i.indcollation[p.n - 1] <> coalesce(a.attcollation, 100) THEN "
         "l.collname END, CASE WHEN NOT o.opcdefault OR (o.opcintype = 1042 AND a.atttypid <> "
         "1042) THEN o.opcname END, CASE i.indoption[p.n - 1] WHEN 1 THEN 'NULLS LAST' WHEN 2 THEN "
         "'NULLS FIRST' END, CASE WHEN m.amname <> 'btree' THEN m.amname END, p.n > i.indnkeyatts, "
         "pg_catalog.array_to_string(x.reloptions, ', '), s.spcname, k.oid IS NOT NULL, " +
         nulls +
         ", NOT coalesce(a.attnotnull, false) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class "
         "x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam LEFT JOIN "
         "pg_catalog.pg_tablespace s ON s.oid = x.reltablespace LEFT JOIN pg_catalog.pg_constraint "
         "k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') CROSS JOIN LATERAL "
         "unnest(i.indkey) WITH ORDINALITY AS p(key, n) LEFT JOIN "
         "pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.key "
         "AND a.attnum > 0 LEFT JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[p.n - 1] "
         "LEFT JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[p.n - 1] WHERE x.relnamespace "
         "= " +
         schema + " ORDER BY x.relname, i.indexrelid, p.n";
}

/// The terms of an index that is not used, because its making failed or is under way.
inline constexpr std::string_view invalid_index = "INVALID";

/// A row of indexes_sql.
struct index_row {
  const catalog_query& q;

  std::string name() const { return q.text(2); }
  std::string column() const { return q.text(6); }
  bool unique() const { return q.flag(3); }
  bool whole() const { return q.flag(5); }
  std::string operator_class() const { return q.text(10); }
  std::string nulls() const { return q.text(11); }
  /// Whether this is a column that no search uses.
  bool included() const { return q.flag(13); }
  bool behind_constraint() const { return q.flag(16); }
  bool nulls_not_distinct() const { return q.flag(17); }
  bool nullable() const { return q.flag(18); }

  /// Whether `operator_class` may tell other values apart than the type's own. The pattern classes
  /// only sort otherwise.
  bool other_equality() const {
    const std::string c = operator_class();
    return !c.empty() && c != "text_pattern_ops" && c != "varchar_pattern_ops";
  }
};

}  // namespace hewn::postgres::detail
