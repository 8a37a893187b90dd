// tests/base/digest_test.cpp - SHA-256 against published values.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/base/digest.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

// Source: FIPS 180-2 appendix B and NIST's example values.
TEST_CASE("the digest is that of the standard") {
  CHECK(hewn::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hewn::sha256_hex("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hewn::sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hewn::sha256_hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a NUL byte does not end the text") {
  CHECK(hewn::sha256_hex(std::string("a\0b", 3)) != hewn::sha256_hex("a"));
}
