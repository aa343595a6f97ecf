// links: andon_hcl
//
// Any bytes: parsing gives a tree whose ranges lie in the text; formatting settles
// after one pass and keeps all but white space; evaluating ends.
#include <algorithm>

#include "driver.h"
#include "hcl/eval.h"
#include "hcl/format.h"
#include "hcl/parser.h"

namespace {

using namespace andon;
using namespace andon::hcl;

void CheckBody(const Body& body, const EvalContext& context, const std::string& input) {
  auto size = static_cast<uint32_t>(body.file->text().size());
  FUZZ_CHECK(body.span.end <= size && body.span.begin <= body.span.end, input);
  for (const Attribute& attribute : body.attributes) {
    FUZZ_CHECK(attribute.span.end <= size && attribute.value != nullptr, input);
    FUZZ_CHECK(attribute.value->span.begin <= attribute.value->span.end, input);
    FUZZ_CHECK(attribute.value->span.end <= size, input);
    Evaluate(attribute.expression(), context);
    for (const Traversal& reference : References(attribute.expression())) reference.range();
  }
  for (const Block& block : body.blocks) {
    FUZZ_CHECK(block.span.begin <= block.span.end && block.span.end <= size, input);
    CheckBody(block.body, context, input);
  }
}

// A byte order mark at the start is dropped, as terraform drops it.
std::string WithoutBlanks(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  for (char c : text) {
    if (c != ' ' && c != '\t') out += c;
  }
  return out;
}

EvalContext Context() {
  EvalContext context;
  context.variables["x"] = value::Value::Number(value::Number(1));
  context.variables["a"] = value::Value::Object(
      {{"b", value::Value::Tuple({value::Value::String("s"), value::Value::Null()})},
       {"u", value::Value::Dynamic()},
       {"l",
        value::Value::List({value::Value::String("one").WithMarks(value::Mark::kSensitive)})}});
  return context;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const EvalContext context = Context();
  std::string input(reinterpret_cast<const char*>(data), size);
  ParsedFile parsed = ParseFile("fuzz.hcl", input);
  CheckBody(parsed.file->body(), context, input);
  if (!parsed.diagnostics.has_errors()) {
    std::string once = Format(input);
    FUZZ_CHECK(WithoutBlanks(once) == WithoutBlanks(input), input);
    FUZZ_CHECK(Format(once) == once, input);
    FUZZ_CHECK(!ParseFile("fuzz.hcl", once).diagnostics.has_errors(), input);
    Format(input, {.rewrite_legacy = true});
  } else {
    Format(input);
  }
  ParsedExpression expression = ParseExpression(input, "fuzz.hcl");
  Evaluate(expression.expression, context);
  ParsedExpression text = ParseTemplate(input, "fuzz.hcl");
  Evaluate(text.expression, context);
  ParseTraversal(input, "fuzz.hcl");
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      "a = 1\nb = \"x${a.b[0]}y\"\n",
      "resource \"t\" \"n\" {\n  x = [for k, v in a.b : \"${k}\" if v != null]\n  y { z = 1 }\n}\n",
      "a = <<EOT\n  text ${x}\n%{ for i in [1, 2] ~}\n${i}\n%{ endfor ~}\nEOT\n",
      "a = <<-EOT\n    one\n      two ${~ x ~}\n    EOT\n",
      "a = { for k, v in a : k => v... }\nb = a.b[*].c\nc = a.*.d\n",
      "a = x > 0 && !(x == 1) || -x % 2 <= 3 ? { b = 1, (c) = 2 } : null\n",
      "a = f(1, [2, 3]...)\nb = p::q::r()\n",
      "a = \"\\u00e9\\n\\\"$${x}%%{y}\" # c\n// d\n/* e */\n",
      "a = \"%{ if x }b%{ else }c%{ endif }\"\n",
      "a = 12345678901234567890.5e-3 + 0.1\nb = [1, 2, 3][x]\nc = a.l[0]\nd = a.u.v[*].w\n",
      "a.b[\"c\"][0].d",
  };
}

std::vector<std::string> FuzzWords() {
  return {"{",
          "}",
          "[",
          "]",
          "(",
          ")",
          "\"",
          "${",
          "%{",
          "~}",
          "<<E\n",
          "\nE\n",
          "=",
          "==",
          "=>",
          "...",
          ".",
          "[*]",
          ".*",
          ",",
          "\n",
          "\r\n",
          "#",
          "/*",
          "*/",
          "for ",
          " in ",
          " if ",
          "else",
          "endif",
          "!",
          "-",
          "a",
          "x",
          "a.b",
          "null",
          "::",
          "?",
          ":",
          "&&",
          "\\",
          "\xff",
          "\xEF\xBB\xBF",
          "\u00e9",
          "1e9",
          "0.",
          "a = ",
          "b {\n",
          "+ 1 ",
          ".0"};
}
