#include "value/value.h"

#include <gtest/gtest.h>

#include "value/path.h"

namespace andon::value {
namespace {

Value S(const char* text) { return Value::String(text); }
Value N(int64_t n) { return Value::Number(n); }
Value UnknownString() { return Value::Unknown(Type::String()); }

TEST(Value, StringsEnterInNormalForm) {
  EXPECT_EQ(S("e\xCC\x81"), S("\xC3\xA9"));
  EXPECT_EQ(Value::Map({{"e\xCC\x81", N(1)}}).members()[0].first, "\xC3\xA9");
  EXPECT_EQ(Value::Object({{"e\xCC\x81", N(1)}}).type().attributes()[0].name, "\xC3\xA9");
}

TEST(Value, SetsAreOrderedAndWithoutRepetition) {
  const std::pair<Value, const char*> kCases[] = {
      {Value::Set({S("b"), S("a"), S("b")}), R"(toset(["a", "b"]))"},
      {Value::Set({N(10), N(9), N(1), N(10)}), "toset([1, 9, 10])"},
      {Value::Set({Value::True(), Value::False()}), "toset([false, true])"},
      {Value::Set({Value::Null(Type::String()), S("a")}), R"(toset(["a", tostring(null)]))"},
      {Value::Set({UnknownString(), S("a"), UnknownString()}),
       R"(toset(["a", unknown(string), unknown(string)]))"},
      {Value::Set({Value::Tuple({S("b")}), Value::Tuple({S("a")}), Value::Tuple({S("b")})}),
       R"(toset([["a"], ["b"]]))"},
      {Value::Set({S("b").WithMarks(Mark::kSensitive), S("a")}), R"(sensitive(toset(["a", "b"])))"},
  };
  for (const auto& [set, text] : kCases) EXPECT_EQ(set.DebugString(), text);
  // Numbers that differ beyond the digits of their place in the order are two.
  Value close = Value::Set({Value::Tuple({N(12345678901)}), Value::Tuple({N(12345678902)}),
                            Value::Tuple({N(12345678901)})});
  EXPECT_EQ(close.size(), 2);
}

TEST(Value, AnObjectTakesATypeOnlyWhereItHasIt) {
  Value plain = Value::Object({{"a", Value::True()}, {"b", Value::String("x")}});
  Value shared = Value::Object(plain.type(), {{"a", Value::False()}, {"b", Value::String("y")}});
  EXPECT_EQ(shared, Value::Object({{"a", Value::False()}, {"b", Value::String("y")}}));
  EXPECT_EQ(&shared.type().attributes(), &plain.type().attributes());
  // Other names, types or orders: the type is that of the members.
  EXPECT_EQ(Value::Object(plain.type(), {{"a", Value::True()}}),
            Value::Object({{"a", Value::True()}}));
  EXPECT_EQ(Value::Object(plain.type(), {{"b", Value::String("x")}, {"a", Value::True()}}), plain);
  Type loose = Type::Object({{.name = "a", .type = Type::Dynamic()}});
  EXPECT_EQ(Value::Object(loose, {{"a", Value::True()}}).type(),
            Type::Object({{.name = "a", .type = Type::Bool()}}));
  Type optional = Type::Object({{.name = "a", .type = Type::Bool(), .optional = true}});
  EXPECT_EQ(Value::Object(optional, {{"a", Value::True()}}).type(),
            Type::Object({{.name = "a", .type = Type::Bool()}}));
}

TEST(Value, MapsAndObjectsAreOrderedByNameAndTheLastCounts) {
  Value object = Value::Object({{"b", N(1)}, {"a", N(2)}, {"b", S("x")}});
  EXPECT_EQ(object.DebugString(), R"({"a" = 2, "b" = "x"})");
  EXPECT_EQ(object.attribute_order(), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(object, Value::Object({{"a", N(2)}, {"b", S("x")}}));
  EXPECT_EQ(*object.Find("a"), N(2));
  EXPECT_EQ(object.Find("c"), nullptr);
}

TEST(Value, ElementsOfNoTypeTakeThatOfTheirCollection) {
  Value list = Value::List({S("a"), Value::Null(), Value::Dynamic()});
  EXPECT_EQ(list.type(), Type::List(Type::String()));
  EXPECT_EQ(list.items()[1], Value::Null(Type::String()));
  EXPECT_EQ(list.items()[2], UnknownString());
}

TEST(Value, KnowsWhatIsUnknownAndMarkedInside) {
  Value deep = Value::Tuple({Value::Object({{"a", UnknownString().WithMarks(Mark::kSensitive)}})});
  EXPECT_TRUE(deep.is_known());
  EXPECT_FALSE(deep.is_wholly_known());
  EXPECT_FALSE(deep.is_marked());
  EXPECT_TRUE(deep.deep_marks().Has(Mark::kSensitive));
  EXPECT_FALSE(deep.deep_marks().Has(Mark::kEphemeral));
  EXPECT_FALSE(deep.UnmarkDeep().contains_marked());
  EXPECT_EQ(deep.WithoutMarkDeep(Mark::kEphemeral), deep);
  EXPECT_EQ(deep.WithoutMarkDeep(Mark::kSensitive), deep.UnmarkDeep());
  EXPECT_TRUE(Value::Null(Type::String()).is_known());
}

TEST(Value, EqualsIsUnknownWhereItMustBe) {
  Value unknown_list = Value::Unknown(Type::List(Type::String()));
  Value not_null = UnknownString().RefineNotNull();
  const std::tuple<Value, Value, const char*> kCases[] = {
      {S("a"), S("a"), "true"},
      {S("a"), S("b"), "false"},
      {S("1"), N(1), "false"},
      {N(1), Value::Number(*Number::Parse("1.0")), "true"},
      {Value::Null(), Value::Null(Type::String()), "true"},
      {Value::Null(), S("a"), "false"},
      {UnknownString(), S("a"), "unknown(bool, not null)"},
      {UnknownString(), N(1), "false"},
      {UnknownString(), Value::Null(), "unknown(bool, not null)"},
      {not_null, Value::Null(), "false"},
      {Value::Dynamic(), N(1), "unknown(bool, not null)"},
      {Value::Tuple({N(1), UnknownString()}), Value::Tuple({N(2), S("a")}), "false"},
      {Value::Tuple({N(1), UnknownString()}), Value::Tuple({N(1), S("a")}),
       "unknown(bool, not null)"},
      {Value::Tuple({N(1)}), Value::List({N(1)}), "false"},
      {Value::Object({{"a", N(1)}}), Value::Object({{"a", N(1)}}), "true"},
      {Value::Object({{"a", N(1)}}), Value::Object({{"b", N(1)}}), "false"},
      {Value::Map({{"a", N(1)}}), Value::Map({{"b", N(1)}}), "false"},
      {Value::Set({N(1), N(2)}), Value::Set({N(2), N(1)}), "true"},
      {Value::Set({UnknownString()}), Value::Set({S("a")}), "unknown(bool, not null)"},
      {S("a").WithMarks(Mark::kSensitive), S("a"), "sensitive(true)"},
      {Value::Tuple({S("a").WithMarks(Mark::kSensitive)}), Value::Tuple({S("a")}),
       "sensitive(true)"},
      {Value::Tuple({S("a").WithMarks(Mark::kSensitive)}), Value::Null(), "false"},
  };
  for (const auto& [a, b, text] : kCases) {
    EXPECT_EQ(a.Equals(b).DebugString(), text) << a.DebugString() << " == " << b.DebugString();
    EXPECT_EQ(b.Equals(a).DebugString(), text) << b.DebugString() << " == " << a.DebugString();
  }
}

TEST(Value, RawEqualsSeesEverything) {
  EXPECT_EQ(UnknownString(), UnknownString());
  EXPECT_NE(UnknownString(), UnknownString().RefineNotNull());
  EXPECT_NE(S("a"), S("a").WithMarks(Mark::kSensitive));
  EXPECT_NE(Value::Null(), Value::Null(Type::String()));
  EXPECT_EQ(S("a").Hash(), S("a").Hash());
  EXPECT_EQ(Value::Tuple({N(1)}).Hash(),
            Value::Tuple({Value::Number(*Number::Parse("1.0"))}).Hash());
}

TEST(Value, IndexesWithMarksAndUnknowns) {
  Value list = Value::List({S("a"), S("b")}).WithMarks(Mark::kSensitive);
  EXPECT_EQ(list.Index(N(1)).DebugString(), "sensitive(\"b\")");
  EXPECT_EQ(list.HasIndex(N(2)).DebugString(), "sensitive(false)");
  EXPECT_EQ(list.HasIndex(Value::Number(*Number::Parse("0.5"))).Unmark(), Value::False());
  EXPECT_EQ(list.HasIndex(N(-1)).Unmark(), Value::False());
  EXPECT_EQ(list.HasIndex(S("a")).Unmark(), Value::False());
  EXPECT_EQ(list.Index(Value::Unknown(Type::Number())).DebugString(), "sensitive(unknown(string))");
  Value map = Value::Map({{"k", N(1)}});
  EXPECT_EQ(map.Index(S("k")), N(1));
  EXPECT_EQ(map.HasIndex(S("x")), Value::False());
  Value unknown = Value::Unknown(Type::Tuple({Type::String()}));
  EXPECT_EQ(unknown.HasIndex(N(0)), Value::True());
  EXPECT_EQ(unknown.Index(N(0)), UnknownString());
  EXPECT_EQ(unknown.HasIndex(N(1)), Value::False());
  EXPECT_EQ(Value::Set({N(1)}).HasIndex(N(1)), Value::False());
  Value object = Value::Object({{"a", N(1)}}).WithMarks(Mark::kEphemeral);
  EXPECT_EQ(object.Attribute("a").DebugString(), "ephemeral(1)");
  EXPECT_EQ(Value::Unknown(object.type()).Attribute("a"), Value::Unknown(Type::Number()));
  EXPECT_EQ(Value::Dynamic().Attribute("a"), Value::Dynamic());
}

TEST(Value, CountsWhatItKnows) {
  EXPECT_EQ(Value::EmptyTuple().Length(), N(0));
  EXPECT_FALSE(Value::Set({UnknownString(), S("a")}).Length().is_known());
  EXPECT_EQ(Value::Set({UnknownString()}).Length(), N(1));
  EXPECT_EQ(Value::Unknown(Type::Tuple({Type::Bool()})).Length(), N(1));
  EXPECT_FALSE(Value::Unknown(Type::List(Type::Bool())).Length().is_known());
}

TEST(Path, LeadsToParts) {
  Value value = Value::Object(
      {{"a", Value::Map({{"b", Value::List({N(1), N(2)})}})}, {"s", Value::Set({S("x")})}});
  Path path = Path().Attribute("a").Index(S("b")).Index(N(1));
  EXPECT_EQ(ToString(path), ".a[\"b\"][1]");
  EXPECT_EQ(*path.Apply(value), N(2));
  EXPECT_TRUE(path.HasPrefix(Path().Attribute("a")));
  EXPECT_FALSE(path.HasPrefix(Path().Attribute("s")));
  EXPECT_EQ(*Path().Attribute("s").Index(S("x")).Apply(value), S("x"));
  auto missing = path.Index(N(0)).Apply(value);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, ".a[\"b\"][1]: The value has no element 0.");
  EXPECT_FALSE(Path().Attribute("z").Apply(value).ok());
  EXPECT_FALSE(Path().Attribute("z").Apply(Value::Null()).ok());
  EXPECT_EQ(ToString(Path().Index(Value::Tuple({N(1)}))), "[...]");
}

TEST(Path, TakesMarksOffAndPutsThemBack) {
  Value value = Value::Object({{"a", Value::List({S("x"), S("y").WithMarks(Mark::kSensitive)})},
                               {"b", Value::Map({{"k", S("z").WithMarks(Mark::kEphemeral)}})},
                               {"c", Value::Tuple({N(1)}).WithMarks(Mark::kSensitive)}});
  auto [bare, marks] = UnmarkDeepWithPaths(value);
  EXPECT_FALSE(bare.contains_marked());
  ASSERT_EQ(marks.size(), 3u);
  EXPECT_EQ(ToString(marks[0].path), ".a[1]");
  EXPECT_EQ(MarkWithPaths(bare, marks), value);
  EXPECT_EQ(MarkWithPaths(bare, {{Path().Attribute("nowhere"), Mark::kSensitive}}), bare);
}

}  // namespace
}  // namespace andon::value
