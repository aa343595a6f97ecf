// The HCL specification's own test suite: x.hcl is read by the schema x.hcldec, and
// the value, its type, or the diagnostics with their ranges must be those of x.t.
//
// The schema language (hcldec's) is interpreted here as far as the suite uses it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "hcl/eval.h"
#include "hcl/parser.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"
#include "value/convert.h"

namespace andon::hcl {
namespace {

using value::Type;
using value::Value;

const std::filesystem::path kSuite =
    std::filesystem::path(ANDON_SHARED_DIR) / "conformance/hcl-specsuite/tests";

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// string, list(any), object({a = number})
Type ReadType(Expression expression) {
  std::string_view word = AsKeyword(expression);
  if (word == "string") return Type::String();
  if (word == "number") return Type::Number();
  if (word == "bool") return Type::Bool();
  auto call = AsCall(expression);
  if (!call || call->arguments.size() != 1) return Type::Dynamic();
  if (call->name == "list") return Type::List(ReadType(call->arguments[0]));
  if (call->name == "map") return Type::Map(ReadType(call->arguments[0]));
  std::vector<Type::Attribute> attributes;
  for (const StaticItem& item : AsMap(call->arguments[0]).value_or(std::vector<StaticItem>())) {
    attributes.push_back({std::string(AsKeyword(item.key)), ReadType(item.value)});
  }
  return Type::Object(std::move(attributes));
}

Value Constant(const Body& body, std::string_view name) {
  const Attribute* attribute = body.Find(name);
  return attribute ? EvaluateConstant(attribute->expression()).value : Value::Null();
}

// One node of a schema, and how it reads a body.
class Spec {
 public:
  explicit Spec(const Block& block)
      : block_(block),
        kind_(block.type),
        name_(block.labels.empty() ? "" : std::string(block.labels[0].text)) {
    for (const Block& child : block.body.blocks) children_.emplace_back(child);
    Value type = Constant(block.body, "block_type");
    block_type_ = type.is_null() ? name_ : type.string();
  }

  const std::string& name() const { return name_; }

  Value Decode(const Body& body, const EvalContext& context, Diagnostics& diagnostics) const {
    BodySchema schema;
    AddTo(schema);
    BodyContent content = Content(body, schema);
    diagnostics.Append(content.diagnostics);
    return Read(content, context, diagnostics);
  }

 private:
  bool is_block() const {
    return kind_ == "block" || kind_ == "block_list" || kind_ == "block_map";
  }

  void AddTo(BodySchema& schema) const {
    if (kind_ == "attr") schema.attributes.push_back({name_});
    if (kind_ == "object") {
      for (const Spec& child : children_) child.AddTo(schema);
    }
    if (!is_block()) return;
    BlockSchema block{block_type_, {}};
    Value labels = Constant(block_.body, "labels");
    if (!labels.is_null()) {
      for (const Value& label : labels.items()) block.label_names.push_back(label.string());
    }
    schema.blocks.push_back(std::move(block));
  }

  Type ValueType() const {
    if (kind_ == "attr") return ReadType(block_.body.Find("type")->expression());
    if (kind_ == "block_list") return Type::List(children_[0].ValueType());
    if (kind_ == "block_map") return Type::Map(children_[0].ValueType());
    if (kind_ == "block") return children_[0].ValueType();
    std::vector<Type::Attribute> attributes;
    for (const Spec& child : children_) attributes.push_back({child.name_, child.ValueType()});
    return Type::Object(std::move(attributes));
  }

  Value Read(const BodyContent& content, const EvalContext& context,
             Diagnostics& diagnostics) const {
    if (kind_ == "literal") return Constant(block_.body, "value");
    if (kind_ == "attr") return ReadAttribute(content, context, diagnostics);
    if (is_block()) return ReadBlocks(content, context, diagnostics);
    Value::Members members;
    for (const Spec& child : children_) {
      members.emplace_back(child.name_, child.Read(content, context, diagnostics));
    }
    return Value::Object(std::move(members));
  }

  Value ReadAttribute(const BodyContent& content, const EvalContext& context,
                      Diagnostics& diagnostics) const {
    const Attribute* attribute = content.Find(name_);
    if (attribute == nullptr) return Value::Null(ValueType());
    Evaluated result = Evaluate(attribute->expression(), context);
    diagnostics.Append(std::move(result.diagnostics));
    auto converted = value::Convert(result.value, ValueType());
    EXPECT_TRUE(converted.ok()) << name_;
    return converted.ok() ? *converted : Value::Unknown(ValueType());
  }

  Value ReadBlocks(const BodyContent& content, const EvalContext& context,
                   Diagnostics& diagnostics) const {
    std::vector<Value> values;
    Value::Members members;
    for (const Block* block : content.blocks) {
      if (block->type != block_type_) continue;
      Value value = children_[0].Decode(block->body, context, diagnostics);
      if (!block->labels.empty()) members.emplace_back(std::string(block->labels[0].text), value);
      values.push_back(std::move(value));
    }
    if (kind_ == "block_map") return Value::Map(children_[0].ValueType(), std::move(members));
    if (kind_ == "block_list") return Value::List(children_[0].ValueType(), std::move(values));
    return values.empty() ? Value::Null(ValueType()) : values.front();
  }

  const Block& block_;
  std::string kind_;
  std::string name_;
  std::string block_type_;
  std::vector<Spec> children_;
};

SourcePos ReadPos(const Body& body) {
  auto number = [&](std::string_view name) {
    return static_cast<int32_t>(Constant(body, name).number().ToInt64().value_or(-1));
  };
  return {number("line"), number("column"), number("byte")};
}

// "error 1:2-1:3" for each expected diagnostic; the byte offsets are in it too.
std::string Describe(Severity severity, SourcePos from, SourcePos to) {
  return fmt::format("{} {}:{}({})-{}:{}({})", severity == Severity::kError ? "error" : "warning",
                     from.line, from.column, from.byte, to.line, to.column, to.byte);
}

std::vector<std::string> Expected(const Body& body) {
  std::vector<std::string> expected;
  for (const Block& outer : body.blocks) {
    if (outer.type != "diagnostics") continue;
    for (const Block& one : outer.body.blocks) {
      SourcePos from;
      SourcePos to;
      for (const Block& pos : one.body.blocks) {
        (pos.type == "from" ? from : to) = ReadPos(pos.body);
      }
      expected.push_back(
          Describe(one.type == "error" ? Severity::kError : Severity::kWarning, from, to));
    }
  }
  return expected;
}

void RunCase(const std::filesystem::path& path) {
  auto with = [&](const char* extension) {
    auto file = path;
    return file.replace_extension(extension);
  };
  ParsedFile input = ParseFile("input", ReadText(with(".hcl")));
  ParsedFile schema = ParseFile("schema", ReadText(with(".hcldec")));
  ParsedFile expected = ParseFile("expected", ReadText(path));
  ASSERT_TRUE(schema.diagnostics.empty() && expected.diagnostics.empty());

  EvalContext context;
  Diagnostics found = input.diagnostics;
  Value value;
  for (const Block& block : schema.file->body().blocks) {
    if (block.type == "variables") {
      for (const Attribute& attribute : block.body.attributes) {
        context.variables[std::string(attribute.name)] =
            EvaluateConstant(attribute.expression()).value;
      }
    }
  }
  // As the reference harness: a file with syntax errors is not decoded.
  if (!input.diagnostics.has_errors()) {
    for (const Block& block : schema.file->body().blocks) {
      if (block.type == "variables") continue;
      Spec spec(block);
      value = spec.Decode(input.file->body(), context, found);
    }
  }
  std::vector<std::string> told;
  for (const Diagnostic& diagnostic : found) {
    told.push_back(Describe(diagnostic.severity, diagnostic.subject.start, diagnostic.subject.end));
  }
  const Body& wanted = expected.file->body();
  EXPECT_EQ(told, Expected(wanted));
  if (found.has_errors()) return;
  if (const Attribute* type = wanted.Find("result_type")) {
    EXPECT_EQ(value::TypeExpression(value.type()),
              value::TypeExpression(ReadType(type->expression())));
  }
  if (const Attribute* result = wanted.Find("result")) {
    auto want = value::Convert(EvaluateConstant(result->expression()).value, value.type());
    ASSERT_TRUE(want.ok()) << want.error().message;
    EXPECT_EQ(value.DebugString(), want->DebugString());
    EXPECT_TRUE(value == *want);
  }
}

TEST(SpecSuite, EveryCasePasses) {
  if (!std::filesystem::exists(kSuite)) GTEST_SKIP() << "the HCL specification's suite is not here";
  int total = 0;
  int passed = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSuite)) {
    if (entry.path().extension() != ".t") continue;
    SCOPED_TRACE(entry.path().string());
    int before =
        ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
    RunCase(entry.path());
    int after =
        ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
    ++total;
    if (after == before) ++passed;
  }
  fmt::print("hcl-specsuite: {}/{} passed\n", passed, total);
  EXPECT_EQ(total, 15);
}

}  // namespace
}  // namespace andon::hcl
