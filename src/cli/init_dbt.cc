#include <fmt/format.h>

#include <map>

#include "builtin/dbt_project.h"
#include "cli/hcl_text.h"
#include "cli/init_from.h"
#include "hcl/format.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "value/display.h"

namespace andon::cli {

Result<Imported> ImportDbt(Context&, const std::string& folder) {
  io::LocalFileSystem files;
  std::string path = io::Normalize(folder);
  builtin::DbtProject project = TRY(builtin::ReadDbtProject(files, ".", path, ""));
  Imported out;
  std::string name =
      HclName(project.manifest.project.empty() ? io::Basename(path) : project.manifest.project);
  std::string text = fmt::format(
      "# dbt goes on building its tables; here they are checked, owned and promised.\ndbt {} {{\n  "
      "project = {}\n}}\n",
      value::QuoteHcl(name), value::QuoteHcl(path == "." ? "./" : "./" + path));
  std::map<std::string, std::string> people;  // Name by e-mail address.
  for (const dbt::Node& node : project.manifest.nodes) {
    size_t at = node.owner.find('@');
    if (node.owner.empty()) continue;
    if (at == std::string::npos) {
      out.left.push_back(fmt::format(
          "{}: its owner \"{}\" has no e-mail address; declare a person or a team of that name",
          node.name, node.owner));
    } else {
      people.try_emplace(node.owner, HclName(node.owner.substr(0, at)));
    }
  }
  for (const auto& [email, person] : people) {
    text += fmt::format("\nperson {} {{\n  email = {}\n}}\n", value::QuoteHcl(person),
                        value::QuoteHcl(email));
  }
  out.files.push_back({"dbt.andon.hcl", hcl::Format(text)});
  if (project.with_catalog.empty()) {
    out.left.push_back(
        "types of columns: there is no target/catalog.json; \"dbt docs generate\" writes it");
  }
  return out;
}

}  // namespace andon::cli
