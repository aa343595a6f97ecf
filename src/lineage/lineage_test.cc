#include "lineage/lineage.h"

#include <gtest/gtest.h>

namespace andon::lineage {
namespace {

definition::Dataset Ingested(const std::string& name) {
  definition::Dataset d;
  d.address = "dataset." + name;
  d.name = name;
  d.source = "source.deliveries";
  d.source_table = name;
  return d;
}

definition::Dataset Model(const std::string& name) {
  definition::Dataset d;
  d.address = "dataset." + name;
  d.name = name;
  d.sql = "select 1";
  return d;
}

// payment, customer -> fact_payment -> daily_revenue -> team.finance; payment refers to customer.
struct Rental {
  definition::Project project;
  Graph graph;
  Rental() {
    auto payment = Ingested("payment");
    payment.columns.push_back(
        {.name = "customer_id",
         .type = "long",
         .references = definition::ColumnReference{"dataset.customer", "customer_id"}});
    project.datasets = {payment, Ingested("customer"), Model("fact_payment"),
                        Model("daily_revenue")};
    definition::Contract contract;
    contract.address = "contract.revenue";
    contract.dataset = "dataset.daily_revenue";
    contract.consumers = {"team.finance"};
    definition::Contract other;
    other.address = "contract.payment";
    other.dataset = "dataset.payment";
    other.consumers = {"dataset.daily_revenue"};
    project.contracts = {contract, other};
    graph = Graph::Build(project,
                         {{"dataset.fact_payment",
                           {"dataset.payment", "dataset.customer", "dataset.not_declared"},
                           {{"dataset.payment", "amount", "dataset.fact_payment", "usd"}}},
                          {"dataset.daily_revenue",
                           {"dataset.fact_payment"},
                           {{"dataset.fact_payment", "usd", "dataset.daily_revenue", "revenue"}}}});
  }
};

std::string Text(const std::vector<Reached>& list) {
  std::string out;
  for (const auto& r : list) out += fmt::format("{}:{} ", r.id, r.depth);
  return out;
}

TEST(Lineage, DownstreamIsNearestFirstWithDepth) {
  Rental r;
  EXPECT_EQ(Text(r.graph.Downstream("dataset.payment")),
            "dataset.fact_payment:1 dataset.daily_revenue:2 team.finance:3 ");
  EXPECT_EQ(Text(r.graph.Downstream("dataset.payment", 1)), "dataset.fact_payment:1 ");
}

TEST(Lineage, AReferenceIsNoDerivation) {
  Rental r;
  EXPECT_EQ(Text(r.graph.Upstream("dataset.payment")), "source.deliveries.table.payment:1 ");
  bool found = false;
  for (const Edge& e : r.graph.edges()) found |= e.kind == EdgeKind::kReference;
  EXPECT_TRUE(found);
}

TEST(Lineage, ColumnsAreFollowedThroughModels) {
  Rental r;
  EXPECT_EQ(Text(r.graph.DownstreamOfColumn("dataset.payment", "amount")),
            "dataset.fact_payment.column.usd:1 dataset.daily_revenue.column.revenue:2 ");
  EXPECT_EQ(Text(r.graph.UpstreamOfColumn("dataset.daily_revenue", "revenue")),
            "dataset.fact_payment.column.usd:1 dataset.payment.column.amount:2 ");
}

TEST(Lineage, ImpactTellsDatasetsConsumersAndContracts) {
  Rental r;
  Impact impact = r.graph.ImpactOf({"dataset.payment"});
  EXPECT_EQ(impact.ToText(),
            "2 datasets (fact_payment, daily_revenue) and 1 consumer (team.finance)");
  EXPECT_EQ(impact.contracts, (std::vector<std::string>{"contract.revenue", "contract.payment"}));
  Impact again = Impact::FromJson(impact.ToJson());
  EXPECT_EQ(again.ToJson().Dump(), impact.ToJson().Dump());
  EXPECT_EQ(r.graph.ImpactOf({"dataset.payment", "dataset.fact_payment", "dataset.daily_revenue"})
                .ToText(),
            "1 consumer (team.finance)");
  EXPECT_EQ(r.graph.ImpactOf({"dataset.unknown"}).ToText(), "nothing downstream");
}

TEST(Lineage, WhatPlanFoundInTheSqlMakesEdges) {
  definition::Project project;
  auto fact = Model("fact_payment");
  fact.inputs = {"dataset.payment"};
  fact.lineage["usd"] = {"dataset.payment.amount"};
  project.datasets = {Ingested("payment"), fact};
  Graph graph = Graph::Build(project);
  EXPECT_EQ(Text(graph.Downstream("dataset.payment")), "dataset.fact_payment:1 ");
  EXPECT_EQ(Text(graph.UpstreamOfColumn("dataset.fact_payment", "usd")),
            "dataset.payment.column.amount:1 ");
}

TEST(Lineage, ACircleEnds) {
  definition::Project project;
  auto a = Model("a"), b = Model("b");
  a.depends_on = {"dataset.b"};
  b.depends_on = {"dataset.a"};
  project.datasets = {a, b};
  Graph graph = Graph::Build(project, {});
  EXPECT_EQ(Text(graph.Downstream("dataset.a")), "dataset.b:1 ");
}

TEST(Lineage, PicturesHoldThePartAskedFor) {
  Rental r;
  EXPECT_EQ(r.graph.ToMermaid("fact_payment", 1, 0),
            "flowchart LR\n  n0[\"customer\"]\n  n1[\"fact_payment\"]\n  n2[\"payment\"]\n"
            "  n0 --> n1\n  n0 -.-> n2\n  n2 --> n1\n");
  EXPECT_EQ(r.graph.ToJson("payment", 0, 1)["nodes"].size(), 2u);
  EXPECT_EQ(r.graph.ToJson()["nodes"].size(), r.graph.nodes().size());
  EXPECT_EQ(r.graph.ToJson("nothing")["nodes"].size(), 0u);
}

TEST(Lineage, AChainOfTenThousandIsWalked) {
  definition::Project project;
  std::vector<SqlEdges> sql;
  for (int i = 0; i < 10000; ++i) {
    project.datasets.push_back(Model(fmt::format("d{}", i)));
    if (i) sql.push_back({fmt::format("dataset.d{}", i), {fmt::format("dataset.d{}", i - 1)}, {}});
  }
  Graph graph = Graph::Build(project, sql);
  EXPECT_EQ(graph.Downstream("dataset.d0").size(), 9999u);
}

}  // namespace
}  // namespace andon::lineage
