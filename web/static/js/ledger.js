/** A reader of one channel: every entry once and in order, whatever the line does in between. */
/** @import { Entry } from "./types" */
import { ask, line, Refusal, tell } from "./connection.js"

const PAGE = 50
const MOST = 200

export class Ledger {
  /** @type {Entry[]} all that were read so far, rising; after a leap there may be gaps between them */
  entries = []
  /** The highest seq that was read on to: up to it, nothing new is missing. */
  last = 0
  begun = false
  /** The stretch without gaps in which the reader is: from its first seq to its last. */
  #from = 1
  #to = 0
  /** @type {Map<number, Entry>} */
  #known = new Map()
  /** @type {Map<number, Entry>} pushes that came before what precedes them */
  #early = new Map()
  /** @type {Promise<void> | null} */
  #reading = null

  /**
   * @param {string} channel
   * @param {{ fresh: (entries: Entry[], live: boolean) => void, old: () => void, again: () => void }} heard
   */
  constructor(channel, heard) {
    this.channel = channel
    this.heard = heard
  }

  /** Whether the stretch begins with the channel's first entry. */
  get whole() {
    return this.begun && this.#from <= 1
  }

  /** Whether the stretch goes to the newest entry. */
  get atEnd() {
    return this.#to >= this.last
  }

  /** @returns {Entry[]} what the reader can see without a gap */
  get stretch() {
    const first = this.entries.findIndex((entry) => entry.seq >= this.#from)
    return first < 0 ? [] : this.entries.slice(first, first + this.#to - this.#from + 1)
  }

  /** The times between which nothing is missing. @returns {[string, string]} */
  get span() {
    return [this.whole ? "" : this.find(this.#from)?.at ?? "", this.atEnd ? "~" : this.find(this.#to)?.at ?? "~"]
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
  older() {
    return this.#widen(() => (this.whole ? null : { before: this.#from, limit: PAGE }))
  }

  /** After a leap, a page of what came next. */
  newer() {
    return this.#widen(() => (this.atEnd ? null : { after: this.#to, limit: PAGE }))
  }

  /** Leaps to an entry; false when it is not there, or the line is not. @param {number} seq */
  async around(seq) {
    if (!this.#known.has(seq)) await this.#alone(async () => this.#add(await this.#read({ after: Math.max(0, seq - PAGE / 2), limit: PAGE })))
    if (!this.#known.has(seq)) return false
    this.#reach(seq)
    return true
  }

  /** Leaps to a time; false without a line. @param {string} at */
  async since(at) {
    let come = false
    await this.#alone(async () => {
      const entries = await this.#read({ around: at, limit: PAGE })
      this.#add(entries)
      come = true
      const there = entries.find((entry) => entry.at >= at) ?? entries.at(-1)
      if (there) this.#reach(there.seq)
    })
    return come
  }

  /** Back to the newest. */
  toEnd() {
    if (this.last) this.#reach(this.last)
  }

  /** @param {number} seq */
  find(seq) {
    return this.#known.get(seq)
  }

  /** @param {() => { before?: number, after?: number, limit: number } | null} next */
  async #widen(next) {
    let come = false
    await this.#alone(async () => {
      const range = this.begun ? next() : null
      const entries = range ? await this.#read(range) : []
      this.#add(entries)
      this.#reach(this.#from)
      if (range) this.heard.old()
      come = entries.length > 0
    })
    return come
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
    const there = this.atEnd
    this.#add(entries)
    this.last = /** @type {Entry} */ (entries.at(-1)).seq
    if (there) this.#reach(this.last)
    this.heard.fresh(entries, live)
    if (live) for (const entry of entries) tell(entry.kind, entry)
  }

  /** @param {Entry[]} entries */
  #add(entries) {
    const more = entries.filter((entry) => !this.#known.has(entry.seq))
    const follow = (more[0]?.seq ?? 0) > (this.entries.at(-1)?.seq ?? 0)
    for (const entry of more) this.#known.set(entry.seq, entry)
    if (follow) this.entries.push(...more)
    else if (more.length) this.entries = [...this.#known.values()].sort((a, b) => a.seq - b.seq)
  }

  /** The stretch is all that is known around an entry. @param {number} seq */
  #reach(seq) {
    if (!this.#known.has(seq)) return
    const within = seq >= this.#from && seq <= this.#to
    if (!within) this.#from = this.#to = seq
    while (this.#known.has(this.#from - 1)) this.#from--
    while (this.#known.has(this.#to + 1)) this.#to++
  }

  /** @param {{ before?: number, after?: number, around?: string, limit: number }} range @returns {Promise<Entry[]>} */
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
