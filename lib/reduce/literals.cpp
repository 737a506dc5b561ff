#include "reduce/literals.hpp"

#include <fmt/format.h>
#define ZSTD_STATIC_LINKING_ONLY  // contexts in memory of the caller's, which never ask for more
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "base/units.hpp"
#include "reduce/byte_groups.hpp"
#include "reduce/entropy.hpp"

namespace pfs::reduce {
namespace {

constexpr size_t kLeastBytes = 64;  // fewer are not worth a frame
// zstd gives its fast levels a table for the literals alone. With one for what they are compressed against as well, the
// bytes are 2 to 3 % fewer in the same time (bench/README.md); its 256 KiB stay in L2.
constexpr unsigned kHashLog = 16;
constexpr double kRandomBits = 7.9;  // bits a byte from which bytes count as random
constexpr double kFloatBits = 6.0;   // floats have more than that; text, tables and code have less, and are left whole
constexpr double kGroupedSaves = 0.35;  // bits a byte that grouping has to save by the sample
constexpr uint32_t kTryEach = 32;       // slabs that look random
constexpr size_t kSavesOf = 64;         // a 64th of the bytes at least, or the receiver is spared the work

/// zstd's window has to reach over the literals and what they are compressed against.
int window_log(const LiteralRules& rules) noexcept {
  return std::max(10, static_cast<int>(std::bit_width(rules.bytes + rules.expected - 1)));
}

ZSTD_compressionParameters parameters(const LiteralRules& rules) noexcept {
  ZSTD_compressionParameters found = ZSTD_getCParams(rules.level, rules.bytes, rules.expected);
  found.windowLog = static_cast<unsigned>(window_log(rules));
  found.hashLog = std::max(found.hashLog, kHashLog);
  return found;
}

bool set_up(ZSTD_CCtx* context, const LiteralRules& rules) noexcept {
  const ZSTD_compressionParameters found = parameters(rules);
  const struct {
    ZSTD_cParameter name;
    int value;
  } settings[] = {{ZSTD_c_windowLog, static_cast<int>(found.windowLog)},
                  {ZSTD_c_hashLog, static_cast<int>(found.hashLog)},
                  {ZSTD_c_chainLog, static_cast<int>(found.chainLog)},
                  {ZSTD_c_searchLog, static_cast<int>(found.searchLog)},
                  {ZSTD_c_minMatch, static_cast<int>(found.minMatch)},
                  {ZSTD_c_targetLength, static_cast<int>(found.targetLength)},
                  {ZSTD_c_strategy, static_cast<int>(found.strategy)},
                  {ZSTD_c_contentSizeFlag, 0},
                  {ZSTD_c_dictIDFlag, 0}};
  return std::none_of(std::begin(settings), std::end(settings), [context](const auto& setting) {
    return ZSTD_isError(ZSTD_CCtx_setParameter(context, setting.name, setting.value)) != 0;
  });
}

uint32_t width_of(LiteralForm form) noexcept { return form == LiteralForm::kZstdOfTwo ? 2 : 4; }
bool is_grouped(LiteralForm form) noexcept {
  return form == LiteralForm::kZstdOfTwo || form == LiteralForm::kZstdOfFour;
}

}  // namespace

void LiteralEncoder::Free::operator()(void* memory) const noexcept { std::free(memory); }
void LiteralDecoder::Free::operator()(void* memory) const noexcept { std::free(memory); }

Result<LiteralEncoder> LiteralEncoder::create(const LiteralRules& rules) {
  LiteralEncoder encoder;
  encoder.rules_ = rules;
  const size_t bytes = ZSTD_estimateCCtxSize_usingCParams(parameters(rules));
  encoder.memory_.reset(std::malloc(bytes));
  encoder.context_ = encoder.memory_ ? ZSTD_initStaticCCtx(encoder.memory_.get(), bytes) : nullptr;
  if (encoder.context_ == nullptr || !set_up(encoder.context_, rules)) {
    return fail("", fmt::format("no memory of {} to compress literals", format_bytes(bytes)), "", Exit::kFailed);
  }
  encoder.written_.resize(rules.bytes);
  encoder.grouped_.resize(rules.bytes);
  return encoder;
}

/// The form that a sample promises most of.
LiteralForm LiteralEncoder::choose(std::span<const uint8_t> literals) noexcept {
  const Sampled bits = sample_entropy(literals);
  const double grouped = std::min(bits.of_two, bits.of_four);
  if (bits.plain > kFloatBits && grouped + kGroupedSaves < bits.plain) {
    return bits.of_two <= bits.of_four ? LiteralForm::kZstdOfTwo : LiteralForm::kZstdOfFour;
  }
  if (bits.plain < kRandomBits) return LiteralForm::kZstd;
  if (++passed_ < kTryEach) return LiteralForm::kPlain;
  passed_ = 0;
  return LiteralForm::kZstd;
}

LiteralEncoder::Written LiteralEncoder::encode(std::span<const uint8_t> literals,
                                               std::span<const uint8_t> expected) noexcept {
  const Written plain = {LiteralForm::kPlain, literals};
  if (literals.size() < kLeastBytes) return plain;
  const LiteralForm form = choose(literals);
  if (form == LiteralForm::kPlain) return plain;
  std::span<const uint8_t> source = literals;
  if (is_grouped(form)) {
    group_bytes(literals, width_of(form), grouped_.data());
    source = {grouped_.data(), literals.size()};
    expected = {};
  }
  (void)ZSTD_CCtx_reset(context_, ZSTD_reset_session_only);
  (void)ZSTD_CCtx_refPrefix(context_, expected.data(), expected.size());
  const size_t most = literals.size() - literals.size() / kSavesOf;
  const size_t bytes = ZSTD_compress2(context_, written_.data(), most, source.data(), source.size());
  if (ZSTD_isError(bytes) != 0) return plain;  // it would not fit
  return {form, {written_.data(), bytes}};
}

Result<LiteralDecoder> LiteralDecoder::create(const LiteralRules& rules) {
  LiteralDecoder decoder;
  const size_t bytes = ZSTD_estimateDCtxSize();
  decoder.memory_.reset(std::malloc(bytes));
  decoder.context_ = decoder.memory_ ? ZSTD_initStaticDCtx(decoder.memory_.get(), bytes) : nullptr;
  decoder.dictionary_bytes_ = ZSTD_estimateDDictSize(0, ZSTD_dlm_byRef);
  decoder.dictionary_.reset(std::malloc(decoder.dictionary_bytes_));
  if (decoder.context_ == nullptr || !decoder.dictionary_) {
    return fail("", fmt::format("no memory of {} to read compressed literals", format_bytes(bytes)), "", Exit::kFailed);
  }
  decoder.grouped_.resize(rules.bytes);
  return decoder;
}

bool LiteralDecoder::decode(LiteralForm form, std::span<const uint8_t> bytes, std::span<const uint8_t> expected,
                            std::span<uint8_t> literals) noexcept {
  if (form == LiteralForm::kPlain) {
    if (bytes.size() != literals.size()) return false;
    std::copy(bytes.begin(), bytes.end(), literals.begin());
    return true;
  }
  const bool grouped = is_grouped(form);
  if (form > LiteralForm::kZstdOfFour || (grouped && literals.size() > grouped_.size())) return false;
  uint8_t* const out = grouped ? grouped_.data() : literals.data();
  size_t written = 0;
  if (grouped || expected.empty()) {
    written = ZSTD_decompressDCtx(context_, out, literals.size(), bytes.data(), bytes.size());
  } else {
    // Taken as bytes whatever they are: some that look like a dictionary of zstd's would be read as one otherwise.
    const ZSTD_DDict* const dictionary = ZSTD_initStaticDDict(dictionary_.get(), dictionary_bytes_, expected.data(),
                                                              expected.size(), ZSTD_dlm_byRef, ZSTD_dct_rawContent);
    if (dictionary == nullptr) return false;
    written = ZSTD_decompress_usingDDict(context_, out, literals.size(), bytes.data(), bytes.size(), dictionary);
  }
  if (ZSTD_isError(written) != 0 || written != literals.size()) return false;
  if (grouped) ungroup_bytes({grouped_.data(), literals.size()}, width_of(form), literals.data());
  return true;
}

}  // namespace pfs::reduce
