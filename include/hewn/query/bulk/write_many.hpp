// hewn/query/bulk/write_many.hpp - many writes as one batch, of a program or of a range of rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/query/bulk/batch.hpp>
#include <hewn/query/bulk/batch_queue.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/write_row.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hewn::detail {

/// Runs the elements that `action(batch)` makes, all or none. `changed` gets how many rows each of
/// them changed; nullptr: nobody asks. Returns how many elements there are.
template <class Driver, class Action>
std::size_t run_batch(connection<Driver>& c, Action& action, std::vector<std::int64_t>* changed,
                      call_site site) {
  batch_queue<Driver> queue(c, changed, site);
  basic_batch<Driver> verbs(queue);
  try {
    action(verbs);
  } catch (const error&) {
    queue.check();  // an element that failed before is the cause
    throw;
  }
  queue.finish();
  return queue.size();
}

struct row_updater {
  call_site site;

  template <class Driver, class Row>
  void operator()(basic_batch<Driver>& batch, Row& row) const {
    batch.update(in_place(row), site);
  }
};

template <auto... Members>
struct row_upserter {
  call_site site;

  template <class Driver, class Row>
  void operator()(basic_batch<Driver>& batch, Row& row) const {
    batch.template upsert<Members...>(in_place(row), site);
  }
};

struct row_remover {
  call_site site;

  template <class Driver, class Row>
  void operator()(basic_batch<Driver>& batch, Row& row) const {
    batch.remove(row, site);
  }
};

/// One batch with an element for each row, which `write(batch, row)` adds; the row is const where
/// it cannot be completed in place. Returns the number of rows.
template <class Driver, class Range, class Write>
std::int64_t write_many(connection<Driver>& c, Range& rows, Write write, call_site site) {
  if constexpr (explain_range<Range>()) {
    const auto all = [&](basic_batch<Driver>& batch) {
      for_each_row(rows, [&](auto& row) { write(batch, row); });
    };
    return static_cast<std::int64_t>(run_batch(c, all, nullptr, site));
  } else {
    return 0;
  }
}

}  // namespace hewn::detail
