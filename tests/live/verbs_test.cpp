// tests/live/verbs_test.cpp - every verb: what it does, what it returns, what it leaves alone.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using hewn::asc;
using hewn::col;
using hewn::desc;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

enum class status { idle, running, failed };

struct agent {
  std::int64_t id = 0;
  std::string name;
  status state = status::idle;
  std::optional<std::string> note;
  std::int32_t runs = 0;
  std::string label;  // computed by the database
  hewn::timestamp created_at{}, updated_at{};
  static consteval auto table() {
    return hewn::table("agents")
        .unique<&agent::name>()
        .generated<&agent::label>("name || ':' || state")
        .created<&agent::created_at>()
        .updated<&agent::updated_at>();
  }
};

struct plain {
  std::int64_t id = 0;
  std::string text;
};

struct place {
  std::int32_t row = 0;
  std::string column;
  std::string content;
  static consteval auto table() {
    return hewn::table("places").primary_key<&place::column, &place::row>();
  }
};

struct country {
  std::string code;
  std::string name;
  static consteval auto table() { return hewn::table("countries").primary_key<&country::code>(); }
};

struct session_of_user {
  boost::uuids::uuid id{};
  std::string user;
};

struct log_line {
  std::string text;
};

using support::database;

hewn::timestamp fake_time{};

database open_all() {
  auto db = support::open_new();
  hewn::sync<agent, plain, place, country, session_of_user, log_line>(db);
  fake_time = hewn::timestamp(std::chrono::hours(24 * 365 * 50));
  db.connection().native().set_clock([] { return fake_time; });
  return db;
}

database with_agents(int count) {
  auto db = open_all();
  for (int i = 1; i <= count; ++i)
    db.insert(agent{.name = "a" + std::to_string(i),
                    .state = static_cast<status>(i % 3),
                    .note = i % 2 ? std::optional("note " + std::to_string(i)) : std::nullopt,
                    .runs = i * 10});
  return db;
}

std::vector<std::int64_t> ids(const std::vector<agent>& agents) {
  std::vector<std::int64_t> out;
  for (const agent& a : agents) out.push_back(a.id);
  return out;
}

using id_list = std::vector<std::int64_t>;

}  // namespace

// ---------------------------------------------------------------- insert

TEST_CASE("insert completes an lvalue in place") {
  const auto db = open_all();
  agent a{.name = "x"};
  static_assert(std::is_same_v<decltype(db.insert(a)), agent&>);
  agent& same = db.insert(a);
  CHECK(&same == &a);
  CHECK(a.id == 1);
  CHECK(a.label == "x:idle");
  CHECK(a.created_at == fake_time);
  CHECK(a.updated_at == fake_time);
  plain p{.text = "t"};
  db.insert(p);
  CHECK(p.id == 1);
}

TEST_CASE("insert returns an rvalue and a const row as they were stored") {
  const auto db = open_all();
  static_assert(std::is_same_v<decltype(db.insert(agent{})), agent>);
  CHECK(db.insert(agent{.name = "x"}).label == "x:idle");
  const agent constant{.name = "y"};
  static_assert(std::is_same_v<decltype(db.insert(constant)), agent>);
  const agent stored = db.insert(constant);
  CHECK(stored.id == 2);
  CHECK(constant.id == 0);
}

TEST_CASE("insert keeps a key and a creation time that are given") {
  const auto db = open_all();
  const hewn::timestamp early = fake_time - 1h;
  const agent a = db.insert(agent{.id = 70, .name = "x", .created_at = early});
  CHECK(a.id == 70);
  CHECK(a.created_at == early);
  CHECK(db.insert(plain{.id = -5, .text = "negative"}).id == -5);
}

TEST_CASE("insert_many stores all rows and completes those it can") {
  const auto db = open_all();
  std::vector<agent> agents{{.name = "a"}, {.name = "b"}, {.name = "c"}};
  CHECK(db.insert_many(agents) == 3);
  CHECK(agents[2].id == 3);
  CHECK(agents[2].label == "c:idle");
  CHECK(agents[2].created_at == fake_time);
  const std::vector<agent> constant{{.name = "d"}, {.name = "e"}};
  CHECK(db.insert_many(constant) == 2);
  CHECK(db.insert_many(std::list<plain>{{.text = "p"}, {.text = "q"}}) == 2);
  plain array[] = {{.text = "r"}, {.text = "s"}};
  CHECK(db.insert_many(std::span(array)) == 2);
  CHECK(array[1].id == 4);
  CHECK(db.insert_many(std::vector<plain>{}) == 0);
  CHECK(db.count<agent>() == 5);
  CHECK(db.get<agent>(5).created_at == fake_time);
}

TEST_CASE("the verbs of many rows take rows in braces", "[p:C3]") {
  const auto db = support::open_new();
  hewn::sync<agent>(db);
  CHECK(db.insert_many({agent{.name = "a"}, agent{.name = "b"}}) == 2);
  CHECK(db.insert_many<agent>({{.name = "c"}, {.name = "d"}}) == 2);
  CHECK(db.try_insert_many({agent{.name = "a"}}).error().code() == errc::conflict);
  const agent a = db.get<agent>(1);
  agent b = db.get<agent>(2);
  b.runs = 7;
  CHECK(db.update_many({a, b}) == 2);
  CHECK(db.get<agent>(2).runs == 7);
  CHECK(db.upsert_many<&agent::name>({agent{.name = "b", .runs = 8}, agent{.name = "e"}}) == 2);
  CHECK(db.get<agent>(2).runs == 8);
  CHECK(db.remove_many({a, b}) == 2);
  CHECK(db.count<agent>() == 3);
}

TEST_CASE("insert_many stores nothing when a row fails", "[T1]") {
  const auto db = open_all();
  db.insert(agent{.name = "taken"});
  for (const std::size_t bad : {std::size_t{0}, std::size_t{1}, std::size_t{9}}) {
    CAPTURE(bad);
    std::vector<agent> agents(10);
    for (std::size_t i = 0; i != 10; ++i) agents[i].name = i == bad ? "taken" : std::to_string(i);
    CHECK(failure_of([&] { db.insert_many(agents); }).is<&agent::name>());
    CHECK(db.count<agent>() == 1);
    // Inside a transaction the rest of it survives.
    db.transaction([&](auto& tx) {
      tx.insert(plain{.text = "kept"});
      CHECK(failure_of([&] { tx.insert_many(agents); }).code() == errc::conflict);
      tx.insert(plain{.text = "kept too"});
    });
    CHECK(db.count<agent>() == 1);
  }
  CHECK(db.count<plain>() == 6);
}

// ---------------------------------------------------------------- read

TEST_CASE("get and find by key") {
  const auto db = with_agents(3);
  CHECK(db.get<agent>(2).name == "a2");
  CHECK(db.find<agent>(2)->label == "a2:failed");
  CHECK_FALSE(db.find<agent>(9).has_value());
  CHECK(failure_of([&] { db.get<agent>(9); }).table() == "agents");
}

TEST_CASE("get_many by keys") {
  const auto db = with_agents(5);
  const auto sorted = [&](const auto& keys) {
    auto found = ids(db.get_many<agent>(keys));
    std::sort(found.begin(), found.end());
    return found;
  };
  CHECK(sorted(std::vector<std::int64_t>{4, 2, 99, 2}) == id_list{2, 4});
  CHECK(sorted(std::vector<int>{}).empty());
  CHECK(sorted(std::vector<int>{5}) == id_list{5});
  std::vector<std::int64_t> thousand(1000);
  for (std::size_t i = 0; i != 1000; ++i) thousand[i] = static_cast<std::int64_t>(i);
  CHECK(sorted(thousand) == id_list{1, 2, 3, 4, 5});
  CHECK(db.get_many<agent>(std::vector{3})[0].label == "a3:idle");
  db.insert(country{.code = "de", .name = "Germany"});
  CHECK(db.get_many<country>(std::vector<std::string>{"de", "fr"}).size() == 1);
  CHECK(db.get_many<country>(std::vector{"de"})[0].name == "Germany");
  const auto s = db.insert(session_of_user{.user = "ann"});
  CHECK(db.get_many<session_of_user>(std::vector{s.id})[0].user == "ann");
  CHECK(db.try_get_many<agent>(std::vector{1})->size() == 1);
}

namespace {

enum class grade { low, high };

struct by_number_and_text {
  std::int64_t series = 0;
  std::string name;
  std::string note;
  static consteval auto table() {
    return hewn::table("by_number_and_text")
        .primary_key<&by_number_and_text::name, &by_number_and_text::series>();
  }
};

struct by_many {
  bool checked = false;
  grade quality = grade::low;
  grade native = grade::low;
  std::chrono::sys_days day{};
  hewn::timestamp taken{};
  boost::uuids::uuid id{};
  std::int16_t number = 0;
  static consteval auto table() {
    return hewn::table("by_many")
        .primary_key<&by_many::checked, &by_many::quality, &by_many::native, &by_many::day,
                     &by_many::taken, &by_many::id>()
        .native_enum<&by_many::native>();
  }
};

struct moment {
  std::int64_t id = 0;
  hewn::timestamp at{};
  std::chrono::sys_seconds second{};
  hewn::date day{};
  std::optional<hewn::timestamp> maybe;
};

struct by_bytes {
  hewn::bytes digest;
  std::string note;
  static consteval auto table() { return hewn::table("by_bytes").primary_key<&by_bytes::digest>(); }
};

struct by_bytes_and_weight {
  hewn::bytes digest;
  double weight = 0;
  std::string note;
  static consteval auto table() {
    return hewn::table("by_bytes_and_weight")
        .primary_key<&by_bytes_and_weight::digest, &by_bytes_and_weight::weight>();
  }
};

struct by_grade {
  grade quality = grade::low;
  std::string note;
  static consteval auto table() {
    return hewn::table("by_grade")
        .primary_key<&by_grade::quality>()
        .native_enum<&by_grade::quality>();
  }
};

hewn::bytes some_bytes(int first) {
  return {static_cast<std::byte>(first), std::byte{0}, std::byte{0xff}};
}

}  // namespace

TEST_CASE("a point in time that is finer than its column is rounded down when it is assigned",
          "[p:C3]") {
  const auto db = support::open_new();
  hewn::sync<moment>(db);
  db.insert(moment{.id = 1});
  using namespace std::chrono;
  const sys_time<nanoseconds> fine(1'700'000'000'123'456'789ns);
  const sys_time<nanoseconds> before_epoch(-1ns);
  const auto stored = [&](const auto& when) {
    db.update<moment>(1, col<& moment::at> = when, col<& moment::second> = when,
                      col<& moment::day> = when, col<& moment::maybe> = when);
    return db.get<moment>(1);
  };
  moment now = stored(fine);
  CHECK(now.at == hewn::timestamp(1'700'000'000'123'456us));
  CHECK(now.second == sys_seconds(1'700'000'000s));
  CHECK(now.day == floor<days>(fine));
  CHECK(now.maybe == now.at);
  now = stored(before_epoch);
  CHECK(now.at == hewn::timestamp(-1us));
  CHECK(now.second == sys_seconds(-1s));
  CHECK(now.day == sys_days(days(-1)));
  const auto earliest = floor<microseconds>(system_clock::now());
  CHECK(stored(system_clock::now()).at >= earliest);
  CHECK(db.update(from<moment>.where(col<&moment::id> == 1),
                  col<& moment::at> = system_clock::now()) == 1);
  CHECK(db.update_all<moment>(col<& moment::at> = system_clock::now()) == 1);
  CHECK(db.get<moment>(1).at >= earliest);
}

TEST_CASE("get_many takes keys of several columns", "[p:B7]") {
  const auto db = support::open_new();
  hewn::sync<by_number_and_text, by_many>(db);
  for (const char* name : {"a", "b", "\"quoted\", [c]", ""})
    for (const std::int64_t series : {std::int64_t{1}, std::int64_t{2}, std::int64_t{1} << 62})
      db.insert(by_number_and_text{.series = series, .name = name, .note = name});
  using key = hewn::key_of<by_number_and_text>;
  const auto found = [&](const auto& keys) {
    std::vector<key> out;
    for (const auto& row : db.get_many<by_number_and_text>(keys)) {
      CHECK(row.note == row.name);
      out.emplace_back(row.name, row.series);
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  const std::vector<key> some{{"", std::int64_t{1} << 62}, {"\"quoted\", [c]", 2}, {"a", 2}};
  CHECK(found(some) == some);
  // Pairs, not every value with every other; a key that no row has; one that is named twice.
  CHECK(found(std::vector<key>{{"a", 1}, {"b", 2}, {"a", 1}, {"a", 3}, {"none", 1}}) ==
        std::vector<key>{{"a", 1}, {"b", 2}});
  CHECK(found(std::vector<key>{}).empty());
  CHECK(found(std::vector<std::pair<std::string, int>>{{"b", 1}}) == std::vector<key>{{"b", 1}});
  std::vector<key> many;
  for (int i = 0; i != 20'000; ++i) many.emplace_back("b", i);
  CHECK(found(many) == std::vector<key>{{"b", 1}, {"b", 2}});
  CHECK(db.get_many<by_number_and_text>({{"a", 1}, {"b", 1}}).size() == 2);
  CHECK(db.try_get_many<by_number_and_text>({{"a", 1}})->size() == 1);
  CHECK(db.transaction(
            [&](auto& tx) { return tx.template get_many<by_number_and_text>(some).size(); }) == 3);
  if (!support::on_postgres) {  // which has no such text
    const std::string nul("a\0b", 3);
    db.insert(by_number_and_text{.series = 7, .name = nul, .note = nul});
    CHECK(found(std::vector<key>{{nul, 7}, {"a", 7}}) == std::vector<key>{{nul, 7}});
  }

  by_many one{.checked = true,
              .quality = grade::high,
              .native = grade::high,
              .day = std::chrono::sys_days(std::chrono::days(20'000)),
              .taken = hewn::timestamp(std::chrono::microseconds(1'700'000'000'123'456)),
              .number = 1};
  one.id.data[3] = 7;
  by_many other = one;
  other.checked = false;
  other.number = 2;
  db.insert(one);
  db.insert(other);
  const auto key_of_row = [](const by_many& r) {
    return hewn::key_of<by_many>(r.checked, r.quality, r.native, r.day, r.taken, r.id);
  };
  CHECK(db.get<by_many>(key_of_row(one)).number == 1);
  REQUIRE(db.get_many<by_many>({key_of_row(other)}).size() == 1);
  CHECK(db.get_many<by_many>({key_of_row(other)})[0].number == 2);
  CHECK(db.get_many<by_many>({key_of_row(one), key_of_row(other)}).size() == 2);
}

TEST_CASE("bytes in braces are one key", "[p:B7][p:C3]") {
  const auto db = support::open_new();
  hewn::sync<by_bytes>(db);
  const std::byte a{1};
  const std::byte b{2};
  db.insert(by_bytes{.digest = {a, b}, .note = "ab"});
  db.insert(by_bytes{.digest = {a}, .note = "a"});
  CHECK(db.get<by_bytes>({a, b}).note == "ab");
  db.update<by_bytes>({a, b}, col<& by_bytes::note> = "both");
  CHECK(db.get<by_bytes>({a, b}).note == "both");
  CHECK(db.get_many<by_bytes>({{a, b}}).size() == 1);
  CHECK(db.get_many<by_bytes>({{a, b}, {a}, {b}}).size() == 2);
  CHECK(db.remove<by_bytes>({a, b}));
  CHECK(db.find<by_bytes>({a}));
  CHECK_FALSE(db.find<by_bytes>({a, b}));
}

// A text from one literal to another would be read wherever it leads.
struct by_text {
  std::string id;
  int number = 0;
};
template <class Database>
concept takes_two_texts_as_key = requires(const Database& db) {
  db.template get<by_text>({"a", "b"});
}
|| requires(const Database& db) { db.template find<by_text>({"a", "b"}); }
|| requires(const Database& db) { db.template remove<by_text>({"a", "b"}); }
|| requires(const Database& db) { db.template get_many<by_text>({{"a", "b"}}); };
template <class Database>
concept takes_texts_as_keys = requires(const Database& db) {
  db.template get<by_text>({"a"});
  db.template get_many<by_text>({"a", "b"});
};
static_assert(!takes_two_texts_as_key<support::database>);
static_assert(takes_texts_as_keys<support::database>);

TEST_CASE("get_many takes keys that JSON cannot hold", "[p:B7]") {
  const auto db = support::open_new();
  hewn::sync<by_bytes, by_bytes_and_weight, by_grade>(db);
  for (int i = 0; i != 5; ++i) {
    db.insert(by_bytes{.digest = some_bytes(i), .note = std::to_string(i)});
    db.insert(by_bytes_and_weight{.digest = some_bytes(i), .weight = 0.1 * i});
  }
  db.insert(by_grade{.quality = grade::high, .note = "high"});
  const auto found = db.get_many<by_bytes>(
      std::vector{some_bytes(3), some_bytes(99), some_bytes(3), some_bytes(4)});
  REQUIRE(found.size() == 2);
  CHECK(found[0].note.size() + found[1].note.size() == 2);
  CHECK(db.get_many<by_bytes>(std::vector<hewn::bytes>{}).empty());
  CHECK(db.get_many<by_bytes_and_weight>({{some_bytes(3), 0.1 * 3}, {some_bytes(2), 0.1}}).size() ==
        1);
  CHECK(db.get_many<by_bytes_and_weight>({}).empty());
  CHECK(db.get_many<by_grade>(std::vector{grade::high, grade::low})[0].note == "high");
  if (support::on_postgres) return;
  std::vector<hewn::bytes> too_many(40'000, some_bytes(1));
  const auto failure = failure_of([&] { db.get_many<by_bytes>(too_many); });
  CHECK(failure.code() == errc::usage);
  too_many.resize(32'766);
  CHECK(db.get_many<by_bytes>(too_many).size() == 1);
}

TEST_CASE("a bulk insert of many rows is the same as one by one") {
  const auto db = open_all();
  std::vector<agent> agents(2500);
  for (std::size_t i = 0; i != agents.size(); ++i) {
    agents[i].name = "name " + std::to_string(i);
    if (i % 3 == 0) agents[i].note = std::string(i, 'n');
    agents[i].runs = static_cast<std::int32_t>(i) - 1000;
    if (i % 700 == 0) agents[i].id = static_cast<std::int64_t>(i + 10'000);  // a key is given
  }
  CHECK(db.insert_many(agents) == 2500);
  for (const std::size_t i : {0u, 1u, 699u, 700u, 701u, 1999u, 2499u}) {
    CAPTURE(i);
    CHECK(agents[i].label == agents[i].name + ":idle");
    const auto stored = db.get<agent>(agents[i].id);
    CHECK(stored.name == agents[i].name);
    CHECK(stored.note == agents[i].note);
    CHECK(stored.runs == agents[i].runs);
    CHECK(stored.created_at == fake_time);
  }
  CHECK(agents[1400].id == 11'400);
  CHECK(agents[2].id == agents[1].id + 1);

  std::vector<agent> others(2500);
  for (std::size_t i = 0; i != others.size(); ++i) others[i].name = "other " + std::to_string(i);
  const std::vector<agent>& constant = others;
  CHECK(db.insert_many(constant) == 2500);
  CHECK(db.count(from<agent>.where(col<&agent::label>.like("other %:idle"))) == 2500);
  CHECK(others[0].id == 0);
  // The rows of a query, written while it is read.
  struct copies {
    std::vector<plain> rows;
    auto begin() const { return rows.begin(); }
    auto end() const { return rows.end(); }
  };
  CHECK(db.insert_many(copies{{{.text = "a"}, {.id = 9, .text = "b"}, {.text = "c"}}}) == 3);
  CHECK(db.get<plain>(9).text == "b");
  const auto bad = [&](auto change) {
    std::vector<agent> rows(50);
    for (std::size_t i = 0; i != rows.size(); ++i) rows[i].name = "bad " + std::to_string(i);
    change(rows[33]);
    const auto copied = failure_of([&] { db.insert_many(std::as_const(rows)); });
    const auto returned = failure_of([&] { db.insert_many(rows); });
    CHECK(copied.code() == returned.code());
    CHECK(copied.column() == returned.column());
    CHECK(db.count(from<agent>.where(col<&agent::name>.like("bad %"))) == 0);
    return copied;
  };
  CHECK(bad([](agent& a) { a.name = "name 1"; }).is<&agent::name>());
  CHECK(bad([](agent& a) { a.state = static_cast<status>(9); }).is<&agent::state>());
  CHECK(bad([](agent& a) { a.id = 11'400; }).code() == errc::conflict);
}

TEST_CASE("composite, text and UUID keys") {
  const auto db = open_all();
  db.insert(place{.row = 1, .column = "A", .content = "x"});
  db.insert(place{.row = 2, .column = "A", .content = "y"});
  CHECK(db.get<place>({"A", 2}).content == "y");
  CHECK_FALSE(db.find<place>({"B", 2}));
  db.update(place{.row = 2, .column = "A", .content = "z"});
  db.update<place>(std::tuple("A", 1), col<& place::content> = "w");
  CHECK(db.get<place>({"A", 2}).content == "z");
  CHECK(db.get<place>({"A", 1}).content == "w");
  db.update<place>({"A", 1}, hewn::col<& place::content> = "in braces");
  CHECK(db.get<place>({"A", 1}).content == "in braces");
  CHECK(db.remove<place>({"A", 1}));
  db.remove(place{.row = 2, .column = "A"});
  CHECK(db.count<place>() == 0);
  CHECK(db.upsert(place{.row = 3, .column = "C", .content = "new"}).content == "new");
  CHECK(db.upsert(place{.row = 3, .column = "C", .content = "newer"}).content == "newer");
  CHECK(db.count<place>() == 1);

  db.insert(country{.code = "de", .name = "Germany"});
  CHECK(db.get<country>("de").name == "Germany");
  db.update<country>("de", col<& country::name> = "Deutschland");
  const std::string code = "de";
  db.update<country>(code, col<& country::name> = "Allemagne");
  CHECK(db.find<country>(code)->name == "Allemagne");
  CHECK(db.remove<country>("de"));
  CHECK_FALSE(db.remove<country>("de"));

  session_of_user s{.user = "ann"};
  db.insert(s);
  CHECK(s.id != boost::uuids::uuid{});
  CHECK(db.get<session_of_user>(s.id).user == "ann");
  const auto later = db.insert(session_of_user{.user = "bob"});
  CHECK(s.id < later.id);  // version 7 is ordered by time
  db.update<session_of_user>(s.id, col<& session_of_user::user> = "cid");
  CHECK(db.one(from<session_of_user>.where(col<&session_of_user::id> == s.id)).user == "cid");
  CHECK(db.count(from<session_of_user>.where(col<&session_of_user::id>.in({s.id, later.id}))) == 2);
  CHECK(db.remove<session_of_user>(s.id));
}

TEST_CASE("a table without a key can be written, read and emptied") {
  const auto db = open_all();
  db.insert(log_line{.text = "a"});
  db.insert_many(std::vector<log_line>{{.text = "b"}, {.text = "c"}});
  CHECK(db.all<log_line>().size() == 3);
  CHECK(db.remove(from<log_line>.where(col<&log_line::text> == "b")) == 1);
  CHECK(db.remove_all<log_line>() == 2);
}

TEST_CASE("first, one, count, exists and all") {
  const auto db = with_agents(7);
  const auto running = from<agent>.where(col<&agent::state> == status::running);
  CHECK(ids(db.all(running.order_by(desc<&agent::id>))) == id_list{7, 4, 1});
  CHECK(db.first(running.order_by(asc<&agent::id>))->id == 1);
  CHECK_FALSE(db.first(from<agent>.where(col<&agent::runs> > 1000)));
  CHECK(db.one(from<agent>.where(col<&agent::name> == "a5")).id == 5);
  CHECK(failure_of([&] { db.one(running); }).code() == errc::usage);
  CHECK(db.count(running) == 3);
  CHECK(db.count<agent>() == 7);
  CHECK(db.exists(running));
  CHECK_FALSE(db.exists(from<agent>.where(col<&agent::name> == "nobody")));
  CHECK(db.all<agent>().size() == 7);
  CHECK(ids(db.all(from<agent>.order_by(asc<&agent::state>, desc<&agent::id>))) ==
        id_list{5, 2, 6, 3, 7, 4, 1});  // states are stored by name
  CHECK(ids(db.all(from<agent>.order_by(col<&agent::id>).limit(2).offset(3))) == id_list{4, 5});
  CHECK(ids(db.all(from<agent>.order_by(col<&agent::id>).offset(5))) == id_list{6, 7});
}

TEST_CASE("each gives one row at a time") {
  const auto db = with_agents(5);
  std::int64_t sum = 0;
  for (const agent& a : db.each<agent>()) sum += a.id;
  CHECK(sum == 15);
  for (const agent& a :
       db.each(from<agent>.where(col<&agent::runs> >= 30).order_by(col<&agent::id>))) {
    CHECK(a.id == 3);
    break;
  }
  CHECK_THROWS_AS(
      [&] {
        for ([[maybe_unused]] const agent& a : db.each<agent>()) throw std::runtime_error("stop");
      }(),
      std::runtime_error);
  for ([[maybe_unused]] const agent& a : db.each(from<agent>.where(col<&agent::id> < 0)))
    FAIL("there is no such row");
  // Values of the query may die before the loop begins.
  auto rows = [&] {
    const std::string name = "a3 and more than fits without an allocation";
    db.update<agent>(3, col<& agent::name> = name);
    return db.each(from<agent>.where(col<&agent::name> == name));
  }();
  int found = 0;
  for (const agent& a : rows) found += a.id == 3;
  CHECK(found == 1);
}

TEST_CASE("an optional of an earlier row does not leak into the next") {
  const auto db = with_agents(4);
  for (const agent& a : db.each(from<agent>.order_by(col<&agent::id>)))
    CHECK(a.note.has_value() == (a.id % 2 == 1));
}

// ---------------------------------------------------------------- conditions

TEST_CASE("comparisons, LIKE, BETWEEN, NULL and optional values") {
  const auto db = with_agents(6);
  const auto which = [&](const auto& condition) {
    return ids(db.all(from<agent>.where(condition).order_by(col<&agent::id>)));
  };
  CHECK(which(col<&agent::runs> == 30) == id_list{3});
  CHECK(which(col<&agent::runs> != 30) == id_list{1, 2, 4, 5, 6});
  CHECK(which(col<&agent::runs> <= 20) == id_list{1, 2});
  CHECK(which(col<&agent::runs>.between(20, 40)) == id_list{2, 3, 4});
  CHECK(which(col<&agent::name>.like("a_")) == id_list{1, 2, 3, 4, 5, 6});
  CHECK(which(col<&agent::name>.not_like("%1")) == id_list{2, 3, 4, 5, 6});
  CHECK(which(col<&agent::note>.is_null()) == id_list{2, 4, 6});
  CHECK(which(col<&agent::note> == std::nullopt) == id_list{2, 4, 6});
  CHECK(which(col<&agent::note> != std::nullopt) == id_list{1, 3, 5});
  CHECK(which(col<&agent::note>.is_not_null()) == id_list{1, 3, 5});
  std::optional<std::string> note;
  CHECK(which(col<&agent::note> == note) == id_list{2, 4, 6});
  CHECK(which(col<&agent::note> != note) == id_list{1, 3, 5});
  note = "note 3";
  CHECK(which(col<&agent::note> == note) == id_list{3});
  CHECK(which(col<&agent::note> != note) == id_list{1, 2, 4, 5, 6});
  CHECK(which(!(col<&agent::runs> > 10 && col<&agent::runs> < 60)) == id_list{1, 6});
  CHECK(which(col<&agent::id> == 1 || (col<&agent::id> == 2 && col<&agent::runs> == 0)) ==
        id_list{1});
  CHECK(which(col<&agent::runs> == col<&agent::id> * 10) == id_list{1, 2, 3, 4, 5, 6});
  CHECK(which(col<&agent::state> == status::failed) == id_list{2, 5});
  CHECK(which(col<&agent::created_at> == fake_time).size() == 6);
}

TEST_CASE("IN lists of none, one and a thousand values") {
  const auto db = with_agents(6);
  const auto which = [&](const auto& condition) {
    return ids(db.all(from<agent>.where(condition).order_by(col<&agent::id>)));
  };
  CHECK(which(col<&agent::id>.in({})).empty());
  CHECK(which(col<&agent::id>.not_in({})).size() == 6);
  CHECK(which(col<&agent::id>.in({4})) == id_list{4});
  std::vector<std::int64_t> thousand(1000);
  for (std::size_t i = 0; i != 1000; ++i) thousand[i] = static_cast<std::int64_t>(i) + 5;
  thousand[0] = INT64_MAX;
  CHECK(which(col<&agent::id>.in(thousand)) == id_list{6});
  CHECK(which(col<&agent::id>.not_in(thousand)) == id_list{1, 2, 3, 4, 5});
  CHECK(which(col<&agent::state>.in({status::running, status::failed})) == id_list{1, 2, 4, 5});
  CHECK(which(col<&agent::created_at>.in({fake_time})).size() == 6);

  const std::string awkward[] = {
      "it's", "say \"hi\"", "back\\slash", "tab\tnewline\n", "\xc3\xa9\xe8\xa1\xa8\xf0\x9f\x98\x80",
      "",     "[1,2]",      "\x01\x1f",    "null",           "a/b"};
  for (const std::string& text : awkward) db.insert(plain{.text = text});
  CHECK(db.count(from<plain>.where(col<&plain::text>.in(awkward))) == 10);
  for (const std::string& text : awkward) {
    CAPTURE(text);
    const auto found = db.all(from<plain>.where(col<&plain::text>.in({text})));
    REQUIRE(found.size() == 1);
    CHECK(found[0].text == text);
  }
  // JSON would end the text at NUL and find another row.
  db.insert(plain{.text = "cut"});
  CHECK(failure_of([&] {
          db.all(from<plain>.where(col<&plain::text>.in({std::string("cut\0off", 7)})));
        }).code() == errc::invalid_data);
}

TEST_CASE("conditions that are put together at run time") {
  const auto db = with_agents(6);
  const auto which = [&](const hewn::condition<agent>& w) {
    return ids(db.all(from<agent>.where(w).order_by(col<&agent::id>)));
  };
  hewn::condition<agent> w;
  CHECK(w.empty());
  CHECK(which(w).size() == 6);
  CHECK(which(!w).size() == 6);
  w = w && col<&agent::runs> > 10;
  w = w && col<&agent::runs> < 60;
  CHECK(which(w) == id_list{2, 3, 4, 5});
  CHECK(which(!w) == id_list{1, 6});
  CHECK(which(w || col<&agent::id> == 6) == id_list{2, 3, 4, 5, 6});
  CHECK(which(col<&agent::id> == 3 && w) == id_list{3});
  CHECK(which(w && (w || w)) == id_list{2, 3, 4, 5});
  CHECK(which(w && hewn::condition<agent>()) == id_list{2, 3, 4, 5});
  CHECK(which(hewn::condition<agent>() || w) == id_list{2, 3, 4, 5});
  CHECK(which(w && col<&agent::id>.in({1, 2, 3}) && col<&agent::note> == std::nullopt) ==
        id_list{2});
  std::optional<std::string> note;
  CHECK(which(w && col<&agent::note> == note) == id_list{2, 4});
  {
    const std::string name = "a4";  // copied: the condition outlives it
    w = w && col<&agent::name> == name;
  }
  CHECK(which(w) == id_list{4});
  CHECK(db.count(from<agent>.where(w)) == 1);
  CHECK(db.exists(from<agent>.where(w)));
  CHECK(db.update(from<agent>.where(w), col<& agent::runs> = 1) == 1);
  CHECK(db.remove(from<agent>.where(hewn::condition<agent>(col<&agent::id> == 4))) == 1);
}

TEST_CASE("a second where() narrows, also with a condition of run time, also with an empty one") {
  const auto db = with_agents(6);
  const auto base = from<agent>.where(col<&agent::runs> > 20);
  hewn::condition<agent> w;
  CHECK(db.all(base.where(w)).size() == 4);
  CHECK(db.all(from<agent>.where(w).where(col<&agent::runs> > 20)).size() == 4);
  CHECK(db.all(from<agent>.where(w).where(w)).size() == 6);
  w = w && col<&agent::runs> < 50;
  CHECK(ids(db.all(base.where(w))) == id_list{3, 4});
  CHECK(ids(db.all(from<agent>.where(w).where(col<&agent::runs> > 20))) == id_list{3, 4});
  CHECK(ids(db.all(base.where(col<&agent::runs> < 40))) == id_list{3});
}

// ---------------------------------------------------------------- update

TEST_CASE("update writes a row by its key and completes it") {
  const auto db = with_agents(2);
  agent a = db.get<agent>(1);
  const auto created = a.created_at;
  fake_time += 1h;
  a.state = status::failed;
  a.created_at = {};
  db.update(a);
  CHECK(a.label == "a1:failed");
  CHECK(a.updated_at == fake_time);
  CHECK(db.get<agent>(1).created_at == created);  // created<> is never overwritten
  const agent constant = db.get<agent>(2);
  fake_time += 1h;
  db.update(constant);
  CHECK(db.get<agent>(2).updated_at == fake_time);
  CHECK(constant.updated_at < fake_time);
  CHECK(db.get<agent>(1).updated_at == a.updated_at);
}

TEST_CASE("update sets columns by key, by query and everywhere") {
  const auto db = with_agents(4);
  fake_time += 1h;
  db.update<agent>(1, col<& agent::runs> = 99, col<& agent::note> = std::nullopt);
  CHECK(db.get<agent>(1).runs == 99);
  CHECK_FALSE(db.get<agent>(1).note);
  CHECK(db.get<agent>(1).updated_at == fake_time);
  CHECK(db.get<agent>(2).updated_at < fake_time);

  CHECK(db.update(from<agent>.where(col<&agent::runs> < 50),
                  col<& agent::runs> = col<&agent::runs> + 1,
                  col<& agent::state> = status::running) == 3);
  CHECK(db.get<agent>(2).runs == 21);
  CHECK(db.get<agent>(2).label == "a2:running");
  CHECK(db.update(from<agent>.where(col<&agent::id> == 77), col<& agent::runs> = 0) == 0);

  const hewn::timestamp given = fake_time - 5h;
  db.update<agent>(1, col<& agent::updated_at> = given);
  CHECK(db.get<agent>(1).updated_at == given);
  CHECK(db.update_all<agent>(col<& agent::runs> = 0,
                             col<& agent::note> = std::optional<std::string>("n")) == 4);
  CHECK(db.count(from<agent>.where(col<&agent::runs> == 0 && col<&agent::note> == "n")) == 4);
}

TEST_CASE("update_returning and remove_returning give the rows") {
  const auto db = with_agents(4);
  const auto changed =
      db.update_returning(from<agent>.where(col<&agent::id>.in({1, 3})), col<& agent::runs> = 7,
                          col<& agent::state> = status::idle);
  REQUIRE(changed.size() == 2);
  CHECK(changed[1].runs == 7);
  CHECK(changed[1].label == "a3:idle");
  const auto removed = db.remove_returning(from<agent>.where(col<&agent::runs> == 7));
  CHECK(ids(removed) == id_list{1, 3});
  CHECK(db.count<agent>() == 2);
  CHECK(db.remove_returning(from<agent>.where(col<&agent::id> == 99)).empty());
  db.transaction([](auto& tx) {
    CHECK(tx.remove_returning(from<agent>.where(col<&agent::id> == 2)).size() == 1);
  });
  CHECK(db.count<agent>() == 1);
}

// ---------------------------------------------------------------- upsert, remove

TEST_CASE("upsert inserts, or updates by key or by unique fields") {
  const auto db = open_all();
  const agent first = db.upsert(agent{.id = 5, .name = "x", .runs = 1});
  CHECK(first.id == 5);
  CHECK(first.label == "x:idle");
  fake_time += 1h;
  const agent second = db.upsert(agent{.id = 5, .name = "y", .runs = 2});
  CHECK(second.name == "y");
  CHECK(second.created_at == first.created_at);
  CHECK(second.updated_at == fake_time);
  CHECK(db.count<agent>() == 1);

  const agent by_name = db.upsert<&agent::name>(agent{.name = "y", .runs = 3});
  CHECK(by_name.id == 5);
  CHECK(by_name.runs == 3);
  CHECK(by_name.created_at == first.created_at);
  const agent fresh = db.upsert<&agent::name>(agent{.name = "z"});
  CHECK(fresh.id != 5);  // SQLite counts on from 5, PostgreSQL where its own counting was
  CHECK(db.upsert(agent{.name = "new key"}).id == fresh.id + 1);
  // Another unique value in the way is a conflict.
  CHECK(failure_of([&] { db.upsert(agent{.id = 5, .name = "z"}); }).is<&agent::name>());
  const agent constant{.id = 5, .name = "w"};
  CHECK(db.upsert(constant).name == "w");
}

TEST_CASE("remove by row, key, query and all") {
  const auto db = with_agents(6);
  db.remove(db.get<agent>(1));
  CHECK(db.remove<agent>(2));
  CHECK_FALSE(db.remove<agent>(2));
  CHECK(db.remove(from<agent>.where(col<&agent::runs> > 50)) == 1);
  CHECK(ids(db.all<agent>()) == id_list{3, 4, 5});
  CHECK(db.remove_all<agent>() == 3);
  CHECK(db.remove_all<agent>() == 0);
}

// ---------------------------------------------------------------- without exceptions

TEST_CASE("every verb has a twin that returns its error") {
  const auto db = with_agents(2);
  CHECK(db.try_insert(agent{.name = "n"}).value().id == 3);
  CHECK(db.try_insert(agent{.name = "n"}).error().code() == errc::conflict);
  agent lvalue{.name = "l"};
  const auto inserted = db.try_insert(lvalue);
  CHECK(inserted.value().id == lvalue.id);
  CHECK(db.try_insert_many(std::vector<agent>{{.name = "n"}}).error().code() == errc::conflict);
  CHECK(*db.try_insert_many(std::vector<plain>{{.text = "p"}}) == 1);
  CHECK(db.try_get<agent>(1)->name == "a1");
  CHECK(db.try_get<agent>(99).error().code() == errc::not_found);
  CHECK_FALSE(db.try_find<agent>(99).value().has_value());
  CHECK(db.try_all<agent>().value().size() == 4);
  CHECK(db.try_all(from<agent>.limit(-1)).error().code() == errc::usage);
  CHECK(db.try_all<std::int64_t>(hewn::sql<"SELECT id FROM agents WHERE id > ?">, 2)->size() == 2);
  CHECK(db.try_all<std::int64_t>(hewn::dynamic_sql("oops")).error().code() == errc::syntax);
  CHECK((*db.try_first(from<agent>.order_by(col<&agent::id>)))->id == 1);
  CHECK((*db.try_first<std::int64_t>(hewn::sql<"SELECT 7">)) == 7);
  CHECK(db.try_one(from<agent>).error().code() == errc::usage);
  CHECK(*db.try_one<std::int64_t>(hewn::sql<"SELECT 7">) == 7);
  CHECK(*db.try_count<agent>() == 4);
  CHECK(*db.try_count(from<agent>.where(col<&agent::id> == 1)) == 1);
  CHECK(*db.try_exists(from<agent>));
  CHECK(db.try_update(lvalue).has_value());
  CHECK(db.try_update(agent{.id = 99}).error().code() == errc::not_found);
  CHECK(db.try_update<agent>(99, col<& agent::runs> = 1).error().code() == errc::not_found);
  CHECK(*db.try_update(from<agent>.where(col<&agent::id> == 1), col<& agent::runs> = 1) == 1);
  CHECK(db.try_update_returning(from<agent>.where(col<&agent::id> == 1), col<& agent::runs> = 1)
            ->size() == 1);
  CHECK(*db.try_update_all<agent>(col<& agent::runs> = 1) == 4);
  CHECK(db.try_upsert(agent{.id = 1, .name = "a2"}).error().code() == errc::conflict);
  CHECK(db.try_upsert<&agent::name>(agent{.name = "a2"})->id == 2);
  CHECK(*db.try_remove<agent>(1));
  CHECK(db.try_remove(agent{.id = 1}).error().code() == errc::not_found);
  CHECK(*db.try_remove(from<agent>.where(col<&agent::id> == 2)) == 1);
  CHECK(db.try_remove_returning(from<agent>.where(col<&agent::id> == 3))->size() == 1);
  CHECK(*db.try_remove_all<agent>() == 1);
  CHECK(*db.try_execute(hewn::sql<"DELETE FROM plain WHERE id = ?">, 1) == 1);
  CHECK(db.try_script("SELECT 1; oops").error().code() == errc::syntax);
  CHECK(*db.try_transaction([](auto& tx) { return tx.template count<agent>(); }) == 0);
  CHECK(db.try_transaction(hewn::retry{}, [](auto& tx) { tx.template get<agent>(1); })
            .error()
            .code() == errc::not_found);
  CHECK(db.try_read([](auto& tx) { tx.insert(agent{}); }).error().code() == errc::read_only);
  auto tx = db.try_begin().value();
  tx.insert(agent{.name = "t"});
  CHECK(tx.try_commit().has_value());
  CHECK(tx.try_commit().error().code() == errc::usage);
  CHECK(db.count<agent>() == 1);
}

TEST_CASE("a twin that reads takes every query that its verb takes") {
  const auto db = with_agents(2);
  db.insert(plain{.text = "p"});
  const auto names = from<agent>.order_by(col<&agent::id>).select<std::string>(col<&agent::name>);
  const auto nobody =
      from<agent>.where(col<&agent::id> == 99).select<std::string>(col<&agent::name>);
  const auto pairs = from<agent>.cross_join<plain>().order_by(col<&agent::id>);
  const auto no_pairs = pairs.where(col<&plain::id> == 99);

  CHECK(*db.try_all(names) == std::vector<std::string>{"a1", "a2"});
  CHECK(*db.try_first(names).value() == "a1");
  CHECK(db.try_one(nobody).error().code() == errc::not_found);
  CHECK(*db.try_count(names) == 2);
  CHECK(*db.try_count(nobody) == 0);
  CHECK_FALSE(*db.try_exists(nobody));

  CHECK(std::get<plain>(db.try_all(pairs)->at(1)).text == "p");
  CHECK(std::get<agent>(**db.try_first(pairs)).name == "a1");
  CHECK(db.try_one(pairs).error().code() == errc::usage);
  CHECK(*db.try_count(pairs) == 2);
  CHECK(*db.try_exists(pairs));
  CHECK_FALSE(*db.try_exists(no_pairs));
  CHECK(db.count(pairs) == 2);
  CHECK(db.count(pairs.limit(1)) == 1);
  CHECK(db.count(no_pairs) == 0);
  CHECK(db.exists(pairs));
  CHECK_FALSE(db.exists(no_pairs));

  const auto locked = from<agent>.order_by(col<&agent::id>).for_update();
  CHECK(db.try_all(locked).error().code() == errc::usage);
  db.transaction([&](auto& tx) {
    CHECK(tx.try_all(locked)->size() == 2);
    CHECK((*tx.try_first(locked))->id == 1);
    CHECK(tx.try_one(locked.skip_locked()).error().code() == errc::usage);
  });
}

TEST_CASE("a twin takes rows of a query, sets and claims as its verb does") {
  const auto db = with_agents(2);
  const auto texts = from<agent>.select<std::string>(col<&agent::name>);
  CHECK(*db.try_insert_from<&plain::text>(texts) == 2);
  CHECK(db.try_insert_from_returning<&plain::text>(texts)->size() == 2);
  const auto keyed = from<plain>.select<plain>(col<&plain::id>, col<&plain::text>);
  CHECK(db.try_insert_from<plain>(keyed).error().is<&plain::id>());
  CHECK(db.try_insert_from_returning<plain>(keyed).error().code() == errc::conflict);

  const auto more = hewn::set(col<& agent::runs> = col<&agent::runs> + 1);
  CHECK(db.try_upsert<&agent::name>(agent{.name = "a2"}, more)->runs == 21);
  CHECK(db.try_upsert(agent{.id = 7, .name = "a2"}, more).error().is<&agent::name>());
  CHECK_FALSE(*db.try_upsert<&agent::name>(agent{.name = "a2"}, more.where(col<&agent::id> == 1)));
  CHECK_FALSE(*db.try_insert_or_ignore(agent{.name = "a1"}));
  CHECK((*db.try_insert_or_ignore(agent{.name = "a3"}))->name == "a3");
  CHECK(db.try_insert_or_ignore<&agent::name>(agent{.id = 1, .name = "a4"}).error().code() ==
        errc::conflict);

  const agent before = db.get<agent>(1);
  agent after = before;
  CHECK_FALSE(*db.try_update(before, after));
  after.name = "a2";
  CHECK(db.try_update(before, after).error().is<&agent::name>());
  CHECK(db.try_claim(from<agent>.where(col<&agent::name> == "a1").limit(1), col<& agent::runs> = 9)
            ->at(0)
            .runs == 9);
  CHECK(db.try_claim(from<agent>.where(col<&agent::id> == 1).limit(-1), col<& agent::runs> = 9)
            .error()
            .code() == errc::usage);
}

TEST_CASE("a twin lets other exceptions pass") {
  const auto db = open_all();
  CHECK_THROWS_AS(db.try_transaction([](auto&) { throw std::runtime_error("x"); }),
                  std::runtime_error);
}

namespace {

// One open ticket per seat; closed ones stay.
struct seat_ticket {
  std::int64_t id = 0;
  std::string seat;
  bool open = true;
  std::string holder;
  static consteval auto table() {
    return hewn::table("seat_tickets")
        .unique_index<&seat_ticket::seat>(hewn::where(col<&seat_ticket::open> == true));
  }
};

}  // namespace

TEST_CASE("upsert by a partial unique index means the rows that it covers", "[p:B4]") {
  const auto db = support::open_new();
  hewn::sync<seat_ticket>(db);
  const auto first = db.upsert<&seat_ticket::seat>(seat_ticket{.seat = "1A", .holder = "ada"});
  const auto second = db.upsert<&seat_ticket::seat>(seat_ticket{.seat = "1A", .holder = "bob"});
  CHECK(second.id == first.id);
  CHECK(second.holder == "bob");
  // Not covered, so it is a new row each time.
  const seat_ticket closed{.seat = "1A", .open = false, .holder = "eve"};
  CHECK(db.upsert<&seat_ticket::seat>(closed).id != db.upsert<&seat_ticket::seat>(closed).id);
  std::vector<seat_ticket> rows{{.seat = "1A", .holder = "c"}, {.seat = "1B", .holder = "d"}};
  CHECK(db.upsert_many<&seat_ticket::seat>(rows) == 2);
  CHECK(rows[0].id == first.id);
  CHECK(db.upsert_many<&seat_ticket::seat>(std::as_const(rows)) == 2);
  CHECK(db.count<seat_ticket>() == 4);
}

namespace {

struct lamp {
  std::int64_t id = 0;
  bool lit = false;
  std::optional<std::int64_t> watts;
  std::string name;
};

const std::string constant_name() { return "the lamp on the desk, which has a long name"; }

struct named_text {
  std::string text;
  operator std::string_view() const { return text; }
};

}  // namespace

TEST_CASE("a condition can be compared with a column") {
  const auto db = support::open_new();
  hewn::sync<lamp>(db);
  db.insert_many(std::vector<lamp>{{1, false, std::nullopt, "a"},
                                   {2, true, 5, "b"},
                                   {3, true, std::nullopt, "c"},
                                   {4, false, 5, "d"}});
  const auto ids = [&](const auto& condition) {
    std::vector<std::int64_t> found;
    for (const lamp& l : db.all(from<lamp>.where(condition).order_by(col<&lamp::id>)))
      found.push_back(l.id);
    return found;
  };
  using numbers = std::vector<std::int64_t>;
  CHECK(ids(col<&lamp::lit> == col<&lamp::watts>.is_null()) == numbers{3, 4});
  CHECK(ids(col<&lamp::lit> != col<&lamp::watts>.is_null()) == numbers{1, 2});
  CHECK(ids(col<&lamp::lit> == (col<&lamp::id> > 2)) == numbers{1, 3});
  CHECK(ids(col<&lamp::lit> == col<&lamp::id>.in({1, 2})) == numbers{2, 4});
  CHECK(ids(col<&lamp::lit> == (col<&lamp::watts> == std::optional<std::int64_t>(5))) ==
        numbers{1, 2});
  CHECK(db.remove(from<lamp>.where(col<&lamp::lit> == col<&lamp::watts>.is_null())) == 2);
  CHECK(ids(col<&lamp::id> > 0) == numbers{1, 2});
}

TEST_CASE("a query keeps the texts that end with the call that gave them") {
  const auto db = support::open_new();
  hewn::sync<lamp>(db);
  db.insert(lamp{.name = constant_name()});
  const auto constant = from<lamp>.where(col<&lamp::name> == constant_name());
  const auto other = from<lamp>.where(col<&lamp::name> == named_text{constant_name()});
  const std::vector<std::string> in_between(20, std::string(43, 'x'));
  CHECK(db.all(constant).size() == 1);
  CHECK(db.all(other).size() == 1);
}
