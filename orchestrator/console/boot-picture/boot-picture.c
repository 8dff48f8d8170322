/*
 * What is on the screen between the PC's own boot logo and the desktop's first picture. The console's firmware (OVMF) starts this
 * driver from an option ROM before it connects a screen. It puts the PC's logo, or nothing, in the place of the firmware's, and
 * drops the two lines that say what is booted. Everything else that the firmware or a boot loader writes is shown: errors, the
 * firmware's setup, boot menus. OVMF starts it with Secure Boot on, too, because a ROM of an emulated card comes from the host.
 */
#include "fw-cfg.h"
#include "uefi.h"

/* Made by boot-logo.ts: this header, then the rows as they are in a BMP file: from the bottom, each filled up to four bytes. */
typedef struct {
  uint32_t magic, width, height, bytesPerPixel;
  /* Where the PC's firmware had it, and on a screen of which size. */
  uint32_t x, y, screenWidth, screenHeight;
} LogoHeader;

static const char logoName[] = "opt/org.deskvisor/boot-logo";
enum { LOGO_MAGIC = 0x474c5644 /* "DVLG" */, LOGO_MOST_PIXELS_A_SIDE = 8192 };

/* EDK II, MdeModulePkg/Include/Protocol/PlatformLogo.h */
static const EfiGuid platformLogoGuid = {
  0x53cd299f, 0x2bc1, 0x40c0, {0x8c, 0x07, 0x23, 0xf6, 0x4f, 0xdb, 0x30, 0xe0}};
enum { LOGO_FROM_LEFT_TOP = 0 };

typedef struct {
  EfiStatus(EFIAPI *getImage)(void *, uint32_t *instance, EfiImageInput *, uint32_t *attribute, int64_t *x, int64_t *y);
} PlatformLogo;

static const EfiGuid graphicsOutputGuid = {
  0x9042a9de, 0x23dc, 0x4a38, {0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a}};
static const EfiGuid readyToBootGuid = {
  0x7ce88fb3, 0x4bd7, 0x4679, {0x87, 0xa8, 0xa8, 0xd8, 0xde, 0xe5, 0x0d, 0x2b}};

static EfiSystemTable *table;
static PlatformLogo logo;
static EfiStatus(EFIAPI *outputString)(EfiTextOutput *, const uint16_t *);

static uint32_t place(uint32_t offset, uint32_t roomThere, uint32_t roomHere) {
  if (roomThere == 0 || offset > roomThere) return roomHere / 2;
  return (uint64_t)offset * roomHere / roomThere;
}

/* The picture, in memory that the caller frees; 0 when there is none, when it is damaged, or when memory is short. */
static EfiPixel *readLogo(LogoHeader *header) {
  uint32_t size = 0;
  uint16_t key = fwCfgFind(logoName, &size);
  EfiPixel *pixels = 0;
  uint8_t *rows = 0;

  if (key == 0 || size < sizeof *header) return 0;
  if (!fwCfgRead(FW_CFG_SELECT | (uint32_t)key << 16, header, sizeof *header)) return 0;
  uint32_t width = header->width, height = header->height, bytes = header->bytesPerPixel;
  if (header->magic != LOGO_MAGIC || (bytes != 3 && bytes != 4)) return 0;
  if (width - 1 >= LOGO_MOST_PIXELS_A_SIDE || height - 1 >= LOGO_MOST_PIXELS_A_SIDE) return 0;
  uint32_t rowSize = (width * bytes + 3) & ~3u;
  if (size - sizeof *header != (uint64_t)rowSize * height) return 0;

  if (table->boot->allocatePool(EFI_BOOT_SERVICES_DATA, (uint64_t)rowSize * height, (void **)&rows)) return 0;
  if (table->boot->allocatePool(EFI_BOOT_SERVICES_DATA, (uint64_t)width * height * sizeof *pixels, (void **)&pixels)) {
    pixels = 0;
  } else if (!fwCfgRead(0, rows, rowSize * height)) {
    table->boot->freePool(pixels);
    pixels = 0;
  } else {
    for (uint32_t y = 0; y < height; y++) {
      const uint8_t *from = rows + (uint64_t)rowSize * (height - 1 - y);
      EfiPixel *to = pixels + (uint64_t)width * y;
      for (uint32_t x = 0; x < width; x++, from += bytes, to++) {
        to->blue = from[0];
        to->green = from[1];
        to->red = from[2];
        to->reserved = 0;
      }
    }
  }
  table->boot->freePool(rows);
  return pixels;
}

/* Called with 0, 1, … until it finds nothing: the firmware draws what it gets, and tells the operating system (BGRT). */
static EfiStatus EFIAPI getImage(void *this, uint32_t *instance, EfiImageInput *image, uint32_t *attribute, int64_t *x,
                                 int64_t *y) {
  EfiGraphicsOutput *graphics;
  LogoHeader header;
  (void)this;

  if (*instance != 0) return EFI_NOT_FOUND;
  if (table->boot->handleProtocol(table->outputHandle, &graphicsOutputGuid, (void **)&graphics)) return EFI_NOT_FOUND;
  EfiPixel *pixels = readLogo(&header);
  if (pixels == 0) return EFI_NOT_FOUND;
  uint32_t width = graphics->mode->info->horizontal, height = graphics->mode->info->vertical;
  if (header.width > width || header.height > height) {
    table->boot->freePool(pixels);
    return EFI_NOT_FOUND;
  }
  *instance = 1;
  image->flags = 0;
  image->width = header.width;
  image->height = header.height;
  image->bitmap = pixels;
  *attribute = LOGO_FROM_LEFT_TOP;
  *x = place(header.x, header.screenWidth - header.width, width - header.width);
  *y = place(header.y, header.screenHeight - header.height, height - header.height);
  return EFI_SUCCESS;
}

static int beginsWith(const uint16_t *text, const char *beginning) {
  for (; *beginning != 0; text++, beginning++) {
    if (*text != (uint8_t)*beginning) return 0;
  }
  return 1;
}

/* OvmfPkg/Library/PlatformBmPrintScLib writes each of its lines at once; those of a failure begin with "BdsDxe: failed to". */
static EfiStatus EFIAPI filteredOutput(EfiTextOutput *this, const uint16_t *text) {
  if (beginsWith(text, "BdsDxe: loading Boot") || beginsWith(text, "BdsDxe: starting Boot")) return EFI_SUCCESS;
  return outputString(this, text);
}

/* Now all screens are connected, and nothing was booted yet. */
static void EFIAPI readyToBoot(EfiEvent event, void *context) {
  (void)context;
  table->boot->closeEvent(event);
  if (table->output == 0) return;
  outputString = table->output->outputString;
  table->output->outputString = filteredOutput;
}

static EfiStatus replaceLogo(void) {
  EfiHandle handle;
  uint64_t size = sizeof handle;
  void *replaced;
  EfiStatus status = table->boot->locateHandle(EFI_BY_PROTOCOL, &platformLogoGuid, 0, &size, &handle);
  if (status) return status;
  status = table->boot->handleProtocol(handle, &platformLogoGuid, &replaced);
  if (status) return status;
  logo.getImage = getImage;
  return table->boot->reinstallProtocol(handle, &platformLogoGuid, replaced, &logo);
}

EfiStatus EFIAPI start(EfiHandle image, EfiSystemTable *systemTable) {
  EfiEvent event;
  (void)image;
  table = systemTable;
  EfiStatus logoStatus = replaceLogo();
  EfiStatus textStatus = table->boot->createEventEx(EFI_EVENT_NOTIFY_SIGNAL, EFI_TPL_CALLBACK, readyToBoot, 0,
                                                &readyToBootGuid, &event);
  /* A driver that fails is unloaded. */
  return logoStatus && textStatus ? EFI_UNSUPPORTED : EFI_SUCCESS;
}
