// tests/consumers/program/mixed/one.cpp - the one file of a program of two.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/base/config.hpp>

#include <cstdio>

const char* other_file();

int main() { std::puts(other_file()); }
