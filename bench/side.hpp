// bench/side.hpp - what is measured, as both sides offer it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/consumer.hpp"
#include "bench/data.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;

namespace bench {

enum class work {
  bulk_insert,         // all agents by one call
  insert,              // one call per agent in a transaction
  get,                 // by random key
  get_in_transaction,  // the same on one snapshot
  all,                 // all agents into a vector
  each,                // all agents through one object
  update,              // one call per agent in a transaction
  filter,              // the newest fifty of an environment
  join,                // all agents with the names of their environments
  join_by_key,         // the same of one agent, by random key
  nest,                // environments with their agents, the quickest way known
  nest_ordered,        // the same by two ordered queries
  nest_some,           // the first twentieth of the environments, with their agents
  nest_first,          // the same, of each the three newest agents
  commit               // one transaction per insert, on a file
};

/// Whether a run is measured or compared.
enum class look { glance, digest };

/// One way to do the work. Legal order: set_up, then run, both with the same work. set_up is never
/// measured: what it leaves behind are loaded tables, and statements that have been prepared.
class side {
 public:
  virtual ~side() = default;
  virtual void set_up(work w) = 0;
  virtual outcome run(work w, look how) = 0;
};

enum class mutex_use { none, of_the_default };

std::unique_ptr<side> make_hewn_side(const sizes& s);
std::unique_ptr<side> make_c_side(const sizes& s, mutex_use mutex = mutex_use::none);

/// The statements that make the tables, as the library writes them: both sides have the same
/// tables.
std::string schema_text();

/// Reads the agents of a database with the C API, for both sides.
outcome stored_agents(sqlite3* db);

/// Which keys a work asks for.
inline std::vector<std::int64_t> keys_for(work w, const sizes& s) {
  if (w == work::filter) return make_keys(s.queries(), s.environments());
  return make_keys(w == work::join_by_key ? s.queries() : s.gets(), s.rows);
}

/// Reads are repeated on the tables of the last run, inserts need empty ones.
inline bool needs_empty_tables(work w) {
  return w == work::bulk_insert || w == work::insert || w == work::commit;
}

}  // namespace bench
