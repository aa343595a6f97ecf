#include "pipeline/units.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"

namespace andon::pipeline {
namespace {

using definition::Column;
using definition::ColumnReference;
using definition::Dataset;
using definition::Project;

Dataset Model(const std::string& name) {
  Dataset dataset{.address = "dataset." + name, .name = name, .sql = "select 1"};
  return dataset;
}

void Refer(Project& project, const std::string& from, const std::string& to) {
  for (Dataset& dataset : project.datasets) {
    if (dataset.name != from) continue;
    dataset.columns.push_back(
        {.name = to + "_id", .type = "long", .references = ColumnReference{"dataset." + to, "id"}});
  }
}

// "customer; rental; staff+store": units in order, members by '+'.
std::string ToText(const Line& line) {
  std::vector<std::string> units;
  for (const Unit& unit : line.units) {
    std::vector<std::string> names;
    for (const std::string& address : unit.datasets) names.push_back(address.substr(8));
    units.push_back(Join(names, "+"));
  }
  return Join(units, "; ");
}

struct Case {
  const char* says;
  std::vector<std::string> datasets;
  std::vector<std::pair<std::string, std::string>> reads;  // Model, input.
  std::vector<std::pair<std::string, std::string>> refers;
  const char* units;
};

TEST(Units, FollowReadsAndCircles) {
  const Case cases[] = {
      {"reads decide the order", {"b", "a"}, {{"b", "a"}}, {}, "a; b"},
      {"a reference is a wish for order",
       {"payment", "customer"},
       {},
       {{"payment", "customer"}},
       "customer; payment"},
      {"a circle of references is one unit",
       {"store", "staff", "x"},
       {},
       {{"store", "staff"}, {"staff", "store"}},
       "store+staff; x"},
      {"what refers to a circle comes after it",
       {"rental", "store", "staff"},
       {},
       {{"store", "staff"}, {"staff", "store"}, {"rental", "staff"}},
       "store+staff; rental"},
      {"a wish against a read is dropped", {"a", "b"}, {{"b", "a"}}, {{"a", "b"}}, "a; b"},
      {"wishes that close a circle with reads are dropped",
       {"a", "b", "c"},
       {{"b", "a"}, {"c", "b"}},
       {{"a", "c"}},
       "a; b; c"},
      {"a table refers to itself", {"employee"}, {}, {{"employee", "employee"}}, "employee"},
  };
  for (const Case& c : cases) {
    Project project;
    for (const std::string& name : c.datasets) project.datasets.push_back(Model(name));
    for (const auto& [from, to] : c.refers) Refer(project, from, to);
    std::map<std::string, Reads, std::less<>> reads;
    for (const auto& [model, input] : c.reads) {
      reads["dataset." + model].reads.push_back("dataset." + input);
    }
    auto line = MakeLine(project, reads);
    ASSERT_TRUE(line.ok()) << c.says << ": " << line.error().message;
    EXPECT_EQ(ToText(*line), c.units) << c.says;
  }
}

TEST(Units, RefuseModelsThatReadOneAnother) {
  Project project;
  for (const char* name : {"a", "b"}) project.datasets.push_back(Model(name));
  auto line = MakeLine(
      project, {{"dataset.a", {.reads = {"dataset.b"}}}, {"dataset.b", {.reads = {"dataset.a"}}}});
  ASSERT_FALSE(line.ok());
  EXPECT_NE(line.error().message.find("dataset.a reads dataset.b reads dataset.a"),
            std::string::npos)
      << line.error().message;
}

TEST(Units, OnlyReadsHold) {
  Project project;
  for (const char* name : {"customer", "payment", "revenue"})
    project.datasets.push_back(Model(name));
  Refer(project, "payment", "customer");
  auto line = MakeLine(project, {{"dataset.revenue", {.reads = {"dataset.payment"}}}});
  ASSERT_TRUE(line.ok());
  EXPECT_TRUE(line->units[1].depends_on.empty());
  EXPECT_EQ(line->units[1].after, std::vector<int>{0});
  EXPECT_EQ(line->units[2].depends_on, std::vector<int>{1});
  EXPECT_EQ(line->DownstreamOf("dataset.payment"), std::vector<std::string>{"dataset.revenue"});
  EXPECT_TRUE(line->DownstreamOf("dataset.customer").empty());
}

TEST(Units, AreSelectedByName) {
  Project project;
  for (const char* name : {"payment", "fact_payment", "daily", "film"})
    project.datasets.push_back(Model(name));
  project.datasets[2].tags = {"finance"};
  project.datasets[3].owner = "team.movies";
  auto line = MakeLine(project, {{"dataset.fact_payment", {.reads = {"dataset.payment"}}},
                                 {"dataset.daily", {.reads = {"dataset.fact_payment"}}}});
  ASSERT_TRUE(line.ok());
  const std::pair<const char*, const char*> cases[] = {
      {"payment", "payment"},
      {"dataset.payment", "payment"},
      {"payment+", "payment fact_payment daily"},
      {"+daily", "payment fact_payment daily"},
      {"1+daily", "fact_payment daily"},
      {"payment+1", "payment fact_payment"},
      {"tag:finance", "daily"},
      {"owner:movies", "film"},
      {"*payment", "payment fact_payment"},
      {"film,daily", "daily film"},
  };
  for (const auto& [selection, expected] : cases) {
    auto selected = Select(project, *line, {selection});
    ASSERT_TRUE(selected.ok()) << selection;
    std::set<std::string> names, wanted;
    for (const std::string& address : *selected) names.insert(address.substr(8));
    for (const std::string& name : Split(expected, ' ')) wanted.insert(name);
    EXPECT_EQ(names, wanted) << selection;
  }
  auto unknown = Select(project, *line, {"paymnt"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("did you mean \"payment\"?"), std::string::npos);
  EXPECT_FALSE(Select(project, *line, {"tag:none"}).ok());
}

}  // namespace
}  // namespace andon::pipeline
