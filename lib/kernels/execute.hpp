#pragma once

#include <cstdint>
#include <span>

#include "blob/grants.hpp"
#include "kernels/kernel.hpp"

namespace pfs {

/// Looks the kernel of `op` up, checks that `stream` may write where an in-place kernel would, and runs it.
/// Status::kDone fills `output`; any other status leaves its value and length 0 and has changed nothing.
Status execute(uint8_t op, const KernelInput& input, std::span<const Grant> grants, uint16_t stream,
               KernelOutput& output) noexcept;

}  // namespace pfs
