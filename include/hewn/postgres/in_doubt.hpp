// hewn/postgres/in_doubt.hpp - what became of a transaction whose COMMIT was not answered.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/query/database.hpp>

#include <cstdint>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/failure/sqlstate.hpp>

#  include <optional>
#  include <string>
#endif

namespace hewn::postgres {

/// What a server knows of a transaction.
enum class outcome : unsigned char {
  committed,
  rolled_back,
  in_progress,
  forgotten  ///< so long ago that the server no longer knows
};

/// The number of a transaction, to be noted before it is committed where a lost connection must not
/// leave its outcome open. Costs a round trip. Throws: usage outside a transaction.
HEWN_RARE HEWN_API std::uint64_t transaction_id(const session<driver>& tx,
                                                call_site site = call_site::current());

/// What became of the transaction, asked on any connection to the same server, outside a
/// transaction. A lost connection may be noticed by the server later than by the client: ask again
/// while it is in progress. A server that crashed rolls back what it had not stored, and may give
/// its number to another transaction: after a crash look at the data as well.
HEWN_RARE HEWN_API outcome outcome_of(const session<driver>& db, std::uint64_t number,
                                      call_site site = call_site::current());

#if HEWN_DEFINES_POSTGRES

HEWN_API std::uint64_t transaction_id(const session<driver>& tx, call_site site) {
  const hewn::detail::call_scope at(site);
  if (!tx.connection(site).native().in_transaction())
    throw error(errc::usage, "hewn: transaction_id() outside a transaction; pass the transaction");
  return tx.one<std::uint64_t>({sql<"SELECT pg_current_xact_id()::text::bigint">, site});
}

HEWN_API outcome outcome_of(const session<driver>& db, std::uint64_t number, call_site site) {
  std::optional<std::string> status;
  try {
    status = db.one<std::optional<std::string>>({sql<"SELECT pg_xact_status(?::text::xid8)">, site},
                                                std::to_string(number));
  } catch (const error& failure) {
    // A number that the server has not given yet: it crashed, and has not stored that it had.
    if (sqlstate(failure) != "22023" || db.connection().native().in_transaction()) throw;
    return outcome::rolled_back;
  }
  if (!status) return outcome::forgotten;
  if (*status == "committed") return outcome::committed;
  return *status == "aborted" ? outcome::rolled_back : outcome::in_progress;
}

#endif

}  // namespace hewn::postgres
