/** A reader of one channel: every entry once and in order, whatever the line does in between. */
/** @import { Entry } from "./types" */
import { ask, line, Refusal, tell } from "./connection.js"

const PAGE = 50
const MOST = 200

export class Ledger {
  /** @type {Entry[]} those read so far, rising, without gaps */
  entries = []
  /** The highest seq that was read. */
  last = 0
  begun = false
  /** @type {Map<number, Entry>} pushes that came before what precedes them */
  #early = new Map()
  /** @type {Promise<void> | null} */
  #reading = null

  /**
   * @param {string} channel
   * @param {{ fresh: (entries: Entry[], live: boolean) => void, old: (entries: Entry[]) => void, again: () => void }} heard
   */
  constructor(channel, heard) {
    this.channel = channel
    this.heard = heard
  }

  /** Whether the channel's first entry has been read. */
  get whole() {
    return this.begun && (this.entries[0]?.seq ?? 1) <= 1
  }

  /** Reads the newest entries, or what was missed since. @param {number} newest */
  async open(newest) {
    return this.#alone(async () => {
      if (this.begun) return this.#readOn() // it was asked for twice, and the first time has been answered
      const entries = newest ? await this.#read({ before: newest + 1, limit: PAGE }) : []
      this.begun = true
      this.#append(entries, false)
      this.#settle()
      if (this.#early.size) await this.#readOn()
    })
  }

  /** A push: only a hint that there is more to read. @param {Entry} entry */
  take(entry) {
    if (entry.seq <= this.last) return
    this.#early.set(entry.seq, entry)
    if (!this.begun) return
    this.#settle()
    if (this.#early.size) this.catchUp()
  }

  catchUp() {
    return this.#alone(() => this.#readOn())
  }

  /** A page of what came before; false when none has come: there is no more, or no line. */
  async older() {
    let come = false
    await this.#alone(async () => {
      if (!this.begun || this.whole) return
      const first = this.entries[0]?.seq ?? 1
      const entries = await this.#read({ before: first, limit: PAGE })
      this.entries.unshift(...entries)
      this.heard.old(entries)
      come = entries.length > 0
    })
    return come
  }

  /** @param {number} seq */
  find(seq) {
    const first = this.entries[0]?.seq ?? 0
    return this.entries[seq - first]
  }

  async #readOn() {
    for (;;) {
      const entries = await this.#read({ after: this.last, limit: MOST })
      this.#append(entries.filter((entry) => entry.seq > this.last), true)
      this.#settle()
      if (entries.length < MOST) break
    }
    // What is still early now is a hole the server does not know of either; the next push asks again.
  }

  /** Takes over the pushes that follow on without a gap. */
  #settle() {
    const ready = []
    for (let next = this.last + 1; this.#early.has(next); next++) {
      ready.push(/** @type {Entry} */ (this.#early.get(next)))
    }
    this.#append(ready, true)
    for (const seq of this.#early.keys()) if (seq <= this.last) this.#early.delete(seq)
  }

  /** @param {Entry[]} entries @param {boolean} live */
  #append(entries, live) {
    if (!entries.length) return
    this.entries.push(...entries)
    this.last = /** @type {Entry} */ (entries.at(-1)).seq
    this.heard.fresh(entries, live)
    if (live) for (const entry of entries) tell(entry.kind, entry)
  }

  /** @param {{ before?: number, after?: number, limit: number }} range @returns {Promise<Entry[]>} */
  async #read(range) {
    return (await ask("read_entries", { channel: this.channel, ...range })).entries
  }

  /** One reading at a time; what failed for want of a line is read again when it is back. @param {() => Promise<void>} read */
  #alone(read) {
    const before = this.#reading ?? Promise.resolve()
    this.#reading = before.then(read).catch((error) => this.#failed(error))
    return this.#reading
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!(error instanceof Refusal)) reportError(error)
    else if (error.passing && line() === "online") setTimeout(this.heard.again, 2000)
  }
}
