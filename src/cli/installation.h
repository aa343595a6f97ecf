// What commands share that bring providers and modules: the CLI configuration, the connections,
// and what a configuration asks for.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "cli/command.h"
#include "config/terraform/module_tree.h"
#include "infratest/test_file.h"
#include "io/http_client.h"
#include "io/local_file_system.h"
#include "registry/cli_configuration.h"
#include "registry/lock_file.h"
#include "registry/provider_installer.h"
#include "registry/provider_source.h"
#include "registry/services.h"

namespace andon::cli {

struct Installation {
  registry::Environment environment;
  registry::CliConfiguration configuration;
  std::unique_ptr<io::HttpClient> http;
  std::unique_ptr<registry::Remote> remote;
  std::unique_ptr<registry::Services> services;
  io::LocalFileSystem files;

  registry::Connection connection() const { return {*remote, *services}; }
};

// SSL_CERT_FILE names other certificates to trust than the system's.
// kInvalid where the CLI configuration is wrong.
Result<std::unique_ptr<Installation>> OpenInstallation(std::stop_token stop = {});
registry::Environment ProcessEnvironment();

// One line of a command that installs: "- Installing …"; with -json an event.
void Tell(const Context& context, std::string_view text, bool is_warning = false);

// The address under which the folder has the provider: in a folder of Terraform's those of the
// default host are of Terraform's registry, and stay so. The folder can go back.
config::ProviderAddress AddressHere(const config::ProviderAddress& address,
                                    const registry::ProviderLocks& locks);
// Of all modules, and of the state. Without the program's own.
registry::Requirements RequirementsOf(Context& context, const Arguments& arguments,
                                      const config::ModuleNode& root,
                                      const registry::ProviderLocks& locks);

// Those of the program itself, which are never installed.
std::set<config::ProviderAddress> BuiltinProvidersOf(const config::ModuleNode& root);

// The configuration with what its tests call: a run's module is installed as if the root called it
// as "test.FILE.RUN". Lifetime: the tree refers to the test files.
struct TreeToInstall {
  std::vector<infratest::TestFile> tests;
  config::ModuleTree tree;
};
TreeToInstall LoadToInstall(Context& context, const Arguments& arguments,
                            const io::FileSystem& files);

// Brings modules that are not there, or with `upgrade` all. What fails is reported; false then.
bool BringModules(Context& context, const Arguments& arguments, const Installation& installation,
                  bool upgrade, const std::string& command);

}  // namespace andon::cli
