/*
 * Which boot key a terminal's escape sequence means: vt220, xterm, linux and rxvt. Bytes in, keys out, no I/O.
 */
#pragma once
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

/* The only keys that are ever recorded. Names are those of orchestrator/config/types.ts. */
enum key { F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, ESC, INSERT, DELETE, HOME, END, PAGEUP, PAGEDOWN, PAUSE, KEY_TOTAL, NO_KEY = -1 };

enum {
  /* ESC alone is the key; ESC with something right after it begins a sequence. xterm and ncurses wait about as long. */
  LONE_ESCAPE_MS = 100,
  /* A sequence that stops in the middle is forgotten, so line noise cannot wait for a matching end. */
  SEQUENCE_MS = 1000,
};

/* `ESC [ NUMBER ~`: vt220, xterm, linux and rxvt agree where they overlap. */
static const struct { int number; enum key key; } tildeKeys[] = {
  {1, HOME}, {2, INSERT}, {3, DELETE}, {4, END}, {5, PAGEUP}, {6, PAGEDOWN}, {7, HOME}, {8, END},
  {11, F1}, {12, F2}, {13, F3}, {14, F4}, {15, F5}, {17, F6}, {18, F7}, {19, F8}, {20, F9}, {21, F10}, {23, F11}, {24, F12},
};

/*
 * A letter that ends a sequence. `ESC [ [ A` (linux F1), `ESC O P` (vt220 and xterm F1), `ESC [ H` (home), `ESC [ P`
 * (linux pause), `ESC [ 1 ; 2 P` (xterm, shift with F1). Shift with F3 is left out: `ESC [ 1 ; 2 R` is also the
 * terminal's answer to "where is the cursor", which systemd asks.
 */
enum sequence { PLAIN, AFTER_ESC, CSI, CSI_PARAMETERS, SS3, LINUX_CONSOLE };
static const struct { enum sequence sequence; char end; enum key key; } letterKeys[] = {
  {SS3, 'P', F1}, {SS3, 'Q', F2}, {SS3, 'R', F3}, {SS3, 'S', F4}, {SS3, 'H', HOME}, {SS3, 'F', END},
  {LINUX_CONSOLE, 'A', F1}, {LINUX_CONSOLE, 'B', F2}, {LINUX_CONSOLE, 'C', F3}, {LINUX_CONSOLE, 'D', F4}, {LINUX_CONSOLE, 'E', F5},
  {CSI, 'H', HOME}, {CSI, 'F', END}, {CSI, 'P', PAUSE},
  {CSI_PARAMETERS, 'P', F1}, {CSI_PARAMETERS, 'Q', F2}, {CSI_PARAMETERS, 'S', F4}, {CSI_PARAMETERS, 'H', HOME}, {CSI_PARAMETERS, 'F', END},
};

struct parser { enum sequence sequence; int number; bool numberEnded; long long since; };

static enum key letterKey(enum sequence sequence, char end) {
  for (size_t i = 0; i < sizeof letterKeys / sizeof *letterKeys; i++)
    if (letterKeys[i].sequence == sequence && letterKeys[i].end == end) return letterKeys[i].key;
  return NO_KEY;
}

static enum key tildeKey(int number) {
  for (size_t i = 0; i < sizeof tildeKeys / sizeof *tildeKeys; i++)
    if (tildeKeys[i].number == number) return tildeKeys[i].key;
  return NO_KEY;
}

/* Takes one byte; answers the key that it completes, or NO_KEY. */
static enum key parse(struct parser *parser, char byte, long long now) {
  enum sequence sequence = parser->sequence;
  if (byte == 0x1b) {
    *parser = (struct parser){.sequence = AFTER_ESC, .since = now};
    return NO_KEY;
  }
  parser->sequence = PLAIN;
  if (sequence == AFTER_ESC && (byte == '[' || byte == 'O')) parser->sequence = byte == '[' ? CSI : SS3;
  if (sequence == CSI && byte == '[') parser->sequence = LINUX_CONSOLE;
  if (sequence == SS3 || sequence == LINUX_CONSOLE) return letterKey(sequence, byte);
  if ((sequence != CSI && sequence != CSI_PARAMETERS) || byte == '[') return NO_KEY;
  if (byte >= 0x20 && byte <= 0x3f) {
    parser->sequence = CSI_PARAMETERS;
    if (!isdigit((unsigned char)byte)) {
      if (byte != ';') parser->number = 9999; /* a private sequence such as ESC [ ? 1 ; 2 c */
      parser->numberEnded = true;
    } else if (!parser->numberEnded && parser->number < 1000) {
      parser->number = parser->number * 10 + (byte - '0');
    }
    return NO_KEY;
  }
  if (byte == '~') return sequence == CSI_PARAMETERS ? tildeKey(parser->number) : NO_KEY;
  return sequence == CSI || parser->number == 1 ? letterKey(sequence, byte) : NO_KEY;
}

static enum key parseSilence(struct parser *parser, long long now) {
  bool loneEscape = parser->sequence == AFTER_ESC && now - parser->since >= LONE_ESCAPE_MS;
  if (loneEscape || now - parser->since >= SEQUENCE_MS) parser->sequence = PLAIN;
  return loneEscape ? ESC : NO_KEY;
}
