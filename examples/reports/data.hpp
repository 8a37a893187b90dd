// examples/reports/data.hpp - half a year of made-up purchases and runs, the same in every run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace reports {

inline constexpr hewn::date first_day = std::chrono::sys_days(std::chrono::year(2025) / 9 / 1);

/// Numbers that look like chance. Source: constants of MMIX, Knuth.
class dice {
 public:
  /// From 0 to `sides` - 1.
  std::int64_t roll(std::int64_t sides) {
    state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<std::int64_t>(state_ >> 33U) % sides;
  }

 private:
  std::uint64_t state_ = 11;
};

inline hewn::timestamp moment(std::int64_t day, std::int64_t minute) {
  return hewn::timestamp(first_day + std::chrono::days(day)) + std::chrono::minutes(minute);
}

inline void add_people(const session& db, dice& chance) {
  db.insert_many(std::vector<team>{
      {1, "company", {}}, {2, "research", 1}, {3, "sales", 1}, {4, "models", 2}, {5, "data", 2}});
  const char* const names[] = {"ada", "bob", "cleo", "dan", "eve", "finn", "gus", "hal"};
  std::vector<account> accounts;
  for (std::int64_t id = 1; id <= 24; ++id) {
    std::string email = names[id % 8] + std::to_string(id / 8) + "@example.org";
    if (id == 22) email = " Bob0@Example.org";  // who is there already
    if (id == 23) email = "CLEO1@example.org";
    accounts.push_back({id, 2 + chance.roll(4), email,
                        first_day + std::chrono::days((id - 1) / 6 * 30 + chance.roll(28))});
  }
  db.insert_many(accounts);
}

inline void add_purchases(const session& db, dice& chance) {
  const char* const categories[] = {"files", "search", "speech", "vision"};
  std::vector<tool> tools;
  for (std::int64_t id = 1; id <= 13; ++id)
    tools.push_back({id, "tool " + std::to_string(id), categories[id % 4], 500 * (1 + id % 5)});
  db.insert_many(tools);

  std::vector<purchase> purchases;
  std::vector<purchase_line> lines;
  for (const account& buyer : db.all(hewn::from<account>.order_by(hewn::asc<&account::id>))) {
    const std::int64_t joined = (buyer.signed_up_on - first_day).count();
    // Every fifth only looks around.
    std::int64_t day = buyer.id % 5 == 0 ? 181 : joined;
    while ((day += chance.roll(50)) < 181) {
      const auto id = static_cast<std::int64_t>(purchases.size()) + 1;
      purchases.push_back({id, buyer.id, moment(day, 480 + chance.roll(600))});
      // Tool 13 is never bought, some often go together.
      const std::int64_t first = 1 + chance.roll(6);
      const std::int64_t count = 1 + chance.roll(3);
      for (std::int64_t n = 0; n != count; ++n) {
        const tool& bought = tools[static_cast<std::size_t>(first + n * n - 1)];
        lines.push_back({id, bought.id, bought.price_cents * (1 + chance.roll(3))});
      }
    }
  }
  db.insert_many(purchases);
  db.insert_many(lines);
}

inline void add_runs(const session& db, dice& chance) {
  std::vector<agent> agents;
  std::vector<state_change> changes;
  std::vector<run> runs;
  for (std::int64_t id = 1; id <= 8; ++id) {
    agents.push_back({id, 1 + id * 2, "agent " + std::to_string(id)});
    std::int64_t changed = chance.roll(20);
    for (std::int64_t n = 0; n != 1 + id % 3; ++n, changed += 1 + chance.roll(30))
      changes.push_back({static_cast<std::int64_t>(changes.size()) + 1, id,
                         static_cast<agent_state>(chance.roll(4)), moment(changed, 600)});
    if (id == 8) continue;  // has never run
    std::int64_t day = chance.roll(9);
    std::int64_t minute = 500;
    for (std::int64_t left = 20 + chance.roll(20); left != 0; --left) {
      runs.push_back({static_cast<std::int64_t>(runs.size()) + 1, id, chance.roll(6) == 0,
                      100 * (1 + chance.roll(40)), moment(day, minute)});
      minute += 5 + chance.roll(60);
      if (chance.roll(3) == 0) {
        day += 1 + chance.roll(4) / 2;
        minute = 480 + chance.roll(100);
      }
    }
  }
  db.insert_many(agents);
  db.insert_many(changes);
  db.insert_many(runs);
}

inline void make_data(const session& db) {
  db.transaction([](auto& tx) {
    dice chance;
    add_people(tx, chance);
    add_purchases(tx, chance);
    add_runs(tx, chance);
  });
}

}  // namespace reports
