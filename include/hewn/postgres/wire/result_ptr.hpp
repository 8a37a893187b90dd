// hewn/postgres/wire/result_ptr.hpp - one answer of the server, owned.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <libpq-fe.h>

#include <memory>

namespace hewn::postgres::detail {

struct clear_result {
  void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using result_ptr = std::unique_ptr<PGresult, clear_result>;

}  // namespace hewn::postgres::detail
