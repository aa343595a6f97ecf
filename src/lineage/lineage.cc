#include "lineage/lineage.h"

#include <algorithm>
#include <deque>
#include <set>

#include "base/text.h"

namespace andon::lineage {
namespace {

// Where somebody else's table lies; a dbt project's is its dataset itself.
bool IsOfDatabase(const definition::Dataset& dataset) {
  return dataset.external_source.starts_with("source.");
}

std::string SourceTableId(const definition::Dataset& dataset) {
  if (IsOfDatabase(dataset)) return dataset.external_source + ".table." + dataset.external_table;
  if (dataset.source_table.empty()) return dataset.source;
  return dataset.source + ".table." + dataset.source_table;
}

std::string ColumnId(std::string_view dataset, std::string_view column) {
  return fmt::format("{}.column.{}", dataset, column);
}

// The last word of an address: "finance" of "team.finance".
std::string LastWord(std::string_view id) {
  size_t dot = id.rfind('.');
  return std::string(dot == std::string_view::npos ? id : id.substr(dot + 1));
}

bool IsIn(const std::string& item, const std::vector<std::string>& list) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// "dataset.payment.amount" without its last word; empty where there is none.
std::string WithoutLastWord(const std::string& id) {
  size_t dot = id.rfind('.');
  return dot == std::string::npos ? "" : id.substr(0, dot);
}

bool Derives(EdgeKind kind) { return kind != EdgeKind::kReference; }

template <typename Neighbours>
std::vector<Reached> BreadthFirst(std::string_view start, int depth_max, Neighbours neighbours) {
  std::vector<Reached> reached;
  std::set<std::string, std::less<>> seen{std::string(start)};
  std::deque<Reached> queue{{std::string(start), 0, ""}};
  while (!queue.empty()) {
    Reached at = std::move(queue.front());
    queue.pop_front();
    if (depth_max >= 0 && at.depth >= depth_max) continue;
    for (const std::string& next : neighbours(at.id)) {
      if (!seen.insert(next).second) continue;
      reached.push_back({next, at.depth + 1, at.id});
      queue.push_back(reached.back());
    }
  }
  std::stable_sort(reached.begin(), reached.end(), [](const Reached& a, const Reached& b) {
    return a.depth != b.depth ? a.depth < b.depth : a.id < b.id;
  });
  return reached;
}

std::string NamesOf(const std::vector<std::string>& ids) {
  constexpr size_t kNamesMax = 5;  // A line of a message holds no more.
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    if (names.size() == kNamesMax) break;
    names.push_back(LastWord(id));
  }
  std::string text = Join(names, ", ");
  if (ids.size() > names.size()) text += fmt::format(" and {} more", ids.size() - names.size());
  return text;
}

// Mermaid reads these as syntax inside a quoted label.
std::string MermaidLabel(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '"':
        out += "#quot;";
        break;
      case '#':
        out += "#35;";
        break;
      case '<':
        out += "#lt;";
        break;
      case '>':
        out += "#gt;";
        break;
      case '\n':
        out += ' ';
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Collects nodes and edges, and then keeps what is declared.
class Builder {
 public:
  explicit Builder(const definition::Project& project) : project_(project) {}

  void AddDatasets(const std::vector<SqlEdges>& sql) {
    for (const auto& dataset : project_.datasets) {
      nodes_[dataset.address] = {dataset.address, NodeKind::kDataset, dataset.name, dataset.owner};
      if (!dataset.source.empty() || IsOfDatabase(dataset)) {
        std::string id = SourceTableId(dataset);
        std::string name = IsOfDatabase(dataset)          ? dataset.external_table
                           : dataset.source_table.empty() ? LastWord(dataset.source)
                                                          : dataset.source_table;
        nodes_.try_emplace(id, Node{id, NodeKind::kSource, name, ""});
        edges_.push_back({id, dataset.address, EdgeKind::kFrom, ""});
      }
      for (const auto& other : dataset.depends_on) {
        edges_.push_back({other, dataset.address, EdgeKind::kDependsOn, ""});
      }
      EdgeKind read = dataset.sql.empty() ? EdgeKind::kDependsOn : EdgeKind::kSql;
      for (const auto& input : dataset.inputs) {
        if (input == dataset.address || IsIn(input, dataset.depends_on)) continue;
        edges_.push_back({input, dataset.address, read, ""});
      }
      for (const auto& column : dataset.columns) {
        if (!column.references || column.references->dataset == dataset.address) continue;
        edges_.push_back(
            {column.references->dataset, dataset.address, EdgeKind::kReference, column.name});
      }
    }
    for (const auto& model : sql) {
      for (const auto& input : model.inputs) {
        if (input != model.dataset) edges_.push_back({input, model.dataset, EdgeKind::kSql, ""});
      }
    }
  }

  void AddConsumers() {
    for (const auto& contract : project_.contracts) {
      if (contract.status == "retired") continue;
      for (const auto& consumer : contract.consumers) {
        if (consumer == contract.dataset) continue;
        nodes_.try_emplace(consumer, Node{consumer, NodeKind::kConsumer, LastWord(consumer), ""});
        edges_.push_back({contract.dataset, consumer, EdgeKind::kContract, contract.address});
      }
    }
  }

  std::vector<Node> TakeNodes() {
    std::vector<Node> nodes;
    for (auto& [id, node] : nodes_) nodes.push_back(std::move(node));
    return nodes;
  }

  std::vector<Edge> TakeEdges() {
    std::erase_if(
        edges_, [&](const Edge& e) { return !nodes_.contains(e.from) || !nodes_.contains(e.to); });
    auto key = [](const Edge& e) { return std::tie(e.from, e.to, e.kind, e.label); };
    std::sort(edges_.begin(), edges_.end(),
              [&](const Edge& a, const Edge& b) { return key(a) < key(b); });
    edges_.erase(std::unique(edges_.begin(), edges_.end(),
                             [&](const Edge& a, const Edge& b) { return key(a) == key(b); }),
                 edges_.end());
    return std::move(edges_);
  }

 private:
  const definition::Project& project_;
  std::map<std::string, Node> nodes_;
  std::vector<Edge> edges_;
};

}  // namespace

std::string_view ToString(NodeKind kind) {
  switch (kind) {
    case NodeKind::kSource:
      return "source";
    case NodeKind::kDataset:
      return "dataset";
    case NodeKind::kConsumer:
      return "consumer";
  }
  return "";
}

std::string_view ToString(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kFrom:
      return "from";
    case EdgeKind::kSql:
      return "sql";
    case EdgeKind::kDependsOn:
      return "depends_on";
    case EdgeKind::kReference:
      return "references";
    case EdgeKind::kContract:
      return "contract";
  }
  return "";
}

Graph Graph::Build(const definition::Project& project, const std::vector<SqlEdges>& sql) {
  Builder builder(project);
  builder.AddDatasets(sql);
  builder.AddConsumers();
  Graph graph;
  graph.edges_ = builder.TakeEdges();
  graph.nodes_ = builder.TakeNodes();
  graph.contracts_ = project.contracts;
  for (const auto& dataset : project.datasets) {
    for (const auto& [column, from] : dataset.lineage) {
      for (const std::string& origin : from) {
        std::string input = WithoutLastWord(origin);
        if (graph.Find(input)) {
          graph.columns_.push_back({input, LastWord(origin), dataset.address, column});
        }
      }
    }
  }
  for (const auto& model : sql) {
    for (const auto& edge : model.columns) {
      if (graph.Find(edge.from_dataset) && graph.Find(edge.to_dataset))
        graph.columns_.push_back(edge);
    }
  }
  // A consumer that is a dataset, and says itself what it reads, stands where its reading puts it.
  std::set<std::string> readers;
  for (const Edge& edge : graph.edges_) {
    if (Derives(edge.kind) && edge.kind != EdgeKind::kContract) readers.insert(edge.to);
  }
  for (const Edge& edge : graph.edges_) {
    if (!Derives(edge.kind)) continue;
    if (edge.kind == EdgeKind::kContract && readers.contains(edge.to)) continue;
    auto& out = graph.outputs_[edge.from];
    if (out.empty() || out.back() != edge.to) out.push_back(edge.to);
    graph.inputs_[edge.to].push_back(edge.from);
  }
  for (auto* map : {&graph.outputs_, &graph.inputs_}) {
    for (auto& [id, list] : *map) {
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
    }
  }
  return graph;
}

const Node* Graph::Find(std::string_view id_or_name) const {
  auto found = std::lower_bound(nodes_.begin(), nodes_.end(), id_or_name,
                                [](const Node& n, std::string_view id) { return n.id < id; });
  if (found != nodes_.end() && found->id == id_or_name) return &*found;
  for (const Node& node : nodes_) {
    if (node.kind == NodeKind::kDataset && node.name == id_or_name) return &node;
  }
  return nullptr;
}

std::vector<std::string> Graph::Inputs(std::string_view id) const {
  auto found = inputs_.find(id);
  return found == inputs_.end() ? std::vector<std::string>{} : found->second;
}

std::vector<std::string> Graph::Outputs(std::string_view id) const {
  auto found = outputs_.find(id);
  return found == outputs_.end() ? std::vector<std::string>{} : found->second;
}

std::vector<Reached> Graph::Walk(std::string_view id, int depth_max, bool down) const {
  return BreadthFirst(id, depth_max,
                      [&](const std::string& at) { return down ? Outputs(at) : Inputs(at); });
}

std::vector<Reached> Graph::Upstream(std::string_view id, int depth_max) const {
  return Walk(id, depth_max, false);
}

std::vector<Reached> Graph::Downstream(std::string_view id, int depth_max) const {
  return Walk(id, depth_max, true);
}

std::vector<Reached> Graph::WalkColumns(std::string_view dataset, std::string_view column,
                                        bool down) const {
  std::map<std::string, std::vector<std::string>, std::less<>> next;
  for (const ColumnEdge& edge : columns_) {
    std::string from = ColumnId(edge.from_dataset, edge.from_column);
    std::string to = ColumnId(edge.to_dataset, edge.to_column);
    if (down)
      next[from].push_back(to);
    else
      next[to].push_back(from);
  }
  return BreadthFirst(ColumnId(dataset, column), -1, [&](const std::string& at) {
    auto found = next.find(at);
    return found == next.end() ? std::vector<std::string>{} : found->second;
  });
}

std::vector<Reached> Graph::UpstreamOfColumn(std::string_view dataset,
                                             std::string_view column) const {
  return WalkColumns(dataset, column, false);
}

std::vector<Reached> Graph::DownstreamOfColumn(std::string_view dataset,
                                               std::string_view column) const {
  return WalkColumns(dataset, column, true);
}

Impact Graph::ImpactOf(const std::vector<std::string>& datasets) const {
  std::set<std::string> start(datasets.begin(), datasets.end());
  std::map<std::string, Reached> nearest;
  for (const std::string& dataset : datasets) {
    for (Reached& reached : Downstream(dataset)) {
      if (start.contains(reached.id)) continue;
      auto [at, is_new] = nearest.try_emplace(reached.id, reached);
      if (!is_new && reached.depth < at->second.depth) at->second = reached;
    }
  }
  Impact impact;
  std::set<std::string> touched = start;
  for (auto& [id, reached] : nearest) {
    const Node* node = Find(id);
    touched.insert(id);
    if (node && node->kind == NodeKind::kConsumer)
      impact.consumers.push_back(id);
    else
      impact.datasets.push_back(std::move(reached));
  }
  std::stable_sort(impact.datasets.begin(), impact.datasets.end(),
                   [](const Reached& a, const Reached& b) { return a.depth < b.depth; });
  for (const auto& contract : contracts_) {
    if (contract.status != "retired" && touched.contains(contract.dataset)) {
      impact.contracts.push_back(contract.address);
    }
  }
  return impact;
}

Json Impact::ToJson() const {
  Json list = Json::List();
  for (const Reached& r : datasets) {
    list.Push(Json::Object({{"id", r.id}, {"depth", r.depth}, {"via", r.via}}));
  }
  Json people = Json::List();
  for (const auto& c : consumers) people.Push(c);
  Json promises = Json::List();
  for (const auto& c : contracts) promises.Push(c);
  return Json::Object({{"datasets", std::move(list)},
                       {"consumers", std::move(people)},
                       {"contracts", std::move(promises)}});
}

Impact Impact::FromJson(const Json& json) {
  Impact impact;
  for (const Json& r : json["datasets"].items()) {
    impact.datasets.push_back(
        {r["id"].AsString(), static_cast<int>(r["depth"].AsInteger(1)), r["via"].AsString()});
  }
  for (const Json& c : json["consumers"].items()) impact.consumers.push_back(c.AsString());
  for (const Json& c : json["contracts"].items()) impact.contracts.push_back(c.AsString());
  return impact;
}

std::string Impact::ToText() const {
  std::vector<std::string> ids;
  for (const Reached& r : datasets) ids.push_back(r.id);
  std::vector<std::string> parts;
  if (!ids.empty())
    parts.push_back(fmt::format("{} ({})", Count(ids.size(), "dataset"), NamesOf(ids)));
  if (!consumers.empty()) {
    parts.push_back(
        fmt::format("{} ({})", Count(consumers.size(), "consumer"), Join(consumers, ", ")));
  }
  return parts.empty() ? "nothing downstream" : Join(parts, " and ");
}

std::vector<const Node*> Graph::Part(std::string_view id, int up, int down) const {
  std::vector<const Node*> part;
  if (id.empty()) {
    for (const Node& node : nodes_) part.push_back(&node);
    return part;
  }
  const Node* centre = Find(id);
  if (!centre) return part;
  std::set<std::string> ids{centre->id};
  for (const Reached& r : Upstream(centre->id, up)) ids.insert(r.id);
  for (const Reached& r : Downstream(centre->id, down)) ids.insert(r.id);
  for (const std::string& one : ids) part.push_back(Find(one));
  return part;
}

Json Graph::ToJson(std::string_view id, int up, int down) const {
  Json nodes = Json::List(), edges = Json::List(), columns = Json::List();
  std::set<std::string> ids;
  for (const Node* node : Part(id, up, down)) {
    ids.insert(node->id);
    nodes.Push(Json::Object({{"id", node->id},
                             {"kind", ToString(node->kind)},
                             {"name", node->name},
                             {"owner", node->owner}}));
  }
  for (const Edge& edge : edges_) {
    if (!ids.contains(edge.from) || !ids.contains(edge.to)) continue;
    Json item = Json::Object({{"from", edge.from}, {"to", edge.to}, {"kind", ToString(edge.kind)}});
    if (!edge.label.empty()) item.Set("label", edge.label);
    edges.Push(std::move(item));
  }
  for (const ColumnEdge& edge : columns_) {
    if (!ids.contains(edge.from_dataset) || !ids.contains(edge.to_dataset)) continue;
    columns.Push(Json::Object({{"from", ColumnId(edge.from_dataset, edge.from_column)},
                               {"to", ColumnId(edge.to_dataset, edge.to_column)}}));
  }
  return Json::Object(
      {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}, {"columns", std::move(columns)}});
}

std::string Graph::ToMermaid(std::string_view id, int up, int down) const {
  std::string out = "flowchart LR\n";
  std::map<std::string, int> index;
  for (const Node* node : Part(id, up, down)) {
    int n = static_cast<int>(index.size());
    index[node->id] = n;
    std::string label = MermaidLabel(node->kind == NodeKind::kDataset ? node->name : node->id);
    // Sources are cylinders, consumers stadiums, datasets boxes.
    std::string_view open = "[", close = "]";
    if (node->kind == NodeKind::kSource) open = "[(", close = ")]";
    if (node->kind == NodeKind::kConsumer) open = "([", close = "])";
    out += fmt::format("  n{}{}\"{}\"{}\n", n, open, label, close);
  }
  for (const Edge& edge : edges_) {
    auto from = index.find(edge.from), to = index.find(edge.to);
    if (from == index.end() || to == index.end()) continue;
    out += fmt::format("  n{} {} n{}\n", from->second, Derives(edge.kind) ? "-->" : "-.->",
                       to->second);
  }
  return out;
}

}  // namespace andon::lineage
