// links: andon_base andon_value
//
// Any bytes: a document that is read is printed so that it is read again as itself, by the
// documents of base and by the values of the language.
#include "base/json.h"
#include "base/text.h"
#include "driver.h"
#include "value/json.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  Result<Json> document = Json::Parse(input);
  if (document.ok()) {
    std::string once = document->Dump();
    FUZZ_CHECK(IsUtf8(once), input);
    Result<Json> again = Json::Parse(once);
    FUZZ_CHECK(again.ok(), input);
    FUZZ_CHECK(again->Dump() == once, input);
    Result<Json> indented = Json::Parse(document->Dump(2));
    FUZZ_CHECK(indented.ok() && indented->Dump() == once, input);
  }
  Result<value::Value> read = value::FromJsonText(input);
  if (read.ok()) {
    Result<std::string> text = value::ToJsonText(*read);
    FUZZ_CHECK(text.ok(), input);
    // A whole number of more than 308 digits is printed, and not read: rapidjson refuses it.
    Result<value::Value> again = value::FromJsonText(*text);
    if (again.ok()) FUZZ_CHECK(*value::ToJsonText(*again) == *text, input);
  }
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"({"a":1,"b":[true,false,null],"c":{"d":"x"}})",
      R"(["\u00e9\ud83d\ude00\n\"\\\/","é",""])",
      "[0,-0,-1,1.5,1e10,1E-7,9223372036854775807,-9223372036854775808,18446744073709551616]",
      "[0.1,123456789012345678901234567890.5,1e308,5e-324]",
      " {\n \"a\" : [ ] ,\t\"b\" : { } }\r\n",
      "\"text\"",
  };
}

std::vector<std::string> FuzzWords() {
  return {"{",    "}",    "[",     "]",   "\"",      "\\",      ",",       ":",
          "null", "true", "false", "\\u", "\\ud83d", "\\udc00", "\\u0000", "1e999",
          "-",    "0.",   "e+",    "1",   "\"a\":",  "\xff",    "\xc3",    "é",
          "//",   "/*",   "NaN",   " ",   "[[",      "1e-999"};
}
