// tests/consumers/program/mixed/other.cpp - the other file of a program of two.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/base/config.hpp>

const char* other_file() { return "built by a consumer"; }
