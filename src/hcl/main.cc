// hcl_tool: the folder's functions from the command line, for comparisons with
// other implementations (format_against_terraform.py, evaluate_against_terraform.py).
//
//   hcl_tool format [-terraform] FILE...   formats in place; as terraform does
//   hcl_tool parse FILE...                 prints what is wrong; exit 1 where something is
//   hcl_tool eval < EXPRESSIONS            one expression a line; one result, as JSON, a line
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "hcl/eval.h"
#include "hcl/format.h"
#include "hcl/parser.h"
#include "value/json.h"

namespace andon::hcl {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

int FormatFiles(const std::vector<std::string>& arguments) {
  FormatOptions options;
  int refused = 0;
  for (const std::string& path : arguments) {
    if (path == "-terraform") {
      options.rewrite_legacy = true;
      continue;
    }
    std::string text = ReadText(path);
    if (ParseFile(path, text).diagnostics.has_errors()) {
      fmt::print("{}: refused\n", path);
      ++refused;
      continue;
    }
    std::ofstream(path, std::ios::binary) << Format(text, options);
  }
  return refused > 0 ? 1 : 0;
}

int ParseFiles(const std::vector<std::string>& paths) {
  bool failed = false;
  for (const std::string& path : paths) {
    std::string text = ReadText(path);
    Sources sources;
    sources.Add(path, text);
    ParsedFile parsed = ParseFile(path, std::move(text));
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
      fmt::print("{}", Render(diagnostic, sources, false));
    }
    failed |= parsed.diagnostics.has_errors();
  }
  return failed ? 1 : 0;
}

int EvaluateLines() {
  EvalContext context;
  for (std::string line; std::getline(std::cin, line);) {
    // A backslash at the end of a line continues it.
    for (std::string more; line.ends_with('\\') && std::getline(std::cin, more);) {
      line.back() = '\n';
      line += more;
    }
    ParsedExpression parsed = ParseExpression(line, "line");
    Evaluated result = Evaluate(parsed.expression, context);
    parsed.diagnostics.Append(std::move(result.diagnostics));
    if (parsed.diagnostics.has_errors()) {
      const Diagnostic& first = parsed.diagnostics.list().front();
      fmt::print("error {} {} {}\n", first.code, first.summary, first.detail);
    } else {
      auto json = value::ToJsonText(result.value);
      // What JSON cannot say, jsonencode() refuses.
      fmt::print("{}\n", json.ok() ? *json : "error " + json.error().message);
    }
  }
  return 0;
}

}  // namespace
}  // namespace andon::hcl

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    fmt::print(stderr, "usage: hcl_tool format|parse FILE... | eval\n");
    return 2;
  }
  std::string verb = arguments.front();
  arguments.erase(arguments.begin());
  if (verb == "format") return andon::hcl::FormatFiles(arguments);
  if (verb == "parse") return andon::hcl::ParseFiles(arguments);
  if (verb == "eval") return andon::hcl::EvaluateLines();
  fmt::print(stderr, "hcl_tool: there is no verb \"{}\"\n", verb);
  return 2;
}
