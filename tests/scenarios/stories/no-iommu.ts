import { expectMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'no-iommu',
  'a PC without an IOMMU shows the menu and says what is missing',
  async (stage) => {
    const pc = await stage.start({ iommu: false })
    await expectMenu(pc, 'no-passthrough')
  },
)
