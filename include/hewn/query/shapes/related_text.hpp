// hewn/query/shapes/related_text.hpp - the statement that reads the related rows of many rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/write/row_presence.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/shapes/key_lists.hpp>
#include <hewn/query/shapes/listed_keys.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstdint>
#include <string_view>

namespace hewn::detail {

/// Whose related rows are read.
enum class related_to : std::uint8_t {
  all,     // every row that there is: the keys are not named
  listed,  // the rows whose keys are in a list
  each     // the same, of each the first rows alone
};

/// A relation as far as its statement is concerned.
struct related_tables {
  const table_info& from;
  const table_info* link;  // nullptr: there is none
  const table_info& to;
  const relation_path& path;

  /// Whether the key comes with the row in columns of its own behind the others.
  bool has_key_columns() const { return link != nullptr; }
};

/// The parts of a query over the related table, which are written where they belong.
struct related_parts {
  const void* query;
  void (*where)(const void* query, sql_writer& out);
  void (*order)(const void* query, sql_writer& out);
  void (*limit)(const void* query, sql_writer& out);
};

/// `SELECT <columns>[, <key>] FROM ...`
HEWN_RARE HEWN_API void write_related(sql_writer& out, const related_tables& tables, related_to who,
                                      const related_parts& query);

/// `SELECT <key>, <value> FROM ... GROUP BY <key>`; `value` writes the expression of `held`.
HEWN_RARE HEWN_API void write_related_value(sql_writer& out, const related_tables& tables,
                                            related_to who, const related_parts& query,
                                            const void* held,
                                            void (*value)(const void* held, sql_writer& out));

template <class Query>
HEWN_COLD void write_query_where(const void* query, sql_writer& out) {
  static_cast<const Query*>(query)->write_where(out);
}
template <class Query>
HEWN_COLD void write_query_order(const void* query, sql_writer& out) {
  static_cast<const Query*>(query)->write_order(out);
}
template <class Query>
HEWN_COLD void write_query_limit(const void* query, sql_writer& out) {
  static_cast<const Query*>(query)->write_limit(out);
}
template <class Value>
HEWN_COLD void write_value(const void* value, sql_writer& out) {
  out.write_expression(*static_cast<const Value*>(value));
}

template <class Query>
related_parts related_parts_of(const Query& query) {
  return {&query, &write_query_where<Query>, &write_query_order<Query>, &write_query_limit<Query>};
}

/// The statement of a relation, for query_opener. `Relation` has its tables.
template <class Relation, related_to Who, class Query>
struct related_request {
  using record_type = typename Query::record_type;
  static constexpr bool is_dynamic = Query::is_dynamic;

  const Query& query;
  const key_lists<Relation::columns>& keys;

  void write_tail(sql_writer& out) const {
    write_related(out, Relation::tables(), Who, related_parts_of(query));
  }

  template <class Binder>
  void bind_tail(Binder& binder) const {
    if constexpr (Who != related_to::all) keys.bind(binder);
    query.bind_tail(binder);
  }
};

/// The statement of a value that is computed of related rows.
template <class Relation, related_to Who, class Query, class Value>
struct related_value_request {
  using record_type = typename Query::record_type;
  static constexpr bool is_dynamic = Query::is_dynamic;

  const Query& query;
  const Value& value;
  const key_lists<Relation::columns>& keys;

  void write_tail(sql_writer& out) const {
    write_related_value(out, Relation::tables(), Who, related_parts_of(query), &value,
                        &write_value<Value>);
  }

  template <class Binder>
  void bind_tail(Binder& binder) const {
    value.bind(binder);
    if constexpr (Who != related_to::all) keys.bind(binder);
    query.bind_where(binder);
  }
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/dml.hpp>
#  include <hewn/dialect/write/rowid_name.hpp>
#  include <hewn/query/statements/claim_text.hpp>

#  include <cstddef>
#  include <string>

namespace hewn::detail {

// Names that no column has, because what is written around them is not qualified. Of several
// columns the others have a number behind.
inline constexpr std::string_view key_name = "hewn_key", far_name = "hewn_far";

HEWN_API void write_name(std::string& out, std::string_view name, std::size_t i) {
  append_identifier(out, i == 0 ? std::string(name) : std::string(name) + std::to_string(i));
}

HEWN_API void write_names(std::string& out, std::string_view name, std::size_t count) {
  for (std::size_t i = 0; i != count; ++i) {
    if (i != 0) out += ", ";
    write_name(out, name, i);
  }
}

HEWN_API void write_named(std::string& out, const table_info& table, const reference_fields& fields,
                          std::string_view name) {
  for (std::size_t i = 0; i != fields.size; ++i) {
    if (i != 0) out += ", ";
    write_field(out, table, fields[i]);
    out += " AS ";
    write_name(out, name, i);
  }
}

/// `<field> = <name>`, for each field.
HEWN_API void write_equal(std::string& out, const table_info& table, const reference_fields& fields,
                          std::string_view name) {
  for (std::size_t i = 0; i != fields.size; ++i) {
    if (i != 0) out += " AND ";
    write_field(out, table, fields[i]);
    out += " = ";
    write_name(out, name, i);
  }
}

/// The columns by which SQLite tells rows of the table apart, under names of their own if `named`.
HEWN_API void write_row_key(std::string& out, const table_info& table, bool named) {
  const std::size_t columns = table.key.size();
  if (columns == 0) {
    append_identifier(out, table.name);
    out += '.';
    out += rowid_name_of(table);
    if (named) out += " AS \"hewn_row\"";
  }
  for (std::size_t i = 0; i != columns; ++i) {
    if (i != 0) out += ", ";
    write_field(out, table, table.key[i]);
    if (named) out += " AS \"hewn_row" + std::to_string(i) + '"';
  }
}

/// The same names alone.
HEWN_API void write_row_names(std::string& out, const table_info& table) {
  if (table.key.size() == 0) out += "\"hewn_row\"";
  for (std::size_t i = 0; i != table.key.size(); ++i)
    out += (i != 0 ? ", \"hewn_row" : "\"hewn_row") + std::to_string(i) + '"';
}

/// The condition of the query, joined to the one that stands there.
HEWN_API void write_further(sql_writer& out, const related_parts& query, bool first) {
  constexpr std::string_view where = " WHERE ";
  const std::size_t start = out.out.size();
  query.where(query.query, out);
  if (first || out.out.size() == start) return;
  out.out.replace(start, where.size(), " AND (");
  out.out += ')';
}

HEWN_API void write_far_end(std::string& out, const related_tables& tables) {
  out += " JOIN ";
  append_identifier(out, tables.to.name);
  out += " ON ";
  write_equal(out, tables.to, tables.path.far, far_name);
}

/// `(SELECT <key>[, <far end>] FROM <link>[ WHERE <key> IN (...)]) AS "hewn_link" JOIN <table> ON
/// ...`
HEWN_API void write_link(sql_writer& out, const related_tables& tables, related_to who) {
  std::string& text = out.out;
  const relation_path& path = tables.path;
  text += "(SELECT ";
  if (who != related_to::each) {
    write_named(text, *tables.link, path.link_near, key_name);
    text += ", ";
  } else if (out.dialect == dialect::sqlite) {
    write_row_key(text, *tables.link, true);
    text += ", ";
  }
  write_named(text, *tables.link, path.link_far, far_name);
  text += " FROM ";
  append_identifier(text, tables.link->name);
  if (who == related_to::listed) {
    text += " WHERE ";
    write_listed(out, *tables.link, path.link_near);
  } else if (who == related_to::each) {
    text += " WHERE ";
    write_equal(text, *tables.link, path.link_near, key_name);
  }
  append_presence(text, *tables.link, who == related_to::all ? " WHERE " : " AND ");
  text += ") AS \"hewn_link\"";
  write_far_end(text, tables);
}

/// Where the rows come from and which they are, without an order.
HEWN_API void write_source(sql_writer& out, const related_tables& tables, related_to who,
                           const related_parts& query) {
  std::string& text = out.out;
  if (tables.link != nullptr) {
    write_link(out, tables, who);
    write_further(out, query, true);
    return;
  }
  append_identifier(text, tables.to.name);
  const reference_fields& far = tables.path.far;
  bool first = true;
  if (who == related_to::all) {
    for (std::size_t i = 0; i != far.size; ++i) {
      if (!tables.to.columns[far[i]].nullable) continue;
      text += first ? " WHERE " : " AND ";
      write_field(text, tables.to, far[i]);
      text += " IS NOT NULL";
      first = false;
    }
  } else {
    text += " WHERE ";
    first = false;
    if (who == related_to::listed)
      write_listed(out, tables.to, far);
    else
      write_equal(text, tables.to, far, key_name);
  }
  write_further(out, query, first);
}

/// `<table> ON <key> IN (SELECT <key>`: the rows that the subquery chooses. Where a table links
/// them it is the links that are chosen, because a row that is linked twice is there twice.
HEWN_API void write_chosen_rows(std::string& out, const related_tables& tables) {
  std::string key;
  if (tables.link == nullptr) {
    append_identifier(out, tables.to.name);
    write_row_key(key, tables.to, false);
  } else {
    out += "(SELECT ";
    write_row_key(out, *tables.link, true);
    out += ", ";
    write_named(out, *tables.link, tables.path.link_far, far_name);
    out += " FROM ";
    append_identifier(out, tables.link->name);
    append_presence(out, *tables.link, " WHERE ");
    out += ") AS \"hewn_link\"";
    write_row_names(key, *tables.link);
  }
  const bool several = (tables.link != nullptr ? *tables.link : tables.to).key.size() > 1;
  out += several ? " ON (" + key + ") IN (SELECT " : " ON " + key + " IN (SELECT ";
  out += key;
}

HEWN_API void write_first_of_each(sql_writer& out, const related_tables& tables,
                                  const related_parts& query) {
  std::string& text = out.out;
  const bool lateral = out.dialect == dialect::postgres;
  // The keys are read from their table, whose column has the right type.
  text += "(SELECT ";
  write_named(text, tables.from, tables.path.near, key_name);
  text += " FROM ";
  append_identifier(text, tables.from.name);
  text += " WHERE ";
  write_listed(out, tables.from, tables.path.near);
  text += ") AS \"hewn_keys\" CROSS JOIN ";
  if (lateral) {
    text += "LATERAL (SELECT ";
    append_columns(text, tables.to);
  } else {
    write_chosen_rows(text, tables);
  }
  text += " FROM ";
  write_source(out, tables, related_to::each, query);
  query.order(query.query, out);
  query.limit(query.query, out);
  text += ')';
  if (lateral) {
    text += " AS ";
    append_identifier(text, tables.to.name);
  } else if (tables.link != nullptr) {
    write_far_end(text, tables);
  }
}

HEWN_API void write_related(sql_writer& out, const related_tables& tables, related_to who,
                            const related_parts& query) {
  std::string& text = out.out;
  text += "SELECT ";
  append_columns(text, tables.to);
  if (tables.has_key_columns()) {
    text += ", ";
    write_names(text, key_name, tables.path.near.size);
  }
  text += " FROM ";
  if (who == related_to::each)
    write_first_of_each(out, tables, query);
  else
    write_source(out, tables, who, query);
  query.order(query.query, out);
}

HEWN_API void write_related_value(sql_writer& out, const related_tables& tables, related_to who,
                                  const related_parts& query, const void* held,
                                  void (*value)(const void* held, sql_writer& out)) {
  std::string& text = out.out;
  std::string key;
  if (tables.link != nullptr)
    write_names(key, key_name, tables.path.near.size);
  else
    write_fields(key, tables.to, tables.path.far);
  text += "SELECT " + key + ", ";
  value(held, out);
  text += " FROM ";
  write_source(out, tables, who, query);
  text += " GROUP BY " + key;
}

}  // namespace hewn::detail

#endif
