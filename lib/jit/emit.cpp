#include "jit/emit.hpp"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/IntrinsicsX86.h>

#include <array>
#include <cstddef>
#include <numeric>
#include <vector>

#include "kernels/kernel_of.hpp"

namespace pfs {
namespace {

constexpr uint32_t kUnrolled = 4;  // lines a turn: loads and adds of one overlap the compares of another
constexpr uint32_t kIntoL2 = 2;    // of llvm.prefetch
constexpr uint32_t kLanesMembers = 2;
static_assert(offsetof(Lanes, second) == kLineBytes && sizeof(Lanes) == kLanesMembers * kLineBytes);

/// Writes one loop. A line is a vector of 64 bytes; where registers are narrower, LLVM splits it.
class LoopWriter {
 public:
  LoopWriter(llvm::Module& module, const std::string& name, std::span<const Operation> operations, Isa isa)
      : module_(module), build_(module.getContext()), operations_(operations), isa_(isa) {
    bytes_ = llvm::FixedVectorType::get(build_.getInt8Ty(), kLineBytes);
    words_ = llvm::FixedVectorType::get(build_.getInt64Ty(), kLineBytes / 8);
    llvm::Type* pointer = llvm::PointerType::getUnqual(build_.getInt8Ty());
    auto* type = llvm::FunctionType::get(build_.getVoidTy(),
                                         {pointer, build_.getInt64Ty(), pointer, pointer, build_.getInt64Ty()}, false);
    function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, module);
    // Without these attributes LLVM halves the registers on CPUs that once slowed down under wide ones.
    const char* width = isa == Isa::kAvx512 ? "512" : "256";
    function_->addFnAttr("prefer-vector-width", width);
    function_->addFnAttr("min-legal-vector-width", width);
    function_->addFnAttr(llvm::Attribute::NoUnwind);
  }

  void write() {
    build_.SetInsertPoint(block("entry"));
    Found found = load();
    llvm::Value* lines = function_->getArg(1);
    llvm::Value* many = build_.CreateAnd(lines, ~uint64_t{kUnrolled - 1});
    loop("many", build_.getInt64(0), many, kUnrolled, found);
    loop("rest", many, lines, 1, found);
    store(found);
    build_.CreateRetVoid();
  }

 private:
  using Value = llvm::Value*;
  /// Of each operation: what becomes Lanes::first and ::second; null where it finds nothing.
  using Found = std::vector<std::array<Value, kLanesMembers>>;

  llvm::BasicBlock* block(const std::string& name) {
    return llvm::BasicBlock::Create(module_.getContext(), name, function_);
  }
  [[nodiscard]] static bool finds(Lanewise kind, uint32_t member) {
    if (kind == Lanewise::kXor || kind == Lanewise::kAdd) return false;
    return member == 0 || kind == Lanewise::kMinMaxU8;
  }
  [[nodiscard]] Lanewise kind(size_t operation) const { return operations_[operation].kernel->lanewise; }
  llvm::Type* type_of(Lanewise kind) { return kind == Lanewise::kMinMaxU8 ? bytes_ : words_; }

  Value place(Value base, Value line, llvm::Type* type) {
    Value at = build_.CreateGEP(build_.getInt8Ty(), base, build_.CreateMul(line, build_.getInt64(kLineBytes)));
    return build_.CreateBitCast(at, llvm::PointerType::getUnqual(type));
  }
  Value lanes_place(size_t operation, uint32_t member) {
    return place(function_->getArg(2), build_.getInt64(operation * kLanesMembers + member), type_of(kind(operation)));
  }

  Found load() {
    Found found(operations_.size());
    for (size_t i = 0; i < found.size(); ++i)
      for (uint32_t m = 0; m < kLanesMembers; ++m)
        if (finds(kind(i), m))
          found[i][m] = build_.CreateAlignedLoad(type_of(kind(i)), lanes_place(i, m), llvm::Align(kLineBytes));
    return found;
  }
  void store(const Found& found) {
    for (size_t i = 0; i < found.size(); ++i)
      for (uint32_t m = 0; m < kLanesMembers; ++m)
        if (found[i][m] != nullptr) build_.CreateAlignedStore(found[i][m], lanes_place(i, m), llvm::Align(kLineBytes));
  }

  /// From line `from` up to `to`, `step` at a time (their difference is a multiple); `found` goes in and comes out.
  void loop(const std::string& name, Value from, Value to, uint32_t step, Found& found) {
    llvm::BasicBlock* before = build_.GetInsertBlock();
    llvm::BasicBlock* head = block(name);
    llvm::BasicBlock* body = block(name + ".body");
    llvm::BasicBlock* behind = block(name + ".end");
    build_.CreateBr(head);
    build_.SetInsertPoint(head);
    llvm::PHINode* line = build_.CreatePHI(build_.getInt64Ty(), 2);
    line->addIncoming(from, before);
    Found at_head = found;
    for (auto& members : at_head) {
      for (Value& member : members) {
        if (member == nullptr) continue;
        llvm::PHINode* phi = build_.CreatePHI(member->getType(), 2);
        phi->addIncoming(member, before);
        member = phi;
      }
    }
    build_.CreateCondBr(build_.CreateICmpULT(line, to), body, behind);
    build_.SetInsertPoint(body);
    Found after = at_head;
    for (uint32_t i = 0; i < step; ++i) one_line(build_.CreateAdd(line, build_.getInt64(i)), after);
    line->addIncoming(build_.CreateAdd(line, build_.getInt64(step)), body);
    for (size_t i = 0; i < after.size(); ++i)
      for (uint32_t m = 0; m < kLanesMembers; ++m)
        if (after[i][m] != nullptr) llvm::cast<llvm::PHINode>(at_head[i][m])->addIncoming(after[i][m], body);
    build_.CreateBr(head);
    build_.SetInsertPoint(behind);
    found = at_head;
  }

  void one_line(Value line, Found& found) {
    Value ahead =
        build_.CreateGEP(build_.getInt8Ty(), function_->getArg(3), build_.CreateMul(line, function_->getArg(4)));
    build_.CreateIntrinsic(llvm::Intrinsic::prefetch, {ahead->getType()},
                           {ahead, build_.getInt32(0), build_.getInt32(kIntoL2), build_.getInt32(1)});
    Value at = place(function_->getArg(0), line, bytes_);
    Value value = build_.CreateAlignedLoad(bytes_, at, llvm::Align(1));
    bool changed = false;
    for (size_t i = 0; i < operations_.size(); ++i) {
      const uint8_t operand = low_byte(operations_[i].arg);
      if (kind(i) == Lanewise::kXor || kind(i) == Lanewise::kAdd) {
        if (operand == 0) continue;
        value =
            kind(i) == Lanewise::kXor ? build_.CreateXor(value, same(operand)) : build_.CreateAdd(value, same(operand));
        changed = true;
      } else {
        look(kind(i), value, operand, found[i]);
      }
    }
    if (changed) build_.CreateAlignedStore(value, at, llvm::Align(1));
  }

  void look(Lanewise kind, Value value, uint8_t operand, std::array<Value, kLanesMembers>& found) {
    switch (kind) {
      case Lanewise::kCountEq:
        found[0] = build_.CreateInsertElement(
            found[0], build_.CreateAdd(build_.CreateExtractElement(found[0], uint64_t{0}), count(value, operand)),
            uint64_t{0});
        break;
      case Lanewise::kSumU8:
        found[0] = build_.CreateAdd(found[0], sums(value));
        break;
      case Lanewise::kSumU64:
        found[0] = build_.CreateAdd(found[0], build_.CreateBitCast(value, words_));
        break;
      case Lanewise::kMinMaxU8:
        found[0] = build_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, found[0], value);
        found[1] = build_.CreateBinaryIntrinsic(llvm::Intrinsic::umax, found[1], value);
        break;
      case Lanewise::kNone:
      case Lanewise::kXor:
      case Lanewise::kAdd:
        break;
    }
  }

  Value same(uint8_t byte) {
    return llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(kLineBytes), build_.getInt8(byte));
  }

  Value count(Value value, uint8_t wanted) {
    Value equal = build_.CreateBitCast(build_.CreateICmpEQ(value, same(wanted)), build_.getInt64Ty());
    return build_.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, equal);
  }

  /// Of each 8 bytes. One instruction, but only by its own name.
  Value sums(Value value) {
    if (isa_ == Isa::kAvx512) return call(llvm::Intrinsic::x86_avx512_psad_bw_512, value);
    std::array<Value, 2> halves{};
    for (int half = 0; half < 2; ++half)
      halves[half] = call(llvm::Intrinsic::x86_avx2_psad_bw, part(value, half * 32, 32));
    std::vector<int> all(kLineBytes / 8);
    std::iota(all.begin(), all.end(), 0);
    return build_.CreateShuffleVector(halves[0], halves[1], all);
  }
  Value part(Value value, int first, int count) {
    std::vector<int> lanes(count);
    std::iota(lanes.begin(), lanes.end(), first);
    return build_.CreateShuffleVector(value, lanes);
  }
  Value call(llvm::Intrinsic::ID intrinsic, Value value) {
    return build_.CreateIntrinsic(intrinsic, {}, {value, llvm::Constant::getNullValue(value->getType())});
  }

  llvm::Module& module_;
  llvm::IRBuilder<> build_;
  std::span<const Operation> operations_;
  Isa isa_;
  llvm::Type* bytes_ = nullptr;
  llvm::Type* words_ = nullptr;
  llvm::Function* function_ = nullptr;
};

}  // namespace

void emit_loop(llvm::Module& module, const std::string& name, std::span<const Operation> operations, Isa isa) {
  LoopWriter(module, name, operations, isa).write();
}

}  // namespace pfs
