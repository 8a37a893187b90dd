// hewn/db/connection/commit_in_doubt.hpp - a COMMIT, or a write without one, of which nobody knows
// whether it was done.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <utility>

namespace hewn::detail {

/// The failure of a COMMIT as one that may have done its work.
HEWN_RARE HEWN_API error commit_in_doubt(const error& failure);

/// The same of a write outside a transaction, which is its own COMMIT.
HEWN_RARE HEWN_API void put_in_doubt(error_details& details);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API error commit_in_doubt(const error& failure) {
  error_details details = failure.details();
  details.code = errc::commit_in_doubt;
  details.message = concat(
      {"hewn: COMMIT failed and its outcome is unknown; open the database again and look whether "
       "the changes are there before repeating them (",
       details.message, ")"});
  details.retryable = false;
  return error(std::move(details));
}

HEWN_API void put_in_doubt(error_details& details) {
  details.code = errc::commit_in_doubt;
  details.message = concat(
      {"hewn: a write outside a transaction failed and its outcome is unknown; open the database "
       "again and look whether the changes are there before repeating it (",
       details.message, ")"});
  details.retryable = false;
}

}  // namespace hewn::detail

#endif
