// hewn/query/plan/plan_writer.hpp - writes a query of several tables as text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/row_presence.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/plan/group_check.hpp>
#include <hewn/query/plan/locked_tables.hpp>
#include <hewn/query/plan/whole_order.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Throws: usage.
[[noreturn]] HEWN_API void fail_outside_groups();
[[noreturn]] HEWN_API void fail_named_twice();
[[noreturn]] HEWN_API void fail_reads_itself();

struct plan_writer {
  std::span<const query_step* const> steps;
  const condition_parts* condition;
  const std::vector<sort_term>* order;
  sql_writer& out;
  int start;  // values before the query
  int values = 0;
  bool shows_removed = false;
  std::vector<query_id> missing;
  std::vector<grouped_text> groups{};
  std::vector<named_query_text> queries{};  // those around this one, and its own

  using word = query_word;

  plan_writer(std::span<const query_step* const> all, const condition_parts* added,
              const std::vector<sort_term>* chosen, sql_writer& to)
      : steps(all),
        condition(added),
        order(chosen),
        out(to),
        start(to.parameters),
        missing(missing_tables(all)) {
    each(word::with_removed, word::with_removed, [&](const query_part&) { shows_removed = true; });
    each(word::group_by, word::group_by, [&](const query_part& part) {
      groups.push_back({part.pieces, out.parameters});
    });
    out.missing = missing;
    out.groups = groups;
    queries.assign(out.queries.begin(), out.queries.end());
  }

  /// The query that a table of this name is, if it is one.
  const named_query_text* find_query(std::string_view name) const {
    for (std::size_t i = queries.size(); i != 0; --i)
      if (queries[i - 1].name == name) return &queries[i - 1];
    return nullptr;
  }

  /// Calls `write(part)` for each part of these words.
  template <class Write>
  void each(word first, word last, Write write) {
    int before = start;
    for (std::size_t i = 0; i != steps.size();) {
      const query_step& step = *steps[i++];
      for (const query_part& part : step) {
        out.parameters = before;
        out.inner = steps.data() + i;
        if (part.word >= first && part.word <= last) write(part);
        before += static_cast<int>(part.values());
        i += part.inner_steps();
      }
    }
    values = before - start;
  }

  bool has(word first, word last) {
    bool any = false;
    each(first, last, [&](const query_part&) { any = true; });
    return any;
  }
  bool has(word w) { return has(w, w); }

  void list(word w, std::string_view keyword, std::string_view between) {
    bool any = false;
    each(w, w, [&](const query_part& part) {
      out.out += any ? between : keyword;
      any = true;
      out.write(part.pieces);
    });
  }

  /// The names of the columns of a table that a query stands for.
  void column_names(const source_ref& source) {
    std::string_view between = " (";
    for (const column_info& c : source.table().columns) {
      out.out += between;
      append_identifier(out.out, c.name);
      between = ", ";
    }
    out.out += ')';
  }

  // How the standing condition of a table is written. The condition of a join is about the rows
  // that it adds, so that of the added table may stand there, unless the join keeps rows for which
  // it is false. WHERE is about whole rows, so it may hold those of tables of which every row has
  // one. Otherwise the table is read without its other rows.
  enum class place { nowhere, join, where, table };

  row_presence rows() const { return shows_removed ? row_presence::any : row_presence::present; }

  place place_of_presence(const query_part& part) const {
    if (!has_standing_condition(part.source->table(), rows()) ||
        find_query(part.source->table().name) != nullptr)
      return place::nowhere;
    if (part.word == word::join || part.word == word::left_join) return place::join;
    return is_one_of(part.source->id, missing) ? place::table : place::where;
  }

  void presence(const source_ref& table, std::string_view before) {
    append_presence(out.out, table.table(), before, rows(),
                    quote_identifier(out.name_of(table)) + '.');
  }

  void source(const query_part& part) {
    const source_ref& table = *part.source;
    if (const named_query_text* q = find_query(table.table().name); q != nullptr && !q->ready)
      fail_reads_itself();
    const bool narrowed = place_of_presence(part) == place::table;
    if (narrowed) out.out += "(SELECT * FROM ";
    append_identifier(out.out, table.table().name);
    if (narrowed) {
      append_presence(out.out, table.table(), " WHERE ", rows());
      out.out += ')';
    } else if (table.alias.empty()) {
      return;
    }
    out.out += " AS ";
    out.write_name(table);
  }

  void join(const query_part& part) {
    constexpr std::string_view words[] = {" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ",
                                          " CROSS JOIN "};
    out.out += words[static_cast<std::size_t>(part.word) - static_cast<std::size_t>(word::join)];
    source(part);
    if (part.word == word::cross_join) return;
    out.out += " ON ";
    out.write(part.pieces);
    if (place_of_presence(part) == place::join) presence(*part.source, " AND ");
  }

  /// Returns whether the condition of the query has begun.
  bool write_presence() {
    bool any = false;
    each(word::from, word::cross_join, [&](const query_part& part) {
      if (place_of_presence(part) != place::where) return;
      presence(*part.source, any ? " AND " : " WHERE ");
      any = true;
    });
    return any;
  }

  void write_with() {
    const bool nested = out.dialect == dialect::postgres;
    std::string_view between = has(word::with_recursive) && !nested ? "WITH RECURSIVE " : "WITH ";
    const bool recursive = out.recursive;
    const std::size_t around = queries.size();
    each(word::with, word::with_recursive, [&](const query_part& part) {
      name_query(around, part);
      out.out += between;
      between = ", ";
      write_common_table(part);
      if (part.word == word::with_recursive && nested) write_limited(part);
      out.out += " AS (";
      out.result = &part.source->table();
      out.recursive = part.word == word::with_recursive;
      out.write(part.pieces);
      out.result = nullptr;
      out.out += ')';
      if (part.word == word::with_recursive && nested) end_limited(part);
      queries.back().ready = true;
    });
    out.recursive = recursive;
    out.out += ' ';
  }

  void name_query(std::size_t around, const query_part& part) {
    const std::string_view name = part.source->table().name;
    for (std::size_t i = around; i != queries.size(); ++i)
      if (queries[i].name == name) fail_named_twice();
    queries.push_back({name, part.word == word::with_recursive});
    out.queries = queries;
  }

  void write_common_table(const query_part& part) {
    append_identifier(out.out, part.source->table().name);
    column_names(*part.source);
  }

  // PostgreSQL takes no LIMIT in a recursive query, but reads no more of one than it is asked for.
  // So the rows up to the limit are a table of the same name around it, whoever reads it then.
  void write_limited(const query_part& part) {
    out.out += " AS (WITH RECURSIVE ";
    write_common_table(part);
  }
  void end_limited(const query_part& part) {
    append_identifier(out.out += " SELECT * FROM ", part.source->table().name);
    out.out += " LIMIT ";
    --out.parameters;  // the last of the part's values
    out.parameter();
    out.out += ')';
  }

  void write_operands() {
    const table_info* const result = std::exchange(out.result, nullptr);
    each(word::operand, word::except, [&](const query_part& part) {
      constexpr std::string_view words[] = {"", " UNION ALL ", " UNION ", " INTERSECT ",
                                            " EXCEPT "};
      out.out +=
          words[static_cast<std::size_t>(part.word) - static_cast<std::size_t>(word::operand)];
      out.result = result;
      out.write(part.pieces);
      out.result = nullptr;
    });
  }

  // PostgreSQL gives the columns of a query that stands for a table the types of its values, where
  // the struct may have wider ones: computed in, or met by the other side of a recursion. Both
  // sides of that must have one collation, too, which upper() and lower() change.
  void write_values() {
    const table_info* const result = std::exchange(out.result, nullptr);
    std::string_view between = has(word::distinct) ? "SELECT DISTINCT " : "SELECT ";
    std::size_t next = 0;
    each(word::value, word::value, [&](const query_part& part) {
      out.out += between;
      between = ", ";
      const sql_piece& first = part.pieces.front();
      const bool list = is_column_list(part.pieces);
      const bool whole = first.what == sql_piece::kind::whole_table || list;
      const std::string_view type = result == nullptr || whole || out.dialect != dialect::postgres
                                        ? std::string_view()
                                        : wanted_type(result->columns[next], part.pieces);
      if (!type.empty()) out.out += "CAST(";
      out.write(part.pieces);
      if (!type.empty()) append(out.out, {" AS ", type, ")"});
      if (type == "text") collate(result->columns[next].collation);
      next += list    ? (part.pieces.size() + 1) / 2
              : whole ? first.source->table().columns.size()
                      : 1;
    });
  }

  /// What a value is converted to for a column; empty: it is of that type.
  std::string_view wanted_type(const column_info& c, std::span<const sql_piece> pieces) const {
    if (c.type == column_type::int64 && may_be_narrow(pieces)) return "bigint";
    return out.recursive && c.type == column_type::text && c.labels.empty() ? "text" : "";
  }

  void collate(std::string_view collation) {
    out.out += " COLLATE ";
    append_identifier(out.out, collation.empty() ? "default" : collation);
  }

  /// Whether PostgreSQL may take an integer for one of less than 64 bits.
  static bool may_be_narrow(std::span<const sql_piece> pieces) {
    for (const sql_piece& p : pieces) {
      if (p.what == sql_piece::kind::query) return true;
      if (p.what != sql_piece::kind::column) continue;
      const column_type type = p.source->table().columns[p.field].type;
      if (type == column_type::int16 || type == column_type::int32) return true;
    }
    return false;
  }

  void write_select() {
    write_values();
    if (has(word::from)) out.out += " FROM ";
    each(word::from, word::from, [&](const query_part& part) { source(part); });
    each(word::join, word::cross_join, [&](const query_part& part) { join(part); });
    const bool begun = write_presence();
    list(word::where, begun ? " AND " : " WHERE ", " AND ");
    write_condition(begun);
    list(word::group_by, " GROUP BY ", ", ");
    list(word::having, " HAVING ", " AND ");
  }

  void write() {
    if (has(word::with, word::with_recursive)) {
      const table_info* const result = std::exchange(out.result, nullptr);
      write_with();
      out.result = result;
    }
    check_groups();
    if (has(word::operand))
      write_operands();
    else
      write_select();
    write_order();
    if (order != nullptr) write_chosen_order();
    write_limits();
    if (out.dialect == dialect::postgres && has(word::for_update, word::for_share)) write_locks();
    out.parameters = start + values;
  }

  // The types of a query do not tell whether a table is one that a query stands for, which has no
  // key: what goes beside groups because of a key was let through by the compiler.
  void check_groups() {
    if (queries.empty() || groups.empty()) return;
    std::vector<checked_source> sources;
    bool of_queries = false;
    each(word::from, word::cross_join, [&](const query_part& part) {
      const table_info& table = part.source->table();
      const bool is_query = find_query(table.name) != nullptr;
      of_queries |= is_query;
      sources.push_back(
          {part.source->id, is_query ? std::span<const std::uint8_t>() : table.key, false});
    });
    if (!of_queries) return;
    std::vector<std::span<const sql_piece>> grouped, items;
    for (const grouped_text& group : groups) grouped.push_back(group.pieces);
    for (const word w : {word::value, word::having, word::order_by})
      each(w, w, [&](const query_part& part) { items.push_back(part.pieces); });
    if (order != nullptr)
      for (const sort_term& term : *order) items.push_back(term.pieces);
    if (!are_grouped(items, {sources, grouped, {}, false})) fail_outside_groups();
  }

  void write_condition(bool begun) {
    if (condition == nullptr || condition->empty()) return;
    out.out += has(word::where) || begun ? " AND " : " WHERE ";
    out.parameters = start + values;
    out.inner = condition->steps.data();
    out.write(condition->pieces);
  }

  void write_order() {
    std::string_view between = " ORDER BY ";
    each(word::order_by, word::order_by, [&](const query_part& part) {
      out.out += between;
      between = ", ";
      out.write(part.pieces);
      if (part.is_sorted) out.text(suffix_of(part));
    });
  }

  std::string_view suffix_of(const query_part& part) const {
    bool null = part.way.null;
    for (const sql_piece& p : part.pieces)
      null |= p.what == sql_piece::kind::column && is_one_of(p.source->id, missing);
    return order_suffix(out.dialect, part.way.descending, part.way.nulls, null);
  }

  void write_chosen_order() {
    const whole_order whole(steps, order);
    for (std::size_t i = whole.written; i != whole.terms.size(); ++i) {
      out.out += i == 0 ? " ORDER BY " : ", ";
      write_sort(out, whole.terms[i]);
    }
  }

  // Tables are named even where all are meant: PostgreSQL refuses to lock what may be missing.
  void write_locks() {
    out.out += has(word::for_update) ? " FOR UPDATE" : " FOR SHARE";
    std::string_view between = " OF ";
    for (const source_ref* table : locked_tables(steps)) {
      out.out += between;
      out.write_name(*table);
      between = ", ";
    }
    if (has(word::skip_locked)) out.out += " SKIP LOCKED";
    if (has(word::no_wait)) out.out += " NOWAIT";
  }

  void write_limits() {
    list(word::limit, " LIMIT ", "");
    // SQLite has no OFFSET of its own.
    if (out.dialect == dialect::sqlite && has(word::offset) && !has(word::limit))
      out.out += " LIMIT -1";
    list(word::offset, " OFFSET ", "");
  }
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>

namespace hewn::detail {

HEWN_API void fail_outside_groups() {
  throw error(errc::usage,
              "hewn: a column beside an aggregate or outside the groups has no single value; name "
              "it in group_by(), or take an aggregate of it");
}

HEWN_API void fail_named_twice() {
  throw error(errc::usage,
              "hewn: two queries that stand for tables have one name; let one of them select() a "
              "struct of its own");
}

HEWN_API void fail_reads_itself() {
  throw error(errc::usage,
              "hewn: a query that stands for a table reads a table of its own name; let it "
              "select() a struct of its own");
}

}  // namespace hewn::detail

#endif
