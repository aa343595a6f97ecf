// Lineage: what is made of what, from the sources to those who read.
//
// The graph follows from the definitions (from, references, depends_on, contracts) and from what
// plan found in the models' SQL (Dataset::inputs, Dataset::lineage): this folder parses no SQL.
// It is a value, rebuilt for each release; a graph of 10,000 nodes takes milliseconds.
//
//   Graph graph = Graph::Build(project);
//   for (const Reached& r : graph.Downstream("dataset.payment")) …   // daily_revenue, depth 2
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "definition/definition.h"

namespace andon::lineage {

enum class NodeKind { kSource, kDataset, kConsumer };
std::string_view ToString(NodeKind kind);  // "source", "dataset", "consumer"

// A source's table is a node of its own ("source.deliveries.table.payment"); a consumer is what a
// contract names beyond datasets: a team, a person, a dashboard, or a free name.
struct Node {
  std::string id;  // Address; a free name stays as it is written.
  NodeKind kind = NodeKind::kDataset;
  std::string name;   // "payment"
  std::string owner;  // Address; may be empty.
};

enum class EdgeKind {
  kFrom,       // A source's table is loaded into a dataset.
  kSql,        // A model reads a dataset.
  kDependsOn,  // Said by depends_on.
  kReference,  // A column refers to another dataset's: data is compared, not derived.
  kContract,   // A consumer of a contract.
};
std::string_view ToString(EdgeKind kind);  // "from", "sql", "depends_on", "references", "contract"

// `to` is made of, or reads, `from`.
struct Edge {
  std::string from;
  std::string to;
  EdgeKind kind = EdgeKind::kSql;
  std::string label;  // Contract's address, or the column that refers; may be empty.
};

struct ColumnEdge {
  std::string from_dataset;
  std::string from_column;
  std::string to_dataset;
  std::string to_column;
};

// What an analyzer found in one model's SQL, where the definitions do not say it already.
struct SqlEdges {
  std::string dataset;              // Address of the model.
  std::vector<std::string> inputs;  // Addresses of the datasets that it reads.
  std::vector<ColumnEdge> columns;
};

struct Reached {
  std::string id;
  int depth = 1;    // Edges on the shortest way.
  std::string via;  // The neighbour on that way that lies nearer to the start.
};

// Everything that a defect of some datasets reaches.
struct Impact {
  std::vector<Reached> datasets;       // By depth, then name; without the start.
  std::vector<std::string> consumers;  // Of contracts on the start or on what it reaches.
  std::vector<std::string> contracts;  // Addresses.

  Json ToJson() const;
  static Impact FromJson(const Json& json);
  // "2 datasets (fact_payment, daily_revenue) and 1 consumer (team.finance)"; "nothing downstream".
  std::string ToText() const;
};

class Graph {
 public:
  // An edge to something that is not declared is left out. Edges are unique and sorted.
  static Graph Build(const definition::Project& project, const std::vector<SqlEdges>& sql = {});

  const std::vector<Node>& nodes() const { return nodes_; }  // Sorted by id.
  const std::vector<Edge>& edges() const { return edges_; }
  const std::vector<ColumnEdge>& column_edges() const { return columns_; }

  // By address, or by the name of a dataset; null where there is none.
  const Node* Find(std::string_view id_or_name) const;

  // The closure along all edges but kReference, nearest first, then by id; never the start
  // itself. `depth_max` < 0: no bound. Empty for an unknown node.
  std::vector<Reached> Upstream(std::string_view id, int depth_max = -1) const;
  std::vector<Reached> Downstream(std::string_view id, int depth_max = -1) const;
  // The same for one column, over the column edges: ids are "dataset.x.column.y".
  std::vector<Reached> UpstreamOfColumn(std::string_view dataset, std::string_view column) const;
  std::vector<Reached> DownstreamOfColumn(std::string_view dataset, std::string_view column) const;

  // Neighbours, sorted; kReference edges are left out.
  std::vector<std::string> Inputs(std::string_view id) const;
  std::vector<std::string> Outputs(std::string_view id) const;

  // `datasets` are addresses; those among them are not told as reached.
  Impact ImpactOf(const std::vector<std::string>& datasets) const;

  // The part of the graph around a node: {"nodes": […], "edges": […], "columns": […]}. A whole
  // graph with an empty id. Steps below zero: no bound.
  Json ToJson(std::string_view id = {}, int up = -1, int down = -1) const;
  // A Mermaid flowchart of the same part.
  std::string ToMermaid(std::string_view id = {}, int up = -1, int down = -1) const;

 private:
  std::vector<Reached> Walk(std::string_view id, int depth_max, bool down) const;
  std::vector<Reached> WalkColumns(std::string_view dataset, std::string_view column,
                                   bool down) const;
  std::vector<const Node*> Part(std::string_view id, int up, int down) const;

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<ColumnEdge> columns_;
  std::map<std::string, std::vector<std::string>, std::less<>> outputs_;
  std::map<std::string, std::vector<std::string>, std::less<>> inputs_;
  std::vector<definition::Contract> contracts_;
};

}  // namespace andon::lineage
