// hewn/query/statements/claim_text.hpp - an update of the first rows that nobody else has taken.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <string>

namespace hewn::detail {

HEWN_RARE HEWN_API void append_key(std::string& out, const table_info& table);

/// `WITH "hewn_claimed" AS MATERIALIZED (SELECT <key> FROM <table>`
HEWN_RARE HEWN_API void begin_claim(sql_writer& out, const table_info& table);

/// ` FOR UPDATE SKIP LOCKED) `
HEWN_RARE HEWN_API void end_claim(sql_writer& out);

/// ` WHERE <key> IN (SELECT <key> FROM "hewn_claimed")`
HEWN_RARE HEWN_API void write_claimed(sql_writer& out, const table_info& table);

/// The rows that were chosen, as the condition of an update.
template <class T>
struct claimed_rows {
  static constexpr bool is_dynamic = false;

  void write_where(sql_writer& out) const { write_claimed(out, table_of<T>); }
  template <class Binder>
  void bind_where(Binder&) const {}
};

template <class T>
inline constexpr claimed_rows<T> all_claimed{};

/// The rows are chosen by a subquery of its own, which runs once: PostgreSQL may run one in the
/// condition of the update for each row of the table, and would then lock more than the limit.
template <class T, class Query, class... Set>
struct claim_request {
  using record_type = T;
  static constexpr bool is_dynamic = Query::is_dynamic;

  const Query& query;
  update_request<T, claimed_rows<T>, Set...> changes;

  void write(sql_writer& out) const {
    begin_claim(out, table_of<T>);
    query.write_tail(out);
    end_claim(out);
    changes.write(out);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    query.bind_tail(binder);
    changes.bind(binder);
  }
};

/// What claim() asks of its query.
template <class Query, class... Set>
consteval bool explain_claim() {
  using T = typename Query::record_type;
  constexpr bool some = sizeof...(Set) != 0;
  static_assert(some, "hewn: claim() needs at least one col<&T::field> = value");
  constexpr bool chosen = !some || (Query::has_condition && Query::has_limit && !Query::has_offset);
  static_assert(chosen,
                "hewn: claim() takes a query with where(), by which a row is not found again once "
                "it is taken, with limit() and without offset()");
  if constexpr (!some || !chosen || !explain_table<T>() || !explain_key<T>())
    return false;
  else if constexpr (!explain_set<T, Set...>())
    return false;
  else
    return explain_own_values<T, Set...>();
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>

namespace hewn::detail {

HEWN_API void append_key(std::string& out, const table_info& table) {
  for (std::size_t k = 0; k != table.key.size(); ++k) {
    if (k != 0) out += ", ";
    append_identifier(out, table.columns[table.key[k]].name);
  }
}

HEWN_API void begin_claim(sql_writer& out, const table_info& table) {
  out.out += "WITH \"hewn_claimed\" AS MATERIALIZED (SELECT ";
  append_key(out.out, table);
  out.out += " FROM ";
  append_identifier(out.out, table.name);
}

HEWN_API void end_claim(sql_writer& out) {
  out.out += out.dialect == dialect::postgres ? " FOR UPDATE SKIP LOCKED) " : ") ";
}

HEWN_API void write_claimed(sql_writer& out, const table_info& table) {
  const bool several = table.key.size() != 1;
  out.out += several ? " WHERE (" : " WHERE ";
  append_key(out.out, table);
  out.out += several ? ") IN (SELECT " : " IN (SELECT ";
  append_key(out.out, table);
  out.out += " FROM \"hewn_claimed\")";
}

}  // namespace hewn::detail

#endif
