// tests/consumers/program/either.cpp - a program for both databases, without a server at hand.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/any.hpp>
#include <hewn/postgres.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

struct note {
  std::int64_t id = 0;
  std::string text;
};

int main() {
  auto db = hewn::open("sqlite::memory:");
  hewn::sync<note>(db);
  db.insert(note{.text = "built by a consumer"});
  // Nobody listens there; that libpq says so shows that it is linked.
  const auto server = hewn::postgres::try_open("postgresql:///nobody?host=/no/such/folder");
  if (server || server.error().code() != hewn::errc::cannot_open) return 1;
  for (const note& each : db.all(hewn::from<note>)) std::printf("%s\n", each.text.c_str());
}
