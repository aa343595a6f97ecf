// Runs the case files of the groups (*.eval: `expression => value`), and the cases of
// OpenTofu's reference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/json.h"
#include "base/shared_library.h"
#include "base/text.h"
#include "functions/registry.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "value/display.h"

namespace andon::functions {
namespace {

using value::Type;
using value::Value;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The functions, and unknown(string) or unknown(["list", "string"]) for the tests.
class Evaluator {
 public:
  explicit Evaluator(std::string base_dir)
      : clock_(FromMillis(1'700'000'000'000)),
        table_(MakeTable({.base_dir = std::move(base_dir),
                          .home_dir = "/home/user",
                          .clock = &clock_,
                          .plan_time = FromMillis(1'600'000'000'000),
                          .files_read = &files_read})) {
    hcl::Function unknown;
    unknown.name = "unknown";
    unknown.parameters = {{"type", Type::Dynamic()}};
    unknown.body = [](std::span<const Value> args, const hcl::CallSite&) -> hcl::CallResult {
      auto json = value::FormatShort(args[0], 1000);
      auto type = value::TypeFromJson(*Json::Parse(json));
      if (!type.ok()) return hcl::CallError{0, type.error().message};
      return Value::Unknown(*type);
    };
    table_.Add(std::move(unknown));
    context_.functions = &table_;
    for (const char* name : {"string", "number", "bool"}) {
      context_.variables[name] = Value::String(name);
    }
    context_.variables["any"] = Value::String("dynamic");
  }

  hcl::Evaluated Run(const std::string& text) {
    auto parsed = hcl::ParseExpression(text, "case");
    if (parsed.diagnostics.has_errors()) return {Value(), std::move(parsed.diagnostics)};
    return hcl::Evaluate(parsed.expression, context_);
  }

  FilesRead files_read;

 private:
  ManualClock clock_;
  hcl::FunctionTable table_;
  hcl::EvalContext context_;
};

std::string FirstError(const Diagnostics& diagnostics) {
  for (const auto& d : diagnostics) {
    if (d.severity == Severity::kError) return d.summary + ": " + d.detail;
  }
  return "";
}

// Type, marks and content; what is known of unknowns beside the type does not count.
std::string Shown(const Value& v) {
  std::string text = v.DebugString();
  constexpr std::string_view kRefinement = ", not null)";
  for (size_t at; (at = text.find(kRefinement)) != std::string::npos;) {
    text.replace(at, kRefinement.size(), ")");
  }
  return ToJson(v.type()).Dump() + " " + text;
}

void CheckCase(Evaluator& evaluator, const std::string& line) {
  size_t arrow = line.rfind(" => ");
  ASSERT_NE(arrow, std::string::npos);
  std::string expression(Trim(line.substr(0, arrow)));
  std::string wanted(Trim(line.substr(arrow + 4)));
  auto got = evaluator.Run(expression);
  constexpr std::string_view kError = "error: ";
  if (wanted.starts_with(kError)) {
    EXPECT_TRUE(got.diagnostics.has_errors()) << "but gave " << Shown(got.value);
    std::string message = FirstError(got.diagnostics);
    EXPECT_NE(message.find(wanted.substr(kError.size())), std::string::npos) << message;
    return;
  }
  ASSERT_FALSE(got.diagnostics.has_errors()) << FirstError(got.diagnostics);
  auto right = evaluator.Run(wanted);
  ASSERT_FALSE(right.diagnostics.has_errors()) << wanted << ": " << FirstError(right.diagnostics);
  EXPECT_EQ(Shown(got.value), Shown(right.value));
}

TEST(Functions, GiveWhatTheirCasesSay) {
  std::filesystem::path folder = std::filesystem::path(ANDON_SOURCE_DIR) / "src/functions";
  Evaluator evaluator((folder / "testdata").string());
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".eval") continue;
    int number = 0;
    for (const auto& line : Split(ReadFile(entry.path()), '\n')) {
      ++number;
      if (Trim(line).empty() || line.starts_with('#')) continue;
      SCOPED_TRACE(fmt::format("{}:{}: {}", entry.path().filename().string(), number, line));
      CheckCase(evaluator, line);
      ++cases;
    }
  }
  EXPECT_GT(cases, 300);
}

TEST(Functions, AreDescribed) {
  for (const auto& function : All()) {
    EXPECT_TRUE(function.description.ends_with('.')) << function.name;
    EXPECT_FALSE(function.group.empty()) << function.name;
  }
}

// Each function that is no alias has a case.
TEST(Functions, HaveCases) {
  std::string cases;
  std::filesystem::path folder = std::filesystem::path(ANDON_SOURCE_DIR) / "src/functions";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".eval") cases += ReadFile(entry.path());
  }
  for (const auto& function : All()) {
    EXPECT_NE(cases.find(function.name + "("), std::string::npos) << function.name;
  }
}

TEST(Functions, TellWhichFilesTheyRead) {
  std::filesystem::path folder = std::filesystem::path(ANDON_SOURCE_DIR) / "src/functions/testdata";
  Evaluator evaluator(folder.string());
  evaluator.Run("[file(\"hello.txt\"), fileexists(\"none.txt\"), upper(\"x\")]");
  EXPECT_EQ(evaluator.files_read.paths(), (std::set<std::string>{(folder / "hello.txt").string(),
                                                                 (folder / "none.txt").string()}));
}

TEST(Functions, AreUnknownInAPlanWhereEachCallDiffers) {
  auto table = MakeTable({.only_repeatable = true});
  for (const char* name : {"timestamp", "uuid", "bcrypt"}) {
    std::vector<Value> arguments;
    if (std::string_view(name) == "bcrypt") arguments.push_back(Value::String("secret"));
    auto result = hcl::Call(*table.Find(name), arguments);
    ASSERT_TRUE(std::holds_alternative<Value>(result)) << name;
    EXPECT_FALSE(std::get<Value>(result).is_known()) << name;
  }
}

// libcrypt knows the hash again, whose 2a is its 2b.
TEST(Functions, BcryptHashesAreThoseOfTheText) {
  auto table = MakeTable({});
  auto result = hcl::Call(*table.Find("bcrypt"),
                          std::vector<Value>{Value::String("s\u00e9cret \xf0\x9f\x94\x91")});
  ASSERT_TRUE(std::holds_alternative<Value>(result));
  std::string hash = std::get<Value>(result).string();
  EXPECT_EQ(hash.substr(0, 7), "$2a$10$");
  hash[2] = 'b';
  SharedLibrary libcrypt("libcrypt.so.1");
  auto* crypt = libcrypt.Find<char*(const char*, const char*)>("crypt");
  ASSERT_NE(crypt, nullptr) << libcrypt.error();
  EXPECT_EQ(std::string(crypt("s\u00e9cret \xf0\x9f\x94\x91", hash.c_str())), hash);
}

// Cases that cannot hold, by expression, with the reason.
const std::map<std::string, std::string>& Exempt() {
  static const std::map<std::string, std::string> exempt = {};
  return exempt;
}

TEST(Conformance, PrintsWhatOpenTofuPrints) {
  std::filesystem::path path =
      std::filesystem::path(ANDON_SHARED_DIR) / "conformance/functions/cases.json";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "conformance: the folder with OpenTofu's cases is not there";
  }
  auto cases = Json::Parse(ReadFile(path));
  ASSERT_TRUE(cases.ok()) << cases.error().message;
  Evaluator evaluator(".");
  int passed = 0;
  for (const auto& item : cases->items()) {
    const std::string& expression = item["expression"].AsString();
    if (auto it = Exempt().find(expression); it != Exempt().end()) {
      fmt::print("skipped: {}: {}\n", expression, it->second);
      continue;
    }
    auto got = evaluator.Run(expression);
    bool good = item.Has("error") ? got.diagnostics.has_errors()
                                  : !got.diagnostics.has_errors() &&
                                        value::Format(got.value) == item["prints"].AsString();
    passed += good ? 1 : 0;
    EXPECT_TRUE(good) << expression << "\n  wanted: " << item["prints"].AsString()
                      << item["error"].AsString() << "\n  got:    " << value::Format(got.value)
                      << FirstError(got.diagnostics);
  }
  fmt::print("conformance/functions: {} / {}\n", passed, cases->size());
}

}  // namespace
}  // namespace andon::functions
