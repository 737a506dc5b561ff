#include "jit/jit.hpp"

#include <fmt/format.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/TargetSelect.h>

#include <map>
#include <string>

#include "jit/emit.hpp"

namespace pfs {
namespace {

std::string say(llvm::Error error) { return llvm::toString(std::move(error)); }

/// The CPU that the other variants of the level are written for, so that PFS_ISA masks the compiled loops as well.
llvm::orc::JITTargetMachineBuilder target(Isa isa) {
  llvm::orc::JITTargetMachineBuilder target{llvm::Triple("x86_64-unknown-linux-gnu")};
  target.setCPU(isa == Isa::kAvx512 ? "x86-64-v4" : "x86-64-v3");
  target.setCodeGenOptLevel(llvm::CodeGenOpt::Aggressive);
  return target;
}

/// What makes two groups the same code: operations with their arguments, and the CPU.
std::string key_of(std::span<const Operation> operations, Isa isa) {
  std::string key = name(isa);
  for (const Operation& operation : operations) key += fmt::format("+{}_{:x}", operation.kernel->name, operation.arg);
  return key;
}

}  // namespace

struct Jit::Machine {
  std::unique_ptr<llvm::orc::LLJIT> orc;
  Isa isa;
  std::map<std::string, FusedLoop*> loops;
};

Result<void> Jit::can(Isa isa) {
  if (isa >= Isa::kAvx2) return {};
  return fail("", fmt::format("programs are compiled for avx2 and avx512, and this runs with {}", name(isa)),
              "leave PFS_ISA and --force-max-simd-bitwidth out, or this");
}

Result<Jit> Jit::start(Isa isa) {
  if (auto good = can(isa); !good) return tl::unexpected(good.error());
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto orc = llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(target(isa)).create();
  if (!orc) return fail("", "LLVM does not start: " + say(orc.takeError()));
  return Jit(std::make_unique<Machine>(Machine{std::move(*orc), isa, {}}));
}

Result<FusedLoop*> Jit::loop(std::span<const Operation> operations) {
  const std::string key = key_of(operations, machine_->isa);
  if (const auto known = machine_->loops.find(key); known != machine_->loops.end()) return known->second;
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = std::make_unique<llvm::Module>(key, *context);
  module->setDataLayout(machine_->orc->getDataLayout());
  emit_loop(*module, key, operations, machine_->isa);
  std::string why;
  llvm::raw_string_ostream out(why);
  if (llvm::verifyModule(*module, &out))
    return fail("", fmt::format("the code for {} is not sound: {}", key, out.str()));
  if (auto bad = machine_->orc->addIRModule(llvm::orc::ThreadSafeModule(std::move(module), std::move(context))))
    return fail("", fmt::format("LLVM refuses {}: {}", key, say(std::move(bad))));
  auto symbol = machine_->orc->lookup(key);
  if (!symbol) return fail("", fmt::format("LLVM cannot compile {}: {}", key, say(symbol.takeError())));
  auto* code = llvm::jitTargetAddressToFunction<FusedLoop*>(symbol->getAddress());
  machine_->loops.emplace(key, code);
  return code;
}

Jit::Jit(std::unique_ptr<Machine> machine) noexcept : machine_(std::move(machine)) {}
Jit::Jit(Jit&&) noexcept = default;
Jit& Jit::operator=(Jit&&) noexcept = default;
Jit::~Jit() = default;

}  // namespace pfs
