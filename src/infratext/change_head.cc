#include "infratext/change_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "infratext/ansi.h"
#include "value/display.h"

namespace andon::infratext {
namespace {

using infra::Action;
using infra::Reason;
using infra::ResourceChange;

// More inputs than this do not make it clearer.
constexpr size_t kCausesMax = 8;
// Cells of the text of an expression.
constexpr size_t kCauseWidthMax = 60;

std::string ReplacedText(const ResourceChange& change, const std::string& replaced) {
  switch (change.reason) {
    case Reason::kReplaceTainted:
      return "is tainted, so it must be " + replaced;
    case Reason::kReplaceRequested:
      return "will be " + replaced + ", as requested";
    case Reason::kReplaceTriggered:
      return "will be " + replaced + " due to changes in replace_triggered_by";
    default:
      return "must be " + replaced;
  }
}

std::string ActionText(const ResourceChange& change, ChangeOrigin origin,
                       const RenderOptions& options) {
  bool detected = origin == ChangeOrigin::kDetected;
  auto strong = [&](std::string_view text) {
    return Paint(options.color, std::string(kBold) + std::string(kRed), text);
  };
  switch (change.action) {
    case Action::kCreate:
      return "will be created";
    case Action::kRead:
      return "will be read during apply";
    case Action::kUpdate:
      return detected ? "has changed" : "will be updated in-place";
    case Action::kDelete:
      return detected ? "has been deleted" : "will be " + strong("destroyed");
    case Action::kDeleteThenCreate:
    case Action::kCreateThenDelete:
      return ReplacedText(change, strong("replaced"));
    case Action::kForget:
      return fmt::format("will be removed from the {} state {}", options.product,
                         strong("but will not be destroyed"));
    case Action::kForgetThenCreate:
      return ReplacedText(change, strong("replaced")) +
             " - the present object will not be destroyed (lifecycle.destroy = false)";
    case Action::kNoOp:
      return "will be imported";
  }
  return "";
}

std::string KeyText(const address::Key& key) { return address::ToString(key); }

// Why it is read or destroyed; empty where there is nothing to say.
std::string ReasonText(const ResourceChange& change) {
  switch (change.reason) {
    case Reason::kReadConfigUnknown:
      return "config refers to values not yet known";
    case Reason::kReadDependencyPending:
      return "depends on a resource or a module with changes pending";
    case Reason::kReadCheckNested:
      return "config will be reloaded to verify a check block";
    case Reason::kDeleteNoConfig:
      return fmt::format("because {}.{} is not in configuration", change.address.kind,
                         change.address.name);
    case Reason::kDeleteNoModule: {
      address::Address module;
      module.module = change.address.module;
      return fmt::format("because {} is not in configuration", address::ToString(module));
    }
    case Reason::kDeleteWrongRepetition:
      if (std::holds_alternative<std::monostate>(change.address.key)) {
        return "because resource uses count or for_each";
      }
      return std::holds_alternative<int64_t>(change.address.key)
                 ? "because resource does not use count"
                 : "because resource does not use for_each";
    case Reason::kDeleteCountIndex:
      return fmt::format("because index {} is out of range for count", KeyText(change.address.key));
    case Reason::kDeleteEachKey:
      return fmt::format("because key {} is not in for_each map", KeyText(change.address.key));
    case Reason::kDeleteNotEnabled:
      return "because enabled is false";
    default:
      return "";
  }
}

bool IsSensitiveArgument(const ResourceChange& change, std::string_view argument) {
  std::string_view name = argument.substr(0, argument.find_first_of(".["));
  auto is_marked = [&](const value::Value& object) {
    if (object.Has(value::Mark::kSensitive)) return true;
    if (!object.is_known_not_null() || !object.type().is_object()) return false;
    const value::Value* part = object.Find(name);
    return part != nullptr && part->contains_marked();
  };
  if (is_marked(change.before) || is_marked(change.after)) return true;
  if (change.schema == nullptr) return true;
  const auto* attribute = change.schema->block.FindAttribute(name);
  // Of a block that is nested nobody looks for the one that is sensitive.
  return attribute == nullptr || attribute->nesting || attribute->sensitive ||
         attribute->write_only;
}

// Only names: nothing in it can be a secret that was written out.
bool IsReference(std::string_view text) {
  return !text.empty() && (text[0] < '0' || text[0] > '9') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '-' || c == '[' || c == ']' || c == '*';
         });
}

// On one line, without what could steer a terminal, and not longer than is useful.
std::string ShortText(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool is_space = c == ' ' || (c >= 0 && c < 0x20) || c == 0x7f;
    if (!is_space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (DisplayWidth(out) <= static_cast<int64_t>(kCauseWidthMax)) return out;
  size_t end = std::min(out.size(), kCauseWidthMax);
  while (end > 0 && (out[end] & 0xC0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

std::string CauseText(const ResourceChange& change, const infra::Cause& cause) {
  std::string out = "because";
  if (cause.range.exists()) {
    out += fmt::format(" {}:{}", cause.range.filename, cause.range.start.line);
  }
  std::string text = ShortText(cause.text);
  if (IsSensitiveArgument(change, cause.argument) && !IsReference(text)) text.clear();
  if (!cause.argument.empty()) out += " " + cause.argument;
  if (!cause.argument.empty() && !text.empty()) out += " =";
  if (!text.empty()) out += " " + text;
  return out;
}

}  // namespace

std::string ChangeHead(const ResourceChange& change, ChangeOrigin origin,
                       const RenderOptions& options) {
  std::string out;
  auto line = [&](std::string_view text) { out += fmt::format("  # {}\n", text); };
  auto address = [&](std::string text) { return Paint(options.color, kBold, text); };

  std::string name = address::ToString(change.address);
  if (!change.deposed.empty()) name += fmt::format(" (deposed object {})", change.deposed);
  bool is_moved = change.previous_address && *change.previous_address != change.address;
  bool only_moved = change.action == Action::kNoOp && is_moved;
  if (only_moved) {
    line(fmt::format("{} has moved to {}", address(address::ToString(*change.previous_address)),
                     address(name)));
  } else {
    line(address(name) + " " + ActionText(change, origin, options));
  }
  if (std::string reason = ReasonText(change); !reason.empty()) line("(" + reason + ")");
  if (!change.deposed.empty() && change.action != Action::kNoOp) {
    line("(left over from a partially-failed replacement of this instance)");
  }
  if (is_moved && !only_moved) {
    line(fmt::format("(moved from {})", address::ToString(*change.previous_address)));
  }
  if (!change.import_id.empty()) {
    line(fmt::format("(imported from {})", value::Quote(change.import_id)));
    if (infra::IsReplace(change.action)) {
      line(Paint(options.color, kYellow, "Warning: this will destroy the imported resource"));
    }
  }
  if (!options.shows_causes || change.action == Action::kCreate) return out;
  for (size_t i = 0; i < change.causes.size() && i < kCausesMax; ++i) {
    line(CauseText(change, change.causes[i]));
  }
  if (change.causes.size() > kCausesMax) {
    line(fmt::format("and of {} more",
                     Count(static_cast<int64_t>(change.causes.size() - kCausesMax), "argument")));
  }
  return out;
}

}  // namespace andon::infratext
