// JSON Schema's own test suite, which tools/setup puts under build/deps (the copy of Debian's
// package, which ends with draft 7, serves as well). Skipped by name where neither is there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "jsonschema/schema.h"

namespace andon::jsonschema {
namespace {

namespace fs = std::filesystem;

fs::path SuiteDir() {
  for (const char* dir : {ANDON_SOURCE_DIR "/build/deps/json-schema-test-suite",
                          "/usr/share/json-schema-test-suite"}) {
    if (fs::exists(fs::path(dir) / "tests")) return dir;
  }
  return {};
}

Json Load(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  auto json = Json::Parse(text.str());
  return json.ok() ? *std::move(json) : Json();
}

struct DraftFolder {
  const char* name;
  Draft draft;
};
constexpr DraftFolder kDrafts[] = {{"draft4", Draft::k4},
                                   {"draft6", Draft::k6},
                                   {"draft7", Draft::k7},
                                   {"draft2019-09", Draft::k2019_09},
                                   {"draft2020-12", Draft::k2020_12}};

// Why a group of the suite is not run: not part of what the header promises.
std::string SkipReason(const std::string& file, const std::string& text) {
  if (text.find("\"$ref\":\"http://json-schema.org/draft-") != std::string::npos ||
      text.find("\"$ref\":\"https://json-schema.org/draft/") != std::string::npos)
    return "refers to a metaschema, which is not carried";
  if (file == "vocabulary.json") return "vocabularies of custom metaschemas";
  if (text.find("metaschema-optional-vocabulary") != std::string::npos ||
      text.find("metaschema-no-validation") != std::string::npos)
    return "vocabularies of custom metaschemas";
  if (text.find("(?=") != std::string::npos || text.find("(?!") != std::string::npos)
    return "look-arounds";
  return "";
}

std::vector<std::pair<std::string, Json>> Remotes(const fs::path& suite, const char* draft) {
  std::vector<std::pair<std::string, Json>> out;
  fs::path dir = suite / "remotes";
  if (!fs::exists(dir)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.path().extension() != ".json") continue;
    std::string relative = fs::relative(entry.path(), dir).string();
    // Of the folders that are named after a draft, only its own.
    bool other = relative.starts_with("draft") && !relative.starts_with(std::string(draft) + "/");
    if (!other) out.emplace_back("http://localhost:1234/" + relative, Load(entry.path()));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

struct Tally {
  int passed = 0;
  std::vector<std::string> failed;
  std::map<std::string, int> skipped;
};

void RunFile(const fs::path& file, const CompileOptions& options, const std::string& name,
             Tally& tally) {
  const Json groups = Load(file);
  for (const Json& group : groups.items()) {
    int cases = static_cast<int>(group["tests"].items().size());
    std::string reason = SkipReason(file.filename().string(), group["schema"].Dump());
    if (!reason.empty()) {
      tally.skipped[reason] += cases;
      continue;
    }
    std::string title = name + ": " + group["description"].AsString();
    auto schema = Compile(group["schema"], options);
    if (!schema.ok()) {
      tally.failed.push_back(title + ": " + schema.error().message);
      continue;
    }
    for (const Json& test : group["tests"].items()) {
      bool expected = test["valid"].AsBool();
      bool quiet = IsValid(*schema, test["data"]);
      bool told = Validate(*schema, test["data"]).empty();
      if (quiet == expected && told == expected)
        ++tally.passed;
      else
        tally.failed.push_back(title + ": " + test["description"].AsString());
    }
  }
}

TEST(JsonSchemaSuite, EveryCaseOfTheOfficialSuite) {
  fs::path suite = SuiteDir();
  if (suite.empty()) GTEST_SKIP() << "json-schema-test-suite is not here: tools/setup test";
  for (const DraftFolder& draft : kDrafts) {
    fs::path dir = suite / "tests" / draft.name;
    if (!fs::exists(dir)) {
      fmt::print("{}: not in this copy of the suite\n", draft.name);
      continue;
    }
    SCOPED_TRACE(draft.name);
    Tally tally;
    CompileOptions options{.draft = draft.draft, .documents = Remotes(suite, draft.name)};
    for (const auto& entry : fs::directory_iterator(dir)) {
      if (entry.path().extension() == ".json")
        RunFile(entry.path(), options, entry.path().stem().string(), tally);
    }
    options.asserts_formats = true;
    for (const char* format :
         {"date", "time", "date-time", "duration", "ipv4", "ipv6", "email", "uri", "uri-reference",
          "uuid", "json-pointer", "relative-json-pointer", "regex"}) {
      fs::path file = dir / "optional" / "format" / (std::string(format) + ".json");
      if (fs::exists(file)) RunFile(file, options, std::string("format/") + format, tally);
    }
    fmt::print("{}: {} passed, {} failed\n", draft.name, tally.passed, tally.failed.size());
    for (const auto& [reason, count] : tally.skipped)
      fmt::print("  skipped {}: {}\n", count, reason);
    EXPECT_GT(tally.passed, 100);
    for (const std::string& title : tally.failed) ADD_FAILURE() << title;
  }
}

}  // namespace
}  // namespace andon::jsonschema
