#include "infratext/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "infratext/ansi.h"
#include "infratext/change_head.h"
#include "infratext/difference_text.h"
#include "infratext/events_json.h"
#include "infratext/order.h"
#include "infratext/sensitive.h"

namespace andon::infratext {
namespace {

using infra::Action;
using infra::Plan;
using infra::ResourceChange;

// The sentences of a text with lines of at most `width` cells. Lines that begin with a space
// are kept as they are.
std::string Wrap(std::string_view text, int width) {
  if (width <= 0) return std::string(text);
  std::string out;
  for (const std::string& line : Split(text, '\n')) {
    if (!out.empty()) out += '\n';
    if (line.starts_with(' ')) {
      out += line;
      continue;
    }
    int64_t used = 0;
    for (const std::string& word : Split(line, ' ')) {
      int64_t cells = DisplayWidth(word);
      bool breaks = used > 0 && used + 1 + cells > width;
      if (used > 0) out += breaks ? '\n' : ' ';
      out += word;
      used = breaks ? cells : used + (used > 0 ? 1 : 0) + cells;
    }
  }
  return out;
}

bool IsMoved(const ResourceChange& change) {
  return change.previous_address && *change.previous_address != change.address;
}

bool SaysSomething(const ResourceChange& change) {
  return change.action != Action::kNoOp || IsMoved(change) || !change.import_id.empty();
}

// That a data source leaves the state is no news for anybody.
bool IsSilent(const ResourceChange& change) {
  return change.address.is_data && change.action == Action::kDelete;
}

bool IsShown(const ResourceChange& change, const RenderOptions& options) {
  if (!SaysSomething(change) || IsSilent(change)) return false;
  return !(options.concise && change.action == Action::kRead);
}

std::vector<const ResourceChange*> InOrder(std::vector<const ResourceChange*> changes) {
  std::stable_sort(changes.begin(), changes.end(), [](const auto* a, const auto* b) {
    if (a->address != b->address) return ComesBefore(a->address, b->address);
    return a->deposed < b->deposed;
  });
  return changes;
}

struct LegendLine {
  Action action;
  std::string_view text;
};

constexpr LegendLine kLegend[] = {
    {Action::kCreate, "create"},
    {Action::kUpdate, "update in-place (current -> planned)"},
    {Action::kDelete, "destroy"},
    {Action::kDeleteThenCreate, "destroy and then create replacement"},
    {Action::kCreateThenDelete, "create replacement and then destroy"},
    {Action::kRead, "read (data resources)"},
    {Action::kForgetThenCreate, "forget and then create replacement"},
    {Action::kForget, "forget"},
};

// The outside changed what the plan is made of: the object itself, or one that a changing one
// depends on. All else would only be noise.
std::vector<const ResourceChange*> RelevantDrift(const Plan& plan) {
  bool shows_all = plan.mode == infra::Mode::kRefreshOnly;
  std::set<std::string, std::less<>> relevant;
  bool outputs_change = false;
  for (const ResourceChange& change : plan.changes) {
    if (change.action == Action::kNoOp) continue;
    relevant.insert(address::ToString(change.address.WithoutKey()));
    if (change.dependencies == nullptr) continue;
    relevant.insert(change.dependencies->begin(), change.dependencies->end());
  }
  for (const auto& output : plan.outputs) outputs_change |= output.action != Action::kNoOp;
  std::vector<const ResourceChange*> out;
  for (const ResourceChange& drift : plan.drift) {
    if (shows_all) {
      if (SaysSomething(drift)) out.push_back(&drift);
      continue;
    }
    bool is_relevant =
        outputs_change || relevant.contains(address::ToString(drift.address.WithoutKey()));
    if (is_relevant && drift.action != Action::kNoOp) out.push_back(&drift);
  }
  return InOrder(std::move(out));
}

class PlanText {
 public:
  PlanText(const Plan& plan, const RenderOptions& options) : plan_(plan), options_(options) {
    std::vector<const ResourceChange*> shown;
    for (const ResourceChange& change : plan.changes) {
      if (IsShown(change, options)) shown.push_back(&change);
      acts_ |= change.action != Action::kNoOp && !IsSilent(change);
    }
    changes_ = InOrder(std::move(shown));
    outputs_ = RenderOutputChanges(plan.outputs, options);
    is_errored_ = plan.diagnostics.has_errors();
    bool shows_drift = plan.mode == infra::Mode::kRefreshOnly || acts_ || !outputs_.empty();
    if (shows_drift) drift_ = RelevantDrift(plan);
  }

  std::string Text() {
    Drift();
    if (changes_.empty() && outputs_.empty() && !acts_) {
      if (!options_.is_part) NothingToDo();
      return out_;
    } else if (!drift_.empty()) {
      Rule();
    }
    if (!changes_.empty() || acts_) Changes();
    Outputs();
    return out_;
  }

 private:
  void Say(std::string_view text) { out_ += Wrap(Named(text), options_.width) + "\n"; }
  // {product} stands for who speaks, {command} for how its commands begin.
  std::string Named(std::string_view text) const {
    return fmt::format(fmt::runtime(text), fmt::arg("product", options_.product),
                       fmt::arg("command", options_.command));
  }
  std::string Bold(std::string_view text) const { return Paint(options_.color, kBold, text); }
  void Rule() {
    int width = options_.width > 0 ? std::min(options_.width, 78) : 78;
    out_ += "\n";
    for (int i = 0; i < width; ++i) out_ += "─";
    out_ += "\n";
  }
  void Headline(std::string_view color, std::string_view first, std::string_view rest) {
    out_ += "\n" + Paint(options_.color, std::string(kBold) + std::string(color), first) +
            Bold(Named(rest)) + "\n\n";
  }

  void Drift() {
    if (drift_.empty()) return;
    out_ += "\n" + Paint(options_.color, std::string(kBold) + std::string(kCyan), "Note:") +
            Bold(Named(" Objects have changed outside of {product}")) + "\n\n";
    Say("Since the last \"{command} apply\" somebody or something else changed these objects, "
        "which "
        "may have a part in this plan:");
    for (const ResourceChange* change : drift_) {
      out_ += "\n" + RenderChange(*change, ChangeOrigin::kDetected, options_) + "\n";
    }
    out_ += "\n";
    if (plan_.mode == infra::Mode::kRefreshOnly) {
      Say("This is a refresh-only plan: it undoes none of them. Apply it to record in the state "
          "what the objects are now, without changing any of them.");
    } else {
      Say("The plan below may undo them or respond to them, unless the configuration says the "
          "same, or ignores these arguments with ignore_changes.");
    }
  }

  void NothingToDo() {
    if (is_errored_) {
      if (!drift_.empty()) Rule();
      Headline(kRed, "Planning failed.", " {product} met an error while it made this plan.");
      return;
    }
    if (plan_.mode == infra::Mode::kRefreshOnly) {
      if (!drift_.empty()) return;
      Headline(kGreen, "No changes.", " Your infrastructure still matches the configuration.");
      Say("{product} compared the real objects with what the last apply recorded, and found no "
          "difference.");
    } else if (plan_.mode == infra::Mode::kDestroy) {
      Headline(kGreen, "No changes.", " No objects need to be destroyed.");
      Say("None was created yet, or all of them are gone already.");
    } else {
      Headline(kGreen, "No changes.", " Your infrastructure matches the configuration.");
      Say("{product} compared the real objects with the configuration and found no difference, so "
          "there is nothing to do.");
    }
  }

  void Legend() {
    std::set<Action> actions;
    for (const ResourceChange* change : changes_) actions.insert(change->action);
    actions.erase(Action::kNoOp);
    if (actions.empty() || options_.concise) return;
    out_ += "\n";
    Say("{product} made the following plan with the selected providers. What is done to a "
        "resource is shown by these symbols:");
    for (const LegendLine& line : kLegend) {
      if (!actions.contains(line.action)) continue;
      out_ += fmt::format("{} {}\n", Symbol(line.action, options_.color), line.text);
    }
  }

  void Changes() {
    Legend();
    if (!changes_.empty()) {
      out_ += "\n";
      Say(is_errored_ ? "{product} planned the following actions, but then encountered a problem:"
                      : "{product} will perform the following actions:");
    }
    for (const ResourceChange* change : changes_) {
      out_ += "\n" + RenderChange(*change, ChangeOrigin::kPlanned, options_) + "\n";
    }
    if (options_.is_part) return;
    std::string summary = SummaryText(CountChanges(plan_), Operation::kPlan);
    size_t head = summary.find(':') + 1;
    out_ += "\n" + Bold(summary.substr(0, head)) + summary.substr(head) + "\n";
  }

  void Outputs() {
    if (outputs_.empty()) return;
    out_ += "\nChanges to Outputs:\n" + outputs_ + "\n";
    if (acts_ || options_.is_part) return;
    out_ += "\n";
    Say("You can apply this plan to save these new output values to the {product} state, without "
        "changing any real infrastructure.");
  }

  const Plan& plan_;
  const RenderOptions& options_;
  std::vector<const ResourceChange*> changes_;
  std::vector<const ResourceChange*> drift_;
  std::string outputs_;
  bool acts_ = false;
  bool is_errored_ = false;
  std::string out_;
};

TextStyle StyleOf(const RenderOptions& options) {
  return {.color = options.color,
          .show_sensitive = options.show_sensitive,
          .counts_hidden = !options.concise};
}

}  // namespace

std::string RenderPlan(const Plan& plan, const RenderOptions& options) {
  return PlanText(plan, options).Text();
}

std::string RenderChange(const ResourceChange& change, ChangeOrigin origin,
                         const RenderOptions& options) {
  if (!SaysSomething(change)) return "";
  TextStyle style = StyleOf(options);
  style.shows_unchanged = !change.import_id.empty();
  if (change.action == Action::kForget) {
    style.shows_symbols = false;
    style.shows_arrows_to_null = false;
  }
  value::Value before = MarkSensitive(change.before, change.schema);
  value::Value after = MarkSensitive(change.after, change.schema);
  Difference difference = change.schema == nullptr
                              ? Differ(before, after)
                              : Differ(before, after, change.schema->block, change.replace_paths);
  return fmt::format("{}{} {} \"{}\" \"{}\" {}", ChangeHead(change, origin, options),
                     Symbol(change.action, options.color),
                     change.address.is_data ? "data" : "resource", change.address.kind,
                     change.address.name, DifferenceText(difference, 0, style));
}

std::string RenderOutputChanges(const std::vector<infra::OutputChange>& outputs,
                                const RenderOptions& options) {
  int64_t width = 0;
  std::map<std::string, Difference> changed;
  for (const infra::OutputChange& output : outputs) {
    width = std::max(width, DisplayWidth(NameText(output.name)));
    if (output.action == Action::kNoOp) continue;
    auto hidden = [&](const value::Value& side) {
      return output.sensitive ? side.WithMarks(value::Mark::kSensitive) : side;
    };
    Difference difference = Differ(hidden(output.before), hidden(output.after));
    if (difference.action == Action::kNoOp) continue;
    changed.emplace(output.name, std::move(difference));
  }
  std::string out;
  for (const auto& [name, difference] : changed) {
    if (!out.empty()) out += "\n";
    std::string text = NameText(name);
    text.append(static_cast<size_t>(width - DisplayWidth(text)), ' ');
    out += fmt::format("{} {} = {}", Symbol(difference.action, options.color), text,
                       DifferenceText(difference, 0, StyleOf(options)));
  }
  return out;
}

}  // namespace andon::infratext
