/*
 * deskvisor-boot-key: remembers which boot keys were held or tapped, from the initramfs until `deskvisor boot` has decided.
 *
 * A surviving process keeps the root of the initramfs after switch-root, where /dev, /sys and /run may be empty
 * folders. So these are opened once, at the start, and everything later is reached through those descriptors.
 * README.md beside this file tells what is recorded and how systemd lets the process live on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyboards.h"
#include "process.h"
#include "serial-consoles.h"
#include "state-file.h"

enum { TICK_MS = 20, CONSOLE_SCAN_MS = 500, ONCE_MS = 200 };

static int devFd = -1, sysFd = -1;
static volatile sig_atomic_t stopping;

static int openFolder(const char *root, const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", root, name);
  return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void stop(int signal) {
  (void)signal;
  stopping = 1;
}

static void sample(bool withConsoles) {
  scanKeyboards(devFd);
  if (withConsoles) scanSerialConsoles(devFd, sysFd);
  for (struct node *node = nodes; node < nodes + MAX_NODES; node++)
    if (node->used && node->fd >= 0) sampleKeyboard(node);
  for (int i = 0; i < serialCount; i++)
    if (serials[i].fd >= 0) sampleSerial(&serials[i]);
}

static void sampleUntil(long long end) {
  bool ready = false;
  for (long long tick = 0; !stopping && (end < 0 || nowMs() < end); tick++) {
    sample(tick % (CONSOLE_SCAN_MS / TICK_MS) == 0);
    if (changed) writeState();
    if (!ready) notifyReady();
    ready = true;
    poll(NULL, 0, TICK_MS);
  }
  sample(false);
  if (changed) writeState();
}

static int usage(const char *problem) {
  fprintf(stderr, "deskvisor-boot-key: %s\nusage: deskvisor-boot-key [--root DIR] [--output FILE] [--seconds N] [--once]\n", problem);
  return 2;
}

int main(int argc, char **argv) {
  /* systemd's killing spree at switch-root spares such processes: https://systemd.io/ROOT_STORAGE_DAEMONS/ */
  if (access("/etc/initrd-release", F_OK) == 0 && argc > 0) argv[0][0] = '@';
  const char *root = "", *output = NULL;
  long long milliseconds = -1;
  bool once = false;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--once")) {
      once = true;
      continue;
    }
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    char *rest = NULL;
    if (!value || !*value) return usage("unknown option, or an option without its value");
    if (!strcmp(argv[i], "--root")) root = value;
    else if (!strcmp(argv[i], "--output")) output = value;
    else if (!strcmp(argv[i], "--seconds")) {
      double seconds = strtod(value, &rest);
      if (*rest || !(seconds > 0 && seconds <= 86400)) return usage("--seconds takes a number above 0, at most 86400");
      milliseconds = (long long)(seconds * 1000);
    } else return usage("unknown option");
    i++;
  }
  if (once && milliseconds < 0) milliseconds = ONCE_MS;

  char defaultOutput[4096];
  snprintf(defaultOutput, sizeof defaultOutput, "%s/run/deskvisor/boot-key.json", root);
  if (!openOutput(output ? output : defaultOutput)) {
    fprintf(stderr, "deskvisor-boot-key: cannot open the folder of %s: %s\n", output ? output : defaultOutput, strerror(errno));
    return 1;
  }
  devFd = openFolder(root, "dev");
  sysFd = openFolder(root, "sys");
  if (anotherIsRunning()) {
    notifyReady();
    return 0;
  }

  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
  signal(SIGPIPE, SIG_IGN);

  changed = true;
  sampleUntil(milliseconds < 0 ? -1 : nowMs() + milliseconds);
  for (int i = 0; i < serialCount; i++) restoreSerial(&serials[i]);
  return 0;
}
