// bench/hewn_side.cpp - the work by one call of the library each.
// SPDX-License-Identifier: BSL-1.0

#include "bench/side.hpp"
#include "bench/temporary_folder.hpp"

#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

using hewn::col;

auto placed_agents() {
  return hewn::from<agent>.join<environment>(col<&environment::id> == col<&agent::environment_id>);
}

auto some_households(const sizes& s) {
  return hewn::shape<household>.where(col<&environment::id> <= s.some_environments()).order_by(col<&environment::id>);
}

class hewn_side final : public side {
 public:
  explicit hewn_side(const sizes& s) : sizes_(s) {}

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
    return needs_empty_tables(w) || w == work::update ? stored_agents(db_->native_handle()) : o;
  }

 private:
  void open(const std::string& path) {
    db_.reset();
    db_.emplace(hewn::sqlite::open(path));
    hewn::sync<environment, agent>(*db_);
  }

  void set_up_insert(work w) {
    loaded_.reset();
    open(w == work::commit ? fresh_database("hewn.db") : ":memory:");
    std::vector<agent> one = make_agents(1, 1);
    db_->insert_many(one);
    db_->remove_all<agent>();
    rows_ = make_agents(w == work::commit ? sizes_.commits() : sizes_.rows, sizes_.environments());
  }

  void load(work w) {
    open(":memory:");
    std::vector<environment> environments = make_environments(sizes_);
    db_->insert_many(environments);
    rows_ = make_agents(sizes_.rows, sizes_.environments());
    db_->insert_many(rows_);
    keys_ = keys_for(w, sizes_);
    loaded_ = w;
    version_ = 0;
    prepare(w);
  }

  // The library prepares a statement when it is first used.
  void prepare(work w) {
    if (w == work::update) return db_->update(rows_.front());
    std::vector<std::int64_t> keys{1};
    keys_.swap(keys);
    run(w, look::glance);
    keys_.swap(keys);
    kept_ = {};
    placed_ = {};
  }

  void next_version() {
    rows_ = make_agents(sizes_.rows, sizes_.environments(), ++version_);
    for (std::size_t i = 0; i != rows_.size(); ++i) rows_[i].id = static_cast<std::int64_t>(i) + 1;
  }

  template <class Consumer>
  outcome run_with(work w) {
    const auto& db = *db_;
    Consumer consume;
    switch (w) {
      case work::bulk_insert:
        db.insert_many(rows_);
        break;
      case work::insert:
        db.transaction([&](auto& tx) {
          for (agent& a : rows_) tx.insert(a);
        });
        break;
      case work::get:
        for (const std::int64_t key : keys_) consume.row(db.get<agent>(key));
        break;
      case work::get_in_transaction:
        db.read([&](auto& tx) {
          for (const std::int64_t key : keys_) consume.row(tx.template get<agent>(key));
        });
        break;
      case work::all:
        kept_ = db.all<agent>();
        consume.rows(kept_);
        break;
      case work::each:
        for (const agent& a : db.each<agent>()) consume.row(a);
        break;
      case work::update:
        db.transaction([&](auto& tx) {
          for (const agent& a : rows_) tx.update(a);
        });
        break;
      case work::filter:
        for (const std::int64_t environment_id : keys_)
          consume.rows(db.all(hewn::from<agent>
                                  .where(col<&agent::environment_id> == environment_id)
                                  .order_by(hewn::desc<&agent::created_at>)
                                  .limit(50)));
        break;
      case work::join:
        placed_ = join();
        consume.rows(placed_);
        break;
      case work::join_by_key:
        for (const std::int64_t key : keys_) consume.row(join_by_key(key));
        break;
      case work::nest:
      case work::nest_ordered:  // it chooses by itself
        consume.households(db.all(hewn::shape<household>));
        break;
      case work::nest_some:
        consume.households(db.all(some_households(sizes_)));
        break;
      case work::nest_first:
        consume.households(db.all(some_households(sizes_).with<&household::children>(
            hewn::from<tenant>.order_by(hewn::desc<&tenant::created_at>).limit(3))));
        break;
      case work::commit:
        for (agent& a : rows_) db.insert(a);
        break;
    }
    return consume.result();
  }

  std::vector<placed_agent> join() const {
    return db_->all(placed_agents().select<placed_agent>(
        col<&agent::id>, col<&agent::name>, col<&environment::name>, col<&agent::description>,
        col<&agent::temperature>));
  }

  placed_agent join_by_key(std::int64_t key) const {
    return db_->one(placed_agents()
                        .where(col<&agent::id> == key)
                        .select<placed_agent>(col<&agent::id>, col<&agent::name>,
                                              col<&environment::name>, col<&agent::description>,
                                              col<&agent::temperature>));
  }

  sizes sizes_;
  std::optional<hewn::sqlite::database> db_;
  std::optional<work> loaded_;
  std::uint64_t version_ = 0;
  std::vector<agent> rows_;
  std::vector<agent> kept_;
  std::vector<placed_agent> placed_;
  std::vector<std::int64_t> keys_;
};

}  // namespace

std::unique_ptr<side> make_hewn_side(const sizes& s) { return std::make_unique<hewn_side>(s); }

std::string schema_text() {
  const auto db = hewn::sqlite::open(":memory:");
  hewn::sync<environment, agent>(db);
  std::string all;
  for (const std::string& statement :
       db.all<std::string>(hewn::sql<"SELECT sql FROM sqlite_schema">))
    all += statement + ";\n";
  return all;
}

}  // namespace bench
