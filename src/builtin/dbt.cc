// A dbt project: its models, seeds, snapshots and sources are datasets that dbt builds and Andon
// checks in place.
#include "builtin/dbt.h"

#include <fmt/format.h>

#include "base/text.h"
#include "builtin/block.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "value/display.h"

namespace andon::builtin {
namespace {

using config::Form;

// A literal text of the block; `ok` is false where it is something else.
std::string LiteralText(const config::DataBlock& block, std::string_view name, bool* ok,
                        Diagnostics* diagnostics) {
  const hcl::Attribute* attribute = block.block->body.Find(name);
  if (attribute == nullptr) return {};
  auto evaluated = hcl::EvaluateConstant(attribute->expression());
  bool is_text = !evaluated.diagnostics.has_errors() && evaluated.value.is_known_not_null() &&
                 evaluated.value.type().is_string();
  if (is_text) return evaluated.value.string();
  *ok = false;
  Diagnostic d = config::Message(
      config::kMustBeKnown,
      fmt::format("\"{}\" must be a plain text: the datasets of the project must be known before "
                  "anything is evaluated.",
                  name),
      attribute->expression().range());
  d.address = block.address();
  diagnostics->Add(std::move(d));
  return {};
}

config::Expanded Expand(const io::FileSystem& files, const std::string& dir,
                        const config::DataBlock& block, const std::set<std::string>& declared) {
  config::Expanded out{.filename = block.address()};
  bool ok = true;
  std::string path = LiteralText(block, "project", &ok, &out.diagnostics);
  std::string prefix = LiteralText(block, "prefix", &ok, &out.diagnostics);
  if (path.empty() || !ok) return out;
  auto project = ReadDbtProject(files, dir, path, prefix);
  if (!project.ok()) {
    Diagnostic d = config::Message(config::kDbt, project.error().message,
                                   block.block->body.Find("project")->expression().range());
    d.address = block.address();
    out.diagnostics.Add(std::move(d));
    return out;
  }
  for (const auto& [name, id] : project->id_of) {
    if (declared.contains("dataset." + name)) continue;
    out.text += fmt::format("dataset \"{0}\" {{\n  external = {1}.table.{0}\n}}\n\n", name,
                            block.address());
  }
  out.kept = std::make_shared<const DbtProject>(std::move(*project));
  return out;
}

config::BlockSchema Schema() {
  return {.kind = "dbt",
          .doc =
              "A dbt project. Its models, seeds, snapshots and sources are datasets, as its "
              "target/manifest.json has them: dbt goes on building them, and Andon checks them in "
              "place, puts them under contract and into lineage. dbt's tests are checks under the "
              "names of Great Expectations.",
          .has_tables = true,
          .attributes =
              {{.name = "project",
                .form = Form::kString,
                .required = true,
                .doc = "The folder of dbt_project.yml. Its target/manifest.json must be there: dbt "
                       "parse writes it; target/catalog.json, where it is there, gives the types.",
                .example = "\"./dbt\""},
               {.name = "profile",
                .form = Form::kString,
                .fallback = "that of dbt_project.yml",
                .doc = "The profile of profiles.yml that says where the tables are."},
               {.name = "target",
                .form = Form::kString,
                .fallback = "the profile's",
                .doc = "Its target: of the types duckdb and postgres.",
                .example = "\"prod\""},
               {.name = "profiles_dir",
                .form = Form::kString,
                .fallback = "DBT_PROFILES_DIR, the project's folder, ~/.dbt",
                .doc = "Where profiles.yml is."},
               {.name = "prefix",
                .form = Form::kString,
                .doc = "Stands before the names of its datasets, where two projects have the same.",
                .example = "\"shop_\""},
               {.name = "description", .form = Form::kString, .doc = "What it builds."},
               {.name = "owner",
                .form = Form::kReference,
                .doc = "Who answers for datasets that name no owner in dbt.",
                .example = "team.payments",
                .kinds = {"team", "person"}},
               {.name = "tests_left_to_dbt",
                .form = Form::kStringMap,
                .doc = "Tests that have no equal among the expectations, with the reason: only dbt "
                       "runs them.",
                .is_computed = true}},
          .example = "dbt \"shop\" {\n  project = \"./dbt\"\n  target  = \"prod\"\n}\n",
          .aliases = {"dbt_project"},
          .expand = Expand};
}

}  // namespace

const DbtProject* DbtProjectOf(const config::Module& module, std::string_view address) {
  const config::DataBlock* block = module.FindBlock(address);
  if (block == nullptr) return nullptr;
  auto* kept = std::any_cast<std::shared_ptr<const DbtProject>>(&block->kept);
  return kept != nullptr ? kept->get() : nullptr;
}

const Block& DbtBlock() {
  static const Block kBlock = {.schema = Schema()};
  return kBlock;
}

}  // namespace andon::builtin
