/* What Node cannot do by itself: sd_notify(3), fields in the journal, the window size of a serial line, forgetting typed keys, flock(2),
 * ioctl(2) with a buffer, a connection that is read and written without its event loop, and who is at the other end of one.
 * Node-API (https://nodejs.org/api/n-api.html), so it fits every Node from 10 on. */
#define _GNU_SOURCE /* struct ucred */
#include <errno.h>
#include <node_api.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static napi_value fail(napi_env env, const char *call) {
  int number = errno;
  char text[160];
  strcpy(text, call);
  strcat(text, ": ");
  strncat(text, strerror(number), sizeof text - strlen(text) - 1);
  napi_throw_error(env, NULL, text);
  return NULL;
}

/* Reads `wanted` numbers from the arguments; returns 0 and throws when one is not a number. */
static int numbers(napi_env env, napi_callback_info info, size_t wanted, int32_t *values) {
  size_t count = wanted;
  napi_value args[3];
  napi_get_cb_info(env, info, &count, args, NULL, NULL);
  for (size_t i = 0; i < wanted; i++)
    if (i >= count || napi_get_value_int32(env, args[i], &values[i]) != napi_ok) {
      napi_throw_type_error(env, NULL, "expected a number");
      return 0;
    }
  return 1;
}

static napi_value boolean(napi_env env, int value) {
  napi_value result;
  napi_get_boolean(env, value, &result);
  return result;
}

/* One datagram to a socket, '@' at the beginning of its path meaning abstract. */
static napi_value send_datagram(napi_env env, const char *path, const void *bytes, size_t length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return fail(env, path);
  }
  size_t path_length = strlen(path);
  memcpy(address.sun_path, path, path_length);
  if (path[0] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(env, "socket");
  ssize_t sent = sendto(fd, bytes, length, MSG_NOSIGNAL, (struct sockaddr *)&address,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length));
  if (sent < 0) {
    fail(env, "sendto");
    close(fd);
    return NULL;
  }
  close(fd);
  return boolean(env, 1);
}

/* The protocol of sd_notify(3): one datagram to the socket that $NOTIFY_SOCKET names. */
static napi_value sd_notify(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value arg;
  char text[2048];
  napi_get_cb_info(env, info, &count, &arg, NULL, NULL);
  if (count < 1 || napi_get_value_string_utf8(env, arg, text, sizeof text, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a string");
    return NULL;
  }
  const char *path = getenv("NOTIFY_SOCKET");
  if (!path || !*path) return boolean(env, 0);
  return send_datagram(env, path, text, length);
}

/* Journald's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/): fields in one datagram. */
static napi_value to_journal(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value arg;
  void *bytes;
  napi_get_cb_info(env, info, &count, &arg, NULL, NULL);
  if (count < 1 || napi_get_buffer_info(env, arg, &bytes, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a buffer");
    return NULL;
  }
  return send_datagram(env, "/run/systemd/journal/socket", bytes, length);
}

/*
 * Whoever connects reads and writes the descriptor, and gives up when the other side is silent for 100 seconds:
 * less than WatchdogSec= of deskvisor-boot.service.
 */
static napi_value connect_unix(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value arg, result;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const struct timeval patience = {.tv_sec = 100};
  napi_get_cb_info(env, info, &count, &arg, NULL, NULL);
  if (count < 1 ||
      napi_get_value_string_utf8(env, arg, address.sun_path, sizeof address.sun_path, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a path");
    return NULL;
  }
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(env, "socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
    fail(env, "connect");
    close(fd);
    return NULL;
  }
  napi_create_int32(env, fd, &result);
  return result;
}

/* [pid, uid] of the process that connected: SO_PEERCRED of unix(7). */
static napi_value peer_credentials(napi_env env, napi_callback_info info) {
  int32_t fd;
  struct ucred peer;
  socklen_t length = sizeof peer;
  napi_value result, pid, uid;
  if (!numbers(env, info, 1, &fd)) return NULL;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length)) return fail(env, "SO_PEERCRED");
  napi_create_int32(env, peer.pid, &pid);
  napi_create_uint32(env, peer.uid, &uid);
  napi_create_array_with_length(env, 2, &result);
  napi_set_element(env, result, 0, pid);
  napi_set_element(env, result, 1, uid);
  return result;
}

static napi_value set_window_size(napi_env env, napi_callback_info info) {
  int32_t v[3];
  if (!numbers(env, info, 3, v)) return NULL;
  struct winsize size = {.ws_row = (unsigned short)v[1], .ws_col = (unsigned short)v[2]};
  return ioctl(v[0], TIOCSWINSZ, &size) ? fail(env, "TIOCSWINSZ") : NULL;
}

static napi_value flush_input(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!numbers(env, info, 1, &fd)) return NULL;
  return tcflush(fd, TCIFLUSH) ? fail(env, "tcflush") : NULL;
}

static napi_value try_lock(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!numbers(env, info, 1, &fd)) return NULL;
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return boolean(env, 1);
  return errno == EWOULDBLOCK ? boolean(env, 0) : fail(env, "flock");
}

/* ioctl(2) whose argument is a pointer to a buffer; gives what it returned, or the negative errno. */
static napi_value control(napi_env env, napi_callback_info info) {
  size_t count = 3, length;
  napi_value args[3], value;
  int32_t fd;
  uint32_t request;
  void *bytes;
  napi_get_cb_info(env, info, &count, args, NULL, NULL);
  if (count < 3 || napi_get_value_int32(env, args[0], &fd) != napi_ok ||
      napi_get_value_uint32(env, args[1], &request) != napi_ok ||
      napi_get_buffer_info(env, args[2], &bytes, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a descriptor, a request and a buffer");
    return NULL;
  }
  /* The size that a request carries in its bits 16 to 29 (asm-generic/ioctl.h) must be there to read and write. */
  int result = -EINVAL;
  if (_IOC_SIZE(request) <= length) {
    result = ioctl(fd, request, bytes);
    if (result < 0) result = -errno;
  }
  napi_create_int32(env, result, &value);
  return value;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor methods[] = {
      {"sdNotify", NULL, sd_notify, NULL, NULL, NULL, napi_enumerable, NULL},
      {"toJournal", NULL, to_journal, NULL, NULL, NULL, napi_enumerable, NULL},
      {"setWindowSize", NULL, set_window_size, NULL, NULL, NULL, napi_enumerable, NULL},
      {"flushInput", NULL, flush_input, NULL, NULL, NULL, napi_enumerable, NULL},
      {"connectUnix", NULL, connect_unix, NULL, NULL, NULL, napi_enumerable, NULL},
      {"peerCredentials", NULL, peer_credentials, NULL, NULL, NULL, napi_enumerable, NULL},
      {"ioctl", NULL, control, NULL, NULL, NULL, napi_enumerable, NULL},
      {"tryLock", NULL, try_lock, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof methods / sizeof *methods, methods);
  return exports;
}
