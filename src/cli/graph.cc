#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "cli/planning.h"

namespace andon::cli {
namespace {

struct Edge {
  std::string from;
  std::string to;
};

// What needs what: references between objects, and what datasets read.
std::vector<Edge> EdgesOf(const builtin::ProjectFiles& project) {
  std::vector<Edge> edges;
  for (const plan::Instance& instance : project.evaluation->instances()) {
    std::string address = ToString(instance.address);
    std::set<std::string> to(instance.references.begin(), instance.references.end());
    auto derived = project.checked.derived.find(address);
    if (derived != project.checked.derived.end()) {
      for (const Json& input : derived->second["inputs"].items()) to.insert(input.AsString());
    }
    for (const std::string& other : to) {
      if (other != address) edges.push_back({address, other});
    }
  }
  return edges;
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string Dot(const std::vector<std::string>& nodes, const std::vector<Edge>& edges) {
  std::string out =
      "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n";
  for (const std::string& node : nodes) out += fmt::format("  \"{}\";\n", Escaped(node));
  for (const Edge& edge : edges)
    out += fmt::format("  \"{}\" -> \"{}\";\n", Escaped(edge.from), Escaped(edge.to));
  return out + "}\n";
}

std::string Mermaid(const std::vector<std::string>& nodes, const std::vector<Edge>& edges) {
  std::string out = "flowchart LR\n";
  std::map<std::string, size_t> ids;
  for (const std::string& node : nodes) {
    ids.emplace(node, ids.size());
    std::string label;
    for (char c : node) label += c == '"' ? std::string("#quot;") : std::string(1, c);
    out += fmt::format("  n{}[\"{}\"]\n", ids[node], label);
  }
  for (const Edge& edge : edges) {
    if (ids.contains(edge.from) && ids.contains(edge.to))
      out += fmt::format("  n{} --> n{}\n", ids[edge.to], ids[edge.from]);
  }
  return out;
}

std::string GraphJson(const std::vector<std::string>& nodes, const std::vector<Edge>& edges) {
  Json node_list = Json::List(), edge_list = Json::List();
  for (const std::string& node : nodes) node_list.Push(node);
  for (const Edge& edge : edges)
    edge_list.Push(Json::Object({{"from", edge.from}, {"needs", edge.to}}));
  return Json::Object({{"nodes", std::move(node_list)}, {"edges", std::move(edge_list)}}).Dump() +
         "\n";
}

ExitCode Run(Context& context, const Arguments& arguments) {
  std::string format = context.json ? "json" : arguments.String("format", "dot");
  if (format != "dot" && format != "mermaid" && format != "json") {
    std::string meant = DidYouMean(format, {"dot", "mermaid", "json"});
    return context.Fail(Error::Invalid("-format is dot, mermaid or json, not \"{}\"{}", format,
                                       meant.empty() ? "." : ": did you mean \"" + meant + "\"?"));
  }
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr);
  context.Report(project.diagnostics);
  if (project.diagnostics.has_errors()) return ExitCode::kError;
  std::vector<std::string> nodes;
  for (const plan::Instance& instance : project.evaluation->instances())
    nodes.push_back(ToString(instance.address));
  std::vector<Edge> edges = EdgesOf(project);
  context.Print(format == "dot"       ? Dot(nodes, edges)
                : format == "mermaid" ? Mermaid(nodes, edges)
                                      : GraphJson(nodes, edges));
  return ExitCode::kDone;
}

}  // namespace

extern const Command kGraph = {
    .name = "graph",
    .group = Group::kChange,
    .summary = "Print what needs what, as a graph",
    .usage = "",
    .description =
        "The objects of the files with their references and with what datasets read. Changes "
        "nothing.",
    .flags = WithVariableFlags({{"format", FlagKind::kString, "dot|mermaid|json",
                                 "The language of the graph; dot without it."}}),
    .examples = {{"andon graph | dot -Tsvg > graph.svg", "A picture, with Graphviz."},
                 {"andon graph -format=mermaid", "For a Markdown page."}},
    .run = Run,
};

}  // namespace andon::cli
