import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sentenceOf } from '../../../orchestrator/host/errors.ts'
import { limit } from '../fair-time.ts'
import { nestedTcgObstacle } from './nested-tcg.ts'
import { places } from './places.ts'

/** How virtual PCs run on this machine, as the QEMU arguments that say so. */
export type Acceleration = {
  kind: 'kvm' | 'tcg'
  arguments: string[]
  /** What the kernel must be told about such a PC. */
  kernelArguments: string[]
  reason: string
  /** Why no desktop can run in such a PC, in words for a person; null where it can. */
  noDesktop: string | null
}

const kvm = ['-accel', 'kvm', '-cpu', 'host']
/**
 * TCG emulates AMD SVM with nested paging, so KVM works inside the virtual PC even without hardware help. All processors
 * in one thread: with one each, QEMU 7.2 dies once in a while in memory_region_access_valid, when one processor uses what
 * it knows of the memory map while another rearranges it. Two PCs at a time keep two real processors busy anyway.
 */
const tcg = ['-accel', 'tcg,thread=single,tb-size=1024', '-cpu', 'EPYC,+svm,+npt']
/** A VM would end such a QEMU; without SVM, Deskvisor says that the processor cannot run any. */
const tcgWithoutVms = [...tcg.slice(0, -1), 'EPYC,-svm,-npt']
/**
 * At its start Linux waits for a few ticks of the timer while it counts processor cycles, and gives up for good when too
 * few come (arch/x86/kernel/apic/io_apic.c, timer_irq_works). An emulated processor counts on while the thread that lets
 * the timer tick waits for a real one, so on a busy machine one boot in ten ended there. On KVM the kernel skips this by itself.
 */
const tcgKernelArguments = ['no_timer_check']
/** A paravirtual nested KVM may accept a guest and then crawl; a healthy one runs a boot sector in 0.2 s. Fair seconds. */
const limitS = 10

let cached: Promise<Acceleration> | undefined

/** Finds out, once per run, whether KVM can be trusted here. Never fails: the answer is then TCG. */
export function probeAcceleration(): Promise<Acceleration> {
  cached ??= probe()
  return cached
}

async function probe(): Promise<Acceleration> {
  if (process.env.DESKVISOR_TEST_ACCEL === 'tcg') {
    return onTcg('DESKVISOR_TEST_ACCEL=tcg')
  }
  if (!(await nestedVirtualisation())) {
    return onTcg('KVM here offers no virtualisation to its guests')
  }
  const status = await runBootSector()
  return status === exitedByGuest
    ? {
        kind: 'kvm',
        arguments: kvm,
        kernelArguments: [],
        reason: 'a trivial guest ran on KVM',
        noDesktop: null,
      }
    : onTcg(`a trivial guest did not finish on KVM (${status})`)
}

async function onTcg(reason: string): Promise<Acceleration> {
  const obstacle = await nestedTcgObstacle(places.cache, tcg)
  return {
    kind: 'tcg',
    arguments: obstacle === null ? tcg : tcgWithoutVms,
    kernelArguments: tcgKernelArguments,
    reason,
    noDesktop: obstacle && `this QEMU cannot emulate a computer that runs virtual machines (${obstacle})`,
  }
}

async function nestedVirtualisation(): Promise<boolean> {
  for (const module of ['kvm_intel', 'kvm_amd']) {
    const value = await readFile(`/sys/module/${module}/parameters/nested`, 'utf8').catch(() => '')
    if (/^[Y1]/.test(value)) return true
  }
  return false
}

/** `mov dx,0xf4; mov al,0x10; out dx,al; hlt; jmp $-1`: leaves QEMU through isa-debug-exit. */
const bootSectorCode = [0xba, 0xf4, 0x00, 0xb0, 0x10, 0xee, 0xf4, 0xeb, 0xfd]
/** isa-debug-exit ends QEMU with (value << 1) | 1. */
const exitedByGuest = (0x10 << 1) | 1

async function runBootSector(): Promise<number | string> {
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-kvm-'))
  try {
    const sector = Buffer.alloc(512)
    sector.set(bootSectorCode)
    sector.set([0x55, 0xaa], 510)
    const image = join(folder, 'boot-sector.img')
    await writeFile(image, sector)
    return await qemuStatus([
      ...['-accel', 'kvm', '-m', '16', '-display', 'none', '-nodefaults', '-no-user-config'],
      ...['-drive', `file=${image},format=raw,if=floppy`, '-boot', 'a'],
      ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function qemuStatus(args: string[]): Promise<number | string> {
  return new Promise((resolve) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: 'ignore' })
    const ended = new AbortController()
    limit(limitS, `no answer in ${limitS} s`, ended.signal).catch((error) => {
      child.kill('SIGKILL')
      resolve(sentenceOf(error))
    })
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => {
      ended.abort()
      resolve(code ?? signal ?? 'unknown')
    })
  })
}
