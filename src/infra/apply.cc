#include "infra/apply.h"

#include <fmt/format.h>

#include <chrono>

#include "infra/apply_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

Applier::Applier(const config::ModuleTree& tree, Plan plan, const ApplyOptions& options)
    : options_(options),
      plan_(std::move(plan)),
      graph_(BuildGraph(tree, plan_.state, &early_)),
      scope_(graph_,
             {options.functions, options.workspace, options.cwd, options.pool, options.names}),
      walk_{graph_,
            scope_,
            *options.pool,
            messages_,
            options.language_version,
            options.provider_host},
      values_(graph_, scope_, messages_, plan_.variables, plan_.mode == Mode::kDestroy),
      by_node_(ResourceWalk::StateByNode(graph_, plan_.state)),
      turns_(graph_.nodes.size()),
      ephemeral_(walk_, options_.listener, listener_mutex_) {}

Applied Applier::Run() {
  out_.state = plan_.state;
  if (!early_.has_errors()) order_ = OrderOf(graph_, plan_, &early_);
  if (!early_.has_errors()) {
    for (size_t i = 0; i < plan_.changes.size(); ++i)
      if (plan_.changes[i].deposed.empty()) by_address_[plan_.changes[i].address] = i;
    RecordImports();
    if (plan_.mode == Mode::kDestroy)
      needed_ = NeededToDestroy(graph_, ResourceWalk::NodesOf(by_node_));
    std::stop_callback stop(options_.stop, [this] { options_.pool->Stop(); });
    auto outcomes =
        graph::WalkParts(order_.dag, options_.parallel, *options_.executor, options_.stop,
                         {.begin = [this](NodeId id) { return Begin(id); },
                          .part = [this](NodeId id, int part) { return Part(id, part); },
                          .end = [this](NodeId id) { return End(id); }});
    ephemeral_.Close();
    for (graph::Outcome outcome : outcomes) out_.was_stopped |= outcome == graph::Outcome::kStopped;
    Finish(outcomes);
    if (options_.on_scope) options_.on_scope(graph_, scope_);
  }
  out_.diagnostics = std::move(early_);
  out_.diagnostics.Append(messages_.Take());
  if (out_.was_stopped) {
    Report(&out_.diagnostics, kStopped,
           "The command was interrupted. What had begun was finished and is recorded; apply "
           "again to go on.",
           {});
  }
  return std::move(out_);
}

int Applier::Begin(NodeId id) {
  if (order_.IsDestruction(id, graph_))
    return static_cast<int>(order_.At(id, graph_).changes.size());
  const Node& node = graph_.At(id);
  if (node.kind == NodeKind::kProvider) return 0;
  if (node.kind == NodeKind::kResource) return BeginResource(id);
  if (plan_.mode == Mode::kDestroy && node.kind == NodeKind::kOutput) return 0;
  return values_.Visit(id) || plan_.mode == Mode::kDestroy ? 0 : -1;
}

int Applier::BeginResource(NodeId id) {
  scope_.Prepare(id);
  ApplyTurn& turn = turns_[static_cast<size_t>(id)];
  const bool is_destroy = plan_.mode == Mode::kDestroy;
  if (!is_destroy || (graph_.At(id).is_ephemeral() && needed_[static_cast<size_t>(id)]))
    turn.declared = walk_.Declare(id);
  if (!turn.declared.is_known) return -1;
  bool has_prior = by_node_.contains(id);
  if (turn.declared.instances.empty() && !has_prior) return 0;
  turn.type = walk_.TypeOf(id);
  if (!turn.type) return -1;
  for (DeclaredInstance& instance : turn.declared.instances) {
    auto change = by_address_.find(instance.address);
    bool acts = change != by_address_.end() && Acts(plan_.changes[change->second].action);
    turn.tasks.push_back({.instance = std::move(instance)});
    if (acts) turn.tasks.back().change = change->second;
  }
  return static_cast<int>(turn.tasks.size());
}

bool Applier::Acts(Action action) {
  return action == Action::kCreate || action == Action::kUpdate || action == Action::kRead ||
         IsReplace(action);
}

bool Applier::Part(NodeId id, int part) {
  if (order_.IsDestruction(id, graph_)) {
    const Destruction& destruction = order_.At(id, graph_);
    return Destroy(destruction.resource, destruction.changes[static_cast<size_t>(part)]);
  }
  ApplyTurn& turn = turns_[static_cast<size_t>(id)];
  ApplyTask& task = turn.tasks[static_cast<size_t>(part)];
  if (task.instance.address.is_ephemeral) return OpenEphemeral(id, turn, task);
  if (!task.change) return Keep(id, turn, task);
  ResourceChange& change = plan_.changes[*task.change];
  if (!task.instance.address.is_data) return Change(id, turn, task, change);
  return graph_.At(id).is_in_check ? ReadCheckData(id, turn, task, change)
                                   : ReadData(id, turn, task, change, walk_);
}

bool Applier::Keep(NodeId id, ApplyTurn& turn, ApplyTask& task) {
  state::ObjectPtr object = Current(task.instance.address);
  if (object == nullptr) {
    task.value = Value::Unknown(turn.type->block.type);
    return true;
  }
  auto value =
      walk_.Read(*object, *turn.type, task.instance.address, graph_.At(id).provider_address);
  if (value) task.value = *value;
  return value.has_value();
}

bool Applier::End(NodeId id) {
  if (order_.IsDestruction(id, graph_)) return true;
  const Node& node = graph_.At(id);
  if (node.kind != NodeKind::kResource) return true;
  ApplyTurn& turn = turns_[static_cast<size_t>(id)];
  if (!turn.type) return true;
  if (plan_.mode == Mode::kDestroy && !node.is_ephemeral()) {
    if (needed_[static_cast<size_t>(id)]) walk_.SetFromState(id, *turn.type, by_node_, plan_.state);
    return true;
  }
  size_t instances = scope_.InstancesOf(node.module).size();
  std::vector<std::vector<address::Key>> keys(instances);
  std::vector<std::vector<Value>> values(instances);
  for (ApplyTask& task : turn.tasks) {
    auto at = static_cast<size_t>(task.instance.module_instance);
    keys[at].push_back(task.instance.key);
    values[at].push_back(task.value);
  }
  for (size_t i = 0; i < instances; ++i)
    scope_.Set(id, static_cast<int>(i),
               Gather(turn.declared.repetition, keys[i], std::move(values[i])));
  turn.declared.contexts.clear();
  return true;
}

void Applier::Finish(const std::vector<graph::Outcome>& outcomes) {
  if (plan_.mode == Mode::kDestroy) {
    // Data sources have nothing outside; outputs speak of what is gone.
    if (!plan_.is_partial) out_.state.outputs.clear();
    for (const auto& [id, addresses] : by_node_) {
      for (const Address& address : addresses) {
        if (address.is_data && !plan_.is_partial) out_.state.RemoveResource(address);
      }
    }
  } else {
    for (const OutputChange& output : plan_.outputs) {
      if (output.action == Action::kDelete) out_.state.outputs.erase(output.name);
    }
    for (const auto& [name, id] : graph_.modules[0].outputs) {
      if (outcomes[static_cast<size_t>(id)] != graph::Outcome::kDone) continue;
      if (plan_.is_partial && !IsPlanned(name)) continue;
      const config::Output& output = *graph_.At(id).output;
      Value value = scope_.ValueOf(id, 0).UnmarkDeep();
      if (output.ephemeral) continue;
      if (value.is_null() || !value.is_wholly_known()) {
        out_.state.outputs.erase(name);
      } else if (auto text = value::ToJsonText(value); !text.ok()) {
        // A state file could not hold it.
        Report(&early_, kInvalidOutput,
               fmt::format("The output \"{}\" cannot be kept: {}", name, text.error().message),
               output.range);
      } else {
        out_.state.outputs[name] = {
            .value = value, .sensitive = output.sensitive, .deprecated = output.deprecated};
      }
    }
  }
  out_.state.check_results = plan_.mode == Mode::kDestroy ? std::vector<state::CheckResult>()
                                                          : Together(values_.TakeChecks());
}

bool Applier::IsPlanned(const std::string& name) const {
  for (const OutputChange& output : plan_.outputs) {
    if (output.name == name) return true;
  }
  return false;
}

std::string Applied::Summary(Mode mode) const {
  std::string out =
      mode == Mode::kDestroy ? "Destroy complete! Resources: " : "Apply complete! Resources: ";
  if (mode == Mode::kDestroy) {
    out += fmt::format("{} destroyed", destroyed);
  } else {
    if (imported > 0) out += fmt::format("{} imported, ", imported);
    out += fmt::format("{} added, {} changed, {} destroyed", added, changed, destroyed);
  }
  if (forgotten > 0) out += fmt::format(", {} forgotten", forgotten);
  return out + ".";
}

Applied Apply(const config::ModuleTree& tree, Plan plan, const ApplyOptions& options) {
  return Applier(tree, std::move(plan), options).Run();
}

}  // namespace andon::infra
