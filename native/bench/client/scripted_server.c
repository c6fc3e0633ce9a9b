// scripted_server: answers every completion by one script at exact times, and logs when each request arrived (by the kernel) and each
// write began: what a client's stamps are measured against. Prints its port as a line of JSON; SIGTERM ends it and writes the log.
//   --port N            0: any
//   --events N          a stream's content events                        --interval-us N  between writes
//   --coalesce K        events of one write                              --first-us N     from the request to the first write
//   --spread 0|1        streams keep apart in phase (1) or write as soon as asked
//   --log FILE          marks.h
// A request without "stream":true gets one whole reply after --first-us. The text of every event is " ID", the request's number.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "due_heap.h"
#include "stamped_read.h"

struct script {
  long port, events, interval_us, coalesce, first_us, spread;
  const char* log;
};

struct connection {
  int fd;
  uint32_t request;
  long written;  // events
  int is_stream;
  int64_t due;
  char* input;  // of the request being read
  size_t input_size, input_room;
  char* output;  // bytes of one write of the stream
  size_t output_size;
};

static struct script script = {.events = 100, .interval_us = 50000, .coalesce = 1, .first_us = 50000, .spread = 1};
static struct marks marks;
static struct due_heap due_heap;
static uint32_t num_requests;
static volatile sig_atomic_t is_over;

static const char kStreamHead[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
static const char kModels[] = "{\"object\":\"list\",\"data\":[{\"id\":\"scripted\",\"object\":\"model\"}]}";
static const char kEvent[] =
    "data: {\"id\":\"cmpl-0\",\"object\":\"text_completion\",\"created\":1700000000,\"model\":\"scripted\",\"choices\":[{\"index\":0,"
    "\"text\":\" %u\",\"logprobs\":null,\"finish_reason\":null}]}\n\n";

static void parse_options(int argc, char** argv) {
  static const struct option kOptions[] = {{"port", 1, 0, 'p'},     {"events", 1, 0, 'e'},   {"interval-us", 1, 0, 'i'}, {"coalesce", 1, 0, 'c'},
                                           {"first-us", 1, 0, 'f'}, {"spread", 1, 0, 's'},   {"log", 1, 0, 'l'},         {0, 0, 0, 0}};
  for (int flag; (flag = getopt_long(argc, argv, "", kOptions, NULL)) != -1;) {
    const long value = optarg == NULL ? 0 : atol(optarg);
    if (flag == 'p') script.port = value;
    else if (flag == 'e') script.events = value;
    else if (flag == 'i') script.interval_us = value;
    else if (flag == 'c') script.coalesce = value;
    else if (flag == 'f') script.first_us = value;
    else if (flag == 's') script.spread = value;
    else if (flag == 'l') script.log = optarg;
    else exit(2);
  }
}

// The script leaves no room for a client that does not read: its socket buffer holds seconds of events.
static void write_all(const struct connection* connection, const char* bytes, size_t size) {
  const ssize_t written = send(connection->fd, bytes, size, MSG_NOSIGNAL);
  if (written >= 0 && (size_t)written < size) fprintf(stderr, "scripted_server: request %u is not read\n", connection->request), exit(1);
}

static void write_whole(const struct connection* connection, const char* body) {
  char reply[2048];
  const int size = snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", strlen(body), body);
  write_all(connection, reply, (size_t)size);
}

static void write_answer(const struct connection* connection) {
  char body[512];
  snprintf(body, sizeof body,
           "{\"id\":\"cmpl-0\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\" %u\",\"finish_reason\":\"length\"}],"
           "\"usage\":{\"completion_tokens\":%ld}}",
           connection->request, script.events);
  add_mark(&marks, connection->request, 0, monotonic_ns());
  write_whole(connection, body);
}

static void write_end(const struct connection* connection) {
  char events[512], bytes[1024];
  const int size = snprintf(events, sizeof events,
                            "data: {\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"length\"}],\"usage\":{\"completion_tokens\":%ld}}\n\n"
                            "data: [DONE]\n\n",
                            script.events);
  write_all(connection, bytes, (size_t)snprintf(bytes, sizeof bytes, "%x\r\n%s\r\n0\r\n\r\n", (unsigned)size, events));
}

// One HTTP chunk of --coalesce events, made once for a request.
static void prepare_write(struct connection* connection) {
  char event[512];
  const size_t event_size = (size_t)snprintf(event, sizeof event, kEvent, connection->request);
  const size_t room = event_size * (size_t)script.coalesce + 32;
  connection->output = realloc(connection->output, room);
  char* at = connection->output + sprintf(connection->output, "%zx\r\n", event_size * (size_t)script.coalesce);
  for (long i = 0; i < script.coalesce; i++, at += event_size) memcpy(at, event, event_size);
  memcpy(at, "\r\n", 2);
  connection->output_size = (size_t)(at + 2 - connection->output);
}

static void write_due(struct connection* connection) {
  if (connection->fd < 0) return;
  if (!connection->is_stream) {
    write_answer(connection);
    return;
  }
  if (connection->written >= script.events) {
    write_end(connection);
    return;
  }
  const int64_t now = monotonic_ns();
  for (long i = 0; i < script.coalesce; i++) add_mark(&marks, connection->request, (int32_t)connection->written++, now);
  write_all(connection, connection->output, connection->output_size);
  connection->due += script.interval_us * 1000;
  push_due(&due_heap, connection->due, connection);
}

static void begin_answer(struct connection* connection, const char* body, size_t size, int64_t arrived) {
  connection->request = num_requests++;
  connection->written = 0;
  connection->is_stream = memmem(body, size, "\"stream\":true", 13) != NULL || memmem(body, size, "\"stream\": true", 14) != NULL;
  add_mark(&marks, connection->request, -1, arrived);
  connection->due = arrived + script.first_us * 1000;
  if (connection->is_stream) {
    write_all(connection, kStreamHead, sizeof kStreamHead - 1);
    prepare_write(connection);
    // Multiples of the golden ratio keep any number of phases apart (Weyl).
    const double turns = connection->request * 0.6180339887498949;
    if (script.spread) connection->due += (int64_t)((turns - (double)(int64_t)turns) * (double)script.interval_us * 1000);
  }
  if (!connection->is_stream && script.first_us == 0) write_answer(connection);
  else push_due(&due_heap, connection->due, connection);
}

// Takes one request out of the input if it is there as a whole.
static int take_request(struct connection* connection, int64_t arrived) {
  const char* end = memmem(connection->input, connection->input_size, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  const size_t head_size = (size_t)(end + 4 - connection->input);
  connection->input[head_size - 1] = '\0';
  const char* length = strcasestr(connection->input, "\r\ncontent-length:");
  connection->input[head_size - 1] = '\n';
  const size_t body_size = length == NULL ? 0 : (size_t)atol(length + 17);
  if (connection->input_size < head_size + body_size) return 0;
  if (strncmp(connection->input, "GET ", 4) == 0) write_whole(connection, kModels);
  else begin_answer(connection, connection->input + head_size, body_size, arrived);
  connection->input_size -= head_size + body_size;
  memmove(connection->input, connection->input + head_size + body_size, connection->input_size);
  return 1;
}

static void close_connection(struct connection* connection) {
  close(connection->fd);
  connection->fd = -1;  // the heap may still hold it
}

static void read_requests(struct connection* connection) {
  if (connection->input_room - connection->input_size < 16384) {
    connection->input_room = connection->input_room * 2 + 16384;
    connection->input = realloc(connection->input, connection->input_room + 1);
  }
  int64_t arrived;
  const ssize_t size = stamped_read(connection->fd, connection->input + connection->input_size, connection->input_room - connection->input_size, &arrived);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    close_connection(connection);
    return;
  }
  connection->input_size += (size_t)size;
  while (take_request(connection, arrived)) {}
}

static int listen_on(long port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(fd, (struct sockaddr*)&address, size) != 0 || listen(fd, 16384) != 0) die("listen");
  getsockname(fd, (struct sockaddr*)&address, &size);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void accept_all(int listener, int epoll) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ask_for_kernel_stamps(fd);
    struct connection* connection = calloc(1, sizeof *connection);
    connection->fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = connection});
  }
}

static void serve(int listener) {
  const int epoll = epoll_create1(0);
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL});
  struct epoll_event ready[256];
  while (!is_over) {
    const int64_t wait = due_heap.count == 0 ? 1000000000 : due_heap.list[0].due - monotonic_ns();
    const struct timespec timeout = {.tv_sec = wait <= 0 ? 0 : wait / 1000000000, .tv_nsec = wait <= 0 ? 0 : wait % 1000000000};
    const int count = epoll_pwait2(epoll, ready, 256, &timeout, NULL);
    for (int i = 0; i < count; i++) {
      if (ready[i].data.ptr == NULL) accept_all(listener, epoll);
      else read_requests(ready[i].data.ptr);
    }
    while (due_heap.count > 0 && due_heap.list[0].due <= monotonic_ns()) write_due(pop_due(&due_heap));
  }
}

static void end(int signal) { is_over = 1; }

int main(int argc, char** argv) {
  parse_options(argc, argv);
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
  prctl(PR_SET_TIMERSLACK, 1);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  serve(listen_on(script.port));
  if (script.log != NULL) write_marks(&marks, script.log);
  return 0;
}
