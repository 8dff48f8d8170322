# Opens a pseudo-terminal, says its name, then passes on what is typed here and what is shown there, however often
# programs close it, open it again or hang it up: pts(4), ioctl_tty(2).
use strict;
use warnings;
use Fcntl;
use Errno qw(EIO EAGAIN);

my ($rows, $columns) = @ARGV;
sysopen my $master, '/dev/ptmx', O_RDWR | O_NOCTTY or die "/dev/ptmx: $!\n";
ioctl $master, 0x40045431, my $unlocked = pack('i', 0) or die "TIOCSPTLCK: $!\n";
my $number = pack 'i', 0;
ioctl $master, 0x80045430, $number or die "TIOCGPTN: $!\n";
ioctl $master, 0x5414, my $size = pack('S4', $rows, $columns, 0, 0) or die "TIOCSWINSZ: $!\n";
$| = 1;
print '/dev/pts/', unpack('i', $number), "\n";

my ($from, $to) = ('', '');
vec($from, fileno(STDIN), 1) = 1;
vec($to, fileno($master), 1) = 1;
my $open = 1;
while (1) {
    select my $ready = $open ? $from | $to : $from, undef, undef, $open ? undef : 0.02;
    if (vec($ready, fileno(STDIN), 1)) {
        sysread STDIN, my $typed, 4096 or exit;
        # Nobody there: typed into the void.
        syswrite $master, $typed;
    }
    # A terminal that nobody has open reads as an error until somebody opens it.
    if (!$open || vec($ready, fileno($master), 1)) {
        my $count = sysread $master, my $shown, 65536;
        $open = defined $count || $!{EAGAIN};
        syswrite STDOUT, $shown if $count;
    }
}
