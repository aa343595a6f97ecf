// The schema of a block of the data language: one declarative table, from which
// come decoding, did-you-mean, `andon explain BLOCK.ATTR` and the reference page.
//
//   const BlockSchema kTeam = {
//       .kind = "team",
//       .doc = "People who own datasets and are told when one is red.",
//       .attributes = {{.name = "members", .form = Form::kReferences, .kinds = {"person"},
//                       .doc = "Who belongs to it.", .example = "[person.ana]"}},
//       .example = R"(team "payments" { members = [person.ana] })"};
#pragma once

#include <any>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace andon::io {
class FileSystem;
}

namespace andon::config {

struct DataBlock;
struct Decoded;

// What a block stands for besides itself, as a dbt project for its models: more blocks, as text.
struct Expanded {
  std::string filename;  // What messages call the text.
  std::string text;
  std::any kept;  // Stays with the block (DataBlock::kept), for whoever completes these blocks.
  // Where there are errors nothing else is told: what refers to the missing blocks is no mistake.
  Diagnostics diagnostics;
};

// How the value of an attribute is written. What a form takes is converted and
// checked by Decode; what depends on other objects is checked by src/builtin.
enum class Form {
  kString,
  kNumber,
  kInteger,
  kBool,
  kStrings,     // A list of texts.
  kStringMap,   // A map of texts.
  kDuration,    // "90s", "15m", "1h", "7d"
  kSchedule,    // Cron or a duration.
  kTimezone,    // An IANA name.
  kSecret,      // A text, or secret("env://NAME").
  kReference,   // The address of an object of one of `kinds`; recorded as its text.
  kReferences,  // A list of them.
  kConsumers,   // A list of addresses or names of those who are outside of the project.
  kConsumer,    // One of them.
  kTable,       // source.deliveries.table.payment
  kColumn,      // dataset.customer.column.customer_id
  kSql,         // A statement, or file("x.sql")
  kColumns,     // A map: the columns of a dataset; `nested` describes one.
  kChecks,      // A map of calls of expectations.
  kObject,      // An object; `nested` describes its attributes.
  kObjects,     // One such object, or a list of them; recorded as a list.
  kText,        // A text in a small language of its own, checked by the block.
  kTypeName,    // The type of a column: "long", "decimal(5,2)".
  kAny,
};

// What a reader of the reference page calls it: "text", "list of references to person".
struct AttributeSchema;
std::string FormName(const AttributeSchema& attribute);

struct AttributeSchema {
  std::string name;
  Form form = Form::kString;
  bool required = false;
  std::string fallback;              // What holds where it is not set, in HCL: "\"UTC\"".
  std::string doc;                   // One line.
  std::string example;               // An expression.
  std::vector<std::string> allowed;  // Of a text: one of these. Empty: any.
  std::vector<std::string> kinds;    // Of references: the kinds that are admitted.
  std::vector<AttributeSchema> nested;
  std::string shorthand;        // Of an object: a plain text means this attribute.
  bool may_be_unknown = false;  // Its value may wait for apply.
  bool is_computed = false;     // Never written: BlockSchema::complete gives it.
  bool is_recorded = true;      // Part of the definition; false: only there to be referred to.
};

// What the first of two labels chooses: `channel "webhook" "alerts"`.
struct TypeSchema {
  std::string name;
  std::string doc;
  std::vector<AttributeSchema> attributes;  // Beside those of the block.
};

struct BlockSchema {
  std::string kind;
  std::string doc;
  bool is_single = false;  // Has no labels and stands once: `andon`.
  bool is_test = false;    // Stands in *.andontest.hcl, and nowhere else.
  // No object of the project: expressions that are judged while something else is planned. Kept in
  // Module::rules, takes no for_each, count and depends_on, and nothing refers to it.
  bool is_rule = false;
  bool has_tables = false;        // KIND.NAME.table.X is a table of it.
  std::vector<TypeSchema> types;  // Empty: one label, the name.
  std::vector<AttributeSchema> attributes;
  std::string example;
  std::vector<std::string> aliases;  // What others call it, for did-you-mean: "model", "asset".
  // What follows from its attributes and from files, put in once they are decoded, so that others
  // may refer to it. Null: nothing does. Files are named relative to `dir`.
  void (*complete)(const io::FileSystem& files, const std::string& dir, Decoded* decoded) = nullptr;
  // The blocks that it stands for; those in `declared` (addresses) are written already. Null: none.
  Expanded (*expand)(const io::FileSystem& files, const std::string& dir, const DataBlock& block,
                     const std::set<std::string>& declared) = nullptr;

  const TypeSchema* FindType(std::string_view type) const;
  // Of the block and of the type, in the order of the documentation.
  std::vector<const AttributeSchema*> AttributesOf(std::string_view type) const;
  const AttributeSchema* FindAttribute(std::string_view type, std::string_view name) const;
};

// for_each, count and depends_on, which every block but the single ones takes.
const std::vector<AttributeSchema>& MetaAttributes();

// All kinds of blocks that a project may have.
class Language {
 public:
  Language() = default;
  explicit Language(std::vector<const BlockSchema*> blocks);

  const BlockSchema* Find(std::string_view kind) const;
  const std::vector<const BlockSchema*>& blocks() const { return blocks_; }
  std::vector<std::string> Kinds() const;
  // The kind that was meant, also by one of its aliases; empty for none.
  std::string DidYouMean(std::string_view written) const;

 private:
  std::vector<const BlockSchema*> blocks_;
};

// The text of `andon explain dataset` or `andon explain dataset.load.mode`; empty
// where there is no such thing, and then `suggestion` may hold a near name.
std::string Explain(const Language& language, std::string_view path, std::string* suggestion);

// docs/reference/blocks.md.
std::string ReferencePage(const Language& language);

}  // namespace andon::config
