// Where KV pages lie, and what attention asks the memory for ahead of their use. A decode step reads each page once, so that its time is the
// memory's: that should always have something to fetch.
#pragma once

#include "ops/cpu/query_batch.h"

namespace trtllm::ops::TRTLLM_ISA {

TRTLLM_INLINE const std::byte* head_page(const KvLayer& kv, int32_t block, int kv_head) { return kv.base + block * kv.block_bytes + kv_head * kv.head_bytes; }

TRTLLM_INLINE const std::byte* key_page(const AttentionArgs& args, int page) { return head_page(args.kv, args.blocks[page], args.kv_head); }

TRTLLM_INLINE const std::byte* value_page(const AttentionArgs& args, int page) { return key_page(args, page) + args.kv.v_offset; }

// K of a page of the split, or, behind the last, V of its first ones.
TRTLLM_INLINE const std::byte* page_to_fetch(const AttentionArgs& args, int page, Span seen) {
  const int first = seen.begin / kBlockTokens, last = (seen.end - 1) / kBlockTokens;
  if (page <= last) return key_page(args, page);
  return value_page(args, smaller(first + page - last - 1, last));
}

// V of a page of the split, or, behind the last, K of the next split, or of what is read after the call.
TRTLLM_INLINE const std::byte* page_after_values(const AttentionArgs& args, int page, int last) {
  if (page <= last) return value_page(args, page);
  const int last_of_all = (args.first_position + args.rows - 1) / kBlockTokens, next = page - last_of_all - 1;
  if (next < 0) return key_page(args, page);
  return next < args.next.count ? head_page(args.kv, args.next.blocks[next], args.next.kv_head) : value_page(args, last);
}

// Pages to fetch while one is multiplied: they lie far from each other, and no hardware foresees which one comes. A later page goes into the
// second cache level, as the first one's queue of misses can be too short for memory's latency; from there the next page goes into the
// first (native/bench/NOTES.md, "Attention").
struct PagesAhead {
  const std::byte *next, *later;
  // `line(page)`: where that line lies in a page.
  template <class Line>
  [[gnu::always_inline]] void fetch(Line line) const {
    __builtin_prefetch(line(later), 0, 2);
    __builtin_prefetch(line(next), 0, 3);
  }
};

// Lines of V to fetch while soft_max reads nothing: of the pages behind the two that scores_of_split has asked for.
class ValueLines {
 public:
  static constexpr int kPages = 4;
  ValueLines(const AttentionArgs& args, Span seen)
      : args_(args), page_(seen.begin / kBlockTokens + 2), last_(smaller(page_ + kPages, (seen.end + kBlockTokens - 1) / kBlockTokens) - 1) {}
  [[gnu::always_inline]] void fetch() {
    if (page_ > last_) return;
    const std::byte* lines = value_page(args_, page_) + byte_;
    for (int line = 0; line < kLines; ++line) __builtin_prefetch(lines + line * 64, 0, 2);
    byte_ += kLines * 64;
    if (byte_ >= args_.kv.head_bytes) byte_ = 0, ++page_;
  }

 private:
  static constexpr int kLines = 2;  // as long as 16 weights take
  const AttentionArgs& args_;
  int page_, last_;
  int64_t byte_ = 0;
};

}  // namespace trtllm::ops::TRTLLM_ISA
