/*
 * What others see of the sampler: one JSON file; README.md says what is in it.
 */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyboards.h"
#include "presses.h"
#include "process.h"

static int outputDirFd = -1;
static char outputName[256];

/* Opens the folder of the output file, making what is missing of its path. */
static bool openOutput(const char *file) {
  char path[4096];
  if (snprintf(path, sizeof path, "%s", file) >= (int)sizeof path) return false;
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(path, 0755) < 0 && errno != EEXIST) return false;
    *slash = '/';
  }
  if (!*baseName(file) || snprintf(outputName, sizeof outputName, "%s", baseName(file)) >= (int)sizeof outputName) return false;
  path[baseName(path) - path] = '\0';
  outputDirFd = open(*path ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return outputDirFd >= 0;
}

static void printString(FILE *file, const char *text) {
  for (fputc('"', file); *text; text++) {
    if (*text == '"' || *text == '\\') fputc('\\', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

static void printState(FILE *file) {
  fprintf(file, "{\"pid\":%d,\"keyboards\":%d,\"firstKeyboardMs\":", (int)getpid(), keyboardCount);
  if (firstKeyboardMs < 0) fputs("null", file);
  else fprintf(file, "%lld", firstKeyboardMs);
  fputs(",\"pressed\":[", file);
  const char *separator = "";
  for (int key = 0; key < KEY_TOTAL; key++) {
    if (!presses[key].seen) continue;
    fprintf(file, "%s{\"key\":\"%s\",\"device\":", separator, bootKeys[key].name);
    printString(file, presses[key].device);
    fprintf(file, ",\"ms\":%lld}", presses[key].ms);
    separator = ",";
  }
  fputs("]}\n", file);
}

/* Beside and renamed, so a reader sees the old state or the new. Tried again at the next tick if it fails. */
static void writeState(void) {
  char temporary[sizeof outputName + 8];
  snprintf(temporary, sizeof temporary, ".%s.new", outputName);
  unlinkat(outputDirFd, temporary, 0);
  int fd = openat(outputDirFd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
  if (!file) {
    if (fd >= 0) close(fd);
    return;
  }
  printState(file);
  bool written = !ferror(file);
  if (fclose(file) == 0 && written && renameat(outputDirFd, temporary, outputDirFd, outputName) == 0) changed = false;
}

/* True if the sampler that wrote the file is still at work: it has seen more than a new one could. */
static bool anotherIsRunning(void) {
  char text[64] = "", mine[256], its[256];
  int fd = openat(outputDirFd, outputName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), pid = 0;
  if (fd < 0) return false;
  if (read(fd, text, sizeof text - 1) < 0) text[0] = '\0';
  close(fd);
  if (sscanf(text, "{\"pid\":%9d", &pid) != 1 || pid <= 1 || pid == getpid()) return false;
  return programOf(pid, its, sizeof its) && programOf(getpid(), mine, sizeof mine) && !strcmp(its, mine);
}
