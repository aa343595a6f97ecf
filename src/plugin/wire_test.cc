#include "plugin/wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/text.h"

namespace andon::plugin {
namespace {

TEST(Writer, WritesTheBytesOfTheFormat) {
  Writer w;
  w.Integer(1, 150);
  w.Text(2, "testing");
  w.Bool(3, true);
  w.Integer(4, 0);
  w.Text(5, "");
  w.Item(6, "");
  w.IntegerItem(7, 0);
  w.Message(16, [](Writer& m) { m.Integer(1, 1); });
  EXPECT_EQ(HexEncode(w.bytes()),
            "089601120774657374696e67180132003800820102"
            "0801");
}

TEST(Writer, NegativeNumbersHaveTenBytes) {
  Writer w;
  w.Integer(1, -1);
  EXPECT_EQ(HexEncode(w.bytes()), "08ffffffffffffffffff01");
}

TEST(Reader, ReadsWhatIsWrittenAndPassesOverWhatItDoesNotKnow) {
  Writer w;
  w.Integer(1, std::numeric_limits<int64_t>::min());
  w.Text(2, "abc");
  std::string bytes = w.bytes() +
                      "\x19"
                      "12345678"
                      "\x1d"
                      "1234";  // 64 and 32 bits, field 3.
  Reader reader(bytes);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.integer(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(reader.text(), "");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.text(), "abc");
  EXPECT_EQ(reader.integer(), 0);
  EXPECT_TRUE(reader.Next() && reader.number() == 3);
  EXPECT_TRUE(reader.Next() && reader.number() == 3);
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.ok());
}

TEST(Reader, RefusesBytesThatAreNoMessage) {
  for (std::string_view bytes : {"\x08",
                                 "\x0a\x05"
                                 "abc",
                                 "\x0b", "\x07",
                                 "\x0d"
                                 "123",
                                 "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
                                 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    Reader reader(bytes);
    EXPECT_FALSE(reader.Next()) << HexEncode(bytes);
    EXPECT_FALSE(reader.ok()) << HexEncode(bytes);
  }
}

TEST(Readable, PutsAMarkForWhatIsNoText) {
  EXPECT_EQ(Readable("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(Readable("a\xff\xc3"
                     "b\xc3"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

}  // namespace
}  // namespace andon::plugin
