/*
 * Serial lines on which the kernel has a console: a terminal at their end may send a boot key, too.
 */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "presses.h"
#include "serial-keys.h"

enum { MAX_SERIAL = 8 };

/* `fd` is -1 after a hang-up: somebody else uses the line from then on. */
struct serial { char name[32]; int fd; bool changed; struct termios before, during; struct parser parser; };

static struct serial serials[MAX_SERIAL];
static int serialCount;

static bool isSerialName(const char *name) {
  static const char *const prefixes[] = {"ttyS", "ttyUSB", "ttyAMA", "hvc"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    size_t length = strlen(prefixes[i]);
    if (!strncmp(name, prefixes[i], length) && name[length] && strspn(name + length, "0123456789") == strlen(name + length)) return true;
  }
  return false;
}

/* Characters must arrive one by one and without echo; speed, parity and output stay as the kernel console set them. */
static void openSerial(int devFd, const char *name) {
  for (int i = 0; i < serialCount; i++)
    if (!strcmp(serials[i].name, name)) return;
  if (serialCount == MAX_SERIAL) return;
  struct serial serial = {.fd = openat(devFd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (serial.fd < 0) return;
  if (tcgetattr(serial.fd, &serial.before) < 0) {
    close(serial.fd); /* a port without hardware behind it says EIO */
    return;
  }
  struct termios raw = serial.before;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  serial.changed = tcsetattr(serial.fd, TCSANOW, &raw) == 0 && tcgetattr(serial.fd, &serial.during) == 0;
  snprintf(serial.name, sizeof serial.name, "%s", name);
  serials[serialCount++] = serial;
}

/* `devFd` and `sysFd` are the folders /dev and /sys. */
static void scanSerialConsoles(int devFd, int sysFd) {
  char names[512];
  int fd = openat(sysFd, "class/tty/console/active", O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? 0 : read(fd, names, sizeof names - 1);
  if (fd >= 0) close(fd);
  names[size > 0 ? size : 0] = '\0';
  char *rest = names;
  for (char *name; (name = strsep(&rest, " \t\n"));)
    if (isSerialName(name) && strlen(name) < sizeof serials->name) openSerial(devFd, name);
}

static void sampleSerial(struct serial *serial) {
  char bytes[256];
  for (int reads = 0; reads < MAX_READS; reads++) {
    ssize_t size = read(serial->fd, bytes, sizeof bytes);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (size <= 0) {
      close(serial->fd);
      serial->fd = -1;
      return;
    }
    for (ssize_t i = 0; i < size; i++) {
      enum key key = parse(&serial->parser, bytes[i], nowMs());
      if (key != NO_KEY) record(key, serial->name);
    }
  }
  explicit_bzero(bytes, sizeof bytes);
  enum key key = parseSilence(&serial->parser, nowMs());
  if (key != NO_KEY) record(key, serial->name);
}

/* A login or the menu may have set the line up for itself meanwhile; then it is left alone. */
static void restoreSerial(struct serial *serial) {
  struct termios present;
  if (serial->fd < 0 || !serial->changed || tcgetattr(serial->fd, &present) < 0) return;
  if (present.c_lflag == serial->during.c_lflag && present.c_iflag == serial->during.c_iflag) {
    present.c_lflag = serial->before.c_lflag;
    memcpy(present.c_cc, serial->before.c_cc, sizeof present.c_cc);
    tcsetattr(serial->fd, TCSANOW, &present);
  }
}
