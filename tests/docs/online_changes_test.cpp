// tests/docs/online_changes_test.cpp - the snippets of docs/guide/online-changes.md.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/online.hpp>
#include <hewn/postgres.hpp>

#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using list = std::vector<std::string>;

namespace before {

struct customer {
  std::int64_t id = 0;
  std::string name;
};

struct order {
  std::int64_t id = 0;
  std::int64_t customer_id = 0;
  std::int64_t cents = 0;
  static consteval auto table() { return hewn::table("orders"); }
};

}  // namespace before

using before::customer;

// [wanted]
struct order {
  std::int64_t id = 0;
  std::int64_t customer_id = 0;
  std::int64_t cents = 0;
  std::string currency;

  static consteval auto table() {
    return hewn::table("orders")
        .backfill<&order::currency>("EUR")
        .index<&order::currency>()
        .range<&order::cents>(0, 1'000'000'000)
        .references<&order::customer_id, &customer::id>();
  }
};
// [/wanted]

TEST_CASE("a table changes while others use it") {
  const std::string url = support::postgres_server::get().url();
  auto db = hewn::postgres::open(url);
  hewn::sync<customer, before::order>(db);
  db.script(
      "INSERT INTO customer (name) VALUES ('a'); INSERT INTO orders (customer_id, cents) SELECT 1, "
      "n FROM generate_series(1, 1000) AS g(n)");
  // [plan]
  const std::string what = hewn::report(hewn::plan_online<customer, order>(db));
  // [/plan]
  CHECK(what.find("phase 1: orders, the catalogue changes\n") == 0);
  list log;
  const auto print = [&log](const std::string& line) { log.push_back(line); };
  // [expand]
  // Deployment of release 2, before its first process starts; release 1 goes on.
  hewn::online_options options;
  options.actor = "deploy";
  options.until_breaking = true;
  options.batch = 50ms;
  options.progress = [&](const hewn::online_progress& p) {
    print(std::to_string(p.number) + " of " + std::to_string(p.total) + ", " + p.phase.words +
          ": " + std::to_string(static_cast<int>(p.share * 100)) + " %");
  };
  hewn::sync_online<customer, order>(db, options);
  // [/expand]
  CHECK(log.size() >= 6);
  db.script("INSERT INTO orders (customer_id, cents) VALUES (1, 7)");  // by release 1
  CHECK(hewn::online_status(db).size() > 4);
  CHECK(hewn::sync<customer, order>(db).empty());  // as release 2 starts
  // [contract]
  // Once the last process of release 1 has ended.
  hewn::continue_online(db);
  hewn::sync<customer, order>(db);
  // [/contract]
  CHECK(hewn::online_status(db).empty());
  CHECK(hewn::plan_sync<customer, order>(db).empty());
  CHECK(db.count(hewn::from<order>.where(hewn::col<&order::currency> == "EUR")) == 1001);
  CHECK(hewn::sync_online<customer, order>(db).finished);
}
