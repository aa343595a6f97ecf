#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cli/check_target.h"
#include "cli/hcl_text.h"
#include "cli/insert_checks.h"
#include "cli/planning.h"
#include "cli/world.h"
#include "hcl/format.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "line/check_now.h"
#include "line/external.h"
#include "line/intervene.h"
#include "quality/gx/suite.h"
#include "quality/propose/propose.h"

namespace andon::cli {
namespace {

using quality::Proposal;

// What the commands below learn from.
struct Learnt {
  std::string name;
  std::vector<Proposal> proposals;
  std::set<std::string> datasets;  // That calls may refer to.
};

// True where the dataset says the same already, by its columns or by a check of its own.
bool IsDeclared(const Json& dataset, const quality::CheckSpec& check) {
  const std::string& column = check.kwargs["column"].AsString();
  const Json& declared = dataset["columns"][column];
  if (check.type == "expect_column_values_to_not_be_null" && declared["required"].AsBool())
    return true;
  if (check.type == "expect_column_values_to_be_unique" && declared["unique"].AsBool()) return true;
  bool has_reference = declared.Has("references");
  if (check.type == "expect_column_values_to_exist_in_table" && has_reference) return true;
  if (check.type == "expect_column_values_to_be_in_set" && has_reference) return true;
  for (const auto& [name, own] : dataset["checks"].members()) {
    if (own["type"].AsString() != check.type) continue;
    if (own["kwargs"]["column"].AsString() == column) return true;
  }
  return false;
}

// Names that the dataset has are never given again.
void Rename(const Json& dataset, std::vector<Proposal>& proposals) {
  for (Proposal& proposal : proposals) {
    while (dataset["checks"].Has(proposal.check.name)) proposal.check.name += "_2";
  }
}

// All that is made of the dataset: a check that reads it would close a circle.
std::set<std::string> Downstream(const definition::Project& project, const std::string& address) {
  std::set<std::string> found{address};
  for (size_t before = 0; before != found.size();) {
    before = found.size();
    for (const definition::Dataset& dataset : project.datasets) {
      bool reads = std::any_of(dataset.inputs.begin(), dataset.inputs.end(),
                               [&](const std::string& input) { return found.contains(input); });
      if (reads) found.insert(dataset.address);
    }
  }
  return found;
}

std::vector<quality::KnownKey> KeysOf(const OpenedWorld& world, const definition::Dataset& self) {
  std::vector<quality::KnownKey> keys;
  std::set<std::string> downstream = Downstream(world.opened.project, self.address);
  for (const definition::Dataset& dataset : world.opened.project.datasets) {
    if (downstream.contains(dataset.address)) continue;
    for (const definition::Column& column : dataset.columns) {
      if (!column.unique || !column.required) continue;
      auto relation = line::RelationAt(*world.world, dataset, lake::MainReference{});
      if (relation.ok())
        keys.push_back({dataset.name, "(" + *relation + ")", column.name, column.type});
    }
  }
  return keys;
}

Result<Learnt> LearnFromData(const Arguments& arguments) {
  sql::Target target = TRY(OpenCheckTarget(arguments.String("data"), arguments, {}));
  auto columns = TRY(target.session->Columns(target.relation));
  quality::ProposeOptions options{.has_types = target.format.empty() || target.format == "parquet"};
  Learnt learnt{.name = target.name};
  learnt.proposals =
      TRY(quality::ProposeChecks(*target.session, target.relation, columns, options));
  return learnt;
}

// What somebody else builds is read where it is.
Result<std::vector<Proposal>> ProposalsForExternal(const definition::Dataset& dataset,
                                                   const OpenedWorld& world, int64_t memory_bytes) {
  line::ExternalTable table = TRY(line::OpenExternal(*world.world, dataset, memory_bytes));
  sql::Session& session = table.source->session();
  auto columns = TRY(session.Columns(table.relation));
  return quality::ProposeChecks(session, table.relation, columns, {.has_types = table.has_types});
}

Result<std::vector<Proposal>> ProposalsFor(const Context& context,
                                           const definition::Dataset& dataset,
                                           const OpenedWorld& world, int64_t memory_bytes) {
  if (dataset.is_external()) return ProposalsForExternal(dataset, world, memory_bytes);
  auto relation = TRY(line::RelationAt(*world.world, dataset, lake::MainReference{}));
  auto engine =
      TRY(sql::Engine::Open({.memory_limit_bytes = memory_bytes,
                             .temp_directory = context.project_dir + "/.andon/tmp/check"}));
  auto connection = TRY(engine.Connect());
  relation = "(" + relation + ")";
  auto columns = TRY(connection.Columns(relation));
  quality::ProposeOptions options{.keys = KeysOf(world, dataset),
                                  .grows = dataset.load.mode != definition::LoadMode::kReplace};
  return quality::ProposeChecks(connection, relation, columns, options);
}

Result<Learnt> LearnFromDataset(const Context& context, const builtin::ProjectFiles& project,
                                const definition::Dataset& dataset, const OpenedWorld& world,
                                const Arguments& arguments) {
  Learnt learnt{.name = dataset.name};
  learnt.proposals =
      TRY(ProposalsFor(context, dataset, world, arguments.Integer("memory-mb") << 20));
  for (const definition::Dataset& other : world.opened.project.datasets)
    learnt.datasets.insert(other.name);
  const Json& declared = project.checked.attributes.at(dataset.address);
  bool had_any = !learnt.proposals.empty();
  std::erase_if(learnt.proposals, [&](const Proposal& p) { return IsDeclared(declared, p.check); });
  Rename(declared, learnt.proposals);
  if (!had_any) {
    return Error::Invalid(
        "{} has no published rows, so there is nothing to learn from. Run "
        "\"andon run\" first, or give a file: andon new checks -data FILE.",
        dataset.name);
  }
  return learnt;
}

// The lines of a map, each with what was seen.
std::string Items(const Learnt& learnt) {
  std::string out;
  for (const Proposal& proposal : learnt.proposals) {
    out += fmt::format("# {}\n{} = {}\n", proposal.evidence, HclKey(proposal.check.name),
                       CheckCall(proposal.check, learnt.datasets));
  }
  return out;
}

Json Suite(const Learnt& learnt) {
  std::vector<quality::CheckSpec> checks;
  for (const Proposal& proposal : learnt.proposals) checks.push_back(proposal.check);
  Json suite = quality::gx::ToJson(quality::gx::FromChecks(learnt.name, checks));
  Json expectations = Json::List();
  for (size_t i = 0; i < suite["expectations"].size() && i < learnt.proposals.size(); ++i) {
    Json expectation = suite["expectations"].items()[i];
    expectation.Set("notes", learnt.proposals[i].evidence);
    expectations.Push(std::move(expectation));
  }
  suite.Set("expectations", std::move(expectations));
  return suite;
}

void Show(const Context& context, const Learnt& learnt, std::string_view format) {
  if (context.json) {
    for (const Proposal& proposal : learnt.proposals) {
      context.Event(Json::Object({{"type", "proposal"},
                                  {"name", proposal.check.name},
                                  {"expectation", proposal.check.type},
                                  {"kwargs", proposal.check.kwargs},
                                  {"evidence", proposal.evidence}}));
    }
  } else if (format == "gx") {
    context.Line(Suite(learnt).Dump(2));
  } else {
    context.Print(hcl::Format("checks = {\n" + Items(learnt) + "}\n"));
  }
}

// The file and line of the dataset's block get the checks.
Result<void> Write(const Context& context, const builtin::ProjectFiles& project,
                   const config::DataBlock& block, const Learnt& learnt) {
  std::string text = TRY(InsertChecks(block, Items(learnt)));
  io::LocalFileSystem files;
  const std::string& file = block.block->body.file->filename();
  if (!files.Exists(io::Join(project.module->dir, file))) {
    return Error::Invalid(
        "{0} has no block of its own, as {1} declares it. Write one, and the checks go there: "
        "dataset \"{2}\" {{ external = {1}.table.{2} }}",
        block.address(), file, block.name);
  }
  TRY(files.WriteAtomically(io::Join(project.module->dir, file), text));
  context.Event(Json::Object({{"type", "new"},
                              {"file", file},
                              {"address", block.address()},
                              {"checks", int64_t(learnt.proposals.size())}}));
  if (context.json) return {};
  context.Line(fmt::format("Wrote {} into {}, {}.",
                           Count(int64_t(learnt.proposals.size()), "check"), block.address(),
                           context.Paint("green", config::FileLine(block.range))));
  if (!context.quiet) context.Line("Keep what is meant. Next: andon validate, andon apply.");
  return {};
}

ExitCode OfDataset(Context& context, const Arguments& arguments, const std::string& format) {
  builtin::ProjectFiles project = LoadProjectFiles(context, arguments, nullptr);
  context.Report(project.diagnostics);
  if (project.diagnostics.has_errors()) return ExitCode::kError;
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  auto dataset = line::FindDataset((*world)->project(), arguments.positional[0]);
  if (!dataset.ok()) return context.Fail(dataset.error());
  if (!project.checked.attributes.contains((*dataset)->address)) {
    return context.Fail(
        Error::Invalid("The files do not declare {} any more.", (*dataset)->address));
  }
  auto learnt = LearnFromDataset(context, project, **dataset, **world, arguments);
  if (!learnt.ok()) return context.Fail(learnt.error());
  if (learnt->proposals.empty()) {
    if (!context.json)
      context.Line(fmt::format("{} checks all that its rows suggest.", learnt->name));
    return ExitCode::kDone;
  }
  if (!arguments.Bool("write")) {
    Show(context, *learnt, format);
    return ExitCode::kDone;
  }
  std::string address = (*dataset)->address.substr(0, (*dataset)->address.find('['));
  const config::DataBlock* block = project.module->FindBlock(address);
  if (block == nullptr)
    return context.Fail(Error::Invalid("{} stands in no file of its own.", address));
  auto written = Write(context, project, *block, *learnt);
  return written.ok() ? ExitCode::kDone : context.Fail(written.error());
}

ExitCode Run(Context& context, const Arguments& arguments) {
  std::string format = arguments.String("o", "hcl");
  if (format != "hcl" && format != "gx")
    return context.Fail(Error::Invalid("-o takes hcl or gx, not \"{}\".", format));
  bool has_data = arguments.Has("data");
  if (has_data == !arguments.positional.empty()) {
    return context.Fail(Error::Invalid(
        "Name a dataset of the project (andon new checks payment), or give data (-data FILE)."));
  }
  if (!has_data) return OfDataset(context, arguments, format);
  if (arguments.Bool("write"))
    return context.Fail(Error::Invalid("-write puts checks into a dataset's block: name one."));
  auto learnt = LearnFromData(arguments);
  if (!learnt.ok()) return context.Fail(learnt.error());
  if (learnt->proposals.empty())
    return context.Fail(
        Error::Invalid("{} has no rows: there is nothing to learn from.", learnt->name));
  Show(context, *learnt, format);
  return ExitCode::kDone;
}

}  // namespace

extern const Command kNewChecks = {
    .name = "new checks",
    .group = Group::kStart,
    .summary = "Propose checks from what the data show",
    .usage = "DATASET | -data DATA",
    .description =
        "Reads the published rows of a dataset, or a file or a table of a database (as -data of "
        "\"andon check\"), and prints checks that hold on them: nulls, uniqueness, types, ranges "
        "with room, sets of few values, forms of texts, row counts, and foreign keys by the values "
        "that they contain. Each has what was seen as its comment; what the dataset checks already "
        "is left out. Nothing is claimed that the data do not show, but they may show it by "
        "chance: keep what is meant. -write puts them into the dataset's block.",
    .positional_max = 1,
    .flags = WithVariableFlags(
        {{"data", FlagKind::kString, "DATA", "A file or database instead of a dataset."},
         {"table", FlagKind::kString, "TABLE", "The table of a database."},
         {"schema", FlagKind::kString, "SCHEMA", "Its schema."},
         {"o", FlagKind::kString, "FORMAT", "hcl (default), or gx: a suite of Great Expectations."},
         {"write", FlagKind::kBool, "", "Put the checks into the file of the dataset's block."},
         {"memory-mb", FlagKind::kInteger, "N", "Memory; default: a quarter of the machine's."}}),
    .examples = {{"andon new checks payment", "Checks that the published payments suggest."},
                 {"andon new checks -data deliveries/payment-2005-05.csv -o gx",
                  "A suite for \"andon check -suite\"."},
                 {"andon new checks payment -write", "Put them into payment's block."}},
    .run = Run,
};

}  // namespace andon::cli
