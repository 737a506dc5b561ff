// This file stands for the compiler in a build without LLVM.
#include "jit/jit.hpp"

namespace pfs {

struct Jit::Machine {};

Result<void> Jit::can(Isa /*isa*/) {
  return fail("", "this packetfs was built without LLVM, so programs are not compiled",
              "install llvm-dev and configure with -Djit=enabled");
}

Result<Jit> Jit::start(Isa isa) { return tl::unexpected(can(isa).error()); }

Result<FusedLoop*> Jit::loop(std::span<const Operation> /*operations*/) { return fail("", "there is no compiler"); }

Jit::Jit(std::unique_ptr<Machine> machine) noexcept : machine_(std::move(machine)) {}
Jit::Jit(Jit&&) noexcept = default;
Jit& Jit::operator=(Jit&&) noexcept = default;
Jit::~Jit() = default;

}  // namespace pfs
