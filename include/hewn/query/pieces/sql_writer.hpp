// hewn/query/pieces/sql_writer.hpp - where an expression writes its SQL text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/row_presence.hpp>
#include <hewn/query/pieces/mentioned_columns.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// An expression of GROUP BY, and how many values are before it.
struct grouped_text {
  std::span<const sql_piece> pieces;
  int parameters;
};

/// The name of a query that stands for a table, for what is written inside of the one that has it.
struct named_query_text {
  std::string_view name;
  bool ready;  // false: it is being written itself
};

/// Writes an expression as text with placeholders, numbering them from where the statement is.
struct sql_writer {
  std::string& out;
  hewn::dialect dialect;
  int parameters = 0;
  mentioned_columns* mentioned = nullptr;
  bool qualified = false;  // columns are written with their table, and places have numbers
  const query_step* const* inner = nullptr;  // the steps of the queries that come next
  std::span<const grouped_text> groups = {};
  const table_info* result = nullptr;      // the columns that the next query stands for
  bool recursive = false;                  // which it reads itself
  std::span<const query_id> missing = {};  // tables of which a row may have none
  std::span<const query_id> absent = {};   // tables that are left out, whose columns are NULL
  std::span<const named_query_text> queries = {};  // that stand for tables, those inside last
  row_presence rows = row_presence::present;       // of a statement over one table

  /// The name of a table or alias.
  static std::string_view name_of(const source_ref& source) {
    return source.alias.empty() ? source.table().name : source.alias;
  }
  void write_name(const source_ref& source);

  /// An expression.
  void write(std::span<const sql_piece> pieces);

  /// The same, with the queries in it.
  template <class E>
  void write_expression(const E& e) {
    if constexpr (has_query(pieces_of<E>)) {
      step_collector collector;
      e.bind(collector);
      inner = collector.steps.data();
      write(pieces_of<E>);
      inner = nullptr;
    } else {
      write(pieces_of<E>);
    }
  }

  /// An expression of GROUP BY once more, with the places that it has there.
  void group(const grouped_text& said);

  /// How many rows a recursive query may have. PostgreSQL takes no LIMIT there, see plan_writer.
  void row_limit();

  /// All columns of a table.
  void whole_table(const source_ref& source);

  /// A query. Its places are numbered from where the writer is.
  void inner_query(const detail::inner_query& query);

  void text(std::string_view s);
  void mention(std::size_t field, const table_info& table);

  /// A column of a key that is compared with a parameter, all of it written at once.
  void mention_key(std::size_t field, const table_info& table);

  void column(std::size_t field, const table_info& table);

  /// What stands for a column of a table that is left out.
  void absent_column(const column_info& column);
  void parameter();

  /// What the last parameter is written as.
  std::string last_place() const;

  /// The parameter of LIMIT or OFFSET, which is for no column.
  void count();

  /// What has been written from `start` on is assigned to the column that was named last. It may be
  /// a value, or an expression whose result only the database knows.
  void assigned(std::size_t start) {
    if (mentioned != nullptr) note_assigned(start);
  }
  HEWN_RARE void note_assigned(std::size_t start);

  /// Equality in which NULL equals NULL.
  void null_safe(bool negated);

  /// What stands around a column whose elements the value before it is compared with.
  void begin_elements();
  void end_elements();

  void list();

  /// A place or list that is there already, so many places back.
  void again(int back);
  void list_again(int back);

  /// No column was named that the next parameter is compared with.
  void forget_column() {
    if (mentioned != nullptr) mentioned->last = no_field;
  }

 private:
  /// Of the tables that are left out, those that a query in this one names. What it reads itself is
  /// another.
  std::vector<query_id> absent_outside(const detail::inner_query& query) const;

  void begin_list();
  void end_list();
  void query_again(std::span<const sql_piece> pieces, int place, const query_step* const* steps,
                   const sql_piece& query);

  /// A piece that is for another database: its values have their places all the same.
  void skip(const sql_piece& t);
};

/// Ends the condition of a query over one table, which stands behind `start` if it has one, by that
/// of the rows that it is about.
HEWN_RARE HEWN_API void write_presence(sql_writer& out, std::size_t start, const table_info& table,
                                       bool shows_removed);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/column_type.hpp>
#  include <hewn/dialect/write/dml.hpp>
#  include <hewn/query/pieces/json_each_columns.hpp>

namespace hewn::detail {

HEWN_API std::string sql_writer::last_place() const {
  std::string place;
  append_parameter(place, parameters, dialect);
  if (qualified && dialect == hewn::dialect::sqlite) place += std::to_string(parameters);
  return place;
}

HEWN_API void sql_writer::note_assigned(std::size_t start) {
  if (out.compare(start, out.npos, last_place()) == 0)
    mentioned->stored.push_back(static_cast<int>(mentioned->parameters.size()));
}

HEWN_API void sql_writer::write_name(const source_ref& source) {
  append_identifier(out, name_of(source));
}

HEWN_API void sql_writer::write(std::span<const sql_piece> pieces) {
  using kind = sql_piece::kind;
  const auto* const first_inner = inner;
  const int before = parameters;
  const bool in_json = dialect == hewn::dialect::sqlite && !qualified && reads_json_each(pieces);
  int depth = 0;         // of parts for one database
  int skipped_from = 0;  // the depth of the outermost that is for another; 0: there is none
  for (const sql_piece& t : pieces) {
    if (skipped_from != 0 && !is_part_of_database(t)) {
      skip(t);
      continue;
    }
    switch (t.what) {
      case kind::text:
        text(t.text);
        break;
      case kind::column:
        if (is_one_of(t.source->id, absent)) {
          absent_column(t.source->table().columns[t.field]);
          break;
        }
        if (qualified ||
            (in_json && is_column_of_json_each(t.source->table().columns[t.field].name))) {
          write_name(*t.source);
          out += '.';
        }
        column(t.field, t.source->table());
        break;
      case kind::whole_table:
        whole_table(*t.source);
        break;
      case kind::query:
        inner_query(*t.source->query);
        break;
      case kind::value:
      case kind::kept_value:
        parameter();
        break;
      case kind::group:
        group(groups[t.field]);
        break;
      case kind::row_limit:
        row_limit();
        break;
      case kind::list:
        list();
        break;
      case kind::same:
        null_safe(false);
        break;
      case kind::differs:
        null_safe(true);
        break;
      case kind::begin_elements:
        begin_elements();
        break;
      case kind::end_elements:
        end_elements();
        break;
      case kind::sqlite:
        if (dialect == hewn::dialect::sqlite) text(t.text);
        break;
      case kind::postgres:
      case kind::postgres_query:
        if (dialect == hewn::dialect::postgres) text(t.text);
        break;
      case kind::computed:
        if (mentioned != nullptr) mentioned->last = no_field;
        break;
      case kind::begin_aggregate:
      case kind::end_aggregate:
      case kind::end_count:
      case kind::begin_window:
      case kind::end_window:
      case kind::lacks_window:
        break;
      case kind::again:
        again(t.field);
        break;
      case kind::list_again:
        list_again(t.field);
        break;
      case kind::query_again:
        query_again(pieces, before, first_inner, t);
        break;
      case kind::begin_sqlite:
      case kind::begin_postgres:
        ++depth;
        if (skipped_from == 0 &&
            (t.what == kind::begin_sqlite) != (dialect == hewn::dialect::sqlite))
          skipped_from = depth;
        break;
      case kind::end_only:
        if (skipped_from == depth) skipped_from = 0;
        --depth;
        forget_column();
        break;
    }
    // A parameter of a function is not compared with a column.
    if (depth != 0) forget_column();
  }
}

HEWN_API void sql_writer::group(const grouped_text& said) {
  const int before = parameters;
  parameters = said.parameters;
  write(said.pieces);
  parameters = before;
}

HEWN_API void sql_writer::row_limit() {
  if (dialect == hewn::dialect::sqlite) {
    out += " LIMIT ";
    parameter();
  } else {
    ++parameters;
  }
}

HEWN_API void sql_writer::whole_table(const source_ref& source) {
  const table_info& table = source.table();
  for (std::size_t i = 0; i != table.columns.size(); ++i) {
    if (i != 0) out += ", ";
    if (is_one_of(source.id, absent)) {
      absent_column(table.columns[i]);
      continue;
    }
    write_name(source);
    out += '.';
    column(i, table);
  }
}

HEWN_API void sql_writer::query_again(std::span<const sql_piece> pieces, int place,
                                      const query_step* const* steps, const sql_piece& query) {
  const int wanted = parameters - query.field;
  for (const sql_piece& p : pieces) {
    if (p.what == sql_piece::kind::query) {
      const detail::inner_query& found = *p.source->query;
      if (place == wanted && p.source->id == query.source->id) {
        sql_writer nested{out, dialect, place};
        nested.qualified = true;
        const std::vector<query_id> outside = absent_outside(found);
        nested.absent = outside;
        nested.queries = queries;
        return found.write(nested, {steps, found.steps});
      }
      steps += found.steps;
    }
    place += static_cast<int>(count_values(p));
  }
}

HEWN_API void sql_writer::skip(const sql_piece& t) {
  const std::size_t values = count_values(t);
  for (std::size_t i = 0; i != values; ++i)
    if (mentioned != nullptr) mentioned->add_parameter(no_field);
  parameters += static_cast<int>(values);
  if (t.what == sql_piece::kind::query) inner += t.source->query->steps;
}

HEWN_API std::vector<query_id> sql_writer::absent_outside(const detail::inner_query& query) const {
  std::vector<query_id> outside;
  for (const query_id id : query.outer)
    if (is_one_of(id, absent)) outside.push_back(id);
  return outside;
}

HEWN_API void sql_writer::inner_query(const detail::inner_query& query) {
  sql_writer nested{out, dialect, parameters};
  nested.qualified = true;
  const std::vector<query_id> outside = absent_outside(query);
  nested.absent = outside;
  nested.result = result;
  nested.recursive = recursive;
  nested.queries = queries;
  query.write(nested, {inner, query.steps});
  inner += query.steps;
  for (std::size_t i = 0; i != query.values; ++i)
    if (mentioned != nullptr) mentioned->add_parameter(no_field);
  parameters += static_cast<int>(query.values);
}

HEWN_API void sql_writer::text(std::string_view s) {
  out += s;
  // LIKE compares texts, whatever the column is, and CAST says what a value is.
  if (mentioned != nullptr && (s.find("LIKE") != s.npos || s.find("CAST(") != s.npos))
    mentioned->last = no_field;
}

HEWN_API void sql_writer::mention(std::size_t field, const table_info& table) {
  if (mentioned == nullptr) return;
  if (mentioned->table == &table)
    mentioned->name(field);
  else
    mentioned->last = no_field;
}

HEWN_API void sql_writer::mention_key(std::size_t field, const table_info& table) {
  mention(field, table);
  if (mentioned != nullptr) mentioned->add_parameter(mentioned->last);
}

HEWN_API void sql_writer::column(std::size_t field, const table_info& table) {
  mention(field, table);
  append_identifier(out, table.columns[field].name);
}

// PostgreSQL takes a NULL without a type for a text, which is no column of another type.
HEWN_API void sql_writer::absent_column(const column_info& column) {
  forget_column();
  if (dialect == hewn::dialect::sqlite) {
    out += "NULL";
  } else {
    out += "CAST(NULL AS ";
    out += column_type_sql(column.type, dialect);
    out += ')';
  }
}

HEWN_API void sql_writer::parameter() {
  ++parameters;
  out += last_place();
  if (mentioned != nullptr) mentioned->add_parameter(mentioned->last);
}

HEWN_API void sql_writer::count() {
  if (mentioned != nullptr) mentioned->last = no_field;
  parameter();
}

HEWN_API void sql_writer::null_safe(bool negated) {
  if (dialect == hewn::dialect::postgres)
    out += negated ? " IS DISTINCT FROM " : " IS NOT DISTINCT FROM ";
  else
    out += negated ? " IS NOT " : " IS ";
}

HEWN_API void sql_writer::begin_elements() {
  if (mentioned != nullptr) mentioned->element = out.ends_with(last_place());
  // Of a list that is NULL nobody knows what is in it; json_each would say nothing is.
  out += dialect == hewn::dialect::postgres ? " = ANY ("
                                            : " IN (SELECT value FROM json_each(coalesce(";
}

HEWN_API void sql_writer::end_elements() {
  if (mentioned != nullptr && mentioned->element) mentioned->parameters.back() = mentioned->last;
  out += dialect == hewn::dialect::postgres ? ")" : ", '[null]')))";
}

HEWN_API void sql_writer::begin_list() {
  out += dialect == hewn::dialect::postgres ? "= ANY(" : "IN (SELECT value FROM json_each(";
}

HEWN_API void sql_writer::end_list() { out += dialect == hewn::dialect::postgres ? ")" : "))"; }

HEWN_API void write_presence(sql_writer& out, std::size_t start, const table_info& table,
                             bool shows_removed) {
  const bool all = shows_removed && out.rows == row_presence::present;
  append_presence(out.out, table, out.out.size() == start ? " WHERE " : " AND ",
                  all ? row_presence::any : out.rows);
}

HEWN_API void sql_writer::list() {
  begin_list();
  parameter();
  end_list();
}

HEWN_API void sql_writer::again(int back) {
  out += dialect == hewn::dialect::postgres ? '$' : '?';
  out += std::to_string(parameters + 1 - back);
}

HEWN_API void sql_writer::list_again(int back) {
  begin_list();
  again(back);
  end_list();
}

}  // namespace hewn::detail

#endif
