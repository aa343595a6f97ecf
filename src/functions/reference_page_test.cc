// docs/reference/functions.md is made from the tables: name, signature, description, and the first
// case of its .eval file as an example.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "functions/registry.h"

namespace andon::functions {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The first case of each function that shows a value.
std::map<std::string, std::string> Examples() {
  std::map<std::string, std::string> examples;
  std::set<fs::path> files;  // Ordered, so that the page is the same everywhere.
  for (const auto& entry : fs::directory_iterator(fs::path(ANDON_SOURCE_DIR) / "src/functions")) {
    if (entry.path().extension() == ".eval") files.insert(entry.path());
  }
  for (const fs::path& file : files) {
    for (const std::string& line : Split(ReadAll(file), '\n')) {
      size_t arrow = line.find("=>");
      size_t open = line.find('(');
      if (line.starts_with('#') || arrow == std::string::npos || open > arrow) continue;
      std::string result(Trim(line.substr(arrow + 2)));
      if (result.starts_with("error") || result.find("unknown(") != std::string::npos) continue;
      examples.emplace(line.substr(0, open),
                       fmt::format("{} => {}", Trim(line.substr(0, arrow)), result));
    }
  }
  return examples;
}

std::string Page() {
  std::map<std::string, std::string> examples = Examples();
  std::map<std::string, std::vector<Documentation>> groups;
  for (const Documentation& function : All()) groups[function.group].push_back(function);
  std::string out =
      "<!-- Made from src/functions; `UPDATE=1 functions_test` writes it anew. -->\n# Functions\n\n"
      "Terraform's and OpenTofu's names and results; `andon console` tries them.\n";
  for (const auto& [group, functions] : groups) {
    out += fmt::format("\n## {}\n", group);
    for (const Documentation& function : functions) {
      out += fmt::format("\n**`{}`** {}\n", function.signature, function.description);
      auto example = examples.find(function.name);
      if (example != examples.end()) out += fmt::format("\n    {}\n", example->second);
    }
  }
  return out;
}

TEST(ReferencePage, IsTheOneInDocs) {
  fs::path path = fs::path(ANDON_SOURCE_DIR) / "docs/reference/functions.md";
  std::string page = Page();
  const char* update = std::getenv("UPDATE");
  if (update != nullptr && std::string(update) == "1") std::ofstream(path) << page;
  EXPECT_EQ(ReadAll(path), page) << "run this test with UPDATE=1 to write " << path;
}

}  // namespace
}  // namespace andon::functions
