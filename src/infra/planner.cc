#include "infra/planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "infra/planner_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

Planner::Planner(const config::ModuleTree& tree, state::State prior, const PlanOptions& options)
    : options_(options),
      moved_(Move(tree, prior, &early_)),
      prior_(std::move(prior)),
      graph_(BuildGraph(tree, prior_, &early_)),
      scope_(graph_,
             {options.functions, options.workspace, options.cwd, options.pool, options.names}),
      walk_{graph_,
            scope_,
            *options.pool,
            messages_,
            options.language_version,
            options.provider_host},
      values_(graph_, scope_, messages_, options.variables, options.mode == Mode::kDestroy),
      selection_(Select(graph_, options.targets, options.excludes, options.mode == Mode::kDestroy,
                        &early_)),
      by_node_(ResourceWalk::StateByNode(graph_, prior_)),
      turns_(graph_.nodes.size()),
      ephemeral_(walk_, options_.listener, listener_mutex_) {}

Plan Planner::Run() {
  plan_.mode = options_.mode;
  plan_.variables = options_.variables;
  plan_.is_partial = !options_.targets.empty() || !options_.excludes.empty();
  plan_.state = prior_;
  if (!early_.has_errors()) {
    forced_ = ForcedCreateBeforeDestroy(graph_, prior_, by_node_);
    if (is_destroy()) needed_ = NeededToDestroy(graph_, ResourceWalk::NodesOf(by_node_));
    auto outcomes =
        graph::WalkParts(graph_.dag, options_.parallel, *options_.executor, options_.stop,
                         {.begin = [this](NodeId id) { return Begin(id); },
                          .part = [this](NodeId id, int part) { return Part(id, part); },
                          .end = [this](NodeId id) { return End(id); }});
    ephemeral_.Close();
    bool was_stopped =
        std::find(outcomes.begin(), outcomes.end(), graph::Outcome::kStopped) != outcomes.end();
    if (was_stopped)
      Report(&early_, kStopped, "The plan was interrupted. Nothing was changed.", {});
    Collect();
    if (options_.on_scope) options_.on_scope(graph_, scope_);
  }
  plan_.diagnostics = std::move(early_);
  plan_.diagnostics.Append(messages_.Take());
  return std::move(plan_);
}

int Planner::Begin(NodeId id) {
  const Node& node = graph_.At(id);
  if (node.kind == NodeKind::kProvider) return 0;
  if (node.kind != NodeKind::kResource) {
    bool is_needed = needed_.empty() || needed_[static_cast<size_t>(id)];
    bool is_selected = selection_.Has(id);
    if (!is_needed || !is_selected) {
      scope_.Prepare(id);
      return 0;
    }
    return values_.Visit(id) ? 0 : -1;
  }
  return BeginResource(id);
}

int Planner::BeginResource(NodeId id) {
  scope_.Prepare(id);
  Turn& turn = turns_[static_cast<size_t>(id)];
  auto prior = by_node_.find(id);
  bool has_prior = prior != by_node_.end();
  bool is_needed =
      !is_destroy() || (graph_.At(id).is_ephemeral() && needed_[static_cast<size_t>(id)]);
  if (is_needed && selection_.Has(id)) {
    turn.declared = walk_.Declare(id);
    if (!turn.declared.is_known) return -1;
    Diagnostics found;
    turn.imports = FindImports(graph_, scope_, id, &found);
    for (const auto& [address, object_id] : options_.imports) {
      if (graph_.FindResource(address) == id)
        turn.imports.insert_or_assign(address, ImportTarget{object_id, Value::Null(), {}});
    }
    messages_.Add(found);
    if (found.has_errors()) return -1;
  }
  if (turn.declared.instances.empty() && !has_prior) return 0;
  turn.type = walk_.TypeOf(id);
  if (!turn.type) return -1;
  if (!selection_.Has(id)) return KeepAll(id);
  std::set<Address> declared;
  turn.tasks.reserve(turn.declared.instances.size());
  for (DeclaredInstance& instance : turn.declared.instances) {
    declared.insert(instance.address);
    turn.tasks.push_back({.kind = Task::Kind::kDeclared,
                          .address = std::move(instance.address),
                          .module_instance = instance.module_instance,
                          .key = std::move(instance.key),
                          .each = std::move(instance.each)});
  }
  if (has_prior) {
    for (const Address& resource : prior->second) {
      int module_instance = scope_.FindInstance(graph_.At(id).module, resource.module);
      for (const auto& [key, instance] : prior_.FindResource(resource)->instances) {
        Address address = resource.WithKey(key);
        for (const auto& [deposed, object] : instance.deposed)
          turn.tasks.push_back({.kind = Task::Kind::kDeposed,
                                .address = address,
                                .module_instance = module_instance,
                                .key = key,
                                .deposed = deposed});
        if (instance.current == nullptr || declared.contains(address)) continue;
        turn.tasks.push_back({.kind = Task::Kind::kLeftOver,
                              .address = address,
                              .module_instance = module_instance,
                              .key = key,
                              .reason = WhyLeftOver(id, turn.declared, module_instance, key)});
      }
    }
  }
  return static_cast<int>(turn.tasks.size());
}

int Planner::KeepAll(NodeId id) {
  Turn& turn = turns_[static_cast<size_t>(id)];
  walk_.SetFromState(id, *turn.type, by_node_, plan_.state);
  return 0;
}

Reason Planner::WhyLeftOver(NodeId id, const Declared& declared, int module_instance,
                            const address::Key& key) const {
  const Node& node = graph_.At(id);
  if (is_destroy()) return Reason::kNone;
  if (graph_.modules[static_cast<size_t>(node.module)].tree == nullptr || module_instance < 0)
    return Reason::kDeleteNoModule;
  if (node.resource == nullptr) return Reason::kDeleteNoConfig;
  bool is_number = std::holds_alternative<int64_t>(key);
  bool is_text = std::holds_alternative<std::string>(key);
  switch (declared.repetition) {
    case Repetition::kCount:
      return is_number ? Reason::kDeleteCountIndex : Reason::kDeleteWrongRepetition;
    case Repetition::kForEach:
      return is_text ? Reason::kDeleteEachKey : Reason::kDeleteWrongRepetition;
    case Repetition::kEnabled:
      return is_number || is_text ? Reason::kDeleteWrongRepetition : Reason::kDeleteNotEnabled;
    case Repetition::kSingle:
      return Reason::kDeleteWrongRepetition;
  }
  return Reason::kDeleteNoConfig;
}

bool Planner::Part(NodeId id, int part) {
  Turn& turn = turns_[static_cast<size_t>(id)];
  Task& task = turn.tasks[static_cast<size_t>(part)];
  if (!selection_.Has(task.address)) return Keep(id, turn, task);
  switch (task.kind) {
    case Task::Kind::kDeclared:
      if (task.address.is_ephemeral) return OpenEphemeral(id, turn, task);
      if (graph_.At(id).is_in_check) return PlanCheckData(id, turn, task);
      return task.address.is_data ? PlanData(id, turn, task, walk_) : PlanManaged(id, turn, task);
    case Task::Kind::kLeftOver:
    case Task::Kind::kDeposed:
      return PlanRemoval(id, turn, task);
  }
  return true;
}

bool Planner::Keep(NodeId id, Turn& turn, Task& task) {
  const state::Instance* instance = prior_.FindInstance(task.address);
  if (instance == nullptr || instance->current == nullptr) {
    task.value = Value::Unknown(turn.type->block.type);
    return true;
  }
  auto value =
      walk_.Read(*instance->current, *turn.type, task.address, graph_.At(id).provider_address);
  if (value) task.value = *value;
  return value.has_value();
}

bool Planner::End(NodeId id) {
  Turn& turn = turns_[static_cast<size_t>(id)];
  const Node& node = graph_.At(id);
  if (node.kind != NodeKind::kResource || !turn.type || !selection_.Has(id)) return true;
  for (const Task& task : turn.tasks) {
    for (const ResourceChange& change : task.changes)
      turn.is_pending |= change.action != Action::kNoOp;
  }
  if (is_destroy() && !node.is_ephemeral()) {
    if (needed_[static_cast<size_t>(id)]) walk_.SetFromState(id, *turn.type, by_node_, prior_);
    return true;
  }
  size_t instances = scope_.InstancesOf(node.module).size();
  std::vector<std::vector<address::Key>> keys(instances);
  std::vector<std::vector<Value>> values(instances);
  for (Task& task : turn.tasks) {
    if (task.kind != Task::Kind::kDeclared) continue;
    auto at = static_cast<size_t>(task.module_instance);
    keys[at].push_back(task.key);
    values[at].push_back(task.value);
  }
  for (size_t i = 0; i < instances; ++i) {
    scope_.Set(id, static_cast<int>(i),
               Gather(turn.declared.repetition, keys[i], std::move(values[i])));
  }
  turn.declared.contexts.clear();
  return true;
}

void Planner::Collect() {
  size_t count = 0;
  for (const Turn& turn : turns_) {
    for (const Task& task : turn.tasks) count += task.changes.size();
  }
  plan_.changes.reserve(count);
  for (Turn& turn : turns_) {
    // Taken from the turn, which would otherwise hold as much as the plan.
    for (Task& task : std::exchange(turn.tasks, {})) {
      if (task.drift) plan_.drift.push_back(std::move(*task.drift));
      for (ResourceChange& change : std::exchange(task.changes, {}))
        plan_.changes.push_back(std::move(change));
    }
  }
  auto before = [](const ResourceChange& a, const ResourceChange& b) {
    return std::tie(a.address, a.deposed) < std::tie(b.address, b.deposed);
  };
  std::sort(plan_.changes.begin(), plan_.changes.end(), before);
  std::sort(plan_.drift.begin(), plan_.drift.end(), before);
  CollectOutputs();
  plan_.checks = values_.TakeChecks();
  plan_.relevant = RelevantAttributes(graph_, scope_, plan_);
}

void Planner::CollectOutputs() {
  std::map<std::string, OutputChange> found;
  for (const auto& [name, output] : prior_.outputs) {
    Value value = output.sensitive ? output.value.WithMarks(value::Mark::kSensitive) : output.value;
    found[name] = {.name = name,
                   .action = Action::kDelete,
                   .before = value,
                   .after = Value::Null(),
                   .sensitive = output.sensitive};
  }
  if (!is_destroy()) {
    for (const auto& [name, id] : graph_.modules[0].outputs) {
      OutputChange& change = found[name];
      if (!selection_.Has(id)) {
        if (change.name.empty())
          found.erase(name);
        else
          change.action = Action::kNoOp, change.after = change.before;
        continue;
      }
      bool is_new = change.name.empty();
      change.name = name;
      change.sensitive = graph_.At(id).output->sensitive;
      change.after = scope_.ValueOf(id, 0);
      Value after = change.after.UnmarkDeep();
      if (is_new) {
        change.action = after.is_null() ? Action::kNoOp : Action::kCreate;
      } else {
        const state::Output& before = prior_.outputs.at(name);
        bool is_same = before.value.RawEquals(after) && before.sensitive == change.sensitive;
        change.action = is_same ? Action::kNoOp : Action::kUpdate;
        change.sensitive |= before.sensitive;
      }
    }
  }
  for (auto& [name, change] : found) plan_.outputs.push_back(std::move(change));
}

Plan MakePlan(const config::ModuleTree& tree, state::State prior, const PlanOptions& options) {
  return Planner(tree, std::move(prior), options).Run();
}

}  // namespace andon::infra
