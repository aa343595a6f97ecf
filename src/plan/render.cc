#include "plan/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/reference.h"
#include "config/value_json.h"
#include "plan/diff.h"
#include "value/display.h"

namespace andon::plan {

using value::Value;

namespace {

bool IsObject(const Value& value) {
  return value.is_known_not_null() && (value.type().is_object() || value.type().is_map());
}

std::string Text(const Value& object, std::string_view name) {
  const Value* found = IsObject(object) ? object.Find(name) : nullptr;
  return found != nullptr && found->is_known_not_null() && found->type().is_string()
             ? found->string()
             : std::string();
}

std::string TextOf(const Value& value) {
  bool is_text = value.is_known_not_null() && value.type().is_string();
  return is_text ? value.string() : std::string();
}

std::string Whole(const Value& value) {
  if (!value.is_known()) return "(known after apply)";
  if (value.is_null()) return "null";
  if (config::IsTableReference(value))
    return Text(value, "source") + ".table." + Text(value, "table");
  if (config::IsColumnReference(value))
    return Text(value, "dataset") + ".column." + Text(value, "column");
  if (config::IsSecret(value))
    return fmt::format("secret({})", value::Quote(Text(value, "secret")));
  const value::Type& type = value.type();
  if (type.is_string()) return value::Quote(value.string());
  if (type.is_bool()) return value.boolean() ? "true" : "false";
  if (type.is_number()) return value.number().ToString();
  std::vector<std::string> parts;
  if (IsObject(value)) {
    std::vector<std::string> names = value.attribute_order();
    if (type.is_map()) {
      names.clear();
      for (const auto& [name, unused] : value.members()) names.push_back(name);
    }
    for (const std::string& name : names) parts.push_back(name + " = " + Whole(*value.Find(name)));
    return parts.empty() ? "{}" : "{ " + Join(parts, ", ") + " }";
  }
  for (const Value& item : value.items()) parts.push_back(Whole(item));
  return "[" + Join(parts, ", ") + "]";
}

std::string Cut(std::string text, int width) {
  if (DisplayWidth(text) <= width) return text;
  while (!text.empty() && DisplayWidth(text) > width - 1) {
    do {
      text.pop_back();
    } while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80);
  }
  return text + "…";
}

std::string Pad(std::string_view text, int64_t width) {
  return std::string(text) + std::string(std::max<int64_t>(0, width - DisplayWidth(text)), ' ');
}

// `decimal(5,2), required, unit "USD"`: a column as a person says it.
std::string ColumnText(const Value& column) {
  std::string out = Text(column, "type");
  for (const std::string& name : column.attribute_order()) {
    const Value& value = *column.Find(name);
    if (name == "type" || name == "doc") continue;
    bool is_true = value.is_known_not_null() && value.type().is_bool();
    if (is_true && !value.boolean()) continue;
    out += out.empty() ? "" : ", ";
    out += is_true                ? name
           : name == "references" ? "references " + Whole(value)
                                  : name + " " + Whole(value);
  }
  return out;
}

std::string CheckText(const Value& check) {
  const Value* kwargs = check.Find("kwargs");
  std::string arguments;
  if (kwargs != nullptr && IsObject(*kwargs)) {
    for (const std::string& name : kwargs->attribute_order()) {
      arguments +=
          fmt::format("{}{} = {}", arguments.empty() ? "" : ", ", name, Whole(*kwargs->Find(name)));
    }
  }
  return fmt::format("{}({})", Text(check, "type"), arguments);
}

class Renderer {
 public:
  explicit Renderer(const RenderOptions& options) : options_(options) {}

  std::string Run(const Plan& plan) {
    for (const Step& step : plan.steps) {
      if (step.action != Action::kNone) RenderStep(step);
    }
    RenderOutputs(plan);
    if (options_.is_part) return std::move(out_);
    std::string summary = plan.Summary();
    size_t colon = summary.find(plan.has_changes() ? ':' : '.');
    out_ += Paint("bold", summary.substr(0, colon + 1)) + summary.substr(colon + 1) + "\n";
    return std::move(out_);
  }

 private:
  std::string Paint(std::string_view style, std::string_view text) const {
    return options_.paint ? options_.paint(style, text) : std::string(text);
  }

  std::string Sign(Action action) const {
    std::string_view style = action == Action::kCreate   ? "green"
                             : action == Action::kUpdate ? "yellow"
                                                         : "red";
    return Paint(style, Symbol(action));
  }

  void RenderStep(const Step& step) {
    std::string address = ToString(step.address);
    std::string title = step.type.empty() ? address : fmt::format("{} ({})", address, step.type);
    std::string indent = step.action == Action::kReplace ? "" : "  ";
    out_ += indent + Sign(step.action) + " " + Paint("bold", Pad(title, 40)) +
            Paint("dim", step.position) + "\n";
    for (const std::string& reason : step.reasons)
      out_ += "      " + Paint("dim", "# " + reason) + "\n";
    if (step.action == Action::kDelete) {
      out_ += "\n";
      return;
    }
    for (const AttributeChange& change : step.changes) RenderChange(change);
    out_ += "\n";
  }

  void Line(Action action, std::string_view what, std::string_view text,
            const std::string& note = {}, bool is_breaking = false) {
    std::string line = fmt::format("      {} {}", Sign(action), Pad(what, 12));
    int room = std::max(
        20, options_.width - 21 - static_cast<int>(note.empty() ? 0 : DisplayWidth(note) + 4));
    line += " " + Cut(std::string(text), room);
    if (!note.empty())
      line += "    " + Paint(is_breaking ? "red" : "dim", is_breaking ? "BREAKING " + note : note);
    while (line.ends_with(' ')) line.pop_back();
    out_ += line + "\n";
  }

  void RenderChange(const AttributeChange& change) {
    if (change.path.empty()) return;  // Only in a plan file that Andon did not write.
    if (change.path[0] == "columns" && RenderParts(change, "column", ColumnText)) return;
    if (change.path[0] == "checks" && RenderParts(change, "check", CheckText)) return;
    if (change.path == std::vector<std::string>{"sql"}) return RenderSql(change);
    Line(change.action, Join(change.path, "."), Arrow(change), change.note, change.is_breaking);
  }

  std::string Arrow(const AttributeChange& change) const {
    if (change.action == Action::kCreate) return Whole(change.after);
    if (change.action == Action::kDelete) return Whole(change.before);
    return Whole(change.before) + " -> " + Whole(change.after);
  }

  // The members of `columns` or `checks`: all of them, one, or an attribute of one.
  template <typename Describe>
  bool RenderParts(const AttributeChange& change, std::string_view what, Describe describe) {
    const Value& value = change.action == Action::kDelete ? change.before : change.after;
    if (change.path.size() == 1 && IsObject(value)) {
      for (const std::string& name : value.attribute_order()) {
        if (const Value* part = value.Find(name); IsObject(*part)) {
          Line(change.action, what, fmt::format("\"{}\"  {}", name, describe(*part)), change.note,
               change.is_breaking);
        }
      }
      return true;
    }
    if (change.path.size() == 2 && IsObject(value) && change.action != Action::kUpdate) {
      Line(change.action, what, fmt::format("\"{}\"  {}", change.path[1], describe(value)),
           change.note, change.is_breaking);
      return true;
    }
    if (change.path.size() < 3) return false;
    bool is_type = what == "column" && change.path[2] == "type" && change.action == Action::kUpdate;
    std::vector<std::string> rest(change.path.begin() + 2, change.path.end());
    if (what == "check" && rest[0] == "kwargs" && rest.size() > 1) rest.erase(rest.begin());
    std::string text = is_type ? TextOf(change.before) + " -> " + TextOf(change.after)
                               : Join(rest, ".") + " " + Arrow(change);
    Action action = Action::kUpdate;  // Of the column or check, whatever happens inside.
    Line(action, what, fmt::format("\"{}\"  {}", change.path[1], text), change.note,
         change.is_breaking);
    return true;
  }

  void RenderSql(const AttributeChange& change) {
    std::string before = TextOf(change.before), after = TextOf(change.after);
    size_t lines = std::count(after.begin(), after.end(), '\n') +
                   (after.empty() || after.ends_with('\n') ? 0 : 1);
    if (change.action == Action::kCreate) {
      return Line(change.action, "sql",
                  fmt::format("{} ({})", change.position, Count(int64_t(lines), "line")));
    }
    Line(change.action, "sql", change.position, change.note, change.is_breaking);
    constexpr size_t kLinesShown = 40;
    std::vector<LineChange> diff = DiffLines(before, after, 1);
    for (size_t i = 0; i < diff.size() && i < kLinesShown; ++i) {
      std::string_view style = diff[i].sign == '+' ? "green" : diff[i].sign == '-' ? "red" : "dim";
      std::string line = fmt::format("{:>4} {} {}", diff[i].line, diff[i].sign, diff[i].text);
      out_ += "          " + Paint(style, Cut(line, std::max(30, options_.width - 10))) + "\n";
    }
    if (diff.size() > kLinesShown)
      out_ += fmt::format("          … {} more lines\n", diff.size() - kLinesShown);
  }

  void RenderOutputs(const Plan& plan) {
    bool any = false;
    for (const OutputChange& output : plan.outputs) {
      if (output.action == Action::kNone) continue;
      if (!any) out_ += "Changes to outputs:\n";
      any = true;
      AttributeChange change{
          .action = output.action, .before = output.before, .after = output.after};
      out_ +=
          fmt::format("  {} {} = {}\n", Sign(output.action), output.name,
                      output.sensitive ? "(sensitive value)" : Cut(Arrow(change), options_.width));
    }
    if (any) out_ += "\n";
  }

  const RenderOptions& options_;
  std::string out_;
};

Json KeyJson(const address::Key& key) {
  if (auto* number = std::get_if<int64_t>(&key)) return *number;
  if (auto* text = std::get_if<std::string>(&key)) return *text;
  return {};
}

Json ResourceJson(const Step& step) {
  std::string address = ToString(step.address);
  return Json::Object({{"addr", address},
                       {"module", ""},
                       {"resource", address},
                       {"implied_provider", step.provider},
                       {"resource_type", step.address.kind},
                       {"resource_name", step.address.name},
                       {"resource_key", KeyJson(step.address.key)}});
}

Json ChangeSummary(const Plan& plan) {
  int replaced = plan.Count(Action::kReplace);
  return Json::Object({{"add", plan.Count(Action::kCreate) + replaced},
                       {"change", plan.Count(Action::kUpdate)},
                       {"import", 0},
                       {"remove", plan.Count(Action::kDelete) + replaced},
                       {"operation", "plan"}});
}

Json Event(std::string_view type, std::string_view message) {
  return Json::Object(
      {{"@level", "info"}, {"@message", message}, {"@module", "andon.ui"}, {"type", type}});
}

Json Actions(Action action) {
  if (action == Action::kReplace) return Json::List({"delete", "create"});
  return Json::List({std::string(ToString(action))});
}

}  // namespace

std::string OneLine(const Value& value, int width) { return Cut(Whole(value), width); }

std::string RenderPlan(const Plan& plan, const RenderOptions& options) {
  return Renderer(options).Run(plan);
}

std::vector<Json> PlanEvents(const Plan& plan) {
  std::vector<Json> events;
  for (const Step& step : plan.steps) {
    if (step.action == Action::kNone) continue;
    Json event = Event("planned_change", fmt::format("{}: Plan to {}", ToString(step.address),
                                                     ToString(step.action)));
    Json reasons = Json::List();
    for (const std::string& reason : step.reasons) reasons.Push(reason);
    event.Set("change", Json::Object({{"resource", ResourceJson(step)},
                                      {"action", ToString(step.action)},
                                      {"position", step.position},
                                      {"reasons", std::move(reasons)}}));
    events.push_back(std::move(event));
  }
  Json outputs = Json::Object();
  for (const OutputChange& output : plan.outputs) {
    outputs.Set(output.name, Json::Object({{"sensitive", output.sensitive},
                                           {"action", ToString(output.action)}}));
  }
  if (outputs.size() > 0) {
    Json event = Event("outputs", fmt::format("Outputs: {}", outputs.size()));
    event.Set("outputs", std::move(outputs));
    events.push_back(std::move(event));
  }
  Json summary = Event("change_summary", plan.Summary());
  summary.Set("changes", ChangeSummary(plan));
  events.push_back(std::move(summary));
  return events;
}

Json PlanDocument(const Plan& plan) {
  Json changes = Json::List();
  for (const Step& step : plan.steps) {
    Json parts = Json::List();
    for (const AttributeChange& change : step.changes) {
      parts.Push(Json::Object({{"action", ToString(change.action)},
                               {"path", Join(change.path, ".")},
                               {"before", config::ToJson(change.before)},
                               {"after", config::ToJson(change.after)},
                               {"breaking", change.is_breaking},
                               {"note", change.note},
                               {"position", change.position}}));
    }
    changes.Push(Json::Object({{"address", ToString(step.address)},
                               {"mode", "managed"},
                               {"type", step.address.kind},
                               {"name", step.address.name},
                               {"provider_name", step.provider},
                               {"position", step.position},
                               {"change", Json::Object({{"actions", Actions(step.action)},
                                                        {"before", config::ToJson(step.prior)},
                                                        {"after", config::ToJson(step.planned)},
                                                        {"parts", std::move(parts)}})}}));
  }
  Json outputs = Json::Object();
  for (const OutputChange& output : plan.outputs) {
    Json before = output.sensitive ? Json() : config::ToJson(output.before);
    Json after = output.sensitive ? Json() : config::ToJson(output.after);
    outputs.Set(output.name, Json::Object({{"actions", Actions(output.action)},
                                           {"before", std::move(before)},
                                           {"after", std::move(after)},
                                           {"after_sensitive", output.sensitive}}));
  }
  return Json::Object({{"format_version", "1.2"},
                       {"base_release", plan.base_release},
                       {"resource_changes", std::move(changes)},
                       {"output_changes", std::move(outputs)},
                       {"applyable", plan.has_changes() && !plan.diagnostics.has_errors()},
                       {"errored", plan.diagnostics.has_errors()}});
}

}  // namespace andon::plan
