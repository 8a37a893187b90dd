// hewn/migrate/history/history_store.hpp - reading and writing the history tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/dialect/write/model_of.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sync/model/own_tables.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

template <class Driver, class Row>
bool has_table(const transactional<Driver>& db) {
  return typename Driver::migration_executor(db.connection()).has_table(table_of<Row>.name);
}

/// Brings `h` up to date. Only new events are read, for events never change. Either table may be
/// there without the other: the first steps of a first migration.
template <class Driver>
void refresh_history(const transactional<Driver>& db, migration_history& h) {
  constexpr auto id = col<&migration_event::id>;
  if (has_table<Driver, migration_event>(db))
    for (const migration_event& e :
         db.all(from<migration_event>.where(id > h.last_event).order_by(asc<&migration_event::id>),
                running_call()))
      add_event(h, e);
  h.steps.clear();
  if (has_table<Driver, migration_step>(db))
    h.steps = db.all(from<migration_step>.order_by(asc<&migration_step::step>), running_call());
}

/// The history as it is now; nothing is created by asking.
template <class Driver>
migration_history read_history(const transactional<Driver>& db) {
  migration_history h;
  refresh_history(db, h);
  return h;
}

template <class Driver, class Row>
void create_if_missing(const transactional<Driver>& db) {
  if (has_table<Driver, Row>(db)) return;
  const dialect d = db.connection().spoken();
  db.script(create_table(table_model(table_of<Row>, d), d), running_call());
}

/// Refuses to record anything while that would set off a trigger.
template <class Driver>
void check_own_tables(const transactional<Driver>& db) {
  typename Driver::migration_executor own(db.connection());
  if constexpr (requires { own.recording_trigger(); })
    if (const std::string found = own.recording_trigger(); !found.empty()) refuse_recording(found);
}

/// Order: in the transaction of what it records.
template <class Driver>
void append_event(const transactional<Driver>& tx, migration_event e) {
  check_own_tables<Driver>(tx);
  create_if_missing<Driver, migration_event>(tx);
  tx.insert(std::move(e), running_call());
}

template <class Driver>
timestamp time_of(const transactional<Driver>& db) {
  return db.connection().native().now();
}

/// The journal of one migration that runs in steps.
template <class Driver>
class step_journal {
 public:
  step_journal(const transactional<Driver>& db, std::int64_t version, migration_direction d)
      : db_(&db), version_(version), direction_(to_string(d)) {}

  void write(std::int64_t step, std::string checksum, bool done, std::int64_t watermark = 0,
             std::int64_t rows = 0) const {
    check_own_tables<Driver>(*db_);
    create_if_missing<Driver, migration_step>(*db_);
    db_->upsert(migration_step{.version = version_,
                               .direction = std::string(direction_),
                               .step = step,
                               .checksum = std::move(checksum),
                               .done = done,
                               .watermark = watermark,
                               .rows = rows,
                               .at = time_of(*db_)},
                running_call());
  }

  void erase(std::int64_t step) const {
    check_own_tables<Driver>(*db_);
    db_->remove(from<migration_step>.where(col<&migration_step::version> == version_ &&
                                           col<&migration_step::direction> == direction_ &&
                                           col<&migration_step::step> == step),
                running_call());
  }

  void clear() const {
    check_own_tables<Driver>(*db_);
    create_if_missing<Driver, migration_step>(*db_);
    db_->remove(from<migration_step>.where(col<&migration_step::version> == version_ &&
                                           col<&migration_step::direction> == direction_),
                running_call());
  }

 private:
  const transactional<Driver>* db_;
  std::int64_t version_;
  std::string_view direction_;
};

}  // namespace hewn::detail
