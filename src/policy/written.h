// A resource as the rules see it: what is written in its block, or what a plan gives it, each part
// with the place in the files that it comes from.
//
// Blocks, objects in lists, and the argument of jsonencode() look alike: a Field with items.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "hcl/ast.h"
#include "policy/known_scope.h"
#include "value/value.h"

namespace andon::policy {

struct Item;

struct Field {
  SourceRange range;
  value::Value value;       // Unknown where it cannot be told; without marks.
  std::vector<Item> items;  // Of blocks and objects; empty for all else.
};

struct Item {
  SourceRange range;  // Where it begins.
  std::map<std::string, Field, std::less<>> fields;

  const Field* Find(std::string_view name) const;
  // Of attributes that are known: their text, or whether they are true. Empty, false else.
  std::string Text(std::string_view name) const;
  bool Is(std::string_view name, bool wanted) const;
  // Not written, null, or known to be false.
  bool IsOff(std::string_view name) const;
  // Items of the field of that name.
  const std::vector<Item>& Items(std::string_view name) const;
  // Where the attribute is written, else where the item begins.
  const SourceRange& RangeOf(std::string_view name) const;
};

// What is written. `head` is the range of the block's head. Blocks that a dynamic block makes are
// one, with what is known of all of them.
Item ReadBody(const hcl::Body& body, const SourceRange& head, KnownScope& scope);

// What is planned: `object` where it is known, else what is written; places as far as the two can
// be brought together.
Item ReadPlanned(const value::Value& object, const Item& written);

// The texts of a list or set of them, or of one text alone; what is unknown is left out.
std::vector<std::string> TextsOf(const Field* field);

// The document in a policy: what is handed to jsonencode(), or the JSON of a text.
std::vector<Item> DocumentOf(const Field& field);

}  // namespace andon::policy
