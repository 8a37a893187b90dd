// hewn/db/connection/statement_cache.hpp - prepared statements between their uses.
// SPDX-License-Identifier: BSL-1.0
//
// Two ways in. A statement whose text is known at compile time owns a slot: a hit is an index and
// a null check. A statement whose text is known only at run time is found by its text among the
// most recently used. What is cached is idle: a statement in use has left the cache, so the same
// statement used again inside its own loop gets a second handle, and eviction cannot touch it.
// Never cached: scripts, text that is not a single statement, and what a driver has to be told of
// each time.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/list.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/schema/table_info.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

// Zero is "not yet numbered", so that the variable is constant-initialised and a statement used
// before main, or from a library loaded later, finds it ready.
inline std::atomic<unsigned> last_slot{0};

/// Gives `slot` the first of `count` numbers that nobody has yet.
HEWN_RARE HEWN_API unsigned assign_slot(std::atomic<unsigned>& slot, unsigned count = 1);

/// The number that `slot` has, or has from now on, being the first of `count`.
inline unsigned number_of(std::atomic<unsigned>& slot, unsigned count = 1) noexcept {
  const unsigned known = slot.load(std::memory_order_relaxed);
  return known != 0 ? known : assign_slot(slot, count);
}

/// The number of a statement shape, the same on every connection of the process.
template <class Text>
struct statement_slot {
  static inline constinit std::atomic<unsigned> number{0};

  static unsigned get() noexcept { return number_of(number); }
};

inline constexpr unsigned no_slot = 0;

template <class Driver>
class connection;

/// Whether something may remove, change or renumber a row that a statement inserts, and by what the
/// row is found again. `by_returning`: it may change it only before the row is stored.
enum class row_guard : std::uint8_t { none, by_key, by_rowid, by_returning };

template <class Driver>
struct prepared;

/// The look at a table that a statement had before its first write.
template <class Driver>
struct table_look {
  explicit table_look(const table_info& of) noexcept : table(of) {}
  table_look(const table_look&) = delete;
  table_look& operator=(const table_look&) = delete;
  virtual ~table_look() = default;

  /// Looks once more, while the values are bound. Throws: the table does not fit any more.
  virtual void again(prepared<Driver>& statement) const = 0;

  const table_info& table;
};

/// A prepared statement and what is known of it.
template <class Driver>
struct prepared {
  typename Driver::statement statement;
  connection<Driver>* owner = nullptr;  // nullptr: the connection was closed
  unsigned slot = no_slot;
  bool read_only = false;
  bool control = false;                // the library's own BEGIN, COMMIT and their like
  bool once = false;                   // it is not kept
  bool of_tenants = false;             // it is refused where nobody said for whom
  std::uint8_t tenant_kinds = 0;       // of the columns that it compares with the tenant
  int tenant = 0;                      // the parameter for that; 0: it has none
  const void* checked_as = nullptr;    // the row type that was compared with the result columns
  int reprepared = 0;                  // the statement's count when it was checked
  const void* returned_as = nullptr;   // of a write that is checked apart: what its RETURNING is
  int returned_when = 0;               // the same count for that
  bool uncounted = false;              // it inserts into a view, whose rows nobody counts
  bool no_new_key = false;             // a key that is left out would be NULL
  row_guard guard = row_guard::none;   // of rows that it inserts
  unsigned looked_at = 0;              // connection::definitions() when that was known; on
                                       // PostgreSQL see times_changed
  std::vector<std::uint16_t> columns;  // raw SQL: the result column of each field
  std::string sql;
  // Of the current use:
  hewn::detail::owner<const table_look<Driver>> look;  // nullptr: it has had none
  std::int64_t rows = 0;
  bool reported = false;    // the observer has been told of its failure
  bool over = false;        // the transaction in which its rows are read has ended
  std::uint64_t scope = 0;  // that transaction; no_scope: none, or any
  // The thread that uses it; nullptr where nobody looks. No member depends on NDEBUG, because what
  // is compiled once and the program need not agree on that.
  const void* thread = nullptr;
  call_site site;
  std::chrono::steady_clock::time_point started{};
};

/// Owns the idle statements of one connection.
template <class Driver>
class statement_cache {
 public:
  using entry = prepared<Driver>;

  explicit statement_cache(std::size_t text_capacity) : capacity_(text_capacity) {}
  statement_cache(const statement_cache&) = delete;
  statement_cache& operator=(const statement_cache&) = delete;
  ~statement_cache() { clear(); }

  /// The idle statement of this slot, which leaves the cache; nullptr when there is none.
  entry* take(unsigned slot) noexcept {
    return slot < slots_.size() ? std::exchange(slots_[slot], nullptr) : nullptr;
  }

  /// The idle statement with this text, which leaves the cache; nullptr when there is none. A
  /// program never gets those of the library that begin and end transactions.
  entry* take(std::string_view sql, bool control = false) noexcept {
    // The newest is last, and the newest is the likeliest. The capacity is small, so a scan that
    // compares lengths first is not worth a hash table and its header.
    for (std::size_t i = texts_.size(); i-- != 0;) {
      if (texts_[i]->sql != sql || texts_[i]->control != control) continue;
      entry* found = texts_[i];
      texts_.erase(i);
      return found;
    }
    return nullptr;
  }

  /// Makes room for the slot, so that giving a statement back never allocates.
  void reserve(unsigned slot) {
    while (slot >= slots_.size()) slots_.push_back(nullptr);
    texts_.reserve(capacity_ + 1);
  }

  /// Takes an idle statement in; false when it has no place, and the caller deletes it.
  bool put(entry* idle) noexcept {
    if (idle->slot != no_slot) {
      if (slots_[idle->slot] != nullptr) return false;
      slots_[idle->slot] = idle;
      return true;
    }
    if (capacity_ == 0 || texts_.capacity() == 0 || idle->once) return false;
    texts_.push_back(idle);
    if (texts_.size() > capacity_) evict_oldest();
    return true;
  }

  /// How many statements known by text are kept. Statements in use do not count.
  void set_capacity(std::size_t capacity) {
    texts_.reserve(capacity + 1);
    capacity_ = capacity;
    while (texts_.size() > capacity_) evict_oldest();
  }

  std::size_t capacity() const noexcept { return capacity_; }
  /// Idle statements known by text.
  std::size_t text_count() const noexcept { return texts_.size(); }
  /// All idle statements.
  std::size_t size() const noexcept {
    std::size_t count = texts_.size();
    for (const entry* e : slots_) count += e != nullptr;
    return count;
  }

  /// Deletes the idle statements of whose text `unwanted` is true.
  HEWN_COLD void drop(bool (*unwanted)(std::string_view sql)) {
    for (entry*& e : slots_)
      if (e != nullptr && unwanted(e->sql)) delete std::exchange(e, nullptr);
    for (std::size_t i = texts_.size(); i-- != 0;) {
      if (!unwanted(texts_[i]->sql)) continue;
      delete texts_[i];
      texts_.erase(i);
    }
  }

  /// Deletes every idle statement.
  void clear() noexcept {
    for (entry* e : texts_) delete e;
    texts_.clear();
    // Those in use come back to their places.
    for (entry*& e : slots_) delete std::exchange(e, nullptr);
  }

 private:
  void evict_oldest() noexcept {
    delete texts_[0];
    texts_.erase(0);
  }

  list<entry*> slots_;
  list<entry*> texts_;  // oldest first
  std::size_t capacity_;
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API unsigned assign_slot(std::atomic<unsigned>& slot, unsigned count) {
  const unsigned fresh = last_slot.fetch_add(count) + 1;
  unsigned unset = 0;
  // Two threads may arrive here; the first numbers stay, the second are never used.
  return slot.compare_exchange_strong(unset, fresh) ? fresh : unset;
}

}  // namespace hewn::detail

#endif
