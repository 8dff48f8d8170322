# Tells Deskvisor that the user of this Windows logged out; see README.md beside this.
# Needs the driver vioserial (virtio-win) and an account that may open its ports: SYSTEM or an administrator.
$ErrorActionPreference = 'Stop'

# Somebody shuts Windows down or restarts it (event 1074 of User32): its users are logged out then, too.
$since = (Get-Date).AddSeconds(-60)
$ending = Get-WinEvent -MaxEvents 1 -ErrorAction SilentlyContinue -FilterHashtable @{
    LogName = 'System'; ProviderName = 'User32'; Id = 1074; StartTime = $since
}
if ($ending) { exit 0 }

Add-Type -Namespace Deskvisor -Name Port -MemberDefinition @'
[DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
public static extern Microsoft.Win32.SafeHandles.SafeFileHandle CreateFileW(
    string name, uint access, uint share, IntPtr security, uint creation, uint flags, IntPtr template);
[DllImport("kernel32.dll", SetLastError = true)]
public static extern bool WriteFile(
    Microsoft.Win32.SafeHandles.SafeFileHandle file, byte[] bytes, uint count, out uint written, IntPtr overlapped);
'@

# GENERIC_WRITE (0x40000000), OPEN_EXISTING (3): System.IO.FileStream refuses names that begin with \\.\
$port = [Deskvisor.Port]::CreateFileW('\\.\Global\org.deskvisor.signal.0', 0x40000000, 0, [IntPtr]::Zero, 3, 0, [IntPtr]::Zero)
if ($port.IsInvalid) { exit 0 }
$bytes = [Text.Encoding]::ASCII.GetBytes("`nlogout`n")
$written = [uint32]0
[void][Deskvisor.Port]::WriteFile($port, $bytes, [uint32]$bytes.Length, [ref]$written, [IntPtr]::Zero)
$port.Close()
