#include "infratext/difference_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "infratext/ansi.h"
#include "infratext/string_text.h"
#include "value/display.h"

namespace andon::infratext {
namespace {

using infra::Action;

// What a node is told by those around it.
struct Around {
  bool shows_unchanged = false;
  bool shows_arrow = true;          // "-> null".
  bool forces_replacement = false;  // Said of each part, where it is true of the whole.

  Around Inner() const { return {.shows_unchanged = shows_unchanged, .shows_arrow = shows_arrow}; }
  Around Unchanged() const { return {.shows_unchanged = true, .shows_arrow = shows_arrow}; }
  Around NoArrow() const { return {.shows_unchanged = shows_unchanged, .shows_arrow = false}; }
};

// By these people know an object, so they are shown even where they stay the same.
bool IsImportant(std::string_view name) { return name == "id" || name == "name" || name == "tags"; }

std::string Padded(std::string_view text, int64_t width) {
  int64_t missing = std::max<int64_t>(width - DisplayWidth(text), 0);
  return std::string(text) + std::string(static_cast<size_t>(missing), ' ');
}

class Writer {
 public:
  Writer(const TextStyle& style, std::string& out) : style_(style), out_(out) {}

  void Write(const Difference& node, int indent, const Around& around) {
    switch (node.shape) {
      case Shape::kPrimitive:
        return Primitive(node, indent, around);
      case Shape::kObject:
      case Shape::kNestedObject:
        return Object(node, indent, around);
      case Shape::kMap:
      case Shape::kNestedMap:
        return Map(node, indent, around);
      case Shape::kList:
      case Shape::kNestedList:
        return List(node, indent, around);
      case Shape::kSet:
      case Shape::kNestedSet:
        return Set(node, indent, around);
      case Shape::kBlock:
        return Block(node, indent, around);
      case Shape::kUnknown:
        if (!node.parts.empty()) {
          Write(node.parts[0], indent, around.NoArrow());
          out_ += " -> ";
        }
        out_ += "(known after apply)";
        return Replacement(node, around);
      case Shape::kTypeChange:
        Write(node.parts[0], indent, around.NoArrow());
        out_ += " " + Paint(kYellow, "->") + " ";
        Write(node.parts[1], indent, around.NoArrow());
        return Replacement(node, around);
      case Shape::kSensitive:
        if (style_.show_sensitive) return Write(node.parts[0], indent, around);
        out_ += "(sensitive value)";
        ArrowToNull(node, around);
        return Replacement(node, around);
      case Shape::kSensitiveBlock:
        if (style_.show_sensitive) return Write(node.parts[0], indent, around);
        return HiddenBlock(node, indent, around);
      case Shape::kWriteOnly:
        out_ += "(write-only attribute)";
        Replacement(node, around);
        return ArrowToNull(node, around);
    }
  }

 private:
  std::string Paint(std::string_view color, std::string_view text) const {
    return infratext::Paint(style_.color, color, text);
  }
  void Indent(int indent) { out_.append(static_cast<size_t>(indent) * 4, ' '); }
  void Symbol(Action action) {
    if (style_.shows_symbols) out_ += infratext::Symbol(action, style_.color) + " ";
  }
  // The beginning of the line of a part.
  void Begin(int indent, Action action) {
    Indent(indent);
    Symbol(action);
  }
  void Replacement(const Difference& node, const Around& around) {
    Replacement(node.forces_replacement || around.forces_replacement);
  }
  void Replacement(bool forces) {
    if (forces) out_ += " " + Paint(kRed, "# forces replacement");
  }
  void ArrowToNull(const Difference& node, const Around& around) {
    if (around.shows_arrow && node.action == Action::kDelete) out_ += Paint(kGray, " -> null");
  }
  bool IsShown(const Difference& node, const Around& around) const {
    return node.action != Action::kNoOp || around.shows_unchanged;
  }
  void Counted(int indent, size_t count, std::string_view noun) {
    if (count == 0 || !style_.counts_hidden) return;
    Begin(indent, Action::kNoOp);
    out_ += Paint(kGray,
                  fmt::format("# ({} unchanged {}{} hidden)", count, noun, count == 1 ? "" : "s"));
    out_ += "\n";
  }
  // What has to be said before a part.
  void Warn(const Difference& node, int indent) {
    bool is_hidden = node.shape == Shape::kSensitive || node.shape == Shape::kSensitiveBlock;
    if (!is_hidden || node.was_sensitive == node.is_sensitive) return;
    Action inner = node.parts[0].action;
    if (inner == Action::kCreate || inner == Action::kDelete) return;
    std::string_view what = node.shape == Shape::kSensitive ? "attribute value" : "block";
    Begin(indent, Action::kNoOp);
    out_ += "# " + Paint(kYellow, "Warning") + ": ";
    out_ +=
        node.was_sensitive
            ? fmt::format("this {} will no longer be marked as sensitive, and will be shown", what)
            : fmt::format("this {} will be marked as sensitive, and will not be shown", what);
    out_ += "\n";
    Begin(indent, Action::kNoOp);
    out_ += "# after this change.";
    if (inner == Action::kNoOp) out_ += " The value is unchanged.";
    out_ += "\n";
  }
  void Close(const Difference& node, int indent, char bracket, bool has_arrow,
             const Around& around) {
    Begin(indent, Action::kNoOp);
    out_ += bracket;
    if (has_arrow) ArrowToNull(node, around);
  }

  void Primitive(const Difference& node, int indent, const Around& around);
  void Json(const Difference& node, const value::Value& before, const value::Value& after,
            int indent, const Around& around);
  void Lines(const Difference& node, int indent, const Around& around);
  void Object(const Difference& node, int indent, const Around& around);
  void Map(const Difference& node, int indent, const Around& around);
  void List(const Difference& node, int indent, const Around& around);
  void Set(const Difference& node, int indent, const Around& around);
  void Block(const Difference& node, int indent, const Around& around);
  size_t Blocks(const BlockGroup& group, bool has_attributes, int indent, const Around& around);
  void HiddenBlock(const Difference& node, int indent, const Around& around);
  size_t Attributes(const Difference& node, int indent, const Around& around, const Around& inner);

  const TextStyle& style_;
  std::string& out_;
};

void Writer::Primitive(const Difference& node, int indent, const Around& around) {
  bool is_removed = node.action == Action::kDelete;
  if (node.action == Action::kUpdate) {
    auto before = JsonIn(node.before), after = JsonIn(node.after);
    if (before && after) return Json(node, *before, *after, indent, around);
    if (before || after) {  // One of them is JSON: there is nothing to compare.
      Difference old{.action = Action::kDelete, .before = node.before};
      Difference young{.action = Action::kCreate, .after = node.after};
      Write(old, indent, around.NoArrow());
      out_ += " " + Paint(kYellow, "->") + " ";
      Write(young, indent, around.NoArrow());
      return Replacement(node, around);
    }
    if (IsMultiline(node.before) || IsMultiline(node.after)) return Lines(node, indent, around);
    out_ += SimpleText(node.before) + " " + Paint(kYellow, "->") + " " + SimpleText(node.after);
    return Replacement(node, around);
  }
  const value::Value& shown = is_removed ? node.before : node.after;
  if (auto json = JsonIn(shown)) {
    const value::Value none;
    bool is_old = is_removed || node.action == Action::kNoOp;
    bool is_new = !is_removed;
    return Json(node, is_old ? *json : none, is_new ? *json : none, indent, around);
  }
  if (IsMultiline(shown)) return Lines(node, indent, around);
  out_ += shown.is_null() ? Paint(kGray, "null") : SimpleText(shown);
  if (!shown.is_null()) ArrowToNull(node, around);
  Replacement(node, around);
}

void Writer::Json(const Difference& node, const value::Value& before, const value::Value& after,
                  int indent, const Around& around) {
  Difference inner = Differ(before, after);
  bool only_white_space = inner.action == Action::kNoOp && node.action == Action::kUpdate;
  bool forces = node.forces_replacement || around.forces_replacement;
  std::string_view remark = !only_white_space ? ""
                            : forces          ? " # whitespace changes force replacement"
                                              : " # whitespace changes";
  Around quiet = around.NoArrow();
  if (only_white_space) quiet.shows_unchanged = true;
  std::string text;
  Writer(style_, text).Write(inner, indent + 1, quiet);
  if (text.find('\n') == std::string::npos) {
    out_ += fmt::format("jsonencode({}){}", text, remark);
    return Replacement(forces && !only_white_space);
  }
  out_ += fmt::format("jsonencode({}\n", remark);
  bool shows_symbol = node.action == Action::kUpdate && !only_white_space;
  Begin(indent + 1, shows_symbol ? Action::kUpdate : Action::kNoOp);
  out_ += text;
  Replacement(forces && !only_white_space);
  out_ += "\n";
  Close(node, indent, ')', true, around);
}

void Writer::Lines(const Difference& node, int indent, const Around& around) {
  out_ += "<<-EOT";
  Replacement(node, around);
  for (const TextLine& line : DifferLines(node.before, node.after, node.action)) {
    out_ += "\n";
    Begin(indent + 1, line.action);
    out_ += line.text;
  }
  out_ += "\n";
  Begin(indent, Action::kNoOp);
  out_ += "EOT";
  ArrowToNull(node, around);
}

// The number of those that were not shown.
size_t Writer::Attributes(const Difference& node, int indent, const Around& around,
                          const Around& inner) {
  int64_t width = 0;
  for (const std::string& name : node.names) {
    width = std::max(width, DisplayWidth(NameText(name)));
  }
  size_t hidden = 0;
  for (size_t i = 0; i < node.parts.size(); ++i) {
    const Difference& part = node.parts[i];
    Around told = inner;
    if (IsImportant(node.names[i])) {
      told.shows_unchanged = true;
    } else if (!IsShown(part, around)) {
      ++hidden;
      continue;
    }
    Warn(part, indent);
    Begin(indent, part.action);
    out_ += Padded(NameText(node.names[i]), width) + " = ";
    Write(part, indent, told);
    out_ += "\n";
  }
  return hidden;
}

void Writer::Object(const Difference& node, int indent, const Around& around) {
  if (node.parts.empty()) {
    out_ += "{}";
    ArrowToNull(node, around);
    return Replacement(node, around);
  }
  out_ += "{";
  Replacement(node, around);
  out_ += "\n";
  Around inner = around.Inner();
  inner.shows_arrow = node.shape == Shape::kNestedObject && style_.shows_arrows_to_null;
  Counted(indent + 1, Attributes(node, indent + 1, around, inner), "attribute");
  Close(node, indent, '}', true, around);
}

void Writer::Map(const Difference& node, int indent, const Around& around) {
  // A map of nested objects says of each of them what is true of it as a whole.
  bool is_nested = node.shape == Shape::kNestedMap;
  bool forces = node.forces_replacement && !is_nested;
  if (node.parts.empty()) {
    out_ += "{}";
    ArrowToNull(node, around);
    return Replacement(forces || around.forces_replacement);
  }
  int64_t width = 0;
  for (const std::string& key : node.names) {
    if (!is_nested) width = std::max(width, DisplayWidth(value::Quote(key)));
  }
  out_ += "{";
  Replacement(forces || around.forces_replacement);
  out_ += "\n";
  Around inner = around.Inner();
  inner.shows_arrow = node.action != Action::kDelete && !is_nested && style_.shows_arrows_to_null;
  inner.forces_replacement = node.forces_replacement && is_nested;
  size_t hidden = 0;
  for (size_t i = 0; i < node.parts.size(); ++i) {
    const Difference& part = node.parts[i];
    if (!IsShown(part, around)) {
      ++hidden;
      continue;
    }
    Warn(part, indent + 1);
    Begin(indent + 1, part.action);
    out_ += Padded(value::Quote(node.names[i]), width) + " = ";
    Write(part, indent + 1, inner);
    bool is_object = part.shape == Shape::kObject || part.shape == Shape::kNestedObject;
    out_ += is_object ? ",\n" : "\n";
  }
  Counted(indent + 1, hidden, "element");
  Close(node, indent, '}', true, around);
}

void Writer::List(const Difference& node, int indent, const Around& around) {
  if (node.parts.empty()) {
    out_ += "[]";
    ArrowToNull(node, around);
    return Replacement(node, around);
  }
  out_ += "[";
  Replacement(node, around);
  out_ += "\n";
  auto write = [&](const Difference& part, const Around& told) {
    Warn(part, indent + 1);
    Begin(indent + 1, part.action);
    Write(part, indent + 1, told);
    out_ += ",\n";
  };
  // In a list the place counts: the neighbours of a change say where it is.
  bool shows_neighbours = node.shape == Shape::kList;
  bool shows_next = false;
  std::vector<const Difference*> passed;
  for (const Difference& part : node.parts) {
    if (!IsShown(part, around) && !shows_next) {
      passed.push_back(&part);
      continue;
    }
    bool is_neighbour = shows_next && part.action == Action::kNoOp;
    shows_next = false;
    if (shows_neighbours) {
      if (passed.size() > 1) Counted(indent + 1, passed.size() - 1, "element");
      if (!passed.empty()) write(*passed.back(), around.Unchanged());
      passed.clear();
      shows_next = part.action != Action::kNoOp;
    }
    write(part, is_neighbour ? around.Unchanged() : around.NoArrow());
  }
  Counted(indent + 1, passed.size(), "element");
  Close(node, indent, ']', true, around);
}

void Writer::Set(const Difference& node, int indent, const Around& around) {
  bool is_nested = node.shape == Shape::kNestedSet;
  bool forces = node.forces_replacement && !is_nested;
  if (node.parts.empty()) {
    out_ += "[]";
    ArrowToNull(node, around);
    return Replacement(forces || around.forces_replacement);
  }
  out_ += "[";
  Replacement(forces || around.forces_replacement);
  out_ += "\n";
  Around inner = around.NoArrow();
  inner.forces_replacement = node.forces_replacement && is_nested;
  size_t hidden = 0;
  for (const Difference& part : node.parts) {
    if (!IsShown(part, around)) {
      ++hidden;
      continue;
    }
    Warn(part, indent + 1);
    Begin(indent + 1, part.action);
    Write(part, indent + 1, inner);
    out_ += ",\n";
  }
  Counted(indent + 1, hidden, "element");
  Close(node, indent, ']', true, around);
}

void Writer::HiddenBlock(const Difference& node, int indent, const Around& around) {
  out_ += "{";
  Replacement(node, around);
  out_ += "\n";
  Begin(indent, Action::kNoOp);
  out_ += "  # What is in this block is sensitive, now or before, and is not shown.\n";
  Close(node, indent, '}', false, around);
}

// The number of those that were not shown.
size_t Writer::Blocks(const BlockGroup& group, bool has_attributes, int indent,
                      const Around& around) {
  size_t hidden = 0;
  bool is_first = true;
  for (size_t i = 0; i < group.blocks.size(); ++i) {
    const Difference* block = &group.blocks[i];
    Difference covered;
    bool is_covered = (block->action != Action::kDelete && group.is_sensitive) ||
                      (block->action != Action::kCreate && group.was_sensitive);
    if (is_covered && block->shape != Shape::kSensitiveBlock) {
      covered = {.shape = Shape::kSensitiveBlock,
                 .action = block->action,
                 .was_sensitive = group.was_sensitive,
                 .is_sensitive = group.is_sensitive,
                 .parts = {*block}};
      if (covered.action == Action::kNoOp && group.was_sensitive != group.is_sensitive) {
        covered.action = Action::kUpdate;
      }
      block = &covered;
    }
    if (!IsShown(*block, around)) {
      ++hidden;
      continue;
    }
    if (is_first && has_attributes) out_ += "\n";
    is_first = false;
    Warn(*block, indent);
    Begin(indent, block->action);
    out_ += NameText(group.name) + " ";
    if (!group.labels.empty()) out_ += value::Quote(group.labels[i]) + " ";
    Around inner = around.Inner();
    inner.forces_replacement = group.forces_replacement;
    Write(*block, indent, inner);
    out_ += "\n";
  }
  return hidden;
}

void Writer::Block(const Difference& node, int indent, const Around& around) {
  if (node.parts.empty() && node.groups.empty()) {
    out_ += "{}";
    return Replacement(node, around);
  }
  out_ += "{";
  Replacement(node, around);
  out_ += "\n";
  Counted(indent + 1, Attributes(node, indent + 1, around, around.Inner()), "attribute");
  size_t hidden = 0;
  for (const BlockGroup& group : node.groups) {
    hidden += Blocks(group, !node.parts.empty(), indent + 1, around);
  }
  if (hidden > 0 && style_.counts_hidden) out_ += "\n";
  Counted(indent + 1, hidden, "block");
  Close(node, indent, '}', false, around);
}

bool IsIdentifier(std::string_view name) {
  auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
  };
  return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || c == '-' || (c >= '0' && c <= '9');
  });
}

}  // namespace

std::string NameText(std::string_view name) {
  return IsIdentifier(name) ? std::string(name) : value::Quote(name);
}

std::string DifferenceText(const Difference& difference, int indent, const TextStyle& style) {
  std::string out;
  Writer(style, out)
      .Write(difference, indent,
             {.shows_unchanged = style.shows_unchanged, .shows_arrow = style.shows_arrows_to_null});
  return out;
}

}  // namespace andon::infratext
