#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "cli/infrastructure_plan_file.h"
#include "cli/infrastructure_reading.h"
#include "cli/planning.h"
#include "infra/drawing.h"

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

// What the saved plan does.
Result<std::string> DrawPlan(Context& context, const Arguments& arguments,
                             const infra::Graph& graph) {
  const std::string file = arguments.String("plan");
  StateHome home = TRY(StateHomeOf(context, arguments));
  io::LocalFileSystem files;
  std::string text = TRY(files.Read(file));
  if (!IsSavedPlan(text)) return Error::Invalid("{} is no saved plan of infrastructure.", file);
  SavedPlan saved = TRY(ReadSavedPlan(file, home.plan_codec));
  Json plan = TRY(Json::Parse(saved.json));
  std::vector<infra::DrawnChange> changes;
  for (const Json& one : plan["resource_changes"].items()) {
    auto address = TRY(address::Parse(one["address"].AsString()));
    infra::DrawnChange change{.address = std::move(address)};
    for (const Json& action : one["change"]["actions"].items()) {
      const std::string& name = action.AsString();
      if (name == "delete") change.destroys = true;
      if (name == "delete" && change.makes) change.makes_first = true;
      if (name == "create" || name == "update" || name == "read") change.makes = true;
    }
    if (change.makes || change.destroys) changes.push_back(std::move(change));
  }
  return infra::ChangesDot(graph, changes, saved.mode == infra::Mode::kDestroy,
                           arguments.Bool("draw-cycles"));
}

// Of infrastructure: the resources alone, or with -type every step of an operation.
ExitCode DrawInfrastructure(Context& context, const Arguments& arguments,
                            const Infrastructure& infrastructure, const std::string& format) {
  static const std::map<std::string, infra::DrawnOperation> kOperations = {
      {"plan", infra::DrawnOperation::kPlan},
      {"plan-refresh-only", infra::DrawnOperation::kPlan},
      {"plan-destroy", infra::DrawnOperation::kPlanDestroy},
      {"apply", infra::DrawnOperation::kApply}};
  std::string type = arguments.String("type");
  auto operation = kOperations.find(type);
  if (!type.empty() && operation == kOperations.end())
    return context.Fail(
        Error::Invalid("The -type=... argument must be either \"plan\", \"plan-refresh-only\", "
                       "\"plan-destroy\", or \"apply\"."));
  if (!type.empty() && format != "dot")
    return context.Fail(Error::Invalid("-type draws the steps of an operation in dot alone."));
  bool has_plan = arguments.Has("plan");
  if (has_plan && ((!type.empty() && type != "apply") || format != "dot"))
    return context.Fail(
        Error::Invalid("-plan draws what the plan does: with -type=apply or none, in dot alone."));
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return context.Fail(state.error());
  Diagnostics found;
  infra::Graph graph = infra::BuildGraph(infrastructure.tree, *state, &found);
  bool draws_cycles = arguments.Bool("draw-cycles");
  if (!draws_cycles) context.Report(found);
  if (found.has_errors() && !draws_cycles) return ExitCode::kError;
  if (has_plan) {
    auto drawn = DrawPlan(context, arguments, graph);
    if (!drawn.ok()) return context.Fail(drawn.error());
    context.Print(*drawn);
    return ExitCode::kDone;
  }
  if (!type.empty()) {
    context.Print(infra::OperationDot(graph, operation->second, *state, draws_cycles));
    return ExitCode::kDone;
  }
  if (format == "dot") {
    context.Print(infra::ResourceDot(graph));
    return ExitCode::kDone;
  }
  infra::ResourceEdges drawn = infra::ResourcesOf(graph);
  std::vector<std::string> nodes;
  std::vector<Edge> edges;
  for (infra::NodeId id : drawn.resources) nodes.push_back(graph.AddressOf(id));
  for (const auto& [from, to] : drawn.edges)
    edges.push_back({graph.AddressOf(from), graph.AddressOf(to)});
  context.Print(format == "mermaid" ? Mermaid(nodes, edges) : GraphJson(nodes, edges));
  return ExitCode::kDone;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  std::string format = context.json ? "json" : arguments.String("format", "dot");
  if (format != "dot" && format != "mermaid" && format != "json") {
    std::string meant = DidYouMean(format, {"dot", "mermaid", "json"});
    return context.Fail(Error::Invalid("-format is dot, mermaid or json, not \"{}\"{}", format,
                                       meant.empty() ? "." : ": did you mean \"" + meant + "\"?"));
  }
  if (auto infrastructure = ReadInfrastructure(context, arguments)) {
    // A circle is a mistake, and may be what is to be seen.
    if (infrastructure->has_errors && !arguments.Bool("draw-cycles")) return ExitCode::kError;
    return DrawInfrastructure(context, arguments, *infrastructure, format);
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
        "The objects of the files with their references and with what datasets read; of "
        "infrastructure the resources and what they need of one another. Changes nothing.",
    .flags = WithVariableFlags(
        {{"format", FlagKind::kString, "dot|mermaid|json",
          "The language of the graph; dot without it."},
         {"type", FlagKind::kString, "OPERATION",
          "Of infrastructure: the steps of plan, plan-refresh-only, plan-destroy or apply."},
         {"plan", FlagKind::kString, "FILE",
          "Of infrastructure: what a saved plan does, instance by instance."},
         {"draw-cycles", FlagKind::kBool, "",
          "With -type or -plan: the edges of cycles are red."}}),
    .examples = {{"andon graph | dot -Tsvg > graph.svg", "A picture, with Graphviz."},
                 {"andon graph -format=mermaid", "For a Markdown page."}},
    .run = Run,
};

}  // namespace andon::cli
