// bench/c_side.cpp - the work by hand, as one writes it against the C API.
// SPDX-License-Identifier: BSL-1.0
//
// Statements are prepared once and persistent, values are bound natively, text is not copied by
// SQLite, rows are read into their final place. There is no check of any value and no reading of
// metadata: those are the library's.

#include "bench/c_database.hpp"
#include "bench/nesting.hpp"
#include "bench/side.hpp"
#include "bench/temporary_folder.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

void bind_text(sqlite3_stmt* s, int i, const std::string& text) {
  sqlite3_bind_text(s, i, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

// All columns but the key, from parameter `i` on.
void bind_values(sqlite3_stmt* s, int i, const agent& a) {
  bind_text(s, i, a.name);
  if (a.description)
    bind_text(s, i + 1, *a.description);
  else
    sqlite3_bind_null(s, i + 1);
  sqlite3_bind_double(s, i + 2, a.temperature);
  sqlite3_bind_int(s, i + 3, a.enabled ? 1 : 0);
  sqlite3_bind_int64(s, i + 4, a.environment_id);
  sqlite3_bind_int64(s, i + 5, a.created_at);
}

void read_text(sqlite3_stmt* s, int i, std::string& out) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
  out.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
}

template <class Row>
void read_agent(sqlite3_stmt* s, Row& a) {
  a.id = sqlite3_column_int64(s, 0);
  read_text(s, 1, a.name);
  if (sqlite3_column_type(s, 2) == SQLITE_NULL) {
    a.description.reset();
  } else {
    if (!a.description) a.description.emplace();
    read_text(s, 2, *a.description);
  }
  a.temperature = sqlite3_column_double(s, 3);
  a.enabled = sqlite3_column_int(s, 4) != 0;
  a.environment_id = sqlite3_column_int64(s, 5);
  a.created_at = sqlite3_column_int64(s, 6);
}

void read_placed(sqlite3_stmt* s, placed_agent& a) {
  a.id = sqlite3_column_int64(s, 0);
  read_text(s, 1, a.name);
  read_text(s, 2, a.environment);
  if (sqlite3_column_type(s, 3) == SQLITE_NULL)
    a.description.reset();
  else
    read_text(s, 3, a.description.emplace());
  a.temperature = sqlite3_column_double(s, 4);
}

#define BENCH_JOIN                                                                            \
  "SELECT agents.id, agents.name, environments.name, agents.description, agents.temperature " \
  "FROM agents JOIN environments ON environments.id = agents.environment_id"

#define BENCH_AGENT_COLUMNS \
  "id, name, description, temperature, enabled, environment_id, created_at"

// Everything that the work needs, prepared on one connection.
struct statements {
  explicit statements(sqlite3* db)
      : insert_environment(prepare(db, "INSERT INTO environments (id, name) VALUES (?, ?)")),
        insert(prepare(
            db, "INSERT INTO agents (" BENCH_AGENT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?)")),
        get(prepare(db, "SELECT " BENCH_AGENT_COLUMNS " FROM agents WHERE id = ?")),
        all(prepare(db, "SELECT " BENCH_AGENT_COLUMNS " FROM agents")),
        update(prepare(db,
                       "UPDATE agents SET name = ?, description = ?, temperature = ?, "
                       "enabled = ?, environment_id = ?, created_at = ? WHERE id = ?")),
        filter(prepare(db, "SELECT " BENCH_AGENT_COLUMNS " FROM agents WHERE environment_id = ? "
                           "ORDER BY created_at DESC LIMIT ?")),
        join(prepare(db, BENCH_JOIN)),
        join_by_key(prepare(db, BENCH_JOIN " WHERE agents.id = ?")),
        environments(prepare(db, "SELECT id, name FROM environments")),
        ordered_environments(prepare(db, "SELECT id, name FROM environments ORDER BY id")),
        ordered_agents(
            prepare(db, "SELECT " BENCH_AGENT_COLUMNS " FROM agents ORDER BY environment_id")),
        some_environments(
            prepare(db, "SELECT id, name FROM environments WHERE id <= ? ORDER BY id")),
        agents_of(
            prepare(db, "SELECT " BENCH_AGENT_COLUMNS " FROM agents WHERE environment_id = ?")) {}

  c_statement insert_environment, insert, get, all, update, filter, join, join_by_key;
  c_statement environments, ordered_environments, ordered_agents;
  c_statement some_environments, agents_of;
};

class c_side final : public side {
 public:
  c_side(const sizes& s, mutex_use mutex) : sizes_(s), mutex_(mutex) {}

  void set_up(work w) override {
    kept_ = {};
    placed_ = {};
    if (needs_empty_tables(w)) return set_up_insert(w);
    if (loaded_ != w) load(w);
    if (w == work::update) next_version();
  }

  outcome run(work w, look how) override {
    if (how == look::glance) return run_with<glance>(w);
    const outcome o = run_with<digest>(w);
    return needs_empty_tables(w) || w == work::update ? stored_agents(db_.get()) : o;
  }

 private:
  // The flags and pragmas that hewn::sqlite::open sets by default.
  void open(const std::string& path) {
    prepared_.reset();
    db_.reset();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE;
    if (mutex_ == mutex_use::none) flags |= SQLITE_OPEN_NOMUTEX;
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    db_.reset(db);
    if (code != SQLITE_OK) give_up(db);
    sqlite3_busy_timeout(db, 5000);
    if (path != ":memory:") execute(db, "PRAGMA journal_mode = wal");
    execute(db, "PRAGMA foreign_keys = 1; PRAGMA synchronous = 2");
    execute(db, schema_text().c_str());
    prepared_.emplace(db);
  }

  void set_up_insert(work w) {
    loaded_.reset();
    open(w == work::commit ? fresh_database("c.db") : ":memory:");
    std::vector<agent> one = make_agents(1, 1);
    insert_all(one);
    execute(db_.get(), "DELETE FROM agents");
    rows_ = make_agents(w == work::commit ? sizes_.commits() : sizes_.rows, sizes_.environments());
  }

  void load(work w) {
    open(":memory:");
    execute(db_.get(), "BEGIN IMMEDIATE");
    sqlite3_stmt* s = prepared_->insert_environment.get();
    for (const environment& e : make_environments(sizes_)) {
      sqlite3_bind_null(s, 1);
      bind_text(s, 2, e.name);
      step_to_end(s);
    }
    execute(db_.get(), "COMMIT");
    rows_ = make_agents(sizes_.rows, sizes_.environments());
    insert_all(rows_);
    keys_ = keys_for(w, sizes_);
    loaded_ = w;
    version_ = 0;
  }

  void next_version() {
    rows_ = make_agents(sizes_.rows, sizes_.environments(), ++version_);
    for (std::size_t i = 0; i != rows_.size(); ++i) rows_[i].id = static_cast<std::int64_t>(i) + 1;
  }

  template <class Consumer>
  outcome run_with(work w) {
    Consumer consume;
    switch (w) {
      case work::bulk_insert:
      case work::insert:
        insert_all(rows_);
        break;
      case work::get:
        get_all(consume);
        break;
      case work::get_in_transaction:
        execute(db_.get(), "BEGIN");
        get_all(consume);
        execute(db_.get(), "COMMIT");
        break;
      case work::all:
        kept_ = all();
        consume.rows(kept_);
        break;
      case work::each:
        each(consume);
        break;
      case work::update:
        update_all();
        break;
      case work::filter:
        for (const std::int64_t environment_id : keys_) consume.rows(filter(environment_id));
        break;
      case work::join:
        placed_ = join();
        consume.rows(placed_);
        break;
      case work::join_by_key:
        for (const std::int64_t key : keys_) consume.row(join_by_key(key));
        break;
      case work::nest:
        consume.households(nest());
        break;
      case work::nest_ordered:
        consume.households(nest_ordered());
        break;
      case work::nest_some:
        consume.households(nest_some());
        break;
      case work::nest_first:
        consume.households(nest_first());
        break;
      case work::commit:
        for (agent& a : rows_) insert(a);
        break;
    }
    return consume.result();
  }

  void insert(agent& a) {
    sqlite3_stmt* s = prepared_->insert.get();
    if (a.id == 0)
      sqlite3_bind_null(s, 1);
    else
      sqlite3_bind_int64(s, 1, a.id);
    bind_values(s, 2, a);
    step_to_end(s);
    if (a.id == 0) a.id = sqlite3_last_insert_rowid(db_.get());
  }

  void insert_all(std::vector<agent>& rows) {
    execute(db_.get(), "BEGIN IMMEDIATE");
    for (agent& a : rows) insert(a);
    execute(db_.get(), "COMMIT");
  }

  void update_all() {
    sqlite3_stmt* s = prepared_->update.get();
    execute(db_.get(), "BEGIN IMMEDIATE");
    for (const agent& a : rows_) {
      bind_values(s, 1, a);
      sqlite3_bind_int64(s, 7, a.id);
      step_to_end(s);
    }
    execute(db_.get(), "COMMIT");
  }

  agent get(std::int64_t key) {
    sqlite3_stmt* s = prepared_->get.get();
    sqlite3_bind_int64(s, 1, key);
    if (sqlite3_step(s) != SQLITE_ROW) give_up(db_.get());
    agent a;
    read_agent(s, a);
    sqlite3_reset(s);
    return a;
  }

  template <class Consumer>
  void get_all(Consumer& consume) {
    for (const std::int64_t key : keys_) consume.row(get(key));
  }

  std::vector<agent> all() {
    std::vector<agent> rows;
    sqlite3_stmt* s = prepared_->all.get();
    while (sqlite3_step(s) == SQLITE_ROW) read_agent(s, rows.emplace_back());
    sqlite3_reset(s);
    return rows;
  }

  template <class Consumer>
  void each(Consumer& consume) {
    agent a;
    sqlite3_stmt* s = prepared_->all.get();
    while (sqlite3_step(s) == SQLITE_ROW) {
      read_agent(s, a);
      consume.row(a);
    }
    sqlite3_reset(s);
  }

  std::vector<agent> filter(std::int64_t environment_id) {
    std::vector<agent> rows;
    rows.reserve(50);
    sqlite3_stmt* s = prepared_->filter.get();
    sqlite3_bind_int64(s, 1, environment_id);
    sqlite3_bind_int64(s, 2, 50);
    while (sqlite3_step(s) == SQLITE_ROW) read_agent(s, rows.emplace_back());
    sqlite3_reset(s);
    return rows;
  }

  std::vector<placed_agent> join() {
    std::vector<placed_agent> rows;
    sqlite3_stmt* s = prepared_->join.get();
    while (sqlite3_step(s) == SQLITE_ROW) read_placed(s, rows.emplace_back());
    sqlite3_reset(s);
    return rows;
  }

  placed_agent join_by_key(std::int64_t key) {
    sqlite3_stmt* s = prepared_->join_by_key.get();
    sqlite3_bind_int64(s, 1, key);
    if (sqlite3_step(s) != SQLITE_ROW) give_up(db_.get());
    placed_agent a;
    read_placed(s, a);
    // That there is no second row is part of the question.
    if (sqlite3_step(s) != SQLITE_DONE) give_up(db_.get());
    sqlite3_reset(s);
    return a;
  }

  static void read_parents(sqlite3_stmt* s, std::vector<household>& all) {
    while (sqlite3_step(s) == SQLITE_ROW) {
      environment& e = all.emplace_back().parent;
      e.id = sqlite3_column_int64(s, 0);
      read_text(s, 1, e.name);
    }
    sqlite3_reset(s);
  }

  std::vector<household> nest() {
    std::vector<household> all;
    read_parents(prepared_->environments.get(), all);
    sqlite3_stmt* s = prepared_->all.get();
    while (sqlite3_step(s) == SQLITE_ROW)
      read_agent(s, household_of(all, sqlite3_column_int64(s, 5)).children.emplace_back());
    sqlite3_reset(s);
    return all;
  }

  std::vector<household> nest_ordered() {
    std::vector<household> all;
    read_parents(prepared_->ordered_environments.get(), all);
    sqlite3_stmt* s = prepared_->ordered_agents.get();
    auto at = all.begin();
    while (sqlite3_step(s) == SQLITE_ROW) {
      while (at->parent.id != sqlite3_column_int64(s, 5)) ++at;
      read_agent(s, at->children.emplace_back());
    }
    sqlite3_reset(s);
    return all;
  }

  std::vector<household> some_parents() {
    std::vector<household> all;
    sqlite3_bind_int64(prepared_->some_environments.get(), 1, sizes_.some_environments());
    read_parents(prepared_->some_environments.get(), all);
    return all;
  }

  std::vector<household> nest_some() {
    std::vector<household> all = some_parents();
    sqlite3_stmt* s = prepared_->agents_of.get();
    for (household& h : all) {
      sqlite3_bind_int64(s, 1, h.parent.id);
      while (sqlite3_step(s) == SQLITE_ROW) read_agent(s, h.children.emplace_back());
      sqlite3_reset(s);
    }
    return all;
  }

  std::vector<household> nest_first() {
    std::vector<household> all = some_parents();
    sqlite3_stmt* s = prepared_->filter.get();
    for (household& h : all) {
      sqlite3_bind_int64(s, 1, h.parent.id);
      sqlite3_bind_int64(s, 2, 3);
      while (sqlite3_step(s) == SQLITE_ROW) read_agent(s, h.children.emplace_back());
      sqlite3_reset(s);
    }
    return all;
  }

  sizes sizes_;
  mutex_use mutex_;
  c_database db_;
  std::optional<statements> prepared_;
  std::optional<work> loaded_;
  std::uint64_t version_ = 0;
  std::vector<agent> rows_;
  std::vector<agent> kept_;
  std::vector<placed_agent> placed_;
  std::vector<std::int64_t> keys_;
};

}  // namespace

std::unique_ptr<side> make_c_side(const sizes& s, mutex_use mutex) {
  return std::make_unique<c_side>(s, mutex);
}

outcome stored_agents(sqlite3* db) {
  digest sum;
  agent a;
  const c_statement s = prepare(db, "SELECT " BENCH_AGENT_COLUMNS " FROM agents ORDER BY id");
  while (sqlite3_step(s.get()) == SQLITE_ROW) {
    read_agent(s.get(), a);
    sum.row(a);
  }
  return sum.result();
}

}  // namespace bench
