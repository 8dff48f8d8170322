/*
 * Reads what QEMU was given by `-fw_cfg name=…,file=…`, through the DMA interface
 * (https://www.qemu.org/docs/master/specs/fw_cfg.html).
 */
#include <stdint.h>

enum { FW_CFG_SIGNATURE = 0x00, FW_CFG_DIRECTORY = 0x19 };
enum { FW_CFG_ERROR = 1, FW_CFG_READ = 2, FW_CFG_SELECT = 8 };
/* The names of a PC are some dozens. */
enum { FW_CFG_MOST_FILES = 1024 };

typedef struct {
  uint32_t size;
  uint16_t key, reserved;
  char name[56];
} FwCfgFile;

static inline void portWrite16(uint16_t port, uint16_t value) {
  __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void portWrite32(uint16_t port, uint32_t value) {
  __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t portRead8(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

/* Reads on in the item that was selected last; with FW_CFG_SELECT | key << 16, from the beginning of another. */
static int fwCfgRead(uint32_t select, void *buffer, uint32_t size) {
  struct {
    uint32_t control, length;
    uint64_t address;
  } volatile access = {
    __builtin_bswap32(select | FW_CFG_READ),
    __builtin_bswap32(size),
    __builtin_bswap64((uintptr_t)buffer),
  };
  uint64_t where = (uintptr_t)&access;
  portWrite32(0x514, __builtin_bswap32(where >> 32));
  portWrite32(0x518, __builtin_bswap32((uint32_t)where));
  while (access.control & ~__builtin_bswap32(FW_CFG_ERROR)) {
  }
  return access.control == 0;
}

/* Whether this is QEMU, with the DMA interface. */
static int fwCfgIsThere(void) {
  static const char expected[] = "QEMU";
  portWrite16(0x510, FW_CFG_SIGNATURE);
  for (int i = 0; i < 4; i++) {
    if (portRead8(0x511) != expected[i]) return 0;
  }
  portWrite16(0x510, 0x01);
  return (portRead8(0x511) & 2) != 0;
}

/* Key of the item with this name, and its size; 0 when there is none. */
static uint16_t fwCfgFind(const char *name, uint32_t *size) {
  uint32_t count;
  if (!fwCfgIsThere()) return 0;
  if (!fwCfgRead(FW_CFG_SELECT | FW_CFG_DIRECTORY << 16, &count, sizeof count)) return 0;
  count = __builtin_bswap32(count);
  for (uint32_t i = 0; i < count && i < FW_CFG_MOST_FILES; i++) {
    FwCfgFile file;
    unsigned letter = 0;
    if (!fwCfgRead(0, &file, sizeof file)) return 0;
    while (letter < sizeof file.name && name[letter] != 0 && file.name[letter] == name[letter]) letter++;
    if (letter == sizeof file.name || name[letter] != 0 || file.name[letter] != 0) continue;
        *size = __builtin_bswap32(file.size);
    return __builtin_bswap16(file.key);
  }
  return 0;
}
