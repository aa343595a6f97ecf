#include "cli/check_target.h"

#include <cstdlib>
#include <filesystem>

#include "iceberg/catalog.h"
#include "io/local_file_system.h"
#include "lake/scan.h"
#include "sql/engine.h"

namespace andon::cli {
namespace {

constexpr std::string_view kVariable = "env:";

Result<std::string> FromEnvironment(const std::string& data) {
  if (!data.starts_with(kVariable)) return data;
  const std::string name = data.substr(kVariable.size());
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0')
    return Error::Invalid("-data={}: the variable {} is not set.", data, name);
  return std::string(value);
}

// The table as its main branch has it.
Result<sql::Target> OpenIceberg(const std::string& path, const Arguments& arguments,
                                std::optional<lake::Scan>* scan_out) {
  io::LocalFileSystem files;
  std::error_code failed;
  const std::string absolute = std::filesystem::absolute(path, failed).string();
  // <table>/metadata/00003-….metadata.json
  const std::string name =
      std::filesystem::path(absolute).parent_path().parent_path().filename().string();
  auto table = TRY(iceberg::LoadTableAt(files, {"", name}, absolute));
  lake::Lake lake{.files = &files};
  auto scan = TRY(lake::PlanScan(lake, table.metadata, table.metadata.current_snapshot_id));
  auto engine =
      TRY(sql::Engine::Open({.memory_limit_bytes = arguments.Integer("memory-mb") << 20}));
  auto connection = TRY(engine.Connect());
  sql::Target target{.session = std::make_unique<sql::Connection>(std::move(connection)),
                     .relation = "(" + scan.sql + ")",
                     .name = name};
  if (scan_out != nullptr) *scan_out = std::move(scan);
  return target;
}

}  // namespace

Result<sql::Target> OpenCheckTarget(const std::string& data, const Arguments& arguments,
                                    std::stop_token stop, std::optional<lake::Scan>* scan) {
  std::string place = TRY(FromEnvironment(data));
  if (place.ends_with(".metadata.json")) return OpenIceberg(place, arguments, scan);
  return sql::OpenTarget(place, {.table = arguments.String("table"),
                                 .schema = arguments.String("schema"),
                                 .memory_limit_bytes = arguments.Integer("memory-mb") << 20,
                                 .stop = std::move(stop)});
}

Result<std::map<std::string, sql::Target>> OpenSources(const Arguments& arguments,
                                                       std::stop_token stop) {
  std::map<std::string, sql::Target> sources;
  for (const std::string& text : arguments.List("source")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error::Invalid("-source is NAME=DATA, as in -source=lake=postgres://ada@db/lake.");
    std::string place = TRY(FromEnvironment(text.substr(equals + 1)));
    // What is asked of it stands in the comparison's own query.
    auto target =
        TRY(sql::OpenTarget(place, {.query = "SELECT 1 AS one",
                                    .memory_limit_bytes = arguments.Integer("memory-mb") << 20,
                                    .stop = stop}));
    sources.insert_or_assign(text.substr(0, equals), std::move(target));
  }
  return sources;
}

}  // namespace andon::cli
