// hewn/query/select/row_lock.hpp - a query that locks the rows that it reads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/select/result_fit.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

enum class row_lock : std::uint8_t { update, share };

/// What becomes of rows that another transaction has locked.
enum class locked_rows : std::uint8_t { wait, skip, refuse };

/// What stands behind a query on PostgreSQL. On SQLite the write lock of the transaction stands for
/// the locks of rows.
constexpr std::string_view lock_text(row_lock lock, locked_rows others) {
  constexpr std::string_view texts[] = {
      " FOR UPDATE", " FOR UPDATE SKIP LOCKED", " FOR UPDATE NOWAIT",
      " FOR SHARE",  " FOR SHARE SKIP LOCKED",  " FOR SHARE NOWAIT"};
  return texts[static_cast<std::size_t>(lock) * 3 + static_cast<std::size_t>(others)];
}

template <class Query>
HEWN_INLINE constexpr auto as_joined(const Query& query);

/// A query over several tables that locks its rows in the same way.
template <row_lock Lock, locked_rows Others, class Query>
HEWN_INLINE constexpr auto lock_joined(const Query& query) {
  if constexpr (Others == locked_rows::skip)
    return lock_joined<Lock, locked_rows::wait>(query).skip_locked();
  else if constexpr (Others == locked_rows::refuse)
    return lock_joined<Lock, locked_rows::wait>(query).no_wait();
  else if constexpr (Lock == row_lock::update)
    return query.for_update();
  else
    return query.for_share();
}

}  // namespace detail

/// A query whose rows stay locked until the transaction ends. For the verbs that read rows, in a
/// transaction that may write. On SQLite the first such query takes the write lock, which is one
/// for the whole database. Throws where it runs: usage outside a transaction and in a read-only
/// one.
template <class Query, detail::row_lock Lock,
          detail::locked_rows Others = detail::locked_rows::wait>
class locked_query {
 public:
  using record_type = typename Query::record_type;

  static constexpr bool is_dynamic = Query::is_dynamic;
  static constexpr bool is_limited = Query::is_limited;

  explicit constexpr locked_query(Query query) : query_(std::move(query)) {}

  /// Without the rows that another transaction has locked. On SQLite there is none while this one
  /// writes.
  constexpr auto skip_locked() const {
    return locked_query<Query, Lock, detail::locked_rows::skip>(query_);
  }

  /// Throws at once where another transaction has locked one of the rows: busy. On SQLite the wait
  /// for the write lock ends as for every transaction.
  constexpr auto no_wait() const {
    return locked_query<Query, Lock, detail::locked_rows::refuse>(query_);
  }

  /// As of a query over several tables.
  template <class R = detail::deduced_result, class... E>
  HEWN_INLINE constexpr auto select(const E&... e) const {
    return detail::lock_joined<Lock, Others>(detail::as_joined(query_)).template select<R>(e...);
  }

  // ---- for the library, as of table_query

  constexpr bool counts_valid() const { return query_.counts_valid(); }
  constexpr std::size_t expected_rows() const { return query_.expected_rows(); }

  void write_tail(detail::sql_writer& out) const {
    query_.write_tail(out);
    if (out.dialect == dialect::postgres) out.text(detail::lock_text(Lock, Others));
  }

  template <class Binder>
  void bind_tail(Binder& binder) const {
    query_.bind_tail(binder);
  }

 private:
  Query query_;
};

namespace detail {

template <class Q>
inline constexpr bool is_locked_query = false;
template <class Query, row_lock Lock, locked_rows Others>
inline constexpr bool is_locked_query<locked_query<Query, Lock, Others>> = true;

/// The same of a query over any tables.
template <class Q>
inline constexpr bool locks_rows = is_locked_query<Q>;

template <class Query>
consteval void refuse_locks() {
  static_assert(sizeof(Query) == 0,
                "hewn: for_update() and for_share() are for queries that read rows: all(), each(), "
                "first() and one(); leave them out here");
}

}  // namespace detail
}  // namespace hewn
