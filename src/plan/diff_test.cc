#include "plan/diff.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "config/value_json.h"
#include "plan/plan_file.h"
#include "plan/render.h"

namespace andon::plan {
namespace {

value::Value V(const char* json) { return config::FromJson(*Json::Parse(json)); }

std::string Show(const std::vector<AttributeChange>& changes) {
  std::string out;
  for (const AttributeChange& c : changes) {
    out += std::string(Symbol(c.action)) + Join(c.path, ".") + " " + OneLine(c.before, 40) + " " +
           OneLine(c.after, 40) + "\n";
  }
  return out;
}

TEST(DiffObjectsTest, FindsTheSmallestPartsThatDiffer) {
  struct Case {
    const char* before;
    const char* after;
    const char* changes;
  };
  for (const Case& c : {
           Case{R"({"a":1})", R"({"a":1})", ""},
           Case{R"({"a":1,"b":2})", R"({"b":2,"a":1})", ""},
           Case{R"({"a":{"b":1,"c":2}})", R"({"a":{"b":1,"c":3}})", "~a.c 2 3\n"},
           Case{R"({"a":[1,2]})", R"({"a":[2,1]})", "~a [1, 2] [2, 1]\n"},
           Case{R"({"a":1})", R"({"b":1})", "+b null 1\n-a 1 null\n"},
           Case{R"({"a":null})", R"({})", ""},
           Case{R"({"a":0.1})", R"({"a":0.1})", ""},
           Case{"null", R"({"a":"x"})", "+a null \"x\"\n"},
       }) {
    EXPECT_EQ(Show(DiffObjects(V(c.before), V(c.after), Json())), c.changes) << c.before << c.after;
  }
}

std::string ShowLines(const std::vector<LineChange>& lines) {
  std::string out;
  for (const LineChange& line : lines)
    out += std::to_string(line.line) + line.sign + line.text + "|";
  return out;
}

TEST(DiffLinesTest, ShowsTheLinesThatDifferWithThoseAround) {
  EXPECT_EQ(ShowLines(DiffLines("a\nb\nc\n", "a\nb\nc\n", 1)), "");
  EXPECT_EQ(ShowLines(DiffLines("a\nb\nc\nd\n", "a\nb\nx\nd\n", 1)), "2 b|3-c|3+x|4 d|");
  EXPECT_EQ(ShowLines(DiffLines("", "a", 1)), "1+a|");
  EXPECT_EQ(ShowLines(DiffLines("a\nb", "b", 0)), "1-a|");
}

TEST(PlanFileTest, ReadsWhatItWroteAndNothingElse) {
  Plan plan;
  plan.base_release = 3;
  Step step{.action = Action::kUpdate,
            .provider = "andon",
            .prior = V(R"({"a":1})"),
            .planned = V(R"({"a":2.5,"c":{"z":1,"y":2}})")};
  step.address = *address::Parse("dataset.x[\"k\"]");
  step.changes = DiffObjects(step.prior, step.planned, Json());
  plan.steps.push_back(step);
  std::string text = WritePlanFile(plan);
  auto read = ReadPlanFile(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(WritePlanFile(*read), text);
  EXPECT_EQ(RenderPlan(*read), RenderPlan(plan));

  std::string changed = text;
  changed.replace(changed.find("2.5"), 3, "9.5");
  EXPECT_EQ(ReadPlanFile(changed).error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(ReadPlanFile(text.substr(0, text.size() / 2)).error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(ReadPlanFile("{}").error().kind, ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace andon::plan
