// links: andon_base andon_value
//
// Any bytes, read as values of several types: what is read is written, and read again as
// the same value. The first byte says which type.
#include "driver.h"
#include "value/msgpack.h"

using namespace andon;
using value::Type;

namespace {

const std::vector<Type>& Types() {
  static const std::vector<Type> types = {
      Type::Dynamic(),
      Type::String(),
      Type::Number(),
      Type::Bool(),
      Type::List(Type::Dynamic()),
      Type::Set(Type::List(Type::String())),
      Type::Map(Type::Number()),
      Type::Tuple({Type::Dynamic(), Type::Set(Type::Bool())}),
      Type::Object({{"a", Type::String()}, {"b", Type::Map(Type::Dynamic())}}),
      Type::Set(Type::Object({{"a", Type::Set(Type::Number())}, {"b", Type::Dynamic()}})),
  };
  return types;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string input(reinterpret_cast<const char*>(data), size);
  const Type& type = Types()[data[0] % Types().size()];
  Result<value::Value> read = value::FromMsgpack(std::string_view(input).substr(1), type);
  if (!read.ok()) return 0;
  Result<std::string> bytes = value::ToMsgpack(*read, type);
  FUZZ_CHECK(bytes.ok(), input);
  Result<value::Value> again = value::FromMsgpack(*bytes, type);
  FUZZ_CHECK(again.ok(), input);
  FUZZ_CHECK(again->RawEquals(*read), input);
  FUZZ_CHECK(*value::ToMsgpack(*again, type) == *bytes, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  using namespace std::string_literals;
  return {
      "\0\x92\xc4\x08\"string\"\xa1x"s,
      "\1\xc7\x06\x0c\x82\x01\xc2\x02\xa1x"s,
      "\2\xcb\x3f\xf8\0\0\0\0\0\0"s,
      "\2\xb4"s + "123456789012345678.5",
      "\4\x92\x92\xc4\x06\"bool\"\xc3\x92\xc4\x06\"bool\"\xc2"s,
      "\5\x92\x91\xa1x\x91\xd4\0\0"s,
      "\6\x82\xa1x\x01\xa1y\xd1\xff\0"s,
      "\7\x92\xc0\x92\xc2\xc3"s,
      "\x08\x82\xa1"s + "a\xa1x\xa1" + "b\x81\xa1k\xc0",
      "\x09\x91\x82\xa1"s + "a\x92\1\2\xa1" + "b\xc0",
  };
}

std::vector<std::string> FuzzWords() {
  using namespace std::string_literals;
  return {"\xc0"s,
          "\xd4\0\0"s,
          "\xc7\x03\x0c\x81\x01\xc2"s,
          "\x92\xc4\x08\"string\""s,
          "\xdc"s,
          "\xdd\xff\xff\xff"s,
          "\xdb\0\0\0\1"s,
          "\xc4\x09\"dynamic\""s,
          "\xa1"s + "a",
          "\xa1"s + "b",
          "\xcf"s,
          "\xcb\x7f\xf0\0\0\0\0\0\0"s};
}
