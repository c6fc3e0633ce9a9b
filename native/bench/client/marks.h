// When a request or an event of a reply passed, kept in memory and written out at the end. The scripted server logs what it wrote,
// the bare receive loop what it read, in the same form: little-endian u32 request, i32 event (-1: the request itself), i64 ns of
// CLOCK_MONOTONIC.
#ifndef TRTLLM_MARKS_H
#define TRTLLM_MARKS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct mark {
  uint32_t request;
  int32_t event;
  int64_t ns;
};

struct marks {
  struct mark* list;
  size_t count, room;
};

static inline int64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline void die(const char* what) {
  perror(what);
  exit(1);
}

// At most one allocation in a million: it would show in the times.
static inline void add_mark(struct marks* marks, uint32_t request, int32_t event, int64_t ns) {
  if (marks->count == marks->room) {
    marks->room = marks->room == 0 ? 1 << 20 : marks->room * 2;
    marks->list = realloc(marks->list, marks->room * sizeof *marks->list);
    if (marks->list == NULL) die("marks");
  }
  marks->list[marks->count++] = (struct mark){request, event, ns};
}

static inline void write_marks(const struct marks* marks, const char* path) {
  FILE* file = fopen(path, "wb");
  if (file == NULL || fwrite(marks->list, sizeof *marks->list, marks->count, file) != marks->count || fclose(file) != 0) die(path);
}

#endif
