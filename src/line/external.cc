#include "line/external.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "dbt/profile.h"
#include "io/path.h"
#include "line/check_specs.h"

namespace andon::line {
namespace {

std::optional<std::string> Variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// Where a dbt project says that its tables are.
class DbtTarget {
 public:
  DbtTarget(const World& world, const definition::Source& source)
      : world_(world), source_(source), folder_(Absolute(source.path)) {}

  // The address of the database, and its password.
  Result<std::pair<std::string, std::string>> Find() {
    std::string text = TRY(world_.files.Read(io::Join(folder_, "dbt_project.yml")));
    dbt::ProjectFile project = TRY(dbt::ReadProjectFile(text));
    std::string profile = source_.options["profile"].AsString(project.profile);
    if (profile.empty()) {
      return Error::Invalid("{}: dbt_project.yml names no profile; say profile = \"…\".",
                            source_.address);
    }
    const std::string& target = source_.options["target"].AsString();
    std::string file = TRY(ProfilesFile());
    text = TRY(world_.files.Read(file));
    dbt::Connection connection = TRY(dbt::ReadProfile(text, profile, target, Variable));
    std::string url = TRY(dbt::UrlOf(connection, folder_));
    std::string password = TRY(dbt::ReadPassword(text, profile, target, Variable));
    return std::pair(std::move(url), std::move(password));
  }

 private:
  std::string Absolute(const std::string& path) const {
    return io::IsAbsolute(path) ? path : io::Normalize(io::Join(world_.project_dir, path));
  }

  Result<std::string> ProfilesFile() {
    constexpr std::string_view kName = "profiles.yml";
    std::vector<std::string> folders;
    if (const std::string& said = source_.options["profiles_dir"].AsString(); !said.empty()) {
      folders.push_back(Absolute(said));
    } else {
      if (auto said_so = Variable("DBT_PROFILES_DIR")) folders.push_back(*said_so);
      folders.push_back(folder_);
      if (auto home = Variable("HOME")) folders.push_back(io::Join(*home, ".dbt"));
    }
    for (const std::string& folder : folders) {
      std::string path = io::Join(folder, kName);
      if (world_.files.Exists(path)) return path;
    }
    return Error::NotFound(
        "{}: there is no profiles.yml, which says where its tables are, in {}. Say profiles_dir = "
        "\"…\", or set DBT_PROFILES_DIR.",
        source_.address, Join(folders, ", "));
  }

  const World& world_;
  const definition::Source& source_;
  std::string folder_;
};

}  // namespace

Result<sql::Target> OpenExternal(const World& world, const definition::Dataset& dataset,
                                 int64_t memory_bytes, std::stop_token stop) {
  const definition::Source* source = world.project.FindSource(dataset.external_source);
  if (source == nullptr || source->type != "dbt") {
    return Error::Invalid("{} is a table of {}, which cannot be opened in this version.",
                          dataset.address, dataset.external_source);
  }
  auto [url, password] = TRY(DbtTarget(world, *source).Find());
  sql::TargetOptions options{.table = dataset.external_table,
                             .memory_limit_bytes = memory_bytes,
                             .temp_directory = world.project_dir + "/.andon/tmp/check",
                             .password = std::move(password),
                             .stop = std::move(stop)};
  size_t dot = dataset.external_table.find('.');
  if (dot != std::string::npos) {
    options.schema = dataset.external_table.substr(0, dot);
    options.table = dataset.external_table.substr(dot + 1);
  }
  auto opened = sql::OpenTarget(url, options);
  if (!opened.ok()) return std::move(opened).error().In(dataset.address);
  return opened;
}

Result<CheckedDataset> CheckExternal(const World& world, const definition::Dataset& dataset,
                                     const std::vector<quality::CheckSpec>& checks,
                                     const CheckNowOptions& options) {
  CheckedDataset out{.address = dataset.address, .name = dataset.name, .has_data = true};
  sql::Target target = TRY(OpenExternal(world, dataset, options.memory_bytes));
  auto columns = TRY(target.session->Columns(target.relation));
  std::vector<sql::ColumnInfo> infos;
  for (const sql::TableColumn& column : columns) infos.push_back({column.name, column.type});
  quality::RunOptions run{.table_name = dataset.name};
  run.tables[dataset.name] = target.relation;
  for (const quality::CheckSpec& check : checks) {
    for (const std::string& name : quality::TablesOf(check)) {
      const definition::Dataset* other = world.project.FindDataset(name);
      if (other == nullptr || run.tables.contains(name)) continue;
      if (other->external_source != dataset.external_source) {
        return Error::Invalid("The check {} of {} reads {}, which is no table of {}.", check.name,
                              dataset.address, other->address, dataset.external_source);
      }
      sql::Target opened = TRY(OpenExternal(world, *other, options.memory_bytes));
      run.tables[name] = opened.relation;
    }
  }
  if (options.explain) {
    out.explanation =
        TRY(quality::ExplainChecks(*target.session, target.relation, infos, checks, run));
    return out;
  }
  CheckOutcome outcome;
  outcome.dataset = TRY(quality::RunChecks(*target.session, target.relation, infos, checks, run));
  out.verdicts = Merge(checks, outcome);
  Mask(validation::PiiColumnsOf(world.project, dataset), &out.verdicts);
  return out;
}

}  // namespace andon::line
