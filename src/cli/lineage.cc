#include "lineage/lineage.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/open_project.h"

namespace andon::cli {
namespace {

void PrintReached(const Context& context, std::string_view title,
                  const std::vector<lineage::Reached>& list, std::string_view none) {
  context.Line(context.Paint("bold", title));
  for (const auto& r : list) {
    context.Line(
        fmt::format("  {}{}", std::string(static_cast<size_t>(r.depth - 1) * 2, ' '), r.id) +
        (r.depth > 1 ? context.Paint("dim", "  by " + r.via) : ""));
  }
  if (list.empty()) context.Line("  " + std::string(none));
}

// The column of "payment.amount" or "dataset.payment.amount", where the rest is a dataset that has
// it.
std::pair<const definition::Dataset*, std::string> FindColumn(const definition::Project& project,
                                                              const std::string& word) {
  size_t dot = word.rfind('.');
  if (dot == std::string::npos) return {nullptr, ""};
  const definition::Dataset* dataset = project.FindDataset(word.substr(0, dot));
  return {dataset, word.substr(dot + 1)};
}

Json ReachedJson(const std::vector<lineage::Reached>& list) {
  Json out = Json::List();
  for (const auto& r : list)
    out.Push(Json::Object({{"id", r.id}, {"depth", r.depth}, {"via", r.via}}));
  return out;
}

ExitCode PrintColumn(const Context& context, const lineage::Graph& graph,
                     const definition::Dataset& dataset, const std::string& column) {
  auto up = graph.UpstreamOfColumn(dataset.address, column),
       down = graph.DownstreamOfColumn(dataset.address, column);
  if (context.json) {
    Json event = Json::Object({{"type", "lineage"}, {"column", dataset.address + "." + column}});
    event.Set("upstream", ReachedJson(up));
    event.Set("downstream", ReachedJson(down));
    context.Event(event);
    return ExitCode::kDone;
  }
  context.Line(fmt::format("{}.{}", dataset.address, column));
  PrintReached(context, "Computed from", up, "no other column that is known");
  PrintReached(context, "Goes into", down, "no other column that is known");
  return ExitCode::kDone;
}

ExitCode RunLineage(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  lineage::Graph graph = lineage::Graph::Build(opened->project);
  std::string word = arguments.positional.empty() ? "" : arguments.positional[0];
  int up = static_cast<int>(arguments.Integer("up", arguments.Integer("depth", -1)));
  int down = static_cast<int>(arguments.Integer("down", arguments.Integer("depth", -1)));
  std::string format = arguments.String("o");
  if (!format.empty() && format != "json" && format != "mermaid" && format != "text") {
    return context.Fail(Error::Invalid("-o {} is not known: use text, json or mermaid", format));
  }
  const lineage::Node* node = word.empty() ? nullptr : graph.Find(word);
  if (!node && !word.empty()) {
    auto [dataset, column] = FindColumn(opened->project, word);
    if (dataset && dataset->FindColumn(column))
      return PrintColumn(context, graph, *dataset, column);
    std::vector<std::string> names;
    for (const auto& n : graph.nodes())
      names.push_back(n.kind == lineage::NodeKind::kDataset ? n.name : n.id);
    std::string meant = DidYouMean(word, names);
    return context.Fail(
        Error::NotFound("There is no dataset, source, consumer or column \"{}\"{}", word,
                        meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  std::string id = node ? node->id : "";
  if (format == "mermaid") {
    context.Print(graph.ToMermaid(id, up, down));
    return ExitCode::kDone;
  }
  if (context.json || format == "json") {
    Json json = Json::Object({{"type", "lineage"}, {"node", id}});
    Json part = graph.ToJson(id, up, down);
    for (const auto& [name, value] : part.members()) json.Set(name, value);
    if (context.json)
      context.Event(json);
    else
      context.Line(json.Dump(2));
    return ExitCode::kDone;
  }
  if (!node) {
    for (const auto& edge : graph.edges()) {
      context.Line(fmt::format("{} → {}  {}", edge.from, edge.to,
                               context.Paint("dim", lineage::ToString(edge.kind))));
    }
    return ExitCode::kDone;
  }
  context.Line(id);
  if (up != 0) PrintReached(context, "Made of", graph.Upstream(id, up), "nothing");
  if (down != 0) PrintReached(context, "Used by", graph.Downstream(id, down), "nothing");
  return ExitCode::kDone;
}

}  // namespace

extern const Command kLineage = {
    .name = "lineage",
    .group = Group::kData,
    .summary = "What a dataset or a column is made of, and what is made of it",
    .usage = "[NODE | DATASET.COLUMN]",
    .description =
        "Sources, datasets and consumers, as the definitions and the SQL of the current release "
        "say. Without a "
        "node: all edges.",
    .positional_max = 1,
    .flags = {{"up", FlagKind::kInteger, "N", "Steps upstream; default: all."},
              {"down", FlagKind::kInteger, "N", "Steps downstream; default: all."},
              {"depth", FlagKind::kInteger, "N", "Both."},
              {"o", FlagKind::kString, "FORMAT", "text, json or mermaid."}},
    .examples = {{"andon lineage payment", "Both ways."},
                 {"andon lineage payment.amount -down=2", "Of one column."},
                 {"andon lineage -o mermaid", "A picture for a document."}},
    .run = RunLineage,
};

}  // namespace andon::cli
