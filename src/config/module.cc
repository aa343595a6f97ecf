#include "config/module.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "config/codes.h"
#include "config/terraform/decoder.h"
#include "config/terraform/files.h"
#include "hcl/eval.h"
#include "hcl/json_file.h"
#include "hcl/parser.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"
#include "io/path.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using value::Value;

constexpr std::string_view kDataSuffix = ".andon.hcl";
constexpr std::string_view kTestSuffix = ".andontest.hcl";

enum class FileKind { kTerraform, kOverride, kData, kTest };

std::optional<FileKind> KindOf(std::string_view name) {
  if (IsIgnoredFile(name)) return std::nullopt;
  if (name.ends_with(kDataSuffix)) return FileKind::kData;
  if (name.ends_with(kTestSuffix)) return FileKind::kTest;
  if (!IsTerraformFile(name)) return std::nullopt;
  return IsOverrideFile(name) ? FileKind::kOverride : FileKind::kTerraform;
}

bool IsTerraform(FileKind kind) {
  return kind == FileKind::kTerraform || kind == FileKind::kOverride;
}

// Blocks that this version does not act on, and that stand in Terraform's own files only.
constexpr std::string_view kTerraformNotYet[] = {"resource", "data",  "module",  "ephemeral",
                                                 "import",   "moved", "removed", "check"};
// Blocks that concern only Terraform itself; there is nothing to do for them.
constexpr std::string_view kTerraformOnly[] = {"terraform", "provider", "language"};
// Known from the language's description, and to come.
constexpr std::string_view kDataNotYet[] = {"sink", "alarm", "incident_policy", "environment",
                                            "dashboard"};

template <typename List>
bool Contains(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

class Loader {
 public:
  Loader(const io::FileSystem& files, Module* module, const ReadOptions& options)
      : files_(files), module_(module), options_(options), decoder_(module) {}

  void Load() {
    auto entries = files_.List(module_->dir);
    if (!entries.ok()) {
      Report(&diagnostics(), kUnreadableFile, entries.error().message, {});
      return;
    }
    std::set<std::string, std::less<>> names;
    for (const io::FileInfo& entry : *entries) {
      if (!entry.is_dir) names.insert(entry.name);
    }
    std::vector<std::string> overrides;
    for (const std::string& name : names) {
      auto kind = KindOf(name);
      if (!kind || IsReplacedByTofu(name, names)) continue;
      if (*kind == FileKind::kOverride) {
        overrides.push_back(name);
      } else if (*kind != FileKind::kTest || options_.with_tests) {
        LoadFile(name, *kind);
      }
    }
    for (const std::string& name : overrides) LoadFile(name, FileKind::kOverride);
    decoder_.Finish();
    if (options_.with_tests) LoadTestFolder();
    if (!module_->has_syntax_errors) ExpandBlocks();
    if (module_->has_syntax_errors || is_incompatible_) diagnostics() = {};
    diagnostics().Append(std::move(syntax_));
    diagnostics().Append(std::move(incompatible_));
  }

 private:
  Diagnostics& diagnostics() { return module_->diagnostics; }

  // The blocks that others stand for, once all that are written are known.
  void ExpandBlocks() {
    std::set<std::string> declared;
    for (const auto& [address, unused] : module_->block_by_address) declared.insert(address);
    size_t written = module_->blocks.size();
    for (size_t i = 0; i < written; ++i) {
      const BlockSchema* schema = module_->blocks[i].schema;
      if (schema->expand == nullptr || module_->blocks[i].is_broken) continue;
      Expanded more = schema->expand(files_, module_->dir, module_->blocks[i], declared);
      module_->blocks[i].kept = std::move(more.kept);
      module_->has_syntax_errors |= more.diagnostics.has_errors();
      syntax_.Append(std::move(more.diagnostics));
      module_->sources.Add(more.filename, more.text);
      hcl::ParsedFile parsed = hcl::ParseFile(more.filename, std::move(more.text));
      syntax_.Append(parsed.diagnostics);
      module_->files.push_back(parsed.file);
      for (const hcl::Block& block : parsed.file->body().blocks) ReadBlock(block, FileKind::kData);
    }
  }

  void LoadTestFolder() {
    std::string folder(kTestFolder);
    auto entries = files_.List(io::Join(module_->dir, folder));
    if (!entries.ok()) return;  // There need not be one.
    for (const io::FileInfo& entry : *entries) {
      if (!entry.is_dir && KindOf(entry.name) == FileKind::kTest)
        LoadFile(io::Join(folder, entry.name), FileKind::kTest);
    }
  }

  void LoadFile(const std::string& file, FileKind kind) {
    auto text = files_.Read(io::Join(module_->dir, file));
    std::string name = io::Join(options_.shown_as, file);
    (kind == FileKind::kData ? module_->has_data_files : module_->has_terraform_files) = true;
    if (options_.is_called && kind == FileKind::kData) return RefuseCalled(name);
    if (!text.ok()) {
      Report(&diagnostics(), kUnreadableFile, text.error().message, {});
      return;
    }
    module_->sources.Add(name, *text);
    bool is_json = name.ends_with(".json");
    hcl::ParsedFile parsed = is_json ? hcl::ParseJsonFile(name, std::move(*text))
                                     : hcl::ParseFile(name, std::move(*text));
    module_->has_syntax_errors |= parsed.diagnostics.has_errors();
    syntax_.Append(parsed.diagnostics);
    module_->files.push_back(parsed.file);
    const hcl::Body& body = parsed.file->body();
    if (IsTerraform(kind) && !IsForThisVersion(body)) return;
    if (is_json) return LoadJson(body, kind);
    for (const hcl::Attribute& attribute : body.attributes) {
      Report(
          &diagnostics(), hcl::kUnsupportedArgument,
          fmt::format("\"{}\" stands outside of any block. Arguments belong into one; a value with "
                      "a name of its own goes into a locals block.",
                      attribute.name),
          attribute.name_range());
    }
    for (const hcl::Block& block : body.blocks) ReadBlock(block, kind);
    if (IsTerraform(kind)) WarnOfDataReferences(body);
  }

  void RefuseCalled(const std::string& name) {
    Diagnostic d = Message(kNotYet,
                           "A module that another calls holds Terraform's files only in this "
                           "version; its data blocks would silently be missing.",
                           {name, {}, {}});
    d.help = "Move the file into the folder of the root module.";
    diagnostics().Add(std::move(d));
  }

  // Where the module wants another version, that is all that is worth telling.
  bool IsForThisVersion(const hcl::Body& body) {
    Diagnostics before = std::move(diagnostics());
    diagnostics() = {};
    bool is_fine = decoder_.CheckVersion(body);
    Diagnostics found = std::move(diagnostics());
    diagnostics() = std::move(before);
    is_incompatible_ |= !is_fine;
    (is_fine ? diagnostics() : incompatible_).Append(std::move(found));
    return is_fine;
  }

  // A JSON text does not say what is a block: the schema does.
  void LoadJson(const hcl::Body& body, FileKind kind) {
    hcl::BodyContent content = hcl::Content(body, Decoder::FileSchema());
    diagnostics().Append(std::move(content.diagnostics));
    for (const hcl::Block* block : content.blocks) {
      decoder_.Read(*block, kind == FileKind::kOverride);
      WarnOfDataReferences(block->body);
    }
  }

  // AN3001: the file would no longer be Terraform's.
  void WarnOfDataReferences(const hcl::Body& body) {
    for (const hcl::Attribute& attribute : body.attributes) {
      for (const hcl::Traversal& reference : hcl::References(attribute.expression())) {
        if (module_->language->Find(reference.root) == nullptr) continue;
        Diagnostic d = Message(
            kTerraformRefers,
            fmt::format("\"{}\" is declared in *.andon.hcl, which Terraform and OpenTofu do "
                        "not read: this file no longer works with them.",
                        reference.ToString()),
            reference.range());
        d.severity = Severity::kWarning;
        d.help = "Move what refers to data blocks into a file whose name ends with .andon.hcl.";
        diagnostics().Add(std::move(d));
      }
    }
    for (const hcl::Block& block : body.blocks) WarnOfDataReferences(block.body);
  }

  void ReadBlock(const hcl::Block& block, FileKind kind) {
    bool is_shared =
        block.type == "locals" ||
        (kind != FileKind::kTest && (block.type == "variable" || block.type == "output"));
    if (is_shared || IsTerraform(kind)) {
      if (ReadTerraformBlock(block, kind == FileKind::kOverride)) return;
    }
    if (kind == FileKind::kTest) return ReadTestBlock(block);
    bool is_data = kind == FileKind::kData;
    if (Contains(kTerraformOnly, block.type)) return;
    if (Contains(kTerraformNotYet, block.type)) return NotYet(block, "infrastructure");
    if (const BlockSchema* schema = module_->language->Find(block.type)) {
      if (!is_data) return DataBlockInTerraform(block);
      if (schema->is_test) return TestOutsideOfTests(block);
      return ReadDataBlock(block, *schema);
    }
    if (is_data && Contains(kDataNotYet, block.type)) return NotYet(block, "this kind of block");
    std::string meant = UnknownBlock(block, false);
    const BlockSchema* schema = is_data ? module_->language->Find(meant) : nullptr;
    if (schema != nullptr)
      ReadDataBlock(block, *schema);  // References to it are no further mistakes.
  }

  // False where the type is none of Terraform's.
  bool ReadTerraformBlock(const hcl::Block& block, bool is_override) {
    for (const hcl::BlockSchema& schema : Decoder::FileSchema().blocks) {
      if (schema.type != block.type) continue;
      size_t wanted = schema.label_names.size();
      if (block.labels.size() == wanted) return decoder_.Read(block, is_override);
      std::string form;
      for (const std::string& label : schema.label_names)
        form += fmt::format("\"{}\" ", label == "type" ? "TYPE" : "NAME");
      Report(&diagnostics(), hcl::kWrongLabels,
             fmt::format("A \"{}\" block has {}: {} {}{{ … }}.", block.type,
                         wanted == 0   ? "no labels"
                         : wanted == 1 ? "one label, its name"
                                       : "two labels, its type and its name",
                         block.type, form),
             block.header_range());
      return true;
    }
    return false;
  }

  void ReadTestBlock(const hcl::Block& block) {
    const BlockSchema* schema = module_->language->Find(block.type);
    if (schema != nullptr && schema->is_test) return ReadDataBlock(block, *schema);
    bool is_known = schema != nullptr || Contains(kTerraformNotYet, block.type) ||
                    Contains(kTerraformOnly, block.type) || block.type == "variable" ||
                    block.type == "output";
    if (!is_known) {
      const BlockSchema* meant = module_->language->Find(UnknownBlock(block, true));
      if (meant != nullptr && meant->is_test) ReadDataBlock(block, *meant);
      return;
    }
    Diagnostic d = Message(kWrongFile,
                           fmt::format("A \"{}\" block must not stand in a file of tests: these "
                                       "see the whole project, but declare nothing of it.",
                                       block.type),
                           block.header_range());
    d.help = "Move it into a file whose name ends with .andon.hcl.";
    diagnostics().Add(std::move(d));
  }

  void TestOutsideOfTests(const hcl::Block& block) {
    Diagnostic d = Message(kWrongFile,
                           fmt::format("A \"{}\" block is a test, and must not stand among what "
                                       "the project declares.",
                                       block.type),
                           block.header_range());
    d.help = "Move it into a file whose name ends with .andontest.hcl.";
    diagnostics().Add(std::move(d));
  }

  void NotYet(const hcl::Block& block, std::string_view what) {
    Diagnostic d =
        Message(kNotYet,
                fmt::format("This version of Andon does not yet act on \"{}\" blocks, so "
                            "{} would silently be missing.",
                            block.type, what),
                block.header_range());
    d.help = "Move the block out of this folder for now.";
    diagnostics().Add(std::move(d));
  }

  void DataBlockInTerraform(const hcl::Block& block) {
    Diagnostic d =
        Message(kUnknownBlock,
                fmt::format("A \"{}\" block is no part of Terraform's language, so it must "
                            "not stand in a .tf file.",
                            block.type),
                block.header_range());
    d.help = "Move it into a file whose name ends with .andon.hcl.";
    diagnostics().Add(std::move(d));
  }

  std::string UnknownBlock(const hcl::Block& block, bool is_test) {
    std::vector<std::string> others{"locals"};
    if (!is_test) others = {"variable", "locals", "output"};
    std::string meant = module_->language->DidYouMean(block.type);
    if (meant.empty()) meant = DidYouMean(block.type, others);
    Diagnostic d =
        Message(kUnknownBlock, fmt::format("There is no block of the kind \"{}\".", block.type),
                block.type_range());
    d.at_caret = Suggest(meant);
    if (meant.empty())
      d.help = fmt::format("Kinds: {}, {}.", Join(KindsOf(is_test), ", "), Join(others, ", "));
    diagnostics().Add(std::move(d));
    return meant;
  }

  // Those that may stand in files of tests, or in the others.
  std::vector<std::string> KindsOf(bool is_test) const {
    std::vector<std::string> kinds;
    for (const BlockSchema* schema : module_->language->blocks()) {
      if (schema->is_test == is_test) kinds.push_back(schema->kind);
    }
    return kinds;
  }

  std::string CheckName(const hcl::Block& block, size_t label) {
    std::string name(block.labels[label].text);
    if (!hcl::IsIdentifier(name)) {
      Report(&diagnostics(), kInvalidName,
             fmt::format(
                 "\"{}\" is no name: it must begin with a letter or underscore and contain only "
                 "letters, digits, underscores and dashes.",
                 name),
             block.label_range(label));
      return {};
    }
    return name;
  }

  void Duplicate(std::string what, const SourceRange& again, const SourceRange& first) {
    Diagnostic d =
        Message(kDuplicate, std::move(what) + " is declared twice. Names must be unique.", again);
    d.labels.push_back({first, "declared here first"});
    diagnostics().Add(std::move(d));
  }

  // A constant of a type; reports and gives null otherwise.
  Value Constant(hcl::Expression expression, const value::Type& type, const Code& code) {
    auto evaluated = hcl::EvaluateConstant(expression);
    diagnostics().Append(evaluated.diagnostics);
    if (evaluated.diagnostics.has_errors()) return Value::Null(type);
    auto converted = value::Convert(evaluated.value, type);
    if (converted.ok()) return *converted;
    Report(&diagnostics(), code, "This value does not fit: " + converted.error().message + ".",
           expression.range());
    return Value::Null(type);
  }

  bool ConstantBool(const hcl::Attribute* attribute, bool fallback) {
    if (attribute == nullptr) return fallback;
    Value value = Constant(attribute->expression(), value::Type::Bool(), kInvalidSetting);
    return value.is_known_not_null() ? value.boolean() : fallback;
  }

  // Labels of a data block; false after a report.
  bool ReadLabels(const hcl::Block& block, const BlockSchema& schema, DataBlock* out) {
    size_t wanted = schema.is_single ? 0 : schema.types.empty() ? 1 : 2;
    if (block.labels.size() != wanted) {
      WrongLabels(block, schema, wanted);
      out->is_broken = true;
      if (wanted > 0 && !block.labels.empty()) out->name = block.labels.back().text;
      return wanted > 0 && !block.labels.empty() && hcl::IsIdentifier(out->name);
    }
    if (wanted == 2) {
      out->type = block.labels[0].text;
      if (schema.FindType(out->type) == nullptr) {
        out->type = UnknownType(block, schema);
        out->is_broken = out->type.empty();
      }
    }
    if (wanted > 0) out->name = CheckName(block, wanted - 1);
    return wanted == 0 || !out->name.empty();
  }

  void WrongLabels(const hcl::Block& block, const BlockSchema& schema, size_t wanted) {
    std::string form = schema.kind;
    if (wanted == 2) form += fmt::format(" \"{}\"", schema.types[0].name);
    if (wanted > 0) form += " \"NAME\"";
    std::string detail = fmt::format("A \"{}\" block has {}: {} {{ … }}.", schema.kind,
                                     wanted == 0   ? "no labels"
                                     : wanted == 1 ? "one label, its name"
                                                   : "two labels, its type and its name",
                                     form);
    Diagnostic d = Message(hcl::kWrongLabels, detail, block.header_range());
    if (wanted == 2 && block.labels.size() == 1) {
      d.help = fmt::format("Types: {}.", TypeNames(schema));
    }
    diagnostics().Add(std::move(d));
  }

  static std::string TypeNames(const BlockSchema& schema) {
    std::vector<std::string> names;
    for (const TypeSchema& type : schema.types) names.push_back(type.name);
    return Join(names, ", ");
  }

  // The type that was meant, or nothing.
  std::string UnknownType(const hcl::Block& block, const BlockSchema& schema) {
    std::vector<std::string> names;
    for (const TypeSchema& type : schema.types) names.push_back(type.name);
    std::string meant = DidYouMean(block.labels[0].text, names);
    Diagnostic d = Message(kUnknownType,
                           fmt::format("There is no {} of the type \"{}\" in this version.",
                                       schema.kind, block.labels[0].text),
                           block.label_range(0));
    d.at_caret = Suggest(meant);
    if (meant.empty()) d.help = fmt::format("Types: {}.", Join(names, ", "));
    diagnostics().Add(std::move(d));
    return meant;
  }

  void ReadDataBlock(const hcl::Block& block, const BlockSchema& schema) {
    DataBlock data{
        .kind = schema.kind, .schema = &schema, .block = &block, .range = block.header_range()};
    if (!ReadLabels(block, schema, &data)) return;
    if (!data.is_broken) {
      ReadMeta(block, &data);
      CheckAttributes(block, data);
    }
    std::string address = data.address();
    if (schema.is_rule) {
      for (const DataBlock& rule : module_->rules) {
        if (rule.address() == address)
          return Duplicate(fmt::format("\"{}\"", address), data.range, rule.range);
      }
      module_->rules.push_back(std::move(data));
      return;
    }
    auto [it, is_new] = module_->block_by_address.try_emplace(address, module_->blocks.size());
    if (!is_new) {
      Duplicate(fmt::format("\"{}\"", address), data.range, module_->blocks[it->second].range);
      return;
    }
    module_->blocks.push_back(std::move(data));
  }

  void ReadMeta(const hcl::Block& block, DataBlock* data) {
    if (data->schema->is_single || data->schema->is_rule) return;
    if (auto* for_each = block.body.Find("for_each")) data->for_each = for_each->expression();
    if (auto* count = block.body.Find("count")) data->count = count->expression();
    if (data->for_each && data->count) {
      Report(&diagnostics(), kInvalidCount, "A block has either for_each or count, not both.",
             data->count.range());
      data->count = {};
    }
    if (auto* depends_on = block.body.Find("depends_on")) ReadDependsOn(*depends_on, data);
    for (const hcl::Block& inner : block.body.blocks) {
      if (inner.type == "lifecycle") {
        ReadLifecycle(inner, data);
      } else {
        Report(&diagnostics(), hcl::kUnsupportedBlock,
               fmt::format("A \"{}\" block holds no block \"{}\".", block.type, inner.type),
               inner.type_range(),
               data->schema->FindAttribute(data->type, inner.type) != nullptr
                   ? fmt::format("write it with an equals sign: {} = {{ … }}", inner.type)
                   : std::string());
      }
    }
  }

  void ReadDependsOn(const hcl::Attribute& attribute, DataBlock* data) {
    auto items = hcl::AsList(attribute.expression());
    if (!items) {
      Report(&diagnostics(), kInvalidReference,
             "depends_on takes a list of references, like [dataset.rental].",
             attribute.expression().range());
      return;
    }
    for (hcl::Expression item : *items) {
      if (auto traversal = hcl::AsTraversal(item)) {
        data->depends_on.push_back(*traversal);
      } else {
        Report(&diagnostics(), kInvalidReference,
               "depends_on takes only references, like dataset.rental.", item.range());
      }
    }
  }

  void ReadLifecycle(const hcl::Block& block, DataBlock* data) {
    static const hcl::BodySchema kSchema = {
        .attributes = {{"prevent_destroy"}, {"ignore_changes"}}};
    auto content = hcl::Content(block.body, kSchema);
    diagnostics().Append(content.diagnostics);
    data->prevent_destroy = ConstantBool(content.Find("prevent_destroy"), false);
    auto* ignore = content.Find("ignore_changes");
    if (ignore == nullptr) return;
    if (hcl::AsKeyword(ignore->expression()) == "all") {
      for (auto* a : data->schema->AttributesOf(data->type))
        data->ignore_changes.push_back(a->name);
      return;
    }
    auto items = hcl::AsList(ignore->expression());
    for (hcl::Expression item : items.value_or(std::vector<hcl::Expression>{})) {
      std::string_view word = hcl::AsKeyword(item);
      if (data->schema->FindAttribute(data->type, word) != nullptr) {
        data->ignore_changes.emplace_back(word);
        continue;
      }
      Report(&diagnostics(), kInvalidSetting,
             fmt::format("ignore_changes takes names of attributes of a {}.", data->kind),
             item.range());
    }
    if (!items) {
      Report(&diagnostics(), kInvalidSetting, "ignore_changes takes a list of attributes, or all.",
             ignore->expression().range());
    }
  }

  // Names only: a misspelled one is told once, here, whatever its value.
  void CheckAttributes(const hcl::Block& block, const DataBlock& data) {
    std::vector<std::string> known;
    for (auto* a : data.schema->AttributesOf(data.type)) {
      if (!a->is_computed) known.push_back(a->name);
    }
    if (!data.schema->is_single && !data.schema->is_rule) {
      for (const AttributeSchema& a : MetaAttributes()) known.push_back(a.name);
    }
    std::set<std::string> misspelled;
    for (const hcl::Attribute& attribute : block.body.attributes) {
      if (Contains(known, attribute.name)) continue;
      std::string meant = DidYouMean(attribute.name, known);
      misspelled.insert(meant);
      Diagnostic d =
          Message(hcl::kUnsupportedArgument,
                  fmt::format("A \"{}\" block has no argument \"{}\".", data.kind, attribute.name),
                  attribute.name_range());
      d.at_caret = Suggest(meant);
      d.address = data.address();
      if (meant.empty()) d.help = "Arguments: " + Join(known, ", ") + ".";
      diagnostics().Add(std::move(d));
    }
    for (auto* a : data.schema->AttributesOf(data.type)) {
      if (!a->required || block.body.Find(a->name) != nullptr || misspelled.contains(a->name))
        continue;
      Diagnostic d =
          Message(hcl::kMissingArgument,
                  fmt::format("The argument \"{}\" is required: {}", a->name, a->doc), data.range);
      d.address = data.address();
      if (!a->example.empty()) d.help = fmt::format("{} = {}", a->name, a->example);
      diagnostics().Add(std::move(d));
    }
  }

  const io::FileSystem& files_;
  Module* module_;
  const ReadOptions& options_;
  Decoder decoder_;
  Diagnostics syntax_;
  Diagnostics incompatible_;
  bool is_incompatible_ = false;
};

}  // namespace

const DataBlock* Module::FindBlock(std::string_view address) const {
  auto it = block_by_address.find(address);
  return it == block_by_address.end() ? nullptr : &blocks[it->second];
}

std::vector<std::string> Module::NamesOf(std::string_view kind) const {
  std::vector<std::string> names;
  for (const DataBlock& block : blocks) {
    if (block.kind == kind) names.push_back(block.name);
  }
  return names;
}

void RefuseInfrastructure(Module* module) {
  auto refuse = [&](std::string_view type, const SourceRange& range) {
    Diagnostic d =
        Message(kNotYet,
                fmt::format("This version of Andon does not yet act on \"{}\" blocks, so "
                            "infrastructure would silently be missing.",
                            type),
                range);
    d.help = "Move the block out of this folder for now.";
    module->diagnostics.Add(std::move(d));
  };
  const Terraform& terraform = module->terraform;
  for (const auto& [address, resource] : terraform.resources) {
    if (resource.check.empty()) refuse(BlockType(resource.mode), resource.range);
  }
  for (const auto& [name, call] : terraform.module_calls) refuse("module", call.range);
  for (const auto& [name, check] : terraform.checks) refuse("check", check.range);
  for (const Moved& moved : terraform.moved) refuse("moved", moved.range);
  for (const Removed& removed : terraform.removed) refuse("removed", removed.range);
  for (const Import& import : terraform.imports) refuse("import", import.range);
}

Module Load(const io::FileSystem& files, const std::string& dir, const Language& language,
            const ReadOptions& options) {
  Module module;
  module.dir = dir;
  module.language = &language;
  Loader(files, &module, options).Load();
  return module;
}

}  // namespace andon::config
