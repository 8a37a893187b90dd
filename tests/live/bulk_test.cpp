// tests/live/bulk_test.cpp - many writes at once: the batch, its verbs, insert_many of any size.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::numbered;
using support::statement_log;

namespace {

enum class mood { calm, cross };

struct owner {
  std::int64_t id = 0;
  std::string name;
};

struct cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> owner_id;
  mood now = mood::calm;
  std::int32_t lives = 9;
  std::string label;  // computed by the database
  hewn::timestamp created_at{}, updated_at{};
  static consteval auto table() {
    return hewn::table("cats")
        .unique<&cat::name>()
        .references<&cat::owner_id, &owner::id>()
        .check("nine_lives", "lives <= 9")
        .length<&cat::name>(1, 100)
        .generated<&cat::label>("name || ':' || now")
        .created<&cat::created_at>()
        .updated<&cat::updated_at>();
  }
};

// Nothing of it is made by the database, nor checked before.
struct stone {
  std::string code;
  std::int64_t weight = 0;
  static consteval auto table() {
    return hewn::table("stones").primary_key<&stone::code>().check("not_light", "weight > 0");
  }
};

struct pebble {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("pebbles").unique<&pebble::name>(); }
};

struct leaf {
  boost::uuids::uuid id{};
  std::string color;
};

using counts = std::vector<std::int64_t>;

support::database open_all() {
  auto db = support::open_new();
  hewn::sync<owner, cat, stone, pebble, leaf>(db);
  return db;
}

}  // namespace

TEST_CASE("a batch does what its verbs say, and counts the rows of each") {
  const auto db = open_all();
  db.insert_many(std::vector<pebble>{{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}});
  db.insert_many(std::vector<stone>{{"s", 1}, {"u", 5}, {"v", 6}, {"w", 7}});
  std::size_t updated = 0;
  const counts changed = db.batch([&](auto& batch) {
    CHECK(batch.insert(pebble{.name = "e"}) == 0);
    CHECK(batch.update(pebble{.id = 1, .name = "A"}) == 1);
    batch.template update<pebble>(2, col<& pebble::name> = "B");
    updated = batch.update(from<stone>.where(col<&stone::weight> > 4),
                           col<& stone::weight> = col<&stone::weight> * 2);
    batch.remove(pebble{.id = 3});
    batch.template remove<pebble>(99);
    batch.remove(from<pebble>.where(col<&pebble::id> == 4));
    batch.upsert(stone{.code = "s", .weight = 2});
    batch.upsert(stone{.code = "t", .weight = 3});
    batch.execute(hewn::sql<"UPDATE stones SET weight = weight + ?">, 10);
    batch.execute(hewn::sql<"SELECT code FROM stones">);
    CHECK(batch.size() == 11);
  });
  CHECK(changed == counts{1, 1, 1, 3, 1, 0, 1, 1, 1, 5, 0});
  CHECK(changed[updated] == 3);
  std::string names;
  for (const pebble& p : db.all(from<pebble>.order_by(col<&pebble::id>))) names += p.name + " ";
  CHECK(names == "A B e ");
  CHECK(db.get<stone>("s").weight == 12);
  CHECK(db.get<stone>("t").weight == 13);
}

TEST_CASE("a row that is given by its address is completed when the batch returns") {
  const auto db = open_all();
  cat by_address{.name = "a"};
  cat by_value{.name = "b"};
  leaf l{.color = "red"};
  stone s{.code = "s", .weight = 1};
  pebble p{.name = "p"};
  db.batch([&](auto& batch) {
    batch.insert(&by_address);
    batch.insert(by_value);
    // What the library fills itself is there at once, so that other rows can refer to it.
    CHECK(by_value.created_at != hewn::timestamp{});
    batch.insert(l);
    CHECK_FALSE(l.id.is_nil());
    batch.insert(&p);
    batch.upsert(&s);
  });
  CHECK(by_address.id == 1);
  CHECK(by_address.label == "a:calm");
  CHECK(by_value.id == 0);
  CHECK(p.id == 1);
  CHECK(db.get<leaf>(l.id).color == "red");

  by_address.now = mood::cross;
  s.weight = 4;
  pebble again{.name = "p"};
  db.batch([&](auto& batch) {
    batch.update(&by_address);
    batch.upsert(&s);
    batch.template upsert<&pebble::name>(&again);
  });
  CHECK(by_address.label == "a:cross");
  CHECK(by_address.updated_at >= by_address.created_at);
  CHECK(db.get<stone>("s").weight == 4);
  CHECK(again.id == p.id);
}

namespace {

/// What two reports of one failure must agree in.
void check_same(const hewn::error& a, const hewn::error& b) {
  CHECK(a.code() == b.code());
  CHECK(a.table() == b.table());
  CHECK(a.column() == b.column());
  CHECK(a.constraint() == b.constraint());
  CHECK(a.retryable() == b.retryable());
}

/// Calls `with(verbs)` by a verb of every kind that fails, in a database from open_failing().
template <class With>
void for_each_failure(With with) {
  with("conflict", [](auto& to) { to.insert(cat{.name = "taken"}); });
  with("conflict of an update", [](auto& to) { to.update(pebble{.id = 2, .name = "one"}); });
  with("check", [](auto& to) { to.insert(stone{.code = "x", .weight = 0}); });
  with("check beside others", [](auto& to) { to.insert(cat{.name = "x", .lives = 10}); });
  with("foreign key", [](auto& to) { to.insert(cat{.name = "x", .owner_id = 99}); });
  with("referenced row", [](auto& to) { to.template remove<owner>(1); });
  with("update of no row", [](auto& to) { to.update(pebble{.id = 99, .name = "x"}); });
  with("update of no row by key",
       [](auto& to) { to.template update<pebble>(99, col<& pebble::name> = "x"); });
  with("remove of no row", [](auto& to) { to.remove(pebble{.id = 99}); });
  with("too long", [](auto& to) { to.insert(cat{.name = std::string(101, 'x')}); });
  with("no label", [](auto& to) { to.insert(cat{.name = "x", .now = static_cast<mood>(7)}); });
  with("upsert", [](auto& to) { to.upsert(stone{.code = "x", .weight = -1}); });
  with("no table", [](auto& to) { to.execute(hewn::sql<"DELETE FROM nowhere">); });
  with("syntax", [](auto& to) { to.execute(hewn::sql<"UPDAT stones">); });
  with("empty condition",
       [](auto& to) { to.remove(from<pebble>.where(hewn::condition<pebble>())); });
}

support::database open_failing() {
  auto db = open_all();
  db.insert(owner{.name = "o"});
  db.insert(cat{.name = "taken", .owner_id = 1});
  db.insert_many(std::vector<pebble>{{.name = "one"}, {.name = "two"}});
  return db;
}

}  // namespace

TEST_CASE("the first element that fails is reported as its verb reports it, and nothing is kept",
          "[T1]") {
  const auto db = open_failing();
  for_each_failure([&](const char* what, auto fails) {
    CAPTURE(what);
    const hewn::error alone = failure_of([&] { fails(db); });
    CHECK(alone.element() == -1);
    for (const int before : {0, 1, 7}) {
      CAPTURE(before);
      const hewn::error failure = failure_of([&] {
        db.batch([&](auto& batch) {
          for (int i = 0; i != before; ++i) batch.insert(pebble{.name = "new" + std::to_string(i)});
          fails(batch);
          // These would fail as well, but for another reason.
          batch.insert(pebble{.name = "new"});
          batch.insert(pebble{.name = "new"});
        });
      });
      check_same(failure, alone);
      CHECK(failure.element() == before);
      CHECK(support::says(failure, "(element " + std::to_string(before) + " of the batch)"));
      CHECK(db.count<pebble>() == 2);
      CHECK(db.count<cat>() == 1);
      CHECK(db.count<stone>() == 0);
    }
  });
  CHECK(db.batch([](auto& batch) { batch.insert(pebble{.name = "three"}); }) == counts{1});
}

TEST_CASE("a failure that only the server finds comes before one that is found without it",
          "[T1]") {
  const auto db = open_failing();
  const auto failure = failure_of([&] {
    db.batch([](auto& batch) {
      batch.insert(pebble{.name = "three"});
      batch.insert(pebble{.name = "one"});
      batch.insert(cat{.name = ""});
    });
  });
  CHECK(failure.is<&pebble::name>());
  CHECK(failure.element() == 1);
}

TEST_CASE("a batch that has failed fails, whoever catches what", "[T1]") {
  const auto db = open_failing();
  const auto failure = failure_of([&] {
    db.batch([](auto& batch) {
      for (int i = 0; i != 1000; ++i) {
        try {
          batch.insert(pebble{.name = i == 3 ? "one" : "new " + std::to_string(i)});
        } catch (const hewn::error&) {
        }
      }
    });
  });
  CHECK(failure.code() == errc::conflict);
  CHECK(failure.element() == 3);
  CHECK(db.count<pebble>() == 2);

  // From the first failure that was seen on, every verb gives the same answer.
  int thrown = 0;
  static_cast<void>(failure_of([&] {
    db.batch([&](auto& batch) {
      for (int i = 0; i != 3; ++i) {
        try {
          batch.insert(cat{.name = ""});
        } catch (const hewn::error& e) {
          thrown += e.element() == 0;
        }
      }
    });
  }));
  CHECK(thrown == 3);
}

TEST_CASE("an exception out of a batch undoes it", "[T1]") {
  const auto db = open_failing();
  CHECK_THROWS_AS(db.batch([](auto& batch) {
    batch.insert(pebble{.name = "three"});
    throw std::runtime_error("changed my mind");
  }),
                  std::runtime_error);
  CHECK(db.count<pebble>() == 2);
  // One of the library is the consequence of an element that has failed, if one has.
  const auto failure = failure_of([&] {
    db.batch([&](auto& batch) {
      batch.insert(pebble{.name = "one"});
      db.get<pebble>(99);
    });
  });
  CHECK(failure.code() == errc::conflict);
  CHECK(failure_of([&] {
          db.batch([&](auto& batch) {
            batch.insert(pebble{.name = "three"});
            db.get<pebble>(99);
          });
        }).code() == errc::not_found);
  CHECK(db.count<pebble>() == 2);
}

namespace {

struct parcel {
  boost::uuids::uuid id{};
  std::string label;
  static consteval auto table() {
    return hewn::table("parcels").unique<&parcel::label>().length<&parcel::label>(0, 20);
  }
};

/// Completed by what comes back.
struct crate {
  boost::uuids::uuid id{};
  std::string label;
  std::string shown;
  static consteval auto table() {
    return hewn::table("crates").unique<&crate::label>().generated<&crate::shown>(
        "'no. ' || label");
  }
};

/// Two parts of its key are made where they are nil.
struct pallet {
  boost::uuids::uuid hall{}, place{};
  std::string label;
  static consteval auto table() {
    return hewn::table("pallets")
        .primary_key<&pallet::hall, &pallet::place>()
        .unique<&pallet::label>();
  }
};

boost::uuids::uuid& key_of_row(parcel& p) { return p.id; }
boost::uuids::uuid& key_of_row(crate& c) { return c.id; }
boost::uuids::uuid& key_of_row(pallet& p) { return p.place; }

/// How many of the rows have a key.
template <class T>
std::ptrdiff_t keyed(std::vector<T>& rows) {
  return std::count_if(rows.begin(), rows.end(), [](T& r) { return !key_of_row(r).is_nil(); });
}

/// Rows of which the last, whose label is taken, and the first bring their keys with them.
template <class T>
std::vector<T> rows_with_taken_label(int count) {
  std::vector<T> rows(static_cast<std::size_t>(count));
  for (int i = 0; i != count; ++i)
    rows[static_cast<std::size_t>(i)].label = i + 1 == count ? "taken" : "row " + std::to_string(i);
  key_of_row(rows.front()).data[0] = 1;
  key_of_row(rows.back()).data[0] = 2;
  return rows;
}

template <class T>
void check_keys_taken_back(const support::database& db) {
  db.insert(T{.label = "taken"});
  T one{.label = "taken"};
  CHECK(failure_of([&] { db.insert(one); }).code() == errc::conflict);
  CHECK(key_of_row(one).is_nil());
  db.transaction([&](auto& tx) {
    CHECK(failure_of([&] { tx.transaction([&](auto& inner) { inner.insert(one); }); }).code() ==
          errc::conflict);
  });
  CHECK(key_of_row(one).is_nil());
  // As pairs, as arrays, by COPY.
  for (const int count : {2, 3, 5, 90, 150, 1200, 5000}) {
    CAPTURE(count);
    auto rows = rows_with_taken_label<T>(count);
    CHECK(failure_of([&] { db.insert_many(rows); }).code() == errc::conflict);
    CHECK(keyed(rows) == 2);
    CHECK(failure_of([&] { db.upsert_many(rows); }).code() == errc::conflict);
    CHECK(keyed(rows) == 2);
    CHECK(failure_of([&] {
            db.batch([&](auto& batch) {
              for (T& row : rows) batch.insert(&row);
            });
          }).code() == errc::conflict);
    CHECK(keyed(rows) == 2);
  }
  T last{.label = "also"};
  CHECK_THROWS_AS(db.batch([&](auto& batch) {
    batch.insert(&last);
    throw std::runtime_error("changed my mind");
  }),
                  std::runtime_error);
  CHECK(key_of_row(last).is_nil());
  CHECK(failure_of([&] {
          db.batch([&](auto& batch) {
            batch.insert(&last);
            db.get<pebble>(99);
          });
        }).code() == errc::not_found);
  CHECK(key_of_row(last).is_nil());
  CHECK(db.count<T>() == 1);
  // And what is stored has its key.
  auto rows = rows_with_taken_label<T>(5);
  rows.back().label = "free";
  db.insert_many(rows);
  db.batch([&](auto& batch) { batch.insert(&last); });
  CHECK(keyed(rows) == 5);
  CHECK_FALSE(key_of_row(last).is_nil());
  CHECK(db.count<T>() == 7);
}

}  // namespace

TEST_CASE("a row that is not stored gives the UUID back that was made for it", "[p:A6]") {
  const auto db = open_all();
  hewn::sync<parcel, crate, pallet>(db);
  SECTION("whose key is made") { check_keys_taken_back<parcel>(db); }
  SECTION("that is completed") { check_keys_taken_back<crate>(db); }
  SECTION("of a key of two parts") { check_keys_taken_back<pallet>(db); }
  SECTION("refused before it is sent") {
    parcel one{.label = std::string(21, 'x')};
    CHECK(failure_of([&] { db.insert(one); }).code() == errc::check);
    CHECK(one.id.is_nil());
    CHECK(failure_of([&] { db.batch([&](auto& batch) { batch.insert(one); }); }).code() ==
          errc::check);
    CHECK(one.id.is_nil());
    std::vector<parcel> rows(3);
    rows[1].label = one.label;
    CHECK(failure_of([&] { db.insert_many(rows); }).code() == errc::check);
    CHECK(keyed(rows) == 0);
  }
  SECTION("only the part that was made") {
    db.insert(pallet{.label = "taken"});
    pallet one{.label = "taken"};
    one.hall.data[0] = 7;
    const auto hall = one.hall;
    CHECK(failure_of([&] { db.insert(one); }).code() == errc::conflict);
    CHECK(one.hall == hall);
    CHECK(one.place.is_nil());
    std::vector<pallet> rows{{.hall = hall, .label = "a"}, {.place = hall, .label = "taken"}};
    CHECK(failure_of([&] { db.insert_many(rows); }).code() == errc::conflict);
    CHECK(rows[0].hall == hall);
    CHECK(rows[0].place.is_nil());
    CHECK(rows[1].hall.is_nil());
    CHECK(rows[1].place == hall);
  }
  SECTION("of an integer, where the action throws") {
    pebble one{.name = "one"};
    CHECK_THROWS_AS(db.batch([&](auto& batch) {
      batch.insert(&one);
      throw std::runtime_error("changed my mind");
    }),
                    std::runtime_error);
    CHECK(one.id == 0);
  }
}

namespace {

struct moody {
  std::string text;
};

struct diary {
  std::int64_t id = 0;
  moody entry;
};

}  // namespace

template <>
struct hewn::codec<moody> {
  static std::string encode(const moody& m) {
    if (m.text.empty()) throw std::logic_error("not in the mood");
    return m.text;
  }
  static moody decode(std::string_view text) { return {std::string(text)}; }
};

TEST_CASE("a batch with an element that could not be made is not committed", "[T1]") {
  const auto db = support::open_new();
  hewn::sync<diary>(db);
  const auto failure = failure_of([&] {
    db.batch([](auto& batch) {
      batch.insert(diary{.entry = {"a"}});
      CHECK_THROWS_AS(batch.insert(diary{}), std::logic_error);
      CHECK_THROWS_AS(batch.insert(diary{.entry = {"b"}}), hewn::error);
    });
  });
  CHECK(failure.code() == errc::usage);
  CHECK_THROWS_AS(db.batch([](auto& batch) { batch.insert(diary{}); }), std::logic_error);
  CHECK(db.count<diary>() == 0);
  CHECK(db.batch([](auto& batch) { batch.insert(diary{.entry = {"a"}}); }) == counts{1});
}

TEST_CASE("inside a transaction a batch is a savepoint", "[T1]") {
  const auto db = open_failing();
  db.transaction([&](auto& tx) {
    tx.insert(pebble{.name = "before"});
    CHECK(tx.batch([](auto& batch) { batch.insert(pebble{.name = "in"}); }) == counts{1});
    CHECK_FALSE(tx.try_batch([](auto& batch) {
      batch.insert(pebble{.name = "lost"});
      batch.insert(pebble{.name = "one"});
    }));
    tx.insert(pebble{.name = "after"});
  });
  CHECK(db.count<pebble>() == 5);
  CHECK_FALSE(db.exists(from<pebble>.where(col<&pebble::name> == "lost")));
}

TEST_CASE("the database can be used inside a batch, and sees what came before") {
  const auto db = open_failing();
  std::int64_t seen = 0, streamed = 0;
  const counts changed = db.batch([&](auto& batch) {
    batch.insert(pebble{.name = "three"});
    seen = db.count<pebble>();
    for (const pebble& p : db.each(from<pebble>.order_by(col<&pebble::id>))) {
      ++streamed;
      batch.template update<pebble>(p.id, col<& pebble::name> = p.name + "!");
    }
    CHECK(db.batch([](auto& inner) { inner.insert(pebble{.name = "inner"}); }) == counts{1});
    CHECK_FALSE(db.try_transaction([](auto& tx) { tx.insert(pebble{.name = "inner"}); }));
    batch.remove(from<pebble>.where(col<&pebble::id> > 0));
  });
  CHECK(seen == 3);
  CHECK(streamed == 3);
  CHECK(changed == counts{1, 1, 1, 1, 4});
  CHECK(db.count<pebble>() == 0);
}

TEST_CASE("a batch may be empty, and larger than any buffer") {
  const auto db = open_all();
  CHECK(db.batch([](auto&) {}).empty());
  constexpr int size = 1500;
  const std::string text(3000, 'x');
  std::vector<pebble> rows(size);
  const counts changed = db.batch([&](auto& batch) {
    for (int i = 0; i != size; ++i) {
      rows[static_cast<std::size_t>(i)].name = std::to_string(i) + text;
      batch.insert(&rows[static_cast<std::size_t>(i)]);
    }
  });
  CHECK(changed == counts(size, 1));
  for (int i = 0; i != size; ++i) REQUIRE(rows[static_cast<std::size_t>(i)].id == i + 1);
  CHECK(db.get<pebble>(size).name == std::to_string(size - 1) + text);
}

TEST_CASE("the observer is told of every element in its order") {
  auto db = open_failing();
  statement_log log;
  db.observe(log);
#ifdef HEWN_TEST_ANY  // whose statements serve both
  const std::string insert = numbered(R"(INSERT INTO "pebbles" ("name") VALUES (?))");
#else
  const std::string insert =
      support::either(R"(INSERT INTO "pebbles" ("id", "name") VALUES (?, ?))",
                      R"(INSERT INTO "pebbles" ("name") VALUES ($1))");
#endif
  const std::string remove = numbered(R"(DELETE FROM "pebbles" WHERE "id" = ?)");
  const auto line = __LINE__ + 2;
  db.batch([](auto& batch) {
    batch.insert(pebble{.name = "three"});
    batch.template remove<pebble>(1);
    batch.insert(pebble{.name = "four"});
  });
  CHECK(log.texts() ==
        std::vector<std::string>{numbered("BEGIN IMMEDIATE"), insert, remove, insert, "COMMIT"});
  CHECK(log.entries()[1].line == line);
  CHECK(log.entries()[1].file == __FILE__);
  CHECK_FALSE(log.entries()[1].failure);
  log.clear();
  static_cast<void>(failure_of([&] {
    db.batch([](auto& batch) {
      batch.insert(pebble{.name = "five"});
      batch.insert(pebble{.name = "two"});
      batch.template remove<pebble>(1);
    });
  }));
  CHECK(log.texts() ==
        std::vector<std::string>{numbered("BEGIN IMMEDIATE"), insert, insert, "ROLLBACK"});
  CHECK(log.entries()[2].failure == errc::conflict);
}

TEST_CASE("update_many, upsert_many and remove_many are the verb for each row, all or none",
          "[T1]") {
  const auto db = open_all();
  std::vector<cat> cats{{.name = "a"}, {.name = "b"}, {.name = "c"}};
  db.insert_many(cats);
  for (cat& c : cats) c.now = mood::cross;
  CHECK(db.update_many(cats) == 3);
  CHECK(cats[2].label == "c:cross");
  CHECK(db.get<cat>(3).label == "c:cross");
  CHECK(db.update_many(std::as_const(cats)) == 3);
  CHECK(db.update_many(std::vector<cat>{}) == 0);

  std::vector<pebble> pebbles{{.name = "p"}, {.name = "q"}};
  CHECK(db.upsert_many<&pebble::name>(pebbles) == 2);
  CHECK(pebbles[1].id == 2);
  const std::vector<pebble> again{{.name = "q"}, {.name = "r"}, {.name = "q"}};
  CHECK(db.upsert_many<&pebble::name>(again) == 3);
  CHECK(db.count<pebble>() == 3);
  CHECK(db.upsert_many(std::vector<stone>{{"s", 1}, {"s", 2}}) == 2);
  CHECK(db.get<stone>("s").weight == 2);

  // The second is not there.
  std::vector<pebble> changed{{.id = 1, .name = "P"}, {.id = 99, .name = "Q"}};
  const auto failure = failure_of([&] { db.update_many(changed); });
  CHECK(failure.code() == errc::not_found);
  CHECK(failure.table() == "pebbles");
  CHECK(failure.element() == 1);
  CHECK(db.get<pebble>(1).name == "p");
  CHECK(db.try_remove_many(changed).error().element() == 1);
  CHECK(db.count<pebble>() == 3);
  CHECK(db.try_upsert_many(std::vector<stone>{{"t", 1}, {"u", 0}}).error().element() == 1);
  CHECK(db.count<stone>() == 1);

  // The range may be a query on the same database.
  CHECK(db.remove_many(db.all<pebble>()) == 3);
  CHECK(db.count<pebble>() == 0);
}

// ---------------------------------------------------------------- insert_many

TEST_CASE("insert_many of any size stores the rows in their order") {
  const auto db = open_all();
  std::int64_t stored = 0;
  for (const std::size_t size : {0u, 1u, 2u, 100u, 1000u, 1001u, 5000u}) {
    CAPTURE(size);
    std::vector<pebble> rows(size);
    for (std::size_t i = 0; i != size; ++i)
      rows[i].name = std::to_string(size) + " " + std::to_string(i);
    const std::vector<pebble>& constant = rows;
    CHECK(db.insert_many(constant) == static_cast<std::int64_t>(size));
    const auto read =
        db.all(from<pebble>.where(col<&pebble::id> > stored).order_by(col<&pebble::id>));
    REQUIRE(read.size() == size);
    for (std::size_t i = 0; i != size; ++i) {
      CHECK(read[i].name == rows[i].name);
      rows[i].name += "again";
    }
    stored += static_cast<std::int64_t>(size);
    CHECK(db.insert_many(rows) == static_cast<std::int64_t>(size));
    for (std::size_t i = 0; i != size; ++i) CHECK(rows[i].id == ++stored);
  }
}

TEST_CASE("insert_many of any size keeps every value, NULL, keys and times included") {
  const auto db = open_all();
  db.insert(owner{.name = "o"});
  for (const std::size_t size : {1u, 3u, 300u, 2000u}) {
    CAPTURE(size);
    std::vector<cat> cats(size);
    for (std::size_t i = 0; i != size; ++i) {
      cats[i].name = std::to_string(size) + "\n\\\t\"" + std::to_string(i);
      if (i % 2 == 0) cats[i].owner_id = 1;
      if (i % 3 == 0) cats[i].now = mood::cross;
      // Some bring their keys.
      if (i % 5 == 4) cats[i].id = static_cast<std::int64_t>(100'000 * size + i);
    }
    const std::vector<cat>& constant = cats;
    db.insert_many(constant);
    for (const cat& c : cats) {
      const cat read = db.one(from<cat>.where(col<&cat::name> == c.name));
      CHECK(read.owner_id == c.owner_id);
      CHECK(read.now == c.now);
      CHECK(read.created_at != hewn::timestamp{});
      if (c.id != 0) CHECK(read.id == c.id);
    }
    for (cat& c : cats) c.name += "again", c.id = 0;
    db.insert_many(cats);
    for (const cat& c : cats) {
      CHECK(c.label == c.name + (c.now == mood::calm ? ":calm" : ":cross"));
      CHECK(c.created_at == c.updated_at);
    }
    std::vector<leaf> leaves(size);
    db.insert_many(leaves);
    CHECK_FALSE(leaves.back().id.is_nil());
  }
}

namespace {

// Its column takes no NULL, whatever the struct says.
struct draft {
  std::int64_t id = 0;
  std::optional<std::string> text;
  static consteval auto table() { return hewn::table("drafts"); }
};

}  // namespace

TEST_CASE("insert_many reports a failure alike whatever the size", "[T1]") {
  const auto db = open_failing();
  db.script("CREATE TABLE drafts (id " +
            support::either("integer PRIMARY KEY",
                            "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY") +
            ", text text NOT NULL)");
  const auto compare = [&](const auto& good, const auto& bad) {
    using row = std::remove_cvref_t<decltype(bad)>;
    const hewn::error alone = failure_of([&] { db.insert(row(bad)); });
    for (const std::size_t size : {1u, 2u, 100u, 1001u, 5000u}) {
      CAPTURE(size);
      std::vector<row> rows;
      for (std::size_t i = 1; i != size; ++i) rows.push_back(good(i));
      rows.push_back(bad);
      const std::vector<row>& constant = rows;
      check_same(failure_of([&] { db.insert_many(constant); }), alone);
      check_same(failure_of([&] { db.insert_many(rows); }), alone);
      CHECK(db.count<row>() == (std::is_same_v<row, pebble> ? 2 : std::is_same_v<row, cat>));
    }
  };
  const auto name = [](std::size_t i) { return "n" + std::to_string(i); };
  const auto good_cat = [&](std::size_t i) { return cat{.name = name(i)}; };
  compare([&](std::size_t i) { return pebble{.name = name(i)}; }, pebble{.name = "one"});
  compare([&](std::size_t i) { return stone{.code = name(i), .weight = 1}; },
          stone{.code = "x", .weight = 0});
  compare(good_cat, cat{.name = "taken"});
  compare(good_cat, cat{.name = "x", .owner_id = 99});
  compare(good_cat, cat{.name = "x", .lives = 10});
  compare(good_cat, cat{.name = ""});
  compare(good_cat, cat{.name = "x", .now = static_cast<mood>(7)});
  compare([&](std::size_t i) { return draft{.text = name(i)}; }, draft{});
}

#ifdef HEWN_TEST_POSTGRES

TEST_CASE("how much the rows are decides how PostgreSQL is given them") {
  auto db = open_all();
  statement_log log;
  db.observe(log);
  const auto way = [&](std::size_t size, std::size_t length = 8, bool computed = false) {
    std::vector<stone> stones(size);
    for (std::size_t i = 0; i != size; ++i) {
      stones[i] = {std::to_string(size) + " " + std::to_string(i) + " ", 1};
      stones[i].code.resize(length + 8, computed ? 'c' : 'x');
    }
    log.clear();
    if (computed)
      db.insert_many(std::deque<stone>(stones.begin(), stones.end()));
    else
      db.insert_many(stones);
    REQUIRE(log.entries().size() == 3);
    return log.entries()[1].sql;
  };
  CHECK(way(1) == R"(INSERT INTO "stones" ("code", "weight") VALUES ($1, $2))");
  const std::string arrays =
      R"(INSERT INTO "stones" ("code", "weight") SELECT * FROM unnest($1::text[], $2::bigint[]))";
  CHECK(way(2) == arrays);
  CHECK(way(100) == arrays);
  const std::string copy = R"(COPY "stones" ("code", "weight") FROM STDIN (FORMAT binary))";
  // With what COPY says of it, a stone of eight and eight letters is 38 bytes.
  CHECK(way(65'536 / 34) == arrays);
  CHECK(way(65'536 / 34 + 1) == copy);
  CHECK(way(5000) == copy);
  CHECK(way(2, 30'000) == arrays);
  CHECK(way(2, 40'000) == copy);
  CHECK(way(1, 80'000) == R"(INSERT INTO "stones" ("code", "weight") VALUES ($1, $2))");
  for (const std::size_t size : {1000u, 5000u})
    CHECK(way(size, 10, true) == (size < 2000 ? arrays : copy));
}

struct numbered_by_function {
  std::int64_t id = 0;
  std::string note;
  static consteval auto table() { return hewn::table("numbered"); }
};

TEST_CASE("rows whose keys a function counts are stored, few and many", "[p:A6]") {
  if (!support::on_postgres) return;
  // Within one statement a stable function sees the table as it was before.
  for (const char* kind : {"STABLE", "VOLATILE"}) {
    CAPTURE(kind);
    const auto db = support::open_new();
    db.script(std::string("CREATE FUNCTION next_number() RETURNS bigint LANGUAGE plpgsql ") + kind +
              " AS 'BEGIN RETURN (SELECT coalesce(max(id), 0) + 1 FROM numbered); END';"
              "CREATE TABLE numbered (id bigint PRIMARY KEY DEFAULT next_number(), "
              "note text NOT NULL)");
    std::int64_t count = 0;
    for (const std::size_t size : {1u, 2u, 3u, 5u, 150u, 4000u}) {
      CAPTURE(size);
      const std::vector<numbered_by_function> constant(size, {.note = "constant"});
      std::vector<numbered_by_function> completed(size, {.note = "completed"});
      CHECK(db.insert_many(constant) == static_cast<std::int64_t>(size));
      count += static_cast<std::int64_t>(size);
      CHECK(db.insert_many(completed) == static_cast<std::int64_t>(size));
      for (const auto& row : completed) {
        CHECK(row.id == ++count);
        CHECK(db.get<numbered_by_function>(row.id).note == "completed");
      }
      CHECK(db.count<numbered_by_function>() == count);
    }
    db.insert_many({numbered_by_function{.note = "a"}, numbered_by_function{.note = "b"}});
    CHECK(db.find<numbered_by_function>(count + 2)->note == "b");
  }
}

TEST_CASE("row-level security is the same for few rows and many", "[p:B4]") {
  const auto db = open_all();
  db.script(
      "ALTER TABLE stones ENABLE ROW LEVEL SECURITY; ALTER TABLE "
      "pebbles ENABLE ROW LEVEL SECURITY; CREATE POLICY light ON stones USING (true) WITH CHECK "
      "(weight < 100); CREATE POLICY short ON pebbles USING (true) WITH CHECK (name <> 'long')");
  const std::string role = support::postgres_server::fresh_name();
  const std::string schema = db.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  db.script("CREATE ROLE " + role + "; GRANT USAGE ON SCHEMA " + schema + " TO " + role +
            "; GRANT ALL ON ALL TABLES IN SCHEMA " + schema + " TO " + role + "; SET ROLE " + role);
  std::int64_t stored = 0;
  for (const std::size_t size : {1u, 3u, 4u, 100u, 1500u, 4000u}) {
    CAPTURE(size);
    std::vector<stone> stones(size);
    std::vector<pebble> pebbles(size);
    for (std::size_t i = 0; i != size; ++i) {
      stones[i] = {std::to_string(size) + " " + std::to_string(i), 1};
      pebbles[i].name = stones[i].code;
    }
    CHECK(db.insert_many(stones) == static_cast<std::int64_t>(size));
    // The role may use the identity, though not its sequence.
    CHECK(db.insert_many(pebbles) == static_cast<std::int64_t>(size));
    for (const pebble& p : pebbles) CHECK(db.get<pebble>(p.id).name == p.name);
    stored += static_cast<std::int64_t>(size);
    for (stone& s : stones) s.code += "!";
    stones.back().weight = 100;
    CHECK_FALSE(db.try_insert_many(stones));
    CHECK(db.count<stone>() == stored);
  }
  db.script("RESET ROLE; DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("columns without a known array are copied, however few") {
  const auto db = open_all();
  db.script(
      "CREATE TYPE kind AS ENUM ('calm', 'cross'); CREATE DOMAIN small AS int CHECK (VALUE < 9);"
      "CREATE TABLE odd (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "
      "kind kind NOT NULL, size small NOT NULL, narrow smallint NOT NULL)");
  struct odd {
    std::int64_t id = 0;
    std::string kind;
    std::int32_t size = 1;
    std::int64_t narrow = 2;  // wider than the column
  };
  std::vector<odd> odds{{.kind = "calm"}, {.kind = "cross"}};
  const std::vector<odd> constant = odds;
  CHECK(db.insert_many(constant) == 2);
  CHECK(db.insert_many(odds) == 2);
  CHECK(odds[1].id == 4);
  const std::vector<odd> single{{.kind = "calm", .size = 5}};
  CHECK(db.insert_many(single) == 1);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT sum(size + narrow) FROM odd">) == 19);
  odds[1].size = 9;
  CHECK(failure_of([&] { db.insert_many(std::as_const(odds)); }).code() == errc::check);
  CHECK(failure_of([&] { db.update_many(odds); }).code() == errc::check);
}

TEST_CASE("PostgreSQL is sent the elements of a batch without being waited for") {
  const auto db = open_failing();
  int returned = 0;
  const auto failure = failure_of([&] {
    db.batch([&](auto& batch) {
      for (int i = 0; i != 100; ++i, ++returned) batch.insert(pebble{.name = "one"});
    });
  });
  CHECK(failure.element() == 0);
  CHECK(returned == 100);
}

#else

TEST_CASE("SQLite takes the rows one by one, and tells their keys without RETURNING") {
  auto db = open_all();
  statement_log log;
  db.observe(log);
  std::vector<pebble> rows{{.name = "a"}, {.name = "b"}};
  db.insert_many(rows);
  CHECK(rows[1].id == 2);
  CHECK(log.texts() ==
        std::vector<std::string>{
            "BEGIN IMMEDIATE", R"(INSERT INTO "pebbles" ("id", "name") VALUES (?, ?))", "COMMIT"});
}

#endif
