#include "validation/report.h"

#include <gtest/gtest.h>

#include "io/memory_file_system.h"
#include "validation/test_validation.h"

namespace andon::validation {
namespace {

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<Validation> Mixed() {
  return {Payment({Made("amount_in_range", "amount", 37), Made("id_in_range", "payment_id"),
                   Made("late", "paid_at", 2, quality::CheckSeverity::kWarning),
                   Broken("gone", "tax", "There is no column \"tax\" <x> & \x01\xff")})};
}

TEST(JUnit, FailuresErrorsAndWarningsAreToldApart) {
  const std::string xml = ToJUnit(Mixed(), {});
  EXPECT_TRUE(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
  EXPECT_TRUE(Has(xml, "tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"0\"")) << xml;
  EXPECT_TRUE(Has(xml, "<testsuite name=\"payment 2005-08 @3\"")) << xml;
  EXPECT_TRUE(Has(xml, "<testcase name=\"id_in_range\" classname=\"dataset.payment\""));
  EXPECT_TRUE(Has(xml, "file=\"payment.andon.hcl\" line=\"12\""));
  EXPECT_TRUE(Has(xml, "type=\"expect_column_values_to_be_between\""));
  EXPECT_TRUE(Has(xml, "<system-out>warning: ")) << "a warning passes, and says what it is";
}

TEST(JUnit, WhatXmlCannotHoldIsReplaced) {
  const std::string xml = ToJUnit(Mixed(), {});
  EXPECT_TRUE(Has(xml, "&lt;x&gt; &amp; \xEF\xBF\xBD\xEF\xBF\xBD")) << xml;
  EXPECT_FALSE(Has(xml, "\x01"));
  const TestSuite suite{.name = "a\nb\"<>&'",
                        .cases = {{.name = "\xED\xA0\x80\xC0\x80\xF4\x90\x80\x80"}}};
  const std::string other = JUnitDocument("x", {suite});
  EXPECT_TRUE(Has(other, "name=\"a&#10;b&quot;&lt;&gt;&amp;'\"")) << other;
  EXPECT_FALSE(Has(other, "\xED\xA0\x80")) << "a surrogate is no character";
}

TEST(Sarif, HasOneResultForEachCheckThatDidNotPass) {
  const Json log = ToSarif(Mixed(), {.tool_version = "1.0"});
  EXPECT_EQ(log["version"].AsString(), "2.1.0");
  const Json& run = log["runs"].items()[0];
  EXPECT_EQ(run["tool"]["driver"]["name"].AsString(), "Andon");
  ASSERT_EQ(run["results"].size(), 3u);
  ASSERT_EQ(run["tool"]["driver"]["rules"].size(), 1u) << "a rule is described once";
  const Json& first = run["results"].items()[0];
  EXPECT_EQ(first["level"].AsString(), "error");
  const Json& place = first["locations"].items()[0]["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"]["uri"].AsString(), "payment.andon.hcl");
  EXPECT_EQ(place["region"]["startLine"].AsInteger(), 12);
  EXPECT_EQ(run["results"].items()[1]["level"].AsString(), "warning");
}

TEST(Sarif, AFingerprintStaysWhenTheLineMoves) {
  std::vector<Validation> moved = Mixed();
  moved[0].results[0].check.declared.start.line = 99;
  auto print = [](const std::vector<Validation>& v) {
    return ToSarif(v, {})["runs"]
        .items()[0]["results"]
        .items()[0]["partialFingerprints"]["andon/v1"]
        .AsString();
  };
  EXPECT_EQ(print(Mixed()), print(moved));
  EXPECT_FALSE(print(moved).empty());
}

TEST(Sarif, APlaceIsAUriAndMayBeAbsent) {
  const Json log = SarifLog({{.rule = "r", .message = "m", .place = {.filename = "a b/ü.hcl"}},
                             {.rule = "r", .message = "m"}},
                            "");
  const Json& results = log["runs"].items()[0]["results"];
  EXPECT_EQ(results.items()[0]["locations"]
                .items()[0]["physicalLocation"]["artifactLocation"]["uri"]
                .AsString(),
            "a%20b/%C3%BC.hcl");
  EXPECT_FALSE(results.items()[1].Has("locations"));
  EXPECT_NE(results.items()[0]["partialFingerprints"]["andon/v1"].AsString(),
            results.items()[1]["partialFingerprints"]["andon/v1"].AsString());
}

TEST(Markdown, TextNeverBecomesMarkup) {
  EXPECT_EQ(MarkdownText("a|b *c* <img> @ana #12\n#x"),
            "a\\|b \\*c\\* &lt;img&gt; @<!-- -->ana #<!-- -->12 \\#x");
  EXPECT_EQ(MarkdownText("https://x.y"), "https:<!-- -->//x.y");
  EXPECT_EQ(MarkdownCode("a`b"), "``a`b``");
  EXPECT_EQ(MarkdownCode("`a|"), "`` `a\\| ``");
  EXPECT_EQ(MarkdownBlock("```"), "````\n```\n````\n");
}

TEST(Markdown, ShowsWhatFailedWithItsRows) {
  const std::string text = ToMarkdown(Mixed(), {});
  EXPECT_TRUE(text.starts_with("## ! Data checks\n\n4 checks, 1 failed, 1 broken, 1 warning.\n"))
      << text;
  EXPECT_TRUE(Has(text, "| ! | `payment 2005-08 @3` | 4 | 1 | 1 | 1 | 12 ms |")) << text;
  EXPECT_TRUE(Has(text, "**✖ amount\\_in\\_range**")) << text;
  EXPECT_TRUE(Has(text, "| `1` | `a@b` |")) << text;
  EXPECT_TRUE(Has(text, "| `3` | `` <script>\\|` `` |")) << text;
  EXPECT_FALSE(Has(text, "id\\_in\\_range")) << "what passed is only counted";
}

TEST(Reports, SaySinceWhenACheckIsRed) {
  std::vector<Validation> validations = Mixed();
  validations[0].results[0].result.first_bad =
      "Red since 2005-06; 2005-05 is the last green batch.";
  const std::string part = "Red since 2005-06; 2005-05 is the last green batch.";
  const std::string xml = ToJUnit(validations, {}), markdown = ToMarkdown(validations, {}),
                    sarif = ToSarif(validations, {}).Dump();
  for (const std::string& report : {xml, markdown, sarif})
    EXPECT_EQ(Has(report, part), true) << report;
}

TEST(Markdown, IsNeverLongerThanItsLimit) {
  std::vector<CheckedCheck> many;
  for (int i = 0; i < 1000; ++i) many.push_back(Made(fmt::format("check_{}", i), "amount", 3));
  for (size_t limit : {200u, 1000u, 20'000u}) {
    const std::string text = ToMarkdown({Payment(many)}, {.markdown_bytes_max = limit});
    EXPECT_LE(text.size(), limit);
    EXPECT_TRUE(Has(text, "More was left out")) << limit;
  }
}

TEST(Gx, IsTheReferencesResult) {
  const Json json = ToGx(Mixed()[0], {});
  EXPECT_FALSE(json["success"].AsBool(true));
  EXPECT_EQ(json["statistics"]["evaluated_expectations"].AsInteger(), 4);
  EXPECT_EQ(json["statistics"]["successful_expectations"].AsInteger(), 1);
  EXPECT_EQ(json["results"].size(), 4u);
  EXPECT_TRUE(json["results"].items()[3]["exception_info"].is_object());
}

TEST(ReportTargets, AreReadAndMistakesNamed) {
  auto good = ParseReportTargets("md:a/b.md,junit:x.xml,sarif");
  ASSERT_TRUE(good.ok());
  ASSERT_EQ(good->size(), 3u);
  EXPECT_EQ((*good)[0].path, "a/b.md");
  EXPECT_TRUE((*good)[2].path.empty());
  const struct {
    const char* text;
    const char* says;
  } bad[] = {{"junti:x", "did you mean \"junit\""},
             {"md:", "needs a file"},
             {"md,junit", "Only one report"},
             {"", "There is no report \"\""}};
  for (const auto& c : bad) {
    auto read = ParseReportTargets(c.text);
    ASSERT_FALSE(read.ok()) << c.text;
    EXPECT_TRUE(Has(read.error().message, c.says)) << read.error().message;
  }
}

TEST(ReportTargets, AreWritten) {
  io::MemoryFileSystem files;
  std::string printed;
  auto targets = ParseReportTargets("md:out/a.md,junit");
  ASSERT_TRUE(targets.ok());
  ASSERT_TRUE(WriteReports(files, *targets, Mixed(), {}, &printed).ok());
  EXPECT_TRUE(printed.starts_with("<?xml"));
  EXPECT_TRUE(files.Read("out/a.md").ok());
}

}  // namespace
}  // namespace andon::validation
