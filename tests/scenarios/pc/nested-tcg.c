/*
 * See nested-tcg.ts. Preloaded into QEMU, it puts functions of its own in front of two of the emulator's, in the tables of
 * functions by which QEMU calls them. In whatever else it is loaded into, it does nothing.
 */
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

/* QEMU's own functions. It exports them, for its modules. */
__attribute__((weak)) void *object_class_by_name(const char *name);

/* The big lock: first the names up to QEMU 8.2, then those since. */
__attribute__((weak)) bool qemu_mutex_iothread_locked(void);
__attribute__((weak)) void qemu_mutex_lock_iothread_impl(const char *file, int line);
__attribute__((weak)) void qemu_mutex_unlock_iothread(void);
__attribute__((weak)) bool bql_locked(void);
__attribute__((weak)) void bql_lock_impl(const char *file, int line);
__attribute__((weak)) void bql_unlock(void);

/* CPU_INTERRUPT_POLL: look at the interrupt controller again; CPU_INTERRUPT_INIT; EXCP_VMEXIT (target/i386/cpu.h). */
enum { POLL = 0x0010, INIT = 0x0400, VMEXIT = 0x100, MOST_CPUS = 64, POLL_US = 100000 };
/* The table of the emulator's functions (AccelOpsClass, include/sysemu/accel-ops.h) has not so many words. */
enum { MOST_OPERATIONS = 48 };
/* The answer to NESTED_TCG_CHECK: both functions are in place. */
enum { IN_PLACE = 42 };

static void *cpus[MOST_CPUS];
/* From the first sign of a guest until a processor is initialised anew: one that waits to be started must not wake up. */
static bool polling;
static void (*original)(void *cpu, int mask);
static void (*original_do_interrupt)(void *cpu);
static void (*original_initialize)(void);
/* Where a processor keeps the number of its exception, in bytes. */
static size_t exception_index;

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

/* Writes `ours` over each `theirs` in QEMU's tables, and tells whether there was one. */
static bool replace(const struct dl_phdr_info *program, void *theirs, void *ours)
{
    bool replaced = false;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t *place = NULL;
    while (theirs && (place = find_word(program, (uintptr_t)theirs, place)) != NULL) {
        if (mprotect((void *)((uintptr_t)place & ~(page - 1)), page, PROT_READ | PROT_WRITE) == 0) {
            *place = (uintptr_t)ours;
            replaced = true;
        }
        place++;
    }
    return replaced;
}

static void remember(void *cpu)
{
    int i = 0;
    while (i < MOST_CPUS && cpus[i] && cpus[i] != cpu)
        i++;
    if (i < MOST_CPUS)
        cpus[i] = cpu;
}

/* Stands in for tcg_handle_interrupt(). */
static void handle_interrupt(void *cpu, int mask)
{
    bool was_locked = locked();
    if (!was_locked)
        lock();
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

/* Where the emulator is a module, QEMU loads it so that its functions are found in itself alone. */
static int find_in_module(struct dl_phdr_info *object, size_t size, void *found)
{
    if (strstr(object->dlpi_name, "/accel-tcg-x86_64.so") == NULL)
        return 0;
    void *module = dlopen(object->dlpi_name, RTLD_NOW | RTLD_NOLOAD);
    *(void **)found = module ? dlsym(module, "tcg_handle_interrupt") : NULL;
    return 1;
}

static bool replace_handle_interrupt(void)
{
    void *theirs = dlsym(RTLD_DEFAULT, "tcg_handle_interrupt");
    if (!theirs)
        dl_iterate_phdr(find_in_module, &theirs);
    void **operations = object_class_by_name("tcg-accel-ops");
    for (int i = 0; theirs && operations && i < MOST_OPERATIONS; i++) {
        if (operations[i] != theirs)
            continue;
        original = (void (*)(void *, int))theirs;
        operations[i] = handle_interrupt;
        return true;
    }
    return false;
}

/* Stands in for tcg_x86_init(), which is called once, before the first processor, when the emulator has been chosen. */
static void initialize(void)
{
    bool replaced = replace_handle_interrupt() && original_do_interrupt;
    if (getenv("NESTED_TCG_CHECK"))
        _exit(replaced ? IN_PLACE : 1);
    pthread_t thread;
    if (replaced && pthread_create(&thread, NULL, poll_forever, NULL) == 0)
        /* A guest in a saved state is past its first write to CR8. */
        polling = getenv("NESTED_TCG_GUEST_RUNS") != NULL;
    original_initialize();
}

/* The first program is QEMU itself. */
static int replace_in_tables(struct dl_phdr_info *program, size_t size, void *unused)
{
    void *do_theirs = dlsym(RTLD_DEFAULT, "x86_cpu_do_interrupt");
    void *initialize_theirs = dlsym(RTLD_DEFAULT, "tcg_x86_init");
    if (!object_class_by_name || !do_theirs || !initialize_theirs)
        return 1;
    original_initialize = (void (*)(void))initialize_theirs;
    exception_index = find_exception_index(program);
    if (replace(program, initialize_theirs, initialize) && exception_index &&
        replace(program, do_theirs, do_interrupt))
        original_do_interrupt = (void (*)(void *))do_theirs;
    return 1;
}

__attribute__((constructor)) static void prepare(void) { dl_iterate_phdr(replace_in_tables, NULL); }
