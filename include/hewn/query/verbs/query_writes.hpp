// hewn/query/verbs/query_writes.hpp - the verbs whose values the database computes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/changed_fields.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/claim_text.hpp>
#include <hewn/query/statements/conflict_text.hpp>
#include <hewn/query/statements/insert_from_text.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/type_erasure/changed_row.hpp>
#include <hewn/query/type_erasure/conflict_writer.hpp>
#include <hewn/query/type_erasure/insert_from.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/returning_writes.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/embedded.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {

/// The part of a session that writes what queries and expressions say. One thread at a time.
template <class Driver>
class query_writes : public returning_writes<Driver> {
 public:
  // ---------------------------------------------------------------- insert from a query

  /// Inserts the rows of a query with select<T>(), of which each has all columns of `T`, the key
  /// included. Returns how many rows the database inserted. The values stay in the database: they
  /// are of the types of the fields, and what a row of the program is asked besides (see insert) is
  /// left to the constraints of the table. Throws: conflict, foreign_key, check, not_null.
  template <class T, detail::result_query Query>
  std::int64_t insert_from(const Query& query, call_site site = call_site::current()) const {
    if constexpr (detail::explain_table<T>() &&
                  detail::explain_insert_from<T, typename Query::record_type>())
      return insert_rows<T, detail::inserted_columns<T>>(query, site);
    else
      return 0;
  }

  /// The same for the columns that are named, in the order of the values of the query:
  /// `db.insert_from<&archive::name, &archive::hours>(query)`. Of the others, created<> and
  /// updated<> ones get the time, and the rest its default, a key or NULL.
  template <auto First, auto... Members, detail::result_query Query>
  std::int64_t insert_from(const Query& query, call_site site = call_site::current()) const {
    using T = member_record<First>;
    if constexpr (!detail::explain_named_columns<First, Members...>())
      return 0;
    else if constexpr (detail::explain_insert_from<T, typename Query::record_type,
                                                   detail::one_column<First>(),
                                                   detail::one_column<Members>()...>())
      return insert_rows<T, detail::named_columns<First, Members...>>(query, site);
    else
      return 0;
  }

  /// As insert_from, and returns the rows as they are stored, in no particular order.
  template <class T, detail::result_query Query>
  std::vector<detail::kept<T>> insert_from_returning(const Query& query,
                                                     call_site site = call_site::current()) const {
    if constexpr (detail::explain_table<T>() && detail::explain_owning<T>() &&
                  detail::explain_insert_from<T, typename Query::record_type>())
      return insert_and_read<T, detail::inserted_columns<T>>(query, site);
    else
      return {};
  }
  template <auto First, auto... Members, detail::result_query Query>
  auto insert_from_returning(const Query& query, call_site site = call_site::current()) const {
    using T = member_record<First>;
    std::vector<detail::kept<T>> rows;
    if constexpr (!detail::explain_named_columns<First, Members...>())
      return rows;
    else if constexpr (detail::explain_owning<T>() &&
                       detail::explain_insert_from<T, typename Query::record_type,
                                                   detail::one_column<First>(),
                                                   detail::one_column<Members>()...>())
      rows = insert_and_read<T, detail::named_columns<First, Members...>>(query, site);
    return rows;
  }

  /// As insert_from, with what is named of the rows as they are stored, in no particular order:
  /// `db.insert_from<archive>(query, hewn::returning(col<&archive::id>))`.
  template <class T, detail::result_query Query, class R, class... E>
  std::vector<R> insert_from(const Query& query, const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    if constexpr (detail::explain_table<T>() &&
                  detail::explain_insert_from<T, typename Query::record_type>())
      return insert_and_return<T, detail::inserted_columns<T>>(query, returned, site);
    else
      return {};
  }
  template <auto First, auto... Members, detail::result_query Query, class R, class... E>
  std::vector<R> insert_from(const Query& query, const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    using T = member_record<First>;
    std::vector<R> rows;
    if constexpr (!detail::explain_named_columns<First, Members...>())
      return rows;
    else if constexpr (detail::explain_insert_from<T, typename Query::record_type,
                                                   detail::one_column<First>(),
                                                   detail::one_column<Members>()...>())
      rows = insert_and_return<T, detail::named_columns<First, Members...>>(query, returned, site);
    return rows;
  }

  // ---------------------------------------------------------------- update what has changed

  /// Writes those columns of a row that differ between `before` and `after`, which have one key;
  /// key, created<> and generated ones are not compared. updated<> columns are set as well where
  /// anything is written. A non-const `after` is completed in place. What others have written
  /// meanwhile to the rest of the columns stays. Returns false where nothing differs, without
  /// asking the database. Throws: not_found when no row has the key; usage for two keys; as insert.
  template <class Before, class After>
  requires(!detail::query<Before> && std::same_as<Before, std::remove_cvref_t<After>>) bool update(
      const Before& before, After&& after, call_site site = call_site::current()) const {
    using T = Before;
    if constexpr (detail::explain_table<T>() && detail::explain_key<T>() &&
                  detail::explain_updatable<T>()) {
      if (!detail::have_one_key(before, after, std::make_index_sequence<table_of<T>.key.size()>()))
        detail::fail_other_key(table_of<T>, site);
      const detail::field_set fields = detail::changed_fields<T>(before, after);
      if (!fields.any()) return false;
      if constexpr (std::is_const_v<std::remove_reference_t<After>>) {
        T stored = after;
        write_fields(stored, fields, false, site);
      } else {
        write_fields(after, fields, true, site);
      }
      return true;
    } else {
      return false;
    }
  }

  // ---------------------------------------------------------------- rows that may be there

  /// Inserts the row, or sets columns of the one that already holds its values in `Members`
  /// (default: its primary key): `db.upsert<&stock::item>(row, hewn::set(col<&stock::count> =
  /// col<&stock::count> + hewn::excluded<&stock::count>))`. updated<> columns are set as well.
  /// Returns the row as it is stored; with `where()` in the set, an optional, which is empty where
  /// the condition is not true and the row stays as it is. `row` keeps its values. Throws: as
  /// insert.
  using returning_writes<Driver>::upsert;
  template <auto... Members, class Row, class Where, class... Set>
  auto upsert(Row&& row, const set_clause<Where, Set...>& set,
              call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    using clause = set_clause<Where, Set...>;
    using result = std::conditional_t<clause::has_condition, std::optional<T>, T>;
    if constexpr (detail::explain_upsert<T, Members...>() && clause::template explain<T>()) {
      T stored = std::forward<Row>(row);
      this->fill(stored, site);
      bool found;
      if (this->lets_database_choose(stored))
        found =
            detail::upsert_by_clause<detail::row_write::upsert_keyed_by_database, T, Members...>(
                this->connection(), stored, set, site);
      else
        found = detail::upsert_by_clause<detail::row_write::upsert, T, Members...>(
            this->connection(), stored, set, site);
      if constexpr (clause::has_condition)
        return found ? result(std::move(stored)) : result();
      else
        return static_cast<void>(found), stored;
    } else {
      return detail::nothing<result>();
    }
  }

  // An update takes them like that.
  template <auto... Members, class Row, detail::assigns First, class... Set>
  auto upsert(Row&&, const First&, const Set&...) const {
    static_assert(sizeof(First) == 0,
                  "hewn: upsert() takes what it sets as one; write hewn::set(col<&T::field> = "
                  "value)");
    return detail::nothing<std::remove_cvref_t<Row>>();
  }

  /// Inserts the row, unless there is one that holds its values in `Members` (default: in the key
  /// or any fields that are unique). Returns the row as it is stored; nothing where there is one
  /// already, or a trigger or rule skips the row. `row` keeps its values. Throws: as insert, also
  /// for a conflict in other fields than `Members`.
  using returning_writes<Driver>::insert_or_ignore;
  template <auto... Members, class Row>
  std::optional<std::remove_cvref_t<Row>> insert_or_ignore(
      Row&& row, call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    if constexpr (explain_ignorable<T, Members...>()) {
      T stored = std::forward<Row>(row);
      this->fill(stored, site);
      bool found;
      if (this->lets_database_choose(stored))
        found = detail::insert_or_skip<detail::row_write::insert_keyed_by_database, T, Members...>(
            this->connection(), stored, site);
      else
        found = detail::insert_or_skip<detail::row_write::insert, T, Members...>(this->connection(),
                                                                                 stored, site);
      if (found) return stored;
    }
    return std::nullopt;
  }

  // ---------------------------------------------------------------- claim

  /// Takes the first rows of a query with where() and limit(), and sets their columns, by one
  /// statement: `db.claim(from<job>.where(col<&job::state> == state::waiting).limit(10),
  /// col<&job::state> = state::running)`. Returns the rows as they are afterwards, in no particular
  /// order. Of several callers at once, each gets other rows, so long as a row that is taken does
  /// not meet the condition any more: on PostgreSQL rows that another transaction is about to take
  /// are passed over; on SQLite one caller writes after the other. With hewn::returning() behind
  /// the assignments, what it names of the rows.
  template <detail::query Query, class... Set>
  auto claim(const Query& query, const Set&... set) const {
    using T = typename Query::record_type;
    if constexpr (detail::ends_in_returning<Set...>) {
      return this->claim_returned(query, set...);
    } else if constexpr (detail::explain_claim<Query, Set...>() && detail::explain_owning<T>()) {
      detail::check_claim(query, query.site());
      return detail::collect_changed<T>(this->connection(query.site()), query.site(), [&] {
        return detail::open_claim(this->connection(), query, set...);
      });
    } else {
      return std::vector<detail::kept<T>>();
    }
  }

 protected:
  using returning_writes<Driver>::returning_writes;

 private:
  template <class T>
  void write_fields(T& row, const detail::field_set& fields, bool completes, call_site site) const {
    detail::update_fields(this->turn(), detail::row_type_of<T, Driver>,
                          &detail::bind_changed<T, typename Driver::statement>, &row, fields,
                          completes, site);
  }

  template <class T, auto... Members>
  static consteval bool explain_ignorable() {
    if constexpr (sizeof...(Members) == 0)
      return detail::explain_insertable<T>();
    else
      return detail::explain_upsert<T, Members...>();
  }

  template <class T, class Columns, bool Returning, class Query>
  detail::lease<Driver> open_insert(const Query& query, call_site site) const {
    return detail::open_insert_from(this->connection(site),
                                    detail::insert_parts_of<T, Columns, Returning, Driver>,
                                    query.plan(), query.slot(), site);
  }

  template <class T, class Columns, class Query>
  std::int64_t insert_rows(const Query& query, call_site site) const {
    const auto opened = open_insert<T, Columns, false>(query, site);
    opened.step();
    return this->connection().native().changes();
  }

  template <class T, class Columns, class Query, class R, class... E>
  std::vector<R> insert_and_return(const Query& query, const returning_clause<R, E...>& returned,
                                   call_site site) const {
    using clause = returning_clause<R, E...>;
    std::vector<R> rows;
    if constexpr (detail::explain_returning<T, clause>())
      detail::returning_runner<Driver>::insert_from(
          this->connection(site), detail::returning_insert_parts_of<T, Columns, clause, Driver>,
          query.plan(), query.slot(), &returned, detail::all_rows_of<R, Driver>,
          detail::row_demand::any, &rows, site);
    return rows;
  }

  template <class T, class Columns, class Query>
  std::vector<T> insert_and_read(const Query& query, call_site site) const {
    return detail::collect_changed<T>(this->connection(site), site,
                                      [&] { return open_insert<T, Columns, true>(query, site); });
  }
};

}  // namespace hewn
