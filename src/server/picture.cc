#include <algorithm>
#include <set>

#include "graph/layout.h"
#include "server/pages.h"

namespace andon::server {
namespace {

constexpr int kWidth = 150, kHeight = 34, kColumn = 200, kRow = 50, kMargin = 8;
// What a page can show; the list beside it is whole.
constexpr size_t kNodesMax = 60;
constexpr size_t kNameMax = 18;

std::string Shortened(const std::string& name) {
  if (name.size() <= kNameMax) return name;
  size_t end = kNameMax - 1;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "…";
}

std::string Number(double n) { return fmt::format("{:.0f}", n); }

std::vector<std::string> NodesAround(const lineage::Graph& graph, const std::string& id) {
  std::vector<std::string> ids = {id};
  auto up = graph.Upstream(id), down = graph.Downstream(id);
  // Nearest first on both sides, as far as there is room.
  for (size_t i = 0; i < std::max(up.size(), down.size()); ++i) {
    if (i < up.size() && ids.size() < kNodesMax) ids.push_back(up[i].id);
    if (i < down.size() && ids.size() < kNodesMax) ids.push_back(down[i].id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

Html Picture(const lineage::Graph& graph, const std::string& id,
             const std::map<std::string, board::Light>& lights) {
  std::vector<std::string> ids = NodesAround(graph, id);
  std::map<std::string, graph::NodeId> index;
  graph::Dag dag;
  for (const auto& node : ids) index[node] = dag.AddNode();
  for (const auto& [node, n] : index) {
    for (const std::string& input : graph.Inputs(node)) {
      if (auto from = index.find(input); from != index.end()) dag.AddEdge(n, from->second);
    }
  }
  graph::Layout layout = graph::LayOut(dag);
  auto x = [&](graph::NodeId n) { return kMargin + layout.nodes[n].rank * kColumn; };
  auto y = [&](graph::NodeId n) { return kMargin + layout.nodes[n].row * kRow; };
  std::vector<Html> shapes;
  for (graph::NodeId to = 0; to < dag.size(); ++to) {
    for (graph::NodeId from : dag.DependenciesOf(to)) {
      double x1 = x(from) + kWidth, y1 = y(from) + kHeight / 2.0, x2 = x(to),
             y2 = y(to) + kHeight / 2.0;
      double middle = (x1 + x2) / 2;
      shapes.push_back(
          El("path", {{"d", fmt::format("M{:.0f} {:.0f}C{:.0f} {:.0f} {:.0f} {:.0f} {:.0f} {:.0f}",
                                        x1, y1, middle, y1, middle, y2, x2, y2)}}));
    }
  }
  for (const auto& node : ids) {
    const lineage::Node* known = graph.Find(node);
    if (!known) continue;
    graph::NodeId n = index[node];
    std::string style = "box";
    std::string sign;
    if (auto light = lights.find(node); light != lights.end()) {
      style += " " + std::string(board::ToString(light->second));
      sign = std::string(board::SignOf(light->second)) + " ";
    }
    if (node == id) style += " current";
    Html box = El("rect", {{"class", style},
                           {"x", Number(x(n))},
                           {"y", Number(y(n))},
                           {"rx", known->kind == lineage::NodeKind::kDataset ? "4" : "16"},
                           {"width", std::to_string(kWidth)},
                           {"height", std::to_string(kHeight)}});
    Html label = El("text", {{"x", Number(x(n) + 10)}, {"y", Number(y(n) + 22)}},
                    {Text(sign + Shortened(known->name))});
    Html title = El("title", node);
    if (known->kind == lineage::NodeKind::kDataset) {
      shapes.push_back(
          El("a", {{"href", "/d/" + PercentEncode(known->name)}}, {title, box, label}));
    } else {
      shapes.push_back(El("g", Attributes{}, {title, box, label}));
    }
  }
  int width = 2 * kMargin + std::max(0, layout.ranks - 1) * kColumn + kWidth;
  double height = 2 * kMargin + std::max(0.0, layout.rows - 1) * kRow + kHeight;
  return El("svg",
            {{"class", "picture"},
             {"viewBox", fmt::format("0 0 {} {:.0f}", width, height)},
             {"width", std::to_string(width)},
             {"height", Number(height)},
             {"role", "group"},
             {"aria-label", "Lineage; the lists below say the same."}},
            shapes);
}

}  // namespace andon::server
