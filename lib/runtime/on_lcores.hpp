#pragma once

#include <cstddef>
#include <functional>

namespace pfs {

/// A ParallelFor (blob/build.hpp) over EAL's lcores, this one included: each takes the next index until there is none.
void on_all_lcores(size_t count, const std::function<void(size_t)>& body);

}  // namespace pfs
