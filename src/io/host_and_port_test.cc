#include "io/host_and_port.h"

#include <gtest/gtest.h>

namespace andon::io {
namespace {

TEST(HostAndPortTest, IsReadAsPeopleWriteIt) {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const Case& c : {Case{"bastion.shop", "bastion.shop", 0},
                        {"bastion.shop:2222", "bastion.shop", 2222},
                        {"10.0.0.7:22", "10.0.0.7", 22},
                        {"[::1]:22", "::1", 22},
                        {"[fe80::1]", "fe80::1", 0},
                        {"fe80::1", "fe80::1", 0}}) {
    auto read = ReadHostAndPort(c.text);
    ASSERT_TRUE(read.ok()) << c.text << ": " << read.error().message;
    EXPECT_EQ(read->first, c.host) << c.text;
    EXPECT_EQ(read->second, c.port) << c.text;
  }
}

TEST(HostAndPortTest, WhatIsNoPlaceIsSaid) {
  for (const char* text : {"", ":", ":22", "a:", "a:0", "a:65536", "a:22x", "a:-1", "-oProxy=x",
                           "a b", "ada@a", "[::1", "[", "]", "[]:22", "a/b", "[::1]x:2"}) {
    EXPECT_FALSE(ReadHostAndPort(text).ok()) << text;
  }
}

}  // namespace
}  // namespace andon::io
