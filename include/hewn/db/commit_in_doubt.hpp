// hewn/db/commit_in_doubt.hpp - a COMMIT, or a write without one, of which nobody knows whether it
// was done.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <utility>

namespace hewn::detail {

/// The failure of a COMMIT as one that may have done its work.
HEWN_COLD inline error commit_in_doubt(const error& failure) {
  error_details details = failure.details();
  details.code = errc::commit_in_doubt;
  details.message =
      "hewn: COMMIT failed and its outcome is unknown; open the database again and look whether "
      "the changes are there before repeating them (" +
      details.message + ")";
  details.retryable = false;
  return error(std::move(details));
}

/// The same of a write outside a transaction, which is its own COMMIT.
HEWN_COLD inline void put_in_doubt(error_details& details) {
  details.code = errc::commit_in_doubt;
  details.message =
      "hewn: a write outside a transaction failed and its outcome is unknown; open the database "
      "again and look whether the changes are there before repeating it (" +
      details.message + ")";
  details.retryable = false;
}

}  // namespace hewn::detail
