// tests/compile_fail/embedded_key_that_may_lack.cpp - a key in a struct that may not be there.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a field of an optional struct, which may not be there, is part of the key; move it out of the struct, or make the struct no optional
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct place {
  std::string shelf;
  std::int32_t number = 0;
};

struct book {
  std::string title;
#ifdef HEWN_MISTAKE
  std::optional<place> stands;
#else
  place stands;
#endif
  static consteval auto table() {
    return hewn::table("books")
        .primary_key<hewn::path<&book::stands, &place::shelf>,
                     hewn::path<&book::stands, &place::number>>();
  }
};

const auto& table = hewn::table_of<book>;
