#include "hcl/eval.h"

#include <gtest/gtest.h>

#include "hcl/parser.h"

namespace andon::hcl {
namespace {

using value::Mark;
using value::Type;
using value::Value;

FunctionTable Functions() {
  FunctionTable table;
  Function upper;
  upper.name = "upper";
  upper.parameters = {{.name = "str", .type = Type::String()}};
  upper.returns = Fixed(Type::String());
  upper.body = [](std::span<const Value> args, const CallSite&) -> CallResult {
    std::string text = args[0].string();
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return Value::String(text);
  };
  table.Add(upper);
  Function sum;
  sum.name = "sum";
  sum.variadic = Parameter{.name = "numbers", .type = Type::Number()};
  sum.returns = Fixed(Type::Number());
  sum.body = [](std::span<const Value> args, const CallSite&) -> CallResult {
    value::Number total(0);
    for (size_t i = 0; i < args.size(); ++i) {
      if (args[i].number().sign() < 0) return CallError{static_cast<int>(i), "it is negative"};
      total = total + args[i].number();
    }
    return Value::Number(total);
  };
  table.Add(sum);
  Function where;
  where.name = "where";
  where.parameters = {{.name = "x", .type = Type::Dynamic(), .allow_null = true}};
  where.returns = Fixed(Type::String());
  where.body = [](std::span<const Value>, const CallSite& site) -> CallResult {
    return Value::String(ToString(site.call()) + " " + ToString(site.argument(0)));
  };
  table.Add(where);
  Function can;
  can.name = "can";
  can.parameters = {{.name = "expression", .type = Type::Dynamic()}};
  can.lazy = [](std::span<const Expression> args, const EvalContext& context) {
    return Evaluated{Value::Bool(!Evaluate(args[0], context).diagnostics.has_errors()), {}};
  };
  table.Add(can);
  return table;
}

EvalContext Context(const FunctionTable& functions) {
  EvalContext context;
  context.functions = &functions;
  context.variables["n"] = Value::Number(value::Number(5));
  context.variables["unknown"] = Value::Unknown(Type::String());
  context.variables["unknown_bool"] = Value::Unknown(Type::Bool());
  context.variables["dynamic"] = Value::Dynamic();
  context.variables["secret"] = Value::String("k").WithMarks(Mark::kSensitive);
  context.variables["secrets"] =
      Value::List({Value::String("a"), Value::String("b")}).WithMarks(Mark::kSensitive);
  context.variables["list"] = Value::List({Value::String("a"), Value::String("b")});
  context.variables["map"] = Value::Map({{"one", Value::String("1")}, {"two", Value::String("2")}});
  context.variables["object"] =
      Value::Object({{"name", Value::String("x")}, {"nothing", Value::Null(Type::String())}});
  context.variables["unknown_list"] = Value::Unknown(Type::List(Type::String()));
  context.variables["unknown_object"] = Value::Unknown(Type::Object({{"id", Type::Number()}}));
  context.variables["set"] = Value::Set({Value::String("b"), Value::String("a")});
  return context;
}

// The value as DebugString shows it, or "AN1025 1:1-1:2" for the mistakes.
std::string Eval(const std::string& text) {
  FunctionTable functions = Functions();
  EvalContext context = Context(functions);
  ParsedExpression parsed = ParseExpression(text, "t");
  Evaluated result = Evaluate(parsed.expression, context);
  parsed.diagnostics.Append(std::move(result.diagnostics));
  std::string told;
  for (const Diagnostic& d : parsed.diagnostics) {
    told += fmt::format("{}{} {}-{}", told.empty() ? "" : ", ", d.code, d.subject.start.column,
                        d.subject.end.column);
  }
  return told.empty() ? result.value.DebugString() : told;
}

std::string Shown(const Value& value) { return value.DebugString(); }

TEST(Eval, Values) {
  const Value five = Value::Number(value::Number(5));
  const Value unknown_string = Value::Unknown(Type::String(), {.not_null = true});
  const Value unknown_bool = Value::Unknown(Type::Bool(), {.not_null = true});
  auto secret = [](Value value) { return value.WithMarks(Mark::kSensitive); };
  const std::pair<const char*, Value> cases[] = {
      {"n", five},
      {"\"${n}\"", five},
      {"\"a${n}\"", Value::String("a5")},
      {"\"a${unknown}\"", unknown_string},
      {"\"a:${unknown}\"", Value::Unknown(Type::String(), {.not_null = true, .prefix = "a:"})},
      {"\"a:${unknown}\" == \"b\"", Value::False()},
      {"\"a:${\"b:${unknown}\"}\" == \"a:c\"", Value::False()},
      {"\"a${secret}\"", secret(Value::String("ak"))},
      {"\"${secret}\"", secret(Value::String("k"))},
      {"secret == \"k\"", secret(Value::True())},
      {"[secret] == [\"k\"]", secret(Value::True())},
      {"unknown == \"k\"", unknown_bool},
      {"n > dynamic", unknown_bool},
      {"true || unknown_bool", Value::True()},
      {"unknown_bool && false", Value::False()},
      {"unknown_bool || false", unknown_bool},
      {"true || nothing_here", Value::True()},
      {"unknown_bool ? 1 : 2", Value::Unknown(Type::Number(), {.not_null = true})},
      {"unknown_bool ? null : null", Value::Null()},
      {"unknown_bool ? 1 : null", Value::Unknown(Type::Number())},
      {"secret == \"k\" ? 1 : 2", secret(Value::Number(value::Number(1)))},
      {"true ? \"a\" : 1", Value::String("a")},
      {"false ? \"a\" : 1", Value::String("1")},
      {"true ? n : nothing_here", five},
      {"list[0]", Value::String("a")},
      {"list.0", Value::String("a")},
      {"secrets[0]", secret(Value::String("a"))},
      {"map.one", Value::String("1")},
      {"map[\"two\"]", Value::String("2")},
      {"unknown_list[0]", Value::Unknown(Type::String())},
      {"unknown_object.id", Value::Unknown(Type::Number())},
      {"dynamic.a[0].b", Value::Dynamic()},
      {"dynamic[*].a", Value::Dynamic()},
      {"list[*]", Value::List({Value::String("a"), Value::String("b")})},
      {"object[*].name", Value::Tuple({Value::String("x")})},
      {"object.nothing[*]", Value::EmptyTuple()},
      {"unknown_list[*]", Value::Unknown(Type::List(Type::String()), {.not_null = true})},
      {"secrets[*]", secret(Value::List({Value::String("a"), Value::String("b")}))},
      {"[for x in secrets : x]", secret(Value::Tuple({Value::String("a"), Value::String("b")}))},
      {"[for x in list : x if secret == \"k\"]",
       secret(Value::Tuple({Value::String("a"), Value::String("b")}))},
      {"[for x in unknown_list : x]", Value::Dynamic()},
      {"[for x in set : x]", Value::Tuple({Value::String("a"), Value::String("b")})},
      {"[for x in list : x if unknown_bool]", Value::Dynamic()},
      {"{for k, v in map : v => k}",
       Value::Object({{"1", Value::String("one")}, {"2", Value::String("two")}})},
      {"{(unknown) = 1}", Value::Dynamic()},
      {"{(secret) = n}", secret(Value::Object({{"k", five}}))},
      {"upper(\"ab\")", Value::String("AB")},
      {"upper(unknown)", Value::Unknown(Type::String())},
      {"upper(secret)", secret(Value::String("K"))},
      {"upper(n)", Value::String("5")},
      {"sum()", Value::Number(value::Number(0))},
      {"sum(1, \"2\", n)", Value::Number(value::Number(8))},
      {"sum([1, 2]...)", Value::Number(value::Number(3))},
      {"sum(1, dynamic...)", Value::Dynamic()},
      {"where(n)", Value::String("t:1:1 t:1:7")},
      {"can(n.a)", Value::False()},
      {"[for v in list : can(v)]", Value::Tuple({Value::True(), Value::True()})},
      {"-\"5\"", Value::Number(value::Number(-5))},
      {"!unknown_bool", unknown_bool},
      {"\"%{ for k, v in map }${k}=${v};%{ endfor }\"", Value::String("one=1;two=2;")},
      {"\"%{ for x in unknown_list }${x}%{ endfor }\"", unknown_string},
      {"\"%{ for x in [secret] }${x}%{ endfor }\"", secret(Value::String("k"))},
      {"<<-EOT\n    a\n      b ${n}\n\n    c\n    EOT\n", Value::String("a\n  b 5\n\nc\n")},
      {"\"e\u0301\"", Value::String("\u00e9")},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Eval(text), Shown(want)) << text;
}

TEST(Eval, MistakesAreToldOnceAtTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"nn", "AN1025 1-3"},
      {"nn + 1", "AN1025 1-3"},
      {"nn.a[0].b + nn", "AN1025 1-3, AN1025 13-15"},
      {"object.nam", "AN1026 7-11"},
      {"map.three", "AN1026 4-10"},
      {"list.a", "AN1026 5-7"},
      {"n.a", "AN1026 2-4"},
      {"list[2]", "AN1027 5-8"},
      {"list[n]", "AN1027 5-8"},
      {"list[-1]", "AN1027 5-9"},
      {"list[\"x\"]", "AN1027 5-10"},
      {"set[0]", "AN1027 4-7"},
      {"null.a", "AN1028 5-7"},
      {"null[0]", "AN1028 5-8"},
      {"1 + \"a\"", "AN1029 5-8"},
      {"1 + null", "AN1029 5-9"},
      {"!5", "AN1029 2-3"},
      {"-null", "AN1029 2-6"},
      {"0 / 0", "AN1030 1-6"},
      {"\"a${null}\"", "AN1031 5-9"},
      {"\"a${list}\"", "AN1031 5-9"},
      {"null ? 1 : 2", "AN1032 1-5"},
      {"5 ? 1 : 2", "AN1032 1-2"},
      {"true ? 1 : list", "AN1032 8-16"},
      {"[for x in null : x]", "AN1033 11-15"},
      {"[for x in 5 : x]", "AN1033 11-12"},
      {"[for x in list : x if 5]", "AN1032 23-24"},
      {"[for x in list : y]", "AN1025 18-19"},
      {"{for x in list : \"k\" => x}", "AN1034 18-21"},
      {"[for x in list : x + 1]", "AN1029 18-19"},
      {"[for x in [1, \"a\"] : x + y]", "AN1025 26-27, AN1029 22-23"},
      {"{(null) = 1}", "AN1035 2-8"},
      {"{([1]) = 1}", "AN1035 2-7"},
      {"{a.b = 1}", "AN1035 2-5"},
      {"uper(n)", "AN1036 1-5"},
      {"upper()", "AN1037 7-8"},
      {"upper(n, 1)", "AN1037 10-11"},
      {"upper(list)", "AN1038 7-11"},
      {"upper(null)", "AN1038 7-11"},
      {"sum(1, -1)", "AN1038 8-10"},
      {"sum(1, [2, -3]...)", "AN1038 8-15"},
      {"sum(n...)", "AN1038 5-6"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Eval(text), want) << text;
}

TEST(Eval, WhatWasMeantIsSaid) {
  FunctionTable functions = Functions();
  EvalContext context = Context(functions);
  auto first = [&](const char* text) {
    ParsedExpression parsed = ParseExpression(text, "t");
    Diagnostics found = Evaluate(parsed.expression, context).diagnostics;
    return found.list().at(0).detail + " " + found.list().at(0).at_caret;
  };
  EXPECT_NE(first("objct.name").find("did you mean \"object\"?"), std::string::npos);
  EXPECT_NE(first("uper(n)").find("did you mean \"upper\"?"), std::string::npos);
  EXPECT_NE(first("object.nam").find("did you mean \"name\"?"), std::string::npos);
}

TEST(Eval, SecretsDoNotReachMessages) {
  FunctionTable functions = Functions();
  EvalContext context = Context(functions);
  context.variables["m"] =
      Value::Map({{"topsecretkey", Value::String("x")}}).WithMarks(Mark::kSensitive);
  for (const char* text : {"m.topsecretkez", "m[\"topsecretkez\"]",
                           "{for x in [secret, secret] : x => 1}", "1 + secret", "list[secret]"}) {
    ParsedExpression parsed = ParseExpression(text, "t");
    Diagnostics found = Evaluate(parsed.expression, context).diagnostics;
    ASSERT_EQ(found.errors(), 1) << text;
    EXPECT_EQ(found.list()[0].detail.find("topsecretkey"), std::string::npos) << text;
    EXPECT_EQ(found.list()[0].detail.find("\"k\""), std::string::npos) << text;
  }
}

TEST(Eval, NothingInScope) {
  EXPECT_TRUE(EvaluateConstant(ParseExpression("1 + 2", "t").expression).diagnostics.empty());
  EXPECT_TRUE(EvaluateConstant(ParseExpression("a", "t").expression).diagnostics.has_errors());
  EXPECT_TRUE(EvaluateConstant(ParseExpression("f()", "t").expression).diagnostics.has_errors());
}

TEST(Eval, ParentScopes) {
  EvalContext outer;
  outer.variables["a"] = Value::String("outer");
  outer.variables["b"] = Value::String("b");
  EvalContext inner;
  inner.parent = &outer;
  inner.variables["a"] = Value::String("inner");
  ParsedExpression parsed = ParseExpression("\"${a}${b}\"", "t");
  EXPECT_EQ(Evaluate(parsed.expression, inner).value.string(), "innerb");
}

TEST(References, NamesFromOutsideOnly) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"a.b[0].c + d", {"a.b[0].c", "d"}},
      {"[for x in a.list : x.y + b if x != c]", {"a.list", "b", "c"}},
      {"{for k, v in k : k => v}", {"k"}},
      {"{a = b, (c) = d, \"${e}\" = f}", {"b", "c", "d", "e", "f"}},
      {"a[b.c].d", {"a", "b.c"}},
      {"f(a, [b]...)", {"a", "b"}},
      {"a[*].b[c]", {"a", "c"}},
      {"\"${a}%{ if b }%{ for x in c }${x}${d}%{ endfor }%{ endif }\"", {"a", "b", "c", "d"}},
      {"a ? b : c", {"a", "b", "c"}},
      {"true", {}},
  };
  for (const auto& [text, want] : cases) {
    ParsedExpression parsed = ParseExpression(text, "t");
    std::vector<std::string> got;
    for (const Traversal& reference : References(parsed.expression)) {
      got.push_back(reference.ToString());
    }
    EXPECT_EQ(got, want) << text;
  }
}

TEST(References, CallsInOrder) {
  ParsedExpression parsed = ParseExpression("f(g(1)) + p::h()", "t");
  EXPECT_EQ(CalledFunctions(parsed.expression), (std::vector<std::string_view>{"f", "g", "p::h"}));
}

}  // namespace
}  // namespace andon::hcl
