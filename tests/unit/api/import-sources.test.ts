import t from 'tap'
import { findImportSources } from '../../../orchestrator/api/import-sources.ts'
import { Tree } from '../fixtures/tree.ts'

/** A disk as sysfs shows it; `link` puts it where the kernel keeps disks of that kind. */
function disk(
  tree: Tree,
  name: string,
  { usb = true, removable = '0', sectors = 2048, number = '8:16' } = {},
) {
  const place = `sys/devices/pci0000:00/${usb ? 'usb1/1-1' : 'ata1'}/block/${name}`
  tree.write(`${place}/size`, `${sectors}\n`)
  tree.write(`${place}/dev`, `${number}\n`)
  tree.write(`${place}/removable`, `${removable}\n`)
  tree.write(`${place}/device/model`, 'Stick\u001b[2J 3000   \n')
  tree.link(tree.at(place), `sys/class/block/${name}`)
  return place
}

function partition(tree: Tree, place: string, name: string, number: string): void {
  tree.write(`${place}/${name}/partition`, '1\n')
  tree.write(`${place}/${name}/dev`, `${number}\n`)
  tree.link(tree.at(`${place}/${name}`), `sys/class/block/${name}`)
}

t.test('a plugged-in disk is offered, with what it is called', async (t) => {
  const tree = new Tree(t)
  partition(tree, disk(tree, 'sdb'), 'sdb1', '8:17')
  t.same(await findImportSources(tree.machine), [
    { path: tree.at('dev/sdb'), text: 'Stick [2J 3000 (the whole disk)', bytes: 1_048_576 },
  ])
})

t.test('disk images on it are offered too, and nothing else', async (t) => {
  const tree = new Tree(t)
  partition(tree, disk(tree, 'sdb'), 'sdb1', '8:17')
  const media = 'run/deskvisor/media/sdb1'
  tree.write(`${media}/gondor.qcow2`, 'image')
  tree.write(`${media}/backup/old/pc.raw.zst`, 'image')
  tree.write(`${media}/a/b/c/too-deep.raw`, 'image')
  tree.write(`${media}/photo.jpg`, 'no image')
  tree.write(`${media}/steer\u001b[2J.raw`, 'image')
  tree.link('/etc/passwd', `${media}/link.raw`)
  tree.write('proc/self/mountinfo', `30 1 8:17 / ${tree.at(media)} ro - vfat /dev/sdb1 ro\n`)
  const [, ...images] = await findImportSources(tree.machine)
  t.same(images.map(({ text }) => text).sort(), [
    'backup/old/pc.raw.zst on Stick [2J 3000',
    'gondor.qcow2 on Stick [2J 3000',
  ])
})

t.test('a disk that the host uses, or that cannot be pulled out, is not offered', async (t) => {
  const tree = new Tree(t)
  disk(tree, 'sda', { usb: false })
  disk(tree, 'sr0', { usb: false, removable: '1', sectors: 0 })
  partition(tree, disk(tree, 'sdb'), 'sdb1', '8:17')
  const swapped = disk(tree, 'sdc', { number: '8:32' })
  partition(tree, swapped, 'sdc1', '8:33')
  tree.write(`${disk(tree, 'sdd', { number: '8:48' })}/holders/dm-0/dev`, '254:0\n')
  tree.write('proc/self/mountinfo', '30 1 8:17 / /home rw - ext4 /dev/sdb1 rw\n')
  tree.write('proc/swaps', 'Filename Type Size Used Priority\n/dev/sdc1 partition 1 0 -2\n')
  t.same(await findImportSources(tree.machine), [])
})

t.test('a tree without disks, or of garbage, offers nothing', async (t) => {
  const tree = new Tree(t)
  t.same(await findImportSources(tree.machine), [])
  tree.write('sys/class/block/sdb', 'garbage')
  tree.write('sys/class/block/sdc/size', 'many')
  t.same(await findImportSources(tree.machine), [])
})
