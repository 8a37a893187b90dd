// hewn/query/select/query_plan.hpp - a query of several tables as plain data.
// SPDX-License-Identifier: BSL-1.0
//
// Each step of a chain adds one part, a constant. What the parts come to is written by one ordinary
// function when a connection first needs the text.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/expressions/query_step.hpp>
#include <hewn/query/expressions/sort_term.hpp>
#include <hewn/query/expressions/sql_piece.hpp>
#include <hewn/query/expressions/sql_writer.hpp>
#include <hewn/query/select/group_check.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What is asked of the rows of a query.
enum class plan_use : std::uint8_t { rows, count, exists };

/// All of a query that is needed to run it: its steps and values in the order in which they were
/// given, and a condition that was put together at run time.
struct query_plan {
  std::span<const query_step* const> steps;
  std::span<const held_value> values;
  const std::string* texts;  // that values refer to
  const condition_parts* condition = nullptr;
  const std::vector<sort_term>* order = nullptr;  // that was chosen at run time
  plan_use use = plan_use::rows;

  std::string sql(dialect d) const;
};

/// Calls `action(part)` for each part of a query, those of the queries in it apart.
template <class Action>
void each_part(std::span<const query_step* const> steps, Action action) {
  for (std::size_t i = 0; i != steps.size(); i += 1 + count_inner_steps(*steps[i]))
    for (const query_part& part : *steps[i]) action(part);
}

/// The order of a query, with what makes it the same each time behind it: the grouped expressions,
/// or the keys of the tables.
struct whole_order {
  std::vector<sort_term> terms;
  std::size_t written = 0;  // how many of them order_by() has written
  bool total = true;        // false: rows may be alike in it

  whole_order(std::span<const query_step* const> steps, const std::vector<sort_term>* chosen);
  explicit whole_order(const query_plan& plan) : whole_order(plan.steps, plan.order) {}
  whole_order(const whole_order&) = delete;

 private:
  std::vector<sql_piece> keys_;  // that terms refer to
};

HEWN_RARE HEWN_API void write_sort(sql_writer& out, const sort_term& term);

/// Throws: usage.
[[noreturn]] HEWN_API void fail_outside_groups();

/// Writes a query that stands inside another.
HEWN_API void write_inner_query(sql_writer& out, std::span<const query_step* const> steps);

/// The same of one side of a set operation. SQLite takes no parentheses there, so that a side with
/// an order, a limit or sides of its own is written as the query of a table.
HEWN_API void write_side_query(sql_writer& out, std::span<const query_step* const> steps);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>
#  include <hewn/dialect/text/quote.hpp>

namespace hewn::detail {

HEWN_API void write_sort(sql_writer& out, const sort_term& term) {
  out.write(term.pieces);
  out.text(order_suffix(out.dialect, term.descending, term.nulls, term.null));
}

/// What a query says of its rows, for the end of its order.
struct order_reader {
  struct read_source {
    const source_ref* source;
    bool missing;  // a row may have none of it
  };

  std::vector<read_source> sources;
  std::vector<std::span<const sql_piece>> groups;
  std::vector<std::string_view> queries;  // that stand for tables
  bool distinct = false;
  bool aggregated = false;
  bool combined = false;  // by a set operation

  explicit order_reader(std::span<const query_step* const> steps) {
    each_part(steps, [this](const query_part& part) { read(part); });
  }

  void read(const query_part& part) {
    using word = query_word;
    distinct |= part.word == word::distinct;
    combined |= part.word == word::operand;
    if (part.word == word::with || part.word == word::with_recursive)
      queries.push_back(part.source->table().name);
    aggregated |= part.word == word::value && has_aggregate(part.pieces);
    if (part.word == word::group_by) groups.push_back(part.pieces);
    if (part.word < word::from || part.word > word::cross_join) return;
    const bool keeps_new = part.word == word::right_join || part.word == word::full_join;
    const bool keeps_old = part.word == word::left_join || part.word == word::full_join;
    if (keeps_new)
      for (read_source& s : sources) s.missing = true;
    sources.push_back({part.source, keeps_old});
  }

  bool is_query(const table_info& table) const {
    for (const std::string_view name : queries)
      if (name == table.name) return true;
    return false;
  }

  bool is_missing(const source_ref& source) const {
    for (const read_source& s : sources)
      if (s.missing && s.source->id == source.id) return true;
    return false;
  }

  bool is_nullable(std::span<const sql_piece> pieces) const {
    for (const sql_piece& p : pieces)
      if (p.what == sql_piece::kind::column &&
          (pieces.size() == 1 ? p.source->table().columns[p.field].nullable || is_missing(*p.source)
                              : true))
        return true;
    return false;
  }
};

constexpr bool same_pieces(std::span<const sql_piece> a, std::span<const sql_piece> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i != a.size(); ++i)
    if (!same_piece(a[i], b[i])) return false;
  return true;
}

HEWN_API whole_order::whole_order(std::span<const query_step* const> steps,
                                  const std::vector<sort_term>* chosen) {
  each_part(steps, [this](const query_part& part) {
    if (part.sort != nullptr) terms.push_back(*part.sort);
  });
  written = terms.size();
  if (chosen != nullptr) terms.insert(terms.end(), chosen->begin(), chosen->end());
  const order_reader reader(steps);
  for (sort_term& term : terms)
    for (const sql_piece& p : term.pieces)
      term.null |= p.what == sql_piece::kind::column && reader.is_missing(*p.source);
  const auto add = [this, &reader](std::span<const sql_piece> pieces) {
    for (const sort_term& t : terms)
      if (same_pieces(t.pieces, pieces)) return;
    // In the direction of what comes before, so that an index of all has the order.
    const bool descending = !terms.empty() && terms.back().descending;
    sort_term& term = terms.emplace_back(sort_term{pieces, descending});
    term.null = reader.is_nullable(pieces);
    if (pieces.size() != 1 || pieces[0].what != sql_piece::kind::column) return;
    term.has_type = true;
    term.type = pieces[0].source->table().columns[pieces[0].field].type;
  };
  // Of one row in all, and of rows that are alike, there is nothing more to say.
  if (reader.distinct || reader.combined || (reader.aggregated && reader.groups.empty())) {
    total = !reader.distinct && !reader.combined;
  } else if (!reader.groups.empty()) {
    for (const auto& group : reader.groups) {
      bool constant = true;
      for (const sql_piece& p : group) constant &= !is_value(p) && p.what != sql_piece::kind::list;
      if (constant) add(group);
      total &= constant;
    }
  } else {
    std::size_t count = 0;
    for (const auto& s : reader.sources) count += s.source->table().key.size();
    keys_.reserve(count);
    for (const auto& s : reader.sources) {
      // What a query stands for has no key, whatever its struct says.
      const auto key = reader.is_query(s.source->table()) ? std::span<const std::uint8_t>()
                                                          : s.source->table().key;
      total &= !key.empty();
      for (const std::uint8_t field : key) {
        keys_.push_back({.what = sql_piece::kind::column, .field = field, .source = s.source});
        add({&keys_.back(), 1});
      }
    }
  }
}

struct plan_writer {
  std::span<const query_step* const> steps;
  const condition_parts* condition;
  const std::vector<sort_term>* order;
  sql_writer& out;
  int start;  // values before the query
  int values = 0;
  std::vector<query_id> missing{};
  std::vector<grouped_text> groups{};

  using word = query_word;

  plan_writer(std::span<const query_step* const> all, const condition_parts* added,
              const std::vector<sort_term>* chosen, sql_writer& to)
      : steps(all), condition(added), order(chosen), out(to), start(to.parameters) {
    find_missing();
    each(word::group_by, word::group_by, [&](const query_part& part) {
      groups.push_back({part.pieces, out.parameters});
    });
    out.missing = missing;
    out.groups = groups;
  }

  /// Which tables are on the far side of an outer join.
  void find_missing() {
    std::vector<query_id> before;
    each(word::from, word::cross_join, [&](const query_part& part) {
      if (part.word == word::right_join || part.word == word::full_join) missing = before;
      before.push_back(part.source->id);
      if (part.word == word::left_join || part.word == word::full_join)
        missing.push_back(part.source->id);
    });
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

  void source(const query_part& part) {
    const source_ref& table = *part.source;
    append_identifier(out.out, table.table().name);
    if (table.alias.empty()) return;
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
  }

  void write_with() {
    const bool nested = out.dialect == dialect::postgres;
    std::string_view between = has(word::with_recursive) && !nested ? "WITH RECURSIVE " : "WITH ";
    each(word::with, word::with_recursive, [&](const query_part& part) {
      out.out += between;
      between = ", ";
      write_common_table(part);
      if (part.word == word::with_recursive && nested) write_limited(part);
      out.out += " AS (";
      out.result = &part.source->table();
      out.write(part.pieces);
      out.result = nullptr;
      out.out += ')';
      if (part.word == word::with_recursive && nested) end_limited(part);
    });
    out.out += ' ';
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
  // the struct may have wider ones: computed in, or met by the other side of a recursion.
  void write_values() {
    const table_info* const result = std::exchange(out.result, nullptr);
    std::string_view between = has(word::distinct) ? "SELECT DISTINCT " : "SELECT ";
    std::size_t next = 0;
    each(word::value, word::value, [&](const query_part& part) {
      out.out += between;
      between = ", ";
      const sql_piece& first = part.pieces.front();
      const bool whole = first.what == sql_piece::kind::whole_table;
      const bool widened = result != nullptr && out.dialect == dialect::postgres && !whole &&
                           result->columns[next].type == column_type::int64 &&
                           may_be_narrow(part.pieces);
      if (widened) out.out += "CAST(";
      out.write(part.pieces);
      if (widened) out.out += " AS bigint)";
      next += whole ? first.source->table().columns.size() : 1;
    });
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
    list(word::where, " WHERE ", " AND ");
    write_condition();
    list(word::group_by, " GROUP BY ", ", ");
    list(word::having, " HAVING ", " AND ");
  }

  void write() {
    if (has(word::with, word::with_recursive)) {
      const table_info* const result = std::exchange(out.result, nullptr);
      check_groups();
      write_with();
      out.result = result;
    }
    if (has(word::operand))
      write_operands();
    else
      write_select();
    list(word::order_by, " ORDER BY ", ", ");
    if (order != nullptr) write_chosen_order();
    write_limits();
    out.parameters = start + values;
  }

  // The types of a query do not tell whether a table is one that a query stands for, which has no
  // key: what goes beside groups because of a key was let through by the compiler.
  void check_groups() {
    std::vector<checked_source> sources;
    std::vector<std::span<const sql_piece>> grouped, items, orders;
    each(word::from, word::cross_join, [&](const query_part& part) {
      sources.push_back({part.source->id, part.source->table().key, false});
    });
    each(word::with, word::with_recursive, [&](const query_part& part) {
      for (checked_source& s : sources)
        if (s.id == part.source->id) s.key = {};
    });
    each(word::group_by, word::group_by,
         [&](const query_part& part) { grouped.push_back(part.pieces); });
    each(word::value, word::value, [&](const query_part& part) { items.push_back(part.pieces); });
    each(word::order_by, word::order_by,
         [&](const query_part& part) { orders.push_back(part.pieces); });
    if (!grouped.empty() && !are_grouped(items, {sources, grouped, orders, false}))
      fail_outside_groups();
  }

  void write_condition() {
    if (condition == nullptr || condition->empty()) return;
    out.out += has(word::where) ? " AND " : " WHERE ";
    out.parameters = start + values;
    out.inner = condition->steps.data();
    out.write(condition->pieces);
  }

  void write_chosen_order() {
    const whole_order whole(steps, order);
    for (std::size_t i = whole.written; i != whole.terms.size(); ++i) {
      out.out += i == 0 ? " ORDER BY " : ", ";
      write_sort(out, whole.terms[i]);
    }
  }

  void write_limits() {
    list(word::limit, " LIMIT ", "");
    // SQLite has no OFFSET of its own.
    if (out.dialect == dialect::sqlite && has(word::offset) && !has(word::limit))
      out.out += " LIMIT -1";
    list(word::offset, " OFFSET ", "");
  }
};

HEWN_API void fail_outside_groups() {
  throw error(errc::usage,
              "hewn: a column beside an aggregate or outside the groups has no single value; name "
              "it in group_by(), or take an aggregate of it");
}

HEWN_API std::string query_plan::sql(dialect d) const {
  std::string text;
  sql_writer out{text, d};
  out.qualified = true;
  if (use != plan_use::rows)
    text += use == plan_use::count ? "SELECT COUNT(*) FROM (" : "SELECT EXISTS (";
  plan_writer(steps, condition, order, out).write();
  if (use != plan_use::rows) text += use == plan_use::count ? ") AS counted" : ")";
  return text;
}

HEWN_API void write_inner_query(sql_writer& out, std::span<const query_step* const> steps) {
  plan_writer(steps, nullptr, nullptr, out).write();
}

HEWN_API void write_side_query(sql_writer& out, std::span<const query_step* const> steps) {
  using word = query_word;
  plan_writer side(steps, nullptr, nullptr, out);
  const bool whole =
      side.has(word::operand, word::offset) || side.has(word::with, word::with_recursive);
  out.parameters = side.start;
  if (whole) out.out += "SELECT * FROM (";
  side.write();
  if (whole) out.out += ") AS \"side\"";
}

}  // namespace hewn::detail

#endif
