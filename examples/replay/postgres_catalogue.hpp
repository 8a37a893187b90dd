// examples/replay/postgres_catalogue.hpp - the catalogue of a PostgreSQL database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catalogue.hpp"
#include "stage.hpp"

#include <regex>
#include <string>
#include <utility>

namespace replay {

namespace detail {

/// The server's spelling where `varchar` without a length is `text`, which hewn takes it for:
/// without the casts from one to the other.
inline std::string without_text_casts(const std::string& sql) {
  static const std::regex varchar("character varying(?!\\()");
  static const std::regex of_literal("('(?:[^']|'')*')::text(\\[\\])?");
  static const std::regex in_brackets(
      "\\((\\w+|\"[^\"]+\"|'(?:[^']|'')*'|ARRAY\\[[^\\]]*\\])\\)::text(\\[\\])?");
  static const std::regex others("::text(\\[\\])?");
  std::string out = std::regex_replace(sql, varchar, "text");
  for (const std::regex* cast : {&of_literal, &in_brackets, &in_brackets})
    out = std::regex_replace(out, *cast, "$1");
  return std::regex_replace(out, others, "");
}

inline void read_server_columns(stage& db, catalogue& out) {
  for (const auto& c :
       db.query("SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
                "coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity::text, "
                "a.attgenerated::text, coalesce(l.collname, '') FROM pg_class c "
                "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
                "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
                "LEFT JOIN pg_collation l ON l.oid = a.attcollation "
                "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND "
                "c.relname NOT LIKE 'hewn\\_%' ORDER BY c.oid, a.attnum")) {
    if (out.tables.empty() || out.tables.back().name != text(c, 0))
      out.tables.push_back({.name = text(c, 0), .columns = {}, .links = {}, .source = {}});
    const bool computed = !text(c, 5).empty() || !text(c, 6).empty();
    out.tables.back().columns.push_back({.name = text(c, 1),
                                         .type = text(c, 2),
                                         .required = text(c, 3) == "t",
                                         .has_default = !text(c, 4).empty() && !computed,
                                         .computed = computed,
                                         .key = 0});
    // A serial column is what an identity is called that is older than the word.
    const bool counts = text(c, 4).starts_with("nextval(") || text(c, 5) == "d";
    add(out.facts, {text(c, 0), text(c, 1)},
        "table " + text(c, 0) + " column " + text(c, 1) + ": " + without_text_casts(text(c, 2)) +
            (text(c, 3) == "t" ? " not null" : "") +
            (counts ? " identity"
                    : " default " + without_text_casts(text(c, 4)) + " " + text(c, 5)) +
            text(c, 6) + " " + text(c, 7));
  }
}

inline void read_server_constraints(stage& db, catalogue& out) {
  for (const auto& c :
       db.query("SELECT t.relname, c.contype::text, pg_get_constraintdef(c.oid), c.convalidated, "
                "coalesce((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.conrelid AND "
                "a.attnum = c.conkey[1]), ''), coalesce(f.relname, ''), "
                "coalesce((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.confrelid AND "
                "a.attnum = c.confkey[1]), ''), c.conname "
                "FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
                "LEFT JOIN pg_class f ON f.oid = c.confrelid "
                "WHERE t.relnamespace = 'public'::regnamespace AND c.conparentid = 0 AND "
                "c.contype <> 'n' AND t.relname NOT LIKE 'hewn\\_%'")) {
    add(out.facts, {text(c, 0), text(c, 7)},
        "table " + text(c, 0) + " constraint " + without_text_casts(text(c, 2)) +
            (text(c, 3) == "t" ? "" : " not valid"));
    for (table& t : out.tables) {
      if (t.name != text(c, 0)) continue;
      if (text(c, 1) == "f") t.links.push_back({text(c, 4), text(c, 5), text(c, 6)});
      if (text(c, 1) == "c") t.source += text(c, 2) + "\n";
      for (column& k : t.columns)
        if (text(c, 1) == "p" && k.name == text(c, 4)) k.key = 1;
    }
  }
}

inline catalogue read_server(stage& db) {
  catalogue out;
  read_server_columns(db, out);
  read_server_constraints(db, out);
  for (const auto& i :
       db.query("SELECT pg_get_indexdef(i.indexrelid), i.indisvalid, t.relname, x.relname FROM "
                "pg_index i "
                "JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid "
                "WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND "
                "t.relname NOT LIKE 'hewn\\_%' AND NOT EXISTS (SELECT FROM pg_constraint c WHERE "
                "c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))"))
    add(out.facts, {text(i, 2), text(i, 3)},
        without_text_casts(text(i, 0)) + (text(i, 1) == "t" ? "" : " invalid"));
  for (const auto& [word, condition] :
       {std::pair("UNLOGGED", "relpersistence = 'u'"),
        std::pair("ROW LEVEL SECURITY", "relrowsecurity"),
        std::pair(
            "INHERITS",
            "NOT relispartition AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = t.oid)")})
    for (const auto& t :
         db.query("SELECT relname FROM pg_class t WHERE relkind = 'r' AND relnamespace = "
                  "'public'::regnamespace AND " +
                  std::string(condition)))
      add(out.facts, {text(t, 0), word}, "table " + text(t, 0) + " " + word);
  for (const auto& v : db.query("SELECT viewname, definition FROM pg_views WHERE schemaname = "
                                "'public'"))
    add(out.facts, {text(v, 0), {}}, "view " + text(v, 0) + ": " + plain(text(v, 1)));
  for (const auto& v : db.query("SELECT matviewname, definition FROM pg_matviews WHERE schemaname "
                                "= 'public'"))
    add(out.facts, {text(v, 0), {}}, "materialized view " + text(v, 0) + ": " + plain(text(v, 1)));
  for (const auto& g :
       db.query("SELECT pg_get_triggerdef(g.oid), t.relname, g.tgname FROM pg_trigger g JOIN "
                "pg_class t ON t.oid = "
                "g.tgrelid WHERE NOT g.tgisinternal AND t.relnamespace = 'public'::regnamespace"))
    add(out.facts, {text(g, 1), text(g, 2)}, text(g, 0));
  for (const auto& e :
       db.query("SELECT t.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM "
                "pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname"))
    add(out.facts, {text(e, 0), {}}, "type " + text(e, 0) + ": " + text(e, 1));
  return out;
}

}  // namespace detail
}  // namespace replay
