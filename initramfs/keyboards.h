/*
 * Keyboards of the kernel's input layer: found as they appear, read until they go.
 */
#pragma once
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "presses.h"

enum { MAX_KEYBOARDS = 64, MAX_NODES = 256 };

/* A node that was looked at. `fd` is -1 if it is no keyboard; the inode tells when the same name is another device. */
struct node { bool used, present; unsigned number; ino_t inode; int fd; char name[NAME_SIZE]; };

static struct node nodes[MAX_NODES];
static int keyboardCount;
static long long firstKeyboardMs = -1;

static bool bitIsSet(const unsigned char *bits, unsigned bit) { return bits[bit / 8] >> (bit % 8) & 1; }

/* Power buttons, mice with extra buttons and headsets have EV_KEY too; a keyboard has letters and function keys. */
static bool isKeyboard(int fd) {
  unsigned char bits[KEY_MAX / 8 + 1] = {0};
  if (ioctl(fd, EVIOCGBIT(EV_KEY, sizeof bits), bits) < 0) return false;
  return bitIsSet(bits, KEY_A) && bitIsSet(bits, KEY_Z) && bitIsSet(bits, KEY_F1) && bitIsSet(bits, KEY_F8);
}

static void readName(int fd, char *name) {
  char raw[NAME_SIZE] = "";
  if (ioctl(fd, EVIOCGNAME(sizeof raw - 1), raw) < 0) raw[0] = '\0';
  for (const char *from = raw; *from; from++)
    if (*from >= 0x20 && *from < 0x7f) *name++ = *from;
  *name = '\0';
}

static void forget(struct node *node) {
  if (node->fd >= 0) {
    close(node->fd);
    keyboardCount--;
    changed = true;
  }
  node->used = false;
}

static void lookAt(int inputFd, const char *file, unsigned number, ino_t inode) {
  struct node *free = NULL;
  for (struct node *node = nodes; node < nodes + MAX_NODES; node++) {
    if (node->used && node->number == number && node->inode == inode) {
      node->present = true;
      return;
    }
    if (!node->used && !free) free = node;
  }
  if (!free || keyboardCount >= MAX_KEYBOARDS) return;
  int fd = openat(inputFd, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return;
  *free = (struct node){.used = true, .present = true, .number = number, .inode = inode, .fd = -1};
  if (!isKeyboard(fd)) {
    close(fd);
    return;
  }
  free->fd = fd;
  readName(fd, free->name);
  keyboardCount++;
  if (firstKeyboardMs < 0) firstKeyboardMs = nowMs();
  changed = true;
}

/* `devFd` is the folder /dev. */
static void scanKeyboards(int devFd) {
  for (struct node *node = nodes; node < nodes + MAX_NODES; node++) node->present = false;
  int fd = openat(devFd, "input", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = fd < 0 ? NULL : fdopendir(fd);
  if (fd >= 0 && !folder) close(fd);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    unsigned number;
    int length = 0;
    if (sscanf(entry->d_name, "event%6u%n", &number, &length) == 1 && !entry->d_name[length])
      lookAt(dirfd(folder), entry->d_name, number, entry->d_ino);
  }
  if (folder) closedir(folder);
  for (struct node *node = nodes; node < nodes + MAX_NODES; node++)
    if (node->used && !node->present) forget(node);
}

/*
 * Taps come from the events, as a key may go down and up within one tick; held keys from the kernel's state. In this
 * order: EVIOCGKEY throws away the key events that wait to be read (evdev_handle_get_val in drivers/input/evdev.c).
 */
static void sampleKeyboard(struct node *node) {
  bool gone = false;
  struct input_event events[64];
  for (int reads = 0; reads < MAX_READS; reads++) {
    ssize_t size = read(node->fd, events, sizeof events);
    if (size <= 0) {
      gone = size == 0 || (errno != EAGAIN && errno != EINTR);
      break;
    }
    for (size_t i = 0; i < (size_t)size / sizeof *events; i++)
      for (int key = 0; key < KEY_TOTAL; key++)
        if (events[i].type == EV_KEY && events[i].code == bootKeys[key].code && (events[i].value == 1 || events[i].value == 2))
          record(key, node->name);
  }
  explicit_bzero(events, sizeof events);

  unsigned char held[KEY_MAX / 8 + 1] = {0};
  if (ioctl(node->fd, EVIOCGKEY(sizeof held), held) >= 0)
    for (int key = 0; key < KEY_TOTAL; key++)
      if (bitIsSet(held, bootKeys[key].code)) record(key, node->name);
  explicit_bzero(held, sizeof held);
  if (gone) forget(node);
}
