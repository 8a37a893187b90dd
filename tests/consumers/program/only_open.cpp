// tests/consumers/program/only_open.cpp - a program that opens databases and does not sync them.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/open.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

struct note {
  std::int64_t id = 0;
  std::string text;
};

int main() {
  auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)");
  db.insert(note{.text = "built"});
  try {
    db.insert(note{.text = "built"});
  } catch (const hewn::error& e) {
    if (e.is<&note::text>() && !e.is<&note::id>()) std::puts("built by a consumer");
  }
}
