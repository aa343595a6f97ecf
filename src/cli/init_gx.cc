#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "builtin/language.h"
#include "cli/gx_project.h"
#include "cli/hcl_text.h"
#include "cli/init_from.h"
#include "hcl/format.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "quality/gx/suite.h"
#include "value/display.h"

namespace andon::cli {
namespace {

// Where the files of an asset are, as a source of files names them.
struct FilePattern {
  std::string path;   // "data/{table}-{period}.csv"
  std::string table;  // "payment"
  bool has_period = false;
};

// payment-(?P<year>\d{4})-(?P<month>\d{2})\.csv: what stands before the first group is the table,
// from there to the ending it is the period. Nothing where it is no such name.
std::optional<FilePattern> PatternOf(const std::string& dir, const std::string& file) {
  if (file.empty()) return std::nullopt;
  size_t group = file.find('(');
  std::string plain;
  for (size_t i = 0; i < std::min(group, file.size()); ++i) {
    if (file[i] == '\\') continue;  // \. is a dot.
    plain += file[i];
  }
  size_t dot = file.rfind('.');
  std::string ending = dot == std::string::npos ? "" : file.substr(dot);
  if (ending.ends_with('$')) ending.pop_back();
  if (ending != ".csv" && ending != ".tsv") return std::nullopt;
  FilePattern pattern;
  if (group == std::string::npos) {
    std::string base = io::Basename(plain);
    pattern.table = base.substr(0, base.find('.'));
    pattern.path = io::Join(io::Join(dir, io::Dirname(plain)), "{table}" + ending);
  } else {
    std::string base = io::Basename(plain);
    size_t end = base.find_last_not_of("-_.");
    if (end == std::string::npos) return std::nullopt;
    pattern.table = base.substr(0, end + 1);
    pattern.has_period = true;
    pattern.path = io::Join(io::Join(dir, io::Dirname(plain)),
                            "{table}" + base.substr(end + 1) + "{period}" + ending);
  }
  bool is_plain = !pattern.table.empty() && std::none_of(plain.begin(), plain.end(), [](char c) {
    return std::string_view("[]*+?|^").find(c) != std::string_view::npos;
  });
  pattern.path = io::Normalize(pattern.path);
  return is_plain ? std::optional(pattern) : std::nullopt;
}

class Importer {
 public:
  explicit Importer(const GxProject& project) : project_(project) {}

  Imported Run() {
    out_.left = project_.unread;
    for (const GxSource& source : project_.sources) {
      for (const GxAsset& asset : source.assets) Asset(source, asset);
    }
    for (const auto& [name, path] : project_.suites) {
      if (!used_.contains(name))
        Leave(
            fmt::format("suite {}: no validation definition says what it is about; \"andon check "
                        "-suite {} -data …\" runs it",
                        name, path));
    }
    for (const GxCheckpoint& checkpoint : project_.checkpoints) Checkpoint(checkpoint);
    return std::move(out_);
  }

 private:
  void Leave(std::string what) { out_.left.push_back(std::move(what)); }

  std::vector<const GxValidation*> ValidationsOf(const GxSource& source, const GxAsset& asset) {
    std::vector<const GxValidation*> found;
    for (const GxValidation& validation : project_.validations) {
      if (validation.source == source.name && validation.asset == asset.name)
        found.push_back(&validation);
    }
    return found;
  }

  std::string FreeName(const std::string& wanted) {
    std::string name = HclName(wanted);
    while (!names_.insert(name).second) name += "_2";
    return name;
  }

  void Asset(const GxSource& source, const GxAsset& asset) {
    std::vector<const GxValidation*> validations = ValidationsOf(source, asset);
    std::string what = fmt::format("asset {} of {}", asset.name, source.name);
    std::string head;
    std::string name;
    if (source.is_files()) {
      head = FilesHead(source, asset, validations, what, &name);
    } else {
      head = DatabaseHead(source, asset, what, &name);
    }
    if (head.empty()) {
      // Told; its suites stay what they are.
      for (const GxValidation* validation : validations) used_.insert(validation->suite);
      return;
    }
    datasets_[source.name + "\n" + asset.name] = name;
    std::string checks = Checks(what, validations);
    std::string text = fmt::format("# From the {} of Great Expectations.\n{}{}}}\n", what, head,
                                   checks.empty() ? "" : "  checks = {\n" + checks + "  }\n");
    out_.files.push_back({name + ".andon.hcl", hcl::Format(text)});
  }

  // Source and the beginning of the dataset, up to its checks.
  std::string FilesHead(const GxSource& source, const GxAsset& asset,
                        const std::vector<const GxValidation*>& validations,
                        const std::string& what, std::string* name) {
    std::string file;
    for (const auto& [batch, pattern] : asset.batch_files) {
      bool is_validated = std::any_of(validations.begin(), validations.end(),
                                      [&](const GxValidation* v) { return v->batch == batch; });
      if (file.empty() || is_validated) file = pattern;
    }
    std::string dir = io::IsAbsolute(source.base_directory)
                          ? source.base_directory
                          : io::Join(project_.folder, source.base_directory);
    auto pattern = PatternOf(io::Normalize(dir), file);
    if (asset.type != "csv" || !pattern) {
      Leave(fmt::format("{}: {}; its suites run by \"andon check -suite … -data FILE\"", what,
                        asset.type == "csv"
                            ? "its files have no name that ends with .csv or .tsv and a period"
                            : "this version loads CSV files only, not " + asset.type));
      return {};
    }
    *name = FreeName(asset.name);
    std::string table = HclKey(pattern->table) == pattern->table
                            ? "." + pattern->table
                            : "[" + value::QuoteHcl(pattern->table) + "]";
    return fmt::format(
        "{}dataset \"{}\" {{\n  from = source.{}.table{}\n  load = {{ mode = \"{}\" }}\n",
        SourceOf(source, pattern->path), *name, source_name_, table,
        pattern->has_period ? "append" : "replace");
  }

  // The source of that path: declared with the first dataset that needs it.
  std::string SourceOf(const GxSource& source, const std::string& path) {
    auto [it, is_new] = file_sources_.try_emplace(path, "");
    if (is_new) it->second = FreeSourceName(source.name);
    source_name_ = it->second;
    if (!is_new) return {};
    return fmt::format("source \"files\" \"{}\" {{\n  path = {}\n}}\n\n", source_name_,
                       value::QuoteHcl(path));
  }

  std::string FreeSourceName(const std::string& wanted) {
    std::string name = HclName(wanted);
    while (!source_names_.insert(name).second) name += "_2";
    return name;
  }

  // A table in somebody's database stays there, where this version can open it.
  std::string DatabaseHead(const GxSource& source, const GxAsset& asset, const std::string& what,
                           std::string* name) {
    static const std::map<std::string, std::string, std::less<>> kTypes = {
        {"postgres", "postgres"}, {"alloy", "postgres"}, {"aurora", "postgres"},
        {"citus", "postgres"},    {"neon", "postgres"},  {"sqlite", "sqlite"}};
    auto type = kTypes.find(source.type);
    const config::BlockSchema* sources = builtin::DataLanguage().Find("source");
    bool is_known = type != kTypes.end() && sources->FindType(type->second) != nullptr;
    if (asset.type != "table" || !is_known) {
      Leave(fmt::format(
          "{}: {}; its suites run by \"andon check -suite … -data {} -table {}\"", what,
          asset.type != "table" ? "it is a query, not a table"
                                : "no dataset of this version is a table of " + source.type,
          type == kTypes.end()       ? "…"
          : type->second == "sqlite" ? "sqlite:FILE"
                                     : "postgres://…",
          asset.table.empty() ? "TABLE" : asset.table));
      return {};
    }
    std::string block = DatabaseSource(source, type->second, what);
    if (block.empty() && !database_sources_.contains(source.name)) return {};
    *name = FreeName(asset.name);
    std::string table = asset.schema.empty() ? asset.table : asset.schema + "." + asset.table;
    return fmt::format("{}dataset \"{}\" {{\n  external = source.{}.table[{}]\n", block, *name,
                       database_sources_[source.name], value::QuoteHcl(table));
  }

  // postgresql+psycopg2://user:${PASSWORD}@host:5432/db, or sqlite:///path. Empty where it stands
  // already, or cannot be read, which is told.
  std::string DatabaseSource(const GxSource& source, const std::string& type,
                             const std::string& what) {
    if (database_sources_.contains(source.name)) return {};
    std::string rest = source.connection.substr(
        std::min(source.connection.size(), source.connection.find("://") + 3));
    if (source.connection.find("://") == std::string::npos) {
      Leave(fmt::format("{}: its connection is {}", what,
                        source.connection.empty() ? "not there" : "a variable of its own"));
      return {};
    }
    std::string text;
    if (type == "sqlite") {
      if (rest.starts_with('/')) rest.erase(0, 1);
      text = "  path = " + value::QuoteHcl(rest) + "\n";
    } else {
      size_t at = rest.rfind('@'), slash = rest.find('/', at == std::string::npos ? 0 : at);
      std::string who = at == std::string::npos ? "" : rest.substr(0, at);
      std::string host =
          rest.substr(at == std::string::npos ? 0 : at + 1,
                      slash == std::string::npos ? std::string::npos
                                                 : slash - (at == std::string::npos ? 0 : at + 1));
      std::string database = slash == std::string::npos ? "" : rest.substr(slash + 1);
      database = database.substr(0, database.find('?'));
      size_t colon = host.find(':');
      text = "  host = " + value::QuoteHcl(host.substr(0, colon)) + "\n";
      if (colon != std::string::npos) text += "  port = " + host.substr(colon + 1) + "\n";
      text += "  database = " + value::QuoteHcl(database) + "\n";
      size_t secret = who.find(':');
      if (!who.empty()) text += "  user = " + value::QuoteHcl(who.substr(0, secret)) + "\n";
      if (secret != std::string::npos) text += Password(source, who.substr(secret + 1));
    }
    std::string name = FreeSourceName(source.name);
    database_sources_[source.name] = name;
    return fmt::format("source \"{}\" \"{}\" {{\n{}}}\n\n", type, name, text);
  }

  // Only the name of a variable: a password in a file stays there.
  std::string Password(const GxSource& source, const std::string& written) {
    std::string variable = HclName(source.name) + "_password";
    std::transform(variable.begin(), variable.end(), variable.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    bool is_variable = written.starts_with("${") && written.ends_with('}');
    if (is_variable) variable = written.substr(2, written.size() - 3);
    if (!is_variable) {
      Leave(fmt::format("source {}: its password stays where it is; set the variable {}",
                        source.name, variable));
    }
    return fmt::format("  password = secret({})\n", value::QuoteHcl("env://" + variable));
  }

  std::string Checks(const std::string& what, const std::vector<const GxValidation*>& validations) {
    std::string out;
    std::set<std::string> done, names;
    for (const GxValidation* validation : validations) {
      if (!done.insert(validation->suite).second) continue;
      auto suite = project_.suites.find(validation->suite);
      if (suite == project_.suites.end()) {
        Leave(fmt::format("{}: there is no suite {}", what, validation->suite));
        continue;
      }
      used_.insert(validation->suite);
      out += SuiteChecks(suite->first, suite->second, &names);
    }
    if (validations.empty()) Leave(fmt::format("{}: no validation definition is about it", what));
    return out;
  }

  std::string SuiteChecks(const std::string& name, const std::string& path,
                          std::set<std::string>* names) {
    io::LocalFileSystem files;
    auto text = files.Read(path);
    if (!text.ok()) {
      Leave(fmt::format("suite {}: {}", name, text.error().message));
      return {};
    }
    Diagnostics found;
    quality::gx::Suite suite = quality::gx::ReadSuite(*text, path, {}, &found);
    for (const Diagnostic& d : found) {
      Leave(fmt::format("suite {}, {}: {}", name, ToString(d.subject), d.detail));
    }
    std::string out = fmt::format("# Suite {}.\n", name);
    for (const quality::gx::SuiteExpectation& expectation : suite.expectations) {
      quality::CheckSpec check = expectation.check;
      if (!expectation.broken.empty()) {
        Leave(fmt::format("suite {}: {}: {}", name, check.type, expectation.broken));
        continue;
      }
      if (!IsKnown(check)) {
        continue;  // Told above.
      }
      std::string key = HclName(check.name);
      while (!names->insert(key).second) key += "_2";
      out += fmt::format("{} = {}\n", key, CheckCall(check, {}));
    }
    return out;
  }

  static bool IsKnown(const quality::CheckSpec& check) {
    return std::any_of(quality::Expectations().begin(), quality::Expectations().end(),
                       [&](const auto& info) { return info.name == check.type; });
  }

  // A checkpoint validates what is there; a pipeline loads it, or looks at it on a schedule.
  void Checkpoint(const GxCheckpoint& checkpoint) {
    std::vector<std::string> validated;
    for (const std::string& name : checkpoint.validations) {
      for (const GxValidation& validation : project_.validations) {
        if (validation.name != name) continue;
        auto dataset = datasets_.find(validation.source + "\n" + validation.asset);
        if (dataset == datasets_.end()) continue;
        std::string address = "dataset." + dataset->second;
        if (std::find(validated.begin(), validated.end(), address) != validated.end()) continue;
        validated.push_back(address);
      }
    }
    std::string actions;
    for (const std::string& action : checkpoint.actions) {
      if (action == "update_data_docs") {
        actions = "  actions = [{ docs = \"data-docs\" }]\n";
        continue;
      }
      Leave(
          fmt::format("checkpoint {}: its action {}: declare a channel, and name it in the "
                      "checkpoint's actions: {{ notify = channel.NAME }}",
                      checkpoint.name, action));
    }
    if (validated.empty()) {
      Leave(fmt::format("checkpoint {}: nothing of what it validates is here", checkpoint.name));
      return;
    }
    std::string quoted = value::QuoteHcl(HclName(checkpoint.name));
    const std::string all = Join(validated, ", ");
    std::string text = fmt::format(
        "checkpoint {0} {{\n  validate = [{1}]\n{2}}}\n\n"
        "# The checkpoint had no time of its own; give it a schedule = \"0 6 * * *\".\n"
        "pipeline {0} {{\n  build = [{1}]\n}}\n",
        quoted, all, actions);
    out_.files.push_back(
        {FreeName(checkpoint.name + "_checkpoint") + ".andon.hcl", hcl::Format(text)});
  }

  const GxProject& project_;
  Imported out_;
  std::set<std::string> names_;  // Of files and datasets.
  std::set<std::string> source_names_;
  std::map<std::string, std::string> file_sources_;      // Name by path.
  std::map<std::string, std::string> database_sources_;  // Name by the reference's name.
  std::string source_name_;                              // Of the last file source.
  std::map<std::string, std::string> datasets_;          // By source and asset.
  std::set<std::string> used_;                           // Suites.
};

}  // namespace

Result<Imported> ImportGx(Context&, const std::string& folder) {
  io::LocalFileSystem files;
  GxProject project = TRY(ReadGxProject(files, folder));
  Imported out = Importer(project).Run();
  if (out.files.empty() && out.left.empty())
    return Error::Invalid("{} has no data sources and no suites.", project.folder);
  return out;
}

}  // namespace andon::cli
