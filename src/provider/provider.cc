#include "provider/provider.h"

namespace andon::provider {

Provider::~Provider() = default;

}  // namespace andon::provider
