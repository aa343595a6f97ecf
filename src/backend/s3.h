// The backend "s3": states as objects of a bucket, read and written as Terraform and OpenTofu do.
//
//   KEY                          the state of the workspace "default"
//   WORKSPACE_KEY_PREFIX/NAME/KEY  those of the others ("env:" where no prefix is given)
//   KEY.tflock                   the lock, with use_lockfile: made only where it is not there
//
// A state is written only over the version that was read, where the server can tell.
#pragma once

#include "backend/kinds.h"

namespace andon::backend {

Result<std::unique_ptr<state::Backend>> OpenS3(const Settings& settings, const World& world);

}  // namespace andon::backend
