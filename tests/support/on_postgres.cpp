// tests/support/on_postgres.cpp - runs a program against a PostgreSQL server that lasts as long.
// SPDX-License-Identifier: BSL-1.0
//
// on_postgres PROGRAM [ARGUMENT...]   runs PROGRAM ARGUMENT... --db URL
#include <support/postgres_server.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::fputs("usage: on_postgres PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  const support::postgres_server server;
  std::string option = "--db";
  std::string url = "postgresql://postgres@/postgres?host=" + server.folder();
  std::vector<char*> arguments(argv + 1, argv + argc);
  arguments.insert(arguments.end(), {option.data(), url.data(), nullptr});
  const pid_t child = fork();
  if (child == 0) {
    execv(arguments[0], arguments.data());
    std::perror(arguments[0]);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
