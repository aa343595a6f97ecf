// docs/reference/blocks.md is what the schemas say. UPDATE=1 writes it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "builtin/language.h"
#include "builtin/project.h"
#include "hcl/format.h"
#include "io/local_file_system.h"
#include "io/memory_file_system.h"

namespace andon::builtin {
namespace {

TEST(ReferencePageTest, IsWhatTheSchemasSay) {
  io::LocalFileSystem files;
  std::string path = std::string(ANDON_SOURCE_DIR) + "/docs/reference/blocks.md";
  std::string page = config::ReferencePage(DataLanguage());
  if (std::getenv("UPDATE") != nullptr) {
    ASSERT_TRUE(files.WriteAtomically(path, page).ok());
  }
  auto written = files.Read(path);
  ASSERT_TRUE(written.ok()) << "UPDATE=1 writes it";
  EXPECT_EQ(*written, page) << "UPDATE=1 rewrites it";
}

// The examples stand on the page, so they must be formatted and readable together.
TEST(ReferencePageTest, ExamplesAreSound) {
  std::string all =
      "dataset \"customer\" {\n  from = source.deliveries.table.customer\n  load = { mode = "
      "\"replace\" }\n}\nchannel \"log\" \"line\" {\n}\n"
      "dataset \"revenue_daily\" {\n  sql  = \"select sum(amount) as usd from payment\"\n  load = "
      "{ mode = \"replace\" "
      "}\n}\n";
  std::string tests;
  for (const config::BlockSchema* block : DataLanguage().blocks()) {
    EXPECT_FALSE(block->doc.empty()) << block->kind;
    EXPECT_EQ(hcl::Format(block->example), block->example) << block->kind;
    (block->is_test ? tests : all) += block->example;
    for (const config::TypeSchema& type : block->types) EXPECT_FALSE(type.doc.empty()) << type.name;
  }
  io::MemoryFileSystem files;
  ASSERT_TRUE(files.Write("p/all.andon.hcl", all).ok());
  ASSERT_TRUE(files.Write("p/dbt/dbt_project.yml", "name: shop\n").ok());
  ASSERT_TRUE(files
                  .Write("p/dbt/target/manifest.json",
                         R"({"metadata":{"dbt_schema_version":)"
                         R"("https://schemas.getdbt.com/dbt/manifest/v12.json"},"nodes":{}})")
                  .ok());
  ASSERT_TRUE(files.Write("p/all.andontest.hcl", tests).ok());
  for (const Diagnostic& d : LoadProject(files, "p", {.with_tests = true}).diagnostics) {
    ADD_FAILURE() << d.code << " " << ToString(d.subject) << " " << d.detail;
  }
}

}  // namespace
}  // namespace andon::builtin
