// Called as `terraform` or `tofu` (a link to the binary), the program behaves as the command of
// that name: its commands and no others, its way of writing messages, its exit codes, and nothing
// said or refused that it would not. Files of the data language are then not looked at.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "cli/command.h"

namespace andon::cli {

// "terraform" or "tofu", where the program was called so; else empty.
std::string OtherNameOf(std::string_view argv0);
// "Terraform", "OpenTofu".
std::string_view ProductOf(std::string_view name);

// Whether the other program has the command.
bool OtherHas(const Command& command);

// What its -help and -version print.
std::string OtherOverview(std::string_view name);
std::string OtherHelpPage(std::string_view name, const Command& command);
std::string OtherVersion(std::string_view name);
// "Terraform has no command named "x"."
std::string OtherUnknownCommand(std::string_view name, std::string_view written);
// What follows an error in the flags.
std::string OtherFlagError(std::string_view name, const Command& command, std::string_view message);

// "\nError: Summary\n\n  on main.tf line 2:\n   2:   code\n\nDetail\n"
std::string OtherRender(const Diagnostic& diagnostic, const Sources& sources);

// 3 and above are ours; but for `fmt -check`, which has a 3 there too.
int OtherExitCode(const Command& command, ExitCode code);

}  // namespace andon::cli
