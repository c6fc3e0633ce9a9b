// No step allocates: not one that admits, computes prompts, draws, fills blocks, pauses or ends requests.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

#include "executor/executor.h"
#include "worker/tiny_backend.h"

namespace {

std::atomic<int64_t> num_allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  num_allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Of the whole test executable: they count, and otherwise do what the standard ones do.
void* operator new(std::size_t size) { return counted(size == 0 ? 1 : size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, static_cast<std::size_t>(alignment)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept try {
  return ::operator new(size);
} catch (const std::bad_alloc&) {
  return nullptr;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace trtllm::worker {
namespace {

// Greedy ones, plain draws, draws with filters and with penalties.
std::vector<Request> mixed_requests(int vocab_size) {
  std::mt19937 random(5);
  std::vector<Request> requests(24);
  for (size_t i = 0; i < requests.size(); ++i) {
    Request& request = requests[i];
    request.id = i;
    request.prompt.resize(1 + random() % 60);
    for (int32_t& token : request.prompt) token = static_cast<int32_t>(random() % static_cast<unsigned>(vocab_size));
    request.max_tokens = 1 + static_cast<int>(random() % 50);
    request.sampling.temperature = i % 4 == 0 ? 0.0f : 0.8f;
    if (i % 4 == 2) request.sampling.top_p = 0.9f;
    if (i % 4 == 3) request.sampling.top_k = 20;
    if (i % 3 == 1) request.sampling.frequency_penalty = 0.5f;
    request.sampling.min_tokens = 2;
    request.stop_token_ids = {7};
  }
  return requests;
}

TEST(Steps, AllocateNothing) {
  const program::TinyShape shape;
  const program::TinyEngine engine(shape);
  for (CapacityPolicy policy : {CapacityPolicy::guaranteed_no_evict, CapacityPolicy::max_utilization}) {
    Executor executor(open_backend(engine, ops::best_isa(), 2), {.max_batch_size = 6, .max_num_tokens = 48, .num_blocks = 12, .capacity_policy = policy});
    for (const Request& request : mixed_requests(shape.vocab_size)) executor.submit(request);
    int num_steps = 0, num_paused = 0;
    for (; executor.has_work(); ++num_steps) {
      const int64_t before = num_allocations.load();
      num_paused += executor.step().stats.num_paused;
      ASSERT_EQ(num_allocations.load() - before, 0) << "step " << num_steps;
    }
    EXPECT_GT(num_steps, 50);
    if (policy == CapacityPolicy::max_utilization) {
      EXPECT_GT(num_paused, 0);
    }
  }
}

}  // namespace
}  // namespace trtllm::worker
