#include "config/terraform/body.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "config/codes.h"
#include "config/terraform/written_block.h"
#include "hcl/codes.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"
#include "provider/legacy_object.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using provider::NestedBlock;
using provider::Nesting;
using provider::TypedBlock;
using value::Marks;
using value::Type;
using value::Value;

// What the blocks of one type came to.
struct Gathered {
  std::vector<Value> values;
  std::vector<std::string> labels;                             // Of kMap.
  std::vector<std::pair<const hcl::File*, hcl::Span>> places;  // One for each value.
  bool is_unknown = false;  // A for_each is unknown: so is how many there are.
  Marks unknown_marks;

  SourceRange PlaceOf(size_t index) const {
    return places[index].first->Range(places[index].second);
  }
};

// Old providers have attributes that may be written as blocks: lists and sets of objects.
bool MayBeBlocks(const AttributeSchema& attribute) {
  const Type& type = attribute.type;
  return !attribute.nesting && (type.is_list() || type.is_set()) && type.element().is_object();
}

// Whether no old provider can have made this type.
bool IsModern(const Type& type) {
  if (type.is_structural()) return true;
  if (!type.is_collection()) return false;
  const Type& element = type.element();
  if (type.is_map() && element.is_object()) return true;
  return element.is_collection() && !element.element().is_primitive();
}

// Whether the schema is of a provider that does not mix up attributes and blocks.
bool IsModern(const BlockSchema& schema) {
  for (const AttributeSchema& attribute : schema.attributes) {
    if (attribute.nesting || IsModern(attribute.type)) return true;
  }
  return std::any_of(schema.blocks.begin(), schema.blocks.end(),
                     [](const NestedBlock& nested) { return IsModern(nested.block); });
}

BlockSchema SchemaOfObject(const Type& object) {
  BlockSchema schema;
  for (const Type::Attribute& attribute : object.attributes()) {
    schema.attributes.push_back({.name = attribute.name, .type = attribute.type, .optional = true});
  }
  return schema;
}

hcl::BodySchema NamesOf(const BlockSchema& schema, const std::set<std::string_view>& missing) {
  hcl::BodySchema names;
  for (const AttributeSchema& attribute : schema.attributes) {
    names.attributes.push_back({attribute.name, missing.contains(attribute.name)});
  }
  for (const NestedBlock& nested : schema.blocks) {
    hcl::BlockSchema block{.type = nested.name};
    if (nested.nesting == Nesting::kMap) block.label_names = {"key"};
    names.blocks.push_back(std::move(block));
  }
  names.blocks.push_back({.type = "dynamic", .label_names = {"type"}});
  return names;
}

class BodyDecoder {
 public:
  BodyDecoder(const BlockSchema& root, Diagnostics& out) : root_(root), out_(out) {}

  Value Decode(const hcl::Body& body, const TypedBlock& typed, const hcl::EvalContext& context);
  // A mistake inside of a dynamic block is found once for each element.
  bool has_repeated() const { return has_repeated_; }

 private:
  // What of a body fits no schema: reported together, and rarely.
  struct Unfit {
    std::vector<hcl::Attribute> attributes;
    std::vector<hcl::Block> blocks;
    std::set<std::string_view> missing;
  };

  // The blocks of one type: those of a nested block, or of an attribute written as blocks.
  struct Target {
    const NestedBlock* nested = nullptr;
    const AttributeSchema* attribute = nullptr;
  };

  std::vector<const hcl::Attribute*> MatchAttributes(const hcl::Body& body,
                                                     const BlockSchema& schema, Unfit* unfit);
  Value DecodeAttribute(const hcl::Attribute& written, const AttributeSchema& schema,
                        const Type& type, const Type& conversion, const hcl::EvalContext& context);
  Value FitAttribute(Value value, bool had_errors, const AttributeSchema& schema, const Type& type,
                     const Type& conversion, const hcl::Attribute* written,
                     const SourceRange& subject);
  Value FitBlocks(Gathered& blocks, const AttributeSchema& schema, const Type& type,
                  const Type& conversion);
  void GatherBlocks(const hcl::Body& body, const TypedBlock& typed, const hcl::EvalContext& context,
                    Unfit* unfit, std::map<std::string_view, Gathered>* gathered);
  Target TargetOf(std::string_view type, const BlockSchema& schema);
  void GatherDynamic(const WrittenBlock& block, const TypedBlock& typed, bool has_labels,
                     const hcl::EvalContext& context, Gathered* to);
  bool EvaluateLabel(const DynamicBlock& dynamic, const hcl::EvalContext& context,
                     std::string* label);
  Value Assemble(const NestedBlock& nested, const Type& type, Gathered& gathered,
                 const hcl::Body& body);
  Value AssembleMap(const NestedBlock& nested, const Type& type, Gathered& gathered);
  void CheckCount(const NestedBlock& nested, const Gathered& gathered, const hcl::Body& body);
  void ReportDynamicType(const WrittenBlock& block, const BlockSchema& schema);
  void ReportUnfit(const hcl::Body& body, const BlockSchema& schema, const Unfit& unfit);
  bool MixesAttributesAndBlocks();

  const BlockSchema& root_;
  Diagnostics& out_;
  bool has_repeated_ = false;
  std::optional<bool> is_modern_;
};

bool BodyDecoder::MixesAttributesAndBlocks() {
  if (!is_modern_) is_modern_ = IsModern(root_);
  return !*is_modern_;
}

// The written attribute for each one of the schema, or null.
std::vector<const hcl::Attribute*> BodyDecoder::MatchAttributes(const hcl::Body& body,
                                                                const BlockSchema& schema,
                                                                Unfit* unfit) {
  std::vector<const hcl::Attribute*> matched(schema.attributes.size());
  for (const hcl::Attribute& written : body.attributes) {
    if (const AttributeSchema* known = schema.FindAttribute(written.name)) {
      matched[known - schema.attributes.data()] = &written;
      continue;
    }
    bool is_block = IsJson(written.file) && (schema.FindBlock(written.name) != nullptr ||
                                             written.name == "dynamic" || written.name == "//");
    if (!is_block) unfit->attributes.push_back(written);
  }
  return matched;
}

Value BodyDecoder::Decode(const hcl::Body& body, const TypedBlock& typed,
                          const hcl::EvalContext& context) {
  const BlockSchema& schema = *typed.schema;
  Unfit unfit;
  std::vector<const hcl::Attribute*> written = MatchAttributes(body, schema, &unfit);
  std::map<std::string_view, Gathered> gathered;
  GatherBlocks(body, typed, context, &unfit, &gathered);

  // The type has the names of both, in order.
  Value::Members members;
  members.reserve(typed.type.attributes().size());
  size_t attribute = 0;
  size_t block = 0;
  for (size_t i = 0; i < typed.type.attributes().size(); ++i) {
    const auto& [name, type, optional] = typed.type.attributes()[i];
    const Type& conversion = typed.conversion.attributes()[i].type;
    auto blocks = gathered.find(name);
    bool is_attribute =
        attribute < schema.attributes.size() && schema.attributes[attribute].name == name;
    bool is_block = block < schema.blocks.size() && schema.blocks[block].name == name;
    Gathered* blocks_of = blocks == gathered.end() ? nullptr : &blocks->second;
    if (is_attribute) {
      const AttributeSchema& known = schema.attributes[attribute];
      if (written[attribute] != nullptr) {
        members.emplace_back(
            name, DecodeAttribute(*written[attribute], known, type, conversion, context));
      } else if (blocks_of != nullptr) {
        members.emplace_back(name, FitBlocks(*blocks_of, known, type, conversion));
      } else {
        if (known.required) unfit.missing.insert(known.name);
        members.emplace_back(name, Value::Null(type));
      }
    } else if (is_block) {
      Gathered none;
      members.emplace_back(name, Assemble(schema.blocks[block], type,
                                          blocks_of == nullptr ? none : *blocks_of, body));
    } else {
      members.emplace_back(name, Value::Null(type));
    }
    if (is_attribute) ++attribute;
    if (is_block) ++block;
  }
  ReportUnfit(body, schema, unfit);
  return Value::Object(typed.type, std::move(members));
}

Value BodyDecoder::DecodeAttribute(const hcl::Attribute& written, const AttributeSchema& schema,
                                   const Type& type, const Type& conversion,
                                   const hcl::EvalContext& context) {
  hcl::Evaluated evaluated = hcl::Evaluate(written.expression(), context);
  bool had_errors = evaluated.diagnostics.has_errors();
  if (!evaluated.diagnostics.empty()) out_.Append(std::move(evaluated.diagnostics));
  return FitAttribute(std::move(evaluated.value), had_errors, schema, type, conversion, &written,
                      {});
}

Value BodyDecoder::FitAttribute(Value value, bool had_errors, const AttributeSchema& schema,
                                const Type& type, const Type& conversion,
                                const hcl::Attribute* written, const SourceRange& subject) {
  value::ConversionError why;
  Result<Value> fitting = value::Convert(value, conversion, &why);
  if (fitting.ok()) return *std::move(fitting);
  // What could not be evaluated has been told.
  if (!had_errors) {
    SourceRange place = subject;
    if (written != nullptr) {
      hcl::Body alone{.file = written->file, .attributes = {written, 1}};
      std::vector<value::Step> steps = {value::AttributeStep{schema.name}};
      steps.insert(steps.end(), why.path.steps().begin(), why.path.steps().end());
      place = RangeOf(alone, value::Path(std::move(steps)));
    }
    Report(&out_, kIncorrectValue,
           fmt::format("Inappropriate value for attribute \"{}\": {}.", schema.name, ToString(why)),
           std::move(place));
  }
  return Value::Unknown(type).WithMarks(value.deep_marks());
}

// The value of an attribute that is written as blocks.
Value BodyDecoder::FitBlocks(Gathered& blocks, const AttributeSchema& schema, const Type& type,
                             const Type& conversion) {
  Value list = blocks.is_unknown ? Value::Unknown(type) : Value::Tuple(std::move(blocks.values));
  SourceRange place = blocks.places.empty() ? SourceRange() : blocks.PlaceOf(0);
  return FitAttribute(list.WithMarks(blocks.unknown_marks), false, schema, type, conversion,
                      nullptr, place);
}

BodyDecoder::Target BodyDecoder::TargetOf(std::string_view type, const BlockSchema& schema) {
  // Of an attribute and a block with one name the attribute counts.
  if (const AttributeSchema* attribute = schema.FindAttribute(type)) {
    return {.attribute =
                MayBeBlocks(*attribute) && MixesAttributesAndBlocks() ? attribute : nullptr};
  }
  return {.nested = schema.FindBlock(type)};
}

void BodyDecoder::ReportDynamicType(const WrittenBlock& block, const BlockSchema& schema) {
  std::vector<std::string> types;
  for (const NestedBlock& nested : schema.blocks) types.push_back(nested.name);
  Diagnostic d =
      Message(hcl::kUnsupportedBlock, fmt::format("There is no block \"{}\" here.", block.type),
              block.file->Range(block.type_span));
  d.at_caret = Suggest(DidYouMean(block.type, types));
  out_.Add(std::move(d));
}

// What the blocks of the body come to, by type.
void BodyDecoder::GatherBlocks(const hcl::Body& body, const TypedBlock& typed,
                               const hcl::EvalContext& context, Unfit* unfit,
                               std::map<std::string_view, Gathered>* gathered) {
  for (const hcl::Block& block : body.blocks) {
    if (block.type == "dynamic") {
      if (block.labels.size() != 1) unfit->blocks.push_back(block);
      continue;
    }
    Target target = TargetOf(block.type, *typed.schema);
    bool has_label = target.nested != nullptr && target.nested->nesting == Nesting::kMap;
    bool is_known = target.nested != nullptr || target.attribute != nullptr;
    if (!is_known || block.labels.size() != (has_label ? 1 : 0)) unfit->blocks.push_back(block);
  }
  for (const WrittenBlock& block : WrittenBlocks(body, *typed.schema, &out_)) {
    Target target = TargetOf(block.type, *typed.schema);
    BlockSchema of_object;
    TypedBlock inner;
    std::string_view name;
    if (target.nested != nullptr) {
      name = target.nested->name;
      inner = TypedBlock(typed, *target.nested);
    } else if (target.attribute != nullptr) {
      if (body.Find(block.type) != nullptr) {
        hcl::Report(out_, hcl::kUnsupportedBlock,
                    fmt::format("\"{}\" is set as an argument already.", block.type),
                    block.header_range());
        continue;
      }
      name = target.attribute->name;
      of_object = SchemaOfObject(target.attribute->type.element());
      inner = TypedBlock(of_object);
    } else {
      if (block.is_dynamic) ReportDynamicType(block, *typed.schema);
      continue;
    }
    bool has_label = target.nested != nullptr && target.nested->nesting == Nesting::kMap;
    Gathered& to = (*gathered)[name];
    if (block.is_dynamic) {
      GatherDynamic(block, inner, has_label, context, &to);
      continue;
    }
    if (block.labels.size() != (has_label ? 1 : 0)) continue;
    to.values.push_back(Decode(block.body, inner, context));
    if (has_label) to.labels.emplace_back(block.labels[0].text);
    to.places.emplace_back(block.file, block.header);
  }
}

void BodyDecoder::GatherDynamic(const WrittenBlock& block, const TypedBlock& typed, bool has_labels,
                                const hcl::EvalContext& context, Gathered* to) {
  std::optional<DynamicBlock> dynamic = ReadDynamic(block, has_labels, &out_);
  if (!dynamic) {
    // What was meant is not known; that it is missing is not told beside.
    to->is_unknown = true;
    return;
  }
  hcl::Evaluated evaluated = hcl::Evaluate(dynamic->for_each, context);
  bool had_errors = evaluated.diagnostics.has_errors();
  out_.Append(std::move(evaluated.diagnostics));
  Marks marks = evaluated.value.marks();
  Value each = evaluated.value.Unmark();
  bool may_iterate =
      each.type().is_dynamic() ? !each.is_known() : !each.type().is_primitive() && !each.is_null();
  if (!may_iterate && !had_errors) {
    std::string what = each.is_null() ? "a null value" : "a " + each.type().FriendlyName();
    Report(&out_, kInvalidDynamicForEach,
           fmt::format("Cannot use {} in for_each: a list, set, map, tuple or object is required.",
                       what),
           dynamic->for_each.range());
  }
  hcl::EvalContext inner;
  inner.parent = &context;
  Value& element = inner.variables[std::string(dynamic->iterator)];
  if (had_errors || !may_iterate || !each.is_known()) {
    element = Value::Object({{"key", Value::Dynamic()}, {"value", Value::Dynamic()}});
    // For the mistakes in it.
    Decode(dynamic->content.body, typed, inner);
    to->is_unknown = true;
    to->unknown_marks |= marks;
    return;
  }
  for (const auto& [key, value] : each.Elements()) {
    element = Value::Object({{"key", key}, {"value", value}});
    if (has_labels) {
      std::string label;
      if (!EvaluateLabel(*dynamic, inner, &label)) {
        to->is_unknown = true;
        return;
      }
      to->labels.push_back(std::move(label));
    }
    to->values.push_back(Decode(dynamic->content.body, typed, inner).WithMarks(marks));
    to->places.emplace_back(block.file, block.header);
    has_repeated_ = true;
  }
}

bool BodyDecoder::EvaluateLabel(const DynamicBlock& dynamic, const hcl::EvalContext& context,
                                std::string* label) {
  auto labels = hcl::AsList(dynamic.labels);
  if (!labels || labels->size() != 1) {
    Report(&out_, kInvalidDynamicLabel,
           fmt::format("\"labels\" is a list of one label: labels = [{}.key].", dynamic.iterator),
           dynamic.labels.range());
    return false;
  }
  hcl::Expression expression = (*labels)[0];
  hcl::Evaluated evaluated = hcl::Evaluate(expression, context);
  bool had_errors = evaluated.diagnostics.has_errors();
  out_.Append(std::move(evaluated.diagnostics));
  if (had_errors) return false;
  std::string problem;
  Result<Value> text = value::Convert(evaluated.value, Type::String());
  if (!text.ok()) {
    problem = text.error().message;
  } else if (text->is_null()) {
    problem = "it is null";
  } else if (!text->is_known()) {
    problem = "it is not yet known, and labels must be";
  } else if (text->contains_marked()) {
    problem = "it is sensitive or ephemeral, and labels are shown";
  } else {
    *label = text->string();
    return true;
  }
  Report(&out_, kInvalidDynamicLabel, fmt::format("Cannot use this value as a label: {}.", problem),
         expression.range());
  return false;
}

void BodyDecoder::CheckCount(const NestedBlock& nested, const Gathered& gathered,
                             const hcl::Body& body) {
  int64_t count = static_cast<int64_t>(gathered.values.size());
  bool is_one = nested.nesting == Nesting::kSingle || nested.nesting == Nesting::kGroup;
  if (count < nested.min_items) {
    Report(&out_, kMissingBlock,
           count == 0 && nested.min_items == 1
               ? fmt::format("A block of type \"{}\" is required here.", nested.name)
               : fmt::format("At least {} of type \"{}\" are required here.",
                             Count(nested.min_items, "block"), nested.name),
           body.file == nullptr ? SourceRange() : body.end_range());
  }
  int64_t most = is_one ? 1 : nested.max_items;
  if (most > 0 && count > most) {
    Report(&out_, kTooManyBlocks,
           fmt::format("No more than {} of type \"{}\" {} allowed here.", Count(most, "block"),
                       nested.name, most == 1 ? "is" : "are"),
           gathered.PlaceOf(most));
  }
}

Value BodyDecoder::Assemble(const NestedBlock& nested, const Type& type, Gathered& gathered,
                            const hcl::Body& body) {
  if (gathered.is_unknown) return Value::Unknown(type).WithMarks(gathered.unknown_marks);
  CheckCount(nested, gathered, body);
  std::vector<Value>& values = gathered.values;
  switch (nested.nesting) {
    case Nesting::kSingle:
      return values.empty() ? Value::Null(type) : values[0];
    case Nesting::kGroup:
      return values.empty() ? provider::EmptyValue(nested) : values[0];
    case Nesting::kList:
      if (type.is_dynamic()) return Value::Tuple(std::move(values));
      return Value::List(type.element(), std::move(values));
    case Nesting::kSet: {
      // A set has one type of elements, also where the schema leaves it open.
      for (size_t i = 1; i < values.size(); ++i) {
        if (values[i].type() == values[0].type()) continue;
        Report(&out_, kBlocksDiffer,
               fmt::format("The arguments of all blocks of type \"{}\" must have the same types.",
                           nested.name),
               gathered.PlaceOf(i));
        return Value::Unknown(type);
      }
      return Value::Set(type.element(), std::move(values));
    }
    case Nesting::kMap:
      return AssembleMap(nested, type, gathered);
  }
  return Value::Null(type);
}

Value BodyDecoder::AssembleMap(const NestedBlock& nested, const Type& type, Gathered& gathered) {
  Value::Members members;
  std::map<std::string_view, size_t> seen;
  for (size_t i = 0; i < gathered.values.size(); ++i) {
    const std::string& label = gathered.labels[i];
    auto [first, is_new] = seen.emplace(label, i);
    if (!is_new) {
      Report(&out_, kDuplicateBlock,
             fmt::format("A block {} \"{}\" stands at {} already: the labels must be unique.",
                         nested.name, label, ToString(gathered.PlaceOf(first->second))),
             gathered.PlaceOf(i));
      continue;
    }
    members.emplace_back(label, std::move(gathered.values[i]));
  }
  if (type.is_dynamic()) return Value::Object(std::move(members));
  return Value::Map(type.element(), std::move(members));
}

void BodyDecoder::ReportUnfit(const hcl::Body& body, const BlockSchema& schema,
                              const Unfit& unfit) {
  if (unfit.attributes.empty() && unfit.blocks.empty() && unfit.missing.empty()) return;
  if (body.file == nullptr) {
    // Nothing is written: a provider that is used without a block of its own.
    for (std::string_view name : unfit.missing) {
      hcl::Report(out_, hcl::kMissingArgument,
                  fmt::format("The argument \"{}\" is required, but is not set.", name), {});
    }
    return;
  }
  hcl::Body part = body;
  part.attributes = unfit.attributes;
  part.blocks = unfit.blocks;
  out_.Append(hcl::Content(part, NamesOf(schema, unfit.missing)).diagnostics);
}

// In the order of the source, each once.
Diagnostics Ordered(Diagnostics diagnostics, bool has_repeated) {
  diagnostics.Sort();
  if (!has_repeated) return diagnostics;
  Diagnostics once;
  const Diagnostic* last = nullptr;
  for (const Diagnostic& d : diagnostics) {
    bool is_same = last != nullptr && last->subject == d.subject && last->detail == d.detail &&
                   last->summary == d.summary;
    if (!is_same) once.Add(d);
    last = &d;
  }
  return once;
}

}  // namespace

DecodedBody DecodeBody(const hcl::Body& body, const TypedBlock& schema,
                       const hcl::EvalContext& context) {
  DecodedBody decoded;
  BodyDecoder decoder(*schema.schema, decoded.diagnostics);
  decoded.value = decoder.Decode(body, schema, context);
  if (decoded.diagnostics.size() > 1)
    decoded.diagnostics = Ordered(std::move(decoded.diagnostics), decoder.has_repeated());
  return decoded;
}

DecodedBody DecodeBody(const hcl::Body& body, const BlockSchema& schema,
                       const hcl::EvalContext& context) {
  return DecodeBody(body, TypedBlock(schema), context);
}

}  // namespace andon::config
