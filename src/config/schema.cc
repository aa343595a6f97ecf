#include "config/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace andon::config {

std::string FormName(const AttributeSchema& a) {
  std::string kinds = Join(a.kinds, " or ");
  switch (a.form) {
    case Form::kString:
      return a.allowed.empty() ? "text" : "one word";
    case Form::kNumber:
      return "number";
    case Form::kInteger:
      return "whole number";
    case Form::kBool:
      return "true or false";
    case Form::kStrings:
      return "list of texts";
    case Form::kStringMap:
      return "map of texts";
    case Form::kDuration:
      return "duration";
    case Form::kSchedule:
      return "cron or duration";
    case Form::kTimezone:
      return "time zone";
    case Form::kSecret:
      return "text or secret()";
    case Form::kReference:
      return "reference to " + kinds;
    case Form::kReferences:
      return "list of references to " + kinds;
    case Form::kConsumers:
      return "list of references or names";
    case Form::kConsumer:
      return "reference or name";
    case Form::kTable:
      return "table of a source";
    case Form::kColumn:
      return "column of a dataset";
    case Form::kSql:
      return "SQL, or file()";
    case Form::kColumns:
      return "map of columns";
    case Form::kChecks:
      return "map of expectations";
    case Form::kObject:
      return a.shorthand.empty() ? "object" : "text or object";
    case Form::kObjects:
      return "object, or list of them";
    case Form::kText:
      return "text";
    case Form::kTypeName:
      return "type of a column";
    case Form::kAny:
      return "any value";
  }
  return {};
}

const TypeSchema* BlockSchema::FindType(std::string_view type) const {
  for (const TypeSchema& t : types) {
    if (t.name == type) return &t;
  }
  return nullptr;
}

std::vector<const AttributeSchema*> BlockSchema::AttributesOf(std::string_view type) const {
  std::vector<const AttributeSchema*> out;
  if (const TypeSchema* t = FindType(type)) {
    for (const AttributeSchema& a : t->attributes) out.push_back(&a);
  }
  for (const AttributeSchema& a : attributes) out.push_back(&a);
  return out;
}

const AttributeSchema* BlockSchema::FindAttribute(std::string_view type,
                                                  std::string_view name) const {
  if (const TypeSchema* t = FindType(type)) {
    for (const AttributeSchema& a : t->attributes) {
      if (a.name == name) return &a;
    }
  }
  for (const AttributeSchema& a : attributes) {
    if (a.name == name) return &a;
  }
  return nullptr;
}

const std::vector<AttributeSchema>& MetaAttributes() {
  static const std::vector<AttributeSchema> kMeta = {
      {.name = "for_each",
       .form = Form::kAny,
       .doc = "One instance for each member of a map or set of texts; each.key and each.value "
              "stand for it.",
       .example = "toset([\"eu\", \"us\"])"},
      {.name = "count",
       .form = Form::kInteger,
       .doc = "So many instances; count.index is the number of each, from 0.",
       .example = "2"},
      {.name = "depends_on",
       .form = Form::kReferences,
       .doc = "Objects that must be ready before this one, where no reference says so.",
       .example = "[dataset.rental]",
       .kinds = {"any object"}},
  };
  return kMeta;
}

Language::Language(std::vector<const BlockSchema*> blocks) : blocks_(std::move(blocks)) {}

const BlockSchema* Language::Find(std::string_view kind) const {
  for (const BlockSchema* block : blocks_) {
    if (block->kind == kind) return block;
  }
  return nullptr;
}

std::vector<std::string> Language::Kinds() const {
  std::vector<std::string> kinds;
  for (const BlockSchema* block : blocks_) kinds.push_back(block->kind);
  return kinds;
}

std::string Language::DidYouMean(std::string_view written) const {
  for (const BlockSchema* block : blocks_) {
    for (const std::string& alias : block->aliases) {
      if (AsciiLower(written) == AsciiLower(alias)) return block->kind;
    }
  }
  return andon::DidYouMean(written, Kinds());
}

namespace {

std::string Words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words)
    out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", word);
  return out;
}

std::string ExplainAttribute(const std::string& path, const AttributeSchema& a) {
  std::string out =
      fmt::format("{} ({}{})\n  {}\n", path, FormName(a), a.required ? ", required" : "", a.doc);
  if (!a.allowed.empty()) out += "  One of: " + Words(a.allowed) + "\n";
  if (!a.fallback.empty()) out += "  Without it: " + a.fallback + "\n";
  if (!a.shorthand.empty())
    out += fmt::format("  A plain text stands for {{ {} = … }}.\n", a.shorthand);
  if (!a.nested.empty()) {
    out += "  Attributes:\n";
    for (const AttributeSchema& n : a.nested) out += fmt::format("    {:<14} {}\n", n.name, n.doc);
  }
  if (!a.example.empty()) out += fmt::format("\n  {} = {}\n", a.name, a.example);
  return out;
}

std::string ExplainBlock(const BlockSchema& block) {
  std::string out = fmt::format("{}\n  {}\n", block.kind, block.doc);
  for (const TypeSchema& type : block.types)
    out += fmt::format("  {} \"{}\": {}\n", block.kind, type.name, type.doc);
  auto line = [&](const AttributeSchema& a) {
    out += fmt::format("    {:<14} {}{}\n", a.name, a.doc, a.required ? " Required." : "");
  };
  out += "\n  Attributes:\n";
  for (const AttributeSchema& a : block.attributes) line(a);
  for (const TypeSchema& type : block.types) {
    if (!type.attributes.empty()) out += fmt::format("  Of \"{}\":\n", type.name);
    for (const AttributeSchema& a : type.attributes) line(a);
  }
  if (!block.is_single && !block.is_rule) {
    out += "  Of every block:\n";
    for (const AttributeSchema& a : MetaAttributes()) line(a);
  }
  return out + "\n" + block.example;
}

// The attribute at `words` below the candidates, or null with the names that there are.
const AttributeSchema* FindNested(std::vector<const AttributeSchema*> candidates,
                                  const std::vector<std::string>& words, size_t at,
                                  std::vector<std::string>* known) {
  known->clear();
  for (const AttributeSchema* a : candidates) {
    known->push_back(a->name);
    if (a->name != words[at]) continue;
    if (at + 1 == words.size()) return a;
    std::vector<const AttributeSchema*> below;
    for (const AttributeSchema& n : a->nested) below.push_back(&n);
    return FindNested(std::move(below), words, at + 1, known);
  }
  return nullptr;
}

}  // namespace

std::string Explain(const Language& language, std::string_view path, std::string* suggestion) {
  std::vector<std::string> words = Split(path, '.');
  suggestion->clear();
  const BlockSchema* block = language.Find(words[0]);
  if (block == nullptr) {
    *suggestion = language.DidYouMean(words[0]);
    return {};
  }
  if (words.size() == 1) return ExplainBlock(*block);
  std::vector<const AttributeSchema*> candidates;
  for (const AttributeSchema& a : block->attributes) candidates.push_back(&a);
  for (const TypeSchema& type : block->types) {
    for (const AttributeSchema& a : type.attributes) candidates.push_back(&a);
  }
  for (const AttributeSchema& a : MetaAttributes()) candidates.push_back(&a);
  std::vector<std::string> known;
  const AttributeSchema* found = FindNested(std::move(candidates), words, 1, &known);
  if (found != nullptr) return ExplainAttribute(std::string(path), *found);
  if (std::string near = andon::DidYouMean(words.back(), known); !near.empty()) {
    words.back() = near;
    *suggestion = Join(words, ".");
  }
  return {};
}

namespace {

std::string Cell(std::string text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

void AttributeRows(const AttributeSchema& a, const std::string& prefix, std::string* out) {
  std::string says = a.doc;
  if (a.is_computed) says += " Not written.";
  if (!a.allowed.empty()) says += " One of " + Words(a.allowed) + ".";
  if (!a.fallback.empty()) says += " Without it: `" + a.fallback + "`.";
  *out += fmt::format("| `{}{}` | {} | {} | {} |\n", prefix, a.name, Cell(FormName(a)),
                      a.required ? "yes" : "", Cell(says));
  std::string below = prefix + a.name + (a.form == Form::kColumns ? ".*." : ".");
  for (const AttributeSchema& n : a.nested) AttributeRows(n, below, out);
}

void Table(const std::vector<AttributeSchema>& attributes, std::string* out) {
  *out += "| attribute | is | required | says |\n|---|---|---|---|\n";
  for (const AttributeSchema& a : attributes) AttributeRows(a, "", out);
  *out += "\n";
}

}  // namespace

std::string ReferencePage(const Language& language) {
  std::string out =
      "# Blocks of *.andon.hcl and *.andontest.hcl\n\n"
      "Generated from the schemas in `src/builtin`; `andon explain BLOCK.ATTRIBUTE` prints the "
      "same.\n\n";
  for (const BlockSchema* block : language.blocks()) {
    out += fmt::format("## {}\n\n{}\n\n```hcl\n{}```\n\n", block->kind, block->doc, block->example);
    Table(block->attributes, &out);
    for (const TypeSchema& type : block->types) {
      out += fmt::format("### {} \"{}\"\n\n{}\n\n", block->kind, type.name, type.doc);
      if (!type.attributes.empty()) Table(type.attributes, &out);
    }
  }
  out += "## Every block\n\n";
  Table(MetaAttributes(), &out);
  return out;
}

}  // namespace andon::config
