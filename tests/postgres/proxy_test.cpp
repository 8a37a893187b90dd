// tests/postgres/proxy_test.cpp - a transaction whose line is cut at every message.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/postgres_proxy.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>

using hewn::errc;
using support::postgres_proxy;

namespace {

struct entry {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("entries").unique<&entry::text>(); }
};

struct ending {
  std::optional<errc> failure;  // nothing: it was committed
  std::uint64_t transaction = 0;
};

ending run(const support::database& db, const std::string& text) {
  ending out;
  try {
    db.transaction([&](auto& tx) {
      tx.insert(entry{.text = text + " a"});
      out.transaction = hewn::postgres::transaction_id(tx);
      tx.transaction([&](auto& inner) { inner.insert(entry{.text = text + " b"}); });
      for (const entry& e : tx.template each<entry>()) static_cast<void>(e);
    });
  } catch (const hewn::error& failure) {
    support::check_grammar(failure);
    out.failure = failure.code();
  }
  return out;
}

}  // namespace

TEST_CASE("a line that is cut at any message loses nothing and does nothing twice", "[T6]") {
  const support::place where;
  const auto direct = where.open();
  hewn::sync<entry>(direct);
  const auto schema = direct.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  postgres_proxy proxy(support::postgres_server::get().folder());
  const auto connect = [&] {
    proxy.arm(postgres_proxy::cut::never, 0);
    return hewn::postgres::open("", {.host = proxy.folder(),
                                     .database = "postgres",
                                     .user = "postgres",
                                     .search_path = {schema}});
  };
  int messages = 0;
  {
    const auto db = connect();
    CHECK_FALSE(run(db, "whole").failure);
    messages = proxy.seen();
  }
  REQUIRE(messages > 10);

  int in_doubt_committed = 0;
  int in_doubt_rolled_back = 0;
  for (const auto how : {postgres_proxy::cut::before, postgres_proxy::cut::after})
    for (int k = 1; k <= messages; ++k) {
      const std::string text = std::to_string(k) + (how == postgres_proxy::cut::before ? "-" : "+");
      CAPTURE(text);
      auto db = connect();
      proxy.arm(how, k);
      const ending end = run(db, text);
      // The line is dead, and says so, instead of answering for something else.
      if (end.failure) {
        const auto next = db.try_count<entry>();
        CHECK(next.error().code() == errc::connection_lost);
      }
      const auto stored = direct.count(hewn::from<entry>.where(
          hewn::col<&entry::text> == text + " a" || hewn::col<&entry::text> == text + " b"));
      CHECK((stored == 0 || stored == 2));
      if (!end.failure) {
        CHECK(stored == 2);
      } else if (end.failure == errc::commit_in_doubt) {
        ++(stored == 2 ? in_doubt_committed : in_doubt_rolled_back);
        using hewn::postgres::outcome;
        outcome known = outcome::in_progress;
        while (known == outcome::in_progress)
          known = hewn::postgres::outcome_of(direct, end.transaction);
        CHECK((known == outcome::committed) == (stored == 2));
      } else {
        CHECK(end.failure == errc::connection_lost);
        CHECK(stored == 0);
      }
    }
  CHECK(in_doubt_committed == 1);
  CHECK(in_doubt_rolled_back == 1);
}
