/*
 * As much of the UEFI specification 2.10 (https://uefi.org/specs/UEFI/2.10/) as the boot picture needs. What it does not
 * call has no type of its own.
 */
#include <stdint.h>

#define EFIAPI __attribute__((ms_abi))

typedef uint64_t EfiStatus;
typedef void *EfiHandle;
typedef void *EfiEvent;
typedef void (*unused)(void);

#define EFI_SUCCESS 0
#define EFI_UNSUPPORTED (1ull << 63 | 3)
#define EFI_NOT_FOUND (1ull << 63 | 14)

typedef struct {
  uint32_t a;
  uint16_t b, c;
  uint8_t d[8];
} EfiGuid;

typedef struct {
  uint64_t signature;
  uint32_t revision, headerSize, crc32, reserved;
} EfiTableHeader;

/* 12.4, Simple Text Output Protocol */
typedef struct EfiTextOutput EfiTextOutput;
struct EfiTextOutput {
  unused reset;
  EfiStatus(EFIAPI *outputString)(EfiTextOutput *, const uint16_t *);
  unused testString, queryMode, setMode, setAttribute, clearScreen, setCursorPosition, enableCursor;
  void *mode;
};

/* 12.9, Graphics Output Protocol */
typedef struct {
  uint32_t version, horizontal, vertical;
} EfiGraphicsInfo;
typedef struct {
  uint32_t maxMode, mode;
  EfiGraphicsInfo *info;
} EfiGraphicsMode;
typedef struct {
  unused queryMode, setMode, blt;
  EfiGraphicsMode *mode;
} EfiGraphicsOutput;
typedef struct {
  uint8_t blue, green, red, reserved;
} EfiPixel;

/* HII Image Protocol */
typedef struct {
  uint32_t flags;
  uint16_t width, height;
  EfiPixel *bitmap;
} EfiImageInput;

/* 7, Boot Services; the order in the table is that of 4.4 */
enum { EFI_BOOT_SERVICES_DATA = 4 };
enum { EFI_BY_PROTOCOL = 2 };
enum { EFI_TPL_CALLBACK = 8 };
enum { EFI_EVENT_NOTIFY_SIGNAL = 0x200 };

typedef struct {
  EfiTableHeader header;
  unused raiseTpl, restoreTpl, allocatePages, freePages, getMemoryMap;
  EfiStatus(EFIAPI *allocatePool)(uint32_t type, uint64_t size, void **);
  EfiStatus(EFIAPI *freePool)(void *);
  unused createEvent, setTimer, waitForEvent, signalEvent;
  EfiStatus(EFIAPI *closeEvent)(EfiEvent);
  unused checkEvent, installProtocol;
  EfiStatus(EFIAPI *reinstallProtocol)(EfiHandle, const EfiGuid *, void *old, void *now);
  unused uninstallProtocol;
  EfiStatus(EFIAPI *handleProtocol)(EfiHandle, const EfiGuid *, void **);
  unused reserved, registerProtocolNotify;
  EfiStatus(EFIAPI *locateHandle)(uint32_t how, const EfiGuid *, void *key, uint64_t *size, EfiHandle *);
  unused locateDevicePath, installConfigurationTable, loadImage, startImage, exit, unloadImage;
  unused exitBootServices, getNextMonotonicCount, stall, setWatchdogTimer, connectController;
  unused disconnectController, openProtocol, closeProtocol, openProtocolInformation, protocolsPerHandle;
  unused locateHandleBuffer, locateProtocol, installProtocols, uninstallProtocols, calculateCrc32;
  unused copyMem, setMem;
  EfiStatus(EFIAPI *createEventEx)(uint32_t type, uint64_t tpl, void(EFIAPI *)(EfiEvent, void *),
                                     const void *context, const EfiGuid *group, EfiEvent *);
} EfiBootServices;

typedef struct {
  EfiTableHeader header;
  uint16_t *vendor;
  uint32_t firmwareRevision;
  EfiHandle inputHandle;
  void *input;
  EfiHandle outputHandle;
  EfiTextOutput *output;
  EfiHandle errorHandle;
  EfiTextOutput *error;
  void *runtime;
  EfiBootServices *boot;
} EfiSystemTable;
