#include <gtest/gtest.h>

#include "base/text.h"
#include "docs/site.h"
#include "html/parts.h"
#include "io/local_file_system.h"
#include "validation/retention.h"

namespace andon::docs {
namespace {

using std::chrono::hours;

Timestamp T0() { return *ParseTimestamp("2026-11-20T08:00:00Z"); }

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

validation::CheckedCheck Made(const std::string& name, int64_t bad) {
  validation::CheckedCheck c;
  c.check = {.name = name,
             .type = "expect_column_values_to_be_between",
             .kwargs = Json::Object({{"column", "amount"}, {"min_value", 0}})};
  c.result.name = name;
  c.result.type = c.check.type;
  c.result.element_count = 100;
  c.result.missing_count = 0;
  c.result.unexpected_count = bad;
  c.result.unexpected_percent = static_cast<double>(bad);
  c.result.observed_value = bad;
  if (bad == 0) return c;
  c.result.state = quality::CheckState::kFailed;
  c.result.message = "some of them: \"<b>\"";
  c.result.sample.columns = {{"id", "long"}, {"amount", "string"}};
  c.result.sample.rows = {{1, "<b>secret-row</b>"}};
  return c;
}

TEST(Links, KeysAreSafeAndDifferent) {
  const struct {
    const char* dataset;
    const char* key;
  } cases[] = {{"dataset.payment", "payment"},
               {"dataset.Payment", "~50ayment"},
               {"payment", "~payment"},
               {"module.eu.dataset.payment[\"x\"]", "module.eu.dataset.payment~5b~22x~22~5d"},
               {"../../etc/passwd", "~..~2f..~2fetc~2fpasswd"},
               {"dataset.a~b", "a~7eb"}};
  for (const auto& c : cases) EXPECT_EQ(KeyOf(c.dataset), c.key);
  EXPECT_EQ(Links::Files("../").Dataset("dataset.payment"), "../datasets/payment.html");
  EXPECT_EQ(Links::Live().Dataset("dataset.payment"), "/docs/datasets/payment");
  EXPECT_EQ(Links::Live().Validation(7), "/docs/validations/7");
}

class SiteTest : public testing::Test {
 protected:
  SiteTest() {
    EXPECT_TRUE(files_.MakeDirs(dir_).ok());
    auto opened = store::OpenSqlite(dir_ + "/andon.db", {.create = true});
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    if (opened.ok()) db_ = std::move(*opened);
    project_.name = "rental";
    project_.datasets = {{.address = "dataset.payment", .name = "payment", .owner = "team.pay"},
                         {.address = "dataset.revenue",
                          .name = "revenue",
                          .sql = "SELECT * FROM payment",
                          .inputs = {"dataset.payment"}}};
  }
  ~SiteTest() override {
    db_.reset();
    (void)files_.RemoveAll(dir_);
  }

  int64_t Keep(int64_t bad, Timestamp started = T0(), const char* dataset = "dataset.payment") {
    validation::Validation v{.name = dataset + 8,
                             .dataset = dataset,
                             .run_id = "run1",
                             .started = started,
                             .results = {Made("amount_in_range", bad), Made("other", 0)}};
    auto number = db_->Write([&](store::Transaction& tx) { return validation::Record(tx, v); });
    EXPECT_TRUE(number.ok()) << number.error().message;
    return number.ok() ? *number : 0;
  }
  BuildReport Build(Timestamp now = T0()) {
    const auto graph = lineage::Graph::Build(project_);
    auto built = BuildSite(*db_, project_, graph, files_,
                           {.dir = site_, .andon_version = "1.0", .now = now});
    EXPECT_TRUE(built.ok()) << built.error().message;
    return built.ok() ? *built : BuildReport{};
  }
  std::string Page(const std::string& name) {
    auto text = files_.Read(site_ + "/" + name);
    EXPECT_TRUE(text.ok()) << text.error().message;
    return text.ok() ? *text : "";
  }

  std::string dir_ = testing::TempDir() + "andon-docs-" + RandomUuid();
  std::string site_ = dir_ + "/site";
  io::LocalFileSystem files_;
  std::unique_ptr<store::Database> db_;
  definition::Project project_;
};

TEST_F(SiteTest, HasAPageForEverything) {
  Keep(0);
  Keep(3);
  EXPECT_EQ(Build().validations, 2);
  const std::string index = Page("index.html");
  EXPECT_TRUE(Has(index, "<a href=\"datasets/payment.html\">payment</a>"));
  EXPECT_TRUE(Has(index, "not validated")) << "revenue is declared";
  EXPECT_TRUE(Has(index, "data-search=\"payment team.pay"));
  const std::string dataset = Page("datasets/payment.html");
  EXPECT_TRUE(Has(dataset, "href=\"../validations/2.html#c-amount_5fin_5frange\"")) << dataset;
  EXPECT_TRUE(Has(dataset, "<svg class=\"spark\""));
  EXPECT_TRUE(Has(dataset, "../datasets/revenue.html")) << "lineage";
  EXPECT_TRUE(Has(Page("datasets/revenue.html"), "Not validated yet."));
  const std::string page = Page("validations/2.html");
  EXPECT_TRUE(Has(page, "id=\"c-amount_5fin_5frange\""));
  EXPECT_TRUE(Has(page, "✖ broke")) << "the difference to the one before";
  EXPECT_TRUE(Has(page, "&lt;b&gt;secret-row&lt;/b&gt;"));
  EXPECT_TRUE(Has(Page("data/payment-0.js"), "andonDocs({\"key\":\"payment\",\"chunk\":0,"));
  for (const char* name : {"index.html", "datasets/payment.html", "validations/2.html"}) {
    EXPECT_FALSE(Has(Page(name), "http://")) << name;
    EXPECT_FALSE(Has(Page(name), "https://")) << "nothing comes from elsewhere";
    EXPECT_TRUE(Has(Page(name), "default-src &#39;none&#39;")) << name;
    EXPECT_FALSE(Has(Page(name), "<style")) << name;
    EXPECT_FALSE(Has(Page(name), " style=")) << "the policy would refuse it";
  }
}

TEST_F(SiteTest, ASecondBuildWritesOnlyWhatIsNew) {
  for (int i = 0; i < 20; ++i) Keep(i % 3);
  const BuildReport first = Build();
  EXPECT_GE(first.pages_written, 20);
  EXPECT_EQ(Build().pages_written, 0);
  Keep(0);
  // Its page, its dataset's, its data, the first page, the list.
  EXPECT_EQ(Build().pages_written, 5);
  EXPECT_TRUE(Has(Page("validations/21.html"), "../validations/20.html"));
}

TEST_F(SiteTest, FailingRowsLeaveThePagesAsTheyLeaveTheStore) {
  Keep(3, T0());
  Keep(3, T0() + hours(24 * 40));
  Build();
  ASSERT_TRUE(Has(Page("validations/1.html"), "secret-row"));
  const Timestamp now = T0() + hours(24 * 41);
  ASSERT_TRUE(validation::Prune(*db_, {.validations = "400d", .samples = "30d"}, now).ok());
  Build(now);
  EXPECT_FALSE(Has(Page("validations/1.html"), "secret-row"));
  EXPECT_FALSE(Has(Page("validations/1.html"), "&lt;b&gt;")) << "nor its message's values";
  EXPECT_TRUE(Has(Page("validations/2.html"), "secret-row"));
  ASSERT_TRUE(validation::Prune(*db_, {.validations = "10d", .samples = "10d"}, now).ok());
  EXPECT_EQ(Build(now).pages_removed, 1);
  EXPECT_FALSE(files_.Read(site_ + "/validations/1.html").ok());
}

TEST_F(SiteTest, AFolderOfOthersIsLeftAlone) {
  ASSERT_TRUE(files_.Write(site_ + "/thesis.txt", "years of work").ok());
  auto built = BuildSite(*db_, project_, lineage::Graph::Build(project_), files_, {.dir = site_});
  ASSERT_FALSE(built.ok());
  EXPECT_TRUE(Has(built.error().message, "thesis.txt")) << built.error().message;
}

TEST_F(SiteTest, AnInterruptedBuildIsMadeGood) {
  Keep(3);
  Build();
  ASSERT_TRUE(files_.Remove(site_ + "/andon-docs.json").ok());
  ASSERT_TRUE(files_.WriteAtomically(site_ + "/validations/1.html", "half a pa").ok());
  Build();
  EXPECT_TRUE(Has(Page("validations/1.html"), "</html>"));
}

TEST_F(SiteTest, DataOutsideOfAProjectHavePagesToo) {
  auto done = db_->Write([&](store::Transaction& tx) {
    return validation::Record(
        tx, {.name = "in/Payment.parquet", .started = T0(), .results = {Made("a", 0)}});
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  Build();
  EXPECT_TRUE(Has(Page("datasets/~in~2f~50ayment.parquet.html"), "in/Payment.parquet"));
  EXPECT_TRUE(Has(Page("index.html"), "datasets/~in~2f~50ayment.parquet.html"));
}

TEST_F(SiteTest, TheGridHasABound) {
  for (int i = 0; i < 60; ++i) Keep(0);
  Build();
  const std::string page = Page("datasets/payment.html");
  EXPECT_TRUE(Has(page, "../validations/60.html"));
  EXPECT_FALSE(Has(page, "../validations/30.html")) << "older ones are loaded when asked for";
  EXPECT_TRUE(Has(page, "data-chunks=\"0\""));
}

TEST(Compare, TwoValidationsStandSideBySide) {
  validation::Validation before{.number = 1, .name = "payment", .results = {Made("a", 0)}};
  validation::Validation after{.number = 2, .name = "payment", .results = {Made("a", 4)}};
  docs::Page page = ComparePage(before, after, Links::Live());
  std::string text;
  for (const html::Html& part : page.main) text += part.text();
  EXPECT_TRUE(Has(text, "/docs/validations/2#c-a"));
  EXPECT_TRUE(Has(text, "4 of 100 values unexpected (4.0 %)")) << text;
}

}  // namespace
}  // namespace andon::docs
