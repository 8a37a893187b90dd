// tests/differential/papers.hpp - the JSON that generated queries look into.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rows.hpp"

#include <hewn/postgres.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <vector>

namespace differential {

/// `level` 0: JSON that fits its struct and whose values meet one another; above: any.
std::vector<paper> make_papers(std::uint64_t seed, int level);

/// Makes the table `document` and stores the texts in it as they are.
void add_documents(hewn::sqlite::database& db, const std::vector<paper>& papers);
void add_documents(hewn::postgres::database& db, const std::vector<paper>& papers);

}  // namespace differential
