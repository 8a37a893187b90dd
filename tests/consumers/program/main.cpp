// tests/consumers/program/main.cpp - the program that every consumer project builds.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

struct note {
  std::int64_t id = 0;
  std::string text;
};

int main() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<note>(db);
  db.insert(note{.text = "built by a consumer"});
  for (const note& each : db.all(hewn::from<note>)) std::printf("%s\n", each.text.c_str());
}
