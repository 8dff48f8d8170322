/*
 * Which boot keys were pressed, where and when. Nothing else that is typed is ever kept.
 */
#pragma once
#include <linux/input.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "serial-keys.h"

enum {
  NAME_SIZE = 128,
  /* Per device and tick, so that a device that never stops sending cannot keep the others waiting. */
  MAX_READS = 8,
};

static const struct { const char *name; unsigned short code; } bootKeys[KEY_TOTAL] = {
  [F1] = {"f1", KEY_F1},      [F2] = {"f2", KEY_F2},        [F3] = {"f3", KEY_F3},    [F4] = {"f4", KEY_F4},
  [F5] = {"f5", KEY_F5},      [F6] = {"f6", KEY_F6},        [F7] = {"f7", KEY_F7},    [F8] = {"f8", KEY_F8},
  [F9] = {"f9", KEY_F9},      [F10] = {"f10", KEY_F10},     [F11] = {"f11", KEY_F11}, [F12] = {"f12", KEY_F12},
  [ESC] = {"esc", KEY_ESC},   [INSERT] = {"insert", KEY_INSERT}, [DELETE] = {"delete", KEY_DELETE},
  [HOME] = {"home", KEY_HOME}, [END] = {"end", KEY_END},    [PAGEUP] = {"pageup", KEY_PAGEUP},
  [PAGEDOWN] = {"pagedown", KEY_PAGEDOWN}, [PAUSE] = {"pause", KEY_PAUSE},
};

static struct { bool seen; long long ms; char device[NAME_SIZE]; } presses[KEY_TOTAL];
/* Something is not in the state file yet. */
static bool changed;

static long long nowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void record(enum key key, const char *device) {
  if (presses[key].seen) return;
  presses[key].seen = changed = true;
  presses[key].ms = nowMs();
  snprintf(presses[key].device, NAME_SIZE, "%s", device);
}
