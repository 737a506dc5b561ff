#pragma once

#include <cstddef>
#include <functional>

namespace pfs::bench {

/// How many CPUs this process may use, whatever it is pinned to now.
size_t cpu_count();

/// A ParallelFor (blob/build.hpp) over all of them: a thread pinned to each, which takes the next piece when it is done
/// with one, as the engine's lcores do. Threads are made anew each time: give it work of many milliseconds.
void on_all_cpus(size_t count, const std::function<void(size_t)>& body);

}  // namespace pfs::bench
