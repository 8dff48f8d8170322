// The few parts of neo-blessed that the menu uses; @types/blessed describes the package's front door only.

declare module 'neo-blessed/lib/tput.js' {
  const Tput: {
    prototype: {
      readTerminfo(name?: string): unknown
      parseTerminfo(data: Buffer, file: string): unknown
    }
  }
  export default Tput
}

declare module 'neo-blessed/lib/widgets/screen.js' {
  type Cell = [attribute: number, character: string]
  type Row = Cell[] & { dirty: boolean }
  type Listener = (...values: unknown[]) => void
  class Screen {
    static _exceptionHandler?: Listener
    static _sigtermHandler?: Listener
    static _sigintHandler?: Listener
    static _sigquitHandler?: Listener
    static _exitHandler?: Listener
    constructor(options: object)
    lines: Row[]
    dattr: number
    program: {
      cols: number
      rows: number
      flush(): void
      csr(top: number, bottom: number): void
      _exiting?: boolean
    }
    alloc(): void
    enter(): void
    leave(): void
    draw(start: number, end: number): void
    insertLine(count: number, y: number, top: number, bottom: number): void
    deleteLine(count: number, y: number, top: number, bottom: number): void
  }
  export default Screen
}
