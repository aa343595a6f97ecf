#include "cli/infrastructure_impact.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lineage/lineage.h"
#include "policy/policy.h"
#include "policy/readers.h"

namespace andon::cli {
namespace {

Json ListOf(const std::vector<std::string>& texts) {
  Json list = Json::List();
  for (const std::string& text : texts) list.Push(text);
  return list;
}

void AddUnique(std::vector<std::string>* to, const std::string& text) {
  if (std::find(to->begin(), to->end(), text) == to->end()) to->push_back(text);
}

std::string Part(const std::vector<std::string>& names, std::string_view singular) {
  if (names.empty()) return {};
  return fmt::format(", {} ({})", Count(static_cast<int64_t>(names.size()), singular),
                     Join(names, ", "));
}

bool Is(std::string_view address, std::string_view block) {
  return address == block ||
         (address.starts_with(block) && address.substr(block.size()).starts_with('['));
}

}  // namespace

Json ReachedByResource::ToJson() const {
  return Json::Object({{"type", "impact"},
                       {"resource", address},
                       {"action", action},
                       {"readers", ListOf(readers)},
                       {"datasets", ListOf(datasets)},
                       {"pipelines", ListOf(pipelines)},
                       {"contracts", ListOf(contracts)},
                       {"consumers", ListOf(consumers)}});
}

std::string ReachedByResource::ToText() const {
  return fmt::format("{} ({}): {}{}{}{}{}", address, action, Join(readers, ", "),
                     Part(datasets, "dataset"), Part(pipelines, "pipeline"),
                     Part(contracts, "contract"), Part(consumers, "consumer"));
}

ReachedByResource ImpactOf(const std::string& address, std::string action,
                           const std::set<std::string>& readers,
                           const definition::Project& project) {
  ReachedByResource out{.address = address, .action = std::move(action)};
  out.readers.assign(readers.begin(), readers.end());
  std::vector<std::string> starts;
  for (const definition::Dataset& dataset : project.datasets) {
    bool is_read = std::any_of(readers.begin(), readers.end(), [&](const std::string& reader) {
      return Is(dataset.address, reader) || Is(dataset.source, reader) ||
             Is(dataset.external_source, reader);
    });
    if (is_read) starts.push_back(dataset.address);
  }
  lineage::Impact impact = lineage::Graph::Build(project).ImpactOf(starts);
  out.datasets = starts;
  for (const lineage::Reached& reached : impact.datasets) AddUnique(&out.datasets, reached.id);
  out.contracts = impact.contracts;
  out.consumers = impact.consumers;
  for (const definition::Pipeline& pipeline : project.pipelines) {
    bool builds = std::any_of(out.datasets.begin(), out.datasets.end(), [&](const auto& dataset) {
      return std::find(pipeline.build.begin(), pipeline.build.end(), dataset) !=
             pipeline.build.end();
    });
    if (builds || readers.contains(pipeline.address)) AddUnique(&out.pipelines, pipeline.address);
  }
  return out;
}

std::vector<ReachedByResource> ImpactOf(const infra::Plan& plan, const config::Module& module,
                                        const definition::Project& project) {
  const policy::Readers readers = policy::FindReaders(module);
  std::vector<ReachedByResource> out;
  for (const infra::ResourceChange& change : plan.changes) {
    std::string_view action = policy::ActionName(change.action);
    if (action.empty() || !change.deposed.empty()) continue;
    std::string address = ToString(change.address);
    auto found = readers.find(policy::ReadAs(address));
    if (found != readers.end())
      out.push_back(ImpactOf(address, std::string(action), found->second, project));
  }
  return out;
}

}  // namespace andon::cli
