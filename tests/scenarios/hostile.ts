import type { Computer } from './computer.ts'
import { guestRuns, hostRuns } from './expect.ts'

/** Seconds for which each channel is flooded, so that all of them take a minute. */
const seconds = 12

/** Something that a hostile guest does as fast as it can, and a script for the test guest that does it for some seconds. */
export type Flood = { what: string; script: string }

const open = (name: string) => `sysopen(my $port, '/dev/virtio-ports/${name}', 1) or die "$!";`
const write = (name: string, chunk: string) =>
  `${open(name)} my $chunk = ${chunk}; while (time < $end) { syswrite $port, $chunk }`

/** Lines without end, half JSON, invalid UTF-8, deep JSON, answers nobody asked for. */
const garbage = [
  `"x" x 300000 . "\\n"`,
  `"{\\"return\\": [{\\"a\\":\\n" x 500`,
  `"\\xff\\xc0\\x80\\n\\0\\n" x 500`,
  `"{\\"return\\": " . "[" x 100000 . "]" x 100000 . "}\\n"`,
  `"{\\"return\\": {}}\\n{\\"error\\": {\\"desc\\": \\"\\e[2J\\"}}\\n" x 500`,
].join(' . ')

/** A page of a device, mapped by mmap(2); a byte goes to it with each pread(2). "Kernel loaded its crash kernel": QEMU tells, and goes on. */
const panicDevice = `
  my ($folder) = grep { open my $f, '<', "$_/device"; <$f> =~ /0x0011/ && do { open my $v, '<', "$_/vendor"; <$v> =~ /0x1b36/ } } glob '/sys/bus/pci/devices/*';
  open my $on, '>', "$folder/enable"; print $on "1\\n"; close $on;
  open my $byte, '+>', '/run/byte'; syswrite $byte, "\\2";
  sysopen my $device, "$folder/resource0", 2 or die "$!";
  my $page = syscall(9, 0, 4096, 3, 1, fileno $device, 0);
  die "mmap: $!" if $page == -1;
  while (time < $end) { syscall(17, fileno $byte, $page, 1, 0) for 1 .. 100 }`

/** RTC_SET_TIME of rtc(4), and a port that is opened and closed. */
const clockAndPort = `
  sysopen my $clock, '/dev/rtc0', 0 or die "$!";
  my $second = 0;
  while (time < $end) {
    my $time = pack 'i9', $second++ % 60, 0, 0, 1, 0, 120, 0, 0, 0;
    ioctl $clock, 0x4024700a, $time;
    ${open('org.deskvisor.signal.0')} close $port;
  }`

/** In the guest: the status with which it ended, and what went wrong. */
export const [ended, log] = ['/run/flood-ended', '/run/flood-log']

const perl = (program: string) => `cat >/run/flood.pl <<'END'
$end = time + ${seconds};
${program}
END
perl /run/flood.pl >${log} 2>&1
echo $? >${ended}`

export const floods: Flood[] = [
  { what: 'log-outs', script: perl(write('org.deskvisor.signal.0', '"logout\\n" x 8000')) },
  {
    what: 'updates and signals nobody knows',
    script: perl(write('org.deskvisor.signal.0', `"before-update\\n" x 1000 . ${garbage}`)),
  },
  {
    what: 'what no guest agent says',
    script: `touch /run/no-agent
kill $(pidof qemu-ga)
sleep 1
${perl(write('org.qemu.guest_agent.0', garbage))}
rm /run/no-agent`,
  },
  { what: 'reports of a crash', script: perl(panicDevice) },
  { what: 'clock changes and a port that opens and closes', script: perl(clockAndPort) },
]

/** Programs on the host that listen on all addresses and note on which they were reached; two addresses stand for the outside. */
export const listener = `
ip address add 203.0.113.1/32 dev lo && ip address add 2001:db8::1/128 dev lo
cat >/run/listen.pl <<'END'
use IO::Socket::IP;
my $socket = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => 7777, Listen => 50, V6Only => 1) or die "$!";
while (my $guest = $socket->accept) { open my $log, '>>', '/run/reached'; print $log $guest->sockhost, "\\n"; close $log }
END
for address in 0.0.0.0 ::; do systemd-run --quiet --collect perl /run/listen.pl $address || exit 1; done`

/** Commands by which the test guest gets an address of QEMU's network. */
const network = `modprobe virtio_net
for try in 1 2 3 4 5 6 7 8 9; do [ -e /sys/class/net/eth0 ] && break; sleep 1; done
busybox ip link set eth0 up && busybox ip addr add 10.0.2.15/24 dev eth0 && busybox ip route add default via 10.0.2.2
busybox ip -6 addr add fec0::15/64 dev eth0 && sleep 3 && busybox ip -6 route add default via fec0::2`

const asSeenByGuest = [
  '203.0.113.1',
  '2001:db8::1',
  '10.0.2.2',
  '127.0.0.1',
  '127.0.0.53',
  '0.0.0.0',
  'fec0::2',
  '::1',
]

/** Which addresses of the host a guest reached that tried them all. */
export async function whatIsReached(computer: Computer): Promise<{ outside: string[]; inside: string[] }> {
  await guestRuns(
    computer,
    `${network}
for address in ${asSeenByGuest.join(' ')}; do busybox timeout 5 busybox nc $address 7777 </dev/null; done; true`,
  )
  const reached = new Set((await hostRuns(computer, 'cat /run/reached')).trim().split('\n'))
  const isOutside = (address: string) => ['203.0.113.1', '2001:db8::1'].includes(address)
  return {
    outside: [...reached].filter(isOutside),
    inside: [...reached].filter((address) => !isOutside(address)),
  }
}
