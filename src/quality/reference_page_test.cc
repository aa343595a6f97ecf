#include "quality/reference_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace andon::quality {
namespace {

TEST(ReferencePage, IsTheOneInDocs) {
  std::filesystem::path path =
      std::filesystem::path(ANDON_SOURCE_DIR) / "docs/reference/expectations.md";
  const char* update = std::getenv("UPDATE");
  if (update && std::string(update) == "1") std::ofstream(path) << ExpectationsPage();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), ExpectationsPage()) << "run this test with UPDATE=1 to write " << path;
}

}  // namespace
}  // namespace andon::quality
