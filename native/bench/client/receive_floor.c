// receive_floor: what a client on this machine can do at best. Sends and receives as little as a load client must: epoll, one recv a
// readiness, one clock reading, counting event ends; nothing is kept of a reply but stamps. Prints one line of JSON with its CPU time.
//   --port N --requests N --concurrency N        closed loop: a slot's next request leaves when its reply is whole
//   --rate R                                     or Poisson at R a second; --concurrency is then the number of connections ready
//   --stream 0|1  --body-bytes N
//   --kernel-stamps 0|1                          stamps of the kernel's arrival in place of the clock after recv
//   --log FILE                                   marks.h; event -1 is the send
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stamped_read.h"

struct slot {
  int fd;
  uint32_t request;  // of the server, read from the first event
  int32_t events;
  int has_text, is_busy;
  int64_t sent;
};

static long g_port, g_requests = 256, g_concurrency = 256, g_is_stream = 1, g_body_bytes = 200, g_kernel_stamps;
static double g_rate;
static const char* g_log;
static struct marks g_marks;
static double* g_lags_ns;  // of sends by plan
static char* g_message;
static size_t g_message_size;
static long g_num_sent, g_num_ended, g_num_events;

static void parse_options(int argc, char** argv) {
  static const struct option kOptions[] = {{"port", 1, 0, 'p'},   {"requests", 1, 0, 'n'},   {"concurrency", 1, 0, 'c'},   {"rate", 1, 0, 'r'},
                                           {"stream", 1, 0, 's'}, {"body-bytes", 1, 0, 'b'}, {"kernel-stamps", 1, 0, 'k'}, {"log", 1, 0, 'l'},
                                           {0, 0, 0, 0}};
  for (int flag; (flag = getopt_long(argc, argv, "", kOptions, NULL)) != -1;) {
    const long value = optarg == NULL ? 0 : atol(optarg);
    if (flag == 'p') g_port = value;
    else if (flag == 'n') g_requests = value;
    else if (flag == 'c') g_concurrency = value;
    else if (flag == 'r') g_rate = atof(optarg);
    else if (flag == 's') g_is_stream = value;
    else if (flag == 'b') g_body_bytes = value;
    else if (flag == 'k') g_kernel_stamps = value;
    else if (flag == 'l') g_log = optarg;
    else exit(2);
  }
}

static void prepare_message(void) {
  g_message = malloc((size_t)g_body_bytes + 256);
  char* body = malloc((size_t)g_body_bytes + 64);
  int size = sprintf(body, "{\"model\":\"scripted\",\"stream\":%s,\"prompt\":\"", g_is_stream ? "true" : "false");
  for (; size < g_body_bytes - 2; size++) body[size] = 'x';
  size += sprintf(body + size, "\"}");
  g_message_size = (size_t)sprintf(g_message, "POST /v1/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s", size, body);
  free(body);
}

static int connect_one(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)g_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (const struct sockaddr*)&address, sizeof address) != 0) die("connect");
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (g_kernel_stamps) ask_for_kernel_stamps(fd);
  return fd;
}

static void send_next(struct slot* slot, int64_t due) {
  slot->events = slot->has_text = 0;
  slot->is_busy = 1;
  slot->sent = monotonic_ns();
  g_lags_ns[g_num_sent++] = (double)(slot->sent - due);
  if (send(slot->fd, g_message, g_message_size, MSG_NOSIGNAL) != (ssize_t)g_message_size) die("send");
}

static void end_reply(struct slot* slot) {
  add_mark(&g_marks, slot->request, -1, slot->sent);
  slot->is_busy = 0;
  g_num_ended++;
  if (g_rate == 0 && g_num_sent < g_requests) send_next(slot, monotonic_ns());
}

static void read_reply(struct slot* slot) {
  static char bytes[1 << 18];
  int64_t at;
  ssize_t size;
  if (g_kernel_stamps) size = stamped_read(slot->fd, bytes, sizeof bytes - 1, &at);
  else size = recv(slot->fd, bytes, sizeof bytes - 1, MSG_DONTWAIT), at = monotonic_ns();
  if (size <= 0) die("recv");
  bytes[size] = '\0';
  const char* text = slot->has_text ? NULL : strstr(bytes, "\"text\":\" ");
  if (text != NULL) slot->request = (uint32_t)atol(text + 9), slot->has_text = 1;
  const char* done = g_is_stream ? strstr(bytes, "data: {\"choices\"") : NULL;
  if (!g_is_stream) add_mark(&g_marks, slot->request, slot->events++, at), g_num_events++;
  for (const char* next = bytes; g_is_stream && (next = memmem(next, (size_t)(bytes + size - next), "\n\n", 2)) != NULL && (done == NULL || next < done); next += 2)
    add_mark(&g_marks, slot->request, slot->events++, at), g_num_events++;
  if (!g_is_stream || done != NULL) end_reply(slot);
}

static void wait_and_read(int epoll, const struct timespec* timeout) {
  struct epoll_event ready[256];
  const int count = epoll_pwait2(epoll, ready, 256, timeout, NULL);
  for (int i = 0; i < count; i++) read_reply(ready[i].data.ptr);
}

static struct slot* idle_slot(struct slot* slots) {
  static long next;
  for (long i = 0; i < g_concurrency; i++) {
    struct slot* slot = &slots[next++ % g_concurrency];
    if (!slot->is_busy) return slot;
  }
  fprintf(stderr, "receive_floor: no connection is free\n");
  exit(1);
}

static void run_at_rate(int epoll, struct slot* slots) {
  srand48(1);
  double due = (double)monotonic_ns() + 1e7;
  while (g_num_ended < g_requests) {
    const double now = (double)monotonic_ns();
    if (g_num_sent < g_requests && now >= due) {
      send_next(idle_slot(slots), (int64_t)due);
      due += -log(1 - drand48()) * 1e9 / g_rate;
      continue;
    }
    const int64_t wait = g_num_sent < g_requests ? (int64_t)(due - now) + 1 : 1000000000;
    wait_and_read(epoll, &(struct timespec){wait / 1000000000, wait % 1000000000});
  }
}

static double cpu_s(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int by_size(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  parse_options(argc, argv);
  prctl(PR_SET_TIMERSLACK, 1);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  prepare_message();
  g_lags_ns = calloc((size_t)g_requests + 1, sizeof *g_lags_ns);
  struct slot* slots = calloc((size_t)g_concurrency, sizeof *slots);
  const int epoll = epoll_create1(0);
  for (long i = 0; i < g_concurrency; i++) {
    slots[i].fd = connect_one();
    epoll_ctl(epoll, EPOLL_CTL_ADD, slots[i].fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &slots[i]});
  }
  const double cpu_before = cpu_s();
  const int64_t start = monotonic_ns();
  if (g_rate > 0) {
    run_at_rate(epoll, slots);
  } else {
    for (long i = 0; i < g_concurrency && g_num_sent < g_requests; i++) send_next(&slots[i], start);
    while (g_num_ended < g_requests) wait_and_read(epoll, NULL);
  }
  const double seconds = (double)(monotonic_ns() - start) / 1e9, cpu = cpu_s() - cpu_before;
  qsort(g_lags_ns, (size_t)g_requests, sizeof *g_lags_ns, by_size);
  printf("{\"seconds\":%.6f,\"cpuS\":%.6f,\"requests\":%ld,\"events\":%ld,\"sendLagUs\":{\"p50\":%.2f,\"p99\":%.2f}}\n", seconds, cpu, g_num_ended, g_num_events,
         g_lags_ns[g_requests / 2] / 1e3, g_lags_ns[g_requests * 99 / 100] / 1e3);
  if (g_log != NULL) write_marks(&g_marks, g_log);
  return 0;
}
