// YAML 1.2 text as a tree: what was written, and where.
//
//   yaml::Node root = TRY(yaml::Parse(text));
//   if (const yaml::Node* version = root.Find("version"))
//     fmt::print("{}:{}\n", version->start.line, version->text);
//
// One document of mappings with scalar keys, sequences and scalars; anchors are unfolded and
// merge keys ("<<") done. JSON is read as well, being YAML. What a scalar without quotes stands
// for is left to whoever reads the tree: ToJson (yaml/json.h) has the core schema.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace andon::yaml {

// Line and column are counted from 1, the column in bytes; `byte` from 0.
struct Position {
  int line = 1;
  int column = 1;
  int byte = 0;
  bool operator==(const Position&) const = default;
};

enum class Kind { kScalar, kSequence, kMapping };
enum class Style { kPlain, kQuoted, kBlock };  // Of a scalar: x, "x" or 'x', | or >.

struct Entry;

// Cheap to copy: what is below a node is shared, also by all the places that an alias stands in.
struct Node {
  Kind kind = Kind::kScalar;
  Style style = Style::kPlain;
  std::string text;   // Of a scalar; of "key:" with nothing behind it empty and plain.
  std::string tag;    // "!!str"; empty where there is none.
  Position start;     // Of the value, behind its anchor and tag.
  int64_t nodes = 1;  // In the whole of it, aliases counted as what they stand for.
  std::shared_ptr<const std::vector<Node>> sequence;  // Null where it is empty or none.
  std::shared_ptr<const std::vector<Entry>> mapping;

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_mapping() const { return kind == Kind::kMapping; }
  // Null, written or left out: only a scalar without quotes can be.
  bool is_null() const;
  const std::vector<Node>& items() const;     // Empty of what is no sequence.
  const std::vector<Entry>& entries() const;  // In the order of the text, each key once.
  const Node* Find(std::string_view key) const;
};

struct Entry {
  Node key;  // A scalar.
  Node value;
};

struct ParseOptions {
  // Of one key twice the last counts; without this it is an error.
  bool allows_duplicates = true;
};

// kInvalid, "on line 3, column 5: …", for what is no YAML, refers to itself, is nested deeper
// than 256, or unfolds to more than a million nodes.
Result<Node> Parse(std::string_view text, const ParseOptions& options = {});

// Where the JSON pointer ("/schema/0/name") leads: the place of the last key or item that there
// is on the way. For a pointer whose last step is a key, that of the key.
Position PositionOf(const Node& root, std::string_view pointer);

}  // namespace andon::yaml
