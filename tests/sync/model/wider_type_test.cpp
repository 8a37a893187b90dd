// tests/sync/model/wider_type_test.cpp - which types of PostgreSQL hold all values of another.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/model/wider_type.hpp>

#include <catch2/catch_test_macros.hpp>

using hewn::detail::is_wider_type;

TEST_CASE("a wider type of PostgreSQL holds every value as it is") {
  CHECK(is_wider_type("bigint", "integer"));
  CHECK(is_wider_type("integer", "smallint"));
  CHECK(is_wider_type("numeric", "bigint"));
  CHECK(is_wider_type("double precision", "real"));
  CHECK(is_wider_type("text", "character varying(9)"));
  CHECK(is_wider_type("character varying(9)", "character varying(8)"));
  CHECK(is_wider_type("character varying", "character varying(8)"));
  CHECK(is_wider_type("numeric(12,2)", "numeric(9,2)"));
  CHECK(is_wider_type("numeric", "numeric(9,2)"));
  CHECK(is_wider_type("timestamp(6) without time zone", "timestamp(3) without time zone"));
}

TEST_CASE("another type of PostgreSQL may change a value or refuse it") {
  CHECK_FALSE(is_wider_type("integer", "integer"));
  CHECK_FALSE(is_wider_type("integer", "bigint"));
  CHECK_FALSE(is_wider_type("numeric(9,2)", "integer"));
  CHECK_FALSE(is_wider_type("real", "double precision"));
  CHECK_FALSE(is_wider_type("double precision", "bigint"));
  CHECK_FALSE(is_wider_type("character varying(8)", "text"));
  CHECK_FALSE(is_wider_type("character(9)", "character(8)"));  // which pads
  CHECK_FALSE(is_wider_type("numeric(9,3)", "numeric(9,2)"));
  CHECK_FALSE(is_wider_type("numeric(9,2)", "numeric"));
  CHECK_FALSE(is_wider_type("numeric(9,0)", "numeric(9,-2)"));
}
