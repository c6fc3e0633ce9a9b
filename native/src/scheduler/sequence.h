// One request as the scheduler sees it: token counts and blocks. No logits, no text, no sampling.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kv_cache/block_manager.h"

namespace trtllm::scheduler {

struct Sequence {
  uint64_t id = 0;
  uint64_t arrival = 0;  // order of submission
  int priority = 50;
  std::vector<int32_t> tokens;  // prompt, then what was generated
  int num_prompt_tokens = 0;
  int max_total_tokens = 0;      // prompt + max_tokens
  bool wants_prompt_logits = false;  // every prompt row's logits: computed once, from position num_delivered_rows on
  bool allow_reuse = true;
  std::string cache_salt;

  int num_computed = 0;        // tokens whose K and V are in `blocks`
  int num_delivered_rows = 0;  // prompt rows whose logits were delivered
  std::vector<int> blocks;
  std::vector<kv_cache::BlockKey> keys;  // of full blocks: all of the prompt's from the start, generated ones as they fill
  int num_stored_blocks = 0;             // leading blocks that are in the prefix tree
  bool is_active = false;
  bool was_paused = false;

  int num_tokens() const { return static_cast<int>(tokens.size()); }
  int num_generated() const { return num_tokens() - num_prompt_tokens; }
  int num_uncomputed() const { return num_tokens() - num_computed; }
  // One token to compute, and that one generated: a decode row.
  bool is_generating() const { return num_uncomputed() == 1 && num_generated() > 0; }
};

constexpr int blocks_for(int num_tokens) { return (num_tokens + kBlockTokens - 1) / kBlockTokens; }

// Blocks the sequence holds when it ends; its last token is never fed back.
inline int blocks_to_completion(const Sequence& sequence) {
  const int stored = sequence.max_total_tokens - (sequence.max_total_tokens > sequence.num_prompt_tokens ? 1 : 0);
  return blocks_for(stored);
}

// Scheduling order: priority, then arrival.
inline bool runs_before(const Sequence& a, const Sequence& b) { return a.priority != b.priority ? a.priority > b.priority : a.arrival < b.arrival; }

}  // namespace trtllm::scheduler
