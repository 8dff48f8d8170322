/* See nested-tcg.ts. Loaded before QEMU's emulator module, whose own tcg_handle_interrupt() this one stands in front of. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The big lock: first the names up to QEMU 8.2, then those since. */
__attribute__((weak)) bool qemu_mutex_iothread_locked(void);
__attribute__((weak)) void qemu_mutex_lock_iothread_impl(const char *file, int line);
__attribute__((weak)) void qemu_mutex_unlock_iothread(void);
__attribute__((weak)) bool bql_locked(void);
__attribute__((weak)) void bql_lock_impl(const char *file, int line);
__attribute__((weak)) void bql_unlock(void);

/* CPU_INTERRUPT_POLL: look at the interrupt controller again; CPU_INTERRUPT_INIT; EXCP_VMEXIT (target/i386/cpu.h). */
enum { POLL = 0x0010, INIT = 0x0400, VMEXIT = 0x100, MOST_CPUS = 64, POLL_US = 100000 };

static void *cpus[MOST_CPUS];
/* From the first sign of a guest until a processor is initialised anew: one that waits to be started must not wake up. */
static bool polling;
static void (*original)(void *cpu, int mask);
static void (*original_do_interrupt)(void *cpu);
/* Where a processor keeps the number of its exception, in bytes. */
static size_t exception_index;
static bool replaced;

static bool locked(void) { return bql_locked ? bql_locked() : qemu_mutex_iothread_locked(); }
static void lock(void) { bql_lock_impl ? bql_lock_impl(__FILE__, __LINE__) : qemu_mutex_lock_iothread_impl(__FILE__, __LINE__); }
static void unlock(void) { bql_unlock ? bql_unlock() : qemu_mutex_unlock_iothread(); }

/* What was pending when its mark got lost is found again. */
static void *poll_forever(void *unused)
{
    for (;; usleep(POLL_US)) {
        lock();
        for (int i = 0; polling && i < MOST_CPUS && cpus[i]; i++)
            original(cpus[i], POLL);
        unlock();
    }
    return unused;
}

/*
 * Stands in for x86_cpu_do_interrupt(), which gets exceptions, ends of guests, and the `int` instruction; interrupts of
 * devices go another way, so the number of one (0x80 is Linux's system call) can only be left over.
 */
static void do_interrupt(void *cpu)
{
    int number = *(int *)((char *)cpu + exception_index);
    if (number == VMEXIT)
        polling = true;
    if (!polling || number < 0x20 || number > 0xff || number == 0x80)
        original_do_interrupt(cpu);
}

/* The next place at or after `from` in a segment that can be written to (or could, before relocation) with this word. */
static uintptr_t *find_word(const struct dl_phdr_info *program, uintptr_t word, uintptr_t *from)
{
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
            continue;
        uintptr_t *start = (uintptr_t *)((program->dlpi_addr + segment->p_vaddr + 7) & ~(uintptr_t)7);
        uintptr_t *end = (uintptr_t *)(program->dlpi_addr + segment->p_vaddr + segment->p_filesz) - 4;
        for (uintptr_t *place = from > start ? from : start; place < end; place++)
            if (*place == word)
                return place;
    }
    return NULL;
}

/* `exception_index` is a field of QEMU's saved state, whose description tells where it is: name, hint, offset, size. */
static size_t find_exception_index(const struct dl_phdr_info *program)
{
    static const char name[] = "exception_index";
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || segment->p_flags & (PF_W | PF_X))
            continue;
        const char *at = (const char *)(program->dlpi_addr + segment->p_vaddr);
        const char *end = at + segment->p_filesz;
        while ((at = memmem(at, (size_t)(end - at), name, sizeof name)) != NULL) {
            const uintptr_t *field = find_word(program, (uintptr_t)at, NULL);
            if (field && field[3] == sizeof(int) && field[2] < 0x10000)
                return field[2];
            at++;
        }
    }
    return 0;
}

/* Puts do_interrupt() into the table of the processor's functions. The first program is QEMU itself. */
static int replace_do_interrupt(struct dl_phdr_info *program, size_t size, void *unused)
{
    original_do_interrupt = (void (*)(void *))dlsym(RTLD_DEFAULT, "x86_cpu_do_interrupt");
    exception_index = find_exception_index(program);
    uintptr_t *place = NULL;
    while (original_do_interrupt && exception_index &&
           (place = find_word(program, (uintptr_t)original_do_interrupt, place)) != NULL) {
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
        if (mprotect((void *)((uintptr_t)place & ~(page - 1)), page, PROT_READ | PROT_WRITE) == 0)
            *place = (uintptr_t)do_interrupt;
        replaced = *place == (uintptr_t)do_interrupt;
        place++;
    }
    return 1;
}

static void find_originals(void)
{
    void *module = dlopen(EMULATOR, RTLD_NOW | RTLD_NOLOAD);
    original = module ? (void (*)(void *, int))dlsym(module, "tcg_handle_interrupt") : NULL;
    pthread_t thread;
    if (!original || pthread_create(&thread, NULL, poll_forever, NULL) != 0)
        abort();
    dl_iterate_phdr(replace_do_interrupt, NULL);
    /* A guest in a saved state is past its first write to CR8. */
    polling = getenv("NESTED_TCG_GUEST_RUNS") != NULL;
    if (!replaced)
        fputs("nested-tcg: the exceptions of this QEMU are not found; its guests may stand still\n", stderr);
}

static void remember(void *cpu)
{
    int i = 0;
    while (i < MOST_CPUS && cpus[i] && cpus[i] != cpu)
        i++;
    if (i < MOST_CPUS)
        cpus[i] = cpu;
}

void tcg_handle_interrupt(void *cpu, int mask)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    bool was_locked = locked();
    if (!was_locked)
        lock();
    pthread_once(&once, find_originals);
    remember(cpu);
    /* Only a guest's write to CR8 comes here without the lock. */
    if (!was_locked)
        polling = true;
    if (mask & INIT)
        polling = false;
    original(cpu, mask);
    if (!was_locked)
        unlock();
}
