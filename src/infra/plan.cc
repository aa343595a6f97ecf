#include "infra/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace andon::infra {

std::string_view ToString(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kReplaceTainted:
      return "replace_because_tainted";
    case Reason::kReplaceRequested:
      return "replace_by_request";
    case Reason::kReplaceTriggered:
      return "replace_by_triggers";
    case Reason::kReplaceCannotUpdate:
      return "replace_because_cannot_update";
    case Reason::kDeleteNoConfig:
      return "delete_because_no_resource_config";
    case Reason::kDeleteWrongRepetition:
      return "delete_because_wrong_repetition";
    case Reason::kDeleteCountIndex:
      return "delete_because_count_index";
    case Reason::kDeleteEachKey:
      return "delete_because_each_key";
    case Reason::kDeleteNoModule:
      return "delete_because_no_module";
    case Reason::kDeleteNotEnabled:
      return "delete_because_enabled_false";
    case Reason::kReadConfigUnknown:
      return "read_because_config_unknown";
    case Reason::kReadDependencyPending:
      return "read_because_dependency_pending";
    case Reason::kReadCheckNested:
      return "read_because_check_nested";
  }
  return "";
}

int Plan::Count(Action action) const {
  return static_cast<int>(
      std::count_if(changes.begin(), changes.end(),
                    [&](const ResourceChange& change) { return change.action == action; }));
}

bool Plan::has_changes() const {
  auto acts = [](const ResourceChange& change) {
    return change.action != Action::kNoOp || change.previous_address || !change.import_id.empty();
  };
  if (mode == Mode::kRefreshOnly && !drift.empty()) return true;
  return std::any_of(changes.begin(), changes.end(), acts) ||
         std::any_of(outputs.begin(), outputs.end(),
                     [](const OutputChange& output) { return output.action != Action::kNoOp; });
}

std::string Plan::Summary() const {
  int add = 0, change = 0, destroy = 0, import = 0, forget = 0;
  for (const ResourceChange& c : changes) {
    add += c.action == Action::kCreate || IsReplace(c.action);
    change += c.action == Action::kUpdate;
    destroy += c.action == Action::kDelete || c.action == Action::kDeleteThenCreate ||
               c.action == Action::kCreateThenDelete;
    forget += c.action == Action::kForget || c.action == Action::kForgetThenCreate;
    import += !c.import_id.empty();
  }
  std::string out = "Plan: ";
  if (import > 0) out += fmt::format("{} to import, ", import);
  out += fmt::format("{} to add, {} to change, {} to destroy", add, change, destroy);
  if (forget > 0) out += fmt::format(", {} to forget", forget);
  return out + ".";
}

}  // namespace andon::infra
