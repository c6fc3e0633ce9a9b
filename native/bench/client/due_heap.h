// Connections by the time of their next write: a binary heap, earliest first.
#ifndef TRTLLM_DUE_HEAP_H
#define TRTLLM_DUE_HEAP_H

#include <stdint.h>
#include <stdlib.h>

struct due_entry {
  int64_t due;
  struct connection* connection;
};

struct due_heap {
  struct due_entry* list;
  size_t count, room;
};

static inline void swap_due(struct due_entry* a, struct due_entry* b) {
  const struct due_entry kept = *a;
  *a = *b;
  *b = kept;
}

static inline void push_due(struct due_heap* heap, int64_t due, struct connection* connection) {
  if (heap->count == heap->room) {
    heap->room = heap->room == 0 ? 1024 : heap->room * 2;
    heap->list = realloc(heap->list, heap->room * sizeof *heap->list);
    if (heap->list == NULL) abort();
  }
  size_t at = heap->count++;
  heap->list[at] = (struct due_entry){due, connection};
  for (; at > 0 && heap->list[at].due < heap->list[(at - 1) / 2].due; at = (at - 1) / 2) swap_due(&heap->list[at], &heap->list[(at - 1) / 2]);
}

// The heap is not empty.
static inline struct connection* pop_due(struct due_heap* heap) {
  struct connection* first = heap->list[0].connection;
  heap->list[0] = heap->list[--heap->count];
  for (size_t at = 0;;) {
    size_t least = at;
    for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++)
      if (heap->list[child].due < heap->list[least].due) least = child;
    if (least == at) return first;
    swap_due(&heap->list[at], &heap->list[least]);
    at = least;
  }
}

#endif
