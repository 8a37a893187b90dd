// tests/base/digest_test.cpp - SHA-256 and HMAC against published values.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/base/digest.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
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

// Source: RFC 4231, test cases 1, 2, 3 and 6; the last has a key longer than a block.
TEST_CASE("the keyed digest is that of the standard") {
  using hewn::hmac_sha256_hex;
  CHECK(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_sha256_hex(std::string(20, '\xaa'), std::string(50, '\xdd')) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(hmac_sha256_hex(std::string(131, '\xaa'),
                        "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hmac_sha256_hex("", "") ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("texts are equal only when every byte is") {
  using hewn::equal_in_constant_time;
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abcd"));
  CHECK_FALSE(equal_in_constant_time("", "a"));
  CHECK_FALSE(equal_in_constant_time(std::string("a\0b", 3), std::string("a\0c", 3)));
  for (std::size_t i = 0; i != 64; ++i)
    for (int bit = 0; bit != 8; ++bit) {
      std::string other(64, 'x');
      other[i] = static_cast<char>(other[i] ^ (1 << bit));
      CHECK_FALSE(equal_in_constant_time(std::string(64, 'x'), other));
    }
}
