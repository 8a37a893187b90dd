// hewn/query/statements/derived_slot.hpp - the numbers of statements that are made of queries.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <atomic>

namespace hewn::detail {

/// The slot of one statement, by that of the query in it.
struct derived_slot {
  const std::atomic<unsigned>* query;
  derived_slot* next;
  std::atomic<unsigned> number{0};
};

/// The slots of one form of statement around any query. The type of a query does not tell its text,
/// only its slot does. A program has as many as it has queries, so they stay for ever.
struct derived_slots {
  std::atomic<derived_slot*> first{nullptr};

  std::atomic<unsigned>& of(const std::atomic<unsigned>& query) {
    for (derived_slot* s = first.load(std::memory_order_acquire); s != nullptr; s = s->next)
      if (s->query == &query) return s->number;
    return add(query);
  }

 private:
  HEWN_RARE HEWN_API std::atomic<unsigned>& add(const std::atomic<unsigned>& query);
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

// Of two threads that add one at once both succeed, and a connection knows the statement twice.
HEWN_API std::atomic<unsigned>& derived_slots::add(const std::atomic<unsigned>& query) {
  auto* const added = new derived_slot{&query, first.load(std::memory_order_relaxed)};
  while (!first.compare_exchange_weak(added->next, added, std::memory_order_release,
                                      std::memory_order_relaxed)) {
  }
  return added->number;
}

}  // namespace hewn::detail

#endif
