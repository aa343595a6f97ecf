// links: andon_base andon_value andon_hcl andon_provider andon_config
//
// Any body, read by a schema with blocks of each nesting: a value of the schema's type
// comes out, which may be proposed and planned as it is. The first byte says whether the
// text counts as JSON, in which objects stand for blocks.
#include "config/terraform/body.h"
#include "driver.h"
#include "hcl/parser.h"
#include "provider/plan_valid.h"
#include "provider/proposed_new.h"
#include "provider/schema_values.h"

using namespace andon;
using provider::BlockSchema;
using provider::NestedBlock;
using provider::Nesting;
using value::Type;
using value::Value;

namespace {

NestedBlock Nested(std::string name, Nesting nesting, Type type) {
  NestedBlock nested{.name = std::move(name), .nesting = nesting};
  nested.block.attributes = {{.name = "a", .type = std::move(type), .optional = true},
                             {.name = "b", .type = Type::String(), .required = true}};
  return nested;
}

BlockSchema Schema() {
  BlockSchema schema;
  provider::AttributeSchema objects{.name = "n", .nesting = Nesting::kMap, .optional = true};
  objects.attributes = {{.name = "a", .type = Type::Number(), .optional = true, .computed = true}};
  schema.attributes = {
      {.name = "a", .type = Type::Number(), .optional = true, .computed = true},
      {.name = "d", .type = Type::Dynamic(), .optional = true},
      objects,
      {.name = "t", .type = Type::Map(Type::Set(Type::String())), .required = true}};
  schema.blocks = {Nested("any", Nesting::kList, Type::Dynamic()),
                   Nested("group", Nesting::kGroup, Type::Number()),
                   Nested("keyed", Nesting::kMap, Type::Bool()),
                   Nested("list", Nesting::kList, Type::Number()),
                   Nested("one", Nesting::kSingle, Type::String()),
                   Nested("set", Nesting::kSet, Type::List(Type::Dynamic()))};
  schema.blocks[3].block.blocks = {Nested("inner", Nesting::kSet, Type::Number())};
  return schema;
}

// The same of an old provider, whose attributes may be written as blocks.
BlockSchema OldSchema() {
  BlockSchema schema;
  schema.attributes = {
      {.name = "list",
       .type = Type::List(Type::Object({{"a", Type::Number()}, {"b", Type::String()}})),
       .optional = true},
      {.name = "t", .type = Type::Map(Type::String()), .optional = true}};
  schema.blocks = {Nested("one", Nesting::kSingle, Type::Number())};
  return schema;
}

void Check(const hcl::File& file, const provider::TypedBlock& schema,
           const hcl::EvalContext& context, const std::string& input) {
  auto decoded = config::DecodeBody(file.body(), schema, context);
  auto mismatch = provider::CheckConformance(decoded.value, schema.type);
  FUZZ_CHECK(!mismatch, input + "\n" + mismatch.value_or(""));
  for (const Diagnostic& d : decoded.diagnostics) FUZZ_CHECK(d.subject.exists(), input);
  config::DeprecationWarnings(file.body(), *schema.schema);
  for (const value::PathMarks& marked : value::UnmarkDeepWithPaths(decoded.value).second)
    FUZZ_CHECK(config::RangeOf(file.body(), marked.path).exists(), input);
  Value plain = decoded.value.UnmarkDeep();
  Value none = Value::Null(schema.type);
  Value proposed = provider::ProposedNew(*schema.schema, none, plain);
  FUZZ_CHECK(provider::CheckPlanned(*schema.schema, none, plain, proposed).empty(), input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const BlockSchema schema = Schema();
  static const BlockSchema old = OldSchema();
  static const provider::TypedBlock typed(schema);
  static const provider::TypedBlock old_typed(old);
  std::string input(reinterpret_cast<const char*>(data), size);
  auto parsed = hcl::ParseFile(data[0] % 2 == 0 ? "main.tf" : "main.tf.json", input.substr(1));
  hcl::EvalContext context;
  context.variables["known"] = Value::List({Value::String("x"), Value::String("y")});
  context.variables["unknown"] = Value::Unknown(Type::Map(Type::String()));
  context.variables["secret"] =
      Value::Map({{"k", Value::String("v")}}).WithMarks(value::Mark::kSensitive);
  Check(*parsed.file, typed, context, input);
  Check(*parsed.file, old_typed, context, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      "0t = { a = [\"1\", 2] }\na = \"3\"\nn = { x = {}, y = { a = 1 } }\n",
      "0t = {}\nany { b = 1 }\nany {\n a = []\n b = true\n}\ngroup { b = 1 }\none { b = secret.k "
      "}\n",
      "0t = {}\nkeyed \"k\" { b = 1 }\nkeyed \"l\" { b = 2 }\nset {\n a = [1]\n b = 1\n}\n",
      "0t = {}\ndynamic \"list\" {\n for_each = known\n content {\n b = list.value\n dynamic "
      "\"inner\" {\n for_each = secret\n iterator = it\n content { b = it.key }\n }\n }\n}\n",
      "0t = {}\ndynamic \"keyed\" {\n for_each = secret\n labels = [keyed.key]\n content { b = 1 "
      "}\n}\n",
      "0t = {}\ndynamic \"set\" {\n for_each = unknown\n content { b = set.key }\n}\n",
      "0list { a = 1 }\nlist { b = 2 }\ndynamic \"list\" {\n for_each = unknown\n content {}\n}\n",
      "1t = {}\nlist = [{ b = 1 }, { b = 2, inner = { b = 3 } }]\nkeyed = { k = { b = 1 } }\none = "
      "{}\n",
      "1t = {}\ndynamic = { list = { for_each = known, content = { b = 1 } } }\nset = null\n",
  };
}

std::vector<std::string> FuzzWords() {
  return {"a",      "b",     "t",       "n",      "d",       "any",     "group",     "keyed",
          "list",   "one",   "set",     "inner",  "dynamic", "content", "for_each",  "iterator",
          "labels", "known", "unknown", "secret", "each",    " = ",     " {\n",      "\n}\n",
          "[",      "]",     "\"k\"",   ".value", ".key",    "null",    "{ a = 1 }", "//"};
}
