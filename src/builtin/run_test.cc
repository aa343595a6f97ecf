// Tests of models: mistakes in their files are told at their place, with what was meant.
#include <gtest/gtest.h>

#include "builtin/model_tests.h"
#include "io/memory_file_system.h"

namespace andon::builtin {
namespace {

constexpr const char* kProject = R"hcl(
variable "least" {
  type    = number
  default = 0
}
source "files" "in" {
  path = "in/{table}.csv"
}
dataset "payment" {
  from    = source.in.table.payment
  load    = { mode = "replace" }
  columns = { id = "long", day = "date", amount = "decimal(5,2)" }
}
dataset "refund" {
  from    = source.in.table.refund
  load    = { mode = "replace" }
  columns = { id = "long" }
}
dataset "big" {
  sql  = "select * from payment where amount > ${var.least}"
  load = { mode = "replace" }
}
dataset "daily" {
  sql  = "select day, sum(amount) as usd from big group by day"
  load = { mode = "replace" }
}
dataset "window" {
  sql  = "select * from payment where day >= $start and day < $end"
  load = { mode = "replace_interval", by = "day", grain = "day" }
}
)hcl";

ProjectFiles LoadWith(const std::string& tests, const std::string& name = "p/a.andontest.hcl") {
  io::MemoryFileSystem files;
  EXPECT_TRUE(files.Write("p/project.andon.hcl", kProject).ok());
  EXPECT_TRUE(files.Write(name, tests).ok());
  return LoadProject(files, "p", {.with_tests = true});
}

TEST(RunBlockTest, BecomesACase) {
  ProjectFiles project = LoadWith(R"hcl(
locals {
  payments = [{ id = 1, amount = 4.990 }]
}
run "sum" {
  target = dataset.daily
  given  = { payment = local.payments }
  expect = [{ usd = 4.99 }]
}
run "csv" {
  for_each = toset(["a", "b"])
  target   = dataset.daily
  given    = { big = "day,amount\n2026-01-01,\n" }
  expect   = []
  variables = { least = 2 }
}
)hcl",
                                  "p/tests/x.andontest.hcl");
  for (const Diagnostic& d : project.diagnostics) ADD_FAILURE() << ToString(d.subject) << d.detail;
  std::vector<ModelTest> tests = ModelTests(project);
  ASSERT_EQ(tests.size(), 3u);
  EXPECT_EQ(tests[0].name, "sum");
  EXPECT_EQ(tests[0].declared.filename, "tests/x.andontest.hcl");
  ASSERT_EQ(tests[0].made.models.size(), 1u);
  EXPECT_EQ(tests[0].made.models[0].name, "big");
  ASSERT_EQ(tests[0].made.tables.size(), 1u);
  EXPECT_EQ(tests[0].made.tables[0].given.columns, (std::vector<std::string>{"id", "amount"}));
  EXPECT_EQ(tests[0].made.expect.rows[0].cells[0], "4.99");
  EXPECT_EQ(tests[1].name, "csv[\"a\"]");
  EXPECT_EQ(tests[1].variables.size(), 1u);
  EXPECT_TRUE(tests[1].made.models.empty());
  EXPECT_EQ(tests[1].made.tables[0].given.rows[0].cells[1], std::nullopt);
}

TEST(RunBlockTest, AnOrdinaryLoadDoesNotSeeTests) {
  io::MemoryFileSystem files;
  ASSERT_TRUE(files.Write("p/project.andon.hcl", kProject).ok());
  ASSERT_TRUE(files.Write("p/a.andontest.hcl", "run {").ok());
  EXPECT_FALSE(LoadProject(files, "p", {}).diagnostics.has_errors());
  EXPECT_TRUE(LoadProject(files, "p", {.with_tests = true}).diagnostics.has_errors());
}

TEST(RunBlockTest, VariablesOfATestWin) {
  io::MemoryFileSystem files;
  ASSERT_TRUE(files.Write("p/project.andon.hcl", kProject).ok());
  LoadOptions options{.with_tests = true};
  options.variables.values = {{"least", value::Value::Number(value::Number::FromDouble(7))}};
  ProjectFiles project = LoadProject(files, "p", options);
  EXPECT_NE(project.checked.attributes["dataset.big"]["sql"].AsString().find("amount > 7"),
            std::string::npos);
}

TEST(RunBlockTest, MistakesAreToldAtTheirPlace) {
  struct {
    const char* name;
    const char* tests;
    const char* code;
    int line;
    const char* hint;
  } kCases[] = {
      {"unknown block", "test \"a\" {\n  target = dataset.daily\n  expect = []\n}\n", "AN1103", 1,
       "run"},
      {"unknown argument", "run \"a\" {\n  target = dataset.daily\n  expects = []\n}\n", "AN1021",
       3, "expect"},
      {"a dataset in a file of tests",
       "dataset \"x\" {\n  sql = \"select 1 as a\"\n  load = { mode = \"replace\" }\n}\n", "AN1107",
       1, ""},
      {"unknown target", "run \"a\" {\n  target = dataset.dayly\n  expect = []\n}\n", "AN1130", 2,
       "daily"},
      {"target is no model", "run \"a\" {\n  target = dataset.payment\n  expect = []\n}\n",
       "AN1170", 2, ""},
      {"unknown dataset given",
       "run \"a\" {\n  target = dataset.daily\n  given = { paymnt = [] }\n  expect = []\n}\n",
       "AN1130", 3, "payment"},
      {"a dataset that is not read",
       "run \"a\" {\n  target = dataset.daily\n  given = { refund = [] }\n  expect = []\n}\n",
       "AN1171", 3, ""},
      {"given behind a given one",
       "run \"a\" {\n  target = dataset.daily\n  given = {\n    big = []\n    payment = []\n  }\n"
       "  expect = []\n}\n",
       "AN1171", 5, ""},
      {"unknown column in a row",
       "run \"a\" {\n  target = dataset.daily\n  given = {\n    payment = [\n      { amont = 1 }\n "
       " "
       "  ]\n  }\n  expect = []\n}\n",
       "AN1042", 5, "amount"},
      {"unknown expected column",
       "run \"a\" {\n  target = dataset.daily\n  expect = [{ eur = 1 }]\n}\n", "AN1042", 3, ""},
      {"unknown column in CSV",
       "run \"a\" {\n  target = dataset.daily\n  given = { payment = \"idd\\n1\\n\" }\n  expect = "
       "[]\n}\n",
       "AN1042", 3, "id"},
      {"a row that is no object",
       "run \"a\" {\n  target = dataset.daily\n  expect = [\n    {},\n    3\n  ]\n}\n", "AN1171", 5,
       ""},
      {"rows that are no list", "run \"a\" {\n  target = dataset.daily\n  expect = 3\n}\n",
       "AN1171", 3, ""},
      {"broken CSV", "run \"a\" {\n  target = dataset.daily\n  expect = \"day,usd\\n1\\n\"\n}\n",
       "AN1171", 3, ""},
      {"no interval", "run \"a\" {\n  target = dataset.window\n  expect = []\n}\n", "AN1172", 1,
       ""},
      {"no time",
       "run \"a\" {\n  target = dataset.window\n  start = \"soon\"\n  end = \"2026-01-01\"\n  "
       "expect "
       "= []\n}\n",
       "AN1172", 3, ""},
      {"unknown variable",
       "run \"a\" {\n  target = dataset.daily\n  variables = { leest = 1 }\n  expect = []\n}\n",
       "AN1120", 3, "least"},
      {"nothing expected", "run \"a\" {\n  target = dataset.daily\n}\n", "AN1022", 1, ""},
  };
  for (const auto& c : kCases) {
    ProjectFiles project = LoadWith(c.tests);
    ASSERT_EQ(project.diagnostics.size(), 1u) << c.name;
    const Diagnostic& d = *project.diagnostics.begin();
    EXPECT_EQ(d.code, c.code) << c.name << ": " << d.detail;
    EXPECT_EQ(d.subject.filename, "a.andontest.hcl") << c.name;
    EXPECT_EQ(d.subject.start.line, c.line) << c.name << ": " << d.detail;
    if (*c.hint != '\0') {
      EXPECT_NE(d.at_caret.find(c.hint), std::string::npos) << c.name << ": " << d.at_caret;
    }
    EXPECT_TRUE(ModelTests(project).empty() || d.code == "AN1103") << c.name;
  }
}

}  // namespace
}  // namespace andon::builtin
