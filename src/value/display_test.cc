#include "value/display.h"

#include <gtest/gtest.h>

namespace andon::value {
namespace {

Value S(const char* text) { return Value::String(text); }
Value N(int64_t n) { return Value::Number(n); }

TEST(Display, PrintsAsTheConsole) {
  const std::pair<Value, const char*> kCases[] = {
      {Value::Null(), "null"},
      {Value::Null(Type::String()), "tostring(null)"},
      {Value::Null(Type::Set(Type::Number())), "toset(null) /* of number */"},
      {Value::Null(Type::EmptyObject()), "null /* object */"},
      {Value::Dynamic(), "(known after apply)"},
      {S("a").WithMarks(Mark::kSensitive), "(sensitive value)"},
      {S("a").WithMarks(Mark::kEphemeral), "(ephemeral value)"},
      {Value::EmptyTuple(), "[]"},
      {Value::EmptyObject(), "{}"},
      {Value::List(Type::String(), {}), "tolist([])"},
      {Value::Map(Type::String(), {}), "tomap({})"},
      {Value::Set({N(2), N(1)}), "toset([\n  1,\n  2,\n])"},
      {Value::Object({{"a b", N(1)}, {"A", S("x\ny")}}),
       "{\n  \"A\" = <<-EOT\n  x\n  y\n  EOT\n  \"a b\" = 1\n}"},
      {Value::Map({{"a", Value::List({N(1)})}}), "tomap({\n  \"a\" = tolist([\n    1,\n  ])\n})"},
      {S("a\nb"), "<<EOT\na\nb\nEOT"},
      {S("EOT\nEOT_"), "<<EOT__\nEOT\nEOT_\nEOT__"},
      {S("${a} \"\\\t\x01\xC3\xA9"), "\"${a} \\\"\\\\\\t\\x01\xC3\xA9\""},
  };
  for (const auto& [value, text] : kCases) EXPECT_EQ(Format(value), text);
}

TEST(Display, QuotesForHcl) {
  EXPECT_EQ(QuoteHcl("${a} %{b} $c \"\\\n\x01"), R"("$${a} %%{b} $c \"\\\n\u0001")");
}

TEST(Display, CutsForMessages) {
  EXPECT_EQ(FormatShort(Value::Tuple({N(1), S("a\nb")})), R"([1, "a\nb"])");
  EXPECT_EQ(FormatShort(S("abcdefgh"), 5), "\"abc…");
  EXPECT_EQ(FormatShort(Value::Tuple({S("k").WithMarks(Mark::kSensitive)})), "[(sensitive value)]");
}

}  // namespace
}  // namespace andon::value
