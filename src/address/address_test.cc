#include "address/address.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace andon::address {
namespace {

TEST(AddressTest, PrintsAsItReads) {
  for (const char* text :
       {"dataset.payment", "dataset.payment[\"eu\"]", "dataset.payment[3]", "data.aws_ami.base",
        "module.a.ephemeral.vault_token.app[0]", "module.eu.dataset.x",
        "module.a[\"k\"].module.b[0].source.y[\"z\"]", "andon", "module.eu",
        "dataset.x[\"a\\\"b\\\\c\"]", "dataset.x[\"${y}\"]", "dataset.größe-2",
        "dataset.x[\"\\a\\n\\x01\\u200b\\u00ad\\ufeff\\U000e0001é😀\"]"}) {
    auto address = Parse(text);
    ASSERT_TRUE(address.ok()) << text << ": " << address.error().message;
    EXPECT_EQ(ToString(*address), text);
  }
}

TEST(AddressTest, RefusesWhatIsNone) {
  for (const char* text :
       {"", "dataset", "dataset.", ".x", "dataset.x.y", "dataset.x[", "dataset.x[]",
        "dataset.x[\"a]", "dataset.x[-1]", "dataset[0].x", "dataset.x y", "a..b", "dataset.\xff",
        "dataset.x[\"\\ud800\"]", "dataset.x[\"\\u12\"]", "dataset.x[\"\\U00110000\"]"}) {
    EXPECT_FALSE(Parse(text).ok()) << text;
  }
}

TEST(AddressTest, OrdersInstancesNoneNumberText) {
  std::vector<Address> list;
  for (const char* text :
       {"dataset.b", "dataset.a[\"x\"]", "dataset.a[10]", "dataset.a[2]", "dataset.a"}) {
    list.push_back(*Parse(text));
  }
  std::sort(list.begin(), list.end());
  std::string joined;
  for (const Address& a : list) joined += ToString(a) + " ";
  EXPECT_EQ(joined, "dataset.a dataset.a[2] dataset.a[10] dataset.a[\"x\"] dataset.b ");
}

TEST(AddressTest, ContainsInstancesAndModules) {
  struct Case {
    const char* outer;
    const char* inner;
    bool contains;
  };
  for (const Case& c :
       {Case{"dataset.a", "dataset.a[\"x\"]", true}, Case{"dataset.a[\"x\"]", "dataset.a", false},
        Case{"module.m", "module.m[0].dataset.a", true},
        Case{"module.m[1]", "module.m[0].dataset.a", false}, Case{"dataset.a", "dataset.ab", false},
        Case{"dataset.a", "module.m.dataset.a", false}}) {
    EXPECT_EQ(Parse(c.outer)->Contains(*Parse(c.inner)), c.contains) << c.outer << " " << c.inner;
  }
}

}  // namespace
}  // namespace andon::address
