// tests/postgres/proxy_test.cpp - trouble at every message of a transaction.
// SPDX-License-Identifier: BSL-1.0
//
// Each sweep runs the same transaction once per message, with one fault at that message. Nothing
// may be lost, nothing may be done twice, and the outcome is one of committed, rolled back, in
// doubt.
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/postgres_proxy.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::postgres::outcome;
using support::check_grammar;
using support::postgres_proxy;
using fault = postgres_proxy::fault;
using sender = postgres_proxy::sender;

namespace {

struct entry {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("entries"); }
};

struct counter {
  std::int64_t id = 0;
  std::int64_t value = 0;
  static consteval auto table() { return hewn::table("counters"); }
};

struct ending {
  std::optional<errc> failure;  // nothing: it was committed
  std::uint64_t transaction = 0;
  int runs = 0;
};

// A server, a line to it that can be troubled, and one that cannot.
class troubled {
 public:
  troubled() : direct(where_.open()), proxy(support::postgres_server::get().folder()) {
    hewn::sync<entry, counter>(direct);
    // Of which there is no array that is written, so that few rows are copied.
    direct.script("CREATE DOMAIN words AS text; ALTER TABLE entries ALTER text TYPE words");
    direct.insert(counter{.id = 1});
    schema_ = direct.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  }

  support::database connect(std::chrono::seconds patience = std::chrono::seconds(10)) {
    proxy.arm({});
    auto db = hewn::postgres::open("", {.host = proxy.folder(),
                                        .database = "postgres",
                                        .user = "postgres",
                                        .connect_timeout = patience,
                                        .search_path = {schema_}});
    proxy.arm({});
    return db;
  }

  std::int64_t stored(const std::string& text) const {
    return direct.count(hewn::from<entry>.where(col<&entry::text> == text));
  }
  std::int64_t counted() const { return direct.get<counter>(1).value; }

 private:
  support::place where_;
  std::string schema_;

 public:
  support::database direct;
  postgres_proxy proxy;
};

constexpr std::int64_t rows_of_all_writes = 1 + 1 + 150 + 3;

// Every way to send something: text alone, prepared and prepared before, a savepoint, a stream,
// COPY, arrays.
void write_everything(auto& tx, const std::string& text, ending& out) {
  tx.insert(entry{.text = text});
  out.transaction = hewn::postgres::transaction_id(tx);
  tx.transaction([&](auto& inner) { inner.insert(entry{.text = text}); });
  for (const entry& e : tx.template each<entry>()) static_cast<void>(e);
  const std::vector<entry> copied(150, entry{.text = text});
  tx.insert_many(copied);
  std::vector<entry> completed(3, entry{.text = text});
  tx.insert_many(completed);
  tx.template update<counter>(1, col<& counter::value> = col<&counter::value> + 1);
}

ending run(const support::database& db, const std::string& text, const hewn::retry& policy) {
  ending out;
  try {
    db.transaction(policy, [&](auto& tx) {
      ++out.runs;
      write_everything(tx, text, out);
    });
  } catch (const hewn::error& failure) {
    check_grammar(failure);
    out.failure = failure.code();
  }
  return out;
}

constexpr hewn::retry once{.attempts = 1};
constexpr hewn::retry again{.attempts = 3, .first_delay = std::chrono::milliseconds(0)};

struct message_counts {
  int client, server;
};

message_counts count_messages(troubled& t, const hewn::retry& policy) {
  const auto db = t.connect();
  REQUIRE_FALSE(run(db, "whole", policy).failure);
  return {t.proxy.seen(sender::client), t.proxy.seen(sender::server)};
}

struct tally {
  int committed = 0;
  int rolled_back = 0;
  int in_doubt_committed = 0;
  int in_doubt_rolled_back = 0;
};

// What the caller was told must be what happened, once.
void judge(troubled& t, const ending& end, const std::string& text, std::int64_t counted_before,
           tally& sum) {
  const std::int64_t stored = t.stored(text);
  const bool happened = stored != 0;
  CHECK((stored == 0 || stored == rows_of_all_writes));
  CHECK(t.counted() == counted_before + (happened ? 1 : 0));
  if (!end.failure) {
    CHECK(happened);
    ++sum.committed;
  } else if (end.failure == errc::commit_in_doubt) {
    const outcome known = hewn::postgres::outcome_of(t.direct, end.transaction);
    CHECK(known == (happened ? outcome::committed : outcome::rolled_back));
    ++(happened ? sum.in_doubt_committed : sum.in_doubt_rolled_back);
  } else {
    CHECK_FALSE(happened);
    ++sum.rolled_back;
  }
}

// One fault at each of the messages in turn.
tally sweep(troubled& t, postgres_proxy::rule fault_at, int messages,
            const hewn::retry& policy = once) {
  tally sum;
  for (int k = 1; k <= messages; ++k) {
    const std::string text = "message " + std::to_string(k) + fault_at.state;
    CAPTURE(text);
    const auto before = t.counted();
    {
      const auto db = t.connect();
      fault_at.message = k;
      t.proxy.arm(fault_at);
      const ending end = run(db, text, policy);
      CHECK(end.runs <= policy.attempts);
      t.proxy.arm({});
      if (end.failure) {
        CHECK((end.failure == errc::connection_lost || end.failure == errc::commit_in_doubt));
        // The line is dead, and says so, instead of answering for something else.
        CHECK(db.try_count<entry>().error().code() == errc::connection_lost);
      }
      t.proxy.wait_until_quiet();
      judge(t, end, text, before, sum);
    }
    t.direct.remove_all<entry>();
  }
  return sum;
}

}  // namespace

TEST_CASE("a line that is cut at any message loses nothing and does nothing twice", "[T1][T6]") {
  troubled t;
  const message_counts all = count_messages(t, once);
  REQUIRE(all.client > 30);
  REQUIRE(all.server > 50);
  SECTION("before the client's message") {
    const tally sum = sweep(t, {.who = sender::client, .how = fault::cut}, all.client);
    CHECK(sum.rolled_back == all.client - 1);
    CHECK(sum.in_doubt_rolled_back == 1);
  }
  SECTION("after the client's message") {
    const tally sum = sweep(t, {.who = sender::client, .how = fault::deafen}, all.client);
    CHECK(sum.rolled_back == all.client - 1);
    CHECK(sum.in_doubt_committed == 1);
  }
  SECTION("before the server's message") {
    const tally sum = sweep(t, {.who = sender::server, .how = fault::cut}, all.server);
    // COMMIT is answered by two messages; until the second the client cannot know.
    CHECK(sum.rolled_back == all.server - 2);
    CHECK(sum.in_doubt_committed == 2);
  }
}

TEST_CASE("whatever a lost line says before it is lost, the outcome is known or in doubt",
          "[T2][T6]") {
  troubled t;
  const int messages = count_messages(t, once).client;
  // 57P01: the server is shut down; 08P01: a proxy has lost the server.
  const tally before =
      sweep(t, {.who = sender::client, .how = fault::cut, .state = "57P01"}, messages);
  CHECK(before.rolled_back == messages - 1);
  CHECK(before.in_doubt_rolled_back == 1);
  const tally after =
      sweep(t, {.who = sender::client, .how = fault::deafen, .state = "08P01"}, messages);
  CHECK(after.rolled_back == messages - 1);
  CHECK(after.in_doubt_committed == 1);
  // 53100: the disk of the log is full, and the server crashes over a COMMIT that may be in it.
  const auto db = t.connect();
  t.proxy.arm({sender::client, fault::deafen, messages, "53100"});
  CHECK(run(db, "full", once).failure == errc::commit_in_doubt);
}

TEST_CASE("a transaction that the server refuses at any message is run again, once", "[Y1][T5]") {
  troubled t;
  int messages = 0;
  std::int64_t prepared = 0;
  {
    const auto db = t.connect();
    REQUIRE_FALSE(run(db, "whole", again).failure);
    messages = t.proxy.seen(sender::client);
    prepared = db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) - 1 FROM pg_prepared_statements">);
    t.direct.remove_all<entry>();
  }
  std::int64_t lost = 0;
  for (int k = 1; k <= messages; ++k) {
    const std::string state = k % 2 == 0 ? "40001" : "40P01";
    const std::string text = state + " at " + std::to_string(k);
    CAPTURE(text);
    const auto before = t.counted();
    const auto db = t.connect();
    t.proxy.arm({sender::client, fault::refuse, k, state});
    const ending end = run(db, text, again);
    const bool stored = !end.failure;
    if (end.failure) CHECK(end.failure == errc::connection_lost);
    lost += !stored;
    // BEGIN, before the closure, is the first.
    if (stored) CHECK(end.runs == (k == 1 || t.proxy.refused() == 0 ? 1 : 2));
    CHECK(t.stored(text) == (stored ? rows_of_all_writes : 0));
    CHECK(t.counted() == before + stored);
    t.direct.remove_all<entry>();
  }
  // Where the end of a preparation fails the line is given up: libpq would take every later answer
  // for that of the next question.
  CHECK(lost == prepared);
}

TEST_CASE("a transaction that is refused for good leaves nothing, and the connection goes on",
          "[T2][T5][T6]") {
  troubled t;
  const int messages = count_messages(t, once).client;
  const auto db = t.connect();
  run(db, "so that all is prepared", once);
  t.direct.remove_all<entry>();
  for (int k = 1; k <= messages; ++k) {
    const std::string text = std::to_string(k);
    CAPTURE(text);
    const auto before = t.counted();
    t.proxy.arm({sender::client, fault::refuse, k, "23514"});
    const ending end = run(db, text, again);
    const bool reached = t.proxy.seen(sender::client) >= k;
    const bool refused = t.proxy.refused() != 0;
    t.proxy.arm({});
    CHECK(end.failure.has_value() == refused);
    if (refused) CHECK(end.failure == errc::check);
    CHECK(end.runs == (k == 1 ? 0 : 1));
    CHECK(t.stored(text) == (refused ? 0 : rows_of_all_writes));
    CHECK(t.counted() == before + (refused ? 0 : 1));
    CHECK(db.count<entry>() == (refused ? 0 : rows_of_all_writes));
    t.direct.remove_all<entry>();
    if (!reached) break;  // prepared before, it takes fewer messages
  }
}

TEST_CASE("a session that is ended while a message is under way", "[T2][T6]") {
  troubled t;
  const int messages = count_messages(t, once).client;
  tally sum;
  for (int k = 1; k <= messages; ++k) {
    const std::string text = std::to_string(k);
    CAPTURE(text);
    const auto before = t.counted();
    const auto db = t.connect();
    const auto process = db.one<std::int64_t>(hewn::sql<"SELECT pg_backend_pid()">);
    t.proxy.arm({sender::client, fault::hold, k});
    std::atomic<bool> over = false;
    ending end;
    std::thread client([&] {
      end = run(db, text, once);
      over = true;
    });
    postgres_proxy::wait_until([&] { return t.proxy.holding() || over; });
    t.direct.one<bool>(hewn::sql<"SELECT pg_terminate_backend(?::int)">, process);
    postgres_proxy::wait_until([&] {
      return !t.direct.one<bool>(
          hewn::sql<"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ?)">, process);
    });
    t.proxy.release();
    client.join();
    t.proxy.wait_until_quiet();
    CHECK(end.failure.has_value());
    judge(t, end, text, before, sum);
  }
  CHECK(sum.rolled_back == messages - 1);
  CHECK(sum.in_doubt_rolled_back == 1);
}

TEST_CASE("a cancel that comes while any answer is under way", "[P8][T2]") {
  troubled t;
  const int messages = count_messages(t, once).server;
  for (int k = 1; k <= messages; ++k) {
    const std::string text = std::to_string(k);
    CAPTURE(text);
    const auto before = t.counted();
    const auto db = t.connect();
    const auto stop = db.interrupter();
    t.proxy.arm({sender::server, fault::hold, k});
    std::atomic<bool> over = false;
    ending end;
    std::thread client([&] {
      end = run(db, text, once);
      over = true;
    });
    postgres_proxy::wait_until([&] { return t.proxy.holding() || over; });
    CHECK(stop.interrupt());
    t.proxy.release();
    client.join();
    t.proxy.arm({});
    if (end.failure) CHECK(end.failure == errc::interrupted);
    CHECK(t.stored(text) == (end.failure ? 0 : rows_of_all_writes));
    CHECK(t.counted() == before + (end.failure ? 0 : 1));
    CHECK(db.count<entry>() == t.direct.count<entry>());
    t.direct.remove_all<entry>();
  }
}

namespace {

/// Reads a few of more rows than anybody would wait for, with a second of patience, and leaves when
/// `ready` is true.
template <class Before, class Ready>
void leave_early(troubled& t, Before before, Ready ready) {
  const auto db = t.connect(std::chrono::seconds(1));
  before();
  int seen = 0;
  const auto started = std::chrono::steady_clock::now();
  for (const std::int64_t n :
       db.each<std::int64_t>(hewn::sql<"SELECT generate_series(1, 1000000000)::bigint">)) {
    CHECK(n == ++seen);
    if (seen != 3) continue;
    postgres_proxy::wait_until(ready);
    break;
  }
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(30));
  const auto failure = support::failure_of([&] { db.count<entry>(); });
  CHECK(failure.code() == errc::connection_lost);
  check_grammar(failure);
}

}  // namespace

TEST_CASE("a loop that is left early does not wait for a server that does not stop", "[p:C4]") {
  troubled t;
  SECTION("because nobody answers the request to cancel") {
    leave_early(
        t, [&] { t.proxy.ignore_cancels(true); }, [] { return true; });
    CHECK(t.proxy.ignored_cancels() == 1);
  }
  SECTION("because nothing more comes of what it was sent") {
    leave_early(
        t,
        [&] {
          t.proxy.arm({sender::server, fault::hold, 100});
        },
        [&] { return t.proxy.holding(); });
    CHECK(t.proxy.holding());
  }
}

TEST_CASE("an interrupter gives up on a server that does not answer", "[p:C4]") {
  troubled t;
  const auto db = t.connect(std::chrono::seconds(1));
  const auto stop = db.interrupter();
  CHECK(stop.interrupt());
  t.proxy.ignore_cancels(true);
  CHECK_FALSE(stop.interrupt());
  CHECK(t.proxy.ignored_cancels() == 1);
  t.proxy.ignore_cancels(false);
  CHECK(stop.interrupt());
  CHECK(db.count<entry>() == 0);
}

TEST_CASE("messages may arrive in pieces", "[T6]") {
  troubled t;
  for (const sender who : {sender::client, sender::server}) {
    const auto db = t.connect();
    t.proxy.arm({who, fault::crumble, 1});
    CHECK_FALSE(run(db, "pieces", once).failure);
    CHECK(t.stored("pieces") == rows_of_all_writes);
    t.direct.remove_all<entry>();
  }
}

// ---------------------------------------------------------------- outside a transaction

TEST_CASE("a write outside a transaction is in doubt where nobody can know", "[T6]") {
  troubled t;
  const auto write = [](const support::database& db, const std::string& text, int way) {
    if (way == 0) db.insert(entry{.text = text});
    if (way == 1) db.script("INSERT INTO entries (text) VALUES ('" + text + "')");
    if (way == 2)
      for (const std::int64_t& id : db.each<std::int64_t>(
               hewn::sql<"INSERT INTO entries (text) VALUES (?) RETURNING id">, text))
        static_cast<void>(id);
  };
  for (int way = 0; way != 3; ++way) {
    message_counts all{};
    {
      const auto db = t.connect();
      write(db, "whole", way);
      all = {t.proxy.seen(sender::client), t.proxy.seen(sender::server)};
    }
    tally sum;
    for (const auto& [who, how, messages] : {std::tuple{sender::client, fault::cut, all.client},
                                             std::tuple{sender::client, fault::deafen, all.client},
                                             std::tuple{sender::server, fault::cut, all.server}})
      for (int k = 1; k <= messages; ++k) {
        const std::string text = std::to_string(way) + "." + std::to_string(k);
        CAPTURE(text, static_cast<int>(who), static_cast<int>(how));
        const auto db = t.connect();
        t.proxy.arm({who, how, k});
        std::optional<errc> failure;
        try {
          write(db, text, way);
        } catch (const hewn::error& e) {
          check_grammar(e);
          CHECK_FALSE(e.retryable());
          failure = e.code();
        }
        t.proxy.wait_until_quiet();
        const auto stored = t.stored(text);
        CHECK((stored == 0 || stored == 1));
        if (!failure) {
          CHECK(stored == 1);
        } else if (failure == errc::commit_in_doubt) {
          ++(stored == 1 ? sum.in_doubt_committed : sum.in_doubt_rolled_back);
        } else {
          CHECK(failure == errc::connection_lost);
          CHECK(stored == 0);
          ++sum.rolled_back;
        }
        // What is not sent is certain, and so is what only reads.
        const auto next = db.try_insert(entry{.text = text});
        if (failure) CHECK(next.error().code() == errc::connection_lost);
        t.direct.remove_all<entry>();
      }
    CHECK(sum.in_doubt_committed > 0);
    CHECK(sum.in_doubt_rolled_back > 0);
  }
}

TEST_CASE("many rows outside a transaction are all stored, or none", "[T6]") {
  troubled t;
  int messages = 0;
  const std::vector<entry> rows(150, entry{.text = "many"});
  {
    const auto db = t.connect();
    db.insert_many(rows);
    messages = t.proxy.seen(sender::client);
    t.direct.remove_all<entry>();
  }
  int in_doubt = 0;
  for (const fault how : {fault::cut, fault::deafen})
    for (int k = 1; k <= messages; ++k) {
      CAPTURE(k);
      const auto db = t.connect();
      t.proxy.arm({sender::client, how, k});
      const auto result = db.try_insert_many(rows);
      CHECK_FALSE(result.has_value());
      t.proxy.wait_until_quiet();
      const bool last = k == messages;  // COMMIT
      CHECK(result.error().code() == (last ? errc::commit_in_doubt : errc::connection_lost));
      CHECK(t.direct.count<entry>() == (last && how == fault::deafen ? 150 : 0));
      in_doubt += last;
      t.direct.remove_all<entry>();
    }
  CHECK(in_doubt == 2);
}

namespace {

// Everything of it but the name is made by the database.
struct sticker {
  std::string name;
  std::string label;
  static consteval auto table() {
    return hewn::table("stickers")
        .primary_key<&sticker::name>()
        .generated<&sticker::label>("'no. ' || name");
  }
};

}  // namespace

TEST_CASE("rows that come back in another order are completed each with its own", "[p:A6]") {
  const std::string columns = ", text text NOT NULL)";
  const std::string overrides =
      "; CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := "
      "nextval(''numbers''); RETURN NEW; END'; CREATE TRIGGER number BEFORE INSERT ON ";
  for (const std::string& made : {
           "CREATE TABLE entries (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" + columns,
           "CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" + columns,
           "CREATE TABLE entries (id serial PRIMARY KEY" + columns,
           "CREATE TABLE entries (id bigint PRIMARY KEY DEFAULT 10000 - nextval('numbers')" +
               columns,
           "CREATE TABLE entries (id bigint PRIMARY KEY" + columns + overrides +
               "entries FOR EACH ROW EXECUTE FUNCTION number()",
           "CREATE TABLE entries (id bigserial PRIMARY KEY" + columns + overrides +
               "entries FOR EACH ROW EXECUTE FUNCTION number()",
           "CREATE TABLE entries (id bigserial PRIMARY KEY" + columns +
               " PARTITION BY HASH (id); CREATE TABLE even PARTITION OF entries FOR VALUES WITH "
               "(MODULUS 2, REMAINDER 0); CREATE TABLE odd PARTITION OF entries FOR VALUES WITH "
               "(MODULUS 2, REMAINDER 1)" +
               overrides + "odd FOR EACH ROW WHEN (NEW.id < 0) EXECUTE FUNCTION number()",
           "CREATE TABLE base (id bigserial PRIMARY KEY" + columns +
               "; CREATE VIEW entries AS SELECT id, text FROM base",
       }) {
    CAPTURE(made);
    troubled t;
    t.direct.script("DROP TABLE entries; CREATE SEQUENCE numbers; " + made);
    const auto db = t.connect();
    t.proxy.shuffle(true);
    std::int64_t stored = 0;
    for (const std::size_t size : {2u, 3u, 4u, 50u, 1001u, 2500u}) {
      CAPTURE(size);
      std::vector<entry> rows(size);
      const auto text = [&](std::size_t i) {
        return std::to_string(size) + " " + std::to_string(i);
      };
      for (std::size_t i = 0; i != size; ++i) rows[i].text = text(i);
      CHECK(db.insert_many(rows) == static_cast<std::int64_t>(size));
      stored += static_cast<std::int64_t>(size);
      const auto read = t.direct.all(hewn::from<entry>.order_by(col<&entry::id>));
      REQUIRE(read.size() == static_cast<std::size_t>(stored));
      std::map<std::int64_t, std::string> texts;
      for (const entry& e : read) texts[e.id] = e.text;
      std::size_t right = 0;
      for (std::size_t i = 0; i != size; ++i)
        right += rows[i].text == text(i) && texts[rows[i].id] == text(i);
      CHECK(right == size);
    }
  }
  troubled t;
  hewn::sync<sticker>(t.direct);
  const auto db = t.connect();
  t.proxy.shuffle(true);
  std::vector<sticker> stickers(2500);
  for (std::size_t i = 0; i != stickers.size(); ++i) stickers[i].name = std::to_string(i * i);
  CHECK(db.insert_many(stickers) == 2500);
  std::size_t right = 0;
  for (std::size_t i = 0; i != stickers.size(); ++i)
    right +=
        stickers[i].name == std::to_string(i * i) && stickers[i].label == "no. " + stickers[i].name;
  CHECK(right == stickers.size());
}
