#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "config/codes.h"
#include "config/value_json.h"
#include "plan/diff.h"
#include "value/json.h"

namespace andon::plan {

using value::Value;

std::string_view Symbol(Action action) {
  switch (action) {
    case Action::kNone:
      return " ";
    case Action::kCreate:
      return "+";
    case Action::kUpdate:
      return "~";
    case Action::kDelete:
      return "-";
    case Action::kReplace:
      return "-/+";
  }
  return " ";
}

std::string_view ToString(Action action) {
  switch (action) {
    case Action::kNone:
      return "no-op";
    case Action::kCreate:
      return "create";
    case Action::kUpdate:
      return "update";
    case Action::kDelete:
      return "delete";
    case Action::kReplace:
      return "replace";
  }
  return "no-op";
}

int Plan::Count(Action action) const {
  return static_cast<int>(
      std::count_if(steps.begin(), steps.end(), [&](const Step& s) { return s.action == action; }));
}

bool Plan::has_changes() const {
  return Count(Action::kNone) != static_cast<int>(steps.size()) ||
         std::any_of(outputs.begin(), outputs.end(),
                     [](const OutputChange& o) { return o.action != Action::kNone; });
}

std::string Plan::Summary() const {
  int replaced = Count(Action::kReplace);
  int added = Count(Action::kCreate) + replaced;
  int changed = Count(Action::kUpdate);
  int destroyed = Count(Action::kDelete) + replaced;
  if (!has_changes()) {
    return base_release > 0
               ? fmt::format("No changes. The files say what release {} says.", base_release)
               : "No changes. The files declare nothing.";
  }
  return fmt::format("Plan: {} to add, {} to change, {} to destroy.", added, changed, destroyed);
}

namespace {

class Planner {
 public:
  Planner(const std::vector<ObjectState>& desired, const std::vector<ObjectState>& prior,
          const PlanOptions& options)
      : desired_(desired), prior_(prior), options_(options) {
    plan_.base_release = options.base_release;
    plan_.is_targeted = !options.targets.empty();
    plan_.is_destroy = options.destroy;
  }

  Plan Run() {
    for (const ObjectState& object : prior_) prior_by_address_[ToString(object.address)] = &object;
    for (const ObjectState& object : desired_) desired_addresses_.insert(ToString(object.address));
    SelectTargets();
    if (!options_.destroy) {
      for (const ObjectState& object : desired_) AddDesired(object);
    }
    for (const ObjectState& object : prior_) AddRemoval(object);
    PointOutRenames();
    AddOutputs();
    return std::move(plan_);
  }

 private:
  // What the targets name, and what that needs.
  void SelectTargets() {
    if (options_.targets.empty()) return;
    std::vector<std::string> all(desired_addresses_.begin(), desired_addresses_.end());
    for (const auto& [address, unused] : prior_by_address_) all.push_back(address);
    std::vector<std::string> todo;
    for (const std::string& text : options_.targets) {
      auto target = address::Parse(text);
      size_t before = todo.size();
      for (const std::string& address : all) {
        auto parsed = address::Parse(address);
        if (target.ok() && parsed.ok() && target->Contains(*parsed)) todo.push_back(address);
      }
      if (todo.size() == before) UnknownTarget(text, all, target);
    }
    while (!todo.empty()) {
      std::string address = std::move(todo.back());
      todo.pop_back();
      if (!selected_.insert(address).second) continue;
      auto needs = options_.needs.find(address);
      if (needs == options_.needs.end()) continue;
      todo.insert(todo.end(), needs->second.begin(), needs->second.end());
    }
  }

  void UnknownTarget(const std::string& text, const std::vector<std::string>& all,
                     const Result<address::Address>& target) {
    std::string meant = DidYouMean(text, all);
    std::string detail =
        target.ok()
            ? fmt::format("-target={} names nothing that the project or the current release has{}",
                          text, meant.empty() ? "." : fmt::format(": did you mean {}?", meant))
            : target.error().message;
    config::Report(&plan_.diagnostics, config::kUnknownTarget, detail, {});
  }

  bool IsSelected(const std::string& address) const {
    return options_.targets.empty() || selected_.contains(address);
  }

  void AddDesired(const ObjectState& object) {
    std::string address = ToString(object.address);
    if (!IsSelected(address)) return;
    auto found = prior_by_address_.find(address);
    const ObjectState* before = found == prior_by_address_.end() ? nullptr : found->second;
    Value prior = before != nullptr ? before->object : Value::Null();
    Value proposed = before != nullptr ? KeepIgnored(object, prior) : object.object;
    bool other_type = before != nullptr && before->type != object.type;
    provider::PlanResourceChangeResponse response =
        options_.provider->PlanResourceChange({.type = object.address.kind,
                                               .prior = prior,
                                               .proposed = proposed,
                                               .config = object.object});
    plan_.diagnostics.Append(provider::WithoutPaths(std::move(response.diagnostics)));
    Step step = NewStep(object, before == nullptr ? Action::kCreate : Action::kUpdate);
    step.prior = prior;
    step.planned = response.planned;
    step.changes = DiffObjects(prior, response.planned, step.positions);
    if (before != nullptr && step.changes.empty()) step.action = Action::kNone;
    if (before != nullptr && (other_type || !response.requires_replace.empty())) {
      step.action = Action::kReplace;
      step.reasons.push_back(
          other_type
              ? fmt::format("its type changes from \"{}\" to \"{}\"", before->type, object.type)
              : ToString(response.requires_replace[0]) + " cannot be changed in place");
    }
    AddNotes(response.notes, &step);
    plan_.steps.push_back(std::move(step));
  }

  static Value KeepIgnored(const ObjectState& object, const Value& prior) {
    if (object.ignore_changes.empty() || !prior.is_known_not_null()) return object.object;
    auto ignored = [&](const std::string& name) {
      return std::find(object.ignore_changes.begin(), object.ignore_changes.end(), name) !=
             object.ignore_changes.end();
    };
    Value::Members members;
    for (const std::string& name : object.object.attribute_order()) {
      if (!ignored(name)) members.emplace_back(name, *object.object.Find(name));
    }
    for (const std::string& name : prior.attribute_order()) {
      if (ignored(name)) members.emplace_back(name, *prior.Find(name));
    }
    return Value::Object(std::move(members));
  }

  Step NewStep(const ObjectState& object, Action action) const {
    Step step;
    step.action = action;
    step.address = object.address;
    step.provider = options_.provider_name;
    step.type = object.type;
    step.positions = object.positions;
    step.position = object.positions[""].AsString();
    step.derived = object.derived;
    return step;
  }

  // A note with a path belongs to a change there; one without is a reason.
  static void AddNotes(const std::vector<provider::Note>& notes, Step* step) {
    for (const provider::Note& note : notes) {
      std::vector<std::string> path;
      for (const value::Step& s : note.path.steps()) {
        if (auto* attribute = std::get_if<value::AttributeStep>(&s))
          path.push_back(attribute->name);
      }
      auto change =
          std::find_if(step->changes.begin(), step->changes.end(), [&](const AttributeChange& c) {
            return !path.empty() && c.path.size() >= path.size() &&
                   std::equal(path.begin(), path.end(), c.path.begin());
          });
      if (change == step->changes.end()) {
        step->reasons.push_back(note.text);
      } else {
        change->note = note.text;
        change->is_breaking = note.is_breaking;
      }
    }
  }

  void AddRemoval(const ObjectState& object) {
    std::string address = ToString(object.address);
    bool stays = desired_addresses_.contains(address) && !options_.destroy;
    if (stays || !IsSelected(address)) return;
    provider::PlanResourceChangeResponse response =
        options_.provider->PlanResourceChange({.type = object.address.kind,
                                               .prior = object.object,
                                               .proposed = Value::Null(),
                                               .config = Value::Null()});
    plan_.diagnostics.Append(provider::WithoutPaths(std::move(response.diagnostics)));
    Step step = NewStep(object, Action::kDelete);
    step.prior = object.object;
    step.planned = Value::Null();
    if (!options_.destroy) step.reasons.push_back("its block is no longer in the files");
    AddNotes(response.notes, &step);
    if (options_.destroy) RefusePrevented(address);
    plan_.steps.push_back(std::move(step));
  }

  void RefusePrevented(const std::string& address) {
    auto it = std::find_if(desired_.begin(), desired_.end(),
                           [&](const ObjectState& o) { return ToString(o.address) == address; });
    if (it == desired_.end() || !it->prevent_destroy) return;
    Diagnostic d = config::Message(
        config::kPreventDestroy,
        fmt::format("{} has prevent_destroy in its lifecycle, so no plan may remove it.", address),
        {});
    d.address = address;
    plan_.diagnostics.Add(std::move(d));
  }

  // The same definition under another name: the history stays with the old one, which
  // is seldom what was meant.
  void PointOutRenames() {
    auto key_of = [](const Step& step, const Value& object) {
      return step.address.kind + "\n" + step.type + "\n" + value::ToJsonText(object).value_or("");
    };
    std::unordered_map<std::string, Step*> removed;
    for (Step& step : plan_.steps) {
      if (step.action == Action::kDelete) removed.emplace(key_of(step, step.prior), &step);
    }
    if (removed.empty()) return;
    for (Step& step : plan_.steps) {
      if (step.action != Action::kCreate) continue;
      auto old = removed.find(key_of(step, step.planned));
      if (old == removed.end()) continue;
      std::string from = ToString(old->second->address), to = ToString(step.address);
      step.reasons.push_back(
          fmt::format("the same definition as {}, which goes away: probably a rename", from));
      Diagnostic d = config::Message(
          config::kRename,
          fmt::format(
              "{} goes away and {} appears with the same definition. To Andon these are two "
              "objects: history, incidents and data stay with the old name.",
              from, to),
          {});
      d.severity = Severity::kWarning;
      d.address = to;
      d.help = "Keep the old name if the history is to go on.";
      plan_.diagnostics.Add(std::move(d));
    }
  }

  void AddOutputs() {
    std::set<std::string> names;
    for (const auto& [name, unused] : options_.prior_outputs) names.insert(name);
    if (!options_.destroy) {
      for (const auto& [name, unused] : options_.outputs) names.insert(name);
    }
    for (const std::string& name : names) {
      auto before = options_.prior_outputs.find(name);
      auto after = options_.outputs.find(name);
      bool had = before != options_.prior_outputs.end();
      bool has = after != options_.outputs.end() && !options_.destroy;
      OutputChange change{.name = name};
      change.before = had ? before->second : Value::Null();
      change.after = has ? after->second.first : Value::Null();
      change.sensitive = has && after->second.second;
      bool is_equal = had && has && config::ToJson(change.before) == config::ToJson(change.after);
      change.action = !had       ? Action::kCreate
                      : !has     ? Action::kDelete
                      : is_equal ? Action::kNone
                                 : Action::kUpdate;
      plan_.outputs.push_back(std::move(change));
    }
  }

  const std::vector<ObjectState>& desired_;
  const std::vector<ObjectState>& prior_;
  const PlanOptions& options_;
  std::unordered_map<std::string, const ObjectState*> prior_by_address_;
  std::set<std::string> desired_addresses_;
  std::set<std::string> selected_;
  Plan plan_;
};

}  // namespace

Plan MakePlan(const std::vector<ObjectState>& desired, const std::vector<ObjectState>& prior,
              const PlanOptions& options) {
  return Planner(desired, prior, options).Run();
}

}  // namespace andon::plan
