// tests/support/save_cluster.cpp - saves a new PostgreSQL cluster for the tests.
// SPDX-License-Identifier: BSL-1.0
//
// save_cluster FILE   writes an archive; where no server can be started, an empty file
#include <support/postgres_server.hpp>

#include <cstdio>
#include <exception>
#include <fstream>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: save_cluster FILE\n", stderr);
    return 2;
  }
  try {
    support::postgres_server server;
    server.save(argv[1]);
  } catch (const std::exception& e) {
    // A test that needs a server says so itself.
    std::fprintf(stderr, "no cluster is saved: %s\n", e.what());
    std::ofstream(argv[1], std::ios::trunc).flush();
  }
}
